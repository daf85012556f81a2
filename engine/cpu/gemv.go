package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Products with one row or one column: they are as fast as memory, so they read the matrix once, in
// the order in which it lies.

// vectorMatrix computes one row of c = a·b.
func (t *tiler) vectorMatrix(n, k int, c, a, b matrix[float32], e epilogue[float32]) {
	buf := engine.NewBuffer(4 * n)
	defer buf.Release()
	row := floats(buf)
	switch {
	case b.cs == 1:
		t.sumRows(row, k, a, b)
	case t.correlations != nil && b.rs == 1 && a.cs == 1:
		t.dots(row, k, a, b)
	default:
		runProduct(t.run, n, 1, k, matrix[float32]{row, 0, 1, 1}, b.t(), a.t(),
			epilogue[float32]{alpha: 1})
	}
	storeRow(row, c, 0, 0, e)
}

// mostColumns of a row of sums stay in the first-level cache.
const mostColumns = 4096

// sumRows computes row = Σ a[k]·b[k, :], eight rows of b at a time.
func (t *tiler) sumRows(row []float32, k int, a, b matrix[float32]) {
	n := len(row)
	blocks := n / t.lanes
	threads := engine.Threads()
	least := max(1, leastWork/(k*t.lanes), (blocks+threads-1)/threads)
	engine.Parallel(blocks, least, func(lo, hi int) {
		for j := lo * t.lanes; j < hi*t.lanes; j += mostColumns {
			w := min(mostColumns, hi*t.lanes-j)
			clear(row[j : j+w])
			p := 0
			for ; p+8 <= k; p += 8 {
				t.gemv8(&row[j], &a.d[a.at(0, p)], &b.d[b.at(p, j)], w, 4*a.cs, 4*b.rs)
			}
			for ; p < k; p++ {
				t.gemv1(&row[j], &a.d[a.at(0, p)], &b.d[b.at(p, j)], w, 4*a.cs, 4*b.rs)
			}
		}
	})
	if done := blocks * t.lanes; done < n {
		b.off += done * b.cs
		runProduct(t.run, 1, n-done, k, matrix[float32]{row, done, n, 1}, a, b,
			epilogue[float32]{alpha: 1})
	}
}

// dots computes row[j] = Σ a[k]·b[k, j] for contiguous a and columns of b, four columns at a time.
func (t *tiler) dots(row []float32, k int, a, b matrix[float32]) {
	x := &a.d[a.off]
	clear(row)
	blocks := (len(row) + 3) / 4
	engine.Parallel(blocks, max(1, 1<<16/k), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m := min(4, len(row)-4*i)
			y := &b.d[b.at(0, 4*i)]
			t.correlations[m-1][0](&row[4*i], x, y, 1, k, 0, 0, 4*b.cs, 4)
		}
	})
}

// floats views scratch memory.
func floats(b *engine.Buffer) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&b.Bytes()[0])), b.Len()/4)
}
