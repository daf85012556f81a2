package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("Shape", 1, shapeKernel)
	add("Size", 1, func(c *call) []Value { return one(fromInts([]int{c.tensor(0).Numel()})) })
	add("Identity", 1, func(c *call) []Value { return one(c.value(0)) })
	add("Reshape", 1, reshape)
	add("Flatten", 1, flatten)
	add("Transpose", 1, transpose)
	add("Squeeze", 1, squeeze)
	add("Unsqueeze", 1, unsqueeze)
	add("Expand", 8, expand)
	add("Tile", 1, tile)
	add("Concat", 1, concat)
	add("Split", 1, split)
	add("Slice", 1, slice)
	add("Pad", 1, pad)
	add("CenterCropPad", 18, centerCropPad)
	add("DepthToSpace", 1, depthToSpace)
	add("SpaceToDepth", 1, spaceToDepth)
	add("Trilu", 14, trilu)
}

func shapeKernel(c *call) []Value {
	s := c.tensor(0).Shape()
	clamp := func(i int) int {
		if i < 0 {
			i += len(s)
		}
		return min(max(i, 0), len(s))
	}
	start, end := clamp(c.int("start", 0)), clamp(c.int("end", len(s)))
	s = s[start:max(start, end)]
	return one(fromInts(slices.Clone([]int(s)), len(s)))
}

// byIndex arranges a tensor by f, which works on any tensor of numbers; strings follow their positions.
func byIndex(t *Tensor, f unaryFunc) *Tensor {
	if t.Type != String {
		return t.like(f(t.Data))
	}
	index := make([]int, len(t.Strings))
	for i := range index {
		index[i] = i
	}
	at := f(eager.FromInts(index, t.shape...))
	out := make([]string, at.Numel())
	for i, k := range at.Ints() {
		out[i] = t.Strings[k]
	}
	return FromStrings(out, at.Shape()...)
}

func reshape(c *call) []Value {
	x := c.tensor(0)
	want := c.listOf("shape", 1, 5)
	if want == nil {
		fail("the wanted shape is missing")
	}
	shape, open, n := slices.Clone(want), -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && !c.flag("allowzero"):
			if i >= len(x.Shape()) {
				fail("shape %v copies extent %d of %s, which is not there", want, i, x.describe())
			}
			shape[i] = x.Shape()[i]
		case d == -1 && open >= 0:
			fail("shape %v has -1 twice", want)
		case d == -1:
			open = i
			continue
		case d < 0:
			fail("shape %v has extent %d", want, d)
		}
		n *= shape[i]
	}
	if open >= 0 {
		all := x.Numel()
		if n == 0 { // extents that are copied say nothing about the open one
			all, n = 1, 1
			for i, d := range x.Shape() {
				if copied := i < len(want) && want[i] == 0 && !c.flag("allowzero"); !copied {
					all *= d
				}
			}
			for _, d := range want {
				if d > 0 {
					n *= d
				}
			}
		}
		if n == 0 || all%n != 0 || slices.Contains(want, 0) && c.flag("allowzero") {
			fail("%s does not fit shape %v", x.describe(), want)
		}
		shape[open] = all / n
	}
	if engine.Shape(shape).Numel() != x.Numel() {
		fail("%s does not fit shape %v", x.describe(), want)
	}
	return one(x.reshaped(shape...))
}

func flatten(c *call) []Value {
	x := c.tensor(0)
	s, axis := x.Shape(), c.int("axis", 1)
	if axis < 0 {
		axis += len(s)
	}
	if axis < 0 || axis > len(s) {
		fail("axis %d is out of range for rank %d", axis, len(s))
	}
	return one(x.reshaped(s[:axis].Numel(), s[axis:].Numel()))
}

func transpose(c *call) []Value {
	x := c.tensor(0)
	perm := c.ints("perm")
	if perm == nil {
		for i := len(x.Shape()) - 1; i >= 0; i-- {
			perm = append(perm, i)
		}
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.Permute(perm...) }))
}

