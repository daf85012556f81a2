//go:build linux

package codegen

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// TestMachineCodeStaysWithinItsArrays has arrays that end and begin at pages without access.
func TestMachineCodeStaysWithinItsArrays(t *testing.T) {
	page := unix.Getpagesize()
	fenced := func() []byte {
		mem, err := unix.Mmap(-1, 0, 3*page, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err == nil {
			err = unix.Mprotect(mem[page:2*page], unix.PROT_READ|unix.PROT_WRITE)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Munmap(mem) })
		return mem[page : 2*page]
	}
	x, y := fenced(), fenced()
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		for n := 1; n <= 40; n++ {
			for _, end := range []bool{false, true} {
				within[float32](t, engine.F32, x, y, n, end)
				within[float64](t, engine.F64, x, y, n, end)
			}
		}
	})
}

// within doubles n numbers at the begin or the end of a page.
func within[T number](t *testing.T, dtype engine.DType, x, y []byte, n int, end bool) {
	at := 0
	if end {
		at = len(x) - n*dtype.Size()
	}
	in, out := unsafe.Slice((*T)(unsafe.Pointer(&x[at])), n), unsafe.Slice((*T)(unsafe.Pointer(&y[at])), n)
	for i := range in {
		in[i] = T(i) + 0.5
	}
	l := &Loop{DType: dtype, Inputs: 1, Code: []Ins{{Def: op.Add}}, Outputs: []int{1}}
	if !coded(l) {
		t.Fatal(l.Interpreted())
	}
	l.Run([]engine.Array{engine.Of(engine.Shape{n}, out)}, []engine.Array{engine.Of(engine.Shape{n}, in)})
	for i := range out {
		if out[i] != 2*T(i)+1 {
			t.Fatalf("%v element %d of %d is %v", dtype, i, n, out[i])
		}
	}
}
