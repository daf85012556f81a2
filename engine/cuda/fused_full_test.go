//go:build cuda && full

package cuda

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/cuda/source/sourcetest"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// fused is a loop with its operands on the CPU and on the device.
type fused struct {
	name          string
	want, got, on []engine.Array
	plan          *source.Plan
}

func fuse(t *testing.T, d *Device, name string, l *codegen.Loop) *fused {
	t.Helper()
	f := &fused{name: name}
	var in []engine.Array
	for i := range l.Inputs {
		x := engine.NewArray(l.DType, engine.Shape{3, 70})
		if i == l.Inputs-1 {
			x = engine.NewArray(l.DType, engine.Shape{70}) // a row
		}
		sourcetest.Fill(x, i)
		in, f.on = append(in, x), append(f.on, toDevice(t, d, x).Expand(engine.Shape{3, 70}))
	}
	for range l.Outputs {
		f.want = append(f.want, engine.NewArray(l.DType, engine.Shape{3, 70}))
		f.got = append(f.got, engine.NewArrayOn(d, l.DType, engine.Shape{3, 70}))
	}
	l.Run(f.want, in)
	var err error
	if f.plan, err = source.Fused(l, f.got, f.on); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func TestFusedLoopsGiveWhatTheCPUGives(t *testing.T) {
	d := open(t)
	var all []*fused
	var kernels []*source.Kernel
	for name, l := range sourcetest.Loops() {
		f := fuse(t, d, name, l)
		all, kernels = append(all, f), append(kernels, f.plan.Launches[0].Kernel)
	}
	if err := d.Prepare(kernels); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, order := range orders() {
			t.Setenv("LATHE_EMULATE_ORDER", order)
			d.execute("Fused", f.plan)
			f.compare(t, d)
		}
	}
	t.Logf("%d loops in %d orders", len(all), len(orders()))
}

func (f *fused) compare(t *testing.T, d *Device) {
	t.Helper()
	for k := range f.want {
		w, g := sourcetest.Floats(f.want[k]), sourcetest.Floats(fromDevice(d, f.got[k]))
		for i := range w {
			if g[i] != g[i] && w[i] != w[i] {
				continue // outside of the domain
			}
			if !(math.Abs(g[i]-w[i]) <= 1e-5*max(1, math.Abs(w[i]))) {
				t.Errorf("%s: result %d, element %d is %v, want %v", f.name, k, i, g[i], w[i])
				return
			}
		}
	}
}
