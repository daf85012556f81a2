//go:build full

package export_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/jit/export"
)

func TestAGoPackageComputesWhatTheNetworkDoes(t *testing.T) {
	net, x := network()
	dir := t.TempDir()
	if _, err := export.Module(net, filepath.Join(dir, "digits"), export.Options{Go: true}, x); err != nil {
		t.Fatal(err)
	}
	net.Self().Eval()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(mod), "module github.com/lathe-ml/lathe", "module example.com/app", 1) +
		"\nrequire github.com/lathe-ml/lathe v0.0.0\nreplace github.com/lathe-ml/lathe => " + root + "\n"
	program := `package main

import (
	"fmt"

	"example.com/app/digits"
)

func main() {
	x := []float32{` + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(x.Float64s())), ", "), "[]") + `}
	y, err := digits.Run(x)
	fmt.Println(y, err)
	_, err = digits.Run(x[1:])
	fmt.Println(err)
}
`
	for name, text := range map[string]string{"go.mod": own, "go.sum": string(sum), "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "-mod=mod", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	var have []float64
	for _, f := range strings.Fields(strings.Trim(strings.TrimSuffix(lines[0], " <nil>"), "[]")) {
		var v float64
		if _, err := fmt.Sscan(f, &v); err != nil {
			t.Fatal(lines[0])
		}
		have = append(have, v)
	}
	want := net.Forward(x).Float64s()
	if len(have) != len(want) {
		t.Fatalf("%d values, want %d: %s", len(have), len(want), out)
	}
	for i := range want {
		if d := have[i] - want[i]; d > 1e-5 || d < -1e-5 {
			t.Errorf("value %d is %v, want %v", i, have[i], want[i])
		}
	}
	if !strings.Contains(lines[1], "x0 has 127 values") {
		t.Errorf("a wrong length: %s", lines[1])
	}
}
