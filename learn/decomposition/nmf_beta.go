package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
)

const (
	epsilon32 = 1.1920928955078125e-07 // of float32: divisors are at least this
	epsilon64 = 2.220446049250313e-16
)

// betaOf returns the exponent of a loss of NMF.
func betaOf(where string, loss any) float64 {
	switch loss {
	case "frobenius":
		return 2
	case "kullback-leibler":
		return 1
	case "itakura-saito":
		return 0
	}
	b, ok := learn.OptFloat(loss)
	if !ok {
		learn.Fail(where, "BetaLoss is %v; want frobenius, kullback-leibler, itakura-saito or a number", loss)
	}
	return b
}

// updates are the multiplicative updates of NMF (Févotte and Idier 2011).
type updates struct {
	beta           float64
	l1w, l2w       float64
	l1h, l2h       float64
	memoryN        *learn.Matrix // numerators and denominators of old batches, for mini-batches
	memoryD        *learn.Matrix
	rho            float64
	w, h, v        *learn.Matrix
	ratio, powered *learn.Matrix // V·(WH)^(β−2) and (WH)^(β−1)
}

// gamma is the exponent that keeps the updates monotonic.
func (u *updates) gamma() float64 {
	switch {
	case u.beta < 1:
		return 1 / (2 - u.beta)
	case u.beta > 2:
		return 1 / (u.beta - 1)
	}
	return 1
}

// residuals prepares ratio and powered for losses other than the Frobenius norm.
func (u *updates) residuals() {
	u.ratio = learn.Mul(u.w, u.h)
	u.powered = u.ratio.Clone()
	for i, a := range u.ratio.Data {
		p := a
		if u.beta < 1 {
			p = max(p, epsilon32)
		}
		u.powered.Data[i] = math.Pow(p, u.beta-1)
		if u.beta < 2 {
			a = max(a, epsilon32)
		}
		u.ratio.Data[i] = u.v.Data[i] * math.Pow(a, u.beta-2)
	}
}

// sums returns the sums over rows or columns as a matrix like m, each 0 replaced by zero.
func sums(like, m *learn.Matrix, byRow bool, zero float64) *learn.Matrix {
	s := make([]float64, max(m.Rows, m.Cols))
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if byRow {
				s[i] += v
			} else {
				s[j] += v
			}
		}
	}
	out := learn.NewMatrix(like.Rows, like.Cols)
	for i := range out.Rows {
		for j := range out.Row(i) {
			k := j
			if !byRow {
				k = i
			}
			out.Set(i, j, s[k])
			if s[k] == 0 {
				out.Set(i, j, zero)
			}
		}
	}
	return out
}

func penalized(den, m *learn.Matrix, l1, l2 float64) {
	for i := range den.Data {
		den.Data[i] += l1 + l2*m.Data[i]
		if den.Data[i] == 0 {
			den.Data[i] = epsilon32
		}
	}
}

// updateW improves W.
func (u *updates) updateW() {
	var num, den *learn.Matrix
	if u.beta == 2 {
		num, den = learn.MulT(u.v, u.h), learn.Mul(u.w, learn.MulT(u.h, u.h))
	} else {
		u.residuals()
		num = learn.MulT(u.ratio, u.h)
		if u.beta == 1 {
			den = sums(u.w, u.h, true, 0)
		} else {
			den = learn.MulT(u.powered, u.h)
		}
	}
	penalized(den, u.w, u.l1w, u.l2w)
	g := u.gamma()
	for i, a := range num.Data {
		f := a / den.Data[i]
		if g != 1 {
			f = math.Pow(f, g)
		}
		u.w.Data[i] *= f
		if u.beta < 1 && u.w.Data[i] < epsilon64 {
			u.w.Data[i] = 0
		}
	}
}

