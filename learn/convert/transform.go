package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/crossdecomp"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/projection"
	"github.com/lathe-ml/lathe/learn/vectorize"
)

// steps returns the steps of a pipeline, or nil.
func steps(e learn.Estimator) []learn.Step {
	switch m := e.(type) {
	case *compose.Pipeline:
		return m.Steps
	case *compose.FeatureUnion:
		return m.Steps
	}
	return nil
}

// pipeline converts all steps but the last, which it returns.
func (g *graph) pipeline(p *compose.Pipeline, d data) (learn.Estimator, data) {
	last := len(p.Steps) - 1
	for _, s := range p.Steps[:last] {
		if s.Estimator != nil {
			d = g.transform(s.Estimator, d)
		}
	}
	if p.Steps[last].Estimator == nil {
		refuse(p, "ends with a step that passes data through")
	}
	return p.Steps[last].Estimator, d
}

// transform converts a transformer.
func (g *graph) transform(e learn.Estimator, d data) data {
	e = unwrap(e)
	switch m := e.(type) {
	case *compose.Pipeline:
		last, d := g.pipeline(m, d)
		return g.transform(last, d)
	case *compose.FeatureUnion:
		return g.union(m, d)
	case *compose.ColumnTransformer:
		return g.columns(m, d)
	case *preprocess.OneHotEncoder:
		return g.indicators(m, d)
	case *preprocess.OrdinalEncoder:
		return g.ordinals(m, d)
	}
	if s, ok := learn.Attributes(e)["support"].([]bool); ok {
		var keep []int
		for j, ok := range s {
			if ok {
				keep = append(keep, j)
			}
		}
		return g.take(d, keep)
	}
	switch m := e.(type) {
	case *ensemble.StackingClassifier:
		return g.stacked(m, &m.Stack, d, len(m.Classes))
	case *ensemble.StackingRegressor:
		return g.stacked(m, &m.Stack, d, 0)
	}
	if y, n := g.pieces(e, d); y != "" {
		return data{matrix: y, cols: n}
	}
	x, cols := g.dense(e, d)
	if y, n := g.features(e, x, cols); y != "" {
		return data{matrix: y, cols: n}
	}
	if y := g.scale(e, x); y != "" {
		return data{matrix: y, cols: cols}
	}
	if y, n := g.project(e, x); y != "" {
		return data{matrix: y, cols: n}
	}
	switch m := e.(type) {
	case *impute.SimpleImputer:
		return g.impute(m, x)
	case *preprocess.PolynomialFeatures:
		return g.polynomial(m, x)
	case *preprocess.KBinsDiscretizer:
		return g.bins(m, x)
	case *preprocess.FunctionTransformer:
		refuse(m, "calls a function in Go")
	}
	noForm(e)
	return data{}
}

// scale converts transformers that keep the columns, or returns "".
func (g *graph) scale(e learn.Estimator, x string) string {
	switch m := e.(type) {
	case *preprocess.StandardScaler:
		if m.WithMean {
			x = g.sub(x, g.vec(m.Mean))
		}
		return g.div(x, g.vec(m.Scale))
	case *preprocess.MinMaxScaler:
		x = g.add(g.mul(x, g.vec(m.Scale)), g.vec(m.Min))
		if m.Clip {
			x = g.clip(x, m.FeatureRange[0], m.FeatureRange[1])
		}
		return x
	case *preprocess.MaxAbsScaler:
		if x = g.div(x, g.vec(m.Scale)); m.Clip {
			x = g.clip(x, -1, 1)
		}
		return x
	case *preprocess.RobustScaler:
		return g.div(g.sub(x, g.vec(m.Center)), g.vec(m.Scale))
	case *preprocess.Binarizer:
		return g.cast(g.above(x, m.Threshold))
	case *preprocess.Normalizer:
		return g.normalize(m.Norm, x)
	case *preprocess.PowerTransformer:
		return g.power(m, x)
	case *vectorize.TfidfTransformer:
		return g.tfidf(m, x)
	}
	return ""
}

// clip limits values; the limits of Clip are scalars.
func (g *graph) clip(x string, lo, hi float64) string {
	return g.op("Min", nil, g.op("Max", nil, x, g.scalar(lo)), g.scalar(hi))
}

