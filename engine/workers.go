package engine

// Parallel calls f on chunks that cover [0, n).
func Parallel(n, grain int, f func(lo, hi int)) {
	if n > 0 {
		f(0, n)
	}
}

// Threads returns the number of threads.
func Threads() int { return 1 }

// SetThreads sets the number of threads.
func SetThreads(n int) {}
