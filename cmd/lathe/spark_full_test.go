//go:build spark

package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTheSparkNotebookRuns runs the example on a cluster of two workers that it starts itself.
func TestTheSparkNotebookRuns(t *testing.T) {
	nb := text(runExample(t, "09-spark.ipynb"))
	for _, want := range []string{"random forest: accuracy ", "gang: step 130", "network of ONNX over a stream: accuracy ", `runs in TensorBoard: [\"fed/train\", \"files/train\"]`} {
		if !strings.Contains(nb, want) {
			t.Errorf("%q is not in what the notebook shows", want)
		}
	}
	found := regexp.MustCompile(`(?:forest|fed|files|DataFrame|stream): accuracy ([0-9.]+)`).FindAllStringSubmatch(nb, -1)
	if len(found) != 5 {
		t.Fatalf("accuracies %v; want five", found)
	}
	for _, f := range found {
		if v, err := strconv.ParseFloat(f[1], 64); err != nil || v < 0.75 {
			t.Errorf("%s; want at least 0.75", f[0])
		}
	}
	if left, err := filepath.Glob("../../examples/*.go"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
