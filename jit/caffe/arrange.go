package caffe

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	layers["Input"] = input
	layers["DummyData"] = dummyData
	layers["MemoryData"] = input
	layers["Parameter"] = func(l *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 0, 0)
		shape, err := checkShape(l.Message.Message("parameter_param").Message("shape").Ints("dim"))
		if err != nil {
			fail("%v", err)
		}
		return one(l.param(0, shape, newMessage(), ""))
	}
	layers["Split"] = func(l *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 1, 1)
		return slices.Repeat(in, len(l.top))
	}
	layers["Silence"] = func(*layer, []*eager.Tensor) []*eager.Tensor { return nil }
	layers["Concat"] = concat
	layers["Slice"] = slice
	layers["Flatten"] = flatten
	layers["Reshape"] = reshape
	layers["Tile"] = tile
	layers["Reduction"] = reduction
	layers["BatchReindex"] = func(_ *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 2, 2)
		return one(in[0].IndexSelect(0, in[1].To(engine.I64).Reshape(in[1].Numel())))
	}
	layers["Filter"] = filter
	layers["Permute"] = func(l *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 1, 1)
		order := l.Message.Message("permute_param").Ints("order")
		for i := range in[0].Rank() {
			if !slices.Contains(order, i) {
				order = append(order, i)
			}
		}
		return one(in[0].Permute(order...).Contiguous())
	}
}

// inputShape is the stated shape of top i of an input layer.
func (l *layer) inputShape(i int) engine.Shape {
	var m *Message
	if l.kind == "MemoryData" {
		p := l.Message.Message("memory_data_param")
		s := engine.Shape{p.Int("batch_size", 1), p.Int("channels", 1), p.Int("height", 1), p.Int("width", 1)}
		if i > 0 {
			s = s[:1]
		}
		return s
	}
	shapes := l.Message.Message("input_param").Messages("shape")
	switch {
	case i < len(shapes):
		m = shapes[i]
	case len(shapes) == 1:
		m = shapes[0]
	default:
		return nil
	}
	s, err := checkShape(m.Ints("dim"))
	if err != nil {
		fail("%v", err)
	}
	return s
}

// input takes what the caller feeds.
func input(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	out := make([]*eager.Tensor, len(l.top))
	for i, t := range l.top {
		if out[i] = l.net.feed[t]; out[i] == nil {
			fail("input %q is not given; its shape is %v", t, l.inputShape(i))
		}
	}
	return out
}

// dummyData fills its tops anew in every run.
func dummyData(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	p := l.Message.Message("dummy_data_param")
	fillers, shapes := p.Messages("data_filler"), p.Messages("shape")
	out := make([]*eager.Tensor, len(l.top))
	pick := func(list []int, i int) int {
		if len(list) == 1 {
			return list[0]
		}
		if i < len(list) {
			return list[i]
		}
		return 1
	}
	for i, t := range l.top {
		if out[i] = l.net.feed[t]; out[i] != nil {
			continue
		}
		dims := []int{pick(p.Ints("num"), i), pick(p.Ints("channels"), i), pick(p.Ints("height"), i), pick(p.Ints("width"), i)}
		if len(shapes) > 0 {
			dims = shapes[min(i, len(shapes)-1)].Ints("dim")
		}
		shape, err := checkShape(dims)
		if err != nil {
			fail("%v", err)
		}
		var f *Message
		if len(fillers) > 0 {
			f = fillers[min(i, len(fillers)-1)]
		}
		out[i] = fill(f, shape)
	}
	return out
}

func concat(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1<<20)
	p := l.Message.Message("concat_param")
	return one(eager.Concat(axis(p.Int("axis", p.Int("concat_dim", 1)), in[0].Rank()), in...))
}

