package search

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Halving is what searches have in common that try candidates on few rows and go on with the best on more.
type Halving struct {
	Tuner
	Factor       float64 `param:"factor=3"`        // rows grow and candidates shrink by it
	MinResources int     `param:"min_resources=0"` // rows of the first round; 0: see the search
	RandomState  int64   `param:"random_state=0"`
}

func (h *Halving) mustFactor(candidates int) {
	if candidates == 0 || h.Factor <= 1 {
		h.Fail("there are %d candidates and Factor is %g; want some, and above 1", candidates, h.Factor)
	}
}

// rounds tries candidates from n rows on and refits the best.
func (h *Halving) rounds(x learn.Data, y *learn.Matrix, c []learn.Params, n int) {
	rows, _ := x.Dims()
	order := random.New(h.RandomState).Permutation(rows)
	var all, last []Result
	for round := range 1 + int(math.Floor(math.Log(float64(len(c)))/math.Log(h.Factor))) {
		h.Poll()
		use := order[:min(n, rows)]
		part := y
		if y != nil {
			part = y.Take(use)
		}
		last = h.evaluate(learn.TakeRows(x, use), part, c)
		for i := range last {
			last[i].Iterations = round
		}
		all = append(all, last...)
		sort.SliceStable(last, func(a, b int) bool { return last[a].Mean > last[b].Mean })
		keep := max(1, int(math.Ceil(float64(len(c))/h.Factor)))
		c = nil
		for _, r := range last[:keep] {
			c = append(c, r.Params)
		}
		n = int(float64(n) * h.Factor)
	}
	h.finish(x, y, last)
	h.Results = all
}

// HalvingGridSearchCV tries all combinations on few rows and goes on with the best on more. MinResources 0 means
// that the last round uses all rows.
type HalvingGridSearchCV struct {
	Halving
	ParamGrid []map[string][]any `param:"param_grid"`
}

// NewHalvingGridSearchCV returns one without an estimator.
func NewHalvingGridSearchCV() *HalvingGridSearchCV {
	g := &HalvingGridSearchCV{}
	learn.Init(g)
	return g
}

// Fit runs the rounds and refits the best.
func (g *HalvingGridSearchCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	g.begin(x, y)
	c := Grid(g.ParamGrid)
	g.mustFactor(len(c))
	rows, _ := x.Dims()
	n := g.MinResources
	if n == 0 {
		rounds := math.Floor(math.Log(float64(len(c))) / math.Log(g.Factor))
		n = max(1, int(float64(rows)/math.Pow(g.Factor, rounds)))
	}
	g.rounds(x, y, c, n)
	return nil
}

// HalvingRandomSearchCV tries random combinations on few rows and goes on with the best on more. MinResources 0
// means two rows of each class and fold.
type HalvingRandomSearchCV struct {
	Halving
	Lists       map[string][]any `param:"param_distributions"`  // values to draw from
	Draws       map[string]Draw  `param:"param_draws"`          // distributions to draw from
	NCandidates any              `param:"n_candidates=exhaust"` // or a number; exhaust: the last round uses all rows
}

// NewHalvingRandomSearchCV returns one without an estimator.
func NewHalvingRandomSearchCV() *HalvingRandomSearchCV {
	g := &HalvingRandomSearchCV{}
	learn.Init(g)
	return g
}

// Fit runs the rounds and refits the best.
func (g *HalvingRandomSearchCV) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	g.begin(x, y)
	rows, _ := x.Dims()
	n := g.MinResources
	if n == 0 {
		o := g.options()
		n = 2 * len(o.folds(g.Estimator, rows, y))
		if y != nil && g.Kind() == learn.KindClassifier {
			n *= len(learn.Distinct(y.Col(0)))
		}
		n = min(n, rows)
	}
	count, ok := learn.OptInt(g.NCandidates)
	if !ok {
		count = max(1, rows/n)
	}
	c := Sample(g.Lists, g.Draws, count, g.RandomState)
	g.mustFactor(len(c))
	g.rounds(x, y, c, n)
	return nil
}
