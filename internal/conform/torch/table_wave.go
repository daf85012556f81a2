package torch

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/fft"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	operators["fft.fftshift"] = shifted(fft.Shift)
	operators["fft.ifftshift"] = shifted(fft.IShift)
	for name, f := range map[string]func(x *tensor, o ...fft.Options) *tensor{
		"fft": fft.FFT, "ifft": fft.IFFT, "rfft": fft.RFFT, "irfft": fft.IRFFT, "hfft": fft.HFFT,
		"ihfft": fft.IHFFT, "fft2": fft.FFT2, "ifft2": fft.IFFT2, "rfft2": fft.RFFT2, "irfft2": fft.IRFFT2,
		"hfft2": fft.HFFT2, "ihfft2": fft.IHFFT2, "fftn": fft.FFTN, "ifftn": fft.IFFTN, "rfftn": fft.RFFTN,
		"irfftn": fft.IRFFTN, "hfftn": fft.HFFTN, "ihfftn": fft.IHFFTN,
	} {
		operators["fft."+name] = spectrum(f)
	}
}

// spectrum is a Fourier transform; n and s are the same argument in one and several dimensions.
func spectrum(f func(x *tensor, o ...fft.Options) *tensor) entry {
	return entry{"input s dim norm", func(c *call) any {
		o := fft.Options{Axes: c.ints("dim"), Sizes: c.ints("s"), Norm: c.str("norm", "")}
		if c.has("n") {
			o.Sizes = c.ints("n")
		}
		return f(c.t("input"), o)
	}}
}

func shifted(f func(x *tensor, axes ...int) *tensor) entry {
	return entry{"input dim", func(c *call) any { return f(c.t("input"), c.ints("dim")...) }}
}

func (c *call) frames() fft.STFTOptions {
	return fft.STFTOptions{
		Size: c.int("n_fft", 0), Hop: c.int("hop_length", 0), Length: c.int("win_length", 0), Window: c.opt("window"),
		NoCenter: !c.bool("center", true), Normalized: c.bool("normalized", false),
		TwoSided: c.has("onesided") && !c.bool("onesided", true),
	}
}

var waves = map[string]entry{
	"complex": {"real imag", func(c *call) any { return eager.Complex(c.t("real"), c.t("imag")) }},
	"polar":   {"abs angle", func(c *call) any { return eager.Polar(c.t("abs"), c.t("angle")) }},
	"angle":   unary((*tensor).Angle),
	"imag":    unary((*tensor).Imag),
	"real":    unary((*tensor).Real),
	"conj":    unary((*tensor).Conj),
	"sgn":     unary((*tensor).Sgn),
	"H":       unary(func(x *tensor) *tensor { return transposed(x).Conj() }),
	"mH":      unary(func(x *tensor) *tensor { return transposed(x).Conj() }),
	"adjoint": unary(func(x *tensor) *tensor { return transposed(x).Conj() }),

	"conj_physical":   unary((*tensor).Conj),
	"resolve_conj":    unary(same),
	"resolve_neg":     unary(same),
	"view_as_real":    unary((*tensor).ViewAsReal),
	"view_as_complex": unary((*tensor).ViewAsComplex),
	"cfloat":          unary(func(x *tensor) *tensor { return x.To(engine.C64) }),
	"cdouble":         unary(func(x *tensor) *tensor { return x.To(engine.C128) }),

	"stft": {
		"input n_fft hop_length win_length window center pad_mode normalized onesided return_complex",
		func(c *call) any {
			o := c.frames()
			o.PadMode = c.str("pad_mode", "reflect")
			y := fft.STFT(c.t("input"), o)
			if c.has("return_complex") && !c.bool("return_complex", true) {
				return y.ViewAsReal()
			}
			return y
		},
	},
	"istft": {
		"input n_fft hop_length win_length window center normalized onesided length return_complex",
		func(c *call) any {
			o := c.frames()
			o.Samples = c.int("length", 0)
			o.Complex = c.bool("return_complex", false)
			return fft.ISTFT(c.t("input"), o)
		},
	},
}
