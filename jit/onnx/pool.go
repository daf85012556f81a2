package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("MaxPool", 1, maxPool)
	add("AveragePool", 1, averagePool)
	add("LpPool", 1, lpPool)
	add("GlobalMaxPool", 1, globalPool(func(_ *call, x *eager.Tensor, axes []int) *eager.Tensor { return x.MaxKeep(axes...) }))
	add("GlobalAveragePool", 1, globalPool(func(_ *call, x *eager.Tensor, axes []int) *eager.Tensor { return x.MeanKeep(axes...) }))
	add("GlobalLpPool", 1, globalPool(func(c *call, x *eager.Tensor, axes []int) *eager.Tensor {
		p := lpOrder(c)
		return x.Abs().Pow(p).SumKeep(axes...).Pow(1 / p)
	}))
	add("MaxUnpool", 9, maxUnpool)
}

func lpOrder(c *call) float64 {
	if c.version < 2 {
		return c.float("p", 2)
	}
	return float64(c.int("p", 2))
}

func globalPool(f func(c *call, x *eager.Tensor, axes []int) *eager.Tensor) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		var axes []int
		for i := range spatialOf(x) {
			axes = append(axes, i+2)
		}
		return one(widened(x, func(t *eager.Tensor) *eager.Tensor { return f(c, t, axes) }))
	}
}

// poolWindow also returns by how much the last windows reach beyond the padding when extents are rounded up.
func poolWindow(c *call, x *Tensor) (w window, over []int) {
	c.must("kernel_shape")
	spatial := spatialOf(x)
	w = windowOf(c, spatial, c.ints("kernel_shape"))
	over = make([]int, len(spatial))
	for i, n := range spatial {
		room := n + w.lo[i] + w.hi[i] - w.extent(i)
		if room < 0 {
			fail("window of %d is larger than axis %d of %s with its padding", w.extent(i), i+2, x.describe())
		}
		if !c.flag("ceil_mode") {
			continue
		}
		out := (room+w.stride[i]-1)/w.stride[i] + 1
		if (out-1)*w.stride[i] >= n+w.lo[i] {
			out-- // the window would start in the end padding
		}
		over[i] = max(0, (out-1)*w.stride[i]-room)
	}
	return w, over
}

// wide pads the spatial axes of x by the window's padding and over.
func (w window) wide(x *eager.Tensor, over []int, value float64) *eager.Tensor {
	before, after := make([]int, x.Rank()), make([]int, x.Rank())
	any := false
	for i := range w.lo {
		before[i+2], after[i+2] = w.lo[i], w.hi[i]+over[i]
		any = any || before[i+2] != 0 || after[i+2] != 0
	}
	if !any {
		return x
	}
	return padded(x, before, after, "constant", value)
}

// simple reports whether the pooling operators know the padding themselves.
func (w window) simple(over []int) bool {
	for i := range w.lo {
		if w.lo[i] != w.hi[i] || w.lo[i] > w.kernel[i]/2 || w.lo[i] < 0 || over[i] > 0 {
			return false
		}
	}
	return true
}

func maxPool(c *call) []Value {
	x := c.numeric(0)
	w, over := poolWindow(c, x)
	a := op.PoolAttrs{Kernel: w.kernel, Stride: w.stride, Dilation: w.dilation}
	t := x.Data
	if !t.DType().IsFloat() || t.DType().Size() < 4 {
		t = t.To(engine.F32)
	}
	simple := w.simple(over)
	if bytes := x.Type == Uint8 || x.Type == Int8; bytes && simple && !c.wants(1) {
		a.Padding = w.lo
		return one(x.like(eager.First(op.QuantMaxPool, a, x.Data)))
	}
	if simple {
		a.Padding = w.lo
	} else {
		t = w.wide(t, over, math.Inf(-1))
	}
	if !c.wants(1) {
		return one(number(x.Type, eager.First(op.MaxPool, a, t)))
	}
	r := eager.Apply(op.MaxPool, a, t)
	shift := make([]int, len(w.lo))
	if !simple {
		shift = w.lo
	}
	index := globalIndex(r[1], x.Shape(), t.Shape(), shift, c.flag("storage_order"))
	return []Value{number(x.Type, r[0]), index}
}

// globalIndex turns places within padded planes into places within the whole tensor x; column says that the
// last spatial axis varies slowest.
func globalIndex(at *eager.Tensor, x, wide engine.Shape, lo []int, column bool) *Tensor {
	v := at.Ints()
	plane := x[2:].Numel()
	per := at.Shape()[2:].Numel()
	ws := wide[2:].Strides()
	for i, p := range v {
		flat, step := 0, 1
		coords := make([]int, len(lo))
		for k := range lo {
			coords[k] = p/ws[k]%wide[k+2] - lo[k]
		}
		if column {
			for k := range coords {
				flat += coords[k] * step
				step *= x[k+2]
			}
		} else {
			for k := len(coords) - 1; k >= 0; k-- {
				flat += coords[k] * step
				step *= x[k+2]
			}
		}
		v[i] = i/per*plane + flat
	}
	return fromInts(v, at.Shape()...)
}

func averagePool(c *call) []Value {
	x := c.numeric(0)
	w, over := poolWindow(c, x)
	pads := c.flag("count_include_pad")
	a := op.PoolAttrs{Kernel: w.kernel, Stride: w.stride, Dilation: w.dilation}
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		if w.simple(over) {
			a.Padding, a.ExcludePad = w.lo, !pads
			return eager.First(op.AvgPool, a, t)
		}
		a.Divisor = 1
		inside := eager.Ones(slices.Concat([]int{1, 1}, t.Shape()[2:])...).To(t.DType())
		zero := make([]int, len(over))
		if pads { // padding counts, what lies beyond it does not
			ones := w.wide(inside, zero, 1)
			beyond := w
			beyond.lo, beyond.hi = zero, zero
			inside = beyond.wide(ones, over, 0)
		} else {
			inside = w.wide(inside, over, 0)
		}
		return eager.First(op.AvgPool, a, w.wide(t, over, 0)).Div(eager.First(op.AvgPool, a, inside))
	}))
}

func lpPool(c *call) []Value {
	x := c.numeric(0)
	w, over := poolWindow(c, x)
	p := lpOrder(c)
	a := op.PoolAttrs{Kernel: w.kernel, Stride: w.stride, Dilation: w.dilation, Divisor: 1}
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		return eager.First(op.AvgPool, a, w.wide(t.Abs().Pow(p), over, 0)).Pow(1 / p)
	}))
}

func maxUnpool(c *call) []Value {
	x, index := c.numeric(0), c.numeric(1)
	s := x.Shape()
	spatial := spatialOf(x)
	c.must("kernel_shape")
	w := windowOf(c, spatial, c.ints("kernel_shape"))
	shape := append(engine.Shape{}, s[:2]...)
	for i, n := range spatial {
		shape = append(shape, (n-1)*w.stride[i]+w.kernel[i]-w.lo[i]-w.hi[i])
	}
	target := shape
	if c.has(2) {
		target = c.inputInts(2)
	}
	zeros := eager.Zeros(shape.Numel()).To(x.Data.DType())
	y := zeros.Scatter(0, index.Data.Reshape(index.Numel()), x.Data.Reshape(x.Numel())).Reshape(shape...)
	before, after := make([]int, len(shape)), make([]int, len(shape))
	for i := range shape {
		after[i] = target[i] - shape[i]
	}
	return one(x.like(padded(y, before, after, "constant", 0)))
}
