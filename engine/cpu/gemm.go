package cpu

import (
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// gemmF32 is the float32 product at the current level. c has unit column stride.
func gemmF32(m, n, k int, c, a, b matrix[float32], e epilogue[float32]) {
	t := tiling
	if t == nil || k == 0 {
		gemmGo(m, n, k, c, a, b, e)
		return
	}
	plain := e.delta == 0 // what add adds lies in c
	if plain && m == 1 && n > 1 && (b.cs != 1 || n >= t.lanes) {
		t.vectorMatrix(n, k, c, a, b, e)
		return
	}
	if plain && n == 1 && m > 1 &&
		(a.cs == 1 && b.rs == 1 && t.correlations != nil || a.rs == 1 && m >= t.lanes) {
		e.bs = 0
		t.vectorMatrix(m, k, c.t(), b.t(), a.t(), e)
		return
	}
	runProduct(t.run, m, n, k, c, a, b, e)
}

// gemmF64 is the float64 product at the current level. c has unit column stride.
func gemmF64(m, n, k int, c, a, b matrix[float64], e epilogue[float64]) {
	if tiling == nil || k == 0 {
		gemmGo(m, n, k, c, a, b, e)
		return
	}
	runProduct(tiling.runF64, m, n, k, c, a, b, e)
}

func runProduct[T float](
	run tileFunc, m, n, k int, c, a, b matrix[T], e epilogue[T],
) {
	g := take[product[T]](&products)
	defer func() {
		*g = product[T]{} // holds no memory of others
		products.Put(g)
	}()
	*g = product[T]{tile: run, m: m, n: n, k: k, c: c, a: a, b: b, e: e}
	g.start()
}

// Products and their tasks, for the next ones.
var products, productTasks sync.Pool

// take returns something from p, which may be of another type of elements.
func take[P any](p *sync.Pool) *P {
	if x, ok := p.Get().(*P); ok {
		return x
	}
	return new(P)
}

// start computes the product.
func (g *product[T]) start() {
	var z T
	e := &g.e
	if e.bias != nil && e.bs != 1 {
		dense := make([]T, g.n)
		for j := range dense {
			dense[j] = e.bias[e.boff+j*e.bs]
		}
		e.bias, e.boff, e.bs = dense, 0, 1
	}
	g.t, g.size = tiling, int(unsafe.Sizeof(z))
	g.strip = stripBytes / g.size
	g.run()
}

// product is one matrix product. Tasks compute blocks of c and share nothing: a task reads its rows
// of a and its strips of b (128 bytes wide) in place where the caches can deliver them, and copies
// them where they cannot. k is cut into blocks that keep a task's rows in the second-level cache.
type product[T float] struct {
	t       *tiler
	tile    tileFunc
	size    int // bytes of an element
	strip   int // columns of a strip
	m, n, k int
	c, a, b matrix[T]
	e       epilogue[T]
	given   []T // b, packed before: [strip][k][column]; or nil

	strips int
	direct bool // b is read in place
	kc     int
	tall   int // rows of a task
	wide   int // strips of a task
}

// Sizes of blocks.
const (
	leastWork  = 1 << 17 // multiplications that are worth a task
	directSize = 1 << 19 // elements of b that are read in place however many rows there are
	mostStrips = 32      // strips that are packed at once
	deepDirect = 512     // k of a block when b is read in place
	deepPacked = 1024
	rowBlock   = 256 // rows of a that meet a strip before the next strip comes
)

func (g *product[T]) run() {
	free := engine.Free()
	if g.flips(free) {
		g.runFlipped(free)
		return
	}
	g.plan(engine.Threads(), free)
	nt := evenParts(g.strips, g.wide, free)
	mt := (g.m + g.tall - 1) / g.tall
	engine.Parallel(mt*nt, 1, func(lo, hi int) {
		w := newTask(g)
		for t := lo; t < hi; t++ {
			w.i, w.s, w.end = t/nt*g.tall, t%nt*g.strips/nt, (t%nt+1)*g.strips/nt
			w.m = min(g.tall, g.m-w.i)
			w.run()
		}
		w.release()
	})
}

// evenParts is the number of parts of nearly equal length, of at most so many, into which n is cut: as many for each
// thread, if there is more than one part.
func evenParts(n, most, threads int) int {
	parts := (n + most - 1) / most
	if parts > 1 {
		parts = min((parts+threads-1)/threads*threads, n)
	}
	return parts
}

// plan decides on packing, which results depend on, and on the grid of tasks for the threads that are free: some for
// each thread, because a thread may be held up, all of one size.
func (g *product[T]) plan(all, threads int) {
	g.strips = (g.n + g.strip - 1) / g.strip
	g.direct = g.given != nil || g.readable() &&
		(g.k*g.n <= directSize || g.m <= 8*g.t.rows || g.strips < 2*all)
	g.kc, g.tall, g.wide = deepPacked, g.m, g.strips
	if g.direct {
		g.kc = deepDirect
	}
	if g.k < g.kc+g.kc/2 {
		g.kc = g.k
	}
	if !g.direct {
		g.wide = min(g.wide, mostStrips)
	}
	tasks := 1
	if threads > 1 {
		for tasks = threads; tasks < 4*threads && g.m*g.n*g.k >= 2*tasks*leastWork; tasks *= 2 {
		}
		if g.m*g.n*g.k < 2*leastWork {
			return
		}
	}
	if min(g.m, g.n)*g.k > 2*directSize { // every task reads all of the shorter side's matrix
		tasks = min(tasks, 2*threads)
	}
	if g.e.add && g.direct && g.m >= 8*threads { // c is a weight whose rows a layer has read
		g.tall = (g.m + threads - 1) / threads
		return
	}
	if g.byColumns(threads) {
		for tasks > threads && g.strips < 2*tasks {
			tasks /= 2
		}
		g.wide = min(g.wide, (g.strips+tasks-1)/tasks)
		return
	}
	least := 8
	if !g.direct {
		least = rowBlock
	}
	for tasks > threads && g.m < least*tasks {
		tasks /= 2
	}
	g.tall = max(least, (g.m+tasks-1)/tasks)
}

// byColumns reports whether tasks are columns of c rather than rows: always where a task packs its
// part of b, otherwise when that side is longer and its strips divide well.
func (g *product[T]) byColumns(threads int) bool {
	if g.strips < threads {
		return false
	}
	even := g.strips%threads == 0 || g.strips >= 8*threads
	return !g.direct || g.m < 8*threads || g.m < g.n && even
}

// readable reports whether the micro-kernel can read b in place: its rows are contiguous, and may be
// read beyond the last column where there are no masks.
func (g *product[T]) readable() bool {
	return (g.b.cs == 1 || g.n == 1) && (g.t.masked || g.n%(g.strip/2) == 0)
}

// productTask is the part of a product that one thread computes: m rows from i on, strips s to end.
type productTask[T float] struct {
	*product[T]
	i, m, s, end int
	args         tileArgs
	packed       []T // [strip][k][strip]
	copied       []T // rows of a
	bufs         [2]*engine.Buffer
	slot         int // of scratch memory, that of the last time
	held         bool
}

func newTask[T float](g *product[T]) *productTask[T] {
	w := take[productTask[T]](&productTasks)
	w.product = g
	return w
}

func (w *productTask[T]) release() {
	for _, b := range w.bufs {
		if b != nil {
			b.Release()
		}
	}
	if w.held {
		slotTaken[w.slot].Store(false)
	}
	*w = productTask[T]{slot: w.slot}
	productTasks.Put(w)
}

// room returns scratch memory for n elements.
func room[T float](b **engine.Buffer, n, size int) []T {
	if *b == nil || (*b).Len() < n*size {
		if *b != nil {
			(*b).Release()
		}
		*b = engine.NewBuffer(n * size)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&(*b).Bytes()[0])), n)
}

