package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// nmf is what NMF and MiniBatchNMF have in common.
type nmf struct {
	learn.TransformerBase
	NComponents any     `param:"n_components=auto"`   // auto: the number of features
	Init        string  `param:"init"`                // "", nndsvd, nndsvda, nndsvdar or random
	BetaLoss    any     `param:"beta_loss=frobenius"` // kullback-leibler, itakura-saito or an exponent: Solver mu
	Tol         float64 `param:"tol=0.0001"`
	MaxIter     int     `param:"max_iter=200"`
	RandomState int64   `param:"random_state=0"`
	AlphaW      float64 `param:"alpha_W=0.0"`
	AlphaH      any     `param:"alpha_H=same"`
	L1Ratio     float64 `param:"l1_ratio=0.0"`

	Components        *learn.Matrix `fit:"components_"`
	ReconstructionErr float64       `fit:"reconstruction_err_"`
	NIter             int           `fit:"n_iter_"`
}

// ready checks the loss and the data and returns the loss's exponent.
func (m *nmf) ready(v *learn.Matrix) float64 {
	m.nonNegative(v)
	beta := betaOf(m.Name(), m.BetaLoss)
	if beta <= 0 {
		for _, a := range v.Data {
			if a == 0 {
				m.Fail("X has zeros, which BetaLoss %v divides by; add a small number to X, or raise BetaLoss",
					m.BetaLoss)
			}
		}
	}
	return beta
}

// count returns the number of parts.
func (m *nmf) count(v *learn.Matrix) int {
	k, ok := learn.OptInt(m.NComponents)
	if !ok || k == 0 {
		return v.Cols
	}
	if k < 0 {
		m.Fail("NComponents is %d; want 1 or more", k)
	}
	return k
}

// updates returns the multiplicative updates with the penalties of v's size.
func (m *nmf) updates(v, w, h *learn.Matrix, beta float64) *updates {
	aw := m.AlphaW * float64(v.Cols)
	ah := m.AlphaW * float64(v.Rows)
	if a, ok := learn.OptFloat(m.AlphaH); ok {
		ah = a * float64(v.Rows)
	}
	return &updates{
		beta: beta, v: v, w: w, h: h,
		l1w: aw * m.L1Ratio, l2w: aw * (1 - m.L1Ratio), l1h: ah * m.L1Ratio, l2h: ah * (1 - m.L1Ratio),
	}
}

// NMF writes X as a product W·H of matrices without negative values, in the Frobenius norm or another
// beta-divergence.
type NMF struct {
	nmf
	Solver  string `param:"solver=cd"` // coordinate descent, or mu: multiplicative updates
	Shuffle bool   `param:"shuffle=false" fixed:"true"`
}

// NewNMF returns one with scikit-learn's defaults.
func NewNMF() *NMF { m := &NMF{}; learn.Init(m); return m }

// Fit finds the parts.
func (m *NMF) Fit(x learn.Data, y *learn.Matrix) error {
	_, err := m.FitTransform(x, y)
	return err
}

// FitTransform finds the parts and returns W.
func (m *NMF) FitTransform(x learn.Data, _ *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Begin(x, nil)
	m.OneOf("Solver", m.Solver, "cd", "mu")
	beta := m.ready(v)
	if beta != 2 && m.Solver != "mu" {
		m.Fail("Solver cd minimizes the Frobenius norm, BetaLoss is %v; set Solver to mu", m.BetaLoss)
	}
	w, h := m.start(v, m.count(v))
	m.NIter = m.descend(v, w, h, beta, true)
	m.Components = h
	m.ReconstructionErr = reconstruction(v, w, h, beta)
	m.Done()
	return w, nil
}

func (m *nmf) nonNegative(v *learn.Matrix) {
	for i, a := range v.Data {
		if a < 0 {
			m.Fail("X has the negative value %g (row %d, column %d)", a, i/v.Cols, i%v.Cols)
		}
	}
}

// Transform returns W of rows for the parts of Fit.
func (m *NMF) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Ready(x)
	m.nonNegative(v)
	w := learn.NewMatrix(v.Rows, m.Components.Rows)
	if m.Solver == "mu" {
		a := math.Sqrt(average(v.Data) / float64(w.Cols))
		for i := range w.Data {
			w.Data[i] = a
		}
	}
	m.descend(v, w, m.Components.Clone(), betaOf(m.Name(), m.BetaLoss), false)
	return w, nil
}

// InverseTransform returns W·H.
func (m *nmf) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return learn.Mul(learn.Dense(m.Name(), x), m.Components), nil
}

func residual(v, w, h *learn.Matrix) float64 {
	s := 0.0
	for i, a := range learn.Mul(w, h).Data {
		s += (v.Data[i] - a) * (v.Data[i] - a)
	}
	return math.Sqrt(s)
}

