package torch

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func permuted(x *tensor, from, to []int) *tensor {
	n := x.Rank()
	perm := make([]int, n)
	for i := range perm {
		perm[i] = -1
	}
	used := make([]bool, n)
	for i, f := range from {
		f, t := (f+n)%n, (to[i]+n)%n
		perm[t], used[f] = f, true
	}
	next := 0
	for i := range perm {
		if perm[i] >= 0 {
			continue
		}
		for used[next] {
			next++
		}
		perm[i] = next
		next++
	}
	return x.Permute(perm...)
}

// parts cuts x along axis at the given positions.
func parts(x *tensor, axis int, at []int) []any {
	n, start := x.Size(axis), 0
	var r []any
	for _, stop := range append(slices.Clone(at), n) {
		stop = min(max(stop, start), n)
		r = append(r, x.Slice(axis, start, stop))
		start = stop
	}
	return r
}

// even are the positions that cut n into equal parts of at most size.
func every(size, n int) []int {
	var at []int
	for i := size; i < n; i += size {
		at = append(at, i)
	}
	return at
}

func splitEvenly(axis func(x *tensor) int) entry {
	return entry{"input sections", func(c *call) any {
		x := c.t("input")
		a := axis(x)
		v := c.ints("sections")
		if _, list := c.get("sections").([]any); list {
			return parts(x, a, v)
		}
		need(len(v) == 1 && x.Size(a)%v[0] == 0, "uneven parts")
		return parts(x, a, every(x.Size(a)/v[0], x.Size(a)))
	}}
}

// stacking joins tensors along axis after raising them to rank.
func stacking(rank, axis int) entry {
	return entry{"tensors", func(c *call) any {
		xs := c.ts("tensors")
		a := axis
		for i, x := range xs {
			xs[i] = atLeast(x, rank)
			if xs[i].Rank() == 1 {
				a = 0
			}
		}
		return eager.Concat(a, xs...)
	}}
}

func atLeast(x *tensor, rank int) *tensor {
	switch {
	case x.Rank() >= rank:
		return x
	case rank == 1:
		return x.Reshape(1)
	case rank == 2:
		return x.Reshape(1, x.Numel())
	case x.Rank() == 2:
		return x.Unsqueeze(2)
	}
	return x.Reshape(1, x.Numel(), 1)
}

func raising(rank int) entry {
	return entry{"input", func(c *call) any {
		if _, ok := c.get("input").([]any); !ok {
			return atLeast(c.t("input"), rank)
		}
		var r []any
		for _, x := range c.ts("input") {
			r = append(r, atLeast(x, rank))
		}
		return r
	}}
}

func reshaping(params string) entry {
	return entry{params, func(c *call) any { return c.t("input").Reshape(c.ints("shape")...) }}
}

func expanding(params string) entry {
	return entry{params, func(c *call) any { return c.t("input").Expand(c.ints("size")...) }}
}

