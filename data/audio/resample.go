package audio

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Resample returns the recording at another rate.
func (w Wave) Resample(rate int) Wave { return Wave{Resample(w.Samples, w.Rate, rate), rate} }

// Resample converts signals F32 [… frames] from one rate to another with a windowed sinc filter that lets
// pass 99 % of the lower rate's band.
func Resample(x *eager.Tensor, from, to int) *eager.Tensor {
	const zeros, rolloff = 6.0, 0.99 // zero crossings on each side, band
	if from < 1 || to < 1 {
		engine.Fail("audio.Resample", "from %d Hz to %d Hz; want rates ≥ 1", from, to)
	}
	rows, n := signal("audio.Resample", x)
	g := gcd(from, to)
	from, to = from/g, to/g
	if from == to {
		return x
	}
	base := float64(min(from, to)) * rolloff
	width := int(math.Ceil(zeros * float64(from) / base))
	taps := 2*width + from
	kernel := make([]float32, to*taps)
	for p := range to {
		for i := range taps {
			t := (float64(i-width)/float64(from) - float64(p)/float64(to)) * base
			t = min(max(t, -zeros), zeros)
			c := math.Cos(t * math.Pi / zeros / 2)
			v := 1.0
			if t *= math.Pi; t != 0 {
				v = math.Sin(t) / t
			}
			kernel[p*taps+i] = float32(v * c * c * base / float64(from))
		}
	}
	v := x.Float32s()
	m := (to*n + from - 1) / from
	out := make([]float32, rows*m)
	for r := range rows {
		row := v[r*n:][:n]
		for i := range m {
			start := i/to*from - width
			k := kernel[i%to*taps:][:taps]
			sum := float32(0)
			for t := max(0, -start); t < min(taps, n-start); t++ {
				sum += k[t] * row[start+t]
			}
			out[r*m+i] = sum
		}
	}
	return eager.FromFloat32s(out, shape(x, m)...)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
