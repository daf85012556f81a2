package jit

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// Graph is what Trace made of a function. The embedded graph is the program as it was traced; Run uses an
// improved copy.
type Graph struct {
	*graph.Graph
	f any
	// constant says that constants belong to the graph alone.
	constant bool
	once     sync.Once
	best     *graph.Graph
	prog     *exec.Program
	err      error
	runs     atomic.Int64
	traced   op.Device // where the traced call was computed; nil: on the CPU, or the graph was not traced
}

func newGraph(g *graph.Graph, f any) *Graph { return &Graph{Graph: g, f: f} }

// FromGraph returns g, made by a graph.Builder or read from a file, as a Graph that runs.
func FromGraph(g *graph.Graph) (*Graph, error) {
	if err := g.Verify(); err != nil {
		return nil, err
	}
	return newGraph(g, nil), nil
}

// prepare improves and plans the graph, the first time, for where its constants, states and arguments x are.
func (g *Graph) prepare(x []*eager.Tensor) error {
	g.once.Do(func() {
		dev := g.device(x)
		switch {
		case dev != nil:
			g.best = pass.RunOnDevice(g.Graph)
		case g.constant:
			g.best = pass.RunConstant(g.Graph)
		default:
			g.best = pass.Run(g.Graph)
		}
		layout, host := map[graph.Value][]int{}, map[graph.Value]bool{}
		for i, in := range g.best.Inputs {
			host[in.Value] = i < len(x) && x[i] != nil && x[i].Device() == nil && oneElement(x[i].Storage())
		}
		for _, c := range g.best.Consts {
			layout[c.Value], host[c.Value] = c.Data.Strides, c.Data.Device() == nil && oneElement(c.Data)
		}
		for _, s := range g.best.States {
			layout[s.In] = s.Data.Strides
		}
		g.prog, g.err = exec.NewOn(dev, g.best, func(v graph.Value) []int { return layout[v] },
			func(v graph.Value) bool { return host[v] })
	})
	return g.err
}

// device returns where the graph runs; nil: on the CPU.
func (g *Graph) device(x []*eager.Tensor) op.Device {
	if g.traced != nil {
		return g.traced
	}
	for _, s := range g.States {
		if d, ok := s.Data.Device().(op.Device); ok {
			return d
		}
	}
	for _, c := range g.Consts {
		if d, ok := c.Data.Device().(op.Device); ok {
			return d
		}
	}
	for _, a := range x {
		if a != nil && a.Device() != nil {
			return a.Device()
		}
	}
	return nil
}

// Run computes the graph: its outputs for arguments of the types that it was traced with. It reads constants
// and changes states where they lie, and draws from the default random stream as the function did. Results
// are not connected to the tape. It panics with *engine.Error as operators do, and when an argument is of
// another type. It may be called from several goroutines, unless the graph has states.
func (g *Graph) Run(x ...*eager.Tensor) []*eager.Tensor { return g.run(x, nil) }

// run is Run; took, when given, is told the time of each kernel call.
func (g *Graph) run(x []*eager.Tensor, took func(node int, d time.Duration)) []*eager.Tensor {
	r := exec.Run{Inputs: g.arguments(x), Took: took}
	if g.Words > 0 || len(g.States) > 0 {
		seed, first := eager.TakeRandom(g.Words)
		steps := int(g.runs.Add(1) - 1)
		r.Attrs = func(i int) op.Attrs { return g.best.Nodes[i].At(steps, seed, first) }
	}
	for _, s := range g.States {
		if s.In != s.Out {
			eager.BeforeWrite(s.Data.Buf)
		}
	}
	arrays := g.prog.Run(&r)
	out := make([]*eager.Tensor, len(arrays))
	for i, a := range arrays {
		out[i] = eager.Over(a)
	}
	return out
}

// arguments prepares the graph and checks what a run is given.
func (g *Graph) arguments(x []*eager.Tensor) []engine.Array {
	if err := g.prepare(x); err != nil {
		panic(&engine.Error{Where: "jit.Graph", What: err.Error()})
	}
	if len(x) != len(g.Inputs) {
		engine.Fail("jit.Graph", "the graph takes %d arguments, got %d", len(g.Inputs), len(x))
	}
	in := make([]engine.Array, len(x))
	for i, a := range x {
		if a == nil {
			engine.Fail("jit.Graph", "argument %d is nil", i)
		}
		if t := g.Type(g.Inputs[i].Value); a.DType() != t.DType || !a.Shape().Equal(t.Shape) {
			engine.Fail("jit.Graph", "argument %d is %v, the graph was made for %v; trace it again with such an example",
				i, a.Type(), t)
		}
		in[i] = a.Contiguous().Storage()
	}
	return in
}

// Diff calls the function that g was traced from, and g, with x, and says how their results differ beyond
// rounding; it is empty when they do not. Both calls change what the function changes.
func (g *Graph) Diff(x ...*eager.Tensor) string {
	call, err := asFunc(g.f)
	if err != nil {
		return "the graph was not traced from a function"
	}
	want, have := call(x), g.Run(x...)
	for i := range want {
		a, b := want[i].Storage(), have[i].Storage()
		if a.DType != b.DType || !a.Shape.Equal(b.Shape) {
			return "result types differ: eager " + a.String() + ", graph " + b.String()
		}
		if why := differ(a, b); why != "" {
			return why
		}
	}
	return ""
}

// Freeze returns a copy of g for inference, whose weights are values of their own and which has no batch
// normalisation of its own any more: see pass.Freeze. Results differ from those of g by rounding.
func (g *Graph) Freeze() (*Graph, error) {
	if d := g.device(nil); d != nil {
		return nil, &engine.Error{Where: "jit.Graph.Freeze", What: "the graph is on " + d.String() +
			"; freezing prepares kernels of the CPU: trace the function there, or run the graph as it is"}
	}
	frozen, err := pass.Freeze(g.Graph)
	if err != nil {
		return nil, err
	}
	f := newGraph(frozen, g.f)
	f.constant = true
	return f, nil
}
