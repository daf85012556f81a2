package engine

import "sync"

// Small memory that is written again and again lies far from tensors. A processor that reads rows some kilobytes apart
// fetches ahead in the same steps beyond the last one; where another thread works there, its writes take ten times as
// long, the same in all steps of a process.

const (
	farMost = 1 << 18 // bytes of a block
	farSlab = 1 << 20 // bytes of which blocks are made
	farGap  = 1 << 19 // before and behind them
)

// far is the memory of the next blocks. A slab is freed with the last of its blocks.
var far struct {
	mu   sync.Mutex
	left []byte
}

// NewFar returns a Buffer of n bytes of unspecified contents: up to 256 KiB far from tensors, outside the pool and its
// accounts, otherwise as NewArray has it. It is for memory that is kept.
func NewFar(n int) *Buffer {
	if n > farMost {
		return NewArray(U8, Shape{n}).Buf
	}
	far.mu.Lock()
	defer far.mu.Unlock()
	size := (n + alignment - 1) &^ (alignment - 1)
	if len(far.left) < size {
		slab := alignedBytes(farSlab + 2*farGap)
		far.left = slab[farGap : farGap+farSlab : farGap+farSlab]
	}
	mem := far.left[:n:size]
	far.left = far.left[size:]
	return WrapBytes(mem)
}
