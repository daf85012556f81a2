// Package manifold lays rows out in few dimensions: t-SNE, Isomap, locally linear embedding, multidimensional
// scaling, spectral embedding.
//
//	m := manifold.NewTSNE()
//	m.Perplexity = 40
//	d, err := m.FitTransform(x, nil)
//	fmt.Println(m.KLDivergence)
//	t := manifold.Trustworthiness(x, m.Embedding, 5)
//
// Most of them place only the rows of Fit; Isomap and locally linear embedding place new rows too.
package manifold

import (
	"container/heap"
	"math"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// Trustworthiness tells in 0 … 1 how well the k nearest rows of an embedding are near in x, too.
func Trustworthiness(x, embedding *learn.Matrix, k int) float64 {
	n := x.Rows
	if k < 1 || 2*k >= n {
		learn.Fail("manifold.Trustworthiness", "%d neighbours of %d rows; want fewer than half of them", k, n)
	}
	d := metric.Distances(x, x, "euclidean")
	_, near := neighbors.NewIndex(embedding, "auto", "euclidean", 2, 30).Nearest(embedding, k, true)
	sums := make([]float64, n)
	engine.Parallel(n, 16, func(lo, hi int) {
		order, rank := make([]int, n), make([]int, n)
		for i := lo; i < hi; i++ {
			row := d.Row(i)
			for j := range order {
				order[j] = j
			}
			row[i] = math.Inf(1)
			sort.SliceStable(order, func(a, b int) bool { return row[order[a]] < row[order[b]] })
			for r, j := range order {
				rank[j] = r + 1
			}
			for _, j := range near[i] {
				sums[i] += max(0, float64(rank[j]-k))
			}
		}
	})
	total := 0.0
	for _, v := range sums {
		total += v
	}
	nf, kf := float64(n), float64(k)
	return 1 - total*2/(nf*kf*(2*nf-3*kf-1))
}

// edge is a neighbour in a graph.
type edge struct {
	to int
	d  float64
}

// queue orders rows by distance.
type queue []edge

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].d < q[j].d }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(v any)        { *q = append(*q, v.(edge)) }
func (q *queue) Pop() any {
	old := *q
	v := old[len(old)-1]
	*q = old[:len(old)-1]
	return v
}

// shortest returns the lengths of the shortest paths between all nodes (Dijkstra from each).
func shortest(g [][]edge) *learn.Matrix {
	n := len(g)
	out := learn.NewMatrix(n, n)
	engine.Parallel(n, 4, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			d := out.Row(s)
			for i := range d {
				d[i] = math.Inf(1)
			}
			d[s] = 0
			q := &queue{{s, 0}}
			for q.Len() > 0 {
				at := heap.Pop(q).(edge)
				if at.d > d[at.to] {
					continue
				}
				for _, e := range g[at.to] {
					if v := at.d + e.d; v < d[e.to] {
						d[e.to] = v
						heap.Push(q, edge{e.to, v})
					}
				}
			}
		}
	})
	return out
}

// Isomap is multidimensional scaling of the lengths of paths through near rows (Tenenbaum et al. 2000).
type Isomap struct {
	learn.TransformerBase
	NNeighbors    int     `param:"n_neighbors=5"`
	Radius        any     `param:"radius=None" fixed:"true"`
	NComponents   int     `param:"n_components=2"`
	EigenSolver   string  `param:"eigen_solver=auto"` // all give the same result
	Tol           float64 `param:"tol=0"`
	MaxIter       any     `param:"max_iter=None"`
	PathMethod    string  `param:"path_method=auto"` // all give the same result
	NeighborsAlgo string  `param:"neighbors_algorithm=auto"`
	Metric        string  `param:"metric=minkowski"`
	P             float64 `param:"p=2"`

	Embedding *learn.Matrix `fit:"embedding_"`
	Dist      *learn.Matrix `fit:"dist_matrix_"`

	index *neighbors.Index
	pca   *decomposition.KernelPCA
}

// NewIsomap returns one with scikit-learn's defaults.
func NewIsomap() *Isomap { m := &Isomap{}; learn.Init(m); return m }

