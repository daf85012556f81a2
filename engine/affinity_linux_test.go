package engine

import (
	"math/bits"
	"runtime"
	"syscall"
	"testing"
)

func TestAThreadThatLeavesACPUMayStillUseAll(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after cpuSet
	if !affinity(syscall.SYS_SCHED_GETAFFINITY, &before) {
		t.Skip("the system does not tell which CPUs a thread may use")
	}
	n, first := 0, -1
	for i, w := range before {
		if n += bits.OnesCount64(w); w != 0 && first < 0 {
			first = 64*i + bits.TrailingZeros64(w)
		}
	}
	if moved := leave(uint32(first)); moved != (n > 1) {
		t.Errorf("leave(%d) with %d CPUs says %v", first, n, moved)
	}
	if !affinity(syscall.SYS_SCHED_GETAFFINITY, &after) || after != before {
		t.Errorf("allowed CPUs were %x, are %x", before[0], after[0])
	}
	one := cpuSet{}
	one[first/64] = 1 << (first % 64)
	if !affinity(syscall.SYS_SCHED_SETAFFINITY, &one) {
		t.Fatal("one CPU of those that are allowed is refused")
	}
	defer affinity(syscall.SYS_SCHED_SETAFFINITY, &before)
	if leave(uint32(first)) {
		t.Error("a thread that may use one CPU has left it")
	}
	if !affinity(syscall.SYS_SCHED_GETAFFINITY, &after) || after != one {
		t.Errorf("one allowed CPU became %x", after[0])
	}
}
