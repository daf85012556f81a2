package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// FFTAttrs say which transform FFT computes.
type FFTAttrs struct {
	Axes    []int
	Inverse bool    // with exp(+2πi·jk/n)
	Scale   float64 // factor of the result
}

// fourier is FFT for its own gradient; init fills it, as it does prim.
var fourier *Def

func init() { fourier = FFT }

// FFT is the discrete Fourier transform of complex numbers.
var FFT = Register(&Def{
	Name: "FFT", Inputs: []string{"x"},
	Doc: "FFT returns the discrete Fourier transform of x over Axes, times Scale: Σ x[k]·exp(−2πi·jk/n), or " +
		"exp(+2πi·jk/n) when Inverse. Any extents. Agrees with torch.fft.fftn.",
	Attrs: FFTAttrs{}, Takes: []Kinds{Complexes}, Saves: SaveNone,
	Tol: Tolerance{Rel32: 1e-5, Rel64: 1e-12, Reason: "the order of the additions is free"},
	Rule: func(a Attrs, in []Type) ([]Type, error) {
		axes, s := a.(FFTAttrs).Axes, in[0].Shape
		for i, x := range axes {
			if x < 0 || x >= len(s) || slices.Contains(axes[:i], x) {
				return nil, fmt.Errorf("axes %v are not distinct axes of rank %d", axes, len(s))
			}
			if s[x] == 0 {
				return nil, fmt.Errorf("axis %d is empty", x)
			}
		}
		return in[:1:1], nil
	},
	CPU: func(a Attrs, out, in []engine.Array) {
		p := a.(FFTAttrs)
		check("FFT", cpu.FFT(out[0], in[0], p.Axes, p.Inverse, p.Scale))
	},
	Grad: func(b Builder, c *Call) []Value { // the adjoint runs the other way round
		p := c.Attrs.(FFTAttrs)
		p.Inverse = !p.Inverse
		return b.Apply(fourier, p, c.DOut[0])
	},
	Cases: func() []Case { return fftCases() },
})

func fftCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.C128, engine.C64} {
		for i, s := range []engine.Shape{{8}, {2, 12}, {3, 7}, {31}, {0, 4}, {5, 1}} {
			cases = append(cases, Case{
				Name:  fmt.Sprintf("%v%v; differences are of real operands", t, s),
				Attrs: FFTAttrs{Axes: []int{len(s) - 1}, Inverse: i%2 == 1, Scale: 0.5}, NoGrad: true,
				In: []Type{{DType: t, Shape: s}},
			})
		}
		cases = append(cases, Case{
			Name: fmt.Sprintf("%v without axes; differences are of real operands", t), Attrs: FFTAttrs{Scale: 0.5}, NoGrad: true,
			In: []Type{{DType: t, Shape: engine.Shape{2, 3}}},
		})
	}
	return cases
}
