package cluster

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

// bicluster is what methods that cluster rows and columns together have in common.
type bicluster struct {
	learn.ClustererBase
	SVDMethod   string `param:"svd_method=randomized"` // of scikit-learn's decomposition; without effect here
	NSVDVecs    any    `param:"n_svd_vecs=None"`       // likewise
	MiniBatch   bool   `param:"mini_batch=false"`      // cluster by MiniBatchKMeans
	Init        string `param:"init=k-means++"`
	NInit       int    `param:"n_init=10"`
	RandomState int64  `param:"random_state=0"`

	RowLabels    []int    `fit:"row_labels_"`
	ColumnLabels []int    `fit:"column_labels_"`
	Rows         [][]bool `fit:"rows_"`    // [biclusters rows]: who belongs
	Columns      [][]bool `fit:"columns_"` // [biclusters columns]
}

// means clusters rows of x and returns the centres and the labels.
func (m *bicluster) means(x *learn.Matrix, k int) (*learn.Matrix, []int) {
	if m.MiniBatch {
		b := NewMiniBatchKMeans()
		b.NClusters, b.Init, b.NInit, b.RandomState = k, m.Init, m.NInit, m.RandomState
		learn.Must(b.Fit(x, nil))
		return b.Centers, b.Labels
	}
	b := NewKMeans()
	b.NClusters, b.Init, b.NInit, b.RandomState = k, m.Init, m.NInit, m.RandomState
	learn.Must(b.Fit(x, nil))
	return b.Centers, b.Labels
}

// vectors returns singular vectors first … first+n as columns, those of rows and of columns.
func (m *bicluster) vectors(x *learn.Matrix, first, n int) (u, v *learn.Matrix) {
	left, _, right := learn.SVD(x)
	n = min(n, left.Cols-first)
	if n < 1 {
		m.Fail("X is [%d %d]: too small for its clusters", x.Rows, x.Cols)
	}
	index := make([]int, n)
	for i := range index {
		index[i] = first + i
	}
	u, v = left.TakeCols(index), right.Take(index).T()
	for c := range n { // the entry of u of the largest size is positive
		at := 0
		for i := range u.Rows {
			if math.Abs(u.At(i, c)) > math.Abs(u.At(at, c)) {
				at = i
			}
		}
		if u.At(at, c) >= 0 {
			continue
		}
		for _, s := range []*learn.Matrix{u, v} {
			for i := range s.Rows {
				s.Set(i, c, -s.At(i, c))
			}
		}
	}
	return u, v
}

// atLeast returns x raised so that no value is below low, as scikit-learn does for data with negative values.
func atLeast(x *learn.Matrix, low float64) *learn.Matrix {
	least := slices.Min(x.Data)
	x = x.Clone()
	if least < low {
		for i := range x.Data {
			x.Data[i] += low - least
		}
	}
	return x
}

// scaled divides rows and columns by the roots of their sums.
func (m *bicluster) scaled(x *learn.Matrix) (out *learn.Matrix, rows, cols []float64) {
	out = atLeast(x, 0)
	rows, cols = make([]float64, x.Rows), make([]float64, x.Cols)
	for i := range out.Rows {
		for j, v := range out.Row(i) {
			rows[i] += v
			cols[j] += v
		}
	}
	for name, s := range map[string][]float64{"row": rows, "column": cols} {
		for i, v := range s {
			if v == 0 {
				m.Fail("%s %d is all zeros, which cannot be scaled; drop it", name, i)
			}
			s[i] = 1 / math.Sqrt(v)
		}
	}
	for i := range out.Rows {
		for j := range out.Row(i) {
			out.Row(i)[j] *= rows[i] * cols[j]
		}
	}
	return out, rows, cols
}

// members returns for each bicluster who belongs to it, label labels[of(bicluster)].
func members(labels []int, n int, of func(int) int) [][]bool {
	out := make([][]bool, n)
	for c := range out {
		out[c] = make([]bool, len(labels))
		for i, l := range labels {
			out[c][i] = l == of(c)
		}
	}
	return out
}

// SpectralCoclustering finds a block-diagonal structure: each row and each column is in one bicluster (Dhillon 2001).
type SpectralCoclustering struct {
	bicluster
	NClusters int `param:"n_clusters=3"`
}

// NewSpectralCoclustering returns one with scikit-learn's defaults.
func NewSpectralCoclustering() *SpectralCoclustering {
	m := &SpectralCoclustering{}
	learn.Init(m)
	return m
}

