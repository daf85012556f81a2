package nn_test

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// refused returns the message of the *engine.Error that f ends with, or what happened instead.
func refused(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("panic %v\n%s", r, debug.Stack())
		}
	}()
	if err := engine.Catch(f); err != nil {
		return err.Error()
	}
	return "no error"
}

// more are the kinds of layer that the table of gradient checks does not have.
var more = map[string]nn.Module{
	"Embedding": nn.NewEmbedding(3, 2), "EmbeddingBag": nn.NewEmbeddingBag(3, 2),
	"Dropout": nn.NewDropout(0.5), "Dropout2D": nn.NewDropout2D(0.5), "Identity": nn.NewIdentity(),
	"Flatten": nn.NewFlatten(), "PixelUnshuffle": nn.NewPixelUnshuffle(2), "ReLU": nn.NewReLU(),
	"Lambda": nn.NewLambda(func(x *eager.Tensor) *eager.Tensor { return x }), "ReLU6": nn.NewReLU6(),
	"Hardsigmoid": nn.NewHardsigmoid(), "LeakyReLU": nn.NewLeakyReLU(0.1), "empty": nn.NewSequential(),
}

func everyLayer() map[string]nn.Module {
	all := map[string]nn.Module{}
	for name, l := range layers {
		all[name] = l.build()
	}
	for name, m := range more {
		all[name] = m
	}
	return all
}

func TestEveryLayerNamesAnInputThatIsMissing(t *testing.T) {
	for name, m := range everyLayer() {
		for what, x := range map[string]*eager.Tensor{"a nil *Tensor": nil, "an empty Tensor": new(eager.Tensor)} {
			got := refused(func() { m.Forward(x) })
			if !strings.HasPrefix(got, "nn.") || !strings.Contains(got, ": x is "+what+"; make it with t.New") {
				t.Errorf("%s of %s: %s", name, what, got)
			}
		}
	}
}

// usable are the layers whose zero value works.
var usable = map[string]bool{
	"nn.Sequential": true, "nn.Identity": true, "nn.Flatten": true, "nn.GlobalAvgPool": true, "nn.Dropout": true,
}

func TestEveryLayerThatNoConstructorMadeSaysSo(t *testing.T) {
	x := eager.Ones(2, 2, 4, 4)
	for _, m := range everyLayer() {
		typ := reflect.TypeOf(m)
		zero, null := reflect.New(typ.Elem()).Interface().(nn.Module), reflect.Zero(typ).Interface().(nn.Module)
		where := strings.TrimPrefix(typ.String(), "*")
		want := where + ": the layer is empty; make it with nn.New"
		if got := refused(func() { null.Forward(x) }); !strings.HasPrefix(got, want) {
			t.Errorf("nil %s: %s", where, got)
		}
		got := refused(func() { zero.Forward(x) })
		if usable[where] && got != "no error" || !usable[where] && !strings.HasPrefix(got, want) {
			t.Errorf("zero %s: %s", where, got)
		}
		if got := refused(func() { nn.NewSequential().Add("a", null) }); got != `nn.Add: child "a" is a nil `+typ.String()+"; make it with its constructor" {
			t.Errorf("Add: %s", got)
		}
		if got := refused(func() { nn.NewSequential(nn.NewReLU(), null) }); !strings.HasPrefix(got, "nn.NewSequential: layer 1 is a nil *nn.") {
			t.Errorf("NewSequential: %s", got)
		}
	}
}

// constructors lists all constructors that take sizes, as functions of one size that they must refuse.
var constructors = map[string]func(n int){
	"nn.NewBilinear":        func(n int) { nn.NewBilinear(2, n, 2) },
	"nn.Conv1D":             func(n int) { nn.NewConv1D(n, 1, 3) },
	"nn.Conv2D":             func(n int) { nn.NewConv2D(1, n, 3) },
	"nn.Conv3D":             func(n int) { nn.NewConv3D(1, 1, n) },
	"nn.ConvTranspose1D":    func(n int) { nn.NewConvTranspose1D(n, 1, 3) },
	"nn.ConvTranspose2D":    func(n int) { nn.NewConvTranspose2D(1, n, 3) },
	"nn.ConvTranspose3D":    func(n int) { nn.NewConvTranspose3D(1, 1, n) },
	"nn.MaxPool2D":          func(n int) { nn.NewMaxPool2D(n) },
	"nn.AvgPool1D":          func(n int) { nn.NewAvgPool1D(n) },
	"nn.LPPool1D":           func(n int) { nn.NewLPPool1D(float64(n), 2) },
	"nn.LPPool2D":           func(n int) { nn.NewLPPool2D(float64(n), 2) },
	"nn.BatchNorm1D":        func(n int) { nn.NewBatchNorm1D(n) },
	"nn.BatchNorm2D":        func(n int) { nn.NewBatchNorm2D(n) },
	"nn.InstanceNorm2D":     func(n int) { nn.NewInstanceNorm2D(n) },
	"nn.NewLayerNorm":       func(n int) { nn.NewLayerNorm([]int{4, n}) },
	"nn.NewRMSNorm":         func(n int) { nn.NewRMSNorm([]int{n}) },
	"nn.NewGroupNorm":       func(n int) { nn.NewGroupNorm(2, n) },
	"nn.NewEmbedding":       func(n int) { nn.NewEmbedding(n, 3) },
	"nn.NewEmbeddingBag":    func(n int) { nn.NewEmbeddingBag(3, n) },
	"nn.NewPReLU":           func(n int) { nn.NewPReLU(n) },
	"nn.NewPixelShuffle":    func(n int) { nn.NewPixelShuffle(n) },
	"nn.NewPixelUnshuffle":  func(n int) { nn.NewPixelUnshuffle(n) },
	"nn.NewLocalResponseNo": func(n int) { nn.NewLocalResponseNorm(n) },
}

