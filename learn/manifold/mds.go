package manifold

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/isotonic"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
)

// ClassicalMDS places rows so that distances are kept as well as a linear method can (Torgerson).
type ClassicalMDS struct {
	learn.TransformerBase
	NComponents int    `param:"n_components=2"`
	Metric      string `param:"metric=euclidean"` // or precomputed

	Embedding   *learn.Matrix `fit:"embedding_"`
	Eigenvalues []float64     `fit:"eigenvalues_"`
}

// NewClassicalMDS returns one with scikit-learn's defaults.
func NewClassicalMDS() *ClassicalMDS { m := &ClassicalMDS{}; learn.Init(m); return m }

// Fit embeds the rows.
func (m *ClassicalMDS) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	dist := d
	if m.Metric != "precomputed" {
		dist = metric.Distances(d, d, m.Metric)
	} else if d.Rows != d.Cols {
		m.Fail("precomputed distances are %d×%d; want a square matrix", d.Rows, d.Cols)
	}
	if m.NComponents < 1 || m.NComponents > d.Rows {
		m.Fail("NComponents is %d of %d rows", m.NComponents, d.Rows)
	}
	m.Embedding, m.Eigenvalues = torgerson(dist, m.NComponents)
	m.Done()
	return nil
}

func torgerson(dist *learn.Matrix, k int) (*learn.Matrix, []float64) {
	b := halfSquares(dist)
	n := b.Rows
	mean := make([]float64, n)
	all := 0.0
	for i := range n {
		for _, v := range b.Row(i) {
			mean[i] += v / float64(n)
		}
		all += mean[i] / float64(n)
	}
	for i := range n {
		for j := range n {
			b.Data[i*n+j] += all - mean[i] - mean[j]
		}
	}
	values, rows := learn.Eigh(b)
	out := learn.NewMatrix(n, k)
	for c := range k {
		top := 0
		for i, v := range rows.Row(c) {
			if math.Abs(v) > math.Abs(rows.At(c, top)) {
				top = i
			}
		}
		f := math.Sqrt(max(values[c], 0))
		if rows.At(c, top) < 0 {
			f = -f
		}
		for i, v := range rows.Row(c) {
			out.Set(i, c, f*v)
		}
	}
	return out, values[:k]
}

// FitTransform returns the embedding of the rows of Fit.
func (m *ClassicalMDS) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}

// MDS minimizes the stress of distances by majorization (SMACOF).
type MDS struct {
	learn.TransformerBase
	NComponents      int     `param:"n_components=2"`
	MetricMDS        bool    `param:"metric_mds=true"` // false: only the order of the distances counts
	NInit            int     `param:"n_init=1"`
	Init             string  `param:"init=classical_mds"` // or random
	MaxIter          int     `param:"max_iter=300"`
	Eps              float64 `param:"eps=1e-06"`
	RandomState      int64   `param:"random_state=0"`
	Metric           string  `param:"metric=euclidean"` // or precomputed
	NormalizedStress any     `param:"normalized_stress=auto"`

	Embedding *learn.Matrix `fit:"embedding_"`
	Stress    float64       `fit:"stress_"`
	NIter     int           `fit:"n_iter_"`
}

// NewMDS returns one with scikit-learn's defaults.
func NewMDS() *MDS { m := &MDS{}; learn.Init(m); return m }

// Fit embeds the rows.
func (m *MDS) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Init", m.Init, "classical_mds", "random")
	if m.NInit < 1 || m.NComponents < 1 || m.NComponents > d.Rows {
		m.Fail("NInit is %d, NComponents %d of %d rows; want at least 1", m.NInit, m.NComponents, d.Rows)
	}
	dist := d
	if m.Metric != "precomputed" {
		dist = metric.Distances(d, d, m.Metric)
	} else if d.Rows != d.Cols {
		m.Fail("precomputed distances are %d×%d; want a square matrix", d.Rows, d.Cols)
	}
	r := random.New(m.RandomState)
	m.Stress = math.Inf(1)
	for range m.NInit {
		var start *learn.Matrix
		if m.Init == "random" {
			start = learn.NewMatrix(d.Rows, m.NComponents)
			for i := range start.Data {
				start.Data[i] = r.Float64()
			}
		} else {
			start, _ = torgerson(dist, m.NComponents)
		}
		if e, s, n := m.smacof(dist, start); s < m.Stress {
			m.Embedding, m.Stress, m.NIter = e, s, n
		}
	}
	m.Done()
	return nil
}

// smacof iterates the Guttman transform.
func (m *MDS) smacof(dist, at *learn.Matrix) (e *learn.Matrix, stress float64, iter int) {
	n := dist.Rows
	old := math.Inf(1)
	for iter = 1; iter <= m.MaxIter; iter++ {
		m.Poll()
		now := metric.Distances(at, at, "euclidean")
		want := dist
		if !m.MetricMDS {
			want = disparities(dist, now)
		}
		b := learn.NewMatrix(n, n)
		stress = 0
		norm := 0.0
		for i := range n {
			for j := range n {
				if i == j {
					continue
				}
				v := now.At(i, j)
				stress += (v - want.At(i, j)) * (v - want.At(i, j)) / 2
				norm += want.At(i, j) * want.At(i, j) / 2
				if v == 0 {
					v = 1e-5
				}
				b.Set(i, j, -want.At(i, j)/v)
				b.Set(i, i, b.At(i, i)+want.At(i, j)/v)
			}
		}
		at = learn.Mul(b, at)
		for i := range at.Data {
			at.Data[i] /= float64(n)
		}
		if !m.MetricMDS {
			stress = math.Sqrt(stress / norm)
		}
		if old-stress < m.Eps*stress && iter > 1 {
			break
		}
		old = stress
	}
	return at, stress, min(iter, m.MaxIter)
}

// disparities are the monotonic function of the dissimilarities nearest to the distances, scaled as they are.
func disparities(dist, now *learn.Matrix) *learn.Matrix {
	n := dist.Rows
	var pairs []int
	for i := range n {
		for j := i + 1; j < n; j++ {
			pairs = append(pairs, i*n+j)
		}
	}
	sort.SliceStable(pairs, func(a, b int) bool { return dist.Data[pairs[a]] < dist.Data[pairs[b]] })
	y := make([]float64, len(pairs))
	for k, p := range pairs {
		y[k] = now.Data[p]
	}
	fit := isotonic.Regression(y, nil, true)
	sum := 0.0
	for _, v := range fit {
		sum += v * v
	}
	f := math.Sqrt(float64(n*(n-1)) / 2 / sum)
	out := learn.NewMatrix(n, n)
	for k, p := range pairs {
		out.Set(p/n, p%n, fit[k]*f)
		out.Set(p%n, p/n, fit[k]*f)
	}
	return out
}

// FitTransform returns the embedding of the rows of Fit.
func (m *MDS) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}
