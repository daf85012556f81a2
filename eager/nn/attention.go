package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// AttentionOptions are the options of ScaledDotProductAttention; the zero value is the default.
type AttentionOptions struct {
	// Mask broadcasts to [… queries keys]: bool keeps where it is true, numbers are added to the scores.
	Mask    *eager.Tensor
	Causal  bool    // query i sees keys 0 … i
	Dropout float64 // probability that a weight becomes 0; 0 ≤ p < 1
	Scale   float64 // of the scores; 0 means 1/√d
	Grouped bool    // several heads of q share one of k and v, whose number divides theirs
}

// ScaledDotProductAttention returns softmax(q·kᵀ/√d + mask)·v.
// q: [… heads queries d], k: [… heads keys d], v: [… heads keys e] → [… heads queries e]. The scores are
// never stored as a whole. A query that sees no key gives zeros.
// Agrees with torch.nn.functional.scaled_dot_product_attention.
func ScaledDotProductAttention(q, k, v *eager.Tensor, o ...AttentionOptions) *eager.Tensor {
	const where = "nn.ScaledDotProductAttention"
	var opt AttentionOptions
	if len(o) > 0 {
		opt = o[0]
	}
	for what, x := range map[string]*eager.Tensor{"q": q, "k": k, "v": v} {
		present(where, what, x)
	}
	if n := q.Rank(); !opt.Grouped && n > 2 && k.Rank() == n && q.Size(-3) != k.Size(-3) {
		engine.Fail(where, "q %v and k %v differ in heads; want the same number, or Grouped", q.Array(), k.Array())
	}
	q, k, v = sameRank(q, k, v)
	a := op.AttentionAttrs{Causal: opt.Causal, Scale: opt.Scale}
	drawDropout(&a, opt.Dropout, q.Shape()[:max(q.Rank()-1, 0)].Numel()*k.Size(-2))
	in := []*eager.Tensor{q, k, v}
	if opt.Mask != nil {
		in = append(in, opt.Mask)
	}
	return eager.Apply(op.Attention, a, in...)[0]
}

// sameRank gives q, k and v, of which some have fewer axes of batches, the same number of axes.
func sameRank(q, k, v *eager.Tensor) (*eager.Tensor, *eager.Tensor, *eager.Tensor) {
	n := max(q.Rank(), k.Rank(), v.Rank())
	if n == min(q.Rank(), k.Rank(), v.Rank()) {
		return q, k, v
	}
	batch := func(x *eager.Tensor) engine.Shape { return x.Shape()[:max(x.Rank()-2, 0)] }
	all := batch(q)
	for _, x := range []*eager.Tensor{k, v} {
		s, err := engine.Broadcast(all, batch(x))
		if err != nil {
			return q, k, v // the operator says what is wrong
		}
		all = s
	}
	wide := func(x *eager.Tensor) *eager.Tensor {
		if x.Rank() < 2 {
			return x
		}
		return x.Expand(append(all.Clone(), x.Shape()[x.Rank()-2:]...)...)
	}
	return wide(q), wide(k), wide(v)
}

// drawDropout sets dropout of n weights with probability p.
func drawDropout(a *op.AttentionAttrs, p float64, n int) {
	if a.Dropout = p; p > 0 {
		a.Seed, a.Offset = eager.NextRandom(n)
	}
}

// linear returns x·wᵀ + b; b may be nil.
func linear(x, w, b *eager.Tensor) *eager.Tensor {
	return eager.First(op.Linear, nil, withBias(x, w, b)...)
}

// MultiheadOptions are the options of NewMultiheadAttention; the zero value is the default.
type MultiheadOptions struct {
	KeyWidth, ValueWidth int     // of keys and values; 0: that of queries
	BatchFirst           bool    // sequences are [batch steps width] rather than [steps batch width]
	NoBias               bool    // no biases of the projections
	BiasKV               bool    // one more key and value, which are trained
	ZeroAttention        bool    // one more key and value, of zeros
	Dropout              float64 // of weights, in training
}

