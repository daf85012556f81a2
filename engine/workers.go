package engine

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Worker goroutines: startWorkers starts threads−1 of them on the first parallel loop; they live as
// long as the process. A worker spins for some microseconds after its last job, because the next
// operator usually follows at once, and then parks on wake. One loop runs in parallel at a time:
// jobs.current holds it, and a loop that finds the place taken (nested in another, or from another
// goroutine) runs in its caller alone. Chunks are claimed one by one, the caller takes part, so a
// worker that the system does not run delays only the chunk that it holds; after such a delay the
// next loops run alone. Every thread begins with the same part of each loop (see claims), because
// the next operator usually reads what this one wrote: the thread finds its part in its own cache,
// and only the last chunks move to whoever is free.
var jobs struct {
	current atomic.Pointer[job]
	threads atomic.Int32 // 0: not set
	usual   int          // LATHE_THREADS, or 0
	parked  atomic.Int32 // workers that wait on wake
	apart   atomic.Int32 // calls of Parts
	alone   atomic.Int64 // until this time (see now) callers run loops without workers
	penalty atomic.Int64 // how long the last time alone was, less what went well since
	mu      sync.Mutex   // guards started
	started int
	wake    chan struct{}
}

func init() {
	jobs.wake = make(chan struct{}, 1024)
	if text := os.Getenv("LATHE_THREADS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "lathe: LATHE_THREADS is %q, want a number ≥ 1; all %d CPUs are used\n", text,
				runtime.GOMAXPROCS(0))
			return
		}
		jobs.usual = n
		SetThreads(n)
	}
}

// job is one parallel loop.
type job struct {
	f       func(lo, hi int)
	n       int
	chunk   int
	chunks  int64
	claims  []claims
	pair    [1]claims    // claims of two threads
	pending atomic.Int64 // chunks that have not finished
	helpers atomic.Int32 // workers that may still join
	waiting atomic.Bool  // the caller waits on done
	done    chan struct{}
	failure atomic.Pointer[any] // the first panic
	start   time.Duration
	own     int    // chunks that the caller ran
	cpu     uint32 // that of the caller
}

// claims are the chunks from … to of a loop, which two threads share: one takes them from the front, the other
// from the back. taken counts both, in its lower and its upper half; a claim is good while their sum is below the
// number of chunks, so that every chunk is taken once.
type claims struct {
	from, to int
	taken    atomic.Uint64
}

// claim returns a chunk from the front or from the back; −1 when none is left.
func (c *claims) claim(back bool) int {
	n := c.to - c.from
	if back {
		t := c.taken.Add(1<<32) - 1<<32
		if k := int(t >> 32); k+int(uint32(t)) < n {
			return c.to - 1 - k
		}
		return -1
	}
	t := c.taken.Add(1) - 1
	if k := int(uint32(t)); k+int(t>>32) < n {
		return c.from + k
	}
	return -1
}

// share deals the chunks to pairs of threads.
func (j *job) share(threads int) {
	j.claims = j.pair[:]
	if pairs := (threads + 1) / 2; pairs > 1 {
		j.claims = make([]claims, pairs)
	}
	n := len(j.claims)
	for i := range j.claims {
		j.claims[i].from, j.claims[i].to = int(j.chunks)*i/n, int(j.chunks)*(i+1)/n
	}
}

// left reports whether there may be chunks to claim.
func (j *job) left() bool {
	for i := range j.claims {
		c := &j.claims[i]
		if t := c.taken.Load(); int(uint32(t))+int(t>>32) < c.to-c.from {
			return true
		}
	}
	return false
}

// late is how much longer than one of its own chunks takes a caller waits for a worker before it is
// sure that the machine is busy.
const late = 200 * time.Microsecond

// Threads returns the number of threads that Parallel uses.
func Threads() int {
	if n := jobs.threads.Load(); n > 0 {
		return int(n)
	}
	return runtime.GOMAXPROCS(0)
}