// Fit embeds the rows.
func (m *Isomap) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil).Clone()
	if m.NNeighbors < 1 || m.NNeighbors >= d.Rows {
		m.Fail("NNeighbors is %d of %d rows; want 1 … %d", m.NNeighbors, d.Rows, d.Rows-1)
	}
	m.index = neighbors.NewIndex(d, m.NeighborsAlgo, m.Metric, m.P, 30)
	dist, near := m.index.Nearest(d, m.NNeighbors, true)
	g := make([][]edge, d.Rows)
	for i, rows := range near {
		for q, j := range rows {
			g[i] = append(g[i], edge{j, dist.At(i, q)})
			g[j] = append(g[j], edge{i, dist.At(i, q)})
		}
	}
	m.join(g, d)
	m.Dist = shortest(g)
	m.pca = decomposition.NewKernelPCA()
	m.pca.Kernel, m.pca.NComponents = "precomputed", m.NComponents
	e, err := learn.FitTransform(m.pca, halfSquares(m.Dist), nil)
	learn.Must(err)
	m.Embedding = e.(*learn.Matrix)
	m.Done()
	return nil
}

// join connects the parts of a graph by their nearest pairs of rows.
func (m *Isomap) join(g [][]edge, d *learn.Matrix) {
	part := make([]int, len(g))
	for i := range part {
		part[i] = -1
	}
	var members [][]int
	for i := range g {
		if part[i] >= 0 {
			continue
		}
		c := len(members)
		stack, list := []int{i}, []int(nil)
		part[i] = c
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			list = append(list, at)
			for _, e := range g[at] {
				if part[e.to] < 0 {
					part[e.to] = c
					stack = append(stack, e.to)
				}
			}
		}
		members = append(members, list)
	}
	for a := range members {
		for b := range a {
			dist := metric.DistancesP(d.Take(members[a]), d.Take(members[b]), m.Metric, m.P)
			best := 0
			for k, v := range dist.Data {
				if v < dist.Data[best] {
					best = k
				}
			}
			i, j := members[a][best/dist.Cols], members[b][best%dist.Cols]
			g[i] = append(g[i], edge{j, dist.Data[best]})
			g[j] = append(g[j], edge{i, dist.Data[best]})
		}
	}
}

func halfSquares(d *learn.Matrix) *learn.Matrix {
	k := d.Clone()
	for i, v := range k.Data {
		k.Data[i] = -0.5 * v * v
	}
	return k
}

// FitTransform returns the embedding of the rows of Fit.
func (m *Isomap) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}

// Transform places rows by their paths through the nearest rows of Fit.
func (m *Isomap) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	dist, near := m.index.Nearest(q, m.NNeighbors, false)
	g := learn.NewMatrix(q.Rows, m.Dist.Rows)
	for i, rows := range near {
		row := g.Row(i)
		for j := range row {
			row[j] = math.Inf(1)
		}
		for k, r := range rows {
			for j, v := range m.Dist.Row(r) {
				row[j] = min(row[j], dist.At(i, k)+v)
			}
		}
	}
	return m.pca.Transform(halfSquares(g))
}

// SpectralEmbedding lays rows out by eigenvectors of the Laplacian of a graph (Laplacian eigenmaps).
type SpectralEmbedding struct {
	learn.TransformerBase
	NComponents int    `param:"n_components=2"`
	Affinity    string `param:"affinity=nearest_neighbors"` // nearest_neighbors, rbf or precomputed
	Gamma       any    `param:"gamma=None"`                 // nil: 1 / features
	RandomState int64  `param:"random_state=0"`
	EigenSolver any    `param:"eigen_solver=None"` // all give the same result
	EigenTol    any    `param:"eigen_tol=auto"`
	NNeighbors  any    `param:"n_neighbors=None"` // nil: rows / 10

	Embedding *learn.Matrix `fit:"embedding_"`
	AffinityM *learn.Matrix `fit:"affinity_matrix_"`
}

// NewSpectralEmbedding returns one with scikit-learn's defaults.
func NewSpectralEmbedding() *SpectralEmbedding { m := &SpectralEmbedding{}; learn.Init(m); return m }

// Fit embeds the rows.
func (m *SpectralEmbedding) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Affinity", m.Affinity, "nearest_neighbors", "rbf", "precomputed")
	switch m.Affinity {
	case "rbf":
		o := metric.KernelOptions{}
		if g, ok := learn.OptFloat(m.Gamma); ok {
			o.Gamma = g
		}
		m.AffinityM = metric.Kernel(d, nil, "rbf", o)
	case "precomputed":
		m.AffinityM = d.Clone()
	default:
		k := max(d.Rows/10, 1)
		if n, ok := learn.OptInt(m.NNeighbors); ok {
			k = n
		}
		m.AffinityM = cluster.NeighborGraph(d, k)
	}
	if m.NComponents < 1 || m.NComponents >= d.Rows {
		m.Fail("NComponents is %d of %d rows", m.NComponents, d.Rows)
	}
	m.Embedding = cluster.SpectralMap(m.AffinityM, m.NComponents, true)
	m.Done()
	return nil
}

// FitTransform returns the embedding of the rows of Fit.
func (m *SpectralEmbedding) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}