func (w *productTask[T]) run() {
	args := &w.args
	*args = tileArgs{offsets: &noOffset, taps: 1}
	args.alpha = bitsOf(float64(w.e.alpha), w.size)
	args.low, args.high = bitsOf(float64(w.e.low), w.size), bitsOf(float64(w.e.high), w.size)
	args.ldc = w.size * w.c.rs
	for k0 := 0; k0 < w.k; k0 += w.kc {
		args.k = min(w.kc, w.k-k0)
		args.flags, args.delta = w.flags(k0, args.k), 0
		if k0 == 0 {
			args.delta = w.e.delta
			if args.k == w.k && args.flags&flagAdd == 0 {
				first := unsafe.Pointer(&w.c.d[w.c.at(0, 0)])
				args.flags |= w.t.pastFlag(w.size*w.product.m*w.n, first, args.ldc)
			} else {
				args.flags |= coldFlag(w.size * w.product.m * w.n)
			}
		}
		if !w.direct {
			w.pack(k0, args.k)
		}
		for i := 0; i < w.m; i += rowBlock {
			m := min(rowBlock, w.m-i)
			if w.m-i < 2*rowBlock {
				m = w.m - i
			}
			w.rows(w.i+i, m, k0)
			if m > rowBlock {
				break
			}
		}
	}
}

func (w *productTask[T]) pack(k0, kc int) {
	w.packed = w.packRoom((w.end - w.s) * w.strip * kc)
	for s := w.s; s < w.end; s++ {
		w.packStrip(w.packed[(s-w.s)*w.strip*kc:], s, k0, kc)
	}
}

