package cpu

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// byteImage is channels-last data: element (n, y, x, c) is n·plane + y·row + x·pix + c·size bytes behind p.
type byteImage struct {
	p               unsafe.Pointer
	plane, row, pix int
	a               engine.Array // what holds the memory
}

// slackBytes is the readable memory behind scratch data: the width of a strip.
const slackBytes = strip

func imageOf(a *engine.Array) byteImage {
	size := a.DType.Size()
	return byteImage{bytesAt(a, 0), a.Strides[0] * size, a.Strides[2] * size, a.Strides[3] * size, *a}
}

func (m *byteImage) at(n, y, x int) unsafe.Pointer {
	return unsafe.Add(m.p, n*m.plane+y*m.row+x*m.pix)
}

// quantRun is one run of a layer. A line is a range of pixels of one row; a unit of work is a line for one
// strip of output channels.
type quantRun struct {
	*QuantLayer
	in, out, residual byteImage
	offsets           [][2]int // of the taps in input and weights
	beyond            *outside // nil: all taps count, or rows are joined
	n, h, width       int      // samples, rows and pixels of the result, of which some may be joined
	step, rowStep     int      // of the input, bytes
	line, lines       int      // pixels of a line, lines of a row
	size              int      // of an element of the result
	finish            func(a *requantArgs)
	args              requantArgs
	fused             bool // dotFinish computes tiles
}

// lineTiles is the most tiles in a line.
const lineTiles = 4

// quantLine returns the number of pixels of the lines of a row, which are of equal length if they can be: threads take
// as many of them each.
func quantLine(width int) int {
	tiles := (width + quantRows - 1) / quantRows
	for n := lineTiles; n > 1; n-- {
		if tiles%n == 0 {
			return min(width, n*quantRows)
		}
	}
	lines := (tiles + lineTiles - 1) / lineTiles
	return (width + lines - 1) / lines
}

// Run computes dst from x, U8 or I8. x and dst are [n c spatial…] for filters, best channels-last, and
// […, c] for a linear layer. dst is U8, I8, F32 or, for the sums alone, I32. residual has the shape of dst
// and is U8 or I8, in memory of its own; without ResidualScale it is not read.
func (l *QuantLayer) Run(dst, x, residual engine.Array) error {
	switch {
	case x.DType != engine.U8 && x.DType != engine.I8:
		return unsupported("QuantLayer", x.DType)
	case dst.DType != engine.U8 && dst.DType != engine.I8 && dst.DType != engine.F32 && dst.DType != engine.I32:
		return unsupported("QuantLayer", dst.DType)
	case dst.DType == engine.I32 && l.r.ResidualScale != 0:
		return fmt.Errorf("QuantLayer: sums take no residual; want a result of u8, i8 or f32")
	case l.r.ResidualScale != 0 && (residual.Buf == nil || !residual.Shape.Equal(dst.Shape) ||
		residual.DType != engine.U8 && residual.DType != engine.I8):
		return fmt.Errorf("QuantLayer: residual %v; want u8 or i8 of shape %v", residual, dst.Shape)
	}
	w := engine.Array{Shape: l.w.shape}
	if len(w.Shape) == 2 {
		if k := len(x.Shape) - 1; k < 0 || x.Shape[k] != w.Shape[1]*l.w.g || len(dst.Shape) != k+1 {
			return fmt.Errorf("QuantLayer: input %v for a weight %v", x, w.Shape)
		}
		if x.Shape[:len(x.Shape)-1].Numel() == 0 {
			return nil
		}
		if !dst.IsContiguous() && len(dst.Shape) > 2 {
			d := engine.NewArray(dst.DType, dst.Shape)
			defer d.Buf.Release()
			if err := l.Run(d, x, residual); err != nil {
				return err
			}
			return Copy(dst, d)
		}
		dst, x = rowsAsPixels(&dst), rowsAsPixels(&x)
		if residual.Buf != nil {
			residual = rowsAsPixels(&residual)
		}
		w.Shape = append(w.Shape.Clone(), 1, 1)
	}
	if want, err := l.w.spec.Out(x.Shape, w.Shape); err != nil {
		return err
	} else if !want.Equal(dst.Shape) {
		return fmt.Errorf("QuantLayer: result %v of input %v; want %v", dst, x, want)
	}
	if x.DType == engine.I8 {
		l = l.forSigned()
	}
	if l.xZero < 0 || l.xZero > 255 {
		return fmt.Errorf("QuantLayer: zero point %d of the input is none of %v", l.r.XZero, x.DType)
	}
	if dst.Numel() == 0 {
		return nil
	}
	w.Strides = w.Shape.Strides()
	l.run(newGeometry(&x, &w, &dst, &l.w.spec), &dst, &x, &residual)
	return nil
}

