package source

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// softmax is the form of Softmax, LogSoftmax (log) and their gradients (grad).
func softmax(grad, log bool) form {
	return func(c *call) error {
		axis := []int{c.attrs.(op.AxisAttrs).Axis}
		x, y := c.in[0], c.out[0]
		z := c.in[len(c.in)-1]
		if y.Numel() == 0 {
			return nil
		}
		xo, xi := split(x, axis)
		zo, zi := split(z, axis)
		yo, yi := split(y, axis)
		shape, st := collapse(xo.Shape, xo.Strides, zo.Strides, yo.Strides)
		n := xo.Numel()
		a := (&args{c: c}).ints(n, xi.Shape[0]).ints(shape...).ints(st[0]...).ints(xi.Strides[0]).array(x)
		a.ints(st[1]...).ints(zi.Strides[0]).array(z).ints(st[2]...).ints(yi.Strides[0]).array(y)
		f := "softmax"
		if grad {
			f = "softmax_grad"
		}
		k := rowKernel(f, fmt.Sprintf("RowArgs<%s, %d>", ctype(x.DType), len(shape)), ctype(x.DType), len(shape), log)
		c.launch(k, rows(n), a)
		return nil
	}
}

func rowKernel(f, argsType string, templ ...any) *Kernel {
	k := instance("rows", f, argsType, templ...)
	k.parts = []string{"math", "reduce", "rows"}
	return k
}

// normAxes are the axes that LayerNorm or BatchNorm takes together.
func normAxes(c *call, x engine.Array) (axes []int, batch bool) {
	from := 2
	if p, ok := c.attrs.(op.LayerNormAttrs); ok {
		from = len(x.Shape) - p.Axes
	} else {
		axes, batch = []int{0}, true
	}
	for i := from; i < len(x.Shape); i++ {
		axes = append(axes, i)
	}
	return axes, batch
}

// paramStrides are the strides of a parameter over the elements of a group, and over groups.
func paramStrides(in []engine.Array, i, rank int, batch bool) (x engine.Array, elements []int, group int) {
	elements = make([]int, rank)
	if i >= len(in) {
		return engine.Array{}, elements, 0
	}
	if batch {
		return in[i], elements, in[i].Strides[0]
	}
	return in[i], in[i].Strides, 0
}

func normalise(c *call) error {
	x, y := c.in[0], c.out[0]
	axes, batch := normAxes(c, x)
	xo, xi := split(x, axes)
	yo, yi := split(y, axes)
	gamma, gi, gs := paramStrides(c.in, 1, len(axes), batch)
	beta, bi, bs := paramStrides(c.in, 2, len(axes), batch)
	groups := xo.Numel()
	if groups == 0 {
		return nil
	}
	so, st := collapse(xo.Shape, xo.Strides, yo.Strides)
	si, sti := collapse(xi.Shape, xi.Strides, yi.Strides, gi, bi)
	a := (&args{c: c}).ints(groups, xi.Numel()).ints(so...).ints(st[0]...).ints(st[1]...).ints(si...)
	for _, s := range sti {
		a.ints(s...)
	}
	a.ints(gs, bs).array(x).array(gamma).array(beta).array(y).array(c.out[1]).array(c.out[2]).floats(normEps(c.attrs))
	t, ro, ri := ctype(x.DType), len(so), len(si)
	c.launch(rowKernel("normalise", fmt.Sprintf("NormArgs<%s, %d, %d>", t, ro, ri), t, ro, ri, batch), rows(groups), a)
	return nil
}

func normEps(a op.Attrs) float64 {
	if p, ok := a.(op.LayerNormAttrs); ok {
		return p.Eps
	}
	return a.(op.BatchNormAttrs).Eps
}

func normaliseGrad(c *call) error {
	dy, x, mean, rstd, dx := c.in[0], c.in[1], c.in[2], c.in[3], c.out[0]
	axes, batch := normAxes(c, x)
	xo, xi := split(x, axes)
	do, di := split(dy, axes)
	yo, yi := split(dx, axes)
	gamma, gi, gs := paramStrides(c.in, 4, len(axes), batch)
	groups, n := xo.Numel(), xi.Numel()
	so, st := collapse(xo.Shape, xo.Strides, do.Strides, yo.Strides, mean.Strides, rstd.Strides)
	si, sti := collapse(xi.Shape, xi.Strides, di.Strides, yi.Strides, gi)
	a := (&args{c: c}).ints(groups, n).ints(so...)
	for _, s := range st {
		a.ints(s...)
	}
	a.ints(si...)
	for _, s := range sti {
		a.ints(s...)
	}
	a.ints(gs).array(dy).array(x).array(mean).array(rstd).array(gamma)
	a.array(dx).array(c.out[1]).array(c.out[2])
	t, ro, ri := ctype(x.DType), len(so), len(si)
	argsType := fmt.Sprintf("NormGradArgs<%s, %d, %d>", t, ro, ri)
	if groups > 0 {
		c.launch(rowKernel("normalise_grad", argsType, t, ro, ri, batch), rows(groups), a)
	}
	if p, ok := c.attrs.(op.LayerNormAttrs); ok && n > 0 && !p.OnlyDX {
		c.launch(rowKernel("parameter_grad", argsType, t, ro, ri), over(n), a)
	}
	return nil
}

// crossEntropy is the form of CrossEntropy and, with grad, of its gradient.
func crossEntropy(grad bool) form {
	return func(c *call) error {
		p := c.attrs.(op.CrossEntropyAttrs)
		in, y := c.in, c.out[0]
		dy := engine.Array{DType: y.DType}
		if grad {
			dy, in = in[0], in[1:]
		}
		x, labels := in[0], in[1]
		xo, xi := split(x, []int{p.Axis})
		n := xo.Numel()
		loss, ys, yn := y, make([]int, len(xo.Shape)), 0
		share := 1.0
		switch {
		case grad:
			yo, yi := split(y, []int{p.Axis})
			ys, yn = yo.Strides, yi.Strides[0]
			if dy = dy.Expand(xo.Shape); p.Reduce == op.ReduceMean {
				share = 1 / float64(n)
			}
		case p.Reduce != op.ReduceNone:
			loss = c.temp(y.DType, engine.Shape{n})
			fallthrough
		default:
			dy.Strides = make([]int, len(xo.Shape))
		}
		shape, st := collapse(xo.Shape, xo.Strides, labels.Strides, dy.Strides, ys)
		a := (&args{c: c}).ints(n, xi.Shape[0]).ints(shape...)
		for _, s := range st {
			a.ints(s...)
		}
		a.ints(xi.Strides[0], yn).array(x).array(labels).array(dy).array(loss).floats(share)
		f := "cross_entropy"
		if grad {
			f = "cross_entropy_grad"
		}
		t, l, r := ctype(x.DType), ctype(labels.DType), len(shape)
		if n > 0 {
			c.launch(rowKernel(f, fmt.Sprintf("LossArgs<%s, %s, %d>", t, l, r), t, l, r), rows(n), a)
		}
		if !grad && p.Reduce != op.ReduceNone {
			k := "SumOver"
			if p.Reduce == op.ReduceMean {
				k = "MeanOver"
			}
			c.reduce(k, y, loss, nil, 0)
		}
		return nil
	}
}
