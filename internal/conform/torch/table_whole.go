package torch

import "fmt"

// The last of the tables: it wraps operators of the others.
func init() {
	for n := 1; n <= 3; n++ {
		name := fmt.Sprintf("%dd", n)
		for _, op := range []string{"conv", "conv_transpose"} {
			e := operators["nn.functional."+op+name]
			operators["nn.functional."+op+name] = throughF64(e, "input", "weight", "bias")
		}
		for _, op := range []string{"max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"} {
			e := operators["nn.functional."+op+name]
			operators["nn.functional."+op+name] = throughF64(e, "input")
		}
	}
	for name, other := range aliases {
		operators[name] = operators[other]
	}
	e := operators["nn.functional.bilinear"]
	operators["nn.functional.bilinear"] = throughF64(e, "input1", "input2", "weight", "bias")
}

// aliases are second names.
var aliases = map[string]string{
	"absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
	"arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "clip": "clamp", "concat": "cat",
	"concatenate": "cat", "conv1d": "nn.functional.conv1d", "conv2d": "nn.functional.conv2d",
	"conv3d": "nn.functional.conv3d", "conv_transpose1d": "nn.functional.conv_transpose1d",
	"conv_transpose2d": "nn.functional.conv_transpose2d", "det": "linalg.det", "divide": "div", "fix": "trunc",
	"greater": "gt", "greater_equal": "ge", "inverse": "linalg.inv", "less": "lt", "less_equal": "le",
	"matrix_power": "linalg.matrix_power", "moveaxis": "movedim", "multiply": "mul", "negative": "neg",
	"not_equal": "ne", "orgqr": "linalg.householder_product", "row_stack": "vstack", "subtract": "sub",
	"swapaxes": "transpose", "swapdims": "transpose", "special.digamma": "digamma", "special.erf": "erf",
	"special.erfc": "erfc", "special.erfinv": "erfinv", "special.exp2": "exp2", "special.expm1": "expm1",
	"special.gammaln": "lgamma", "special.gammainc": "igamma", "special.gammaincc": "igammac",
	"special.i0": "i0", "special.log1p": "log1p", "special.log_softmax": "log_softmax",
	"special.logit": "logit", "special.logsumexp": "logsumexp", "special.multigammaln": "mvlgamma",
	"special.psi": "digamma", "special.round": "round", "special.sinc": "sinc", "special.xlogy": "xlogy",
}
