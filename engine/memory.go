package engine

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// MemoryStats counts what the pool holds: Buffers of more than 1 KiB. Smaller ones are ordinary Go objects.
type MemoryStats struct {
	Allocated int64        // bytes in Buffers that were not released or collected yet
	Reserved  int64        // bytes in Buffers and in free blocks
	Peak      int64        // the largest Allocated since the start or ResetPeak
	Count     int          // Buffers
	Classes   []ClassStats // the size classes in use, ascending
}

// ClassStats counts the blocks of one size.
type ClassStats struct {
	Size       int // bytes of one block
	Live, Free int // blocks in Buffers, and blocks that wait for one
}

// Memory returns the pool's statistics.
func Memory() MemoryStats {
	s := MemoryStats{
		Allocated: memory.allocated.Load(), Reserved: memory.reserved.Load(), Peak: memory.peak.Load(),
	}
	for i := range memory.classes {
		l := &memory.classes[i]
		l.mu.Lock()
		c := ClassStats{Size: sizeOf(i), Live: l.live, Free: len(l.blocks)}
		l.mu.Unlock()
		if c.Live > 0 || c.Free > 0 {
			s.Classes = append(s.Classes, c)
			s.Count += c.Live
		}
	}
	return s
}

// sizeOf is the block size of a class.
func sizeOf(class int) int {
	e, q := (class-1)/4, (class-1)%4+1
	return 1<<e + q*(1<<e/4)
}

// String is a table for people.
func (s MemoryStats) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tensors %s in %d buffers, peak %s, reserved %s", bytesText(s.Allocated), s.Count,
		bytesText(s.Peak), bytesText(s.Reserved))
	for _, c := range s.Classes {
		fmt.Fprintf(&b, "\n%10s: %d in use, %d free", bytesText(int64(c.Size)), c.Live, c.Free)
	}
	return b.String()
}

// Allocated is Memory().Allocated at the cost of one load.
func Allocated() int64 { return memory.allocated.Load() }

// ResetPeak lets Memory().Peak start again from what is allocated.
func ResetPeak() { memory.peak.Store(memory.allocated.Load()) }

// SetReserveLimit makes the pool drop freed blocks while it holds more than n bytes; the default is
// 8 GiB.
func SetReserveLimit(n int64) { memory.limit.Store(n) }

// EmptyCache collects Buffers that nobody uses any more, drops all free blocks and gives their memory back
// to the operating system, as an idle process should. It takes some milliseconds, and the next Buffers are
// made anew.
func EmptyCache() {
	settle()
	for i := range memory.classes {
		l := &memory.classes[i]
		l.mu.Lock()
		for _, b := range l.blocks {
			memory.reserved.Add(-int64(cap(b)))
		}
		l.blocks = nil
		l.mu.Unlock()
	}
	debug.FreeOSMemory()
}

// settle runs the garbage collector and waits until the cleanups, which give blocks back in goroutines of
// the runtime, add no more.
func settle() {
	runtime.GC()
	last := memory.allocated.Load()
	for same := 0; same < 5; same++ {
		time.Sleep(100 * time.Microsecond)
		if a := memory.allocated.Load(); a != last {
			same, last = 0, a
		}
	}
}