// updateH improves H.
func (u *updates) updateH() {
	var num, den *learn.Matrix
	if u.beta == 2 {
		num, den = learn.TMul(u.w, u.v), learn.Mul(learn.TMul(u.w, u.w), u.h)
	} else {
		u.residuals()
		num = learn.TMul(u.w, u.ratio)
		if u.beta == 1 {
			den = sums(u.h, u.w, false, 1)
		} else {
			den = learn.TMul(u.w, u.powered)
		}
	}
	penalized(den, u.h, u.l1h, u.l2h)
	g := u.gamma()
	for i, a := range num.Data {
		if u.memoryN != nil {
			u.memoryN.Data[i] = u.rho*u.memoryN.Data[i] + a*math.Pow(u.h.Data[i], 1/g)
			u.memoryD.Data[i] = u.rho*u.memoryD.Data[i] + den.Data[i]
			u.h.Data[i] = math.Pow(u.memoryN.Data[i]/u.memoryD.Data[i], g)
		} else {
			u.h.Data[i] *= math.Pow(a/den.Data[i], g)
		}
		if u.beta <= 1 && u.h.Data[i] < epsilon64 {
			u.h.Data[i] = 0
		}
	}
}

// divergence is the beta-divergence of V from W·H.
func divergence(v, w, h *learn.Matrix, beta float64) float64 {
	wh, sum := learn.Mul(w, h), 0.0
	for i, a := range v.Data {
		b := wh.Data[i]
		switch {
		case beta == 2:
			sum += (a - b) * (a - b) / 2
		case beta == 1:
			sum += b - a
			if a > epsilon32 {
				sum += a * math.Log(a/max(b, epsilon32))
			}
		case beta == 0:
			sum--
			if a > epsilon32 {
				r := a / max(b, epsilon32)
				sum += r - math.Log(r)
			}
		default:
			t := math.Pow(b, beta) * (beta - 1)
			if a > epsilon32 {
				t += math.Pow(a, beta) - beta*a*math.Pow(max(b, epsilon32), beta-1)
			}
			sum += t / (beta * (beta - 1))
		}
	}
	return sum
}

// reconstruction is √(2·divergence), the Frobenius norm for beta 2.
func reconstruction(v, w, h *learn.Matrix, beta float64) float64 {
	return math.Sqrt(2 * max(divergence(v, w, h, beta), 0))
}

// MiniBatchNMF is NMF that sees a part of the rows at a time (Lefèvre et al. 2011).
type MiniBatchNMF struct {
	nmf
	BatchSize            int     `param:"batch_size=1024"`
	MaxNoImprovement     any     `param:"max_no_improvement=10"`
	ForgetFactor         float64 `param:"forget_factor=0.7"` // 1 forgets no batch
	FreshRestarts        bool    `param:"fresh_restarts=false"`
	FreshRestartsMaxIter int     `param:"fresh_restarts_max_iter=30"`
	TransformMaxIter     any     `param:"transform_max_iter=None"` // nil: MaxIter

	NSteps int `fit:"n_steps_"`

	memoryN, memoryD *learn.Matrix
}

// NewMiniBatchNMF returns one with scikit-learn's defaults.
func NewMiniBatchNMF() *MiniBatchNMF { m := &MiniBatchNMF{}; learn.Init(m); return m }

// Fit finds the parts.
func (m *MiniBatchNMF) Fit(x learn.Data, y *learn.Matrix) error {
	_, err := m.FitTransform(x, y)
	return err
}

// step improves w and h by one batch and returns its mean loss.
func (m *MiniBatchNMF) step(v, w, h *learn.Matrix, rows int, beta float64) float64 {
	u := m.updates(v, w, h, beta)
	u.memoryN, u.memoryD = m.memoryN, m.memoryD
	u.rho = math.Pow(m.ForgetFactor, float64(min(m.BatchSize, rows))/float64(rows))
	if m.FreshRestarts {
		copy(w.Data, m.solveW(v, h, beta, m.FreshRestartsMaxIter).Data)
	} else {
		u.updateW()
	}
	cost := divergence(v, w, h, beta)
	for _, a := range w.Data {
		cost += u.l1w*a + u.l2w*a*a
	}
	for _, a := range h.Data {
		cost += u.l1h*a + u.l2h*a*a
	}
	u.updateH()
	return cost / float64(v.Rows)
}

