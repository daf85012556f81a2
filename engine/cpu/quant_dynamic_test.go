package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// dynamicReference is the formula of DynamicWeights.Run in f64, but for the rounding to bytes, which is that of f32.
func dynamicReference(x, w []float64, scale, bias []float32, m, k int, byRow bool) []float64 {
	n := len(scale)
	y := make([]float64, m*n)
	span := m * k
	if byRow {
		span = k
	}
	for from := 0; from < m*k; from += span {
		lo, hi := 0.0, 0.0
		for _, v := range x[from:][:span] {
			lo, hi = min(lo, v), max(hi, v)
		}
		s := (float32(hi) - float32(lo)) / 255
		if s == 0 {
			s = 1
		}
		zero := math.RoundToEven(float64(float32(-lo) / s))
		for i := from; i < from+span; i++ {
			q := math.RoundToEven(float64(float32(x[i])/s)) + zero
			q = min(max(q, 0), 255)
			for j := range n {
				y[i/k*n+j] += (q - zero) * float64(s) * w[j*k+i%k] * float64(scale[j])
			}
		}
	}
	for i := range y {
		if bias != nil {
			y[i] += float64(bias[i%n])
		}
	}
	return y
}

func TestDynamicWeightsGiveTheSumsOfTheBytes(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 60 {
			m, k, n, byRow := 1+r.IntN(40), 1+r.IntN(90), 1+r.IntN(80), r.IntN(2) == 0
			shift, spread := r.NormFloat64()*2, math.Exp(r.NormFloat64()*3)
			x := random(r, engine.F32, engine.Shape{m, k}, func() float64 { return (r.NormFloat64() + shift) * spread })
			w := random(r, engine.I8, engine.Shape{n, k}, func() float64 { return float64(r.IntN(256) - 128) })
			scale := make([]float32, n)
			var bias []float32
			if r.IntN(3) > 0 {
				bias = make([]float32, n)
			}
			for j := range scale {
				scale[j] = float32(0.001 + r.Float64())
				if bias != nil {
					bias[j] = float32(r.NormFloat64() * spread)
				}
			}
			d, err := PackDynamic(w, scale, byRow)
			if err != nil {
				t.Fatal(err)
			}
			wide := engine.NewArray(engine.F32, engine.Shape{m, n + 3})
			y := wide.Slice(1, 2, n+2, 1) // rows with gaps
			if err := d.Run(y, x, bias); err != nil {
				t.Fatal(err)
			}
			want := dynamicReference(numbersOf(x), numbersOf(w), scale, bias, m, k, byRow)
			largest := 0.0
			for _, v := range want {
				largest = max(largest, math.Abs(v))
			}
			for i, v := range numbersOf(y) {
				if math.Abs(v-want[i]) > 1e-5*largest {
					t.Fatalf("x [%d %d], %d outputs, by row %v: element %d is %v, want %v", m, k, n, byRow, i, v, want[i])
				}
			}
		}
	})
}

// numbersOf returns the elements of a, row-major, as f64.
func numbersOf(a engine.Array) []float64 {
	c := engine.NewArray(engine.F64, a.Shape)
	must(Copy(c, a))
	return c.F64()
}

// A row that is not finite does not reach the others when each has a scale of its own.
func TestDynamicWeightsMakeNaNOfWhatIsNotFinite(t *testing.T) {
	w := engine.Of(engine.Shape{2, 3}, []int8{1, 2, 3, -4, 5, 6})
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		x := engine.Of(engine.Shape{2, 3}, []float32{1, bad, 2, 0, 0, 0})
		for _, byRow := range []bool{false, true} {
			d, err := PackDynamic(w, []float32{1, 1}, byRow)
			if err != nil {
				t.Fatal(err)
			}
			y := engine.NewArray(engine.F32, engine.Shape{2, 2})
			if err := d.Run(y, x, []float32{7, 8}); err != nil {
				t.Fatal(err)
			}
			v := y.F32()
			if v[0] == v[0] || v[1] == v[1] {
				t.Errorf("%v by row %v: the row gives %v", bad, byRow, v[:2])
			}
			if byRow && (v[2] != 7 || v[3] != 8) || !byRow && (v[2] == v[2] || v[3] == v[3]) {
				t.Errorf("%v by row %v: the row of zeros gives %v", bad, byRow, v[2:])
			}
		}
	}
}
