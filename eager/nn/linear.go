package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// LinearOptions are the options of NewLinear; the zero value is the default.
type LinearOptions struct {
	NoBias bool // y = x·Wᵀ without b
}

// Linear is y = x·Wᵀ + b. x: [… in] → [… out].
type Linear struct {
	Base
	Weight *eager.Tensor // [out in]
	Bias   *eager.Tensor // [out], or nil
}

// NewLinear returns a Linear layer. Weight and Bias start uniform in ±1/√in.
// Agrees with torch.nn.Linear.
func NewLinear(in, out int, o ...LinearOptions) *Linear {
	if in < 0 || out < 0 {
		engine.Fail("nn.NewLinear", "in is %d, out is %d; want numbers ≥ 0", in, out)
	}
	bound := 1 / math.Sqrt(float64(max(in, 1)))
	l := &Linear{}
	l.Weight = l.Param("weight", eager.Uniform(-bound, bound, out, in))
	if len(o) == 0 || !o[0].NoBias {
		l.Bias = l.Param("bias", eager.Uniform(-bound, bound, out))
	}
	return l
}

// Forward returns x·Wᵀ + b.
func (l *Linear) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Linear", "nn.NewLinear", l != nil && l.Weight != nil, x)
	if x.Rank() == 0 || x.Size(-1) != l.Weight.Size(1) {
		engine.Fail("nn.Linear", "input %v, weight %v wants [… %d]", x.Array(), l.Weight.Array(), l.Weight.Size(1))
	}
	return l.Done(x, eager.First(op.Linear, nil, withBias(x, l.Weight, l.Bias)...))
}

// withBias lists the operands of an operator whose bias is optional.
func withBias(x, w, bias *eager.Tensor) []*eager.Tensor {
	if bias == nil {
		return []*eager.Tensor{x, w}
	}
	return []*eager.Tensor{x, w, bias}
}

// Bilinear is y_k = aᵀ·W_k·b + bias_k. a: [… in1], b: [… in2] → [… out].
type Bilinear struct {
	Base
	Weight *eager.Tensor // [out in1 in2]
	Bias   *eager.Tensor // [out], or nil
}

// NewBilinear returns a Bilinear layer. Weight and Bias start uniform in ±1/√in1.
// Agrees with torch.nn.Bilinear.
func NewBilinear(in1, in2, out int, o ...LinearOptions) *Bilinear {
	for what, n := range map[string]int{"in1": in1, "in2": in2, "out": out} {
		atLeast("nn.NewBilinear", what, n, 1)
	}
	bound := 1 / math.Sqrt(float64(max(in1, 1)))
	l := &Bilinear{}
	l.Weight = l.Param("weight", eager.Uniform(-bound, bound, out, in1, in2))
	if len(o) == 0 || !o[0].NoBias {
		l.Bias = l.Param("bias", eager.Uniform(-bound, bound, out))
	}
	return l
}

// Forward2 returns aᵀ·W·b + bias.
func (l *Bilinear) Forward2(a, b *eager.Tensor) *eager.Tensor {
	ready("nn.Bilinear", "nn.NewBilinear", l != nil && l.Weight != nil, a)
	present("nn.Bilinear", "b", b)
	w := l.Weight.Shape()
	if a.Rank() == 0 || b.Rank() != a.Rank() || a.Size(-1) != w[1] || b.Size(-1) != w[2] {
		engine.Fail("nn.Bilinear", "inputs %v and %v, weight %v", a.Array(), b.Array(), l.Weight.Array())
	}
	out := append(a.Shape()[:a.Rank()-1:a.Rank()-1], w[0])
	n := a.Shape()[:a.Rank()-1].Numel()
	// [n 1 1 in1]·[out in1 in2] → [n out 1 in2], times b summed over in2
	y := a.Reshape(n, 1, 1, w[1]).MatMul(l.Weight).Mul(b.Reshape(n, 1, 1, w[2])).Sum(2, 3).Reshape(out...)
	if l.Bias != nil {
		y = y.Add(l.Bias)
	}
	return l.Done(a, y)
}

// Forward returns xᵀ·W·x + bias.
func (l *Bilinear) Forward(x *eager.Tensor) *eager.Tensor { return l.Forward2(x, x) }
