package sklearn

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/search"
	"github.com/lathe-ml/lathe/learn/selection"
)

func functionName(r record) string {
	name, _, _ := strings.Cut(r.str("id"), "#")
	return name
}

// functions run cases of functions by name.
var functions = map[string]func(c *context, r record) error{
	"cross_val_score":        crossValScore,
	"GridSearchCV":           gridSearch,
	"validation_curve":       validationCurve,
	"learning_curve":         learningCurve,
	"lars_path":              larsPath,
	"ward_tree":              wardTree,
	"dbscan":                 dbscan,
	"k_means":                kMeans,
	"chi2":                   scored(selection.Chi2),
	"f_classif":              scored(selection.FClassif),
	"f_regression":           scored(selection.FRegression),
	"mutual_info_classif":    mutualInfo(selection.MutualInfoClassif),
	"mutual_info_regression": mutualInfo(selection.MutualInfoRegression),
}

func runFunction(c *context, r record) error {
	f, ok := functions[functionName(r)]
	if !ok {
		panic(unsupported("function " + functionName(r)))
	}
	return f(c, r)
}

// model builds the estimator of a case; Pipeline(A,B) is what make_pipeline(A(), B()) makes.
func model(r record) learn.Estimator {
	name := r.str("estimator")
	inner, ok := strings.CutPrefix(name, "Pipeline(")
	if !ok {
		return build(name, r.obj("params"))
	}
	var steps []learn.Step
	for _, part := range strings.Split(strings.TrimSuffix(inner, ")"), ",") {
		part = strings.TrimSpace(part)
		steps = append(steps, learn.Step{Name: strings.ToLower(part), Estimator: build(part, nil)})
	}
	p := compose.NewPipeline(steps...)
	for _, k := range sortedKeys(r.obj("params")) {
		if err := learn.SetParams(p, learn.Params{k: r.obj("params")[k]}); err != nil {
			panic(unsupported(err.Error()))
		}
	}
	return p
}

func folds(r record) search.Options {
	n := int(number(r["cv"]))
	return search.Options{Folds: n}
}

func crossValScore(c *context, r record) error {
	d := c.set(r.str("data"))
	o := folds(r)
	o.Scoring = r.str("scoring")
	s, err := search.CrossValScore(model(r), d.x, d.y, o)
	if err != nil {
		return err
	}
	return same("scores", s, r["scores"], class(r.str("compare")), false)
}

func gridSearch(c *context, r record) error {
	d := c.set(r.str("data"))
	g := search.NewGridSearchCV()
	g.Estimator, g.CV, g.Scoring = model(r), int(number(r["cv"])), r.str("scoring")
	grid := map[string][]any{}
	for k, v := range r.obj("grid") {
		grid[k] = v.([]any)
	}
	g.ParamGrid = []map[string][]any{grid}
	if err := g.Fit(d.x, d.y); err != nil {
		return err
	}
	cls := class(r.str("compare"))
	var mean []float64
	var rank []int
	for _, res := range g.Results {
		mean, rank = append(mean, res.Mean), append(rank, res.Rank)
	}
	for _, p := range []struct {
		what      string
		got, want any
	}{
		{"best_score", g.BestScore, r["best_score"]},
		{"mean_test_score", mean, r["mean_test_score"]},
		{"rank", rank, r["rank"]},
	} {
		if err := same(p.what, p.got, p.want, cls, false); err != nil {
			return err
		}
	}
	for k, v := range r.obj("best_params") {
		if got := g.BestParams[k]; fmt.Sprint(got) != fmt.Sprint(v) {
			return fmt.Errorf("best %s is %v, want %v", k, got, v)
		}
	}
	return nil
}

func validationCurve(c *context, r record) error {
	d := c.set(r.str("data"))
	train, test, err := search.ValidationCurve(model(r), d.x, d.y, r.str("param"), r["range"].([]any),
		search.Options{Folds: optionalFolds(r)})
	if err != nil {
		return err
	}
	return curves(r, train, test)
}

// optionalFolds reads cv, or counts the columns of the recorded curve.
func optionalFolds(r record) int {
	if r["cv"] != nil {
		return int(number(r["cv"]))
	}
	return flatten(r["test"]).cols
}

func curves(r record, train, test *learn.Matrix) error {
	cls := class(r.str("compare"))
	if err := same("train", train, r["train"], cls, false); err != nil {
		return err
	}
	return same("test", test, r["test"], cls, false)
}