func slice(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("slice_param")
	a := axis(p.Int("axis", p.Int("slice_dim", 1)), x.Rank())
	points, n, parts := p.Ints("slice_point"), x.Size(a), len(l.top)
	if len(points) == 0 {
		if parts == 0 || n%parts != 0 {
			fail("axis %d of extent %d does not divide into %d", a, n, parts)
		}
		for i := 1; i < parts; i++ {
			points = append(points, i*n/parts)
		}
	}
	if len(points) != parts-1 {
		fail("%d slice points for %d tops", len(points), parts)
	}
	out, start := make([]*eager.Tensor, 0, parts), 0
	for _, end := range append(points, n) {
		if end <= start || end > n {
			fail("slice points %v for extent %d", points, n)
		}
		out = append(out, x.Slice(a, start, end))
		start = end
	}
	return out
}

func flatten(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("flatten_param")
	a, b := axis(p.Int("axis", 1), x.Rank()), axis(p.Int("end_axis", -1), x.Rank())
	if a > b {
		fail("axes %d to %d", a, b)
	}
	s := x.Shape()
	return one(x.Reshape(slices.Concat(s[:a], []int{s[a : b+1].Numel()}, s[b+1:])...))
}

// reshape gives num_axes axes from axis on a new shape: 0 copies an extent, −1 is what is left.
func reshape(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("reshape_param")
	s, dims := x.Shape(), p.Message("shape").Ints("dim")
	from := p.Int("axis", 0)
	if from < 0 {
		from += x.Rank() + 1
	}
	end := x.Rank()
	if n := p.Int("num_axes", -1); n >= 0 {
		end = from + n
	}
	if from < 0 || from > x.Rank() || end > x.Rank() {
		fail("axes %d to %d of rank %d", from, end, x.Rank())
	}
	shape := slices.Concat([]int(s[:from]), dims, s[end:])
	open, n := -1, 1
	for i, d := range shape {
		switch {
		case i < from || i >= from+len(dims):
		case d == 0 && i < x.Rank():
			shape[i] = s[i]
		case d == -1 && open < 0:
			open = i
			continue
		case d < 0:
			fail("shape %v", dims)
		}
		n *= shape[i]
	}
	if open >= 0 {
		if n == 0 || x.Numel()%n != 0 {
			fail("%v does not fit shape %v", s, dims)
		}
		shape[open] = x.Numel() / n
	}
	return one(x.Reshape(shape...))
}

func tile(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("tile_param")
	counts := slices.Repeat([]int{1}, x.Rank())
	n := p.Int("tiles", 0)
	if n < 1 {
		fail("tiles is %d", n)
	}
	counts[axis(p.Int("axis", 1), x.Rank())] = n
	return one(x.Tile(counts...))
}

// reduction reduces all axes from axis on.
func reduction(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("reduction_param")
	a := 0
	if x.Rank() > 0 {
		a = axis(p.Int("axis", 0), x.Rank())
	}
	rows := x.Reshape(append(append([]int{}, x.Shape()[:a]...), x.Shape()[a:].Numel())...)
	var y *eager.Tensor
	switch kind := p.Text("operation", "SUM"); kind {
	case "SUM":
		y = rows.Sum(-1)
	case "ASUM":
		y = rows.Abs().Sum(-1)
	case "SUMSQ":
		y = rows.Mul(rows).Sum(-1)
	case "MEAN":
		y = rows.Mean(-1)
	default:
		fail("operation %q is unknown; known: SUM, ASUM, SUMSQ, MEAN", kind)
	}
	return one(y.Mul(p.Float("coeff", 1)))
}

// filter keeps the samples that the last bottom selects.
func filter(_ *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 1<<20)
	last := len(in) - 1
	var keep []int
	for i, v := range in[last].Float64s() {
		if v != 0 {
			keep = append(keep, i)
		}
	}
	index := eager.FromInts(keep, len(keep))
	out := make([]*eager.Tensor, last)
	for i, x := range in[:last] {
		out[i] = x.IndexSelect(0, index)
	}
	return out
}