// rowsAsPixels views [… c] as [1 c 1 rows].
func rowsAsPixels(a *engine.Array) engine.Array {
	k := len(a.Shape) - 1
	m, c := a.Shape[:k].Numel(), a.Shape[k]
	b := *a
	b.Shape = engine.Shape{1, c, 1, m}
	switch {
	case k == 1:
		b.Strides = []int{0, a.Strides[1], 0, a.Strides[0]}
	case a.IsContiguous():
		b.Strides = []int{0, 1, 0, c}
	default:
		b = packedCopy(*a)
		b.Shape, b.Strides = engine.Shape{1, c, 1, m}, []int{0, 1, 0, c}
	}
	return b
}

func (l *QuantLayer) run(q *geometry, dst, x, residual *engine.Array) {
	r := &quantRun{QuantLayer: l}
	x4 := array4(x)
	byFours := l.w.depthwise() && quantTiling.depthBytes != nil
	if last := pixelsLast(x4); byFours && last.Buf != nil && last.Strides[3] == q.g && x.DType == engine.U8 {
		r.in = imageOf(&last)
	} else {
		r.in = r.input(q, x4)
		if r.in.a.Buf != x4.Buf {
			defer r.in.a.Buf.Release()
		}
		h, w := q.frame()
		if l.xZero == 0 && !l.w.depthwise() && (q.pad[1] > 0 || h > q.in[1]) {
			r.beyond = &outside{q.pad[1], q.pad[1] + q.in[1], q.k[1], q.stride[1], q.dil[1]}
		}
		q.in[1], q.in[2], q.pad = h, w, [3]int{}
	}
	to := array4(dst)
	out := pixelsLast(to)
	if out.Buf == nil {
		out = NewChannelsLast(dst.DType, to.Shape)
		defer out.Buf.Release()
	}
	r.out = imageOf(&out)
	if l.r.ResidualScale != 0 {
		from := array4(residual)
		other := pixelsLast(from)
		if other.Buf == nil {
			other = NewChannelsLast(from.DType, from.Shape)
			defer other.Buf.Release()
			must(Copy(other, from))
		}
		r.residual = imageOf(&other)
	}
	r.prepare(q, dst.DType)
	switch {
	case byFours && r.takesQuads(q):
		r.quads(q)
	case byFours:
		r.depthwise(q)
	default:
		r.each()
	}
	if out.Buf != to.Buf {
		must(Copy(to, out))
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(x.Buf)
}

// outside says which rows of the frame are zeros, above and below the input, whose taps need no products.
type outside struct {
	top, bottom           int // first row of the input and the one behind its last
	taps, stride, between int // rows of the kernel, distances of windows and of taps
}

// rows returns the rows of the kernel that meet the input for row y of the result; one of zeros, where none does.
func (o *outside) rows(y int) (from, to int) {
	first := y * o.stride
	for to = o.taps; from < to && first+from*o.between < o.top; from++ {
	}
	for ; from < to && first+(to-1)*o.between >= o.bottom; to-- {
	}
	if from == to {
		return 0, 1
	}
	return from, to
}

// pixelsLast returns [n c h w] data in place when the channels of a pixel are neighbours.
func pixelsLast(a engine.Array) engine.Array {
	if a.Strides[1] != 1 && a.Shape[1] != 1 {
		return engine.Array{}
	}
	return a
}

// input returns the bytes that the taps meet: x itself, or a copy inside a frame of zero points.
func (r *quantRun) input(q *geometry, x engine.Array) byteImage {
	h, w := q.frame()
	exact := r.w.values == q.ci && !r.w.merged || r.w.merged && r.w.values == q.ci*q.k[2]
	if r.w.depthwise() {
		exact = q.g%8 == 0
	}
	last := pixelsLast(x)
	if last.Buf != nil && exact && x.DType == engine.U8 && q.pad == [3]int{} && h <= q.in[1] && w <= q.in[2] &&
		(!r.w.merged || q.in[2] == 1 || x.Strides[3] == q.ci) {
		return imageOf(&last)
	}
	c := q.g * q.ci
	buf := engine.NewBuffer(q.n*h*w*c + slackBytes)
	clear(buf.Bytes()[q.n*h*w*c:])
	m := engine.Array{DType: x.DType, Shape: engine.Shape{q.n, c, h, w}, Strides: []int{h * w * c, 1, w * c, c}, Buf: buf}
	r.frame(q, m, x)
	m.DType = engine.U8
	return imageOf(&m)
}

// frame copies x into m, around which lie zero points; signed bytes move up by 128.
func (r *quantRun) frame(q *geometry, m, x engine.Array) {
	h, w, c := m.Shape[2], m.Shape[3], m.Shape[1]
	y0, y1 := min(q.pad[1], h), min(q.pad[1]+x.Shape[2], h)
	x0, x1 := min(q.pad[2], w), min(q.pad[2]+x.Shape[3], w)
	data, fill := m.Buf.Bytes(), byte(r.xZero)
	rows := x.Strides[1] == 1 && (x.Strides[3] == c || x.Shape[3] == 1)
	if !rows {
		to := m.Slice(2, y0, y1, 1).Slice(3, x0, x1, 1)
		must(Copy(to, x.Slice(2, y0-q.pad[1], y1-q.pad[1], 1).Slice(3, x0-q.pad[2], x1-q.pad[2], 1)))
	}
	source := x.Buf.Bytes()
	engine.Parallel(q.n*h, max(1, grain/(w*c)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n, y := i/h, i%h
			row := data[i*w*c:][:w*c]
			if y < y0 || y >= y1 {
				fillBytes(row, fill)
				continue
			}
			fillBytes(row[:x0*c], fill)
			fillBytes(row[x1*c:], fill)
			inner := row[x0*c : x1*c]
			if rows {
				copy(inner, source[x.Offset+n*x.Strides[0]+(y-q.pad[1])*x.Strides[2]:])
			}
			if x.DType == engine.I8 {
				for k := range inner {
					inner[k] ^= 128
				}
			}
		}
	})
}

