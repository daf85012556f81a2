package parallel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

const (
	trainSteps = 20
	trainBatch = 16
)

// setup returns a small net and an optimizer that are the same for a seed.
func setup(seed uint64) (nn.Module, optim.Optimizer) {
	eager.Seed(seed)
	net := nn.NewSequential(nn.NewConv2D(1, 4, 3), nn.NewReLU(), nn.NewFlatten(), nn.NewLinear(144, 10))
	return net, optim.NewAdam(net.Params(), optim.AdamOptions{LR: 1e-2})
}

// batch returns rows lo … hi of the batch of a step.
func batch(step, lo, hi int) (x, y *eager.Tensor) {
	eager.Seed(uint64(100 + step))
	x = eager.Randn(trainBatch, 1, 8, 8)
	y = x.Reshape(trainBatch, 64).Slice(1, 0, 10, 1).ArgMax(1)
	return x.Slice(0, lo, hi, 1), y.Slice(0, lo, hi, 1)
}

// train trains and saves each step at Args[0]; with a second argument rank 1 dies at that step.
var train = Register("train", func(w *Worker) error { return trainWith(w) })

// trainOverlapped is train with buckets of a few parameters that travel during the pass.
var trainOverlapped = Register("train overlapped", func(w *Worker) error {
	return trainWith(w, DataParallelOptions{Overlap: true, BucketBytes: 100})
})

func trainWith(w *Worker, o ...DataParallelOptions) error {
	net, opt := setup(uint64(1 + w.Rank)) // NewDataParallel makes them equal
	d, err := NewDataParallel(w, net, o...)
	if err != nil {
		return err
	}
	share := trainBatch / w.Size
	for step := range trainSteps {
		x, y := batch(step, w.Rank*share, (w.Rank+1)*share)
		opt.Self().ZeroGrad()
		loss := nn.CrossEntropy(d.Forward(x), y)
		if len(w.Args) > 1 && w.Rank == 1 && fmt.Sprint(step) == w.Args[1] {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		if err := d.Backward(loss); err != nil {
			return err
		}
		opt.Step()
		if w.Rank == 0 {
			run := checkpoint.Training{Model: net, Optimizer: opt, Step: step + 1}
			if err := checkpoint.SaveTraining(w.Args[0], run); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone makes the same steps with whole batches in this process.
func alone(steps int) nn.Module {
	net, opt := setup(1)
	for step := range steps {
		x, y := batch(step, 0, trainBatch)
		opt.Self().ZeroGrad()
		nn.CrossEntropy(net.Forward(x), y).Backward()
		opt.Step()
	}
	return net
}

// saved returns what the checkpoint at path holds.
func saved(t *testing.T, path string) checkpoint.Training {
	t.Helper()
	net, opt := setup(7)
	run := checkpoint.Training{Model: net, Optimizer: opt}
	if err := checkpoint.LoadTraining(path, &run); err != nil {
		t.Fatal(err)
	}
	return run
}

// same fails when parameters differ by more than rounding: Adam divides gradients by their size, so that
// the order of a sum shows.
func same(t *testing.T, got, want nn.Module) {
	t.Helper()
	theirs := want.Self().Params()
	for i, p := range got.Self().NamedParams() {
		eager.NoGrad(func() {
			if d := p.Tensor.Sub(theirs[i]).Abs().Max().Item(); !(d < 1e-5) {
				t.Errorf("%s differs by %v", p.Name, d)
			}
		})
	}
}

func TestTwoProcessesTrainAsOneDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	if err := Run(2, train, Options{Args: []string{path}}); err != nil {
		t.Fatal(err)
	}
	run := saved(t, path)
	if run.Step != trainSteps {
		t.Errorf("step %d was saved last, want %d", run.Step, trainSteps)
	}
	same(t, run.Model, alone(trainSteps))
}

func TestAKilledProcessEndsTheJobAndLeavesTheCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	err := Run(2, train, Options{Args: []string{path, "6"}})
	if err == nil || !strings.Contains(err.Error(), "rank 1 (process ") ||
		!strings.Contains(err.Error(), "has died: signal: killed") {
		t.Fatalf("error %v; want one that names rank 1 and the signal", err)
	}
	t.Log(err)
	run := saved(t, path)
	if run.Step != 6 {
		t.Errorf("step %d was saved last, want 6", run.Step)
	}
	same(t, run.Model, alone(6))
}

func TestGradientsThatTravelDuringThePassAreTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	if err := Run(2, trainOverlapped, Options{Args: []string{path}}); err != nil {
		t.Fatal(err)
	}
	same(t, saved(t, path).Model, alone(trainSteps))
}

// tied uses one weight twice, freezes another between steps, and changes its graph at last.
var tied = Register("tied", func(w *Worker) error {
	eager.Seed(3)
	a, b := nn.NewLinear(4, 4), nn.NewLinear(4, 4)
	net := nn.NewSequential(a, nn.NewTanh(), a, b)
	d, err := NewDataParallel(w, net, DataParallelOptions{Overlap: true, BucketBytes: 1})
	if err != nil {
		return err
	}
	x := eager.Full(float64(1+w.Rank), 2, 4)
	for step := range 4 {
		if step == 2 {
			b.Freeze()
		}
		a.ZeroGrad()
		b.ZeroGrad()
		if err := d.Backward(net.Forward(x).Sum()); err != nil {
			return err
		}
		want := a.Weight.Grad().Clone()
		net.ZeroGrad()
		net.Forward(x).Sum().Backward()
		if err := w.AllMean(a.Weight.OwnGrad()); err != nil {
			return err
		}
		if !eager.AllClose(a.Weight.Grad(), want, 1e-6, 1e-6) {
			return fmt.Errorf("step %d: %v during the pass, %v after it", step, want, a.Weight.Grad())
		}
	}
	err = d.Backward(net.Forward(a.Forward(x)).Sum())
	if err == nil || !strings.Contains(err.Error(), "got more gradients than the 2 of the first pass") {
		return fmt.Errorf("a network that changed gives %v", err)
	}
	return nil
})

func TestOverlapKnowsTiedWeightsAndNetworksThatChange(t *testing.T) {
	if err := Run(2, tied, Options{}); err != nil {
		t.Fatal(err)
	}
}
