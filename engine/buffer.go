package engine

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Buffer is a block of memory: of a Device, or of the host and then 64-byte aligned when it comes from NewBuffer.
// Its version counts in-place writes, so that a tape can tell that a saved value was changed.
type Buffer struct {
	mem     []byte
	cleanup runtime.Cleanup
	version atomic.Uint32
	uses    atomic.Int32         // 2 for each Hold, and 1 after Forget
	lazy    atomic.Pointer[Lazy] // computes the contents, while the Buffer is deferred
	state   atomic.Uint32
	class   uint16 // size class + 1; 0: not from the pool
}

// Bits of the state of a Buffer; with none of unready its contents can be read.
const (
	gone     uint32 = 1 << iota // released
	deferred                    // see Lazy
	shared                      // Go code may write to the memory without telling
	remote                      // in the memory of a Device
	unready  = gone | deferred | remote
)

// Small buffers are one object with their memory. The sizes are size classes of the Go runtime, whose
// objects up to 512 bytes lie at multiples of 64.
const header = (unsafe.Sizeof(Buffer{}) + alignment - 1) &^ (alignment - 1)

type (
	buffer128 struct {
		Buffer
		_   [header - unsafe.Sizeof(Buffer{})]byte
		mem [128 - header]byte
	}
	buffer256 struct {
		Buffer
		_   [header - unsafe.Sizeof(Buffer{})]byte
		mem [256 - header]byte
	}
	buffer512 struct {
		Buffer
		_   [header - unsafe.Sizeof(Buffer{})]byte
		mem [512 - header]byte
	}
)

// NewBuffer returns a Buffer of n bytes of unspecified contents from the pool. Its memory goes back
// to the pool when the Buffer becomes unreachable, or at once through Release.
func NewBuffer(n int) *Buffer {
	switch {
	case n <= 128-int(header):
		b := new(buffer128)
		b.Buffer.mem = b.mem[:n]
		return &b.Buffer
	case n <= 256-int(header):
		b := new(buffer256)
		b.Buffer.mem = b.mem[:n]
		return &b.Buffer
	case n <= 512-int(header):
		b := new(buffer512)
		b.Buffer.mem = b.mem[:n]
		return &b.Buffer
	}
	return allocate(n)
}

// WrapBytes returns a Buffer over memory that the caller provides.
func WrapBytes(b []byte) *Buffer { return &Buffer{mem: b} }

// Bytes returns the memory.
func (b *Buffer) Bytes() []byte {
	if b.state.Load()&unready != 0 {
		b.obtain()
	}
	return b.mem
}

func (b *Buffer) obtain() {
	if b.force() {
		return
	}
	if d := b.Device(); d != nil {
		Fail("memory", "the tensor is on %s, where the CPU cannot read it; copy it: x.To(t.CPU)", d)
	}
	Fail("memory", "the tensor was released; make a Clone before Release, or do not release it")
}

// F32 returns n floats from element offset on.
func (b *Buffer) F32(offset, n int) []float32 {
	m := b.Bytes()[4*offset : 4*(offset+n)]
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(m))), n)
}

// Len returns the size in bytes.
func (b *Buffer) Len() int {
	if m := b.remoteMemory(); m != nil {
		return m.size
	}
	return len(b.mem)
}

// Version returns the number of in-place writes so far.
func (b *Buffer) Version() uint32 { return b.version.Load() }

// Bump records an in-place write.
func (b *Buffer) Bump() { b.version.Add(1) }

// Release gives the memory back to the pool at once. Only the sole owner may call it: no Array and
// no slice of the Buffer may be used afterwards; the Buffer is empty then. Memory that did not come
// from the pool is left alone.
func (b *Buffer) Release() {
	if m := b.remoteMemory(); m != nil {
		if b.state.Load()&deferred == 0 { // the collector takes what still is to be written
			m.free()
		}
		return
	}
	if b.class == 0 || b.state.Load()&unready != 0 { // the collector takes what still is to be written
		return
	}
	b.cleanup.Stop()
	giveBack(block{b.mem[:cap(b.mem)], b.class - 1})
	b.mem, b.class = nil, 0
	b.state.Or(gone)
}

// A tape holds the Buffers of the values that it saves. When everybody else has forgotten a Buffer,
// its memory can be given back with the last value that is let go.

// Hold counts a reader that will call LetGo.
func (b *Buffer) Hold() { b.uses.Add(2) }

// LetGo takes a Hold back. It reports whether the Buffer is forgotten and this was the last one, so that
// the caller may Release it.
func (b *Buffer) LetGo() bool { return b.uses.Add(-2) == 1 }

// Forget says that only those who called Hold use the Buffer from now on. It reports whether there are
// none, so that the caller may Release it.
func (b *Buffer) Forget() bool { return b.uses.Or(1) == 0 }

// Keep takes Forget back: somebody else knows the Buffer after all.
func (b *Buffer) Keep() { b.uses.And(^1) }
