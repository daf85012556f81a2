package cuda

import (
	"errors"
	"strings"
	"testing"
)

// driverMemory is a raw that has so many bytes and checks what it is given.
type driverMemory struct {
	t    *testing.T
	room int
	next uint64
	live map[uint64]int
}

var errFull = errors.New("OutOfMemory")

func (m *driverMemory) take(n int) (uint64, error) {
	if n > m.room {
		return 0, errFull
	}
	m.room -= n
	m.next += 1 << 20
	m.live[m.next] = n
	return m.next, nil
}

func (m *driverMemory) give(addr uint64) error {
	n, ok := m.live[addr]
	if !ok {
		m.t.Errorf("the driver is given %#x, which it did not give", addr)
	}
	delete(m.live, addr)
	m.room += n
	return nil
}

func newMemory(t *testing.T, room int) (*driverMemory, *allocator) {
	d := &driverMemory{t: t, room: room, live: map[uint64]int{}}
	return d, newAllocator(d, func() {})
}

func mustTake(t *testing.T, a *allocator, n int) uint64 {
	t.Helper()
	addr, err := a.take(n)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestMemoryIsUsedAgain(t *testing.T) {
	_, a := newMemory(t, 1<<20)
	x := mustTake(t, a, 1000)
	a.give(x)
	if y := mustTake(t, a, 900); y != x {
		t.Errorf("another block of that size is at %#x, want %#x", y, x)
	}
	if m := a.memory(); m.Taken != 1 || m.Reused != 1 || m.Allocated != 1024 || m.Peak != 1024 || m.Reserved != 1024 {
		t.Errorf("statistics are %+v", m)
	}
}

func TestBlocksWasteAtMostAQuarter(t *testing.T) {
	for n := 4097; n < 1<<24; n += n/7 + 1 {
		if r := roomFor(n); r < n || r > n+n/4 {
			t.Errorf("the block for %d bytes has %d", n, r)
		}
	}
}

func TestFreeBlocksMakeRoomForOthers(t *testing.T) {
	_, a := newMemory(t, 4096)
	a.give(mustTake(t, a, 4096))
	mustTake(t, a, 512) // does not fit beside the free block
	if m := a.memory(); m.Reserved != 512 {
		t.Errorf("the driver's memory in use is %d, want 512", m.Reserved)
	}
}

func TestGarbageIsCollectedBeforeMemoryRunsOut(t *testing.T) {
	d := &driverMemory{t: t, room: 1024, live: map[uint64]int{}}
	var a *allocator
	var garbage []uint64
	a = newAllocator(d, func() {
		for _, x := range garbage {
			a.give(x)
		}
		garbage = nil
	})
	garbage = append(garbage, mustTake(t, a, 1024))
	mustTake(t, a, 1024)
	_, err := a.take(512)
	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "512 bytes: tensors hold 1024") {
		t.Errorf("error %v", err)
	}
}

func TestMemoryGivenBackTwiceIsADefect(t *testing.T) {
	_, a := newMemory(t, 4096)
	x := mustTake(t, a, 10)
	a.give(x)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	a.give(x)
}

func TestCompiledKernelsAreKeptByWhatTheyDependOn(t *testing.T) {
	c := diskCache{t.TempDir()}
	p := c.path("text", "sm_80", "12.9")
	c.store(p, []byte("image"))
	if b, ok := c.load(p); !ok || string(b) != "image" {
		t.Errorf("loaded %q, %v", b, ok)
	}
	for _, other := range []string{
		c.path("text2", "sm_80", "12.9"), c.path("text", "sm_90", "12.9"), c.path("text", "sm_80", "12.8"),
	} {
		if _, ok := c.load(other); ok || other == p {
			t.Errorf("%s is found too", other)
		}
	}
}

func TestMemoryIsCountedAsTorchDoes(t *testing.T) {
	a := newAllocator(&driverMemory{t: t, room: 2048, live: map[uint64]int{}}, func() {})
	x, _ := a.take(1000)
	y, _ := a.take(512)
	a.give(x)
	if _, err := a.take(1 << 20); err == nil {
		t.Error("1 MiB fits in 2 KiB")
	}
	m := a.memory()
	want := Memory{
		Allocated: 512, Reserved: 512, Peak: 1536, Taken: 2, PeakReserved: 1536, Total: 1536, Blocks: 1, Retries: 2, Refused: 1,
	}
	if m != want {
		t.Errorf("memory is %+v, want %+v", m, want)
	}
	a.resetPeak()
	if m := a.memory(); m.Peak != 512 || m.PeakReserved != 512 {
		t.Errorf("after a reset the peaks are %d and %d", m.Peak, m.PeakReserved)
	}
	a.give(y)
}
