package preprocess

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// QuantileTransformer maps each column to a uniform or normal distribution by its quantiles.
type QuantileTransformer struct {
	learn.TransformerBase
	NQuantiles         int    `param:"n_quantiles=1000"`
	OutputDistribution string `param:"output_distribution=uniform"` // or normal
	IgnoreImplicit     bool   `param:"ignore_implicit_zeros=false"`
	Subsample          int    `param:"subsample=10000"` // rows to find quantiles with; 0: all
	RandomState        int64  `param:"random_state=0"`

	Quantiles  *learn.Matrix `fit:"quantiles_"` // [quantiles columns]
	References []float64     `fit:"references_"`
	NUsed      int           `fit:"n_quantiles_"`
}

// NewQuantileTransformer returns one with scikit-learn's defaults.
func NewQuantileTransformer() *QuantileTransformer {
	s := &QuantileTransformer{}
	learn.Init(s)
	return s
}

// Fit learns the quantiles.
func (s *QuantileTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.OneOf("OutputDistribution", s.OutputDistribution, "uniform", "normal")
	if s.NQuantiles < 1 {
		s.Fail("NQuantiles is %d; want at least 1", s.NQuantiles)
	}
	s.NUsed = max(1, min(s.NQuantiles, m.Rows))
	if s.Subsample > 0 && s.Subsample < m.Rows {
		m = m.Take(random.New(s.RandomState).Choice(m.Rows, s.Subsample))
	}
	s.References = linspace(0, 1, s.NUsed)
	s.Quantiles = learn.NewMatrix(s.NUsed, m.Cols)
	for j := range m.Cols {
		v := present(m, j)
		slices.Sort(v)
		last := math.Inf(-1)
		for i, r := range s.References {
			last = max(last, Quantile(v, r, "linear"))
			s.Quantiles.Set(i, j, last)
		}
	}
	s.Done()
	return nil
}

// linspace returns n values from lo to hi.
func linspace(lo, hi float64, n int) []float64 {
	v := make([]float64, n)
	step := (hi - lo) / float64(max(n-1, 1))
	for i := range v {
		v[i] = lo + float64(i)*step
	}
	if n > 1 {
		v[n-1] = hi
	}
	return v
}

// interp is numpy.interp.
func interp(x float64, xs, ys []float64) float64 {
	n := len(xs)
	if x <= xs[0] {
		if x == xs[0] { // the last of equal values
			k := sort.Search(n, func(i int) bool { return xs[i] > x }) - 1
			return ys[k]
		}
		return ys[0]
	}
	if x >= xs[n-1] {
		return ys[n-1]
	}
	k := sort.Search(n, func(i int) bool { return xs[i] > x })
	slope := (ys[k] - ys[k-1]) / (xs[k] - xs[k-1])
	if math.IsInf(slope, 0) { // numbers too close for a slope
		return ys[k-1] + (ys[k]-ys[k-1])*((x-xs[k-1])/(xs[k]-xs[k-1]))
	}
	return ys[k-1] + slope*(x-xs[k-1])
}

// Transform maps to the distribution.
func (s *QuantileTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return s.apply(x, false), nil
}

// InverseTransform maps back.
func (s *QuantileTransformer) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	return s.apply(x, true), nil
}

func (s *QuantileTransformer) apply(x learn.Data, inverse bool) *learn.Matrix {
	m := s.Ready(x, learn.AllowNaN)
	out := learn.NewMatrix(m.Rows, m.Cols)
	for j := range m.Cols {
		q := s.Quantiles.Col(j)
		negQ, negR := negate(q), negate(s.References)
		for i := range m.Rows {
			v := m.At(i, j)
			switch {
			case math.IsNaN(v):
				out.Set(i, j, v)
			case inverse:
				out.Set(i, j, s.backward(v, q))
			default:
				out.Set(i, j, s.forward(v, q, negQ, negR))
			}
		}
	}
	return out
}

func negate(v []float64) []float64 {
	n := make([]float64, len(v))
	for i, x := range v {
		n[len(v)-1-i] = -x
	}
	return n
}

const bound = 1e-7

