package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func ml(name string, k kernel) { addIn(mlDomain, name, 1, k) }

func init() {
	ml("Scaler", scaler)
	ml("Normalizer", normalizerML)
	ml("Binarizer", func(c *call) []Value {
		x := c.numeric(0)
		return one(number(x.Type, x.Data.Gt(c.float("threshold", 0)).To(x.Data.DType())))
	})
	ml("Imputer", imputer)
	ml("ArrayFeatureExtractor", featureExtractor)
	ml("FeatureVectorizer", featureVectorizer)
	ml("LinearRegressor", linearRegressor)
	ml("LinearClassifier", linearClassifier)
}

// table returns input i as rows of features, in f32 or f64.
func (c *call) table(i int) (x *Tensor, wide *eager.Tensor) {
	x = c.numeric(i)
	wide = x.Data
	if x.Type != Double {
		wide = wide.To(engine.F32)
	}
	switch wide.Rank() {
	case 1:
		wide = wide.Unsqueeze(0)
	case 2:
	default:
		fail("%s, want rows of features", x.describe())
	}
	return x, wide
}

func vectorOf(v []float64, d engine.DType) *eager.Tensor { return eager.FromFloat64s(v, len(v)).To(d) }

func scaler(c *call) []Value {
	_, x := c.table(0)
	x = x.To(engine.F32)
	if o := c.floats("offset"); o != nil {
		x = x.Sub(vectorOf(o, engine.F32))
	}
	if s := c.floats("scale"); s != nil {
		x = x.Mul(vectorOf(s, engine.F32))
	}
	return one(number(Float, x))
}

func normalizerML(c *call) []Value {
	_, x := c.table(0)
	x = x.To(engine.F32)
	var n *eager.Tensor
	switch c.oneOf("norm", "MAX", "L1", "L2") {
	case "MAX":
		n = x.MaxKeep(1)
	case "L1":
		n = x.Abs().SumKeep(1)
	default:
		n = x.Mul(x).SumKeep(1).Sqrt()
	}
	return one(number(Float, eager.Where(n.Eq(0), x, x.Div(n))))
}

// imputer replaces one value, which may be NaN.
func imputer(c *call) []Value {
	x := c.numeric(0)
	var fill []float64
	var old float64
	if x.Type.isInt() {
		old = float64(c.int("replaced_value_int64", 0))
		for _, v := range c.ints("imputed_value_int64s") {
			fill = append(fill, float64(v))
		}
	} else {
		old, fill = c.float("replaced_value_float", 0), c.floats("imputed_value_floats")
	}
	if len(fill) == 0 {
		fail("no imputed values for %s", x.describe())
	}
	hit := x.Data.IsNaN()
	if !math.IsNaN(old) {
		hit = x.Data.Eq(old)
	}
	return one(number(x.Type, eager.Where(hit, vectorOf(fill, x.Data.DType()), x.Data)))
}

// featureExtractor picks elements of the last axis.
func featureExtractor(c *call) []Value {
	x, index := c.tensor(0), c.numeric(1)
	s := x.Shape()
	if len(s) == 0 {
		fail("%s has no axis", x.describe())
	}
	at := positive(index, s[len(s)-1]).Reshape(index.Numel())
	y := byIndex(x, func(t *eager.Tensor) *eager.Tensor { return t.IndexSelect(-1, at) })
	if len(s) == 1 {
		y = y.reshaped(1, index.Numel())
	}
	return one(y)
}

// featureVectorizer joins the features of all inputs.
func featureVectorizer(c *call) []Value {
	parts := make([]*eager.Tensor, len(c.values))
	dims := c.ints("inputdimensions")
	for i := range parts {
		_, x := c.table(i)
		parts[i] = x.To(engine.F32)
		if i < len(dims) {
			parts[i] = fitted(parts[i], dims[i])
		}
	}
	return one(number(Float, eager.Concat(1, parts...)))
}

