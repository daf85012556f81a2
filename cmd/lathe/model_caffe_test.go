package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
)

const caffeNet = `
layer { name: "d" type: "DummyData" top: "x" top: "y" dummy_data_param { shape { dim: 2 dim: 3 } shape { dim: 2 }
	data_filler { type: "gaussian" } data_filler { value: 1 } } exclude { stage: "small" } }
layer { name: "d" type: "DummyData" top: "x" top: "y" dummy_data_param { shape { dim: 1 dim: 3 } shape { dim: 1 }
	data_filler { type: "gaussian" } data_filler { value: 1 } } include { stage: "small" } }
layer { name: "fc" type: "InnerProduct" bottom: "x" top: "p" inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "accuracy" type: "Accuracy" bottom: "p" bottom: "y" top: "accuracy" include { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "p" bottom: "y" top: "loss" }`

// TestCaffesCommandLineTrainsTestsAndTimes goes through train, a second training from its snapshot, test and time.
func TestCaffesCommandLineTrainsTestsAndTimes(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if text != "" {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	model := file("net.prototxt", caffeNet)
	solver := file("solver.prototxt", `net: "net.prototxt" base_lr: 0.1 lr_policy: "fixed" momentum: 0.9 max_iter: 60 display: 20 snapshot: 40
		test_iter: 1 test_interval: 30 random_seed: 1`)
	code, out, errs := lathe(t, "model", "train", "-solver", solver)
	if code != 0 || !strings.Contains(out, "Iteration 20, loss = ") || !strings.Contains(out, "test net #0: accuracy = 1") {
		t.Fatalf("train: exit %d, %s%s", code, out, errs)
	}
	code, out, errs = lathe(t, "model", "train", "--solver="+solver, "-snapshot", file("solver_iter_40.solverstate", ""))
	if code != 0 || !strings.Contains(out, "60 iterations") || strings.Contains(out, "Iteration 0") {
		t.Fatalf("train from a snapshot: exit %d, %s%s", code, out, errs)
	}
	weights := file("solver_iter_60.caffemodel", "")
	code, out, errs = lathe(t, "model", "test", "-model", model, "-weights", weights, "-iterations", "2")
	if code != 0 || !strings.Contains(out, "Batch 1, accuracy = 1\n") || !strings.Contains(out, "accuracy = 1 over 2 batches") {
		t.Fatalf("test: exit %d, %s%s", code, out, errs)
	}
	code, out, errs = lathe(t, "model", "time", "-model", model, "-iterations", "2", "-stage", "small")
	if code != 0 || !strings.Contains(out, "fc  forward: ") || !strings.Contains(out, "fc backward: ") ||
		!strings.Contains(out, "Iteration: 2 forward-backward time") || !strings.Contains(out, "Average Forward pass: ") {
		t.Fatalf("time: exit %d, %s%s", code, out, errs)
	}
	for _, args := range [][]string{{"images", "list.txt"}, {"images", "list.txt", "db", "-resize", "25"}, {"mean", "db"}, {"mean", "no-db", "mean"}, {"images", "no-list", "db"}} {
		if code, _, errs := lathe(t, append([]string{"model"}, args...)...); code == 0 || errs == "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	other := file("other.prototxt", strings.ReplaceAll(caffeNet, `"fc"`, `"fc2"`)+
		` layer { name: "fc" type: "InnerProduct" bottom: "x" top: "q" inner_product_param { num_output: 3 } }`)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"train"}, "wants one file: lathe model train -solver"},
		{[]string{"train", solver, "-solver", solver}, "wants one file"},
		{[]string{"train", solver, "-weights", weights, "-snapshot", "x"}, "give one of them"},
		{[]string{"train", solver, "-snapshot", model}, "not a SolverState"},
		{[]string{"train", model}, "names no network"},
		{[]string{"test", model}, "wants -weights"},
		{[]string{"test", model, "-weights", weights, "-iterations", "0"}, "want at least 1"},
		{[]string{"test", other, "-weights", weights}, "want [3 3]"},
		{[]string{"time", solver}, "no layers"},
		{[]string{"time", model, "-phase", "both"}, "want TRAIN or TEST"},
	} {
		code, _, errs := lathe(t, append([]string{"model"}, c.args...)...)
		if code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
}

// TestNetsOfCaffe2AreConvertedAndRun finds the init net beside the predict net.
func TestNetsOfCaffe2AreConvertedAndRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"predict_net.pbtxt": `name: "n" external_input: "data" external_output: "y"
			op { type: "FC" input: "data" input: "w" input: "b" output: "fc" } op { type: "Relu" input: "fc" output: "y" }`,
		"init_net.pbtxt": `op { output: "w" type: "GivenTensorFill" arg { name: "shape" ints: 2 ints: 2 } arg { name: "values" floats: [1, 2, -3, -4] } }
			op { output: "b" type: "ConstantFill" arg { name: "shape" ints: 2 } arg { name: "value" f: 0.5 } }`,
	} {
		if err := os.WriteFile(file(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkpoint.SaveNPY(file("x.npy"), eager.Ones(1, 2)); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := lathe(t, "model", "info", file("predict_net.pbtxt"), "-shape", "1,2"); code != 0 || !strings.Contains(out, "2 weights with 6 elements") {
		t.Errorf("info: exit %d, %s", code, out)
	}
	if code, _, errs := lathe(t, "model", "convert", file("predict_net.pbtxt"), file("n.onnx")); code == 0 || !strings.Contains(errs, "-shape data=") {
		t.Errorf("without a shape: exit %d, %s", code, errs)
	}
	for _, to := range []string{"n.onnx", "n.lathe", "predict_net.pbtxt"} {
		if to != "predict_net.pbtxt" {
			if code, _, errs := lathe(t, "model", "convert", file("predict_net.pbtxt"), file(to), "-shape", "1,2"); code != 0 {
				t.Fatalf("convert to %s: %s", to, errs)
			}
		}
		code, out, errs := lathe(t, "model", "run", file(to), file("x.npy"))
		if code != 0 || !strings.Contains(out, "3.5") || strings.Contains(out, "-6.5") {
			t.Errorf("run %s: exit %d, %s%s", to, code, out, errs)
		}
	}
}
