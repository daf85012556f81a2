package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// LinspaceOf returns n evenly spaced values of dtype d from start to stop, both included; integers are cut
// towards 0.
func LinspaceOf(d engine.DType, start, stop float64, n int) *Tensor {
	return spaced("LinspaceOf", d, start, stop, n, func(v float64) float64 { return v })
}

// Logspace returns n F32 values base^start … base^stop whose exponents are evenly spaced.
func Logspace(start, stop float64, n int, base float64) *Tensor {
	return LogspaceOf(F32, start, stop, n, base)
}

// LogspaceOf is Logspace in dtype d; integers are cut towards 0.
func LogspaceOf(d engine.DType, start, stop float64, n int, base float64) *Tensor {
	return spaced("LogspaceOf", d, start, stop, n, func(v float64) float64 { return math.Pow(base, v) })
}

// spaced counts from both ends, so that stop is met exactly.
func spaced(where string, d engine.DType, start, stop float64, n int, f func(float64) float64) *Tensor {
	if n < 0 || n > mostValues {
		engine.Fail(where, "n is %d; want 0…%d", n, mostValues)
	}
	if !finite(start) || !finite(stop) {
		engine.Fail(where, "start %v, stop %v; want finite numbers", start, stop)
	}
	v, step := make([]float64, n), (stop-start)/float64(max(n-1, 1))
	for i := range v {
		if i < (n+1)/2 {
			v[i] = f(start + step*float64(i))
		} else {
			v[i] = f(stop - step*float64(n-1-i))
		}
	}
	return FromFloat64s(v).To(d)
}
