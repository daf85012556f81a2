package onnx

import (
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	ir "github.com/lathe-ml/lathe/jit/graph"
)

// Tools that quantise weights alone write DynamicQuantizeLinear, MatMulInteger or ConvInteger, a Cast, a Mul by the
// product of both scales, and an Add of the bias: layers that make bytes of what they read in each run.

// dynamicLayer is one of them with constant weights.
type dynamicLayer struct {
	byteWeights
	bias  *eager.Tensor // nil: none
	again *eager.Tensor // inputs that are read twice, because their weights are more than a byte; nil: none
	axis  int           // of the inputs

	mu     sync.Mutex
	linear *ir.PackedDynamicAttrs
	conv   *ir.PackedDynamicConvAttrs // for the padding that it was last run with
}

// dynamicProduct makes n, a product of integers, and what follows it a dynamicLayer. axis is that of the weights'
// output channels: 1 of a dense layer, 0 of a convolution.
func (b *byteGraph) dynamicProduct(n *node, axis int) bool {
	d := b.producer[n.in[0]]
	if d == nil || d.op != "DynamicQuantizeLinear" || d.called || len(d.out) < 3 || n.in[0] != d.out[0] || n.input(2) < 0 ||
		n.input(2) != d.out[2] {
		return false
	}
	w, zero := b.consts[n.input(1)], b.consts[n.input(3)]
	if w == nil || zero == nil && n.input(3) >= 0 {
		return false
	}
	rank := len(w.Shape())
	if axis == 1 && rank != 2 || axis == 0 && (rank < 3 || rank > 4) {
		return false
	}
	channels := func(t *Tensor) *Tensor { return forChannels(t, w.Shape()[axis], max(rank-2, 0)) }
	cast := b.only(n.out[0])
	if cast == nil || cast.op != "Cast" || cast.called || ElemType(cast.int("to", 0)) != Float {
		return false
	}
	mul, s := b.scaling(cast.out[0], d.out[1])
	if mul == nil {
		return false
	}
	scale := b.constant(s.in[0] + s.in[1] - d.out[1])
	if scale != nil && scale.Numel() != 1 {
		scale = channels(scale)
	}
	if scale == nil || scale.Type != Float {
		return false
	}
	wide, again := w, (*eager.Tensor)(nil)
	if n.int("group", 1) == 1 {
		wide, zero, again = inTwoBytes(w, zero, axis)
	}
	q, ok := weightsOf(wide, scale, zero, axis)
	if !ok {
		return false
	}
	r := result{residual: -1, slot: mul.out[0], over: []*node{cast, mul}, y: op.QuantizeAttrs{DType: engine.F32}}
	l := &dynamicLayer{byteWeights: q, again: again, axis: -1}
	if axis == 0 {
		l.axis = 1
	}
	if add := b.only(mul.out[0]); add != nil && add.op == "Add" && add.domain == "" && !add.called && len(add.in) == 2 {
		if t := b.constant(add.in[0] + add.in[1] - mul.out[0]); t != nil && t.Type == Float {
			if t = channels(t); t != nil {
				l.bias, r.slot, r.over = t.Data, add.out[0], append(r.over, add)
			}
		}
	}
	b.scales[s] = true
	if axis == 1 {
		l.w = l.w.T().Contiguous()
		b.become(n, "DynamicLinear", l.runLinear, r, d.in[0])
	} else {
		b.become(n, "DynamicConv", l.runConv(n.int("group", 1)), r, d.in[0])
	}
	return true
}

// inTwoBytes returns weights whose distances from their zero point are bytes, or the weights themselves where they are so
// already: what is beyond a byte follows as weights of inputs that are read again. axis is that of the output channels.
func inTwoBytes(w, zero *Tensor, axis int) (wide, noZero *Tensor, again *eager.Tensor) {
	if zero == nil || zero.Numel() != 1 || w.Type != Uint8 {
		return w, zero, nil
	}
	t := w.Data.To(engine.I32).Sub(zero.Data.To(engine.I32).Reshape())
	bytes := t.Clamp(-128, 127)
	rest := t.Sub(bytes)
	from := 1 - axis // the axis of the inputs
	var others []int
	for i := range t.Rank() {
		if i != from {
			others = append(others, i)
		}
	}
	var at []int
	for i, v := range rest.Abs().Max(others...).Ints() {
		if v > 0 {
			at = append(at, i)
		}
	}
	if at == nil {
		return w, zero, nil
	}
	again = eager.FromInts(at)
	t = eager.Concat(from, bytes, rest.IndexSelect(from, again))
	if t.Max().Ints()[0] > 127 {
		return w, zero, nil
	}
	return &Tensor{Type: Int8, Data: t.To(engine.I8)}, nil, again
}

