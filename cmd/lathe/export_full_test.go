//go:build full

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

// exportCell exports the network net of an example and writes rows of its input and what it gives for them.
const exportCell = `import "github.com/lathe-ml/lathe/jit/onnx"

net.Eval()
sampled := %s
if err := onnx.Save(%[2]q+".onnx", net, onnx.ExportOptions{Batch: true}, sampled.Slice(0, 0, 1)); err != nil {
	panic(err)
}
var answered *t.Tensor
t.NoGrad(func() { answered = net.Forward(sampled) })
if err := checkpoint.SaveNPY(%[2]q+".0.in.npy", sampled); err != nil {
	panic(err)
}
if err := checkpoint.SaveNPY(%[2]q+".out.npy", answered); err != nil {
	panic(err)
}`

// TestNetworksOfExamplesGiveTheSameInONNXRuntime trains the network of each example as short runs do, exports it from a cell with
// a free number of rows, and runs it in onnxruntime. 09-spark exports within itself, 10-zoo runs what it exported, and
// 13-learn's estimator is one of learn/convert's.
func TestNetworksOfExamplesGiveTheSameInONNXRuntime(t *testing.T) {
	python, err := filepath.Abs("../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("%v: run ./test.sh tools", err)
	}
	dir := t.TempDir()
	data, err := filepath.Abs("../../examples/data")
	if err == nil {
		err = os.Symlink(data, filepath.Join(dir, "data")) // what notebooks read beside them
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, input := range map[string]string{
		"03-digits":     "test.X.Slice(0, 0, 5)",
		"04-clothes":    "data.Collect(test).X.Slice(0, 0, 5)",
		"05-speech":     "held.X.Slice(0, 0, 5)",
		"06-penguins":   "test.X.Slice(0, 0, 5)",
		"07-gpt":        "t.Stack(0, test.Item(0).X, test.Item(7).X)",
		"08-models":     "test.X.Slice(0, 0, 5)",
		"11-siamese":    "test.X.Slice(0, 0, 5)",
		"12-regression": "test.X.Slice(0, 0, 5)",
	} {
		nb, err := notebook.ReadFile("../../examples/" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.Cells {
			c.Source = strings.Replace(c.Source, "const epochs = 6", "const epochs = 1", 1)
		}
		nb.Cells = append(nb.Cells, &notebook.Cell{ID: "export", Type: "code", Source: fmt.Sprintf(exportCell, input, filepath.Join(dir, name))})
		path := filepath.Join(dir, name+".ipynb")
		if err := nb.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		if code, stdout, stderr := lathe(t, "run", path, "-o", filepath.Join(dir, "out.ipynb")); code != 0 {
			t.Errorf("%s: status %d\n%s%s", name, code, stdout, stderr)
		}
	}
	out, err := exec.Command(python, "../../jit/onnx/testdata/check.py", dir).CombinedOutput()
	if err != nil || strings.Count(string(out), ": ok") != 8 {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
