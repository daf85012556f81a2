package nn

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestFractionalPoolingAgreesWithPyTorch(t *testing.T) {
	// torch 2.15.0: functional.fractional_max_pool2d and 3d with _random_samples
	x := eager.Arange(0, 42, 1).Reshape(1, 1, 6, 7).Sin().Mul(10).SetRequiresGrad(true)
	o := FractionalOptions{Sizes: []int{3, 4}, Samples: eager.New([][][]float32{{{0.3, 0.8}}})}
	y, index := NewFractionalMaxPool2D(2, 2, o).ForwardIndex(x)
	if got := fmt.Sprint(index.Ints()); got != "[8 2 3 13 14 16 25 27 28 38 39 33]" {
		t.Errorf("largest elements are at %s", got)
	}
	y.Sum().Backward()
	if g := x.Grad(); g.Sum().Item() != 12 || g.At(0, 0, 1, 1) != 1 {
		t.Errorf("the gradient is %v", g)
	}
	x = eager.Arange(0, 120, 1).Reshape(1, 1, 4, 5, 6).Sin().Mul(10)
	o = FractionalOptions{Sizes: []int{2, 3, 3}, Samples: eager.New([][][]float32{{{0.3, 0.8, 0.55}}})}
	if _, index = NewFractionalMaxPool3D(2, 2, 2, o).ForwardIndex(x); fmt.Sprint(index.Ints()) !=
		"[1 33 40 7 14 46 19 27 58 96 63 71 102 69 77 115 116 83]" {
		t.Errorf("largest elements are at %v", index.Ints())
	}
	z := NewFractionalMaxPool2D(2, 2, FractionalOptions{Ratios: []float64{0.5, 0.5}}).Forward(eager.Randn(3, 8, 10))
	if !z.Shape().Equal(engine.Shape{3, 4, 5}) {
		t.Errorf("half of [3 8 10] is %v", z.Type())
	}
	for what, f := range map[string]func(){
		"both sizes and ratios": func() {
			NewFractionalMaxPool2D(2, 2, FractionalOptions{Sizes: []int{1, 1}, Ratios: []float64{0.5, 0.5}})
		},
		"too large a window": func() {
			NewFractionalMaxPool2D(5, 5, FractionalOptions{Sizes: []int{4, 4}}).Forward(eager.Zeros(1, 6, 6))
		},
	} {
		if err := engine.Catch(f); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestFusedLinearComputesBoth(t *testing.T) {
	eager.Seed(2)
	l, b := NewLinear(3, 4), NewBatchNorm1D(4)
	b.Forward(l.Forward(eager.Randn(8, 3))) // running statistics
	b.Eval()
	x := eager.Randn(5, 3)
	if got, want := FuseLinearBatchNorm(l, b).Forward(x), b.Forward(l.Forward(x)); !eager.AllClose(got, want, 1e-4, 1e-5) {
		t.Errorf("together they give %v, want %v", got, want)
	}
}

func TestStateHooksSeeTheirPartOfTheState(t *testing.T) {
	inner := NewLinear(2, 1)
	net := NewSequential(NewReLU(), inner)
	var calls []string
	inner.OnSaving(func() { calls = append(calls, "saving") })
	inner.OnSaved(func(s []NamedTensor) []NamedTensor {
		calls = append(calls, "saved "+s[0].Name)
		return append(s, NamedTensor{"extra", eager.Ones(1)})
	})
	remove := inner.OnLoading(func(s []NamedTensor) []NamedTensor {
		calls = append(calls, "loading")
		return s[:2]
	})
	inner.OnLoaded(func() { calls = append(calls, "loaded") })
	state := net.StateDict()
	if len(state) != 3 || state[2].Name != "1.extra" {
		t.Fatalf("the state is %v", state)
	}
	if err := net.LoadStateDict(state); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(calls); got != "[saving saved weight loading loaded]" {
		t.Errorf("hooks ran as %s", got)
	}
	remove()
	if err := net.LoadStateDict(state); err == nil {
		t.Error("without its hook the extra tensor fits")
	}
}
