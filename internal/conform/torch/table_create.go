package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func constant(params string, v any, like bool) entry {
	return entry{params, func(c *call) any {
		d, fill := engine.F32, v
		if fill == nil {
			fill = c.operand("fill_value")
			switch fill.(type) {
			case int:
				d = engine.I64
			case bool:
				d = engine.Bool
			case complex128:
				d = engine.C64
			}
		}
		shape := []int(nil)
		if x, ok := c.get("input").(*tensor); ok {
			d, shape = x.DType(), x.Shape()
		}
		if !like {
			shape = c.ints("size")
		}
		if v, ok := fill.(complex128); ok {
			return eager.FromComplex128s([]complex128{v}).Reshape().Expand(shape...).Clone().To(c.dtype("dtype", d))
		}
		return eager.Full(number64(fill), shape...).To(c.dtype("dtype", d))
	}}
}

func number64(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	case *tensor:
		return v.Item()
	}
	panic(unsupported("fill value"))
}

var creation = map[string]entry{
	"zeros":      constant("size...", 0, false),
	"ones":       constant("size...", 1, false),
	"full":       constant("size fill_value", nil, false),
	"new_zeros":  constant("input size...", 0, false),
	"new_ones":   constant("input size...", 1, false),
	"new_full":   constant("input size fill_value", nil, false),
	"zeros_like": constant("input", 0, true),
	"ones_like":  constant("input", 1, true),
	"full_like":  constant("input fill_value", nil, true),
	"eye": {"n m", func(c *call) any {
		n := c.int("n", 0)
		m := c.int("m", n)
		x := eager.Eye(max(n, m)).Slice(0, 0, n).Slice(1, 0, m)
		return x.To(c.dtype("dtype", engine.F32))
	}},
	"scalar_tensor": {"s", func(c *call) any {
		return eager.New(c.float("s", 0)).To(c.dtype("dtype", engine.F32))
	}},
}
