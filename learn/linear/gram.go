package linear

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

func mustGram(where string, gram *learn.Matrix, features int) {
	if gram.Rows != features || gram.Cols != features {
		learn.Fail(where, "gram is [%d %d] for %d features; want [%d %d]", gram.Rows, gram.Cols,
			features, features, features)
	}
}

// pursuit is a problem of orthogonal matching pursuit.
type pursuit struct {
	gram *learn.Matrix // XᵀX
	xy   []float64     // Xᵀy
	yy   float64       // ‖y‖²
}

// run returns the coefficients after each feature: at most k, or until the squared residual is tol.
func (p *pursuit) run(k int, tol float64, byTol bool) (path [][]float64) {
	corr := slices.Clone(p.xy)
	var active []int
	for len(active) < k {
		best := 0
		for j, v := range corr {
			if math.Abs(v) > math.Abs(corr[best]) {
				best = j
			}
		}
		if slices.Contains(active, best) || corr[best]*corr[best] < 2.2e-16 {
			break
		}
		active = append(active, best)
		g, b := learn.NewMatrix(len(active), len(active)), learn.NewMatrix(len(active), 1)
		for i, a := range active {
			b.Data[i] = p.xy[a]
			for q, c := range active {
				g.Set(i, q, p.gram.At(a, c))
			}
		}
		z, ok := solvePD(g, b)
		if !ok {
			break
		}
		coef := make([]float64, len(p.xy))
		for i, a := range active {
			coef[a] = z.Data[i]
		}
		path = append(path, coef)
		explained := 0.0
		for j := range corr {
			along := dot(p.gram.Row(j), coef)
			corr[j] = p.xy[j] - along
			explained += coef[j] * along
		}
		if byTol && p.yy-explained <= tol {
			break
		}
	}
	return path
}

// OrthogonalMP returns coefficients [features outputs] with at most k nonzero ones for each output of y; with
// k = 0, as many as it takes until the squared residual is tol (Rubinstein et al. 2008).
func OrthogonalMP(x, y *learn.Matrix, k int, tol float64) (coef *learn.Matrix, err error) {
	defer learn.Catch(&err)
	if x.Rows != y.Rows {
		learn.Fail("linear.OrthogonalMP", "x has %d rows, y has %d; want the same number", x.Rows, y.Rows)
	}
	norms := make([]float64, y.Cols)
	for i := range y.Rows {
		for o, v := range y.Row(i) {
			norms[o] += v * v
		}
	}
	return OrthogonalMPGram(learn.TMul(x, x), learn.TMul(x, y), norms, k, tol)
}

// OrthogonalMPGram is OrthogonalMP from gram = XᵀX, xy = XᵀY and the squared lengths of Y's columns, which may
// be nil where k > 0.
func OrthogonalMPGram(gram, xy *learn.Matrix, norms []float64, k int, tol float64) (coef *learn.Matrix,
	err error,
) {
	const where = "linear.OrthogonalMPGram"
	defer learn.Catch(&err)
	mustGram(where, gram, xy.Rows)
	byTol := k == 0
	if byTol && len(norms) != xy.Cols {
		learn.Fail(where, "%d squared lengths for %d outputs; a tolerance needs one each", len(norms), xy.Cols)
	}
	if byTol {
		k = xy.Rows
	}
	if k < 1 || k > xy.Rows {
		learn.Fail(where, "%d nonzero coefficients; want 1 … %d", k, xy.Rows)
	}
	coef = learn.NewMatrix(xy.Rows, xy.Cols)
	for o := range xy.Cols {
		p := pursuit{gram: gram, xy: xy.Col(o)}
		if byTol {
			p.yy = norms[o]
		}
		if path := p.run(k, tol, byTol); len(path) > 0 {
			coef.SetCol(o, path[len(path)-1])
		}
	}
	return coef, nil
}

