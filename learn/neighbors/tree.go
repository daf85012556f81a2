package neighbors

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// tree is a k-d tree with a bounding box for each node; rows are stored in the order of the leaves.
type tree struct {
	nodes []node
	box   []float64 // of each node, the lows of all columns and then the highs
	order []int     // original number of each stored row
	x     *learn.Matrix
}

// node holds rows lo … hi−1; left is 0 in a leaf.
type node struct{ lo, hi, left, right int }

func newTree(x *learn.Matrix, leaf int) *tree {
	t := &tree{order: make([]int, x.Rows)}
	for i := range t.order {
		t.order[i] = i
	}
	t.build(x, 0, x.Rows, leaf)
	t.x = x.Take(t.order)
	return t
}

func (t *tree) build(x *learn.Matrix, lo, hi, leaf int) int {
	id := len(t.nodes)
	t.nodes = append(t.nodes, node{lo: lo, hi: hi})
	low, high := make([]float64, x.Cols), make([]float64, x.Cols)
	for j := range low {
		low[j], high[j] = math.Inf(1), math.Inf(-1)
	}
	for _, i := range t.order[lo:hi] {
		for j, v := range x.Row(i) {
			low[j], high[j] = min(low[j], v), max(high[j], v)
		}
	}
	t.box = append(append(t.box, low...), high...)
	widest := 0
	for j := range low {
		if high[j]-low[j] > high[widest]-low[widest] {
			widest = j
		}
	}
	if hi-lo <= leaf || high[widest] == low[widest] {
		return id
	}
	mid := (lo + hi) / 2
	part := t.order[lo:hi]
	selectNth(part, mid-lo, func(i int) float64 { return x.Data[i*x.Cols+widest] })
	left := t.build(x, lo, mid, leaf)
	right := t.build(x, mid, hi, leaf)
	t.nodes[id].left, t.nodes[id].right = left, right
	return id
}

// selectNth reorders v so that its n-th element is where sorting would put it.
func selectNth(v []int, n int, key func(i int) float64) {
	lo, hi := 0, len(v)-1
	for hi-lo > 16 {
		a, b, c := key(v[lo]), key(v[(lo+hi)/2]), key(v[hi])
		p := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for key(v[i]) < p {
				i++
			}
			for key(v[j]) > p {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n >= i:
			lo = i
		default:
			return
		}
	}
	part := v[lo : hi+1]
	sort.Slice(part, func(a, b int) bool { return key(part[a]) < key(part[b]) })
}

// search is one query.
type search struct {
	ix    *Index
	q     []float64
	b     *best
	self  int
	found []hit
}

// bound returns the least distance of q from a node's box.
func (s *search) bound(id int) float64 {
	t := s.ix.tree
	d := len(s.q)
	low, high := t.box[2*id*d:(2*id+1)*d], t.box[(2*id+1)*d:(2*id+2)*d]
	sum := 0.0
	for j, v := range s.q {
		gap := 0.0
		if v < low[j] {
			gap = low[j] - v
		} else if v > high[j] {
			gap = v - high[j]
		}
		switch s.ix.Metric {
		case "euclidean", "l2":
			sum += gap * gap
		case "chebyshev":
			sum = max(sum, gap)
		case "minkowski":
			sum += math.Pow(gap, s.ix.P)
		default:
			sum += gap
		}
	}
	if s.ix.Metric == "minkowski" {
		return math.Pow(sum, 1/s.ix.P)
	}
	return sum
}

func (s *search) distance(row []float64) float64 {
	if s.ix.squared() {
		return sq(s.q, row)
	}
	return s.ix.dist(s.q, row)
}

func (s *search) visit(id int, bound float64) {
	if bound > s.b.worst() {
		return
	}
	t := s.ix.tree
	n := t.nodes[id]
	if n.left == 0 {
		for r := n.lo; r < n.hi; r++ {
			if i := t.order[r]; i != s.self {
				if d := s.distance(t.x.Row(r)); d <= s.b.worst() {
					s.b.add(hit{d, i})
				}
			}
		}
		return
	}
	a, b := s.bound(n.left), s.bound(n.right)
	if a <= b {
		s.visit(n.left, a)
		s.visit(n.right, b)
	} else {
		s.visit(n.right, b)
		s.visit(n.left, a)
	}
}

// collect adds all rows within limit.
func (s *search) collect(id int, limit float64) {
	if s.bound(id) > limit {
		return
	}
	t := s.ix.tree
	n := t.nodes[id]
	if n.left != 0 {
		s.collect(n.left, limit)
		s.collect(n.right, limit)
		return
	}
	for r := n.lo; r < n.hi; r++ {
		if d := s.distance(t.x.Row(r)); d <= limit {
			s.found = append(s.found, hit{d, t.order[r]})
		}
	}
}
