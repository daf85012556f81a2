package linear

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

// LarsOptions are settings of LarsPath.
type LarsOptions struct {
	Method      string  // lar (the default) or lasso
	AlphaMin    float64 // stop at this penalty
	MaxIter     int     // 0 means 500
	MaxFeatures int     // 0: all
	Positive    bool
}

// LarsResult is a path of least-angle regression.
type LarsResult struct {
	Alphas []float64     // penalty at each step
	Active []int         // features in the order in which they entered, at the end
	Coefs  *learn.Matrix // [features steps]
	NIter  int

	leaving []int // number of features whose coefficients reach 0 at each step
}

// LarsPath computes the path of coefficients of centred x and y from no feature to all (Efron et al. 2004).
func LarsPath(x, y *learn.Matrix, o LarsOptions) (r *LarsResult, err error) {
	defer learn.Catch(&err)
	o.fill()
	return newLars(x, learn.Target("linear.LarsPath", y), o).run(), nil
}

// LarsPathGram is LarsPath from gram = XᵀX and xy = Xᵀy of n rows.
func LarsPathGram(gram *learn.Matrix, xy []float64, n int, o LarsOptions) (r *LarsResult, err error) {
	defer learn.Catch(&err)
	o.fill()
	mustGram("linear.LarsPathGram", gram, len(xy))
	return newLarsGram(gram, xy, n, o).run(), nil
}

func (o *LarsOptions) fill() {
	if o.MaxIter == 0 {
		o.MaxIter = 500
	}
	if o.Method == "" {
		o.Method = "lar"
	}
}

const (
	tiny32 = 1.1754943508222875e-38
	eps32  = 1.1920929e-07
)

// lars is the state of a path.
type lars struct {
	o        LarsOptions
	gram     *learn.Matrix
	xy       []float64
	n        float64
	cov      []float64 // correlation of each feature with the residual
	in, dead []bool
	active   []int
	sign     []float64
	coef     []float64
	drop     bool
	dropped  []int // features whose coefficients end at about 0 in this step
	res      *LarsResult
	path     [][]float64
}

func newLars(x *learn.Matrix, y []float64, o LarsOptions) *lars {
	return newLarsGram(learn.TMul(x, x), learn.TMul(x, learn.Column(y)).Data, x.Rows, o)
}

func newLarsGram(gram *learn.Matrix, xy []float64, n int, o LarsOptions) *lars {
	p := len(xy)
	return &lars{
		o: o, gram: gram, xy: xy, cov: slices.Clone(xy), n: float64(n), res: &LarsResult{},
		in: make([]bool, p), dead: make([]bool, p), coef: make([]float64, p),
	}
}

// largest returns the feature outside with the largest correlation; ok is false when none is outside.
func (l *lars) largest() (feature int, c float64, ok bool) {
	c = -1
	for j, v := range l.cov {
		if l.in[j] || l.dead[j] {
			continue
		}
		if !l.o.Positive {
			v = math.Abs(v)
		}
		if !ok || v > c {
			feature, c, ok = j, v, true
		}
	}
	if !ok {
		c = 0
	}
	return feature, c, ok
}

func (l *lars) run() *LarsResult {
	limit := len(l.cov)
	if l.o.MaxFeatures > 0 {
		limit = min(limit, l.o.MaxFeatures)
	}
	n := 0
	for ; ; n++ {
		feature, c, _ := l.largest()
		alpha := c / l.n
		if alpha-alpha != 0 {
			learn.Fail("linear.LarsPath", "correlations overflow (%g); scale X and y (preprocess.NewStandardScaler)", alpha)
		}
		for len(l.res.Alphas) <= n {
			l.res.Alphas = append(l.res.Alphas, 0)
			l.path = append(l.path, slices.Clone(l.coef))
		}
		l.res.leaving = append(l.res.leaving[:n], len(l.dropped))
		for _, j := range l.dropped {
			l.coef[j] = 0
		}
		l.dropped = nil
		l.res.Alphas[n] = alpha
		if alpha <= l.o.AlphaMin+eps32 {
			l.stop(n)
			break
		}
		if n >= l.o.MaxIter || len(l.active) >= limit {
			break
		}
		if !l.drop && !l.enter(feature) {
			n--
			continue
		}
		if l.o.Method == "lasso" && n > 0 && l.res.Alphas[n-1] < alpha {
			break
		}
		l.step(c)
	}
	l.res.NIter = n
	l.res.Active = l.active
	l.res.Coefs = learn.FromRows(l.path).T()
	return l.res
}

// stop ends the path at AlphaMin, between the last two steps.
func (l *lars) stop(n int) {
	a := l.res.Alphas
	if math.Abs(a[n]-l.o.AlphaMin) <= eps32 {
		return
	}
	if n > 0 {
		s := (a[n-1] - l.o.AlphaMin) / (a[n-1] - a[n])
		for j, p := range l.path[n-1] {
			l.path[n][j] = p + s*(l.path[n][j]-p)
		}
	}
	a[n] = l.o.AlphaMin
}

