package host_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/host"
)

func TestSaveWritesTheLastCellsThatDeclareNames(t *testing.T) {
	t.Parallel()
	k := start(t, host.Options{})
	for _, cell := range []string{
		"type T struct{ n int }", "func f() int { return 1 }", "y := f()", "func (t T) twice() int { return 2 * t.n }",
		"func f() int { return T{2}.twice() }\nz := 3", "func fg() {}",
	} {
		run(t, k, cell)
	}
	file := t.TempDir() + "/task.go"
	if got := run(t, k, "%save "+file+" f T twice"); got != "" {
		t.Fatalf("got %q", got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"type T struct", "2 * t.n", "return T{2}.twice()", "z := 3"}
	at := 0
	for _, w := range want {
		i := strings.Index(string(text)[at:], w)
		if i < 0 {
			t.Fatalf("%q is missing, or out of order, in\n%s", w, text)
		}
		at += i
	}
	for _, w := range []string{"return 1", "y :=", "fg"} {
		if strings.Contains(string(text), w) {
			t.Errorf("%q is in\n%s", w, text)
		}
	}
	if got := run(t, k, "%save "+file+" nothing"); !strings.Contains(got, "no executed cell declares nothing") {
		t.Errorf("got %q", got)
	}
}
