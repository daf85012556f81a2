package onnx

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("DFT", 17, dft)
	add("STFT", 17, stft)
	add("MelWeightMatrix", 17, melWeights)
	windowFunction("HannWindow", func(x float64) float64 { return 0.5 - 0.5*math.Cos(x) })
	windowFunction("HammingWindow", func(x float64) float64 {
		return 25.0/46 - 21.0/46*math.Cos(x)
	})
	windowFunction("BlackmanWindow", func(x float64) float64 {
		return 0.42 - 0.5*math.Cos(x) + 0.08*math.Cos(2*x)
	})
}

// windowFunction registers a window: f of 2πi/n, n one less when it is not periodic.
func windowFunction(name string, f func(x float64) float64) {
	add(name, 17, func(c *call) []Value {
		n := c.integer(0)
		if n < 0 || n > maxElements {
			fail("window of %d", n)
		}
		period := float64(n)
		if c.int("periodic", 1) == 0 {
			period--
		}
		out := list[float64](n)
		for i := range out {
			out[i] = f(2 * math.Pi * float64(i) / max(period, 1))
		}
		return one(fromFloats(ElemType(c.int("output_datatype", int(Float))), out, engine.Shape{n}))
	})
}

// transformAxis applies f to the complex numbers along axis of x: [… 1 or 2], which are cut or filled with zeros to
// n first. It returns the parts [… 2].
func transformAxis(x *Tensor, axis, n int, f func(v []complex128) []complex128) *Tensor {
	s := x.Shape()
	parts := s[len(s)-1]
	t := moveLast(x.Data.To(engine.F64), axis) // [rest… parts length]
	v := t.Float64s()
	length := s[axis]
	rows := 0
	if parts*length > 0 {
		rows = len(v) / (parts * length)
	}
	var out []float64
	width := 0
	for r := range rows {
		z := list[complex128](n)
		for i := range min(n, length) {
			re, im := v[r*parts*length+i], 0.0
			if parts == 2 {
				im = v[r*parts*length+length+i]
			}
			z[i] = complex(re, im)
		}
		z = f(z)
		width = len(z)
		for _, a := range z {
			out = append(out, real(a))
		}
		for _, a := range z {
			out = append(out, imag(a))
		}
	}
	shape := slices.Clone([]int(t.Shape()))
	shape[len(shape)-2], shape[len(shape)-1] = 2, width
	y := eager.FromArray(engine.Of(engine.Shape(shape), out))
	return number(x.Type, moveBack(y, axis))
}

// moveLast makes axis the last one.
func moveLast(x *eager.Tensor, axis int) *eager.Tensor {
	var perm []int
	for i := range x.Rank() {
		if i != axis {
			perm = append(perm, i)
		}
	}
	return x.Permute(append(perm, axis)...)
}

// moveBack undoes moveLast.
func moveBack(x *eager.Tensor, axis int) *eager.Tensor {
	last := x.Rank() - 1
	perm := make([]int, 0, last+1)
	for i := range last {
		perm = append(perm, i)
	}
	return x.Permute(slices.Insert(perm, axis, last)...)
}

// spectrum is the discrete Fourier transform of v, or its inverse.
func spectrum(v []complex128, inverse bool) []complex128 {
	if len(v) == 0 {
		return v
	}
	plan := fourier.NewCmplxFFT(len(v))
	if !inverse {
		return plan.Coefficients(nil, v)
	}
	out := plan.Sequence(nil, v)
	for i := range out {
		out[i] /= complex(float64(len(v)), 0)
	}
	return out
}

func dft(c *call) []Value {
	x := c.numeric(0)
	s := x.Shape()
	if len(s) < 2 || s[len(s)-1] < 1 || s[len(s)-1] > 2 {
		fail("%s, want a last axis of 1 or 2 parts", x.describe())
	}
	axis := c.int("axis", 1)
	if c.version >= 20 {
		axis = -2
		if c.has(2) {
			axis = c.integer(2)
		}
	}
	axis = axisOf(axis, len(s))
	inverse, onesided := c.flag("inverse"), c.flag("onesided")
	n := s[axis]
	if inverse && onesided {
		n = 2 * (n - 1)
	}
	if c.has(1) {
		n = c.integer(1)
	}
	if n < 1 || n > maxList {
		fail("length %d", n)
	}
	if eager.IsTraced() && n == s[axis] && !(inverse && onesided) {
		return one(tracedDFT(x, axis, inverse, onesided))
	}
	if inverse && onesided { // the other half is the conjugate, the result real
		y := transformAxis(x, axis, n, func(v []complex128) []complex128 {
			for i := n/2 + 1; i < n; i++ {
				v[i] = complex(real(v[n-i]), -imag(v[n-i]))
			}
			return spectrum(v, true)
		})
		return one(y.like(y.Data.Slice(-1, 0, 1)))
	}
	return one(transformAxis(x, axis, n, func(v []complex128) []complex128 {
		out := spectrum(v, inverse)
		if onesided {
			out = out[:n/2+1]
		}
		return out
	}))
}