// enter adds a feature; false when it depends on those inside.
func (l *lars) enter(j int) bool {
	if l.dead[j] {
		return false
	}
	if !l.independent(j) {
		l.dead[j] = true
		l.cov[j] = 0
		return false
	}
	s := 1.0
	if !l.o.Positive && l.cov[j] < 0 {
		s = -1
	}
	l.in[j] = true
	l.active, l.sign = append(l.active, j), append(l.sign, s)
	return true
}

func (l *lars) independent(j int) bool {
	k := l.gram.At(j, j)
	if len(l.active) > 0 {
		b := make([]float64, len(l.active))
		for i, a := range l.active {
			b[i] = l.gram.At(a, j)
		}
		if z := l.solve(b); z != nil {
			k -= dot(z, b)
		}
	}
	return math.Sqrt(math.Abs(k)) >= 1e-7
}

// solve solves the Gram matrix of the active features.
func (l *lars) solve(b []float64) []float64 {
	k := len(l.active)
	g := learn.NewMatrix(k, k)
	for i, a := range l.active {
		for j, c := range l.active {
			g.Set(i, j, l.gram.At(a, c))
		}
	}
	z, ok := solvePD(g, learn.Column(slices.Clone(b)))
	if !ok {
		return nil
	}
	return z.Data
}

// leastPositive returns the smallest positive value.
func leastPositive(m, v float64) float64 {
	if v > 0 && v < m {
		return v
	}
	return m
}

// step moves the coefficients along the equiangular direction.
func (l *lars) step(c float64) {
	z := l.solve(l.sign)
	if z == nil {
		learn.Fail("linear.LarsPath", "features %v depend on each other", l.active)
	}
	aa := 1 / math.Sqrt(dot(z, l.sign))
	for i := range z {
		z[i] *= aa
	}
	corr := make([]float64, len(l.cov))
	gamma := c / aa
	for j := range corr {
		if l.in[j] {
			continue
		}
		for i, a := range l.active {
			corr[j] += l.gram.At(a, j) * z[i]
		}
		corr[j] = math.Round(corr[j]*1e15) / 1e15
		gamma = min(gamma, leastPositive(math.MaxFloat64, (c-l.cov[j])/(aa-corr[j]+tiny32)))
		if !l.o.Positive {
			gamma = min(gamma, leastPositive(math.MaxFloat64, (c+l.cov[j])/(aa+corr[j]+tiny32)))
		}
	}
	l.drop = false
	cross, at := math.MaxFloat64, -1
	for i, a := range l.active {
		if v := -l.coef[a] / (z[i] + tiny32); v > 0 && v < cross {
			cross, at = v, i
		}
	}
	if cross < gamma {
		l.sign[at] = -l.sign[at]
		if l.o.Method == "lasso" {
			gamma = cross
		}
		l.drop = true
	}
	for i, a := range l.active {
		l.coef[a] += gamma * z[i]
	}
	for j, v := range corr {
		l.cov[j] -= gamma * v
	}
	if l.drop && l.o.Method == "lasso" {
		j := l.active[at]
		l.active, l.sign = slices.Delete(l.active, at, at+1), slices.Delete(l.sign, at, at+1)
		l.in[j] = false
		l.cov[j] = l.xy[j] - dot(l.gram.Row(j), l.coef)
		l.dropped = append(l.dropped, j)
	}
}

// larsBase is what the estimators of least-angle regression have in common.
type larsBase struct {
	regressor
	FitIntercept bool    `param:"fit_intercept=true"`
	Precompute   any     `param:"precompute=auto"` // of scikit-learn's Gram matrix; without effect here
	Eps          float64 `param:"eps=2.220446049250313e-16"`
}

// fitPath fits each output; alpha is the least penalty.
func (m *larsBase) fitPath(x, y *learn.Matrix, o LarsOptions) (results []*LarsResult) {
	c := centre(x, y, nil, m.FitIntercept)
	coef := learn.NewMatrix(y.Cols, x.Cols)
	for k := range y.Cols {
		r := newLars(c.x, c.y.Col(k), o).run()
		for j := range x.Cols {
			coef.Set(k, j, r.Coefs.At(j, r.Coefs.Cols-1))
		}
		results = append(results, r)
	}
	m.set(coef, c)
	return results
}

// larsPath is what an estimator keeps of its path.
type larsPath struct {
	Alphas   []float64     `fit:"alphas_"`
	Active   []int         `fit:"active_"`
	CoefPath *learn.Matrix `fit:"coef_path_"` // [features steps]
	NIter    int           `fit:"n_iter_"`
}

func (p *larsPath) keep(r *LarsResult) {
	p.Alphas, p.Active, p.CoefPath, p.NIter = r.Alphas, r.Active, r.Coefs, r.NIter
}

