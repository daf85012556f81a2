//go:build full

package exectest_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the outputs of the compiled programs")

// The recorded outputs are those of the real compiler.
func TestProgramsPrintWhatGoPrints(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.go")
	more, errMore := filepath.Glob("testdata/programs/more/*.go")
	if err := errors.Join(err, errMore); err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(files, more) {
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
