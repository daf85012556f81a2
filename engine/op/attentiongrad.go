package op

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// attentionPrim names operators of this family that rules apply; see prim.
var attentionPrim struct{ grad, count, dropout, cast, ge, matMul, concat, selfGrad *Def }

func init() {
	p := &attentionPrim
	p.grad, p.count, p.dropout, p.cast, p.ge, p.matMul = AttentionGrad, Range, Dropout, Cast, Ge, MatMul
	p.concat, p.selfGrad = Concat, SelfAttentionGrad
}

// attentionGrad is the gradient of Attention. delta, the row sums of dy·y less the gradient of lse, is
// all that the kernel needs of the results besides lse.
func attentionGrad(b Builder, c *Call) []Value {
	dy, lse := c.DOut[0], c.Out[1]
	if dy == nil {
		dy = zeros(b, c.Out[0])
	}
	delta := rowDelta(b, dy, c.Out[0], c.DOut[1])
	in := append([]Value{c.In[0], c.In[1], c.In[2], dy, lse, delta}, c.In[3:]...)
	g := make([]Value, len(c.In))
	copy(g, b.Apply(attentionPrim.grad, c.Attrs, in...))
	if len(g) > 3 && c.Wants(3) && g[3] == nil {
		t := newAttentionTerms(b, c.Attrs.(AttentionAttrs), in)
		g[3] = t.split(mul(b, t.p, sub(b, t.weighed(t.times(t.dy, swap(b, t.v))), t.delta)))
	}
	return g
}

// rowDelta is the row sums of dy·y less dlse, which may be missing.
func rowDelta(b Builder, dy, y, dlse Value) Value {
	single := func(x Value) Value {
		if t := x.Type().DType; t != engine.F16 && t != engine.BF16 {
			return x
		}
		return b.Apply(attentionPrim.cast, CastAttrs{To: engine.F32}, x)[0]
	}
	last := []int{len(y.Type().Shape) - 1}
	delta := b.Apply(prim.sum, ReduceAttrs{Axes: last}, mul(b, single(dy), single(y)))[0]
	if dlse != nil {
		delta = sub(b, delta, dlse)
	}
	return delta
}

// attentionTerms are the values of attention written out, for derivatives that have no kernel. The
// query heads of a group are joined along their positions: [… hk g·t d].
type attentionTerms struct {
	b           Builder
	scores      engine.Shape // [… h t s]
	group       int
	scale       float64
	q, k, v, dy Value
	lse, delta  Value // with a last axis of extent 1
	p           Value // exp(scores − lse)
	drop        Value // factors of dropout; nil without
}

// newAttentionTerms takes the operands of AttentionGrad.
func newAttentionTerms(b Builder, a AttentionAttrs, in []Value) *attentionTerms {
	q, k := in[0].Type().Shape, in[1].Type().Shape
	n := len(q)
	t := &attentionTerms{
		b: b, scores: append(q[:n-1:n-1], k[n-2]), group: 1, scale: a.scale(q), k: in[1], v: in[2],
	}
	if n > 2 && k[n-3] > 0 {
		t.group = q[n-3] / k[n-3]
	}
	t.q, t.dy = t.join(in[0]), t.join(in[3])
	t.lse, t.delta = t.join(t.column(in[4])), t.join(t.column(in[5]))
	s := scale(b, t.times(t.q, swap(b, t.k)), t.scale)
	if len(in) > 6 {
		s = add(b, s, t.join(t.bias(in[6])))
	}
	if a.Causal {
		s = add(b, s, t.join(t.hidden()))
	}
	t.p = exp(b, sub(b, s, t.lse))
	if a.Dropout > 0 {
		one := b.Const(Type{DType: t.p.Type().DType, Shape: t.scores}, 1)
		d := DropoutAttrs{P: a.Dropout, Seed: a.Seed, Offset: a.Offset}
		t.drop = t.join(b.Apply(attentionPrim.dropout, d, one)[0])
	}
	return t
}

func (t *attentionTerms) times(x, y Value) Value {
	return t.b.Apply(attentionPrim.matMul, nil, x, y)[0]
}

// weighed multiplies by the factors of dropout.
func (t *attentionTerms) weighed(x Value) Value {
	if t.drop == nil {
		return x
	}
	return mul(t.b, x, t.drop)
}

func (t *attentionTerms) column(x Value) Value {
	return reshape(t.b, x, append(x.Type().Shape.Clone(), 1))
}

// join turns [… h t n] into [… hk g·t n].
func (t *attentionTerms) join(x Value) Value {
	s := x.Type().Shape.Clone()
	if t.group == 1 {
		return x
	}
	n := len(s)
	s[n-3], s[n-2] = s[n-3]/t.group, s[n-2]*t.group
	return reshape(t.b, x, s)
}

