package torch

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
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
	"mT": unary(transposed),

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
			if i.Rank() == 1 {
				return cuts(x, a, i.Ints())
			}
			c.args["sections"] = i.Ints()[0]
		}
		v := c.ints("sections")
		if _, list := c.get("sections").([]any); list {
			return cuts(x, a, v)
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

// cuts are the slices between positions, which need not ascend and may count from the end.
func cuts(x *tensor, axis int, at []int) []any {
	n, start := x.Size(axis), 0
	var r []any
	for _, stop := range append(slices.Clone(at), n) {
		if stop < 0 {
			stop += n
		}
		stop = min(max(stop, 0), n)
		r = append(r, x.Slice(axis, start, max(stop, start)))
		start = stop
	}
	return r
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
