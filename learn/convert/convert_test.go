package convert

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	dataset "github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/gp"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/registry"
)

var update = flag.Bool("update", false, "write docs/learn-onnx.md")

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
	"PLSCanonical":                   {"n_components": 1},
	"CCA":                            {"n_components": 1},
	"OneHotEncoder":                  {"handle_unknown": "ignore", "max_categories": 6},
	"OrdinalEncoder":                 {"handle_unknown": "use_encoded_value", "unknown_value": -5.0},
	"KBinsDiscretizer":               {"encode": "onehot-dense"},
	"GaussianMixture":                {"n_components": 3},
	"BayesianGaussianMixture":        {"n_components": 3},
	"OneVsOneClassifier":             {"estimator": linear.NewLinearSVC()},
	"OutputCodeClassifier":           {"estimator": linear.NewLogisticRegression()},
	"RegressorChain":                 {"estimator": linear.NewRidge()},
	"SequentialFeatureSelector":      {"estimator": linear.NewRidgeClassifier(), "n_features_to_select": 2},
	"CalibratedClassifierCV":         {"estimator": registry.New("GaussianNB")},
	"StackingClassifier": {"estimators": []learn.Step{
		{Name: "a", Estimator: linear.NewLinearSVC()}, {Name: "b", Estimator: registry.New("GaussianNB")},
	}},
	"StackingRegressor": {"passthrough": true, "estimators": []learn.Step{
		{Name: "a", Estimator: linear.NewRidge()}, {Name: "b", Estimator: registry.New("KNeighborsRegressor")},
	}},
	"GridSearchCV":             {"estimator": linear.NewRidge(), "param_grid": []map[string][]any{{"alpha": {0.1, 1.0}}}},
	"RandomizedSearchCV":       {"estimator": linear.NewRidge(), "n_iter": 2, "param_distributions": map[string][]any{"alpha": {0.1, 1.0, 2.0}}},
	"HalvingRandomSearchCV":    {"estimator": linear.NewRidge(), "param_distributions": map[string][]any{"alpha": {0.1, 1.0, 2.0}}},
	"HalvingGridSearchCV":      {"estimator": linear.NewRidge(), "param_grid": []map[string][]any{{"alpha": {0.1, 1.0}}}},
	"IsolationForest":          {"n_estimators": 20, "contamination": 0.1},
	"LocalOutlierFactor":       {"novelty": true, "n_neighbors": 7},
	"RandomTreesEmbedding":     {"n_estimators": 5, "max_depth": 3},
	"KernelPCA":                {"kernel": "rbf", "n_components": 3, "gamma": 0.2},
	"Nystroem":                 {"n_components": 12, "gamma": 0.2},
	"RBFSampler":               {"n_components": 8, "gamma": 0.2},
	"SkewedChi2Sampler":        {"n_components": 8},
	"QuantileTransformer":      {"n_quantiles": 40},
	"FeatureAgglomeration":     {"n_clusters": 2},
	"BisectingKMeans":          {"n_clusters": 3},
	"RadiusNeighborsRegressor": {"radius": 0.1},
}

