package exectest

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"testing"
)

// programsFS holds programs with what they print when they are compiled: those of the fast tests, and
// in the folder more those of the full ones.
//
//go:embed testdata/programs
var programsFS embed.FS

// Programs tests that each program prints in a cell what it prints when it is compiled; the outputs are
// checked against the real compiler by TestProgramsPrintWhatGoPrints. instead has, by name, part of what
// the executor says of those that it refuses or words otherwise.
func Programs(t *testing.T, start New, instead map[string]string) {
	if n := programs(t, start, "testdata/programs", instead); n < 100 {
		t.Errorf("%d programs", n)
	}
}

// MorePrograms is Programs with those that the fast tests leave out.
func MorePrograms(t *testing.T, start New, instead map[string]string) {
	if n := programs(t, start, "testdata/programs/more", instead); n < 80 {
		t.Errorf("%d programs", n)
	}
}

func programs(t *testing.T, start New, folder string, instead map[string]string) int {
	files, err := fs.Glob(programsFS, folder+"/*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".go")
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			source, err := programsFS.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := programsFS.ReadFile(strings.TrimSuffix(f, ".go") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			got := NewNotebook(t, start).Run(t, string(source))
			if text, differs := instead[name]; differs {
				if got == string(want) || !strings.Contains(got, text) {
					t.Errorf("got\n%s\nwant something else than compiled, with %q", got, text)
				}
			} else if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	for name := range instead {
		if !seen[name] {
			t.Errorf("no program is named %q", name)
		}
	}
	return len(files)
}
