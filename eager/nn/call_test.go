package nn

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestCallWithOtherParametersHasTheirGradients(t *testing.T) {
	eager.Seed(8)
	net := NewSequential(NewLinear(3, 4), NewTanh(), NewBatchNorm1D(4), NewLinear(4, 2))
	other := NewSequential(NewLinear(3, 4), NewTanh(), NewBatchNorm1D(4), NewLinear(4, 2))
	x := eager.Randn(6, 3)
	before := net.StateDict()[0].Tensor.Clone()
	var values []NamedTensor
	for _, p := range other.NamedParams() {
		values = append(values, NamedTensor{p.Name, p.Tensor.Detach().Clone().SetRequiresGrad(true)})
	}
	y := Call(net, values, x)
	want := other.Forward(x)
	if !eager.AllClose(y, want, 1e-6, 1e-6) {
		t.Fatalf("the call gives %v, want %v", y, want)
	}
	y.Pow(3).Sum().Backward()
	want.Pow(3).Sum().Backward()
	for i, p := range other.NamedParams() {
		if g := values[i].Tensor.Grad(); g == nil || !eager.AllClose(g, p.Tensor.Grad(), 1e-4, 1e-5) {
			t.Errorf("gradient of %s is %v, want %v", p.Name, g, p.Tensor.Grad())
		}
	}
	for _, p := range net.NamedParams() {
		if p.Tensor.Grad() != nil || !p.Tensor.IsLeaf() {
			t.Errorf("parameter %s of the module has changed", p.Name)
		}
	}
	if !eager.AllClose(net.StateDict()[0].Tensor, before, 0, 0) {
		t.Error("the module's own weight has changed")
	}
	if err := engine.Catch(func() { Call(net, []NamedTensor{{"9.weight", before}}, x) }); err == nil {
		t.Error("an unknown name gave no error")
	}
}

func TestAStepOfLearningToLearnIsDifferentiated(t *testing.T) {
	// w' = w − ∇(w·x)² with x = 1: w' = w − 2w = −w, (w'·2)² = 4w², whose derivative is 8w.
	l := NewLinear(1, 1, LinearOptions{NoBias: true})
	w := eager.New([][]float32{{3}}).SetRequiresGrad(true)
	call := func(w *eager.Tensor, x float32) *eager.Tensor {
		return Call(l, []NamedTensor{{"weight", w}}, eager.New([][]float32{{x}})).Square().Sum()
	}
	g := eager.Grad([]*eager.Tensor{call(w, 1)}, []*eager.Tensor{w}, eager.GradOptions{CreateGraph: true})[0]
	call(w.Sub(g), 2).Backward()
	if got := w.Grad().Item(); got != 24 {
		t.Errorf("the derivative is %v, want 24", got)
	}
}

func TestStatesOfAnEnsembleAreStacked(t *testing.T) {
	a, b := NewLinear(2, 3), NewLinear(2, 3)
	s := StackStates(a, b)
	if len(s) != 2 || s[0].Name != "weight" || !s[0].Tensor.Shape().Equal(engine.Shape{2, 3, 2}) ||
		!eager.AllClose(s[1].Tensor.Index(1), b.Bias.Detach(), 0, 0) {
		t.Errorf("stacked %v", s)
	}
}

func TestSavedHooksMayKeepWhatLayersRelease(t *testing.T) {
	eager.Seed(9)
	net := NewSequential(NewLinear(40, 50), NewTanh(), NewLinear(50, 60), NewSigmoid(), NewLinear(60, 2))
	x := eager.Randn(30, 40)
	grad := func(wrap func(f func())) *eager.Tensor {
		net.ZeroGrad()
		var y *eager.Tensor
		wrap(func() { y = net.Forward(x).Square().Sum() })
		y.Backward()
		return net.Params()[0].Grad()
	}
	plain := grad(func(f func()) { f() })
	same := grad(func(f func()) {
		eager.SavedHooks(func(x *eager.Tensor) any { return x }, func(v any) *eager.Tensor { return v.(*eager.Tensor) }, f)
	})
	disk := grad(func(f func()) { eager.SavedToDisk(t.TempDir(), f) })
	if !eager.AllClose(same, plain, 0, 0) || !eager.AllClose(disk, plain, 0, 0) {
		t.Error("hooks change the gradient of a network")
	}
}