// tracedDFT is dft in operators that a tracer sees.
func tracedDFT(x *Tensor, axis int, inverse, onesided bool) *Tensor {
	t := x.Data
	n, last := t.Size(axis), t.Rank()-1
	if t.Size(last) == 1 {
		t = eager.Concat(last, t, t.Mul(0))
	}
	a := op.FFTAttrs{Axes: []int{axis}, Inverse: inverse, Scale: 1}
	if inverse {
		a.Scale = 1 / float64(n)
	}
	t = eager.First(op.FFT, a, t.Contiguous().ViewAsComplex()).ViewAsReal()
	if onesided {
		t = t.Slice(axis, 0, n/2+1)
	}
	return x.like(t)
}

func stft(c *call) []Value {
	x := c.numeric(0) // [N length parts]
	s := x.Shape()
	if len(s) == 2 {
		x = x.reshaped(s[0], s[1], 1)
		s = x.Shape()
	}
	if len(s) != 3 {
		fail("%s, want [N length parts]", x.describe())
	}
	step, length := c.integer(1), s[1]
	var window []float64
	if c.has(2) {
		window = c.numeric(2).Data.Float64s()
		length = len(window)
	}
	if c.has(3) {
		length = c.integer(3)
	}
	if window == nil {
		window = list[float64](length)
		for i := range window {
			window[i] = 1
		}
	}
	if step < 1 || length < 1 || length > s[1] || len(window) != length {
		fail("frames of %d with step %d and a window of %d for %d samples", length, step, len(window), s[1])
	}
	frames := (s[1]-length)/step + 1
	w := eager.FromFloat64s(window, length).Reshape(length, 1)
	cut := make([]*eager.Tensor, frames)
	for f := range frames {
		cut[f] = x.Data.To(engine.F64).Slice(1, f*step, f*step+length).Mul(w)
	}
	framed := &Tensor{Type: Double, Data: eager.Stack(1, cut...)} // [N frames length parts]
	onesided := c.int("onesided", 1) != 0
	y := transformAxis(framed, 2, length, func(v []complex128) []complex128 {
		out := spectrum(v, false)
		if onesided {
			out = out[:length/2+1]
		}
		return out
	})
	return one(number(x.Type, y.Data))
}

// melWeights returns the triangles [bins mels] of a mel filter bank, as the ONNX project computes them.
func melWeights(c *call) []Value {
	mels, length := c.integer(0), c.integer(1)
	rate, lo, hi := c.scalar(2), c.scalar(3), c.scalar(4)
	if mels < 1 || length < 1 || mels > 1<<20 || length > 1<<30 || !(rate > 0) {
		fail("%d mel bins of %d samples at %v Hz", mels, length, rate)
	}
	mel := func(f float64) float64 { return 2595 * math.Log1p(f/700) / math.Ln10 }
	bins := list[int](mels + 2)
	step := (mel(hi) - mel(lo)) / float64(len(bins))
	for i := range bins {
		f := 700 * math.Expm1((float64(i)*step+mel(lo))/2595*math.Ln10)
		bins[i] = int(math.Floor(float64(length+1) * f / rate))
	}
	rows := length/2 + 1
	out := list[float64](rows * mels)
	set := func(j, i int, v float64) {
		if j >= 0 && j < rows {
			out[j*mels+i] = v
		}
	}
	for i := range mels {
		left, centre, right := bins[i], bins[i+1], bins[i+2]
		if centre == left {
			set(centre, i, 1)
		}
		for j := left; j <= centre && centre > left; j++ {
			set(j, i, float64(j-left)/float64(centre-left))
		}
		for j := centre; j < right; j++ {
			set(j, i, float64(right-j)/float64(right-centre))
		}
	}
	return one(fromFloats(ElemType(c.int("output_datatype", int(Float))), out, engine.Shape{rows, mels}))
}
