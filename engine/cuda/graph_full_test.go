//go:build cuda && full

package cuda

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit"
)

// trained is what steps of training left behind.
type trained struct {
	losses []float64
	params [][]float32
	how    string
}

// steps trains LeNet with batches that differ, in memory that differs, on d (nil: the CPU).
func steps(d op.Device, n int, compiled bool, update func(params []*eager.Tensor) optim.Optimizer) (r trained) {
	eager.Seed(11)
	m := leNet()
	if d != nil {
		m.To(d)
	}
	o := update(m.Params())
	schedule := optim.NewStep(o, 2, 0.5)
	step := func(x, y *eager.Tensor) *eager.Tensor {
		o.Self().ZeroGrad()
		loss := nn.CrossEntropy(m.Forward(x), y)
		loss.Backward()
		o.Step()
		return loss
	}
	f := jit.Compile(step, jit.Options{Quiet: true, Verify: -1})
	var keep []*eager.Tensor // so that blocks are not the same again and again
	for i := range n {
		x, y := eager.Randn(2, 1, 28, 28), eager.RandInt(0, 10, 2)
		if d != nil {
			x, y = x.To(d), y.To(d)
		}
		if i%2 == 0 {
			keep = append(keep, x)
		}
		var loss *eager.Tensor
		if compiled {
			loss = f.Call(x, y)
		} else {
			loss = step(x, y)
		}
		r.losses = append(r.losses, loss.Item())
		schedule.Step()
	}
	runtime.KeepAlive(keep)
	for _, p := range m.Params() {
		r.params = append(r.params, p.Float32s())
	}
	r.how = jit.Explain(f)
	return r
}

// Without momentum the state stands for the parameter, which takes the first result.
func TestPlainDescentChangesParameters(t *testing.T) {
	d := open(t)
	want, got := steps(nil, 3, false, optimizers["plain SGD"]), steps(d, 3, false, optimizers["plain SGD"])
	alike(t, want, got)
	if got.losses[2] == got.losses[0] {
		t.Errorf("the losses are %v", got.losses)
	}
}

// alike fails the test where b is not what a is, within Adam's sensitivity to rounding.
func alike(t *testing.T, a, b trained) {
	t.Helper()
	for i, w := range a.losses {
		if math.Abs(b.losses[i]-w) > 1e-3*math.Abs(w) {
			t.Errorf("loss of step %d is %v, want %v", i, b.losses[i], w)
		}
	}
	for k := range a.params {
		for i, w := range a.params[k] {
			if g := b.params[k][i]; !(math.Abs(float64(g-w)) < 3e-3) {
				t.Fatalf("parameter %d, element %d is %v, want %v", k, i, g, w)
			}
		}
	}
}

var optimizers = map[string]func(p []*eager.Tensor) optim.Optimizer{
	"SGD": func(p []*eager.Tensor) optim.Optimizer {
		return optim.NewSGD(p, optim.SGDOptions{LR: 0.05, Momentum: 0.9, WeightDecay: 1e-3})
	},
	"plain SGD": func(p []*eager.Tensor) optim.Optimizer { return optim.NewSGD(p, optim.SGDOptions{LR: 0.05}) },
	"AdamW":     func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdamW(p) },
}

// Steps of an optimizer, learning rates that a schedule changes, places in the random stream (dropout) and addresses
// of batches are arguments that differ between replays.
func TestAStepOfTrainingIsReplayed(t *testing.T) {
	d := open(t)
	d.libraries.own = true
	defer func() { d.libraries.own = false }()
	for name, o := range optimizers {
		want := steps(d, 6, false, o)
		for _, late := range map[string][]string{"SGD": {"", "first"}, "AdamW": {"first"}, "plain SGD": {""}}[name] {
			t.Run(name+" late "+late, func(t *testing.T) {
				t.Setenv("LATHE_EMULATE_LATE", late)
				got := steps(d, 6, true, o)
				alike(t, want, got)
				if !strings.Contains(got.how, "as one CUDA graph") {
					t.Errorf("no graph was replayed:\n%s", got.how)
				}
				t.Log(got.how)
			})
		}
	}
}

