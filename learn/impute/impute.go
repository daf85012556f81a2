// Package impute fills missing values (NaN).
//
//	im := impute.NewSimpleImputer()
//	im.Strategy = "median"
//	d, err := im.FitTransform(x, nil)
//	fmt.Println(im.Statistics)
//	k := impute.NewKNNImputer()
//
// The package does not drop rows or columns of the caller's choice.
package impute

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// SimpleImputer fills each column with its mean, median, most frequent value or a constant.
type SimpleImputer struct {
	learn.TransformerBase
	MissingValues     float64 `param:"missing_values=NaN"`
	Strategy          string  `param:"strategy=mean"`   // mean, median, most_frequent or constant
	FillValue         any     `param:"fill_value=None"` // of constant; nil means 0
	AddIndicator      bool    `param:"add_indicator=false"`
	KeepEmptyFeatures bool    `param:"keep_empty_features=false"`

	Statistics []float64 `fit:"statistics_"`
	indicated  []int
}

// NewSimpleImputer returns one with scikit-learn's defaults.
func NewSimpleImputer() *SimpleImputer {
	s := &SimpleImputer{}
	learn.Init(s)
	return s
}

func missing(v, mark float64) bool { return v == mark || mark != mark && v != v }

// Fit learns the values to fill in.
func (s *SimpleImputer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.OneOf("Strategy", s.Strategy, "mean", "median", "most_frequent", "constant")
	s.Statistics, s.indicated = make([]float64, m.Cols), nil
	for j := range m.Cols {
		all := m.Col(j)
		v := slices.DeleteFunc(all, func(x float64) bool { return missing(x, s.MissingValues) })
		if len(v) < m.Rows {
			s.indicated = append(s.indicated, j)
		}
		s.Statistics[j] = s.statistic(v)
	}
	s.Done()
	return nil
}

func (s *SimpleImputer) statistic(v []float64) float64 {
	if s.Strategy == "constant" {
		f, _ := learn.OptFloat(s.FillValue)
		return f
	}
	if len(v) == 0 {
		if s.KeepEmptyFeatures {
			return 0
		}
		return math.NaN()
	}
	slices.Sort(v)
	switch s.Strategy {
	case "median":
		n := len(v)
		return (v[(n-1)/2] + v[n/2]) / 2
	case "most_frequent":
		best, count := v[0], 0
		for lo := 0; lo < len(v); {
			hi := lo
			for hi < len(v) && v[hi] == v[lo] {
				hi++
			}
			if hi-lo > count {
				best, count = v[lo], hi-lo
			}
			lo = hi
		}
		return best
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Transform fills; columns without any value in Fit are dropped unless KeepEmptyFeatures.
func (s *SimpleImputer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x, learn.AllowNaN)
	out := m.Clone()
	var kept []int
	for j, f := range s.Statistics {
		if math.IsNaN(f) {
			continue
		}
		kept = append(kept, j)
		for i := range out.Rows {
			if missing(out.At(i, j), s.MissingValues) {
				out.Set(i, j, f)
			}
		}
	}
	if len(kept) < out.Cols {
		out = out.TakeCols(kept)
	}
	if s.AddIndicator {
		out = learn.Concat(out, indicators(m, s.indicated, s.MissingValues))
	}
	return out, nil
}

func indicators(m *learn.Matrix, cols []int, mark float64) *learn.Matrix {
	out := learn.NewMatrix(m.Rows, len(cols))
	for i := range m.Rows {
		for k, j := range cols {
			if missing(m.At(i, j), mark) {
				out.Set(i, k, 1)
			}
		}
	}
	return out
}

// MissingIndicator returns 1 where a value is missing.
type MissingIndicator struct {
	learn.TransformerBase
	MissingValues float64 `param:"missing_values=NaN"`
	Which         string  `param:"features=missing-only"` // or all
	Sparse        any     `param:"sparse=auto"`
	ErrorOnNew    bool    `param:"error_on_new=true"`

	Features []int `fit:"features_"`
}

// NewMissingIndicator returns one with scikit-learn's defaults.
func NewMissingIndicator() *MissingIndicator {
	s := &MissingIndicator{}
	learn.Init(s)
	return s
}

// Fit learns which columns have missing values.
func (s *MissingIndicator) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.OneOf("Which", s.Which, "missing-only", "all")
	s.Features = nil
	for j := range m.Cols {
		if s.Which == "all" || slices.ContainsFunc(m.Col(j), func(v float64) bool {
			return missing(v, s.MissingValues)
		}) {
			s.Features = append(s.Features, j)
		}
	}
	s.Done()
	return nil
}

