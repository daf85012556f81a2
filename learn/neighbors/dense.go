package neighbors

import (
	"math"
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
)

// Dense groups rows with many neighbours: a core row has rows of a weight of at least least within eps, itself
// included; core rows within eps of each other are of one group, and any other row is of the first group that has
// a core row within eps. Groups are numbered by their first core row; −1 is no group. It returns ok false for an
// index without a tree and for weights that are no whole numbers of 0 or more.
//
// Rows of a node whose diagonal is within eps are neighbours of each other without a look at them, so that whole
// nodes are counted and joined (Gan and Tao, "DBSCAN revisited", SIGMOD 2015).
func (ix *Index) Dense(eps float64, w []float64, least float64) (core []bool, labels []int, ok bool) {
	for _, v := range w {
		if v != math.Trunc(v) || v < 0 || v > 1<<30 {
			return nil, nil, false
		}
	}
	if ix.tree == nil {
		return nil, nil, false
	}
	d := &dense{ix: ix, t: ix.tree, limit: eps, least: least}
	if ix.squared() {
		d.limit = eps * eps
	}
	d.weigh(w)
	d.cell = make([]int, len(d.t.nodes))
	for id := range d.cell {
		d.cell[id] = -1
	}
	d.findCells(0)
	d.findCores()
	d.join()
	core, labels = make([]bool, len(d.core)), make([]int, len(d.core))
	for r, i := range d.t.order {
		core[i] = d.core[r]
	}
	d.label(core, labels)
	return core, labels, true
}

// dense is one grouping; rows are in the order of the tree.
type dense struct {
	ix    *Index
	t     *tree
	limit float64 // eps, squared for a Euclidean metric
	least float64
	sum   []float64 // weights of the rows before each row
	cells []cell
	cell  []int // of each node: its number in cells, or −1
	core  []bool
	group []int32 // of each row: another row of its group, itself for the root
}

// cell is a node at which searches end: all rows within eps of each other, or a leaf.
type cell struct {
	node
	whole bool
	first int // core row, −1 without one
}

func (d *dense) weigh(w []float64) {
	d.sum = make([]float64, len(w)+1)
	for r, i := range d.t.order {
		d.sum[r+1] = d.sum[r] + w[i]
	}
	d.core = make([]bool, len(w))
}

// findCells splits the tree into the largest nodes with a diagonal within eps.
func (d *dense) findCells(id int) {
	n := d.t.nodes[id]
	low, high := d.t.corners(id, d.t.x.Cols)
	if whole := d.ix.gap(low, high) <= d.limit; whole || n.left == 0 {
		d.cell[id] = len(d.cells)
		d.cells = append(d.cells, cell{n, whole, -1})
		return
	}
	d.findCells(n.left)
	d.findCells(n.right)
}

func (d *dense) findCores() {
	engine.Parallel(len(d.cells), 8, func(lo, hi int) {
		for i := range d.cells[lo:hi] {
			c := &d.cells[lo+i]
			all := c.whole && d.sum[c.hi]-d.sum[c.lo] >= d.least
			for r := c.lo; r < c.hi; r++ {
				d.core[r] = all || d.count(0, d.t.x.Row(r), 0) >= d.least
				if d.core[r] && c.first < 0 {
					c.first = r
				}
			}
		}
	})
}

// count adds the weights of the rows within eps of q to n; it stops when they are enough.
func (d *dense) count(id int, q []float64, n float64) float64 {
	if d.ix.near(id, q) > d.limit {
		return n
	}
	node := d.t.nodes[id]
	switch {
	case d.ix.far(id, q) <= d.limit:
		return n + d.sum[node.hi] - d.sum[node.lo]
	case node.left != 0:
		if n = d.count(node.left, q, n); n >= d.least {
			return n
		}
		return d.count(node.right, q, n)
	}
	for r := node.lo; r < node.hi; r++ {
		if d.ix.gap(q, d.t.x.Row(r)) <= d.limit {
			n += d.sum[r+1] - d.sum[r]
		}
	}
	return n
}

// join puts core rows within eps of each other into one group.
func (d *dense) join() {
	d.group = make([]int32, len(d.core))
	for r := range d.group {
		d.group[r] = int32(r)
	}
	for _, c := range d.cells {
		for r := c.lo; c.whole && r < c.hi; r++ {
			if d.core[r] {
				d.group[r] = int32(c.first)
			}
		}
	}
	engine.Parallel(len(d.cells), 8, func(lo, hi int) {
		for _, c := range d.cells[lo:hi] {
			for r := c.lo; r < c.hi; r++ {
				if d.core[r] {
					d.connect(0, r)
				}
			}
		}
	})
}

// connect joins core row r with core rows within eps, but for those of later nodes, which do it themselves.
func (d *dense) connect(id, r int) {
	n := d.t.nodes[id]
	q := d.t.x.Row(r)
	if n.lo > r || d.ix.near(id, q) > d.limit {
		return
	}
	if d.cell[id] < 0 {
		d.connect(n.left, r)
		d.connect(n.right, r)
		return
	}
	c := &d.cells[d.cell[id]]
	if c.first < 0 || c.whole && d.root(c.first) == d.root(r) {
		return
	}
	for o := c.first; o < c.hi; o++ {
		if d.core[o] && (c.whole || d.root(o) != d.root(r)) && d.ix.gap(q, d.t.x.Row(o)) <= d.limit {
			d.union(o, r)
			if c.whole {
				return
			}
		}
	}
}

// root follows groups to their root and halves the way.
func (d *dense) root(r int) int {
	for {
		p := atomic.LoadInt32(&d.group[r])
		if int(p) == r {
			return r
		}
		g := atomic.LoadInt32(&d.group[p])
		if g != p {
			atomic.CompareAndSwapInt32(&d.group[r], p, g)
		}
		r = int(p)
	}
}

// union makes the smaller of two roots the parent of the other, also while others do so.
func (d *dense) union(a, b int) {
	for {
		a, b = d.root(a), d.root(b)
		if a == b {
			return
		}
		if a > b {
			a, b = b, a
		}
		if atomic.CompareAndSwapInt32(&d.group[b], int32(b), int32(a)) {
			return
		}
	}
}

// label numbers the groups by their first core row and gives other rows the first group in reach.
func (d *dense) label(core []bool, labels []int) {
	number := make(map[int]int)
	place := make([]int, len(labels))
	for r, i := range d.t.order {
		place[i] = r
	}
	for i := range labels {
		if labels[i] = -1; core[i] {
			root := d.root(place[i])
			n, seen := number[root]
			if !seen {
				n = len(number)
				number[root] = n
			}
			labels[i] = n
		}
	}
	engine.Parallel(len(labels), 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if !core[i] {
				first := d.reach(0, d.t.x.Row(place[i]), math.MaxInt, labels)
				if first < math.MaxInt {
					labels[i] = first
				}
			}
		}
	})
}

// reach returns the smallest label of core rows within eps of q, or best.
func (d *dense) reach(id int, q []float64, best int, labels []int) int {
	if d.ix.near(id, q) > d.limit {
		return best
	}
	n := d.t.nodes[id]
	if n.left != 0 {
		return d.reach(n.right, q, d.reach(n.left, q, best, labels), labels)
	}
	for r := n.lo; r < n.hi; r++ {
		if d.core[r] && d.ix.gap(q, d.t.x.Row(r)) <= d.limit {
			best = min(best, labels[d.t.order[r]])
		}
	}
	return best
}
