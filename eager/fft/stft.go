package fft

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// STFTOptions are the options of STFT and ISTFT. Size is given; all others have defaults.
type STFTOptions struct {
	Size       int           // samples of a frame
	Hop        int           // distance of frames; 0: Size/4
	Window     *eager.Tensor // at most Size factors, which stand in the middle of the frame; nil: ones
	Length     int           // of the window when it is nil; 0: Size. Of ISTFT see Samples
	NoCenter   bool          // frame t starts at sample t·Hop; default: it is centred there, x is padded
	PadMode    string        // of the padding: "reflect" (or ""), "constant", "replicate" or "circular"
	Normalized bool          // divide by √Size
	TwoSided   bool          // all frequencies, also those that real signals do not need; ISTFT sees it by itself
	Complex    bool          // ISTFT: the signal is complex; wants all frequencies
	Samples    int           // ISTFT: length of the result; 0: all that the frames cover
}

func (o STFTOptions) checked(where string, x *eager.Tensor) STFTOptions {
	if x == nil {
		engine.Fail(where, "x is nil")
	}
	if o.Hop == 0 {
		o.Hop = o.Size / 4
	}
	if o.Size < 1 || o.Hop < 1 || o.Length < 0 || o.Length > o.Size {
		engine.Fail(where, "Size %d, Hop %d, Length %d; want numbers ≥ 1, Length at most Size", o.Size, o.Hop, o.Length)
	}
	if o.Window != nil && (o.Window.Rank() != 1 || o.Window.Numel() > o.Size) {
		engine.Fail(where, "Window is %v; want a vector of at most Size %d", o.Window.Array(), o.Size)
	}
	return o
}

// window is the window as a vector of Size factors.
func (o STFTOptions) window(d engine.DType) *eager.Tensor {
	w := o.Window
	if w == nil {
		n := o.Length
		if n == 0 {
			n = o.Size
		}
		w = eager.Ones(n).To(d)
	}
	left := (o.Size - w.Numel()) / 2
	return w.Pad([]int{left}, []int{o.Size - w.Numel() - left}, 0)
}

// STFT returns the spectra of frames of x [… samples] → [… frequencies frames], complex.
// Agrees with torch.stft.
func STFT(x *eager.Tensor, o STFTOptions) *eager.Tensor {
	const where = "fft.STFT"
	o = o.checked(where, x)
	x = floats(x)
	if x.Rank() == 0 {
		engine.Fail(where, "x is %v; want [… samples]", x.Array())
	}
	if !o.NoCenter {
		x = padded(where, x, o.Size/2, o.PadMode)
	}
	if x.Size(-1) < o.Size {
		engine.Fail(where, "x has %d samples, fewer than a frame of %d", x.Size(-1), o.Size)
	}
	frames := x.Unfold(-1, o.Size, o.Hop)
	parts := eager.F64
	if x.DType() == eager.F32 || x.DType() == eager.C64 {
		parts = eager.F32
	}
	frames = frames.Mul(o.window(parts))
	var norm Options
	if o.Normalized {
		norm.Norm = "ortho"
	}
	if o.TwoSided || x.IsComplex() {
		return FFT(frames, norm).Transpose(-1, -2)
	}
	return RFFT(frames, norm).Transpose(-1, -2)
}

// padded extends the last axis of x by n on both sides.
func padded(where string, x *eager.Tensor, n int, mode string) *eager.Tensor {
	have := x.Size(-1)
	if mode == "constant" {
		sides := make([]int, x.Rank())
		sides[x.Rank()-1] = n
		return x.Pad(sides, sides, 0)
	}
	if have == 0 || mode != "replicate" && n >= have && (n > have || mode != "circular") {
		engine.Fail(where, "padding of %d wants more samples than %d", n, have)
	}
	at := make([]int, have+2*n)
	for i := range at {
		p := i - n
		switch mode {
		case "", "reflect":
			if p < 0 {
				p = -p
			} else if p >= have {
				p = 2*have - 2 - p
			}
		case "replicate":
			p = min(max(p, 0), have-1)
		case "circular":
			p = (p + have) % have
		default:
			engine.Fail(where, "PadMode %q is unknown; known: reflect, constant, replicate, circular", mode)
		}
		at[i] = p
	}
	return x.IndexSelect(-1, eager.FromInts(at, len(at)))
}

// ISTFT returns the signal [… samples] whose STFT of the same options comes nearest to y [… frequencies
// frames]: windowed frames are added up and divided by the sum of the squared windows.
// Source: Griffin and Lim 1984; agrees with torch.istft.
func ISTFT(y *eager.Tensor, o STFTOptions) *eager.Tensor {
	const where = "fft.ISTFT"
	o = o.checked(where, y)
	y = complexOf(y)
	if y.Rank() < 2 || y.Size(-2) != o.Size && (o.TwoSided || o.Complex || y.Size(-2) != o.Size/2+1) {
		engine.Fail(where, "y is %v; want [… %d frames], or [… %d frames] of a real signal", y.Array(), o.Size, o.Size/2+1)
	}
	norm := Options{Sizes: []int{o.Size}}
	if o.Normalized {
		norm.Norm = "ortho"
	}
	spectra := y.Transpose(-1, -2)
	var frames *eager.Tensor
	if o.Complex {
		frames = IFFT(spectra, norm)
	} else {
		frames = IRFFT(spectra.Slice(-1, 0, o.Size/2+1), norm)
	}
	w := o.window(frames.DType())
	count := frames.Size(-2)
	signal := o.overlap(frames.Mul(w))
	weight := o.overlap(w.Mul(w).Unsqueeze(0).Expand(count, o.Size))
	start, stop := 0, signal.Size(-1)
	if !o.NoCenter {
		start, stop = o.Size/2, stop-o.Size/2
	}
	if o.Samples > 0 {
		stop = min(start+o.Samples, signal.Size(-1))
	}
	weight = weight.Slice(-1, start, stop)
	if stop > start && weight.Detach().Abs().Min().Item() < 1e-11 {
		engine.Fail(where, "the windows leave out samples; use a smaller Hop than %d or another Window", o.Hop)
	}
	x := signal.Slice(-1, start, stop).Div(weight)
	if missing := o.Samples - x.Size(-1); missing > 0 {
		after := make([]int, x.Rank())
		after[x.Rank()-1] = missing
		x = x.Pad(make([]int, x.Rank()), after, 0)
	}
	return x
}

// overlap adds frames [… count Size] up at distance Hop.
func (o STFTOptions) overlap(frames *eager.Tensor) *eager.Tensor {
	if frames.IsComplex() {
		return eager.Complex(o.overlap(frames.Real()), o.overlap(frames.Imag()))
	}
	count := frames.Size(-2)
	length := o.Size + o.Hop*max(count-1, 0)
	s := frames.Shape()
	batch := s[:len(s)-2].Numel()
	base := append(s[:len(s)-2:len(s)-2], length)
	a := op.StridedAttrs{
		Shape: engine.Shape{batch, count, o.Size}, Strides: []int{length, o.Hop, 1}, Base: engine.Shape{batch, length},
	}
	return eager.First(op.StridedAdd, a, frames.Reshape(batch, count, o.Size)).Reshape(base...)
}
