//go:build cuda && full

package cuda

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/eager/parallel"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// plainLeNet has no layers whose results depend on the other samples of a batch.
func plainLeNet() *nn.Sequential {
	return nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewTanh(), nn.NewMaxPool2D(2),
		nn.NewConv2D(6, 16, 5), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewLinear(400, 120), nn.NewReLU(), nn.NewLinear(120, 84), nn.NewReLU(), nn.NewLinear(84, 10))
}

func TestTwoDevicesTrainAsOneDoes(t *testing.T) {
	if onGPU {
		if n, _ := Count(); n < 2 {
			t.Skip("there is one GPU")
		}
		trainOnTwo(t)
		return
	}
	again(t, "TestHelperTrainsOnTwoDevices", "LATHE_FAKE_DEVICES=2")
	again(t, "TestHelperTrainsOnTwoDevices", "LATHE_FAKE_DEVICES=2", "LATHE_LIBNCCL=none")
}

func TestHelperTrainsOnTwoDevices(t *testing.T) {
	if n, err := Count(); onGPU || n < 2 {
		t.Skipf("%d devices (%v): run by the test above", n, err)
	}
	trainOnTwo(t)
}

func trainOnTwo(t *testing.T) {
	t.Helper()
	eager.Seed(3)
	first := plainLeNet()
	start := make([][]float32, 0)
	for _, p := range first.Params() {
		start = append(start, p.Float32s())
	}
	const batch, steps = 8, 3
	x, labels := eager.Randn(batch, 1, 28, 28), eager.RandInt(0, 10, batch)
	devices := []op.Device{}
	for i := range 2 {
		d, err := Open(i)
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, d)
	}
	params := make([][][]float32, 3)
	step := func(m *nn.Sequential, x, labels *eager.Tensor, backward func(loss *eager.Tensor) error) error {
		o := optim.NewSGD(m.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		for range steps {
			m.ZeroGrad()
			if err := backward(nn.CrossEntropy(m.Forward(x), labels)); err != nil {
				return err
			}
			o.Step()
		}
		return nil
	}
	read := func(m *nn.Sequential) (all [][]float32) {
		for _, p := range m.Params() {
			all = append(all, p.Float32s())
		}
		return all
	}
	models := []*nn.Sequential{plainLeNet(), plainLeNet()}
	for i, p := range models[0].Params() { // rank 0's parameters are those that count
		p.SetData(eager.New(start[i]).Reshape(p.Shape()...))
	}
	err := parallel.RunOn(devices, func(m *parallel.Member) error {
		model := models[m.Rank]
		model.To(m.Device)
		d, err := parallel.NewDataParallelOver(m, model)
		if err != nil {
			return err
		}
		lo := m.Rank * batch / 2
		px, pl := x.Slice(0, lo, lo+batch/2).To(m.Device), labels.Slice(0, lo, lo+batch/2).To(m.Device)
		err = step(model, px, pl, d.Backward)
		params[m.Rank] = read(model)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	first.To(devices[0])
	if err := step(first, x.To(devices[0]), labels.To(devices[0]), func(l *eager.Tensor) error { l.Backward(); return nil }); err != nil {
		t.Fatal(err)
	}
	params[2] = read(first)
	for i := range params[2] {
		for k, w := range params[2][i] {
			a, b := params[0][i][k], params[1][i][k]
			if a != b || math.Abs(float64(a-w)) > 1e-5 {
				t.Fatalf("parameter %d, element %d: %v and %v on two devices, %v on one", i, k, a, b, w)
			}
		}
	}
}

func TestMembersThatDoNotAgreeGetAnError(t *testing.T) {
	d := open(t)
	run := func(f func(m *parallel.Member) error) error { return parallel.RunOn([]op.Device{d}, f) }
	x := eager.Ones(3)
	for want, f := range map[string]func(m *parallel.Member) error{
		"is not on its device": func(m *parallel.Member) error { return m.AllMean(x) },
		"no":                   func(*parallel.Member) error { return fmt.Errorf("no") },
		"wrong":                func(*parallel.Member) error { engine.Fail("f", "wrong"); return nil },
	} {
		if err := run(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
