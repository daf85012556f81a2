//go:build full

package exectest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// The matrix says what the real compiler's programs print.
func TestMatrixIsWhatGoPrints(t *testing.T) {
	n := 0
	file := filepath.Join(t.TempDir(), "main.go")
	for _, s := range sorts {
		for _, p := range slices.Concat(producers, panicking) {
			if n++; n%37 != 0 {
				continue
			}
			source, want := s.matrixProgram(s.matrix(p))
			if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
				t.Fatal(err)
			}
			if got, err := exec.Command("go", "run", file).CombinedOutput(); err != nil || string(got) != want {
				t.Errorf("%s / %s: %v, got\n%s\nwant\n%s", s.name, p[0], err, got, want)
			}
		}
	}
}
