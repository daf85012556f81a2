package linear

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/split"
)

// jitter adds uniform noise in [0, bound) to y.
func jitter(y *learn.Matrix, bound any, seed int64) *learn.Matrix {
	b, ok := learn.OptFloat(bound)
	if !ok {
		return y
	}
	r := random.New(seed)
	y = y.Clone()
	for i := range y.Data {
		y.Data[i] += r.Uniform(0, b)
	}
	return y
}

// larsSearch is what LarsCV and LassoLarsCV have in common.
type larsSearch struct {
	larsBase
	larsPath
	MaxIter    int `param:"max_iter=500"`
	CV         any `param:"cv=None"` // folds; nil means 5
	MaxNAlphas int `param:"max_n_alphas=1000"`

	Alpha    float64       `fit:"alpha_"`
	CVAlphas []float64     `fit:"cv_alphas_"`
	MSEPath  *learn.Matrix `fit:"mse_path_"` // [penalties folds]
}

// curve is the errors of one fold: squared residuals of each test row at rising penalties.
type curve struct {
	alphas    []float64
	residuals [][]float64
}

func (m *larsSearch) search(x learn.Data, y *learn.Matrix, method string, positive bool) {
	d := m.begin(x, y)
	learn.Target(m.Name(), y)
	k, ok := learn.OptInt(m.CV)
	if !ok {
		k = 5
	}
	folds, err := split.NewKFold(k).Split(d.Rows, nil, nil)
	learn.Must(err)
	var curves []curve
	var all []float64
	for _, f := range folds {
		m.Poll()
		c := m.foldCurve(d, y, f, method, positive)
		all = append(all, c.alphas...)
		curves = append(curves, c)
	}
	all = learn.Distinct(all)
	if stride := len(all) / max(m.MaxNAlphas, 1); stride > 1 {
		var kept []float64
		for i := 0; i < len(all); i += stride {
			kept = append(kept, all[i])
		}
		all = kept
	}
	m.CVAlphas = all
	m.MSEPath = learn.NewMatrix(len(all), len(curves))
	best := math.Inf(1)
	for i, a := range all {
		mean := 0.0
		for f, c := range curves {
			v := c.at(a, all[len(all)-1])
			m.MSEPath.Set(i, f, v)
			mean += v / float64(len(curves))
		}
		if mean < best {
			best, m.Alpha = mean, a
		}
	}
	o := LarsOptions{Method: method, AlphaMin: m.Alpha, MaxIter: m.MaxIter, Positive: positive}
	m.keep(m.fitPath(d, y, o)[0])
	m.Done()
}

// foldCurve computes the path on a fold's train rows.
func (m *larsSearch) foldCurve(x, y *learn.Matrix, f split.Fold, method string, positive bool) curve {
	c := centre(x.Take(f.Train), y.Take(f.Train), nil, m.FitIntercept)
	r := newLars(c.x, c.y.Data, LarsOptions{Method: method, MaxIter: m.MaxIter, Positive: positive}).run()
	var out curve
	for k := r.Coefs.Cols - 1; k >= 0; k-- {
		coef := r.Coefs.Col(k)
		res := make([]float64, len(f.Test))
		for q, i := range f.Test {
			res[q] = c.meanY[0] - y.Data[i]
			for j, v := range x.Row(i) {
				res[q] += coef[j] * (v - c.meanX[j])
			}
		}
		out.alphas = append(out.alphas, r.Alphas[k])
		out.residuals = append(out.residuals, res)
	}
	if out.alphas[0] != 0 {
		out.alphas = slices.Insert(out.alphas, 0, 0)
		out.residuals = slices.Insert(out.residuals, 0, out.residuals[0])
	}
	return out
}

// at returns the mean squared error at a penalty by linear interpolation of residuals; beyond the largest
// penalty they stay constant up to top.
func (c *curve) at(a, top float64) float64 {
	al, re := c.alphas, c.residuals
	if al[len(al)-1] < top {
		al, re = append(slices.Clone(al), top), append(slices.Clone(re), re[len(re)-1])
	}
	if len(al) == 1 {
		al, re = []float64{al[0], al[0]}, [][]float64{re[0], re[0]}
	}
	order := make([]int, len(al))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return al[order[i]] < al[order[j]] })
	k := sort.Search(len(al), func(i int) bool { return al[order[i]] >= a })
	k = min(max(k, 1), len(al)-1)
	lo, hi := order[k-1], order[k]
	t := 0.0
	if al[hi] != al[lo] {
		t = (a - al[lo]) / (al[hi] - al[lo])
	}
	s := 0.0
	for q := range re[lo] {
		v := re[lo][q] + t*(re[hi][q]-re[lo][q])
		s += v * v
	}
	return s / float64(len(re[lo]))
}

// LarsCV is Lars with the end of the path chosen by cross-validation.
type LarsCV struct{ larsSearch }

// NewLarsCV returns one with scikit-learn's defaults.
func NewLarsCV() *LarsCV { m := &LarsCV{}; learn.Init(m); return m }

// Fit chooses the penalty and computes the path to it.
func (m *LarsCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.search(x, y, "lar", false)
	return nil
}