// special are estimators that want data of their own: specials fits them.
var special = strings.Fields(`FixedThresholdClassifier TunedThresholdClassifierCV FrozenEstimator IsotonicRegression KernelCenterer
	LabelBinarizer PLSSVD SelfTrainingClassifier BernoulliRBM MissingIndicator TransformedTargetRegressor KNNImputer TargetEncoder`)

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
		if without[name] != "" || slices.Contains(special, name) {
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
	specials(fit, ix, iy, dx, dy)
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

// specials fits the estimators that want data of their own, and their options.
func specials(fit func(string, learn.Estimator, learn.Data, *learn.Matrix), ix, iy, dx, dy *learn.Matrix) {
	made := func(name string, p learn.Params) learn.Estimator {
		e := registry.New(name)
		learn.Must(learn.SetParams(e, p))
		return e
	}
	bx, by := lastClasses(ix, iy)
	logistic := func() learn.Estimator { return linear.NewLogisticRegression() }
	fit("FixedThreshold", made("FixedThresholdClassifier", learn.Params{"estimator": logistic(), "threshold": 0.3}), bx, by)
	fit("FixedThreshold/decision", made("FixedThresholdClassifier", learn.Params{
		"estimator": registry.New("LinearSVC"), "pos_label": 1.0, "threshold": 0.2,
	}), bx, by)
	fit("TunedThreshold", made("TunedThresholdClassifierCV", learn.Params{"estimator": logistic()}), bx, by)
	frozen := logistic()
	learn.Must(frozen.Fit(ix, iy))
	fit("Frozen", made("FrozenEstimator", learn.Params{"estimator": frozen}), ix, iy)
	holes := ix.Clone()
	unknown := iy.Clone()
	for i := 0; i < len(holes.Data); i += 7 {
		holes.Data[i] = math.NaN()
	}
	for i := 0; i < len(unknown.Data); i += 3 {
		unknown.Data[i] = -1
	}
	fit("SelfTraining", made("SelfTrainingClassifier", learn.Params{"estimator": logistic()}), ix, unknown)
	one := learn.Column(dx.Col(2))
	fit("Isotonic", made("IsotonicRegression", nil), one, dy)
	fit("Isotonic/clip", made("IsotonicRegression", learn.Params{"out_of_bounds": "clip", "increasing": false}), one, dy)
	square := float32s(learn.MulT(ix.Take(upTo(40)), ix.Take(upTo(40))))
	fit("KernelCenterer", made("KernelCenterer", nil), square, nil)
	fit("KernelPCA/precomputed", made("KernelPCA", learn.Params{"kernel": "precomputed", "n_components": 2}), square, nil)
	fit("KernelPCA/poly", made("KernelPCA", learn.Params{"kernel": "poly", "n_components": 2, "degree": 2.0}), ix, nil)
	fit("LabelBinarizer", made("LabelBinarizer", learn.Params{"neg_label": -1.0, "pos_label": 2.0}), iy, nil)
	fit("LabelBinarizer/two", made("LabelBinarizer", nil), by, nil)
	fit("PLSSVD", made("PLSSVD", learn.Params{"n_components": 1}), dx, dy)
	unit := float32s(ix)
	for i := range unit.Data {
		unit.Data[i] /= 8
	}
	fit("BernoulliRBM", made("BernoulliRBM", learn.Params{"n_components": 5, "n_iter": 3}), unit, nil)
	fit("MissingIndicator", made("MissingIndicator", nil), holes, nil)
	fit("MissingIndicator/all", made("MissingIndicator", learn.Params{"features": "all", "missing_values": 5.0}), ix, nil)
	fit("KNNImputer", made("KNNImputer", nil), holes, nil)
	fit("KNNImputer/distance", made("KNNImputer", learn.Params{"weights": "distance", "n_neighbors": 3}), holes, nil)
	fit("Pipeline/filled", compose.NewPipeline(
		learn.Step{Name: "fill", Estimator: made("KNNImputer", nil)}, learn.Step{Name: "line", Estimator: logistic()},
	), holes, iy)
	fit("TransformedTarget", made("TransformedTargetRegressor", learn.Params{
		"regressor": linear.NewRidge(), "transformer": preprocess.NewStandardScaler(),
	}), dx, dy)
	fit("RadiusNeighbors/distance", made("RadiusNeighborsClassifier", learn.Params{"weights": "distance", "radius": 2.0}), ix, iy)
	fit("LocalOutlierFactor/manhattan", made("LocalOutlierFactor", learn.Params{"novelty": true, "metric": "manhattan"}), ix, nil)
	fit("Spline/continue", made("SplineTransformer", learn.Params{"extrapolation": "continue", "degree": 2, "knots": "quantile", "include_bias": false}), ix, nil)
	fit("Calibrated/isotonic", made("CalibratedClassifierCV", learn.Params{"method": "isotonic", "estimator": logistic()}), ix, iy)
	fit("Calibrated/one", made("CalibratedClassifierCV", learn.Params{"ensemble": false}), bx, by)
	fit("Stacking/predict", made("StackingClassifier", learn.Params{"stack_method": "predict", "passthrough": true, "estimators": []learn.Step{
		{Name: "a", Estimator: registry.New("LinearSVC")}, {Name: "b", Estimator: registry.New("GaussianNB")},
	}}), ix, iy)
	fit("OneVsOne/bayes", made("OneVsOneClassifier", learn.Params{"estimator": registry.New("GaussianNB")}), bx, by)
	fit("GridSearchCV/forest", made("GridSearchCV", learn.Params{
		"estimator": forest(), "param_grid": []map[string][]any{{"max_depth": {2, 3}}},
	}), ix, iy)
	for name, k := range map[string]*gp.Kernel{
		"rbf": gp.Constant(1).Mul(gp.RBF(1, 2, 3, 4)).Add(gp.White(0.1)), "matern": gp.Matern(1.5, 2).Add(gp.DotProduct(1)),
		"rough": gp.Matern(0.5).Mul(gp.Constant(2)), "smooth": gp.Matern(2.5, 3), "rational": gp.RationalQuadratic(1, 2).Pow(2),
		"sine": gp.ExpSineSquared(2, 9).Add(gp.White(1)),
	} {
		e := gp.NewGaussianProcessRegressor()
		e.Kernel, e.Optimizer, e.Alpha, e.NormalizeY = k, nil, 0.1, name == "rbf"
		fit("GaussianProcess/"+name, e, ix, iy)
	}
	people, label := table()
	fit("Pipeline/targets", compose.NewPipeline(
		learn.Step{Name: "columns", Estimator: compose.NewColumnTransformer(
			compose.Columns{Name: "words", Transformer: registry.New("TargetEncoder"), Names: []string{"city", "job"}},
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
	kind := learn.KindOf(s.e)
	if _, ok := s.e.(learn.Predictor); !ok {
		kind = learn.KindTransformer
	}
	switch kind {
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
		if !(math.Abs(v[i]-w) <= tol) && !(v[i] != v[i] && w != w) {
			t.Errorf("%s[%d] = %g, want %g", name, i, v[i], w)
			return
		}
	}
}

func TestEstimatorsWithoutAFormAreErrorsThatNameThem(t *testing.T) {
	x, y := learn.FromTable(dataset.Iris())
	for _, name := range []string{"DBSCAN", "NMF", "LabelPropagation", "KernelDensity"} {
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

func TestTheListOfEstimatorsWithoutAFormIsTrue(t *testing.T) {
	for name := range without {
		if registry.New(name) == nil {
			t.Errorf("%s has no form, and is no estimator", name)
		}
	}
	var b bytes.Buffer
	if err := WriteTable(&b, registry.Names()); err != nil {
		t.Fatal(err)
	}
	const path = "../../docs/learn-onnx.md"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/learn-onnx.md is not what package convert says (%v); run go test ./learn/convert -update", err)
	}
}
