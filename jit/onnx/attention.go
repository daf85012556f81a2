package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("Attention", 23, attention)
	add("RotaryEmbedding", 23, rotaryEmbedding)
	add("LinearAttention", 27, linearAttention)
	addIn("ai.onnx.preview", "FlexAttention", 1, flexAttention)
}

// heads splits [N T h·d] into [N h T d].
func heads(x *eager.Tensor, n int) *eager.Tensor {
	s := x.Shape()
	if n < 1 || s[2]%n != 0 {
		fail("%v does not divide into %d heads", s, n)
	}
	return x.Reshape(s[0], s[1], n, s[2]/n).Permute(0, 2, 1, 3)
}

// merged undoes heads.
func merged(x *eager.Tensor) *eager.Tensor {
	s := x.Shape()
	return x.Permute(0, 2, 1, 3).Reshape(s[0], s[2], s[1]*s[3])
}

// attend holds one call of Attention.
type attend struct {
	*call
	q, k, v *eager.Tensor // [N heads T d]
	bias    *eager.Tensor // nil, or broadcasts to [N heads T S]
	scale   float64
	packed  bool // inputs had three axes
}

func attention(c *call) []Value {
	x := c.numeric(0)
	a := &attend{call: c, q: x.Data, k: c.numeric(1).Data, v: c.numeric(2).Data}
	rank := a.q.Rank()
	if a.packed = rank == 3; a.packed {
		c.must("q_num_heads")
		c.must("kv_num_heads")
		q, kv := c.int("q_num_heads", 0), c.int("kv_num_heads", 0)
		a.q, a.k, a.v = heads(a.q, q), heads(a.k, kv), heads(a.v, kv)
	} else if rank != 4 {
		fail("query %s, want 3 or 4 axes", x.describe())
	}
	a.scale = c.float("scale", 1/math.Sqrt(float64(a.q.Size(3))))
	past := 0
	if c.has(4) != c.has(5) {
		fail("past_key and past_value must be given together")
	}
	if c.has(4) {
		pk := c.numeric(4).Data
		past = pk.Size(2)
		a.k, a.v = eager.Concat(2, pk, a.k), eager.Concat(2, c.numeric(5).Data, a.v)
	}
	presentK, presentV := number(c.numeric(1).Type, a.k), number(c.numeric(2).Type, a.v)
	a.bias = a.biasOf(past)
	hq, hk := a.q.Size(1), a.k.Size(1)
	if hk < 1 || hq%hk != 0 {
		fail("%d query heads are no multiple of %d key heads", hq, hk)
	}
	y, qk := a.compute()
	if a.packed {
		y = merged(y)
	}
	return []Value{number(x.Type, y), presentK, presentV, number(x.Type, qk)}
}

// biasOf joins the mask, the causal and the window frontier, and the lengths of the keys.
func (a *attend) biasOf(past int) *eager.Tensor {
	c := a.call
	t, n := a.q.Size(2), a.k.Size(2)
	d := a.q.DType()
	var bias *eager.Tensor
	join := func(b *eager.Tensor) {
		if bias == nil {
			bias = b
		} else {
			bias = bias.Add(b)
		}
	}
	if m := c.optional(3); m != nil {
		mask := m.Data
		if short := n - mask.Size(-1); short > 0 {
			before, after := make([]int, mask.Rank()), make([]int, mask.Rank())
			after[mask.Rank()-1] = short
			if m.Type == Bool {
				mask = mask.To(engine.F32).Pad(before, after, 0).Ne(0)
			} else {
				mask = mask.Pad(before, after, math.Inf(-1))
			}
		}
		if m.Type == Bool {
			mask = additive(mask, d)
		}
		join(mask)
	}
	left, right := c.int("left_window_size", -1), c.int("right_window_size", -1)
	causal := c.flag("is_causal")
	if causal || left >= 0 || right >= 0 {
		rows := eager.Arange(0, float64(t), 1).To(engine.I64).Reshape(t, 1)
		columns := eager.Arange(0, float64(n), 1).To(engine.I64)
		offset := eager.FromInts([]int{past}).Reshape()
		if lens := c.optional(6); lens != nil && !c.has(4) {
			offset = lens.Data.To(engine.I64).Sub(t).Reshape(lens.Numel(), 1, 1, 1)
		}
		ahead := columns.Sub(rows.Add(offset)) // how far a key lies after its query
		allowed := ahead.Eq(ahead)
		if causal {
			allowed = ahead.Le(0)
		}
		if left >= 0 {
			allowed = allowed.And(ahead.Ge(-left))
		}
		if right >= 0 {
			allowed = allowed.And(ahead.Le(right))
		}
		join(additive(allowed, d))
	}
	if lens := c.optional(6); lens != nil {
		columns := eager.Arange(0, float64(n), 1).To(engine.I64)
		valid := columns.Lt(lens.Data.To(engine.I64).Reshape(lens.Numel(), 1, 1, 1))
		join(additive(valid, d))
	}
	return bias
}

