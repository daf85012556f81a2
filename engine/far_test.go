package engine

import (
	"testing"
	"unsafe"
)

func TestFarBlocksAreApart(t *testing.T) {
	type region struct{ from, to uintptr }
	var all []region
	var keep []*Buffer
	for i := range 40 {
		n := []int{1, 100, 5000, farMost, 64}[i%5]
		b := NewFar(n)
		if b.Len() != n {
			t.Fatalf("%d bytes, want %d", b.Len(), n)
		}
		m := b.Bytes()
		at := uintptr(unsafe.Pointer(&m[0]))
		if at%alignment != 0 {
			t.Errorf("a block at %#x", at)
		}
		for k := range m {
			m[k] = byte(i)
		}
		all = append(all, region{at, at + uintptr(n)})
		keep = append(keep, b)
	}
	for i, b := range keep {
		for _, v := range b.Bytes() {
			if v != byte(i) {
				t.Fatalf("block %d holds %d", i, v)
			}
		}
		x := NewArray(U8, Shape{1 << 17})
		at := uintptr(unsafe.Pointer(&x.Buf.Bytes()[0]))
		if r := all[i]; at < r.to+farGap && r.from < at+1<<17+farGap {
			t.Errorf("a tensor at %#x beside the block %#x to %#x", at, r.from, r.to)
		}
	}
	if b := NewFar(farMost + 1); b.Len() != farMost+1 {
		t.Errorf("a large block has %d bytes", b.Len())
	}
}
