package linear

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
)

// RANSACRegressor fits on the largest set of rows that a fit to few random rows agrees with.
type RANSACRegressor struct {
	learn.RegressorBase
	Estimator         learn.Estimator `param:"estimator"`               // nil: LinearRegression
	MinSamples        any             `param:"min_samples=None"`        // rows of a trial: count or fraction; nil: features + 1
	ResidualThreshold any             `param:"residual_threshold=None"` // of inliers; nil: the median absolute deviation of y
	MaxTrials         int             `param:"max_trials=100"`
	MaxSkips          float64         `param:"max_skips=inf" fixed:"true"`
	StopNInliers      float64         `param:"stop_n_inliers=inf"`
	StopScore         float64         `param:"stop_score=inf"`
	StopProbability   float64         `param:"stop_probability=0.99"`
	Loss              string          `param:"loss=absolute_error"` // or squared_error
	RandomState       int64           `param:"random_state=0"`

	Final   learn.Estimator `fit:"estimator_"`
	Inliers []bool          `fit:"inlier_mask_"`
	NTrials int             `fit:"n_trials_"`
}

// NewRANSACRegressor returns one with scikit-learn's defaults.
func NewRANSACRegressor() *RANSACRegressor { m := &RANSACRegressor{}; learn.Init(m); return m }

// Fit searches for inliers.
func (m *RANSACRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	m.OneOf("Loss", m.Loss, "absolute_error", "squared_error")
	base := m.Estimator
	if base == nil {
		base = NewLinearRegression()
	}
	n := d.Cols + 1
	if v, ok := learn.OptFloat(m.MinSamples); ok {
		if n = int(v); v < 1 {
			n = int(math.Ceil(v * float64(d.Rows)))
		}
	}
	if n < 1 || n > d.Rows {
		m.Fail("MinSamples is %d of %d rows", n, d.Rows)
	}
	limit, ok := learn.OptFloat(m.ResidualThreshold)
	if !ok {
		limit = deviation(y.Data)
	}
	r := random.New(m.RandomState)
	best, bestScore := 0, math.Inf(-1)
	trials := m.MaxTrials
	m.Inliers = nil
	for m.NTrials = 0; m.NTrials < trials; {
		m.Poll()
		m.NTrials++
		e := learn.Clone(base)
		rows := r.Choice(d.Rows, n)
		if e.Fit(d.Take(rows), y.Take(rows)) != nil {
			continue
		}
		mask, inliers := m.agree(e, d, y, limit)
		if len(inliers) < best || len(inliers) == 0 {
			continue
		}
		s, err := e.(learn.Scorer).Score(d.Take(inliers), y.Take(inliers))
		learn.Must(err)
		if len(inliers) == best && s < bestScore {
			continue
		}
		best, bestScore, m.Inliers = len(inliers), s, mask
		trials = min(trials, enough(best, d.Rows, n, m.StopProbability))
		if float64(best) >= m.StopNInliers || s >= m.StopScore {
			break
		}
	}
	if m.Inliers == nil {
		m.Fail("no trial found a row that agrees; raise ResidualThreshold or MaxTrials")
	}
	var rows []int
	for i, ok := range m.Inliers {
		if ok {
			rows = append(rows, i)
		}
	}
	m.Final = learn.Clone(base)
	learn.Must(m.Final.Fit(d.Take(rows), y.Take(rows)))
	m.Done()
	return nil
}

// deviation is the median absolute deviation from the median.
func deviation(y []float64) float64 {
	mid := metric.Percentile(y, nil, 50)
	d := make([]float64, len(y))
	for i, v := range y {
		d[i] = math.Abs(v - mid)
	}
	return metric.Percentile(d, nil, 50)
}

// enough returns the number of trials after which a better set is improbable.
func enough(inliers, rows, n int, p float64) int {
	good := 1 - math.Pow(float64(inliers)/float64(rows), float64(n))
	if good <= 2.220446049250313e-16 {
		return 0
	}
	if good >= 1 || p >= 1 {
		return math.MaxInt32
	}
	return int(math.Ceil(math.Abs(math.Log(1-p) / math.Log(good))))
}

func (m *RANSACRegressor) agree(e learn.Estimator, d, y *learn.Matrix, limit float64) (mask []bool, rows []int) {
	p, err := e.(learn.Predictor).Predict(d)
	learn.Must(err)
	mask = make([]bool, d.Rows)
	for i := range mask {
		s := 0.0
		for k, v := range p.Row(i) {
			r := math.Abs(v - y.At(i, k))
			if m.Loss == "squared_error" {
				r *= r
			}
			s += r
		}
		if mask[i] = s <= limit; mask[i] {
			rows = append(rows, i)
		}
	}
	return mask, rows
}

// Predict predicts with the estimator of the inliers.
func (m *RANSACRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.Final.(learn.Predictor).Predict(x)
}