func fillBytes(d []byte, v byte) {
	if len(d) > 0 {
		fillSlice(d, v)
	}
}

// prepare lists the taps, joins rows that follow each other and chooses what becomes of sums.
func (r *quantRun) prepare(q *geometry, t engine.DType) {
	for kh := range q.k[1] {
		for kw := range q.k[2] {
			if r.w.merged && kw > 0 {
				break
			}
			at, size := kh*q.dil[1]*r.in.row+kw*q.dil[2]*r.in.pix, r.w.values*strip
			if r.w.depthwise() {
				size = q.g
			}
			r.offsets = append(r.offsets, [2]int{at, len(r.offsets) * size})
		}
	}
	r.step, r.rowStep = q.stride[2]*r.in.pix, q.stride[1]*r.in.row
	low, high := r.bounds(t)
	r.args = requantArgs{
		ld: r.out.pix, ldResidual: r.residual.pix, low: low, high: high, zero: int32(r.r.Zero),
		residualScale: r.r.ResidualScale,
	}
	if r.residual.a.DType == engine.I8 {
		r.args.signed = 1
	}
	r.n, r.h, r.width = q.n, q.out[1], q.out[2]
	if r.follow(r.width, r.rowStep, r.out.row, r.residual.row) {
		if r.h > 1 {
			r.beyond = nil
		}
		r.h, r.width = 1, r.h*r.width
		if r.follow(r.width, r.in.plane, r.out.plane, r.residual.plane) {
			r.n, r.width = 1, r.n*r.width
		}
	}
	r.line = quantLine(r.width)
	r.lines = (r.width + r.line - 1) / r.line
	switch t {
	case engine.F32:
		r.finish, r.size = quantTiling.requantFloats, 4
	case engine.I32:
		r.finish, r.size = keepSums, 4
	default:
		r.finish, r.size = quantTiling.requantBytes, 1
	}
	r.fused = quantTiling.dotFinish != nil && (t == engine.U8 || t == engine.F32) && !r.w.depthwise() && r.args.signed == 0
	switch {
	case !r.fused:
	case t == engine.F32:
		r.args.mode = modeFloats
	default:
		r.args.least = r.byteOf(low)
		if r.small && r.r.Zero == 0 && low == 0 && high == 255 {
			r.args.mode = modePlain
		}
	}
}

// follow reports whether groups of so many pixels lie at the distances of pixels.
func (r *quantRun) follow(pixels, in, out, residual int) bool {
	return in == pixels*r.step && out == pixels*r.out.pix &&
		(r.residual.p == nil || residual == pixels*r.residual.pix)
}

// quantWork is the number of products of bytes that are worth a task.
const quantWork = 4 * leastWork

// depthCost is how many products of other layers take as long as one of a layer with filters for each channel.
const depthCost = 16

// cachedWeights is the size in bytes of weights that stay in the second-level cache beside the pixels.
const cachedWeights = 3 << 17

// unitOrder is the order of units: so many strips of each of so many lines.
type unitOrder struct {
	strips, rows int
	block        int // lines that all strips visit one after the other
}

