package eager_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// cube is x³ with its gradient; scale spoils the gradient.
func cube(scale float64) *eager.Function {
	return &eager.Function{
		Name: "cube",
		Forward: func(c *eager.Context, in []*eager.Tensor) []*eager.Tensor {
			c.Save(in...)
			return []*eager.Tensor{in[0].Pow(3)}
		},
		Backward: func(c *eager.Context, dy []*eager.Tensor) []*eager.Tensor {
			return []*eager.Tensor{c.Saved()[0].Square().Mul(3 * scale).Mul(dy[0])}
		},
	}
}

func TestFunctionHasItsOwnGradients(t *testing.T) {
	x := eager.New([]float64{1, -2, 0.5})
	f := func(in ...*eager.Tensor) *eager.Tensor { return cube(1).Call(in[0].Sin())[0] }
	if err := eager.GradCheck(f, []*eager.Tensor{x}, eager.GradCheckOptions{Second: true}); err != nil {
		t.Error(err)
	}
	wrong := func(in ...*eager.Tensor) *eager.Tensor { return cube(1.1).Call(in[0])[0] }
	err := eager.GradCheck(wrong, []*eager.Tensor{x})
	if err == nil || !strings.HasPrefix(err.Error(), "GradCheck: the derivative of result 0 by element 0") {
		t.Errorf("a wrong gradient gives %v", err)
	}
}

func TestFunctionWithSeveralResultsAndOperands(t *testing.T) {
	f := &eager.Function{
		Name: "parts",
		Forward: func(c *eager.Context, in []*eager.Tensor) []*eager.Tensor {
			c.Save(in...)
			sign := in[0].Sign()
			c.NotDifferentiable(sign)
			return []*eager.Tensor{in[0].Mul(in[1]), in[0].Add(in[1]), sign}
		},
		Backward: func(c *eager.Context, dy []*eager.Tensor) []*eager.Tensor {
			x := c.Saved()
			din := []*eager.Tensor{x[1].Mul(dy[0]).Add(dy[1]), nil}
			if c.Needs(1) {
				din[1] = x[0].Mul(dy[0]).Add(dy[1])
			}
			return din
		},
	}
	x, y := eager.New([]float64{2, 3}).SetRequiresGrad(true), eager.New([]float64{5, 7})
	out := f.Call(x, y)
	if out[2].RequiresGrad() || !out[1].RequiresGrad() {
		t.Error("want the sum differentiable and the sign not")
	}
	out[0].Sum().Backward() // no gradient arrives at the sum
	wantValues(t, x.Grad(), 5, 7)
	wantError(t, "Backward: parts saved a value", func() {
		z := f.Call(x, y)[0].Sum()
		y.FillInPlace(0)
		z.Backward()
	})
	eager.NoGrad(func() {
		if f.Call(x, y)[0].RequiresGrad() {
			t.Error("recorded inside NoGrad")
		}
		eager.EnableGrad(func() {
			if !f.Call(x, y)[0].RequiresGrad() {
				t.Error("not recorded inside EnableGrad")
			}
		})
	})
}

func TestCheckpointGivesTheSameGradientsAndRandomNumbers(t *testing.T) {
	eager.Seed(5)
	x, w := eager.Randn(4, 6), eager.Randn(6, 6)
	layer := func(w *eager.Tensor) func(x *eager.Tensor) *eager.Tensor {
		return func(x *eager.Tensor) *eager.Tensor {
			return x.MatMul(w).Tanh().Mul(eager.Bernoulli(0.5, 4, 6)).MatMul(w)
		}
	}
	run := func(checkpoint bool) (g, h *eager.Tensor, after float64) {
		eager.Seed(9)
		x, w := x.Clone().SetRequiresGrad(true), w.Clone().SetRequiresGrad(true)
		y := x.Sin()
		for range 2 {
			if checkpoint {
				y = eager.Checkpoint(layer(w), y, w)
			} else {
				y = layer(w)(y)
			}
		}
		y.Square().Sum().Backward()
		return x.Grad(), w.Grad(), eager.Rand(1).Item()
	}
	g, h, after := run(false)
	cg, ch, cafter := run(true)
	if !eager.AllClose(g, cg, 1e-5, 1e-5) || !eager.AllClose(h, ch, 1e-5, 1e-5) || after != cafter {
		t.Errorf("gradients %v, %v and %v, %v; next number %v and %v", g, h, cg, ch, after, cafter)
	}
	double := func(in ...*eager.Tensor) *eager.Tensor {
		return eager.Checkpoint(func(x *eager.Tensor) *eager.Tensor { return x.Exp().Mul(in[1]) }, in[0], in[1])
	}
	in := []*eager.Tensor{eager.New([]float64{0.1, 0.2}), eager.New([]float64{2, 3})}
	if err := eager.GradCheck(double, in, eager.GradCheckOptions{Second: true}); err != nil {
		t.Error(err)
	}
}

func TestDetectAnomalyNamesTheOperator(t *testing.T) {
	x := eager.New([]float64{0, 1}).SetRequiresGrad(true)
	y := x.Mul(0).Sqrt().Mul(0).Sum() // ∞·0 in the gradient of Sqrt
	eager.DetectAnomaly(func() {
		wantError(t, "Backward: Sqrt gave NaN for 2 of 2 elements", y.Backward)
	})
	x.Mul(0).Sqrt().Mul(0).Sum().Backward()
	if g := x.Grad().At(0); !math.IsNaN(g) {
		t.Errorf("the gradient is %v, want NaN", g)
	}
}
