package covariance

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/split"
)

// GraphicalLasso estimates a covariance whose inverse is sparse: α·Σ|precision| beside the likelihood.
type GraphicalLasso struct {
	Estimate
	Alpha   float64 `param:"alpha=0.01"`
	Mode    string  `param:"mode=cd"` // cd: coordinate descent
	Tol     float64 `param:"tol=0.0001"`
	EnetTol float64 `param:"enet_tol=0.0001"`
	MaxIter int     `param:"max_iter=100"`
	Eps     float64 `param:"eps=2.220446049250313e-16"`
	Input   any     `param:"covariance=None" fixed:"true"`

	NIter int `fit:"n_iter_"`
}

// NewGraphicalLasso returns one with scikit-learn's defaults.
func NewGraphicalLasso() *GraphicalLasso { m := &GraphicalLasso{}; learn.Init(m); return m }

// Fit solves for the precision.
func (m *GraphicalLasso) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	m.MustRows(d, 2)
	m.OneOf("Mode", m.Mode, "cd")
	emp := Empirical(d, m.AssumeCentered)
	var prec *learn.Matrix
	m.Covariance, prec, m.NIter = graphical(emp, m.Alpha, m.Tol, m.EnetTol, m.MaxIter, m.Poll)
	m.set(m.Covariance, loc)
	m.Precision = prec
	return nil
}

// graphical is the graphical lasso (Friedman et al. 2008): each column of the covariance in turn is a lasso on
// the others, until the duality gap is small.
func graphical(emp *learn.Matrix, alpha, tol, enetTol float64, maxIter int, poll func(),
) (cov, prec *learn.Matrix, iter int) {
	p := emp.Rows
	if alpha == 0 {
		return emp.Clone(), pseudoInverse(emp), 0
	}
	cov = emp.Clone()
	for i := range cov.Data {
		if i/p != i%p {
			cov.Data[i] *= 0.95
		}
	}
	prec = pseudoInverse(cov)
	coef := learn.NewMatrix(p, p)
	for iter = 1; iter <= maxIter; iter++ {
		poll()
		for j := range p {
			column(emp, cov, prec, coef.Row(j), j, alpha, enetTol)
		}
		if gap := dualGap(emp, prec, alpha); math.Abs(gap) < tol {
			break
		}
	}
	return cov, prec, min(iter, maxIter)
}

// column solves the lasso of column j: ½βᵀVβ − sᵀβ + α‖β‖₁ with V the covariance of the others.
func column(emp, cov, prec *learn.Matrix, beta []float64, j int, alpha, tol float64) {
	p := emp.Rows
	for range 1000 {
		change, most := 0.0, 0.0
		for k := range p {
			if k == j {
				continue
			}
			r := emp.At(k, j)
			for l := range p {
				if l != j && l != k {
					r -= cov.At(k, l) * beta[l]
				}
			}
			b := 0.0
			if math.Abs(r) > alpha {
				b = math.Copysign(math.Abs(r)-alpha, r) / cov.At(k, k)
			}
			change, most = max(change, math.Abs(b-beta[k])), max(most, math.Abs(b))
			beta[k] = b
		}
		if change <= tol*1e-3*max(most, 1e-300) {
			break
		}
	}
	dot, fresh := 0.0, make([]float64, p)
	for k := range p {
		for l := range p {
			if l != j && k != j {
				fresh[k] += cov.At(k, l) * beta[l]
			}
		}
		if k != j {
			dot += fresh[k] * beta[k]
		}
	}
	for k, v := range fresh {
		if k != j {
			cov.Set(k, j, v)
			cov.Set(j, k, v)
		}
	}
	d := 1 / (cov.At(j, j) - dot)
	prec.Set(j, j, d)
	for k := range p {
		if k != j {
			prec.Set(k, j, -d*beta[k])
			prec.Set(j, k, -d*beta[k])
		}
	}
}

func dualGap(emp, prec *learn.Matrix, alpha float64) float64 {
	gap, l1 := -float64(emp.Rows), 0.0
	for i, v := range prec.Data {
		gap += emp.Data[i] * v
		if i/prec.Cols != i%prec.Cols {
			l1 += math.Abs(v)
		}
	}
	return gap + alpha*l1
}

