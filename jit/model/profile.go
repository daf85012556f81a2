package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Profile is where the time of a model's runs goes. All times are the least of some runs.
type Profile struct {
	Total time.Duration // of a whole run
	Alone time.Duration // of a run whose kernel calls are not timed
	Nodes []NodeTime    // of the graph as it runs: with packed weights, in order
	Moves time.Duration // copies and conversions between nodes
}

// NodeTime is what one operator took, and what it had to do.
type NodeTime struct {
	Op    string
	What  string // types of operands, weights and results
	Took  time.Duration
	Flops float64 // multiplications and additions of layers with weights; 0 for all others
	Bytes float64 // of operands, weights and results, each counted once
}

// Profile runs the model some times, after a first run that does not count, and returns what its operators took.
// They run one after the other, each with all threads that it can use. States change as in runs.
func (m *Model) Profile(runs int, in []engine.Array) (*Profile, error) {
	if runs < 1 {
		return nil, fmt.Errorf("model: profile of %d runs; want at least one", runs)
	}
	p := &Profile{Nodes: make([]NodeTime, len(m.best.Nodes))}
	for i := range m.best.Nodes {
		p.Nodes[i] = m.work(&m.best.Nodes[i])
	}
	once := make([]time.Duration, len(p.Nodes)+1) // the last is what no node does
	took := func(node int, d time.Duration) {
		if node < 0 {
			node = len(p.Nodes)
		}
		once[node] += d
	}
	for r := range 2*runs + 1 {
		clear(once)
		f := took
		if r%2 == 0 {
			f = nil
		}
		start := time.Now()
		y, err := m.run(in, f)
		total := time.Since(start)
		if err != nil {
			return nil, err
		}
		m.release(y, in)
		switch {
		case r == 0:
		case f == nil:
			least(&p.Alone, total)
		default:
			least(&p.Total, total)
			for i := range p.Nodes {
				least(&p.Nodes[i].Took, once[i])
			}
			least(&p.Moves, once[len(p.Nodes)])
		}
	}
	return p, nil
}

// release gives back the results of a run that are in memory of their own.
func (m *Model) release(y, in []engine.Array) {
	for i := range y {
		if _, own := m.p.Output(i); own {
			y[i].Buf.Release()
		}
	}
}

func least(d *time.Duration, took time.Duration) {
	if *d == 0 || took < *d {
		*d = took
	}
}

// work describes node n.
func (m *Model) work(n *graph.Node) NodeTime {
	t := NodeTime{Op: n.Def.Name}
	var in, out []string
	add := func(to []string, v graph.Value) []string {
		x := m.best.Type(v)
		t.Bytes += float64(x.Shape.Numel() * x.DType.Size())
		return append(to, x.String())
	}
	for _, v := range n.In {
		if m.best.Type(v).Shape.Numel() > 1 {
			in = add(in, v)
		}
	}
	if w, size := m.weight(n); w != nil {
		t.Flops = 2 * float64(w[1:].Numel()) * float64(m.best.Type(n.Out[0]).Shape.Numel())
		if size > 0 { // packed: no operand
			in = append(in, "weight"+w.String())
			t.Bytes += float64(w.Numel() * size)
		}
	}
	for _, v := range n.Out {
		out = add(out, v)
	}
	t.What = strings.Join(in, " ") + " → " + strings.Join(out, " ")
	return t
}

// weight returns the shape of the weight of a layer, and the bytes of its elements where it is no operand; nil for
// other operators.
func (m *Model) weight(n *graph.Node) (w engine.Shape, size int) {
	switch a := n.Attrs.(type) {
	case graph.PackedConvAttrs:
		return a.Weight, 4
	case graph.PackedLinearAttrs:
		return a.Weight, 4
	case graph.PackedQuantAttrs:
		return a.Weight, 1
	}
	switch n.Def {
	case op.Conv, op.Linear, op.QuantConv, op.QuantLinear:
		return m.best.Type(n.In[1]).Shape, 0
	}
	return nil, 0
}

// String returns a table with a line for each operator, those that took longest first, and a line for what lies
// between them.
func (p *Profile) String() string {
	var b strings.Builder
	order := make([]int, len(p.Nodes))
	sum := p.Moves
	for i := range order {
		order[i] = i
		sum += p.Nodes[i].Took
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p.Nodes[j].Took, p.Nodes[i].Took) })
	share := func(d time.Duration) float64 { return 100 * float64(d) / float64(max(p.Total, 1)) }
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	fmt.Fprintf(&b, "%4s %9s %6s %9s %7s  operator\n", "node", "µs", "share", "GFLOP/s", "GB/s")
	for _, i := range order {
		n := &p.Nodes[i]
		if n.Took == 0 {
			continue // a view
		}
		ns := float64(n.Took.Nanoseconds())
		speed := ""
		if n.Flops > 0 {
			speed = fmt.Sprintf("%.1f", n.Flops/ns)
		}
		fmt.Fprintf(&b, "%4d %9.1f %5.1f%% %9s %7.1f  %s %s\n", i, micros(n.Took), share(n.Took), speed, n.Bytes/ns, n.Op, n.What)
	}
	fmt.Fprintf(&b, "%4s %9.1f %5.1f%%  copies and conversions between operators\n", "", micros(p.Moves), share(p.Moves))
	fmt.Fprintf(&b, "%4s %9.1f %5.1f%%  between kernel calls, timing among it\n", "", micros(p.Total-sum), share(p.Total-sum))
	fmt.Fprintf(&b, "%4s %9.1f         a run; %.1f without timing\n", "", micros(p.Total), micros(p.Alone))
	return b.String()
}
