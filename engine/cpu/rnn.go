package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Cell is a kind of recurrent cell.
type Cell uint8

// Recurrent cells.
const (
	LSTMCell Cell = iota
	GRUCell
	TanhCell
	ReLUCell
)

// Recurrence is a recurrent layer over all steps. The inputs' part of the gates is one product for all
// steps, the states' part one product a step; small LSTM take both in one product a step. Samples do not depend on each other, so that threads share
// the batch and do not wait for each other; a batch too small for that shares the columns.
//
// Row Start[t] + b·Stride of X and Y belongs to step t of sample b. Weights are PyTorch's:
// the gates are i, f, g, o (LSTM) and r, z, n (GRU). The state has p columns, h unless it is projected.
type Recurrence struct {
	Cell    Cell
	Reverse bool  // from the last step to the first
	Start   []int // row of sample 0 at each step
	Batch   []int // samples at each step, never more than at the step before
	Stride  int

	X, H0, C0     engine.Array // [rows in], [samples p], LSTM: [samples h]
	Wih, Whh      engine.Array // [gates·h in], [gates·h p]
	Bias, HidBias engine.Array // [gates·h]; HidBias: GRU's for the states' part
	Whr           engine.Array // LSTM, optional: [p h]

	Y, Cells, Gates engine.Array // results: [rows p]; LSTM: [rows h]; LSTM and GRU: [rows 4·h]
}

// RecurrenceGrads are the gradients of a Recurrence.
type RecurrenceGrads struct {
	DY, DHn, DCn                                engine.Array // of the results; without Buf: zero
	DX                                          engine.Array // without Buf: not wanted
	DH0, DC0, DWih, DWhh, DBias, DHidBias, DWhr engine.Array // as the operands
}

// Forward computes Y, Cells and Gates, and the last states hn and cn of each sample.
func (r *Recurrence) Forward(hn, cn engine.Array) error {
	switch r.X.DType {
	case engine.F32:
		newRecurrent[float32](r).forward(hn, cn)
	case engine.F64:
		newRecurrent[float64](r).forward(hn, cn)
	default:
		return unsupported("Recurrence", r.X.DType)
	}
	return nil
}

// Backward computes the gradients of the operands from the results of Forward.
func (r *Recurrence) Backward(g RecurrenceGrads) error {
	switch r.X.DType {
	case engine.F32:
		newRecurrent[float32](r).backward(&g)
	case engine.F64:
		newRecurrent[float64](r).backward(&g)
	default:
		return unsupported("RecurrenceGrad", r.X.DType)
	}
	return nil
}

// table is a matrix whose rows are contiguous and ld apart.
type table[T float] struct {
	d         []T
	width, ld int
}

func tableOf[T float](x engine.Array) table[T] {
	if x.Buf == nil {
		return table[T]{}
	}
	x, _ = flatCopy(x)
	n := x.Shape[len(x.Shape)-1]
	return table[T]{flatSlice[T](&x), n, n}
}

func (t table[T]) row(i int) []T { return t.d[i*t.ld:][:t.width] }

// from is the matrix of the rows from i on and the columns from j on.
func (t table[T]) from(i, j int) matrix[T] { return matrix[T]{t.d, i*t.ld + j, t.ld, 1} }

// apart is how far rows of width elements lie apart so that they do not fall into the same cache sets.
func apart(width int) int { return width + 16 }

// recurrent is a Recurrence with its elements. Cells and gates lie step by step whatever the order of x
// and y: row first[t] + b belongs to step t of sample b.
type recurrent[T float] struct {
	*Recurrence
	samples, hidden, state  int
	rows                    int
	first                   []int
	h0, c0, y, cells, gates table[T]
	hidBias                 table[T]
}

