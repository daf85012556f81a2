package cpu

import (
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
	if m == 1 && n > 1 && (b.cs != 1 || n >= t.width && !e.add) {
		t.vectorMatrix(n, k, c, a, b, e)
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
	var z T
	if e.bias != nil && e.bs != 1 {
		dense := make([]T, n)
		for j := range dense {
			dense[j] = e.bias[e.boff+j*e.bs]
		}
		e.bias, e.boff, e.bs = dense, 0, 1
	}
	g := &product[T]{
		t: tiling, tile: run, size: int(unsafe.Sizeof(z)), m: m, n: n, k: k, c: c, a: a, b: b, e: e,
	}
	g.strip = stripBytes / g.size
	g.run()
}

// vectorMatrix computes one row: by the gemv kernel when b's rows are contiguous, otherwise as b
// transposed times a column.
func (t *tiler) vectorMatrix(n, k int, c, a, b matrix[float32], e epilogue[float32]) {
	row := make([]float32, n)
	if t.correlations != nil && b.rs == 1 && a.cs == 1 {
		t.dots(row, k, a, b)
		storeRow(row, c, 0, 0, e)
		return
	}
	if b.cs != 1 {
		x := a.t()
		x.cs = 1
		runProduct(t.run, n, 1, k, matrix[float32]{row, 0, 1, 1}, b.t(), x,
			epilogue[float32]{alpha: 1})
		storeRow(row, c, 0, 0, e)
		return
	}
	blocks := n / t.width
	engine.Parallel(blocks, max(1, 1<<18/(k*t.width)), func(lo, hi int) {
		for j := lo * t.width; j < hi*t.width; j += t.width {
			t.gemv(&row[j], &a.d[a.off], &b.d[b.at(0, j)], k, 4*a.cs, 4*b.rs)
		}
	})
	if rest := n - blocks*t.width; rest > 0 {
		b.off += (n - rest) * b.cs
		runProduct(t.run, 1, rest, k, matrix[float32]{row, n - rest, n, 1}, a, b,
			epilogue[float32]{alpha: 1})
	}
	storeRow(row, c, 0, 0, e)
}

// dots computes row[j] = Σ a[k]·b[k, j] for contiguous a and columns of b, four columns at a time.
func (t *tiler) dots(row []float32, k int, a, b matrix[float32]) {
	x := &a.d[a.off]
	blocks := (len(row) + 3) / 4
	engine.Parallel(blocks, max(1, 1<<16/k), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m := min(4, len(row)-4*i)
			t.correlations[m-1][0](&row[4*i], x, &b.d[b.at(0, 4*i)], 1, k, 0, 0, 4*b.cs, 4)
		}
	})
}

// product is one matrix product in blocks: b is read in strips of 128 bytes, packed unless its
// rows can be read directly; k is cut into blocks whose strips fit the first-level cache.
type product[T float] struct {
	t       *tiler
	tile    tileFunc
	size    int // bytes of an element
	strip   int // columns of a strip
	m, n, k int
	c, a, b matrix[T]
	e       epilogue[T]
	packed  []T // strips of the current block of k: [strip][k][strip]
}

func (g *product[T]) run() {
	m, n, k := g.m, g.n, g.k
	strips := (n + g.strip - 1) / g.strip
	if g.direct() {
		kc := k
		if k > 512 && m > g.t.rows {
			kc = 512
		}
		for k0 := 0; k0 < k; k0 += kc {
			g.block(k0, min(kc, k-k0), 0, strips)
		}
		return
	}
	const nc = 128 // strips packed at once
	kc := 256
	if k <= 384 {
		kc = k
	}
	buf := engine.NewBuffer(min(strips, nc) * g.strip * kc * g.size)
	defer buf.Release()
	g.packed = unsafe.Slice((*T)(unsafe.Pointer(&buf.Bytes()[0])), buf.Len()/g.size)
	for s0 := 0; s0 < strips; s0 += nc {
		s1 := min(s0+nc, strips)
		for k0 := 0; k0 < k; k0 += kc {
			d := min(kc, k-k0)
			engine.Parallel(s1-s0, max(1, 1<<15/(d*g.strip)), func(lo, hi int) {
				for s := lo; s < hi; s++ {
					g.pack(g.packed[s*g.strip*d:], s0+s, k0, d)
				}
			})
			g.block(k0, d, s0, s1)
		}
	}
}

