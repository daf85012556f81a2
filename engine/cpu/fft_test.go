package cpu

import (
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestFFTWithoutAxesScales(t *testing.T) {
	scales[complex64](t, engine.C64)
	scales[complex128](t, engine.C128)
}

func scales[T complexes](t *testing.T, dt engine.DType) {
	x, y := engine.NewArray(dt, engine.Shape{2, 3}), engine.NewArray(dt, engine.Shape{2, 3})
	for i := range flatSlice[T](&x) {
		flatSlice[T](&x)[i] = T(complex(float64(i), 1))
	}
	if err := FFT(y, x, nil, false, 0.5); err != nil {
		t.Fatal(err)
	}
	for i, got := range flatSlice[T](&y) {
		if want := T(complex(float64(i)/2, 0.5)); got != want {
			t.Errorf("%v: element %d is %v, want %v", dt, i, got, want)
		}
	}
}
