package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("If", 1, ifKernel)
	add("Loop", 1, loop)
	add("Scan", 9, scan)
	add("Scan", 8, scanBatched)
	add("SequenceMap", 17, sequenceMap)
	add("SequenceConstruct", 11, func(c *call) []Value { return one(&Sequence{Items: slices.Clone(c.values)}) })
	add("SequenceEmpty", 11, func(*call) []Value { return one(&Sequence{Items: []Value{}}) })
	add("SequenceLength", 11, func(c *call) []Value { return one(fromInts([]int{len(c.sequence(0).Items)})) })
	add("SequenceAt", 11, func(c *call) []Value {
		s := c.sequence(0)
		return one(s.Items[sequenceIndex(c, 1, len(s.Items), false)])
	})
	add("SequenceInsert", 11, func(c *call) []Value {
		s := c.sequence(0)
		i := len(s.Items)
		if c.has(2) {
			i = sequenceIndex(c, 2, len(s.Items), true)
		}
		return one(&Sequence{Items: slices.Insert(slices.Clone(s.Items), i, c.value(1))})
	})
	add("SequenceErase", 11, func(c *call) []Value {
		s := c.sequence(0)
		i := len(s.Items) - 1
		if c.has(1) {
			i = sequenceIndex(c, 1, len(s.Items), false)
		}
		if i < 0 {
			fail("the sequence is empty")
		}
		return one(&Sequence{Items: slices.Delete(slices.Clone(s.Items), i, i+1)})
	})
	add("SplitToSequence", 11, splitToSequence)
	add("ConcatFromSequence", 11, concatFromSequence)
	add("Optional", 15, func(c *call) []Value {
		if c.has(0) {
			return one(&Optional{Item: c.value(0)})
		}
		return one(&Optional{})
	})
	add("OptionalHasElement", 15, func(c *call) []Value {
		has := c.has(0)
		if o, ok := at(c.values, 0).(*Optional); ok {
			has = o.Item != nil
		}
		return one(fromBool(has))
	})
	add("OptionalGetElement", 15, func(c *call) []Value {
		o, ok := c.value(0).(*Optional)
		if !ok {
			return one(c.value(0))
		}
		if o.Item == nil {
			fail("the optional holds nothing")
		}
		return one(o.Item)
	})
}

func at(v []Value, i int) Value {
	if i < len(v) {
		return v[i]
	}
	return nil
}

func fromBool(b bool) *Tensor {
	return &Tensor{Type: Bool, Data: eager.FromArray(engine.Of(engine.Shape{}, []bool{b}))}
}

// runGraph runs a subgraph of this node.
func (c *call) runGraph(g *graph, in []Value) []Value {
	if len(in) > len(g.inputs) {
		fail("graph %q takes %d inputs, %d are given", g.name, len(g.inputs), len(in))
	}
	out, err := g.run(c.frame, in)
	if err != nil {
		panic(err)
	}
	return out
}

func (c *call) subgraph(name string) *graph {
	a := c.attrs[name]
	if a == nil || a.graph == nil {
		fail("attribute %s, a graph, is missing", name)
	}
	return a.graph
}

// truth is the only element of a boolean value.
func truth(v Value) bool {
	t, ok := v.(*Tensor)
	if !ok || t.Type == String || t.Numel() != 1 {
		fail("condition %s, want one bool", describe(v))
	}
	return t.Data.Ne(0).Item() != 0
}

func ifKernel(c *call) []Value {
	name := "else_branch"
	if truth(c.value(0)) {
		name = "then_branch"
	}
	return c.runGraph(c.subgraph(name), nil)
}

