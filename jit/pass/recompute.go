package pass

import (
	"slices"

	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// recomputeTrials bounds the plans that a search for memory makes.
const recomputeTrials = 48

// RunWithin is run for a graph that should need at most budget bytes of memory between its operators, which need tells for
// an improved graph: elementwise operators whose results lie there for long are applied again where they are read, if what
// they read is there. Results stay what they were, bit by bit. It also returns how many operators are applied again.
// It is a greedy search along the schedule, which ends at the budget, or where nothing helps any more.
func RunWithin(g *graph.Graph, device bool, budget int, need func(g *graph.Graph) int) (*graph.Graph, int) {
	passes := All()
	if device {
		passes = onDevice()
	}
	at := slices.IndexFunc(passes, func(p Pass) bool { return p.Name == "slopes" || p.Name == "fuse" })
	first, rest := passes[:at], passes[at:]
	g = run(g, first)
	best := run(g, rest)
	now, applied := need(best), len(g.Nodes)
	if now > budget && rest[0].Name == "slopes" { // a derivative that is saved cannot be computed again
		rest = rest[1:]
		best = run(g, rest)
		now = need(best)
	}
	rejected := map[graph.Value]bool{}
	for range recomputeTrials {
		if now <= budget {
			break
		}
		s := newSchedule(g)
		v, again := s.candidate(rejected)
		if v == graph.None {
			break
		}
		trial := s.applyAgain(v, again)
		improved := run(trial, rest)
		if n := need(improved); n < now {
			g, best, now = trial, improved, n
			continue
		}
		rejected[v] = true
	}
	return best, len(g.Nodes) - applied
}

// schedule is when the memory of values is in use.
type schedule struct {
	g           *graph.Graph
	from        []int
	root        []graph.Value // whose memory a value lies in
	made, last  []int         // of roots: made is −1 for what the graph is given
	lastDirect  []int         // node that reads the value itself last
	fixed       []bool        // outputs and states: they stay where they are
	fullestNode int
}

func newSchedule(g *graph.Graph) *schedule {
	n := len(g.Types)
	s := &schedule{
		g: g, from: g.Producers(), root: make([]graph.Value, n), made: make([]int, n), last: make([]int, n),
		lastDirect: make([]int, n), fixed: make([]bool, n),
	}
	for v := range s.root {
		s.root[v], s.made[v], s.last[v], s.lastDirect[v] = graph.Value(v), -1, -1, -1
	}
	for i := range g.Nodes {
		node := &g.Nodes[i]
		for _, v := range node.In {
			s.last[s.root[v]], s.lastDirect[v] = i, i
		}
		for _, v := range node.Out {
			s.made[v], s.last[v] = i, i
			if node.Def.View != nil {
				s.root[v] = s.root[node.In[0]]
			}
		}
	}
	for _, o := range g.Outputs {
		s.fixed[s.root[o.Value]] = true
	}
	for _, t := range g.States {
		s.fixed[s.root[t.Out]] = true
		if t.In != t.Out { // it may be overwritten as soon as nobody reads it
			s.fixed[t.In] = true
		}
	}
	s.fullest()
	return s
}

func (s *schedule) bytes(v graph.Value) int {
	t := s.g.Types[v]
	return t.Shape.Numel() * t.DType.Size()
}

// fullest finds the node at which most memory is in use.
func (s *schedule) fullest() {
	change := make([]int, len(s.g.Nodes)+2)
	for v := range s.g.Types {
		if s.root[v] == graph.Value(v) && s.made[v] >= 0 {
			change[s.made[v]] += s.bytes(graph.Value(v))
			change[s.last[v]+1] -= s.bytes(graph.Value(v))
		}
	}
	most, sum := 0, 0
	for i := range s.g.Nodes {
		if sum += change[i]; sum > most {
			most, s.fullestNode = sum, i
		}
	}
}

// candidate returns the largest value that lies there at the fullest node, is read behind it only by nodes that may read
// another one in its place, and can be computed again then, and the nodes that do; None: there is none.
func (s *schedule) candidate(rejected map[graph.Value]bool) (best graph.Value, again []int) {
	best = graph.None
	for i := range s.g.Nodes[:s.fullestNode] {
		n := &s.g.Nodes[i]
		if !cheap(n) {
			continue
		}
		v := n.Out[0]
		if rejected[v] || s.fixed[v] || s.last[v] <= s.fullestNode || s.lastDirect[v] != s.last[v] || s.viewedLate(v) ||
			best != graph.None && s.bytes(v) <= s.bytes(best) {
			continue
		}
		if nodes, ok := s.chain(i, s.readsBehind(v)); ok {
			best, again = v, nodes
		}
	}
	return best, again
}

// cheap reports whether n may be applied again.
func cheap(n *graph.Node) bool {
	_, _, random := op.RandomPlace(n.Attrs)
	return n.Def.Elementwise && n.Def.View == nil && len(n.Out) == 1 && !n.Random && !random && !n.Def.IsUpdate() &&
		n.Def.Domain == ""
}

// viewedLate reports whether a view of v is read behind the fullest node.
func (s *schedule) viewedLate(v graph.Value) bool {
	for w := range s.root {
		if graph.Value(w) != v && s.root[w] == v && s.lastDirect[w] > s.fullestNode {
			return true
		}
	}
	return false
}

// readsBehind is the first node behind the fullest that reads v.
func (s *schedule) readsBehind(v graph.Value) int {
	for i := s.fullestNode + 1; i < len(s.g.Nodes); i++ {
		if slices.Contains(s.g.Nodes[i].In, v) {
			return i
		}
	}
	return len(s.g.Nodes)
}

// chain lists node i and nodes before it that have to be applied again at node use, in order.
func (s *schedule) chain(i, use int) (nodes []int, ok bool) {
	const longest = 4
	var visit func(i, depth int) bool
	visit = func(i, depth int) bool {
		for _, x := range s.g.Nodes[i].In {
			r := s.root[x]
			if !(s.made[r] < 0 && !s.fixed[r] || s.last[r] >= use && !(s.fixed[r] && s.made[r] < 0)) {
				p := s.from[x]
				if p < 0 || depth == longest || !cheap(&s.g.Nodes[p]) || !visit(p, depth+1) {
					return false
				}
			}
		}
		if !slices.Contains(nodes, i) {
			nodes = append(nodes, i)
		}
		return true
	}
	ok = visit(i, 1)
	return nodes, ok
}

// applyAgain returns the graph in which the nodes are applied again in front of the first node behind the fullest that
// reads v, for it and all later ones.
func (s *schedule) applyAgain(v graph.Value, nodes []int) *graph.Graph {
	g, use := s.g.Clone(), s.readsBehind(v)
	by := map[graph.Value]graph.Value{}
	var more []graph.Node
	for _, i := range nodes {
		n := g.Nodes[i]
		n.In, n.Out = slices.Clone(n.In), slices.Clone(n.Out)
		for k, x := range n.In {
			if y, ok := by[x]; ok {
				n.In[k] = y
			}
		}
		y := graph.Value(len(g.Types))
		g.Types = append(g.Types, g.Types[n.Out[0]])
		by[n.Out[0]], n.Out[0] = y, y
		more = append(more, n)
	}
	for i := use; i < len(g.Nodes); i++ {
		for k, x := range g.Nodes[i].In {
			if x == v {
				g.Nodes[i].In[k] = by[v]
			}
		}
	}
	g.Nodes = slices.Insert(g.Nodes, use, more...)
	return g
}
