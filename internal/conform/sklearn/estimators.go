package sklearn

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/registry"
)

// noEffect are options of scikit-learn that change how it computes, not what.
var noEffect = []string{
	"n_jobs", "verbose", "copy", "copy_X", "copy_x", "cache_size", "memory", "precompute_distances",
}

// build returns the estimator of that name with options by scikit-learn's names.
func build(name string, params record) learn.Estimator {
	e := registry.New(name)
	if e == nil {
		panic(unsupported("estimator " + name))
	}
	known := learn.Defaults(e)
	for _, key := range sortedKeys(params) {
		v := params[key]
		if repr, ok := v.(map[string]any); ok && repr["$repr"] != nil {
			v = fromRepr(repr["$repr"].(string))
		}
		if l, ok := v.([]any); ok {
			v = fromList(l)
		}
		head, _, _ := strings.Cut(key, "__")
		if _, ok := known[head]; !ok && slices.Contains(noEffect, head) {
			continue
		}
		if err := learn.SetParams(e, learn.Params{key: v}); err != nil {
			panic(unsupported(err.Error()))
		}
	}
	return e
}

// fromList reads lists of pairs of a name and an estimator; other lists stay.
func fromList(l []any) any {
	var steps []learn.Step
	for _, p := range l {
		pair, ok := p.([]any)
		if !ok || len(pair) != 2 {
			return l
		}
		name, ok := pair[0].(string)
		repr, isRepr := pair[1].(map[string]any)
		if !ok || !isRepr || repr["$repr"] == nil {
			return l
		}
		steps = append(steps, learn.Step{Name: name, Estimator: fromRepr(repr["$repr"].(string)).(learn.Estimator)})
	}
	return steps
}

