package cpu

import (
	"runtime"
	"slices"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// sweep is a convolution of channels-last images without a frame of zeros:
//
//	out(oy·i + py, ox·j + px) = Σ over taps y, x of in(sy·i + dy[y], sx·j + dx[x])·b[y, x]
//
// where taps outside in are left out. Positions with the same taps form rectangles; pixels along a
// rectangle's longer side are the rows of a tile, channels of the result its columns.
type sweep struct {
	q              *geometry
	in, out        *image
	inner, outer   int // channels of one group in and out
	inH, inW, h, w int
	sy, sx         int
	oy, ox, py, px int
	dy, dx         []int
	taps           []int // of b, bytes: [y x]
	packed         []float32
	size           int // of a packed strip
	ldb            int // bytes
	bias           []float32
	after
	delta      int // to the residual, bytes; with residual
	rows, cols []segment
	offsets    [][][2]int // by row and column segment
}

// segment is a range of positions on one axis that see the same taps.
type segment struct {
	lo, hi int
	taps   []int
}

// segments cuts [0, n) where a tap enters or leaves an input of the given extent.
func segments(n, extent, step int, d []int) []segment {
	cuts := []int{0, n}
	for _, v := range d {
		lo, hi := validRange(v, step, extent, n)
		cuts = append(cuts, lo, hi)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var all []segment
	for i, lo := range cuts[:len(cuts)-1] {
		s := segment{lo: lo, hi: cuts[i+1]}
		for t, v := range d {
			if p := lo*step + v; p >= 0 && p < extent {
				s.taps = append(s.taps, t)
			}
		}
		all = append(all, s)
	}
	return all
}

// prepare lists the taps of each rectangle, relative to its first one.
func (s *sweep) prepare() {
	s.rows = segments(s.h, s.inH, s.sy, s.dy)
	s.cols = segments(s.w, s.inW, s.sx, s.dx)
	for _, r := range s.rows {
		for _, c := range s.cols {
			var list [][2]int
			for _, y := range r.taps {
				for _, x := range c.taps {
					at := (s.dy[y]-s.dy[r.taps[0]])*s.in.row + (s.dx[x]-s.dx[c.taps[0]])*s.in.pix
					list = append(list, [2]int{4 * at, s.taps[y*len(s.dx)+x]})
				}
			}
			s.offsets = append(s.offsets, list)
		}
	}
}

func (s *sweep) strips() int { return (s.outer + strip - 1) / strip }

// unitWork is the number of multiplications of one unit of work.
const unitWork = 1 << 20

// edgeRows is the number of rows that a unit has where there is enough work for all: columns at the edges, which
// see fewer taps, make tiles of so many pixels.
const edgeRows = 8

// cachedStrips is the size in bytes of weights that stay in the second-level cache while pixels pass.
const cachedStrips = 5 << 17

// run visits units of some rows of one sample, or of whole samples, for one strip. Units of the same rows
// follow each other while all weights stay in the cache, otherwise units of a strip.
func (s *sweep) run() {
	s.prepare()
	row := s.w * s.inner * min(s.outer, strip) * len(s.taps)
	strips, together := s.q.g*s.strips(), 1
	tall := min(s.h, max(1, unitWork/max(row, 1)))
	if full := min(s.h, edgeRows); strips*s.q.n*(s.h/full) >= 4*engine.Threads() {
		tall = max(tall, full)
	}
	chunks := (s.h + tall - 1) / tall
	tall = (s.h + chunks - 1) / chunks
	if s.h*s.w <= 256 { // small images: edges and corners of all samples make fuller tiles
		tall, chunks = s.h, 1
		for together < s.q.n && strips*s.q.n >= 8*together*engine.Threads() {
			together *= 2
		}
	}
	groups := (s.q.n + together - 1) / together
	units := groups * chunks
	least := max(1, leastWork/max(tall*row*together, 1))
	cached := s.oy*s.ox == 1 && strips*len(s.taps)*s.inner*stripBytes <= cachedStrips
	engine.Parallel(strips*units, least, func(lo, hi int) {
		a := &tileArgs{k: s.inner, colA: 4, ldb: s.ldb}
		for u := lo; u < hi; u++ {
			st, i := u/units, u%units
			if cached {
				st, i = u%strips, u/strips
			}
			n, y := i/chunks*together, i%chunks*tall
			s.unit(a, st, n, min(together, s.q.n-n), y, min(y+tall, s.h))
		}
	})
}

// unit computes rows y0 … y1 of count samples from n on for one strip.
func (s *sweep) unit(a *tileArgs, st, n, count, y0, y1 int) {
	g, c := st/s.strips(), st%s.strips()*strip
	o := g*s.outer + c
	width := min(strip, s.outer-c)
	a.b = unsafe.Pointer(&s.packed[st*s.size])
	for i, r := range s.rows {
		lo, hi := max(r.lo, y0), min(r.hi, y1)
		if lo >= hi {
			continue
		}
		for j, col := range s.cols {
			list := s.offsets[i*len(s.cols)+j]
			if len(list) == 0 {
				for k := range count {
					s.empty(n+k, lo, hi, col, o, width)
				}
				continue
			}
			from := s.in.at(n, lo*s.sy+s.dy[r.taps[0]], col.lo*s.sx+s.dx[col.taps[0]]) + g*s.inner
			to := s.out.at(n, lo*s.oy+s.py, col.lo*s.ox+s.px) + o
			s.groups(a, list, from, to, [3]int{count, hi - lo, col.hi - col.lo}, o, width)
		}
	}
}

// weightBytes of one group of taps stay in the second-level cache.
const weightBytes = 1 << 18

// groups computes a rectangle of samples, rows and pixels for some taps after the other.
func (s *sweep) groups(a *tileArgs, list [][2]int, from, to int, n [3]int, o, width int) {
	most := max(1, weightBytes/(s.inner*stripBytes))
	if len(list) <= most+most/2 {
		most = len(list)
	}
	cold := coldFlag(4 * s.q.n * s.out.plane)
	for t := 0; t < len(list); t += most {
		a.offsets, a.taps = &list[t], min(most, len(list)-t)
		a.flags, a.bias = 0, nil
		switch {
		case t > 0:
			a.flags, a.delta = flagAdd, 0
		case s.residual.Buf != nil:
			a.flags, a.delta = flagAdd|cold, s.delta
		default:
			a.flags = cold
		}
		if t+most >= len(list) {
			s.set(a)
			if s.bias != nil {
				a.bias = unsafe.Pointer(&s.bias[o])
			}
		}
		s.rectangle(a, from, to, n, width)
	}
}

// rectangle computes pixels, by tiles along the side that fills them best.
func (s *sweep) rectangle(a *tileArgs, from, to int, n [3]int, width int) {
	in := [3]int{s.in.plane, s.sy * s.in.row, s.sx * s.in.pix}
	out := [3]int{s.out.plane, s.oy * s.out.row, s.ox * s.out.pix}
	if in[1] == n[2]*in[2] && out[1] == n[2]*out[2] {
		n[1], n[2] = 1, n[1]*n[2]
	}
	side := 2
	for i := range 2 {
		if n[side] < tiling.rows && n[i] > n[side] {
			side = i
		}
	}
	n[side], n[2] = n[2], n[side]
	in[side], in[2] = in[2], in[side]
	out[side], out[2] = out[2], out[side]
	a.rowA, a.ldc = 4*in[2], 4*out[2]
	for i := range n[0] {
		for j := range n[1] {
			a.a = unsafe.Pointer(&s.in.d[from+i*in[0]+j*in[1]])
			a.c = unsafe.Pointer(&s.out.d[to+i*out[0]+j*out[1]])
			tiling.rowsRun(a, n[2], width)
		}
	}
}

// empty fills rows that no tap reaches.
func (s *sweep) empty(n, lo, hi int, c segment, o, width int) {
	for y := lo; y < hi; y++ {
		for x := c.lo; x < c.hi; x++ {
			d := s.out.d[s.out.at(n, y*s.oy+s.py, x*s.ox+s.px)+o:][:width]
			var other []float32
			if s.residual.Buf != nil {
				other = floatsAt(&d[0], s.delta, width)
			}
			s.unmet(d, o, other)
		}
	}
}

// unmet computes channels from o on of a pixel that no tap reaches.
func (s *sweep) unmet(d []float32, o int, residual []float32) {
	clear(d)
	if s.bias != nil {
		copy(d, s.bias[o:])
	}
	for j, v := range residual {
		d[j] += v
	}
	if !s.bounds() {
		return
	}
	for j, v := range d {
		d[j] = bounded(v, s.low, s.high)
	}
}

// asChannelsLast returns the image of x in place or a copy.
func asChannelsLast(x *engine.Array) *image {
	if m := channelsLast(x); m != nil {
		return m
	}
	return framed(x, x.Shape[2], x.Shape[3], 0, 0)
}

// forwardSweep is the sweep of the forward pass, without taps of the weights.
func forwardSweep(q *geometry, in, out *image, a after) *sweep {
	s := &sweep{
		q: q, in: in, out: out, inner: q.ci, outer: q.co, inH: q.in[1], inW: q.in[2],
		h: q.out[1], w: q.out[2], sy: q.stride[1], sx: q.stride[2], oy: 1, ox: 1, after: a,
		size: q.ci * q.kernelSize * strip, ldb: q.kernelSize * stripBytes,
	}
	for kh := range q.k[1] {
		s.dy = append(s.dy, kh*q.dil[1]-q.pad[1])
	}
	for kw := range q.k[2] {
		s.dx = append(s.dx, kw*q.dil[2]-q.pad[2])
	}
	return s
}

// sweepForward computes the forward pass.
func sweepForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) {
	x4 := array4(x)
	in := asChannelsLast(&x4)
	defer in.release()
	out, direct := q.output(dst)
	defer out.release()
	s := forwardSweep(q, in, out, a)
	if a.residual.Buf != nil {
		s.delta, _ = a.delta(dst)
	}
	for t := range q.kernelSize {
		s.taps = append(s.taps, t*stripBytes)
	}
	if bias.Buf != nil {
		s.bias = flatSlice[float32](ptr(lasting(*bias)))
	}
	var release func()
	s.packed, release = q.strips(f)
	defer release()
	s.run()
	if !direct {
		must(Copy(array4(dst), out.array(q.n, q.g*q.co, q.out[1], q.out[2])))
	}
}

// strips packs the weights [co ci kernel] so that the output channels are the columns: [group][strip][ci
// kernel][32].
func (q *geometry) strips(f *filters) (d []float32, release func()) {
	strips, kk := (q.co+strip-1)/strip, q.ci*q.kernelSize
	size := kk * strip
	return f.form(asStrips, q.g*strips*size, func(d []float32) {
		w := lasting(*f.w)
		src := flatSlice[float32](&w)
		engine.Parallel(q.g*strips, max(1, grain/size), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				g, c := i/strips, i%strips*strip
				packTransposed(d[i*size:(i+1)*size], src, (g*q.co+c)*kk, kk, min(strip, q.co-c), kk, strip)
			}
		})
		runtime.KeepAlive(w.Buf)
	})
}

