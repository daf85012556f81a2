package exectest

import (
	"embed"
	"io/fs"
	"strings"
	"testing"
)

// programsFS holds programs with what they print when they are compiled.
//
//go:embed testdata/programs
var programsFS embed.FS

// Programs tests that each program of programs prints in a cell what it prints when it is compiled;
// the outputs are checked against the real compiler by TestProgramsPrintWhatGoPrints.
func Programs(t *testing.T, start New) {
	files, err := fs.Glob(programsFS, "testdata/programs/*.go")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d programs, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(f, "testdata/programs/"), ".go"), func(t *testing.T) {
			source, err := programsFS.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := programsFS.ReadFile(strings.TrimSuffix(f, ".go") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			if got := NewNotebook(t, start).Run(t, string(source)); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
