package preprocess

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lathe-ml/lathe/learn"
)

const eps = 2.220446049250313e-16

// StandardScaler subtracts each column's mean and divides by its standard deviation; NaN are left out.
type StandardScaler struct {
	learn.TransformerBase
	WithMean bool `param:"with_mean=true"`
	WithStd  bool `param:"with_std=true"`

	Mean  []float64 `fit:"mean_"`
	Var   []float64 `fit:"var_"`
	Scale []float64 `fit:"scale_"` // square root of Var, 1 for constant columns
	Seen  []float64 `fit:"n_samples_seen_"`
}

// NewStandardScaler returns one with scikit-learn's defaults.
func NewStandardScaler() *StandardScaler {
	s := &StandardScaler{}
	learn.Init(s)
	return s
}

// Fit learns mean and standard deviation.
func (s *StandardScaler) Fit(x learn.Data, y *learn.Matrix) error { return s.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (s *StandardScaler) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.Mean, s.Var, s.Seen = make([]float64, m.Cols), make([]float64, m.Cols), make([]float64, m.Cols)
	s.update(m, w)
	s.Done()
	return nil
}

// PartialFit learns from one more batch.
func (s *StandardScaler) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !s.Fitted() {
		return s.Fit(x, y)
	}
	s.update(s.Ready(x, learn.AllowNaN), nil)
	return nil
}

// update merges the batch's moments with those seen (Chan et al. 1983).
func (s *StandardScaler) update(m *learn.Matrix, weights []float64) {
	w := learn.Weights(s.Name()+".Fit", weights, m.Rows)
	s.Scale = make([]float64, m.Cols)
	for j := range m.Cols {
		n, mean, ss := 0.0, 0.0, 0.0
		for i := range m.Rows {
			if v := m.At(i, j); v == v {
				n += w[i]
				mean += w[i] * v
			}
		}
		if n > 0 {
			mean /= n
		}
		for i := range m.Rows {
			if v := m.At(i, j); v == v {
				ss += w[i] * (v - mean) * (v - mean)
			}
		}
		old, all := s.Seen[j], s.Seen[j]+n
		d := mean - s.Mean[j]
		if all > 0 {
			s.Var[j] = (s.Var[j]*old + ss + d*d*old*n/all) / all
			s.Mean[j] += d * n / all
		}
		s.Seen[j] = all
		s.Scale[j] = 1
		bound := all*eps*s.Var[j] + (all*s.Mean[j]*eps)*(all*s.Mean[j]*eps)
		if s.WithStd && s.Var[j] > bound {
			s.Scale[j] = math.Sqrt(s.Var[j])
		}
	}
}

// Transform returns (x − mean) / scale; sparse x needs WithMean false and stays sparse.
func (s *StandardScaler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	if sp, ok := x.(*learn.CSR); ok {
		if s.WithMean {
			s.Fail("cannot centre a sparse matrix; set WithMean to false")
		}
		s.MustFitted()
		return scaleCSR(sp, func(j int, v float64) float64 { return v / s.Scale[j] }), nil
	}
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		if s.WithMean {
			v -= s.Mean[j]
		}
		return v / s.Scale[j]
	}), nil
}

// InverseTransform returns x·scale + mean.
func (s *StandardScaler) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		v *= s.Scale[j]
		if s.WithMean {
			v += s.Mean[j]
		}
		return v
	}), nil
}

// columns returns f of every element and its column.
func columns(m *learn.Matrix, f func(j int, v float64) float64) *learn.Matrix {
	out := learn.NewMatrix(m.Rows, m.Cols)
	for i := range m.Rows {
		dst := out.Row(i)
		for j, v := range m.Row(i) {
			dst[j] = f(j, v)
		}
	}
	return out
}

func scaleCSR(s *learn.CSR, f func(j int, v float64) float64) *learn.CSR {
	t := *s
	t.Values = make([]float64, len(s.Values))
	for k, j := range s.Index {
		t.Values[k] = f(j, s.Values[k])
	}
	return &t
}

// present returns the values of column j that are not NaN.
func present(m *learn.Matrix, j int) []float64 {
	return slices.DeleteFunc(m.Col(j), math.IsNaN)
}

// orOne replaces a scale near 0 by 1.
func orOne(s float64) float64 {
	if s < 10*eps {
		return 1
	}
	return s
}

// MinMaxScaler maps each column's range to FeatureRange.
type MinMaxScaler struct {
	learn.TransformerBase
	FeatureRange []float64 `param:"feature_range=[0 1]"`
	Clip         bool      `param:"clip=false"` // keep new data within the range

	DataMin   []float64 `fit:"data_min_"`
	DataMax   []float64 `fit:"data_max_"`
	DataRange []float64 `fit:"data_range_"`
	Scale     []float64 `fit:"scale_"`
	Min       []float64 `fit:"min_"`
}

