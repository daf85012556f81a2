package eager_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func Example() {
	w := eager.New([][]float32{{1, -1}, {2, 0}, {0, 3}}).SetRequiresGrad(true)
	x := eager.New([][]float32{{1, 2, 3}})
	loss := x.MatMul(w).ReLU().Sum()
	loss.Backward()
	fmt.Println(loss.Item())
	fmt.Println(w.Grad())
	// Output:
	// 13
	// [[1. 1.]
	//  [2. 2.]
	//  [3. 3.]] f32[3 2]
}

func leaf(v ...float64) *eager.Tensor { return eager.New(v).SetRequiresGrad(true) }

func wantValues(t *testing.T, x *eager.Tensor, want ...float64) {
	t.Helper()
	if x == nil {
		t.Fatalf("got no tensor, want %v", want)
	}
	got := x.Float64s()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-9*math.Max(1, math.Abs(want[i])) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func wantError(t *testing.T, text string, f func()) {
	t.Helper()
	err := engine.Catch(f)
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v; want one with %q", err, text)
	}
}

func TestGradOfBroadcastIsSummed(t *testing.T) {
	x := eager.New([][]float64{{1, 2, 3}, {4, 5, 6}}).SetRequiresGrad(true)
	b := leaf(10, 20, 30)
	s := eager.New(2.0).SetRequiresGrad(true)
	x.Mul(b).Mul(s).Sum().Backward()
	wantValues(t, b.Grad(), 10, 14, 18)
	wantValues(t, x.Grad(), 20, 40, 60, 20, 40, 60)
	wantValues(t, s.Grad(), 10+40+90+40+100+180)
	if got := s.Grad().Rank(); got != 0 {
		t.Errorf("gradient of a scalar has %d axes", got)
	}
}

func TestBackwardAccumulatesInLeaves(t *testing.T) {
	x := leaf(3)
	x.Mul(x).Sum().Backward()
	x.Mul(2).Sum().Backward()
	wantValues(t, x.Grad(), 8)
	x.ZeroGrad()
	if x.Grad() != nil {
		t.Error("ZeroGrad leaves a gradient")
	}
}

func TestGradOfReusedTensorIsSummed(t *testing.T) {
	x := leaf(2)
	y := x.Mul(x)                    // 4
	y.Mul(y).Add(y).Sum().Backward() // x⁴ + x²
	wantValues(t, x.Grad(), 4*8+2*2)
}

func TestSecondAndThirdDerivative(t *testing.T) {
	x := leaf(2)
	y := x.Mul(x).Mul(x).Mul(x).Sum() // x⁴
	o := eager.GradOptions{CreateGraph: true}
	d1 := eager.Grad([]*eager.Tensor{y}, []*eager.Tensor{x}, o)[0]
	d2 := eager.Grad([]*eager.Tensor{d1}, []*eager.Tensor{x}, o)[0]
	d3 := eager.Grad([]*eager.Tensor{d2}, []*eager.Tensor{x}, eager.GradOptions{})[0]
	wantValues(t, d1, 32)
	wantValues(t, d2, 48)
	wantValues(t, d3, 48)
	if x.Grad() != nil {
		t.Error("Grad touched the Grad of a leaf")
	}
}

func TestGradOfIntermediate(t *testing.T) {
	x := leaf(3)
	y := x.Mul(2)
	z := y.Mul(y).Sum()
	wantValues(t, eager.Grad([]*eager.Tensor{z}, []*eager.Tensor{y}, eager.GradOptions{})[0], 12)
}

func TestHooksSeeAndReplaceGradients(t *testing.T) {
	x := leaf(3)
	y := x.Mul(2)
	var seen []float64
	remove := y.OnGrad(func(g *eager.Tensor) *eager.Tensor {
		seen = append(seen, g.Item())
		return g.Mul(10)
	})
	keep := eager.GradOptions{RetainGraph: true}
	eager.Grad([]*eager.Tensor{y.Mul(y).Sum()}, nil, keep)
	wantValues(t, x.Grad(), 240)
	remove()
	x.ZeroGrad()
	y.Mul(y).Sum().Backward()
	wantValues(t, x.Grad(), 24)
	if len(seen) != 1 || seen[0] != 12 {
		t.Errorf("hook saw %v, want [12]", seen)
	}
	x.OnGrad(func(g *eager.Tensor) *eager.Tensor { return eager.ZerosLike(g) })
	x.ZeroGrad()
	x.Mul(5).Sum().Backward()
	wantValues(t, x.Grad(), 0)
}

