// Package search evaluates and tunes estimators by cross-validation.
//
//	scores, err := search.CrossValScore(svm.NewSVC(), x, y, search.Options{Folds: 5})
//	g := search.NewGridSearchCV()
//	g.Estimator = svm.NewSVC()
//	g.ParamGrid = []map[string][]any{{"C": {0.1, 1, 10}}}
//	err = g.Fit(x, y)
//
// Fits run on all threads. Splitters are in learn/split, measures in learn/metric.
package search

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/split"
)

// ScoreFunc scores a fitted estimator; larger is better.
type ScoreFunc func(e learn.Estimator, x learn.Data, y *learn.Matrix) (float64, error)

// byPrediction scores predictions.
func byPrediction(f func(y, p *learn.Matrix) float64) ScoreFunc {
	return func(e learn.Estimator, x learn.Data, y *learn.Matrix) (s float64, err error) {
		defer learn.Catch(&err)
		pr, ok := e.(learn.Predictor)
		if !ok {
			learn.Fail(e.Core().Name(), "does not predict")
		}
		p, err := pr.Predict(x)
		learn.Must(err)
		return f(y, p), nil
	}
}

// byProba scores probabilities.
func byProba(f func(y, p *learn.Matrix) float64) ScoreFunc {
	return func(e learn.Estimator, x learn.Data, y *learn.Matrix) (s float64, err error) {
		defer learn.Catch(&err)
		pr, ok := e.(learn.Prober)
		if !ok {
			learn.Fail(e.Core().Name(), "has no probabilities")
		}
		p, err := pr.PredictProba(x)
		learn.Must(err)
		return f(y, p), nil
	}
}

// byDecision scores decision values, else the probability of the second class.
func byDecision(f func(y, s *learn.Matrix) float64) ScoreFunc {
	return func(e learn.Estimator, x learn.Data, y *learn.Matrix) (s float64, err error) {
		defer learn.Catch(&err)
		if d, ok := e.(learn.Decider); ok {
			v, err := d.DecisionFunction(x)
			learn.Must(err)
			return f(y, v), nil
		}
		p, ok := e.(learn.Prober)
		if !ok {
			learn.Fail(e.Core().Name(), "has neither decisions nor probabilities")
		}
		v, err := p.PredictProba(x)
		learn.Must(err)
		if v.Cols == 2 {
			v = learn.Column(v.Col(1))
		}
		return f(y, v), nil
	}
}

func averaged(how string, f func(y, p *learn.Matrix, o ...metric.Options) float64) ScoreFunc {
	return byPrediction(func(y, p *learn.Matrix) float64 { return f(y, p, metric.Options{Average: how}) })
}

func negative(f func(y, p *learn.Matrix, o ...metric.Outputs) float64) ScoreFunc {
	return byPrediction(func(y, p *learn.Matrix) float64 { return -f(y, p) })
}

// scorers are the scores by scikit-learn's names.
var scorers = func() map[string]ScoreFunc {
	m := map[string]ScoreFunc{
		"accuracy": byPrediction(func(y, p *learn.Matrix) float64 { return metric.Accuracy(y, p) }),
		"balanced_accuracy": byPrediction(func(y, p *learn.Matrix) float64 {
			return metric.BalancedAccuracy(y, p)
		}),
		"matthews_corrcoef":                  byPrediction(func(y, p *learn.Matrix) float64 { return metric.Matthews(y, p) }),
		"r2":                                 byPrediction(func(y, p *learn.Matrix) float64 { return metric.R2(y, p) }),
		"max_error":                          byPrediction(func(y, p *learn.Matrix) float64 { return -metric.MaxError(y, p) }),
		"neg_max_error":                      byPrediction(func(y, p *learn.Matrix) float64 { return -metric.MaxError(y, p) }),
		"explained_variance":                 byPrediction(func(y, p *learn.Matrix) float64 { return metric.ExplainedVariance(y, p) }),
		"neg_mean_squared_error":             negative(metric.MSE),
		"neg_root_mean_squared_error":        negative(metric.RMSE),
		"neg_mean_absolute_error":            negative(metric.MAE),
		"neg_median_absolute_error":          negative(metric.MedianAE),
		"neg_mean_squared_log_error":         negative(metric.MSLE),
		"neg_mean_absolute_percentage_error": negative(metric.MAPE),
		"neg_mean_poisson_deviance": byPrediction(func(y, p *learn.Matrix) float64 {
			return -metric.Tweedie(y, p, metric.Outputs{Power: 1})
		}),
		"neg_mean_gamma_deviance": byPrediction(func(y, p *learn.Matrix) float64 {
			return -metric.Tweedie(y, p, metric.Outputs{Power: 2})
		}),
		"neg_log_loss":      byProba(func(y, p *learn.Matrix) float64 { return -metric.LogLoss(y, p) }),
		"neg_brier_score":   byProba(func(y, p *learn.Matrix) float64 { return -metric.Brier(y, p) }),
		"roc_auc":           byDecision(func(y, s *learn.Matrix) float64 { return metric.RocAUC(y, s) }),
		"average_precision": byDecision(func(y, s *learn.Matrix) float64 { return metric.AveragePrecision(y, s) }),
		"roc_auc_ovr":       byProba(func(y, p *learn.Matrix) float64 { return metric.RocAUCMulti(y, p, "ovr") }),
		"roc_auc_ovo":       byProba(func(y, p *learn.Matrix) float64 { return metric.RocAUCMulti(y, p, "ovo") }),
		"top_k_accuracy":    byProba(func(y, p *learn.Matrix) float64 { return metric.TopK(y, p) }),
	}
	for name, f := range map[string]func(y, p *learn.Matrix, o ...metric.Options) float64{
		"f1": metric.F1, "precision": metric.Precision, "recall": metric.Recall, "jaccard": metric.Jaccard,
	} {
		m[name] = averaged("binary", f)
		for _, how := range []string{"macro", "micro", "weighted", "samples"} {
			m[name+"_"+how] = averaged(how, f)
		}
	}
	return m
}()

