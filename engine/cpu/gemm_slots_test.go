package cpu

import (
	"testing"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Tasks have slots of their own, aligned, out of the pool's memory, and give them back; more than there are, and
// larger ones, have blocks of the pool.
func TestPackSlots(t *testing.T) {
	g := &product[float32]{size: 4}
	var tasks []*productTask[float32]
	seen := map[int]bool{}
	before := engine.Memory().Allocated
	for range slotCount {
		w := &productTask[float32]{product: g, slot: 3}
		x := w.packRoom(slotBytes / 4)
		for i := range x {
			x[i] = float32(w.slot)
		}
		if at := uintptr(unsafe.Pointer(&x[0])); at%slotAlign != 0 || !w.held || seen[w.slot] {
			t.Fatalf("slot %d at %#x, held %v, taken before %v", w.slot, at, w.held, seen[w.slot])
		}
		seen[w.slot] = true
		w.packed = x
		tasks = append(tasks, w)
	}
	for _, w := range tasks {
		for _, i := range []int{0, len(w.packed) - 1} {
			if w.packed[i] != float32(w.slot) {
				t.Fatalf("slot %d holds %v at %d", w.slot, w.packed[i], i)
			}
		}
	}
	if now := engine.Memory().Allocated; now != before {
		t.Errorf("slots took %d bytes of the pool", now-before)
	}
	late := &productTask[float32]{product: g}
	if x := late.packRoom(1024); late.held || late.bufs[0] == nil || len(x) != 1024 {
		t.Errorf("a task more than slots: held %v", late.held)
	}
	late.release()
	last := tasks[5].slot
	for _, w := range tasks {
		w.release()
	}
	again := &productTask[float32]{product: g, slot: last}
	if again.packRoom(16); again.slot != last {
		t.Errorf("slot %d, want %d, that of the last time", again.slot, last)
	}
	again.release()
	large := &productTask[float32]{product: g}
	if large.packRoom(slotBytes/4 + 1); large.held {
		t.Error("more than a slot holds lies in one")
	}
	large.release()
	for s := range slotTaken {
		if slotTaken[s].Load() {
			t.Errorf("slot %d is still taken", s)
		}
	}
}