func learningCurve(c *context, r record) error {
	d := c.set(r.str("data"))
	used, train, test, err := search.LearningCurve(model(r), d.x, d.y, flatten(r["sizes"]).v,
		search.Options{Folds: optionalFolds(r)})
	if err != nil {
		return err
	}
	if err := same("sizes", used, r["sizes"], "exact", false); err != nil {
		return err
	}
	return curves(r, train, test)
}

// rowsOf reads "iris", "diabetes (all rows)" or "iris[:40]".
func rowsOf(c *context, name string) (x, y *learn.Matrix) {
	base, limit, cut := strings.Cut(name, "[:")
	base, _, _ = strings.Cut(base, " ")
	d := c.set(base)
	if !cut {
		return d.x, d.y
	}
	n := 0
	if _, err := fmt.Sscan(strings.TrimSuffix(limit, "]"), &n); err != nil {
		panic(unsupported("rows " + name))
	}
	return head(d.x, n), head(d.y, n)
}

func larsPath(c *context, r record) error {
	x, y := rowsOf(c, r.str("data"))
	p, err := linear.LarsPath(x, y, linear.LarsOptions{Method: r.str("method")})
	if err != nil {
		return err
	}
	cls := class(r.str("compare"))
	if err := same("alphas", p.Alphas, r["alphas"], cls, false); err != nil {
		return err
	}
	if err := same("active", p.Active, r["active"], cls, false); err != nil {
		return err
	}
	return same("coefs", p.Coefs, r["coefs"], cls, false)
}

// wardTree compares merges; those at one distance may come in another order.
func wardTree(c *context, r record) error {
	x, _ := rowsOf(c, r.str("data"))
	children, dist := cluster.WardTree(x)
	want := r["children"].([]any)
	if len(want) != len(children) {
		return fmt.Errorf("%d merges, want %d", len(children), len(want))
	}
	tied := func(i int) bool {
		near := func(j int) bool { return j >= 0 && j < len(dist) && dist[j]-dist[i] < 1e-9 && dist[i]-dist[j] < 1e-9 }
		return near(i-1) || near(i+1)
	}
	moved := map[int]bool{}
	for i, m := range want {
		pair := ints(m)
		ok := pair[0] == children[i][0] && pair[1] == children[i][1]
		if ok {
			continue
		}
		n := x.Rows
		if !tied(i) && !moved[children[i][0]] && !moved[children[i][1]] && !moved[pair[0]] && !moved[pair[1]] {
			return fmt.Errorf("merge %d joins %v, want %v", i, children[i], pair)
		}
		moved[n+i] = true
	}
	return nil
}

func dbscan(c *context, r record) error {
	x, _ := rowsOf(c, r.str("data"))
	m := cluster.NewDBSCAN()
	m.Eps, m.MinSamples = number(r["eps"]), int(number(r["min_samples"]))
	if err := m.Fit(x, nil); err != nil {
		return err
	}
	if err := same("core", m.CoreRows, r["core"], "exact", false); err != nil {
		return err
	}
	return same("labels", m.Labels, r["labels"], "exact", false)
}

func kMeans(c *context, r record) error {
	x, _ := rowsOf(c, r.str("data"))
	m := cluster.NewKMeans()
	start := x.Take(ints(r["init_rows"]))
	m.NClusters, m.Init, m.NInit = start.Rows, start, 1
	if err := m.Fit(x, nil); err != nil {
		return err
	}
	cls := class(r.str("compare"))
	if err := same("labels", m.Labels, r["labels"], "exact", false); err != nil {
		return err
	}
	if err := same("centers", m.Centers, r["centers"], cls, false); err != nil {
		return err
	}
	return same("inertia", m.Inertia, r["inertia"], cls, false)
}

func scored(f selection.ScoreFunc) func(c *context, r record) error {
	return func(c *context, r record) error {
		x, y := rowsOf(c, r.str("data"))
		s, p := f(x, y)
		return same("scores and p values", []any{s, p}, r["expect"], class(r.str("compare")), false)
	}
}

func mutualInfo(f func(x, y *learn.Matrix, o selection.MutualInfoOptions) []float64,
) func(c *context, r record) error {
	return func(c *context, r record) error {
		x, y := rowsOf(c, r.str("data"))
		return same("information", f(x, y, selection.MutualInfoOptions{}), r["expect"],
			class(r.str("compare")), false)
	}
}