// Fit finds the biclusters.
func (m *SpectralCoclustering) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.NClusters < 1 || m.NClusters > d.Rows {
		m.Fail("NClusters is %d; want 1 … %d", m.NClusters, d.Rows)
	}
	z, rows, cols := m.scaled(d)
	u, v := m.vectors(z, 1, int(math.Ceil(math.Log2(float64(max(m.NClusters, 2))))))
	for i := range u.Rows {
		for j := range u.Row(i) {
			u.Row(i)[j] *= rows[i]
		}
	}
	for i := range v.Rows {
		for j := range v.Row(i) {
			v.Row(i)[j] *= cols[i]
		}
	}
	both := &learn.Matrix{Rows: d.Rows + d.Cols, Cols: u.Cols, Data: append(u.Data, v.Data...)}
	_, labels := m.means(both, m.NClusters)
	m.RowLabels, m.ColumnLabels = labels[:d.Rows], labels[d.Rows:]
	same := func(c int) int { return c }
	m.Rows, m.Columns = members(m.RowLabels, m.NClusters, same), members(m.ColumnLabels, m.NClusters, same)
	m.Labels = m.RowLabels
	m.Done()
	return nil
}

// SpectralBiclustering finds a checkerboard structure: each pair of a row cluster and a column cluster is a
// bicluster (Kluger et al. 2003).
type SpectralBiclustering struct {
	bicluster
	NClusters   any    `param:"n_clusters=3"`        // of rows and of columns, or two numbers
	Method      string `param:"method=bistochastic"` // scale or log
	NComponents int    `param:"n_components=6"`
	NBest       int    `param:"n_best=3"`
}

// NewSpectralBiclustering returns one with scikit-learn's defaults.
func NewSpectralBiclustering() *SpectralBiclustering {
	m := &SpectralBiclustering{}
	learn.Init(m)
	return m
}

// counts returns the numbers of row and column clusters.
func (m *SpectralBiclustering) counts(rows int) (r, c int) {
	if n, ok := learn.OptInt(m.NClusters); ok {
		r, c = n, n
	} else if l, ok := m.NClusters.([]int); ok && len(l) == 2 {
		r, c = l[0], l[1]
	} else {
		m.Fail("NClusters is %v; want a number or two, of rows and of columns", m.NClusters)
	}
	if min(r, c) < 1 || max(r, c) > rows {
		m.Fail("NClusters is %v; want 1 … %d", m.NClusters, rows)
	}
	return r, c
}

// Fit finds the biclusters.
func (m *SpectralBiclustering) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Method", m.Method, "bistochastic", "scale", "log")
	k, q := m.counts(d.Rows)
	if m.NBest < 1 || m.NBest > m.NComponents {
		m.Fail("NBest is %d; want 1 … NComponents, %d", m.NBest, m.NComponents)
	}
	z, first := d, 1
	switch m.Method {
	case "bistochastic":
		for range 1000 {
			next, _, _ := m.scaled(z)
			move := 0.0
			for i, v := range next.Data {
				move += (v - z.Data[i]) * (v - z.Data[i])
			}
			if z = next; math.Sqrt(move) < 1e-5 {
				break
			}
		}
	case "scale":
		z, _, _ = m.scaled(d)
	case "log":
		z, first = logNormal(d), 0
	}
	u, v := m.vectors(z, first, m.NComponents)
	m.RowLabels = m.project(d, m.piecewise(v, q), k)
	m.ColumnLabels = m.project(d.T(), m.piecewise(u, k), q)
	m.Rows = members(m.RowLabels, k*q, func(c int) int { return c / q })
	m.Columns = members(m.ColumnLabels, k*q, func(c int) int { return c % q })
	m.Labels = m.RowLabels
	m.Done()
	return nil
}

// logNormal subtracts the means of rows and columns from logarithms.
func logNormal(x *learn.Matrix) *learn.Matrix {
	x = atLeast(x, 1)
	rows, cols, all := make([]float64, x.Rows), make([]float64, x.Cols), 0.0
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			l := math.Log(v)
			x.Set(i, j, l)
			rows[i] += l / float64(x.Cols)
			cols[j] += l / float64(x.Rows)
			all += l / float64(x.Rows*x.Cols)
		}
	}
	for i := range x.Rows {
		for j := range x.Row(i) {
			x.Row(i)[j] += all - rows[i] - cols[j]
		}
	}
	return x
}

// piecewise returns the NBest columns of s that are nearest to k constant pieces.
func (m *SpectralBiclustering) piecewise(s *learn.Matrix, k int) *learn.Matrix {
	dist, order := make([]float64, s.Cols), make([]int, s.Cols)
	for c := range s.Cols {
		order[c] = c
		col := s.Col(c)
		centres, labels := m.means(learn.Column(col), k)
		for i, l := range labels {
			e := col[i] - centres.Data[l]
			dist[c] += e * e
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case dist[a] < dist[b]:
			return -1
		case dist[a] > dist[b]:
			return 1
		}
		return 0
	})
	return s.TakeCols(order[:min(m.NBest, len(order))])
}

func (m *SpectralBiclustering) project(x, vectors *learn.Matrix, k int) []int {
	_, labels := m.means(learn.Mul(x, vectors), k)
	return labels
}
