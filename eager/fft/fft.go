// Package fft has discrete Fourier transforms of tensors, with gradients.
//
//	y := fft.FFT(x)                                       // complex spectrum along the last axis
//	p := fft.RFFT(x).Abs().Square()                       // power of real signals, non-negative frequencies
//	x = fft.IRFFT(fft.RFFT(x), fft.Options{Sizes: []int{n}}) // n is odd or even
//	image := fft.FFT2(x, fft.Options{Norm: "ortho"})
//	s := fft.STFT(audio, fft.STFTOptions{Size: 512, Window: w})
//
// Extents are arbitrary; those made of small factors are fastest. Integers and F16 count as F32, whose
// spectra are C64; those of F64 are C128. Functions panic with *engine.Error, as tensor methods do.
// It does not hold filters, mel scales or windows other than Hann.
package fft

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Options say what is transformed; the zero value is the default of each function.
type Options struct {
	// Axes that are transformed. Default: the last, of functions named …2 the last two, of functions named
	// …N the last ones that Sizes names, or all.
	Axes []int
	// Sizes of the transforms along Axes, −1 for the extent: longer axes are cut, shorter ones filled with
	// zeros. Default: the extents; of IRFFT and HFFT 2·(extent − 1) on the last axis.
	Sizes []int
	// Norm scales: "backward" (or "") divides inverse transforms by the number of elements n, "forward"
	// the others, and "ortho" both by √n.
	Norm string
}

// transform is one call: axes and sizes are those of each other.
type transform struct {
	where string
	axes  []int
	sizes []int // −1: the extent
	norm  string
}

// plan completes the options for x; rank is the default number of axes, 0 for all.
func plan(where string, x *eager.Tensor, rank int, o []Options) transform {
	if x == nil {
		engine.Fail(where, "x is nil")
	}
	var opt Options
	if len(o) > 0 {
		opt = o[0]
	}
	t := transform{where: where, axes: opt.Axes, sizes: opt.Sizes, norm: opt.Norm}
	if t.axes == nil {
		n := rank
		if rank == 0 {
			if n = x.Rank(); len(opt.Sizes) > 0 {
				n = len(opt.Sizes)
			}
		}
		for i := range n {
			t.axes = append(t.axes, i-n)
		}
	}
	for i, a := range t.axes {
		axis, err := x.Shape().Axis(a)
		if err != nil {
			engine.Fail(where, "%v", err)
		}
		if i == 0 {
			t.axes = append([]int(nil), t.axes...)
		}
		t.axes[i] = axis
	}
	if t.sizes == nil {
		for range t.axes {
			t.sizes = append(t.sizes, -1)
		}
	}
	if len(t.sizes) != len(t.axes) {
		engine.Fail(where, "%d sizes for %d axes", len(t.sizes), len(t.axes))
	}
	for _, n := range t.sizes {
		if n < -1 || n == 0 {
			engine.Fail(where, "sizes are %v; want numbers ≥ 1, or -1 for the extent", t.sizes)
		}
	}
	return t
}

// scale is the factor of a transform of n elements.
func (t transform) scale(n int, inverse bool) float64 {
	switch t.norm {
	case "", "backward":
		if inverse {
			return 1 / float64(n)
		}
		return 1
	case "forward":
		if inverse {
			return 1
		}
		return 1 / float64(n)
	case "ortho":
		return 1 / math.Sqrt(float64(n))
	}
	engine.Fail(t.where, "Norm %q is unknown; known: backward, forward, ortho", t.norm)
	return 0
}

// floats is x as F32, F64 or complex numbers.
func floats(x *eager.Tensor) *eager.Tensor {
	if d := x.DType(); d.IsComplex() || d == eager.F64 {
		return x
	}
	return x.To(eager.F32)
}

func complexOf(x *eager.Tensor) *eager.Tensor {
	switch x = floats(x); x.DType() {
	case eager.F32:
		return x.To(eager.C64)
	case eager.F64:
		return x.To(eager.C128)
	}
	return x
}

// resized cuts x or fills it with zeros to extent n along axis; −1 leaves it.
func resized(x *eager.Tensor, axis, n int) *eager.Tensor {
	have := x.Size(axis)
	switch {
	case n < 0 || n == have:
		return x
	case n < have:
		return x.Slice(axis, 0, n)
	}
	after := make([]int, x.Rank())
	after[axis] = n - have
	return x.Pad(make([]int, x.Rank()), after, 0)
}

// run transforms complex x along the axes, which have their sizes, times the scale of elements n.
func (t transform) run(x *eager.Tensor, axes []int, inverse bool, scale float64) *eager.Tensor {
	for _, a := range axes {
		if x.Size(a) == 0 {
			engine.Fail(t.where, "axis %d of %v is empty", a, x.Array())
		}
	}
	return eager.First(op.FFT, op.FFTAttrs{Axes: axes, Inverse: inverse, Scale: scale}, x)
}

// elements is the number that the scale counts.
func (t transform) elements(x *eager.Tensor) int {
	n := 1
	for _, a := range t.axes {
		n *= x.Size(a)
	}
	return n
}

func (t transform) whole(x *eager.Tensor, inverse bool) *eager.Tensor {
	x = complexOf(x)
	for i, a := range t.axes {
		x = resized(x, a, t.sizes[i])
	}
	return t.run(x, t.axes, inverse, t.scale(t.elements(x), inverse))
}