func (s *QuantileTransformer) forward(v float64, q, negQ, negR []float64) float64 {
	lo, hi := q[0], q[len(q)-1]
	normal := s.OutputDistribution == "normal"
	u := 0.5 * (interp(v, q, s.References) - interp(-v, negQ, negR))
	below, above := v == lo, v == hi
	if normal {
		below, above = v-bound < lo, v+bound > hi
	}
	if v < lo {
		below = true
	}
	if v > hi {
		above = true
	}
	if above {
		u = 1
	}
	if below {
		u = 0
	}
	if !normal {
		return u
	}
	z := distuv.UnitNormal.Quantile(u)
	return min(max(z, distuv.UnitNormal.Quantile(bound-eps)), distuv.UnitNormal.Quantile(1-(bound-eps)))
}

func (s *QuantileTransformer) backward(v float64, q []float64) float64 {
	if s.OutputDistribution == "normal" {
		v = distuv.UnitNormal.CDF(v)
		if v-bound < 0 {
			return q[0]
		}
		if v+bound > 1 {
			return q[len(q)-1]
		}
	}
	return interp(v, s.References, q)
}

// PowerTransformer makes columns more normal by Yeo–Johnson or Box–Cox powers of maximum likelihood.
type PowerTransformer struct {
	learn.TransformerBase
	Method      string `param:"method=yeo-johnson"` // or box-cox, for positive values
	Standardize bool   `param:"standardize=true"`

	Lambdas []float64       `fit:"lambdas_"`
	Scaler  *StandardScaler // after the power, when Standardize
}

// NewPowerTransformer returns one with scikit-learn's defaults.
func NewPowerTransformer() *PowerTransformer {
	s := &PowerTransformer{}
	learn.Init(s)
	return s
}

// Fit finds each column's power.
func (s *PowerTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil, learn.AllowNaN)
	s.OneOf("Method", s.Method, "yeo-johnson", "box-cox")
	s.Lambdas = make([]float64, m.Cols)
	for j := range m.Cols {
		v := present(m, j)
		if len(v) == 0 {
			s.Fail("column %d has no values; drop it", j)
		}
		if s.Method == "box-cox" && len(v) > 0 && slices.Min(v) <= 0 {
			s.Fail("Box-Cox needs positive values, column %d has %g; use yeo-johnson", j, slices.Min(v))
		}
		s.Lambdas[j] = s.best(v)
		s.Poll()
	}
	s.Done()
	if s.Standardize {
		s.Scaler = NewStandardScaler()
		return s.Scaler.Fit(s.powers(m), nil)
	}
	return nil
}

// best returns the power with the largest likelihood.
func (s *PowerTransformer) best(v []float64) float64 {
	if len(v) == 0 || slices.Min(v) == slices.Max(v) {
		return 1
	}
	logs := 0.0
	for _, x := range v {
		if s.Method == "box-cox" {
			logs += math.Log(x)
		} else {
			logs += math.Copysign(math.Log1p(math.Abs(x)), x)
		}
	}
	n := float64(len(v))
	loss := func(l float64) float64 {
		mean, ss := 0.0, 0.0
		t := make([]float64, len(v))
		for i, x := range v {
			t[i] = s.power(x, l)
			mean += t[i] / n
		}
		for _, x := range t {
			ss += (x - mean) * (x - mean) / n
		}
		if !(ss > 0) || math.IsInf(ss, 0) {
			return math.Inf(1)
		}
		return n/2*math.Log(ss) - (l-1)*logs
	}
	return minimize(loss, -2, 2)
}

// minimize brackets a minimum from a and b downhill and closes in by golden sections.
func minimize(f func(float64) float64, a, b float64) float64 {
	const gold = 1.618034
	fa, fb := f(a), f(b)
	if fa < fb {
		a, b, fa, fb = b, a, fb, fa
	}
	c := b + gold*(b-a)
	fc := f(c)
	for k := 0; fc < fb && k < 100; k++ {
		a, b, fb = b, c, fc
		c = b + gold*(b-a)
		fc = f(c)
	}
	lo, hi := min(a, c), max(a, c)
	const r = 0.6180339887498949
	x1, x2 := hi-r*(hi-lo), lo+r*(hi-lo)
	f1, f2 := f(x1), f(x2)
	for range 200 {
		if hi-lo < 1e-10*(1+math.Abs(lo)) {
			break
		}
		if f1 <= f2 {
			hi, x2, f2 = x2, x1, f1
			x1 = hi - r*(hi-lo)
			f1 = f(x1)
		} else {
			lo, x1, f1 = x1, x2, f2
			x2 = lo + r*(hi-lo)
			f2 = f(x2)
		}
	}
	return (lo + hi) / 2
}

