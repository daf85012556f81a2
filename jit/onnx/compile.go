package onnx

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// maxDepth bounds subgraphs in subgraphs and functions that call functions.
const maxDepth = 64

// compiler makes graphs of messages.
type compiler struct {
	dir       fs.FS
	opsets    map[string]int64
	functions map[string]*pb.FunctionProto
	depth     int
	bound     map[string]*attr // attributes of the function call that is compiled
}

// scope names the slots of a graph under construction.
type scope struct {
	g      *graph
	slots  map[string]int
	parent *scope
}

func (s *scope) define(name string) int {
	if name == "" {
		return -1
	}
	if i, ok := s.slots[name]; ok {
		return i
	}
	i := s.g.slots
	s.slots[name] = i
	s.g.slots++
	return i
}

// lookup returns the slot of a value of this graph or of a surrounding one, which it captures.
func (s *scope) lookup(name string) (int, bool) {
	if i, ok := s.slots[name]; ok {
		return i, true
	}
	if s.parent == nil {
		return 0, false
	}
	outer, ok := s.parent.lookup(name)
	if !ok {
		return 0, false
	}
	inner := s.define(name)
	s.g.captures = append(s.g.captures, capture{outer, inner})
	return inner, true
}

func (c *compiler) enter() error {
	if c.depth++; c.depth > maxDepth {
		return fmt.Errorf("onnx: graphs or functions are nested deeper than %d", maxDepth)
	}
	return nil
}

// graph compiles a graph; parent is the scope of the surrounding one.
func (c *compiler) graph(p *pb.GraphProto, parent *scope) (*graph, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer func() { c.depth-- }()
	g := &graph{name: p.GetName()}
	s := &scope{g: g, slots: map[string]int{}, parent: parent}
	if err := c.initializers(p, s); err != nil {
		return nil, err
	}
	for _, in := range p.GetInput() {
		if in.GetName() == "" {
			return nil, fmt.Errorf("onnx: graph %q has an input without a name", g.name)
		}
		_, hasDefault := s.slots[in.GetName()]
		if hasDefault && g.isInput(in.GetName()) {
			return nil, fmt.Errorf("onnx: graph %q has two inputs %q", g.name, in.GetName())
		}
		g.inSlots = append(g.inSlots, s.define(in.GetName()))
		g.inputs = append(g.inputs, Info{in.GetName(), typeString(in.GetType()), hasDefault})
	}
	if err := c.nodes(p.GetNode(), s); err != nil {
		return nil, err
	}
	for _, out := range p.GetOutput() {
		slot, ok := s.lookup(out.GetName())
		if !ok {
			return nil, fmt.Errorf("onnx: graph %q: nothing computes output %q", g.name, out.GetName())
		}
		g.outSlots = append(g.outSlots, slot)
		g.outputInfo = append(g.outputInfo, Info{Name: out.GetName(), Type: typeString(out.GetType())})
	}
	g.fold("DequantizeLinear")
	g.mergePads()
	g.useBytes()
	g.fold("")
	g.planFrees()
	return g, nil
}

// maxFolded bounds the elements of a constant that is computed once, when the model is read.
const maxFolded = 1 << 20

// fold computes nodes that read constants alone, and no weights, but those of operator not. A node that fails is left
// for the run to report.
func (g *graph) fold(not string) {
	f := &frame{values: make([]Value, g.slots)}
	constant := make([]bool, g.slots)
	for _, i := range g.inits {
		f.values[i.slot] = i.value
		constant[i.slot] = !i.value.isWeight() && !slices.Contains(g.inSlots, i.slot)
	}
	kept := g.nodes[:0]
	for _, n := range g.nodes {
		if n.op == not || !n.foldable(constant) || n.run(f) != nil || !g.takeResults(n, f) {
			kept = append(kept, n)
			continue
		}
		for _, s := range n.out {
			if s >= 0 {
				constant[s] = true
			}
		}
	}
	clear(g.nodes[len(kept):])
	g.nodes = kept
}

func (n *node) foldable(constant []bool) bool {
	for _, s := range n.in {
		if s >= 0 && !constant[s] {
			return false
		}
	}
	for _, a := range n.attrs {
		if a.graph != nil {
			return false
		}
	}
	return !n.draws() && !n.called
}

// takeResults makes the results of a node that was run constants, if they are small tensors.
func (g *graph) takeResults(n *node, f *frame) bool {
	for _, s := range n.out {
		if s < 0 {
			continue
		}
		t, ok := f.values[s].(*Tensor)
		if !ok || t == nil || t.Numel() > maxFolded {
			return false
		}
	}
	for _, s := range n.out {
		if s >= 0 {
			g.inits = append(g.inits, initial{"", s, f.values[s].(*Tensor)})
		}
	}
	return true
}