// fitted cuts rows to n features or fills them with zeros.
func fitted(x *eager.Tensor, n int) *eager.Tensor {
	if m := x.Size(1); m < n {
		return x.Pad([]int{0, 0}, []int{0, n - m}, 0)
	}
	return x.Slice(1, 0, n)
}

// linear returns the scores x·wᵀ + b for rows of coefficients.
func (c *call) linear(x *eager.Tensor) *eager.Tensor {
	c.must("coefficients")
	w := c.floats("coefficients")
	features := x.Size(1)
	if features == 0 || len(w)%features != 0 {
		fail("%d coefficients for %d features", len(w), features)
	}
	y := x.MatMul(vectorOf(w, x.DType()).Reshape(len(w)/features, features).T())
	if b := c.floats("intercepts"); len(b) > 0 {
		y = y.Add(vectorOf(b, x.DType()))
	}
	return y
}

func linearRegressor(c *call) []Value {
	_, x := c.table(0)
	return one(number(Float, transformed(c, c.linear(x))))
}

// transformed applies attribute post_transform to rows of scores.
func transformed(c *call, x *eager.Tensor) *eager.Tensor {
	return postTransform(c.oneOf("post_transform", "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"), x)
}

func postTransform(how string, x *eager.Tensor) *eager.Tensor {
	switch how {
	case "LOGISTIC":
		return x.Sigmoid()
	case "SOFTMAX":
		return x.Softmax(1)
	case "SOFTMAX_ZERO":
		e := eager.Where(x.Eq(0), eager.ZerosLike(x), x.Sub(x.MaxKeep(1)).Exp())
		return e.Div(e.SumKeep(1))
	case "PROBIT":
		v := x.Float64s()
		for i, p := range v {
			v[i] = math.Sqrt2 * math.Erfinv(2*p-1)
		}
		return eager.FromFloat64s(v, x.Shape()...).To(x.DType())
	}
	return x
}

// labels are the classes of a classifier.
type labels struct {
	ints    []int
	strings []string
}

func (c *call) labels(ints string) labels {
	return labels{ints: c.ints(ints), strings: c.strings("classlabels_strings")}
}

func (l labels) len() int { return max(len(l.ints), len(l.strings)) }

// of returns the labels of class numbers; −1 is no class.
func (l labels) of(classes []int) *Tensor {
	if len(l.strings) > 0 {
		out := make([]string, len(classes))
		for i, k := range classes {
			if k >= 0 && k < len(l.strings) {
				out[i] = l.strings[k]
			}
		}
		return FromStrings(out, len(out))
	}
	out := make([]int, len(classes))
	for i, k := range classes {
		switch {
		case k < 0:
		case k < len(l.ints):
			out[i] = l.ints[k]
		case len(l.ints) == 0:
			out[i] = k
		}
	}
	return fromInts(out, len(out))
}

func linearClassifier(c *call) []Value {
	_, x := c.table(0)
	scores := c.linear(x)
	l := c.labels("classlabels_ints")
	how := c.string("post_transform", "NONE")
	if scores.Size(1) == 1 && l.len() == 2 {
		scores = eager.Concat(1, scores.Neg(), scores)
	}
	if scores.Size(1) == 1 { // one class or none
		y := transformed(c, scores)
		threshold := 0.5
		if how == "NONE" {
			threshold = 0
		}
		classes := make([]int, y.Size(0))
		for i, v := range y.Float64s() {
			classes[i] = -1
			if v >= threshold {
				classes[i] = 0
			}
		}
		return []Value{l.of(classes), number(Float, y)}
	}
	y := transformed(c, scores)
	return []Value{l.of(scores.ArgMax(1).Ints()), number(Float, y)}
}

// binaryScores turns the score of the second of two classes into both, as onnxruntime does.
func binaryScores(score []float64, positive bool) (classes []int, both []float64) {
	for _, s := range score {
		class, first, threshold := 0, -s, 0.0
		if positive {
			first, threshold = 1-s, 0.5
		}
		if s > threshold {
			class = 1
		}
		classes, both = append(classes, class), append(both, first, s)
	}
	return classes, both
}

func nonNegative(v []float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return x < 0 })
}
