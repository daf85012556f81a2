package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

func convGradInputF32(dx, dy, w *engine.Array, s *ConvSpec) {
	q := newGeometry(dx, w, dy, s)
	if !q.tiles() {
		convGradInput(gemmF32, dx, dy, w, s)
		return
	}
	y4 := array4(dy)
	if x4 := array4(dx); q.stride[1] == 1 && q.stride[2] == 1 &&
		planarPays(q, q.in[2], q.ci, q.co, &x4, &y4) {
		planarInput(q, dx, dy, w)
		return
	}
	b := &tiledInput{q: q, t: tiling}
	b.frame(&y4)
	defer b.dy.release()
	b.prepare(whole[float32](w))
	defer b.weights.Release()
	x4 := array4(dx)
	out := channelsLast(&x4)
	direct := out != nil
	if !direct {
		out = newImage(q.n, q.in[1], q.in[2], q.g*q.ci)
		defer out.release()
	}
	b.out = out
	b.run()
	if !direct {
		must(Copy(x4, out.array(q.n, q.g*q.ci, q.in[1], q.in[2])))
	}
}

// tiledInput computes the input's gradient. Input positions that agree modulo the stride see the
// same kernel taps at fixed distances, so each such phase is a convolution of dy with stride 1:
// rows of a tile are input pixels of one row and phase, columns input channels, and dx(phase +
// stride·i) adds dy(i + shift)·w for each tap of the phase.
type tiledInput struct {
	q         *geometry
	t         *tiler
	dy, out   *image
	top, left int            // zeros before dy in its frame
	weights   *engine.Buffer // [group][strip][tap][co][32]
	packed    []float32
	strips    int
}

// shift returns the distance in dy of kernel tap k on axis for phase p, and whether the tap belongs
// to the phase.
func (q *geometry) shift(axis, p, k int) (int, bool) {
	v := p + q.pad[axis] - k*q.dil[axis]
	s := q.stride[axis]
	if v%s != 0 {
		return 0, false
	}
	return v / s, true
}

// extent returns the frame of dy on axis: zeros in front and the total.
func (q *geometry) extent(axis int) (front, total int) {
	least, most := 0, 0
	for p := range min(q.stride[axis], q.in[axis]) {
		last := (q.in[axis] - 1 - p) / q.stride[axis]
		for k := range q.k[axis] {
			if d, ok := q.shift(axis, p, k); ok {
				least, most = min(least, d), max(most, d+last)
			}
		}
	}
	return -least, most + 1 - least
}

func (b *tiledInput) frame(y *engine.Array) {
	var h, w int
	b.top, h = b.q.extent(1)
	b.left, w = b.q.extent(2)
	if b.top == 0 && b.left == 0 && h <= b.q.out[1] && w <= b.q.out[2] {
		if m := channelsLast(y); m != nil {
			b.dy = m
			return
		}
	}
	b.dy = framed(y, h, w, b.top, b.left)
}

// prepare packs the weights, input channels as columns.
func (b *tiledInput) prepare(w []float32) {
	q := b.q
	b.strips = (q.ci + strip - 1) / strip
	size := q.k[1] * q.k[2] * q.co * strip
	b.weights = engine.NewBuffer(q.g * b.strips * size * 4)
	b.packed = unsafe.Slice((*float32)(unsafe.Pointer(&b.weights.Bytes()[0])), q.g*b.strips*size)
	d := b.packed
	for s := range q.g * b.strips {
		g, c := s/b.strips, s%b.strips*strip
		n := min(strip, q.ci-c)
		for kh := range q.k[1] {
			for kw := range q.k[2] {
				for o := range q.co {
					p := q.weightAt(g*q.co+o, c, [3]int{0, kh, kw})
					for j := range n {
						d[j] = w[p]
						p += q.ws[1]
					}
					clear(d[n:strip])
					d = d[strip:]
				}
			}
		}
	}
}

// phase is a set of input positions with the same taps.
type phase struct {
	y, x    int
	offsets [][2]int
}

func (b *tiledInput) phases() []phase {
	q := b.q
	var all []phase
	for y := range min(q.stride[1], q.in[1]) {
		for x := range min(q.stride[2], q.in[2]) {
			p := phase{y: y, x: x}
			for kh := range q.k[1] {
				for kw := range q.k[2] {
					dy, ok1 := q.shift(1, y, kh)
					dx, ok2 := q.shift(2, x, kw)
					if ok1 && ok2 {
						at := dy*b.dy.row + dx*b.dy.pix
						p.offsets = append(p.offsets,
							[2]int{4 * at, 4 * (kh*q.k[2] + kw) * q.co * strip})
					}
				}
			}
			all = append(all, p)
		}
	}
	return all
}

func (b *tiledInput) run() {
	q := b.q
	phases := b.phases()
	rows := (q.in[1] + q.stride[1] - 1) / q.stride[1]
	work := q.in[2] * q.kernelSize * q.co * b.strips * strip * q.g / q.stride[1]
	engine.Parallel(q.n*rows, max(1, 1<<18/max(work, 1)), func(lo, hi int) {
		a := &tileArgs{k: q.co, ldb: 4 * strip, colA: 4}
		a.rowA, a.ldc = 4*b.dy.pix, 4*q.stride[2]*b.out.pix
		for t := lo; t < hi; t++ {
			for i := range phases {
				b.row(a, &phases[i], t/rows, t%rows)
			}
		}
	})
}