// ScorerNames lists the names that ScorerOf knows.
func ScorerNames() []string { return slices.Sorted(maps.Keys(scorers)) }

// ScorerOf returns the score of that name; "" is the estimator's own.
func ScorerOf(name string) (ScoreFunc, error) {
	if name == "" {
		return func(e learn.Estimator, x learn.Data, y *learn.Matrix) (s float64, err error) {
			defer learn.Catch(&err)
			sc, ok := e.(learn.Scorer)
			if !ok {
				learn.Fail(e.Core().Name(), "has no score; name one of %s", strings.Join(ScorerNames(), ", "))
			}
			return sc.Score(x, y)
		}, nil
	}
	if f, ok := scorers[name]; ok {
		return f, nil
	}
	return nil, failure("score %q is unknown; known: %s", name, strings.Join(ScorerNames(), ", "))
}

func failure(format string, args ...any) (err error) {
	defer learn.Catch(&err)
	learn.Fail("search", format, args...)
	return nil
}

// Options say how to cross-validate.
type Options struct {
	Folds    int            // 0 means 5; stratified for classifiers
	Splitter split.Splitter // instead of Folds
	Groups   []float64
	Scoring  string    // see ScorerNames; "" is the estimator's own score
	Score    ScoreFunc // instead of Scoring
	Weights  []float64 // of rows, for Fit
	Train    bool      // score the train rows too
}

// folds returns the divisions of the rows.
func (o *Options) folds(e learn.Estimator, rows int, y *learn.Matrix) []split.Fold {
	s := o.Splitter
	if s == nil {
		k := o.Folds
		if k == 0 {
			k = 5
		}
		s = split.For(k, y, learn.KindOf(e) == learn.KindClassifier)
	}
	var t []float64
	if y != nil {
		t = y.Col(0)
	}
	f, err := s.Split(rows, t, o.Groups)
	learn.Must(err)
	return f
}

func (o *Options) scorer() ScoreFunc {
	if o.Score != nil {
		return o.Score
	}
	f, err := ScorerOf(o.Scoring)
	learn.Must(err)
	return f
}

// Scores are the results of CrossValidate, one for each fold.
type Scores struct {
	Test, Train []float64
	Estimators  []learn.Estimator
}

// CrossValidate fits a clone of e for each fold and scores it on the test rows.
func CrossValidate(e learn.Estimator, x learn.Data, y *learn.Matrix, o Options) (s *Scores, err error) {
	defer learn.Catch(&err)
	rows, _ := x.Dims()
	folds := o.folds(e, rows, y)
	s = &Scores{
		Test: make([]float64, len(folds)), Train: make([]float64, len(folds)),
		Estimators: make([]learn.Estimator, len(folds)),
	}
	score := o.scorer()
	errs := make([]error, len(folds))
	engine.Parallel(len(folds), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			s.Estimators[k] = learn.Clone(e)
			s.Test[k], s.Train[k], errs[k] = one(s.Estimators[k], x, y, o, folds[k], score)
		}
	})
	for _, e := range errs {
		learn.Must(e)
	}
	return s, nil
}

// one fits and scores one fold.
func one(e learn.Estimator, x learn.Data, y *learn.Matrix, o Options, f split.Fold, score ScoreFunc,
) (test, train float64, err error) {
	xt := learn.TakeRows(x, f.Train)
	if err := learn.Fit(e, xt, y.Take(f.Train), learn.TakeFloats(o.Weights, f.Train)); err != nil {
		return 0, 0, err
	}
	if test, err = score(e, learn.TakeRows(x, f.Test), y.Take(f.Test)); err != nil {
		return 0, 0, err
	}
	if o.Train {
		train, err = score(e, xt, y.Take(f.Train))
	}
	return test, train, err
}