func TestConstructorsRefuseSizesBelowOneInTheirOwnName(t *testing.T) {
	for name, build := range constructors {
		for _, n := range []int{0, -1} {
			if got := refused(func() { build(n) }); !strings.HasPrefix(got, name) || !strings.Contains(got, "want") {
				t.Errorf("%s of %d: %s", name, n, got)
			}
		}
	}
	for what, f := range map[string]func(){
		"Stride [-1 -1]": func() { nn.NewConv2D(1, 1, 3, nn.ConvOptions{Stride: -1}) },
		"Dilation [-1]":  func() { nn.NewConv1D(1, 1, 3, nn.ConvOptions{Dilation: -1}) },
		"Groups is -1":   func() { nn.NewConv2D(1, 1, 3, nn.ConvOptions{Groups: -1}) },
		"in is -1":       func() { nn.NewLinear(-1, 2) },
		"Dilation [-2 -": func() { nn.NewMaxPool2D(2, nn.PoolOptions{Dilation: -2}) },
		"std is -1":      func() { nn.InitNormal(eager.Ones(2), 0, -1) },
		"bounds 2 and 1": func() { nn.InitUniform(eager.Ones(2), 2, 1) },
		"layer 9 of 1":   func() { nn.NewSequential(nn.NewReLU()).Layer(9) },
		"f is a nil fun": func() { nn.NewLambda(nil) },
	} {
		if got := refused(f); !strings.HasPrefix(got, "nn.") || !strings.Contains(got, what) {
			t.Errorf("%s: %s", what, got)
		}
	}
}

