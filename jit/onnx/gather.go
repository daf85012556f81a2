package onnx

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("Gather", 1, gather)
	add("GatherElements", 11, gatherElements)
	add("GatherND", 11, gatherND)
	add("Scatter", 9, scatterElements)
	add("ScatterElements", 11, scatterElements)
	add("ScatterND", 11, scatterND)
	add("TensorScatter", 24, tensorScatter)
	add("Compress", 9, compress)
	add("ReverseSequence", 10, reverseSequence)
}

// positive counts negative indices from the end of an axis of extent n, and checks them.
func positive(index *Tensor, n int) *eager.Tensor {
	if !index.Type.isInt() {
		fail("indices %s, want integers", index.describe())
	}
	if eager.IsTraced() { // the operator that takes them looks at their range
		at := index.Data.To(engine.I64)
		return eager.Where(at.Lt(0), at.Add(n), at)
	}
	v := elements(index.Data)
	out := make([]int64, len(v))
	for i, k := range v {
		if k < 0 {
			k += int64(n)
		}
		if k < 0 || k >= int64(n) {
			fail("index %d is out of range for extent %d", v[i], n)
		}
		out[i] = k
	}
	return eager.FromArray(engine.Of(index.Shape().Clone(), out))
}

func gather(c *call) []Value {
	x, index := c.tensor(0), c.numeric(1)
	s := x.Shape()
	axis := axisOf(c.int("axis", 0), len(s))
	at := positive(index, s[axis])
	shape := append(append(append([]int{}, s[:axis]...), index.Shape()...), s[axis+1:]...)
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		return t.IndexSelect(axis, at.Reshape(at.Numel())).Reshape(shape...)
	}))
}

func gatherElements(c *call) []Value {
	x, index := c.tensor(0), c.numeric(1)
	axis := axisOf(c.int("axis", 0), len(x.Shape()))
	if len(index.Shape()) != len(x.Shape()) {
		fail("%s and indices %s differ in rank", x.describe(), index.describe())
	}
	at := positive(index, x.Shape()[axis])
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		for i, n := range index.Shape() {
			if i != axis && n < t.Size(i) {
				t = t.Slice(i, 0, n)
			}
		}
		return t.Gather(axis, at)
	}))
}

// flatIndex turns the last axis of index, which holds coordinates of the first axes of shape s, into
// positions; the result has the shape of index without that axis. batch axes come before the coordinates.
func flatIndex(index *Tensor, s engine.Shape, batch int) (at []int64, shape engine.Shape, k int) {
	is := index.Shape()
	if len(is) == 0 {
		fail("indices %s have no axis of coordinates", index.describe())
	}
	k = is[len(is)-1]
	if batch+k > len(s) || batch >= len(is) {
		fail("%d coordinates after %d batch axes for shape %v", k, batch, s)
	}
	shape = is[:len(is)-1].Clone()
	v := elements(index.Data)
	at = make([]int64, shape.Numel())
	perBatch := shape[batch:].Numel()
	for i := range at {
		p := int64(0)
		if perBatch > 0 {
			p = int64(i / perBatch)
		}
		for j := range k {
			n, x := int64(s[batch+j]), v[i*k+j]
			if x < 0 {
				x += n
			}
			if x < 0 || x >= n {
				fail("index %d is out of range for axis %d of extent %d", v[i*k+j], batch+j, n)
			}
			p = p*n + x
		}
		at[i] = p
	}
	return at, shape, k
}

func gatherND(c *call) []Value {
	x, index := c.tensor(0), c.numeric(1)
	batch := c.int("batch_dims", 0)
	s := x.Shape()
	at, shape, k := flatIndex(index, s, batch)
	rest := s[batch+k:]
	out := append(shape.Clone(), rest...)
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		rows := t.Reshape(s[:batch+k].Numel(), rest.Numel())
		return rows.IndexSelect(0, eager.FromArray(engine.Of(engine.Shape{len(at)}, at))).Reshape(out...)
	}))
}

// joins names the reductions of the scatter operators as eager mode does.
var joins = map[string]string{"none": "", "add": "sum", "mul": "prod", "max": "amax", "min": "amin"}

func scatterElements(c *call) []Value {
	x, index, src := c.tensor(0), c.numeric(1), c.tensor(2)
	axis := axisOf(c.int("axis", 0), len(x.Shape()))
	at := positive(index, x.Shape()[axis])
	return one(scattered(x, axis, at, src, c.string("reduction", "none")))
}

// scattered writes src into x at the indices along axis.
func scattered(x *Tensor, axis int, at *eager.Tensor, src *Tensor, how string) *Tensor {
	if x.Type != src.Type {
		fail("types %v and %v differ", x.Type, src.Type)
	}
	if x.Type == String {
		return scatterStrings(x, axis, at, src)
	}
	mode, known := joins[how]
	switch {
	case !known:
		fail("reduction %q is unknown; known: none, add, mul, max, min", how)
	case mode == "":
		return x.like(x.Data.Scatter(axis, at, src.Data))
	}
	return wrap(widened(x, func(t *eager.Tensor) *eager.Tensor {
		return t.ScatterReduce(axis, at, src.Data.To(t.DType()), mode, true)
	}))
}