// MultiheadAttention projects queries, keys and values, attends in each head, and projects the result.
// Sequences are [steps batch width], [batch steps width] with BatchFirst, or [steps width].
type MultiheadAttention struct {
	Base
	InWeight                  *eager.Tensor // [3·width width], or nil when the widths differ
	QWeight, KWeight, VWeight *eager.Tensor // [width …] then
	InBias                    *eager.Tensor // [3·width], or nil
	BiasK, BiasV              *eager.Tensor // [1 1 width], or nil
	Out                       *Linear
	width, heads              int
	o                         MultiheadOptions
}

// NewMultiheadAttention returns a layer for sequences of the given width, which heads divides. Weights
// start as Xavier's, biases 0.
// Source: Vaswani et al. 2017; agrees with torch.nn.MultiheadAttention.
func NewMultiheadAttention(width, heads int, o ...MultiheadOptions) *MultiheadAttention {
	const where = "nn.NewMultiheadAttention"
	m := &MultiheadAttention{width: width, heads: heads}
	if len(o) > 0 {
		m.o = o[0]
	}
	atLeast(where, "width", width, 1)
	atLeast(where, "heads", heads, 1)
	if width%heads != 0 {
		engine.Fail(where, "width %d does not divide into %d heads", width, heads)
	}
	if d := m.o.Dropout; !(d >= 0 && d < 1) {
		engine.Fail(where, "Dropout is %v; want 0 ≤ p < 1", d)
	}
	weight := func(name string, out, in int) *eager.Tensor {
		w := eager.Zeros(out, in)
		InitXavierUniform(w, 1)
		return m.Param(name, w)
	}
	if k, v := m.keyWidth(), m.valueWidth(); k == width && v == width {
		m.InWeight = weight("in_proj_weight", 3*width, width)
	} else {
		m.QWeight = weight("q_proj_weight", width, width)
		m.KWeight, m.VWeight = weight("k_proj_weight", width, k), weight("v_proj_weight", width, v)
	}
	if !m.o.NoBias {
		m.InBias = m.Param("in_proj_bias", eager.Zeros(3*width))
	}
	if m.o.BiasKV {
		m.BiasK = m.Param("bias_k", eager.Randn(1, 1, width))
		m.BiasV = m.Param("bias_v", eager.Randn(1, 1, width))
	}
	m.Out = NewLinear(width, width, LinearOptions{NoBias: m.o.NoBias})
	if m.Out.Bias != nil {
		InitZeros(m.Out.Bias)
	}
	m.Add("out_proj", m.Out)
	return m
}

func (m *MultiheadAttention) keyWidth() int {
	if m.o.KeyWidth > 0 {
		return m.o.KeyWidth
	}
	return m.width
}

func (m *MultiheadAttention) valueWidth() int {
	if m.o.ValueWidth > 0 {
		return m.o.ValueWidth
	}
	return m.width
}

// AttendOptions are the options of MultiheadAttention.Attend; the zero value is the default. As in
// PyTorch, and other than in ScaledDotProductAttention, a bool mask hides where it is true.
type AttendOptions struct {
	Mask       *eager.Tensor // [queries keys] or [batch·heads queries keys]: bool (true: ignored, as in PyTorch), or numbers to add
	KeyPadding *eager.Tensor // [batch keys]: bool (true: ignored), or numbers to add
	Causal     bool          // query i sees keys 0 … i
	Weights    bool          // return the weights, which then are stored; averaged over heads
	PerHead    bool          // with Weights: of each head, [batch heads queries keys]
	// Cache keeps keys and values from call to call, so that a sequence can come in pieces.
	Cache *AttentionCache
}

// AttentionCache holds the keys and values of the steps so far; the zero value is empty.
type AttentionCache struct{ k, v *eager.Tensor } // [batch heads steps d]

