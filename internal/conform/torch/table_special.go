package torch

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/special"
)

// specials are special functions and the inverse and hyperbolic ones.
var specials = map[string]entry{
	"asin":        unary((*tensor).Asin),
	"acos":        unary((*tensor).Acos),
	"atan":        unary((*tensor).Atan),
	"sinh":        unary((*tensor).Sinh),
	"cosh":        unary((*tensor).Cosh),
	"asinh":       unary((*tensor).Asinh),
	"acosh":       unary((*tensor).Acosh),
	"atanh":       unary((*tensor).Atanh),
	"erfc":        unary((*tensor).Erfc),
	"erfinv":      unary(special.ErfInv),
	"lgamma":      unary(special.LogGamma),
	"digamma":     unary(special.Digamma),
	"i0":          unary(special.I0),
	"sinc":        unary(special.Sinc),
	"igamma":      pairwise(special.GammaP),
	"igammac":     pairwise(special.GammaQ),
	"polygamma":   ordered(special.Polygamma),
	"mvlgamma":    ordered(special.MultiLogGamma),
	"xlogy":       pairwise(special.XLogY),
	"logit":       {"input eps", func(c *call) any { return special.Logit(c.t("input"), c.float("eps", 0)) }},
	"special.i1":  unary(special.I1),
	"special.i0e": unary(special.I0Scaled),
	"special.i1e": unary(special.I1Scaled),

	"special.erfcx": unary(special.ErfcScaled),
	"special.ndtr": unary(func(x *tensor) *tensor {
		if x.DType().IsInt() { // PyTorch takes the short formula, which loses the lower tail
			return x.Div(math.Sqrt2).Erf().Add(1).Mul(0.5)
		}
		return special.NormalCDF(x)
	}),
	"special.ndtri":     unary(special.NormalInv),
	"special.log_ndtr":  unary(special.LogNormalCDF),
	"special.entr":      unary(special.Entropy),
	"special.zeta":      pairwise(special.Zeta),
	"special.xlog1py":   pairwise(special.XLog1pY),
	"special.polygamma": ordered(special.Polygamma),
}

// pairwise is an operator of two tensors; a number becomes one of the other's dtype.
func pairwise(f func(x, y *tensor) *tensor) entry {
	return entry{"input other", func(c *call) any {
		x := c.t("input")
		if y, ok := c.get("other").(*tensor); ok {
			return f(x, y)
		}
		return f(x, eager.New(c.float("other", 0)).To(x.DType()))
	}}
}

// ordered is an operator of one tensor and an order or dimension.
func ordered(f func(n int, x *tensor) *tensor) entry {
	return entry{"input n", func(c *call) any {
		n := "n"
		if c.has("p") {
			n = "p"
		}
		return f(c.int(n, 0), c.t("input"))
	}}
}
