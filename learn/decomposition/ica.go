package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// FastICA finds independent components by fixed-point iteration (Hyvärinen 1999).
type FastICA struct {
	learn.TransformerBase
	NComponents  any            `param:"n_components=None"`
	Algorithm    string         `param:"algorithm=parallel"`   // or deflation
	Whiten       any            `param:"whiten=unit-variance"` // unit-variance, arbitrary-variance or false
	Fun          string         `param:"fun=logcosh"`          // logcosh, exp or cube
	FunArgs      map[string]any `param:"fun_args"`             // alpha of logcosh
	MaxIter      int            `param:"max_iter=200"`
	Tol          float64        `param:"tol=0.0001"`
	WInit        *learn.Matrix  `param:"w_init"`
	WhitenSolver string         `param:"whiten_solver=svd"` // or eigh; both give the same
	RandomState  int64          `param:"random_state=0"`

	Components *learn.Matrix `fit:"components_"` // [components features]: sources are (x − mean)·Componentsᵀ
	Mixing     *learn.Matrix `fit:"mixing_"`     // pseudo-inverse of Components
	Mean       []float64     `fit:"mean_"`
	Whitening  *learn.Matrix `fit:"whitening_"`
	NIter      int           `fit:"n_iter_"`
}

// NewFastICA returns one with scikit-learn's defaults.
func NewFastICA() *FastICA { m := &FastICA{}; learn.Init(m); return m }

// Fit finds the components.
func (m *FastICA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.MustSquare(m.MustRows(m.Begin(x, nil), 2))
	m.OneOf("Algorithm", m.Algorithm, "parallel", "deflation")
	m.OneOf("Fun", m.Fun, "logcosh", "exp", "cube")
	n := min(d.Rows, d.Cols)
	if v, ok := learn.OptInt(m.NComponents); ok {
		n = min(n, v)
	}
	white := m.Whiten != false
	if !white {
		n = d.Cols
	}
	z, k := d.T(), (*learn.Matrix)(nil)
	m.Mean = nil
	if white {
		z, k = m.whiten(d, n)
	}
	w := m.WInit
	if w == nil {
		w = learn.NewMatrix(n, n)
		r := random.New(m.RandomState)
		copy(w.Data, r.Normals(n*n))
	}
	if m.Algorithm == "parallel" {
		w = m.parallel(z, w.Clone())
	} else {
		w = m.deflation(z, w)
	}
	m.finish(z, w, k)
	m.Done()
	return nil
}

// whiten returns the decorrelated data [n rows] with unit variance and the matrix that does it.
func (m *FastICA) whiten(d *learn.Matrix, n int) (z, k *learn.Matrix) {
	c := d.Clone()
	m.Mean = make([]float64, d.Cols)
	for i := range c.Rows {
		for j, v := range c.Row(i) {
			m.Mean[j] += v / float64(c.Rows)
		}
	}
	for i := range c.Rows {
		for j := range c.Row(i) {
			c.Row(i)[j] -= m.Mean[j]
		}
	}
	u, s, _ := learn.SVD(c.T())
	k = learn.NewMatrix(n, d.Cols)
	for q := range n {
		sign := 1.0
		if u.At(0, q) < 0 {
			sign = -1
		}
		for j := range d.Cols {
			k.Set(q, j, sign*u.At(j, q)/s[q])
		}
	}
	z = learn.MulT(k, c)
	for i := range z.Data {
		z.Data[i] *= math.Sqrt(float64(d.Rows))
	}
	return z, k
}

// g returns the contrast of a row of projections and the mean of its derivative; the row is replaced.
func (m *FastICA) g(v []float64) (mean float64) {
	alpha := 1.0
	if a, ok := learn.OptFloat(m.FunArgs["alpha"]); ok {
		alpha = a
	}
	for i, x := range v {
		switch m.Fun {
		case "exp":
			e := math.Exp(-x * x / 2)
			v[i] = x * e
			mean += (1 - x*x) * e
		case "cube":
			v[i] = x * x * x
			mean += 3 * x * x
		default:
			t := math.Tanh(alpha * x)
			v[i] = t
			mean += alpha * (1 - t*t)
		}
	}
	return mean / float64(len(v))
}