// loop runs a body that carries values from turn to turn and collects others.
func loop(c *call) []Value {
	g := c.subgraph("body")
	most, cond := math.MaxInt, true
	if c.has(0) {
		most = c.integer(0)
	}
	if c.has(1) {
		cond = truth(c.value(1))
	}
	carried := slices.Clone(c.values[min(2, len(c.values)):])
	if len(g.inSlots) != len(carried)+2 || len(g.outSlots) < len(carried)+1 {
		fail("body %q has %d inputs and %d outputs for %d carried values", g.name, len(g.inSlots), len(g.outSlots), len(carried))
	}
	collected := make([][]Value, len(g.outSlots)-1-len(carried))
	for i := 0; i < most && cond; i++ {
		engine.Check()
		out := c.runGraph(g, slices.Concat([]Value{fromInts([]int{i}), fromBool(cond)}, carried))
		cond = truth(out[0])
		copy(carried, out[1:])
		for k := range collected {
			collected[k] = append(collected[k], out[1+len(carried)+k])
		}
	}
	for _, vs := range collected {
		carried = append(carried, stacked(vs, 0, false))
	}
	return carried
}

// stacked joins tensors along a new axis, the last first with reverse.
func stacked(vs []Value, axis int, reverse bool) Value {
	if len(vs) == 0 {
		return &Tensor{Type: Float, Data: eager.FromArray(engine.Zeros(engine.F32, engine.Shape{0}))}
	}
	ts := make([]*Tensor, len(vs))
	for i, v := range vs {
		t, ok := v.(*Tensor)
		if !ok {
			fail("%s cannot be collected, want a tensor", describe(v))
		}
		ts[i] = t
	}
	if reverse {
		slices.Reverse(ts)
	}
	axis = axisOf(axis, len(ts[0].Shape())+1)
	for i, t := range ts {
		ts[i] = t.reshaped(slices.Insert(slices.Clone([]int(t.Shape())), axis, 1)...)
	}
	return concatenated(ts, axis)
}

// takeAt returns element i along axis, without that axis.
func takeAt(t *Tensor, axis, i int) *Tensor {
	return byIndex(t, func(x *eager.Tensor) *eager.Tensor { return x.Slice(axis, i, i+1).Squeeze(axis) })
}

// scan runs a body over slices of the last num_scan_inputs inputs.
func scan(c *call) []Value {
	scans := c.int("num_scan_inputs", 0)
	return scanOver(c, c.values[:len(c.values)-min(scans, len(c.values))], c.values[len(c.values)-min(scans, len(c.values)):])
}

func scanOver(c *call, state, inputs []Value) []Value {
	g := c.subgraph("body")
	carried := slices.Clone(state)
	if len(inputs) == 0 || len(g.outSlots) < len(carried) {
		fail("%d scan inputs, body %q has %d outputs for %d state values", len(inputs), g.name, len(g.outSlots), len(carried))
	}
	setting := func(name string, i int) int {
		if l := c.ints(name); i < len(l) {
			return l[i]
		}
		return 0
	}
	ts, axes, steps := make([]*Tensor, len(inputs)), make([]int, len(inputs)), -1
	for i, v := range inputs {
		t, ok := v.(*Tensor)
		if !ok {
			fail("scan input %d is %s, want a tensor", i, describe(v))
		}
		ts[i], axes[i] = t, axisOf(setting("scan_input_axes", i), len(t.Shape()))
		n := t.Shape()[axes[i]]
		if steps >= 0 && n != steps {
			fail("scan inputs have %d and %d steps", steps, n)
		}
		steps = n
	}
	collected := make([][]Value, len(g.outSlots)-len(carried))
	for s := range steps {
		in := slices.Clone(carried)
		for i, t := range ts {
			k := s
			if setting("scan_input_directions", i) != 0 {
				k = steps - 1 - s
			}
			in = append(in, takeAt(t, axes[i], k))
		}
		out := c.runGraph(g, in)
		copy(carried, out)
		for k := range collected {
			collected[k] = append(collected[k], out[len(carried)+k])
		}
	}
	for k, vs := range collected {
		carried = append(carried, stacked(vs, setting("scan_output_axes", k), setting("scan_output_directions", k) != 0))
	}
	return carried
}

