// Package learntest holds what every estimator must do, whatever it learns.
//
//	func TestMine(t *testing.T) {
//		learntest.Check(t, func() learn.Estimator { return NewMine() })
//	}
//	// one subtest for each claim
//
// The ideas are those of scikit-learn's check_estimator. Values of results are checked elsewhere
// (internal/conform).
package learntest

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Data returns 40 rows of 5 positive features with classes and with numbers as targets.
func Data() (x, classes, numbers *learn.Matrix) {
	r := random.New(7)
	x, classes, numbers = learn.NewMatrix(40, 5), learn.NewMatrix(40, 1), learn.NewMatrix(40, 1)
	for i := range x.Rows {
		c := float64(i % 3)
		classes.Data[i] = c
		for j := range x.Cols {
			v := math.Abs(c*float64(j%2+1) + r.Normal(1, 0.5))
			x.Set(i, j, math.Round(8*v)/8)
			numbers.Data[i] += v
		}
	}
	return x, classes, numbers
}

// target returns what an estimator of e's kind learns from.
func target(e learn.Estimator, classes, numbers *learn.Matrix) *learn.Matrix {
	switch learn.KindOf(e) {
	case learn.KindRegressor:
		return numbers
	case learn.KindClusterer, learn.KindOutlier, learn.KindDensity:
		return nil
	}
	return classes
}

// results returns everything that a fitted estimator says about rows.
func results(e learn.Estimator, x *learn.Matrix) (map[string]any, error) {
	out := map[string]any{}
	if p, ok := e.(learn.Predictor); ok {
		v, err := p.Predict(x)
		if err != nil {
			return nil, err
		}
		out["Predict"] = v
	}
	if p, ok := e.(learn.Transforms); ok {
		v, err := p.Transform(x)
		if err != nil {
			return nil, err
		}
		out["Transform"] = v
	}
	if _, ok := e.(interface {
		FitPredict(learn.Data) ([]int, error)
	}); ok {
		out["labels"] = learn.Attributes(e)["labels_"]
	}
	return out, nil
}

// safely is results with panics as errors.
func safely(e learn.Estimator, x *learn.Matrix) (out map[string]any, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = map[string]any{"panic": r}, panicked{r}
		}
	}()
	return results(e, x)
}

// Check runs the contract; make returns a new estimator that can be fitted to Data.
func Check(t *testing.T, create func() learn.Estimator) {
	t.Helper()
	x, classes, numbers := Data()
	y := target(create(), classes, numbers)
	t.Run("it does what its kind promises", func(t *testing.T) { checkKind(t, create()) })
	t.Run("a clone has equal options", func(t *testing.T) { checkClone(t, create()) })
	t.Run("results before Fit are an error", func(t *testing.T) {
		r, err := safely(create(), x)
		if err == nil && len(r) > 0 && r["labels"] == nil {
			t.Errorf("got %v and no error", r)
		}
	})
	t.Run("data stays as it is", func(t *testing.T) { checkData(t, create(), x, y) })
	t.Run("fitting twice is fitting once", func(t *testing.T) { checkTwice(t, create(), x, y) })
	t.Run("wrong rows and columns are errors", func(t *testing.T) { checkShapes(t, create(), x, y) })
	t.Run("NaN and infinities are named or allowed", func(t *testing.T) { checkFinite(t, create, x, y) })
	t.Run("hard data is fitted or refused with a message", func(t *testing.T) { checkHard(t, create) })
}

// checkData fits and predicts, and looks whether the rows or the targets are others afterwards.
func checkData(t *testing.T, e learn.Estimator, x, y *learn.Matrix) {
	t.Helper()
	keptX := x.Clone()
	var keptY *learn.Matrix
	if y != nil {
		keptY = y.Clone()
	}
	if err := e.Fit(x, y); err != nil {
		t.Fatal(err)
	}
	if _, err := results(e, x); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(x, keptX) || y != nil && !reflect.DeepEqual(y, keptY) {
		t.Error("Fit, Predict or Transform changes the caller's data")
	}
}

// checkKind looks for the method that an estimator's kind is for.
func checkKind(t *testing.T, e learn.Estimator) {
	ok := true
	switch learn.KindOf(e) {
	case learn.KindClassifier, learn.KindRegressor, learn.KindOutlier:
		_, ok = e.(learn.Predictor)
		_, labels := e.(interface {
			FitPredict(learn.Data) ([]int, error)
		})
		ok = ok || labels
	case learn.KindTransformer:
		_, ok = e.(learn.Transforms)
		_, once := e.(learn.FitTransforms)
		ok = ok || once
	}
	if !ok {
		t.Errorf("a %s that neither predicts nor transforms", learn.KindOf(e))
	}
}

