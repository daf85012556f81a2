package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
)

// TestCaffeNetworksBecomeONNXAndRun goes from a prototxt to both other formats, which give the same numbers.
func TestCaffeNetworksBecomeONNXAndRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	net := `layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 6 dim: 6 } } }
		layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 3 kernel_size: 3
		  weight_filler { type: "constant" value: 0.5 } } }
		layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
		layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
		layer { name: "s" type: "Softmax" bottom: "p" top: "prob" }`
	if err := os.WriteFile(file("net.prototxt"), []byte(net), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.SaveNPY(file("x.npy"), eager.Ones(1, 2, 6, 6)); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, to := range []string{"net.onnx", "net.lathe"} {
		if code, _, errs := lathe(t, "model", "convert", file("net.prototxt"), file(to)); code != 0 {
			t.Fatalf("convert to %s: %s", to, errs)
		}
		code, _, errs := lathe(t, "model", "run", file(to), file("x.npy"), "-o", file(to+".npy"))
		if code != 0 {
			t.Fatalf("run %s: %s", to, errs)
		}
		y, err := checkpoint.LoadNPY(file(to + ".npy"))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, y.String())
	}
	if texts[0] != texts[1] || !strings.Contains(texts[0], "0.3333") {
		t.Errorf("results differ, or are not thirds:\n%s\n%s", texts[0], texts[1])
	}
	code, out, _ := lathe(t, "model", "info", file("net.onnx"))
	if code != 0 || !strings.Contains(out, "input  data: float[1 2 6 6]") || !strings.Contains(out, "output prob") {
		t.Errorf("info says %q", out)
	}
}

// TestModelsOfOtherFormatsFailWithAReason gives what does not work.
func TestModelsOfOtherFormatsFailWithAReason(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.onnx")
	if err := os.WriteFile(bad, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"model", "info", bad}, "not an ONNX model"},
		{[]string{"model", "convert", bad, filepath.Join(dir, "x.pb")}, ""},
		{[]string{"model", "train", filepath.Join(dir, "none.prototxt")}, "no such file"},
		{[]string{"model", "bench", bad, "-shape", "a,b"}, ""},
	} {
		code, _, errs := lathe(t, c.args...)
		if code == 0 || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("%v: exit %d, %q; want one line with %q", c.args[1:], code, errs, c.want)
		}
	}
}