// order chooses an order: all strips of a line while the weights stay in the cache, otherwise all lines of a strip. Each
// thread has lines of its own, which mostly it has written itself, where there are more of them to be read than weights.
func (r *quantRun) order(strips int) unitOrder {
	o := unitOrder{strips, r.n * r.h * r.lines, 1}
	switch pixels := r.n * r.h * r.width; {
	case len(r.w.packed) <= cachedWeights:
	case 4*pixels >= 3*r.w.Outputs():
		o.block = (o.rows + engine.Threads() - 1) / engine.Threads()
	default:
		o.block = o.rows
	}
	return o
}

// at returns the strip and the line of unit u.
func (o unitOrder) at(u int) (strip, line int) {
	first := u / (o.strips * o.block) * o.block
	n := min(o.block, o.rows-first)
	u -= first * o.strips
	return u / n, first + u%n
}

// each visits the units.
func (r *quantRun) each() {
	strips := r.w.strips
	if !r.w.depthwise() {
		strips *= r.w.g
	}
	o := r.order(strips)
	work := r.line * len(r.offsets) * max(r.w.values, depthCost) * strip
	engine.Parallel(strips*o.rows, max(1, quantWork/max(work, 1)), func(lo, hi int) {
		t := quantTasks.Get().(*quantTask)
		defer t.done()
		t.quantRun, t.requant = r, r.args
		t.tile = tileArgs{
			offsets: &r.offsets[0], taps: len(r.offsets), k: r.w.values / quantum, rowA: r.step,
			colA: quantum, ldb: stripBytes, c: unsafe.Pointer(&t.sums), ldc: stripBytes,
			flags: coldFlag(r.n * r.h * r.width * r.out.pix),
		}
		for u := lo; u < hi; u++ {
			s, i := o.at(u)
			y, x := i/r.lines, i%r.lines*r.line
			t.unit(s, y/r.h, y%r.h, x, min(r.line, r.width-x))
		}
	})
}

// quantTask is what one thread needs.
type quantTask struct {
	*quantRun
	quantTile
	sums [quantRows * strip]int32
}

// quantTasks are tasks to be used again.
var quantTasks = sync.Pool{New: func() any { return new(quantTask) }}

// done puts t back without what it refers to.
func (t *quantTask) done() {
	t.quantRun, t.quantTile = nil, quantTile{}
	quantTasks.Put(t)
}

// unit computes m pixels from (n, y, x) on for one strip.
func (t *quantTask) unit(s, n, y, x, m int) {
	q := t.w
	at := s * strip // among padded columns
	in, o, columns := at, at, min(strip, q.g-at)
	if !q.depthwise() {
		g, c := s/q.strips, s%q.strips*strip
		in, o, columns = g*q.ci, g*q.co+c, min(strip, q.co-c)
		t.tile.b = unsafe.Pointer(&q.packed[s*q.size])
	}
	t.tile.bias = unsafe.Pointer(&t.bias[at])
	t.requant.columns, t.requant.scale, t.requant.shift = columns, &t.scale[at], &t.shift[at]
	if t.beyond != nil {
		first, end := t.beyond.rows(y)
		each := len(t.offsets) / t.beyond.taps
		t.tile.offsets, t.tile.taps = &t.offsets[first*each], (end-first)*each
	}
	from := unsafe.Add(t.in.p, n*t.in.plane+y*t.rowStep+x*t.step+in)
	to := unsafe.Add(t.out.at(n, y, x), o*t.size)
	var other unsafe.Pointer
	if t.residual.p != nil {
		other = unsafe.Add(t.residual.at(n, y, x), o)
	}
	for i := 0; i < m; {
		rows := m - i
		if rows > quantRows {
			rows = quantRows
			if rest := m - i; rest < 2*quantRows {
				rows = (rest + 1) / 2
			}
		}
		t.tile.a = unsafe.Add(from, i*t.step)
		t.requant.dst = unsafe.Add(to, i*t.out.pix)
		if other != nil {
			t.requant.residual = unsafe.Add(other, i*t.residual.pix)
		}
		i += rows
		if t.fused {
			quantTiling.dotFinish(&t.quantTile, rows, columns)
			continue
		}
		if q.depthwise() {
			t.mix(at, rows, columns)
		} else {
			quantTiling.dot(&t.tile, rows, columns)
		}
		t.requant.sums, t.requant.rows = &t.sums[0], rows
		t.finish(&t.requant)
	}
}

// mix computes the sums of some pixels of channels with filters of their own.
func (t *quantTask) mix(at, rows, columns int) {
	for i := range rows {
		quantTiling.mixBytes(&t.sums[i*strip], &t.bias[at], (*uint8)(unsafe.Add(t.tile.a, i*t.step)),
			&t.w.packed[at], &t.offsets[0], len(t.offsets), columns)
	}
}
