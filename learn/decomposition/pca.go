// Package decomposition finds directions and parts: principal components, factors, independent and
// non-negative parts, dictionaries, topics.
//
//	p := decomposition.NewPCA()
//	p.NComponents = 2
//	z, err := p.FitTransform(x, nil)
//	fmt.Println(p.ExplainedVarianceRatio)
//	back, err := p.InverseTransform(z)
//
// Signs of components are chosen so that the largest entry is positive. Maps that are not linear are in
// learn/manifold.
package decomposition

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// flip makes the entry of largest size positive in each row.
func flip(rows *learn.Matrix) {
	for k := range rows.Rows {
		row, best := rows.Row(k), 0
		for j, v := range row {
			if math.Abs(v) > math.Abs(row[best]) {
				best = j
			}
		}
		if row[best] < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
}

func means(x *learn.Matrix) []float64 {
	parts := min(engine.Threads(), 1+x.Rows/4096)
	sums := make([][]float64, parts)
	engine.Parallel(parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			s := make([]float64, x.Cols)
			for i := t * x.Rows / parts; i < (t+1)*x.Rows/parts; i++ {
				for j, v := range x.Row(i) {
					s[j] += v
				}
			}
			sums[t] = s
		}
	})
	m := make([]float64, x.Cols)
	for _, s := range sums {
		for j, v := range s {
			m[j] += v / float64(x.Rows)
		}
	}
	return m
}

// covariance returns (XᵀX − n·μμᵀ)/df without a centred copy of x.
func covariance(x *learn.Matrix, mean []float64, df float64) *learn.Matrix {
	c := learn.Gram(x)
	for i, a := range mean {
		for j, b := range mean {
			c.Data[i*c.Cols+j] = (c.Data[i*c.Cols+j] - float64(x.Rows)*a*b) / df
		}
	}
	return c
}

// minus returns x with m taken from each row.
func minus(x *learn.Matrix, m []float64) *learn.Matrix {
	c := x.Clone()
	for i := range c.Rows {
		row := c.Row(i)
		for j := range row {
			row[j] -= m[j]
		}
	}
	return c
}

func rowsOf(m *learn.Matrix, k int) *learn.Matrix {
	return &learn.Matrix{Rows: k, Cols: m.Cols, Data: m.Data[: k*m.Cols : k*m.Cols]}
}

// Components is what PCA and its kin learn.
type Components struct {
	learn.TransformerBase
	Components             *learn.Matrix `fit:"components_"` // [components features]
	ExplainedVariance      []float64     `fit:"explained_variance_"`
	ExplainedVarianceRatio []float64     `fit:"explained_variance_ratio_"`
	SingularValues         []float64     `fit:"singular_values_"`
	Mean                   []float64     `fit:"mean_"`
	NoiseVariance          float64       `fit:"noise_variance_"`
	NUsed                  int           `fit:"n_components_"`
}

func (c *Components) transform(x learn.Data, whiten bool) *learn.Matrix {
	z := learn.MulT(c.Ready(x), c.Components)
	shift := learn.MulT(&learn.Matrix{Rows: 1, Cols: len(c.Mean), Data: c.Mean}, c.Components).Data
	for i := range z.Rows {
		for k, v := range shift {
			z.Row(i)[k] -= v
		}
	}
	if whiten {
		for i := range z.Rows {
			for k := range z.Row(i) {
				z.Row(i)[k] /= max(math.Sqrt(c.ExplainedVariance[k]), 2.22e-16)
			}
		}
	}
	return z
}

func (c *Components) inverse(x learn.Data, whiten bool) *learn.Matrix {
	c.MustFitted()
	z := learn.Dense(c.Name(), x).Clone()
	if z.Cols != c.Components.Rows {
		c.Fail("X has %d columns, there are %d components", z.Cols, c.Components.Rows)
	}
	if whiten {
		for i := range z.Rows {
			for k := range z.Row(i) {
				z.Row(i)[k] *= math.Sqrt(c.ExplainedVariance[k])
			}
		}
	}
	out := learn.Mul(z, c.Components)
	for i := range out.Rows {
		for j := range out.Row(i) {
			out.Row(i)[j] += c.Mean[j]
		}
	}
	return out
}

