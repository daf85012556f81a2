//go:build full

package exact_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The contract holds while the collector runs all the time and overwrites what it frees, and while
// it checks its own marks.
func TestExecutorUnderStressOfTheCollector(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, env := range [][]string{
		{"GOGC=1", "GODEBUG=clobberfree=1"},
		{"GOGC=5", "GODEBUG=gccheckmark=1,clobberfree=1"},
		{"GOGC=1", "GODEBUG=gcstoptheworld=1,clobberfree=1"},
	} {
		cmd := exec.Command(self, "-test.run", "^TestExecutor$")
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", env, err, tail(out))
		}
	}
}

// The contract holds when the compiler adds its checks of pointers.
func TestExecutorUnderChecksOfPointers(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "exact.test")
	build := exec.Command("go", "test", "-c", "-gcflags=all=-d=checkptr", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(bin, "-test.run", "^TestExecutor$").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, tail(out))
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }
