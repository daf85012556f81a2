package engine

import (
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"runtime/debug"
	"time"
)

// Blocks from bigBlock on are compared with the memory limit of the process before they are made: the
// Go runtime ends the process when it cannot get memory, and a host may do so earlier.
const (
	bigBlock = 64 << 20
	noLimit  = 16 << 40 // of a single block, where the process has no limit
)

// byteSize returns the bytes of a row-major array, and fails for those that no process can have.
func byteSize(t DType, s Shape) int {
	n := uint64(t.Size())
	for _, d := range s {
		if d == 0 {
			return 0
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > math.MaxInt64 || d < 0 {
			Fail("memory", "%v%v has more elements than fit into any memory", t, s)
		}
		n = lo
	}
	if n >= bigBlock {
		fits(int64(n), func() string { return fmt.Sprintf("%v%v", t, s) })
	}
	return int(n)
}

// fits fails when a block of size bytes would bring the process above its memory limit
// (debug.SetMemoryLimit), also after a garbage collection.
func fits(size int64, what func() string) {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		limit = noLimit
	}
	used := memory.allocated.Load()
	if size <= limit-used {
		return
	}
	if size <= limit {
		runtime.GC()
		for range 20 { // the cleanups that give blocks back run in goroutines of the runtime
			time.Sleep(time.Millisecond)
			if used = memory.allocated.Load(); size <= limit-used {
				return
			}
		}
	}
	Fail("memory", "%s needs %s, other tensors use %s, and %s are allowed; use smaller shapes or batches, "+
		"drop tensors that are done with, or raise the memory limit", what(), bytesText(size), bytesText(used),
		bytesText(limit))
}

// bytesText is a number of bytes as a person reads it.
func bytesText(n int64) string {
	v, unit := float64(n), 0
	for v >= 1024 && unit < 5 {
		v /= 1024
		unit++
	}
	return fmt.Sprintf("%.3g %s", v, [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}[unit])
}
