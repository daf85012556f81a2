package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/bayes"
	"github.com/lathe-ml/lathe/learn/discriminant"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/neural"
)

// line returns coef_ and intercept_ of estimators that have them.
func line(e learn.Estimator) (w *learn.Matrix, b []float64, ok bool) {
	a := learn.Attributes(e)
	w, _ = a["coef_"].(*learn.Matrix)
	switch v := a["intercept_"].(type) {
	case []float64:
		b = v
	case float64:
		b = []float64{v}
	}
	return w, b, w != nil && len(b) == w.Rows
}

// linearScores is X·coefᵀ + intercept as the decision of a classifier.
func (g *graph) linearScores(e learn.Estimator, x string, classes []float64) *scored {
	w, b, ok := line(e)
	if !ok {
		noForm(e)
	}
	return &scored{classes: classes, raw: g.affine(x, w, b), cols: w.Rows}
}

// logistic gives the probabilities of logit models.
func (g *graph) logistic(s *scored, ovr bool) *scored {
	switch {
	case s.cols == 1:
		s.proba = g.concat(g.sigmoid(g.op("Neg", nil, s.raw)), g.sigmoid(s.raw))
	case ovr:
		s.proba = g.softmax(g.logSigmoid(s.raw))
	default:
		s.proba = g.softmax(s.raw)
	}
	return s
}

func (g *graph) sigmoid(x string) string { return g.op("Sigmoid", nil, x) }

// logSigmoid is min(x, 0) − log(1 + exp(−|x|)): its softmax is the shares of sigmoids that underflow.
func (g *graph) logSigmoid(x string) string {
	small := g.op("Exp", nil, g.op("Neg", nil, g.op("Abs", nil, x)))
	return g.sub(g.op("Min", nil, x, g.scalar(0)), g.op("Log", nil, g.add(small, g.scalar(1))))
}

func (g *graph) descent(m *linear.SGDClassifier, x string) *scored {
	s := g.linearScores(m, x, m.Classes)
	if m.Loss == "log_loss" {
		g.logistic(s, true)
		if s.cols > 1 { // sigmoids of less are 0 in float64, and none of all zeros is likelier
			top := g.op("ReduceMax", list(attr("keepdims", 1)), s.raw, g.ints(1))
			s.proba = g.op("Where", nil, g.op("Less", nil, top, g.scalar(-709.78271289338397)),
				g.scalar(1/float64(s.cols)), s.proba)
		}
		return s
	}
	if m.Loss != "modified_huber" {
		return s
	}
	p := g.div(g.add(g.clip(s.raw, -1, 1), g.scalar(1)), g.scalar(2))
	if s.cols == 1 {
		s.proba = g.two(p)
		return s
	}
	sum := g.sum(p)
	none := g.op("Equal", nil, sum, g.scalar(0))
	s.proba = g.op("Where", nil, none, g.scalar(1/float64(s.cols)), g.div(p, g.op("Where", nil, none, g.scalar(1), sum)))
	return s
}

// joint makes a classifier from log(prior · likelihood) of each class.
func (g *graph) joint(classes []float64, j string) *scored {
	return &scored{classes: classes, raw: j, cols: max(len(classes), 2), proba: g.softmax(j)}
}

func (g *graph) gaussianNB(m *bayes.GaussianNB, x string) *scored {
	w, b := learn.NewMatrix(m.Theta.Rows, 2*m.Theta.Cols), make([]float64, m.Theta.Rows)
	for c := range b {
		b[c] = math.Log(m.ClassPrior[c])
		for j, v := range m.Var.Row(c) {
			mu := m.Theta.At(c, j)
			b[c] -= 0.5*math.Log(2*math.Pi*v) + 0.5*mu*mu/v
			w.Set(c, j, -0.5/v)
			w.Set(c, m.Theta.Cols+j, mu/v)
		}
	}
	j := g.wide(x, func(x string) string { return g.affine(g.concat(g.mul(x, x), x), w, b) })
	return g.joint(m.Classes, j)
}

func (g *graph) bernoulliNB(m *bayes.BernoulliNB, x string) *scored {
	w, b := m.FeatureLog.Clone(), append([]float64(nil), m.ClassLogPrior...)
	for c := range w.Rows {
		for j, v := range w.Row(c) {
			absent := math.Log1p(-math.Exp(v))
			b[c] += absent
			w.Row(c)[j] -= absent
		}
	}
	if limit, ok := learn.OptFloat(m.Binarize); ok {
		x = g.cast(g.above(x, limit))
	}
	return g.joint(m.Classes, g.wide(x, func(x string) string { return g.affine(x, w, b) }))
}

func (g *graph) complementNB(m *bayes.ComplementNB, x string) *scored {
	b := make([]float64, len(m.Classes))
	if len(b) == 1 {
		b[0] = m.ClassLogPrior[0]
	}
	return g.joint(m.Classes, g.wide(x, func(x string) string { return g.affine(x, m.FeatureLog, b) }))
}

func (g *graph) categoricalNB(m *bayes.CategoricalNB, x string) *scored {
	sum := ""
	for j, t := range m.CategoryLog {
		code := g.castTo(g.gather(x, []int{j}), int64Type)
		part := g.op("Gather", list(attr("axis", 0)), g.mat(t.T()), g.flat(code))
		if sum == "" {
			sum = g.add(part, g.vec(m.ClassLogPrior))
		} else {
			sum = g.add(sum, part)
		}
	}
	return g.joint(m.Classes, sum)
}

func (g *graph) quadratic(m *discriminant.QuadraticDiscriminantAnalysis, x string) *scored {
	j := g.wide(x, func(x string) string {
		var parts []string
		for c := range m.Classes {
			r := m.Rotations[c].Clone() // [features components]
			b := math.Log(m.Prior[c])
			for k, s := range m.Scalings[c] {
				b -= 0.5 * math.Log(s)
				for i := range r.Rows {
					r.Set(i, k, r.At(i, k)/math.Sqrt(s))
				}
			}
			z := g.matMul(g.sub(x, g.vec(m.Means.Row(c))), g.mat(r))
			parts = append(parts, g.sub(g.scalar(b), g.mul(g.scalar(0.5), g.sum(g.mul(z, z)))))
		}
		return g.concat(parts...)
	})
	s := g.joint(m.Classes, j)
	if len(m.Classes) == 2 {
		s.decision, s.decisionCols = g.sub(g.gather(j, []int{1}), g.gather(j, []int{0})), 1
	}
	return s
}

// network runs the layers of a perceptron.
func (g *graph) network(n *neural.Network, x string) string {
	for l, w := range n.Coefs {
		kind := n.Activation
		if l == len(n.Coefs)-1 {
			kind = n.Output
		}
		x = g.activate(kind, g.affine(x, w.T(), n.Intercepts[l]))
	}
	return x
}

func (g *graph) activate(kind, x string) string {
	switch kind {
	case "relu":
		return g.op("Relu", nil, x)
	case "tanh":
		return g.op("Tanh", nil, x)
	case "logistic":
		return g.sigmoid(x)
	case "softmax":
		return g.softmax(x)
	}
	return x
}

func (g *graph) perceptron(m *neural.MLPClassifier, x string) *scored {
	out := g.network(&m.Network, x)
	outputs := len(m.Intercepts[len(m.Intercepts)-1])
	switch {
	case m.Output == "logistic" && outputs > 1:
		refuse(m, "predicts several labels; convert one estimator for each label")
	case outputs == 1:
		out = g.two(out)
	}
	return &scored{classes: m.Classes, raw: out, cols: len(m.Classes), proba: out}
}
