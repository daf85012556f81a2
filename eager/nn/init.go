package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// The Init functions fill a tensor in place, also a parameter, without recording it.

func assign(x *eager.Tensor, v any) { eager.NoGrad(func() { x.Assign(v) }) }

// InitConstant fills x with v.
func InitConstant(x *eager.Tensor, v float64) {
	present("nn.InitConstant", "x", x)
	assign(x, v)
}

// InitZeros fills x with 0.
func InitZeros(x *eager.Tensor) {
	present("nn.InitZeros", "x", x)
	assign(x, 0)
}

// InitOnes fills x with 1.
func InitOnes(x *eager.Tensor) {
	present("nn.InitOnes", "x", x)
	assign(x, 1)
}

// InitUniform fills x with values drawn uniformly from [lo, hi).
func InitUniform(x *eager.Tensor, lo, hi float64) {
	present("nn.InitUniform", "x", x)
	if !(lo <= hi) || math.IsInf(hi-lo, 0) {
		engine.Fail("nn.InitUniform", "bounds %v and %v; want finite numbers with lo ≤ hi", lo, hi)
	}
	assign(x, eager.Uniform(lo, hi, x.Shape()...))
}

// InitNormal fills x with values drawn from a normal distribution.
func InitNormal(x *eager.Tensor, mean, std float64) {
	present("nn.InitNormal", "x", x)
	if !(std >= 0) || math.IsInf(std, 1) {
		engine.Fail("nn.InitNormal", "std is %v; want a number ≥ 0", std)
	}
	assign(x, eager.Normal(mean, std, x.Shape()...))
}

// InitTruncNormal fills x with values of a normal distribution, those outside [lo, hi] drawn again. The
// distribution must have some weight in there.
func InitTruncNormal(x *eager.Tensor, mean, std, lo, hi float64) {
	present("nn.InitTruncNormal", "x", x)
	cdf := func(v float64) float64 { return (1 + math.Erf((v-mean)/std/math.Sqrt2)) / 2 }
	a, b := cdf(lo), cdf(hi)
	if !(std > 0) || !(a < b) {
		engine.Fail("nn.InitTruncNormal", "mean %v, std %v have no weight in [%v, %v]", mean, std, lo, hi)
	}
	u := eager.Uniform(0, 1, x.Shape()...).Float64s()
	for i, p := range u {
		v := mean + std*math.Sqrt2*math.Erfinv(2*(a+p*(b-a))-1)
		u[i] = min(max(v, lo), hi)
	}
	assign(x, eager.FromFloat64s(u, x.Shape()...))
}

// fans returns the number of inputs of an output element, and of outputs of an input element, of weights
// [out in kernel…].
func fans(where string, x *eager.Tensor) (in, out float64) {
	present(where, "x", x)
	s := x.Shape()
	if len(s) < 2 {
		engine.Fail(where, "weight %v has %d axes; want [out in …]", x.Array(), len(s))
	}
	field := s[2:].Numel()
	return float64(s[1] * field), float64(s[0] * field)
}

// InitXavierUniform fills weights [out in …] uniformly in ±gain·√(6/(fanIn + fanOut)); the usual gain is 1.
// Source: Glorot and Bengio 2010; agrees with torch.nn.init.xavier_uniform_.
func InitXavierUniform(x *eager.Tensor, gain float64) {
	in, out := fans("nn.InitXavierUniform", x)
	b := gain * math.Sqrt(6/(in+out))
	InitUniform(x, -b, b)
}

// InitXavierNormal fills weights [out in …] with deviation gain·√(2/(fanIn + fanOut)); the usual gain is 1.
// Source: Glorot and Bengio 2010; agrees with torch.nn.init.xavier_normal_.
func InitXavierNormal(x *eager.Tensor, gain float64) {
	in, out := fans("nn.InitXavierNormal", x)
	InitNormal(x, 0, gain*math.Sqrt(2/(in+out)))
}

// KaimingOptions are the options of the Kaiming initialisers; the zero value is the default: for ReLU,
// keeping the variance of activations.
type KaimingOptions struct {
	Slope  float64 // of the leaky ReLU that follows
	Linear bool    // no ReLU follows
	FanOut bool    // keep the variance of gradients instead
}

func kaiming(where string, x *eager.Tensor, o []KaimingOptions) float64 {
	var opt KaimingOptions
	if len(o) > 0 {
		opt = o[0]
	}
	fan, out := fans(where, x)
	if opt.FanOut {
		fan = out
	}
	gain := math.Sqrt(2 / (1 + opt.Slope*opt.Slope))
	if opt.Linear {
		gain = 1
	}
	return gain / math.Sqrt(max(fan, 1))
}

// InitKaimingUniform fills weights [out in …] uniformly in ±gain·√(3/fan).
// Source: He et al. 2015; agrees with torch.nn.init.kaiming_uniform_.
func InitKaimingUniform(x *eager.Tensor, o ...KaimingOptions) {
	b := math.Sqrt(3) * kaiming("nn.InitKaimingUniform", x, o)
	InitUniform(x, -b, b)
}

// InitKaimingNormal fills weights [out in …] with deviation gain/√fan.
// Source: He et al. 2015; agrees with torch.nn.init.kaiming_normal_.
func InitKaimingNormal(x *eager.Tensor, o ...KaimingOptions) {
	InitNormal(x, 0, kaiming("nn.InitKaimingNormal", x, o))
}

// InitOrthogonal fills x, as a matrix of its first axis by all others, with gain times a random matrix of
// orthonormal rows or columns, whichever are fewer.
// Source: Saxe et al. 2014; agrees with torch.nn.init.orthogonal_.
func InitOrthogonal(x *eager.Tensor, gain float64) {
	present("nn.InitOrthogonal", "x", x)
	s := x.Shape()
	if len(s) < 2 {
		engine.Fail("nn.InitOrthogonal", "tensor %v has %d axes; want at least 2", x.Array(), len(s))
	}
	rows, cols := s[0], s[1:].Numel()
	n, k := max(rows, cols), min(rows, cols) // k orthonormal vectors of length n
	q := eager.Randn(k, n).Float64s()
	for i := range k {
		v := q[i*n : (i+1)*n]
		for range 2 { // twice is enough for full accuracy
			for j := range i {
				u := q[j*n : (j+1)*n]
				axpy(v, u, -dot(u, v))
			}
		}
		norm := math.Sqrt(dot(v, v))
		for a := range v {
			v[a] /= norm
		}
	}
	y := eager.FromFloat64s(q, k, n).Mul(gain)
	if rows > cols {
		y = y.T()
	}
	assign(x, y.Reshape(s...))
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// axpy adds c·x to y.
func axpy(y, x []float64, c float64) {
	for i, v := range x {
		y[i] += c * v
	}
}