// Len returns the number of steps.
func (c *AttentionCache) Len() int {
	if c.k == nil {
		return 0
	}
	return c.k.Size(2)
}

// extend adds the steps of k and v and returns all.
func (c *AttentionCache) extend(k, v *eager.Tensor) (allK, allV *eager.Tensor) {
	if c.k != nil {
		k, v = eager.Concat(2, c.k, k), eager.Concat(2, c.v, v)
	}
	c.k, c.v = k, v
	return k, v
}

// Forward attends among the steps of x.
func (m *MultiheadAttention) Forward(x *eager.Tensor) *eager.Tensor {
	y, _ := m.Attend(x, x, x)
	return m.Done(x, y)
}

// Attend returns, for each step of q, what its attention to the steps of k gathers from v. weights is
// nil unless AttendOptions.Weights is set: [batch queries keys].
func (m *MultiheadAttention) Attend(q, k, v *eager.Tensor, o ...AttendOptions) (y, weights *eager.Tensor) {
	const where = "nn.MultiheadAttention"
	ready(where, "nn.NewMultiheadAttention", m != nil && m.Out != nil, q)
	present(where, "k", k)
	present(where, "v", v)
	var opt AttendOptions
	if len(o) > 0 {
		opt = o[0]
	}
	m.check(q, k, v)
	same := q == k && k == v
	single := q.Rank() == 2
	if single {
		q, k, v = q.Unsqueeze(0), k.Unsqueeze(0), v.Unsqueeze(0)
	} else if !m.o.BatchFirst {
		q, k, v = q.Transpose(0, 1), k.Transpose(0, 1), v.Transpose(0, 1)
	}
	if same && m.InWeight != nil && m.BiasK == nil && !m.o.ZeroAttention && !opt.Weights && opt.Cache == nil {
		y = m.toItself(q, opt)
	} else {
		y, weights = m.apart(q, k, v, opt)
	}
	gathered := y
	y = m.Out.Forward(gathered)
	forget(gathered, discreet(m.Out), y)
	if single {
		y = y.Squeeze(0)
		if weights != nil {
			weights = weights.Squeeze(0)
		}
	} else if !m.o.BatchFirst {
		y = y.Transpose(0, 1)
	}
	return y, weights
}

func (m *MultiheadAttention) check(q, k, v *eager.Tensor) {
	n := q.Rank()
	if n < 2 || n > 3 || k.Rank() != n || v.Rank() != n || q.Size(-1) != m.width ||
		k.Size(-1) != m.keyWidth() || v.Size(-1) != m.valueWidth() {
		engine.Fail("nn.MultiheadAttention", "q %v, k %v, v %v; want three sequences of width %d, %d and %d",
			q.Array(), k.Array(), v.Array(), m.width, m.keyWidth(), m.valueWidth())
	}
}

// toItself attends among the steps of x [batch steps width], without separating the projections.
func (m *MultiheadAttention) toItself(x *eager.Tensor, o AttendOptions) *eager.Tensor {
	qkv := linear(x, m.InWeight, m.InBias)
	a := op.AttentionAttrs{Causal: o.Causal, Heads: m.heads}
	batch, steps := x.Size(0), x.Size(1)
	drawDropout(&a, m.dropout(), batch*m.heads*steps*steps)
	in := []*eager.Tensor{qkv}
	if mask := m.mask(o, batch, steps, steps, x.DType()); mask != nil {
		in = append(in, mask)
	}
	y := eager.First(op.SelfAttention, a, in...)
	forget(qkv, true, y)
	return y
}

func (m *MultiheadAttention) dropout() float64 {
	if m.Training() {
		return m.o.Dropout
	}
	return 0
}

