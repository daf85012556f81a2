package caffe

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

// TestSnapshotsInHDF5GoOnToo stops after 3 of 6 updates and compares with a run that does not.
func TestSnapshotsInHDF5GoOnToo(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "solver.prototxt", `net_param {
		layer { name: "d" type: "DummyData" top: "x" top: "y" dummy_data_param { shape { dim: 2 dim: 3 } shape { dim: 2 dim: 1 } data_filler { value: 1 } data_filler { value: 2 } } }
		layer { name: "g/fc" type: "InnerProduct" bottom: "x" top: "p" param { lr_mult: 1 } param { lr_mult: 0 }
			inner_product_param { num_output: 1 weight_filler { value: 0.1 } } }
		layer { name: "loss" type: "EuclideanLoss" bottom: "p" bottom: "y" top: "loss" } }
		base_lr: 0.01 momentum: 0.9 momentum2: 0.99 lr_policy: "fixed" max_iter: 6 type: "Adam" snapshot_format: HDF5`)
	load := func() *Solver {
		s, err := LoadSolver(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	steps := func(s *Solver, n int) (loss float64) {
		for range n {
			var err error
			if loss, err = s.Step(); err != nil {
				t.Fatal(err)
			}
		}
		return loss
	}
	s := load()
	steps(s, 3)
	if err := s.Snapshot(); err != nil {
		t.Fatal(err)
	}
	want := steps(s, 3)
	again := load()
	if err := again.Restore(filepath.Join(dir, "solver_iter_3.solverstate.h5")); err != nil {
		t.Fatal(err)
	}
	if got := steps(again, 3); got != want || again.Iter() != 6 {
		t.Errorf("after a snapshot the loss is %v, without one %v", got, want)
	}
	m, err := readState(filepath.Join(dir, "solver_iter_3.solverstate.h5"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Messages("history")); n != 4 {
		t.Errorf("the state has %d tensors, want those of all weights, twice", n)
	}
	other := load()
	other.param.set("type", "SGD")
	if err := other.Restore(filepath.Join(dir, "solver_iter_3.solverstate.h5")); err == nil || !strings.Contains(err.Error(), "history of 4 tensors; SGD wants 2") {
		t.Errorf("another rule's state: %v", err)
	}
}

// TestPolicies compares learning rates with Caffe's formulas.
func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		param string
		want  []float64 // at 0, 10, 25 updates
	}{
		{`lr_policy: "fixed"`, []float64{1, 1, 1}},
		{`lr_policy: "step" gamma: 0.5 stepsize: 10`, []float64{1, 0.5, 0.25}},
		{`lr_policy: "exp" gamma: 0.9`, []float64{1, math.Pow(0.9, 10), math.Pow(0.9, 25)}},
		{`lr_policy: "inv" gamma: 0.1 power: 0.75`, []float64{1, math.Pow(2, -0.75), math.Pow(3.5, -0.75)}},
		{`lr_policy: "multistep" gamma: 0.1 stepvalue: 5 stepvalue: 20`, []float64{1, 0.1, 0.01}},
		{`lr_policy: "poly" power: 2 max_iter: 50`, []float64{1, 0.64, 0.25}},
		{`lr_policy: "sigmoid" gamma: -0.2 stepsize: 10`, []float64{1 / (1 + math.Exp(-2)), 0.5, 1 / (1 + math.Exp(3))}},
	} {
		m, err := ParseText(`base_lr: 1 net_param { layer { name: "x" type: "Input" top: "x" } } ` + c.param)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSolver(m, "")
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range []int{0, 10, 25} {
			if got := s.rateAt(at); math.Abs(got-c.want[i]) > 1e-12 {
				t.Errorf("%s: rate %v at %d, want %v", c.param, got, at, c.want[i])
			}
		}
	}
}

