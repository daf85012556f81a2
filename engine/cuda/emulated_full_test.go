//go:build cuda && full

package cuda

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/emulate"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/engine/op/optest"
)

// onGPU says that the tests run on the GPU of this machine.
var onGPU = os.Getenv("LATHE_GPU") != ""

// TestMain runs the tests a second time, in a process that finds the emulated driver at its start.
func TestMain(m *testing.M) { emulate.Main(m.Run) }

// again runs a test in a process of its own with more environment, and returns its output.
func again(t *testing.T, test string, env ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run", "^"+test+"$")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s under %s: %v\n%s", test, env, err, out)
	}
	return string(out)
}

func open(t *testing.T) *Device {
	t.Helper()
	d, err := Open(0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// exactly returns memory of n bytes and not one more, so that an access outside is found.
func exactly(t *testing.T, d *Device, n int) *engine.Buffer {
	t.Helper()
	addr, err := blocks{d}.take(max(n, 1))
	if err != nil {
		t.Fatal(err)
	}
	return engine.NewRemote(d, addr, n, func() {
		if err := (blocks{d}).give(addr); err != nil {
			t.Error(err)
		}
	})
}

// toDevice copies x, with its layout.
func toDevice(t *testing.T, d *Device, x engine.Array) engine.Array {
	t.Helper()
	b := x.Buf.Bytes()
	x.Buf = exactly(t, d, len(b))
	d.Upload(x.Buf, 0, b)
	return x
}

func fromDevice(d *Device, x engine.Array) engine.Array {
	y := engine.NewArray(x.DType, x.Shape)
	d.Download(y.Buf.Bytes()[:x.Numel()*x.DType.Size()], x.Buf, 0)
	return y
}

// orders are those in which the emulator runs threads; a GPU has its own.
func orders() []string {
	if onGPU {
		return []string{"0"}
	}
	return []string{"0", "1", "2", "3"}
}

func TestOperatorsGiveWhatTheCPUGives(t *testing.T) {
	d := open(t)
	operators, samples, calls := 0, 0, 0
	d.libraries.own = true
	defer func() { d.libraries.own = false }()
	defs := chosen()
	prepare(t, d, defs)
	for _, o := range defs {
		operators++
		t.Run(o.Name, func(t *testing.T) {
			all := optest.Samples(o)
			for i := range all {
				for _, order := range orders() {
					t.Setenv("LATHE_EMULATE_ORDER", order)
					runSample(t, d, o, &all[i])
					samples++
				}
				if isLibraries(o) {
					withLibraries(d, func() { runSample(t, d, o, &all[i]) })
					calls++
				}
			}
		})
	}
	t.Logf("%d operators, %d samples in %d orders, %d of them with %v", operators, samples, len(orders()), calls, d.Libraries())
}

// chosen are the operators that have a CUDA form; of these LATHE_ONLY, a list of names, may choose.
func chosen() []*op.Def {
	only := os.Getenv("LATHE_ONLY")
	return slices.DeleteFunc(slices.Clone(op.Defs()), func(o *op.Def) bool {
		return source.Missing[o.Name] != "" || only != "" && !slices.Contains(strings.Split(only, ","), o.Name)
	})
}

// prepare compiles the kernels of all samples, those of an operator as one program, on all processors.
func prepare(t *testing.T, d *Device, defs []*op.Def) {
	t.Helper()
	seen := map[string]bool{}
	units := make([][]*source.Kernel, len(defs))
	for i, o := range defs {
		units[i] = kernelsOf(o, seen)
	}
	errs := make([]error, len(units))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i, kernels := range units {
		if len(kernels) > 0 {
			free <- struct{}{}
			wait.Go(func() {
				_, errs[i] = d.programs.image(source.Join(kernels)) // Prepare finds it on the disk
				<-free
			})
		}
	}
	wait.Wait()
	for i, kernels := range units {
		if errs[i] == nil && len(kernels) > 0 {
			errs[i] = d.Prepare(kernels)
		}
		if errs[i] != nil {
			t.Fatalf("%s: %v", defs[i].Name, errs[i])
		}
	}
}

// kernelsOf are the kernels of the samples of o that seen has not.
func kernelsOf(o *op.Def, seen map[string]bool) (kernels []*source.Kernel) {
	all := optest.Samples(o)
	for i := range all {
		s := &all[i]
		out := make([]engine.Array, len(s.Out))
		for k, y := range s.Out {
			out[k] = engine.Array{DType: y.DType, Shape: y.Shape, Strides: y.Shape.Strides()}
		}
		in := slices.Clone(s.In)
		for k := range in {
			in[k].Buf = nil
		}
		p, err := source.For(o, s.Attrs, out, in)
		if err != nil {
			continue // running the sample says so
		}
		for _, l := range p.Launches {
			if !seen[l.Kernel.Name] {
				seen[l.Kernel.Name] = true
				kernels = append(kernels, l.Kernel)
			}
		}
	}
	return kernels
}

func runSample(t *testing.T, d *Device, o *op.Def, s *optest.Sample) {
	t.Helper()
	in := make([]engine.Array, len(s.In))
	for i, x := range s.In {
		in[i] = toDevice(t, d, x)
	}
	out := make([]engine.Array, len(s.Out))
	for i, y := range s.Out {
		out[i] = engine.Array{DType: y.DType, Shape: y.Shape, Strides: y.Shape.Strides()}
		out[i].Buf = exactly(t, d, y.Shape.Numel()*y.DType.Size())
	}
	got := make([]engine.Array, len(out))
	err := engine.Catch(func() {
		d.Run(o, s.Attrs, out, in)
		for i, y := range out {
			got[i] = fromDevice(d, y)
		}
	})
	for _, x := range append(in, out...) {
		x.Buf.Release()
	}
	if err == nil {
		err = compare(o, s, got)
	}
	if err != nil && !strings.Contains(err.Error(), "has no CUDA form for") {
		t.Errorf("%s: %v", s.Name, err)
	}
}