func checkClone(t *testing.T, e learn.Estimator) {
	c := learn.Clone(e)
	if c == e || c.Core() == e.Core() {
		t.Error("Clone returns the estimator itself")
	}
	a, b := learn.GetParams(e, false), learn.GetParams(c, false)
	for name, v := range a {
		if _, nested := v.(learn.Estimator); nested || reflect.ValueOf(v).Kind() == reflect.Func {
			continue
		}
		same := reflect.DeepEqual(v, b[name])
		if f, ok := v.(float64); ok && math.IsNaN(f) {
			continue
		}
		if !same {
			t.Errorf("option %s is %v in the clone, want %v", name, b[name], v)
		}
		if err := learn.SetParams(c, learn.Params{name: v}); err != nil {
			t.Errorf("setting %s to its own value %v: %v", name, v, err)
		}
	}
	if err := learn.SetParams(c, learn.Params{"no_such_option": 1}); err == nil {
		t.Error("an unknown option is accepted")
	}
}

func checkTwice(t *testing.T, e learn.Estimator, x, y *learn.Matrix) {
	if err := guarded(e, x, y); err != nil {
		t.Fatal(err)
	}
	if err := e.Fit(x, y); err != nil {
		t.Fatal(err)
	}
	first, err := safely(e, x)
	if err != nil {
		t.Fatal(err)
	}
	if err := guarded(e, x, y); err != nil {
		t.Fatal(err)
	}
	second, err := safely(e, x)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("second fit gives %v, first %v", second, first)
	}
}

func checkShapes(t *testing.T, e learn.Estimator, x, y *learn.Matrix) {
	empty := guarded(learn.Clone(e), &learn.Matrix{}, nil)
	if _, ok := empty.(panicked); ok || empty == nil {
		t.Errorf("Fit of an empty matrix gives %v, want an error", empty)
	}
	kind := learn.KindOf(e)
	if kind == learn.KindClassifier || kind == learn.KindRegressor {
		if err := learn.Clone(e).Fit(x, y.Take([]int{0, 1, 2})); err == nil {
			t.Error("Fit accepts 3 targets for 40 rows")
		}
	}
	if err := guarded(e, x, y); err != nil {
		t.Fatal(err)
	}
	narrow := x.TakeCols([]int{0, 1})
	if _, any := e.(interface{ IgnoresX() }); any {
		return
	}
	if r, err := safely(e, narrow); err == nil && len(r) > 0 && r["Predict"] != nil {
		t.Errorf("rows of 2 columns are accepted after a fit on 5: %v", r["Predict"])
	}
}

func checkFinite(t *testing.T, create func() learn.Estimator, x, y *learn.Matrix) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		bad := x.Clone()
		bad.Set(3, 1, v)
		if err := guarded(create(), bad, y); err != nil {
			var p panicked
			if ok := asPanic(err, &p); ok {
				t.Errorf("Fit with %v panics: %v", v, p)
			}
		}
	}
}

// panicked is a panic that Fit let through.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint(p.value) }

func asPanic(err error, p *panicked) bool {
	q, ok := err.(panicked)
	*p = q
	return ok
}

// guarded fits and asks for results; panics become errors.
func guarded(e learn.Estimator, x, y *learn.Matrix) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked{r}
		}
	}()
	if err := e.Fit(x, y); err != nil {
		return err
	}
	_, err = results(e, x)
	return err
}

func checkHard(t *testing.T, create func() learn.Estimator) {
	x, classes, numbers := Data()
	y := target(create(), classes, numbers)
	constant := x.Clone()
	for i := range constant.Rows {
		constant.Set(i, 2, 1)
	}
	same := learn.NewMatrix(x.Rows, x.Cols)
	for i := range same.Data {
		same.Data[i] = 2
	}
	huge := x.Clone()
	for i := range huge.Data {
		huge.Data[i] *= 1e150
	}
	one := learn.NewMatrix(x.Rows, 1)
	wide := x.Take([]int{0, 1, 2, 3})
	for name, c := range map[string]struct{ x, y *learn.Matrix }{
		"one row":           {x.Take([]int{0}), y.Take([]int{0})},
		"a constant column": {constant, y},
		"equal rows":        {same, y},
		"huge values":       {huge, y},
		"one class":         {x, one},
		"fewer rows":        {wide, y.Take([]int{0, 1, 2, 3})},
	} {
		if y == nil {
			c.y = nil
		}
		var p panicked
		if err := guarded(create(), c.x, c.y); err != nil && asPanic(err, &p) {
			t.Errorf("%s: panic: %v", name, p)
		}
	}
}
