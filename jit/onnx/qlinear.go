package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// onnxruntime's operators over bytes, as its quantiser writes them. Those that useBytes does not make layers compute in
// f32 between reading and writing bytes, as their definition says.

const msDomain = "com.microsoft"

func init() {
	for name, f := range map[string]func(a, b *eager.Tensor) *eager.Tensor{
		"QLinearAdd": func(a, b *eager.Tensor) *eager.Tensor { return a.Add(b) },
		"QLinearMul": func(a, b *eager.Tensor) *eager.Tensor { return a.Mul(b) },
	} {
		addIn(msDomain, name, 1, func(c *call) []Value {
			return c.inBytes(6, f(c.numbersIn(0), c.numbersIn(3)))
		})
	}
	for name, f := range map[string]func(c *call, x *eager.Tensor) *eager.Tensor{
		"QLinearSigmoid": func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Sigmoid() },
		"QLinearLeakyRelu": func(c *call, x *eager.Tensor) *eager.Tensor {
			return x.ReLU().Add(x.Clamp(math.Inf(-1), 0).Mul(c.float("alpha", 0.01)))
		},
		"QLinearGlobalAveragePool": func(c *call, x *eager.Tensor) *eager.Tensor {
			axes := []int{}
			for i := 2; i < x.Rank(); i++ {
				axes = append(axes, i)
			}
			return x.MeanKeep(axes...)
		},
		"QLinearAveragePool": func(c *call, x *eager.Tensor) *eager.Tensor {
			return averagePool(&call{node: c.node, values: []Value{FromTensor(x)}, frame: c.frame})[0].(*Tensor).Data
		},
		"QLinearSoftmax": func(c *call, x *eager.Tensor) *eager.Tensor { return x.Softmax(axisOf(c.int("axis", -1), x.Rank())) },
	} {
		addIn(msDomain, name, 1, func(c *call) []Value {
			if c.flag("channels_last") {
				fail("channels_last is 1; want the order [N C spatial…]")
			}
			return c.inBytes(3, f(c, c.numbersIn(0)))
		})
	}
	addIn(msDomain, "QLinearConcat", 1, qlinearConcat)
	addIn(msDomain, "QGemm", 1, qgemmInNumbers)
	addIn(msDomain, "QuantizeLinear", 1, quantize)
	addIn(msDomain, "DequantizeLinear", 1, dequantize)
}

// numbersIn returns what the bytes in input i stand for, with the scale and zero point behind them.
func (c *call) numbersIn(i int) *eager.Tensor {
	in := c.values[i:min(i+3, len(c.values))]
	plain := &call{node: &node{in: c.in[i : i+len(in)], attrs: map[string]*attr{}}, values: in, frame: c.frame}
	return dequantize(plain)[0].(*Tensor).Data
}

// inBytes returns x as bytes with the scale and zero point in inputs i and i+1.
func (c *call) inBytes(i int, x *eager.Tensor) []Value {
	values := slices.Concat([]Value{FromTensor(x)}, c.values[i:min(i+2, len(c.values))])
	slots := slices.Concat([]int{-1}, c.in[i:min(i+2, len(c.in))])
	return quantize(&call{node: &node{in: slots, attrs: map[string]*attr{}}, values: values, frame: c.frame})
}

func qlinearConcat(c *call) []Value {
	var parts []*eager.Tensor
	for i := 2; i+2 < len(c.values); i += 3 {
		parts = append(parts, c.numbersIn(i))
	}
	if len(parts) == 0 {
		fail("no inputs")
	}
	return c.inBytes(0, eager.Concat(axisOf(c.int("axis", 0), parts[0].Rank()), parts...))
}

func qgemmInNumbers(c *call) []Value {
	a, b := c.numbersIn(0), c.weightNumbers(3)
	if c.flag("transA") {
		a = a.T()
	}
	if c.flag("transB") {
		b = b.T()
	}
	y := a.MatMul(b).Mul(c.float("alpha", 1))
	if c.has(6) {
		unit := c.numeric(1).Data.To(engine.F32).Mul(c.numeric(4).Data.To(engine.F32))
		y = y.Add(c.numeric(6).Data.To(engine.F32).Mul(unit))
	}
	if !c.has(7) {
		return one(FromTensor(y))
	}
	return c.inBytes(7, y)
}

// weightNumbers is numbersIn for a matrix whose columns, or rows where it is transposed, may have scales of their own.
func (c *call) weightNumbers(i int) *eager.Tensor {
	axis := 1
	if c.flag("transB") {
		axis = 0
	}
	attrs := map[string]*attr{"axis": {i: int64(axis)}}
	in := c.values[i : i+3]
	return dequantize(&call{node: &node{in: c.in[i : i+3], attrs: attrs}, values: in, frame: c.frame})[0].(*Tensor).Data
}
