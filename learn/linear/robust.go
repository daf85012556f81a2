package linear

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/minimize"
)

// HuberRegressor squares small errors and takes large ones linearly; the scale is estimated too.
type HuberRegressor struct {
	regressor
	Epsilon      float64 `param:"epsilon=1.35"` // beyond this many scales an error is large
	MaxIter      int     `param:"max_iter=100"`
	Alpha        float64 `param:"alpha=0.0001"`
	WarmStart    bool    `param:"warm_start=false"`
	FitIntercept bool    `param:"fit_intercept=true"`
	Tol          float64 `param:"tol=1e-05"`

	Scale    float64 `fit:"scale_"`
	Outliers []bool  `fit:"outliers_"`
	NIter    int     `fit:"n_iter_"`
}

// NewHuberRegressor returns one with scikit-learn's defaults.
func NewHuberRegressor() *HuberRegressor { m := &HuberRegressor{}; learn.Init(m); return m }

// Fit minimizes Huber's criterion over coefficients and scale.
func (m *HuberRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *HuberRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	d := m.begin(x, y)
	t := learn.Target(m.Name(), y)
	w = learn.Weights(m.Name(), w, d.Rows)
	if m.Epsilon < 1 {
		m.Fail("Epsilon is %g; want at least 1", m.Epsilon)
	}
	p := d.Cols
	v := make([]float64, p+2) // coefficients, intercept, scale
	v[p+1] = 1
	if warm && m.Coef.Cols == p {
		copy(v, m.Coef.Data)
		v[p], v[p+1] = m.Intercept[0], m.Scale
	}
	low := repeat(math.Inf(-1), p+2)
	low[p+1] = 10 * 2.22e-16
	f := func(v, g []float64) float64 {
		m.Poll()
		return m.loss(d, t, w, v, g)
	}
	r := minimize.LBFGS(f, v, minimize.Options{MaxIter: m.MaxIter * 10, GradTol: m.Tol, Lower: low})
	m.NIter, m.Scale = r.Iterations, r.X[p+1]
	m.Coef = &learn.Matrix{Rows: 1, Cols: p, Data: r.X[:p:p]}
	m.Intercept = []float64{0}
	if m.FitIntercept {
		m.Intercept[0] = r.X[p]
	}
	m.Outliers = make([]bool, d.Rows)
	for i := range t {
		m.Outliers[i] = math.Abs(t[i]-dot(d.Row(i), m.Coef.Data)-m.Intercept[0]) > m.Scale*m.Epsilon
	}
	m.Done()
	return nil
}

func (m *HuberRegressor) loss(x *learn.Matrix, t, w, v, g []float64) float64 {
	p, s := x.Cols, v[x.Cols+1]
	clear(g)
	value := 0.0
	for i := range x.Rows {
		row := x.Row(i)
		e := t[i] - dot(row, v[:p])
		if m.FitIntercept {
			e -= v[p]
		}
		slope := 0.0
		if a := math.Abs(e); a <= m.Epsilon*s {
			value += w[i] * (s + e*e/s)
			slope = -2 * e / s
			g[p+1] += w[i] * (1 - e*e/(s*s))
		} else {
			value += w[i] * (s + 2*m.Epsilon*a - s*m.Epsilon*m.Epsilon)
			slope = -2 * m.Epsilon * math.Copysign(1, e)
			g[p+1] += w[i] * (1 - m.Epsilon*m.Epsilon)
		}
		axpy(w[i]*slope, row, g[:p])
		if m.FitIntercept {
			g[p] += w[i] * slope
		}
	}
	for j, c := range v[:p] {
		value += m.Alpha * c * c
		g[j] += 2 * m.Alpha * c
	}
	return value
}

// QuantileRegressor predicts a quantile: it minimizes the mean pinball loss plus α‖w‖₁.
type QuantileRegressor struct {
	regressor
	Quantile      float64 `param:"quantile=0.5"`
	Alpha         float64 `param:"alpha=1.0"`
	FitIntercept  bool    `param:"fit_intercept=true"`
	Solver        string  `param:"solver=highs"` // of scikit-learn; without effect here
	SolverOptions any     `param:"solver_options=None"`

	NIter int `fit:"n_iter_"`
}

// NewQuantileRegressor returns one with scikit-learn's defaults.
func NewQuantileRegressor() *QuantileRegressor { m := &QuantileRegressor{}; learn.Init(m); return m }

// Fit solves the linear program by an interior point method.
func (m *QuantileRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *QuantileRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.begin(x, y)
	t := learn.Target(m.Name(), y)
	w = learn.Weights(m.Name(), w, d.Rows)
	if !(m.Quantile > 0 && m.Quantile < 1) {
		m.Fail("Quantile is %g; want a number between 0 and 1", m.Quantile)
	}
	total := 0.0
	for _, v := range w {
		total += v
	}
	p := d.Cols
	width := p
	if m.FitIntercept {
		width++
	}
	var rows [][]float64
	var target []float64
	for i := range d.Rows {
		if w[i] == 0 {
			continue
		}
		r := make([]float64, width)
		copy(r, d.Row(i))
		if m.FitIntercept {
			r[p] = 1
		}
		for j := range r {
			r[j] *= w[i]
		}
		rows, target = append(rows, r), append(target, w[i]*t[i])
	}
	if m.Alpha > 0 { // α|wⱼ| is the pinball loss of two rows with target 0
		for j := range p {
			for _, s := range []float64{1, -1} {
				r := make([]float64, width)
				r[j] = s * m.Alpha * total
				rows, target = append(rows, r), append(target, 0)
			}
		}
	}
	b, n := pinballFit(learn.FromRows(rows), target, m.Quantile, m.Poll)
	m.NIter = n
	m.Coef = &learn.Matrix{Rows: 1, Cols: p, Data: b[:p:p]}
	m.Intercept = []float64{0}
	if m.FitIntercept {
		m.Intercept[0] = b[p]
	}
	m.Done()
	return nil
}

