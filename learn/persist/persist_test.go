package persist

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/learntest"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/registry"
)

// settings give estimators what they need to fit learntest's data.
var settings = map[string]learn.Params{
	"OneVsRestClassifier": {"estimator": linear.NewLogisticRegression()}, "OneVsOneClassifier": {"estimator": linear.NewLogisticRegression()},
	"OutputCodeClassifier": {"estimator": linear.NewLogisticRegression()}, "ClassifierChain": {"estimator": linear.NewLogisticRegression()},
	"MultiOutputClassifier": {"estimator": linear.NewLogisticRegression()}, "MultiOutputRegressor": {"estimator": linear.NewRidge()},
	"RegressorChain": {"estimator": linear.NewRidge()}, "SelectKBest": {"k": 2}, "RadiusNeighborsClassifier": {"radius": 100.0},
	"SelectFromModel": {"estimator": linear.NewLogisticRegression()}, "RFE": {"estimator": linear.NewLogisticRegression()},
	"RFECV": {"estimator": linear.NewLogisticRegression()}, "SelfTrainingClassifier": {"estimator": linear.NewLogisticRegression()},
	"SequentialFeatureSelector": {"estimator": linear.NewLogisticRegression()}, "LocalOutlierFactor": {"novelty": true},
	"CCA": {"n_components": 1}, "PLSRegression": {"n_components": 1}, "PLSCanonical": {"n_components": 1}, "PLSSVD": {"n_components": 1},
	"GaussianRandomProjection": {"n_components": 3}, "SparseRandomProjection": {"n_components": 3}, "NuSVC": {"nu": 0.1},
	"LatentDirichletAllocation": {"n_components": 3}, "MLPClassifier": {"max_iter": 5}, "MLPRegressor": {"max_iter": 5},
	"GaussianProcessRegressor": {"alpha": 0.1}, "RandomForestClassifier": {"n_estimators": 5}, "TSNE": {"max_iter": 250, "perplexity": 5.0},
}

// answers is what a fitted estimator says.
func answers(e learn.Estimator, x *learn.Matrix) *learn.Matrix {
	if p, ok := e.(learn.Predictor); ok {
		if y, err := p.Predict(x); err == nil {
			return y
		}
	}
	if p, ok := e.(learn.Transforms); ok {
		if d, err := p.Transform(x); err == nil {
			return learn.Dense("test", d, learn.AllowNaN, learn.AllowEmpty)
		}
	}
	return nil
}

func TestEveryEstimatorSurvivesAFile(t *testing.T) {
	x, classes, numbers := learntest.Data()
	asked := 0
	for _, name := range registry.Names() {
		e := registry.New(name)
		learn.Must(learn.SetParams(e, settings[name]))
		y := classes
		if learn.KindOf(e) == learn.KindRegressor {
			y = numbers
		}
		if strings.HasSuffix(name, "Vectorizer") || e.Fit(x, y) != nil {
			continue // wants other data; the pipeline below has some of them
		}
		b, err := Marshal(e)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := Unmarshal(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if back.Core().Fitted() != e.Core().Fitted() {
			t.Errorf("%s: is not fitted", name)
		}
		want := answers(e, x)
		got := answers(back, x)
		if want == nil {
			continue
		}
		asked++
		if got == nil || got.Rows != want.Rows || got.Cols != want.Cols {
			t.Errorf("%s: other answers", name)
			continue
		}
		for i, v := range want.Data {
			if math.Float64bits(v) != math.Float64bits(got.Data[i]) {
				t.Errorf("%s: answer %d is %g, was %g", name, i, got.Data[i], v)
				break
			}
		}
	}
	if asked < 120 {
		t.Errorf("only %d estimators were asked", asked)
	}
}

func TestAPipelineSurvivesAFile(t *testing.T) {
	x, y, _ := learntest.Data()
	p := compose.NewPipeline(
		learn.Step{Name: "scale", Estimator: preprocess.NewStandardScaler()},
		learn.Step{Name: "svc", Estimator: registry.New("SVC")},
	)
	learn.Must(p.Fit(x, y))
	path := filepath.Join(t.TempDir(), "p.learn")
	if err := Save(path, p); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want, got := answers(p, x), answers(back, x)
	for i, v := range want.Data {
		if v != got.Data[i] {
			t.Fatalf("row %d: %g, want %g", i, got.Data[i], v)
		}
	}
}

func TestBadFilesAreErrors(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(bad); err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("no estimator's file: %v", err)
	}
	if _, err := Load(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that does not exist is loaded")
	}
	f := preprocess.NewFunctionTransformer(func(x learn.Data) (learn.Data, error) { return x, nil })
	if _, err := Marshal(f); err == nil || !strings.Contains(err.Error(), "FunctionTransformer") {
		t.Errorf("a function: %v", err)
	}
	if _, err := Marshal(nil); err == nil {
		t.Error("nil is kept")
	}
}
