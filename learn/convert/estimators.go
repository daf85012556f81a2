package convert

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/bayes"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/discriminant"
	"github.com/lathe-ml/lathe/learn/dummy"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/gp"
	"github.com/lathe-ml/lathe/learn/isotonic"
	"github.com/lathe-ml/lathe/learn/kernel"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/mixture"
	"github.com/lathe-ml/lathe/learn/multi"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/neural"
	"github.com/lathe-ml/lathe/learn/svm"
	"github.com/lathe-ml/lathe/learn/tree"
)

// classify converts a classifier.
func (g *graph) classify(e learn.Estimator, d data) *scored {
	e = unwrap(e)
	if s := g.classifyWrapped(e, d); s != nil {
		return s
	}
	if s := g.classifyMeta(e, d); s != nil {
		return s
	}
	x, _ := g.dense(e, d)
	if s := g.classifyTrees(e, x); s != nil {
		return s
	}
	switch m := e.(type) {
	case *bayes.GaussianNB:
		return g.gaussianNB(m, x)
	case *bayes.MultinomialNB:
		return g.joint(m.Classes, g.wide(x, func(x string) string {
			return g.affine(x, m.FeatureLog, m.ClassLogPrior)
		}))
	case *bayes.BernoulliNB:
		return g.bernoulliNB(m, x)
	case *bayes.ComplementNB:
		return g.complementNB(m, x)
	case *bayes.CategoricalNB:
		return g.categoricalNB(m, x)
	case *discriminant.QuadraticDiscriminantAnalysis:
		return g.quadratic(m, x)
	case *neighbors.KNeighborsClassifier:
		return g.nearestClasses(m, x)
	case *neighbors.RadiusNeighborsClassifier:
		return g.radiusClasses(m, x)
	case *neighbors.NearestCentroid:
		return g.centroid(m, x)
	case *svm.SVC:
		return g.voter(m, x, &m.Machine, &m.Kernel, m.Classes, m.Pairwise(), m.BreakTies)
	case *svm.NuSVC:
		return g.voter(m, x, &m.Machine, &m.Kernel, m.Classes, m.Pairwise(), m.BreakTies)
	case *neural.MLPClassifier:
		return g.perceptron(m, x)
	case *dummy.DummyClassifier:
		if m.Strategy == "stratified" || m.Strategy == "uniform" {
			refuse(m, "draws random labels")
		}
		p, err := m.PredictProba(learn.NewMatrix(1, max(1, m.NFeatures)))
		learn.Must(err)
		zero := g.mul(g.sum(x), g.scalar(0))
		return g.fixed(m.Classes, g.add(zero, g.mat(p)))
	}
	return g.classifyLinear(e, x)
}

func (g *graph) fixed(classes []float64, p string) *scored {
	return &scored{classes: classes, raw: p, cols: max(2, len(classes)), proba: p}
}

func (g *graph) classifyLinear(e learn.Estimator, x string) *scored {
	switch m := e.(type) {
	case *linear.LogisticRegression:
		return g.logistic(g.linearScores(m, x, m.Classes), m.Solver == "liblinear")
	case *linear.LogisticRegressionCV:
		return g.logistic(g.linearScores(m, x, m.Classes), m.Solver == "liblinear")
	case *discriminant.LinearDiscriminantAnalysis:
		return g.logistic(g.linearScores(m, x, m.Classes), false)
	case *linear.SGDClassifier:
		return g.descent(m, x)
	}
	classes, ok := learn.Attributes(e)["classes_"].([]float64)
	if !ok {
		noForm(e)
	}
	return g.linearScores(e, x, classes)
}

