package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// GELUSlope computes y = GELU(x) and slope = Φ(x) + x·φ(x), its derivative, whose exponential is the same.
// All have one shape and dtype; y and slope are not x.
func GELUSlope(y, slope, x engine.Array) error {
	mustMatch("GELUSlope", y.DType, slope.DType, x.DType)
	if y.DType == engine.F32 && y.IsContiguous() && slope.IsContiguous() && x.IsContiguous() {
		ys, ss, xs := flatSlice[float32](&y), flatSlice[float32](&slope), flatSlice[float32](&x)
		engine.Parallel(len(ys), grainOf(slopeCost), func(lo, hi int) { geluSlope(ys[lo:hi], ss[lo:hi], xs[lo:hi]) })
		return nil
	}
	if err := GELU.Run(y, x); err != nil {
		return err
	}
	one := engine.NewArray(x.DType, nil)
	must(Fill(one, 1))
	return GELUGrad.Run(slope, one.Expand(x.Shape), x)
}

// slopeCost is the time of an element relative to an addition.
const slopeCost = 8

var geluSlope = geluSlopeGo

func geluSlopeGo(y, slope, x []float32) {
	for i, v := range x {
		v := float64(v)
		p := phi(v)
		y[i], slope[i] = float32(v*p), float32(p+v*normalDensity(v))
	}
}

// normalDensity is φ, the density of the standard normal distribution.
func normalDensity(x float64) float64 { return math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi) }
