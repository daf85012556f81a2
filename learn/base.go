package learn

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/lathe-ml/lathe/engine"
)

// Estimator learns from data. Fit forgets what an earlier Fit learned. y may be nil where scikit-learn's
// may be None.
type Estimator interface {
	Fit(x Data, y *Matrix) error
	// Core returns the embedded Base.
	Core() *Base
}

// Weighted is an Estimator whose samples may count differently.
type Weighted interface {
	Estimator
	// FitWeighted is Fit with a weight for each row; nil means equal weights.
	FitWeighted(x Data, y *Matrix, weights []float64) error
}

// Predictor predicts a target for each row, one column for each output.
type Predictor interface {
	Predict(x Data) (*Matrix, error)
}

// Prober predicts the probability of each class, in the order of Classes.
type Prober interface {
	PredictProba(x Data) (*Matrix, error)
}

// Decider returns a confidence for each class, or one column for two classes: positive means the second.
type Decider interface {
	DecisionFunction(x Data) (*Matrix, error)
}

// Transforms changes data.
type Transforms interface {
	Transform(x Data) (Data, error)
}

// Inverts undoes Transform as far as that is possible.
type Inverts interface {
	InverseTransform(x Data) (Data, error)
}

// FitTransforms learns and changes the same data, not always as Fit followed by Transform would.
type FitTransforms interface {
	FitTransform(x Data, y *Matrix) (Data, error)
}

// Scorer has a score of its own; larger is better.
type Scorer interface {
	Score(x Data, y *Matrix) (float64, error)
}

// Partial learns from one batch after another.
type Partial interface {
	PartialFit(x Data, y *Matrix) error
}

// Kind says what an estimator is for.
type Kind string

// Kinds of estimators.
const (
	KindClassifier  Kind = "classifier"
	KindRegressor   Kind = "regressor"
	KindTransformer Kind = "transformer"
	KindClusterer   Kind = "clusterer"
	KindOutlier     Kind = "outlier detector"
	KindDensity     Kind = "density estimator"
)

// Base is embedded in every estimator. Init connects it to the estimator.
type Base struct {
	NFeatures int `fit:"n_features_in_"` // columns that Fit saw

	self   Estimator
	fitted bool
	ctx    context.Context
}

// Core returns b; it makes every estimator that embeds Base have one.
func (b *Base) Core() *Base { return b }

// SetContext makes Fit return ctx's error soon after ctx ends.
func (b *Base) SetContext(ctx context.Context) { b.ctx = ctx }

// Context returns what SetContext was given, or the background context.
func (b *Base) Context() context.Context {
	if b.ctx == nil {
		return context.Background()
	}
	return b.ctx
}

// Poll ends a Fit whose context has ended or that the notebook interrupts. Long loops call it.
func (b *Base) Poll() {
	engine.Check()
	if b.ctx != nil && b.ctx.Err() != nil {
		Fail(b.Name(), "fit was stopped: %v", context.Cause(b.ctx))
	}
}

// Name returns "package.Type" of the estimator.
func (b *Base) Name() string {
	if b.self == nil {
		return "learn"
	}
	return strings.TrimPrefix(reflect.TypeOf(b.self).String(), "*")
}

// Fitted reports whether Fit has succeeded.
func (b *Base) Fitted() bool { return b.fitted }

// String returns the name with the options that differ from the defaults.
func (b *Base) String() string {
	if b.self == nil {
		return "estimator made without its constructor"
	}
	return Describe(b.self)
}

// owner returns the estimator that embeds b.
func (b *Base) owner() Estimator {
	if b.self == nil || b.self.Core() != b {
		Fail("learn", "estimator was made or copied without its constructor; use New… or learn.Clone")
	}
	return b.self
}

