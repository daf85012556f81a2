package cpu

import (
	"math"
	"unsafe"
)

// The routines of quantised layers for one instruction set. All give the same bits.
type quantTiler struct {
	// dot computes t.c[m 32] = t.bias + Σ over taps Σ over t.k quanta of values times packed weights, for
	// m ≤ quantRows rows and at least n columns.
	dot func(t *tileArgs, m, n int)
	// dotFinish computes dot and finishes the sums at once, for unsigned bytes or float32 and unsigned residuals; nil:
	// there is none.
	dotFinish func(t *quantTile, m, n int)
	// requantBytes and requantFloats finish sums.
	requantBytes, requantFloats func(a *requantArgs)
	// mixBytes computes sums[c] = bias[c] + Σ over taps of x[c]·w[c] for n channels; a tap is a pair of
	// distances in x and w. What lies behind the n channels up to a multiple of 8 is read.
	mixBytes func(sums, bias *int32, x *uint8, w *int8, taps *[2]int, count, n int)
	// depthBytes and depthSums compute pixels of channels that have filters of their own; nil where convolutions
	// take mixBytes.
	depthBytes, depthSums func(a *depthArgs)
	// depthQuads computes tiles of pixels for one of depthFilters; there are both or neither.
	depthQuads func(a *depthQuads, filter int)
	// maxBytes computes the maxima over the taps of n channels; a tap is a distance.
	maxBytes func(d, x *uint8, taps *int, count, n int)
	// quantize rounds x / scale, bounded, and adds zero, for n elements, a multiple of 16; nil: there is none.
	quantize func(d *uint8, x *float32, scale, low, high float32, zero int32, n int)
}

// quantRows is the most rows of one tile.
const quantRows = 14

// requantArgs are rows of sums at distances of a strip and what becomes of them. The assembly knows the
// offsets of the fields.
type requantArgs struct {
	sums          *int32
	dst           unsafe.Pointer
	ld            int
	rows, columns int
	scale, shift  *float32
	residual      unsafe.Pointer
	ldResidual    int
	low, high     float32
	zero          int32
	residualScale float32
	signed        int   // residuals
	least         int32 // the lowest byte
	mode          int   // of dotFinish
}

// Modes of dotFinish, which stores bytes of any kind in mode 0.
const (
	modeFloats = 1
	modePlain  = 2 // bytes with zero point 0 and no bounds of their own, of numbers that 32 bits hold
)

// quantTile is a tile of sums and what becomes of them. The assembly knows where they are.
type quantTile struct {
	tile    tileArgs
	requant requantArgs
}

var quantGo = quantTiler{
	dot: dotGo, requantBytes: requantBytesGo, requantFloats: requantFloatsGo, mixBytes: mixBytesGo,
	depthBytes: depthBytesGo, depthSums: depthSumsGo, depthQuads: depthQuadsGo, maxBytes: maxBytesGo,
}

var quantTiling = quantGo

func dotGo(t *tileArgs, m, n int) {
	bias := unsafe.Slice((*int32)(t.bias), strip)
	for i := range m {
		sums := unsafe.Slice((*int32)(unsafe.Add(t.c, i*t.ldc)), strip)[:n]
		copy(sums, bias)
		for _, tap := range tapsAt(t.offsets, t.taps) {
			x := unsafe.Slice((*uint8)(unsafe.Add(t.a, i*t.rowA+tap[0])), quantum*t.k)
			w := unsafe.Slice((*int8)(unsafe.Add(t.b, tap[1])), stripBytes*t.k)
			for ; len(x) > 0; x, w = x[quantum:], w[stripBytes:] {
				x0, x1, x2, x3 := int32(x[0]), int32(x[1]), int32(x[2]), int32(x[3])
				for j := range sums {
					v := w[quantum*j:][:quantum]
					sums[j] += x0*int32(v[0]) + x1*int32(v[1]) + x2*int32(v[2]) + x3*int32(v[3])
				}
			}
		}
	}
}

// scaled calls f for every sum with its scaled and bounded value.
func (a *requantArgs) scaled(first int, f func(row unsafe.Pointer, j int, v float32)) {
	scale, shift := unsafe.Slice(a.scale, a.columns), unsafe.Slice(a.shift, a.columns)
	for i := range a.rows {
		sums := unsafe.Slice(a.sums, (i+1)*strip)[i*strip:]
		row := unsafe.Add(a.dst, i*a.ld)
		for j := first; j < a.columns; j++ {
			v := float32(float32(sums[j])*scale[j]) + shift[j]
			if a.residual != nil {
				p := unsafe.Add(a.residual, i*a.ldResidual+j)
				r := float32(*(*uint8)(p))
				if a.signed != 0 {
					r = float32(*(*int8)(p))
				}
				v += float32(r * a.residualScale)
			}
			if !(v > a.low) {
				v = a.low
			}
			if !(v < a.high) {
				v = a.high
			}
			f(row, j, v)
		}
	}
}

func requantBytesGo(a *requantArgs) { a.bytesFrom(0) }

// bytesFrom computes the columns from first on.
func (a *requantArgs) bytesFrom(first int) {
	a.scaled(first, func(row unsafe.Pointer, j int, v float32) {
		*(*uint8)(unsafe.Add(row, j)) = uint8(int32(math.RoundToEven(float64(v))) + a.zero)
	})
}

func requantFloatsGo(a *requantArgs) { a.floatsFrom(0) }

func (a *requantArgs) floatsFrom(first int) {
	a.scaled(first, func(row unsafe.Pointer, j int, v float32) {
		*(*float32)(unsafe.Add(row, 4*j)) = v
	})
}

// keepSums stores the sums themselves.
func keepSums(a *requantArgs) {
	for i := range a.rows {
		sums := unsafe.Slice(a.sums, (i+1)*strip)[i*strip:]
		copy(unsafe.Slice((*int32)(unsafe.Add(a.dst, i*a.ld)), a.columns), sums)
	}
}

func mixBytesGo(sums, bias *int32, x *uint8, w *int8, taps *[2]int, count, n int) {
	d := unsafe.Slice(sums, n)
	copy(d, unsafe.Slice(bias, n))
	for _, tap := range tapsAt(taps, count) {
		xs := unsafe.Slice((*uint8)(unsafe.Add(unsafe.Pointer(x), tap[0])), n)
		ws := unsafe.Slice((*int8)(unsafe.Add(unsafe.Pointer(w), tap[1])), n)
		for j, v := range xs {
			d[j] += int32(v) * int32(ws[j])
		}
	}
}

func maxBytesGo(d, x *uint8, taps *int, count, n int) {
	ds := unsafe.Slice(d, n)
	clear(ds)
	for _, tap := range unsafe.Slice(taps, count) {
		for j, v := range unsafe.Slice((*uint8)(unsafe.Add(unsafe.Pointer(x), tap)), n) {
			ds[j] = max(ds[j], v)
		}
	}
}
