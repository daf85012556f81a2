package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

func newRun() Training {
	net := nn.NewSequential(nn.NewLinear(4, 8), nn.NewBatchNorm1D(8), nn.NewReLU(), nn.NewDropout(0.3),
		nn.NewLinear(8, 3))
	return Training{Model: net, Optimizer: optim.NewAdamW(net.Params(), optim.AdamOptions{LR: 0.01})}
}

// train runs one epoch over the irises and returns its losses.
func train(t *Training) []float64 {
	iris := data.Iris()
	ds := data.NewTensorDataset(iris.X.To(eager.F32), iris.Y)
	var losses []float64
	for b := data.NewLoader(ds, data.LoaderOptions{BatchSize: 25, Shuffle: true}).Epoch(); b.Next(); {
		t.Optimizer.Self().ZeroGrad()
		loss := nn.CrossEntropy(t.Model.Forward(b.X), b.Y)
		loss.Backward()
		t.Optimizer.Step()
		losses = append(losses, loss.Item())
		t.Step++
	}
	t.Epoch++
	return losses
}

func TestTrainingContinuesBitForBit(t *testing.T) {
	eager.Seed(11)
	path := filepath.Join(t.TempDir(), "run")
	run := newRun()
	train(&run)
	if err := SaveTraining(path, run); err != nil {
		t.Fatal(err)
	}
	want := train(&run)

	eager.Seed(99)
	resumed := newRun()
	if err := LoadTraining(path, &resumed); err != nil {
		t.Fatal(err)
	}
	if resumed.Epoch != 1 || resumed.Step != 6 {
		t.Errorf("epoch %d, step %d", resumed.Epoch, resumed.Step)
	}
	if got := train(&resumed); !slices.Equal(got, want) {
		t.Errorf("losses %v\nwant   %v", got, want)
	}
}

func TestUnfittingCheckpointChangesNothing(t *testing.T) {
	dir := t.TempDir()
	run := newRun()
	train(&run)
	path := filepath.Join(dir, "run")
	if err := SaveTraining(path, run); err != nil {
		t.Fatal(err)
	}
	other := newRun()
	small := nn.NewLinear(2, 2)
	other.Optimizer = optim.NewSGD(small.Params())
	before := other.Model.Self().Params()[0].Float32s()
	err := LoadTraining(path, &other)
	if err == nil || !strings.Contains(err.Error(), "optim") || other.Step != 0 {
		t.Errorf("error %v, step %d", err, other.Step)
	}
	if !slices.Equal(before, other.Model.Self().Params()[0].Float32s()) {
		t.Error("the model was changed")
	}
	plain := filepath.Join(dir, "plain")
	if err := Save(plain, run.Model.Self().StateDict(), nil); err != nil {
		t.Fatal(err)
	}
	if err := LoadTraining(plain, &run); err == nil || !strings.Contains(err.Error(), "not a training checkpoint") {
		t.Errorf("error %v", err)
	}
}

func TestWhatCannotBeSavedIsNamed(t *testing.T) {
	dir := t.TempDir()
	x := []nn.NamedTensor{{Name: "a", Tensor: eager.Of(1)}}
	for want, err := range map[string]error{
		`tensor "a" is nil`:           Save(filepath.Join(dir, "f"), []nn.NamedTensor{{Name: "a"}}, nil),
		"the path is empty":           Save("", x, nil),
		"is a folder":                 Save(dir, x, nil),
		"make it with os.MkdirAll":    Save(filepath.Join(dir, "no", "f"), x, nil),
		"the Training has no Model; ": SaveTraining(filepath.Join(dir, "f"), Training{}),
		"Model; set it to a network":  LoadTraining(filepath.Join(dir, "f"), nil),
		"has no Model; set it to a ":  LoadTraining(filepath.Join(dir, "f"), &Training{}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v was left behind", left)
	}
}

func TestAFileShowsItsTensorsWithoutTheirValues(t *testing.T) {
	f := &File{
		Tensors:  []nn.NamedTensor{{Name: "w", Tensor: eager.Zeros(2, 3)}, {Name: "b", Tensor: eager.Zeros(3)}},
		Metadata: map[string]string{"epoch": "3"},
	}
	want := "safetensors file of 2 tensors\nw f32[2 3]\nb f32[3]\nmetadata epoch = \"3\""
	if got := f.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEveryOptimizerContinuesBitForBit saves in the middle of six steps.
func TestEveryOptimizerContinuesBitForBit(t *testing.T) {
	for name, build := range map[string]func([]*eager.Tensor) optim.Optimizer{
		"SGD": func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		},
		"Adam": func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdam(p) },
		"AMSGrad": func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewAdam(p, optim.AdamOptions{AMSGrad: true})
		},
		"Adamax":   func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdamax(p) },
		"NAdam":    func(p []*eager.Tensor) optim.Optimizer { return optim.NewNAdam(p) },
		"RAdam":    func(p []*eager.Tensor) optim.Optimizer { return optim.NewRAdam(p) },
		"RMSprop":  func(p []*eager.Tensor) optim.Optimizer { return optim.NewRMSprop(p) },
		"Adagrad":  func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdagrad(p) },
		"Adadelta": func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdadelta(p) },
	} {
		eager.Seed(3)
		start := nn.NewLinear(3, 2)
		run := func() Training {
			net := nn.NewLinear(3, 2)
			if err := net.LoadStateDict(start.StateDict()); err != nil {
				t.Fatal(err)
			}
			return Training{Model: net, Optimizer: build(net.Params())}
		}
		steps := func(r Training) string {
			for range 3 {
				r.Optimizer.Self().ZeroGrad()
				r.Model.Forward(eager.Randn(4, 3)).Square().Mean().Backward()
				r.Optimizer.Step()
			}
			return fmt.Sprint(r.Model.Self().Params()[0].Float32s())
		}
		a, b := run(), run()
		steps(a)
		path := t.TempDir() + "/run"
		if err := SaveTraining(path, a); err != nil {
			t.Fatal(err)
		}
		want := steps(a)
		if err := LoadTraining(path, &b); err != nil {
			t.Fatal(err)
		}
		if got := steps(b); got != want {
			t.Errorf("%s: weights %s, want %s", name, got, want)
		}
	}
}
