package source

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// split divides the axes of x into those that stay and those that axes names (nil: all).
func split(x engine.Array, axes []int) (stay, gone engine.Array) {
	stay, gone = x, x
	stay.Shape, stay.Strides, gone.Shape, gone.Strides = nil, nil, nil, nil
	for i, n := range x.Shape {
		to := &stay
		if axes == nil || slices.Contains(axes, i) {
			to = &gone
		}
		to.Shape, to.Strides = append(to.Shape, n), append(to.Strides, x.Strides[i])
	}
	return stay, gone
}

// reducing is the form of a reduction by reducer k of reduce.cuh.
func reducing(k string) form {
	return func(c *call) error {
		var axes []int
		param := 0.0
		switch a := c.attrs.(type) {
		case op.ReduceAttrs:
			axes = a.Axes
		case op.AxisAttrs:
			axes = []int{a.Axis}
		case op.VarianceAttrs:
			axes, param = a.Axes, a.Correction
		default:
			return fmt.Errorf("has attributes %T", a)
		}
		c.reduce(k, c.out[0], c.in[0], axes, param)
		return nil
	}
}

// Sizes from which a reduction is worth splitting: threads that keep a GPU busy, and elements that keep one of
// them so.
const (
	busyThreads = 1 << 15
	busyBlocks  = 256
	least       = 64
)

// reduce plans y = k over axes of x. y is row-major.
func (c *call) reduce(k string, y, x engine.Array, axes []int, param float64) {
	if len(axes) == 0 {
		axes = nil
	}
	stay, gone := split(x, axes)
	outer, inner := stay.Numel(), gone.Numel()
	if outer == 0 {
		return
	}
	os, oxs := collapse(stay.Shape, stay.Strides)
	is, ixs := collapse(gone.Shape, gone.Strides)
	wide := inner >= least && (outer < busyThreads || ixs[0][len(is)-1] == 1)
	parts := 1
	if wide && outer < busyBlocks {
		parts = clamp(busyBlocks/outer, inner/(least*blockSize))
	} else if !wide && outer < busyThreads {
		parts = clamp(busyThreads/outer, inner/least)
	}
	part := (inner + parts - 1) / parts
	parts = max(1, (inner+max(part, 1)-1)/max(part, 1))
	in, out := ctype(x.DType), ctype(y.DType)
	reducer := fmt.Sprintf("%s<%s, %s>", k, in, out)
	args := (&args{c: c}).ints(outer, inner, parts, part).ints(os...).ints(oxs[0]...).ints(is...).ints(ixs[0]...)
	args.array(x).array(y)
	if parts > 1 {
		args.array(c.temp(engine.C128, engine.Shape{2 * outer * parts})) // the largest Acc has 32 bytes
	} else {
		args.ints(0)
	}
	args.floats(param)
	kernel := func(f string) *Kernel {
		t := fmt.Sprintf("ReduceArgs<%s, %s, %s::Acc, %d, %d>", in, out, reducer, len(os), len(is))
		return instance("reduce", f, t, in, out, reducer, len(os), len(is))
	}
	if wide {
		c.launch(kernel("reduce_wide"), rows(outer*parts), args)
	} else {
		c.launch(kernel("reduce_thin"), over(outer*parts), args)
	}
	if parts > 1 {
		c.launch(kernel("reduce_join"), over(outer), args)
	}
}

func clamp(want, most int) int { return max(1, min(want, most)) }