var shapes = map[string]entry{
	"reshape": reshaping("input shape..."),
	"view":    reshaping("input shape..."),
	"view_as": {
		"input other",
		func(c *call) any { return c.t("input").Reshape(c.t("other").Shape()...) },
	},
	"expand":       expanding("input size..."),
	"broadcast_to": expanding("input size..."),
	"expand_as": {
		"input other",
		func(c *call) any { return c.t("input").Expand(c.t("other").Shape()...) },
	},
	"flatten": {"input start_dim end_dim", func(c *call) any {
		x := c.t("input")
		if x.Rank() == 0 {
			return x.Reshape(1)
		}
		n := x.Rank()
		lo, hi := (c.int("start_dim", 0)+n)%n, (c.int("end_dim", -1)+n)%n
		s := x.Shape()
		return x.Reshape(slices.Concat(s[:lo], engine.Shape{s[lo : hi+1].Numel()}, s[hi+1:])...)
	}},
	"unflatten": {"input dim sizes", func(c *call) any {
		x := c.t("input")
		a := (c.int("dim", 0) + x.Rank()) % x.Rank()
		sizes := c.ints("sizes")
		rest := x.Size(a)
		for _, n := range sizes {
			if n > 0 {
				rest /= n
			}
		}
		for i, n := range sizes {
			if n == -1 {
				sizes[i] = rest
			}
		}
		return x.Reshape(slices.Concat(x.Shape()[:a], sizes, x.Shape()[a+1:])...)
	}},
	"squeeze": {"input dim", func(c *call) any {
		x := c.t("input")
		if !c.has("dim") {
			return x.Squeeze()
		}
		for _, a := range slices.Backward(slices.Sorted(slices.Values(nonNegative(c.ints("dim"),
			x.Rank())))) {
			if x.Rank() > 0 && x.Size(a) == 1 {
				x = x.Squeeze(a)
			}
		}
		return x
	}},
	"unsqueeze": {"input dim", func(c *call) any {
		x, a := c.t("input"), c.int("dim", 0)
		if a < 0 {
			a += x.Rank() + 1
		}
		return x.Unsqueeze(a)
	}},
	"permute": {"input dims...", func(c *call) any { return c.t("input").Permute(c.ints("dims")...) }},
	"transpose": {"input dim0 dim1", func(c *call) any {
		x, a, b := c.t("input"), c.int("dim0", 0), c.int("dim1", 1)
		if x.Rank() == 0 {
			return x
		}
		return x.Transpose(a, b)
	}},
	"movedim": {"input source destination", func(c *call) any {
		return permuted(c.t("input"), c.ints("source"), c.ints("destination"))
	}},
	"t":  unary(transposed),
	"T":  unary(func(x *tensor) *tensor { return permuted(x, nil, nil).Permute(reversed(x.Rank())...) }),
	"H":  unary(transposed),
	"mT": unary(transposed),
	"mH": unary(transposed),

	"cat": {"tensors dim", func(c *call) any {
		xs, axis := c.ts("tensors"), c.int("dim", 0)
		full := slices.DeleteFunc(slices.Clone(xs),
			func(x *tensor) bool { return x.Rank() == 1 && x.Numel() == 0 })
		if len(full) == 0 {
			return xs[0]
		}
		return eager.Concat(axis, full...)
	}},
	"stack": {"tensors dim", func(c *call) any {
		xs, a := c.ts("tensors"), c.int("dim", 0)
		if a < 0 {
			a += xs[0].Rank() + 1
		}
		return eager.Stack(a, xs...)
	}},
	"hstack":     stacking(1, 1),
	"vstack":     stacking(2, 0),
	"dstack":     stacking(3, 2),
	"atleast_1d": raising(1),
	"atleast_2d": raising(2),
	"atleast_3d": raising(3),

	"chunk": {"input chunks dim", func(c *call) any {
		x, a := c.t("input"), c.int("dim", 0)
		n := x.Size(a)
		return parts(x, a, every(max((n+c.int("chunks", 1)-1)/c.int("chunks", 1), 1), n))
	}},
	"split": {"input size dim", func(c *call) any {
		x, a := c.t("input"), c.int("dim", 0)
		v := c.ints("size")
		if _, list := c.get("size").([]any); !list {
			return parts(x, a, every(v[0], x.Size(a)))
		}
		for i := 1; i < len(v); i++ {
			v[i] += v[i-1]
		}
		return parts(x, a, v[:len(v)-1])
	}},
	"tensor_split": {"input sections dim", func(c *call) any {
		x, a := c.t("input"), c.int("dim", 0)
		if i, ok := c.get("sections").(*tensor); ok {
			need(i.Rank() == 1, "a number of sections as a tensor")
			return parts(x, a, i.Ints())
		}
		v := c.ints("sections")
		if _, list := c.get("sections").([]any); list {
			return parts(x, a, v)
		}
		n, at := x.Size(a), []int{}
		for i, stop := 0, 0; i < v[0]-1; i++ {
			stop += n / v[0]
			if i < n%v[0] {
				stop++
			}
			at = append(at, stop)
		}
		return parts(x, a, at)
	}},
	"hsplit": splitEvenly(func(x *tensor) int { return min(x.Rank()-1, 1) }),
	"vsplit": splitEvenly(func(*tensor) int { return 0 }),
	"dsplit": splitEvenly(func(*tensor) int { return 2 }),
	"unbind": {"input dim", func(c *call) any {
		x, a := c.t("input"), c.int("dim", 0)
		r := []any{}
		for i := range x.Size(a) {
			r = append(r, x.Slice(a, i, i+1).Squeeze(a))
		}
		return r
	}},
	"broadcast_tensors": {"tensors...", func(c *call) any {
		xs := c.ts("tensors")
		var all []engine.Shape
		for _, x := range xs {
			all = append(all, x.Shape())
		}
		s, err := engine.Broadcast(all...)
		if err != nil {
			engine.Fail("broadcast_tensors", "%v", err)
		}
		var r []any
		for _, x := range xs {
			r = append(r, x.Expand(s...))
		}
		return r
	}},
}

func nonNegative(axes []int, rank int) []int {
	for i, a := range axes {
		if a < 0 {
			axes[i] = max(a+rank, 0)
		}
	}
	return axes
}

func reversed(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = n - 1 - i
	}
	return p
}

func flipping(dims func(c *call) []int) entry {
	return entry{"input dims", func(c *call) any {
		x, d := c.t("input"), dims(c)
		if len(d) == 0 {
			return x.Clone()
		}
		return x.Flip(d...)
	}}
}

// selecting is an operator on x, an axis and an index; a scalar counts as one element.
func selecting(params string, f func(c *call, x *tensor, axis int, index *tensor) *tensor) entry {
	return entry{params, func(c *call) any {
		x, i := c.t("input"), c.t("index")
		axis := c.int("dim", 0)
		if x.Rank() == 0 {
			return f(c, x.Reshape(1), 0, i.Reshape(i.Numel())).Reshape()
		}
		if i.Rank() == 0 {
			i = i.Reshape(1)
		}
		return f(c, x, axis, i)
	}}
}