// CrossValScore returns the scores on the test rows.
func CrossValScore(e learn.Estimator, x learn.Data, y *learn.Matrix, o Options) ([]float64, error) {
	s, err := CrossValidate(e, x, y, o)
	if err != nil {
		return nil, err
	}
	return s.Test, nil
}

// CrossValPredict returns for each row the prediction of the fit that did not see it; method is predict,
// predict_proba or decision_function.
func CrossValPredict(e learn.Estimator, x learn.Data, y *learn.Matrix, method string, o Options,
) (out *learn.Matrix, err error) {
	defer learn.Catch(&err)
	rows, _ := x.Dims()
	folds := o.folds(e, rows, y)
	parts, errs := make([]*learn.Matrix, len(folds)), make([]error, len(folds))
	engine.Parallel(len(folds), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			parts[k], errs[k] = predictFold(learn.Clone(e), x, y, method, o, folds[k])
		}
	})
	for _, e := range errs {
		learn.Must(e)
	}
	out = learn.NewMatrix(rows, parts[0].Cols)
	for k, f := range folds {
		for q, i := range f.Test {
			copy(out.Row(i), parts[k].Row(q))
		}
	}
	return out, nil
}

func predictFold(e learn.Estimator, x learn.Data, y *learn.Matrix, method string, o Options, f split.Fold,
) (*learn.Matrix, error) {
	w := learn.TakeFloats(o.Weights, f.Train)
	if err := learn.Fit(e, learn.TakeRows(x, f.Train), y.Take(f.Train), w); err != nil {
		return nil, err
	}
	xt := learn.TakeRows(x, f.Test)
	switch m := e.(type) {
	case learn.Prober:
		if method == "predict_proba" {
			return m.PredictProba(xt)
		}
	}
	if d, ok := e.(learn.Decider); ok && method == "decision_function" {
		return d.DecisionFunction(xt)
	}
	if p, ok := e.(learn.Predictor); ok && (method == "predict" || method == "") {
		return p.Predict(xt)
	}
	return nil, failure("%s has no method %q", e.Core().Name(), method)
}

// ValidationCurve returns train and test scores [values folds] as one option varies.
func ValidationCurve(e learn.Estimator, x learn.Data, y *learn.Matrix, param string, values []any, o Options,
) (train, test *learn.Matrix, err error) {
	defer learn.Catch(&err)
	o.Train = true
	var a, b [][]float64
	for _, v := range values {
		c := learn.Clone(e)
		learn.Must(learn.SetParams(c, learn.Params{param: v}))
		s, err := CrossValidate(c, x, y, o)
		learn.Must(err)
		a, b = append(a, s.Train), append(b, s.Test)
	}
	return learn.FromRows(a), learn.FromRows(b), nil
}

// LearningCurve returns train and test scores [sizes folds] as the number of train rows grows; sizes are
// counts, or fractions of the train rows when all are at most 1 and not all whole.
func LearningCurve(e learn.Estimator, x learn.Data, y *learn.Matrix, sizes []float64, o Options,
) (used []int, train, test *learn.Matrix, err error) {
	defer learn.Catch(&err)
	rows, _ := x.Dims()
	folds := o.folds(e, rows, y)
	most := len(folds[0].Train)
	for _, s := range sizes {
		if slices.Max(sizes) <= 1 {
			s = math.Floor(s * float64(most))
		}
		n := max(1, min(int(s), most))
		if len(used) == 0 || used[len(used)-1] != n {
			used = append(used, n)
		}
	}
	score := o.scorer()
	o.Train = true
	train, test = learn.NewMatrix(len(used), len(folds)), learn.NewMatrix(len(used), len(folds))
	for i, n := range used {
		errs := make([]error, len(folds))
		engine.Parallel(len(folds), 1, func(lo, hi int) {
			for k := lo; k < hi; k++ {
				f := split.Fold{Train: folds[k].Train[:min(n, len(folds[k].Train))], Test: folds[k].Test}
				a, b, err := one(learn.Clone(e), x, y, o, f, score)
				errs[k] = err
				test.Set(i, k, a)
				train.Set(i, k, b)
			}
		})
		for _, e := range errs {
			learn.Must(e)
		}
	}
	return used, train, test, nil
}

// PermutationTestScore returns the mean score, those with permuted targets, and the p value.
func PermutationTestScore(e learn.Estimator, x learn.Data, y *learn.Matrix, permutations int, seed int64,
	o Options,
) (score float64, permuted []float64, p float64, err error) {
	defer learn.Catch(&err)
	mean := func(y *learn.Matrix) float64 {
		s, err := CrossValScore(e, x, y, o)
		learn.Must(err)
		m := 0.0
		for _, v := range s {
			m += v / float64(len(s))
		}
		return m
	}
	score = mean(y)
	r := random.New(seed)
	p = 1
	for range permutations {
		v := mean(y.Take(r.Permutation(y.Rows)))
		permuted = append(permuted, v)
		if v >= score {
			p++
		}
	}
	return score, permuted, p / float64(permutations+1), nil
}
