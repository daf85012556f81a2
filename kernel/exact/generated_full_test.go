//go:build full

package exact_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

var update = flag.Bool("update", false, "record the outputs of the compiled programs")

func startYaegi(o exectest.Options) (exectest.Executor, error) {
	return yaegi.New(yaegi.Options{Symbols: o.Symbols, Library: o.Library, Report: o.Report})
}

// Generated programs print in a cell what they print when the compiler has translated them. Where
// the other executor prints something else, it must refuse the program.
func TestGeneratedProgramsPrintWhatGoPrints(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	var record strings.Builder
	other := 0
	for seed := range uint64(60) {
		source := exectest.Generate(seed)
		if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		var errs strings.Builder
		cmd := exec.Command("go", "run", file)
		cmd.Stderr = &errs
		want, err := cmd.Output()
		if err != nil {
			t.Fatalf("seed %d: %v %s\n%s", seed, err, errs.String(), source)
		}
		if got := exectest.NewNotebook(t, start).Run(t, source); got != string(want) {
			t.Errorf("seed %d\n%s\ngot\n%s\nwant\n%s", seed, source, got, want)
		}
		switch got := exectest.NewNotebook(t, startYaegi).Run(t, source); {
		case got == string(want):
			other++
		case !strings.HasPrefix(got, "refused: "):
			t.Errorf("the other executor, seed %d\n%s\ngot\n%s\nwant\n%s", seed, source, got, want)
		}
		if seed < generated {
			fmt.Fprintf(&record, "-- %d --\n%s", seed, want)
		}
	}
	t.Logf("the other executor agrees on %d of 60 and refuses the rest", other)
	if *update {
		if err := os.WriteFile(golden, []byte(record.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