func squeeze(c *call) []Value {
	x := c.tensor(0)
	axes := c.listOf("axes", 1, 13)
	var shape []int
	if axes != nil {
		axes = axesOf(axes, len(x.Shape()))
	}
	for i, d := range x.Shape() {
		drop := d == 1 && axes == nil || slices.Contains(axes, i)
		if drop && d != 1 {
			fail("axis %d of %s has extent %d, want 1", i, x.describe(), d)
		}
		if !drop {
			shape = append(shape, d)
		}
	}
	return one(x.reshaped(shape...))
}

func unsqueeze(c *call) []Value {
	x := c.tensor(0)
	axes := c.listOf("axes", 1, 13)
	rank := len(x.Shape()) + len(axes)
	axes = axesOf(axes, rank)
	shape, next := make([]int, 0, rank), 0
	for i := range rank {
		if slices.Contains(axes, i) {
			shape = append(shape, 1)
		} else {
			shape = append(shape, x.Shape()[next])
			next++
		}
	}
	return one(x.reshaped(shape...))
}

func expand(c *call) []Value {
	x := c.tensor(0)
	want, err := shapeOf(int64s(c.inputInts(1)))
	if err != nil {
		fail("%v", err)
	}
	shape := broadcastShape(x.Shape(), want)
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.Expand(shape...) }))
}

func int64s(v []int) []int64 {
	r := make([]int64, len(v))
	for i, x := range v {
		r[i] = int64(x)
	}
	return r
}

func tile(c *call) []Value {
	x := c.tensor(0)
	counts := c.inputInts(1)
	if c.version < 6 { // tiles along one axis
		n, axis := counts[0], axisOf(c.integer(2), len(x.Shape()))
		counts = slices.Repeat([]int{1}, len(x.Shape()))
		counts[axis] = n
	}
	if len(counts) != len(x.Shape()) {
		fail("%d repeats for %s", len(counts), x.describe())
	}
	for _, n := range counts {
		if n < 0 {
			fail("repeats %v", counts)
		}
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.Tile(counts...) }))
}

func concat(c *call) []Value {
	def := 1
	if c.version >= 4 {
		c.must("axis")
	}
	ts := make([]*Tensor, len(c.values))
	for i := range ts {
		ts[i] = c.tensor(i)
	}
	return one(concatenated(ts, c.int("axis", def)))
}

func concatenated(ts []*Tensor, axis int) *Tensor {
	if len(ts) == 0 {
		fail("nothing to concatenate")
	}
	if ts[0].Type == String {
		return concatStrings(ts, axis)
	}
	axis = axisOf(axis, len(ts[0].Shape()))
	xs := make([]*eager.Tensor, len(ts))
	for i, t := range ts {
		if t.Type != ts[0].Type {
			fail("types %v and %v differ", ts[0].Type, t.Type)
		}
		xs[i] = t.Data
	}
	return ts[0].like(eager.Concat(axis, xs...))
}

func concatStrings(ts []*Tensor, axis int) *Tensor {
	var all []string
	index := make([]*eager.Tensor, len(ts))
	for i, t := range ts {
		if t.Type != String {
			fail("types string and %v differ", t.Type)
		}
		at := make([]int, len(t.Strings))
		for k := range at {
			at[k] = len(all) + k
		}
		all = append(all, t.Strings...)
		index[i] = eager.FromInts(at, t.shape...)
	}
	joined := eager.Concat(axisOf(axis, len(ts[0].shape)), index...)
	out := make([]string, joined.Numel())
	for i, k := range joined.Ints() {
		out[i] = all[k]
	}
	return FromStrings(out, joined.Shape()...)
}

