package cluster

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// HDBSCAN finds clusters of any density that persist as the density rises (Campello et al. 2013).
type HDBSCAN struct {
	learn.ClustererBase
	MinClusterSize  int     `param:"min_cluster_size=5"`
	MinSamples      any     `param:"min_samples=None"` // nil means MinClusterSize
	Epsilon         float64 `param:"cluster_selection_epsilon=0.0"`
	MaxClusterSize  any     `param:"max_cluster_size=None"`
	Metric          string  `param:"metric=euclidean"`
	MetricParams    any     `param:"metric_params=None" fixed:"true"`
	Alpha           float64 `param:"alpha=1.0"`
	Algorithm       string  `param:"algorithm=auto"`
	LeafSize        int     `param:"leaf_size=40"`
	SelectionMethod string  `param:"cluster_selection_method=eom"` // or leaf
	AllowSingle     bool    `param:"allow_single_cluster=false"`
	StoreCenters    any     `param:"store_centers=None" fixed:"true"`

	Probabilities []float64 `fit:"probabilities_"`
}

// NewHDBSCAN returns one with scikit-learn's defaults.
func NewHDBSCAN() *HDBSCAN { m := &HDBSCAN{}; learn.Init(m); return m }

// Fit groups the rows.
func (m *HDBSCAN) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.Begin(x, nil))
	m.OneOf("SelectionMethod", m.SelectionMethod, "eom", "leaf")
	if d.Rows < 2 || m.MinClusterSize < 2 {
		m.Fail("X has %d rows and MinClusterSize is %d; want at least 2 of both", d.Rows, m.MinClusterSize)
	}
	k, ok := learn.OptInt(m.MinSamples)
	if !ok {
		k = m.MinClusterSize
	}
	if k > d.Rows {
		m.Fail("MinSamples is %d for %d rows", k, d.Rows)
	}
	near, _ := neighbors.NewIndex(d, m.Algorithm, m.Metric, 2, m.LeafSize).Nearest(d, k, false)
	f := metric.DistanceOf(m.Metric, 2)
	z := spanningTree(d.Rows, func(i, j int) float64 {
		return max(near.At(i, k-1), near.At(j, k-1), f(d.Row(i), d.Row(j))/m.Alpha)
	})
	sort.SliceStable(z, func(i, j int) bool { return z[i].d < z[j].d })
	u := newForest(d.Rows)
	for i := range z {
		z[i].a, z[i].b = u.find(z[i].a), u.find(z[i].b)
		u.join(z[i].a, z[i].b)
	}
	c := condense(z, d.Rows, m.MinClusterSize)
	m.label(c, d.Rows)
	m.Done()
	return nil
}

// edge of a condensed tree: child leaves parent at density lambda with size rows.
type edge struct {
	parent, child int
	lambda        float64
	size          int
}

// condense keeps the splits whose both sides have at least least rows; cluster numbers begin at n.
func condense(z []merge, n, least int) []edge {
	size := make([]int, 2*n)
	for i := range n {
		size[i] = 1
	}
	for i, m := range z {
		size[n+i] = size[m.a] + size[m.b]
	}
	below := func(root int) []int {
		queue := []int{root}
		for i := 0; i < len(queue); i++ {
			if q := queue[i]; q >= n {
				queue = append(queue, z[q-n].a, z[q-n].b)
			}
		}
		return queue
	}
	root := 2*n - 2
	name, skip := make([]int, 2*n), make([]bool, 2*n)
	name[root] = n
	next := n + 1
	var out []edge
	for _, node := range below(root) {
		if skip[node] || node < n {
			continue
		}
		m := z[node-n]
		lambda := math.Inf(1)
		if m.d > 0 {
			lambda = 1 / m.d
		}
		fall := func(side int) {
			for _, s := range below(side) {
				if s < n {
					out = append(out, edge{name[node], s, lambda, 1})
				}
				skip[s] = true
			}
		}
		bigA, bigB := size[m.a] >= least, size[m.b] >= least
		switch {
		case bigA && bigB:
			for _, side := range []int{m.a, m.b} {
				name[side] = next
				next++
				out = append(out, edge{name[node], name[side], lambda, size[side]})
			}
		case !bigA && !bigB:
			fall(m.a)
			fall(m.b)
		case !bigA:
			name[m.b] = name[node]
			fall(m.a)
		default:
			name[m.a] = name[node]
			fall(m.b)
		}
	}
	return out
}

// selection is the state of choosing clusters of a condensed tree.
type selection struct {
	tree      []edge // edges between clusters
	children  map[int][]int
	parent    map[int]int
	birth     map[int]float64
	size      map[int]int
	stability map[int]float64
	chosen    map[int]bool
	root      int
}

