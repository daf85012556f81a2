package caffe2

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	for _, kind := range []string{
		"Copy", "Alias", "StopGradient", "EnsureCPUOutput", "CopyFromCPUInput", "CopyCPUToGPU", "CopyGPUToCPU", "EnsureDense",
	} {
		unary(kind, func(_ *call, x *eager.Tensor) *eager.Tensor { return x })
	}
	operators["Concat"] = concat
	operators["DepthConcat"] = concat
	operators["Split"] = split
	operators["DepthSplit"] = split
	operators["Reshape"] = reshape
	operators["TopK"] = topK
	unary("Flatten", func(c *call, x *eager.Tensor) *eager.Tensor { return flat(x, c.int("axis", 1)) })
	unary("FlattenToVec", func(_ *call, x *eager.Tensor) *eager.Tensor { return x.Reshape(x.Numel()) })
	unary("MergeDim", func(_ *call, x *eager.Tensor) *eager.Tensor {
		if x.Rank() < 2 {
			fail("an input of rank %d, want at least 2", x.Rank())
		}
		return x.Reshape(slices.Concat([]int{x.Size(0) * x.Size(1)}, x.Shape()[2:])...)
	})
	unary("Transpose", transpose)
	unary("ExpandDims", expand)
	unary("Squeeze", squeeze)
	unary("Tile", func(c *call, x *eager.Tensor) *eager.Tensor {
		counts := slices.Repeat([]int{1}, x.Rank())
		n := c.int("tiles", 1)
		if n < 1 {
			fail("tiles is %d", n)
		}
		counts[axis(c.int("axis", 0), x.Rank())] = n
		return x.Tile(counts...)
	})
	add(slice, "Slice")
	add(func(c *call) *eager.Tensor {
		c.want(2, 2)
		x, at := c.in[0], c.in[1]
		a := axis(c.int("axis", 0), x.Rank())
		y := x.IndexSelect(a, at.To(engine.I64).Reshape(at.Numel()))
		return y.Reshape(slices.Concat(x.Shape()[:a], at.Shape(), x.Shape()[a+1:])...)
	}, "Gather")
	add(func(c *call) *eager.Tensor {
		c.want(2, 2)
		return eager.OneHot(c.in[0].To(engine.I64).Reshape(c.in[0].Numel()), int(c.in[1].Item())).Ne(0)
	}, "OneHot")
	unary("Shape", func(c *call, x *eager.Tensor) *eager.Tensor {
		s := x.Shape().Clone()
		if axes := c.ints("axes"); len(axes) > 0 {
			s = nil
			for _, a := range axes {
				s = append(s, x.Size(axis(a, x.Rank())))
			}
		}
		return eager.FromInts(s, len(s))
	})
	unary("Size", func(_ *call, x *eager.Tensor) *eager.Tensor { return eager.FromInts([]int{x.Numel()}) })
	for kind, f := range map[string]func(x *eager.Tensor, axis int) *eager.Tensor{
		"ArgMax": (*eager.Tensor).ArgMax, "ArgMin": (*eager.Tensor).ArgMin,
	} {
		unary(kind, func(c *call, x *eager.Tensor) *eager.Tensor {
			a := axis(c.int("axis", -1), x.Rank())
			if y := f(x, a); !c.flag("keepdims", true) {
				return y
			}
			return f(x, a).Unsqueeze(a)
		})
	}
	reductions()
	add(segmentSums, "LengthsSum", "SparseLengthsSum")
	unary("Unique", func(_ *call, x *eager.Tensor) *eager.Tensor {
		v, _, _ := x.Unique()
		return v
	})
}

