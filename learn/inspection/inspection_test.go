package inspection

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/tree"
)

func fit(t *testing.T, e learn.Estimator, x, y *learn.Matrix) {
	t.Helper()
	if err := e.Fit(x, y); err != nil {
		t.Fatal(err)
	}
}

func logistic() *linear.LogisticRegression {
	m := linear.NewLogisticRegression()
	m.MaxIter, m.Tol = 1000, 1e-10
	return m
}

// What testdata/record.py wrote down with scikit-learn.
func TestImportancesAndDependencesAreScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/inspection.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][][]float64
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	x, y := learn.FromTable(data.Iris())
	virginica := learn.NewMatrix(y.Rows, 1)
	for i, v := range y.Data {
		if v == 2 {
			virginica.Data[i] = 1
		}
	}
	d, target := learn.FromTable(data.Diabetes())
	m, two, r, tr := logistic(), logistic(), linear.NewRidge(), tree.NewDecisionTreeRegressor()
	r.Alpha, tr.MaxDepth = 0.1, 3
	fit(t, m, x, y)
	fit(t, two, x, virginica)
	fit(t, r, d, target)
	fit(t, tr, d, target)
	have := map[string][][]float64{}
	for name, f := range map[string]func() (*Importance, error){
		"iris": func() (*Importance, error) {
			return PermutationImportance(m, x, y, ImportanceOptions{Repeats: 7, Seed: 3})
		},
		"iris some": func() (*Importance, error) {
			return PermutationImportance(m, x, y, ImportanceOptions{Samples: 40, Seed: 5})
		},
		"diabetes": func() (*Importance, error) {
			return PermutationImportance(r, d, target, ImportanceOptions{Scoring: "neg_mean_absolute_error", Seed: 4})
		},
	} {
		p, err := f()
		if err != nil {
			t.Fatal(err)
		}
		have[name] = [][]float64{p.Mean, p.Std, p.All.Data}
	}
	for name, f := range map[string]func() (*Dependence, error){
		"one": func() (*Dependence, error) {
			return PartialDependence(r, d, []int{2}, DependenceOptions{Resolution: 20})
		},
		"pair": func() (*Dependence, error) {
			return PartialDependence(tr, d, []int{2, 8}, DependenceOptions{Resolution: 5})
		},
		"classes": func() (*Dependence, error) { return PartialDependence(m, x, []int{3}, DependenceOptions{}) },
		"two classes": func() (*Dependence, error) {
			return PartialDependence(two, x, []int{2}, DependenceOptions{Percentiles: [2]float64{0.1, 0.8}, Resolution: 10})
		},
		"decision": func() (*Dependence, error) {
			return PartialDependence(two, x, []int{2}, DependenceOptions{Decision: true, Resolution: 6})
		},
	} {
		p, err := f()
		if err != nil {
			t.Fatal(err)
		}
		have[name] = append([][]float64{p.Average.Data}, p.Values...)
	}
	for name, arrays := range want {
		for i, w := range arrays {
			if i >= len(have[name]) || len(have[name][i]) != len(w) {
				t.Errorf("%s: result %d is missing or of another size", name, i)
				continue
			}
			for k, v := range w {
				if got := have[name][i][k]; math.Abs(got-v) > 1e-4*max(1, math.Abs(v)) {
					t.Errorf("%s: result %d element %d is %v, want %v", name, i, k, got, v)
					break
				}
			}
		}
	}
}

func TestBadQuestionsAreErrors(t *testing.T) {
	x, y := learn.FromTable(data.Iris())
	m := logistic()
	fit(t, m, x, y)
	for want, f := range map[string]func() error{
		"no features": func() error { _, err := PartialDependence(m, x, nil, DependenceOptions{}); return err },
		"feature 9":   func() error { _, err := PartialDependence(m, x, []int{9}, DependenceOptions{}); return err },
		"at least 2": func() error {
			_, err := PartialDependence(m, x, []int{1}, DependenceOptions{Resolution: 1})
			return err
		},
		"no more rows": func() error { _, err := PermutationImportance(m, x, y, ImportanceOptions{Samples: 999}); return err },
		"best":         func() error { _, err := PermutationImportance(m, x, y, ImportanceOptions{Scoring: "best"}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
