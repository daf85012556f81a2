package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine/op"
)

// Verify checks that g is well formed: each value is defined once and before it is read, operators are
// complete, and the types are those that the operators' rules give.
func (g *Graph) Verify() error {
	defined := make([]bool, len(g.Types))
	def := func(what string, v Value) error {
		if v < 0 || int(v) >= len(g.Types) {
			return fmt.Errorf("graph: %s defines value %d; there are %d", what, v, len(g.Types))
		}
		if defined[v] {
			return fmt.Errorf("graph: %s defines %%%d a second time", what, v)
		}
		defined[v] = true
		return nil
	}
	use := func(what string, v Value) error {
		if v < 0 || int(v) >= len(g.Types) || !defined[v] {
			return fmt.Errorf("graph: %s reads %%%d, which is not defined before", what, v)
		}
		return nil
	}
	if err := g.verifySources(def); err != nil {
		return err
	}
	for i := range g.Nodes {
		if err := g.verifyNode(i, def, use); err != nil {
			return err
		}
	}
	for _, o := range g.Outputs {
		if err := use("output "+o.Name, o.Value); err != nil {
			return err
		}
	}
	for _, s := range g.States {
		if err := use("state "+s.Name, s.Out); err != nil {
			return err
		}
		if !sameType(g.Types[s.In], g.Types[s.Out]) {
			return fmt.Errorf("graph: state %q is %v and becomes %v", s.Name, g.Types[s.In], g.Types[s.Out])
		}
	}
	return nil
}

// verifySources checks what no node makes.
func (g *Graph) verifySources(def func(string, Value) error) error {
	for _, x := range g.Inputs {
		if err := def("input "+x.Name, x.Value); err != nil {
			return err
		}
	}
	for _, c := range g.Consts {
		if err := def("constant "+c.Name, c.Value); err != nil {
			return err
		}
		if !sameType(g.Types[c.Value], op.Type{DType: c.Data.DType, Shape: c.Data.Shape}) {
			return fmt.Errorf("graph: constant %%%d is %v, its data %v", c.Value, g.Types[c.Value], c.Data)
		}
	}
	for _, s := range g.States {
		if err := def("state "+s.Name, s.In); err != nil {
			return err
		}
		if !sameType(g.Types[s.In], op.Type{DType: s.Data.DType, Shape: s.Data.Shape}) {
			return fmt.Errorf("graph: state %q is %v, its data %v", s.Name, g.Types[s.In], s.Data)
		}
	}
	return nil
}

func (g *Graph) verifyNode(i int, def, use func(string, Value) error) error {
	n := &g.Nodes[i]
	if n.Def == nil {
		return fmt.Errorf("graph: node %d has no operator", i)
	}
	what := fmt.Sprintf("node %d (%s)", i, n.Def.Name)
	types := make([]op.Type, len(n.In))
	for k, v := range n.In {
		if err := use(what, v); err != nil {
			return err
		}
		types[k] = g.Types[v]
	}
	r, err := n.Def.Resolve(n.Attrs, types)
	if err != nil {
		return fmt.Errorf("graph: %s: %w", what, err)
	}
	if len(r.Out) != len(n.Out) {
		return fmt.Errorf("graph: %s has %d results, its operator gives %d", what, len(n.Out), len(r.Out))
	}
	for k, v := range n.Out {
		if err := def(what, v); err != nil {
			return err
		}
		if !sameType(g.Types[v], r.Out[k]) {
			return fmt.Errorf("graph: %s: result %d is %v, its operator gives %v", what, k, g.Types[v], r.Out[k])
		}
	}
	return nil
}

func sameType(a, b op.Type) bool { return a.DType == b.DType && a.Shape.Equal(b.Shape) }
