package torch

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// tolerance bounds |got − want| by rel·(|want| + scale), where scale is a part of the largest element
// (scaleOf): results that cancel to almost nothing carry the rounding of what they were made of.
type tolerance struct {
	f64, f32 float64
	scale    float64 // part of the largest element; 0: that of the dtype
}

var (
	opsTolerance    = tolerance{f64: 1e-7, f32: 1e-5}
	moduleTolerance = tolerance{f64: 1e-6, f32: 1e-5}
	pathTolerance   = tolerance{f64: 1e-6, f32: 1e-4}
	// curvedTolerance is for LBFGS, whose directions are made of differences of gradients: in f32 these are
	// mostly rounding after a few of the 20 iterations of a step. PyTorch itself is as far from what it
	// recorded when it runs on another processor: 2e-4 in parameters, 1.6e-3 of a loss.
	curvedTolerance = tolerance{f64: 1e-6, f32: 3e-3, scale: 1}
)

func (t tolerance) of(d engine.DType) float64 {
	switch d {
	case engine.F64:
		return t.f64
	case engine.F32:
		return t.f32
	case engine.F16:
		return 1e-3
	case engine.BF16:
		return 1e-2
	}
	return 0
}

// equal compares got with the recorded want: tensors, numbers, and lists of them.
func equal(what string, got, want any, tol tolerance) error {
	if g, ok := got.(interface {
		matches(what string, want any) error
	}); ok {
		return g.matches(what, want)
	}
	switch w := want.(type) {
	case nil:
		return nil // nothing was recorded
	case *eager.Tensor:
		g, ok := got.(*eager.Tensor)
		if !ok || g == nil {
			return fmt.Errorf("%s is %T, want a tensor", what, got)
		}
		return equalTensors(what, g, w, tol)
	case []any:
		g := list(got)
		if len(g) != len(w) {
			return fmt.Errorf("%s has %d parts, want %d", what, len(g), len(w))
		}
		for i := range w {
			if err := equal(fmt.Sprintf("%s[%d]", what, i), g[i], w[i], tol); err != nil {
				return err
			}
		}
		return nil
	case bool:
		if g, ok := got.(bool); !ok || g != w {
			return fmt.Errorf("%s is %v, want %v", what, got, w)
		}
		return nil
	case int:
		return equalNumbers(what, got, float64(w), tol)
	case float64:
		return equalNumbers(what, got, w, tol)
	case complex128:
		g, ok := got.(complex128)
		if !ok {
			return fmt.Errorf("%s is %v, want %v", what, got, w)
		}
		if err := equalNumbers("real part of "+what, real(g), real(w), tol); err != nil {
			return err
		}
		return equalNumbers("imaginary part of "+what, imag(g), imag(w), tol)
	}
	return fmt.Errorf("%s: recorded as %T, which cannot be compared", what, want)
}

func equalNumbers(what string, got any, want float64, tol tolerance) error {
	var g float64
	switch v := got.(type) {
	case float64:
		g = v
	case int:
		g = float64(v)
	default:
		return fmt.Errorf("%s is %T, want a number", what, got)
	}
	if !near(g, want, tol.f64, 0) {
		return fmt.Errorf("%s is %v, want %v", what, g, want)
	}
	return nil
}

// list turns the results of an operator into a list.
func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case []*eager.Tensor:
		r := make([]any, len(v))
		for i, x := range v {
			r[i] = x
		}
		return r
	}
	return []any{v}
}

func equalTensors(what string, got, want *eager.Tensor, tol tolerance) error {
	if got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("%s is %v, want %v", what, got.Type(), want.Type())
	}
	if want.DType().IsComplex() { // both parts, against the largest of either
		return equalTensors(what+": parts", got.Detach().ViewAsReal(), want.ViewAsReal(), tol)
	}
	rel := tol.of(want.DType())
	if rel == 0 {
		return equalInts(what, got, want)
	}
	g, w, largest := got.Float64s(), want.Float64s(), 0.0
	for _, v := range w {
		if a := math.Abs(v); a > largest && !math.IsInf(a, 0) {
			largest = a
		}
	}
	part := tol.scale
	if part == 0 {
		part = scaleOf(want.DType())
	}
	scale := largest/part + floorOf(want.DType())/rel
	for i := range w {
		if !near(g[i], w[i], rel, scale) {
			return fmt.Errorf("%s element %d of %v is %v, want %v", what, i, want.Type(), g[i], w[i])
		}
	}
	return nil
}

// floorOf is a difference that says nothing: the inputs of cases are of the order of 1, and what cancels to
// nothing (a bias before batch normalisation) is their rounding, of either sign.
func floorOf(d engine.DType) float64 {
	if d == engine.F64 {
		return 1e-13
	}
	return 1e-7
}

// scaleOf says what part of the largest element a difference may be related to: f32 rounds at 6e-8, so
// that 1e-5 of a fiftieth is three roundings.
func scaleOf(d engine.DType) float64 {
	if d == engine.F64 {
		return 1000
	}
	return 50
}

func equalInts(what string, got, want *eager.Tensor) error {
	g, w := got.Ints(), want.Ints()
	for i := range w {
		if g[i] != w[i] {
			return fmt.Errorf("%s element %d of %v is %d, want %d", what, i, want.Type(), g[i], w[i])
		}
	}
	return nil
}

func near(got, want, rel, scale float64) bool {
	if got == want || got != got && want != want {
		return true
	}
	return math.Abs(got-want) <= rel*(math.Abs(want)+scale)
}
