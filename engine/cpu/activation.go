package cpu

import "math"

// Activations. NaN gives NaN. The error in float32 is at most 0.51 units of the last place in portable
// code and of Softplus; in SIMD Sigmoid stays within 2.5, SiLU and GELUTanh within 3, GELU within 3
// where x is positive and 16 down to where the result is subnormal.
var (
	// Sigmoid is 1/(1+e⁻ˣ).
	Sigmoid = Lift1("Sigmoid", sigmoid)
	// LogSigmoid is −log(1+e⁻ˣ).
	LogSigmoid = Lift1("LogSigmoid", func(x float64) float64 { return -softplus(-x) })
	// ReLU is max(x, 0).
	ReLU = &Vec1{
		Name: "ReLU", F32: reluV[float32], F64: reluV[float64], I64: reluV[int64],
		I32: reluV[int32], I16: reluV[int16], I8: reluV[int8], U8: copySlice[uint8],
	}
	// GELU is x·Φ(x) with the normal distribution function Φ.
	GELU = Lift1("GELU", func(x float64) float64 { return x * phi(x) })
	// GELUTanh is GELU's tanh approximation.
	GELUTanh = Lift1("GELUTanh", func(x float64) float64 {
		return 0.5 * x * (1 + math.Tanh(geluInner(x)))
	})
	// SiLU is x·Sigmoid(x).
	SiLU = Lift1("SiLU", func(x float64) float64 { return x * sigmoid(x) })
	// Softplus is log(1+eˣ).
	Softplus = Lift1("Softplus", softplus)
)

// Gradients of activations: dy times the derivative.
var (
	// ReLUGrad is dy where y > 0, else 0; y may be ReLU's operand or its result.
	ReLUGrad = &Vec2{Name: "ReLUGrad", F32: reluGradV[float32], F64: reluGradV[float64]}
	// SigmoidGrad is dy·y·(1−y) of Sigmoid's result y.
	SigmoidGrad = &Vec2{Name: "SigmoidGrad", F32: sigmoidGradV[float32], F64: sigmoidGradV[float64]}
	// TanhGrad is dy·(1−y²) of Tanh's result y.
	TanhGrad = &Vec2{Name: "TanhGrad", F32: tanhGradV[float32], F64: tanhGradV[float64]}
	// GELUGrad takes dy and GELU's operand x.
	GELUGrad = Lift2("GELUGrad", func(dy, x float64) float64 {
		return dy * (phi(x) + x*normalDensity(x))
	})
	// GELUTanhGrad takes dy and GELUTanh's operand x.
	GELUTanhGrad = Lift2("GELUTanhGrad", func(dy, x float64) float64 {
		t := math.Tanh(geluInner(x))
		return dy * 0.5 * (1 + t + x*(1-t*t)*sqrt2OverPi*(1+3*0.044715*x*x))
	})
	// SiLUGrad takes dy and SiLU's operand x.
	SiLUGrad = Lift2("SiLUGrad", func(dy, x float64) float64 {
		s := sigmoid(x)
		return dy * s * (1 + x*(1-s))
	})
	// SoftplusGrad takes dy and Softplus's operand x.
	SoftplusGrad = Lift2("SoftplusGrad", func(dy, x float64) float64 { return dy * sigmoid(x) })
)

const sqrt2OverPi = 0.79788456080286535587989211986876

// LeakyReLU returns the function x where x > 0, else slope·x.
func LeakyReLU(slope float64) *Vec1 {
	return &Vec1{Name: "LeakyReLU", F32: leaky(float32(slope)), F64: leaky(slope)}
}

// LeakyReLUGrad returns LeakyReLU's gradient, a function of dy and x.
func LeakyReLUGrad(slope float64) *Vec2 {
	return &Vec2{Name: "LeakyReLUGrad", F32: leakyGrad(float32(slope)), F64: leakyGrad(slope)}
}

// ELU returns the function x where x > 0, else alpha·(eˣ−1).
func ELU(alpha float64) *Vec1 {
	return Lift1("ELU", func(x float64) float64 {
		if x > 0 {
			return x
		}
		return alpha * math.Expm1(x)
	})
}

// ELUGrad returns ELU's gradient, a function of dy and x.
func ELUGrad(alpha float64) *Vec2 {
	return Lift2("ELUGrad", func(dy, x float64) float64 {
		if x > 0 {
			return dy
		}
		return dy * alpha * math.Exp(x)
	})
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

func phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func geluInner(x float64) float64 { return sqrt2OverPi * (x + 0.044715*x*x*x) }

func reluV[T number](d, x []T) {
	for i, v := range x {
		if v <= 0 { // false for NaN, which passes
			v = 0
		}
		d[i] = v
	}
}

func reluGradV[T float](d, dy, y []T) {
	dy, y = dy[:len(d)], y[:len(d)]
	for i := range d {
		g := dy[i]
		if y[i] <= 0 {
			g = 0
		}
		d[i] = g
	}
}

func sigmoidGradV[T float](d, dy, y []T) {
	dy, y = dy[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = dy[i] * y[i] * (1 - y[i])
	}
}

func tanhGradV[T float](d, dy, y []T) {
	dy, y = dy[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = dy[i] * (1 - y[i]*y[i])
	}
}

func leaky[T float](slope T) func(d, x []T) {
	return func(d, x []T) {
		for i, v := range x {
			if v <= 0 {
				v *= slope
			}
			d[i] = v
		}
	}
}

func leakyGrad[T float](slope T) func(d, dy, x []T) {
	return func(d, dy, x []T) {
		for i := range d {
			g := dy[i]
			if x[i] <= 0 {
				g *= slope
			}
			d[i] = g
		}
	}
}