func (s *PowerTransformer) power(x, l float64) float64 {
	if s.Method == "box-cox" {
		if math.Abs(l) < eps {
			return math.Log(x)
		}
		return math.Expm1(l*math.Log(x)) / l
	}
	switch {
	case x >= 0 && math.Abs(l) < eps:
		return math.Log1p(x)
	case x >= 0:
		return math.Expm1(l*math.Log1p(x)) / l
	case math.Abs(l-2) < eps:
		return -math.Log1p(-x)
	}
	return -math.Expm1((2-l)*math.Log1p(-x)) / (2 - l)
}

func (s *PowerTransformer) unpower(x, l float64) float64 {
	if s.Method == "box-cox" {
		if l == 0 {
			return math.Exp(x)
		}
		return math.Exp(math.Log1p(l*x) / l)
	}
	switch {
	case x >= 0 && math.Abs(l) < eps:
		return math.Expm1(x)
	case x >= 0:
		return math.Expm1(math.Log1p(x*l) / l)
	case math.Abs(l-2) < eps:
		return -math.Expm1(-x)
	}
	return -math.Expm1(math.Log1p(-(2-l)*x) / (2 - l))
}

func (s *PowerTransformer) powers(m *learn.Matrix) *learn.Matrix {
	return columns(m, func(j int, v float64) float64 { return s.power(v, s.Lambdas[j]) })
}

// Transform applies the powers, and standardizes.
func (s *PowerTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.powers(s.Ready(x, learn.AllowNaN))
	if s.Standardize {
		return s.Scaler.Transform(m)
	}
	return m, nil
}

// InverseTransform undoes Transform.
func (s *PowerTransformer) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x, learn.AllowNaN)
	if s.Standardize {
		back, err := s.Scaler.InverseTransform(m)
		if err != nil {
			return nil, err
		}
		m = back.(*learn.Matrix)
	}
	return columns(m, func(j int, v float64) float64 { return s.unpower(v, s.Lambdas[j]) }), nil
}

// KBinsDiscretizer replaces values by the number of their interval, or by indicators of it.
type KBinsDiscretizer struct {
	learn.TransformerBase
	NBins          any         `param:"n_bins=5"`                              // int, or one for each column
	Encode         string      `param:"encode=onehot"`                         // onehot (sparse), onehot-dense, ordinal
	Strategy       string      `param:"strategy=quantile"`                     // uniform, quantile or kmeans
	QuantileMethod string      `param:"quantile_method=averaged_inverted_cdf"` // see Quantile
	Subsample      int         `param:"subsample=200000"`                      // rows to find edges with; 0: all
	RandomState    int64       `param:"random_state=0"`                        // of the subsample
	BinEdges       [][]float64 `fit:"bin_edges_"`                              // of each column
	NBinsUsed      []int       `fit:"n_bins_"`
}

// NewKBinsDiscretizer returns one with scikit-learn's defaults.
func NewKBinsDiscretizer() *KBinsDiscretizer {
	s := &KBinsDiscretizer{}
	learn.Init(s)
	return s
}

// Fit finds the edges.
func (s *KBinsDiscretizer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil)
	s.OneOf("Encode", s.Encode, "onehot", "onehot-dense", "ordinal")
	s.OneOf("Strategy", s.Strategy, "uniform", "quantile", "kmeans")
	if s.Subsample > 0 && m.Rows > s.Subsample {
		m = m.Take(random.New(s.RandomState).Choice(m.Rows, s.Subsample))
	}
	s.BinEdges, s.NBinsUsed = make([][]float64, m.Cols), make([]int, m.Cols)
	for j := range m.Cols {
		bins := s.bins(j, m.Cols)
		if bins < 2 {
			s.Fail("NBins is %v; want at least 2", s.NBins)
		}
		v := m.Col(j)
		slices.Sort(v)
		s.BinEdges[j] = s.edges(v, bins)
		if s.NBinsUsed[j] = len(s.BinEdges[j]) - 1; s.NBinsUsed[j] == 0 {
			s.Fail("the bins of column %d (%g … %g) are narrower than 1e-8; scale X", j, v[0], v[len(v)-1])
		}
	}
	s.Done()
	return nil
}