// covariance returns that of the model: components plus noise.
func (c *Components) covariance(whiten bool) *learn.Matrix {
	p := c.Components.Cols
	s := learn.NewMatrix(p, p)
	for k := range c.Components.Rows {
		row := c.Components.Row(k)
		f := max(c.ExplainedVariance[k]-c.NoiseVariance, 0)
		if whiten { // as scikit-learn scales them
			f *= c.ExplainedVariance[k]
		}
		for i, a := range row {
			for j, b := range row {
				s.Data[i*p+j] += f * a * b
			}
		}
	}
	for i := range p {
		s.Data[i*p+i] += c.NoiseVariance
	}
	return s
}

// logLikelihood returns that of rows around mean under a normal distribution.
func logLikelihood(x *learn.Matrix, mean []float64, cov *learn.Matrix) []float64 {
	var ch mat.Cholesky
	p := cov.Rows
	var prec *learn.Matrix
	logdet := 0.0
	if ch.Factorize(mat.NewSymDense(p, cov.Clone().Data)) {
		logdet = ch.LogDet()
		var inv mat.SymDense
		if err := ch.InverseTo(&inv); err != nil {
			if _, ok := err.(mat.Condition); !ok {
				learn.Must(err)
			}
		}
		prec = learn.FromMat(&inv)
	} else {
		values, rows := learn.Eigh(cov)
		scaled := rows.Clone()
		for k, v := range values {
			for j := range scaled.Row(k) {
				if v > 2.2e-16*float64(p)*values[0] {
					scaled.Row(k)[j] /= v
				} else {
					scaled.Row(k)[j] = 0
				}
			}
			logdet += math.Log(max(v, 1e-300))
		}
		prec = learn.TMul(rows, scaled)
	}
	c := minus(x, mean)
	z := learn.Mul(c, prec)
	out := make([]float64, x.Rows)
	for i := range out {
		q := 0.0
		for j, v := range z.Row(i) {
			q += v * c.At(i, j)
		}
		out[i] = -0.5 * (q + float64(p)*math.Log(2*math.Pi) + logdet)
	}
	return out
}

