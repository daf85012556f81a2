package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/debugger/local"
	"github.com/lathe-ml/lathe/kernel/exectest"
	"github.com/lathe-ml/lathe/kernel/yaegi"
)

// run runs a program and returns what it prints. When steps is not 0 it is stepped through.
func run(t *testing.T, executor, source string, steps int) (text string, stops int) {
	t.Helper()
	s, err := local.New(executor, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := func() int { return 0 }
	if steps > 0 {
		if err := s.Target.Attach(s); err != nil {
			t.Fatal(err)
		}
		done = s.Step(steps)
	}
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stdout
	os.Stdout = file
	out, err := s.Run(source)
	os.Stdout = old
	stops = done()
	if err != nil {
		return "refused: " + err.Error(), stops
	}
	b, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	text = string(b)
	if out.Err != nil {
		text += out.Err.Kind + ": " + out.Err.Msg
	}
	if steps > 0 {
		// A goroutine that the program leaves behind may still run, and yaegi replaces nothing meanwhile.
		if err := s.Target.Detach(s); err != nil && !errors.Is(err, yaegi.ErrBusy) {
			t.Error(err)
		}
	}
	return text, stops
}

// A program that stops at each statement prints what it prints when it runs.
func TestSteppedProgramsPrintTheSame(t *testing.T) {
	files, err := filepath.Glob("../../kernel/exectest/testdata/programs/*.go")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d programs, %v", len(files), err)
	}
	for _, executor := range []string{"exact", "yaegi"} {
		for i, f := range files {
			if testing.Short() && i%4 != 0 {
				continue
			}
			t.Run(executor+"/"+strings.TrimSuffix(filepath.Base(f), ".go"), func(t *testing.T) {
				source, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := run(t, executor, string(source), 0)
				got, stops := run(t, executor, string(source), 3000)
				if got != want {
					t.Errorf("after %d stops got\n%s\nwant\n%s", stops, got, want)
				}
				if stops < 1 && !strings.HasPrefix(want, "refused") {
					t.Error("it does not stop")
				}
			})
		}
		for seed := range uint64(8) {
			source := exectest.Generate(seed)
			want, _ := run(t, executor, source, 0)
			got, stops := run(t, executor, source, 3000)
			if got != want || stops < 3 && !strings.HasPrefix(want, "refused") {
				t.Errorf("%s, program %d: after %d stops got\n%s\nwant\n%s", executor, seed, stops, got, want)
			}
		}
	}
}
