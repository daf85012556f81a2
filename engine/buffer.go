package engine

import "sync/atomic"

// Buffer is a block of host memory, 64-byte aligned when it comes from the pool.
// Its version counts in-place writes, so that a tape can tell that a saved value was changed.
type Buffer struct {
	mem     []byte
	version atomic.Uint32
	pooled  bool
}

// NewBuffer returns a Buffer of n bytes of unspecified contents from the pool. Its memory goes back to
// the pool when the Buffer becomes unreachable, or at once through Release.
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