// project returns q, k and v by head: [batch heads steps d].
func (m *MultiheadAttention) project(q, k, v *eager.Tensor) [3]*eager.Tensor {
	ws := [3]*eager.Tensor{m.QWeight, m.KWeight, m.VWeight}
	var r [3]*eager.Tensor
	for i, x := range []*eager.Tensor{q, k, v} {
		var b *eager.Tensor
		if m.InBias != nil {
			b = m.InBias.Slice(0, i*m.width, (i+1)*m.width)
		}
		if m.InWeight != nil {
			ws[i] = m.InWeight.Slice(0, i*m.width, (i+1)*m.width)
		}
		r[i] = m.split(linear(x, ws[i], b))
	}
	return r
}

func (m *MultiheadAttention) split(x *eager.Tensor) *eager.Tensor {
	return x.Reshape(x.Size(0), x.Size(1), m.heads, m.width/m.heads).Transpose(1, 2)
}

// apart attends from q to k and v [batch steps width].
func (m *MultiheadAttention) apart(q, k, v *eager.Tensor, o AttendOptions) (y, weights *eager.Tensor) {
	p := m.project(q, k, v)
	batch := q.Size(0)
	extra := 0 // keys that no mask hides
	before := 0
	if o.Cache != nil {
		before = o.Cache.Len()
		p[1], p[2] = o.Cache.extend(p[1], p[2])
	}
	for _, more := range m.moreKeys(batch, q.DType()) {
		p[1], p[2] = eager.Concat(2, p[1], more[0]), eager.Concat(2, p[2], more[1])
		extra++
	}
	queries, keys := q.Size(1), p[1].Size(2)
	if o.Causal && before > 0 {
		o.Causal = false
		seen := eager.Arange(float64(before), float64(before+queries), 1).Unsqueeze(1)
		o.Mask = plusMask(o.Mask, seen.Lt(eager.Arange(0, float64(keys-extra), 1)), q.DType())
	}
	mask := m.mask(o, batch, queries, keys-extra, q.DType())
	if extra > 0 && o.Causal {
		hidden := causalMask(queries, keys-extra)
		mask = mergeKeep(mask, hidden.Not(), q.DType())
		o.Causal = false
	}
	mask = widen(mask, extra)
	if o.Weights {
		y, weights = m.weighted(p, mask, o)
	} else {
		a := op.AttentionAttrs{Causal: o.Causal}
		drawDropout(&a, m.dropout(), batch*m.heads*queries*keys)
		in := p[:]
		if mask != nil {
			in = append(in, mask)
		}
		y = eager.Apply(op.Attention, a, in...)[0]
	}
	return y.Transpose(1, 2).Reshape(batch, queries, m.width), weights
}

// moreKeys are the keys and values that BiasKV and ZeroAttention add.
func (m *MultiheadAttention) moreKeys(batch int, d engine.DType) [][2]*eager.Tensor {
	var more [][2]*eager.Tensor
	if m.BiasK != nil {
		k, v := m.BiasK.Expand(batch, 1, m.width), m.BiasV.Expand(batch, 1, m.width)
		more = append(more, [2]*eager.Tensor{m.split(k), m.split(v)})
	}
	if m.o.ZeroAttention {
		zero := eager.Zeros(batch, m.heads, 1, m.width/m.heads).To(d)
		more = append(more, [2]*eager.Tensor{zero, zero})
	}
	return more
}

// weighted is attention with stored weights.
func (m *MultiheadAttention) weighted(p [3]*eager.Tensor, mask *eager.Tensor, o AttendOptions,
) (y, weights *eager.Tensor) {
	scores := p[0].Mul(1 / sqrt(p[0].Size(-1))).MatMul(p[1].Transpose(2, 3))
	if o.Causal {
		mask = mergeKeep(mask, causalMask(scores.Size(2), scores.Size(3)).Not(), scores.DType())
	}
	if mask != nil {
		scores = scores.Add(additive(mask, scores.DType()))
	}
	w := scores.Softmax(-1)
	if d := m.dropout(); d > 0 {
		w = dropout(w, d)
	}
	y = w.MatMul(p[2])
	if !o.PerHead {
		w = w.Mean(1)
	}
	return y, w
}
