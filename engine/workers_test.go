package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func withThreads(t testing.TB, n int) {
	SetThreads(n)
	t.Cleanup(func() { SetThreads(0) })
}

func TestParallelVisitsEveryElementOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		withThreads(t, threads)
		for _, n := range []int{0, 1, 2, 7, 100, 1001} {
			for _, grain := range []int{0, 1, 3, 100, 5000} {
				seen := make([]atomic.Int32, n)
				Parallel(n, grain, func(lo, hi int) {
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if seen[i].Load() != 1 {
						t.Fatalf("threads %d, n %d, grain %d: element %d visited %d times",
							threads, n, grain, i, seen[i].Load())
					}
				}
			}
		}
	}
}

func TestNestedAndConcurrentLoopsFinish(t *testing.T) {
	withThreads(t, 3)
	var sum atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				Parallel(20, 1, func(lo, hi int) {
					Parallel(hi-lo, 1, func(a, b int) { sum.Add(int64(b - a)) })
				})
			}
		}()
	}
	wg.Wait()
	if sum.Load() != 4*50*20 {
		t.Errorf("visited %d elements, want %d", sum.Load(), 4*50*20)
	}
}

func TestAPanicInALoopReachesTheCaller(t *testing.T) {
	withThreads(t, 2)
	for bad := range 8 {
		func() {
			defer func() {
				if p := recover(); p != "bad" {
					t.Errorf("recovered %v", p)
				}
			}()
			Parallel(8, 1, func(lo, hi int) {
				if lo <= bad && bad < hi {
					panic("bad")
				}
			})
		}()
	}
	n := 0
	Parallel(1, 1, func(lo, hi int) { n += hi - lo })
	if n != 1 {
		t.Error("no loop runs after a panic")
	}
}

func BenchmarkParallel(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("fork_join_%d", threads), func(b *testing.B) {
			withThreads(b, threads)
			b.ReportAllocs()
			for b.Loop() {
				Parallel(8, 1, func(lo, hi int) {})
			}
		})
	}
}

func TestALateWorkerMakesTheNextLoopsRunAlone(t *testing.T) {
	reset := func() { jobs.alone.Store(0); jobs.penalty.Store(0) }
	reset() // earlier tests may have left some
	defer reset()
	j := &job{start: now(), own: 1, f: func(int, int) {}}
	j.pending.Store(1)
	go func() {
		time.Sleep(20 * time.Millisecond)
		j.run(0)
	}()
	j.block()
	first := jobs.penalty.Load()
	if jobs.alone.Load() == 0 || first < int64(shortBack) { // a busy machine may add to it
		t.Fatalf("the caller waited 20 ms; alone until %d, penalty %d", jobs.alone.Load(), first)
	}
	backOff()
	if got := jobs.penalty.Load(); got != 2*first {
		t.Errorf("a second late worker costs %d, want %d", got, 2*first)
	}
	for range 20 {
		backOff()
	}
	if got := jobs.penalty.Load(); got != int64(longBack) {
		t.Errorf("the penalty grew to %d, want %d at most", got, longBack)
	}
	jobs.alone.Store(int64(now() + time.Hour))
	seen := 0
	Parallel(10, 1, func(lo, hi int) {
		if lo != seen || jobs.current.Load() != nil {
			t.Errorf("elements %d to %d after %d, job %v", lo, hi, seen, jobs.current.Load())
		}
		seen = hi
	})
	if seen != 10 {
		t.Errorf("a loop alone ended at %d of 10", seen)
	}
}

// What it costs to wake a worker that has parked.
func BenchmarkWake(b *testing.B) {
	withThreads(b, 2)
	for b.Loop() {
		b.StopTimer()
		time.Sleep(200 * time.Microsecond)
		b.StartTimer()
		Parallel(2, 1, func(lo, hi int) {})
	}
}