// TestStagesOfASolverChooseLayers has one network for both phases, as lenet_consolidated_solver.prototxt.
func TestStagesOfASolverChooseLayers(t *testing.T) {
	m, err := ParseText(`net_param {
		layer { name: "a" type: "DummyData" top: "x" include { phase: TRAIN not_stage: "big" } dummy_data_param { shape { dim: 1 } } }
		layer { name: "b" type: "DummyData" top: "x" include { stage: "big" } dummy_data_param { shape { dim: 2 } } }
		layer { name: "c" type: "DummyData" top: "x" include { phase: TEST min_level: 1 not_stage: "big" } dummy_data_param { shape { dim: 3 } } }
		layer { name: "r" type: "ReLU" bottom: "x" top: "y" } }
		train_state { stage: "big" } test_state { level: 1 } test_state { stage: "big" } test_iter: 1 test_iter: 1`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSolver(m, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range append([]*Net{s.Train}, s.Tests...) {
		if got, want := forward(t, n, nil)["y"].Numel(), []int{2, 3, 2}[i]; got != want {
			t.Errorf("network %d has %d elements, want %d", i, got, want)
		}
	}
}

// TestFillersDrawFromTheirDistributions compares moments of many draws.
func TestFillersDrawFromTheirDistributions(t *testing.T) {
	eager.Seed(1)
	for _, c := range []struct {
		filler    string
		mean, std float64
	}{
		{`value: 3`, 3, 0},
		{`type: "uniform" min: -1 max: 3`, 1, 4 / math.Sqrt(12)},
		{`type: "gaussian" mean: 2 std: 0.5`, 2, 0.5},
		{`type: "xavier"`, 0, math.Sqrt(1.0 / 200)},
		{`type: "xavier" variance_norm: FAN_OUT`, 0, math.Sqrt(1.0 / 100)},
		{`type: "msra" variance_norm: AVERAGE`, 0, math.Sqrt(2.0 / 150)},
		{`type: "positive_unitball"`, 1.0 / 200, 1.0 / 200 / math.Sqrt(3)},
	} {
		m, err := ParseText(c.filler)
		if err != nil {
			t.Fatal(err)
		}
		x := fill(m, []int{100, 200})
		mean, std := x.Mean().Item(), math.Sqrt(x.Reshape(20000).Variance(0, false, 0).Item())
		if math.Abs(mean-c.mean) > 0.02*max(c.std, 1e-9)+1e-6 || math.Abs(std-c.std) > 0.02*c.std {
			t.Errorf("%s: mean %v and deviation %v, want %v and %v", c.filler, mean, std, c.mean, c.std)
		}
		if strings.Contains(c.filler, "unitball") {
			if s := x.Sum(1).Float64s()[7]; math.Abs(s-1) > 1e-5 {
				t.Errorf("rows of a unit ball sum to %v", s)
			}
		}
	}
	m, _ := ParseText(`type: "bilinear"`)
	if got := fmt.Sprint(fill(m, []int{1, 1, 4, 4}).Slice(2, 0, 1).Float64s()); got != "[0.0625 0.1875 0.1875 0.0625]" {
		t.Errorf("the first row of a bilinear kernel is %v", got)
	}
}

// TestANetworkIsFoundAboveItsSolver names it from the root of a project, as Caffe's examples do.
func TestANetworkIsFoundAboveItsSolver(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "examples/a"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "examples/a/net.prototxt", `layer { name: "d" type: "DummyData" top: "x" dummy_data_param { shape { dim: 1 } } }`)
	if _, err := LoadSolver(write(t, dir, "examples/a/solver.prototxt", `net: "examples/a/net.prototxt"`)); err != nil {
		t.Error(err)
	}
}

// TestTimesOfLayersAreListedInOrder runs a network with a branch and a layer in place, forward and backward.
func TestTimesOfLayersAreListedInOrder(t *testing.T) {
	n := net(t, `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
		layer { name: "a" type: "InnerProduct" bottom: "x" top: "a" inner_product_param { num_output: 3 weight_filler { value: 1 } } }
		layer { name: "r" type: "ReLU" bottom: "a" top: "a" }
		layer { name: "s" type: "Eltwise" bottom: "a" bottom: "a" top: "s" }
		layer { name: "loss" type: "EuclideanLoss" bottom: "s" bottom: "x" top: "loss" }`, Train)
	calls := 0
	times, err := n.Time(t.Context(), 3, func(int, time.Duration) { calls++ })
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, l := range times {
		names += l.Name + " "
		if l.Forward <= 0 {
			t.Errorf("layer %s takes no time", l.Name)
		}
	}
	if names != "x a r s loss " || calls != 3 {
		t.Errorf("layers %s in %d runs", names, calls)
	}
	if g := n.Parameters()[0].Value.Grad(); g != nil {
		t.Errorf("a gradient stays: %v", g)
	}
}