func (g *graph) classifyTrees(e learn.Estimator, x string) *scored {
	switch m := e.(type) {
	case *tree.DecisionTreeClassifier:
		return g.treeClasses(m, []*tree.Tree{m.Tree}, m.Classes, x)
	case *tree.ExtraTreeClassifier:
		return g.treeClasses(m, []*tree.Tree{m.Tree}, m.Classes, x)
	case *ensemble.RandomForestClassifier:
		return g.treeClasses(m, m.Trees, m.Classes, x)
	case *ensemble.ExtraTreesClassifier:
		return g.treeClasses(m, m.Trees, m.Classes, x)
	case *ensemble.GradientBoostingClassifier:
		raw, n := g.boosted(&m.Boosting, x)
		factor := 1.0
		if m.Loss == "exponential" {
			factor = 2
		}
		return g.odds(m.Classes, raw, n, factor)
	case *ensemble.HistGradientBoostingClassifier:
		raw, n := g.histogram(m, &m.Histogram, x)
		return g.odds(m.Classes, raw, n, 1)
	}
	return nil
}

// classifyWrapped converts classifiers that are made of others.
func (g *graph) classifyWrapped(e learn.Estimator, d data) *scored {
	switch m := e.(type) {
	case *compose.Pipeline:
		last, d := g.pipeline(m, d)
		return g.classify(last, d)
	case *ensemble.AdaBoostClassifier:
		return g.adaClasses(m, d)
	case *ensemble.BaggingClassifier:
		return g.bagClasses(m, d)
	case *multi.OneVsRestClassifier:
		return g.oneVsRest(m, d)
	case *ensemble.VotingClassifier:
		return g.voting(m, d)
	}
	return nil
}

// voting adds up the probabilities of the estimators, or the indicators of their labels.
func (g *graph) voting(m *ensemble.VotingClassifier, d data) *scored {
	codes := make([]float64, len(m.Classes)) // the estimators were fitted on them
	for i := range codes {
		codes[i] = float64(i)
	}
	sum, total := "", 0.0
	for i, e := range m.Estimators {
		s := g.classify(e, d)
		part, w := s.proba, 1.0
		if m.Voting == "hard" || part == "" {
			part = g.oneHot(s, codes)
		} else {
			part = g.spread(part, s.classes, codes)
		}
		if m.Weights != nil {
			w = m.Weights[i]
			part = g.mul(part, g.scalar(w))
		}
		if total += w; sum == "" {
			sum = part
		} else {
			sum = g.add(sum, part)
		}
	}
	out := &scored{classes: m.Classes, raw: sum, cols: max(2, len(m.Classes))}
	if m.Voting == "soft" {
		out.proba = g.div(sum, g.scalar(total))
	}
	return out
}

func (g *graph) oneVsRest(m *multi.OneVsRestClassifier, d data) *scored {
	if m.Multilabel {
		refuse(m, "predicts several labels; convert one estimator for each")
	}
	var raw, proba []string
	limit, probas := 0.0, true
	for _, e := range m.Estimators {
		s := g.classify(e, d)
		one, cols := s.decided()
		if _, ok := e.(learn.Decider); !ok || cols != 1 {
			one, limit = g.gather(s.proba, []int{1}), 0.5
		}
		raw = append(raw, one)
		if probas = probas && s.proba != ""; probas {
			proba = append(proba, g.gather(s.proba, []int{len(s.classes) - 1}))
		}
	}
	out := &scored{classes: m.Classes, raw: g.concat(raw...), cols: len(raw), limit: limit}
	switch {
	case !probas:
	case len(proba) == 1:
		out.proba = g.two(proba[0])
	default:
		out.proba = g.share(g.concat(proba...))
	}
	return out
}

