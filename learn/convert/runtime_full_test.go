//go:build full

package convert

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/learn"
)

// cells makes rows that JSON can hold: NaN becomes null.
func cells(m *learn.Matrix) [][]any {
	rows := make([][]any, m.Rows)
	for i := range rows {
		for _, v := range m.Row(i) {
			if math.IsNaN(v) {
				rows[i] = append(rows[i], nil)
			} else {
				rows[i] = append(rows[i], v)
			}
		}
	}
	return rows
}

func inputs(s sample) map[string][][]any {
	if s.frame == nil {
		return map[string][][]any{"X": cells(s.x)}
	}
	in := map[string][][]any{}
	for j, c := range s.frame.Columns {
		if c.Numbers != nil {
			in[s.frame.Names[j]] = cells(learn.Column(c.Numbers))
			continue
		}
		for _, text := range c.Texts {
			in[s.frame.Names[j]] = append(in[s.frame.Names[j]], []any{text})
		}
	}
	return in
}

// TestONNXRuntimeAgreesWithEstimators runs every converted estimator in onnxruntime.
func TestONNXRuntimeAgreesWithEstimators(t *testing.T) {
	python, err := filepath.Abs("../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("%v: run ./test.sh tools", err)
	}
	dir := t.TempDir()
	for name, s := range samples(t) {
		outputs := map[string][][]any{}
		for out, m := range expected(t, s) {
			outputs[out] = cells(m)
		}
		for _, double := range []bool{false, true} {
			m, err := ToONNX(s.e, Options{Double: double, Frame: s.frame})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			path := filepath.Join(dir, fmt.Sprintf("%s-%v", strings.ReplaceAll(name, "/", "-"), double))
			if err := onnx.WriteFile(path+".onnx", m); err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(map[string]any{"inputs": inputs(s), "outputs": outputs})
			if err == nil {
				err = os.WriteFile(path+".json", raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := exec.Command(python, "testdata/check.py", dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
