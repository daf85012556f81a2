package cluster

import (
	"github.com/lathe-ml/lathe/learn"
)

// Birch summarizes rows in a tree of small clusters, one pass over the data, and groups their centres.
type Birch struct {
	learn.ClustererBase
	Threshold       float64 `param:"threshold=0.5"` // largest radius of a small cluster
	BranchingFactor int     `param:"branching_factor=50"`
	NClusters       any     `param:"n_clusters=3"` // nil: the small clusters; a number; or an estimator
	ComputeLabels   bool    `param:"compute_labels=true"`

	Centers         *learn.Matrix `fit:"subcluster_centers_"`
	SubclusterLabel []int         `fit:"subcluster_labels_"`
	root, first     *cfNode
}

// NewBirch returns one with scikit-learn's defaults.
func NewBirch() *Birch { m := &Birch{}; learn.Init(m); return m }

// cluster feature: number, sum and sum of squares of rows.
type cf struct {
	n, ss, norm float64
	sum, centre []float64
	child       *cfNode
}

type cfNode struct {
	subs       []*cf
	leaf       bool
	prev, next *cfNode
}

func (c *cf) update(o *cf) {
	if c.sum == nil {
		c.sum = make([]float64, len(o.sum))
	}
	c.n += o.n
	c.ss += o.ss
	for j, v := range o.sum {
		c.sum[j] += v
	}
	c.settle()
}

func (c *cf) settle() {
	c.centre = make([]float64, len(c.sum))
	c.norm = 0
	for j, v := range c.sum {
		c.centre[j] = v / c.n
		c.norm += c.centre[j] * c.centre[j]
	}
}

// absorb merges o if the radius stays within the threshold.
func (c *cf) absorb(o *cf, threshold float64) bool {
	n, ss := c.n+o.n, c.ss+o.ss
	sum, norm := make([]float64, len(c.sum)), 0.0
	centre := make([]float64, len(c.sum))
	for j, v := range c.sum {
		sum[j] = v + o.sum[j]
		centre[j] = 1 / n * sum[j]
		norm += centre[j] * centre[j]
	}
	if ss/n-norm > threshold*threshold {
		return false
	}
	c.n, c.ss, c.sum, c.centre, c.norm = n, ss, sum, centre, norm
	return true
}

// insert adds a row; true means that the node has to be split.
func (n *cfNode) insert(row *cf, threshold float64, branching int) bool {
	if len(n.subs) == 0 {
		n.subs = append(n.subs, row)
		return false
	}
	best, least := 0, 0.0
	for i, s := range n.subs {
		d := s.norm
		for j, v := range s.centre {
			d -= 2 * v * row.centre[j]
		}
		if i == 0 || d < least {
			best, least = i, d
		}
	}
	s := n.subs[best]
	if s.child != nil {
		if !s.child.insert(row, threshold, branching) {
			s.update(row)
			return false
		}
		a, b := s.child.split()
		n.subs[best] = a
		n.subs = append(n.subs, b)
		return len(n.subs) > branching
	}
	if s.absorb(row, threshold) {
		return false
	}
	n.subs = append(n.subs, row)
	return len(n.subs) > branching
}

// split divides a node by its two farthest clusters.
func (n *cfNode) split() (a, b *cf) {
	left, right := &cfNode{leaf: n.leaf}, &cfNode{leaf: n.leaf}
	a, b = &cf{child: left}, &cf{child: right}
	if n.leaf {
		if n.prev != nil {
			n.prev.next = left
		}
		left.prev, left.next, right.prev, right.next = n.prev, right, left, n.next
		if n.next != nil {
			n.next.prev = right
		}
	}
	k := len(n.subs)
	d := learn.NewMatrix(k, k)
	p, q := 0, 0
	for i := range k {
		for j := range k {
			if i != j {
				d.Set(i, j, squared(n.subs[i].centre, n.subs[j].centre))
			}
			if d.At(i, j) > d.At(p, q) {
				p, q = i, j
			}
		}
	}
	for i, s := range n.subs {
		if d.At(p, i) < d.At(q, i) || i == p {
			left.subs = append(left.subs, s)
			a.update(s)
		} else {
			right.subs = append(right.subs, s)
			b.update(s)
		}
	}
	return a, b
}

// Fit builds the tree and groups its leaves.
func (m *Birch) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.root, m.first = &cfNode{leaf: true}, &cfNode{leaf: true}
	m.first.next, m.root.prev = m.root, m.first
	m.add(d)
	m.Done()
	return nil
}

// PartialFit adds rows to the tree.
func (m *Birch) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if m.root == nil {
		return m.Fit(x, y)
	}
	m.add(m.Ready(x))
	return nil
}

func (m *Birch) add(d *learn.Matrix) {
	if m.BranchingFactor < 2 || m.Threshold < 0 {
		m.Fail("BranchingFactor is %d and Threshold %g; want at least 2 and 0", m.BranchingFactor, m.Threshold)
	}
	for i := range d.Rows {
		row := &cf{n: 1, sum: append([]float64(nil), d.Row(i)...)}
		for _, v := range row.sum {
			row.ss += v * v
		}
		row.settle()
		if m.root.insert(row, m.Threshold, m.BranchingFactor) {
			a, b := m.root.split()
			m.root = &cfNode{subs: []*cf{a, b}}
		}
	}
	var rows [][]float64
	for leaf := m.first.next; leaf != nil; leaf = leaf.next {
		for _, s := range leaf.subs {
			rows = append(rows, s.centre)
		}
	}
	m.Centers = learn.FromRows(rows)
	m.group()
	labels, _ := assign(d, m.Centers)
	m.Labels = make([]int, len(labels))
	for i, l := range labels {
		m.Labels[i] = m.SubclusterLabel[l]
	}
}

func (m *Birch) group() {
	m.SubclusterLabel = make([]int, m.Centers.Rows)
	for i := range m.SubclusterLabel {
		m.SubclusterLabel[i] = i
	}
	k, ok := learn.OptInt(m.NClusters)
	switch e, isEst := m.NClusters.(learn.Estimator); {
	case isEst:
		learn.Must(e.Fit(m.Centers, nil))
		labels, _ := learn.Attributes(e)["labels_"].([]int)
		m.SubclusterLabel = labels
	case ok && m.Centers.Rows >= k && m.Centers.Rows > 1:
		a := NewAgglomerativeClustering()
		a.NClusters = k
		learn.Must(a.Fit(m.Centers, nil))
		m.SubclusterLabel = a.Labels
	case !ok && m.NClusters != nil:
		m.Fail("NClusters is %v; want nil, a number or an estimator", m.NClusters)
	}
}

// Predict returns the group of the nearest small cluster.
func (m *Birch) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	labels, _ := assign(m.Ready(x), m.Centers)
	for i, l := range labels {
		labels[i] = m.SubclusterLabel[l]
	}
	return learn.Ints(labels), nil
}