func scatterStrings(x *Tensor, axis int, at *eager.Tensor, src *Tensor) *Tensor {
	all := append(append([]string{}, x.Strings...), src.Strings...)
	index := func(from, n int, shape engine.Shape) *eager.Tensor {
		v := make([]int, n)
		for i := range v {
			v[i] = from + i
		}
		return eager.FromInts(v, shape...)
	}
	joined := index(0, len(x.Strings), x.shape).Scatter(axis, at, index(len(x.Strings), len(src.Strings), src.shape))
	out := make([]string, joined.Numel())
	for i, k := range joined.Ints() {
		out[i] = all[k]
	}
	return FromStrings(out, joined.Shape()...)
}

func scatterND(c *call) []Value {
	x, index, src := c.tensor(0), c.numeric(1), c.tensor(2)
	s := x.Shape()
	at, shape, k := flatIndex(index, s, 0)
	rows, width := s[:k].Numel(), s[k:].Numel()
	if want := append(shape.Clone(), s[k:]...); !want.Equal(src.Shape()) {
		fail("updates %s, want shape %v", src.describe(), want)
	}
	flat, upd := x.reshaped(rows, width), src.reshaped(len(at), width)
	spread := eager.FromArray(engine.Of(engine.Shape{len(at), 1}, at)).Expand(len(at), width)
	return one(scattered(flat, 0, spread, upd, c.string("reduction", "none")).reshaped(s...))
}

// tensorScatter writes update into the cache from write_indices[batch] on along axis.
func tensorScatter(c *call) []Value {
	cache, update := c.numeric(0), c.numeric(1)
	s, u := cache.Shape(), update.Shape()
	axis := axisOf(c.int("axis", -2), len(s))
	circular := c.oneOf("mode", "linear", "circular") == "circular"
	if len(s) != len(u) || axis == 0 || u[axis] > s[axis] {
		fail("update %s does not fit %s along axis %d", update.describe(), cache.describe(), axis)
	}
	start := make([]int, s[0])
	if c.has(2) {
		start = c.inputInts(2)
	}
	at := make([]int64, s[0]*u[axis])
	for b := range s[0] {
		for i := range u[axis] {
			k := start[b] + i
			if circular {
				k %= s[axis]
			}
			if k < 0 || k >= s[axis] {
				fail("place %d of batch %d is outside extent %d", k, b, s[axis])
			}
			at[b*u[axis]+i] = int64(k)
		}
	}
	shape := make([]int, len(s))
	for i := range shape {
		shape[i] = 1
	}
	shape[0], shape[axis] = s[0], u[axis]
	index := eager.FromArray(engine.Of(engine.Shape{len(at)}, at)).Reshape(shape...).Expand(u...)
	return one(cache.like(cache.Data.Scatter(axis, index, update.Data)))
}

func compress(c *call) []Value {
	x, cond := c.tensor(0), c.numeric(1).Data.Bools()
	axis := 0
	if !c.node.has("axis") {
		x = x.reshaped(x.Numel())
	} else {
		axis = axisOf(c.int("axis", 0), len(x.Shape()))
	}
	var keep []int
	for i, yes := range cond {
		if yes && i < x.Shape()[axis] {
			keep = append(keep, i)
		}
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		return t.IndexSelect(axis, eager.FromInts(keep, len(keep)))
	}))
}

// reverseSequence turns round the first sequence_lens[b] elements along the time axis.
func reverseSequence(c *call) []Value {
	x, lens := c.tensor(0), c.inputInts(1)
	time, batch := c.int("time_axis", 0), c.int("batch_axis", 1)
	s := x.Shape()
	if len(s) < 2 || time+batch != 1 || len(lens) != s[batch] {
		fail("%s with time axis %d, batch axis %d and %d lengths", x.describe(), time, batch, len(lens))
	}
	at := make([]int, s[0]*s[1])
	for b := range s[batch] {
		if lens[b] < 0 || lens[b] > s[time] {
			fail("length %d of sequence %d is outside 0 to %d", lens[b], b, s[time])
		}
		for t := range s[time] {
			from := t
			if t < lens[b] {
				from = lens[b] - 1 - t
			}
			if time == 0 {
				at[t*s[1]+b] = from*s[1] + b
			} else {
				at[b*s[1]+t] = b*s[1] + from
			}
		}
	}
	return one(byIndex(x, func(t *eager.Tensor) *eager.Tensor {
		return t.Reshape(s[0]*s[1], s[2:].Numel()).IndexSelect(0, eager.FromInts(at, len(at))).Reshape(s...)
	}))
}
