package fft_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/fft"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleRFFT() {
	x := eager.New([]float64{1, 0, -1, 0})
	fmt.Println(fft.RFFT(x).Abs().Float64s())
	// Output: [0 2 0]
}

func random(shape ...int) *eager.Tensor { return eager.Randn(shape...).To(eager.F64) }

func complexes(shape ...int) *eager.Tensor { return eager.Complex(random(shape...), random(shape...)) }

// definition is Σ x[k]·exp(−2πi·jk/n).
func definition(x []complex128) []complex128 {
	y := make([]complex128, len(x))
	for j := range y {
		for k, v := range x {
			y[j] += v * cmplx.Exp(complex(0, -2*math.Pi*float64(j*k%len(x))/float64(len(x))))
		}
	}
	return y
}

func TestTransformsOfAnyLengthAreTheirDefinition(t *testing.T) {
	eager.Seed(1)
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 29, 30, 31, 37, 64, 97, 100, 128, 210, 256, 23 * 23, 1009} {
		x := complexes(n)
		want := definition(x.Complex128s())
		for i, v := range fft.FFT(x).Complex128s() {
			if cmplx.Abs(v-want[i]) > 1e-11*float64(n) {
				t.Errorf("n %d: element %d is %v, want %v", n, i, v, want[i])
				break
			}
		}
		narrow := fft.FFT(x.To(eager.C64)).Complex128s()
		for i, v := range narrow {
			if cmplx.Abs(v-want[i]) > 2e-6*float64(n) {
				t.Errorf("c64, n %d: element %d is %v, want %v", n, i, v, want[i])
				break
			}
		}
	}
}

func near(t *testing.T, what string, got, want *eager.Tensor) {
	t.Helper()
	if got.IsComplex() {
		got, want = got.ViewAsReal(), want.To(got.DType()).ViewAsReal()
	}
	if !eager.AllClose(got, want, 1e-10, 1e-10) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestInversesUndoTransforms(t *testing.T) {
	eager.Seed(2)
	for _, norm := range []string{"backward", "ortho", "forward"} {
		for _, n := range []int{7, 8} {
			x, o := random(3, 5, n), fft.Options{Norm: norm}
			sized := fft.Options{Norm: norm, Sizes: []int{n}}
			near(t, "IFFT", fft.IFFT(fft.FFT(x, o), o), x)
			near(t, "IRFFT", fft.IRFFT(fft.RFFT(x, o), sized), x)
			near(t, "HFFT", fft.HFFT(fft.IHFFT(x, o), sized), x)
			near(t, "IFFTN", fft.IFFTN(fft.FFTN(x, o), o), x)
			two := fft.Options{Norm: norm, Sizes: []int{5, n}}
			near(t, "IRFFT2", fft.IRFFT2(fft.RFFT2(x, two), two), x)
		}
	}
	x := random(6, 9)
	near(t, "IShift", fft.IShift(fft.Shift(x)), x)
}

func TestGradientsAreThoseOfDifferences(t *testing.T) {
	eager.Seed(3)
	for name, f := range map[string]func(x *eager.Tensor) *eager.Tensor{
		"FFT":   func(x *eager.Tensor) *eager.Tensor { return fft.FFT(x, fft.Options{Sizes: []int{6}}).ViewAsReal() },
		"RFFT2": func(x *eager.Tensor) *eager.Tensor { return fft.RFFT2(x).ViewAsReal() },
		"IRFFT": func(x *eager.Tensor) *eager.Tensor { return fft.IRFFT(x.Square(), fft.Options{Axes: []int{0}}) },
		"HFFTN": func(x *eager.Tensor) *eager.Tensor { return fft.HFFTN(x, fft.Options{Norm: "ortho"}) },
		"STFT": func(x *eager.Tensor) *eager.Tensor {
			return fft.STFT(x.Reshape(-1), fft.STFTOptions{Size: 8, Hop: 3}).ViewAsReal()
		},
	} {
		x := random(4, 5)
		y := f(x)
		seed := random(y.Shape()...)
		loss := func(x *eager.Tensor) *eager.Tensor { return f(x).Mul(seed).Sum() }
		leaf := x.Clone().SetRequiresGrad(true)
		got := eager.Grad([]*eager.Tensor{loss(leaf)}, []*eager.Tensor{leaf}, eager.GradOptions{})[0].Float64s()
		v := x.Float64s()
		for i := range v {
			at := func(d float64) float64 {
				p := append([]float64(nil), v...)
				p[i] += d
				return loss(eager.FromFloat64s(p, 4, 5)).Item()
			}
			if want := (at(1e-5) - at(-1e-5)) / 2e-5; math.Abs(got[i]-want) > 1e-7*(1+math.Abs(want)) {
				t.Errorf("%s: gradient %d is %v, differences give %v", name, i, got[i], want)
				break
			}
		}
	}
}

func TestISTFTReturnsTheSignal(t *testing.T) {
	eager.Seed(4)
	x := random(2, 100)
	for _, o := range []fft.STFTOptions{
		{Size: 16},
		{Size: 16, Hop: 5, Window: fft.Hann(16).To(eager.F64), Samples: 100},
		{Size: 12, Hop: 4, NoCenter: true, Normalized: true},
		{Size: 16, Length: 10, Hop: 4, TwoSided: true, PadMode: "constant"},
	} {
		y := fft.ISTFT(fft.STFT(x, o), o)
		near(t, fmt.Sprintf("%+v", o), y, x.Slice(-1, 0, y.Size(-1)))
	}
}

func TestRefusalsSayWhatIsWanted(t *testing.T) {
	x := eager.Ones(3, 4)
	for want, f := range map[string]func(){
		"fft.FFT: axis 5 is outside shape [3 4]; want -2…1": func() { fft.FFT(x, fft.Options{Axes: []int{5}}) },
		`fft.RFFT: Norm "half" is unknown; known: backward, forward, ortho`: func() {
			fft.RFFT(x, fft.Options{Norm: "half"})
		},
		"fft.RFFT: x is c64[3 4]; want real numbers":                     func() { fft.RFFT(x.To(eager.C64)) },
		"fft.STFT: x has 4 samples, fewer than a frame of 9":             func() { fft.STFT(x, fft.STFTOptions{Size: 9, NoCenter: true}) },
		"fft.FFT: sizes are [0]; want numbers ≥ 1, or -1 for the extent": func() { fft.FFT(x, fft.Options{Sizes: []int{0}}) },
		"fft.FFT: 2 sizes for 1 axes":                                    func() { fft.FFT(x, fft.Options{Sizes: []int{2, 2}}) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*engine.Error); !ok || e.Error() != want {
					t.Errorf("got %v, want %q", e, want)
				}
			}()
			f()
		}()
	}
}
