package eager

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"github.com/lathe-ml/lathe/engine/op"
)

func ExampleComplex() {
	z := Complex(New([]float64{3, 0}), New([]float64{4, 1}))
	fmt.Println(z.Abs().Float64s(), z.Mul(z).Complex128s())
	// Output: [5 1] [(-7+24i) (-1+0i)]
}

// pairsOf is f as a function of pairs of floats, so that differences can check its gradient.
func pairsOf(f func(z *Tensor) *Tensor) func(x *Tensor) *Tensor {
	return func(x *Tensor) *Tensor {
		y := f(x.ViewAsComplex())
		if y.IsComplex() {
			y = y.ViewAsReal()
		}
		return y
	}
}

func TestGradientsOfComplexFunctionsAreThoseOfTheirParts(t *testing.T) {
	Seed(5)
	points, weight := Randn(3, 4, 2).To(F64).Mul(0.5).Add(0.3), Randn(3, 4, 2).To(F64)
	w := weight.ViewAsComplex()
	for name, f := range map[string]func(z *Tensor) *Tensor{
		"exp": (*Tensor).Exp, "log": (*Tensor).Log, "sqrt": (*Tensor).Sqrt, "sin": (*Tensor).Sin,
		"tanh": (*Tensor).Tanh, "sigmoid": (*Tensor).Sigmoid, "reciprocal": (*Tensor).Reciprocal,
		"abs": (*Tensor).Abs, "angle": (*Tensor).Angle, "conj": (*Tensor).Conj, "real": (*Tensor).Real,
		"imag": (*Tensor).Imag, "sgn": (*Tensor).Sgn, "cosh": (*Tensor).Cosh, "rsqrt": (*Tensor).Rsqrt,
		"atan":    (*Tensor).Atan,
		"mul":     func(z *Tensor) *Tensor { return z.Mul(w) },
		"div":     func(z *Tensor) *Tensor { return w.Div(z) },
		"pow":     func(z *Tensor) *Tensor { return z.Pow(w) },
		"matmul":  func(z *Tensor) *Tensor { return z.MatMul(w.T()).MatMul(z) },
		"sum":     func(z *Tensor) *Tensor { return z.Mul(z).Sum(0) },
		"cumsum":  func(z *Tensor) *Tensor { return z.CumSum(1) },
		"rows":    func(z *Tensor) *Tensor { return z.IndexSelect(0, New([]int{2, 0, 2})) },
		"windows": func(z *Tensor) *Tensor { return z.Unfold(1, 3, 1) },
		"real·z":  func(z *Tensor) *Tensor { return z.Mul(weight.Index(0, 0, 0)) },
		"polar":   func(z *Tensor) *Tensor { return Polar(z.Real().Exp(), z.Imag()) },
	} {
		g := pairsOf(f)
		x := points.Clone().SetRequiresGrad(true)
		seed := Randn(g(x).Shape()...).To(F64)
		loss := func(x *Tensor) *Tensor { return g(x).Mul(seed).Sum() }
		got := Grad([]*Tensor{loss(x)}, []*Tensor{x}, GradOptions{})[0]
		const h = 1e-6
		v := points.Float64s()
		for i := range v {
			at := func(d float64) float64 {
				p := append([]float64(nil), v...)
				p[i] += d
				return loss(FromFloat64s(p, 3, 4, 2)).Item()
			}
			want := (at(h) - at(-h)) / (2 * h)
			if have := got.Float64s()[i]; !(cmplx.Abs(complex(have-want, 0)) <= 1e-6*(1+cmplx.Abs(complex(want, 0)))) {
				t.Errorf("%s: gradient %d is %v, differences give %v", name, i, have, want)
				break
			}
		}
	}
}