// splitSizes returns how long the parts are along an axis of extent n.
func splitSizes(c *call, n int) []int {
	sizes := c.ints("split")
	if c.version >= 13 {
		sizes = c.inputInts(1)
	}
	if c.version < 2 && c.has(1) {
		sizes = c.inputInts(1)
	}
	if sizes != nil {
		return sizes
	}
	parts := len(c.out)
	if c.version >= 18 {
		parts = c.int("num_outputs", parts)
	}
	if parts < 1 || parts > maxList {
		fail("split into %d parts", parts)
	}
	size := (n + parts - 1) / parts
	for rest := n; len(sizes) < parts; rest -= size {
		sizes = append(sizes, max(0, min(size, rest)))
	}
	return sizes
}

func split(c *call) []Value {
	x := c.tensor(0)
	axis := axisOf(c.int("axis", 0), len(x.Shape()))
	n, start := x.Shape()[axis], 0
	var out []Value
	for _, size := range splitSizes(c, n) {
		if size < 0 || start+size > n {
			fail("parts do not fit extent %d of axis %d", n, axis)
		}
		from := start
		out = append(out, byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.Slice(axis, from, from+size) }))
		start += size
	}
	if start != n {
		fail("parts have %d elements in all, axis %d has %d", start, axis, n)
	}
	return out
}

func slice(c *call) []Value {
	x := c.tensor(0)
	starts, ends := c.listOf("starts", 1, 10), c.listOf("ends", 2, 10)
	axes, steps := c.listOf("axes", 3, 10), c.inputInts(4)
	if len(starts) != len(ends) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		fail("starts %v, ends %v, axes %v and steps %v have different lengths", starts, ends, axes, steps)
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		for i := range starts {
			axis, step := i, 1
			if axes != nil {
				axis = axes[i]
			}
			if steps != nil {
				step = steps[i]
			}
			axis = axisOf(axis, len(x.Shape()))
			t = sliceAxis(t, axis, starts[i], ends[i], step)
		}
		return t
	}))
}

// sliceAxis takes elements start, start+step … before end as ONNX clamps them.
func sliceAxis(t *eager.Tensor, axis, start, end, step int) *eager.Tensor {
	n := t.Size(axis)
	if step == 0 {
		fail("step is 0")
	}
	if start < 0 {
		start += n
	}
	if end < 0 && end > -1<<62 {
		end += n
	}
	if step > 0 {
		start, end = min(max(start, 0), n), min(max(end, 0), n)
		return t.Slice(axis, start, max(start, end), min(step, n+1))
	}
	start, end = min(max(start, 0), n-1), min(max(end, -1), n-1)
	if n == 0 || start <= end {
		return t.Slice(axis, 0, 0)
	}
	step = min(-step, n+1)
	flipped := t.Flip(axis)
	return flipped.Slice(axis, n-1-start, n-1-end, step)
}

// pad adds elements on both sides of each axis; negative counts remove them.
func pad(c *call) []Value {
	x := c.tensor(0)
	rank := len(x.Shape())
	name := "pads"
	if c.version < 2 {
		name = "paddings"
	}
	pads, value := c.listOf(name, 1, 11), 0.0
	if c.version >= 11 {
		if c.has(2) {
			value = c.scalar(2)
		}
	} else {
		value = c.float("value", 0)
	}
	before, after := padsOf(c, pads, rank)
	mode := c.string("mode", "constant")
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		return padded(t, before, after, mode, value)
	}))
}

func padsOf(c *call, pads []int, rank int) (before, after []int) {
	axes := c.inputInts(3)
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	if len(pads) != 2*len(axes) {
		fail("%d pads for %d axes, want twice as many", len(pads), len(axes))
	}
	before, after = make([]int, rank), make([]int, rank)
	for i, a := range axes {
		a = axisOf(a, rank)
		before[a], after[a] = pads[i], pads[len(axes)+i]
	}
	return before, after
}