// NewMinMaxScaler returns one with scikit-learn's defaults.
func NewMinMaxScaler() *MinMaxScaler {
	s := &MinMaxScaler{}
	learn.Init(s)
	return s
}

// Fit learns each column's range.
func (s *MinMaxScaler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.DataMin, s.DataMax = nil, nil
	s.update(m)
	s.Done()
	return nil
}

// PartialFit learns from one more batch.
func (s *MinMaxScaler) PartialFit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	if !s.Fitted() {
		return s.Fit(x, y)
	}
	s.update(s.Ready(x, learn.AllowNaN))
	return nil
}

func (s *MinMaxScaler) update(m *learn.Matrix) {
	if len(s.FeatureRange) != 2 || s.FeatureRange[0] >= s.FeatureRange[1] {
		s.Fail("FeatureRange is %v; want a minimum and a larger maximum", s.FeatureRange)
	}
	lo, hi := s.FeatureRange[0], s.FeatureRange[1]
	first := s.DataMin == nil
	if first {
		s.DataMin, s.DataMax = make([]float64, m.Cols), make([]float64, m.Cols)
	}
	s.DataRange = make([]float64, m.Cols)
	s.Scale, s.Min = make([]float64, m.Cols), make([]float64, m.Cols)
	for j := range m.Cols {
		v := present(m, j)
		a, b := math.NaN(), math.NaN()
		if len(v) > 0 {
			a, b = slices.Min(v), slices.Max(v)
		}
		if !first {
			a, b = min(a, s.DataMin[j]), max(b, s.DataMax[j])
		}
		s.DataMin[j], s.DataMax[j], s.DataRange[j] = a, b, b-a
		s.Scale[j] = (hi - lo) / orOne(b-a)
		s.Min[j] = lo - a*s.Scale[j]
	}
}

// Transform maps to FeatureRange.
func (s *MinMaxScaler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		v = v*s.Scale[j] + s.Min[j]
		if s.Clip {
			v = min(max(v, s.FeatureRange[0]), s.FeatureRange[1])
		}
		return v
	}), nil
}

// InverseTransform maps back.
func (s *MinMaxScaler) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		return (v - s.Min[j]) / s.Scale[j]
	}), nil
}

// MaxAbsScaler divides each column by its largest absolute value; sparse data stays sparse.
type MaxAbsScaler struct {
	learn.TransformerBase
	Clip bool `param:"clip=false"` // keep new data within [-1, 1]

	MaxAbs []float64 `fit:"max_abs_"`
	Scale  []float64 `fit:"scale_"`
}

// NewMaxAbsScaler returns one with scikit-learn's defaults.
func NewMaxAbsScaler() *MaxAbsScaler {
	s := &MaxAbsScaler{}
	learn.Init(s)
	return s
}

// Fit learns the largest absolute values.
func (s *MaxAbsScaler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.MaxAbs, s.Scale = make([]float64, m.Cols), make([]float64, m.Cols)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if v == v {
				s.MaxAbs[j] = max(s.MaxAbs[j], math.Abs(v))
			}
		}
	}
	for j, v := range s.MaxAbs {
		s.Scale[j] = orOne(v)
	}
	s.Done()
	return nil
}

// Transform divides.
func (s *MaxAbsScaler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	f := func(j int, v float64) float64 {
		v /= s.Scale[j]
		if s.Clip {
			v = min(max(v, -1), 1)
		}
		return v
	}
	if sp, ok := x.(*learn.CSR); ok {
		s.MustFitted()
		return scaleCSR(sp, f), nil
	}
	return columns(s.Ready(x, learn.AllowNaN), f), nil
}

// InverseTransform multiplies.
func (s *MaxAbsScaler) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 { return v * s.Scale[j] }), nil
}

// RobustScaler subtracts each column's median and divides by the distance of two quantiles.
type RobustScaler struct {
	learn.TransformerBase
	WithCentering bool      `param:"with_centering=true"`
	WithScaling   bool      `param:"with_scaling=true"`
	QuantileRange []float64 `param:"quantile_range=[25 75]"` // percent
	UnitVariance  bool      `param:"unit_variance=false"`    // so that normal values get variance 1

	Center []float64 `fit:"center_"`
	Scale  []float64 `fit:"scale_"`
}

// NewRobustScaler returns one with scikit-learn's defaults.
func NewRobustScaler() *RobustScaler {
	s := &RobustScaler{}
	learn.Init(s)
	return s
}