// decorrelate returns (w·wᵀ)^(−1/2)·w.
func decorrelate(w *learn.Matrix) *learn.Matrix {
	values, rows := learn.Eigh(learn.MulT(w, w))
	scaled := rows.Clone()
	for q, v := range values {
		for j := range scaled.Row(q) {
			scaled.Row(q)[j] /= math.Sqrt(max(v, 1e-300))
		}
	}
	return learn.Mul(learn.TMul(scaled, rows), w)
}

func (m *FastICA) parallel(z, w *learn.Matrix) *learn.Matrix {
	w = decorrelate(w)
	p := float64(z.Cols)
	for m.NIter = 1; m.NIter <= m.MaxIter; m.NIter++ {
		m.Poll()
		s := learn.Mul(w, z)
		next := learn.NewMatrix(w.Rows, w.Cols)
		for q := range s.Rows {
			mean := m.g(s.Row(q))
			for j, v := range w.Row(q) {
				next.Set(q, j, -mean*v)
			}
		}
		gz := learn.MulT(s, z)
		for i := range next.Data {
			next.Data[i] += gz.Data[i] / p
		}
		next = decorrelate(next)
		most := 0.0
		for q := range w.Rows {
			dot := 0.0
			for j, v := range next.Row(q) {
				dot += v * w.At(q, j)
			}
			most = max(most, math.Abs(math.Abs(dot)-1))
		}
		w = next
		if most < m.Tol {
			break
		}
	}
	m.NIter = min(m.NIter, m.MaxIter)
	return w
}

func (m *FastICA) deflation(z, init *learn.Matrix) *learn.Matrix {
	w := learn.NewMatrix(init.Rows, init.Cols)
	m.NIter = 0
	for q := range w.Rows {
		v := append([]float64(nil), init.Row(q)...)
		unit(v)
		for it := 1; it <= m.MaxIter; it++ {
			s := learn.Mul(&learn.Matrix{Rows: 1, Cols: len(v), Data: v}, z).Data
			mean := m.g(s)
			next := make([]float64, len(v))
			for j := range next {
				for i, g := range s {
					next[j] += g * z.At(j, i) / float64(z.Cols)
				}
				next[j] -= mean * v[j]
			}
			for r := range q {
				dot := 0.0
				for j, x := range next {
					dot += x * w.At(r, j)
				}
				for j := range next {
					next[j] -= dot * w.At(r, j)
				}
			}
			unit(next)
			dot := 0.0
			for j, x := range next {
				dot += x * v[j]
			}
			v = next
			m.NIter = max(m.NIter, it)
			if math.Abs(math.Abs(dot)-1) < m.Tol {
				break
			}
		}
		copy(w.Row(q), v)
	}
	return w
}

func unit(v []float64) {
	n := 0.0
	for _, x := range v {
		n += x * x
	}
	n = math.Sqrt(n)
	for i := range v {
		v[i] /= n
	}
}

func (m *FastICA) finish(z, w, k *learn.Matrix) {
	if m.Whiten == "unit-variance" {
		s := learn.Mul(w, z)
		for q := range s.Rows {
			mean, sd := 0.0, 0.0
			for _, v := range s.Row(q) {
				mean += v / float64(s.Cols)
			}
			for _, v := range s.Row(q) {
				sd += (v - mean) * (v - mean) / float64(s.Cols)
			}
			// z has √rows times the variance that k gives.
			sd = math.Sqrt(sd / float64(s.Cols))
			for j := range w.Row(q) {
				w.Row(q)[j] /= sd
			}
		}
	}
	m.Components, m.Whitening = w, k
	if k != nil {
		m.Components = learn.Mul(w, k)
	}
	u, s, vt := learn.SVD(m.Components)
	for i := range u.Rows {
		for j := range u.Row(i) {
			u.Row(i)[j] /= s[j]
		}
	}
	m.Mixing = learn.Mul(u, vt).T()
}

// Transform returns the sources.
func (m *FastICA) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	c := m.Ready(x).Clone()
	for i := range c.Rows {
		for j := range c.Row(i) {
			if m.Mean != nil {
				c.Row(i)[j] -= m.Mean[j]
			}
		}
	}
	return learn.MulT(c, m.Components), nil
}

// InverseTransform mixes sources.
func (m *FastICA) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	out := learn.MulT(learn.Dense(m.Name(), x), m.Mixing)
	for i := range out.Rows {
		for j := range out.Row(i) {
			if m.Mean != nil {
				out.Row(i)[j] += m.Mean[j]
			}
		}
	}
	return out, nil
}
