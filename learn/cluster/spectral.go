package cluster

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/random"
)

// SpectralClustering groups rows by the eigenvectors of a graph's Laplacian.
type SpectralClustering struct {
	learn.ClustererBase
	NClusters    int     `param:"n_clusters=8"`
	EigenSolver  any     `param:"eigen_solver=None"` // all give the same vectors
	NComponents  any     `param:"n_components=None"` // nil means NClusters
	RandomState  int64   `param:"random_state=0"`
	NInit        int     `param:"n_init=10"`
	Gamma        float64 `param:"gamma=1.0"`
	Affinity     string  `param:"affinity=rbf"` // a kernel, nearest_neighbors, precomputed
	NNeighbors   int     `param:"n_neighbors=10"`
	EigenTol     any     `param:"eigen_tol=auto"`
	AssignLabels string  `param:"assign_labels=kmeans"` // kmeans, discretize or cluster_qr
	Degree       float64 `param:"degree=3"`
	Coef0        float64 `param:"coef0=1"`
	KernelParams any     `param:"kernel_params=None" fixed:"true"`

	AffinityM *learn.Matrix `fit:"affinity_matrix_"`
}

// NewSpectralClustering returns one with scikit-learn's defaults.
func NewSpectralClustering() *SpectralClustering { m := &SpectralClustering{}; learn.Init(m); return m }

// Fit embeds and groups the rows.
func (m *SpectralClustering) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("AssignLabels", m.AssignLabels, "kmeans", "discretize", "cluster_qr")
	if m.NClusters < 1 || m.NClusters > d.Rows {
		m.Fail("NClusters is %d; want 1 … %d", m.NClusters, d.Rows)
	}
	switch m.Affinity {
	case "nearest_neighbors":
		m.AffinityM = NeighborGraph(d, m.NNeighbors)
	case "precomputed":
		m.AffinityM = d.Clone()
	default:
		m.AffinityM = metric.Kernel(d, d, m.Affinity, metric.KernelOptions{
			Gamma: m.Gamma, Degree: m.Degree, Coef0: m.Coef0,
		})
	}
	k, ok := learn.OptInt(m.NComponents)
	if !ok {
		k = m.NClusters
	}
	maps := SpectralMap(m.AffinityM, k, false)
	switch m.AssignLabels {
	case "cluster_qr":
		m.Labels = pivoted(maps)
	case "discretize":
		m.Labels = discretize(maps, m.RandomState)
	default:
		km := NewKMeans()
		km.NClusters, km.NInit, km.RandomState = m.NClusters, m.NInit, m.RandomState
		learn.Must(km.Fit(maps, nil))
		m.Labels = km.Labels
	}
	m.Done()
	return nil
}

// NeighborGraph returns the graph of the k nearest rows, itself included, made symmetric by the mean.
func NeighborGraph(x *learn.Matrix, k int) *learn.Matrix {
	_, rows := neighbors.NewIndex(x, "auto", "euclidean", 2, 30).Nearest(x, min(k, x.Rows), false)
	g := learn.NewMatrix(x.Rows, x.Rows)
	for i, r := range rows {
		for _, j := range r {
			g.Data[i*g.Cols+j] += 0.5
			g.Data[j*g.Cols+i] += 0.5
		}
	}
	return g
}

