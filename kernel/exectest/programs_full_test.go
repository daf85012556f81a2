//go:build full

package exectest_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the outputs of the compiled programs")

// The recorded outputs are those of the real compiler.
func TestProgramsPrintWhatGoPrints(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got, err := exec.Command("go", "run", f).Output()
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		golden := strings.TrimSuffix(f, ".go") + ".out"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", f, err, got, want)
		}
	}
}
