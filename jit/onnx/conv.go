package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("Conv", 1, conv)
	add("ConvTranspose", 1, convTranspose)
	add("CausalConvWithState", 27, causalConv)
	add("Col2Im", 18, col2im)
}

// window is how a kernel moves over the spatial axes.
type window struct {
	kernel, stride, dilation []int
	lo, hi                   []int // padding
}

// windowOf reads the attributes of convolutions and poolings over spatial extents.
func windowOf(c *call, spatial, kernel []int) window {
	r := len(spatial)
	fill := func(name string, v int) []int {
		l := c.ints(name)
		if l == nil {
			l = slices.Repeat([]int{v}, r)
		}
		if len(l) != r {
			fail("attribute %s is %v, want %d numbers", name, l, r)
		}
		for _, x := range l {
			if x < 1 {
				fail("attribute %s is %v, want numbers ≥ 1", name, l)
			}
		}
		return l
	}
	w := window{kernel: kernel, stride: fill("strides", 1), dilation: fill("dilations", 1)}
	if len(kernel) != r {
		fail("kernel %v for %d spatial axes", kernel, r)
	}
	for _, k := range kernel {
		if k < 1 {
			fail("kernel %v, want extents ≥ 1", kernel)
		}
	}
	w.lo, w.hi = make([]int, r), make([]int, r)
	switch auto := c.oneOf("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", ""); auto {
	case "SAME_UPPER", "SAME_LOWER":
		for i, n := range spatial {
			out := (n + w.stride[i] - 1) / w.stride[i]
			total := max(0, (out-1)*w.stride[i]+w.extent(i)-n)
			w.lo[i] = total / 2
			if auto == "SAME_LOWER" {
				w.lo[i] = total - total/2
			}
			w.hi[i] = total - w.lo[i]
		}
	case "VALID":
	default:
		if pads := c.ints("pads"); pads != nil {
			if len(pads) != 2*r {
				fail("attribute pads is %v, want %d numbers", pads, 2*r)
			}
			copy(w.lo, pads[:r])
			copy(w.hi, pads[r:])
		}
	}
	return w
}

// extent is how many elements the dilated kernel spans on axis i.
func (w window) extent(i int) int { return (w.kernel[i]-1)*w.dilation[i] + 1 }

func (w window) attrs(groups int) op.ConvAttrs {
	return op.ConvAttrs{
		Stride: w.stride, Dilation: w.dilation, Padding: slices.Concat(w.lo, w.hi), Groups: groups,
	}
}

// spatialOf returns the spatial extents of x: [N C spatial…].
func spatialOf(x *Tensor) []int {
	if len(x.Shape()) < 3 {
		fail("%s, want [N C spatial…]", x.describe())
	}
	return x.Shape()[2:]
}

func conv(c *call) []Value {
	x, w := c.numeric(0), c.numeric(1)
	kernel := c.ints("kernel_shape")
	if kernel == nil {
		kernel = spatialOf(w)
	}
	win := windowOf(c, spatialOf(x), kernel)
	a := win.attrs(c.int("group", 1))
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		if c.has(2) {
			return eager.First(op.Conv, a, t, w.Data.To(t.DType()), c.numeric(2).Data.To(t.DType()))
		}
		return eager.Conv(t, w.Data.To(t.DType()), a)
	}))
}

// convTranspose is the gradient of a convolution for its input.
func convTranspose(c *call) []Value {
	x, w := c.numeric(0), c.numeric(1)
	in := spatialOf(x)
	r := len(in)
	kernel := c.ints("kernel_shape")
	if kernel == nil {
		kernel = spatialOf(w)
	}
	groups := c.int("group", 1)
	auto := c.oneOf("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", "")
	win := transposeWindow(c, in, kernel)
	extra := c.ints("output_padding")
	if extra == nil {
		extra = make([]int, r)
	}
	shape := engine.Shape{x.Shape()[0], w.Shape()[1] * groups}
	want := c.ints("output_shape")
	if len(want) > r {
		want = want[len(want)-r:]
	}
	for i := range r {
		full := win.stride[i]*(in[i]-1) + extra[i] + win.extent(i)
		switch {
		case want != nil:
			total := full - want[i]
			win.lo[i] = total / 2
			if auto != "SAME_UPPER" && auto != "NOTSET" && auto != "" {
				win.lo[i] = total - total/2
			}
			win.hi[i] = total - win.lo[i]
		case auto == "SAME_UPPER" || auto == "SAME_LOWER":
			total := max(0, full-in[i]*win.stride[i])
			win.lo[i] = total / 2
			if auto == "SAME_LOWER" {
				win.lo[i] = total - total/2
			}
			win.hi[i] = total - win.lo[i]
		}
		shape = append(shape, full-win.lo[i]-win.hi[i])
	}
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		y := transposedConv(t, w.Data.To(t.DType()), win, groups, shape)
		if c.has(2) {
			b := c.numeric(2).Data.To(t.DType())
			y = y.Add(b.Reshape(slices.Concat([]int{b.Numel()}, slices.Repeat([]int{1}, r))...))
		}
		return y
	}))
}

