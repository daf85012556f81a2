package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

var functional = map[string]entry{
	"nn.functional.relu": unary((*tensor).ReLU),
	"nn.functional.silu": unary(func(x *tensor) *tensor {
		if x.IsComplex() {
			return x.Mul(x.Sigmoid())
		}
		return x.SiLU()
	}),
	"nn.functional.relu6":      unary(func(x *tensor) *tensor { return x.Clamp(0, 6) }),
	"nn.functional.tanhshrink": unary(func(x *tensor) *tensor { return x.Sub(x.Tanh()) }),
	"nn.functional.softsign":   unary(func(x *tensor) *tensor { return x.Div(x.Abs().Add(1)) }),
	"nn.functional.gelu": {"input", func(c *call) any {
		if c.str("approximate", "none") == "tanh" {
			return c.t("input").GELUTanh()
		}
		return c.t("input").GELU()
	}},
	"nn.functional.softplus": {"input beta threshold", func(c *call) any {
		x, beta := c.t("input"), c.float("beta", 1)
		y := x.Mul(beta)
		return eager.Where(y.Gt(c.float("threshold", 20)), x, y.Softplus().Div(beta))
	}},
	"nn.functional.logsigmoid": unary(func(x *tensor) *tensor { return x.Neg().Softplus().Neg() }),
	"nn.functional.hardtanh": {"input min_val max_val", func(c *call) any {
		return c.t("input").Clamp(c.float("min_val", -1), c.float("max_val", 1))
	}},
	"nn.functional.threshold": {"input threshold value", func(c *call) any {
		x := c.t("input")
		return eager.Where(x.Gt(c.float("threshold", 0)), x, c.operand("value"))
	}},
	"nn.functional.linear": {"input weight bias", func(c *call) any {
		y := c.t("input").MatMul(transposed(c.t("weight")))
		if b := c.opt("bias"); b != nil {
			y = y.Add(b)
		}
		return y
	}},
	"nn.functional.conv1d": convolution(1),
	"nn.functional.conv2d": convolution(2),
	"nn.functional.conv3d": convolution(3),

	"nn.functional.max_pool1d": maxPool(1),
	"nn.functional.max_pool2d": maxPool(2),
	"nn.functional.max_pool3d": maxPool(3),
	"nn.functional.avg_pool1d": avgPool(1),
	"nn.functional.avg_pool2d": avgPool(2),
	"nn.functional.avg_pool3d": avgPool(3),
}

// batched runs f on x with a leading axis, which is dropped again when x had none.
func batched(x *tensor, n int, f func(x *tensor) []*tensor) []*tensor {
	if x.Rank() == n+2 {
		return f(x)
	}
	ys := f(x.Unsqueeze(0))
	for i, y := range ys {
		ys[i] = y.Squeeze(0)
	}
	return ys
}

func convolution(n int) entry {
	return entry{"input weight bias stride padding dilation groups", func(c *call) any {
		w := c.t("weight")
		a := op.ConvAttrs{
			Stride: c.perAxis("stride", n), Dilation: c.perAxis("dilation", n), Groups: c.int("groups", 1),
		}
		switch p := c.get("padding").(type) {
		case string:
			a.Padding = samePadding(p, w.Shape()[2:], a.Dilation)
		default:
			a.Padding = c.perAxis("padding", n)
		}
		return batched(c.t("input"), n, func(x *tensor) []*tensor {
			y := eager.Conv(x, w, a)
			if b := c.opt("bias"); b != nil {
				y = y.Add(b.Reshape(append([]int{b.Numel()}, ones(n)...)...))
			}
			return []*tensor{y}
		})[0]
	}}
}

// samePadding is what the names "valid" and "same" mean: begins, then ends.
func samePadding(name string, kernel, dilation []int) []int {
	p := make([]int, 2*len(kernel))
	if name != "same" {
		return p
	}
	for i, k := range kernel {
		d := 1
		if dilation != nil {
			d = dilation[i]
		}
		total := d * (k - 1)
		p[i], p[len(kernel)+i] = total/2, total-total/2
	}
	return p
}

func (c *call) pool(n int) op.PoolAttrs {
	a := op.PoolAttrs{
		Kernel: c.perAxis("kernel_size", n), Padding: c.perAxis("padding", n),
		Ceil: c.bool("ceil_mode", false),
	}
	if a.Stride = c.perAxis("stride", n); len(a.Stride) == 0 {
		a.Stride = nil
	}
	return a
}

func maxPool(n int) entry {
	return entry{"input kernel_size stride padding dilation ceil_mode return_indices", func(c *call) any {
		a := c.pool(n)
		a.Dilation = c.perAxis("dilation", n)
		ys := batched(c.t("input"), n, func(x *tensor) []*tensor { return eager.Apply(op.MaxPool, a, x) })
		if c.bool("return_indices", false) {
			return ys
		}
		return ys[0]
	}}
}

func avgPool(n int) entry {
	return entry{
		"input kernel_size stride padding ceil_mode count_include_pad divisor_override",
		func(c *call) any {
			a := c.pool(n)
			a.ExcludePad, a.Divisor = !c.bool("count_include_pad", true), c.int("divisor_override", 0)
			return batched(c.t("input"), n, func(x *tensor) []*tensor {
				return eager.Apply(op.AvgPool, a, x)
			})[0]
		},
	}
}
