package eager

import "github.com/lathe-ml/lathe/engine"

// SetThreads sets the number of threads that operators use; 0 is as many as there are CPUs, or the value of
// the environment variable LATHE_THREADS. Results do not depend on it.
func SetThreads(n int) { engine.SetThreads(n) }

// Threads returns the number of threads that operators use.
func Threads() int { return engine.Threads() }

// Memory returns how much memory tensors use, and the peak since the start or ResetPeak.
func Memory() engine.MemoryStats { return engine.Memory() }

// ResetPeak lets Memory().Peak start again from what is in use now.
func ResetPeak() { engine.ResetPeak() }

// EmptyCache gives memory that no tensor uses any more back to the operating system.
func EmptyCache() { engine.EmptyCache() }