// Lars is least-angle regression.
type Lars struct {
	larsBase
	larsPath
	NNonzeroCoefs int   `param:"n_nonzero_coefs=500"`
	FitPath       bool  `param:"fit_path=true"`
	Jitter        any   `param:"jitter=None"` // bound of uniform noise added to y
	RandomState   int64 `param:"random_state=0"`
}

// NewLars returns one with scikit-learn's defaults.
func NewLars() *Lars { m := &Lars{}; learn.Init(m); return m }

// Fit computes the path; y may have several columns, and the first column's path is kept.
func (m *Lars) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	y = jitter(y, m.Jitter, m.RandomState)
	m.keep(m.fitPath(d, y, LarsOptions{
		Method: "lar", MaxIter: m.NNonzeroCoefs, MaxFeatures: min(m.NNonzeroCoefs, d.Cols),
	})[0])
	m.Done()
	return nil
}

// LassoLars is Lasso solved by least-angle regression.
type LassoLars struct {
	larsBase
	larsPath
	Alpha       float64 `param:"alpha=1.0"`
	MaxIter     int     `param:"max_iter=500"`
	FitPath     bool    `param:"fit_path=true"`
	Positive    bool    `param:"positive=false"`
	Jitter      any     `param:"jitter=None"`
	RandomState int64   `param:"random_state=0"`
}

// NewLassoLars returns one with scikit-learn's defaults.
func NewLassoLars() *LassoLars { m := &LassoLars{}; learn.Init(m); return m }

// Fit computes the path; y may have several columns, and the first column's path is kept.
func (m *LassoLars) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	y = jitter(y, m.Jitter, m.RandomState)
	m.keep(m.fitPath(d, y, LarsOptions{
		Method: "lasso", AlphaMin: m.Alpha, MaxIter: m.MaxIter, Positive: m.Positive,
	})[0])
	m.Done()
	return nil
}

// LassoLarsIC chooses the penalty of LassoLars by an information criterion.
type LassoLarsIC struct {
	larsBase
	larsPath
	Criterion     string `param:"criterion=aic"` // or bic
	MaxIter       int    `param:"max_iter=500"`
	Positive      bool   `param:"positive=false"`
	NoiseVariance any    `param:"noise_variance=None"` // nil: that of least squares

	Alpha      float64   `fit:"alpha_"`
	Criteria   []float64 `fit:"criterion_"`
	NoiseLevel float64   `fit:"noise_variance_"`
}

// NewLassoLarsIC returns one with scikit-learn's defaults.
func NewLassoLarsIC() *LassoLarsIC { m := &LassoLarsIC{}; learn.Init(m); return m }

// Fit chooses the penalty.
func (m *LassoLarsIC) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	m.OneOf("Criterion", m.Criterion, "aic", "bic")
	t := learn.Target(m.Name(), y)
	c := centre(d, learn.Column(t), nil, m.FitIntercept)
	r := newLars(c.x, c.y.Data, LarsOptions{Method: "lasso", MaxIter: m.MaxIter, Positive: m.Positive}).run()
	m.keep(r)
	n := float64(d.Rows)
	factor := 2.0
	if m.Criterion == "bic" {
		factor = math.Log(n)
	}
	m.NoiseLevel = m.noise(c)
	m.Criteria = nil
	best := 0
	for k := range r.Coefs.Cols {
		coef := r.Coefs.Col(k)
		// A coefficient that leaves is 0 up to rounding and counts, as in scikit-learn.
		rss, df := 0.0, float64(r.leaving[k])
		for i := range d.Rows {
			e := c.y.Data[i] - dot(c.x.Row(i), coef)
			rss += e * e
		}
		for _, v := range coef {
			if math.Abs(v) > 1e-13 {
				df++
			}
		}
		m.Criteria = append(m.Criteria, n*math.Log(2*math.Pi*m.NoiseLevel)+rss/m.NoiseLevel+factor*df)
		if m.Criteria[k] < m.Criteria[best] {
			best = k
		}
	}
	m.Alpha = r.Alphas[best]
	m.set(&learn.Matrix{Rows: 1, Cols: d.Cols, Data: r.Coefs.Col(best)}, c)
	m.Done()
	return nil
}

// noise estimates the variance of the noise by least squares.
func (m *LassoLarsIC) noise(c *centred) float64 {
	if v, ok := learn.OptFloat(m.NoiseVariance); ok {
		return v
	}
	df := c.x.Rows - c.x.Cols
	if m.FitIntercept {
		df--
	}
	if df <= 0 {
		m.Fail("%d rows are too few for %d features to estimate the noise; set NoiseVariance", c.x.Rows,
			c.x.Cols)
	}
	var coef *learn.Matrix
	if m.Positive {
		coef = nonNegative(c.x, c.y, 0)
	} else {
		coef, _, _ = lstsq(c.x, c.y, 2.22e-16*float64(c.x.Rows))
	}
	rss := 0.0
	for i := range c.x.Rows {
		e := c.y.Data[i] - dot(c.x.Row(i), coef.Data)
		rss += e * e
	}
	return rss / float64(df)
}
