package yaegi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each program of testdata/programs prints in a cell what it prints when it is compiled; the outputs
// are checked against the real compiler by TestProgramsPrintWhatGoPrints.
func TestProgramsPrintInCellsWhatTheyPrintCompiled(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d programs, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".go"), func(t *testing.T) {
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(f, ".go") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			if got := newNotebook(t).run(t, string(source)); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
