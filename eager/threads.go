package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

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

// SetFastConvolutions says whether convolutions of float32 with kernels of 3×3 and 5×5, and wider ones with strides, may
// use Winograd's algorithm, as they do from the start: two to three times faster, with one to three times the rounding
// error of our sums, 5·10⁻⁷ to 5·10⁻⁶ of the largest result (a value far below its neighbours loses more). Without it they
// are sums over the kernel. Either way results do not depend on the number of threads, and what is not finite is
// where sums put it.
func SetFastConvolutions(on bool) { cpu.SetFastConvolutions(on) }

// FastConvolutions reports whether convolutions may use Winograd's algorithm.
func FastConvolutions() bool { return cpu.FastConvolutions() }