var selections = map[string]entry{
	"narrow": {"input dim start length", func(c *call) any {
		start := c.int("start", 0)
		return c.t("input").Slice(c.int("dim", 0), start, start+c.int("length", 0))
	}},
	"select": {"input dim index", func(c *call) any {
		x, a, i := c.t("input"), c.int("dim", 0), c.int("index", 0)
		if i < 0 {
			i += x.Size(a)
		}
		return x.Slice(a, i, i+1).Squeeze(a)
	}},
	"flip":   flipping(func(c *call) []int { return c.ints("dims") }),
	"fliplr": flipping(func(*call) []int { return []int{1} }),
	"flipud": flipping(func(*call) []int { return []int{0} }),

	"gather": selecting("input dim index", func(_ *call, x *tensor, a int, i *tensor) *tensor {
		need(x.Rank() == i.Rank(), "an empty index of another rank")
		return x.Gather(a, i)
	}),
	"index_add": selecting("input dim index source", func(c *call, x *tensor, a int, i *tensor) *tensor {
		s := c.t("source")
		if s.Rank() == 0 {
			s = s.Reshape(1)
		}
		if c.has("alpha") {
			s = s.Mul(c.operand("alpha"))
		}
		return eager.Apply(op.IndexAdd, op.AxisAttrs{Axis: (a + x.Rank()) % x.Rank()}, x, i, s)[0]
	}),
	"index_select": selecting("input dim index", func(_ *call, x *tensor, a int, i *tensor) *tensor {
		return x.IndexSelect(a, i)
	}),
	"scatter_add": selecting("input dim index src", func(c *call, x *tensor, a int, i *tensor) *tensor {
		s := c.t("src")
		if s.Rank() == 0 {
			s = s.Reshape(1)
		}
		for axis, n := range i.Shape() { // src may be larger than index
			s = s.Slice(axis, 0, n)
		}
		return x.ScatterAdd(a, i, s)
	}),
	"take": {"input index", func(c *call) any {
		x := c.t("input")
		return x.Reshape(x.Numel()).IndexSelect(0, c.t("index"))
	}},
	"take_along_dim": {"input index dim", func(c *call) any {
		x, i := c.t("input"), c.t("index")
		need(c.has("dim"), "flattening")
		need(i.Numel() == 0 || i.Min().Item() >= 0, "negative indices")
		a := (c.int("dim", 0) + x.Rank()) % x.Rank()
		xs, is := x.Shape().Clone(), i.Shape().Clone()
		s, err := engine.Broadcast(slices.Delete(xs.Clone(), a, a+1), slices.Delete(is.Clone(), a, a+1))
		if err != nil {
			engine.Fail("take_along_dim", "%v", err)
		}
		return x.Expand(slices.Insert(s.Clone(), a, xs[a])...).Gather(a,
			i.Expand(slices.Insert(s.Clone(), a, is[a])...))
	}},
	"nn.functional.embedding": {"input weight", func(c *call) any {
		if c.t("input").DType().IsFloat() { // recorded as weight, input
			return c.t("input").IndexSelect(0, c.t("weight"))
		}
		return c.t("weight").IndexSelect(0, c.t("input"))
	}},
	"nn.functional.one_hot": {"input num_classes", func(c *call) any {
		x, n := c.t("input"), c.int("num_classes", -1)
		if n < 0 {
			n = x.Max().Ints()[0] + 1
		}
		return eager.OneHot(x, n).To(engine.I64)
	}},
}

func constant(params string, v any, like bool) entry {
	return entry{params, func(c *call) any {
		d, fill := engine.F32, v
		if fill == nil {
			fill = c.operand("fill_value")
			if _, ok := fill.(int); ok {
				d = engine.I64
			}
		}
		shape := []int(nil)
		if x, ok := c.get("input").(*tensor); ok {
			d, shape = x.DType(), x.Shape()
		}
		if !like {
			shape = c.ints("size")
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
	"arange": {"start end step", func(c *call) any {
		_, i := c.get("start").(int)
		lo, hi := 0.0, c.float("start", 0)
		if c.has("end") {
			lo, hi = hi, c.float("end", 0)
			_, j := c.get("end").(int)
			i = i && j
		}
		d := engine.F32
		if _, j := c.get("step").(float64); i && !j {
			d = engine.I64
		}
		step, d := c.float("step", 1), c.dtype("dtype", d)
		need(step == math.Trunc(step) || !d.IsInt(), "fractional steps of integers")
		return eager.Arange(lo, hi, step).To(d)
	}},
	"linspace": {"start end steps", func(c *call) any {
		d := c.dtype("dtype", engine.F32)
		need(d == engine.F32, "linspace in "+d.String())
		return eager.Linspace(c.float("start", 0), c.float("end", 0), c.int("steps", 0))
	}},
	"scalar_tensor": {"s", func(c *call) any {
		return eager.New(c.float("s", 0)).To(c.dtype("dtype", engine.F32))
	}},
}
