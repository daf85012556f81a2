package engine

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"
)

func TestBuffersAreAligned(t *testing.T) {
	for n := range 5000 {
		for _, m := range []int{n, n * 37, n * 1001} {
			b := NewBuffer(m)
			if b.Len() != m {
				t.Fatalf("NewBuffer(%d) has %d bytes", m, b.Len())
			}
			if m > 0 && uintptr(unsafe.Pointer(&b.Bytes()[0]))%64 != 0 {
				t.Fatalf("NewBuffer(%d) is at %p", m, &b.Bytes()[0])
			}
			b.Release()
		}
	}
}

func TestClassesAreMonotonousAndWasteAtMostAQuarter(t *testing.T) {
	last, lastSize := uint16(0), 0
	for n := smallest; n < 1<<20; n += 7 {
		c, size := classOf(n)
		if size < n || n > smallest && size > n+n/4+1 {
			t.Fatalf("classOf(%d) = %d bytes", n, size)
		}
		if c < last || (c == last) != (size == lastSize) {
			t.Fatalf("classOf(%d) = %d, %d after %d, %d", n, c, size, last, lastSize)
		}
		last, lastSize = c, size
	}
}

func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	b := NewBuffer(1 << 20)
	p := &b.Bytes()[0]
	b.Release()
	b.Release()
	if b.Len() != 0 {
		t.Errorf("a released buffer has %d bytes", b.Len())
	}
	c := NewBuffer(1<<20 - 100)
	if &c.Bytes()[0] != p {
		t.Error("the block was not used again")
	}
	d := NewBuffer(1 << 20)
	if &d.Bytes()[0] == p {
		t.Error("a block has two owners")
	}
	runtime.KeepAlive(c)
}

func TestUnreachableBuffersComeBack(t *testing.T) {
	before := Memory().Allocated
	for range 10 {
		NewBuffer(3 << 20)
	}
	for i := 0; Memory().Allocated > before; i++ {
		if i == 1000 {
			t.Fatalf("%d bytes are still allocated", Memory().Allocated-before)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

func TestStatisticsCountWhatLives(t *testing.T) {
	settle()
	ResetPeak()
	s := Memory()
	a, b := NewBuffer(1<<22), NewBuffer(1<<22)
	if got := Memory(); got.Allocated < s.Allocated+8<<20 && got.Peak < s.Allocated+8<<20 {
		t.Errorf("two buffers of 4 MiB: %+v after %+v", got, s)
	}
	a.Release()
	b.Release()
	EmptyCache()
	if got := Memory(); got.Reserved < got.Allocated {
		t.Errorf("reserved is less than allocated: %+v", got)
	}
}

func TestTheReserveLimitDropsFreedBlocks(t *testing.T) {
	SetReserveLimit(0)
	defer SetReserveLimit(8 << 30)
	b := NewBuffer(5 << 20)
	r := Memory().Reserved
	b.Release()
	if got := Memory().Reserved; got > r-5<<20 {
		t.Errorf("reserved %d → %d", r, got)
	}
}

func TestConcurrentBuffersDoNotOverlap(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 300 {
				b := NewBuffer(4096 + i)
				m := b.Bytes()
				for j := range m {
					m[j] = byte(g)
				}
				runtime.Gosched()
				for j := range m {
					if m[j] != byte(g) {
						t.Error("another goroutine wrote to this buffer")
						return
					}
				}
				if i%2 == 0 {
					b.Release()
				}
				if i%100 == 0 {
					runtime.GC()
				}
			}
		}()
	}
	wg.Wait()
}

func BenchmarkNewBuffer(b *testing.B) {
	for _, n := range []int{64, 1024, 4096, 1 << 16, 1 << 20} {
		b.Run(fmt.Sprintf("release_%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewBuffer(n).Release()
			}
		})
		b.Run(fmt.Sprintf("collect_%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewBuffer(n)
			}
		})
	}
}