// Transform returns the indicators.
func (s *MissingIndicator) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x, learn.AllowNaN)
	if s.ErrorOnNew {
		for i, v := range m.Data {
			if j := i % m.Cols; missing(v, s.MissingValues) && !slices.Contains(s.Features, j) {
				s.Fail("column %d has missing values, which Fit did not see; set ErrorOnNew to false", j)
			}
		}
	}
	return indicators(m, s.Features, s.MissingValues), nil
}

// KNNImputer fills a value with the mean of the nearest rows that have it, by distances over the columns
// that both rows have.
type KNNImputer struct {
	learn.TransformerBase
	MissingValues     float64 `param:"missing_values=NaN"`
	NNeighbors        int     `param:"n_neighbors=5"`
	Weights           string  `param:"weights=uniform"` // or distance
	Metric            string  `param:"metric=nan_euclidean"`
	AddIndicator      bool    `param:"add_indicator=false"`
	KeepEmptyFeatures bool    `param:"keep_empty_features=false"`

	X         *learn.Matrix // rows of Fit
	indicated []int
}

// NewKNNImputer returns one with scikit-learn's defaults.
func NewKNNImputer() *KNNImputer {
	s := &KNNImputer{}
	learn.Init(s)
	return s
}

// Fit keeps the rows.
func (s *KNNImputer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.OneOf("Weights", s.Weights, "uniform", "distance")
	if s.NNeighbors < 1 {
		s.Fail("NNeighbors is %d; want at least 1", s.NNeighbors)
	}
	s.X, s.indicated = s.marked(m), nil
	for j := range m.Cols {
		if slices.ContainsFunc(s.X.Col(j), math.IsNaN) {
			s.indicated = append(s.indicated, j)
		}
	}
	s.Done()
	return nil
}

// marked returns a copy with NaN for missing values.
func (s *KNNImputer) marked(m *learn.Matrix) *learn.Matrix {
	c := m.Clone()
	for i, v := range c.Data {
		if missing(v, s.MissingValues) {
			c.Data[i] = math.NaN()
		}
	}
	return c
}

// Transform fills; columns without any value in Fit are dropped unless KeepEmptyFeatures.
func (s *KNNImputer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.marked(s.Ready(x, learn.AllowNaN))
	out := m.Clone()
	f := metric.DistanceOf(s.Metric, 2)
	for i := range m.Rows {
		if !slices.ContainsFunc(m.Row(i), math.IsNaN) {
			continue
		}
		dist := make([]float64, s.X.Rows)
		for k := range dist {
			dist[k] = f(m.Row(i), s.X.Row(k))
		}
		for j, v := range m.Row(i) {
			if math.IsNaN(v) {
				out.Set(i, j, s.fill(dist, j))
			}
		}
	}
	var kept []int
	for j := range out.Cols {
		if s.KeepEmptyFeatures || slices.ContainsFunc(s.X.Col(j), func(v float64) bool { return v == v }) {
			kept = append(kept, j)
		}
	}
	if len(kept) < out.Cols {
		out = out.TakeCols(kept)
	}
	if s.AddIndicator {
		out = learn.Concat(out, indicators(m, s.indicated, math.NaN()))
	}
	return out, nil
}

// fill returns the value of column j from the nearest rows that have it.
func (s *KNNImputer) fill(dist []float64, j int) float64 {
	var have []int
	mean, n := 0.0, 0.0
	for k := range dist {
		if v := s.X.At(k, j); v == v {
			mean += v
			n++
			if dist[k] == dist[k] {
				have = append(have, k)
			}
		}
	}
	if len(have) == 0 {
		if n == 0 {
			return 0
		}
		return mean / n
	}
	sort.SliceStable(have, func(a, b int) bool { return dist[have[a]] < dist[have[b]] })
	have = have[:min(len(have), s.NNeighbors)]
	sum, w := 0.0, 0.0
	exact := s.Weights == "distance" && dist[have[0]] == 0
	for _, k := range have {
		weight := 1.0
		if s.Weights == "distance" {
			weight = 1 / dist[k]
			if exact {
				weight = 0
				if dist[k] == 0 {
					weight = 1
				}
			}
		}
		sum += weight * s.X.At(k, j)
		w += weight
	}
	return sum / w
}