// direct reports whether b is read in place: its rows are contiguous and each is used by few tiles,
// or it is small, and its rows do not all fall into the same cache sets.
func (g *product[T]) direct() bool {
	if g.n != 1 && g.b.cs != 1 || !g.t.masked && g.n%(g.strip/2) != 0 {
		return false
	}
	size := g.k * g.n
	return g.m <= 3*g.t.rows || size <= 16<<10 || size <= 160<<10 && g.m <= 128 &&
		g.b.rs*g.size%4096 != 0
}

// pack copies strip s of rows k0 … k0+kc of b to d, zero beyond the last column.
func (g *product[T]) pack(d []T, s, k0, kc int) {
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
	if d32, ok := any(d).([]float32); ok {
		transpose(d32, any(s).([]float32), 0, p, kc, w, strip, ld)
		return
	}
	transposeGo(d, s, 0, p, kc, w, strip, ld)
}

// block computes the contribution of rows k0 … k0+kc of b for strips s0 … s1, in parallel over
// tasks of some rows and strips.
func (g *product[T]) block(k0, kc, s0, s1 int) {
	rows := g.t.rows
	strips := s1 - s0
	tall := 8 * rows // rows of a task
	if g.m < 2*tall {
		tall = (g.m + 1) / 2
		if strips >= 2*engine.Threads() || g.m <= rows {
			tall = g.m
		}
		tall = (tall + rows - 1) / rows * rows
	}
	mt := (g.m + tall - 1) / tall
	wide := strips // strips of a task
	if mt < 4*engine.Threads() {
		wide = max(1, strips*mt/(4*engine.Threads()))
	}
	nt := (strips + wide - 1) / wide
	work := min(tall, g.m) * wide * g.strip * kc
	engine.Parallel(mt*nt, max(1, 1<<19/work), func(lo, hi int) {
		args := &tileArgs{offsets: &noOffset, taps: 1, k: kc}
		args.setAlpha(float64(g.e.alpha), g.size)
		g.flags(args, k0, kc)
		for t := lo; t < hi; t++ {
			i, s := t/nt*tall, s0+t%nt*wide
			g.task(args, i, min(tall, g.m-i), s, min(s+wide, s1), k0, kc, s0)
		}
	})
}

func (g *product[T]) flags(args *tileArgs, k0, kc int) {
	if g.e.alpha != 1 {
		args.flags |= flagScale
	}
	if k0 > 0 || g.e.add {
		args.flags |= flagAdd
	}
	if g.e.relu && k0+kc == g.k {
		args.flags |= flagReLU
	}
}

// task computes m rows from i on of strips s to s1. Rows of a that fall into the same cache sets
// are copied apart first.
func (g *product[T]) task(args *tileArgs, i, m, s, s1, k0, kc, first int) {
	a := g.a
	if m > g.t.rows && a.cs == 1 && a.rs*g.size%1024 == 0 {
		ld := kc + 16
		buf := engine.NewBuffer(m * ld * g.size)
		defer buf.Release()
		copied := unsafe.Slice((*T)(unsafe.Pointer(&buf.Bytes()[0])), m*ld)
		for r := range m {
			p := a.at(i+r, k0)
			copy(copied[r*ld:r*ld+kc], a.d[p:p+kc])
		}
		a = matrix[T]{copied, -i*ld - k0, ld, 1}
	}
	args.rowA, args.colA = g.size*a.rs, g.size*a.cs
	args.ldc = g.size * g.c.rs
	for ; s < s1; s++ {
		j := s * g.strip
		args.a = unsafe.Pointer(&a.d[a.at(i, k0)])
		if g.packed != nil {
			args.b, args.ldb = unsafe.Pointer(&g.packed[(s-first)*g.strip*kc]), stripBytes
		} else {
			args.b, args.ldb = unsafe.Pointer(&g.b.d[g.b.at(k0, j)]), g.size*g.b.rs
		}
		args.c = unsafe.Pointer(&g.c.d[g.c.at(i, j)])
		if g.e.bias != nil && k0+kc == g.k {
			args.bias = unsafe.Pointer(&g.e.bias[g.e.boff+j])
		}
		g.t.rowsWith(g.tile, args, m, min(g.strip, g.n-j))
	}
}
