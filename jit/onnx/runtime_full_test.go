//go:build full

package onnx

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/eager/checkpoint"
)

// TestONNXRuntimeAgreesOnExportedModels runs what Export writes in onnxruntime.
func TestONNXRuntimeAgreesOnExportedModels(t *testing.T) {
	python, err := filepath.Abs("../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("%v: run ./test.sh tools", err)
	}
	dir := t.TempDir()
	for name, m := range exported() {
		p, err := Export(m.f, ExportOptions{Batch: name != "functions"}, m.in...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join(dir, name)
		err = WriteFile(path+".onnx", p)
		for i, x := range m.in {
			if err == nil {
				err = checkpoint.SaveNPY(fmt.Sprintf("%s.%d.in.npy", path, i), x)
			}
		}
		if err == nil {
			err = checkpoint.SaveNPY(path+".out.npy", apply(m.f, m.in))
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	out, err := exec.Command(python, "testdata/check.py", dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