// tfidf weighs counts.
func (g *graph) tfidf(m *vectorize.TfidfTransformer, x string) string {
	if m.SublinearTF {
		zero := g.op("Equal", nil, x, g.scalar(0))
		logs := g.add(g.op("Log", nil, g.op("Where", nil, zero, g.scalar(1), x)), g.scalar(1))
		x = g.op("Where", nil, zero, g.scalar(0), logs)
	}
	if m.UseIDF {
		x = g.mul(x, g.vec(m.IDF))
	}
	return g.normalize(m.Norm, x)
}

// normalize divides rows by their norm: l1, l2, max, or "" for none.
func (g *graph) normalize(kind, x string) string {
	var norm string
	switch kind {
	case "":
		return x
	case "l1":
		norm = g.sum(g.op("Abs", nil, x))
	case "max":
		norm = g.op("ReduceMax", list(attr("keepdims", 1)), g.op("Abs", nil, x), g.ints(1))
	default:
		norm = g.op("Sqrt", nil, g.sum(g.mul(x, x)))
	}
	none := g.op("Equal", nil, norm, g.scalar(0))
	return g.div(x, g.op("Where", nil, none, g.scalar(1), norm))
}

// power is Yeo–Johnson or Box–Cox, and then the scaler. Each branch gets arguments at which it is defined.
func (g *graph) power(m *preprocess.PowerTransformer, x string) string {
	y := g.wide(x, func(x string) string {
		if m.Method == "box-cox" {
			return g.boxCox(x, m.Lambdas)
		}
		zero := g.scalar(0)
		up := g.boxCox(g.add(g.op("Max", nil, x, zero), g.scalar(1)), m.Lambdas)
		mirrored := make([]float64, len(m.Lambdas))
		for j, l := range m.Lambdas {
			mirrored[j] = 2 - l
		}
		down := g.boxCox(g.sub(g.scalar(1), g.op("Min", nil, x, zero)), mirrored)
		return g.op("Where", nil, g.op("Less", nil, x, zero), g.op("Neg", nil, down), up)
	})
	if m.Standardize {
		return g.scale(m.Scaler, y)
	}
	return y
}

// boxCox returns (x^λ − 1)/λ, or log x where λ is 0.
func (g *graph) boxCox(x string, lambdas []float64) string {
	safe, isLog := make([]float64, len(lambdas)), make([]float64, len(lambdas))
	any := false
	for j, l := range lambdas {
		if safe[j] = l; math.Abs(l) < 2.220446049250313e-16 {
			safe[j], isLog[j], any = 1, 1, true
		}
	}
	y := g.div(g.sub(g.op("Pow", nil, x, g.vec(safe)), g.scalar(1)), g.vec(safe))
	if any {
		y = g.op("Where", nil, g.above(g.vec(isLog), 0), g.op("Log", nil, x), y)
	}
	return y
}

// project converts projections on components, or returns "".
func (g *graph) project(e learn.Estimator, x string) (y string, n int) {
	switch m := e.(type) {
	case *projection.GaussianRandomProjection:
		return g.matMul(x, g.mat(m.Components.T())), m.Components.Rows
	case *projection.SparseRandomProjection:
		return g.matMul(x, g.mat(m.Components.T())), m.Components.Rows
	case *decomposition.FastICA:
		if m.Mean != nil {
			x = g.sub(x, g.vec(m.Mean))
		}
		return g.matMul(x, g.mat(m.Components.T())), m.Components.Rows
	case *decomposition.FactorAnalysis:
		return g.image(m, m.Mean, x), m.Components.Rows
	case *decomposition.SparsePCA:
		return g.image(m, m.Mean, x), m.Components.Rows
	case *decomposition.MiniBatchSparsePCA:
		return g.image(m, m.Mean, x), m.Components.Rows
	case *neighbors.NeighborhoodComponentsAnalysis:
		return g.matMul(x, g.mat(m.Components.T())), m.Components.Rows
	case *decomposition.PCA:
		return g.components(x, &m.Components, m.Whiten), m.Components.Components.Rows
	case *decomposition.IncrementalPCA:
		return g.components(x, &m.Components, m.Whiten), m.Components.Components.Rows
	case *cluster.FeatureAgglomeration:
		if m.PoolingFunc != nil {
			refuse(m, "calls a function in Go")
		}
		w, _ := affineOf(m.NFeatures, m.Transform)
		return g.matMul(x, g.mat(w)), w.Cols
	case *crossdecomp.PLSSVD:
		w, b := affineOf(m.NFeatures, m.Transform)
		return g.add(g.matMul(x, g.mat(w)), g.vec(b)), w.Cols
	case *decomposition.TruncatedSVD:
		return g.matMul(x, g.mat(m.Components.Components.T())), m.Components.Components.Rows
	}
	return "", 0
}

