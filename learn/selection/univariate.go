// Package selection chooses features: by variance, by tests of each feature, or by a model.
//
//	s := selection.NewSelectKBest()
//	s.K = 5
//	err := s.Fit(x, y)
//	d, err := s.Transform(x)
//	fmt.Println(s.Scores, s.PValues)
//
// The package does not create features (learn/preprocess, learn/decomposition).
package selection

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"

	"github.com/lathe-ml/lathe/learn"
)

// FSurvival returns the probability that an F(d1, d2) variable exceeds f.
func FSurvival(f, d1, d2 float64) float64 {
	if math.IsNaN(f) {
		return math.NaN()
	}
	if math.IsInf(f, 1) {
		return 0
	}
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*f))
}

// FClassif returns the F value and p value of an analysis of variance of each column between the classes
// of y.
func FClassif(x, y *learn.Matrix) (f, p []float64) {
	codes := learn.Codes(learn.Distinct(y.Data), y.Data)
	k := len(learn.Distinct(y.Data))
	n := float64(x.Rows)
	f, p = make([]float64, x.Cols), make([]float64, x.Cols)
	for j := range x.Cols {
		sum, count := make([]float64, k), make([]float64, k)
		mean := 0.0
		for i, c := range codes {
			sum[c] += x.At(i, j)
			count[c]++
			mean += x.At(i, j) / n
		}
		between, within := 0.0, 0.0
		for c := range sum {
			d := sum[c]/count[c] - mean
			between += count[c] * d * d
		}
		for i, c := range codes {
			d := x.At(i, j) - sum[c]/count[c]
			within += d * d
		}
		d1, d2 := float64(k-1), n-float64(k)
		f[j] = between / d1 / (within / d2)
		p[j] = FSurvival(f[j], d1, d2)
	}
	return f, p
}

// RRegression returns the correlation of each column with y.
func RRegression(x, y *learn.Matrix, center bool) []float64 {
	t := y.Data
	out := make([]float64, x.Cols)
	n := float64(x.Rows)
	for j := range out {
		mx, my := 0.0, 0.0
		if center {
			for i, v := range t {
				mx += x.At(i, j) / n
				my += v / n
			}
		}
		xy, xx, yy := 0.0, 0.0, 0.0
		for i, v := range t {
			a, b := x.At(i, j)-mx, v-my
			xy += a * b
			xx += a * a
			yy += b * b
		}
		out[j] = xy / math.Sqrt(xx*yy)
	}
	return out
}

// FRegression returns the F value and p value of a regression of y on each column alone.
func FRegression(x, y *learn.Matrix) (f, p []float64) {
	d := float64(x.Rows - 2)
	f, p = make([]float64, x.Cols), make([]float64, x.Cols)
	for j, r := range RRegression(x, y, true) {
		f[j] = r * r / (1 - r*r) * d
		if math.IsNaN(r) {
			f[j], p[j] = 0, 1
			continue
		}
		p[j] = FSurvival(f[j], 1, d)
	}
	return f, p
}

// Chi2 returns the χ² statistic and p value of columns of counts against the classes of y.
func Chi2(x, y *learn.Matrix) (f, p []float64) {
	classes := learn.Distinct(y.Data)
	codes := learn.Codes(classes, y.Data)
	k := len(classes)
	n := float64(x.Rows)
	prob := make([]float64, k)
	for _, c := range codes {
		prob[c] += 1 / n
	}
	f, p = make([]float64, x.Cols), make([]float64, x.Cols)
	for j := range x.Cols {
		seen, all := make([]float64, k), 0.0
		for i, c := range codes {
			v := x.At(i, j)
			if v < 0 {
				learn.Fail("selection.Chi2", "value %g (row %d, column %d) is negative; want counts", v, i, j)
			}
			seen[c] += v
			all += v
		}
		for c, s := range seen {
			e := prob[c] * all
			f[j] += (s - e) * (s - e) / e
		}
		p[j] = math.NaN()
		if !math.IsNaN(f[j]) {
			p[j] = mathext.GammaIncRegComp(float64(k-1)/2, f[j]/2)
		}
	}
	return f, p
}

// ScoreFunc scores each column; larger is better. p may be nil.
type ScoreFunc func(x, y *learn.Matrix) (scores, p []float64)

// scoreFuncs are the score functions by name.
var scoreFuncs = map[string]ScoreFunc{
	"f_classif": FClassif, "f_regression": FRegression, "chi2": Chi2,
	"mutual_info_classif": func(x, y *learn.Matrix) ([]float64, []float64) {
		return MutualInfoClassif(x, y, MutualInfoOptions{}), nil
	},
	"mutual_info_regression": func(x, y *learn.Matrix) ([]float64, []float64) {
		return MutualInfoRegression(x, y, MutualInfoOptions{}), nil
	},
	"r_regression": func(x, y *learn.Matrix) ([]float64, []float64) { return RRegression(x, y, true), nil },
}