// reductions registers sums and means over named axes, and over those at the front or back.
func reductions() {
	for kind, f := range map[string]func(x *eager.Tensor, axes ...int) *eager.Tensor{
		"Sum": (*eager.Tensor).Sum, "Mean": (*eager.Tensor).Mean, "Max": (*eager.Tensor).Max, "Min": (*eager.Tensor).Min,
	} {
		unary("Reduce"+kind, func(c *call, x *eager.Tensor) *eager.Tensor {
			axes := slices.Clone(c.ints("axes"))
			if len(axes) == 0 {
				for i := range x.Rank() {
					axes = append(axes, i)
				}
			}
			shape := x.Shape().Clone()
			for i, a := range axes {
				axes[i] = axis(a, x.Rank())
				shape[axes[i]] = 1
			}
			if y := f(x, axes...); !c.flag("keepdims", true) {
				return y
			}
			return f(x, axes...).Reshape(shape...)
		})
		for _, back := range []bool{true, false} {
			name := map[bool]string{true: "Back", false: "Front"}[back]
			unary("Reduce"+name+kind, func(c *call, x *eager.Tensor) *eager.Tensor {
				n := c.int("num_reduce_dim", 1)
				if n < 0 || n > x.Rank() {
					fail("num_reduce_dim %d of rank %d", n, x.Rank())
				}
				if s := x.Shape(); back {
					return f(flat(x, x.Rank()-n), 1).Reshape(s[:x.Rank()-n]...)
				}
				return f(flat(x, n), 0).Reshape(x.Shape()[n:]...)
			})
		}
	}
	unary("SumElements", func(c *call, x *eager.Tensor) *eager.Tensor {
		if c.flag("average", false) {
			return x.Mean()
		}
		return x.Sum()
	})
	unary("SumSqrElements", func(c *call, x *eager.Tensor) *eager.Tensor {
		if c.flag("average", false) {
			return x.Mul(x).Mean()
		}
		return x.Mul(x).Sum()
	})
}

// along is the axis of Concat and Split: argument axis, or the channels of the order.
func (c *call) along(rank int) int {
	def := 1
	if c.text("order", "NCHW") == "NHWC" {
		def = rank - 1
	}
	return axis(c.int("axis", def), rank)
}

func concat(c *call) []*eager.Tensor {
	c.want(1, 1<<20)
	if c.flag("add_axis", false) {
		y := eager.Stack(c.int("axis", 1), c.in...)
		ones := slices.Repeat([]int{1}, len(c.in))
		return []*eager.Tensor{y, eager.FromInts(ones, len(ones)).To(engine.I32)}
	}
	a := c.along(c.in[0].Rank())
	sizes := make([]int, len(c.in))
	for i, x := range c.in {
		if x.Rank() <= a {
			fail("inputs of shapes %v and %v", c.in[0].Shape(), x.Shape())
		}
		sizes[i] = x.Size(a)
	}
	return []*eager.Tensor{eager.Concat(a, c.in...), eager.FromInts(sizes, len(sizes)).To(engine.I32)}
}

func split(c *call) []*eager.Tensor {
	c.want(1, 2)
	x, parts := c.in[0], len(c.out)
	a := c.along(x.Rank())
	sizes := c.ints("split")
	if len(c.in) == 2 {
		sizes = c.in[1].To(engine.I64).Ints()
	}
	if len(sizes) == 0 {
		if parts == 0 || x.Size(a)%parts != 0 {
			fail("axis %d of extent %d does not divide into %d", a, x.Size(a), parts)
		}
		sizes = slices.Repeat([]int{x.Size(a) / parts}, parts)
	}
	total := 0
	var out []*eager.Tensor
	for _, n := range sizes {
		if n < 0 || total+n > x.Size(a) {
			fail("parts %v of extent %d", sizes, x.Size(a))
		}
		out = append(out, x.Slice(a, total, total+n))
		total += n
	}
	if total != x.Size(a) || len(sizes) != parts {
		fail("parts %v of extent %d for %d outputs", sizes, x.Size(a), parts)
	}
	return out
}

