package engine

import (
	"syscall"
	"unsafe"
)

const (
	hugePage     = 2 << 20
	hugeFrom     = 4 << 20 // blocks of this size on use huge pages
	adviseHuge   = 14      // MADV_HUGEPAGE
	hugePageMask = hugePage - 1
)

// hugePages asks the system to back the inside of a large block with huge pages: hundreds of page faults
// fewer at first use, and fewer misses of the address cache later. It is advice; a system that does not
// take it changes nothing but speed.
func hugePages(mem []byte) {
	if len(mem) < hugeFrom {
		return
	}
	at := int(uintptr(unsafe.Pointer(&mem[0])))
	lo := (hugePage - at&hugePageMask) & hugePageMask
	hi := lo + (len(mem)-lo)&^hugePageMask
	_ = syscall.Madvise(mem[lo:hi], adviseHuge)
}