// additive is 0 where keep is true and −Inf elsewhere.
func additive(keep *eager.Tensor, d engine.DType) *eager.Tensor {
	return eager.Where(keep, eager.Zeros(), eager.Full(math.Inf(-1))).Reshape(keep.Shape()...).To(d)
}

// compute returns the result and, when the graph reads it, the product of queries and keys in the stage that
// qk_matmul_output_mode names.
func (a *attend) compute() (y, qk *eager.Tensor) {
	c := a.call
	soft := c.float("softcap", 0)
	d := a.q.DType()
	if !c.wants(3) && soft == 0 && (d == engine.F32 || d == engine.F64) {
		in := []*eager.Tensor{a.q, a.k, a.v}
		if a.bias != nil {
			in = append(in, a.bias)
		}
		return eager.First(op.Attention, op.AttentionAttrs{Scale: a.scale}, in...), a.q
	}
	k, v := repeated(a.k, a.q.Size(1)), repeated(a.v, a.q.Size(1))
	root := eager.Full(math.Sqrt(a.scale)).Reshape().To(d)
	s := a.q.Mul(root).MatMul(k.Mul(root).Transpose(2, 3))
	mode := c.int("qk_matmul_output_mode", 0)
	qk = s
	if soft > 0 {
		s = s.Div(soft).Tanh().Mul(soft)
	}
	if mode == 1 {
		qk = s
	}
	if a.bias != nil {
		s = s.Add(a.bias)
	}
	if mode == 2 {
		qk = s
	}
	if p := ElemType(c.int("softmax_precision", 0)); p != Undefined {
		s = s.To(p.Carrier())
	}
	p := softmaxOrZero(s, a.bias).To(d)
	if mode == 3 {
		qk = p
	}
	return p.MatMul(v), qk
}

// softmaxOrZero is the softmax of the last axis, and 0 in rows that bias closes altogether.
func softmaxOrZero(s, bias *eager.Tensor) *eager.Tensor {
	top := s.MaxKeep(-1)
	e := s.Sub(eager.Where(top.Eq(math.Inf(-1)), eager.ZerosLike(top), top)).Exp()
	sum := e.SumKeep(-1)
	p := e.Div(eager.Where(sum.Eq(0), eager.OnesLike(sum), sum))
	if bias == nil {
		return p
	}
	closed := bias.MaxKeep(-1).Eq(math.Inf(-1))
	return eager.Where(closed, eager.ZerosLike(p), p)
}

// repeated repeats each head of [N h S d] so that there are n.
func repeated(x *eager.Tensor, n int) *eager.Tensor {
	if x.Size(1) == n {
		return x
	}
	return x.RepeatInterleave(1, n/x.Size(1))
}

// flexAttention is attention whose scores and weights pass through graphs.
func flexAttention(c *call) []Value {
	x := c.numeric(0)
	q, k, v := x.Data, c.numeric(1).Data, c.numeric(2).Data
	if q.Rank() != 4 || k.Rank() != 4 || v.Rank() != 4 {
		fail("query %v, key %v, value %v, want 4 axes each", q.Shape(), k.Shape(), v.Shape())
	}
	if k.Size(1) < 1 || q.Size(1)%k.Size(1) != 0 {
		fail("%d query heads are no multiple of %d key heads", q.Size(1), k.Size(1))
	}
	scale := c.float("scale", 1/math.Sqrt(float64(q.Size(3))))
	root := eager.Full(math.Sqrt(scale)).Reshape().To(q.DType())
	k, v = repeated(k, q.Size(1)), repeated(v, q.Size(1))
	s := q.Mul(root).MatMul(k.Mul(root).Transpose(2, 3))
	precision := ElemType(c.int("softmax_precision", 0))
	if precision == Undefined {
		if precision = x.Type; x.Type == Float16 || x.Type == BFloat16 {
			precision = Float
		}
	}
	scores := c.modified("score_mod", number(precision, s))
	top := scores.Data.MaxKeep(-1)
	e := scores.Data.Sub(top).Exp()
	p := c.modified("prob_mod", number(precision, e.Div(e.SumKeep(-1))))
	return one(number(x.Type, p.Data.MatMul(v.To(p.Data.DType()))))
}