// Mask is embedded by selectors: it keeps the columns of Support.
type Mask struct {
	learn.TransformerBase
	Support []bool `fit:"support"`
}

// kept lists the columns that stay.
func (s *Mask) kept() []int {
	var k []int
	for j, ok := range s.Support {
		if ok {
			k = append(k, j)
		}
	}
	return k
}

// Transform returns the columns that were chosen.
func (s *Mask) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	if _, cols := x.Dims(); cols != s.NFeatures {
		s.Fail("X has %d features, Fit saw %d; want the same columns", cols, s.NFeatures)
	}
	return learn.TakeColumns(x, s.kept()), nil
}

// InverseTransform puts zeros where columns were dropped.
func (s *Mask) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	m := learn.Dense(s.Name(), x, learn.AllowNaN, learn.AllowEmpty)
	kept := s.kept()
	if m.Cols != len(kept) {
		s.Fail("X has %d columns, %d were chosen; want the chosen ones", m.Cols, len(kept))
	}
	out := learn.NewMatrix(m.Rows, s.NFeatures)
	for i := range m.Rows {
		for k, j := range kept {
			out.Set(i, j, m.At(i, k))
		}
	}
	return out, nil
}

// VarianceThreshold drops columns whose variance is not above Threshold.
type VarianceThreshold struct {
	Mask
	Threshold float64   `param:"threshold=0"`
	Variances []float64 `fit:"variances_"`
}

// NewVarianceThreshold returns one that drops constant columns.
func NewVarianceThreshold() *VarianceThreshold {
	s := &VarianceThreshold{}
	learn.Init(s)
	return s
}

// Fit computes the variances.
func (s *VarianceThreshold) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.Variances, s.Support = make([]float64, m.Cols), make([]bool, m.Cols)
	some := false
	for j := range m.Cols {
		mean, n, ss, lo, hi := 0.0, 0.0, 0.0, math.Inf(1), math.Inf(-1)
		for _, v := range m.Col(j) {
			if v == v {
				mean += v
				n++
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		mean /= n
		for _, v := range m.Col(j) {
			if v == v {
				ss += (v - mean) * (v - mean)
			}
		}
		s.Variances[j] = ss / n
		if s.Threshold == 0 { // the range is exact where the variance is not
			s.Variances[j] = min(s.Variances[j], hi-lo)
		}
		s.Support[j] = s.Variances[j] > s.Threshold
		some = some || s.Support[j]
	}
	if !some {
		s.Fail("no column has a variance above %g; lower Threshold", s.Threshold)
	}
	s.Done()
	return nil
}

// Scored is embedded by selectors that score each column by itself.
type Scored struct {
	Mask
	ScoreFunc string    `param:"score_func=f_classif"` // f_classif, f_regression, chi2, mutual_info_…, r_regression
	Custom    ScoreFunc // used instead of ScoreFunc when not nil
	Scores    []float64 `fit:"scores_"`
	PValues   []float64 `fit:"pvalues_"`
}

// score fills Scores and PValues.
func (s *Scored) score(x learn.Data, y *learn.Matrix) {
	m := s.Begin(x, y)
	if y == nil {
		s.Fail("y is nil; want a target for each row")
	}
	f := s.Custom
	if f == nil {
		f = scoreFuncs[s.ScoreFunc]
	}
	if f == nil {
		s.Fail("ScoreFunc is %q; want f_classif, f_regression, chi2, mutual_info_classif, "+
			"mutual_info_regression or r_regression", s.ScoreFunc)
	}
	s.Scores, s.PValues = f(m, y)
	s.Support = make([]bool, m.Cols)
}

// best marks the k columns with the largest scores; of equals, the later ones.
func (s *Scored) best(k int) {
	order := make([]int, len(s.Scores))
	for i := range order {
		order[i] = i
	}
	value := func(i int) float64 {
		if math.IsNaN(s.Scores[i]) {
			return -math.MaxFloat64
		}
		return s.Scores[i]
	}
	sort.SliceStable(order, func(a, b int) bool { return value(order[a]) < value(order[b]) })
	for _, j := range order[len(order)-k:] {
		s.Support[j] = true
	}
}

// percentile marks the columns in the best percent.
func (s *Scored) percentile(percent float64) {
	switch {
	case percent >= 100:
		s.best(len(s.Scores))
		return
	case percent <= 0:
		return
	}
	v := append([]float64(nil), s.Scores...)
	for i, x := range v {
		if math.IsNaN(x) {
			v[i] = -math.MaxFloat64
		}
	}
	sorted := append([]float64(nil), v...)
	sort.Float64s(sorted)
	at := (100 - percent) / 100 * float64(len(v)-1)
	lo := int(at)
	threshold := sorted[lo] + (at-float64(lo))*(sorted[min(lo+1, len(v)-1)]-sorted[lo])
	count := 0
	for j, x := range v {
		if x > threshold {
			s.Support[j] = true
			count++
		}
	}
	most := int(float64(len(v)) * percent / 100)
	for j, x := range v {
		if x == threshold && count < most {
			s.Support[j] = true
			count++
		}
	}
}

// alpha marks columns by their p values: fpr, fdr (Benjamini–Hochberg) or fwe (Bonferroni).
func (s *Scored) alpha(mode string, alpha float64) {
	n := float64(len(s.PValues))
	limit := alpha
	switch mode {
	case "fwe":
		limit = alpha / n
	case "fdr":
		sorted := append([]float64(nil), s.PValues...)
		sort.Float64s(sorted)
		limit = -1
		for i, p := range sorted {
			if p <= alpha/n*float64(i+1) {
				limit = p
			}
		}
		for j, p := range s.PValues {
			s.Support[j] = p <= limit
		}
		return
	}
	for j, p := range s.PValues {
		s.Support[j] = p < limit
	}
}

// SelectKBest keeps the K columns with the best scores.
type SelectKBest struct {
	Scored
	K any `param:"k=10"` // int, or all
}

// NewSelectKBest returns one with scikit-learn's defaults.
func NewSelectKBest() *SelectKBest { s := &SelectKBest{}; learn.Init(s); return s }

// Fit scores the columns.
func (s *SelectKBest) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.score(x, y)
	k, ok := learn.OptInt(s.K)
	if !ok && s.K != "all" {
		s.Fail("K is %v; want a number or all", s.K)
	}
	if !ok || k > len(s.Scores) {
		k = len(s.Scores)
	}
	s.best(k)
	s.Done()
	return nil
}