// solveW finds W of rows for given parts.
func (m *MiniBatchNMF) solveW(v, h *learn.Matrix, beta float64, rounds int) *learn.Matrix {
	w := learn.NewMatrix(v.Rows, h.Rows)
	start := math.Sqrt(average(v.Data) / float64(h.Rows))
	for i := range w.Data {
		w.Data[i] = start
	}
	u := m.updates(v, w, h, beta)
	for range rounds {
		m.Poll()
		old := w.Clone()
		u.updateW()
		if m.Tol > 0 && moved(w, old) <= m.Tol*length(w.Data) {
			break
		}
	}
	return w
}

// FitTransform finds the parts and returns W.
func (m *MiniBatchNMF) FitTransform(x learn.Data, _ *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Begin(x, nil)
	beta := m.ready(v)
	if m.BatchSize < 1 {
		m.Fail("BatchSize is %d; want 1 or more", m.BatchSize)
	}
	w, h := m.start(v, m.count(v))
	m.remember(h)
	size := min(m.BatchSize, v.Rows)
	each := (v.Rows + size - 1) / size
	rest := batchRest{tol: m.Tol, rows: v.Rows, warm: 1}
	rest.patience, rest.limited = learn.OptInt(m.MaxNoImprovement)
	for m.NSteps = 0; m.NSteps < m.MaxIter*each; {
		m.Poll()
		at := m.NSteps % each * size
		part, old := span(v, at, min(at+size, v.Rows)), h.Clone()
		cost := m.step(part, span(w, at, min(at+size, v.Rows)), h, v.Rows, beta)
		m.NSteps++
		if rest.after(cost, moved(h, old)/length(h.Data), m.NSteps, part.Rows) {
			break
		}
	}
	if m.FreshRestarts {
		w = m.solveW(v, h, beta, m.rounds())
	}
	m.Components, m.NIter = h, (m.NSteps+each-1)/each
	m.ReconstructionErr = reconstruction(v, w, h, beta)
	m.Done()
	return w, nil
}

// remember starts the memory of batches.
func (m *MiniBatchNMF) remember(h *learn.Matrix) {
	m.memoryN, m.memoryD = h.Clone(), learn.NewMatrix(h.Rows, h.Cols)
	for i := range m.memoryD.Data {
		m.memoryD.Data[i] = 1
	}
}

func (m *MiniBatchNMF) rounds() int {
	if n, ok := learn.OptInt(m.TransformMaxIter); ok {
		return n
	}
	return m.MaxIter
}

// PartialFit learns from one batch.
func (m *MiniBatchNMF) PartialFit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	first := !m.Fitted() || m.memoryN == nil
	var v *learn.Matrix
	if first {
		v = m.Begin(x, nil)
	} else {
		v = m.Ready(x)
	}
	beta := m.ready(v)
	if first {
		_, m.Components = m.start(v, m.count(v))
		m.remember(m.Components)
		m.NSteps = 0
	}
	w := m.solveW(v, m.Components, beta, m.FreshRestartsMaxIter)
	u := m.updates(v, w, m.Components, beta)
	u.memoryN, u.memoryD = m.memoryN, m.memoryD
	u.rho = math.Pow(m.ForgetFactor, float64(min(m.BatchSize, v.Rows))/float64(v.Rows))
	u.updateH()
	m.NSteps++
	m.Done()
	return nil
}

// Transform returns W of rows for the parts of Fit.
func (m *MiniBatchNMF) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Ready(x)
	m.nonNegative(v)
	return m.solveW(v, m.Components, betaOf(m.Name(), m.BetaLoss), m.rounds()), nil
}

// span is rows lo … hi of m, without a copy.
func span(m *learn.Matrix, lo, hi int) *learn.Matrix {
	return &learn.Matrix{Rows: hi - lo, Cols: m.Cols, Data: m.Data[lo*m.Cols : hi*m.Cols]}
}
