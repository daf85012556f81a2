//go:build full

package onnx

import (
	"errors"
	"fmt"
	"maps"
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
		p, err := Export(m.f, ExportOptions{Batch: m.free()}, m.in...)
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
	all := quantised(t)
	maps.Copy(all, dynamic(t))
	for name, m := range all {
		p, err := ExportGraph(m.g.Graph, nil, ExportOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		y := m.g.Run(m.x)[0]
		path := filepath.Join(dir, name)
		if err := errors.Join(WriteFile(path+".onnx", p), checkpoint.SaveNPY(path+".0.in.npy", m.x),
			checkpoint.SaveNPY(path+".out.npy", y), // a byte of a layer may be the next one there
			os.WriteFile(path+".atol", fmt.Appendf(nil, "%g", 0.02*y.Abs().Max().Item()), 0o600)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	out, err := exec.Command(python, "testdata/check.py", dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
