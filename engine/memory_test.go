package engine

import (
	"runtime"
	"strings"
	"testing"
)

func TestMemoryCountsBuffersByClass(t *testing.T) {
	EmptyCache()
	const size = 7 << 20
	class := func() ClassStats {
		for _, c := range Memory().Classes {
			if c.Size == size {
				return c
			}
		}
		return ClassStats{}
	}
	before, count := class(), Memory().Count
	a, b := NewBuffer(size), NewBuffer(size-5)
	if c := class(); c.Live != before.Live+2 || Memory().Count != count+2 {
		t.Errorf("two buffers: %+v after %+v, %d after %d in all", c, before, Memory().Count, count)
	}
	a.Release()
	if c := class(); c.Live != before.Live+1 || c.Free != before.Free+1 {
		t.Errorf("one of two released: %+v after %+v", c, before)
	}
	if s := Memory().String(); !strings.Contains(s, "7 MiB: ") || !strings.HasPrefix(s, "tensors ") {
		t.Errorf("shown as %q", s)
	}
	EmptyCache()
	if c := class(); c.Free != 0 || c.Live != before.Live+1 {
		t.Errorf("after EmptyCache: %+v", c)
	}
	runtime.KeepAlive(b)
}

func TestSizesOfClassesAgree(t *testing.T) {
	for n := smallest; n < 1<<30; n = n*5/4 + 1 {
		c, size := classOf(n)
		if got := sizeOf(int(c)); got != size {
			t.Fatalf("class %d of %d bytes: sizeOf gives %d, classOf %d", c, n, got, size)
		}
	}
}

func TestAForgottenBufferGoesWithItsLastReader(t *testing.T) {
	b := NewBuffer(1 << 16)
	b.Hold()
	b.Hold()
	if b.Forget() {
		t.Error("forgotten while two read it, and free")
	}
	if b.LetGo() {
		t.Error("free while one still reads it")
	}
	if !b.LetGo() {
		t.Error("not free after the last reader")
	}
	b.Keep()
	b.Hold()
	if b.LetGo() {
		t.Error("free although somebody knows it")
	}
	if !b.Forget() {
		t.Error("not free though nobody reads it")
	}
	b.Release()
	if err := Catch(func() { b.Bytes() }); err == nil || !strings.Contains(err.Error(), "was released") {
		t.Errorf("reading a released buffer gives %v", err)
	}
}

func BenchmarkFirstTouch(b *testing.B) {
	const n = 64 << 20
	b.SetBytes(n)
	for b.Loop() {
		b.StopTimer()
		EmptyCache()
		b.StartTimer()
		m := NewBuffer(n)
		clear(m.Bytes())
		m.Release()
	}
}