// TheilSenRegressor takes the spatial median of least-squares fits to subsets of rows.
type TheilSenRegressor struct {
	regressor
	FitIntercept bool    `param:"fit_intercept=true"`
	MaxSub       float64 `param:"max_subpopulation=10000"` // subsets that are fitted at most
	NSubsamples  any     `param:"n_subsamples=None"`       // rows of a subset; nil: as many as coefficients
	MaxIter      int     `param:"max_iter=300"`
	Tol          float64 `param:"tol=0.001"`
	RandomState  int64   `param:"random_state=0"`

	Breakdown float64 `fit:"breakdown_"`
	NIter     int     `fit:"n_iter_"`
	NSub      int     `fit:"n_subpopulation_"`
}

// NewTheilSenRegressor returns one with scikit-learn's defaults.
func NewTheilSenRegressor() *TheilSenRegressor { m := &TheilSenRegressor{}; learn.Init(m); return m }

// Fit fits the subsets and finds their median.
func (m *TheilSenRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	t := learn.Target(m.Name(), y)
	dim := d.Cols
	if m.FitIntercept {
		dim++
	}
	n := min(dim, d.Rows)
	if v, ok := learn.OptInt(m.NSubsamples); ok {
		n = v
	}
	if n > d.Rows || n < min(dim, d.Rows) {
		m.Fail("NSubsamples is %d; want %d … %d", n, min(dim, d.Rows), d.Rows)
	}
	all := choose(d.Rows, n)
	m.NSub = int(max(1, min(m.MaxSub, all)))
	r := random.New(m.RandomState)
	points := learn.NewMatrix(m.NSub, dim)
	subset := first(n)
	for k := range m.NSub {
		m.Poll()
		if all <= m.MaxSub {
			if k > 0 {
				next(subset, d.Rows)
			}
		} else {
			subset = r.Choice(d.Rows, n)
		}
		a, b := learn.NewMatrix(n, dim), learn.NewMatrix(n, 1)
		for q, i := range subset {
			row := a.Row(q)
			if m.FitIntercept {
				row[0], row = 1, row[1:]
			}
			copy(row, d.Row(i))
			b.Data[q] = t[i]
		}
		c, _, _ := lstsq(a, b, 1e-15)
		copy(points.Row(k), c.Data)
	}
	w := m.median(points)
	m.Breakdown = 1 - (math.Pow(0.5, 1/float64(n))*float64(d.Rows-n+1)+float64(n)-1)/float64(d.Rows)
	m.Coef, m.Intercept = learn.NewMatrix(1, d.Cols), []float64{0}
	if m.FitIntercept {
		m.Intercept[0], w = w[0], w[1:]
	}
	copy(m.Coef.Data, w)
	m.Done()
	return nil
}

// choose returns the number of subsets of k of n.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Round(math.Exp(a - b - c))
}

func first(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// next moves to the following subset of 0 … n−1 in lexicographic order.
func next(s []int, n int) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < n-len(s)+i {
			s[i]++
			for j := i + 1; j < len(s); j++ {
				s[j] = s[j-1] + 1
			}
			return
		}
	}
}

// median returns the point with the least sum of distances to the rows (modified Weiszfeld).
func (m *TheilSenRegressor) median(p *learn.Matrix) []float64 {
	if p.Cols == 1 {
		v := append([]float64(nil), p.Data...)
		sort.Float64s(v)
		m.NIter = 1
		return []float64{(v[(len(v)-1)/2] + v[len(v)/2]) / 2}
	}
	at := make([]float64, p.Cols)
	for i := range p.Rows {
		for j, v := range p.Row(i) {
			at[j] += v / float64(p.Rows)
		}
	}
	for m.NIter = 0; m.NIter < m.MaxIter; m.NIter++ {
		now := weiszfeld(p, at)
		d := 0.0
		for j := range at {
			d += (at[j] - now[j]) * (at[j] - now[j])
		}
		at = now
		if d < m.Tol*m.Tol {
			break
		}
	}
	return at
}

func weiszfeld(p *learn.Matrix, at []float64) []float64 {
	const eps = 2.220446049250313e-16
	dir, sum := make([]float64, len(at)), 0.0
	pull := make([]float64, len(at))
	here := 0.0
	for i := range p.Rows {
		d := 0.0
		for j, v := range p.Row(i) {
			d += (v - at[j]) * (v - at[j])
		}
		if d = math.Sqrt(d); d < eps {
			here = 1
			continue
		}
		sum += 1 / d
		for j, v := range p.Row(i) {
			dir[j] += v / d
			pull[j] += (v - at[j]) / d
		}
	}
	norm := 0.0
	for _, v := range pull {
		norm += v * v
	}
	norm = math.Sqrt(norm)
	keep, move := 0.0, 1.0
	if norm > eps {
		move, keep = max(0, 1-here/norm), min(1, here/norm)
	} else {
		move, keep = 0, 1
	}
	out := make([]float64, len(at))
	for j := range out {
		if sum > 0 {
			out[j] = move * dir[j] / sum
		}
		out[j] += keep * at[j]
	}
	return out
}