func (c *compiler) initializers(p *pb.GraphProto, s *scope) error {
	for _, t := range p.GetInitializer() {
		v, err := DecodeTensor(t, c.dir)
		if err != nil {
			return err
		}
		if t.GetName() == "" {
			return fmt.Errorf("onnx: graph %q has a weight without a name", s.g.name)
		}
		s.g.inits = append(s.g.inits, initial{t.GetName(), s.define(t.GetName()), v})
	}
	for _, t := range p.GetSparseInitializer() {
		v, err := decodeSparse(t, c.dir)
		if err != nil {
			return err
		}
		name := t.GetValues().GetName()
		if name == "" {
			return fmt.Errorf("onnx: graph %q has a weight without a name", s.g.name)
		}
		s.g.inits = append(s.g.inits, initial{name, s.define(name), v})
	}
	return nil
}

// nodes compiles nodes in an order in which every one finds its inputs.
func (c *compiler) nodes(ps []*pb.NodeProto, s *scope) error {
	producer := map[string]int{}
	for i, p := range ps {
		for _, o := range p.GetOutput() {
			if o == "" {
				continue
			}
			if _, twice := producer[o]; twice {
				return fmt.Errorf("onnx: graph %q: two nodes compute %q", s.g.name, o)
			}
			if _, known := s.slots[o]; known {
				return fmt.Errorf("onnx: graph %q: node %q computes %q, which is an input or weight", s.g.name, p.GetName(), o)
			}
			producer[o] = i
		}
	}
	order, err := sortNodes(ps, producer)
	if err != nil {
		return fmt.Errorf("onnx: graph %q: %w", s.g.name, err)
	}
	for _, i := range order {
		n, err := c.node(ps[i], s)
		if err != nil {
			return err
		}
		s.g.nodes = append(s.g.nodes, n)
	}
	return nil
}

// reads returns the names that a node reads, those of its subgraphs included.
func reads(p *pb.NodeProto, depth int) []string {
	names := slices.Clone(p.GetInput())
	if depth > maxDepth {
		return names
	}
	for _, a := range p.GetAttribute() {
		for _, g := range append([]*pb.GraphProto{a.GetG()}, a.GetGraphs()...) {
			for _, q := range g.GetNode() {
				names = append(names, reads(q, depth+1)...)
			}
			for _, o := range g.GetOutput() {
				names = append(names, o.GetName())
			}
		}
	}
	return names
}

// sortNodes orders nodes by their dependencies and otherwise as they stand.
func sortNodes(ps []*pb.NodeProto, producer map[string]int) ([]int, error) {
	order := make([]int, 0, len(ps))
	state := make([]uint8, len(ps)) // 1: begun, 2: done
	type step struct {
		i     int
		needs []string
	}
	for first := range ps {
		if state[first] != 0 {
			continue
		}
		state[first] = 1
		stack := []step{{first, reads(ps[first], 0)}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if len(top.needs) == 0 {
				state[top.i] = 2
				order = append(order, top.i)
				stack = stack[:len(stack)-1]
				continue
			}
			name := top.needs[0]
			top.needs = top.needs[1:]
			j, made := producer[name]
			switch {
			case !made || state[j] == 2:
			case j == top.i:
				if slices.Contains(ps[j].GetInput(), name) {
					return nil, fmt.Errorf("node %q reads its own result %q", ps[j].GetName(), name)
				} // otherwise a name of its subgraph that hides the result
			case state[j] == 1:
				return nil, fmt.Errorf("nodes %q and %q depend on each other", ps[j].GetName(), ps[top.i].GetName())
			default:
				state[j] = 1
				stack = append(stack, step{j, reads(ps[j], 0)})
			}
		}
	}
	return order, nil
}

// node compiles one node.
func (c *compiler) node(p *pb.NodeProto, s *scope) (*node, error) {
	n := &node{
		name: p.GetName(), op: p.GetOpType(), domain: canonicalDomain(p.GetDomain()), attrs: map[string]*attr{},
	}
	where := func(err error) error {
		return fmt.Errorf("onnx: node %q (%s): %w", n.label(), n.op, err)
	}
	for _, name := range p.GetInput() {
		slot := -1
		if name != "" {
			var ok bool
			if slot, ok = s.lookup(name); !ok {
				return nil, where(fmt.Errorf("nothing computes input %q", name))
			}
		}
		n.in = append(n.in, slot)
	}
	if err := c.attributes(p, n, s); err != nil {
		return nil, where(err)
	}
	for _, name := range p.GetOutput() {
		n.out = append(n.out, s.define(name))
	}
	if err := c.resolve(p, n); err != nil {
		return nil, where(err)
	}
	return n, nil
}