// scanBatched is version 8: a batch axis first, and perhaps the length of each sequence.
func scanBatched(c *call) []Value {
	values := c.values[1:]
	scans := c.int("num_scan_inputs", 0)
	state, inputs := values[:len(values)-scans], values[len(values)-scans:]
	lens := c.inputInts(0)
	first, ok := at(inputs, 0).(*Tensor)
	if !ok || len(first.Shape()) < 2 {
		fail("scan input %s, want [batch steps …]", describe(at(inputs, 0)))
	}
	results := make([][]Value, len(c.out))
	for b := range first.Shape()[0] {
		var s, in []Value
		for _, v := range state {
			s = append(s, takeAt(v.(*Tensor), 0, b))
		}
		for _, v := range inputs {
			t := takeAt(v.(*Tensor), 0, b)
			if lens != nil {
				n := lens[b]
				t = byIndex(t, func(x *eager.Tensor) *eager.Tensor { return x.Slice(0, 0, n) })
			}
			in = append(in, t)
		}
		for i, v := range scanOver(c, s, in) {
			results[i] = append(results[i], v)
		}
	}
	out := make([]Value, len(results))
	for i, vs := range results {
		out[i] = stacked(vs, 0, false)
	}
	return out
}

func sequenceMap(c *call) []Value {
	g := c.subgraph("body")
	n := len(c.sequence(0).Items)
	out := make([]*Sequence, len(g.outSlots))
	for i := range out {
		out[i] = &Sequence{Items: []Value{}}
	}
	for k := range n {
		in := make([]Value, len(c.values))
		for i, v := range c.values {
			in[i] = v
			if s, ok := v.(*Sequence); ok {
				if len(s.Items) != n {
					fail("sequences have %d and %d elements", n, len(s.Items))
				}
				in[i] = s.Items[k]
			}
		}
		for i, v := range c.runGraph(g, in) {
			out[i].Items = append(out[i].Items, v)
		}
	}
	values := make([]Value, len(out))
	for i, s := range out {
		values[i] = s
	}
	return values
}

// sequenceIndex checks input i as a place in a sequence of n; end allows n itself.
func sequenceIndex(c *call, i, n int, end bool) int {
	k := c.integer(i)
	if k < 0 {
		k += n
	}
	if k < 0 || k > n || k == n && !end {
		fail("position %d is outside a sequence of %d", c.integer(i), n)
	}
	return k
}

func splitToSequence(c *call) []Value {
	x := c.tensor(0)
	axis := axisOf(c.int("axis", 0), len(x.Shape()))
	n := x.Shape()[axis]
	var sizes []int
	keep := true
	switch {
	case !c.has(1):
		sizes, keep = slices.Repeat([]int{1}, n), c.int("keepdims", 1) != 0
	case len(c.numeric(1).Shape()) == 0:
		size := c.integer(1)
		if size < 1 {
			fail("parts of %d", size)
		}
		for rest := n; rest > 0; rest -= size {
			sizes = append(sizes, min(size, rest))
		}
	default:
		sizes = c.inputInts(1)
	}
	s := &Sequence{Items: []Value{}}
	start := 0
	for _, size := range sizes {
		if size < 0 || start+size > n {
			fail("parts %v do not fit extent %d", sizes, n)
		}
		from := start
		part := byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.Slice(axis, from, from+size) })
		if !keep {
			part = part.reshaped(slices.Delete(slices.Clone([]int(part.Shape())), axis, axis+1)...)
		}
		s.Items = append(s.Items, part)
		start += size
	}
	if start != n {
		fail("parts %v do not fill extent %d", sizes, n)
	}
	return one(s)
}

func concatFromSequence(c *call) []Value {
	c.must("axis")
	s := c.sequence(0)
	axis := c.int("axis", 0)
	if c.flag("new_axis") {
		return one(stacked(s.Items, axis, false))
	}
	ts := make([]*Tensor, len(s.Items))
	for i, v := range s.Items {
		t, ok := v.(*Tensor)
		if !ok {
			fail("element %d is %s, want a tensor", i, describe(v))
		}
		ts[i] = t
	}
	return one(concatenated(ts, axis))
}
