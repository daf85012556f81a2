package optim

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// valley is Rosenbrock's function with its minimum at (1, 1).
func valley(p *eager.Tensor) func() *eager.Tensor {
	return func() *eager.Tensor {
		x, y := p.Index(0), p.Index(1)
		return x.Neg().Add(1).Square().Add(y.Sub(x.Square()).Square().Mul(100))
	}
}

func TestLBFGSFindsTheEndOfAValley(t *testing.T) {
	p := eager.New([]float64{-1.2, 1}).SetRequiresGrad(true)
	o := NewLBFGS([]*eager.Tensor{p}, LBFGSOptions{StrongWolfe: true})
	first := o.StepWith(valley(p)).Item()
	for range 4 {
		o.StepWith(valley(p))
	}
	if math.Abs(first-24.2) > 1e-12 {
		t.Errorf("the loss before the first step is %v, want 24.2", first)
	}
	for i, v := range p.Float64s() {
		if math.Abs(v-1) > 1e-4 {
			t.Errorf("coordinate %d is %v after five steps, want 1", i, v)
		}
	}
}

func TestLBFGSSolvesAQuadraticInAsManyStepsAsDimensions(t *testing.T) {
	eager.Seed(4)
	m := eager.Randn(6, 6).To(eager.F64)
	a := m.MatMul(m.T()).Add(eager.Eye(6).To(eager.F64))
	b := eager.Randn(6).To(eager.F64)
	x := eager.Zeros(6).To(eager.F64).SetRequiresGrad(true)
	o := NewLBFGS([]*eager.Tensor{x}, LBFGSOptions{StrongWolfe: true, Iterations: 60, ToleranceChange: 1e-14})
	o.StepWith(func() *eager.Tensor { return x.MatMul(a.MatMul(x)).Mul(0.5).Sub(x.MatMul(b)) })
	if r := a.MatMul(x.Detach()).Sub(b).Abs().Max().Item(); r > 1e-6 {
		t.Errorf("the gradient at the end is %v", r)
	}
}

func TestLBFGSGoesOnFromItsState(t *testing.T) {
	run := func(stop int) []float64 {
		p := eager.New([]float64{-1.2, 1}).SetRequiresGrad(true)
		options := LBFGSOptions{LR: 0.01, Iterations: 3, History: 2}
		o := NewLBFGS([]*eager.Tensor{p}, options)
		for i := range 8 {
			if i == stop { // a new optimizer with the old one's state
				next := NewLBFGS([]*eager.Tensor{p}, options)
				if err := next.LoadStateDict(o.StateDict()); err != nil {
					t.Fatal(err)
				}
				o = next
			}
			o.StepWith(valley(p))
		}
		return p.Float64s()
	}
	whole, resumed := run(-1), run(5)
	if whole[0] != resumed[0] || whole[1] != resumed[1] {
		t.Errorf("resumed at %v, without a break %v", resumed, whole)
	}
}
