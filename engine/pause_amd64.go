package engine

import "runtime"

// pause tells the processor that the caller spins.
//
//go:noescape
func pause()

// processor returns the number of the CPU that runs the caller, where the system sets it.
//
//go:noescape
func processor() uint32

// sameCPU reports whether the caller runs on the given CPU, which a worker and its caller do when
// other processes hold the others.
func sameCPU(cpu uint32) bool { return runtime.GOOS == "linux" && processor() == cpu }
