package jit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/view"
	"github.com/lathe-ml/lathe/kernel/display"
)

// Display shows the graph in a cell: as it was traced, and as it runs, where chains of operators have become one.
func (g *Graph) Display() display.Data { return view.Of("graph of "+named(g.f), g.panes()...) }

// panes returns the graph as it runs, if it can run, and as it was traced.
func (g *Graph) panes() []view.Pane {
	traced := view.Pane{Name: "as traced", Note: count(len(g.Nodes), "operator"), Graph: g.Graph}
	if err := g.prepare(nil); err != nil {
		traced.Note += "; it does not run: " + err.Error()
		return []view.Pane{traced}
	}
	return []view.Pane{{Name: "as it runs", Note: g.plan(), Graph: g.best}, traced}
}

// plan says in a line what a run does.
func (g *Graph) plan() string {
	s := fmt.Sprintf("%s in %s, %s of scratch memory", count(len(g.Nodes), "operator"),
		count(g.prog.Steps(), "kernel call"), bytesOf(g.prog.ArenaBytes()))
	if how := g.prog.Replay(); how != "" {
		s += "; " + how
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func bytesOf(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return count(n, "byte")
}

// named returns the type of a module, or "a function".
func named(f any) string {
	t := fmt.Sprintf("%T", f)
	if f == nil {
		return "a file"
	}
	if strings.HasPrefix(t, "func(") {
		return "a function"
	}
	return strings.TrimPrefix(t, "*")
}

// Profile is where the time of a graph's runs goes.
type Profile struct {
	Runs  int             // that were measured
	Total time.Duration   // of the median run
	Nodes []time.Duration // the median of each node of Graph
	Moves time.Duration   // copies and conversions between nodes
	Graph *graph.Graph    // as it runs
	title string
}

// Profile runs the graph some times, after a first run that does not count, and returns what its parts took.
// Steps run one after the other, each with all threads that it can use. States change as in runs.
func (g *Graph) Profile(runs int, x ...*eager.Tensor) *Profile {
	if runs < 1 {
		engine.Fail("jit.Graph.Profile", "%d runs; want at least one", runs)
	}
	g.run(x, nil)
	nodes := len(g.best.Nodes)
	all := make([][]time.Duration, nodes+1) // the last is what no node does
	totals := make([]time.Duration, runs)
	for r := range runs {
		once := make([]time.Duration, nodes+1)
		start := time.Now()
		g.run(x, func(node int, d time.Duration) {
			if node < 0 {
				node = nodes
			}
			once[node] += d
		})
		totals[r] = time.Since(start)
		for i, d := range once {
			all[i] = append(all[i], d)
		}
	}
	p := &Profile{Runs: runs, Total: middle(totals), Graph: g.best, title: "time in the graph of " + named(g.f)}
	for _, d := range all {
		p.Nodes = append(p.Nodes, middle(d))
	}
	p.Moves, p.Nodes = p.Nodes[nodes], p.Nodes[:nodes]
	return p
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// pane returns the profile as a drawing.
func (p *Profile) pane() view.Pane {
	return view.Pane{
		Name: "as it runs", Graph: p.Graph, Times: func(i int) time.Duration { return p.Nodes[i] },
		Note: fmt.Sprintf("median of %s: %.1f µs, %.1f µs of them copies between operators", count(p.Runs, "run"),
			float64(p.Total.Nanoseconds())/1e3, float64(p.Moves.Nanoseconds())/1e3),
	}
}

// Display shows the graph with the time of each operator.
func (p *Profile) Display() display.Data { return view.Of(p.title, p.pane()) }

// String lists the operators with their times.
func (p *Profile) String() string { return p.title + "\n" + view.Text(p.pane()) }

// Display shows what became of the calls of f, and the graphs of the programs that run in place of its operators.
func (f *Func) Display() display.Data {
	text := Explain(f)
	f.mu.Lock()
	var panes []view.Pane
	for i, s := range f.ordered() {
		if s.program != nil {
			panes = append(panes, view.Pane{
				Name: fmt.Sprintf("segment %d", i), Note: s.describe(), Graph: s.program.g,
			})
		}
	}
	f.mu.Unlock()
	if len(panes) == 0 {
		return display.Text(text)
	}
	d := view.Of("compiled "+named(f.f), panes...)
	d.MIME["text/plain"] = text
	d.MIME[view.Mime].(map[string]any)["text"] = text
	return d
}
