package registry_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/learntest"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/registry"
)

// apart are estimators that do not fit on a matrix of positive numbers.
var apart = map[string]string{
	"CountVectorizer":            "learns from texts",
	"TfidfVectorizer":            "learns from texts",
	"HashingVectorizer":          "has nothing to learn",
	"GridSearchCV":               "wants an estimator and a grid; TestSearches in learn/search",
	"RandomizedSearchCV":         "wants an estimator and values",
	"HalvingGridSearchCV":        "wants an estimator and a grid",
	"HalvingRandomSearchCV":      "wants an estimator and values",
	"FrozenEstimator":            "wants a fitted estimator; TestAFrozenEstimatorStays in learn/compose",
	"KernelCenterer":             "wants a square kernel matrix",
	"TransformedTargetRegressor": "wants a regressor",
	"CategoricalNB":              "wants numbers of categories",
	"LabelBinarizer":             "wants one column",
	"BernoulliRBM":               "wants values in [0, 1]",
	"IsotonicRegression":         "wants one column",
	"FixedThresholdClassifier":   "wants two classes",
	"TunedThresholdClassifierCV": "wants two classes",
}

// prepare sets what an estimator needs to fit learntest's data.
func prepare(name string, e learn.Estimator) {
	set := func(p learn.Params) { learn.Must(learn.SetParams(e, p)) }
	switch name {
	case "OneVsRestClassifier", "OneVsOneClassifier", "OutputCodeClassifier", "ClassifierChain",
		"MultiOutputClassifier":
		set(learn.Params{"estimator": linear.NewLogisticRegression()})
	case "MultiOutputRegressor", "RegressorChain":
		set(learn.Params{"estimator": linear.NewRidge()})
	case "VotingClassifier", "StackingClassifier":
		set(learn.Params{"estimators": []learn.Step{
			{Name: "a", Estimator: linear.NewLogisticRegression()}, {Name: "b", Estimator: registry.New("GaussianNB")},
		}})
	case "VotingRegressor", "StackingRegressor":
		set(learn.Params{"estimators": []learn.Step{
			{Name: "a", Estimator: linear.NewRidge()}, {Name: "b", Estimator: registry.New("KNeighborsRegressor")},
		}})
	case "SelectFromModel", "RFE", "RFECV", "SequentialFeatureSelector":
		set(learn.Params{"estimator": linear.NewLogisticRegression()})
	case "GaussianRandomProjection", "SparseRandomProjection":
		set(learn.Params{"n_components": 3})
	case "SelfTrainingClassifier":
		set(learn.Params{"estimator": linear.NewLogisticRegression()})
	case "LabelPropagation", "LabelSpreading":
		set(learn.Params{"gamma": 1.0})
	case "LatentDirichletAllocation":
		set(learn.Params{"n_components": 3})
	case "SelectKBest":
		set(learn.Params{"k": 2})
	case "RadiusNeighborsClassifier":
		set(learn.Params{"radius": 100.0})
	case "CCA", "PLSRegression", "PLSCanonical", "PLSSVD":
		set(learn.Params{"n_components": 1})
	case "KMeans", "MiniBatchKMeans", "BisectingKMeans", "SpectralClustering":
		set(learn.Params{"n_clusters": 3})
	case "MLPClassifier", "MLPRegressor":
		set(learn.Params{"max_iter": 20, "hidden_layer_sizes": []int{8}})
	case "GaussianProcessRegressor":
		set(learn.Params{"alpha": 0.1})
	case "LocalOutlierFactor":
		set(learn.Params{"novelty": true})
	case "SparseCoder":
		set(learn.Params{"dictionary": learn.FromRows([][]float64{{1, 0, 0, 1, 0}, {0, 1, 0, 0, 1}, {0, 1, 1, 0, 0}})})
	case "PatchExtractor":
		set(learn.Params{"image_size": []int{1, 5}, "patch_size": []int{1, 2}})
	case "DictionaryLearning", "SparsePCA":
		set(learn.Params{"n_components": 2, "max_iter": 20})
	case "NuSVC":
		set(learn.Params{"nu": 0.1})
	}
}

func TestEveryEstimatorKeepsTheContract(t *testing.T) {
	for _, name := range registry.Names() {
		t.Run(name, func(t *testing.T) {
			if why, ok := apart[name]; ok {
				t.Skip(why)
			}
			learntest.Check(t, func() learn.Estimator {
				e := registry.New(name)
				prepare(name, e)
				return e
			})
		})
	}
}

func TestDocsAreCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := registry.WriteDocs(&b); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/learn.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Error("docs/learn.md is not what the declarations say; run go generate ./learn/registry")
	}
}

// TestOptionsWithoutEffectAreRefused sets options that nothing reads.
func TestOptionsWithoutEffectAreRefused(t *testing.T) {
	x := learn.FromRows([][]float64{{0, 1}, {1, 0}, {2, 1}, {3, 5}, {4, 4}, {5, 3}, {6, 8}, {7, 7}})
	y := learn.FromRows([][]float64{{0}, {0}, {0}, {0}, {1}, {1}, {1}, {1}})
	for name, p := range map[string]learn.Params{
		"SVC":                        {"probability": true},
		"RandomForestClassifier":     {"ccp_alpha": 0.1},
		"GradientBoostingClassifier": {"ccp_alpha": 0.1},
		"BaggingClassifier":          {"oob_score": true},
		"KNeighborsClassifier":       {"metric_params": map[string]any{"w": 1}},
	} {
		e := registry.New(name)
		learn.Must(learn.Fit(e, x, y, nil))
		learn.Must(learn.SetParams(e, p))
		if err := learn.Fit(e, x, y, nil); err == nil {
			t.Errorf("%s ignores %v", name, p)
		}
	}
}