func TestFunctionsNameTheTensorThatIsMissing(t *testing.T) {
	x, y := eager.Ones(2, 3), eager.New([]int{0, 1})
	for want, f := range map[string]func(){
		"nn.CrossEntropy: scores is a nil":     func() { nn.CrossEntropy(nil, y) },
		"nn.CrossEntropy: labels is a nil":     func() { nn.CrossEntropy(x, nil) },
		"nn.NLL: labels is a nil":              func() { nn.NLL(x, nil) },
		"nn.MSE: the target is a nil":          func() { nn.MSE(x, nil) },
		"nn.BCE: the prediction is a nil":      func() { nn.BCE(nil, x) },
		"nn.Accuracy: scores is a nil":         func() { nn.Accuracy(nil, y) },
		"nn.Accuracy: labels is a nil":         func() { nn.Accuracy(x, nil) },
		"nn.TripletMargin: the target is a":    func() { nn.TripletMargin(x, nil, x) },
		"nn.MarginRanking: y is a nil":         func() { nn.MarginRanking(x, x, nil, 0) },
		"nn.CosineSimilarity: b is a nil":      func() { nn.CosineSimilarity(x, nil, 0) },
		"nn.PairwiseDistance: a is a nil":      func() { nn.PairwiseDistance(nil, x, 2) },
		"nn.MultiMargin: labels is a nil":      func() { nn.MultiMargin(x, nil) },
		"nn.GaussianNLL: the variance is a":    func() { nn.GaussianNLL(x, x, nil) },
		"nn.InitConstant: x is a nil":          func() { nn.InitConstant(nil, 1) },
		"nn.InitOrthogonal: x is a nil":        func() { nn.InitOrthogonal(nil, 1) },
		"nn.InitXavierNormal: x is a nil":      func() { nn.InitXavierNormal(nil, 1) },
		`nn.Param: "x" is a nil *Tensor`:       func() { NewNet().Param("x", nil) },
		`nn.Buffer: "x" is an empty Tensor`:    func() { NewNet().Buffer("x", new(eager.Tensor)) },
		"nn.Bilinear: b is a nil *Tensor":      func() { nn.NewBilinear(3, 3, 1).Forward2(x, nil) },
		"nn.OnForward: f is a nil func":        func() { NewNet().OnForward(nil) },
		"nn.MultiLabelMargin: the target is a": func() { nn.MultiLabelMargin(x, nil) },
	} {
		if got := refused(f); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestMessagesNameTheCauseAndTheLayer(t *testing.T) {
	ints := eager.New([][]int{{1, 2}, {3, 4}})
	for want, f := range map[string]func(){
		"nn.Embedding: index 99 at position 1 is outside the 13 rows": func() {
			nn.NewEmbedding(13, 2).Forward(eager.New([]int{0, 99}))
		},
		"nn.EmbeddingBag: index 7 at position 2 is outside the 3 rows": func() {
			nn.NewEmbeddingBag(3, 2).Forward(eager.New([][]int{{0, 1}, {7, 0}}))
		},
		"nn.MaxPool2D: input f32[1 1 2 2] is smaller than the window": func() {
			nn.NewMaxPool2D(3).Forward(eager.Ones(1, 1, 2, 2))
		},
		"nn.BatchNorm1D: input i64[2 2] is not floating-point": func() { nn.NewBatchNorm1D(2).Forward(ints) },
		"nn.LayerNorm: input i64[2 2] is not floating-point":   func() { nn.NewLayerNorm([]int{2}).Forward(ints) },
		"nn.Conv2D: the number of input channels is 0; want ≥": func() { nn.NewConv2D(0, 3, 3) },
		"nn.CrossEntropy: labels are f32[4]; want integers (labels.To(t.I64)), or probabilities [4 3]": func() {
			nn.CrossEntropy(eager.Ones(4, 3), eager.Ones(4))
		},
		"nn.Accuracy: scores f32[0 3] and labels i64[0] have no samples to count": func() {
			nn.Accuracy(eager.Zeros(0, 3), eager.Zeros(0).To(eager.I64))
		},
		"nn.BCE: prediction 1.5 at position 1 is outside 0…1; apply Sigmoid": func() {
			nn.BCE(eager.Of(0.5, 1.5), eager.Of(0, 1))
		},
		"nn.BCE: prediction -1 at position 0 is outside 0…1": func() {
			nn.BCE(eager.New([]float64{-1}), eager.New([]float64{1}))
		},
	} {
		if got := refused(f); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// wrapper is what the interpreter makes of a module that a cell declares.
type wrapper struct {
	IValue any
	nn.Base
}

func (w *wrapper) Forward(x *eager.Tensor) *eager.Tensor { return x }

func TestNilModulesOfCellsAreRefused(t *testing.T) {
	for _, inner := range []any{nil, (*Net)(nil)} {
		if got := refused(func() { nn.NewSequential(&wrapper{IValue: inner}) }); got != "nn.NewSequential: layer 0 is nil; want a module" {
			t.Errorf("%T: %s", inner, got)
		}
	}
	if got := refused(func() { nn.NewSequential(&wrapper{IValue: NewNet()}) }); got != "no error" {
		t.Error(got)
	}
}

// Forgetful assigns a layer to a field and does not add it.
type Forgetful struct {
	nn.Base
	fc *nn.Linear
}

func (f *Forgetful) Forward(x *eager.Tensor) *eager.Tensor { return f.fc.Forward(x) }

func TestNetworksShowTheirSummary(t *testing.T) {
	net := NewNet()
	for _, m := range []nn.Module{net, nn.NewSequential(nn.NewLinear(2, 3)), nn.NewLinear(2, 3), nn.NewFlatten()} {
		if got := fmt.Sprint(m); got+"\n" != m.Self().Summary() || strings.Contains(got, "0x") {
			t.Errorf("%T is shown as %s", m, got)
		}
	}
	if got := fmt.Sprint(*net); got != net.String() {
		t.Errorf("a value is shown as %s", got)
	}
	if got := fmt.Sprint(net); !strings.Contains(got, "fc1     Linear  weight f32[8 4], bias f32[8]") {
		t.Errorf("no tree in %s", got)
	}
}

func TestWhatWasNotAddedIsVisible(t *testing.T) {
	f := &Forgetful{fc: nn.NewLinear(2, 2)}
	if got := f.Summary(); !strings.Contains(got, "nothing added: Add registers layers, Param tensors") {
		t.Errorf("summary %s", got)
	}
	s := nn.NewSequential(f, nn.NewReLU(), nn.NewLinear(2, 1))
	if got := s.Summary(); strings.Count(got, "nothing added") != 1 || !strings.Contains(got, "Forgetful  nothing added") {
		t.Errorf("summary %s", got)
	}
}