func newRecurrent[T float](r *Recurrence) *recurrent[T] {
	r.X, _ = flatCopy(r.X)
	p := &recurrent[T]{
		Recurrence: r, samples: r.H0.Shape[0], state: r.H0.Shape[1], hidden: r.H0.Shape[1],
		h0: tableOf[T](r.H0), c0: tableOf[T](r.C0), y: tableOf[T](r.Y), cells: tableOf[T](r.Cells),
		gates: tableOf[T](r.Gates), hidBias: tableOf[T](r.HidBias),
	}
	if r.Cell == LSTMCell {
		p.hidden = r.C0.Shape[1]
	}
	for _, n := range r.Batch {
		p.first = append(p.first, p.rows)
		p.rows += n
	}
	return p
}

// inOrder reports whether the rows of x and y lie step by step.
func (p *recurrent[T]) inOrder() bool { return p.Stride == 1 }

// byStep returns the rows of x step by step, x itself where they lie so. free gives a copy back.
func (p *recurrent[T]) byStep(x engine.Array) (y engine.Array, free func()) {
	if p.inOrder() {
		return x, func() {}
	}
	y = engine.NewArray(x.DType, x.Shape)
	p.reorder(tableOf[T](y), tableOf[T](x), false)
	return y, y.Buf.Release
}

// reorder copies rows to their order by step, or back.
func (p *recurrent[T]) reorder(dst, src table[T], back bool) {
	engine.Parallel(len(p.first), max(1, grain/max(p.samples*src.width, 1)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			for b := range p.Batch[t] {
				if i, j := p.first[t]+b, p.Start[t]+b*p.Stride; back {
					copy(dst.row(j), src.row(i))
				} else {
					copy(dst.row(i), src.row(j))
				}
			}
		}
	})
}

// step returns the s-th step in the order of the recurrence and the one before it, −1 at the first.
func (p *recurrent[T]) step(s int) (t, before int) {
	if !p.Reverse {
		return s, s - 1
	}
	t = len(p.Start) - 1 - s
	if t+1 == len(p.Start) {
		return t, -1
	}
	return t, t + 1
}

// cellBefore is the cell of sample b before a step, given the step before.
func (p *recurrent[T]) cellBefore(before, b int) []T {
	if before >= 0 && b < p.Batch[before] {
		return p.cells.row(p.first[before] + b)
	}
	return p.c0.row(b)
}

// stateBefore is cellBefore for the state.
func (p *recurrent[T]) stateBefore(before, b int) []T {
	if before >= 0 && b < p.Batch[before] {
		return p.y.row(p.Start[before] + b*p.Stride)
	}
	return p.h0.row(b)
}

// eachShare calls f with ranges of samples, one for each thread, or one range where they are few. w is what its
// products use, nil where threads have to share them.
func (p *recurrent[T]) eachShare(f func(w *tileArgs, lo, hi int)) {
	threads := engine.Threads()
	engine.Parallel(p.samples, max(8, (p.samples+threads-1)/threads), func(lo, hi int) {
		if hi-lo == p.samples && threads > 1 {
			f(nil, lo, hi)
			return
		}
		f(new(tileArgs), lo, hi)
	})
}

// strips is an operand b of products in packed strips of columns.
type strips[T float] struct {
	d     []T
	k, n  int
	width int
	buf   *engine.Buffer
}

// pack packs b [k n], whose rows or columns are contiguous.
func pack[T float](b matrix[T], k, n int) *strips[T] {
	var z T
	w := stripBytes / int(unsafe.Sizeof(z))
	count := (n + w - 1) / w
	x := engine.NewArray(dtypeOf[T](), engine.Shape{count * k * w})
	s := &strips[T]{d: flatSlice[T](&x), k: k, n: n, width: w, buf: x.Buf}
	engine.Parallel(count, max(1, 1<<15/max(k*w, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			packColumns(s.d[i*k*w:][:k*w], b, i*w, min(w, n-i*w), k, w)
		}
	})
	return s
}

// packColumns packs n columns of b from j on into a strip of width w.
func packColumns[T float](d []T, b matrix[T], j, n, k, w int) {
	if b.rs == 1 {
		packTransposed(d, b.d, b.at(0, j), b.cs, n, k, w)
		return
	}
	for i := range k {
		row := d[i*w:][:w]
		copy(row[:n], b.d[b.at(i, j):])
		clear(row[n:])
	}
}

