package onnx

import (
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// integerProduct makes MatMulInteger and ConvInteger with constant weights layers whose results are the sums. The zero
// point of x may come from DynamicQuantizeLinear: the sums of the bytes themselves are taken, and what the zero point
// adds to them, sums of weights, goes afterwards.
func (b *byteGraph) integerProduct(n *node, axis int) {
	w, zero := b.consts[n.input(1)], b.consts[n.input(3)]
	if w == nil || zero == nil && n.input(3) >= 0 || zero != nil && zero.Numel() != 1 && axis == 1 {
		return
	}
	one := fromFloats(Float, []float64{1}, engine.Shape{})
	q, ok := weightsOf(w, one, zero, axis)
	r := result{residual: -1, slot: n.out[0], y: op.QuantizeAttrs{DType: engine.I32}}
	x := op.QuantizeAttrs{Scale: 1}
	switch {
	case !ok:
	case axis == 1 && q.w.Rank() == 2:
		q.w = q.w.T().Contiguous()
		l := newByteLayer(op.QuantLinear, q, nil, x, r)
		l.a.X.Scale = 1
		b.become(n, "QuantLinear", l.sums(nil), r, n.in[0], n.input(2))
	case axis == 0 && q.w.Rank() > 2 && q.w.Rank() < 5:
		l := newByteLayer(op.QuantConv, q, nil, x, r)
		groups := n.int("group", 1)
		b.become(n, "QuantConv", l.sums(&groups), r, n.in[0], n.input(2))
	}
}

// sums runs a layer on bytes and takes away what their zero point adds; groups is nil for a dense layer.
func (l *byteLayer) sums(groups *int) kernel {
	var mu sync.Mutex
	var whole *eager.Tensor // sums of weights under bytes of 1
	var shape engine.Shape  // of the input that whole is for
	added := func(a op.QuantLayerAttrs, x *eager.Tensor) *eager.Tensor {
		s := x.Shape().Clone()
		s[0] = 1
		if groups == nil {
			s = engine.Shape{x.Size(-1)}
		}
		if eager.IsTraced() {
			return l.run(a, eager.Ones(s...).To(x.DType()), nil)
		}
		mu.Lock()
		defer mu.Unlock()
		if whole == nil || !shape.Equal(s) {
			whole, shape = l.run(a, eager.Ones(s...).To(x.DType()), nil), s
		}
		return whole
	}
	return func(c *call) []Value {
		x, a := c.numeric(0), l.a
		if x.Type != Uint8 && x.Type != Int8 {
			fail("%s, want bytes", x.describe())
		}
		if groups != nil {
			a.ConvAttrs = windowOf(c, spatialOf(x), l.w.Shape()[2:]).attrs(*groups)
		}
		y := l.run(a, x.Data, nil)
		if zero := c.optional(1); zero != nil {
			y = y.Sub(zeroOf(zero, groups == nil).Mul(added(a, x.Data)))
		}
		return one(&Tensor{Type: Int32, Data: y})
	}
}

// zeroOf shapes a zero point as i32: one, or one for each row of a matrix.
func zeroOf(z *Tensor, rows bool) *eager.Tensor {
	t := z.Data.To(engine.I32)
	switch {
	case z.Numel() == 1:
		return t.Reshape()
	case rows && len(z.Shape()) == 1:
		return t.Unsqueeze(1)
	case rows:
		return t
	}
	return t.Reshape(slices.Concat([]int{z.Numel()}, []int{1, 1})...)
}