// sweepInput computes the input's gradient. Input positions that agree modulo the stride see the
// same kernel taps at fixed distances, so each such phase is a sweep over dy.
func sweepInput(q *geometry, dx, dy, w *engine.Array) {
	y4, x4 := array4(dy), array4(dx)
	in := asChannelsLast(&y4)
	defer in.release()
	out := channelsLast(&x4)
	direct := out != nil
	if !direct {
		out = newImage(q.n, q.in[1], q.in[2], q.g*q.ci)
		defer out.release()
	}
	size := q.kernelSize * q.co * strip
	packed, buf := turnedWeights(q, ptr(lasting(*w)), size)
	defer buf.Release()
	q.phases(in, out, func(s *sweep) {
		s.size, s.ldb, s.packed = size, stripBytes, packed
		s.phase(q.co * stripBytes)
		s.run()
	})
	if !direct {
		must(Copy(x4, out.array(q.n, q.g*q.ci, q.in[1], q.in[2])))
	}
}

// phases calls f for the sweep over dy that gives each phase of the input's gradient, without taps.
func (q *geometry) phases(in, out *image, f func(s *sweep)) {
	for py := range min(q.stride[1], q.in[1]) {
		for px := range min(q.stride[2], q.in[2]) {
			f(&sweep{
				q: q, in: in, out: out, after: reluAfter(false), inner: q.co, outer: q.ci, inH: q.out[1], inW: q.out[2],
				h:  (q.in[1] - py + q.stride[1] - 1) / q.stride[1],
				w:  (q.in[2] - px + q.stride[2] - 1) / q.stride[2],
				sy: 1, sx: 1, oy: q.stride[1], ox: q.stride[2], py: py, px: px,
			})
		}
	}
}

