package engine

import (
	"runtime"
	"sync/atomic"
)

// Buffer is a block of host memory, 64-byte aligned when it comes from the pool.
// Its version counts in-place writes, so that a tape can tell that a saved value was changed.
type Buffer struct {
	mem     []byte
	version atomic.Uint32
	class   uint16 // size class + 1; 0: not from the pool
	cleanup runtime.Cleanup
}

// NewBuffer returns a Buffer of n bytes of unspecified contents from the pool. Its memory goes back
// to the pool when the Buffer becomes unreachable, or at once through Release.
func NewBuffer(n int) *Buffer { return allocate(n) }

// WrapBytes returns a Buffer over memory that the caller provides.
func WrapBytes(b []byte) *Buffer { return &Buffer{mem: b} }

// Bytes returns the memory.
func (b *Buffer) Bytes() []byte { return b.mem }

// Len returns the size in bytes.
func (b *Buffer) Len() int { return len(b.mem) }

// Version returns the number of in-place writes so far.
func (b *Buffer) Version() uint32 { return b.version.Load() }

// Bump records an in-place write.
func (b *Buffer) Bump() { b.version.Add(1) }

// Release gives the memory back to the pool at once. Only the sole owner may call it: no Array and
// no slice of the Buffer may be used afterwards; the Buffer is empty then. Memory that did not come
// from the pool is left alone.
func (b *Buffer) Release() {
	if b.class == 0 {
		return
	}
	b.cleanup.Stop()
	giveBack(block{b.mem[:cap(b.mem)], b.class - 1})
	b.mem, b.class = nil, 0
}
