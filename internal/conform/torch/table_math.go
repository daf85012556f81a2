package torch

import (
	"maps"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

type tensor = eager.Tensor

// operators maps PyTorch's names. An operator is in it when Lathe has it, or has what it is one line of.
var operators map[string]entry

func init() { // the layers are built by the table of modules
	operators = merged(elementwise, arithmetic, linear, reductions, shapes, selections, creation,
		arrangements, indexing, sorting, masking, matrices,
		functional, specials, integrals, waves,
		under("nn.functional.", layers), under("nn.functional.", losses))
}

// under puts a prefix before every name.
func under(prefix string, table map[string]entry) map[string]entry {
	r := map[string]entry{}
	for n, e := range table {
		r[prefix+n] = e
	}
	return r
}

func merged(tables ...map[string]entry) map[string]entry {
	all := map[string]entry{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// unary is an operator of one operand.
func unary(f func(x *tensor) *tensor) entry {
	return entry{"input", func(c *call) any { return f(c.t("input")) }}
}

// binary is an operator of two operands, the second of which may be a number.
func binary(f func(x *tensor, y any) *tensor) entry {
	return entry{"input other", func(c *call) any { return f(c.t("input"), c.operand("other")) }}
}

func nonzero(x any) *tensor {
	if t, ok := x.(*tensor); ok {
		return t.Ne(0)
	}
	return eager.New(x).Ne(0)
}

var elementwise = map[string]entry{
	"abs":           unary((*tensor).Abs),
	"neg":           unary((*tensor).Neg),
	"sign":          unary((*tensor).Sign),
	"exp":           unary((*tensor).Exp),
	"expm1":         unary((*tensor).Expm1),
	"log":           unary((*tensor).Log),
	"log1p":         unary((*tensor).Log1p),
	"sqrt":          unary((*tensor).Sqrt),
	"rsqrt":         unary((*tensor).Rsqrt),
	"square":        unary((*tensor).Square),
	"reciprocal":    unary((*tensor).Reciprocal),
	"sin":           unary((*tensor).Sin),
	"cos":           unary((*tensor).Cos),
	"tan":           unary((*tensor).Tan),
	"tanh":          unary((*tensor).Tanh),
	"sigmoid":       unary((*tensor).Sigmoid),
	"erf":           unary((*tensor).Erf),
	"floor":         unary((*tensor).Floor),
	"ceil":          unary((*tensor).Ceil),
	"trunc":         unary((*tensor).Trunc),
	"isnan":         unary((*tensor).IsNaN),
	"bitwise_not":   unary((*tensor).Not),
	"clone":         unary((*tensor).Clone),
	"contiguous":    unary((*tensor).Contiguous),
	"positive":      unary(func(x *tensor) *tensor { return x }),
	"logical_not":   unary(func(x *tensor) *tensor { return x.Eq(0) }),
	"frac":          unary(func(x *tensor) *tensor { return x.Sub(x.Trunc()) }),
	"exp2":          unary(func(x *tensor) *tensor { return x.Mul(math.Ln2).Exp() }),
	"log2":          unary(func(x *tensor) *tensor { return x.Log().Div(math.Ln2) }),
	"log10":         unary(func(x *tensor) *tensor { return x.Log().Div(math.Ln10) }),
	"deg2rad":       unary(func(x *tensor) *tensor { return x.Mul(math.Pi / 180) }),
	"rad2deg":       unary(func(x *tensor) *tensor { return x.Mul(180 / math.Pi) }),
	"isinf":         unary(func(x *tensor) *tensor { return x.Abs().Eq(math.Inf(1)) }),
	"isposinf":      unary(func(x *tensor) *tensor { return x.Eq(math.Inf(1)) }),
	"isneginf":      unary(func(x *tensor) *tensor { return x.Eq(math.Inf(-1)) }),
	"isfinite":      unary(func(x *tensor) *tensor { return x.Abs().Lt(math.Inf(1)) }),
	"double":        unary(func(x *tensor) *tensor { return x.To(engine.F64) }),
	"float":         unary(func(x *tensor) *tensor { return x.To(engine.F32) }),
	"half":          unary(func(x *tensor) *tensor { return x.To(engine.F16) }),
	"bfloat16":      unary(func(x *tensor) *tensor { return x.To(engine.BF16) }),
	"long":          unary(func(x *tensor) *tensor { return x.To(engine.I64) }),
	"int":           unary(func(x *tensor) *tensor { return x.To(engine.I32) }),
	"short":         unary(func(x *tensor) *tensor { return x.To(engine.I16) }),
	"char":          unary(func(x *tensor) *tensor { return x.To(engine.I8) }),
	"byte":          unary(func(x *tensor) *tensor { return x.To(engine.U8) }),
	"bool":          unary(func(x *tensor) *tensor { return x.To(engine.Bool) }),
	"detach":        unary((*tensor).Detach),
	"special.expit": unary((*tensor).Sigmoid),

	"item": {"input", func(c *call) any {
		x := c.t("input")
		switch {
		case x.IsComplex():
			return x.Complex128s()[0]
		case x.DType().IsInt():
			return x.Ints()[0]
		case x.DType() == engine.Bool:
			return x.Item() != 0
		}
		return x.Item()
	}},
}

var arithmetic = map[string]entry{
	"add":          {"input other alpha", func(c *call) any { return c.t("input").Add(c.scaled("other", "alpha")) }},
	"sub":          {"input other alpha", func(c *call) any { return c.t("input").Sub(c.scaled("other", "alpha")) }},
	"mul":          binary((*tensor).Mul),
	"true_divide":  binary((*tensor).Div),
	"floor_divide": binary((*tensor).FloorDiv),
	"remainder":    binary((*tensor).Mod),
	"pow":          binary((*tensor).Pow),
	"float_power": binary(func(x *tensor, y any) *tensor {
		wide := func(x *tensor) *tensor {
			if x.IsComplex() {
				return x.To(engine.C128)
			}
			return x.To(engine.F64)
		}
		if t, ok := y.(*tensor); ok {
			y = wide(t)
		}
		return wide(x).Pow(y)
	}),
	"maximum":     binary((*tensor).Maximum),
	"minimum":     binary((*tensor).Minimum),
	"atan2":       binary((*tensor).Atan2),
	"eq":          binary((*tensor).Eq),
	"ne":          binary((*tensor).Ne),
	"lt":          binary((*tensor).Lt),
	"le":          binary((*tensor).Le),
	"gt":          binary((*tensor).Gt),
	"ge":          binary((*tensor).Ge),
	"bitwise_and": binary((*tensor).And),
	"bitwise_or":  binary((*tensor).Or),
	"bitwise_xor": binary((*tensor).Xor),
	"logical_and": binary(func(x *tensor, y any) *tensor { return nonzero(x).And(nonzero(y)) }),
	"logical_or":  binary(func(x *tensor, y any) *tensor { return nonzero(x).Or(nonzero(y)) }),
	"logical_xor": binary(func(x *tensor, y any) *tensor { return nonzero(x).Xor(nonzero(y)) }),

	"where": {"input condition other", func(c *call) any {
		return eager.Where(c.t("condition"), c.t("input"), c.operand("other"))
	}},
	"masked_fill": {"input mask value", func(c *call) any {
		x := c.t("input")
		return eager.Where(c.t("mask"), c.operand("value"), x).To(x.DType())
	}},
	"clamp":     {"input min max", func(c *call) any { return c.clamp(c.t("input"), "min", "max") }},
	"clamp_min": {"input min", func(c *call) any { return c.clamp(c.t("input"), "min", "") }},
	"clamp_max": {"input max", func(c *call) any { return c.clamp(c.t("input"), "", "max") }},
	"lerp": {"input end weight", func(c *call) any {
		x := c.t("input")
		return x.Add(c.t("end").Sub(x).Mul(c.operand("weight")))
	}},
	"addcmul": {"input tensor1 tensor2 value", func(c *call) any {
		return c.t("input").Add(c.t("tensor1").Mul(c.t("tensor2")).Mul(c.number("value", 1)))
	}},
	"addcdiv": {"input tensor1 tensor2 value", func(c *call) any {
		return c.t("input").Add(c.t("tensor1").Div(c.t("tensor2")).Mul(c.number("value", 1)))
	}},
	"allclose": {"input other rtol atol equal_nan", func(c *call) any {
		return isClose(c).All().Item() != 0
	}},
	"isclose": {"input other rtol atol equal_nan", func(c *call) any { return isClose(c) }},
	"equal": {"input other", func(c *call) any {
		x, y := c.t("input"), c.t("other")
		return x.Shape().Equal(y.Shape()) && x.Eq(y).All().Item() == 1
	}},
}

// isClose compares two tensors, which broadcast, element by element.
func isClose(c *call) *tensor {
	x, y := c.t("input"), c.t("other")
	bound := y.Abs().Mul(c.float("rtol", 1e-5)).Add(c.float("atol", 1e-8))
	off := x.Sub(y).Abs()
	near := x.Eq(y).Or(off.Le(bound).And(off.Lt(math.Inf(1))))
	if c.bool("equal_nan", false) {
		near = near.Or(x.IsNaN().And(y.IsNaN()))
	}
	return near
}

// scaled is operand name times alpha.
func (c *call) scaled(name, alpha string) any {
	y := c.operand(name)
	if !c.has(alpha) {
		return y
	}
	if t, ok := y.(*tensor); ok {
		return t.Mul(c.operand(alpha))
	}
	return c.float(name, 0) * c.float(alpha, 1)
}

// number is an integer or a float, kept apart because that decides the dtype.
func (c *call) number(name string, otherwise int) any {
	if !c.has(name) {
		return otherwise
	}
	return c.operand(name)
}

// clamp bounds x by the named arguments, numbers or tensors; "" is none.
func (c *call) clamp(x *tensor, lo, hi string) any {
	for _, n := range []string{lo, hi} { // a fraction turns integers into floats
		if _, fraction := c.args[n].(float64); fraction && !x.DType().IsFloat() {
			x = x.To(engine.F32)
		}
	}
	a, b := c.bound(lo, math.Inf(-1)), c.bound(hi, math.Inf(1))
	if a != nil && b != nil {
		return x.Clamp(*a, *b)
	}
	if lo != "" && c.has(lo) {
		x = x.Maximum(c.operand(lo))
	}
	if hi != "" && c.has(hi) {
		x = x.Minimum(c.operand(hi))
	}
	return x
}

// bound is a number to clamp x to; nil: a tensor.
func (c *call) bound(name string, otherwise float64) *float64 {
	if name == "" {
		return &otherwise
	}
	v := c.get(name)
	if _, ok := v.(*tensor); ok {
		return nil
	}
	b := c.float(name, otherwise)
	return &b
}

// beta returns β·input + α·z. Factors of integers are cut to integers.
func (c *call) beta(z *tensor) *tensor {
	for _, n := range []string{"alpha", "beta"} {
		if f, fraction := c.args[n].(float64); fraction && z.DType().IsInt() {
			c.args[n] = int(f)
		}
	}
	if c.has("alpha") {
		z = z.Mul(c.operand("alpha"))
	}
	x := c.t("input")
	if c.has("beta") {
		if v, ok := c.args["beta"].(complex128); !ok && c.float("beta", 1) == 0 || ok && v == 0 {
			return z
		}
		x = x.Mul(c.operand("beta"))
	}
	return x.Add(z)
}

func product(x, y *tensor) *tensor { return x.MatMul(y) }

func outer(x, y *tensor) *tensor { return x.Unsqueeze(1).Mul(y) }

func matrix(f func(x, y *tensor) *tensor, second string) entry {
	return entry{"input " + second, func(c *call) any { return f(c.t("input"), c.t(second)) }}
}

func accumulate(params, a, b string, f func(x, y *tensor) *tensor) entry {
	return entry{params + " beta alpha", func(c *call) any { return c.beta(f(c.t(a), c.t(b))) }}
}

var linear = map[string]entry{
	"matmul":        matrix(product, "other"),
	"linalg.matmul": matrix(product, "other"),
	"mm":            matrix(product, "mat2"),
	"bmm":           matrix(product, "mat2"),
	"mv":            matrix(product, "vec"),
	"dot":           matrix(product, "tensor"),
	"vdot":          matrix(func(x, y *tensor) *tensor { return x.Conj().MatMul(y) }, "other"),
	"outer":         matrix(outer, "vec2"),
	"linalg.vecdot": {
		"input other dim",
		func(c *call) any { return c.t("input").Conj().Mul(c.t("other")).Sum(c.int("dim", -1)) },
	},
	"addmm":   accumulate("input mat1 mat2", "mat1", "mat2", product),
	"addmv":   accumulate("input mat vec", "mat", "vec", product),
	"baddbmm": accumulate("input batch1 batch2", "batch1", "batch2", product),
	"addr":    accumulate("input vec1 vec2", "vec1", "vec2", outer),
	"addbmm": accumulate("input batch1 batch2", "batch1", "batch2", func(x, y *tensor) *tensor {
		return keptInt(x.MatMul(y).Sum(0), x.DType())
	}),
	"linalg.multi_dot": {"tensors", func(c *call) any {
		xs := c.ts("tensors")
		y := xs[0]
		for _, x := range xs[1:] {
			y = y.MatMul(x)
		}
		return y
	}},
	"inner": {"input other", func(c *call) any {
		x, y := c.t("input"), c.t("other")
		if x.Rank() == 0 || y.Rank() == 0 {
			return x.Mul(y)
		}
		return eager.TensorDot(x, y, []int{x.Rank() - 1}, []int{y.Rank() - 1})
	}},
}

// transposed swaps the axes of a matrix; a vector stays.
func transposed(x *tensor) *tensor {
	if x.Rank() < 2 {
		return x
	}
	return x.Transpose(-1, -2)
}