func (c *compiler) attributes(p *pb.NodeProto, n *node, s *scope) error {
	for _, a := range p.GetAttribute() {
		if ref := a.GetRefAttrName(); ref != "" {
			if v := c.bound[ref]; v != nil {
				n.attrs[a.GetName()] = v
			}
			continue
		}
		v, err := decodeAttr(a, c.dir)
		if err != nil {
			return fmt.Errorf("attribute %s: %w", a.GetName(), err)
		}
		if a.G != nil {
			if v.graph, err = c.graph(a.G, s); err != nil {
				return err
			}
		}
		n.attrs[a.GetName()] = v
	}
	return nil
}

func functionKey(domain, name, overload string) string {
	return canonicalDomain(domain) + ":" + name + ":" + overload
}

// resolve finds what computes n: a function of the model, an operator, or a custom operator.
func (c *compiler) resolve(p *pb.NodeProto, n *node) error {
	if f := c.functions[functionKey(n.domain, n.op, p.GetOverload())]; f != nil {
		return c.function(f, n)
	}
	version, ok := c.opsets[n.domain]
	if !ok && n.domain != "" {
		version = 1
	}
	k, since := lookup(n.domain, n.op, int(version))
	if k == nil {
		return unknownOperator(n.domain, n.op, int(version))
	}
	n.kernel, n.version, n.called = k, int(version), since == 0
	return nil
}

// function compiles the body of a function for one call.
func (c *compiler) function(f *pb.FunctionProto, n *node) error {
	if err := c.enter(); err != nil {
		return err
	}
	inner := &compiler{
		dir: c.dir, functions: c.functions, depth: c.depth, bound: map[string]*attr{}, opsets: maps.Clone(c.opsets),
	}
	c.depth--
	for _, a := range f.GetAttributeProto() {
		v, err := decodeAttr(a, c.dir)
		if err != nil {
			return err
		}
		inner.bound[a.GetName()] = v
	}
	maps.Copy(inner.bound, n.attrs)
	maps.Copy(inner.opsets, opsetsOf(f.GetOpsetImport()))
	g := &graph{name: f.GetName()}
	s := &scope{g: g, slots: map[string]int{}}
	for _, name := range f.GetInput() {
		if name == "" {
			return fmt.Errorf("function %q has an input without a name", f.GetName())
		}
		g.inSlots = append(g.inSlots, s.define(name))
	}
	if err := inner.nodes(f.GetNode(), s); err != nil {
		return err
	}
	for _, name := range f.GetOutput() {
		slot, ok := s.lookup(name)
		if !ok {
			return fmt.Errorf("function %q: nothing computes output %q", f.GetName(), name)
		}
		g.outSlots = append(g.outSlots, slot)
	}
	if len(n.in) > len(g.inSlots) {
		return fmt.Errorf("function %q takes %d inputs, the call has %d", f.GetName(), len(g.inSlots), len(n.in))
	}
	g.planFrees()
	n.called = true
	n.kernel = func(c *call) []Value {
		out, err := g.run(nil, c.values)
		if err != nil {
			panic(err)
		}
		return out
	}
	return nil
}

// planFrees says for each node which values nobody reads after it.
func (g *graph) planFrees() {
	last := make([]int, g.slots)
	for i := range last {
		last[i] = -1
	}
	keep := func(slots []int) {
		for _, s := range slots {
			last[s] = len(g.nodes)
		}
	}
	for i, n := range g.nodes {
		for _, s := range slices.Concat(n.in, n.out) {
			if s >= 0 {
				last[s] = i
			}
		}
		for _, a := range n.attrs {
			if a.graph != nil {
				for _, cp := range a.graph.captures {
					last[cp.outer] = i
				}
			}
		}
	}
	keep(g.outSlots)
	for s, i := range last {
		if i >= 0 && i < len(g.nodes) {
			g.nodes[i].free = append(g.nodes[i].free, s)
		}
	}
}

// typeString writes a type as "float[N 3 224 224]".
func typeString(p *pb.TypeProto) string {
	switch {
	case p.GetTensorType() != nil:
		t := p.GetTensorType()
		if t.GetShape() == nil {
			return ElemType(t.GetElemType()).String()
		}
		dims := make([]string, len(t.GetShape().GetDim()))
		for i, d := range t.GetShape().GetDim() {
			dims[i] = d.GetDimParam()
			if dims[i] == "" {
				dims[i] = fmt.Sprint(d.GetDimValue())
			}
		}
		return ElemType(t.GetElemType()).String() + "[" + strings.Join(dims, " ") + "]"
	case p.GetSequenceType() != nil:
		return "sequence(" + typeString(p.GetSequenceType().GetElemType()) + ")"
	case p.GetOptionalType() != nil:
		return "optional(" + typeString(p.GetOptionalType().GetElemType()) + ")"
	case p.GetMapType() != nil:
		m := p.GetMapType()
		return "map(" + ElemType(m.GetKeyType()).String() + ", " + typeString(m.GetValueType()) + ")"
	}
	return "unknown"
}