func TestAStepThatCallsLibrariesIsReplayed(t *testing.T) {
	d := open(t)
	want := steps(d, 6, false, optimizers["SGD"])
	got := steps(d, 6, true, optimizers["SGD"])
	alike(t, want, got)
	t.Logf("%v: %s", d.Libraries(), got.how)
	if !strings.Contains(got.how, "as one CUDA graph") {
		t.Errorf("no graph was replayed:\n%s", got.how)
	}
}

func TestMemoryOfGraphsIsGivenBack(t *testing.T) {
	d := open(t)
	settled := func() int64 {
		d.memory.collect()
		m := d.Memory().Allocated
		for range 20 {
			d.memory.collect()
			m = min(m, d.Memory().Allocated)
		}
		return m
	}
	steps(d, 1, true, optimizers["SGD"]) // what stays for good: cuBLAS's room and the like
	before := settled()
	steps(d, 6, true, optimizers["SGD"])
	if after := settled(); after > before {
		t.Errorf("%d bytes are still allocated, before it were %d", after, before)
	}
	if n := liveGraphs.Load(); n != 0 {
		t.Errorf("%d graphs of the driver are left", n)
	}
}

func TestAnInferenceGraphFollowsItsArguments(t *testing.T) {
	d := open(t)
	d.libraries.own = true
	defer func() { d.libraries.own = false }()
	w := eager.Randn(5, 3).To(d)
	scale := 1.0
	f := jit.Compile(func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Mul(scale).Tanh().Add(x.Sum()) })
	for i := range 9 {
		x := eager.Randn(4, 5).To(d)
		if scale = float64(i); i == 6 { // memory that a graph knows is another's now
			w = eager.Randn(5, 3).To(d)
		}
		have, want := f.Call(x), x.MatMul(w).Mul(scale).Tanh().Add(x.Sum())
		if !eager.AllClose(have.To(eager.CPU), want.To(eager.CPU), 1e-5, 1e-5) {
			t.Errorf("call %d: %v, want %v", i, have, want)
		}
	}
	if how := jit.Explain(f); !strings.Contains(how, "as one CUDA graph") {
		t.Error(how)
	}
}

func TestProgramsRunWhereTheDriverCapturesNothing(t *testing.T) {
	if onGPU {
		t.Skip("a GPU's driver captures")
	}
	if os.Getenv("LATHE_FAKE_DRIVER") == "" {
		again(t, t.Name(), "LATHE_FAKE_DRIVER=no graphs")
		return
	}
	d := open(t)
	f := jit.Compile(func(x *eager.Tensor) *eager.Tensor { return x.Mul(2).Tanh().Sum() })
	for range 5 {
		x := eager.Randn(7).To(d)
		if have, want := f.Call(x).Item(), x.Mul(2).Tanh().Sum().Item(); math.Abs(have-want) > 1e-5 {
			t.Errorf("%v, want %v", have, want)
		}
	}
	if how := jit.Explain(f); !strings.Contains(how, "launches one by one (cuStreamBeginCapture: error 801") {
		t.Error(how)
	}
}

func TestAFaultInAGraphIsTheErrorOfItsOperator(t *testing.T) {
	d := open(t)
	x := eager.Randn(4, 3).To(d)
	f := jit.Compile(func(index *eager.Tensor) *eager.Tensor { return x.IndexSelect(0, index).Exp().Mul(2) })
	for i := range 6 {
		index := eager.New([]int{1, i}).To(d)
		err := fmt.Sprint(catch(func() { f.Call(index).Sum().Item() }))
		if want := map[bool]string{true: "IndexSelect: index", false: "<nil>"}[i >= 4]; !strings.HasPrefix(err, want) {
			t.Errorf("call %d: error %v, want %q", i, err, want)
		}
	}
}

func catch(f func()) (err any) {
	defer func() { err = recover() }()
	f()
	return nil
}

// The stand-in refuses during a capture what a driver refuses.
func TestCapturesRefuseWhatWaits(t *testing.T) {
	if onGPU {
		t.Skip("a capture that fails leaves a GPU's stream unusable")
	}
	d := open(t)
	err := d.do(func() error {
		_, err := capture(d.stream, 1, func(int) error { return d.stream.Synchronize() }, func(int) bool { return false })
		return err
	})
	if err == nil {
		t.Error("a capture may wait for the stream")
	}
	if s := eager.Ones(3).To(d).Sum().Item(); s != 3 {
		t.Errorf("the device is not usable afterwards: the sum is %v", s)
	}
}