// reshape returns the result and the old shape: 0 copies an extent, −1 is what is left.
func reshape(c *call) []*eager.Tensor {
	c.want(1, 2)
	x := c.in[0]
	shape := slices.Clone(c.ints("shape"))
	if len(c.in) == 2 {
		shape = c.in[1].To(engine.I64).Ints()
	}
	open, n := -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && i < x.Rank():
			shape[i] = x.Size(i)
		case d == -1 && open < 0:
			open = i
			continue
		case d < 1:
			fail("shape %v", shape)
		}
		n *= shape[i]
	}
	if open >= 0 {
		if n == 0 || x.Numel()%n != 0 {
			fail("%v does not fit shape %v", x.Shape(), shape)
		}
		shape[open] = x.Numel() / n
	}
	return []*eager.Tensor{x.Reshape(shape...), eager.FromInts(x.Shape(), x.Rank())}
}

func transpose(c *call, x *eager.Tensor) *eager.Tensor {
	axes := c.ints("axes")
	if len(axes) == 0 {
		for i := range x.Rank() {
			axes = append(axes, x.Rank()-1-i)
		}
	}
	return x.Permute(axes...).Contiguous()
}

func expand(c *call, x *eager.Tensor) *eager.Tensor {
	dims := slices.Sorted(slices.Values(c.ints("dims")))
	for _, d := range dims {
		if d < 0 || d > x.Rank() {
			fail("dims %v for rank %d", dims, c.in[0].Rank())
		}
		x = x.Unsqueeze(d)
	}
	return x
}

func squeeze(c *call, x *eager.Tensor) *eager.Tensor {
	var shape []int
	dims := c.ints("dims")
	for _, d := range dims {
		if d < 0 || d >= x.Rank() || x.Size(d) != 1 {
			fail("dims %v of %v", dims, x.Shape())
		}
	}
	for i, n := range x.Shape() {
		if !slices.Contains(dims, i) {
			shape = append(shape, n)
		}
	}
	return x.Reshape(shape...)
}

// slice cuts from starts to ends on the first axes; −1 is the extent, −2 one less …
func slice(c *call) *eager.Tensor {
	c.want(1, 3)
	x := c.in[0]
	from, to := c.ints("starts"), c.ints("ends")
	if len(c.in) == 3 {
		from, to = c.in[1].To(engine.I64).Ints(), c.in[2].To(engine.I64).Ints()
	}
	if len(from) != len(to) || len(from) > x.Rank() {
		fail("starts %v and ends %v of %v", from, to, x.Shape())
	}
	for i := range from {
		n, a, b := x.Size(i), from[i], to[i]
		if a < 0 {
			a += n + 1
		}
		if b < 0 {
			b += n + 1
		}
		if b = min(b, n); a < 0 || a > b {
			fail("starts %v and ends %v of %v", from, to, c.in[0].Shape())
		}
		x = x.Slice(i, a, b)
	}
	return x
}

func topK(c *call) []*eager.Tensor {
	c.want(1, 2)
	k := c.int("k", 0)
	if len(c.in) == 2 {
		k = int(c.in[1].Item())
	}
	v, at := c.in[0].TopK(k, axis(c.int("axis", -1), c.in[0].Rank()))
	return []*eager.Tensor{v, at}
}

// segmentSums adds rows: of each length, so many in turn, for SparseLengthsSum those that the indices name.
func segmentSums(c *call) *eager.Tensor {
	c.want(2, 3)
	x, lengths := c.in[0], c.in[len(c.in)-1].To(engine.I64).Ints()
	if c.kind == "SparseLengthsSum" {
		c.want(3, 3)
		x = x.IndexSelect(0, c.in[1].To(engine.I64).Reshape(c.in[1].Numel()))
	}
	var segment []int
	for i, n := range lengths {
		if n < 0 || len(segment)+n > x.Size(0) {
			fail("lengths %v of %d rows", lengths, x.Size(0))
		}
		segment = append(segment, slices.Repeat([]int{i}, n)...)
	}
	if len(segment) != x.Size(0) {
		fail("lengths %v of %d rows", lengths, x.Size(0))
	}
	zeros := eager.Zeros(slices.Concat([]int{len(lengths)}, x.Shape()[1:])...).To(x.DType())
	return zeros.IndexAdd(0, eager.FromInts(segment, len(segment)), x)
}
