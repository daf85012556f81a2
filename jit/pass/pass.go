// Package pass improves graphs without changing what they compute.
//
//	g = pass.Run(g)
//
// Each pass takes a well-formed graph, which it may change, and returns one. Floating-point results stay
// what they were, bit by bit but for kernels that combine several operators. It does not run graphs
// (jit/exec) and does not generate code (jit/codegen).
package pass

import (
	"fmt"

	"github.com/lathe-ml/lathe/jit/graph"
)

// Pass is one improvement.
type Pass struct {
	Name string
	Do   func(*graph.Graph) *graph.Graph
}

// All returns the passes in the order in which Run applies them.
func All() []Pass {
	return []Pass{
		{"simplify", Simplify},
		{"fold", Fold},
		{"common", Common},
		{"dead", DeadCode},
		{"pooled", Pooled},
		{"convpool", ConvPool},
		{"steps", Steps},
		{"epilogue", Epilogue},
		{"slopes", Slopes},
		{"fuse", Fuse},
		{"dead", DeadCode},
		{"losses", Losses},
	}
}

// Run applies all passes to a copy of g. A graph that a pass left ill-formed is a bug of the pass: it
// panics.
func Run(g *graph.Graph) *graph.Graph { return run(g, All()) }

// RunOnDevice is Run for a graph that runs on a device: without the kernels that join several operators for the CPU.
func RunOnDevice(g *graph.Graph) *graph.Graph {
	return run(g, onDevice())
}

func onDevice() []Pass {
	return []Pass{
		{"simplify", Simplify},
		{"fold", foldNumbers},
		{"common", Common},
		{"dead", DeadCode},
		{"fuse", Fuse},
		{"dead", DeadCode},
	}
}

func run(g *graph.Graph, passes []Pass) *graph.Graph {
	if improved, err := apply(g, passes, false); err == nil {
		return improved
	}
	_, err := apply(g, passes, true) // says which pass it was
	panic(fmt.Sprintf("pass: %v", err))
}

// apply applies passes to a copy of g and verifies the result, or that of each.
func apply(g *graph.Graph, passes []Pass, each bool) (*graph.Graph, error) {
	g = g.Clone()
	for i, p := range passes {
		g = p.Do(g)
		if !each && i < len(passes)-1 {
			continue
		}
		if err := g.Verify(); err != nil {
			return nil, fmt.Errorf("after %s: %w", p.Name, err)
		}
	}
	return g, nil
}

// DeadCode removes nodes whose results nobody reads, and constants.
func DeadCode(g *graph.Graph) *graph.Graph {
	used := make([]bool, len(g.Types))
	for _, o := range g.Outputs {
		used[o.Value] = true
	}
	for _, s := range g.States {
		used[s.Out] = true
	}
	live := make([]bool, len(g.Nodes))
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		for _, v := range g.Nodes[i].Out {
			live[i] = live[i] || used[v]
		}
		if live[i] {
			for _, v := range g.Nodes[i].In {
				used[v] = true
			}
		}
	}
	nodes := make([]graph.Node, 0, len(g.Nodes))
	for i := range live {
		if live[i] {
			nodes = append(nodes, g.Nodes[i])
		}
	}
	g.Nodes = nodes
	consts := make([]graph.Const, 0, len(g.Consts))
	for _, c := range g.Consts {
		if used[c.Value] {
			consts = append(consts, c)
		}
	}
	g.Consts = consts
	return g
}