// image is a transformer that is linear in x − mean: the images of unit vectors are its matrix.
func (g *graph) image(m learn.Transforms, mean []float64, x string) string {
	unit := learn.NewMatrix(len(mean), len(mean))
	for j := range unit.Rows {
		copy(unit.Row(j), mean)
		unit.Row(j)[j]++
	}
	w, err := m.Transform(unit)
	learn.Must(err)
	return g.matMul(g.sub(x, g.vec(mean)), g.mat(learn.Dense("convert", w)))
}

func (g *graph) components(x string, c *decomposition.Components, whiten bool) string {
	y := g.matMul(g.sub(x, g.vec(c.Mean)), g.mat(c.Components.T()))
	if !whiten {
		return y
	}
	scale := make([]float64, len(c.ExplainedVariance))
	for i, v := range c.ExplainedVariance {
		scale[i] = math.Sqrt(v)
	}
	return g.div(y, g.vec(scale))
}

func (g *graph) impute(m *impute.SimpleImputer, x string) data {
	if m.AddIndicator {
		refuse(m, "adds indicators; join a MissingIndicator by a FeatureUnion instead")
	}
	hole := g.op("IsNaN", nil, x)
	if !math.IsNaN(m.MissingValues) {
		hole = g.op("Equal", nil, x, g.scalar(m.MissingValues))
	}
	fill, kept := make([]float64, len(m.Statistics)), []int(nil)
	for j, v := range m.Statistics {
		if !math.IsNaN(v) {
			kept, fill[j] = append(kept, j), v
		}
	}
	out := data{matrix: g.op("Where", nil, hole, g.floats(fill, 1, len(fill)), x), cols: len(fill)}
	if len(kept) < len(fill) {
		out = g.take(out, kept)
	}
	return out
}

// polynomial multiplies columns: one gathered column of factors for each power.
func (g *graph) polynomial(m *preprocess.PolynomialFeatures, x string) data {
	cols := len(m.Powers[0])
	most := 0
	factors := make([][]int, len(m.Powers))
	for k, p := range m.Powers {
		for j, e := range p {
			for range e {
				factors[k] = append(factors[k], j)
			}
		}
		most = max(most, len(factors[k]))
	}
	one := g.add(g.mul(g.gather(x, []int{0}), g.scalar(0)), g.scalar(1))
	padded := g.concat(x, one)
	y := ""
	for r := range max(most, 1) {
		index := make([]int, len(factors))
		for k, f := range factors {
			if index[k] = cols; r < len(f) {
				index[k] = f[r]
			}
		}
		if part := g.gather(padded, index); y == "" {
			y = part
		} else {
			y = g.mul(y, part)
		}
	}
	return data{matrix: y, cols: len(m.Powers)}
}

// bins counts the inner edges that are not above a value.
func (g *graph) bins(m *preprocess.KBinsDiscretizer, x string) data {
	var parts []string
	n := 0
	for j, edges := range m.BinEdges {
		inner := edges[1 : len(edges)-1]
		col := g.gather(x, []int{j})
		code := g.mul(col, g.scalar(0))
		if len(inner) > 0 {
			code = g.sum(g.cast(g.op("GreaterOrEqual", nil, col, g.edges(inner))))
		}
		width := 1
		if m.Encode != "ordinal" {
			width = m.NBinsUsed[j]
			codes := make([]float64, width)
			for i := range codes {
				codes[i] = float64(i)
			}
			code = g.cast(g.op("Equal", nil, code, g.floats(codes, 1, width)))
		}
		parts, n = append(parts, code), n+width
	}
	return data{matrix: g.concat(parts...), cols: n}
}

// edges are limits [1 n] that float32 values reach exactly when they reach the float64 limits.
func (g *graph) edges(v []float64) string {
	if g.double {
		return g.floats(v, 1, len(v))
	}
	up := make([]float64, len(v))
	for i, e := range v {
		f := float32(e)
		if float64(f) < e {
			f = math.Nextafter32(f, float32(math.Inf(1)))
		}
		up[i] = float64(f)
	}
	return g.floats(up, 1, len(up))
}
