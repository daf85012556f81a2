package jit_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/jit"
)

// TestExplainSaysWhatRunsLoops has one loop with an operator that machine code lacks, and one at a level without any.
func TestExplainSaysWhatRunsLoops(t *testing.T) {
	old := cpu.Level()
	defer func() {
		if err := cpu.SetLevel(old); err != nil {
			t.Fatal(err)
		}
	}()
	for _, level := range cpu.Levels() {
		if err := cpu.SetLevel(level); err != nil {
			t.Fatal(err)
		}
		tanh, sine := explained(t, (*eager.Tensor).Tanh), explained(t, (*eager.Tensor).Sin)
		want := "Sin of f32 has no machine code"
		if level == "portable" {
			want = `there is no machine code at level "portable"`
		}
		if !strings.Contains(sine, "1 loops interpreted tile by tile: ") || !strings.Contains(sine, want) &&
			!strings.Contains(sine, "there is no machine code on ") {
			t.Errorf("level %s: want %q in\n%s", level, want, sine)
		}
		if coded := strings.Contains(tanh, "1 loops in machine code"); coded == strings.Contains(tanh, "no machine code") {
			t.Errorf("level %s:\n%s", level, tanh)
		}
	}
}

// explained is what is said of a function whose elementwise operators are one loop.
func explained(t *testing.T, last func(*eager.Tensor) *eager.Tensor) string {
	t.Helper()
	x := eager.Ones(4, 40)
	f := jit.Compile(func(x *eager.Tensor) *eager.Tensor { return last(x.Mul(2).Add(1)) })
	for range 4 {
		f.Call(x)
	}
	return jit.Explain(f)
}
