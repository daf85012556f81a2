package convert

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	dataset "github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/registry"
)

// sample is a fitted estimator with rows to try it on.
type sample struct {
	e     learn.Estimator
	x     *learn.Matrix
	frame *learn.Frame
}

// float32s rounds, so that the model gets the numbers that the estimator gets.
func float32s(m *learn.Matrix) *learn.Matrix {
	out := m.Clone()
	for i, v := range out.Data {
		out.Data[i] = float64(float32(v))
	}
	return out
}

// lastClasses keeps the rows of iris whose class is not 0: two classes that overlap.
func lastClasses(x, y *learn.Matrix) (*learn.Matrix, *learn.Matrix) {
	var rows [][]float64
	var labels [][]float64
	for i, v := range y.Data {
		if v != 0 {
			rows, labels = append(rows, x.Row(i)), append(labels, []float64{v})
		}
	}
	return learn.FromRows(rows), learn.FromRows(labels)
}

// settings make estimators small, or give them what they need.
var settings = map[string]learn.Params{
	"OneVsRestClassifier":      {"estimator": linear.NewLogisticRegression()},
	"MultiOutputRegressor":     {"estimator": linear.NewRidge()},
	"SelectKBest":              {"k": 2},
	"GaussianRandomProjection": {"n_components": 3},
	"SparseRandomProjection":   {"n_components": 3},
	"VotingClassifier": {"weights": []float64{2, 1}, "voting": "soft", "estimators": []learn.Step{
		{Name: "a", Estimator: linear.NewLogisticRegression()}, {Name: "b", Estimator: registry.New("GaussianNB")},
	}},
	"VotingRegressor": {"estimators": []learn.Step{
		{Name: "a", Estimator: linear.NewRidge()}, {Name: "b", Estimator: registry.New("KNeighborsRegressor")},
	}},
	"SelectFromModel":                {"estimator": linear.NewRidgeClassifier()},
	"RFE":                            {"estimator": linear.NewRidgeClassifier()},
	"RFECV":                          {"estimator": linear.NewRidgeClassifier()},
	"KMeans":                         {"n_clusters": 3},
	"MiniBatchKMeans":                {"n_clusters": 3},
	"MLPClassifier":                  {"max_iter": 30, "hidden_layer_sizes": []int{8}},
	"MLPRegressor":                   {"max_iter": 30, "hidden_layer_sizes": []int{8, 4}},
	"RandomForestClassifier":         {"n_estimators": 20},
	"RandomForestRegressor":          {"n_estimators": 20},
	"ExtraTreesClassifier":           {"n_estimators": 20},
	"ExtraTreesRegressor":            {"n_estimators": 20},
	"GradientBoostingClassifier":     {"n_estimators": 20},
	"GradientBoostingRegressor":      {"n_estimators": 20},
	"HistGradientBoostingClassifier": {"max_iter": 20},
	"HistGradientBoostingRegressor":  {"max_iter": 20},
	"NuSVC":                          {"nu": 0.1},
	"PLSRegression":                  {"n_components": 2},
	"OneHotEncoder":                  {"handle_unknown": "ignore", "max_categories": 6},
	"OrdinalEncoder":                 {"handle_unknown": "use_encoded_value", "unknown_value": -5.0},
	"KBinsDiscretizer":               {"encode": "onehot-dense"},
	"GaussianMixture":                {"n_components": 3},
	"BayesianGaussianMixture":        {"n_components": 3},
}