func average(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// PCA projects on the directions of largest variance.
type PCA struct {
	Components
	NComponents          any     `param:"n_components=None"` // nil (all), count, fraction of variance, or mle
	Whiten               bool    `param:"whiten=false"`
	SVDSolver            string  `param:"svd_solver=auto"` // all give the same components
	Tol                  float64 `param:"tol=0.0"`         // of arpack; without effect here
	IteratedPower        any     `param:"iterated_power=auto"`
	NOversamples         int     `param:"n_oversamples=10"`
	PowerIterationNormal string  `param:"power_iteration_normalizer=auto"`
	RandomState          int64   `param:"random_state=0"`
}

// NewPCA returns one with scikit-learn's defaults.
func NewPCA() *PCA { m := &PCA{}; learn.Init(m); return m }

// Fit finds the components.
func (m *PCA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("SVDSolver", m.SVDSolver, "auto", "full", "covariance_eigh", "arpack", "randomized")
	m.Mean = means(d)
	n, p := d.Rows, d.Cols
	df := float64(max(n-1, 1))
	var variance []float64
	var rows *learn.Matrix
	if m.SVDSolver != "full" && n > 4*p {
		variance, rows = learn.Eigh(covariance(d, m.Mean, df))
		for k, v := range variance {
			variance[k] = max(v, 0)
		}
	} else {
		_, s, vt := learn.SVD(minus(d, m.Mean))
		for _, v := range s {
			variance = append(variance, v*v/df)
		}
		rows = vt
	}
	flip(rows)
	total := 0.0
	for _, v := range variance {
		total += v
	}
	k := m.count(variance, total, n, p)
	m.NUsed = k
	m.Components.Components = rowsOf(rows, k).Clone()
	m.ExplainedVariance = append([]float64(nil), variance[:k]...)
	m.ExplainedVarianceRatio, m.SingularValues = make([]float64, k), make([]float64, k)
	for i, v := range m.ExplainedVariance {
		m.ExplainedVarianceRatio[i] = v / total
		m.SingularValues[i] = math.Sqrt(v * df)
	}
	m.NoiseVariance = 0
	if k < min(n, p) {
		m.NoiseVariance = average(variance[k:min(n, p)])
	}
	m.Done()
	return nil
}

// count reads NComponents.
func (m *PCA) count(variance []float64, total float64, n, p int) int {
	most := min(n, p)
	switch v := m.NComponents.(type) {
	case nil:
		if m.SVDSolver == "arpack" {
			return most - 1
		}
		return most
	case int:
		if v < 0 || v > most {
			m.Fail("NComponents is %d; want 0 … %d (rows %d, features %d)", v, most, n, p)
		}
		return v
	case float64:
		if v <= 0 || v >= 1 {
			m.Fail("NComponents is %g; a fraction of variance is between 0 and 1, a count is an int", v)
		}
		sum := 0.0
		for k, e := range variance {
			if sum += e / total; sum > v {
				return k + 1
			}
		}
		return most
	case string:
		if v == "mle" {
			return minka(variance, n)
		}
	}
	m.Fail("NComponents is %v; want a count, a fraction of variance or mle", m.NComponents)
	return 0
}

// minka returns the dimension of largest evidence (Minka 2000).
func minka(spectrum []float64, n int) int {
	p := len(spectrum)
	best, most := 0, math.Inf(-1)
	for rank := 1; rank < p; rank++ {
		if l := evidence(spectrum, rank, n); l > most {
			best, most = rank, l
		}
	}
	return max(best, 1)
}

func evidence(s []float64, rank, n int) float64 {
	p, fn := len(s), float64(n)
	if s[rank-1] < 2.2e-16 {
		return math.Inf(-1)
	}
	pu := -float64(rank) * math.Log(2)
	for i := 1; i <= rank; i++ {
		g, _ := math.Lgamma(float64(p-i+1) / 2)
		pu += g - math.Log(math.Pi)*float64(p-i+1)/2
	}
	pl := 0.0
	for _, v := range s[:rank] {
		pl += math.Log(v)
	}
	pl = -pl * fn / 2
	v := max(2.2e-16, average(s[rank:]))
	pv := -math.Log(v) * fn * float64(p-rank) / 2
	mm := float64(p)*float64(rank) - float64(rank)*float64(rank+1)/2
	pp := math.Log(2*math.Pi) * (mm + float64(rank)) / 2
	spec := append([]float64(nil), s...)
	for i := rank; i < p; i++ {
		spec[i] = v
	}
	pa := 0.0
	for i := range rank {
		for j := i + 1; j < p; j++ {
			pa += math.Log((s[i]-s[j])*(1/spec[j]-1/spec[i])) + math.Log(fn)
		}
	}
	return pu + pl + pv + pp - pa/2 - float64(rank)*math.Log(fn)/2
}

// Transform projects rows.
func (m *PCA) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.transform(x, m.Whiten), nil
}

// InverseTransform maps projections back.
func (m *PCA) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.inverse(x, m.Whiten), nil
}

// Covariance returns that of the model: components plus noise.
func (m *PCA) Covariance() *learn.Matrix { return m.covariance(m.Whiten) }

// ScoreSamples returns the log-likelihood of rows under the probabilistic model.
func (m *PCA) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return learn.Column(logLikelihood(m.Ready(x), m.Mean, m.Covariance())), nil
}

// Score returns the mean of ScoreSamples.
func (m *PCA) Score(x learn.Data, _ *learn.Matrix) (float64, error) {
	s, err := m.ScoreSamples(x)
	if err != nil {
		return 0, err
	}
	return average(s.Data), nil
}

// IncrementalPCA learns batch by batch and never holds more than one with the components.
type IncrementalPCA struct {
	Components
	NComponents any  `param:"n_components=None"`
	Whiten      bool `param:"whiten=false"`
	BatchSize   any  `param:"batch_size=None"` // nil: five rows for each feature

	Var   []float64 `fit:"var_"`
	NSeen int       `fit:"n_samples_seen_"`
}

