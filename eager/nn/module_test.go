package nn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

func names(ts []nn.NamedTensor) string {
	var s []string
	for _, t := range ts {
		s = append(s, t.Name)
	}
	return strings.Join(s, " ")
}

func TestTreeIsWalkedInOrderAndSharedPartsOnce(t *testing.T) {
	shared := nn.NewLinear(3, 3)
	inner := nn.NewSequential(shared, nn.NewBatchNorm1D(3))
	net := nn.NewSequential(shared, inner, nn.NewLinear(3, 1))
	if got := names(net.NamedParams()); got != "0.weight 0.bias 1.1.weight 1.1.bias 2.weight 2.bias" {
		t.Errorf("parameters %s", got)
	}
	if got := names(net.NamedBuffers()); got != "1.1.running_mean 1.1.running_var 1.1.num_batches_tracked" {
		t.Errorf("buffers %s", got)
	}
	if got := names(net.StateDict()); !strings.Contains(got, "0.weight") || !strings.Contains(got, "1.0.weight") {
		t.Errorf("a shared layer stands under all of its names: %s", got)
	}
	var modules []string
	for _, m := range net.NamedModules() {
		modules = append(modules, m.Name)
	}
	if got := strings.Join(modules, " "); got != "0 1 1.1 2" {
		t.Errorf("modules %s", got)
	}
	if n := net.NumParams(); n != 12+6+4 {
		t.Errorf("%d values", n)
	}
	if len(net.Children()) != 3 || len(net.NamedChildren()) != 3 || net.Layer(1).Self() != inner.Self() {
		t.Error("children differ")
	}
	count := 0
	net.Apply(func(nn.Module) { count++ })
	if count != 4 {
		t.Errorf("Apply visited %d modules", count)
	}
}

func TestTrainingModeReachesEveryModule(t *testing.T) {
	drop := nn.NewDropout(0.5)
	net := nn.NewSequential(nn.NewSequential(drop))
	if !net.Training() || !drop.Training() {
		t.Error("modules do not start in training mode")
	}
	net.Eval()
	x := eager.Rand(10, 10)
	if net.Training() || drop.Training() || net.Forward(x) != x {
		t.Error("Eval does not reach the dropout")
	}
	net.Train(true)
	if !drop.Training() {
		t.Error("Train does not reach the dropout")
	}
}

func TestStateDictMovesBetweenModulesAndDTypes(t *testing.T) {
	build := func() *nn.Sequential {
		return nn.NewSequential(nn.NewConv2D(1, 2, 3), nn.NewBatchNorm2D(2), nn.NewFlatten(), nn.NewLinear(8, 2))
	}
	a, b := build(), build()
	x := eager.Rand(3, 1, 4, 4)
	a.Forward(x) // moves the running statistics
	b.To(eager.F64)
	if err := b.LoadStateDict(a.StateDict()); err != nil {
		t.Fatal(err)
	}
	a.Eval()
	b.Eval()
	y := b.Forward(x.To(eager.F64))
	if y.DType() != eager.F64 || !eager.AllClose(a.Forward(x).To(eager.F64), y, 1e-5, 1e-6) {
		t.Errorf("%v and %v", a.Forward(x), y)
	}
	if b.Layer(1).(*nn.BatchNorm2D).Batches.DType() != eager.I64 {
		t.Error("To changed an integer buffer")
	}
}

func TestUnfittingStateIsRefusedAsAWhole(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(2, 2), nn.NewLinear(2, 1))
	before := net.Params()[1].Float32s()
	state := []nn.NamedTensor{
		{Name: "0.weight", Tensor: eager.Zeros(3, 2)},
		{Name: "0.bias", Tensor: eager.Zeros(2)},
		{Name: "1.weight", Tensor: eager.Zeros(1, 2)},
		{Name: "2.bias", Tensor: eager.Zeros(1)},
	}
	err := net.LoadStateDict(state)
	want := "nn.LoadStateDict: 0.weight is f32[3 2], the module has f32[2 2]; 1.bias f32[1] is missing; " +
		"2.bias f32[1] is unexpected"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	if !slices.Equal(before, net.Params()[1].Float32s()) {
		t.Error("a part of the state was loaded")
	}
	state[0].Tensor = eager.Zeros(2, 2)
	if err := net.LoadStateDict(state, nn.LoadOptions{AllowMissing: true, AllowUnexpected: true}); err != nil {
		t.Error(err)
	}
	if net.Params()[1].Sum().Item() != 0 {
		t.Error("0.bias was not loaded")
	}
}

func TestFrozenParametersGetNoGradient(t *testing.T) {
	frozen, free := nn.NewLinear(2, 2), nn.NewLinear(2, 2)
	frozen.Freeze()
	net := nn.NewSequential(frozen, free)
	net.Forward(eager.Ones(1, 2)).Sum().Backward()
	if frozen.Weight.Grad() != nil || free.Weight.Grad() == nil {
		t.Error("gradients do not follow Freeze")
	}
	frozen.Unfreeze()
	net.ZeroGrad()
	if free.Weight.Grad() != nil {
		t.Error("ZeroGrad left a gradient")
	}
	net.Forward(eager.Ones(1, 2)).Sum().Backward()
	if frozen.Weight.Grad() == nil {
		t.Error("no gradient after Unfreeze")
	}
}