func TestRetainGradKeepsIntermediates(t *testing.T) {
	x := leaf(3)
	y := x.Mul(2).RetainGrad()
	y.Mul(y).Sum().Backward()
	wantValues(t, y.Grad(), 12)
}

func TestNoGradHoldsForItsGoroutineOnly(t *testing.T) {
	x := leaf(1)
	eager.NoGrad(func() {
		if x.Mul(2).RequiresGrad() || eager.GradEnabled() {
			t.Error("recorded inside NoGrad")
		}
		eager.NoGrad(func() {})
		if eager.GradEnabled() {
			t.Error("an inner NoGrad ended the outer one")
		}
		done := make(chan bool)
		go func() { done <- x.Mul(2).RequiresGrad() }()
		if !<-done {
			t.Error("another goroutine was not recorded")
		}
	})
	if err := engine.Catch(func() { eager.NoGrad(func() { engine.Fail("test", "x") }) }); err == nil {
		t.Error("panic was lost")
	}
	if !x.Mul(2).RequiresGrad() {
		t.Error("NoGrad outlives a panic")
	}
}

func TestChangedSavedValueIsRefused(t *testing.T) {
	x := leaf(2)
	y := eager.New([]float64{5})
	z := x.Mul(y)
	y.Assign(7)
	wantError(t, "changed in place", func() { z.Sum().Backward() })
}

func TestInPlaceOnTrackedTensorIsRefused(t *testing.T) {
	x := leaf(2)
	wantError(t, "NoGrad", func() { x.Assign(1) })
	eager.NoGrad(func() { x.Assign(1) })
	wantValues(t, x, 1)
}

func TestSecondBackwardNeedsRetainGraph(t *testing.T) {
	x := leaf(2)
	y := x.Mul(x).Sum()
	y.Backward()
	wantError(t, "RetainGraph", y.Backward)
	x.ZeroGrad()
	z := x.Mul(x).Sum()
	eager.Grad([]*eager.Tensor{z}, nil, eager.GradOptions{RetainGraph: true})
	z.Backward()
	wantValues(t, x.Grad(), 8)
}

func TestUnusedInputIsAnErrorUnlessAllowed(t *testing.T) {
	x, y := leaf(2), leaf(3)
	z := x.Mul(2).Sum()
	in := []*eager.Tensor{x, y}
	wantError(t, "AllowUnused", func() {
		eager.Grad([]*eager.Tensor{z}, in, eager.GradOptions{RetainGraph: true})
	})
	g := eager.Grad([]*eager.Tensor{z}, in, eager.GradOptions{AllowUnused: true})
	if g[1] != nil {
		t.Error("gradient of an unused input is not nil")
	}
}

func TestErrorsNameOperatorAndShapes(t *testing.T) {
	a, b := eager.Zeros(2, 3), eager.Zeros(4, 5)
	wantError(t, "MatMul: ", func() { a.MatMul(b) })
	wantError(t, "f32[2 3]", func() { a.MatMul(b) })
	wantError(t, "f32[4 5]", func() { a.Add(b) })
	wantError(t, "2 and 3 (x f32[2 2], y f32[3])", func() { eager.Zeros(2, 2).MatMul(eager.Zeros(3)) })
	wantError(t, "axis 2", func() { a.Sum(2) })
	wantError(t, "want *Tensor", func() { a.Add("x") })
	wantError(t, "has 6 elements", func() { a.Backward() })
	wantError(t, "not floating-point", func() { eager.New([]int{1}).SetRequiresGrad(true) })
}

func TestDeepGraphDoesNotOverflow(t *testing.T) {
	x := leaf(1)
	y := x
	for range 20000 {
		y = y.Mul(1)
	}
	y.Sum().Backward()
	wantValues(t, x.Grad(), 1)
}

func TestOwnGradIsACopyOfWhatOthersKnow(t *testing.T) {
	x := eager.Ones(2).SetRequiresGrad(true)
	if x.OwnGrad() != nil {
		t.Error("a gradient before any backward pass")
	}
	dy := eager.Ones(2)
	x.Mul(1).BackwardFrom(dy)
	known := x.Grad()
	x.OwnGrad().AddInPlace(5)
	if known.At(0) != 1 || dy.At(0) != 1 {
		t.Errorf("a change of OwnGrad reaches the gradient %v that Grad returned, or %v", known, dy)
	}
	if g := x.Grad().At(0); g != 6 {
		t.Errorf("the gradient is %v, want 6", g)
	}
}
