//go:build full

package ml

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/spark/functions"
)

// composed is what pyspark has, see testdata/compose.py.
type composed struct {
	OneVsRest      []float64   `json:"one_vs_rest"`
	Raw            [][]float64 `json:"one_vs_rest_raw"`
	Cross          []float64   `json:"cross_validator"`
	Split          []float64   `json:"split"`
	PowerIteration [][]any     `json:"power_iteration"`
	PrefixSpan     [][]any     `json:"prefix_span"`
}

func composedByPyspark(t *testing.T) (c composed) {
	t.Helper()
	b, err := os.ReadFile("testdata/compose.json")
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOneVsRestEqualsPyspark(t *testing.T) {
	_, r := recorded(t)
	want := composedByPyspark(t)
	m, err := (&OneVsRest{Classifier: LogisticRegression(Params{"labelCol": "kind", "maxIter": 10})}).Fit(frame(t, r.Rows))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := m.Transform(frame(t, r.Rows)).OrderBy("id").Select("prediction", "rawPrediction").Collect()
	if err != nil {
		t.Fatal(err)
	}
	var guesses, raw []any
	for i, r := range rows {
		if guesses = append(guesses, r.Values[0]); i < len(want.Raw) {
			raw = append(raw, r.Values[1])
		}
	}
	if err := same(guesses, want.OneVsRest); err != nil {
		t.Error("predictions:", err)
	}
	var wantRaw []any
	for _, r := range want.Raw {
		wantRaw = append(wantRaw, r)
	}
	if err := same(raw, wantRaw); err != nil {
		t.Error("scores:", err)
	}
}

func TestSearchesEqualPysparkAndLast(t *testing.T) {
	_, r := recorded(t)
	want := composedByPyspark(t)
	d, err := frame(t, r.Rows).Cache()
	if err != nil {
		t.Fatal(err)
	}
	fit := LogisticRegression(Params{"featuresCol": "scaled", "maxIter": 5})
	p := NewPipeline(StandardScaler(Params{"inputCol": "features", "outputCol": "scaled"}), fit)
	grid, score := Grid(Vary(fit, "regParam", 10.0, 0.01)), BinaryClassificationEvaluator()
	cv := NewCrossValidator(p, grid, score)
	cv.Seed, cv.NumFolds = 7, 2
	tuned, err := cv.Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := same(tuned.Metrics, want.Cross); err != nil || tuned.Index != 1 {
		t.Errorf("cross-validation chooses %d: %v", tuned.Index, err)
	}
	split, err := (&TrainValidationSplit{Estimator: p, Grid: grid, Evaluator: score, Seed: 3}).Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := same(split.Metrics, want.Split); err != nil {
		t.Error("split:", err)
	}
	dir := t.TempDir()
	if err := tuned.Save(session, filepath.Join(dir, "best")); err != nil {
		t.Fatal(err)
	}
	back, err := Load(session, filepath.Join(dir, "best"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Save(session, filepath.Join(dir, "pipeline")); err != nil {
		t.Fatal(err)
	}
	again, err := LoadPipeline(session, filepath.Join(dir, "pipeline"))
	if err != nil {
		t.Fatal(err)
	}
	refitted, err := again.Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := p.Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]Transformer{"the best model": {tuned, back}, "a pipeline": {direct, refitted}} {
		a, err := score.Evaluate(pair[0].Transform(d))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := score.Evaluate(pair[1].Transform(d)); err != nil || a != b {
			t.Errorf("%s: score %g before, %g after Save and Load (%v)", name, a, b, err)
		}
	}
}

func TestMethodsThatAreNoEstimatorsEqualPyspark(t *testing.T) {
	want := composedByPyspark(t)
	edges, err := session.FromRows([]string{"src", "dst", "weight"}, []any{0, 1, 1.0}, []any{0, 2, 1.0}, []any{1, 2, 1.0},
		[]any{3, 4, 1.0}, []any{4, 5, 1.0}, []any{3, 5, 1.0}, []any{2, 3, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := PowerIterationClustering(edges, Params{"k": 2, "maxIter": 20, "initMode": "degree", "weightCol": "weight"}).
		OrderBy("id").Collect()
	if err != nil {
		t.Fatal(err)
	}
	got := [][]any{}
	for _, r := range rows {
		got = append(got, []any{r.Get("id"), r.Get("cluster")})
	}
	if fmt.Sprint(got) != fmt.Sprint(want.PowerIteration) {
		t.Errorf("clusters %v; pyspark has %v", got, want.PowerIteration)
	}
	seqs, err := session.SQL("SELECT * FROM VALUES (array(array(1, 2), array(3))), (array(array(1), array(3, 2), array(1, 2))), " +
		"(array(array(1, 2), array(5))), (array(array(6))) AS t(sequence)")
	if err != nil {
		t.Fatal(err)
	}
	found, err := PrefixSpan(seqs, "sequence", 0.5, 5).Select(functions.Col("sequence"), functions.Col("freq")).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var a, b []string
	for _, r := range found {
		a = append(a, fmt.Sprint(r.Values))
	}
	for _, r := range want.PrefixSpan {
		b = append(b, fmt.Sprint(r))
	}
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Errorf("sequences %v; pyspark has %v", a, b)
	}
	if _, err := PowerIterationClustering(edges, Params{"clusters": 2}).Collect(); err == nil {
		t.Error("an unknown parameter is taken")
	}
}