// pinballFit minimizes Σ pinball(y − Xb) by the Frisch–Newton method of Portnoy and Koenker (1997) on the
// dual: max yᵀa with Xᵀa = (1 − τ)Xᵀ1 and 0 ≤ a ≤ 1.
func pinballFit(x *learn.Matrix, y []float64, tau float64, poll func()) (b []float64, iterations int) {
	n, p := x.Rows, x.Cols
	a, s := repeat(1-tau, n), repeat(tau, n)
	coef, _, _ := lstsq(x, learn.Column(y), 1e-14)
	b = coef.Data
	z, w := make([]float64, n), make([]float64, n) // multipliers of a >= 0 and of a <= 1
	scale := 0.0
	for i := range y {
		r := y[i] - dot(x.Row(i), b)
		w[i], z[i] = max(r, 0), max(-r, 0)
		scale += math.Abs(r) / float64(n)
	}
	for i := range z {
		z[i] += 0.1*scale + 1e-10
		w[i] += 0.1*scale + 1e-10
	}
	for iterations = 1; iterations < 200; iterations++ {
		poll()
		mu, primal := 0.0, 0.0
		for i := range a {
			mu += a[i]*z[i] + s[i]*w[i]
			primal += math.Abs(y[i]) / float64(n)
		}
		if mu < 1e-13*(1+primal*float64(n)) {
			break
		}
		mu /= 2 * float64(n)
		_, da, dz, dw := quantileStep(x, a, s, z, w, y, b, 0, nil, nil)
		fp, fd := ratios(a, s, da, z, w, dz, dw)
		after := 0.0
		for i := range a {
			after += (a[i]+fp*da[i])*(z[i]+fd*dz[i]) + (s[i]-fp*da[i])*(w[i]+fd*dw[i])
		}
		after /= 2 * float64(n)
		sigma := math.Pow(after/mu, 3)
		var db []float64
		db, da, dz, dw = quantileStep(x, a, s, z, w, y, b, sigma*mu, da, [][]float64{dz, dw})
		fp, fd = ratios(a, s, da, z, w, dz, dw)
		for j := range p {
			b[j] += fd * db[j]
		}
		for i := range a {
			a[i] += fp * da[i]
			s[i] -= fp * da[i]
			z[i] += fd * dz[i]
			w[i] += fd * dw[i]
		}
	}
	return b, iterations
}

// quantileStep solves for a step towards complementarity mu, with Mehrotra's correction when da is given.
func quantileStep(x *learn.Matrix, a, s, z, w, y, b []float64, mu float64, da0 []float64,
	d0 [][]float64,
) (db, da, dz, dw []float64) {
	n, p := x.Rows, x.Cols
	q, r := make([]float64, n), make([]float64, n)
	cz, cw := make([]float64, n), make([]float64, n)
	for i := range n {
		cz[i], cw[i] = mu, mu
		if da0 != nil {
			cz[i] -= da0[i] * d0[0][i]
			cw[i] += da0[i] * d0[1][i]
		}
		q[i] = 1 / (z[i]/a[i] + w[i]/s[i])
		// dual residual y − Xb + z − w, with z and w replaced by their targets
		r[i] = y[i] - dot(x.Row(i), b) + cz[i]/a[i] - cw[i]/s[i]
	}
	g, rhs := learn.NewMatrix(p, p), learn.NewMatrix(p, 1)
	for i := range n {
		row := x.Row(i)
		for j, v := range row {
			axpy(q[i]*v, row, g.Row(j))
			rhs.Data[j] += q[i] * r[i] * v
		}
	}
	for j := range p {
		g.Data[j*p+j] *= 1 + 1e-14
	}
	sol, ok := solvePD(g, rhs)
	if !ok {
		sol, _, _ = lstsq(g, rhs, 1e-14)
	}
	db = sol.Data
	da, dz, dw = make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		da[i] = q[i] * (r[i] - dot(x.Row(i), db))
		dz[i] = cz[i]/a[i] - z[i] - z[i]/a[i]*da[i]
		dw[i] = cw[i]/s[i] - w[i] + w[i]/s[i]*da[i]
	}
	return db, da, dz, dw
}

// ratios returns the longest steps that keep a, s and z, w positive.
func ratios(a, s, da, z, w, dz, dw []float64) (primal, dual float64) {
	primal, dual = 1e20, 1e20
	for i := range a {
		if da[i] < 0 {
			primal = min(primal, -a[i]/da[i])
		} else if da[i] > 0 {
			primal = min(primal, s[i]/da[i])
		}
		if dz[i] < 0 {
			dual = min(dual, -z[i]/dz[i])
		}
		if dw[i] < 0 {
			dual = min(dual, -w[i]/dw[i])
		}
	}
	return min(1, 0.99995*primal), min(1, 0.99995*dual)
}
