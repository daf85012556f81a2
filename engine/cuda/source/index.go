package source

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// An indexed operator walks over elements of x (or src) and of the index side by side. walk says how: the
// strides of the index, and of the array that is indexed with the axis at 0.
func walk(axis int, shape engine.Shape, index, indexed engine.Array, whole bool) (ls, at []int) {
	ls, at = make([]int, len(shape)), make([]int, len(shape))
	if !whole { // Gather: the index has the rank of what it indexes
		copy(at, indexed.Strides)
		at[axis] = 0
		return index.Strides, at
	}
	k := len(index.Shape)
	copy(ls[axis:], index.Strides)
	copy(at, indexed.Strides[:axis])
	copy(at[axis+k:], indexed.Strides[axis+1:])
	return ls, at
}

// gather is the form of Gather and IndexSelect (whole).
func gather(whole bool) form {
	return func(c *call) error {
		axis, x, index, y := c.attrs.(op.AxisAttrs).Axis, c.in[0], c.in[1], c.out[0]
		if y.Numel() == 0 {
			return nil
		}
		ls, xs := walk(axis, y.Shape, index, x, whole)
		shape, st := collapse(y.Shape, xs, ls, y.Strides)
		a := (&args{c: c}).ints(y.Numel(), x.Shape[axis], x.Strides[axis]).ints(shape...)
		a.ints(st[0]...).ints(st[1]...).ints(st[2]...).array(x).array(index).array(y)
		c.launch(indexKernel("gather", "IndexArgs", x, index, len(shape)), over(y.Numel()), a)
		return nil
	}
}

func indexKernel(f, argsType string, x, index engine.Array, r int, more ...any) *Kernel {
	t, l := ctype(x.DType), ctype(index.DType)
	k := instance("index", f, fmt.Sprintf("%s<%s, %s, %d>", argsType, t, l, r), append([]any{t, l, r}, more...)...)
	k.parts = []string{"math", "index"}
	return k
}

// scatterAdd is the form of ScatterAdd and IndexAdd (whole).
func scatterAdd(whole bool) form {
	return func(c *call) error {
		axis, index, src := c.attrs.(op.AxisAttrs).Axis, c.in[1], c.in[2]
		return c.accumulate(c.out[0], c.in[0], func(acc engine.Array) error {
			ls, at := walk(axis, src.Shape, index, acc, whole)
			return c.scatterOver(acc, at, acc.Strides[axis], acc.Shape[axis], src, index, ls)
		})
	}
}

// accumulate lets add add to the elements of y, which begin as x, or 0 where that is absent: in a type that
// the GPU adds atomically.
func (c *call) accumulate(y, x engine.Array, add func(acc engine.Array) error) error {
	if y.Numel() == 0 {
		return nil
	}
	acc := y
	if t := sumType(y.DType); t != y.DType {
		acc = c.temp(t, y.Shape)
	}
	if x.Shape == nil && x.DType == engine.Invalid {
		c.fill(acc, 0)
	} else {
		c.copy(acc, x)
	}
	err := add(acc)
	if acc.Buf != y.Buf || acc.DType != y.DType {
		c.copy(y, acc)
	}
	return err
}

// scatter plans acc[at + index] += src, where the indexed axis is contiguous.
func (c *call) scatter(acc engine.Array, at []int, src, index engine.Array, bound int) error {
	return c.scatterOver(acc, at, acc.Strides[len(acc.Strides)-1], bound, src, index, index.Strides)
}

func (c *call) scatterOver(acc engine.Array, at []int, axis, bound int, src, index engine.Array, ls []int) error {
	n := src.Numel()
	if n == 0 {
		return nil
	}
	if src.DType != acc.DType {
		wide := c.temp(acc.DType, src.Shape)
		c.copy(wide, src)
		src = wide
	}
	shape, st := collapse(src.Shape, src.Strides, ls, at)
	a := (&args{c: c}).ints(n, bound, axis).ints(shape...)
	a.ints(st[0]...).ints(st[1]...).ints(st[2]...).array(src).array(index).array(acc)
	c.launch(indexKernel("scatter_add", "IndexArgs", src, index, len(shape)), over(n), a)
	return nil
}

// scatterLines is the form of Scatter and ScatterReduce.
func scatterLines(c *call) error {
	x, index, src, y := c.in[0], c.in[1], c.in[2], c.out[0]
	t := ctype(x.DType)
	var axis int
	how := "Replace"
	switch p := c.attrs.(type) {
	case op.AxisAttrs:
		axis = p.Axis
	case op.ScatterReduceAttrs:
		axis = p.Axis
		how = map[cpu.Combine]string{
			cpu.CombineProd: "Multiply", cpu.CombineMax: "KeepMax", cpu.CombineMin: "KeepMin",
		}[p.How]
	}
	c.copy(y, x)
	so, si := split(src, []int{axis})
	lo, li := split(index, []int{axis})
	yo, yi := split(y, []int{axis})
	lines := so.Numel()
	if lines*si.Numel() == 0 {
		return nil
	}
	shape, st := collapse(so.Shape, so.Strides, lo.Strides, yo.Strides)
	a := (&args{c: c}).ints(lines, si.Numel(), y.Shape[axis], yi.Strides[0]).ints(shape...)
	a.ints(st[0]...).ints(st[1]...).ints(st[2]...).ints(si.Strides[0], li.Strides[0])
	a.array(src).array(index).array(y)
	k := indexKernel("scatter_lines", "LineArgs", x, index, len(shape), how+"<"+t+">")
	c.launch(k, over(lines), a)
	return nil
}

func searchSorted(c *call) error {
	sorted, values, y := c.in[0], c.in[1], c.out[0]
	if y.Numel() == 0 {
		return nil
	}
	last := len(sorted.Shape) - 1
	ss := make([]int, len(values.Shape))
	copy(ss, sorted.Strides[:last])
	shape, st := collapse(y.Shape, ss, values.Strides, y.Strides)
	right := 0
	if c.attrs.(op.SearchAttrs).Right {
		right = 1
	}
	a := (&args{c: c}).ints(y.Numel(), sorted.Shape[last], right).ints(shape...)
	a.ints(slices.Concat(st[0], st[1], st[2])...).ints(sorted.Strides[last]).array(sorted).array(values).array(y)
	t, r := ctype(sorted.DType), len(shape)
	k := instance("index", "search", fmt.Sprintf("SearchArgs<%s, %d>", t, r), t, r)
	k.parts = []string{"math", "index"}
	c.launch(k, over(y.Numel()), a)
	return nil
}