// Begin starts a Fit: it checks x, and y when it is not nil, and returns them dense. Callers recover its
// panic with Catch.
func (b *Base) Begin(x Data, y *Matrix, o ...Allow) *Matrix {
	b.owner()
	m := Dense(b.Name()+".Fit", x, o...)
	b.BeginSize(m.Rows, m.Cols, y)
	return m
}

// BeginSize starts a Fit on data of that size that has been checked.
func (b *Base) BeginSize(rows, cols int, y *Matrix) {
	b.owner()
	where := b.Name() + ".Fit"
	b.fitted = false
	b.mustKeepFixed()
	if _, ok := b.self.(interface{ supervised() }); ok && y == nil {
		Fail(where, "y is nil; want a target for each row")
	}
	if y != nil {
		if y.Rows != rows {
			Fail(where, "X has %d rows, y has %d; want the same number", rows, y.Rows)
		}
		mustFinite(where, "y", y, 0)
	}
	b.NFeatures = cols
}

// MustSquare fails where the squares of x's values overflow; it returns x.
func (b *Base) MustSquare(x *Matrix) *Matrix {
	limit := math.Sqrt(math.MaxFloat64 / float64(max(len(x.Data), 1)))
	var far atomic.Bool
	engine.Parallel(len(x.Data), 1<<16, func(lo, hi int) {
		for _, v := range x.Data[lo:hi] {
			if v > limit || v < -limit {
				far.Store(true)
				return
			}
		}
	})
	if !far.Load() {
		return x
	}
	for i, v := range x.Data {
		if v > limit || v < -limit {
			b.Fail("X has %g in row %d, column %d, whose square overflows; scale X (preprocess.NewStandardScaler)", v,
				i/x.Cols, i%x.Cols)
		}
	}
	return x
}

// MustRows fails for fewer rows than an estimate needs; it returns x.
func (b *Base) MustRows(x *Matrix, least int) *Matrix {
	if x.Rows < least {
		b.Fail("X has %d rows; want at least %d", x.Rows, least)
	}
	return x
}

// Done ends a Fit that succeeded.
func (b *Base) Done() { b.fitted = true }

// Ready checks that the estimator is fitted and that x has the columns that Fit saw.
func (b *Base) Ready(x Data, o ...Allow) *Matrix {
	b.MustFitted()
	if s, ok := x.(*CSR); ok {
		b.mustWidth(s.Cols)
	}
	m := Dense(b.Name(), x, o...)
	b.mustWidth(m.Cols)
	return m
}

// MustFitted fails when Fit has not succeeded.
func (b *Base) MustFitted() {
	b.owner()
	if !b.fitted {
		Fail(b.Name(), "is not fitted yet; call Fit first")
	}
}

func (b *Base) mustWidth(cols int) {
	if cols != b.NFeatures {
		Fail(b.Name(), "X has %d features, Fit saw %d; want the same columns", cols, b.NFeatures)
	}
}

// Fail panics with the estimator's name, for Catch.
func (b *Base) Fail(format string, args ...any) { Fail(b.Name(), format, args...) }

// Fail panics with an error that Catch returns.
func Fail(where, format string, args ...any) { engine.Fail(where, format, args...) }

// Catch is deferred by every method that returns an error: it turns Fail's panic into that error.
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *engine.Error:
		*err = r
	default:
		panic(r)
	}
}

// Must panics with err, for Catch, unless it is nil.
func Must(err error) {
	if err == nil {
		return
	}
	if e, ok := err.(*engine.Error); ok {
		panic(e)
	}
	panic(&engine.Error{Where: "learn", What: err.Error()})
}

// Allow lifts a check of Dense.
type Allow int

// What Dense refuses unless it is allowed.
const (
	AllowNaN Allow = 1 + iota
	AllowInf
	AllowEmpty
)

