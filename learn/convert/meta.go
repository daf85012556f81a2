package convert

import (
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/calibration"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/multi"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/semi"
)

// unwrap returns the estimator that answers for e: the best one of a search, the one within a frozen or self-trained one.
func unwrap(e learn.Estimator) learn.Estimator {
	for {
		switch m := e.(type) {
		case *compose.FrozenEstimator:
			e = m.Estimator
			continue
		case *semi.SelfTrainingClassifier:
			e = m.Final
			continue
		}
		best, ok := learn.Attributes(e)["best_estimator_"].(learn.Estimator)
		if !ok || best == nil {
			return e
		}
		e = best
	}
}

// classifyMeta converts further classifiers that are made of others.
func (g *graph) classifyMeta(e learn.Estimator, d data) *scored {
	switch m := e.(type) {
	case *calibration.CalibratedClassifierCV:
		return g.calibrated(m, d)
	case *calibration.FixedThresholdClassifier:
		limit, given := learn.OptFloat(m.Threshold)
		pos := 1
		if v, ok := learn.OptFloat(m.PosLabel); ok {
			pos = max(slices.Index(m.Classes, v), 0)
		}
		return g.threshold(m, m.Final, d, m.Response, pos, limit, given)
	case *calibration.TunedThresholdClassifierCV:
		return g.threshold(m, m.Final, d, m.Response, 1, m.BestThreshold, true)
	case *ensemble.StackingClassifier:
		s := *g.classify(m.Final, g.stacked(m, &m.Stack, d, len(m.Classes)))
		classes := make([]float64, len(s.classes))
		for i, code := range s.classes {
			classes[i] = m.Classes[int(code)]
		}
		s.classes = classes
		return &s
	case *multi.OneVsOneClassifier:
		return g.oneVsOne(m, d)
	case *multi.OutputCodeClassifier:
		return g.outputCode(m, d)
	case *multi.MultiOutputClassifier, *multi.ClassifierChain:
		noForm(e)
	}
	return nil
}

// response returns a classifier's decision function, or the probability of its last class: [N n], one column for two classes.
func (g *graph) response(e learn.Estimator, d data) (s *scored, raw string, cols int) {
	s = g.classify(e, d)
	if _, ok := e.(learn.Decider); ok {
		raw, cols = s.decided()
		return s, raw, cols
	}
	if s.proba == "" {
		refuse(e, "has neither a decision function nor probabilities")
	}
	if len(s.classes) == 2 {
		return s, g.gather(s.proba, []int{1}), 1
	}
	return s, s.proba, len(s.classes)
}

// calibrated is the mean over members of their calibrated and normalised scores.
func (g *graph) calibrated(m *calibration.CalibratedClassifierCV, d data) *scored {
	sum := ""
	members := m.Members()
	for _, c := range members {
		_, raw, _ := g.response(c.Estimator, d)
		var parts []string
		for k := range c.Classes {
			one := g.gather(raw, []int{k})
			if iso := c.Isotonic[k]; iso != nil {
				parts = append(parts, g.wide(one, func(x string) string { return g.interpolate(x, iso.XThresholds, iso.YThresholds) }))
				continue
			}
			a, b := c.Sigmoid[k][0], c.Sigmoid[k][1]
			parts = append(parts, g.sigmoid(g.add(g.mul(one, g.scalar(-a)), g.scalar(-b))))
		}
		p := g.concat(parts...)
		if len(parts) == 1 {
			p = g.two(p)
		} else {
			own := make([]float64, len(c.Classes))
			for i, k := range c.Classes {
				own[i] = m.Classes[k]
			}
			p = g.spread(p, own, m.Classes)
			total := g.sum(p)
			none := g.op("Equal", nil, total, g.scalar(0))
			p = g.op("Where", nil, none, g.scalar(1/float64(len(m.Classes))), g.div(p, g.op("Where", nil, none, g.scalar(1), total)))
		}
		if sum == "" {
			sum = p
		} else {
			sum = g.add(sum, p)
		}
	}
	return g.fixed(m.Classes, g.div(sum, g.scalar(float64(len(members)))))
}

// threshold compares the score of the positive class with a limit.
func (g *graph) threshold(e, final learn.Estimator, d data, how string, pos int, limit float64, given bool) *scored {
	s := *g.classify(final, d)
	var score string
	if s.proba != "" && how != "decision_function" {
		if score = g.gather(s.proba, []int{pos}); !given {
			limit = 0.5
		}
	} else {
		var cols int
		if score, cols = s.decided(); cols != 1 {
			refuse(e, "has a decision function of %d columns; want one", cols)
		}
		if pos == 0 {
			score = g.op("Neg", nil, score)
		}
	}
	hit := g.cast(g.op("GreaterOrEqual", nil, score, g.scalar(limit)))
	if pos == 0 {
		hit = g.sub(g.scalar(1), hit)
	}
	s.raw, s.cols, s.limit = hit, 1, 0.5
	s.decision, s.decisionCols = score, 1
	return &s
}

