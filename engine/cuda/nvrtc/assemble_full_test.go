//go:build cuda && full

package nvrtc

import (
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
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

// unit is a text that is compiled for arch and assembled for all of on.
type unit struct {
	what, arch, text string
	kernels          int
	on               []string
}

func TestKernelsCompileAndAssembleWithoutSpills(t *testing.T) {
	tools := toolkit(t)
	seen := map[string]bool{}
	operators := 0
	var units []unit
	for _, o := range op.Defs() {
		if source.Missing[o.Name] != "" || !chosen(o.Name) {
			continue
		}
		operators++
		var list []*source.Kernel
		kernels := kernelsOf(t, o)
		for _, key := range slices.Sorted(maps.Keys(kernels)) {
			if !seen[key] {
				seen[key] = true
				list = append(list, kernels[key])
			}
		}
		units = appendUnit(units, o.Name, "compute_70", list, architectures)
	}
	var loops []*source.Kernel
	all := sourcetest.Loops()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if chosen("Fused") {
			loops = append(loops, kernelOf(t, name, all[name]))
		}
	}
	units = appendUnit(units, "Fused", "compute_70", loops, architectures)
	if chosen("Tiles") {
		units = append(units, tileUnits(t)...)
	}
	compiled, assembled, widest := tools.check(t, units)
	version, err := Version()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("NVRTC %s: %d operators, %d kernels compiled, %d assembled for %v; at most %d registers (%s); %d of %d texts as recorded",
		version, operators, compiled, assembled, architectures, widest.Registers, widest.what, tools.recorded, len(units))
}

func appendUnit(units []unit, what, arch string, kernels []*source.Kernel, on []string) []unit {
	if len(kernels) == 0 {
		return units
	}
	return append(units, unit{what: what, arch: arch, text: source.Join(kernels), kernels: len(kernels), on: on})
}

// check compiles and assembles units on all processors and adds up.
func (tools *tools) check(t *testing.T, units []unit) (compiled, assembled int, widest assembly) {
	t.Helper()
	results, errs := make([][]assembly, len(units)), make([]error, len(units))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range units {
		free <- struct{}{}
		wait.Go(func() {
			results[i], errs[i] = tools.assemble(&units[i])
			<-free
		})
	}
	wait.Wait()
	for i, u := range units {
		if errs[i] != nil {
			t.Errorf("%s: %v", u.what, errs[i])
			continue
		}
		compiled += u.kernels
		for k, a := range results[i] {
			a.what = u.what + " for " + u.on[k]
			if a.Kernels < u.kernels {
				t.Errorf("%s: ptxas reports %d kernels of %d", a.what, a.Kernels, u.kernels)
			}
			if a.Spill > mostSpill {
				t.Errorf("%s: %d bytes of registers are spilled, want at most %d", a.what, a.Spill, mostSpill)
			}
			if strings.HasPrefix(u.what, "tiles") {
				t.Logf("%s: %d kernels, at most %d registers", a.what, a.Kernels, a.Registers)
			}
			assembled += a.Kernels
			if a.Registers > widest.Registers {
				widest = a
			}
		}
	}
	return compiled, assembled, widest
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

// tileUnits are they for GPUs without and with tensor cores for all types.
func tileUnits(t *testing.T) (units []unit) {
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
		kernels := tiles(t, c.target)
		for _, name := range slices.Sorted(maps.Keys(kernels)) {
			k := kernels[name]
			if k.Capability > 0 == (c.target.Capability > 0) { // the others are the same
				list = append(list, k)
			}
			if k.Capability > 0 {
				cores++
			}
		}
		units = appendUnit(units, "tiles of "+c.arch, c.arch, list, c.on)
	}
	if cores < 12 {
		t.Errorf("%d kernels use tensor cores, want one for each of four operators and three types", cores)
	}
	return units
}

// chosen reports whether LATHE_ONLY, a list of names, leaves an operator in.
func chosen(name string) bool {
	only := os.Getenv("LATHE_ONLY")
	return only == "" || slices.Contains(strings.Split(only, ","), name)
}