func padded(t *eager.Tensor, before, after []int, mode string, value float64) *eager.Tensor {
	for i := range before { // removing comes first
		lo, hi := max(0, -before[i]), t.Size(i)-max(0, -after[i])
		if lo > 0 || hi < t.Size(i) {
			t = t.Slice(i, lo, max(lo, hi))
		}
	}
	lo, hi := make([]int, len(before)), make([]int, len(before))
	for i := range before {
		lo[i], hi[i] = max(0, before[i]), max(0, after[i])
	}
	switch mode {
	case "constant", "":
		return t.Pad(lo, hi, value)
	case "reflect", "edge", "wrap":
		for i := range lo {
			if lo[i]+hi[i] > 0 {
				t = t.IndexSelect(i, eager.FromInts(padIndex(t.Size(i), lo[i], hi[i], mode), lo[i]+t.Size(i)+hi[i]))
			}
		}
		return t
	}
	fail("mode %q is unknown; known: constant, reflect, edge, wrap", mode)
	return nil
}

// padIndex returns which element stands at each place of a padded axis of extent n.
func padIndex(n, lo, hi int, mode string) []int {
	if n == 0 {
		fail("axis of extent 0 cannot be padded by mode %s", mode)
	}
	index := list[int](lo + n + hi)[:0]
	for i := -lo; i < n+hi; i++ {
		k := i
		switch mode {
		case "edge":
			k = min(max(i, 0), n-1)
		case "wrap":
			k = ((i % n) + n) % n
		default:
			if n == 1 {
				k = 0
				break
			}
			period := 2 * (n - 1)
			k = ((i % period) + period) % period
			k = min(k, period-k)
		}
		index = append(index, k)
	}
	return index
}

func centerCropPad(c *call) []Value {
	x := c.tensor(0)
	rank := len(x.Shape())
	axes, want := c.ints("axes"), c.inputInts(1)
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	if len(axes) != len(want) {
		fail("%d extents for %d axes", len(want), len(axes))
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		before, after := make([]int, rank), make([]int, rank)
		for i, a := range axes {
			a = axisOf(a, rank)
			n := t.Size(a)
			if d := n - want[i]; d > 0 {
				t = t.Slice(a, d/2, d/2+want[i])
			} else {
				before[a], after[a] = -d/2, -d-(-d/2)
			}
		}
		return t.Pad(before, after, 0)
	}))
}

func blockSize(c *call, s engine.Shape) int {
	c.must("blocksize")
	b := c.int("blocksize", 0)
	if len(s) != 4 || b < 1 {
		fail("shape %v with block size %d, want [N C H W] and ≥ 1", s, b)
	}
	return b
}

func depthToSpace(c *call) []Value {
	x := c.tensor(0)
	s := x.Shape()
	b := blockSize(c, s)
	if s[1]%(b*b) != 0 {
		fail("%d channels do not make blocks of %d×%d", s[1], b, b)
	}
	d := s[1] / (b * b)
	crd := c.oneOf("mode", "DCR", "CRD") == "CRD"
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		if crd {
			t = t.Reshape(s[0], d, b, b, s[2], s[3]).Permute(0, 1, 4, 2, 5, 3)
		} else {
			t = t.Reshape(s[0], b, b, d, s[2], s[3]).Permute(0, 3, 4, 1, 5, 2)
		}
		return t.Reshape(s[0], d, s[2]*b, s[3]*b)
	}))
}

func spaceToDepth(c *call) []Value {
	x := c.tensor(0)
	s := x.Shape()
	b := blockSize(c, s)
	if s[2]%b != 0 || s[3]%b != 0 {
		fail("extents %d×%d do not make blocks of %d×%d", s[2], s[3], b, b)
	}
	crd := c.string("mode", "DCR") == "CRD"
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		t = t.Reshape(s[0], s[1], s[2]/b, b, s[3]/b, b)
		if crd {
			t = t.Permute(0, 1, 3, 5, 2, 4)
		} else {
			t = t.Permute(0, 3, 5, 1, 2, 4)
		}
		return t.Reshape(s[0], s[1]*b*b, s[2]/b, s[3]/b)
	}))
}

func trilu(c *call) []Value {
	x, k := c.numeric(0), 0
	if c.has(1) {
		k = c.integer(1)
	}
	if c.int("upper", 1) != 0 {
		return one(x.like(x.Data.Triu(k)))
	}
	return one(x.like(x.Data.Tril(k)))
}