// GraphicalLassoCV chooses Alpha by cross-validated likelihood on a grid that is refined around the best.
type GraphicalLassoCV struct {
	Estimate
	Alphas  any     `param:"alphas=4"` // number of values on each grid, or the values themselves
	Refine  int     `param:"n_refinements=4"`
	CV      any     `param:"cv=None"`
	Tol     float64 `param:"tol=0.0001"`
	EnetTol float64 `param:"enet_tol=0.0001"`
	MaxIter int     `param:"max_iter=100"`
	Mode    string  `param:"mode=cd"`
	Eps     float64 `param:"eps=2.220446049250313e-16"`

	Alpha float64 `fit:"alpha_"`
	NIter int     `fit:"n_iter_"`
}

// NewGraphicalLassoCV returns one with scikit-learn's defaults.
func NewGraphicalLassoCV() *GraphicalLassoCV { m := &GraphicalLassoCV{}; learn.Init(m); return m }

// Fit searches, and then estimates on all rows.
func (m *GraphicalLassoCV) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d, loc := m.begin(x)
	emp := Empirical(d, m.AssumeCentered)
	k := 5
	if n, ok := learn.OptInt(m.CV); ok {
		k = n
	}
	folds, err := split.NewKFold(k).Split(d.Rows, nil, nil)
	learn.Must(err)
	score := func(alpha float64) float64 {
		s := 0.0
		for _, f := range folds {
			m.Poll()
			_, prec, _ := graphical(Empirical(d.Take(f.Train), m.AssumeCentered), alpha, m.Tol, m.EnetTol, m.MaxIter, m.Poll)
			s += likelihood(Empirical(d.Take(f.Test), m.AssumeCentered), prec) / float64(len(folds))
		}
		return s
	}
	m.Alpha = m.search(emp, score)
	var prec *learn.Matrix
	m.Covariance, prec, m.NIter = graphical(emp, m.Alpha, m.Tol, m.EnetTol, m.MaxIter, m.Poll)
	m.set(m.Covariance, loc)
	m.Precision = prec
	return nil
}

// search scores a grid and then finer ones between the neighbours of the best alpha so far.
func (m *GraphicalLassoCV) search(emp *learn.Matrix, score func(float64) float64) float64 {
	grid, _ := m.Alphas.([]float64)
	rounds := 1
	n, isCount := learn.OptInt(m.Alphas)
	if isCount {
		rounds = m.Refine
		hi := 0.0
		for i, v := range emp.Data {
			if i/emp.Cols != i%emp.Cols {
				hi = max(hi, math.Abs(v))
			}
		}
		grid = logspace(hi, 0.01*hi, n)
	}
	type point struct{ alpha, score float64 }
	var path []point // alphas fall
	best := 0
	for range rounds {
		for _, a := range grid {
			path = append(path, point{a, score(a)})
		}
		sort.SliceStable(path, func(a, b int) bool { return path[a].alpha > path[b].alpha })
		best = 0
		for i, p := range path {
			if p.score >= path[best].score {
				best = i
			}
		}
		hi, lo := path[max(best-1, 0)].alpha, 0.01*path[best].alpha
		if best+1 < len(path) {
			lo = path[best+1].alpha
		} else {
			hi = path[best].alpha
		}
		grid = logspace(hi, lo, n+2)[1:][:n]
	}
	return path[best].alpha
}

func logspace(lo, hi float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = lo * math.Pow(hi/lo, float64(i)/float64(max(n-1, 1)))
	}
	return out
}

// likelihood is the Gaussian log-likelihood of a test covariance under a precision.
func likelihood(test, prec *learn.Matrix) float64 {
	s := 0.0
	for i, v := range prec.Data {
		s -= test.Data[i] * v
	}
	values, _ := learn.Eigh(prec)
	for _, v := range values {
		if v <= 0 {
			return math.Inf(-1)
		}
		s += math.Log(v)
	}
	return (s - float64(prec.Rows)*math.Log(2*math.Pi)) / 2
}
