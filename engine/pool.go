package engine

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// The pool keeps freed blocks by size class: a class is a power of two or one of three steps
// between it and the next, so at most a fifth of a block is unused. Blocks are ordinary Go memory,
// hence the garbage collector sees the true heap. A block comes back when its Buffer is unreachable
// (a cleanup, run by the runtime's own goroutine) or by Release. Each class has its own lock; the
// totals are atomic.
var memory struct {
	classes   [4 * 48]freeList
	allocated atomic.Int64 // bytes in Buffers
	reserved  atomic.Int64 // bytes in Buffers and free blocks
	peak      atomic.Int64 // largest value of allocated
	limit     atomic.Int64 // free blocks are dropped while reserved is above
	live      atomic.Int64 // allocated after the last collection that the pool asked for
	largest   atomic.Int64 // size of the largest Buffer made since then
	collects  atomic.Bool  // a collection that the pool asked for runs
}

// headroom counts as part of the heap but is never touched, hence costs no memory. It lets some 16 MiB of
// small garbage gather before the collector runs, instead of 4: tensors of a few elements are nothing
// but small garbage.
var headroom = make([]byte, 16<<20)

func init() {
	memory.limit.Store(8 << 30)
	runtime.KeepAlive(&headroom)
}

type freeList struct {
	mu     sync.Mutex
	blocks [][]byte
	live   int // blocks in Buffers
}

// block is the memory of a Buffer and its class.
type block struct {
	mem   []byte
	class uint16
}

// smallest is the size of the smallest pooled block. Less is cheaper to allocate than to track.
const smallest = 2048

// alignment is that of a cache line and of the widest vector register.
const alignment = 64

// classOf returns the class of n bytes and its block size.
func classOf(n int) (class uint16, size int) {
	n = max(n, smallest)
	e := bits.Len(uint(n-1)) - 1 // 2^e < n ≤ 2^(e+1), or n = 2^e+… of the smallest
	step := 1 << e / 4
	q := (n - 1<<e + step - 1) / step // 1 … 4
	return uint16(4*e + q), 1<<e + q*step
}

// allocate returns a Buffer of n bytes, 64-byte aligned.
func allocate(n int) *Buffer {
	if n <= smallest/2 {
		// Multiples of 64 are size classes of the Go runtime and aligned as such.
		return &Buffer{mem: make([]byte, (n+alignment-1)&^(alignment-1))[:n]}
	}
	class, size := classOf(n)
	if s := int64(size); s > memory.largest.Load() {
		memory.largest.Store(s)
	}
	l := &memory.classes[class]
	mem := l.pop()
	if mem == nil && collect(l, size) {
		mem = l.pop()
	}
	if mem == nil {
		mem = l.newBlock(size)
	}
	if a := memory.allocated.Add(int64(size)); a > memory.peak.Load() {
		raisePeak(a)
	}
	b := &Buffer{mem: mem[:n], class: class + 1}
	b.cleanup = runtime.AddCleanup(b, giveBack, block{mem, class})
	return b
}

func raisePeak(a int64) {
	for {
		p := memory.peak.Load()
		if a <= p || memory.peak.CompareAndSwap(p, a) {
			return
		}
	}
}

func (l *freeList) pop() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := len(l.blocks) - 1
	if k < 0 {
		return nil
	}
	l.live++
	mem := l.blocks[k]
	l.blocks[k] = nil
	l.blocks = l.blocks[:k]
	return mem
}

// garbage is how much may be allocated since the last collection before the pool asks for another,
// unless more than garbageShare times that is in use. A collection takes as long as a pass over 10 MiB and more: large blocks
// wait for more of their size, and small blocks that are missing beside them (the means of a layer norm)
// do not make the pool collect sooner.
const (
	garbage      = 16 << 20
	largeGarbage = 64 << 20
	manyBlocks   = 16
	garbageShare = 2
)

// collect runs the garbage collector when the blocks that were allocated since the last time
// outweigh half of those that were in use then: Buffers that nobody uses any more probably wait for it.
// Without that, a loop that drops Buffers would grow the pool at the runtime's own pace. It reports
// whether l may have blocks now.
func collect(l *freeList, size int) bool {
	live := memory.live.Load()
	room := max(live/garbageShare, garbage, min(manyBlocks*memory.largest.Load(), largeGarbage))
	if memory.allocated.Load()+int64(size) <= live+room ||
		!memory.collects.CompareAndSwap(false, true) {
		return false
	}
	defer memory.collects.Store(false)
	last := cleanUp(time.Millisecond)
	memory.live.Store(last)
	memory.largest.Store(0)
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.blocks) > 0
}

// mark is an object of no use. It holds a pointer because the runtime joins small ones without, which die together.
type mark struct{ _ *mark }

// cleanUp runs the garbage collector, waits until cleanups, which run in goroutines of the runtime, have given
// the memory back, but no longer than patience, and returns what is allocated then. A mark that dies at the same
// time tells when: each runtime.Gosched in a loop would wake a thread, which takes longer than the cleanups.
func cleanUp(patience time.Duration) int64 {
	done := make(chan struct{}, 1)
	runtime.AddCleanup(new(mark), func(c chan struct{}) { c <- struct{}{} }, done)
	runtime.GC()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	last := memory.allocated.Load()
	for same := 0; same < 2; same++ { // cleanups of other processors
		runtime.Gosched()
		if a := memory.allocated.Load(); a != last {
			same, last = 0, a
		}
	}
	return last
}

// newBlock allocates an aligned block of the class of l.
func (l *freeList) newBlock(size int) []byte {
	memory.reserved.Add(int64(size))
	l.mu.Lock()
	l.live++
	l.mu.Unlock()
	mem := make([]byte, size)
	if r := uintptr(unsafe.Pointer(&mem[0])) % alignment; r != 0 {
		mem = make([]byte, size+alignment)
		off := -uintptr(unsafe.Pointer(&mem[0])) % alignment
		mem = mem[off : int(off)+size : int(off)+size]
	}
	hugePages(mem)
	return mem
}

// giveBack puts a block into its free list, or drops it when the pool holds more than its limit.
func giveBack(b block) {
	size := int64(cap(b.mem))
	memory.allocated.Add(-size)
	l := &memory.classes[b.class]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live--
	if memory.reserved.Load() > memory.limit.Load() {
		memory.reserved.Add(-size)
		return
	}
	l.blocks = append(l.blocks, b.mem[:cap(b.mem)])
}
