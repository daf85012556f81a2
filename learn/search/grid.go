package search

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/split"
)

// Grid lists all combinations of the values of options, the last name changing fastest.
func Grid(grids []map[string][]any) []learn.Params {
	var out []learn.Params
	for _, g := range grids {
		names := make([]string, 0, len(g))
		for n := range g {
			names = append(names, n)
		}
		sort.Strings(names)
		var walk func(i int, p learn.Params)
		walk = func(i int, p learn.Params) {
			if i == len(names) {
				c := learn.Params{}
				for k, v := range p {
					c[k] = v
				}
				out = append(out, c)
				return
			}
			for _, v := range g[names[i]] {
				p[names[i]] = v
				walk(i+1, p)
			}
		}
		walk(0, learn.Params{})
	}
	return out
}

// Result is the outcome for one combination of options.
type Result struct {
	Params     learn.Params
	Scores     []float64 // of each fold
	Mean, Std  float64
	TrainMean  float64
	Rank       int // 1 is the best
	Resources  int // rows used, by halving
	Iterations int
}

// Tuner is what searches have in common.
type Tuner struct {
	learn.Base
	Estimator   learn.Estimator `param:"estimator"`
	Scoring     string          `param:"scoring"`
	Refit       bool            `param:"refit=true"`
	CV          any             `param:"cv=None"`  // folds (nil means 5)
	Splitter    split.Splitter  `param:"splitter"` // instead of CV
	TrainScores bool            `param:"return_train_score=false"`

	Results    []Result        `fit:"cv_results_"`
	Best       learn.Estimator `fit:"best_estimator_"`
	BestParams learn.Params    `fit:"best_params_"`
	BestScore  float64         `fit:"best_score_"`
	BestIndex  int             `fit:"best_index_"`
}

// Kind returns that of the estimator.
func (t *Tuner) Kind() learn.Kind {
	if t.Estimator == nil {
		return ""
	}
	return learn.KindOf(t.Estimator)
}

func (t *Tuner) options() Options {
	k, _ := learn.OptInt(t.CV)
	return Options{Folds: k, Splitter: t.Splitter, Scoring: t.Scoring, Train: t.TrainScores}
}

// begin checks what all searches need.
func (t *Tuner) begin(x learn.Data, y *learn.Matrix) {
	rows, cols := x.Dims()
	t.BeginSize(rows, cols, y)
	if t.Estimator == nil {
		t.Fail("Estimator is nil; set the estimator to tune")
	}
}

// evaluate scores candidates on all folds, in parallel over both.
func (t *Tuner) evaluate(x learn.Data, y *learn.Matrix, candidates []learn.Params) []Result {
	o := t.options()
	rows, _ := x.Dims()
	folds := o.folds(t.Estimator, rows, y)
	score := o.scorer()
	out := make([]Result, len(candidates))
	for i, p := range candidates {
		out[i] = Result{Params: p, Scores: make([]float64, len(folds)), Resources: rows}
	}
	train := make([]float64, len(candidates)*len(folds))
	errs := make([]error, len(train))
	engine.Parallel(len(train), 1, func(lo, hi int) {
		for q := lo; q < hi; q++ {
			i, k := q/len(folds), q%len(folds)
			e := learn.Clone(t.Estimator)
			if errs[q] = learn.SetParams(e, candidates[i]); errs[q] != nil {
				continue
			}
			out[i].Scores[k], train[q], errs[q] = one(e, x, y, o, folds[k], score)
		}
	})
	for _, err := range errs {
		learn.Must(err)
	}
	for i := range out {
		r := &out[i]
		n := float64(len(folds))
		for k, s := range r.Scores {
			r.Mean += s / n
			r.TrainMean += train[i*len(folds)+k] / n
		}
		for _, s := range r.Scores {
			r.Std += (s - r.Mean) * (s - r.Mean) / n
		}
		r.Std = math.Sqrt(r.Std)
	}
	for i := range out {
		out[i].Rank = 1
		for _, o := range out {
			if o.Mean > out[i].Mean {
				out[i].Rank++
			}
		}
	}
	return out
}

