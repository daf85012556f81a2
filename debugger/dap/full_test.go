//go:build full

package dap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Jupyter's own client debugs the installed kernel over ZeroMQ.
func TestJupytersClientDebugs(t *testing.T) {
	python := os.Getenv("LATHE_PYTHON")
	if python == "" {
		t.Fatal("LATHE_PYTHON does not name the Python that ./test.sh makes")
	}
	dir := t.TempDir()
	exe := filepath.Join(dir, "lathe")
	if out, err := exec.Command("go", "build", "-o", exe, "../../cmd/lathe").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := append(os.Environ(), "JUPYTER_DATA_DIR="+filepath.Join(dir, "data"), "JUPYTER_PATH="+filepath.Join(dir, "data"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "run"), "IPYTHONDIR="+filepath.Join(dir, "ipython"))
	for _, args := range [][]string{{exe, "kernel", "install"}, {python, "testdata/jupyter_debug.py"}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		if n := strings.Count(string(out), "ok "); args[0] == python && n != 4 {
			t.Errorf("%d of 4 things were seen:\n%s", n, out)
		}
	}
}
