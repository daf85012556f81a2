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
		for _, a := range assembleAll(t, ptxas, o.Name, ptx, architectures) {
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
		for _, a := range assembleAll(t, ptxas, "Fused", ptx, architectures) {
			assembled += a.kernels
		}
		compiled += len(loops)
	}
	if chosen("Tiles") {
		n, a := assembleTiles(t, ptxas)
		compiled, assembled = compiled+n, assembled+a
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

// tiles are the kernels of products and convolutions that are larger than operators' samples.
func tiles(t *testing.T, target source.Target) map[string]*source.Kernel {
	t.Helper()
	kernels := map[string]*source.Kernel{}
	array := func(dt engine.DType, s ...int) engine.Array {
		return engine.Array{DType: dt, Shape: s, Strides: engine.Shape(s).Strides()}
	}
	for _, dt := range []engine.DType{engine.F32, engine.F16, engine.BF16} {
		m, long := array(dt, 2, 256, 256), array(dt, 2, 1<<16)
		x, w, y := array(dt, 4, 128, 16, 16), array(dt, 128, 128, 3, 3), array(dt, 4, 128, 14, 14)
		for _, c := range []struct {
			def   *op.Def
			attrs op.Attrs
			out   []engine.Array
			in    []engine.Array
		}{
			{op.MatMul, nil, []engine.Array{m}, []engine.Array{m, m}},
			{op.Conv, op.ConvAttrs{}, []engine.Array{y}, []engine.Array{x, w}},
			{op.ConvInputGrad, op.ConvAttrs{Shape: x.Shape}, []engine.Array{x}, []engine.Array{y, w}},
			{op.ConvWeightGrad, op.ConvAttrs{Shape: w.Shape}, []engine.Array{w}, []engine.Array{y, x}},
			{op.Sort, op.SortAttrs{Axis: 1}, []engine.Array{long, array(engine.I64, 2, 1<<16)}, []engine.Array{long}},
			{op.CumSum, op.AxisAttrs{Axis: 1}, []engine.Array{long}, []engine.Array{long}},
			{op.LogCumSumExp, op.AxisAttrs{Axis: 1}, []engine.Array{long}, []engine.Array{long}},
		} {
			p, err := target.For(c.def, c.attrs, c.out, c.in)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range p.Launches {
				kernels[l.Kernel.Name] = l.Kernel
			}
		}
	}
	return kernels
}

// assembleTiles does so for GPUs without and with tensor cores for all types.
func assembleTiles(t *testing.T, ptxas string) (compiled, assembled int) {
	t.Helper()
	cores := 0
	for _, c := range []struct {
		target source.Target
		arch   string
		on     []string
	}{
		{source.Target{}, "compute_70", architectures},
		{source.Target{Capability: 80, TF32: true}, "compute_80", architectures[2:]},
	} {
		var list []*source.Kernel
		for _, k := range tiles(t, c.target) {
			if k.Capability > 0 == (c.target.Capability > 0) { // the others are the same
				list = append(list, k)
			}
			if k.Capability > 0 {
				cores++
			}
		}
		ptx, err := Compile(source.Join(list), c.arch)
		if err != nil {
			t.Fatalf("tiles: %v", err)
		}
		compiled += len(list)
		for _, a := range assembleAll(t, ptxas, "tiles", ptx, c.on) {
			assembled += a.kernels
			t.Logf("%s: %d kernels, at most %d registers", a.what, a.kernels, a.registers)
		}
	}
	if cores < 12 {
		t.Errorf("%d kernels use tensor cores, want one for each of four operators and three types", cores)
	}
	return compiled, assembled
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

func assembleAll(t *testing.T, ptxas, name string, ptx []byte, architectures []string) []assembly {
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