// modified passes t through the graph of an attribute, if there is one.
func (c *call) modified(name string, t *Tensor) *Tensor {
	a := c.attrs[name]
	if a == nil {
		return t
	}
	out := c.runGraph(a.graph, []Value{t})
	r, ok := out[0].(*Tensor)
	if !ok {
		fail("graph %s returns %s, want a tensor", name, describe(out[0]))
	}
	return r
}

func rotaryEmbedding(c *call) []Value {
	x := c.numeric(0)
	t := x.Data
	packed := t.Rank() == 3
	if packed {
		c.must("num_heads")
		t = heads(t, c.int("num_heads", 0))
	}
	d := t.Size(3)
	rot := c.int("rotary_embedding_dim", 0)
	if rot == 0 {
		rot = d
	}
	cos, sin := c.numeric(1).Data, c.numeric(2).Data
	if ids := c.optional(3); ids != nil {
		at := positive(ids, cos.Size(0))
		flat := at.Reshape(at.Numel())
		shape := append(ids.Shape().Clone(), rot/2)
		cos, sin = cos.IndexSelect(0, flat).Reshape(shape...), sin.IndexSelect(0, flat).Reshape(shape...)
	}
	if cos.Size(-1) != rot/2 || sin.Size(-1) != rot/2 {
		fail("caches %v and %v, want a last extent of %d", cos.Shape(), sin.Shape(), rot/2)
	}
	cos, sin = cos.Unsqueeze(1), sin.Unsqueeze(1) // over heads
	turned, rest := t.Slice(3, 0, rot), t.Slice(3, rot, d)
	var a, b *eager.Tensor
	interleaved := c.flag("interleaved")
	if interleaved {
		a, b = turned.Slice(3, 0, rot, 2), turned.Slice(3, 1, rot, 2)
	} else {
		a, b = turned.Slice(3, 0, rot/2), turned.Slice(3, rot/2, rot)
	}
	re, im := cos.Mul(a).Sub(sin.Mul(b)), sin.Mul(a).Add(cos.Mul(b))
	var y *eager.Tensor
	if interleaved {
		y = eager.Stack(4, re, im).Reshape(turned.Shape()...)
	} else {
		y = eager.Concat(3, re, im)
	}
	y = eager.Concat(3, y, rest)
	if packed {
		y = merged(y)
	}
	return one(number(x.Type, y))
}

// linearAttention reads and writes a state [N h d_k d_v] step by step: s ← decay·s + k⊗v, y = scale·q·s.
func linearAttention(c *call) []Value {
	x := c.numeric(0)
	rule := c.oneOf("update_rule", "gated_delta", "linear", "gated", "delta")
	gated, delta := rule == "gated" || rule == "gated_delta", rule == "delta" || rule == "gated_delta"
	hq, hk := c.int("q_num_heads", 0), c.int("kv_num_heads", 0)
	if hq < 1 || hk < 1 || hq%hk != 0 {
		fail("%d query heads are no multiple of %d key heads", hq, hk)
	}
	if gated != c.has(4) || delta != c.has(5) {
		fail("rule %s with decay %v and beta %v", rule, c.has(4), c.has(5))
	}
	wide := func(i int) *eager.Tensor { return c.numeric(i).Data.To(engine.F32) }
	q, k, v := heads(wide(0), hq), heads(wide(1), hk), heads(wide(2), hk)
	dk, dv, steps := k.Size(3), v.Size(3), q.Size(2)
	var decay, beta *eager.Tensor
	if gated {
		decay = heads(wide(4), hk) // [N h T 1] or [N h T d_k]
		if w := decay.Size(3); w != 1 && w != dk {
			fail("decay has %d numbers for a head, want 1 or %d", w, dk)
		}
	}
	if delta {
		b := wide(5)
		beta = b.Permute(0, 2, 1).Unsqueeze(3)
	}
	stateType := x.Type
	state := eager.Zeros(q.Size(0), hk, dk, dv)
	if c.has(3) {
		stateType, state = c.numeric(3).Type, wide(3)
	}
	scale := c.float("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(dk))
	}
	out := make([]*eager.Tensor, steps)
	at := func(t *eager.Tensor, i int) *eager.Tensor { return t.Slice(2, i, i+1) } // [N h 1 d]
	for i := range steps {
		if gated {
			state = state.Mul(at(decay, i).Exp().Transpose(2, 3))
		}
		vi, ki := at(v, i), at(k, i)
		if delta {
			vi = at(beta, i).Mul(vi.Sub(ki.MatMul(state)))
		}
		state = state.Add(ki.Transpose(2, 3).MatMul(vi))
		out[i] = at(q, i).MatMul(repeated(state, hq)).Mul(scale)
	}
	return []Value{number(x.Type, merged(eager.Concat(2, out...))), number(stateType, state)}
}
