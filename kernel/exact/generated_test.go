package exact_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

// generated is how many programs are compared with what they print when they are compiled.
const generated = 24

const golden = "testdata/generated.txt"

// Generated programs print in a cell what was recorded of the compiled ones (see
// TestGeneratedProgramsPrintWhatGoPrints).
func TestGeneratedProgramsPrintWhatWasRecorded(t *testing.T) {
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for seed := range uint64(generated) {
		fmt.Fprintf(&got, "-- %d --\n%s", seed, exectest.NewNotebook(t, start).Run(t, exectest.Generate(seed)))
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s", got.String())
	}
}

// FuzzGenerated runs any generated program: it may print what it likes, but the kernel takes it and
// it ends without a failure.
func FuzzGenerated(f *testing.F) {
	f.Add(uint64(100))
	f.Fuzz(func(t *testing.T, seed uint64) {
		out := exectest.NewNotebook(t, start).Run(t, exectest.Generate(seed))
		if strings.Contains(out, "cell 1") {
			t.Errorf("seed %d: %s", seed, out)
		}
	})
}

// A cell that is cancelled before it begins does nothing.
func TestACancelledCellEnds(t *testing.T) {
	nb := newNotebook(t)
	p, err := nb.Session.Check("cell 1", "for { }")
	if err != nil {
		t.Fatal(err)
	}
	run, err := nb.Executor.Prepare(p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if out := run(ctx); out.Err == nil || !out.Err.Interrupted {
		t.Errorf("%+v", out)
	}
}
