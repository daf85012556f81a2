package engine

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Device is a place other than the CPU that has memory of its own. Package engine/op has the part that runs
// operators (op.Device).
type Device interface {
	// String names the device: "cuda:0".
	String() string
	// New returns a Buffer of n bytes of unspecified contents. It panics with *Error when there is no room.
	New(n int) *Buffer
	// Upload copies p to the memory of b from byte at on, Download the other way. They wait for work on b, and
	// panic with the *Error of work that did not succeed.
	Upload(b *Buffer, at int, p []byte)
	Download(p []byte, b *Buffer, at int)
	// Synchronize waits for all work of the device and panics with the *Error of what did not succeed.
	Synchronize()
}

// Prefetcher is a Device that copies beside its other work.
type Prefetcher interface {
	Device
	// Prefetch begins to copy p to new memory and returns. What is given to the device before arrived is called does
	// not wait for the copy, and must not read it; what comes later does. p may be changed at once.
	Prefetch(p []byte) (b *Buffer, arrived func())
}

// MemoryReporter is a Device that counts its memory, under the names of torch.cuda.memory_stats:
// allocated_bytes.all.current, allocated_bytes.all.peak, reserved_bytes.all.current, num_alloc_retries …
type MemoryReporter interface {
	Device
	MemoryStats() map[string]int64
	// ResetPeak makes the peaks what is in use now.
	ResetPeak()
}

// Usage is how much of a Device all processes use.
type Usage struct {
	Busy        float64 // part of the time in which it computed, 0…1, over the driver's last period (1/6 s to 1 s)
	Used, Total int64   // memory in bytes
}

// UsageReporter is a Device that knows how much of it is used.
type UsageReporter interface {
	Device
	// Usage asks the driver; the error says why it does not tell.
	Usage() (Usage, error)
}

// Timer is a Device that measures its own work.
type Timer interface {
	Device
	// Mark marks the place behind the work that was given so far.
	Mark() Mark
}

// Mark is a place in the work of a Device.
type Mark interface {
	// Since waits for the work before the mark and returns what passed on the device since an earlier one.
	Since(earlier Mark) time.Duration
}

// remotes counts the Buffers in memory of devices: without any nobody looks for them.
var remotes atomic.Int64

// HasRemote reports whether there are Buffers in memory of a Device.
func HasRemote() bool { return remotes.Load() != 0 }

// memoryOf is where a remote Buffer lies. Give is called once, with Release or by the collector.
type memoryOf struct {
	device Device
	addr   uint64
	size   int
	freed  atomic.Bool
	give   func() // nil: memory of another Buffer, or none yet
	plain  Lazy   // that of a Buffer whose contents are there
}

// placeOn is memory of n bytes that is still to come, or another Buffer's.
func placeOn(d Device, n int) *memoryOf {
	m := &memoryOf{device: d, size: n}
	m.plain.remote = m
	return m
}

func (m *memoryOf) free() {
	if m.give != nil && m.freed.CompareAndSwap(false, true) {
		remotes.Add(-1)
		m.give()
	}
}

// NewRemote returns a Buffer over n bytes at addr of a device's memory. give is called when nobody can use it
// any more, from any goroutine.
func NewRemote(d Device, addr uint64, n int, give func()) *Buffer {
	b := &Buffer{}
	m := placeOn(d, n)
	m.addr, m.give = addr, give
	remotes.Add(1)
	b.lazy.Store(&m.plain)
	b.state.Or(remote)
	b.cleanup = runtime.AddCleanup(b, (*memoryOf).free, m)
	return b
}

func (b *Buffer) remoteMemory() *memoryOf {
	if b == nil || b.state.Load()&remote == 0 {
		return nil
	}
	return b.lazy.Load().remote
}

// Device returns where the memory of b is; nil: in that of the CPU.
func (b *Buffer) Device() Device {
	if m := b.remoteMemory(); m != nil {
		return m.device
	}
	return nil
}

// Addr returns the address of a remote Buffer on its device, once work on it that was put off is given to the device.
func (b *Buffer) Addr() uint64 {
	if b != nil {
		if l := b.DeferredBy(); l != nil {
			l.Force(b)
		}
	}
	m := b.remoteMemory()
	if m == nil || m.addr == 0 || m.freed.Load() {
		Fail("memory", "the tensor was released, or is not on a device")
	}
	return m.addr
}

// Device returns where the elements of a are; nil: in the memory of the CPU.
func (a Array) Device() Device { return a.Buf.Device() }

// NewArrayOn is NewArray in the memory of d; nil: of the CPU.
func NewArrayOn(d Device, t DType, s Shape) Array {
	if d == nil {
		return NewArray(t, s)
	}
	return Array{DType: t, Shape: s, Strides: s.Strides(), Buf: d.New(s.Numel() * t.Size())}
}