// mostThreads is more than any machine has use for.
const mostThreads = 1024

// SetThreads sets the number of threads that Parallel uses; 0 is the number of CPUs, unless the environment
// variable LATHE_THREADS says otherwise.
func SetThreads(n int) {
	if n < 0 || n > mostThreads {
		Fail("SetThreads", "%d threads; want 1 to %d, or 0 for as many as there are CPUs", n, mostThreads)
	}
	if n == 0 {
		n = jobs.usual
	}
	jobs.threads.Store(int32(n))
}

// Loops take pieces of at least one grain. Long loops have more of them, so that all threads end at about
// the same time, and so that Interrupt is seen soon.
const (
	chunksPerThread = 4
	longLoop        = 1024 // grains: some milliseconds
	longChunks      = 32   // per thread
)

// Parallel calls f on disjoint chunks lo … hi of at least grain elements (except the last) that
// cover [0, n), on several threads when there is more than one chunk, and returns when all are
// done. A panic in f continues in the caller. The chunks may differ from call to call, so what f
// computes for an element must not depend on them.
func Parallel(n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	Check()
	grain = max(grain, 1)
	if n <= grain {
		f(0, n)
		return
	}
	threads := Threads()
	if threads == 1 {
		serial(n, grain, f)
		return
	}
	chunks := chunksPerThread * threads
	if n/grain > longLoop {
		chunks = longChunks * threads
	}
	chunks = min((n+grain-1)/grain, chunks)
	size := (n + chunks - 1) / chunks
	start := now()
	if start < time.Duration(jobs.alone.Load()) {
		serial(n, grain, f)
		return
	}
	j := &job{f: f, n: n, chunk: size, chunks: int64((n + size - 1) / size), start: start}
	j.cpu = processor()
	if jobs.current.Load() != nil || !jobs.current.CompareAndSwap(nil, j) {
		serial(n, grain, f)
		return
	}
	j.share(min(threads, int(j.chunks)))
	j.pending.Store(j.chunks)
	j.helpers.Store(int32(min(threads, int(j.chunks)) - 1))
	startWorkers(threads - 1)
	for range min(jobs.parked.Load(), j.helpers.Load()) {
		select {
		case jobs.wake <- struct{}{}:
		default:
		}
	}
	j.own = j.work(0)
	jobs.current.Store(nil)
	j.wait()
	if p := j.failure.Load(); p != nil {
		panic(*p)
	}
	Check() // chunks may have been left out
}

