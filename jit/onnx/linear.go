package onnx

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("MatMul", 1, func(c *call) []Value {
		x, y := c.numeric(0), c.numeric(1)
		return one(matmul(x, y))
	})
	add("Gemm", 1, gemm)
	add("Einsum", 12, einsum)
	add("Det", 11, func(c *call) []Value {
		return one(widened(c.numeric(0), linalg.Det))
	})
}

// matmul multiplies matrices of one type. Integers go through f64 where that is exact.
func matmul(x, y *Tensor) *Tensor {
	if x.Type != y.Type {
		fail("types %v and %v differ", x.Type, y.Type)
	}
	if len(x.Shape()) == 0 || len(y.Shape()) == 0 {
		fail("%s and %s, want at least one axis", x.describe(), y.describe())
	}
	if x.Type.isInt() {
		return integerProduct(x, y)
	}
	return combined(x, y, func(a, b *eager.Tensor) *eager.Tensor { return a.MatMul(b) })
}

func integerProduct(x, y *Tensor) *Tensor {
	k := int64(x.Shape()[len(x.Shape())-1])
	if r, small := largest(x), largest(y); r <= 1<<20 && small <= 1<<20 && float64(k)*r*small < 1<<53 {
		p := x.Data.To(engine.F64).MatMul(y.Data.To(engine.F64))
		return convert(FromTensor(p), x.Type, true, "up")
	}
	// Split into halves whose products are exact, modulo 2^64.
	a, b := x.Data.To(engine.I64), y.Data.To(engine.I64)
	unsqueezed := a.Rank() == 1
	if unsqueezed {
		a = a.Unsqueeze(0)
	}
	column := b.Rank() == 1
	if column {
		b = b.Unsqueeze(1)
	}
	p := a.Unsqueeze(-1).Mul(b.Unsqueeze(-3)).Sum(-2)
	if column {
		p = p.Squeeze(-1)
	}
	if unsqueezed {
		p = p.Squeeze(-2)
	}
	return convert(number(Int64, p), x.Type, true, "up")
}

func largest(x *Tensor) float64 {
	if x.Numel() == 0 {
		return 0
	}
	return x.Data.To(engine.F64).Abs().Max().Item()
}

func gemm(c *call) []Value {
	a, b := c.numeric(0), c.numeric(1)
	alpha, beta := c.float("alpha", 1), c.float("beta", 1)
	if len(a.Shape()) != 2 || len(b.Shape()) != 2 {
		fail("%s and %s, want matrices", a.describe(), b.describe())
	}
	at, bt := a, b
	if c.flag("transA") {
		at = a.like(a.Data.T())
	}
	if c.flag("transB") {
		bt = b.like(b.Data.T())
	}
	if a.Type.isInt() {
		y := matmul(at, bt).Data.Mul(int(alpha))
		if c.has(2) {
			y = y.Add(c.numeric(2).Data.Mul(int(beta)))
		}
		return one(wrap(number(a.Type, y)))
	}
	return one(combined(at, bt, func(x, y *eager.Tensor) *eager.Tensor {
		p := x.MatMul(y)
		if alpha != 1 {
			p = p.Mul(alpha)
		}
		if c.has(2) {
			bias := c.numeric(2).Data.To(p.DType())
			if beta != 1 {
				bias = bias.Mul(beta)
			}
			p = p.Add(bias)
		}
		return p
	}))
}

func einsum(c *call) []Value {
	c.must("equation")
	first := c.numeric(0)
	xs := make([]*eager.Tensor, len(c.values))
	wide := first.Data.DType()
	switch {
	case wide == engine.F16 || wide == engine.BF16:
		wide = engine.F32
	case wide.IsInt():
		wide = engine.F64
	}
	for i := range xs {
		xs[i] = c.numeric(i).Data.To(wide)
	}
	return one(convert(FromTensor(eager.Einsum(c.string("equation", ""), xs...)), first.Type, true, "up"))
}
