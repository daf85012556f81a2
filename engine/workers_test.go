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

func TestClaimsAreGivenOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 4, 7} {
		for _, chunks := range []int{1, 2, 3, 8, 9, 31} {
			given := make([]atomic.Int32, chunks)
			j := &job{chunks: int64(chunks), n: chunks, chunk: 1}
			j.f = func(lo, _ int) { given[lo].Add(1) }
			j.pending.Store(int64(chunks))
			j.share(min(threads, chunks))
			var wg sync.WaitGroup
			for id := range threads {
				wg.Go(func() { j.work(id) })
			}
			wg.Wait()
			for c := range given {
				if n := given[c].Load(); n != 1 {
					t.Errorf("%d threads, %d chunks: chunk %d was given %d times", threads, chunks, c, n)
				}
			}
			if j.left() || j.pending.Load() != 0 {
				t.Errorf("%d threads, %d chunks: %d chunks pending after all work", threads, chunks, j.pending.Load())
			}
		}
	}
}

// What a thread wrote in one loop is in its cache in the next.
func TestAThreadBeginsWithTheSamePartOfEachLoop(t *testing.T) {
	for _, c := range []struct{ threads, chunks, id, first int }{
		{2, 8, 0, 0},
		{2, 8, 1, 7},
		{2, 2, 1, 1},
		{4, 16, 0, 0},
		{4, 16, 1, 7},
		{4, 16, 2, 8},
		{4, 16, 3, 15},
	} {
		first := -1
		j := &job{chunks: int64(c.chunks), n: c.chunks, chunk: 1}
		j.f = func(lo, _ int) {
			if first < 0 {
				first = lo
			}
		}
		j.pending.Store(int64(c.chunks))
		j.share(c.threads)
		if n := j.work(c.id); n != c.chunks || first != c.first {
			t.Errorf("thread %d of %d began with chunk %d and did %d of %d alone, want to begin with %d", c.id, c.threads,
				first, n, c.chunks, c.first)
		}
	}
}

func TestPartsHaveTheThreads(t *testing.T) {
	withThreads(t, 3)
	var done [7]atomic.Int32
	Parts(len(done), func(q int) {
		done[q].Add(1)
		if Free() != 1 {
			t.Errorf("%d threads are free in part %d", Free(), q)
		}
	})
	for q := range done {
		if n := done[q].Load(); n != 1 {
			t.Errorf("part %d was done %d times", q, n)
		}
	}
	if Free() != 3 {
		t.Errorf("%d threads are free after all parts, want 3", Free())
	}
	func() {
		defer func() { _ = recover() }()
		Parts(2, func(int) { panic("bad") })
	}()
	if Free() != 3 {
		t.Errorf("%d threads are free after a panic, want 3", Free())
	}
}
