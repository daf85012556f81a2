package onnx

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// A graph is compiled once and run often. Its values live in numbered slots of a frame.
type graph struct {
	name       string
	slots      int
	inputs     []Info
	inSlots    []int
	outputInfo []Info
	outSlots   []int
	inits      []initial
	captures   []capture
	nodes      []*node
}

// initial is a value that every run starts with.
type initial struct {
	name  string
	slot  int
	value *Tensor
}

// capture is a value of the surrounding graph that a subgraph reads.
type capture struct{ outer, inner int }

// node is one operator of a graph, or a call of a model's function.
type node struct {
	name, op, domain string
	version          int
	in, out          []int // slots; -1: absent
	attrs            map[string]*attr
	kernel           kernel
	free             []int // slots that nobody reads afterwards
	called           bool  // runs code of the user or a function of the model
}

// kernel computes one node. It panics with *engine.Error.
type kernel func(c *call) []Value

// call is one run of a node.
type call struct {
	*node
	values []Value
	frame  *frame // of the graph that the node is in
}

func (g *graph) isInput(name string) bool {
	return slices.ContainsFunc(g.inputs, func(i Info) bool { return i.Name == name })
}

func (g *graph) inputNames() string {
	names := make([]string, len(g.inputs))
	for i, in := range g.inputs {
		names[i] = in.Name
	}
	return strings.Join(names, ", ")
}

// frame holds the values of one run of a graph.
type frame struct {
	values []Value
	// known marks values that do not depend on the inputs or on weights: extents and what is computed of
	// them. It is kept while a tracer watches (jit.Trace), which is not told of work on them, so that
	// they can be read; nil otherwise.
	known []bool
}

// run computes the outputs from inputs; outer is the frame of the surrounding graph.
func (g *graph) run(outer *frame, in []Value) ([]Value, error) {
	f := &frame{values: make([]Value, g.slots)}
	if eager.IsTraced() {
		f.known = make([]bool, g.slots)
	}
	for _, i := range g.inits {
		f.set(i.slot, i.value, !i.value.isWeight())
	}
	for i, v := range in {
		if v != nil {
			f.set(g.inSlots[i], v, false)
		}
	}
	for _, c := range g.captures {
		f.set(c.inner, outer.values[c.outer], outer.known != nil && outer.known[c.outer])
	}
	for _, n := range g.nodes {
		engine.Check()
		if err := n.runIn(f); err != nil {
			return nil, err
		}
	}
	out := make([]Value, len(g.outSlots))
	for i, s := range g.outSlots {
		out[i] = f.values[s]
	}
	return out, nil
}

func (f *frame) set(slot int, v Value, known bool) {
	f.values[slot] = v
	if f.known != nil {
		f.known[slot] = known
	}
}

// isWeight reports whether t may be trained: floats of more than one element.
func (t *Tensor) isWeight() bool {
	return t.Data != nil && t.Data.DType().IsFloat() && t.Numel() > 1
}

// runIn runs n. Under a tracer, work on known values is done where the tracer does not see it: it watches the
// goroutine that it was given.
func (n *node) runIn(f *frame) error {
	if f.known == nil {
		return n.run(f)
	}
	known := n.op == "Shape" || n.op == "Size" || !n.draws()
	for _, s := range n.in {
		if s >= 0 && !f.known[s] && n.op != "Shape" && n.op != "Size" {
			known = false
		}
	}
	for _, a := range n.attrs {
		known = known && a.graph == nil
	}
	var err error
	if known {
		done := make(chan struct{})
		go func() {
			defer close(done)
			err = n.run(f)
		}()
		<-done
	} else {
		err = n.run(f)
	}
	for _, s := range n.out {
		if s >= 0 {
			f.known[s] = known
		}
	}
	return err
}

// draws reports whether n draws random numbers.
func (n *node) draws() bool {
	switch n.op {
	case "RandomUniform", "RandomUniformLike", "RandomNormal", "RandomNormalLike", "Bernoulli", "Multinomial", "Dropout":
		return true
	}
	return false
}

// run computes one node and puts its results into the frame.
func (n *node) run(f *frame) (err error) {
	c := &call{node: n, values: make([]Value, len(n.in)), frame: f}
	for i, s := range n.in {
		if s >= 0 {
			c.values[i] = f.values[s]
		}
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *engine.Error:
			err = n.wrap(r, c.values)
		case runtime.Error:
			err = n.wrap(fmt.Errorf("the values do not fit the operator (%w)", r), c.values)
		default:
			panic(r)
		}
	}()
	results := n.kernel(c)
	for i, s := range n.out {
		if s < 0 {
			continue
		}
		if i >= len(results) {
			fail("there is no result %d; %s has %d", i, n.op, len(results))
		}
		f.values[s] = results[i]
	}
	for _, s := range n.free {
		f.values[s] = nil
	}
	return nil
}