// half is the transform of real x, without the frequencies that the others imply on the last axis.
func (t transform) half(x *eager.Tensor, inverse bool) *eager.Tensor {
	if x.DType().IsComplex() {
		engine.Fail(t.where, "x is %v; want real numbers", x.Array())
	}
	y := t.whole(x, inverse)
	last := t.axes[len(t.axes)-1]
	return y.Slice(last, 0, y.Size(last)/2+1)
}

// real is the transform of x, which is half of a spectrum that is Hermitian, to real numbers.
func (t transform) real(x *eager.Tensor, inverse bool) *eager.Tensor {
	x = complexOf(x)
	k := len(t.axes) - 1
	last, n := t.axes[k], t.sizes[k]
	if n < 0 {
		n = 2 * (x.Size(last) - 1)
	}
	if n < 1 {
		engine.Fail(t.where, "axis %d of %v gives %d elements; want a size", last, x.Array(), n)
	}
	for i, a := range t.axes[:k] {
		x = resized(x, a, t.sizes[i])
	}
	x = resized(x, last, n/2+1)
	scale := t.scale(t.elements(x)/x.Size(last)*n, inverse)
	if k > 0 {
		x = t.run(x, t.axes[:k], inverse, 1)
	}
	if n > 2 { // the other half
		x = eager.Concat(last, x, x.Slice(last, 1, n-n/2).Flip(last).Conj())
	} else {
		x = x.Slice(last, 0, n)
	}
	return t.run(x, t.axes[k:], inverse, scale).Real()
}

// FFT returns the Fourier transform Σ x[k]·exp(−2πi·jk/n) along one axis.
func FFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.FFT", x, 1, o).whole(x, false)
}

// IFFT is the inverse of FFT.
func IFFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IFFT", x, 1, o).whole(x, true)
}

// RFFT is FFT of real numbers, frequencies 0 … n/2.
func RFFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.RFFT", x, 1, o).half(x, false)
}

// IRFFT is the inverse of RFFT. The size is 2·(extent − 1) by default; for odd sizes it is given.
func IRFFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IRFFT", x, 1, o).real(x, true)
}

// HFFT returns the real FFT of a signal that is Hermitian, of which x is the first half.
func HFFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.HFFT", x, 1, o).real(x, false)
}

// IHFFT is the inverse of HFFT.
func IHFFT(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IHFFT", x, 1, o).half(x, true)
}

// FFT2 is FFT along two axes.
func FFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.FFT2", x, 2, o).whole(x, false)
}

// IFFT2 is the inverse of FFT2.
func IFFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IFFT2", x, 2, o).whole(x, true)
}

// RFFT2 is FFT2 of real numbers, frequencies 0 … n/2 of the last axis.
func RFFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.RFFT2", x, 2, o).half(x, false)
}

// IRFFT2 is the inverse of RFFT2.
func IRFFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IRFFT2", x, 2, o).real(x, true)
}

// HFFT2 is HFFT along two axes, the last of which is halved.
func HFFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.HFFT2", x, 2, o).real(x, false)
}

// IHFFT2 is the inverse of HFFT2.
func IHFFT2(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IHFFT2", x, 2, o).half(x, true)
}

// FFTN is FFT along several axes.
func FFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.FFTN", x, 0, o).whole(x, false)
}

// IFFTN is the inverse of FFTN.
func IFFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IFFTN", x, 0, o).whole(x, true)
}

// RFFTN is FFTN of real numbers, frequencies 0 … n/2 of the last axis.
func RFFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.RFFTN", x, 0, o).half(x, false)
}

// IRFFTN is the inverse of RFFTN.
func IRFFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IRFFTN", x, 0, o).real(x, true)
}

// HFFTN is HFFT along several axes, the last of which is halved.
func HFFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.HFFTN", x, 0, o).real(x, false)
}

// IHFFTN is the inverse of HFFTN.
func IHFFTN(x *eager.Tensor, o ...Options) *eager.Tensor {
	return plan("fft.IHFFTN", x, 0, o).half(x, true)
}

// Freq returns the frequencies of FFT of n samples that are d apart: 0, 1, …, −1 over n·d (F32).
func Freq(n int, d float64) *eager.Tensor {
	v := make([]float64, n)
	for i := range v {
		k := i
		if i > (n-1)/2 {
			k -= n
		}
		v[i] = float64(k) / (float64(n) * d)
	}
	return eager.FromFloat64s(v, n).To(eager.F32)
}

// RFreq returns the frequencies of RFFT of n samples that are d apart: 0, 1, … over n·d (F32).
func RFreq(n int, d float64) *eager.Tensor {
	v := make([]float64, n/2+1)
	for i := range v {
		v[i] = float64(i) / (float64(n) * d)
	}
	return eager.FromFloat64s(v, len(v)).To(eager.F32)
}

// Shift moves frequency 0 to the middle of axes; without axes of all.
func Shift(x *eager.Tensor, axes ...int) *eager.Tensor { return shifted(x, axes, 1) }

// IShift is the inverse of Shift.
func IShift(x *eager.Tensor, axes ...int) *eager.Tensor { return shifted(x, axes, -1) }

func shifted(x *eager.Tensor, axes []int, sign int) *eager.Tensor {
	if len(axes) == 0 {
		for i := range x.Rank() {
			axes = append(axes, i)
		}
	}
	by := make([]int, len(axes))
	for i, a := range axes {
		by[i] = sign * (x.Size(a) / 2)
	}
	return x.Roll(by, axes)
}