// packJoint packs two matrices b, one below the other, of which the first has k rows and both have n columns.
func packJoint[T float](b [2]matrix[T], k [2]int, n int) *strips[T] {
	var z T
	w, rows := stripBytes/int(unsafe.Sizeof(z)), k[0]+k[1]
	count := (n + w - 1) / w
	x := engine.NewArray(dtypeOf[T](), engine.Shape{count * rows * w})
	s := &strips[T]{d: flatSlice[T](&x), k: rows, n: n, width: w, buf: x.Buf}
	engine.Parallel(count, max(1, 1<<15/max(rows*w, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			d := s.d[i*rows*w:][:rows*w]
			packColumns(d[:k[0]*w], b[0], i*w, min(w, n-i*w), k[0], w)
			packColumns(d[k[0]*w:], b[1], i*w, min(w, n-i*w), k[1], w)
		}
	})
	return s
}

// affine computes c = a·b + bias for m rows and the first k rows of b; w is as in product.
func (s *strips[T]) affine(w *tileArgs, m, k int, c, a matrix[T], bias []T) {
	count := (s.n + s.width - 1) / s.width
	part := func(w *tileArgs, lo, hi int) {
		for i := lo; i < hi; i++ {
			c, b := c, matrix[T]{s.d, i * s.k * s.width, s.width, 1}
			c.off += i * s.width
			timesPlus(w, m, min(s.width, s.n-i*s.width), k, c, a, b, bias[i*s.width:])
		}
	}
	if w != nil {
		part(w, 0, count)
		return
	}
	engine.Parallel(count, max(1, 1<<18/max(m*k*s.width, 1)), func(lo, hi int) { part(new(tileArgs), lo, hi) })
}

// timesPlus computes c = a·b + bias for at most a strip of columns.
func timesPlus[T float](w *tileArgs, m, n, k int, c, a, b matrix[T], bias []T) {
	if tiling == nil {
		gemmGo(m, n, k, c, a, b, epilogue[T]{alpha: 1, bias: bias, bs: 1})
		return
	}
	size, run := int(unsafe.Sizeof(bias[0])), tiling.run
	if size == 8 {
		run = tiling.runF64
	}
	*w = tileArgs{
		offsets: &noOffset, taps: 1, k: k, rowA: size * a.rs, colA: size * a.cs, ldb: size * b.rs, ldc: size * c.rs,
		a: unsafe.Pointer(&a.d[a.off]), b: unsafe.Pointer(&b.d[b.off]), c: unsafe.Pointer(&c.d[c.off]),
		bias: unsafe.Pointer(&bias[0]), alpha: bitsOf(1, size),
	}
	tiling.rowsWith(run, w, m, n)
}

// product computes c (+)= a·b for m rows. Without w several threads share the strips; a caller that is one of
// several already gives a w of its own.
func (s *strips[T]) product(w *tileArgs, m int, c, a matrix[T], add bool) {
	if m == 0 || s.n == 0 {
		return
	}
	count := (s.n + s.width - 1) / s.width
	if w != nil {
		s.columns(w, 0, count, m, c, a, add)
		return
	}
	engine.Parallel(count, max(1, 1<<18/max(m*s.k*s.width, 1)), func(lo, hi int) {
		s.columns(new(tileArgs), lo, hi, m, c, a, add)
	})
}

// columns computes the strips lo … hi of a product.
func (s *strips[T]) columns(w *tileArgs, lo, hi, m int, c, a matrix[T], add bool) {
	for i := lo; i < hi; i++ {
		c, b := c, matrix[T]{s.d, i * s.k * s.width, s.width, 1}
		c.off += i * s.width
		times(w, m, min(s.width, s.n-i*s.width), s.k, c, a, b, 1, add)
	}
}
