package cpu

import (
	"math"
	"unsafe"
)

// tileArgs describes one call of a micro-kernel:
//
//	c[m n] = epilogue(Σ over taps Σ over k of a_tap(i, k)·b_tap(k, j))
//
// where a tap adds its two byte offsets to the addresses a and b. A matrix product has one tap with
// offsets 0; a convolution has one for each row of its kernel. Strides are in bytes; b and c have
// unit column stride. The assembly knows the offsets of the fields.
type tileArgs struct {
	a          unsafe.Pointer
	offsets    *[2]int // of each tap, in a and b
	taps       int
	k          int
	rowA, colA int
	b          unsafe.Pointer
	ldb        int
	c          unsafe.Pointer
	ldc        int
	bias       unsafe.Pointer
	flags      int
	mask       uint64
	alpha      uint64 // the bits of a float32 or float64
	delta      int    // with flagAdd: from c to what is added, bytes
	low, high  uint64 // bounds with flagClamp, bits as alpha
}

// bitsOf returns the bits of v as an element of size bytes.
func bitsOf(v float64, size int) uint64 {
	if size == 4 {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

// tileFunc computes m rows and n columns.
type tileFunc = func(t *tileArgs, m, n int)

const (
	flagAdd = 1 << iota
	flagReLU
	flagScale
	flagClamp
	flagCold // c is not in the caches
	flagPast // c goes past the caches: whole lines, which only kernels without masks store so
	flagRows // bias has an element for each row, not for each column
	flagWide // elements are float64s
)

// coldBytes is the size of a result that the second-level cache does not hold.
const coldBytes = 1 << 20

// coldFlag is flagCold for a result of some bytes, or 0.
func coldFlag(bytes int) int {
	if bytes > coldBytes {
		return flagCold
	}
	return 0
}

// pastFlag is flagPast for a result of some bytes that begins at c, with ld bytes between its rows, which is stored
// once and not read, flagCold where that does not pay, or 0.
func (t *tiler) pastFlag(bytes int, c unsafe.Pointer, ld int) int {
	if t.past && bytes >= streamFrom && uintptr(c)%64 == 0 && ld%64 == 0 {
		return flagPast
	}
	return coldFlag(bytes)
}

// strip is the number of columns that a micro-kernel computes at most; packed operands b are padded
// to a multiple of it.
const strip = 32

// stripBytes is the width of a strip for elements of any type.
const stripBytes = 4 * strip

// tiler is the micro-kernel of an instruction set.
type tiler struct {
	rows int // the most rows of one call
	// masked: b and c are not touched beyond column n. Otherwise b must be readable up to a
	// multiple of 16 columns.
	masked bool
	// past: kernels know flagPast. The stores are not ordered; the end of a chunk of a loop orders them.
	past bool
	// run computes m ≤ rows rows and n ≤ strip columns.
	run tileFunc
	// runF64 is run for float64, where a strip has half as many columns.
	runF64 tileFunc
	// transpose transposes n blocks of block×block elements along the rows of s; transposeEdge n
	// columns of m ≤ block rows, nil where there is none. Distances are in bytes.
	block         int
	transpose     func(d, s *float32, n, ldd, lds int)
	transposeEdge func(d, s *float32, n, ldd, lds, m int)
	// gemv1 and gemv8 add to y the products of one or eight elements of x and n columns of as many
	// rows of w; n is a multiple of lanes. Distances are in bytes.
	gemv1, gemv8 func(y, x, w *float32, n, ldx, ldw int)
	lanes        int
	// maxPool2 computes n maxima and positions of 2×2 windows of the rows x and y; nil where there
	// is none. The first window's position is at.
	maxPool2 func(d *float32, index *int64, x, y *float32, n, at, width int)
	// correlations by channels − 1 and shifts − 1; nil where there are none.
	correlations *[4][5]correlation
}

// correlation adds to out[i][j] the products of n columns of rows of dy[i] with those of x shifted
// by j. Distances are in bytes.
type correlation = func(out, x, dy *float32, rows, n, ldx, ldy, plane, ldout int)

// tiling is the current micro-kernel; nil at the portable level.
var tiling *tiler

var noOffset = [2]int{}

// rowsRun computes any number of rows in tiles of nearly equal height.
func (t *tiler) rowsRun(a *tileArgs, m, n int) { t.rowsWith(t.run, a, m, n) }

func (t *tiler) rowsWith(run tileFunc, a *tileArgs, m, n int) {
	pa, pc, pb, ldb := a.a, a.c, a.bias, 0
	if pb != nil && a.flags&flagRows != 0 {
		ldb = 4
		if a.flags&flagWide != 0 {
			ldb = 8
		}
	}
	for i := 0; i < m; {
		h := m - i
		if h > t.rows {
			h = t.rows
			if rest := m - i; rest < 2*t.rows {
				h = (rest + 1) / 2
			}
		}
		a.a, a.c, a.bias = unsafe.Add(pa, i*a.rowA), unsafe.Add(pc, i*a.ldc), unsafe.Add(pb, i*ldb)
		run(a, h, n)
		i += h
	}
	a.a, a.c, a.bias = pa, pc, pb
}
