package fft_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/fft"
)

func TestWindowsAgreeWithPyTorch(t *testing.T) {
	// torch 2.15.0: hamming_window(5), hamming_window(4, periodic=False) …
	symmetric := fft.WindowOptions{Symmetric: true}
	for name, c := range map[string]struct {
		got  *eager.Tensor
		want []float32
	}{
		"hamming":            {fft.Hamming(5), []float32{0.08, 0.397852, 0.912148, 0.912148, 0.397852}},
		"hamming symmetric":  {fft.Hamming(4, symmetric), []float32{0.08, 0.77, 0.77, 0.08}},
		"blackman":           {fft.Blackman(5), []float32{0, 0.20077, 0.84923, 0.84923, 0.20077}},
		"blackman symmetric": {fft.Blackman(4, symmetric), []float32{0, 0.63, 0.63, 0}},
		"bartlett":           {fft.Bartlett(5), []float32{0, 0.4, 0.8, 0.8, 0.4}},
		"bartlett symmetric": {fft.Bartlett(4, symmetric), []float32{0, 0.666667, 0.666667, 0}},
		"kaiser":             {fft.Kaiser(5), []float32{5.27734e-05, 0.10172, 0.792939, 0.792939, 0.10172}},
		"kaiser symmetric":   {fft.Kaiser(4, symmetric), []float32{5.27734e-05, 0.518845, 0.518845, 5.27734e-05}},
		"kaiser of 3":        {fft.Kaiser(4, fft.WindowOptions{Beta: 3}), []float32{0.204885, 0.726925, 1, 0.726925}},
		"one":                {fft.Hann(1), []float32{1}},
	} {
		if want := eager.FromFloat32s(c.want, len(c.want)); !eager.AllClose(c.got, want, 1e-5, 1e-6) {
			t.Errorf("%s is %v, want %v", name, c.got, want)
		}
	}
}

func TestISTFTOfAllFrequenciesGivesTheSignalBack(t *testing.T) {
	eager.Seed(3)
	x := eager.Randn(2, 40)
	o := fft.STFTOptions{Size: 16, Hop: 4, Window: fft.Hann(16), TwoSided: true}
	y := fft.STFT(x, o)
	o.TwoSided = false // seen by itself
	if got := fft.ISTFT(y, o); !eager.AllClose(got, x, 0, 1e-5) {
		t.Errorf("the signal is %v, want %v", got, x)
	}
	o.Complex = true
	if got := fft.ISTFT(y, o); !got.IsComplex() || !eager.AllClose(got.Real(), x, 0, 1e-5) {
		t.Errorf("the complex signal is %v, want %v", got, x)
	}
}
