package cpu

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPowersKeepTheirErrorBound(t *testing.T) {
	const bound = 1 // ulp
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		x, y, z := make([]float32, 200001), make([]float32, 200001), make([]float32, 200001)
		for i := range x {
			switch i % 4 {
			case 0: // results over the whole range, the subnormal ones included
				x[i] = float32(math.Exp2(300*r.Float64() - 150))
				y[i] = float32((300*r.Float64() - 160) / math.Log2(float64(x[i])))
			case 1: // near 1, where the logarithm loses digits first
				x[i] = float32(1 + (r.Float64()-0.5)*math.Exp2(-20*r.Float64()))
				y[i] = float32((300*r.Float64() - 160) / math.Log2(float64(x[i])))
			case 2:
				x[i], y[i] = 4*r.Float32(), 20*r.Float32()-10
			case 3:
				x[i], y[i] = -4*r.Float32(), float32(r.IntN(30)-15)
			}
		}
		Pow.F32(z, x, y)
		worst, at := 0.0, 0
		for i := range z {
			if e := ulps(z[i], math.Pow(float64(x[i]), float64(y[i]))); e > worst {
				worst, at = e, i
			}
		}
		t.Logf("%.3f ulp", worst)
		if worst > bound {
			t.Errorf("%v^%v = %v, want %v: %.2f ulp, allowed %v", x[at], y[at], z[at],
				math.Pow(float64(x[at]), float64(y[at])), worst, bound)
		}
	})
}

func TestPowersOfSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	values := []float32{
		0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e-45, -1e-45, 1e-40, math.MaxFloat32,
		-math.MaxFloat32, 1 << 24, 1<<24 + 2, -(1<<24 - 1), inf, -inf, nan, 0x1p-126, 0.99999994, 1.0000001,
	}
	var x, y []float32
	for _, a := range values {
		for _, b := range values {
			x, y = append(x, a), append(y, b)
		}
	}
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		z := make([]float32, len(x))
		Pow.F32(z, x, y)
		for i, got := range z {
			want := math.Pow(float64(x[i]), float64(y[i]))
			if ulps(got, want) > 1 || got == 0 && math.Signbit(float64(got)) != math.Signbit(want) {
				t.Errorf("%v^%v = %v, want %v", x[i], y[i], got, want)
			}
			one := []float32{0} // alone, without the values beside it
			Pow.F32(one, x[i:i+1], y[i:i+1])
			if one[0] != got && got == got {
				t.Errorf("%v^%v = %v beside others and %v alone", x[i], y[i], got, one[0])
			}
		}
	})
}
