package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Results that are larger than the caches go past them: an ordinary store would first read the line
// that it overwrites. The common routines of F32 store so themselves, which is up to twice as fast as what the
// others do: they compute parts that stay in the first-level cache, and these are copied from there.

// streamFrom is the size in bytes from which results are streamed; it should not be below half of the
// last-level cache, where the next operator would find them otherwise. Tests lower it.
var streamFrom = 16 << 20

// stream copies s to d past the caches; d lies at a multiple of 64 bytes and the length is a multiple
// of streamUnit. It is nil where the CPU has no such stores.
var stream func(d, s []byte)

const streamUnit = 256

// streamPart is the size in bytes of a part: larger ones keep reads and stores from overlapping (twice as large:
// a quarter slower).
const streamPart = 8192

// streams reports whether dst, whose elements lie one behind the other, should be streamed; an
// operand in the same place has brought the lines into the cache already.
func streams(dst *engine.Array, operands ...*engine.Array) bool {
	if stream == nil || dst.Numel()*dst.DType.Size() < streamFrom {
		return false
	}
	for _, x := range operands {
		if x.Buf == dst.Buf {
			return false
		}
	}
	return true
}

// streamed computes d by parts: f computes the elements from lo on into part.
func streamed[D any](d []D, f func(part []D, lo int)) {
	var z D
	size := int(unsafe.Sizeof(z))
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	room := unsafe.Slice((*D)(unsafe.Pointer(&s.b)), streamPart/size)
	// The elements in front of the first whole line, and behind the last unit, are stored as usual.
	lo := min(int(-uintptr(unsafe.Pointer(unsafe.SliceData(d)))%64)/size, len(d))
	f(d[:lo], 0)
	for unit := streamUnit / size; len(d)-lo >= unit; {
		n := min(len(d)-lo, len(room)) / unit * unit
		f(room[:n], lo)
		stream(bytesOf(d[lo:lo+n]), bytesOf(room[:n]))
		lo += n
	}
	f(d[lo:], lo)
}

// runPast computes dst = v(x) for contiguous operands of one shape.
func (v *Vec1) runPast(dst, x *engine.Array, grain int) {
	d, xs := flatSlice[float32](dst), flatSlice[float32](x)
	engine.Parallel(len(d), grain, func(lo, hi int) {
		first, last := wholeLines(d, lo, hi)
		v.F32(d[lo:first], xs[lo:first])
		v.past(d[first:last], xs[first:last])
		v.F32(d[last:hi], xs[last:hi])
	})
}

// runPast computes dst = v(x, y) for contiguous operands of one shape.
func (v *Vec2) runPast(dst, x, y *engine.Array, grain int) {
	d, xs, ys := flatSlice[float32](dst), flatSlice[float32](x), flatSlice[float32](y)
	engine.Parallel(len(d), grain, func(lo, hi int) {
		first, last := wholeLines(d, lo, hi)
		v.F32(d[lo:first], xs[lo:first], ys[lo:first])
		v.past(d[first:last], xs[first:last], ys[first:last])
		v.F32(d[last:hi], xs[last:hi], ys[last:hi])
	})
}

// wholeLines returns the part of d[lo:hi] that fills whole lines of 64 bytes.
func wholeLines(d []float32, lo, hi int) (first, last int) {
	if lo == hi {
		return lo, lo
	}
	first = min(lo+int(-uintptr(unsafe.Pointer(&d[lo]))%64)/4, hi)
	return first, first + (hi-first)/16*16
}

func bytesOf[T any](x []T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(z)))
}
