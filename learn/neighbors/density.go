package neighbors

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// KernelDensity estimates a density as the mean of kernels at the rows of Fit.
type KernelDensity struct {
	learn.Base
	Bandwidth    any     `param:"bandwidth=1.0"`   // number, scott or silverman
	Algorithm    string  `param:"algorithm=auto"`  // without effect: sums are exact
	Kernel       string  `param:"kernel=gaussian"` // gaussian, tophat, epanechnikov, exponential, linear, cosine
	Metric       string  `param:"metric=euclidean"`
	Atol         float64 `param:"atol=0"`
	Rtol         float64 `param:"rtol=0"`
	BreadthFirst bool    `param:"breadth_first=true"`
	LeafSize     int     `param:"leaf_size=40"`
	MetricParams any     `param:"metric_params=None" fixed:"true"`

	Width   float64 `fit:"bandwidth_"`
	X       *learn.Matrix
	Weights []float64
}

// NewKernelDensity returns one with scikit-learn's defaults.
func NewKernelDensity() *KernelDensity { m := &KernelDensity{}; learn.Init(m); return m }

// Kind returns learn.KindDensity.
func (m *KernelDensity) Kind() learn.Kind { return learn.KindDensity }

// Fit keeps the rows.
func (m *KernelDensity) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *KernelDensity) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Kernel", m.Kernel, "gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")
	n, p := float64(d.Rows), float64(d.Cols)
	switch v, ok := learn.OptFloat(m.Bandwidth); {
	case ok:
		m.Width = v
	case m.Bandwidth == "scott":
		m.Width = math.Pow(n, -1/(p+4))
	case m.Bandwidth == "silverman":
		m.Width = math.Pow(n*(p+2)/4, -1/(p+4))
	}
	if !(m.Width > 0) {
		m.Fail("Bandwidth is %v; want a number above 0, scott or silverman", m.Bandwidth)
	}
	m.X, m.Weights = d.Clone(), learn.Weights(m.Name(), w, d.Rows)
	m.Done()
	return nil
}

// logKernel returns the logarithm of the kernel, not normalized, at distance d.
func logKernel(kernel string, d, h float64) float64 {
	u := d / h
	switch kernel {
	case "gaussian":
		return -u * u / 2
	case "exponential":
		return -u
	}
	if u >= 1 {
		return math.Inf(-1)
	}
	switch kernel {
	case "tophat":
		return 0
	case "epanechnikov":
		return math.Log(1 - u*u)
	case "linear":
		return math.Log(1 - u)
	}
	return math.Log(math.Cos(math.Pi / 2 * u))
}

// logVolume is the logarithm of the volume of the unit ball in p dimensions.
func logVolume(p float64) float64 {
	g, _ := math.Lgamma(p/2 + 1)
	return p/2*math.Log(math.Pi) - g
}

// logNorm is the logarithm of what makes the kernel integrate to 1.
func logNorm(kernel string, h, p float64) float64 {
	factor := 0.0
	switch kernel {
	case "gaussian":
		factor = p / 2 * math.Log(2*math.Pi)
	case "tophat":
		factor = logVolume(p)
	case "epanechnikov":
		factor = logVolume(p) + math.Log(2/(p+2))
	case "exponential":
		g, _ := math.Lgamma(p)
		factor = logVolume(p) + math.Log(p) + g
	case "linear":
		factor = logVolume(p) - math.Log(p+1)
	case "cosine":
		f, t := 0.0, 2/math.Pi
		for k := 1.0; k <= p; k += 2 {
			f += t
			t *= -(p - k) * (p - k - 1) * (2 / math.Pi) * (2 / math.Pi)
		}
		factor = math.Log(f) + math.Log(p) + logVolume(p)
	}
	return -factor - p*math.Log(h)
}

// ScoreSamples returns the logarithm of the density at each row.
func (m *KernelDensity) ScoreSamples(x learn.Data) (out *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	f := metric.DistanceOf(m.Metric, 2)
	sum := 0.0
	for _, w := range m.Weights {
		sum += w
	}
	norm := logNorm(m.Kernel, m.Width, float64(q.Cols)) - math.Log(sum)
	out = learn.NewMatrix(q.Rows, 1)
	engine.Parallel(q.Rows, 8, func(lo, hi int) {
		logs := make([]float64, m.X.Rows)
		for i := lo; i < hi; i++ {
			top := math.Inf(-1)
			for j := range logs {
				logs[j] = logKernel(m.Kernel, f(q.Row(i), m.X.Row(j)), m.Width) + math.Log(m.Weights[j])
				top = max(top, logs[j])
			}
			s := 0.0
			for _, v := range logs {
				if !math.IsInf(top, -1) {
					s += math.Exp(v - top)
				}
			}
			out.Data[i] = math.Log(s) + norm
			if !math.IsInf(top, -1) {
				out.Data[i] += top
			}
		}
	})
	return out, nil
}

