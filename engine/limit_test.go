package engine

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestArraysThatCannotExistAreRefused(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
	for want, s := range map[string]Shape{
		"memory: f32[1099511627776 1099511627776] has more elements": {1 << 40, 1 << 40},
		"memory: f32[35184372088832] needs 128 TiB, other tensors":   {1 << 45},
		"memory: f32[268435456] needs 1 GiB, other tensors use":      {1 << 28},
	} {
		err := Catch(func() { NewArray(F32, s) })
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v gives %v, want %s…", s, err, want)
		}
	}
}

func TestDroppedArraysMakeRoomWithinTheLimit(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(512 << 20))
	before := Memory().Allocated
	for i := range 20 {
		if err := Catch(func() { NewArray(U8, Shape{100 << 20}) }); err != nil {
			t.Fatalf("array %d: %v", i, err)
		}
	}
	for i := 0; Memory().Allocated > before && i < 1000; i++ { // later tests count what is allocated
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	EmptyCache()
}

func TestAnAxisOfNoneNeedsNoMemory(t *testing.T) {
	if n := NewArray(F64, Shape{1 << 40, 0, 1 << 40}).Buf.Len(); n != 0 {
		t.Errorf("%d bytes, want 0", n)
	}
}
