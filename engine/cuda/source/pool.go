package source

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// pooling is the form of MaxPool, AvgPool and AvgPoolGrad (x is then dy, and y dx).
func pooling(f string) form {
	return func(c *call) error {
		p, x, y := c.attrs.(op.PoolAttrs), c.in[0], c.out[0]
		big, small := x.Shape, y.Shape
		if f == "avg_pool_grad" {
			big, small = small, big
		}
		if y.Numel() == 0 {
			return nil
		}
		stride := p.Stride
		if len(stride) == 0 {
			stride = p.Kernel
		}
		in, kernel, out := three(big[2:], 1), three(p.Kernel, 1), three(small[2:], 1)
		st, pad, dil := three(stride, 1), three(p.Padding, 0), three(p.Dilation, 1)
		a := (&args{c: c}).ints(y.Numel(), big[1]).ints(in[:]...).ints(kernel[:]...).ints(out[:]...)
		a.ints(st[:]...).ints(pad[:]...).ints(dil[:]...).ints(five(x)...).ints(five(y)...)
		var index engine.Array
		if f == "max_pool" {
			if len(c.out) > 1 {
				index = c.out[1]
			} else { // QuantMaxPool keeps none
				index = c.temp(engine.I64, y.Shape)
			}
			a.ints(five(index)...)
		} else {
			a.ints(0, 0, 0, 0, 0)
		}
		count := 1
		if p.ExcludePad {
			count = 0
		}
		a.ints(count, p.Divisor).array(x).array(y).array(index)
		t := ctype(x.DType)
		c.launch(instance("pool", f, fmt.Sprintf("PoolArgs<%s>", t), t), over(y.Numel()), a)
		return nil
	}
}

// maxPoolGrad adds each dy at its index into zeros: a scatter along the spatial axes, taken as one.
func maxPoolGrad(c *call) error {
	dy, index, dx := c.in[0], c.in[1], c.out[0]
	plane := func(s engine.Shape) engine.Shape { return engine.Shape{s[0], s[1], s[2:].Numel()} }
	flat, _ := dx.Reshape(plane(dx.Shape)) // row-major
	return c.accumulate(flat, engine.Array{}, func(acc engine.Array) error {
		return c.scatter(acc, planes(acc, len(dy.Shape)), dy, index, flat.Shape[2])
	})
}

// planes are the strides by which windows find their plane; the position in it is the index.
func planes(acc engine.Array, rank int) []int {
	s := make([]int, rank)
	s[0], s[1] = acc.Strides[0], acc.Strides[1]
	return s
}