// GramDescent minimizes ½‖y − Xw‖² + l1‖w‖₁ over w by coordinate descent from gram = XᵀX, xy = Xᵀy and
// yy = ‖y‖², starting at w and writing there. It stops when the duality gap is tol·yy.
func GramDescent(gram *learn.Matrix, xy []float64, yy float64, w []float64, l1, tol float64, maxIter int,
	positive bool,
) {
	q := make([]float64, len(w)) // gram · w
	for j := range q {
		q[j] = dot(gram.Row(j), w)
	}
	for round := 1; round <= maxIter; round++ {
		largest, change := 0.0, 0.0
		for j := range w {
			row := gram.Row(j)
			if row[j] == 0 {
				continue
			}
			old := w[j]
			t := xy[j] - q[j] + old*row[j]
			w[j] = math.Copysign(max(math.Abs(t)-l1, 0), t) / row[j]
			if positive && t < 0 {
				w[j] = 0
			}
			if w[j] != old {
				axpy(w[j]-old, row, q)
			}
			change, largest = max(change, math.Abs(w[j]-old)), max(largest, math.Abs(w[j]))
		}
		if largest == 0 || change/largest < tol || round == maxIter {
			if gramGap(xy, q, w, yy, l1, positive) <= tol*yy {
				return
			}
		}
	}
}

// gramGap is the duality gap of GramDescent's problem.
func gramGap(xy, q, w []float64, yy, l1 float64, positive bool) float64 {
	steepest, sum, wq, wxy := 0.0, 0.0, 0.0, 0.0
	for j, v := range w {
		g := xy[j] - q[j]
		if !positive {
			g = math.Abs(g)
		}
		steepest = max(steepest, g)
		sum += math.Abs(v)
		wq += v * q[j]
		wxy += v * xy[j]
	}
	rr, ry := yy+wq-2*wxy, yy-wxy // ‖residual‖² and residual · y
	k, g := 1.0, rr
	if steepest > l1 {
		k = l1 / steepest
		g = (rr + rr*k*k) / 2
	}
	return g + l1*sum - k*ry
}

// PathOptions are settings of LassoPath and ElasticNetPath.
type PathOptions struct {
	Eps       float64   // least penalty over greatest; 0 means 0.001
	Alphas    []float64 // penalties; nil: N of them
	N         int       // 0 means 100
	Positive  bool
	Tol       float64 // 0 means 1e-4
	MaxIter   int     // 0 means 1000
	Selection string  // cyclic (the default) or random
	Seed      int64
}

// PathResult is coefficients along a path of penalties.
type PathResult struct {
	Alphas []float64       // falling
	Coefs  []*learn.Matrix // of each penalty, [outputs features]
	Gaps   []float64       // dual gap of each
}

// LassoPath solves Lasso for a falling row of penalties, each from the solution of the one before, on data as
// it is: nothing is centred.
func LassoPath(x, y *learn.Matrix, o PathOptions) (*PathResult, error) {
	return ElasticNetPath(x, y, 1, o)
}

// ElasticNetPath is LassoPath with the share ratio of the penalty's L1 norm (0 < ratio ≤ 1).
func ElasticNetPath(x, y *learn.Matrix, ratio float64, o PathOptions) (r *PathResult, err error) {
	const where = "linear.ElasticNetPath"
	defer learn.Catch(&err)
	x = learn.Dense(where, x)
	if y.Rows != x.Rows {
		learn.Fail(where, "x has %d rows, y has %d; want the same number", x.Rows, y.Rows)
	}
	if ratio <= 0 || ratio > 1 {
		learn.Fail(where, "ratio is %g; want one in (0, 1]", ratio)
	}
	m := NewElasticNetCV()
	if o.Alphas != nil {
		m.Alphas = o.Alphas
	} else if o.N > 0 {
		m.Alphas = o.N
	}
	set := func(dst *float64, v float64) {
		if v != 0 {
			*dst = v
		}
	}
	set(&m.Eps, o.Eps)
	set(&m.Tol, o.Tol)
	if o.MaxIter > 0 {
		m.MaxIter = o.MaxIter
	}
	m.Selection, m.RandomState = "cyclic", o.Seed
	if o.Selection != "" {
		m.OneOf("Selection", o.Selection, "cyclic", "random")
		m.Selection = o.Selection
	}
	c := centre(x, y, nil, false)
	r = &PathResult{Alphas: m.grid(c, ratio)}
	start := learn.NewMatrix(x.Cols, y.Cols)
	for _, a := range r.Alphas {
		coef := m.solve(c, a, ratio, o.Positive, start, func() {})
		r.Coefs, r.Gaps = append(r.Coefs, coef), append(r.Gaps, m.DualGap)
	}
	return r, nil
}
