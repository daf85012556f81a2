package cuda

import (
	"fmt"
	"math/bits"
	"sync"
)

// raw is memory of the driver.
type raw interface {
	take(n int) (addr uint64, err error)
	give(addr uint64) error
}

// Memory says how much memory of a device is used.
type Memory struct {
	Allocated int64 // bytes in tensors
	Reserved  int64 // bytes that the driver has given
	Peak      int64 // the most that Allocated was
	Reused    int64 // blocks that were taken from the free ones
	Taken     int64 // blocks that the driver was asked for

	PeakReserved int64 // the most that Reserved was
	Total        int64 // bytes that tensors took since the start
	Blocks       int64 // in tensors
	Retries      int64 // times that free blocks were given back, or garbage collected, for room
	Refused      int64 // times that there was no room all the same
}

// allocator keeps blocks that are free for the next use: to ask the driver waits for the device. Blocks may be
// used again at once because all work of a device is in the order in which it is given. It is safe for
// concurrent use.
type allocator struct {
	raw raw
	// collect makes others give blocks back when the driver has none; it may do nothing.
	collect func()

	mu    sync.Mutex
	free  map[int][]uint64 // by size
	live  map[uint64]int   // size
	stats Memory
}

func newAllocator(r raw, collect func()) *allocator {
	return &allocator{raw: r, collect: collect, free: map[int][]uint64{}, live: map[uint64]int{}}
}

// roomFor is the size of the block for n bytes: multiples of 512, then powers of two and three steps between
// each and the next.
func roomFor(n int) int {
	n = max(n, 1)
	if n <= 4096 {
		return (n + 511) &^ 511
	}
	step := 1 << (bits.Len(uint(n-1)) - 3)
	return (n + step - 1) / step * step
}

// take returns the address of n bytes.
func (a *allocator) take(n int) (uint64, error) {
	size := roomFor(n)
	addr, err := a.tryTake(size)
	for _, more := range []func(){a.drop, func() { a.collect(); a.drop() }} {
		if err == nil {
			return addr, nil
		}
		more()
		a.count(func(m *Memory) { m.Retries++ })
		addr, err = a.tryTake(size)
	}
	if err != nil {
		a.count(func(m *Memory) { m.Refused++ })
		m := a.memory()
		return 0, fmt.Errorf("no room for %d bytes: tensors hold %d, the driver says %w", n, m.Allocated, err)
	}
	return addr, nil
}

func (a *allocator) tryTake(size int) (uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var addr uint64
	if l := a.free[size]; len(l) > 0 {
		addr, a.free[size] = l[len(l)-1], l[:len(l)-1]
		a.stats.Reused++
	} else {
		var err error
		if addr, err = a.raw.take(size); err != nil {
			return 0, err
		}
		a.stats.Reserved += int64(size)
		a.stats.PeakReserved = max(a.stats.PeakReserved, a.stats.Reserved)
		a.stats.Taken++
	}
	a.live[addr] = size
	a.stats.Allocated += int64(size)
	a.stats.Total += int64(size)
	a.stats.Blocks++
	a.stats.Peak = max(a.stats.Peak, a.stats.Allocated)
	return addr, nil
}

// give takes a block back.
func (a *allocator) give(addr uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	size, ok := a.live[addr]
	if !ok {
		panic(fmt.Sprintf("cuda: memory at %#x is given back twice, or was never taken", addr))
	}
	delete(a.live, addr)
	a.free[size] = append(a.free[size], addr)
	a.stats.Allocated -= int64(size)
	a.stats.Blocks--
}

// drop gives free blocks back to the driver.
func (a *allocator) drop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for size, l := range a.free {
		for _, addr := range l {
			if a.raw.give(addr) == nil {
				a.stats.Reserved -= int64(size)
			}
		}
	}
	clear(a.free)
}

func (a *allocator) count(f func(m *Memory)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(&a.stats)
}

func (a *allocator) resetPeak() {
	a.count(func(m *Memory) { m.Peak, m.PeakReserved = m.Allocated, m.Reserved })
}

func (a *allocator) memory() Memory {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stats
}
