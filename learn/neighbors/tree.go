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
	seen  int // rows looked at
	found []hit
}

// corners returns the lows and highs of a node's box.
func (t *tree) corners(id, d int) (low, high []float64) {
	return t.box[2*id*d : (2*id+1)*d], t.box[(2*id+1)*d : (2*id+2)*d]
}

// near returns the least distance of q from a node's box (squared for a Euclidean metric).
func (ix *Index) near(id int, q []float64) float64 {
	low, high := ix.tree.corners(id, len(q))
	if ix.squared() {
		sum := 0.0
		for j, v := range q {
			gap := max(low[j]-v, v-high[j], 0)
			sum += gap * gap
		}
		return sum
	}
	return ix.fold(q, func(j int) float64 { return max(low[j]-q[j], q[j]-high[j], 0) })
}

// far returns the largest distance of q from a point of a node's box.
func (ix *Index) far(id int, q []float64) float64 {
	low, high := ix.tree.corners(id, len(q))
	if ix.squared() {
		sum := 0.0
		for j, v := range q {
			gap := max(v-low[j], high[j]-v)
			sum += gap * gap
		}
		return sum
	}
	return ix.fold(q, func(j int) float64 { return max(q[j]-low[j], high[j]-q[j]) })
}

// fold joins the distances of columns as the metric does.
func (ix *Index) fold(q []float64, column func(j int) float64) float64 {
	sum := 0.0
	for j := range q {
		switch gap := column(j); ix.Metric {
		case "chebyshev":
			sum = max(sum, gap)
		case "minkowski":
			sum += math.Pow(gap, ix.P)
		default:
			sum += gap
		}
	}
	if ix.Metric == "minkowski" {
		return math.Pow(sum, 1/ix.P)
	}
	return sum
}

// gap is the distance of two rows, squared for a Euclidean metric.
func (ix *Index) gap(a, b []float64) float64 {
	if ix.squared() {
		return sq(a, b)
	}
	return ix.dist(a, b)
}

func (s *search) visit(id int, bound float64) {
	if bound > s.b.worst() {
		return
	}
	t := s.ix.tree
	n := t.nodes[id]
	if n.left == 0 {
		s.seen += n.hi - n.lo
		for r := n.lo; r < n.hi; r++ {
			if i := t.order[r]; i != s.self {
				if d := s.ix.gap(s.q, t.x.Row(r)); d <= s.b.worst() {
					s.b.add(hit{d, i})
				}
			}
		}
		return
	}
	a, b := s.ix.near(n.left, s.q), s.ix.near(n.right, s.q)
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
	if s.ix.near(id, s.q) > limit {
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
		if d := s.ix.gap(s.q, t.x.Row(r)); d <= limit {
			s.found = append(s.found, hit{d, t.order[r]})
		}
	}
}
