package cluster

import (
	"container/heap"
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// merge joins clusters a and b at a distance.
type merge struct {
	a, b int
	d    float64
}

// linkage computes the n−1 merges of a hierarchy, near ones first; cluster n+i is made by merge i.
func linkage(x *learn.Matrix, how, name string) []merge {
	if how == "single" {
		return singleLinkage(x, name)
	}
	d := x
	if name != "precomputed" {
		d = metric.Distances(x, x, name)
	} else {
		d = x.Clone()
	}
	z := chain(d, how)
	sort.SliceStable(z, func(i, j int) bool { return z[i].d < z[j].d })
	u := newForest(d.Rows)
	for i := range z {
		a, b := u.find(z[i].a), u.find(z[i].b)
		if a > b {
			a, b = b, a
		}
		z[i].a, z[i].b = a, b
		u.join(a, b)
	}
	return z
}

// forest numbers the clusters of merges.
type forest struct {
	parent []int
	next   int
}

func newForest(n int) *forest {
	f := &forest{parent: make([]int, 2*n), next: n}
	for i := range f.parent {
		f.parent[i] = i
	}
	return f
}

func (f *forest) find(i int) int {
	root := i
	for f.parent[root] != root {
		root = f.parent[root]
	}
	for f.parent[i] != root {
		f.parent[i], i = root, f.parent[i]
	}
	return root
}

func (f *forest) join(a, b int) {
	f.parent[a], f.parent[b] = f.next, f.next
	f.next++
}

// chain is the algorithm of nearest-neighbour chains (Müllner 2011); d is changed.
func chain(d *learn.Matrix, how string) []merge {
	n := d.Rows
	size := make([]float64, n)
	for i := range size {
		size[i] = 1
	}
	var z []merge
	var stack []int
	for len(z) < n-1 {
		if len(stack) == 0 {
			for i := range n {
				if size[i] > 0 {
					stack = append(stack, i)
					break
				}
			}
		}
		x, y, best := 0, 0, 0.0
		for {
			x = stack[len(stack)-1]
			best = math.Inf(1)
			if len(stack) > 1 {
				y = stack[len(stack)-2]
				best = d.At(x, y)
			}
			row := d.Row(x)
			for i := range n {
				if size[i] > 0 && i != x && row[i] < best {
					best, y = row[i], i
				}
			}
			if len(stack) > 1 && y == stack[len(stack)-2] {
				break
			}
			stack = append(stack, y)
		}
		stack = stack[:len(stack)-2]
		if x > y {
			x, y = y, x
		}
		z = append(z, merge{x, y, best})
		update(d, size, x, y, best, how)
	}
	return z
}

// update merges x into y by the formula of Lance and Williams.
func update(d *learn.Matrix, size []float64, x, y int, dxy float64, how string) {
	nx, ny := size[x], size[y]
	size[x], size[y] = 0, nx+ny
	for i, ni := range size {
		if ni == 0 || i == y {
			continue
		}
		a, b := d.At(i, x), d.At(i, y)
		v := 0.0
		switch how {
		case "complete":
			v = max(a, b)
		case "average":
			v = (nx*a + ny*b) / (nx + ny)
		default: // ward
			t := 1 / (nx + ny + ni)
			v = math.Sqrt((ni+nx)*t*a*a + (ni+ny)*t*b*b - ni*t*dxy*dxy)
		}
		d.Set(i, y, v)
		d.Set(y, i, v)
	}
}

// singleLinkage sorts the edges of a minimum spanning tree.
func singleLinkage(x *learn.Matrix, name string) []merge {
	dist := func(i, j int) float64 { return x.At(i, j) }
	if name != "precomputed" {
		f := metric.DistanceOf(name, 2)
		dist = func(i, j int) float64 { return f(x.Row(i), x.Row(j)) }
	}
	z := spanningTree(x.Rows, dist)
	sort.SliceStable(z, func(i, j int) bool { return z[i].d < z[j].d })
	u := newForest(x.Rows)
	for i := range z {
		z[i].a, z[i].b = u.find(z[i].a), u.find(z[i].b)
		u.join(z[i].a, z[i].b)
	}
	return z
}

// spanningTree is Prim's algorithm from row 0.
func spanningTree(n int, dist func(i, j int) float64) []merge {
	in, best, source := make([]bool, n), make([]float64, n), make([]int, n)
	for i := range best {
		best[i], source[i] = math.Inf(1), 1
	}
	var z []merge
	at := 0
	for range n - 1 {
		in[at] = true
		least, from, to := math.MaxFloat64, 0, 0
		for j := range n {
			if in[j] {
				continue
			}
			if d := dist(at, j); d < best[j] {
				best[j], source[j] = d, at
			}
			if best[j] < least {
				least, from, to = best[j], source[j], j
			}
		}
		z = append(z, merge{from, to, least})
		at = to
	}
	return z
}

// highest is a heap of clusters, the latest first.
type highest []int

func (h highest) Len() int           { return len(h) }
func (h highest) Less(i, j int) bool { return h[i] > h[j] }
func (h highest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *highest) Push(x any)        { *h = append(*h, x.(int)) }
func (h *highest) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// cutTree returns labels of the k clusters before the last k−1 merges.
func cutTree(z []merge, n, k int) []int {
	h := &highest{2*n - 2}
	for range k - 1 {
		m := z[heap.Pop(h).(int)-n]
		heap.Push(h, m.a)
		heap.Push(h, m.b)
	}
	labels := make([]int, n)
	for label, root := range *h {
		stack := []int{root}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if i < n {
				labels[i] = label
			} else {
				stack = append(stack, z[i-n].a, z[i-n].b)
			}
		}
	}
	return labels
}