// refused are the estimators without a form in ONNX, or that need other data than this test's.
var refused = strings.Fields(`Isomap SpectralEmbedding LocallyLinearEmbedding ClassicalMDS MDS TSNE
	BernoulliRBM LatentDirichletAllocation GaussianProcessClassifier PLSSVD RandomTreesEmbedding IterativeImputer
	AdditiveChi2Sampler CalibratedClassifierCV FixedThresholdClassifier IsotonicRegression Nystroem RBFSampler  
	 SequentialFeatureSelector SkewedChi2Sampler StackingClassifier StackingRegressor
	EllipticEnvelope   GraphicalLasso GraphicalLassoCV IsolationForest LabelPropagation
	LabelSpreading MinCovDet RANSACRegressor SelfTrainingClassifier 
	TunedThresholdClassifierCV  
	AffinityPropagation AgglomerativeClustering Birch BisectingKMeans CCA
	ClassifierChain CountVectorizer DBSCAN FeatureAgglomeration GaussianProcessRegressor
	GridSearchCV HDBSCAN HalvingGridSearchCV HashingVectorizer KNNImputer KernelCenterer KernelDensity
	KernelPCA LabelBinarizer LocalOutlierFactor MeanShift MissingIndicator MultiOutputClassifier NMF
	NearestNeighbors OPTICS OneVsOneClassifier OutputCodeClassifier PLSCanonical QuantileTransformer
 RadiusNeighborsClassifier RadiusNeighborsRegressor RandomizedSearchCV RegressorChain
	SpectralClustering SplineTransformer TargetEncoder TfidfVectorizer TransformedTargetRegressor
	EmpiricalCovariance LedoitWolf OAS ShrunkCovariance SparseCoder FrozenEstimator HalvingRandomSearchCV
	SpectralCoclustering SpectralBiclustering PolynomialCountSketch DictionaryLearning MiniBatchDictionaryLearning
	RadiusNeighborsTransformer KNeighborsTransformer PatchExtractor MiniBatchNMF

`)

func isRefused(name string) bool {
	for _, r := range refused {
		if r == name {
			return true
		}
	}
	return false
}

// samples fits every estimator of the registry that has a form, and compositions.
func samples(t testing.TB) map[string]sample {
	out := map[string]sample{}
	ix, iy := learn.FromTable(dataset.Iris())
	dx, dy := learn.FromTable(dataset.Diabetes())
	ix, dx = float32s(ix), float32s(dx)
	bx, by := lastClasses(ix, iy)
	fit := func(name string, e learn.Estimator, x learn.Data, y *learn.Matrix) {
		m, _ := x.(*learn.Matrix)
		f, _ := x.(*learn.Frame)
		if err := e.Fit(x, y); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		out[name] = sample{e, m, f}
	}
	for _, name := range registry.Names() {
		if isRefused(name) {
			continue
		}
		made := func() learn.Estimator {
			e := registry.New(name)
			learn.Must(learn.SetParams(e, settings[name]))
			return e
		}
		x, y := ix, iy
		if name == "CategoricalNB" {
			x = ix.Clone()
			for i, v := range x.Data {
				x.Data[i] = math.Round(v)
			}
		}
		switch learn.KindOf(made()) {
		case learn.KindRegressor:
			x, y = dx, dy
		case learn.KindClassifier:
			if name != "CategoricalNB" {
				fit(name+"/two", made(), bx, by)
			}
		case learn.KindClusterer, learn.KindOutlier, learn.KindDensity:
			y = nil
		}
		if name == "MultiOutputRegressor" {
			y = learn.Concat(dy, learn.Column(dx.Col(2)))
		}
		fit(name, made(), x, y)
	}
	variants(fit, ix, iy, dx, dy)
	return out
}