// Dense returns x as a Matrix that callers must not change, and fails for NaN, infinities and empty data
// unless they are allowed.
func Dense(where string, x Data, o ...Allow) *Matrix {
	var m *Matrix
	switch x := x.(type) {
	case *Matrix:
		m = x
	case *CSR:
		m = x.Dense()
	case *Frame:
		var ok bool
		if m, ok = x.Matrix(); !ok {
			Fail(where, "X has a column of texts; encode it first (preprocess.OneHotEncoder)")
		}
	case nil:
		Fail(where, "X is nil; want *learn.Matrix, *learn.CSR or *learn.Frame")
	default:
		Fail(where, "X is %T; want *learn.Matrix, *learn.CSR or *learn.Frame", x)
	}
	if m == nil {
		Fail(where, "X is nil; want a matrix")
	}
	allowed := 0
	for _, a := range o {
		allowed |= 1 << a
	}
	if (m.Rows == 0 || m.Cols == 0) && allowed&(1<<AllowEmpty) == 0 {
		Fail(where, "X has %d rows and %d columns; want at least one of each", m.Rows, m.Cols)
	}
	mustFinite(where, "X", m, allowed)
	return m
}

func mustFinite(where, what string, m *Matrix, allowed int) {
	var odd atomic.Bool
	engine.Parallel(len(m.Data), 1<<16, func(lo, hi int) {
		var a, b, c, d float64 // four sums: one would wait for itself
		part := m.Data[lo:hi]
		for ; len(part) >= 4; part = part[4:] {
			a, b, c, d = a+part[0]*0, b+part[1]*0, c+part[2]*0, d+part[3]*0
		}
		for _, v := range part {
			a += v * 0
		}
		if a+b+c+d != 0 {
			odd.Store(true)
		}
	})
	if !odd.Load() {
		return
	}
	for i, v := range m.Data {
		switch {
		case math.IsNaN(v) && allowed&(1<<AllowNaN) == 0:
			Fail(where, "%s contains NaN (row %d, column %d); impute or drop it (learn/impute)", what,
				i/m.Cols, i%m.Cols)
		case math.IsInf(v, 0) && allowed&(1<<AllowInf) == 0:
			Fail(where, "%s contains infinity (row %d, column %d); clip or drop it", what, i/m.Cols,
				i%m.Cols)
		}
	}
}

// Weights checks sample weights: as many as rows, none negative; nil becomes ones.
func Weights(where string, w []float64, rows int) []float64 {
	if w == nil {
		w = make([]float64, rows)
		for i := range w {
			w[i] = 1
		}
		return w
	}
	if len(w) != rows {
		Fail(where, "%d weights for %d rows; want one for each", len(w), rows)
	}
	for i, v := range w {
		if !(v >= 0) || math.IsInf(v, 0) {
			Fail(where, "weight %d is %g; want finite weights of 0 or more", i, v)
		}
	}
	return w
}

// Target returns y's single column.
func Target(where string, y *Matrix) []float64 {
	if y == nil {
		Fail(where, "y is nil; want a target for each row")
	}
	if y.Cols != 1 {
		Fail(where, "y has %d columns; want 1 (multioutput wraps estimators of one target)", y.Cols)
	}
	return y.Data[:y.Rows]
}

// Fit fits e, with weights where they are not nil.
func Fit(e Estimator, x Data, y *Matrix, weights []float64) error {
	if weights == nil {
		return e.Fit(x, y)
	}
	w, ok := e.(Weighted)
	if !ok {
		return &engine.Error{Where: e.Core().Name(), What: "takes no weights of samples"}
	}
	return w.FitWeighted(x, y, weights)
}

// Describe returns the name of e with the options that differ from the defaults.
func Describe(e Estimator) string {
	var parts []string
	def := Defaults(e)
	for _, p := range Options(e) {
		if v := p.Value(); !reflect.DeepEqual(v, def[p.Name]) {
			parts = append(parts, fmt.Sprintf("%s=%v", p.Name, v))
		}
	}
	name := e.Core().Name()
	return name[strings.LastIndex(name, ".")+1:] + "(" + strings.Join(parts, ", ") + ")"
}