// NewIncrementalPCA returns one with scikit-learn's defaults.
func NewIncrementalPCA() *IncrementalPCA { m := &IncrementalPCA{}; learn.Init(m); return m }

// Fit learns from X in batches.
func (m *IncrementalPCA) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.NSeen, m.Components.Components = 0, nil
	size, ok := learn.OptInt(m.BatchSize)
	if !ok {
		size = 5 * d.Cols
	}
	least, _ := learn.OptInt(m.NComponents)
	for from := 0; from < d.Rows; {
		to := from + size
		if to+least > d.Rows {
			to = d.Rows
		}
		m.update(&learn.Matrix{Rows: to - from, Cols: d.Cols, Data: d.Data[from*d.Cols : to*d.Cols]})
		from = to
	}
	m.Done()
	return nil
}

// PartialFit learns from one more batch.
func (m *IncrementalPCA) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !m.Fitted() {
		d := m.Begin(x, nil)
		m.NSeen, m.Components.Components = 0, nil
		m.update(d)
		m.Done()
		return nil
	}
	m.update(m.Ready(x))
	return nil
}

// update merges a batch with the components (Ross et al. 2008).
func (m *IncrementalPCA) update(x *learn.Matrix) {
	n, p := x.Rows, x.Cols
	k, ok := learn.OptInt(m.NComponents)
	switch {
	case !ok && m.Components.Components == nil:
		k = min(n, p)
	case !ok:
		k = m.Components.Components.Rows
	case k < 1 || k > p || m.NSeen == 0 && k > n:
		m.Fail("NComponents is %d; want 1 … %d, and at most the rows of the first batch (%d)", k, p, n)
	}
	if m.NSeen == 0 {
		m.Mean, m.Var = make([]float64, p), make([]float64, p)
	}
	mean, old, all := means(x), float64(m.NSeen), float64(m.NSeen+n)
	total, variance := make([]float64, p), make([]float64, p)
	for j := range p {
		ss := 0.0
		for i := range n {
			e := x.At(i, j) - mean[j]
			ss += e * e
		}
		d := mean[j] - m.Mean[j]
		total[j] = m.Mean[j] + d*float64(n)/all
		variance[j] = (m.Var[j]*old + ss + d*d*old*float64(n)/all) / all
	}
	stack := minus(x, mean)
	if m.NSeen == 0 {
		stack = minus(x, total)
	} else {
		extra := learn.NewMatrix(m.Components.Components.Rows+n+1, p)
		for r := range m.Components.Components.Rows {
			for j, v := range m.Components.Components.Row(r) {
				extra.Set(r, j, v*m.SingularValues[r])
			}
		}
		at := m.Components.Components.Rows
		copy(extra.Data[at*p:], stack.Data)
		f := math.Sqrt(old / all * float64(n))
		for j := range p {
			extra.Set(at+n, j, f*(m.Mean[j]-mean[j]))
		}
		stack = extra
	}
	_, s, vt := learn.SVD(stack)
	flip(vt)
	m.set(s, vt, k, all, variance)
	m.NSeen, m.Mean, m.Var = m.NSeen+n, total, variance
}

func (m *IncrementalPCA) set(s []float64, vt *learn.Matrix, k int, n float64, variance []float64) {
	m.NUsed = k
	m.Components.Components = rowsOf(vt, k).Clone()
	m.SingularValues = append([]float64(nil), s[:k]...)
	m.ExplainedVariance, m.ExplainedVarianceRatio = make([]float64, k), make([]float64, k)
	sum := 0.0
	for _, v := range variance {
		sum += v * n
	}
	for i, v := range m.SingularValues {
		m.ExplainedVariance[i] = v * v / (n - 1)
		m.ExplainedVarianceRatio[i] = v * v / sum
	}
	m.NoiseVariance = 0
	if k < len(s) {
		for _, v := range s[k:] {
			m.NoiseVariance += v * v / (n - 1) / float64(len(s)-k)
		}
	}
}

// Transform projects rows.
func (m *IncrementalPCA) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.transform(x, m.Whiten), nil
}

// InverseTransform maps projections back.
func (m *IncrementalPCA) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return m.inverse(x, m.Whiten), nil
}