// packStrip copies strip s of rows k0 … k0+kc of b to d, zero beyond the last column.
func (g *product[T]) packStrip(d []T, s, k0, kc int) {
	j0 := s * g.strip
	w := min(g.strip, g.n-j0)
	b := g.b
	switch {
	case b.cs == 1:
		p := b.at(k0, j0)
		for range kc {
			copy(d[:w], b.d[p:p+w])
			clear(d[w:g.strip])
			d = d[g.strip:]
			p += b.rs
		}
	case b.rs == 1:
		packTransposed(d, b.d, b.at(k0, j0), b.cs, w, kc, g.strip)
	default:
		for i := range kc {
			p := b.at(k0+i, j0)
			for j := range w {
				d[j] = b.d[p]
				p += b.cs
			}
			clear(d[w:g.strip])
			d = d[g.strip:]
		}
	}
}

// packTransposed packs w columns of kc contiguous elements each, ld apart.
func packTransposed[T float](d, s []T, p, ld, w, kc, strip int) {
	if w < strip {
		clear(d[:kc*strip])
	}
	transposeAny(d, s, 0, p, kc, w, strip, ld)
}

// transposeAny is transpose for any type.
func transposeAny[T float](d, s []T, dp, sp, m, n, ds, ss int) {
	if d32, ok := any(d).([]float32); ok {
		transpose(d32, any(s).([]float32), dp, sp, m, n, ds, ss)
		return
	}
	transposeGo(d, s, dp, sp, m, n, ds, ss)
}

func (g *product[T]) flags(k0, kc int) int {
	flags := 0
	if g.e.alpha != 1 {
		flags |= flagScale
	}
	if k0 > 0 || g.e.add {
		flags |= flagAdd
	}
	if g.e.rows {
		flags |= flagRows
		if g.size == 8 {
			flags |= flagWide
		}
	}
	if k0+kc == g.k {
		if g.e.relu {
			flags |= flagReLU
		}
		if g.e.clamp {
			flags |= flagClamp
		}
	}
	return flags
}

// rows computes m rows from i on of the task's strips for k from k0 on.
func (w *productTask[T]) rows(i, m, k0 int) {
	args, a := &w.args, w.a
	if w.spread(m) {
		a = w.copyRows(i, m, k0)
	}
	args.rowA, args.colA = w.size*a.rs, w.size*a.cs
	for s := w.s; s < w.end; s++ {
		j := s * w.strip
		args.a = unsafe.Pointer(&a.d[a.at(i, k0)])
		switch {
		case w.given != nil:
			args.b, args.ldb = unsafe.Pointer(&w.given[(s*w.k+k0)*w.strip]), stripBytes
		case w.direct:
			args.b, args.ldb = unsafe.Pointer(&w.b.d[w.b.at(k0, j)]), w.size*w.b.rs
		default:
			args.b, args.ldb = unsafe.Pointer(&w.packed[(s-w.s)*w.strip*args.k]), stripBytes
		}
		args.c = unsafe.Pointer(&w.c.d[w.c.at(i, j)])
		args.bias = nil
		if w.e.bias != nil && k0+args.k == w.k {
			at := j
			if w.e.rows {
				at = i
			}
			args.bias = unsafe.Pointer(&w.e.bias[w.e.boff+at])
		}
		w.t.rowsWith(w.tile, args, m, min(w.strip, w.n-j))
	}
}

// spread reports whether rows of a have to be copied apart: they fall into the same cache sets, and
// enough strips read them.
func (w *productTask[T]) spread(m int) bool {
	far := w.a.rs
	if w.a.cs != 1 {
		far = w.a.cs
	}
	return far*w.size%4096 == 0 && m > 4 && w.k > 16 && w.end-w.s > 3
}

// copyRows returns a copy of m rows of a from i on, as much of k as the block takes, so far apart
// that they share the cache.
func (w *productTask[T]) copyRows(i, m, k0 int) matrix[T] {
	kc, a := w.args.k, w.a
	ld := kc + 64/w.size
	w.copied = room[T](&w.bufs[1], m*ld, w.size)
	d := w.copied
	switch {
	case a.cs == 1:
		for r := range m {
			p := a.at(i+r, k0)
			copy(d[r*ld:r*ld+kc], a.d[p:p+kc])
		}
	case a.rs == 1:
		transposeAny(d, a.d, 0, a.at(i, k0), m, kc, ld, a.cs)
	default:
		for r := range m {
			p := a.at(i+r, k0)
			for j := range kc {
				d[r*ld+j] = a.d[p]
				p += a.cs
			}
		}
	}
	return matrix[T]{d, -i*ld - k0, ld, 1}
}
