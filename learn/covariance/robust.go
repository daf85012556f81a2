package covariance

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Robust are the options and results of the minimum covariance determinant.
type Robust struct {
	SupportFraction any   `param:"support_fraction=None"` // share of rows that count; nil: (rows + features + 1) / 2
	RandomState     int64 `param:"random_state=0"`

	RawLocation   []float64     `fit:"raw_location_"`
	RawCovariance *learn.Matrix `fit:"raw_covariance_"`
	Support       []bool        `fit:"support_"`
	Dist          []float64     `fit:"dist_"` // squared Mahalanobis distances of the rows of Fit
}

// MinCovDet estimates location and covariance from the rows with the smallest determinant (Rousseeuw).
type MinCovDet struct {
	Estimate
	Robust
}

// NewMinCovDet returns one with scikit-learn's defaults.
func NewMinCovDet() *MinCovDet { m := &MinCovDet{}; learn.Init(m); return m }

// Fit searches by concentration steps from random rows, corrects for consistency and reweights.
func (m *MinCovDet) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.Begin(x, nil)
	m.fit(&m.Estimate, learn.Dense(m.Name(), x))
	return nil
}

func (r *Robust) fit(e *Estimate, d *learn.Matrix) {
	n, p := d.Rows, d.Cols
	h := int(math.Ceil(0.5 * float64(n+p+1)))
	if f, ok := learn.OptFloat(r.SupportFraction); ok {
		h = int(f * float64(n))
	}
	h = min(h, n)
	if h <= p {
		e.Fail("%d of %d rows count for %d columns; want more rows", h, n, p)
	}
	loc, cov := r.search(e, d, h)
	r.RawLocation, r.RawCovariance = loc, cov
	if zero(cov.Data) {
		e.Fail("the covariance of the rows that count is 0; raise SupportFraction")
	}
	dist := squaredDistances(d, loc, cov)
	chi := distuv.ChiSquared{K: float64(p)}
	factor := median(dist) / chi.Quantile(0.5)
	scaled := cov.Clone()
	for i := range scaled.Data {
		scaled.Data[i] *= factor
	}
	var rows []int
	r.Support = make([]bool, n)
	for i, v := range dist {
		if v/factor < chi.Quantile(0.975) {
			rows, r.Support[i] = append(rows, i), true
		}
	}
	loc, cov = moments(d.Take(rows), e.AssumeCentered)
	r.Dist = squaredDistances(d, loc, cov)
	e.set(cov, loc)
}

func median(v []float64) float64 {
	s := append([]float64(nil), v...)
	sort.Float64s(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func moments(d *learn.Matrix, centred bool) ([]float64, *learn.Matrix) {
	if centred {
		return make([]float64, d.Cols), Empirical(d, true)
	}
	c, mean := centre(d)
	return mean, Empirical(c, true)
}

func squaredDistances(d *learn.Matrix, loc []float64, cov *learn.Matrix) []float64 {
	return mahalanobis(d, loc, pseudoInverse(cov))
}

func logDet(c *learn.Matrix) float64 {
	values, _ := learn.Eigh(c)
	s := 0.0
	for _, v := range values {
		if v <= 0 {
			return math.Inf(-1)
		}
		s += math.Log(v)
	}
	return s
}

// search takes the best of many starts after two concentration steps each, and lets the ten best converge.
func (r *Robust) search(e *Estimate, d *learn.Matrix, h int) (loc []float64, cov *learn.Matrix) {
	type candidate struct {
		loc []float64
		cov *learn.Matrix
		det float64
	}
	rnd := random.New(r.RandomState)
	concentrate := func(rows []int, steps int) candidate {
		var c candidate
		c.loc, c.cov = moments(d.Take(rows), e.AssumeCentered)
		last := math.Inf(1)
		for range steps {
			dist := squaredDistances(d, c.loc, c.cov)
			order := make([]int, d.Rows)
			for i := range order {
				order[i] = i
			}
			sort.SliceStable(order, func(a, b int) bool { return dist[order[a]] < dist[order[b]] })
			rows = order[:h]
			c.loc, c.cov = moments(d.Take(rows), e.AssumeCentered)
			if c.det = logDet(c.cov); c.det >= last {
				break
			}
			last = c.det
		}
		return c
	}
	var list []candidate
	for range 100 {
		e.Poll()
		list = append(list, concentrate(rnd.Permutation(d.Rows)[:min(h, d.Cols+1+d.Rows/10)], 2))
	}
	sort.SliceStable(list, func(a, b int) bool { return list[a].det < list[b].det })
	best := candidate{det: math.Inf(1)}
	for _, c := range list[:10] {
		dist := squaredDistances(d, c.loc, c.cov)
		order := make([]int, d.Rows)
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(a, b int) bool { return dist[order[a]] < dist[order[b]] })
		if f := concentrate(order[:h], 100); f.det < best.det || best.cov == nil {
			best = f
		}
	}
	return best.loc, best.cov
}

// EllipticEnvelope takes rows far from a robust centre for outliers.
type EllipticEnvelope struct {
	learn.OutlierBase
	StorePrecision bool `param:"store_precision=true"`
	AssumeCentered bool `param:"assume_centered=false"`
	Robust
	Contamination float64 `param:"contamination=0.1"`

	Location   []float64     `fit:"location_"`
	Covariance *learn.Matrix `fit:"covariance_"`
	Precision  *learn.Matrix `fit:"precision_"`
}

// NewEllipticEnvelope returns one with scikit-learn's defaults.
func NewEllipticEnvelope() *EllipticEnvelope { m := &EllipticEnvelope{}; learn.Init(m); return m }

// Fit estimates the envelope.
func (m *EllipticEnvelope) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	if m.Contamination <= 0 || m.Contamination > 0.5 {
		m.Fail("Contamination is %g; want a number in (0, 0.5]", m.Contamination)
	}
	inner := NewMinCovDet()
	inner.SupportFraction, inner.RandomState, inner.AssumeCentered = m.SupportFraction, m.RandomState, m.AssumeCentered
	learn.Must(inner.Fit(d, nil))
	m.Robust = inner.Robust
	m.Location, m.Covariance, m.Precision = inner.Location, inner.Covariance, inner.Precision
	s := make([]float64, len(m.Dist))
	for i, v := range m.Dist {
		s[i] = -v
	}
	sort.Float64s(s)
	at := m.Contamination * float64(len(s)-1)
	k := min(int(at), len(s)-2)
	m.Offset = s[k] + (at-float64(k))*(s[k+1]-s[k])
	m.Done()
	return nil
}

// ScoreSamples returns the negative squared Mahalanobis distances.
func (m *EllipticEnvelope) ScoreSamples(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	s = learn.Column(squaredDistances(m.Ready(x), m.Location, m.Covariance))
	for i := range s.Data {
		s.Data[i] = -s.Data[i]
	}
	return s, nil
}

// DecisionFunction returns ScoreSamples − Offset.
func (m *EllipticEnvelope) DecisionFunction(x learn.Data) (s *learn.Matrix, err error) {
	defer learn.Catch(&err)
	s, err = m.ScoreSamples(x)
	learn.Must(err)
	for i := range s.Data {
		s.Data[i] -= m.Offset
	}
	return s, nil
}

// Predict returns 1 for inliers and −1 for outliers.
func (m *EllipticEnvelope) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	y, err = m.DecisionFunction(x)
	learn.Must(err)
	for i, v := range y.Data {
		if y.Data[i] = 1; v < 0 {
			y.Data[i] = -1
		}
	}
	return y, nil
}

func zero(v []float64) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}