// variants are options whose form differs, and estimators made of others.
func variants(fit func(string, learn.Estimator, learn.Data, *learn.Matrix), ix, iy, dx, dy *learn.Matrix) {
	for _, v := range []struct {
		name string
		p    learn.Params
	}{
		{"SVC", learn.Params{"kernel": "poly", "degree": 2}},
		{"SVC", learn.Params{"kernel": "sigmoid", "gamma": 0.01}},
		{"SVC", learn.Params{"kernel": "linear", "break_ties": true}},
		{"KNeighborsClassifier", learn.Params{"weights": "distance", "p": 1.0}},
		{"NearestCentroid", learn.Params{"metric": "manhattan"}},
		{"SGDClassifier", learn.Params{"loss": "log_loss"}},
		{"SGDClassifier", learn.Params{"loss": "modified_huber"}},
		{"LogisticRegression", learn.Params{"solver": "liblinear"}},
		{"GaussianMixture", learn.Params{"n_components": 2, "covariance_type": "diag"}},
		{"PCA", learn.Params{"n_components": 2, "whiten": true}},
		{"PowerTransformer", learn.Params{"method": "box-cox"}},
		{"MinMaxScaler", learn.Params{"clip": true}},
		{"Normalizer", learn.Params{"norm": "max"}},
		{"OneHotEncoder", learn.Params{"drop": "first"}},
		{"KBinsDiscretizer", learn.Params{"encode": "ordinal", "strategy": "uniform"}},
		{"PolynomialFeatures", learn.Params{"degree": 3, "interaction_only": true}},
	} {
		e := registry.New(v.name)
		if v.name == "LogisticRegression" {
			e = linear.NewLogisticRegression()
		}
		learn.Must(learn.SetParams(e, v.p))
		y := iy
		if learn.KindOf(e) == learn.KindDensity {
			y = nil
		}
		if v.name == "LogisticRegression" {
			fit(fmt.Sprint(v.name, v.p), e, ix.Take(upTo(100)), iy.Take(upTo(100)))
			continue
		}
		fit(fmt.Sprint(v.name, v.p), e, ix, y)
	}
	k := registry.New("KernelRidge")
	learn.Must(learn.SetParams(k, learn.Params{"kernel": "rbf", "gamma": 2.0}))
	fit("KernelRidge/rbf", k, dx, dy)
	fit("Pipeline/svc", compose.NewPipeline(
		learn.Step{Name: "poly", Estimator: preprocess.NewPolynomialFeatures()},
		learn.Step{Name: "scale", Estimator: preprocess.NewStandardScaler()},
		learn.Step{Name: "best", Estimator: registry.New("SelectKBest")},
		learn.Step{Name: "svc", Estimator: registry.New("SVC")},
	), ix, iy)
	fit("Pipeline/union", compose.NewPipeline(
		learn.Step{Name: "both", Estimator: compose.NewFeatureUnion(
			learn.Step{Name: "pca", Estimator: registry.New("PCA")},
			learn.Step{Name: "bins", Estimator: registry.New("KBinsDiscretizer")},
		)},
		learn.Step{Name: "forest", Estimator: forest()},
	), ix, iy)
	holes := ix.Clone()
	for i := 0; i < len(holes.Data); i += 7 {
		holes.Data[i] = math.NaN()
	}
	fit("Pipeline/holes", compose.NewPipeline(
		learn.Step{Name: "fill", Estimator: impute.NewSimpleImputer()},
		learn.Step{Name: "line", Estimator: linear.NewLogisticRegression()},
	), holes, iy)
	fit("HistGradientBoosting/holes", registry.New("HistGradientBoostingClassifier"), holes, iy)
	people, label := table()
	fit("Pipeline/table", compose.NewPipeline(
		learn.Step{Name: "columns", Estimator: compose.NewColumnTransformer(
			compose.Columns{Name: "words", Transformer: encoder(), Names: []string{"city", "job"}},
			compose.Columns{Name: "rank", Transformer: registry.New("OrdinalEncoder"), Names: []string{"job"}},
			compose.Columns{Name: "numbers", Transformer: preprocess.NewStandardScaler(), Names: []string{"age"}},
		)},
		learn.Step{Name: "line", Estimator: linear.NewLogisticRegression()},
	), people, label)
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func forest() learn.Estimator {
	f := ensemble.NewRandomForestClassifier()
	f.NEstimators = 10
	return f
}

func encoder() learn.Estimator {
	e := preprocess.NewOneHotEncoder()
	e.HandleUnknown = "ignore"
	return e
}

// table is a frame of texts and numbers.
func table() (*learn.Frame, *learn.Matrix) {
	cities, jobs := []string{"Ulm", "Köln", "Bonn"}, []string{"cook", "nurse"}
	var city, job []string
	var age []float64
	y := learn.NewMatrix(60, 1)
	for i := range 60 {
		city, job = append(city, cities[i*i%3]), append(job, jobs[i/2%2])
		age = append(age, float64(20+i*7%50))
		y.Data[i] = float64((i*i%3 + i/2%2) % 2)
	}
	return &learn.Frame{
		Names: []string{"city", "job", "age"}, Columns: []learn.Series{{Texts: city}, {Texts: job}, {Numbers: age}},
	}, y
}

func TestModelsAgreeWithTheirEstimators(t *testing.T) {
	for name, s := range samples(t) {
		for _, double := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/double=%v", name, double), func(t *testing.T) {
				m, err := ToONNX(s.e, Options{Double: double, Frame: s.frame})
				if err != nil {
					t.Fatal(err)
				}
				raw, err := proto.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				loaded, err := onnx.Parse(raw, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := loaded.Run(feeds(s, double))
				if err != nil {
					t.Fatal(err)
				}
				for out, want := range expected(t, s) {
					compare(t, out, got[out].(*onnx.Tensor).Data, want, double)
				}
			})
		}
	}
}