func TestForwardHooksSeeAndReplaceTheOutput(t *testing.T) {
	net := NewNet()
	seen := ""
	remove := net.fc1.OnForward(func(x, y *eager.Tensor) *eager.Tensor {
		seen = fmt.Sprint(x.Shape(), y.Shape())
		return nil
	})
	net.OnForward(func(_, y *eager.Tensor) *eager.Tensor { return y.Mul(0) })
	if y := net.Forward(eager.Rand(2, 4)); y.Abs().Sum().Item() != 0 || seen != "[2 4] [2 8]" {
		t.Errorf("output %v, seen %s", y, seen)
	}
	remove()
	seen = ""
	net.Forward(eager.Rand(2, 4))
	if seen != "" {
		t.Error("a removed hook ran")
	}
}

func TestMisuseIsRefusedWithAReason(t *testing.T) {
	net := NewNet()
	for want, f := range map[string]func(){
		`nn.Add: name "fc1" is used twice`:        func() { net.Add("fc1", nn.NewReLU()) },
		`name "a.b" is empty or has a dot`:        func() { net.Add("a.b", nn.NewReLU()) },
		`nn.Param: name "" is empty`:              func() { net.Param("", eager.Ones(1)) },
		`child "x" is the module itself`:          func() { net.Add("x", net) },
		`child "x" is nil`:                        func() { net.Add("x", nil) },
		"SetRequiresGrad: tensor i64[] is not fl": func() { net.Param("n", eager.New(1)) },

		"nn.Linear: input f32[2 3], weight f32[8 4] wants [… 4]":    func() { net.Forward(eager.Ones(2, 3)) },
		"nn.Conv2D: input f32[1 3 9 9] has 3 channels, the layer w": func() { nn.NewConv2D(1, 2, 3).Forward(eager.Ones(1, 3, 9, 9)) },
		"nn.Conv2D: input f32[9] has 1 axes, want 4":                func() { nn.NewConv2D(1, 2, 3).Forward(eager.Ones(9)) },
		"nn.Conv2D: 3 input and 4 output channels do not divide i":  func() { nn.NewConv2D(3, 4, 3, nn.ConvOptions{Groups: 2}) },
		`nn.Conv1D: PadMode "mirror" is unknown`:                    func() { nn.NewConv1D(1, 1, 3, nn.ConvOptions{PadMode: "mirror"}) },
		"nn.Conv2D: Stride [1 2 3]: want 2 numbers": func() {
			nn.NewConv2D(1, 1, 3, nn.ConvOptions{Strides: []int{1, 2, 3}})
		},
		"nn.MaxPool2D: Padding [2 2] is more than half of kernel [3": func() { nn.NewMaxPool2D(3, nn.PoolOptions{Padding: 2}) },
		"nn.BatchNorm1D: input f32[1 4] has 1 value for each chan":   func() { nn.NewBatchNorm1D(4).Forward(eager.Ones(1, 4)) },
		"nn.BatchNorm2D: input f32[2 4], want 4…4 axes and 4 chan":   func() { nn.NewBatchNorm2D(4).Forward(eager.Ones(2, 4)) },
		"nn.LayerNorm: input f32[2 4] does not end in [5]":           func() { nn.NewLayerNorm([]int{5}).Forward(eager.Ones(2, 4)) },
		"nn.NewDropout: the probability is 1.5; want 0…1":            func() { nn.NewDropout(1.5) },
		"nn.Embedding: index is f32[2]; want integers":               func() { nn.NewEmbedding(3, 2).Forward(eager.Ones(2)) },
		"padding 5 and 5 is too wide for extent 3": func() {
			nn.NewPad([]int{5, 5}, nn.PadOptions{Mode: "reflect"}).Forward(eager.Ones(1, 3))
		},

		"nn.CrossEntropy: labels i64[3] do not fit scores f32[2 4]": func() {
			nn.CrossEntropy(eager.Ones(2, 4), eager.New([]int{1, 2, 3}))
		},
		"nn.CrossEntropy: label 4 at position 1 is outside [0, 4)": func() {
			nn.CrossEntropy(eager.Ones(2, 4), eager.New([]int{1, 4}))
		},
		"nn.MSE: prediction f32[2 1] and target f32[2] differ": func() { nn.MSE(eager.Ones(2, 1), eager.Ones(2)) },
		`nn.L1: Reduction "avg" is unknown`: func() {
			nn.L1(eager.Ones(2), eager.Ones(2), nn.LossOptions{Reduction: "avg"})
		},
	} {
		if err := engine.Catch(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
