//go:build full

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// library builds the library once for all tests, into a folder with its header and a model.
func library(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	tool(t, "go", "build", "-buildmode=c-shared", "-o", filepath.Join(dir, "liblathe.so"), ".")
	writeModel(t, dir)
	return dir
}

// writeModel writes y = relu(x·w + b), x of 2×3, as a network of Caffe2, whose text is its own weights.
func writeModel(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"predict_net.pbtxt": `external_input: "x" external_output: "y"
			op { type: "FC" input: "x" input: "w" input: "b" output: "fc" } op { type: "Relu" input: "fc" output: "y" }`,
		"init_net.pbtxt": `op { output: "w" type: "GivenTensorFill" arg { name: "shape" ints: [2, 3] } arg { name: "values" floats: [1, 2, 3, -1, -2, -3] } }
			op { output: "b" type: "ConstantFill" arg { name: "shape" ints: 2 } arg { name: "value" f: 0.5 } }
			op { output: "x" type: "ConstantFill" arg { name: "shape" ints: [2, 3] } }`,
		"broken.onnx": "not a model",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestThePythonWheelInstallsAndRuns installs it with pip into a folder, without an index, and uses NumPy there.
func TestThePythonWheelInstallsAndRuns(t *testing.T) {
	python := os.Getenv("LATHE_PYTHON")
	if python == "" {
		t.Fatal("LATHE_PYTHON names no Python; ./test.sh full makes one with NumPy")
	}
	dir := library(t)
	wheel := strings.TrimSpace(tool(t, "go", "run", "./wheel", "-o", filepath.Join(dir, "dist"), "-library", filepath.Join(dir, "liblathe.so")))
	site := filepath.Join(dir, "site")
	tool(t, python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--disable-pip-version-check", "--target", site, wheel)
	c := exec.Command(python, "testdata/check.py", filepath.Join(dir, "predict_net.pbtxt"), filepath.Join(dir, "broken.onnx"))
	c.Env = append(os.Environ(), "PYTHONPATH="+site)
	if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "passed" {
		t.Errorf("%v: %s", err, out)
	}
}

// TestProgramsInCAndCPlusPlusRunModels compiles both with all warnings as errors, and runs them: results, messages, four
// threads, and memory over 10,000 runs.
func TestProgramsInCAndCPlusPlusRunModels(t *testing.T) {
	dir := library(t)
	for _, c := range [][]string{
		{"gcc", "-std=c11", "-o", filepath.Join(dir, "c"), "testdata/check.c"},
		{"g++", "-std=c++17", "-o", filepath.Join(dir, "cpp"), "testdata/check.cpp"},
	} {
		tool(t, c[0], append(c[1:], "-Wall", "-Wextra", "-Werror", "-I.", "-L"+dir, "-llathe", "-lpthread", "-Wl,-rpath,"+dir)...)
		out := tool(t, c[3], filepath.Join(dir, "predict_net.pbtxt"), filepath.Join(dir, "broken.onnx"))
		if !strings.HasPrefix(out, "passed") {
			t.Errorf("%s: %s", c[0], out)
		}
		t.Logf("%s: %s", c[0], strings.TrimSpace(out))
	}
}
