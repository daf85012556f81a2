package main

import (
	"runtime"
	"strings"
	"testing"
)

// The notebook has what only one of the executors takes.
func TestRunTakesTheExecutorThatIsAskedFor(t *testing.T) {
	path := write(t, "generic.ipynb", strings.NewReplacer(
		"META", "{}", `fmt.Println(\"ran\")`, `fmt.Println(reflect.TypeFor[int]().Size() / 4)`,
	).Replace(one))
	code, out, stderr := lathe(t, "run", path, "--executor", "yaegi")
	if code != 1 || !strings.Contains(out+stderr, "reflect.TypeFor is generic compiled code") {
		t.Errorf("yaegi: status %d, %q, %q", code, out, stderr)
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("exact runs on amd64")
	}
	for _, args := range [][]string{{"--executor", "exact"}, {"--executor", "auto"}, nil} {
		if code, out, stderr := lathe(t, append([]string{"run", path}, args...)...); code != 0 || !strings.Contains(out, "2") {
			t.Errorf("%v: status %d, %q, %q; want 2", args, code, out, stderr)
		}
	}
}

func TestAnExecutorThatThereIsNotIsSaid(t *testing.T) {
	path := write(t, "one.ipynb", strings.Replace(one, "META", "{}", 1))
	for _, args := range [][]string{
		{"run", path, "--executor", "gomacro"}, {"serve", "--no-open", "--executor", "gomacro"},
	} {
		if code, _, stderr := lathe(t, args...); code != 2 || !strings.Contains(stderr, "want one of auto, exact, yaegi") {
			t.Errorf("%v: status %d, %q", args, code, stderr)
		}
	}
}

func TestErrorsSayWhatAMemberOfPyTorchIsCalledHere(t *testing.T) {
	path := write(t, "torch.ipynb", strings.NewReplacer("META", "{}", `fmt.Println(\"ran\")`, `t.Ones(2, 3).View(3, 2)`).Replace(one))
	code, out, stderr := lathe(t, "run", path)
	if code != 1 || !strings.Contains(out+stderr, "PyTorch's torch.view is x.Reshape(shape...) here") {
		t.Errorf("status %d, %q, %q; want the name of view", code, out, stderr)
	}
}