// Score returns the sum of ScoreSamples.
func (m *KernelDensity) Score(x learn.Data, _ *learn.Matrix) (float64, error) {
	s, err := m.ScoreSamples(x)
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, v := range s.Data {
		total += v
	}
	return total, nil
}

// NearestCentroid predicts the class of the nearest centroid.
type NearestCentroid struct {
	learn.ClassifierBase
	Metric          string `param:"metric=euclidean"`      // or manhattan, whose centroids are medians
	ShrinkThreshold any    `param:"shrink_threshold=None"` // shrinks centroids to the mean
	Priors          any    `param:"priors=uniform"`        // empirical, or one for each class

	Centroids *learn.Matrix `fit:"centroids_"`
	Prior     []float64     `fit:"class_prior_"`
	WithinStd []float64     `fit:"within_class_std_dev_"`
}

// NewNearestCentroid returns one with scikit-learn's defaults.
func NewNearestCentroid() *NearestCentroid { m := &NearestCentroid{}; learn.Init(m); return m }

// Fit computes the centroids.
func (m *NearestCentroid) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	codes := m.Labels(y)
	k := len(m.Classes)
	if k < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	m.OneOf("Metric", m.Metric, "euclidean", "manhattan")
	if constant(d) {
		m.Fail("all columns of X are constant; the classes do not differ")
	}
	m.Centroids = learn.NewMatrix(k, d.Cols)
	count := make([]float64, k)
	for _, c := range codes {
		count[c]++
	}
	for c := range k {
		for j := range d.Cols {
			var v []float64
			for i, code := range codes {
				if code == c {
					v = append(v, d.At(i, j))
				}
			}
			m.Centroids.Set(c, j, centre(v, m.Metric == "manhattan"))
		}
	}
	m.prior(count, float64(d.Rows))
	m.WithinStd = make([]float64, d.Cols)
	for i, c := range codes {
		for j, v := range d.Row(i) {
			e := v - m.Centroids.At(c, j)
			m.WithinStd[j] += e * e / float64(d.Rows-k)
		}
	}
	for j, v := range m.WithinStd {
		m.WithinStd[j] = math.Sqrt(v)
	}
	if t, ok := learn.OptFloat(m.ShrinkThreshold); ok {
		m.shrink(d, count, t)
	}
	m.Done()
	return nil
}

func (m *NearestCentroid) prior(count []float64, n float64) {
	m.Prior = make([]float64, len(count))
	list, isList := m.Priors.([]float64)
	for c := range count {
		switch {
		case isList && len(list) == len(count):
			m.Prior[c] = list[c]
		case m.Priors == "empirical":
			m.Prior[c] = count[c] / n
		default:
			m.Prior[c] = 1 / float64(len(count))
		}
	}
}

func centre(v []float64, medianOf bool) float64 {
	if medianOf {
		sort.Float64s(v)
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// shrink moves centroids towards the mean by t scaled standard errors (Tibshirani et al. 2002).
func (m *NearestCentroid) shrink(x *learn.Matrix, count []float64, t float64) {
	n := float64(x.Rows)
	s := append([]float64(nil), m.WithinStd...)
	mid := centre(append([]float64(nil), s...), true)
	for j := range x.Cols {
		mean := 0.0
		for i := range x.Rows {
			mean += x.At(i, j) / n
		}
		for c := range count {
			scale := math.Sqrt(1/count[c]-1/n) * (s[j] + mid)
			d := (m.Centroids.At(c, j) - mean) / scale
			d = math.Copysign(max(math.Abs(d)-t, 0), d)
			m.Centroids.Set(c, j, mean+scale*d)
		}
	}
}

// Predict returns the nearest centroid's class; priors that are not equal favour frequent classes.
func (m *NearestCentroid) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	if m.Priors != "uniform" {
		d, err := m.DecisionFunction(x)
		if err != nil {
			return nil, err
		}
		if d.Cols == 1 {
			codes := make([]int, d.Rows)
			for i, v := range d.Data {
				if v > 0 {
					codes[i] = 1
				}
			}
			return m.Decode(codes), nil
		}
		return m.ArgMaxRows(d), nil
	}
	d := metric.Distances(q, m.Centroids, m.Metric)
	for i := range d.Data {
		d.Data[i] = -d.Data[i]
	}
	return m.ArgMaxRows(d), nil
}

// DecisionFunction returns the discriminant scores.
func (m *NearestCentroid) DecisionFunction(x learn.Data) (out *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	s := learn.NewMatrix(q.Rows, len(m.Classes))
	for i := range q.Rows {
		for c := range m.Classes {
			v := 2 * math.Log(m.Prior[c])
			for j, a := range q.Row(i) {
				if m.WithinStd[j] != 0 {
					e := (a - m.Centroids.At(c, j)) / m.WithinStd[j]
					v -= e * e
				}
			}
			s.Set(i, c, v)
		}
	}
	if s.Cols == 2 {
		out = learn.NewMatrix(q.Rows, 1)
		for i := range out.Data {
			out.Data[i] = s.At(i, 1) - s.At(i, 0)
		}
		return out, nil
	}
	return s, nil
}

// LocalOutlierFactor compares each row's local density with that of its neighbours.
type LocalOutlierFactor struct {
	learn.OutlierBase
	NNeighbors    int  `param:"n_neighbors=20"`
	Contamination any  `param:"contamination=auto"` // fraction of outliers
	Novelty       bool `param:"novelty=false"`      // allow new rows
	Search

	Factor    []float64 `fit:"negative_outlier_factor_"`
	Neighbors int       `fit:"n_neighbors_"`
	density   []float64
	reach     []float64 // distance of each row from its k-th neighbour
}

// NewLocalOutlierFactor returns one with scikit-learn's defaults.
func NewLocalOutlierFactor() *LocalOutlierFactor { m := &LocalOutlierFactor{}; learn.Init(m); return m }

// Fit computes the factors of the rows.
func (m *LocalOutlierFactor) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.build(&m.Base, d)
	m.Neighbors = max(1, min(m.NNeighbors, d.Rows-1))
	if d.Rows < 2 {
		m.Fail("X has one row; want at least 2")
	}
	dist, rows := m.index.Nearest(d, m.Neighbors, true)
	m.reach = make([]float64, d.Rows)
	for i := range m.reach {
		m.reach[i] = dist.At(i, m.Neighbors-1)
	}
	m.density = m.densities(dist, rows)
	m.Factor = make([]float64, d.Rows)
	for i, r := range rows {
		m.Factor[i] = -m.ratio(r, m.density[i])
	}
	m.Offset = -1.5
	if c, ok := learn.OptFloat(m.Contamination); ok {
		m.Offset = metric.Percentile(m.Factor, nil, 100*c)
	}
	m.Done()
	return nil
}

