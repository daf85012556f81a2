package source

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// viewed is the form of operators that are views: a copy of the view.
func viewed(c *call) error {
	y := c.out[0]
	v, ok := c.def.View(c.attrs, c.in[0], op.Type{DType: y.DType, Shape: y.Shape})
	if !ok {
		t := c.temp(c.in[0].DType, c.in[0].Shape)
		c.copy(t, c.in[0])
		v, _ = c.def.View(c.attrs, t, op.Type{DType: y.DType, Shape: y.Shape})
	}
	c.copy(y, v)
	return nil
}

func concat(c *call) error {
	axis, at := c.attrs.(op.AxisAttrs).Axis, 0
	for _, x := range c.in {
		n := x.Shape[axis]
		c.copy(c.out[0].Slice(axis, at, at+n, 1), x)
		at += n
	}
	return nil
}

func pad(c *call) error {
	p, inner := c.attrs.(op.PadAttrs), c.out[0]
	for i, n := range c.in[0].Shape {
		inner = inner.Slice(i, p.Before[i], p.Before[i]+n, 1)
	}
	c.fill(c.out[0], p.Value)
	c.copy(inner, c.in[0])
	return nil
}

func unslice(c *call) error {
	p, y := c.attrs.(op.UnsliceAttrs), c.out[0]
	c.fill(y, 0)
	inner, _ := op.Slice.View(p.SliceAttrs, y, op.Type{DType: y.DType, Shape: c.in[0].Shape})
	c.copy(inner, c.in[0])
	return nil
}

// stridedAdd adds elements at positions that may coincide: a scatter whose index is the position.
func stridedAdd(c *call) error {
	p, x, y := c.attrs.(op.StridedAttrs), c.in[0], c.out[0]
	flat, _ := y.Reshape(engine.Shape{y.Numel()}) // row-major
	return c.accumulate(flat, engine.Array{}, func(acc engine.Array) error {
		if x.Numel() == 0 {
			return nil
		}
		index := c.temp(engine.I64, engine.Shape{1})
		c.fill(index, 0)
		acc.Offset += p.Offset
		index.Shape, index.Strides = x.Shape, make([]int, len(x.Shape))
		return c.scatterOver(acc, p.Strides, 0, 1, x, index, index.Strides)
	})
}

func frexp(c *call) error {
	return each2(c, "mantissa", "mantissa(v0)", "exponent", "exponent(v0)")
}

func geluSlope(c *call) error {
	return each2(c, "gelu", "gelu(v0)", "slope", "normal_cdf(v0) + v0 * normal_pdf(v0)")
}

// each2 computes two results that are expressions of the elements of the operand.
func each2(c *call, name0, f0, name1, f1 string) error {
	for i, f := range [][2]string{{name0, f0}, {name1, f1}} {
		e := each{name: f[0], parts: nil, out: c.out[i : i+1], in: c.in[:1], body: []string{f[1]}}
		e.plan(c)
	}
	return nil
}
