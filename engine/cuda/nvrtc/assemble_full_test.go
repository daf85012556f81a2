//go:build cuda && full

package nvrtc

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/cuda/source/sourcetest"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/engine/op/optest"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// architectures are those that machine code is assembled for.
var architectures = []string{"sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100"}

// mostSpill is how many bytes of registers a kernel may spill to memory: products of complex128 do, and calls of
// the 64-bit division, most in Scatter and ScatterReduce.
const mostSpill = 96

// toolkit finds NVIDIA's wheels, or the toolkit, below the directory that LATHE_CUDA names, and sets the compiler.
func toolkit(t *testing.T) (ptxas string) {
	t.Helper()
	dir := os.Getenv("LATHE_CUDA")
	if dir == "" {
		t.Skip("LATHE_CUDA does not name a directory with libnvrtc and ptxas; ./test.sh cuda installs one")
	}
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case name == "ptxas":
			ptxas = path
		case strings.HasPrefix(name, "libnvrtc.so.") && !strings.Contains(name, "alt"):
			t.Setenv("LATHE_LIBNVRTC", path)
		}
		return nil
	})
	if ptxas == "" || os.Getenv("LATHE_LIBNVRTC") == "" {
		t.Fatalf("%s holds no ptxas or no libnvrtc", dir)
	}
	return ptxas
}

// kernelsOf are the kernels that the samples of o take: one for each combination of types, that with the most
// axes.
func kernelsOf(t *testing.T, o *op.Def) map[string]*source.Kernel {
	t.Helper()
	kernels := map[string]*source.Kernel{}
	samples := optest.Samples(o)
	for i := range samples {
		s := &samples[i]
		out := make([]engine.Array, len(s.Out))
		for k, y := range s.Out {
			out[k] = engine.Array{DType: y.DType, Shape: y.Shape, Strides: y.Shape.Strides()}
		}
		for k := range s.In {
			s.In[k].Buf = nil
		}
		p, err := source.For(o, s.Attrs, out, s.In)
		if err != nil {
			if !strings.Contains(err.Error(), "has no CUDA form for") {
				t.Error(err)
			}
			continue
		}
		for _, l := range p.Launches {
			key := ranks.ReplaceAllString(l.Kernel.Name, "")
			if k := kernels[key]; k == nil || k.Name < l.Kernel.Name {
				kernels[key] = l.Kernel
			}
		}
	}
	return kernels
}

// ranks is the part of a kernel's name that counts axes.
var ranks = regexp.MustCompile(`(_\d+)+(_u32|_i64)?$`)

func TestKernelsCompileAndAssembleWithoutSpills(t *testing.T) {
	ptxas := toolkit(t)
	seen := map[string]bool{}
	operators, compiled, assembled := 0, 0, 0
	var widest assembly
	for _, o := range op.Defs() {
		if source.Missing[o.Name] != "" || !chosen(o.Name) {
			continue
		}
		operators++
		var list []*source.Kernel
		for key, k := range kernelsOf(t, o) {
			if !seen[key] {
				seen[key] = true
				list = append(list, k)
			}
		}
		if len(list) == 0 {
			continue
		}
		ptx, err := Compile(source.Join(list), "compute_70")
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		compiled += len(list)
		for _, a := range assembleAll(t, ptxas, o.Name, ptx) {
			assembled += a.kernels
			if a.registers > widest.registers {
				widest = a
			}
		}
	}
	var loops []*source.Kernel
	for name, l := range sourcetest.Loops() {
		if chosen("Fused") {
			loops = append(loops, kernelOf(t, name, l))
		}
	}
	if len(loops) > 0 {
		ptx, err := Compile(source.Join(loops), "compute_70")
		if err != nil {
			t.Fatalf("fused loops: %v", err)
		}
		for _, a := range assembleAll(t, ptxas, "Fused", ptx) {
			assembled += a.kernels
		}
		compiled += len(loops)
	}
	version, err := Version()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("NVRTC %s: %d operators, %d kernels compiled, %d assembled for %v; at most %d registers (%s)", version,
		operators, compiled, assembled, architectures, widest.registers, widest.what)
}

func kernelOf(t *testing.T, name string, l *codegen.Loop) *source.Kernel {
	t.Helper()
	in, out := make([]engine.Array, l.Inputs), make([]engine.Array, len(l.Outputs))
	for _, list := range [][]engine.Array{in, out} {
		for i := range list {
			list[i] = engine.Array{DType: l.DType, Shape: engine.Shape{3, 70}, Strides: []int{70, 1}}
		}
	}
	p, err := source.Fused(l, out, in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p.Launches[0].Kernel
}

// chosen reports whether LATHE_ONLY, a list of names, leaves an operator in.
func chosen(name string) bool {
	only := os.Getenv("LATHE_ONLY")
	return only == "" || slices.Contains(strings.Split(only, ","), name)
}

// assembly is what ptxas says about a program.
type assembly struct {
	what               string
	kernels, registers int
}

func assembleAll(t *testing.T, ptxas, name string, ptx []byte) []assembly {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "k.ptx")
	if err := os.WriteFile(in, []byte(strings.TrimRight(string(ptx), "\x00")), 0o644); err != nil {
		t.Fatal(err)
	}
	all := make([]assembly, len(architectures))
	var wait sync.WaitGroup
	for i, arch := range architectures {
		wait.Go(func() {
			out, err := exec.Command(ptxas, "-v", "-arch="+arch, "-o", filepath.Join(dir, arch), in).CombinedOutput()
			if err != nil {
				t.Errorf("%s for %s: %v\n%s", name, arch, err, out)
				return
			}
			all[i] = report(t, name+" for "+arch, string(out))
		})
	}
	wait.Wait()
	return all
}

var (
	spills    = regexp.MustCompile(`(\d+) bytes spill stores`)
	registers = regexp.MustCompile(`Used (\d+) registers`)
)

func report(t *testing.T, what, out string) assembly {
	a := assembly{what: what}
	for _, m := range registers.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.Atoi(m[1])
		a.kernels++
		a.registers = max(a.registers, n)
	}
	for _, m := range spills.FindAllStringSubmatch(out, -1) {
		if n, _ := strconv.Atoi(m[1]); n > mostSpill {
			t.Errorf("%s: %d bytes of registers are spilled, want at most %d", what, n, mostSpill)
		}
	}
	if a.kernels == 0 {
		t.Errorf("%s: ptxas reports no kernel:\n%s", what, out)
	}
	return a
}