// stacked puts the answers of the estimators beside each other, of two probabilities only the second, and the data after them.
func (g *graph) stacked(e learn.Estimator, m *ensemble.Stack, d data, classes int) data {
	var parts []string
	n := 0
	for k, one := range m.Estimators {
		var part string
		cols := 1
		switch {
		case classes == 0:
			part, cols = g.regress(one, d)
		case m.Methods[k] == "predict":
			part = g.op("Reshape", nil, g.cast(g.classify(one, d).label(g)), g.ints(-1, 1))
		case m.Methods[k] == "predict_proba":
			if part, cols = g.classify(one, d).proba, classes; classes == 2 {
				part, cols = g.gather(part, []int{1}), 1
			}
		default:
			part, cols = g.classify(one, d).decided()
		}
		parts, n = append(parts, part), n+cols
	}
	if m.Passthrough {
		x, cols := g.dense(e, d)
		parts, n = append(parts, x), n+cols
	}
	return data{matrix: g.concat(parts...), cols: n}
}

// oneVsOne counts the votes of pairs; confidences decide between equals.
func (g *graph) oneVsOne(m *multi.OneVsOneClassifier, d data) *scored {
	pairs := m.Pairs()
	n := len(m.Classes)
	second, both := learn.NewMatrix(len(pairs), n), learn.NewMatrix(len(pairs), n)
	first := learn.NewMatrix(len(pairs), n)
	var won, conf []string
	for k, e := range m.Estimators {
		s, raw, _ := g.response(e, d)
		if n == 2 {
			limit := 0.0
			if _, ok := e.(learn.Decider); !ok {
				limit = 0.5
			}
			return &scored{classes: m.Classes, raw: raw, cols: 1, limit: limit}
		}
		won = append(won, g.op("Reshape", nil, g.cast(s.label(g)), g.ints(-1, 1)))
		conf = append(conf, raw)
		first.Set(k, pairs[k][0], 1)
		second.Set(k, pairs[k][1], 1)
		both.Set(k, pairs[k][0], -1)
		both.Set(k, pairs[k][1], 1)
	}
	w := g.concat(won...)
	votes := g.add(g.matMul(w, g.mat(second)), g.matMul(g.sub(g.scalar(1), w), g.mat(first)))
	sum := g.matMul(g.concat(conf...), g.mat(both))
	part := g.div(sum, g.mul(g.scalar(3), g.add(g.op("Abs", nil, sum), g.scalar(1))))
	return &scored{classes: m.Classes, raw: g.add(votes, part), cols: n}
}

// outputCode chooses the class whose code is nearest to the scores.
func (g *graph) outputCode(m *multi.OutputCodeClassifier, d data) *scored {
	x, _ := g.dense(m, d)
	var parts []string
	for _, e := range m.Estimators {
		if v, ok := multi.Constant(e); ok {
			parts = append(parts, g.add(g.mul(g.gather(x, []int{0}), g.scalar(0)), g.scalar(v)))
			continue
		}
		_, raw, _ := g.response(e, d)
		parts = append(parts, raw)
	}
	near := g.wide(g.concat(parts...), func(s string) string { return g.op("Neg", nil, g.squares(s, m.CodeBook)) })
	return &scored{classes: m.Classes, raw: near, cols: max(2, len(m.Classes))}
}

// regressMeta converts further regressors that are made of others, or returns "".
func (g *graph) regressMeta(e learn.Estimator, d data) (y string, n int) {
	switch m := e.(type) {
	case *ensemble.StackingRegressor:
		return g.regress(m.Final, g.stacked(m, &m.Stack, d, 0))
	case *linear.RANSACRegressor:
		return g.regress(m.Final, d)
	case *multi.RegressorChain:
		return g.chain(m, d)
	case *compose.TransformedTargetRegressor:
		y, n = g.regress(m.Regressor, d)
		if m.InverseFunc != nil {
			refuse(m, "calls a function in Go")
		}
		if m.Transformer == nil {
			return y, n
		}
		return g.undo(m, m.Transformer, y, n)
	}
	return "", 0
}

// chain gives each link the outputs before it.
func (g *graph) chain(m *multi.RegressorChain, d data) (y string, n int) {
	x, cols := g.dense(m, d)
	parts := make([]string, len(m.Used))
	for k, e := range m.Links {
		y, _ := g.regress(e, data{matrix: x, cols: cols + k})
		parts[m.Used[k]] = y
		x = g.concat(x, y)
	}
	return g.concat(parts...), len(parts)
}

// undo is the inverse of a scaler, which is affine: its images of 0 and of unit vectors tell it.
func (g *graph) undo(m, scaler learn.Estimator, y string, n int) (string, int) {
	switch scaler.(type) {
	case *preprocess.StandardScaler, *preprocess.MinMaxScaler, *preprocess.MaxAbsScaler, *preprocess.RobustScaler:
	default:
		refuse(m, "undoes %s, which has no form in ONNX", scaler.Core().Name())
	}
	w, b := affineOf(n, scaler.(learn.Inverts).InverseTransform)
	return g.add(g.matMul(y, g.mat(w)), g.vec(b)), w.Cols
}

// affineOf finds w and b of an affine function x·w + b of n columns.
func affineOf(n int, f func(learn.Data) (learn.Data, error)) (w *learn.Matrix, b []float64) {
	unit := learn.NewMatrix(n+1, n)
	for j := range n {
		unit.Set(j+1, j, 1)
	}
	d, err := f(unit)
	learn.Must(err)
	image := learn.Dense("convert", d)
	b = append([]float64(nil), image.Row(0)...)
	w = learn.NewMatrix(n, image.Cols)
	for j := range n {
		for k, v := range image.Row(j + 1) {
			w.Set(j, k, v-b[k])
		}
	}
	return w, b
}
