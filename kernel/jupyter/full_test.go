//go:build full

package jupyter_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// install builds the program and announces it to a Jupyter of its own.
func install(t *testing.T) (env []string, python string) {
	t.Helper()
	python = os.Getenv("LATHE_PYTHON")
	if python == "" {
		t.Fatal("LATHE_PYTHON does not name the Python that ./test.sh makes")
	}
	dir := t.TempDir()
	exe := filepath.Join(dir, "lathe")
	if out, err := exec.Command("go", "build", "-o", exe, "../../cmd/lathe").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env = append(os.Environ(), "JUPYTER_DATA_DIR="+filepath.Join(dir, "data"), "JUPYTER_PATH="+filepath.Join(dir, "data"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "run"), "IPYTHONDIR="+filepath.Join(dir, "ipython"))
	cmd := exec.Command(exe, "kernel", "install")
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return env, python
}

func script(t *testing.T, env []string, python string, args ...string) string {
	t.Helper()
	cmd := exec.Command(python, args...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", args, err, out)
	}
	return string(out)
}

// Every test of jupyter_kernel_test runs; none is skipped.
func TestKernelConformsToJupyter(t *testing.T) {
	env, python := install(t)
	out := script(t, env, python, "-m", "unittest", "-v", "testdata/test_kernel.py")
	if n := strings.Count(out, "... ok"); n < 10 || strings.Contains(out, "skipped") {
		t.Errorf("%d tests passed, or some were skipped:\n%s", n, out)
	}
}

func TestMisbehavedClientsHoldUpNobody(t *testing.T) {
	env, python := install(t)
	out := script(t, env, python, "testdata/probe_transport.py")
	if n := len(regexp.MustCompile(`(?m)^ok `).FindAllString(out, -1)); n != 16 {
		t.Errorf("%d of 16 probes passed:\n%s", n, out)
	}
}

// nbclient, which nbconvert and papermill use, runs the example notebooks.
func TestOtherClientsRunTheExamples(t *testing.T) {
	env, python := install(t)
	books, err := filepath.Glob("../../examples/0[1-8]*.ipynb") // 09 takes a Spark: cmd/lathe runs it
	if err != nil || len(books) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, b := range books {
		script(t, env, python, "testdata/run_notebook.py", b)
	}
}