// Tree are the options and results of agglomeration.
type Tree struct {
	NClusters         int    `param:"n_clusters=2"` // 0 with DistanceThreshold
	Metric            string `param:"metric=euclidean"`
	Connectivity      any    `param:"connectivity=None"`
	ComputeFullTree   any    `param:"compute_full_tree=auto"` // without effect: the tree is always full
	Linkage           string `param:"linkage=ward"`           // ward, complete, average or single
	DistanceThreshold any    `param:"distance_threshold=None"`
	ComputeDistances  bool   `param:"compute_distances=false"`

	Children    [][]int   `fit:"children_"` // the two clusters of each merge; n+i is made by merge i
	Distances   []float64 `fit:"distances_"`
	NClustersIn int       `fit:"n_clusters_"`
	NLeaves     int       `fit:"n_leaves_"`
	NConnected  int       `fit:"n_connected_components_"`
}

// fit returns the labels of the rows of x.
func (t *Tree) fit(b *learn.Base, x *learn.Matrix) []int {
	b.OneOf("Linkage", t.Linkage, "ward", "complete", "average", "single")
	if t.Linkage == "ward" && t.Metric != "euclidean" {
		b.Fail("ward works with euclidean distances, Metric is %q; use another Linkage", t.Metric)
	}
	if t.Connectivity != nil {
		b.Fail("Connectivity constraints are not supported; leave it nil")
	}
	if x.Rows < 2 {
		b.Fail("X has %d row; want at least 2", x.Rows)
	}
	threshold, byDistance := learn.OptFloat(t.DistanceThreshold)
	if !byDistance && (t.NClusters < 1 || t.NClusters > x.Rows) {
		b.Fail("NClusters is %d; want 1 … %d", t.NClusters, x.Rows)
	}
	z := linkage(x, t.Linkage, t.Metric)
	t.Children, t.Distances = nil, nil
	k := t.NClusters
	if byDistance {
		k = 1
	}
	for _, m := range z {
		t.Children, t.Distances = append(t.Children, []int{m.a, m.b}), append(t.Distances, m.d)
		if byDistance && m.d >= threshold {
			k++
		}
	}
	t.NClustersIn, t.NLeaves, t.NConnected = k, x.Rows, 1
	return cutTree(z, x.Rows, k)
}

// AgglomerativeClustering joins the nearest clusters until there are few enough.
type AgglomerativeClustering struct {
	learn.ClustererBase
	Tree
}

// NewAgglomerativeClustering returns one with scikit-learn's defaults.
func NewAgglomerativeClustering() *AgglomerativeClustering {
	m := &AgglomerativeClustering{}
	learn.Init(m)
	return m
}

// Fit joins rows.
func (m *AgglomerativeClustering) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.Begin(x, nil))
	m.Labels = m.fit(&m.Base, d)
	m.Done()
	return nil
}

// FeatureAgglomeration joins columns and replaces each group by its mean.
type FeatureAgglomeration struct {
	learn.ClustererBase
	Tree
	PoolingFunc any `param:"pooling_func=None"` // nil (mean), or func([]float64) float64
}

// NewFeatureAgglomeration returns one with scikit-learn's defaults.
func NewFeatureAgglomeration() *FeatureAgglomeration {
	m := &FeatureAgglomeration{}
	learn.Init(m)
	return m
}

// Fit joins columns.
func (m *FeatureAgglomeration) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.Begin(x, nil))
	m.Labels = m.fit(&m.Base, d.T())
	m.Done()
	return nil
}

// Transform returns one column for each group.
func (m *FeatureAgglomeration) Transform(x learn.Data) (out learn.Data, err error) {
	defer learn.Catch(&err)
	d := m.Ready(x)
	pool, _ := m.PoolingFunc.(func([]float64) float64)
	z := learn.NewMatrix(d.Rows, m.NClustersIn)
	for i := range d.Rows {
		groups := make([][]float64, m.NClustersIn)
		for j, v := range d.Row(i) {
			groups[m.Labels[j]] = append(groups[m.Labels[j]], v)
		}
		for g, v := range groups {
			if pool != nil {
				z.Set(i, g, pool(v))
				continue
			}
			s := 0.0
			for _, a := range v {
				s += a
			}
			z.Set(i, g, s/float64(len(v)))
		}
	}
	return z, nil
}

// InverseTransform gives each column the value of its group.
func (m *FeatureAgglomeration) InverseTransform(x learn.Data) (out learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return learn.Dense(m.Name(), x).TakeCols(m.Labels), nil
}

// WardTree returns the merges of Ward's hierarchy: the two clusters of each, and the distances.
func WardTree(x *learn.Matrix) (children [][]int, distances []float64) {
	for _, m := range linkage(x, "ward", "euclidean") {
		children, distances = append(children, []int{m.a, m.b}), append(distances, m.d)
	}
	return children, distances
}
