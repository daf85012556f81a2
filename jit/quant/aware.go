package quant

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// Networks that were trained with FakeQuantize round values to steps that they have learnt. In a graph that is
// (clamp(round(x·1/scale) + zero, 0, 255) − zero)·scale, where additions of 0 are gone. The steps become those of the
// bytes, and the rounding itself goes: storing bytes rounds.

// learn takes rounding to steps out of g and returns what is known of the values that were rounded.
func learn(g *graph.Graph) (*graph.Graph, map[graph.Value]op.QuantizeAttrs) {
	known := map[graph.Value]op.QuantizeAttrs{}
	from, result := g.Producers(), map[graph.Value]bool{}
	for _, o := range g.Outputs {
		result[o.Value] = true
	}
	for i := range g.Nodes {
		x, a, ok := stepsOf(g, from, i)
		if !ok || result[g.Nodes[i].Out[0]] { // a result stays rounded
			continue
		}
		g.Replace(g.Nodes[i].Out[0], x)
		if old, twice := known[x]; !twice || a.Scale > old.Scale {
			known[x] = a
		}
	}
	return pass.DeadCode(g), known
}

// stepsOf matches the chain that ends with node i: it rounds x to steps of a.
func stepsOf(g *graph.Graph, from []int, i int) (x graph.Value, a op.QuantizeAttrs, ok bool) {
	m := matcher{g: g, from: from, at: i}
	scale, ok := m.with(op.Mul)
	if !ok || !(scale > 0) {
		return 0, a, false
	}
	zero, shifted := m.with(op.Sub)
	c, ok := m.only(op.Clamp)
	if !ok {
		return 0, a, false
	}
	again, back := m.with(op.Add)
	if _, ok := m.only(op.Round); !ok || shifted != back || again != zero {
		return 0, a, false
	}
	inverse, ok := m.with(op.Mul)
	bounds := c.(op.ClampAttrs)
	if product := inverse * scale; !ok || bounds.Lo != 0 || bounds.Hi != 255 || product < 0.999999 || product > 1.000001 {
		return 0, a, false
	}
	return m.value, op.QuantizeAttrs{Scale: scale, Zero: int(zero), DType: engine.U8}, true
}

// matcher walks up a chain of nodes.
type matcher struct {
	g     *graph.Graph
	from  []int
	at    int         // the node that is looked at; −1: there is none
	value graph.Value // what the node before it reads
}

// step goes to the node that makes v.
func (m *matcher) step(v graph.Value) { m.at, m.value = m.from[v], v }

// with passes a node of d with a number as its second operand.
func (m *matcher) with(d *op.Def) (number float64, ok bool) {
	if m.at < 0 || m.g.Nodes[m.at].Def != d {
		return 0, false
	}
	n := &m.g.Nodes[m.at]
	c, known := m.g.ConstOf(n.In[1])
	if !known {
		return 0, false
	}
	if number, ok = graph.Scalar(c); ok {
		m.step(n.In[0])
	}
	return number, ok
}

// only passes a node of d with one operand.
func (m *matcher) only(d *op.Def) (op.Attrs, bool) {
	if m.at < 0 || m.g.Nodes[m.at].Def != d {
		return nil, false
	}
	a := m.g.Nodes[m.at].Attrs
	m.step(m.g.Nodes[m.at].In[0])
	return a, true
}