// scaling returns the one node that reads slot, where it multiplies it by the product of the slot scale with another
// number, and the node of that product.
func (b *byteGraph) scaling(slot, scale int) (mul, s *node) {
	product := func(n *node) bool {
		return n != nil && n.op == "Mul" && n.domain == "" && !n.called && len(n.in) == 2 && n.in[0] != n.in[1]
	}
	if mul = b.only(slot); !product(mul) {
		return nil, nil
	}
	if s = b.producer[mul.in[0]+mul.in[1]-slot]; !product(s) || !slices.Contains(s.in, scale) {
		return nil, nil
	}
	return mul, s
}

// forChannels returns a tensor that broadcasts over n channels, behind which are so many axes, as a vector; nil: it
// does not.
func forChannels(t *Tensor, n, axes int) *Tensor {
	s := t.Shape()
	if t.Type == String || t.Numel() != n || len(s) < 1+axes || len(s) > 2+axes || axes == 0 && len(s) != 1 ||
		s[len(s)-1-axes] != n {
		return nil
	}
	return &Tensor{Type: t.Type, Data: t.Data.Reshape(n).Contiguous()}
}

// operands are x and, where they are not packed, the weights.
func (l *dynamicLayer) operands(x *eager.Tensor) []*eager.Tensor {
	in := []*eager.Tensor{x}
	if !unpacked(x) {
		return in
	}
	if in = append(in, l.w, l.scale); l.bias != nil {
		in = append(in, l.bias)
	}
	return in
}

// unpacked reports whether a layer on x runs as an operator with weights as operands: where a tracer watches, which keeps
// them apart, or on a device.
func unpacked(x *eager.Tensor) bool { return eager.IsTraced() || x.Device() != nil }

// numbers is input 0, float32, with the inputs that are read again behind it.
func (l *dynamicLayer) numbers(c *call) *eager.Tensor {
	x := c.numeric(0)
	if x.Type != Float || x.Numel() == 0 {
		fail("%s, want elements of float32", x.describe())
	}
	if l.again == nil {
		return x.Data
	}
	return eager.Concat(l.axis, x.Data, x.Data.IndexSelect(l.axis, l.again))
}

func (l *dynamicLayer) runLinear(c *call) []Value {
	x := l.numbers(c)
	if unpacked(x) {
		return one(FromTensor(eager.First(ir.DynamicLinear, ir.DynamicAttrs{}, l.operands(x)...)))
	}
	l.mu.Lock()
	if l.linear == nil {
		w, err := ir.PackDynamic(l.w.Array(), l.scale.Array(), false)
		if err != nil {
			l.mu.Unlock()
			fail("%v", err)
		}
		l.linear = &ir.PackedDynamicAttrs{Weights: w, Weight: l.w.Shape(), Bias: l.biases()}
	}
	p := *l.linear
	l.mu.Unlock()
	return one(FromTensor(eager.First(ir.PackedDynamic, p, x)))
}

func (l *dynamicLayer) runConv(groups int) kernel {
	return func(c *call) []Value {
		x := l.numbers(c)
		a := windowOf(c, spatialOf(c.numeric(0)), l.w.Shape()[2:]).attrs(groups)
		if unpacked(x) {
			return one(FromTensor(eager.First(ir.DynamicConv, a, l.operands(x)...)))
		}
		l.mu.Lock()
		if l.conv == nil || !slices.Equal(l.conv.Padding, a.Padding) {
			w, err := ir.PackDynamicFilters(l.w.Array(), l.scale.Array(), a)
			if err != nil {
				l.mu.Unlock()
				fail("%v", err)
			}
			l.conv = &ir.PackedDynamicConvAttrs{ConvAttrs: a, Filters: w, Weight: l.w.Shape(), Bias: l.biases()}
		}
		p := *l.conv
		l.mu.Unlock()
		return one(FromTensor(eager.First(ir.PackedDynamicConv, p, x)))
	}
}

// biases is the bias in memory of its own; nil: there is none.
func (l *dynamicLayer) biases() []float32 {
	if l.bias == nil {
		return nil
	}
	return slices.Clone(l.bias.Contiguous().Array().F32())
}