// SelectPercentile keeps the best percent of the columns.
type SelectPercentile struct {
	Scored
	Percentile float64 `param:"percentile=10"`
}

// NewSelectPercentile returns one with scikit-learn's defaults.
func NewSelectPercentile() *SelectPercentile { s := &SelectPercentile{}; learn.Init(s); return s }

// Fit scores the columns.
func (s *SelectPercentile) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.score(x, y)
	s.percentile(s.Percentile)
	s.Done()
	return nil
}

// SelectFpr keeps columns with p values below Alpha.
type SelectFpr struct {
	Scored
	Alpha float64 `param:"alpha=0.05"`
}

// NewSelectFpr returns one with scikit-learn's defaults.
func NewSelectFpr() *SelectFpr { s := &SelectFpr{}; learn.Init(s); return s }

// Fit scores the columns.
func (s *SelectFpr) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.score(x, y)
	s.alpha("fpr", s.Alpha)
	s.Done()
	return nil
}

// SelectFdr bounds the expected fraction of wrong choices (Benjamini–Hochberg).
type SelectFdr struct {
	Scored
	Alpha float64 `param:"alpha=0.05"`
}

// NewSelectFdr returns one with scikit-learn's defaults.
func NewSelectFdr() *SelectFdr { s := &SelectFdr{}; learn.Init(s); return s }

// Fit scores the columns.
func (s *SelectFdr) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.score(x, y)
	s.alpha("fdr", s.Alpha)
	s.Done()
	return nil
}

// SelectFwe bounds the probability of any wrong choice (Bonferroni).
type SelectFwe struct {
	Scored
	Alpha float64 `param:"alpha=0.05"`
}

// NewSelectFwe returns one with scikit-learn's defaults.
func NewSelectFwe() *SelectFwe { s := &SelectFwe{}; learn.Init(s); return s }

// Fit scores the columns.
func (s *SelectFwe) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.score(x, y)
	s.alpha("fwe", s.Alpha)
	s.Done()
	return nil
}

// GenericUnivariateSelect is any of the others by Mode.
type GenericUnivariateSelect struct {
	Scored
	Mode  string  `param:"mode=percentile"` // percentile, k_best, fpr, fdr or fwe
	Param float64 `param:"param=1e-05"`
}

// NewGenericUnivariateSelect returns one with scikit-learn's defaults.
func NewGenericUnivariateSelect() *GenericUnivariateSelect {
	s := &GenericUnivariateSelect{}
	learn.Init(s)
	return s
}

// Fit scores the columns.
func (s *GenericUnivariateSelect) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s.OneOf("Mode", s.Mode, "percentile", "k_best", "fpr", "fdr", "fwe")
	s.score(x, y)
	switch s.Mode {
	case "percentile":
		s.percentile(s.Param)
	case "k_best":
		s.best(min(int(s.Param), len(s.Scores)))
	default:
		s.alpha(s.Mode, s.Param)
	}
	s.Done()
	return nil
}