// wrap says in which node an error arose and on which values.
func (n *node) wrap(err error, in []Value) error {
	var e *engine.Error
	what := err.Error()
	if as, ok := err.(*engine.Error); ok {
		e = as
		if strings.HasPrefix(e.Where, "onnx node") { // of a subgraph
			return e
		}
		what = strings.TrimPrefix(what, "onnx: ")
	}
	args := make([]string, len(in))
	for i, v := range in {
		args[i] = describe(v)
	}
	return &engine.Error{
		Where: fmt.Sprintf("onnx node %q", n.label()),
		What:  fmt.Sprintf("%s-%d(%s): %s", n.op, n.version, strings.Join(args, ", "), what),
	}
}

func (n *node) label() string {
	if n.name != "" {
		return n.name
	}
	return n.op
}

// call helpers

func (c *call) has(i int) bool { return i < len(c.values) && c.values[i] != nil }

// value returns input i, which must be there.
func (c *call) value(i int) Value {
	if !c.has(i) {
		fail("input %d is missing", i)
	}
	return c.values[i]
}

// tensor returns input i as a tensor. An optional that holds one is taken for it.
func (c *call) tensor(i int) *Tensor {
	v := c.value(i)
	if o, ok := v.(*Optional); ok && o.Item != nil {
		v = o.Item
	}
	t, ok := v.(*Tensor)
	if !ok {
		fail("input %d is %s, want a tensor", i, describe(v))
	}
	return t
}

// numeric returns input i as a tensor of numbers.
func (c *call) numeric(i int) *Tensor {
	t := c.tensor(i)
	if t.Type == String {
		fail("input %d is %s, want numbers", i, t.describe())
	}
	return t
}

// optional returns input i as a tensor, or nil when it is absent.
func (c *call) optional(i int) *Tensor {
	if !c.has(i) {
		return nil
	}
	return c.tensor(i)
}

func (c *call) sequence(i int) *Sequence {
	v := c.value(i)
	if o, ok := v.(*Optional); ok && o.Item != nil {
		v = o.Item
	}
	s, ok := v.(*Sequence)
	if !ok {
		fail("input %d is %s, want a sequence", i, describe(v))
	}
	return s
}

// inputInts returns the integers of input i; nil when it is absent.
func (c *call) inputInts(i int) []int {
	if !c.has(i) {
		return nil
	}
	return intsOf(c.numeric(i))
}

// intsOf returns the elements of a tensor as integers.
func intsOf(t *Tensor) []int {
	if t.Type == String {
		fail("%s, want integers", t.describe())
	}
	return t.Data.Ints()
}

// listOf returns the list that early versions have as attribute and later ones as input i.
func (c *call) listOf(name string, i, since int) []int {
	if c.version < since {
		return c.ints(name)
	}
	return c.inputInts(i)
}

// scalar returns the only element of input i.
func (c *call) scalar(i int) float64 {
	t := c.numeric(i)
	if t.Numel() != 1 {
		fail("input %d is %s, want one element", i, t.describe())
	}
	return t.Data.Float64s()[0]
}

// integer returns the only element of input i, truncated towards zero. Limits like the greatest int64 stay what they are.
func (c *call) integer(i int) int {
	t := c.numeric(i)
	if t.Numel() != 1 {
		fail("input %d is %s, want one element", i, t.describe())
	}
	return t.Data.Ints()[0]
}

// wants reports whether the graph reads result i.
func (c *call) wants(i int) bool { return i < len(c.out) && c.out[i] >= 0 }

// axis checks an axis and returns it from 0 on.
func axisOf(axis, rank int) int {
	if axis < -rank || axis >= rank {
		fail("axis %d is out of range for rank %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis
}

// axesOf checks axes and returns them ascending, from 0 on.
func axesOf(axes []int, rank int) []int {
	r := make([]int, len(axes))
	for i, a := range axes {
		r[i] = axisOf(a, rank)
	}
	slices.Sort(r)
	if len(slices.Compact(slices.Clone(r))) != len(r) {
		fail("axes %v name one axis twice", axes)
	}
	return r
}

// one is the result of most kernels.
func one(v Value) []Value { return []Value{v} }
