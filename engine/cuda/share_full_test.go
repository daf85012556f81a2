//go:build cuda && full

package cuda

import (
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// The context of a device is tied to threads, goroutines are not: the driver refuses calls from other threads.
func TestGoroutinesShareADevice(t *testing.T) {
	d := open(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			x := eager.Full(float64(g), 100).To(d)
			for range 20 {
				y := x.Mul(2).Add(1)
				if s := y.Sum().Item(); s != float64(100*(2*g+1)) {
					t.Errorf("goroutine %d: the sum is %v, want %d", g, s, 100*(2*g+1))
				}
				y.Release()
			}
		})
	}
	all.Wait()
}

func TestAReleasedTensorIsNotRead(t *testing.T) {
	d := open(t)
	x := eager.Ones(1000).To(d)
	before := d.Memory().Allocated
	x.Mul(2).Release()
	if m := d.Memory().Allocated; m != before {
		t.Errorf("%d bytes are allocated after Release, before it were %d", m, before)
	}
	buf := x.Array().Buf
	x.Release()
	if err := engine.Catch(func() { buf.Addr() }); err == nil {
		t.Error("the address of released memory is given")
	}
}

func TestMemoryThatRunsOutIsAnError(t *testing.T) {
	if onGPU {
		t.Skip("the emulator has 64 MiB, a GPU has many")
	}
	d := open(t)
	err := engine.Catch(func() { eager.Zeros(1 << 25).To(d) })
	if err == nil {
		t.Fatal("128 MiB fit in 64")
	}
	t.Log(err)
	if s := eager.Ones(1 << 20).To(d).Sum().Item(); s != 1<<20 {
		t.Errorf("the device is not usable afterwards: the sum is %v", s)
	}
}
