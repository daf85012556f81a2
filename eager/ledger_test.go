package eager_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/internal/poison"
)

// released counts what f gives back.
func released(f func()) (n int) {
	defer func() { poison.Released = poison.Fill }()
	poison.Released = func(mem []byte) {
		n++
		poison.Fill(mem)
	}
	f()
	return n
}

func finite(t *testing.T, what string, x *eager.Tensor) {
	t.Helper()
	for i, v := range x.Float64s() {
		if math.IsNaN(v) {
			t.Fatalf("%s: element %d was given back", what, i)
		}
	}
}

func TestGradientsThatNobodyKnowsAreGivenBack(t *testing.T) {
	x := eager.Randn(8, 8).SetRequiresGrad(true)
	n := released(func() { x.Tanh().Exp().Sigmoid().Sum().Backward() })
	if n < 2 {
		t.Errorf("%d buffers given back, want the gradients between the layers", n)
	}
	finite(t, "the leaf's gradient", x.Grad())
}

func TestGradientsThatSomebodyKnowsStay(t *testing.T) {
	x := eager.Randn(4, 6).SetRequiresGrad(true)
	y := x.Tanh().RetainGrad()
	z := y.Exp()
	var seen *eager.Tensor
	z.OnGrad(func(g *eager.Tensor) *eager.Tensor {
		seen = g
		return nil
	})
	loss := z.Mul(2).Reshape(24).Sum()
	grads := eager.Grad([]*eager.Tensor{loss}, []*eager.Tensor{x, y, z}, eager.GradOptions{RetainGraph: true})
	loss.Backward()
	for what, g := range map[string]*eager.Tensor{
		"hook": seen, "retained": y.Grad(), "leaf": x.Grad(),
		"asked for x": grads[0], "asked for y": grads[1], "asked for z": grads[2],
	} {
		finite(t, what, g)
	}
}

func TestLeavesThatShareAGradientStaySeparate(t *testing.T) {
	a, b := eager.Randn(3, 3).SetRequiresGrad(true), eager.Randn(3, 3).SetRequiresGrad(true)
	a.Add(b).Tanh().Sum().Backward()
	before := b.Grad().Clone()
	a.Exp().Sum().Backward()
	if !eager.AllClose(b.Grad(), before, 0, 0) {
		t.Error("a second gradient of a changed the gradient of b")
	}
	finite(t, "a", a.Grad())
}

func TestAGradientThatWasSeenIsNotChanged(t *testing.T) {
	x := eager.Randn(5).SetRequiresGrad(true)
	step := func() { x.Mul(x).Sum().Backward() }
	step()
	first := x.Grad()
	old := first.Clone()
	step()
	if !eager.AllClose(first, old, 0, 0) {
		t.Error("a later Backward changed a gradient that was handed out")
	}
	if !eager.AllClose(x.Grad(), old.Mul(2), 1e-6, 0) {
		t.Error("gradients of two passes do not add up")
	}
}

func TestUnseenGradientsAccumulateInPlace(t *testing.T) {
	x := eager.Randn(5).SetRequiresGrad(true)
	for range 4 {
		x.Tanh().Sum().Backward()
	}
	want := eager.Grad([]*eager.Tensor{x.Tanh().Sum()}, []*eager.Tensor{x}, eager.GradOptions{})[0]
	if !eager.AllClose(x.Grad(), want.Mul(4), 1e-5, 1e-6) {
		t.Errorf("four passes give %v, want four times %v", x.Grad(), want)
	}
}

func TestAValueUsedManyTimesSumsItsGradients(t *testing.T) {
	x := eager.Randn(4).SetRequiresGrad(true)
	h := x.Tanh()
	sum := h.Exp()
	for range 5 {
		sum = sum.Add(h.Mul(h)).Add(h)
	}
	sum.Sum().Backward()
	n := 0.0
	for i, v := range x.Detach().Tanh().Float64s() {
		want := (1 - v*v) * (math.Exp(v) + 10*v + 5)
		n = math.Max(n, math.Abs(x.Grad().At(i)-want))
	}
	if n > 1e-4 {
		t.Errorf("gradient is off by %v", n)
	}
}

func TestZeroGradGivesBackOnlyGradientsThatNobodySaw(t *testing.T) {
	x := eager.Randn(16, 16).SetRequiresGrad(true)
	x.Tanh().Sum().Backward()
	if n := released(func() {
		x.WithGrad(func(g *eager.Tensor) { finite(t, "while it is used", g) })
		x.ZeroGrad()
	}); n != 1 {
		t.Errorf("%d buffers given back, want the gradient", n)
	}
	x.Tanh().Sum().Backward()
	g := x.Grad()
	if n := released(x.ZeroGrad); n != 0 {
		t.Errorf("%d buffers given back, though the gradient was handed out", n)
	}
	finite(t, "the gradient that was handed out", g)
}
