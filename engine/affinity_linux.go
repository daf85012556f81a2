package engine

import (
	"runtime"
	"syscall"
	"unsafe"
)

// cpuSet has a bit for each CPU; systems with more of them refuse it.
type cpuSet [1024 / 64]uint64

// leave moves the calling goroutine's thread to another CPU than the given one and reports whether it could:
// not where the process may use no other. The system does so by itself, but on virtual machines it takes
// a CPU that sleeps for one that the host uses, and lets a thread that wakes share that of its waker.
// Which CPUs the thread may use is as before afterwards.
func leave(cpu uint32) bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all cpuSet
	if int(cpu) >= len(all)*64 || !affinity(syscall.SYS_SCHED_GETAFFINITY, &all) {
		return false
	}
	others := all
	others[cpu/64] &^= 1 << (cpu % 64)
	if others == (cpuSet{}) || !affinity(syscall.SYS_SCHED_SETAFFINITY, &others) {
		return false
	}
	affinity(syscall.SYS_SCHED_SETAFFINITY, &all)
	return true
}

// affinity calls the system for the calling thread.
func affinity(trap uintptr, set *cpuSet) bool {
	_, _, err := syscall.RawSyscall(trap, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	return err == 0
}