func newSelection(c []edge, n int) *selection {
	s := &selection{
		children: map[int][]int{}, parent: map[int]int{}, birth: map[int]float64{n: 0},
		size: map[int]int{}, stability: map[int]float64{}, chosen: map[int]bool{}, root: n,
	}
	for _, e := range c {
		if e.child >= n {
			s.birth[e.child] = e.lambda
			s.tree = append(s.tree, e)
			s.children[e.parent] = append(s.children[e.parent], e.child)
			s.parent[e.child], s.size[e.child] = e.parent, e.size
		}
	}
	for _, e := range c {
		s.stability[e.parent] += (e.lambda - s.birth[e.parent]) * float64(e.size)
	}
	return s
}

// label chooses clusters and labels the rows.
func (m *HDBSCAN) label(c []edge, n int) {
	s := newSelection(c, n)
	nodes := make([]int, 0, len(s.stability))
	for node := range s.stability {
		if node != s.root || m.AllowSingle {
			nodes = append(nodes, node)
			s.chosen[node] = true
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(nodes)))
	most := n + 1
	if k, ok := learn.OptInt(m.MaxClusterSize); ok {
		most = k
	}
	if m.AllowSingle {
		for _, ch := range s.children[s.root] {
			s.size[s.root] += s.size[ch]
		}
	}
	if m.SelectionMethod == "eom" {
		s.excess(nodes, most)
	} else {
		s.leaves(nodes)
	}
	if m.Epsilon != 0 && len(s.tree) > 0 {
		s.widen(nodes, m.Epsilon, m.AllowSingle)
	}
	m.assign(s, c, n)
}

// excess keeps the clusters with the largest excess of mass.
func (s *selection) excess(nodes []int, most int) {
	for _, node := range nodes {
		below := 0.0
		for _, ch := range s.children[node] {
			below += s.stability[ch]
		}
		if below > s.stability[node] || s.size[node] > most {
			s.chosen[node] = false
			s.stability[node] = below
			continue
		}
		queue := slices.Clone(s.children[node])
		for i := 0; i < len(queue); i++ {
			s.chosen[queue[i]] = false
			queue = append(queue, s.children[queue[i]]...)
		}
	}
}

func (s *selection) leaves(nodes []int) {
	for _, node := range nodes {
		s.chosen[node] = len(s.children[node]) == 0
	}
	if len(s.tree) == 0 {
		for _, node := range nodes {
			s.chosen[node] = false
		}
		s.chosen[s.root] = true
	}
}

// widen replaces clusters born closer than eps by their ancestors.
func (s *selection) widen(nodes []int, eps float64, single bool) {
	var picked []int
	for _, node := range nodes {
		if s.chosen[node] {
			picked = append(picked, node)
		}
	}
	if len(picked) == 1 && picked[0] == s.root {
		if !single {
			s.chosen[s.root] = false
		}
		return
	}
	slices.Sort(picked)
	keep, covered := map[int]bool{}, map[int]bool{}
	for _, leaf := range picked {
		if 1/s.birth[leaf] >= eps {
			keep[leaf] = true
			continue
		}
		if covered[leaf] {
			continue
		}
		top := leaf
		for {
			p := s.parent[top]
			if p == s.root {
				if single {
					top = p
				}
				break
			}
			top = p
			if 1/s.birth[p] > eps {
				break
			}
		}
		keep[top] = true
		queue := slices.Clone(s.children[top])
		for i := 0; i < len(queue); i++ {
			covered[queue[i]] = true
			queue = append(queue, s.children[queue[i]]...)
		}
	}
	for _, node := range nodes {
		s.chosen[node] = keep[node]
	}
}

// assign labels each row with the chosen cluster above it.
func (m *HDBSCAN) assign(s *selection, c []edge, n int) {
	var chosen []int
	for node, ok := range s.chosen {
		if ok {
			chosen = append(chosen, node)
		}
	}
	slices.Sort(chosen)
	label, death, top := map[int]int{}, map[int]float64{}, 0.0
	for i, node := range chosen {
		label[node] = i
	}
	for _, e := range c {
		death[e.parent] = max(death[e.parent], e.lambda)
		if e.parent == s.root {
			top = max(top, e.lambda)
		}
	}
	m.Labels, m.Probabilities = make([]int, n), make([]float64, n)
	threshold := top
	if m.Epsilon != 0 {
		threshold = 1 / m.Epsilon
	}
	for _, e := range c {
		if e.child >= n {
			continue
		}
		node := e.parent
		for !s.chosen[node] && node != s.root {
			node = s.parent[node]
		}
		l, ok := label[node]
		if !ok || node == s.root && (len(chosen) != 1 || !m.AllowSingle || e.lambda < threshold) {
			m.Labels[e.child] = -1
			continue
		}
		m.Labels[e.child] = l
		m.Probabilities[e.child] = 1
		if d := death[node]; d != 0 && !math.IsInf(e.lambda, 1) {
			m.Probabilities[e.child] = min(e.lambda, d) / d
		}
	}
}
