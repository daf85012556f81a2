package roofline

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// cost returns the floating-point operations of a call, and the bytes of its operands and results.
func cost(d *op.Def, c *prepared) (flops, bytes float64) {
	for _, a := range c.in {
		n := 1
		for i, e := range a.Shape {
			if a.Strides[i] != 0 { // a broadcast axis is read once
				n *= e
			}
		}
		bytes += float64(n * a.DType.Size())
	}
	for _, a := range c.out {
		bytes += float64(a.Numel() * a.DType.Size())
	}
	return operations(d, c), bytes
}

// operations counts multiplications and additions of products, and otherwise one for each element of the
// larger of the first operand and the result.
func operations(d *op.Def, c *prepared) float64 {
	n := func(a engine.Array) float64 { return float64(a.Numel()) }
	last := func(a engine.Array) float64 { return float64(a.Shape[len(a.Shape)-1]) }
	first := func(a engine.Array) float64 { return float64(a.Shape[0]) }
	switch d.Name {
	case "MatMul", "Linear":
		return 2 * n(c.out[0]) * last(c.in[0])
	case "LinearGrad":
		return 2 * n(c.in[0]) * last(c.in[1])
	case "Conv": // each result is a sum over the weights of its channel
		return 2 * n(c.out[0]) * n(c.in[1]) / first(c.in[1])
	case "ConvInputGrad":
		return 2 * n(c.in[0]) * n(c.in[1]) / first(c.in[1])
	case "ConvWeightGrad":
		return 2 * n(c.in[0]) * n(c.out[0]) / first(c.out[0])
	case "Attention": // scores and weighted values
		return 4 * n(c.in[0]) * float64(c.in[1].Shape[len(c.in[1].Shape)-2])
	case "AttentionGrad":
		return 10 * n(c.in[0]) * float64(c.in[1].Shape[len(c.in[1].Shape)-2])
	}
	most := n(c.out[0])
	if len(c.in) > 0 {
		most = max(most, n(c.in[0]))
	}
	return most
}