// phase lists the taps of the positions py and px modulo the stride; the weights of one position of
// the kernel take step bytes.
func (s *sweep) phase(step int) {
	q := s.q
	var ys, xs []int
	for kh := range q.k[1] {
		if d, ok := q.shift(1, s.py, kh); ok {
			s.dy, ys = append(s.dy, d), append(ys, kh)
		}
	}
	for kw := range q.k[2] {
		if d, ok := q.shift(2, s.px, kw); ok {
			s.dx, xs = append(s.dx, d), append(xs, kw)
		}
	}
	for _, kh := range ys {
		for _, kw := range xs {
			s.taps = append(s.taps, (kh*q.k[2]+kw)*step)
		}
	}
}

// turnedWeights packs [co ci kernel] so that the input channels are the columns:
// [group][strip][kernel][co][32].
func turnedWeights(q *geometry, w *engine.Array, size int) ([]float32, *engine.Buffer) {
	src := flatSlice[float32](w)
	strips := (q.ci + strip - 1) / strip
	buf := engine.NewBuffer(4 * q.g * strips * size)
	packed := floats(buf)
	kk := q.kernelSize
	engine.Parallel(q.g*strips, max(1, grain/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			g, c := i/strips, i%strips*strip
			d, n := packed[i*size:(i+1)*size], min(strip, q.ci-c)
			if n < strip {
				clear(d)
			}
			for o := range q.co {
				from := ((g*q.co+o)*q.ci + c) * kk
				if kk == 1 {
					copy(d[o*strip:][:n], src[from:])
					continue
				}
				transpose(d, src, o*strip, from, kk, n, q.co*strip, kk)
			}
		}
	})
	return packed, buf
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
