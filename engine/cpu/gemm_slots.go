package cpu

import (
	"sync/atomic"
	"unsafe"
)

// Small packed operands lie in slots of static memory, far from all tensors. Packing into blocks of the pool that lay
// up to 256 KiB behind the matrix took three to twenty times as long, the same in all steps of a process. Presumably a
// processor that reads rows some kilobytes apart fetches ahead in the same steps beyond the last one, and the lines
// there go back and forth between its cache and that of the processor that packs into them.
// A task takes the slot that it had before, so that a thread mostly finds the lines in its own cache.
const (
	slotCount = 16
	slotBytes = 1 << 17
	slotGap   = 1 << 14 // between slots, for what is fetched ahead
	slotAlign = 1 << 12
)

var (
	slotMemory [slotCount*(slotBytes+slotGap) + slotAlign]byte
	slotTaken  [slotCount]atomic.Bool
)

// packRoom returns memory for n packed elements: a slot, or a block of the pool where that is too small or all are
// taken. It stays with the task until release.
func (w *productTask[T]) packRoom(n int) []T {
	if n*w.size > slotBytes || !w.takeSlot() {
		return room[T](&w.bufs[0], n, w.size)
	}
	skip := -int(uintptr(unsafe.Pointer(&slotMemory))) & (slotAlign - 1)
	return unsafe.Slice((*T)(unsafe.Pointer(&slotMemory[skip+w.slot*(slotBytes+slotGap)])), n)
}

// takeSlot reports whether the task holds a slot now.
func (w *productTask[T]) takeSlot() bool {
	for i := 0; i < slotCount && !w.held; i++ {
		if s := (w.slot + i) % slotCount; slotTaken[s].CompareAndSwap(false, true) {
			w.slot, w.held = s, true
		}
	}
	return w.held
}