// transposeWindow is windowOf with explicit padding alone: SAME means something else here.
func transposeWindow(c *call, in, kernel []int) window {
	plain := *c
	node := *c.node
	plain.node = &node
	node.attrs = map[string]*attr{}
	for k, v := range c.attrs {
		if k != "auto_pad" {
			node.attrs[k] = v
		}
	}
	return windowOf(&plain, in, kernel)
}

// transposedConv computes the full result and cuts or pads it, as padding may be negative.
func transposedConv(t, w *eager.Tensor, win window, groups int, shape engine.Shape) *eager.Tensor {
	full := shape.Clone()
	before, after := make([]int, len(shape)), make([]int, len(shape))
	for i := range win.lo {
		n := win.stride[i]*(t.Size(i+2)-1) + win.extent(i)
		full[i+2] = n
		before[i+2] = -win.lo[i]
		after[i+2] = shape[i+2] + win.lo[i] - n
	}
	a := op.ConvAttrs{Stride: win.stride, Dilation: win.dilation, Groups: groups, Shape: full}
	return padded(eager.First(op.ConvInputGrad, a, t, w), before, after, "constant", 0)
}

// causalConv is a depthwise convolution over the last steps that keeps a state between calls.
func causalConv(c *call) []Value {
	x, w := c.numeric(0), c.numeric(1)
	s := x.Shape()
	if len(s) != 3 || len(w.Shape()) != 3 || w.Shape()[0] != s[1] || w.Shape()[1] != 1 {
		fail("%s and weights %s, want [N C T] and [C 1 k]", x.describe(), w.describe())
	}
	k := w.Shape()[2]
	act := c.oneOf("activation", "none", "silu", "swish")
	var state *eager.Tensor
	y := widened(x, func(t *eager.Tensor) *eager.Tensor {
		past := eager.Zeros(s[0], s[1], k-1).To(t.DType())
		if c.has(3) {
			past = c.numeric(3).Data.To(t.DType())
		}
		joined := eager.Concat(2, past, t)
		n := joined.Size(2)
		state = joined.Slice(2, n-(k-1), n)
		y := eager.Conv(joined, w.Data.To(t.DType()), op.ConvAttrs{Groups: s[1]})
		if c.has(2) {
			y = y.Add(c.numeric(2).Data.To(t.DType()).Reshape(s[1], 1))
		}
		if act != "none" {
			y = y.SiLU()
		}
		return y
	})
	return []Value{y, number(x.Type, state)}
}

// col2im adds blocks of columns to where they come from in an image.
func col2im(c *call) []Value {
	x, image, block := c.numeric(0), c.inputInts(1), c.inputInts(2)
	win := windowOf(c, image, block)
	s := x.Shape()
	size := engine.Shape(block).Numel()
	if len(s) != 3 || s[1]%size != 0 {
		fail("%s with blocks %v, want [N C·%d L]", x.describe(), block, size)
	}
	channels := s[1] / size
	out := make([]int, len(image))
	for i, n := range image {
		out[i] = (n+win.lo[i]+win.hi[i]-win.extent(i))/win.stride[i] + 1
	}
	if engine.Shape(out).Numel() != s[2] {
		fail("%d columns, image %v with blocks %v needs %d", s[2], image, block, engine.Shape(out).Numel())
	}
	// Each offset within the block is a channel of a transposed convolution with a kernel of zeros and a 1.
	weights := eager.Eye(size).Reshape(slices.Concat([]int{size, 1}, block)...)
	shape := append(engine.Shape{s[0] * channels, 1}, image...)
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		cols := t.Reshape(slices.Concat([]int{s[0] * channels, size}, out)...)
		y := transposedConv(cols, weights.To(t.DType()), win, 1, shape)
		return y.Reshape(slices.Concat([]int{s[0], channels}, image)...)
	}))
}
