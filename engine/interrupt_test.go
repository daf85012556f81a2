package engine

import (
	"sync/atomic"
	"testing"
)

func TestInterruptLeavesALoopBetweenChunks(t *testing.T) {
	defer Resume()
	for _, threads := range []int{1, 2, 3} {
		withThreads(t, threads)
		var done atomic.Int64
		n := 2 * longLoop
		err := Catch(func() {
			Parallel(n, 1, func(lo, hi int) {
				done.Add(int64(hi - lo))
				Interrupt("enough")
			})
		})
		if err == nil || err.Error() != "interrupted: enough" {
			t.Errorf("%d threads: error %v", threads, err)
		}
		if got := done.Load(); got == 0 || got > int64(n)/4 {
			t.Errorf("%d threads: %d of %d elements were visited", threads, got, n)
		}
		if err := Catch(func() { Parallel(1, 1, func(int, int) { t.Error("runs after Interrupt") }) }); err == nil {
			t.Errorf("%d threads: a loop begins after Interrupt", threads)
		}
		Resume()
		ran := false
		Parallel(1, 1, func(int, int) { ran = true })
		if !ran {
			t.Error("no loop runs after Resume")
		}
	}
}

func TestANegativeNumberOfThreadsIsRefused(t *testing.T) {
	if err := Catch(func() { SetThreads(-1) }); err == nil {
		t.Error("accepted")
	}
}
