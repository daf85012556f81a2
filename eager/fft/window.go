package fft

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// WindowOptions are the options of the windows; the zero value is the default.
type WindowOptions struct {
	Symmetric bool    // the last factor is that of the first; default: one period, as spectra want
	Alpha     float64 // Hamming: 0: 0.54
	Beta      float64 // Kaiser: the shape, 0: 12
}

// window returns f of the place of each of n factors, from 0 to 1 over a window, as F32.
func window(where string, n int, o []WindowOptions, f func(at float64) float64) *eager.Tensor {
	if n < 0 {
		engine.Fail(where, "%d factors; want a number ≥ 0", n)
	}
	steps := float64(n)
	if len(o) > 0 && o[0].Symmetric {
		steps--
	}
	v := make([]float64, n)
	for i := range v {
		if v[i] = 1; n > 1 {
			v[i] = f(float64(i) / steps)
		}
	}
	return eager.FromFloat64s(v, n).To(eager.F32)
}

// Hann returns the Hann window of n factors (F32), which STFTs use most. Agrees with torch.hann_window.
func Hann(n int, o ...WindowOptions) *eager.Tensor {
	return window("fft.Hann", n, o, func(t float64) float64 { return 0.5 - 0.5*math.Cos(2*math.Pi*t) })
}

// Hamming returns the Hamming window of n factors (F32). Agrees with torch.hamming_window.
func Hamming(n int, o ...WindowOptions) *eager.Tensor {
	alpha := 0.54
	if len(o) > 0 && o[0].Alpha != 0 {
		alpha = o[0].Alpha
	}
	return window("fft.Hamming", n, o, func(t float64) float64 { return alpha - (1-alpha)*math.Cos(2*math.Pi*t) })
}

// Blackman returns the Blackman window of n factors (F32). Agrees with torch.blackman_window.
func Blackman(n int, o ...WindowOptions) *eager.Tensor {
	return window("fft.Blackman", n, o, func(t float64) float64 {
		return 0.42 - 0.5*math.Cos(2*math.Pi*t) + 0.08*math.Cos(4*math.Pi*t)
	})
}

// Bartlett returns the triangular window of n factors (F32). Agrees with torch.bartlett_window.
func Bartlett(n int, o ...WindowOptions) *eager.Tensor {
	return window("fft.Bartlett", n, o, func(t float64) float64 { return 1 - math.Abs(2*t-1) })
}

// Kaiser returns the Kaiser window of n factors (F32): I₀(β√(1 − (2t − 1)²))/I₀(β).
// Agrees with torch.kaiser_window.
func Kaiser(n int, o ...WindowOptions) *eager.Tensor {
	beta := 12.0
	if len(o) > 0 && o[0].Beta != 0 {
		beta = o[0].Beta
	}
	bessel := func(x float64) float64 { // I₀
		return eager.First(op.BesselI0, nil, eager.New(x).To(eager.F64)).Item() * math.Exp(math.Abs(x))
	}
	top := bessel(beta)
	return window("fft.Kaiser", n, o, func(t float64) float64 {
		return bessel(beta*math.Sqrt(max(0, 1-(2*t-1)*(2*t-1)))) / top
	})
}