// finish chooses the best and refits it on all rows.
func (t *Tuner) finish(x learn.Data, y *learn.Matrix, results []Result) {
	t.Results, t.BestIndex = results, 0
	for i, r := range results {
		if r.Rank < results[t.BestIndex].Rank {
			t.BestIndex = i
		}
	}
	t.BestParams, t.BestScore = results[t.BestIndex].Params, results[t.BestIndex].Mean
	if t.Refit {
		t.Best = learn.Clone(t.Estimator)
		learn.Must(learn.SetParams(t.Best, t.BestParams))
		learn.Must(t.Best.Fit(x, y))
	}
	t.Done()
}

func (t *Tuner) best() learn.Estimator {
	t.MustFitted()
	if t.Best == nil {
		t.Fail("Refit is false, so that there is no best estimator to predict with")
	}
	return t.Best
}

// Predict returns the best estimator's predictions.
func (t *Tuner) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, ok := t.best().(learn.Predictor)
	if !ok {
		t.Fail("the best estimator does not predict")
	}
	return p.Predict(x)
}

// PredictProba returns the best estimator's probabilities.
func (t *Tuner) PredictProba(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, ok := t.best().(learn.Prober)
	if !ok {
		t.Fail("the best estimator has no probabilities")
	}
	return p.PredictProba(x)
}

// Transform returns data changed by the best estimator.
func (t *Tuner) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	p, ok := t.best().(learn.Transforms)
	if !ok {
		t.Fail("the best estimator does not transform")
	}
	return p.Transform(x)
}

// Score returns the best estimator's score by Scoring.
func (t *Tuner) Score(x learn.Data, y *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	f, err := ScorerOf(t.Scoring)
	learn.Must(err)
	return f(t.best(), x, y)
}

// GridSearchCV tries all combinations of ParamGrid.
type GridSearchCV struct {
	Tuner
	ParamGrid []map[string][]any `param:"param_grid"`
}

// NewGridSearchCV returns one without an estimator.
func NewGridSearchCV() *GridSearchCV { g := &GridSearchCV{}; learn.Init(g); return g }

// Fit tries the combinations and refits the best.
func (g *GridSearchCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	g.begin(x, y)
	c := Grid(g.ParamGrid)
	if len(c) == 0 {
		g.Fail("ParamGrid is empty; want values for at least one option")
	}
	g.finish(x, y, g.evaluate(x, y, c))
	return nil
}

// Draw returns a random value of an option.
type Draw func(r *random.State) any

// RandomizedSearchCV tries NIter random combinations.
type RandomizedSearchCV struct {
	Tuner
	Lists       map[string][]any `param:"param_distributions"` // values to draw from
	Draws       map[string]Draw  `param:"param_draws"`         // distributions to draw from
	NIter       int              `param:"n_iter=10"`
	RandomState int64            `param:"random_state=0"`
}

// NewRandomizedSearchCV returns one without an estimator.
func NewRandomizedSearchCV() *RandomizedSearchCV { g := &RandomizedSearchCV{}; learn.Init(g); return g }

// Sample draws n combinations; without distributions, none twice.
func Sample(lists map[string][]any, draws map[string]Draw, n int, seed int64) []learn.Params {
	r := random.New(seed)
	if len(draws) == 0 {
		all := Grid([]map[string][]any{lists})
		var out []learn.Params
		for _, i := range r.Permutation(len(all))[:min(n, len(all))] {
			out = append(out, all[i])
		}
		return out
	}
	names := make([]string, 0, len(lists)+len(draws))
	for k := range lists {
		names = append(names, k)
	}
	for k := range draws {
		names = append(names, k)
	}
	slices.Sort(names)
	var out []learn.Params
	for range n {
		p := learn.Params{}
		for _, k := range names {
			if f, ok := draws[k]; ok {
				p[k] = f(r)
			} else {
				p[k] = lists[k][r.Intn(len(lists[k]))]
			}
		}
		out = append(out, p)
	}
	return out
}

// Fit tries the combinations and refits the best.
func (g *RandomizedSearchCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	g.begin(x, y)
	c := Sample(g.Lists, g.Draws, g.NIter, g.RandomState)
	if len(c) == 0 {
		g.Fail("Lists and Draws are empty; want values for at least one option")
	}
	g.finish(x, y, g.evaluate(x, y, c))
	return nil
}