func (s *KBinsDiscretizer) bins(j, cols int) int {
	if list, ok := s.NBins.([]float64); ok && len(list) == cols {
		return int(list[j])
	}
	n, ok := learn.OptInt(s.NBins)
	if !ok {
		s.Fail("NBins is %v; want a number, or one for each of %d columns", s.NBins, cols)
	}
	return n
}

func (s *KBinsDiscretizer) edges(v []float64, bins int) []float64 {
	lo, hi := v[0], v[len(v)-1]
	if lo == hi {
		return []float64{math.Inf(-1), math.Inf(1)}
	}
	var e []float64
	switch s.Strategy {
	case "uniform":
		return linspace(lo, hi, bins+1)
	case "quantile":
		for _, q := range linspace(0, 100, bins+1) {
			e = append(e, Quantile(v, q/100, s.QuantileMethod))
		}
	default:
		start := linspace(lo, hi, bins+1)
		centres := make([]float64, bins)
		for i := range centres {
			centres[i] = (start[i] + start[i+1]) / 2
		}
		centres = lloyd(v, centres)
		e = append(e, lo)
		for i := 1; i < bins; i++ {
			e = append(e, (centres[i-1]+centres[i])/2)
		}
		e = append(e, hi)
	}
	out := e[:1]
	for _, x := range e[1:] {
		if x-out[len(out)-1] > 1e-8 {
			out = append(out, x)
		}
	}
	return out
}

// lloyd moves centres of sorted values until they rest.
func lloyd(v, centres []float64) []float64 {
	mean, variance := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		variance += (x - mean) * (x - mean) / float64(len(v))
	}
	for range 300 {
		sum, n := make([]float64, len(centres)), make([]float64, len(centres))
		k := 0
		for _, x := range v {
			for k+1 < len(centres) && math.Abs(x-centres[k+1]) < math.Abs(x-centres[k]) {
				k++
			}
			sum[k] += x
			n[k]++
		}
		shift := 0.0
		for i := range centres {
			if n[i] > 0 {
				c := sum[i] / n[i]
				shift += (c - centres[i]) * (c - centres[i])
				centres[i] = c
			}
		}
		if shift <= 1e-4*variance {
			break
		}
	}
	slices.Sort(centres)
	return centres
}

// Transform returns the numbers of intervals, or their indicators.
func (s *KBinsDiscretizer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := columns(s.Ready(x), func(j int, v float64) float64 {
		inner := s.BinEdges[j][1 : len(s.BinEdges[j])-1]
		return float64(sort.Search(len(inner), func(i int) bool { return inner[i] > v }))
	})
	if s.Encode == "ordinal" {
		return m, nil
	}
	total := 0
	start := make([]int, m.Cols)
	for j, n := range s.NBinsUsed {
		start[j] = total
		total += n
	}
	b := learn.NewCSRBuilder(total)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			b.Add(start[j]+int(v), 1)
		}
		b.EndRow()
	}
	if s.Encode == "onehot-dense" {
		return b.CSR().Dense(), nil
	}
	return b.CSR(), nil
}

// InverseTransform returns the middles of intervals.
func (s *KBinsDiscretizer) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	m := learn.Dense(s.Name(), x)
	out := learn.NewMatrix(m.Rows, s.NFeatures)
	for i := range m.Rows {
		at := 0
		for j := range out.Cols {
			k := 0
			if s.Encode == "ordinal" {
				k = int(m.At(i, j))
			} else {
				k = learn.ArgMax(m.Row(i)[at : at+s.NBinsUsed[j]])
				at += s.NBinsUsed[j]
			}
			e := s.BinEdges[j]
			out.Set(i, j, (e[k]+e[k+1])/2)
		}
	}
	return out, nil
}