// row computes the pixels of one phase in row i of the phase.
func (b *tiledInput) row(a *tileArgs, p *phase, n, i int) {
	q := b.q
	y := p.y + i*q.stride[1]
	if y >= q.in[1] {
		return
	}
	width := (q.in[2] - p.x + q.stride[2] - 1) / q.stride[2]
	size := q.k[1] * q.k[2] * q.co * strip
	for s := range q.g * b.strips {
		g, c := s/b.strips, s%b.strips*strip
		cols := min(strip, q.ci-c)
		at := b.out.at(n, y, p.x) + g*q.ci + c
		if len(p.offsets) == 0 {
			for j := range width {
				clear(b.out.d[at+j*q.stride[2]*b.out.pix:][:cols])
			}
			continue
		}
		a.offsets, a.taps = &p.offsets[0], len(p.offsets)
		a.a = unsafe.Pointer(&b.dy.d[b.dy.at(n, i+b.top, b.left)+g*q.co])
		a.b = unsafe.Pointer(&b.packed[s*size])
		a.c = unsafe.Pointer(&b.out.d[at])
		b.t.rowsRun(a, width, cols)
	}
}

func convGradWeightF32(dw, x, dy *engine.Array, s *ConvSpec) {
	q := newGeometry(x, dw, dy, s)
	if !q.tiles() {
		convGradWeight(gemmF32, dw, x, dy, s)
		return
	}
	if x4, y4 := array4(x), array4(dy); correlationPays(q, &x4, &y4) {
		correlate(q, dw, x, dy)
		return
	}
	in := q.input(x)
	defer in.release()
	y4 := array4(dy)
	up := channelsLast(&y4)
	if up == nil {
		up = framed(&y4, q.out[1], q.out[2], 0, 0)
		defer up.release()
	}
	b := &tiledWeight{q: q, t: tiling, in: in, dy: up}
	b.run()
	defer b.sums.Release()
	b.store(whole[float32](dw))
}

// tiledWeight computes the weight's gradient: rows of a tile are output channels, columns the
// values under one kernel row (or position), the taps are the output rows of a sample and k runs
// along them.
type tiledWeight struct {
	q       *geometry
	t       *tiler
	in, dy  *image
	cols    int            // values of one part of the kernel
	parts   int            // kernel rows or positions
	sums    *engine.Buffer // [piece][group][part][co][cols]
	acc     []float32
	pieces  int
	offsets [][2]int // of the output rows in dy and in
}

// weightPieces is the number of partial sums over the samples; it does not depend on the threads.
const weightPieces = 8

func (b *tiledWeight) run() {
	q := b.q
	b.parts, b.cols = q.k[1]*q.k[2], q.ci
	if q.merged(b.in) {
		b.parts, b.cols = q.k[1], q.ci*q.k[2]
	}
	for y := range q.out[1] {
		b.offsets = append(b.offsets, [2]int{4 * y * b.dy.row, 4 * y * q.stride[1] * b.in.row})
	}
	b.pieces = min(weightPieces, q.n)
	size := q.g * b.parts * q.co * b.cols
	b.sums = engine.NewBuffer(b.pieces * size * 4)
	b.acc = unsafe.Slice((*float32)(unsafe.Pointer(&b.sums.Bytes()[0])), b.pieces*size)
	engine.Parallel(b.pieces, 1, func(lo, hi int) {
		a := &tileArgs{k: q.out[2], rowA: 4, colA: 4 * b.dy.pix}
		a.ldb, a.ldc = 4*q.stride[2]*b.in.pix, 4*b.cols
		for p := lo; p < hi; p++ {
			first := q.n * p / b.pieces
			for n := first; n < q.n*(p+1)/b.pieces; n++ {
				b.sample(a, b.acc[p*size:(p+1)*size], n, n == first)
			}
		}
	})
	total := b.acc[:size]
	for p := 1; p < b.pieces; p++ {
		addInto(total, b.acc[p*size:(p+1)*size])
	}
}

// sample adds the contribution of sample n in blocks of output rows whose data fits the
// second-level cache.
func (b *tiledWeight) sample(a *tileArgs, acc []float32, n int, first bool) {
	q := b.q
	step := max(1, 1<<16/max(b.in.row, b.dy.row, 1))
	for y := 0; y < q.out[1]; y += step {
		a.flags = flagAdd
		if first && y == 0 {
			a.flags = 0
		}
		a.offsets, a.taps = &b.offsets[y], min(step, q.out[1]-y)
		for s := range q.g * b.parts {
			g, part := s/b.parts, s%b.parts
			at := part / q.k[2] * q.dil[1] * b.in.row
			if b.parts == q.k[1] && b.cols != q.ci || q.k[2] == 1 {
				at = part * q.dil[1] * b.in.row
			} else {
				at += part % q.k[2] * q.dil[2] * b.in.pix
			}
			at += b.in.at(n, 0, 0) + g*q.ci
			for c := 0; c < b.cols; c += strip {
				a.a = unsafe.Pointer(&b.dy.d[b.dy.at(n, 0, 0)+g*q.co])
				a.b = unsafe.Pointer(&b.in.d[at+c])
				a.c = unsafe.Pointer(&acc[s*q.co*b.cols+c])
				b.t.rowsRun(a, q.co, min(strip, b.cols-c))
			}
		}
	}
}

// store moves the sums to the strides of w.
func (b *tiledWeight) store(w []float32) {
	q := b.q
	i := 0
	for g := range q.g {
		for part := range b.parts {
			for o := range q.co {
				for j := range b.cols {
					kh, kw, c := part/q.k[2], part%q.k[2], j
					if b.cols != q.ci || b.parts != q.k[1]*q.k[2] {
						kh, kw, c = part, j/q.ci, j%q.ci
					}
					w[q.weightAt(g*q.co+o, c, [3]int{0, kh, kw})] = b.acc[i]
					i++
				}
			}
		}
	}
}