func TestComplexNumbersPromoteAsInPyTorch(t *testing.T) {
	for _, c := range []struct {
		got  *Tensor
		want string
	}{
		{Ones(2).Mul(1i), "c64[2]"},
		{Ones(2).To(F64).Mul(1i), "c128[2]"},
		{Ones(2).To(I64).Add(1i), "c64[2]"},
		{Ones(2).To(F64).Add(Complex(Ones(2), Ones(2))), "c128[2]"},
		{Complex(1.0, Zeros(2)).Abs(), "f32[2]"},
	} {
		if s := c.got.Array().String(); s != c.want {
			t.Errorf("type %s, want %s", s, c.want)
		}
	}
}

func TestComplexNumbersPrintBothParts(t *testing.T) {
	z := FromComplex128s([]complex128{1.5 + 2i, -0.25 - 1i})
	if got, want := z.String(), "[ 1.5000+2.0000i -0.2500-1.0000i] c128[2]"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func TestComplexOperandsThatBroadcastAreReadWhole(t *testing.T) {
	draw := func(s ...int) *Tensor { return Complex(Randn(s...).To(F64), Randn(s...).To(F64)) }
	x, y, on := draw(10, 1, 10), draw(10, 10, 1), Randn(10, 10, 10).Gt(0) // more than a block of elements
	sum, chosen := x.Add(y), Where(on, x, y)
	for part, f := range map[string]func(*Tensor) *Tensor{"real": (*Tensor).Real, "imag": (*Tensor).Imag} {
		if !AllClose(f(sum), f(x).Add(f(y)), 1e-12, 1e-12) || !AllClose(f(chosen), Where(on, f(x), f(y)), 0, 0) {
			t.Errorf("the %s parts of a sum or a choice are wrong", part)
		}
	}
}

func TestGradientsOfComplexReductionsAreDerivatives(t *testing.T) {
	Seed(6)
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"Prod":         func(x *Tensor) *Tensor { return x.Prod(1, 2) },
		"Prod of all":  func(x *Tensor) *Tensor { return x.Prod() },
		"CumProd":      func(x *Tensor) *Tensor { return x.CumProd(1) },
		"LogSumExp":    func(x *Tensor) *Tensor { return x.LogSumExp(0, 2) },
		"LogCumSumExp": func(x *Tensor) *Tensor { return x.LogCumSumExp(2) },
		"LogAddExp":    func(x *Tensor) *Tensor { return x.LogAddExp(x.Flip(0)) },
		"Variance":     func(x *Tensor) *Tensor { return x.Variance(1, false, 1) },
		"Cov":          func(x *Tensor) *Tensor { return x.Reshape(2, 6).Cov(CovOptions{}) },
		"CorrCoef":     func(x *Tensor) *Tensor { return x.Reshape(3, 4).CorrCoef().Mul(0.9) },
		"Conv": func(x *Tensor) *Tensor {
			return Conv(x, x.Slice(2, 0, 1), op.ConvAttrs{Stride: []int{1}, Padding: []int{0}, Dilation: []int{1}, Groups: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := GradCheck(func(in ...*Tensor) *Tensor {
				y := f(Complex(in[0], in[1]))
				if y.IsComplex() {
					return y.ViewAsReal()
				}
				return y
			}, []*Tensor{Randn(2, 3, 2).To(F64), Randn(2, 3, 2).To(F64)}, GradCheckOptions{Second: name != "CorrCoef"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	z := FromComplex128s([]complex128{2, complex(math.NaN(), 0), 0, 1i})
	if v := z.IsNaN().Bools(); !v[1] || v[0] || v[3] {
		t.Errorf("IsNaN is %v", v)
	}
	if z.All().Bools()[0] || !z.Any().Bools()[0] {
		t.Error("All or Any of complex numbers is wrong")
	}
}

func TestNewTakesComplexNumbers(t *testing.T) {
	x := New([][]complex128{{1, 2i}, {3, 4 - 1i}})
	if x.DType() != C128 || x.Rank() != 2 || x.Complex128s()[3] != 4-1i {
		t.Errorf("%v %v", x.Type(), x.Complex128s())
	}
	if y := New([]complex64{2i}); y.DType() != C64 || y.Complex128s()[0] != 2i {
		t.Errorf("%v %v", y.Type(), y.Complex128s())
	}
}
