package linear

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/split"
)

// sparseSearch is what lasso and elastic net with a searched penalty have in common.
type sparseSearch struct {
	regressor
	Eps        float64 `param:"eps=0.001"`     // least penalty over greatest
	NAlphas    any     `param:"n_alphas=None"` // number of penalties; nil: Alphas
	Alphas     any     `param:"alphas=100"`    // number of penalties, or a list
	Precompute any     `param:"precompute=auto"`
	CV         any     `param:"cv=None"` // folds; nil means 5
	Sparse

	Alpha       float64       `fit:"alpha_"`
	BestL1Ratio float64       `fit:"l1_ratio_"`
	Path        []float64     `fit:"alphas_"`
	MSEPath     *learn.Matrix `fit:"mse_path_"` // [ratios·penalties folds]
}

// fit chooses the penalty, and the ratio, with the least mean squared error over the folds.
func (m *sparseSearch) fit(x learn.Data, y *learn.Matrix, w []float64, ratios []float64, positive bool) {
	d := m.begin(x, y)
	if w != nil {
		w = relative(learn.Weights(m.Name(), w, d.Rows))
	}
	k, ok := learn.OptInt(m.CV)
	if !ok {
		k = 5
	}
	folds, err := split.NewKFold(k).Split(d.Rows, nil, nil)
	learn.Must(err)
	all := centre(d, y, w, m.FitIntercept)
	best := math.Inf(1)
	var rows [][]float64
	for _, ratio := range ratios {
		alphas := m.grid(all, ratio)
		mse := learn.NewMatrix(len(alphas), len(folds))
		errs := make([]error, len(folds))
		engine.Parallel(len(folds), 1, func(lo, hi int) {
			for f := lo; f < hi; f++ {
				errs[f] = m.foldPath(d, y, w, folds[f], alphas, ratio, positive, mse, f)
			}
		})
		for _, e := range errs {
			learn.Must(e)
		}
		for i, a := range alphas {
			s := 0.0
			for _, v := range mse.Row(i) {
				s += v / float64(len(folds))
			}
			rows = append(rows, mse.Row(i))
			if s < best {
				best, m.Alpha, m.BestL1Ratio, m.Path = s, a, ratio, alphas
			}
		}
	}
	m.MSEPath = learn.FromRows(rows)
	m.set(m.solve(all, m.Alpha, m.BestL1Ratio, positive, nil, m.Poll), all)
	m.Done()
}

// grid returns the penalties, falling from the least that makes all coefficients 0.
func (m *sparseSearch) grid(c *centred, ratio float64) []float64 {
	n, isNumber := learn.OptInt(m.Alphas)
	if k, ok := learn.OptInt(m.NAlphas); ok {
		n, isNumber = k, true
	}
	if list, ok := m.Alphas.([]float64); ok && !isNumber {
		out := append([]float64(nil), list...)
		for i := range out { // falling
			for j := i; j > 0 && out[j] > out[j-1]; j-- {
				out[j], out[j-1] = out[j-1], out[j]
			}
		}
		return out
	}
	if !isNumber || n < 1 {
		m.Fail("Alphas is %v; want a number of penalties or a list", m.Alphas)
	}
	xy := learn.TMul(c.x, c.y)
	top := 0.0
	for j := range xy.Rows {
		top = max(top, math.Sqrt(dot(xy.Row(j), xy.Row(j))))
	}
	top /= float64(c.x.Rows) * ratio
	out := make([]float64, n)
	for i := range out {
		out[i] = top * math.Pow(m.Eps, float64(i)/float64(max(n-1, 1)))
	}
	return out
}

// foldPath writes the errors on the test rows of fold f for each penalty.
func (m *sparseSearch) foldPath(x, y *learn.Matrix, w []float64, f split.Fold, alphas []float64,
	ratio float64, positive bool, mse *learn.Matrix, column int,
) (err error) {
	defer learn.Catch(&err)
	c := centre(x.Take(f.Train), y.Take(f.Train), relative(learn.TakeFloats(w, f.Train)), m.FitIntercept)
	d := newDescent(c.x, c.y)
	m.configure(d, m.Poll)
	d.positive = positive
	coef := learn.NewMatrix(x.Cols, y.Cols)
	xt, yt := x.Take(f.Test), y.Take(f.Test)
	n := float64(len(f.Train))
	for i, a := range alphas {
		d.l1, d.l2 = a*ratio*n, a*(1-ratio)*n
		d.run(coef)
		var fit Coefs
		fit.set(coef.T(), c)
		p := fit.decide(xt, func() *learn.Matrix { return xt })
		s, weight := 0.0, 0.0
		for r := range p.Rows {
			k := 1.0
			if w != nil {
				k = w[f.Test[r]]
			}
			weight += k
			for j, v := range p.Row(r) {
				s += k * (v - yt.At(r, j)) * (v - yt.At(r, j)) / float64(p.Cols)
			}
		}
		mse.Set(i, column, s/weight)
	}
	return nil
}

// LassoCV is Lasso with the penalty chosen by cross-validation.
type LassoCV struct {
	sparseSearch
	Positive bool `param:"positive=false"`
}

// NewLassoCV returns one with scikit-learn's defaults.
func NewLassoCV() *LassoCV { m := &LassoCV{}; learn.Init(m); return m }

// Fit chooses the penalty and solves the problem.
func (m *LassoCV) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *LassoCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, []float64{1}, m.Positive)
	return nil
}

// ElasticNetCV is ElasticNet with penalty and ratio chosen by cross-validation.
type ElasticNetCV struct {
	sparseSearch
	L1Ratio  []float64 `param:"l1_ratio=0.5"`
	Positive bool      `param:"positive=false"`
}

// NewElasticNetCV returns one with scikit-learn's defaults.
func NewElasticNetCV() *ElasticNetCV { m := &ElasticNetCV{}; learn.Init(m); return m }

// Fit chooses penalty and ratio and solves the problem.
func (m *ElasticNetCV) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *ElasticNetCV) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, w, m.L1Ratio, m.Positive)
	return nil
}

// MultiTaskLassoCV is MultiTaskLasso with the penalty chosen by cross-validation.
type MultiTaskLassoCV struct{ sparseSearch }

// NewMultiTaskLassoCV returns one with scikit-learn's defaults.
func NewMultiTaskLassoCV() *MultiTaskLassoCV { m := &MultiTaskLassoCV{}; learn.Init(m); return m }

// Fit chooses the penalty and solves the problem.
func (m *MultiTaskLassoCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, nil, []float64{1}, false)
	return nil
}

// MultiTaskElasticNetCV is MultiTaskElasticNet with penalty and ratio chosen by cross-validation.
type MultiTaskElasticNetCV struct {
	sparseSearch
	L1Ratio []float64 `param:"l1_ratio=0.5"`
}

// NewMultiTaskElasticNetCV returns one with scikit-learn's defaults.
func NewMultiTaskElasticNetCV() *MultiTaskElasticNetCV {
	m := &MultiTaskElasticNetCV{}
	learn.Init(m)
	return m
}

// Fit chooses penalty and ratio and solves the problem.
func (m *MultiTaskElasticNetCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.fit(x, y, nil, m.L1Ratio, false)
	return nil
}
