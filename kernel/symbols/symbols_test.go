package symbols_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTablesAreCurrent generates the tables into an empty folder and compares them with those of
// the repository.
func TestTablesAreCurrent(t *testing.T) {
	for _, c := range []struct{ list, dest, dir string }{
		{"packages.txt", "symbols", "."}, {"std/packages.txt", "std", "std"},
	} {
		out := t.TempDir()
		cmd := exec.Command("go", "run", "./gen", "-list", c.list, "-dest", c.dest, "-out", out)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("gen: %v\n%s", err, text)
		}
		want, err := filepath.Glob(filepath.Join(out, "*"))
		if err != nil || len(want) == 0 {
			t.Fatalf("nothing generated: %v", err)
		}
		have, err := filepath.Glob(filepath.Join(c.dir, "sym_*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if len(have) != len(want)-1 {
			t.Errorf("%s: %d generated files, want %d; run go generate ./kernel/symbols/...", c.dir, len(have), len(want)-1)
		}
		for _, f := range want {
			a, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(c.dir, filepath.Base(f)))
			if err != nil || string(a) != string(b) {
				t.Errorf("%s/%s is not current (%v); run go generate ./kernel/symbols/...", c.dir, filepath.Base(f), err)
			}
		}
	}
}
