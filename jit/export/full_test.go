//go:build full

package export_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/jit/export"
)

// attending is a block with what transformers have.
type attending struct {
	nn.Base
	norm *nn.LayerNorm
	attn *nn.MultiheadAttention
	mlp  *nn.Sequential
}

func newAttending() *attending {
	m := &attending{
		norm: nn.NewLayerNorm([]int{16}), attn: nn.NewMultiheadAttention(16, 2),
		mlp: nn.NewSequential(nn.NewLinear(16, 32), nn.NewGELU(), nn.NewLinear(32, 16)),
	}
	m.Add("norm", m.norm)
	m.Add("attn", m.attn)
	m.Add("mlp", m.mlp)
	return m
}

func (m *attending) Forward(x *eager.Tensor) *eager.Tensor {
	h := m.norm.Forward(x)
	x = x.Add(m.attn.Forward(h))
	return m.mlp.Forward(x).Add(x).Softmax(-1)
}

// targets are where a Go package is to compute the same.
var targets = []struct {
	name, goos, goarch string
	run                []string // runs a program
	asked              bool     // only with LATHE_TARGETS=all
}{
	{"this machine", runtime.GOOS, runtime.GOARCH, nil, false},
	{"js/wasm under node", "js", "wasm", []string{filepath.Join(runtime.GOROOT(), "lib/wasm/go_js_wasm_exec")}, false},
	{"wasip1 under node", "wasip1", "wasm", []string{"node", "--no-warnings", "wasi.mjs"}, true}, // differs in how it starts only
	{"linux/arm64 under qemu", "linux", "arm64", []string{"qemu-aarch64-static"}, true},          // of Debian's qemu-user-static
}

// wasi runs a program of wasip1 in node.
const wasi = `import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const wasi = new WASI({ version: "preview1", args: ["x"], env: {}, returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(process.argv[2]));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
`

func TestAGoPackageComputesWhatTheNetworkDoesEverywhere(t *testing.T) {
	conv, x := network()
	block, z := newAttending(), eager.Randn(2, 5, 16)
	dir := t.TempDir()
	for name, m := range map[string]struct {
		net nn.Module
		x   *eager.Tensor
	}{"digits": {conv, x}, "block": {block, z}} {
		if _, err := export.Module(m.net, filepath.Join(dir, name), export.Options{Go: true}, m.x); err != nil {
			t.Fatal(err)
		}
	}
	conv.Self().Eval()
	want := append(conv.Forward(x).Float64s(), block.Forward(z).Float64s()...)
	module(t, dir, x, z)
	for _, at := range targets {
		t.Run(at.name, func(t *testing.T) {
			if at.asked && os.Getenv("LATHE_TARGETS") != "all" {
				t.Skip("runs with LATHE_TARGETS=all")
			}
			program := filepath.Join(dir, at.goos+at.goarch)
			command(t, dir, []string{"GOOS=" + at.goos, "GOARCH=" + at.goarch, "CGO_ENABLED=0"}, "go", "build", "-mod=mod", "-o", program, ".")
			out := command(t, dir, nil, append(append([]string{}, at.run...), program)...)
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if len(lines) != 2 || !strings.Contains(lines[1], "x0 has 127 values") {
				t.Fatalf("%s", out)
			}
			have := numbers(t, lines[0])
			if len(have) != len(want) {
				t.Fatalf("%d values, want %d: %s", len(have), len(want), out)
			}
			for i := range want {
				if d := have[i] - want[i]; !(d < 1e-5 && d > -1e-5) {
					t.Errorf("value %d is %v, want %v", i, have[i], want[i])
				}
			}
		})
	}
}

// module writes a module around the packages, whose program prints what they compute for x and z.
func module(t *testing.T, dir string, x, z *eager.Tensor) {
	t.Helper()
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
	literal := func(x *eager.Tensor) string {
		return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(x.Float64s())), ", "), "[]")
	}
	own := strings.Replace(string(mod), "module github.com/lathe-ml/lathe", "module example.com/app", 1) +
		"\nrequire github.com/lathe-ml/lathe v0.0.0\nreplace github.com/lathe-ml/lathe => " + root + "\n"
	program := `package main

import (
	"fmt"

	"example.com/app/block"
	"example.com/app/digits"
)

func main() {
	x := []float32{` + literal(x) + `}
	y, err := digits.Run(x)
	if err != nil {
		panic(err)
	}
	z, err := block.Run([]float32{` + literal(z) + `})
	if err != nil {
		panic(err)
	}
	fmt.Println(append(y, z...))
	_, err = digits.Run(x[1:])
	fmt.Println(err)
}
`
	for name, text := range map[string]string{"go.mod": own, "go.sum": string(sum), "main.go": program, "wasi.mjs": wasi} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs a command in dir and returns its output.
func command(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=", "GOPROXY=off"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func numbers(t *testing.T, line string) (all []float64) {
	t.Helper()
	for _, f := range strings.Fields(strings.Trim(line, "[]")) {
		var v float64
		if _, err := fmt.Sscan(f, &v); err != nil {
			t.Fatal(line)
		}
		all = append(all, v)
	}
	return all
}