func sortedKeys(r record) []string {
	keys := make([]string, 0, len(r))
	for k := range r {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// runEstimator fits on the train rows and compares what it learned and predicts.
func runEstimator(c *context, r record) error {
	if strings.HasPrefix(r.str("id"), "LSA#") {
		return runLSA(c, r)
	}
	d := c.set(r.str("data"))
	e := build(r.str("estimator"), r.obj("params"))
	if r["rows"] != nil {
		return runClusterer(d, e, r)
	}
	train, test := holdOut(d.x.Rows)
	if r.str("estimator") == "NearestNeighbors" || r.str("estimator") == "KernelDensity" {
		train, test = firstRows(d, r)
	}
	x, y := d.x.Take(train), d.y.Take(train)
	xt, yt := d.x.Take(test), d.y.Take(test)
	if standardized, _ := r["standardized_by_train"].(bool); standardized {
		s := preprocess.NewStandardScaler()
		learn.Must(s.Fit(x, nil))
		x, xt = apply(s, x), apply(s, xt)
	}
	if err := e.Fit(x, y); err != nil {
		return err
	}
	return check(e, r, xt, yt)
}

func apply(t learn.Transforms, x *learn.Matrix) *learn.Matrix {
	out, err := t.Transform(x)
	learn.Must(err)
	return out.(*learn.Matrix)
}

// firstRows returns the rows that neighbour searches are fitted on and asked about.
func firstRows(d *dataset, _ record) (train, test []int) { return holdOut(d.x.Rows) }

// check compares attributes, methods and scores.
func check(e learn.Estimator, r record, xt, yt *learn.Matrix) error {
	c := class(r.str("compare"))
	if c == "tree" || c == "range" {
		return checkScore(e, r, c, xt, yt)
	}
	attr := learn.Attributes(e)
	for _, key := range sortedKeys(r.obj("expect")) {
		want := r.obj("expect")[key]
		method, isMethod := strings.CutPrefix(key, "m:")
		if !isMethod && attr[key] == nil {
			if _, ok := methods[key]; ok {
				method, isMethod = key, true
			}
		}
		if isMethod && (method == "kneighbors" || method == "indices") {
			if err := checkNeighbors(e, xt, want, method); err != nil {
				return err
			}
			continue
		}
		if isMethod {
			got := call(e, method, xt)
			if err := same(key, got, want, c, true); err != nil {
				return err
			}
			continue
		}
		got, ok := attr[key]
		if !ok {
			panic(unsupported("attribute " + key))
		}
		if err := same(key, got, want, c, false); err != nil {
			return err
		}
	}
	if r["score"] == nil {
		return nil
	}
	return same("score", score(e, xt, yt), r["score"], c, false)
}

// checkNeighbors compares neighbours: rows at one distance may come in any order.
func checkNeighbors(e learn.Estimator, x *learn.Matrix, want any, method string) error {
	d, _, err := neighborsOf(e, x, 0)
	if err != nil {
		return err
	}
	if method == "kneighbors" {
		pair, ok := want.([]any)
		if !ok || len(pair) != 2 {
			return fmt.Errorf("kneighbors wants no pair of distances and rows")
		}
		if err := same("distances", d, pair[0], "exact", true); err != nil {
			return err
		}
		want = pair[1]
	}
	more, rows, err := neighborsOf(e, x, 3*d.Cols+8)
	if err != nil {
		return err
	}
	lists, _ := want.([]any)
	for i, list := range lists {
		for q, row := range ints(list) {
			at := slices.Index(rows[i], row)
			if at < 0 || math.Abs(more.At(i, at)-d.At(i, q)) > 1e-9*d.At(i, q) {
				return fmt.Errorf("neighbour %d of row %d is %d at %g, want %d", q, i, rows[i][q], d.At(i, q), row)
			}
		}
	}
	return nil
}

func score(e learn.Estimator, x, y *learn.Matrix) float64 {
	s, ok := e.(learn.Scorer)
	if !ok {
		panic(unsupported("score"))
	}
	v, err := s.Score(x, y)
	learn.Must(err)
	return v
}

// checkScore allows what random numbers may change: 0.03 for trees, the recorded range otherwise.
func checkScore(e learn.Estimator, r record, c class, xt, yt *learn.Matrix) error {
	got := score(e, xt, yt)
	if c == "tree" {
		if d := got - number(r["score"]); d > 0.03 || d < -0.03 {
			return fmt.Errorf("score is %g, want %g ± 0.03", got, number(r["score"]))
		}
		return nil
	}
	limits, _ := r["score_range"].([]any)
	if len(limits) != 2 {
		return fmt.Errorf("case has no range of scores")
	}
	if lo, hi := number(limits[0]), number(limits[1]); got < lo || got > hi {
		return fmt.Errorf("score is %g, want %g … %g", got, lo, hi)
	}
	return nil
}

// methods call an estimator by scikit-learn's names of methods.
var methods = map[string]func(e learn.Estimator, x *learn.Matrix) (any, error){
	"predict": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(learn.Predictor).Predict(x)
	},
	"predict_proba": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(learn.Prober).PredictProba(x)
	},
	"decision_function": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(learn.Decider).DecisionFunction(x)
	},
	"transform": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(learn.Transforms).Transform(x)
	},
	"predict_log_proba": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(interface {
			PredictLogProba(x learn.Data) (*learn.Matrix, error)
		}).PredictLogProba(x)
	},
	"score_samples": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		return e.(interface {
			ScoreSamples(x learn.Data) (*learn.Matrix, error)
		}).ScoreSamples(x)
	},
	"kneighbors": nil, // checkNeighbors
	"indices":    nil,
	"distances": func(e learn.Estimator, x *learn.Matrix) (any, error) {
		d, _, err := neighborsOf(e, x, 0)
		return d, err
	},
}

func neighborsOf(e learn.Estimator, x *learn.Matrix, k int) (d *learn.Matrix, i [][]int, err error) {
	s, ok := e.(interface {
		Kneighbors(x learn.Data, k int) (*learn.Matrix, [][]int, error)
	})
	if !ok {
		panic(unsupported("kneighbors"))
	}
	return s.Kneighbors(x, k)
}

func call(e learn.Estimator, method string, x *learn.Matrix) any {
	f, ok := methods[method]
	if !ok {
		panic(unsupported("method " + method))
	}
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); ok && strings.Contains(err.Error(), "interface conversion") {
				panic(unsupported("method " + method))
			}
			panic(r)
		}
	}()
	v, err := f(e, x)
	learn.Must(err)
	return v
}

// runClusterer fits on the first rows of a data set, standardized over them.
func runClusterer(d *dataset, e learn.Estimator, r record) error {
	n := int(number(r["rows"]))
	x := head(d.x, n)
	if standardized, _ := r["standardized"].(bool); standardized {
		s := preprocess.NewStandardScaler()
		learn.Must(s.Fit(x, nil))
		x = apply(s, x)
	}
	if err := e.Fit(x, nil); err != nil {
		return err
	}
	if r.str("compare") == "range" {
		got, want := learn.Attributes(e)["inertia_"], number(r.obj("expect")["inertia_"])
		if v, ok := got.(float64); !ok || v < 0.9*want || v > 1.1*want {
			return fmt.Errorf("inertia_ is %v, want %g ± 10%%", got, want)
		}
		return nil
	}
	return check(e, r, x, nil)
}