// start returns the first W and H (Boutsidis and Gallopoulos 2008).
func (m *nmf) start(v *learn.Matrix, k int) (w, h *learn.Matrix) {
	kind := m.Init
	if kind == "" {
		kind = "nndsvda"
		if k > min(v.Rows, v.Cols) {
			kind = "random"
		}
	}
	m.OneOf("Init", kind, "random", "nndsvd", "nndsvda", "nndsvdar")
	mean := average(v.Data)
	r := random.New(m.RandomState)
	w, h = learn.NewMatrix(v.Rows, k), learn.NewMatrix(k, v.Cols)
	if kind == "random" {
		f := math.Sqrt(mean / float64(k))
		for i := range h.Data {
			h.Data[i] = math.Abs(f * r.Gauss())
		}
		for i := range w.Data {
			w.Data[i] = math.Abs(f * r.Gauss())
		}
		return w, h
	}
	if k > min(v.Rows, v.Cols) {
		m.Fail("Init %s allows at most %d components, got %d", kind, min(v.Rows, v.Cols), k)
	}
	u, s, vt := learn.SVD(v)
	for c := range k {
		a, b := u.Col(c), vt.Row(c)
		ap, an, bp, bn := halves(a), halves(negated(a)), halves(b), halves(negated(b))
		p, q := length(ap)*length(bp), length(an)*length(bn)
		x, y, f := ap, bp, p
		if q > p {
			x, y, f = an, bn, q
		}
		if c == 0 { // all of one sign
			x, y, f = absolute(a), absolute(b), 1
		}
		lx, ly := length(x), length(y)
		if c == 0 {
			lx, ly = 1, 1
		}
		g := math.Sqrt(s[c] * f)
		for i, e := range x {
			w.Set(i, c, g*e/lx)
		}
		for j, e := range y {
			h.Set(c, j, g*e/ly)
		}
	}
	for _, d := range [][]float64{w.Data, h.Data} {
		for i, e := range d {
			if e < 1e-6 {
				d[i] = 0
				switch kind {
				case "nndsvda":
					d[i] = mean
				case "nndsvdar":
					d[i] = math.Abs(mean * r.Gauss() / 100)
				}
			}
		}
	}
	return w, h
}

func halves(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = max(x, 0)
	}
	return out
}

func negated(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

func absolute(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Abs(x)
	}
	return out
}

func length(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x * x
	}
	return math.Sqrt(s)
}

// descend improves w, and h where both are free, and returns the rounds.
func (m *NMF) descend(v, w, h *learn.Matrix, beta float64, both bool) int {
	u := m.updates(v, w, h, beta)
	if m.Solver == "mu" {
		return m.multiply(u, both)
	}
	vt, ht := v.T(), h.T()
	first := 0.0
	rounds := 1
	for ; rounds <= m.MaxIter; rounds++ {
		m.Poll()
		change := sweep(v, w, ht, u.l1w, u.l2w)
		if both {
			change += sweep(vt, ht, w, u.l1h, u.l2h)
		}
		if rounds == 1 {
			first = change
		}
		if first == 0 || change/first <= m.Tol {
			break
		}
	}
	copy(h.Data, ht.T().Data)
	return min(rounds, m.MaxIter)
}

// sweep is one round of coordinate descent on w for v ≈ w·htᵀ; it returns the violation of the conditions.
func sweep(v, w, ht *learn.Matrix, l1, l2 float64) float64 {
	g, xh := learn.TMul(ht, ht), learn.Mul(v, ht)
	k := w.Cols
	for c := range k {
		g.Data[c*k+c] += l2
	}
	sum := 0.0
	for c := range k {
		for i := range w.Rows {
			row := w.Row(i)
			grad := l1 - xh.At(i, c)
			for q, e := range row {
				grad += g.At(c, q) * e
			}
			p := grad
			if row[c] == 0 {
				p = min(0, grad)
			}
			sum += math.Abs(p)
			if hess := g.At(c, c); hess != 0 {
				row[c] = max(row[c]-grad/hess, 0)
			}
		}
	}
	return sum
}

// multiply is the method of multiplicative updates (Lee and Seung 2001).
func (m *NMF) multiply(u *updates, both bool) int {
	start := reconstruction(u.v, u.w, u.h, u.beta)
	last := start
	for rounds := 1; rounds <= m.MaxIter; rounds++ {
		m.Poll()
		u.updateW()
		if both {
			u.updateH()
		}
		if m.Tol > 0 && rounds%10 == 0 {
			e := reconstruction(u.v, u.w, u.h, u.beta)
			if (last-e)/start < m.Tol {
				return rounds
			}
			last = e
		}
	}
	return m.MaxIter
}
