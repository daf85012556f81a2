package cpu

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// All levels of the CPU round as the formula does, also what is no number and what ends in a part of a vector.
func TestBytesOfFloatsAgreeWithTheirFormula(t *testing.T) {
	eachLevel(t, bytesOfFloats)
}

func bytesOfFloats(t *testing.T, r *rand.Rand) {
	special := []float32{
		float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, 0.5, 1.5, -0.5, -2.5, 1e30, -1e30, 1e-40,
	}
	for _, n := range []int{1, 7, 16, 33, 100, 1000} {
		x := make([]float32, n)
		for i := range x {
			if x[i] = float32(r.NormFloat64() * 100); i < len(special) {
				x[i] = special[i]
			}
		}
		for _, c := range []struct {
			to     engine.DType
			scale  float32
			zero   int
			lo, hi float64
		}{{engine.U8, 1, 3, 0, 255}, {engine.U8, 0.37, 128, 0, 255}, {engine.I8, 1, 0, -128, 127}, {engine.I8, 2.5, -20, -128, 127}} {
			d := engine.NewArray(c.to, engine.Shape{n})
			if err := Quantize(d, engine.Of(engine.Shape{n}, x), c.scale, c.zero); err != nil {
				t.Fatal(err)
			}
			back := engine.NewArray(engine.F32, engine.Shape{n})
			if err := Dequantize(back, d, c.scale, c.zero); err != nil {
				t.Fatal(err)
			}
			for i, v := range x {
				q := float64(c.zero)
				if v == v {
					q = min(max(math.RoundToEven(float64(v/c.scale))+float64(c.zero), c.lo), c.hi)
				}
				if want := float32(q-float64(c.zero)) * c.scale; back.F32()[i] != want {
					t.Fatalf("%v of %v by %v + %d is %v, want %v", c.to, v, c.scale, c.zero, back.F32()[i], want)
				}
			}
		}
	}
}

// Pictures of few planes become bytes side by side, as the same numbers in another order do.
func TestBytesOfPlanesAreThoseOfNumbersSideBySide(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, s := range []engine.Shape{{2, 3, 5, 7}, {1, 2, 9000}, {3, 4, 1, 33}, {1, 3, 70, 70}} {
			x := make([]float32, s.Numel())
			for i := range x {
				x[i] = float32(r.NormFloat64() * 100)
			}
			from := engine.Of(s, x)
			for _, to := range []engine.DType{engine.U8, engine.I8} {
				got, want := NewChannelsLast(to, s), engine.NewArray(to, s)
				must(Quantize(got, from, 0.5, 11))
				must(Quantize(want, from, 0.5, 11))
				back := engine.NewArray(to, s)
				must(Copy(back, got))
				if !bytes.Equal(back.Buf.Bytes(), want.Buf.Bytes()) {
					t.Fatalf("%v%v: bytes side by side differ from those of planes", to, s)
				}
			}
		}
	})
}