// feeds are the inputs of a sample's model.
func feeds(s sample, double bool) map[string]onnx.Value {
	dt := eager.F32
	if double {
		dt = eager.F64
	}
	tensor := func(m *learn.Matrix) onnx.Value { return onnx.FromTensor(m.Tensor().To(dt)) }
	if s.frame == nil {
		return map[string]onnx.Value{"X": tensor(s.x)}
	}
	in := map[string]onnx.Value{}
	for j, c := range s.frame.Columns {
		if c.Numbers != nil {
			in[s.frame.Names[j]] = tensor(learn.Column(c.Numbers))
		} else {
			in[s.frame.Names[j]] = onnx.FromStrings(c.Texts, len(c.Texts), 1)
		}
	}
	return in
}

// expected is what the estimator says, by output.
func expected(t testing.TB, s sample) map[string]*learn.Matrix {
	var x learn.Data = s.x
	if s.frame != nil {
		x = s.frame
	}
	must := func(m *learn.Matrix, err error) *learn.Matrix {
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	out := map[string]*learn.Matrix{}
	switch kind := learn.KindOf(s.e); kind {
	case learn.KindClassifier, learn.KindClusterer, learn.KindDensity, learn.KindOutlier:
		out["label"] = must(s.e.(learn.Predictor).Predict(x))
		if p, ok := s.e.(learn.Prober); ok {
			if m, err := p.PredictProba(x); err == nil {
				name := "probabilities"
				if kind == learn.KindDensity {
					name = "scores"
				}
				out[name] = m
				return out
			}
		}
		if d, ok := s.e.(learn.Decider); ok {
			out["scores"] = must(d.DecisionFunction(x))
		} else if tr, ok := s.e.(learn.Transforms); ok && kind == learn.KindClusterer {
			d, err := tr.Transform(x)
			if err != nil {
				t.Fatal(err)
			}
			out["scores"] = learn.Dense("test", d)
		}
	case learn.KindRegressor:
		out["variable"] = must(s.e.(learn.Predictor).Predict(x))
	default:
		d, err := s.e.(learn.Transforms).Transform(x)
		if err != nil {
			t.Fatal(err)
		}
		out["variable"] = learn.Dense("test", d, learn.AllowNaN)
	}
	return out
}

func compare(t *testing.T, name string, got *eager.Tensor, want *learn.Matrix, double bool) {
	t.Helper()
	v := got.Float64s()
	if len(v) != len(want.Data) {
		t.Errorf("%s has %v values, want %d×%d", name, got.Shape(), want.Rows, want.Cols)
		return
	}
	scale := 0.0
	for _, w := range want.Data {
		scale = max(scale, math.Abs(w))
	}
	tol := 3e-5 * scale
	if double {
		tol = 2e-6 * scale
	}
	if name == "label" {
		tol = 0
	}
	for i, w := range want.Data {
		if !(math.Abs(v[i]-w) <= tol) {
			t.Errorf("%s[%d] = %g, want %g", name, i, v[i], w)
			return
		}
	}
}

func TestEstimatorsWithoutAFormAreErrorsThatNameThem(t *testing.T) {
	x, y := learn.FromTable(dataset.Iris())
	for _, name := range []string{"DBSCAN", "KNNImputer", "RadiusNeighborsRegressor", "QuantileTransformer"} {
		e := registry.New(name)
		learn.Must(e.Fit(x, y))
		if _, err := ToONNX(e, Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ToONNX(linear.NewRidge(), Options{}); err == nil || !strings.Contains(err.Error(), "not fitted") {
		t.Errorf("an estimator that is not fitted: %v", err)
	}
	if _, err := ToONNX(nil, Options{}); err == nil {
		t.Error("nil is converted")
	}
}

func TestSaveWritesAModelThatLoads(t *testing.T) {
	s := samples(t)["Pipeline/svc"]
	path := filepath.Join(t.TempDir(), "svc.onnx")
	if err := Save(path, s.e, Options{Name: "iris"}); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.Load(path); err != nil {
		t.Fatal(err)
	}
	if err := Save(filepath.Join(t.TempDir(), "no", "folder.onnx"), s.e, Options{}); !os.IsNotExist(err) && err == nil {
		t.Error("a folder that does not exist is written to")
	}
}

func TestTheListOfRefusedEstimatorsIsTrue(t *testing.T) {
	for _, name := range refused {
		if registry.New(name) == nil {
			t.Errorf("%s is refused, and is no estimator", name)
		}
	}
}