func (m *LocalOutlierFactor) densities(dist *learn.Matrix, rows [][]int) []float64 {
	out := make([]float64, dist.Rows)
	for i, r := range rows {
		s := 0.0
		for q, j := range r {
			s += max(dist.At(i, q), m.reach[j])
		}
		out[i] = 1 / (s/float64(len(r)) + 1e-10)
	}
	return out
}

func (m *LocalOutlierFactor) ratio(rows []int, own float64) float64 {
	s := 0.0
	for _, j := range rows {
		s += m.density[j] / own
	}
	return s / float64(len(rows))
}

// FitPredict fits and returns 1 for inliers and -1 for outliers.
func (m *LocalOutlierFactor) FitPredict(x learn.Data) (y *learn.Matrix, err error) {
	if err := m.Fit(x, nil); err != nil {
		return nil, err
	}
	y = learn.NewMatrix(len(m.Factor), 1)
	for i, f := range m.Factor {
		y.Data[i] = 1
		if f < m.Offset {
			y.Data[i] = -1
		}
	}
	return y, nil
}

// Local returns the density at each row of Fit, and its distance from its k-th neighbour.
func (m *LocalOutlierFactor) Local() (density, reach []float64) { return m.density, m.reach }

// ScoreSamples returns the negative factors of new rows; it needs Novelty.
func (m *LocalOutlierFactor) ScoreSamples(x learn.Data) (out *learn.Matrix, err error) {
	defer learn.Catch(&err)
	q := m.Ready(x)
	if !m.Novelty {
		m.Fail("new rows need Novelty; use FitPredict for the rows of Fit")
	}
	dist, rows := m.ready().Nearest(q, m.Neighbors, false)
	out = learn.NewMatrix(q.Rows, 1)
	for i, own := range m.densities(dist, rows) {
		out.Data[i] = -m.ratio(rows[i], own)
	}
	return out, nil
}

// DecisionFunction returns ScoreSamples − Offset.
func (m *LocalOutlierFactor) DecisionFunction(x learn.Data) (*learn.Matrix, error) {
	s, err := m.ScoreSamples(x)
	if err != nil {
		return nil, err
	}
	for i := range s.Data {
		s.Data[i] -= m.Offset
	}
	return s, nil
}

// Predict returns 1 for inliers and -1 for outliers.
func (m *LocalOutlierFactor) Predict(x learn.Data) (*learn.Matrix, error) {
	s, err := m.DecisionFunction(x)
	if err != nil {
		return nil, err
	}
	for i, v := range s.Data {
		s.Data[i] = 1
		if v < 0 {
			s.Data[i] = -1
		}
	}
	return s, nil
}

// constant reports whether all rows are equal.
func constant(x *learn.Matrix) bool {
	for i := 1; i < x.Rows; i++ {
		if !slices.Equal(x.Row(i), x.Row(0)) {
			return false
		}
	}
	return true
}