// Fit learns medians and quantiles.
func (s *RobustScaler) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	q := s.QuantileRange
	if len(q) != 2 || !(q[0] >= 0 && q[0] <= q[1] && q[1] <= 100) {
		s.Fail("QuantileRange is %v; want 0 <= low <= high <= 100", q)
	}
	s.Center, s.Scale = make([]float64, m.Cols), make([]float64, m.Cols)
	adjust := 1.0
	if s.UnitVariance {
		adjust = distuv.UnitNormal.Quantile(q[1]/100) - distuv.UnitNormal.Quantile(q[0]/100)
	}
	for j := range m.Cols {
		v := present(m, j)
		slices.Sort(v)
		s.Scale[j] = 1
		if s.WithCentering {
			s.Center[j] = Quantile(v, 0.5, "linear")
		}
		if s.WithScaling {
			s.Scale[j] = orOne(Quantile(v, q[1]/100, "linear")-Quantile(v, q[0]/100, "linear")) / adjust
		}
	}
	s.Done()
	return nil
}

// Transform returns (x − median) / scale.
func (s *RobustScaler) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		return (v - s.Center[j]) / s.Scale[j]
	}), nil
}

// InverseTransform returns x·scale + median.
func (s *RobustScaler) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x, learn.AllowNaN), func(j int, v float64) float64 {
		return v*s.Scale[j] + s.Center[j]
	}), nil
}

// Quantile returns the q-quantile of sorted values by one of NumPy's methods (linear, inverted_cdf,
// averaged_inverted_cdf, hazen, weibull, median_unbiased, normal_unbiased, lower, higher, midpoint,
// nearest); NaN without values.
func Quantile(sorted []float64, q float64, method string) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	at := func(i int) float64 { return sorted[min(max(i, 0), n-1)] }
	fn := float64(n)
	var pos float64 // from 0
	switch method {
	case "inverted_cdf":
		return at(int(math.Ceil(fn*q)) - 1)
	case "averaged_inverted_cdf":
		if p := fn * q; p == math.Floor(p) {
			return (at(int(p)-1) + at(int(p))) / 2
		}
		return at(int(math.Ceil(fn*q)) - 1)
	case "closest_observation":
		return at(int(math.RoundToEven(fn*q-0.5+0.5)) - 1)
	case "interpolated_inverted_cdf":
		pos = fn*q - 1
	case "hazen":
		pos = fn*q - 0.5
	case "weibull":
		pos = (fn+1)*q - 1
	case "median_unbiased":
		pos = q*(fn+1./3) + 1./3 - 1
	case "normal_unbiased":
		pos = q*(fn+0.25) + 0.375 - 1
	default:
		pos = q * (fn - 1)
	}
	pos = min(max(pos, 0), fn-1)
	lo := int(pos)
	switch f := pos - float64(lo); method {
	case "lower":
		return at(lo)
	case "higher":
		return at(int(math.Ceil(pos)))
	case "midpoint":
		return (at(lo) + at(int(math.Ceil(pos)))) / 2
	case "nearest":
		return at(int(math.RoundToEven(pos)))
	default:
		if f == 0 {
			return at(lo)
		}
		return at(lo) + (at(lo+1)-at(lo))*f
	}
}

// Normalizer divides each row by its norm: l1, l2 or max.
type Normalizer struct {
	learn.TransformerBase
	Norm string `param:"norm=l2"`
}

// NewNormalizer returns one with scikit-learn's defaults.
func NewNormalizer() *Normalizer {
	s := &Normalizer{}
	learn.Init(s)
	return s
}

// Fit only checks x.
func (s *Normalizer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.Begin(x, nil)
	s.OneOf("Norm", s.Norm, "l1", "l2", "max")
	s.Done()
	return nil
}

// Transform divides rows; rows of zeros stay, and sparse data stays sparse.
func (s *Normalizer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	if sp, ok := x.(*learn.CSR); ok {
		t := *sp
		t.Values = slices.Clone(sp.Values)
		for i := range t.Rows {
			_, row := t.Row(i)
			divideByNorm(row, s.Norm)
		}
		return &t, nil
	}
	m := s.Ready(x).Clone()
	for i := range m.Rows {
		divideByNorm(m.Row(i), s.Norm)
	}
	return m, nil
}

func divideByNorm(row []float64, norm string) {
	n := 0.0
	for _, v := range row {
		switch norm {
		case "l1":
			n += math.Abs(v)
		case "max":
			n = max(n, math.Abs(v))
		default:
			n += v * v
		}
	}
	if norm == "l2" {
		n = math.Sqrt(n)
	}
	if n < 10*eps {
		return
	}
	for i := range row {
		row[i] /= n
	}
}

// Binarizer returns 1 for values above Threshold and 0 for others.
type Binarizer struct {
	learn.TransformerBase
	Threshold float64 `param:"threshold=0"`
}

// NewBinarizer returns one with scikit-learn's defaults.
func NewBinarizer() *Binarizer {
	s := &Binarizer{}
	learn.Init(s)
	return s
}

// Fit only checks x.
func (s *Binarizer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.Begin(x, nil)
	s.Done()
	return nil
}

// Transform compares with Threshold.
func (s *Binarizer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return columns(s.Ready(x), func(_ int, v float64) float64 {
		if v > s.Threshold {
			return 1
		}
		return 0
	}), nil
}