// regress converts a regressor: [N n].
func (g *graph) regress(e learn.Estimator, d data) (y string, n int) {
	e = unwrap(e)
	if y, n := g.regressMeta(e, d); y != "" {
		return y, n
	}
	switch m := e.(type) {
	case *compose.Pipeline:
		last, d := g.pipeline(m, d)
		return g.regress(last, d)
	case *ensemble.AdaBoostRegressor:
		return g.adaNumbers(m, d), 1
	case *ensemble.BaggingRegressor:
		return g.bagNumbers(m, d)
	case *ensemble.VotingRegressor:
		sum, total := "", 0.0
		for i, one := range m.Estimators {
			part, w := "", 1.0
			if part, n = g.regress(one, d); m.Weights != nil {
				w = m.Weights[i]
				part = g.mul(part, g.scalar(w))
			}
			if total += w; sum == "" {
				sum = part
			} else {
				sum = g.add(sum, part)
			}
		}
		return g.div(sum, g.scalar(total)), n
	case *multi.MultiOutputRegressor:
		var parts []string
		for _, one := range m.Estimators {
			y, k := g.regress(one, d)
			parts, n = append(parts, y), n+k
		}
		return g.concat(parts...), n
	}
	x, _ := g.dense(e, d)
	switch m := e.(type) {
	case *tree.DecisionTreeRegressor:
		return g.votes([]*tree.Tree{m.Tree}, x)
	case *tree.ExtraTreeRegressor:
		return g.votes([]*tree.Tree{m.Tree}, x)
	case *ensemble.RandomForestRegressor:
		return g.votes(m.Trees, x)
	case *ensemble.ExtraTreesRegressor:
		return g.votes(m.Trees, x)
	case *ensemble.GradientBoostingRegressor:
		return g.boosted(&m.Boosting, x)
	case *ensemble.HistGradientBoostingRegressor:
		return g.histogram(m, &m.Histogram, x)
	case *neighbors.KNeighborsRegressor:
		return g.nearestNumbers(m, x)
	case *neighbors.RadiusNeighborsRegressor:
		return g.radiusNumbers(m, x)
	case *gp.GaussianProcessRegressor:
		return g.process(m, x)
	case *isotonic.IsotonicRegression:
		return g.isotonic(m, x), 1
	case *svm.SVR:
		return g.machine(m, x, &m.Machine, &m.Kernel, m.DualCoef.T(), m.Machine.Intercept), 1
	case *svm.NuSVR:
		return g.machine(m, x, &m.Machine, &m.Kernel, m.DualCoef.T(), m.Machine.Intercept), 1
	case *kernel.KernelRidge:
		return g.kernelRidge(m, x)
	case *neural.MLPRegressor:
		return g.network(&m.Network, x), len(m.Intercepts[len(m.Intercepts)-1])
	case *dummy.DummyRegressor:
		return g.add(g.mul(g.sum(x), g.scalar(0)), g.floats(m.Value, 1, len(m.Value))), len(m.Value)
	}
	w, b, ok := line(e)
	if !ok {
		noForm(e)
	}
	y = g.affine(x, w, b)
	switch e.(type) {
	case *linear.PoissonRegressor, *linear.GammaRegressor:
		y = g.op("Exp", nil, y)
	}
	return y, w.Rows
}

// group converts clusterers, mixtures and outlier detectors: labels [N] of int64, and scores [N n].
func (g *graph) group(e learn.Estimator, d data) (label, scores string, n int) {
	e = unwrap(e)
	if m, ok := e.(*compose.Pipeline); ok {
		last, d := g.pipeline(m, d)
		return g.group(last, d)
	}
	x, _ := g.dense(e, d)
	if c, labels := nearestGroups(e); c != nil {
		label, scores, n = g.centers(x, c)
		if labels != nil {
			label = g.op("Gather", nil, g.ints(labels...), label)
		}
		return label, scores, n
	}
	if s := g.outliers(e, x); s != "" {
		return g.verdict(s), s, 1
	}
	switch m := e.(type) {
	case *mixture.GaussianMixture:
		return g.mixture(m, x)
	case *mixture.BayesianGaussianMixture:
		return g.normals(x, m.Means, m.PrecisionsCholesky(), m.LogWeights())
	case *linear.SGDOneClassSVM:
		s := g.affine(x, m.Coef, []float64{-m.Offset[0]})
		return g.verdict(s), s, 1
	case *svm.OneClassSVM:
		s := g.machine(m, x, &m.Machine, &m.Kernel, m.DualCoef.T(), m.Machine.Intercept)
		in := g.flat(g.castTo(g.above(s, 0), int64Type))
		return g.sub(g.op("Mul", nil, in, g.ints(2)), g.ints(1)), s, 1
	}
	noForm(e)
	return "", "", 0
}
