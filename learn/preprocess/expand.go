package preprocess

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// PolynomialFeatures returns all products of columns up to a degree.
type PolynomialFeatures struct {
	learn.TransformerBase
	Degree          any    `param:"degree=2"` // int, or the least and the greatest
	InteractionOnly bool   `param:"interaction_only=false"`
	IncludeBias     bool   `param:"include_bias=true"`
	Order           string `param:"order=C"` // of scikit-learn's memory; without effect

	Powers  [][]int `fit:"powers_"` // of each output, the power of each column
	NOutput int     `fit:"n_output_features_"`
}

// NewPolynomialFeatures returns one with scikit-learn's defaults.
func NewPolynomialFeatures() *PolynomialFeatures {
	s := &PolynomialFeatures{}
	learn.Init(s)
	return s
}

// Fit lists the products.
func (s *PolynomialFeatures) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m := s.Begin(x, nil)
	lo, hi := 0, 0
	if n, ok := learn.OptInt(s.Degree); ok {
		hi = n
	} else if r, ok := s.Degree.([]float64); ok && len(r) == 2 {
		lo, hi = int(r[0]), int(r[1])
	} else {
		s.Fail("Degree is %v; want a number, or the least and the greatest", s.Degree)
	}
	if hi < lo || lo < 0 {
		s.Fail("Degree is %v; want 0 <= least <= greatest", s.Degree)
	}
	s.Powers = nil
	if s.IncludeBias {
		s.Powers = append(s.Powers, make([]int, m.Cols))
	}
	for d := max(lo, 1); d <= hi; d++ {
		s.products(make([]int, m.Cols), 0, d)
	}
	s.NOutput = len(s.Powers)
	s.Done()
	return nil
}

func (s *PolynomialFeatures) products(p []int, from, left int) {
	if left == 0 {
		s.Powers = append(s.Powers, slices.Clone(p))
		return
	}
	for j := from; j < len(p); j++ {
		p[j]++
		next := j
		if s.InteractionOnly {
			next++
		}
		s.products(p, next, left-1)
		p[j]--
	}
}

// Transform returns the products.
func (s *PolynomialFeatures) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x)
	out := learn.NewMatrix(m.Rows, len(s.Powers))
	for i := range m.Rows {
		row := m.Row(i)
		for k, p := range s.Powers {
			v := 1.0
			for j, e := range p {
				for range e {
					v *= row[j]
				}
			}
			out.Data[i*out.Cols+k] = v
		}
	}
	return out, nil
}

// SplineTransformer returns B-spline bases of each column.
type SplineTransformer struct {
	learn.TransformerBase
	NKnots        int    `param:"n_knots=5"`
	Degree        int    `param:"degree=3"`
	Knots         any    `param:"knots=uniform"`          // uniform, quantile, or the knots [knots][columns]
	Extrapolation string `param:"extrapolation=constant"` // error, constant, linear, continue or periodic
	IncludeBias   bool   `param:"include_bias=true"`
	Order         string `param:"order=C"` // of scikit-learn's memory; without effect
	SparseOutput  bool   `param:"sparse_output=false"`
	HandleMissing string `param:"handle_missing=error"` // or zeros

	Base     [][]float64 // of each column, the knots within its range
	Extended [][]float64 // and with those beyond it
	NOutput  int         `fit:"n_features_out_"`
}

// NewSplineTransformer returns one with scikit-learn's defaults.
func NewSplineTransformer() *SplineTransformer {
	s := &SplineTransformer{}
	learn.Init(s)
	return s
}