// SpectralMap returns the k eigenvectors of the normalized Laplacian with the smallest eigenvalues, divided
// by the roots of the degrees; dropFirst leaves out the constant one.
func SpectralMap(affinity *learn.Matrix, k int, dropFirst bool) *learn.Matrix {
	n := affinity.Rows
	root := make([]float64, n)
	for i := range n {
		s := 0.0
		for j, v := range affinity.Row(i) {
			if i != j {
				s += v
			}
		}
		if root[i] = math.Sqrt(s); s == 0 {
			root[i] = 1
		}
	}
	l := mat.NewSymDense(n, nil)
	for i := range n {
		l.SetSym(i, i, 1)
		for j := i + 1; j < n; j++ {
			l.SetSym(i, j, -(affinity.At(i, j)+affinity.At(j, i))/2/(root[i]*root[j]))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(l, true) {
		learn.Fail("cluster.SpectralMap", "eigenvalues of the Laplacian do not converge")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	first := 0
	if dropFirst {
		first = 1
	}
	out := learn.NewMatrix(n, k)
	for c := range k {
		best := 0.0
		for i := range n {
			a := v.At(i, c+first) / root[i]
			out.Set(i, c, a)
			if math.Abs(a) > math.Abs(best) {
				best = a
			}
		}
		if best < 0 {
			for i := range n {
				out.Set(i, c, -out.At(i, c))
			}
		}
	}
	return out
}

// pivoted assigns rows by a QR decomposition with pivots (Damle et al. 2019).
func pivoted(maps *learn.Matrix) []int {
	k := maps.Cols
	rest := maps.Clone()
	var piv []int
	for range k {
		best, most := 0, -1.0
		for i := range rest.Rows {
			s := 0.0
			for _, v := range rest.Row(i) {
				s += v * v
			}
			if s > most*(1+1e-12) {
				best, most = i, s
			}
		}
		piv = append(piv, best)
		dir := append([]float64(nil), rest.Row(best)...)
		for i := range rest.Rows {
			row := rest.Row(i)
			dot := 0.0
			for j, v := range dir {
				dot += v * row[j]
			}
			for j, v := range dir {
				row[j] -= dot / most * v
			}
		}
	}
	var f mat.SVD
	if !f.Factorize(maps.Take(piv).T().Mat(), mat.SVDFull) {
		learn.Fail("cluster.SpectralClustering", "singular value decomposition does not converge")
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	z := learn.Mul(maps, learn.MulT(learn.FromMat(&u), learn.FromMat(&v)))
	labels := make([]int, z.Rows)
	for i := range labels {
		row := z.Row(i)
		for j := range row {
			row[j] = math.Abs(row[j])
		}
		labels[i] = learn.ArgMax(row)
	}
	return labels
}

// discretize rotates the map until rows are near to axes (Yu and Shi 2003).
func discretize(maps *learn.Matrix, seed int64) []int {
	n, k := maps.Rows, maps.Cols
	z := maps.Clone()
	for i := range n {
		row, s := z.Row(i), 0.0
		for _, v := range row {
			s += v * v
		}
		for j := range row {
			row[j] /= max(math.Sqrt(s), 1e-300)
		}
	}
	r := random.New(seed)
	rot := learn.NewMatrix(k, k)
	at, c := r.Intn(n), make([]float64, n)
	for col := range k {
		for j, v := range z.Row(at) {
			rot.Set(j, col, v)
		}
		for i := range n {
			s := 0.0
			for j, v := range z.Row(i) {
				s += v * rot.At(j, col)
			}
			c[i] += math.Abs(s)
		}
		for i := range n {
			if c[i] < c[at] {
				at = i
			}
		}
	}
	labels := make([]int, n)
	last := 0.0
	for range 30 {
		t := learn.Mul(z, rot)
		hit := learn.NewMatrix(n, k)
		for i := range n {
			labels[i] = learn.ArgMax(t.Row(i))
			hit.Set(i, labels[i], 1)
		}
		var f mat.SVD
		if !f.Factorize(learn.TMul(hit, z).Mat(), mat.SVDFull) {
			break
		}
		sum := 0.0
		for _, s := range f.Values(nil) {
			sum += s
		}
		if math.Abs(sum-last) < 2.2e-16 {
			break
		}
		last = sum
		var u, v mat.Dense
		f.UTo(&u)
		f.VTo(&v)
		rot = learn.MulT(learn.FromMat(&v), learn.FromMat(&u))
	}
	return labels
}