// LassoLarsCV is LassoLars with the penalty chosen by cross-validation.
type LassoLarsCV struct {
	larsSearch
	Positive bool `param:"positive=false"`
}

// NewLassoLarsCV returns one with scikit-learn's defaults.
func NewLassoLarsCV() *LassoLarsCV { m := &LassoLarsCV{}; learn.Init(m); return m }

// Fit chooses the penalty and computes the path to it.
func (m *LassoLarsCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.search(x, y, "lasso", m.Positive)
	return nil
}

// OrthogonalMatchingPursuit adds the feature most correlated with the residual and solves least squares
// over those added, until there are enough.
type OrthogonalMatchingPursuit struct {
	regressor
	NNonzeroCoefs any  `param:"n_nonzero_coefs=None"` // nil: a tenth of the features, at least 1
	Tol           any  `param:"tol=None"`             // instead: the largest squared residual
	FitIntercept  bool `param:"fit_intercept=true"`
	Precompute    any  `param:"precompute=auto"` // see Lasso

	NIter    []int `fit:"n_iter_"`
	NNonzero int   `fit:"n_nonzero_coefs_"`
}

// NewOrthogonalMatchingPursuit returns one with scikit-learn's defaults.
func NewOrthogonalMatchingPursuit() *OrthogonalMatchingPursuit {
	m := &OrthogonalMatchingPursuit{}
	learn.Init(m)
	return m
}

// Fit chooses features for each output by itself.
func (m *OrthogonalMatchingPursuit) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	c := centre(d, y, nil, m.FitIntercept)
	k, ok := learn.OptInt(m.NNonzeroCoefs)
	if !ok {
		k = max(d.Cols/10, 1)
	}
	tol, byTol := learn.OptFloat(m.Tol)
	if byTol {
		k = d.Cols
	}
	if k < 1 || k > d.Cols {
		m.Fail("NNonzeroCoefs is %d; want 1 … %d", k, d.Cols)
	}
	m.NNonzero = k
	coef := learn.NewMatrix(y.Cols, d.Cols)
	m.NIter = make([]int, y.Cols)
	for o := range y.Cols {
		path := pursue(c.x, c.y.Col(o), k, tol, byTol)
		m.NIter[o] = len(path)
		if len(path) > 0 {
			copy(coef.Row(o), path[len(path)-1])
		}
	}
	m.set(coef, c)
	m.Done()
	return nil
}

// pursue returns the coefficients after each feature.
func pursue(x *learn.Matrix, y []float64, k int, tol float64, byTol bool) (path [][]float64) {
	p := pursuit{gram: learn.TMul(x, x), xy: learn.TMul(x, learn.Column(y)).Data, yy: dot(y, y)}
	return p.run(k, tol, byTol)
}

// OrthogonalMatchingPursuitCV chooses the number of features by cross-validation.
type OrthogonalMatchingPursuitCV struct {
	regressor
	FitIntercept bool `param:"fit_intercept=true"`
	MaxIter      any  `param:"max_iter=None"` // most features; nil: a tenth, at least 5
	CV           any  `param:"cv=None"`       // folds; nil means 5

	NNonzero int `fit:"n_nonzero_coefs_"`
	NIter    int `fit:"n_iter_"`
}

// NewOrthogonalMatchingPursuitCV returns one with scikit-learn's defaults.
func NewOrthogonalMatchingPursuitCV() *OrthogonalMatchingPursuitCV {
	m := &OrthogonalMatchingPursuitCV{}
	learn.Init(m)
	return m
}

// Fit chooses the number of features and solves for them.
func (m *OrthogonalMatchingPursuitCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	learn.Target(m.Name(), y)
	most, ok := learn.OptInt(m.MaxIter)
	if !ok {
		most = min(max(d.Cols/10, 5), d.Cols)
	}
	k, ok := learn.OptInt(m.CV)
	if !ok {
		k = 5
	}
	folds, err := split.NewKFold(k).Split(d.Rows, nil, nil)
	learn.Must(err)
	mse := make([]float64, most)
	steps := most
	for _, f := range folds {
		c := centre(d.Take(f.Train), y.Take(f.Train), nil, m.FitIntercept)
		path := pursue(c.x, c.y.Data, most, 0, false)
		steps = min(steps, len(path))
		for q, coef := range path {
			for _, i := range f.Test {
				e := c.meanY[0] - y.Data[i]
				for j, v := range d.Row(i) {
					e += coef[j] * (v - c.meanX[j])
				}
				mse[q] += e * e / float64(len(f.Test))
			}
		}
	}
	best := 0
	for q := range steps {
		if mse[q] < mse[best] {
			best = q
		}
	}
	m.NNonzero = best + 1
	c := centre(d, y, nil, m.FitIntercept)
	path := pursue(c.x, c.y.Data, m.NNonzero, 0, false)
	m.NIter = len(path)
	coef := make([]float64, d.Cols) // stays 0 where no feature correlates with the target
	if len(path) > 0 {
		coef = path[len(path)-1]
	}
	m.set(&learn.Matrix{Rows: 1, Cols: d.Cols, Data: coef}, c)
	m.Done()
	return nil
}