// Parts calls f for each of n parts of some work, side by side, and returns when all are done, as Parallel does.
// Loops within, and other ones meanwhile, have their caller alone: Free says so.
func Parts(n int, f func(part int)) {
	jobs.apart.Add(1)
	defer jobs.apart.Add(-1)
	Parallel(n, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// Free returns the number of threads that a loop gets that begins now: 1 while there are Parts, otherwise Threads.
// What a loop computes must not depend on it.
func Free() int {
	if jobs.apart.Load() > 0 {
		return 1
	}
	return Threads()
}

// serialPieces is the number of pieces of a loop without workers, as many as two threads would have.
const serialPieces = 2 * chunksPerThread

// serial runs a loop in its caller alone, in pieces so that Interrupt is seen.
func serial(n, grain int, f func(lo, hi int)) {
	pieces := serialPieces
	if n/grain > longLoop {
		pieces = longChunks
	}
	size := max(grain, (n+pieces-1)/pieces)
	for lo := 0; lo < n; lo += size {
		Check()
		f(lo, min(lo+size, n))
	}
}

// startWorkers starts workers until there are n.
func startWorkers(n int) {
	jobs.mu.Lock()
	for ; jobs.started < n; jobs.started++ {
		go workerLoop(jobs.started + 1)
	}
	jobs.mu.Unlock()
}

// spins is how often a worker looks for a job before it parks, and a caller for its last chunk
// before it yields: some 200 µs of pauses. To wake a thread takes a quarter of that, and a chunk of
// a large loop is as long.
const spins = 3000

// workerLoop is worker number id, from 1 on; the caller of a loop is number 0.
func workerLoop(id int) {
	idle := 0
	var moved mover
	for {
		if j := jobs.current.Load(); j != nil {
			if sameCPU(j.cpu) && !moved.away(j.cpu) { // spinning would only keep the caller from its work
				backOff()
				idle = spins
			} else if j.join(id) {
				idle = 0
				continue
			}
		}
		if memory.collects.Load() { // the collector needs the processor: spinning makes it take ten times as long
			idle = spins
		}
		if idle++; idle < spins {
			pause()
			continue
		}
		jobs.parked.Add(1)
		<-jobs.wake
		jobs.parked.Add(-1)
		idle = 0
	}
}

// mover takes a worker off the CPU of its caller.
type mover struct{ next time.Duration }

// moveAgain is the time after which a worker that has come back to the CPU of its caller is moved again. To
// move takes a tenth of it.
const moveAgain = 500 * time.Microsecond

// away moves the worker to another CPU and reports whether it did: not when it has come back soon, because
// the others are busy then.
func (m *mover) away(cpu uint32) bool {
	t := now()
	if t < m.next || !leave(cpu) {
		return false
	}
	m.next = t + moveAgain
	return true
}

// join lets a worker take part in j; it reports whether there was something to do.
func (j *job) join(id int) bool {
	if j.helpers.Load() <= 0 || !j.left() {
		return false
	}
	if j.helpers.Add(-1) < 0 {
		return false
	}
	j.work(id)
	return true
}

// work claims and runs chunks until none is left, those of thread id first, and returns their number.
func (j *job) work(id int) (n int) {
	for i := range j.claims {
		for c := &j.claims[(id/2+i)%len(j.claims)]; ; n++ {
			k := c.claim(id%2 == 1)
			if k < 0 {
				break
			}
			j.run(k)
		}
	}
	return n
}

func (j *job) run(c int) {
	defer func() {
		if p := recover(); p != nil {
			failure := p // on the heap only here
			j.failure.CompareAndSwap(nil, &failure)
		}
		if j.pending.Add(-1) == 0 && j.waiting.Load() {
			j.done <- struct{}{}
		}
	}()
	if interruption.Load() == nil {
		j.f(c*j.chunk, min((c+1)*j.chunk, j.n))
	}
}

// wait returns when the chunks that workers hold are done. It gives the processor away after a
// short spin, because a worker may need it.
func (j *job) wait() {
	for i := 0; j.pending.Load() > 0; i++ {
		switch {
		case i < spins:
			pause()
		case i < spins+20:
			runtime.Gosched()
		default:
			j.block()
			return
		}
	}
	if p := jobs.penalty.Load(); p > 0 {
		jobs.penalty.Store(p / 2)
	}
}

// block waits for the workers without a processor. A worker that is late although the chunks are
// small was probably descheduled, because other processes use the machine; every loop would wait
// for it again, so for a while loops run alone.
func (j *job) block() {
	start := now()
	j.done = make(chan struct{}, 1)
	j.waiting.Store(true)
	if j.pending.Load() > 0 {
		<-j.done
	}
	usual := (start - j.start) / time.Duration(max(j.own, 1))
	if now()-start > max(2*usual, usual+late) {
		backOff()
	}
}

// The time that loops run alone after a worker was in the way or late.
const (
	shortBack = 100 * time.Microsecond
	longBack  = 10 * time.Millisecond
)

// backOff lets loops run alone: twice as long as the last time, less what went well since.
func backOff() {
	p := min(max(2*jobs.penalty.Load(), int64(shortBack)), int64(longBack))
	jobs.penalty.Store(p)
	jobs.alone.Store(int64(now()) + p)
}

var began = time.Now()

// now is the time since the process began.
func now() time.Duration { return time.Since(began) }