// Fit places the knots.
func (s *SplineTransformer) Fit(x learn.Data, y *learn.Matrix) error { return s.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row, which matters for quantile knots.
func (s *SplineTransformer) FitWeighted(x learn.Data, _ *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m := s.MustRows(s.Begin(x, nil, s.missing()...), 2)
	s.OneOf("Extrapolation", s.Extrapolation, "error", "constant", "linear", "continue", "periodic")
	s.Base, s.Extended = make([][]float64, m.Cols), make([][]float64, m.Cols)
	for j := range m.Cols {
		base := s.knots(m, j, w)
		s.Base[j] = base
		s.Extended[j] = s.extend(base)
		s.NOutput = m.Cols * s.splines(len(base))
	}
	s.Done()
	return nil
}

func (s *SplineTransformer) missing() []learn.Allow {
	if s.HandleMissing == "zeros" {
		return []learn.Allow{learn.AllowNaN}
	}
	return nil
}

func (s *SplineTransformer) splines(knots int) int {
	n := knots + s.Degree - 1
	if s.Extrapolation == "periodic" {
		n = knots - 1
	}
	if !s.IncludeBias {
		n--
	}
	return n
}

func (s *SplineTransformer) knots(m *learn.Matrix, j int, w []float64) []float64 {
	if rows, ok := s.Knots.([][]float64); ok {
		var k []float64
		for _, r := range rows {
			k = append(k, r[j])
		}
		if !slices.IsSorted(k) || len(k) < 2 {
			s.Fail("knots of column %d are %v; want at least 2, rising", j, k)
		}
		return k
	}
	if s.NKnots < 2 {
		s.Fail("NKnots is %d; want at least 2", s.NKnots)
	}
	v := present(m, j)
	if w != nil {
		v = v[:0]
		for i := range m.Rows {
			if x := m.At(i, j); w[i] > 0 && x == x {
				v = append(v, x)
			}
		}
	}
	slices.Sort(v)
	if s.Knots == "quantile" {
		var k []float64
		for _, q := range linspace(0, 1, s.NKnots) {
			k = append(k, Quantile(v, q, "linear"))
		}
		return k
	}
	if len(v) == 0 {
		return linspace(0, 0, s.NKnots)
	}
	return linspace(v[0], v[len(v)-1], s.NKnots)
}

func (s *SplineTransformer) extend(base []float64) []float64 {
	n, d := len(base), s.Degree
	var t []float64
	if s.Extrapolation == "periodic" {
		period := base[n-1] - base[0]
		for _, k := range base[n-1-d : n-1] {
			t = append(t, k-period)
		}
		t = append(t, base...)
		for _, k := range base[1 : d+1] {
			t = append(t, k+period)
		}
		return t
	}
	lo, hi := base[1]-base[0], base[n-1]-base[n-2]
	for i := d; i >= 1; i-- {
		t = append(t, base[0]-float64(i)*lo)
	}
	t = append(t, base...)
	for i := 1; i <= d; i++ {
		t = append(t, base[n-1]+float64(i)*hi)
	}
	return t
}

// basis evaluates all B-splines of degree d over knots t at x, within the interval of index span.
func basis(t []float64, d int, x float64, span int) []float64 {
	n := len(t) - 1
	b := make([]float64, n)
	b[span] = 1
	for k := 1; k <= d; k++ {
		for i := 0; i+k < len(t)-0 && i < n; i++ {
			v := 0.0
			if i+k < len(t) && t[i+k] != t[i] {
				v = (x - t[i]) / (t[i+k] - t[i]) * b[i]
			}
			if i+k+1 < len(t) && i+1 < n && t[i+k+1] != t[i+1] {
				v += (t[i+k+1] - x) / (t[i+k+1] - t[i+1]) * b[i+1]
			}
			b[i] = v
		}
	}
	return b[:len(t)-d-1]
}

// slopes returns the derivatives of all B-splines of degree d at x.
func slopes(t []float64, d int, x float64, span int) []float64 {
	out := make([]float64, len(t)-d-1)
	if d == 0 {
		return out
	}
	low := basis(t, d-1, x, span)
	for i := range out {
		if w := t[i+d] - t[i]; w != 0 {
			out[i] += float64(d) / w * low[i]
		}
		if w := t[i+d+1] - t[i+1]; w != 0 {
			out[i] -= float64(d) / w * low[i+1]
		}
	}
	return out
}

// span returns the interval of the knots that holds x, among those between the first and last base knot.
func (s *SplineTransformer) span(j int, x float64) int {
	t, d, n := s.Extended[j], s.Degree, len(s.Base[j])
	k := sort.Search(len(t), func(i int) bool { return t[i] > x }) - 1
	return min(max(k, d), d+n-2)
}

// Transform returns the bases, one block for each column.
func (s *SplineTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x, s.missing()...)
	out := learn.NewMatrix(m.Rows, s.NOutput)
	for i := range m.Rows {
		at := 0
		for j, v := range m.Row(i) {
			n := s.splines(len(s.Base[j]))
			if v == v {
				copy(out.Row(i)[at:at+n], s.row(j, v))
			}
			at += n
		}
	}
	if s.SparseOutput {
		return learn.ToCSR(out), nil
	}
	return out, nil
}