// split undoes join.
func (t *attentionTerms) split(x Value) Value {
	s := x.Type().Shape.Clone()
	if t.group == 1 {
		return x
	}
	n := len(s)
	s[n-3], s[n-2] = s[n-3]*t.group, s[n-2]/t.group
	return reshape(t.b, x, s)
}

// bias is the mask as numbers to add, of the shape of the scores.
func (t *attentionTerms) bias(mask Value) Value {
	if mask.Type().DType == engine.Bool {
		mask = t.lowestWhereNot(mask)
	} else if to := t.q.Type().DType; mask.Type().DType != to {
		mask = t.b.Apply(attentionPrim.cast, CastAttrs{To: to}, mask)[0]
	}
	return expand(t.b, mask, t.scores)
}

func (t *attentionTerms) lowestWhereNot(keep Value) Value {
	like := Type{DType: t.q.Type().DType}
	return where(t.b, keep, t.b.Const(like, 0), t.b.Const(like, math.Inf(-1)))
}

// hidden is the causal mask.
func (t *attentionTerms) hidden() Value {
	n := len(t.scores)
	count := func(k int) Value {
		return t.b.Apply(attentionPrim.count, RangeAttrs{Step: 1, N: k, DType: engine.I64})[0]
	}
	query := reshape(t.b, count(t.scores[n-2]), engine.Shape{t.scores[n-2], 1})
	seen := t.b.Apply(attentionPrim.ge, nil, query, count(t.scores[n-1]))[0]
	return expand(t.b, t.lowestWhereNot(seen), t.scores)
}

// attentionCurve is the gradient of AttentionGrad. With hq, hk and hv the gradients of its results, f
// the factors of dropout and w = Scale·(hq·kᵀ + q·hkᵀ), the loss is Σ w·ds + Σ hv·dv.
func attentionCurve(b Builder, c *Call) []Value {
	t := newAttentionTerms(b, c.Attrs.(AttentionAttrs), c.In)
	var r attentionResult
	rise := sub(b, t.weighed(t.times(t.dy, swap(b, t.v))), t.delta) // ds = p·rise
	ds := mul(b, t.p, rise)
	var w, dp Value // dp is the gradient of p
	hq, hk, hv := c.DOut[0], c.DOut[1], c.DOut[2]
	if hq != nil {
		hq = scale(b, t.join(hq), t.scale)
		w = plus(b, w, t.times(hq, swap(b, t.k)))
		r.k = plus(b, r.k, t.times(swap(b, ds), hq))
	}
	if hk != nil {
		hk = scale(b, hk, t.scale)
		w = plus(b, w, t.times(t.q, swap(b, hk)))
		r.q = plus(b, r.q, t.times(ds, hk))
	}
	if hv != nil {
		dp = t.weighed(t.times(t.dy, swap(b, hv)))
		r.dy = t.times(t.weighed(t.p), hv)
	}
	if w != nil {
		dp = plus(b, dp, mul(b, w, rise))
		wp := mul(b, w, t.p)
		r.delta = neg(b, sumKeep(b, wp, len(t.scores)-1))
		wp = t.weighed(wp)
		r.dy = plus(b, r.dy, t.times(wp, t.v))
		r.v = t.times(swap(b, wp), t.dy)
	}
	if dp == nil {
		return make([]Value, len(c.In))
	}
	s := mul(b, dp, t.p) // the gradient of the scores
	r.lse = neg(b, sumKeep(b, s, len(t.scores)-1))
	r.q = plus(b, r.q, scale(b, t.times(s, t.k), t.scale))
	r.k = plus(b, r.k, scale(b, t.times(swap(b, s), t.q), t.scale))
	return r.list(t, c, s)
}

// attentionResult are the gradients of the operands of AttentionGrad.
type attentionResult struct{ q, k, v, dy, lse, delta Value }

func (r *attentionResult) list(t *attentionTerms, c *Call, scores Value) []Value {
	stat := func(x Value, i int) Value {
		if x == nil {
			return nil
		}
		return reshape(t.b, x, c.In[i].Type().Shape)
	}
	g := []Value{t.split(r.q), r.k, r.v, nil, stat(r.lse, 4), stat(r.delta, 5)}
	if r.dy != nil {
		g[3] = t.split(r.dy)
	}
	if len(c.In) > 6 {
		g = append(g, nil)
		if c.In[6].Type().DType != engine.Bool {
			g[6] = t.split(scores)
		}
	}
	return g
}

// plus adds y to x, which may be missing.
func plus(b Builder, x, y Value) Value {
	if x == nil {
		return y
	}
	return add(b, x, y)
}