func (s *SplineTransformer) row(j int, x float64) []float64 {
	base, t, d := s.Base[j], s.Extended[j], s.Degree
	lo, hi := base[0], base[len(base)-1]
	outside := x < lo || x > hi
	switch {
	case s.Extrapolation == "periodic":
		p := hi - lo
		x = lo + math.Mod(math.Mod(x-lo, p)+p, p)
		b := basis(t, d, x, s.span(j, x))
		n := len(base) - 1
		out := make([]float64, n)
		for i, v := range b {
			out[i%n] += v
		}
		return out
	case !outside || s.Extrapolation == "continue":
		return basis(t, d, x, s.span(j, x))
	case s.Extrapolation == "error":
		s.Fail("value %g of column %d is outside of the knots [%g, %g]; choose another Extrapolation", x, j,
			lo, hi)
	}
	edge := lo
	if x > hi {
		edge = hi
	}
	k := s.span(j, edge)
	b := basis(t, d, edge, k)
	if s.Extrapolation == "linear" {
		if d == 0 {
			return b
		}
		for i, v := range slopes(t, d, edge, k) {
			b[i] += v * (x - edge)
		}
	}
	return b
}

// FunctionTransformer applies functions of the user's.
type FunctionTransformer struct {
	learn.TransformerBase
	Func        func(x learn.Data) (learn.Data, error) `param:"func"`         // nil: the identity
	InverseFunc func(x learn.Data) (learn.Data, error) `param:"inverse_func"` // nil: the identity
}

// NewFunctionTransformer returns one that applies f.
func NewFunctionTransformer(f func(x learn.Data) (learn.Data, error)) *FunctionTransformer {
	s := &FunctionTransformer{}
	learn.Init(s)
	s.Func = f
	return s
}

// Fit does nothing with x.
func (s *FunctionTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	s.BeginSize(rows, cols, nil)
	s.Done()
	return nil
}

// Transform returns Func(x).
func (s *FunctionTransformer) Transform(x learn.Data) (learn.Data, error) {
	if s.Func == nil {
		return x, nil
	}
	return s.Func(x)
}

// InverseTransform returns InverseFunc(x).
func (s *FunctionTransformer) InverseTransform(x learn.Data) (learn.Data, error) {
	if s.InverseFunc == nil {
		return x, nil
	}
	return s.InverseFunc(x)
}

// KernelCenterer centres a kernel matrix in the space of its features.
type KernelCenterer struct {
	learn.TransformerBase
	KFitRows []float64 `fit:"K_fit_rows_"`
	KFitAll  float64   `fit:"K_fit_all_"`
}

// NewKernelCenterer returns one.
func NewKernelCenterer() *KernelCenterer {
	s := &KernelCenterer{}
	learn.Init(s)
	return s
}

// Fit learns the means of a square kernel matrix.
func (s *KernelCenterer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	k := s.Begin(x, nil)
	if k.Rows != k.Cols {
		s.Fail("kernel matrix is %d×%d; want it square", k.Rows, k.Cols)
	}
	s.KFitRows, s.KFitAll = make([]float64, k.Cols), 0
	for i := range k.Rows {
		for j, v := range k.Row(i) {
			s.KFitRows[j] += v / float64(k.Rows)
		}
	}
	for _, v := range s.KFitRows {
		s.KFitAll += v / float64(k.Rows)
	}
	s.Done()
	return nil
}

// Transform centres the kernel of new rows with those of Fit.
func (s *KernelCenterer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	k := s.Ready(x).Clone()
	for i := range k.Rows {
		row, mean := k.Row(i), 0.0
		for _, v := range row {
			mean += v / float64(k.Cols)
		}
		for j := range row {
			row[j] += s.KFitAll - mean - s.KFitRows[j]
		}
	}
	return k, nil
}
