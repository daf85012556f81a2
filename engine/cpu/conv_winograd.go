package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Convolutions of stride 1 with kernels of 3×3 and 5×5 by Winograd's algorithm: tiles of the input are
// transformed channel by channel, 36 matrix products take the place of the sums over the kernel, and the
// inverse transform gives 4×4 or 2×2 pixels. See docs/decisions/0027-winograd.md.

// winogradConv is such a convolution of channels-last images.
type winogradConv struct {
	q            *geometry
	r, m         int // sides of the kernel and of a tile of the result
	inner, outer int // channels of a group in and out
	rowV         int // distance of transformed tiles, in elements
	step         int // of pixels of in from one element of a tile to the next
	runs, run    int // inner is so many rows of in, of which as many neighbours are read
	top, left    int // zeros before the input
	inH, inW     int
	h, w         int
	in, out      *image
	across, down int // tiles of a row, rows of tiles of one sample
	tiles        int
	zeros        []float32
	bias         []float32
	after
	delta int // to the residual, bytes; with residual
	// strip gives the transformed filters of a strip of output channels [ξ][inner][32]; scratch is the
	// caller's.
	strip  func(s int, scratch *[2]*engine.Buffer) []float32
	spoilt atomic.Bool // a sum was not finite
}

// newWinograd returns the plan of a convolution from inner to outer channels of a group.
func newWinograd(q *geometry, inner, outer int, a after) *winogradConv {
	return &winogradConv{
		q: q, r: q.k[1], m: tileSide + 1 - q.k[1], inner: inner, outer: outer,
		rowV: inner, step: 1, runs: 1, run: inner, after: a,
	}
}

// tile lays tiles over a result of h×w pixels.
func (c *winogradConv) tile(h, w int) {
	c.h, c.w = h, w
	c.down, c.across = (h+c.m-1)/c.m, (w+c.m-1)/c.m
	c.tiles = c.q.n * c.down * c.across
}

func (c *winogradConv) strips() int { return (c.outer + strip - 1) / strip }

// stripSize is the number of elements of the transformed filters of a strip.
func (c *winogradConv) stripSize() int { return tileSize * c.ldu() }

// oddLines is the distance of n elements that come 36 times, in elements: an odd number of cache lines, so that
// the 36 lie in different sets.
func oddLines(n int) int { return (n+15)/16*16 | 16 }

const (
	winogradLocal  = 256 << 10 // bytes of transformed tiles in and out that stay in the second-level cache
	winogradSpread = 8 << 20   // bytes of transformed tiles that threads share
	winogradWhole  = 5 << 19   // bytes of transformed filters that every block of tiles reads
	fewTiles       = 14
	manyTiles      = 84
)

// block is the number of tiles that are multiplied at once when each takes size bytes.
func (c *winogradConv) block(tiles, size, parts int) int {
	most := min(max(winogradLocal/size, fewTiles), manyTiles)
	n := (tiles + most - 1) / most
	if t := engine.Threads(); n*parts < 8*t {
		n = (n*parts + t - 1) / t * t / parts
		n = max(n, 1)
	}
	return (tiles + n - 1) / n
}

// run36 computes everything; it reports whether all sums are finite.
func (c *winogradConv) run36(whole bool) bool {
	zeros := engine.NewBuffer(4 * max(c.inner+strip, c.q.g*c.outer))
	defer zeros.Release()
	c.zeros = floats(zeros)
	clear(c.zeros)
	if c.bias == nil {
		c.bias = c.zeros
	}
	if whole {
		c.byTiles()
	} else {
		c.byStrips()
	}
	return !c.spoilt.Load()
}

// wholePays reports whether blocks of tiles should each meet all filters.
func (c *winogradConv) wholePays() bool {
	filters := 4 * c.strips() * c.stripSize()
	return filters <= winogradWhole && c.tiles*c.q.g >= 2*fewTiles*engine.Threads()
}

// byTiles lets each thread take blocks of tiles from the input to the result.
func (c *winogradConv) byTiles() {
	g := c.q.g
	t := c.block(c.tiles, 4*tileSize*(c.rowV+strip), g)
	blocks := (c.tiles + t - 1) / t
	ldv, ldm := oddLines(t*c.rowV), oddLines(t*strip)
	engine.Parallel(blocks*g, 1, func(lo, hi int) {
		var scratch [2]*engine.Buffer
		buf := engine.NewBuffer(4 * tileSize * (ldv + ldm))
		v := floats(buf)
		for i := lo; i < hi && !c.spoilt.Load(); i++ {
			from := i / g * t
			n := min(t, c.tiles-from)
			c.transform(v, ldv, from, n, i%g)
			for s := i % g * c.strips(); s < (i%g+1)*c.strips(); s++ {
				c.multiply(v[tileSize*ldv:], ldm, v, ldv, n, s, c.strip(s, &scratch))
				c.store(v[tileSize*ldv:], ldm, from, n, s)
			}
		}
		buf.Release()
		releaseAll(scratch[:])
	})
}

// byStrips transforms many tiles first and then lets each thread compute strips of channels.
func (c *winogradConv) byStrips() {
	g := c.q.g
	super := min(c.tiles, max(fewTiles, winogradSpread/(4*tileSize*c.rowV*g)))
	parts := (c.tiles + super - 1) / super
	super = (c.tiles + parts - 1) / parts
	ldv := oddLines(super * c.rowV)
	buf := engine.NewBuffer(4 * tileSize * ldv * g)
	defer buf.Release()
	v := floats(buf)
	for first := 0; first < c.tiles && !c.spoilt.Load(); first += super {
		n := min(super, c.tiles-first)
		engine.Parallel(n*g, max(1, 1<<15/(tileSize*c.inner)), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				group := i / n
				c.transform(v[group*tileSize*ldv+i%n*c.rowV:], ldv, first+i%n, 1, group)
			}
		})
		t := c.block(n, 4*tileSize*strip, 1<<20)
		ldm := oddLines(t * strip)
		engine.Parallel(g*c.strips(), 1, func(lo, hi int) {
			var scratch [2]*engine.Buffer
			out := engine.NewBuffer(4 * tileSize * ldm)
			for s := lo; s < hi && !c.spoilt.Load(); s++ {
				u := c.strip(s, &scratch)
				for i := 0; i < n; i += t {
					m := min(t, n-i)
					c.multiply(floats(out), ldm, v[s/c.strips()*tileSize*ldv+i*c.rowV:], ldv, m, s, u)
					c.store(floats(out), ldm, first+i, m, s)
				}
			}
			out.Release()
			releaseAll(scratch[:])
		})
	}
}

func releaseAll(bufs []*engine.Buffer) {
	for _, b := range bufs {
		if b != nil {
			b.Release()
		}
	}
}

// corner returns the sample and the first row and column of the result in a tile.
func (c *winogradConv) corner(tile int) (n, y, x int) {
	return tile / (c.down * c.across), tile / c.across % c.down * c.m, tile % c.across * c.m
}

// transform computes Bᵀ·d·B of n tiles from first on for the channels of group g: [ξ][tile][channel]. Lanes
// behind the last neighbour of a run are overwritten by the next run, or lie between tiles.
func (c *winogradConv) transform(v []float32, ldv, first, n, g int) {
	var table [tileSize]*float32
	whole := (c.run + winograds.lanes - 1) / winograds.lanes * winograds.lanes
	for t := range n {
		s, y, x := c.corner(first + t)
		for k := range c.runs {
			c.pixels(&table, s, y*c.step+k-c.top, x*c.step-c.left, g*c.inner)
			winograds.input(&v[t*c.rowV+k*c.run], &table[0], whole, 4*ldv)
		}
	}
}

// pixels lists the addresses of the pixels of a tile from row y and column x on.
func (c *winogradConv) pixels(table *[tileSize]*float32, s, y, x, channel int) {
	zero, pix := &c.zeros[0], 4*c.in.pix
	for i := range tileSide {
		row := table[tileSide*i:][:tileSide]
		if h := y + i*c.step; h < 0 || h >= c.inH {
			for j := range row {
				row[j] = zero
			}
			continue
		}
		p := unsafe.Pointer(&c.in.d[c.in.at(s, y+i*c.step, 0)+channel])
		for j := range row {
			row[j] = zero
			if w := x + j*c.step; w >= 0 && w < c.inW {
				row[j] = elementAt(p, w*pix)
			}
		}
	}
}

// multiply computes the 36 products of n transformed tiles with the filters of strip s: [ξ][tile][channel].
func (c *winogradConv) multiply(d []float32, ldm int, v []float32, ldv, n, s int, u []float32) {
	width := c.width(s)
	size := c.ldu()
	if tiling == nil {
		for k := range tileSize {
			gemmGo(n, width, c.inner, matrix[float32]{d, k * ldm, width, 1}, matrix[float32]{v, k * ldv, c.rowV, 1},
				matrix[float32]{u, k * size, strip, 1}, epilogue[float32]{alpha: 1})
		}
		return
	}
	a := tileArgs{
		offsets: &noOffset, taps: 1, k: c.inner, rowA: 4 * c.rowV, colA: 4, ldb: stripBytes, ldc: 4 * width,
	}
	for k := range tileSize {
		a.a, a.b = unsafe.Pointer(&v[k*ldv]), unsafe.Pointer(&u[k*size])
		a.c = unsafe.Pointer(&d[k*ldm])
		tiling.rowsRun(&a, n, width)
	}
}

// width is the number of channels of strip s.
func (c *winogradConv) width(s int) int { return min(strip, c.outer-s%c.strips()*strip) }

// store computes the pixels of n tiles from first on for strip s.
func (c *winogradConv) store(d []float32, ldm, first, n, s int) {
	width := c.width(s)
	o := s/c.strips()*c.outer + s%c.strips()*strip
	a := &winogradTile{
		ldm: 4 * ldm, count: width, row: 4 * c.out.row, pix: 4 * c.out.pix, bias: unsafe.Pointer(&c.bias[o]),
	}
	if c.bounds() {
		a.flags |= flagClamp
		a.low, a.high = bitsOf(float64(c.low), 4), bitsOf(float64(c.high), 4)
	}
	if c.residual.Buf != nil {
		a.flags |= flagAdd
		a.delta = c.delta
	}
	finite := true
	for t := range n {
		i, y, x := c.corner(first + t)
		a.m = unsafe.Pointer(&d[t*width])
		a.y = unsafe.Pointer(&c.out.d[c.out.at(i, y, x)+o])
		a.rows, a.cols = min(c.m, c.h-y), min(c.m, c.w-x)
		finite = winograds.outputs[c.m](a) && finite
	}
	if !finite {
		c.spoilt.Store(true)
	}
}

// flat reports whether q has at most two spatial axes, dense kernels and something to compute.
func (q *geometry) flat() bool {
	return q.k[0] == 1 && q.in[0] == 1 && q.out[0] == 1 && q.pad[0] == 0 && q.dil == [3]int{1, 1, 1} &&
		q.n*q.ci*q.co*q.points*q.inSize > 0
}

// winogradKernel reports whether the kernel and its steps allow Winograd's algorithm.
func (q *geometry) winogradKernel() bool {
	return q.flat() && q.k[1] == q.k[2] && (q.k[1] == 3 || q.k[1] == 5) && q.stride == [3]int{1, 1, 1} &&
		q.ci%winograds.lanes == 0 && q.co%winograds.lanes == 0 && FastConvolutions()
}

// fixedCost of a convolution by tiles, in vector operations.
const fixedCost = 15000

// winogradPays estimates whether Winograd's algorithm takes less time for a result of h×w pixels, in vector
// operations; kept says that filters are transformed only once.
func winogradPays(q *geometry, h, w, inner, outer int, kept bool) bool {
	if inner < 16 || outer < 16 {
		return false
	}
	m := tileSide + 1 - q.k[1]
	vectors := (outer + 15) / 16
	tiles := q.n * ((h + m - 1) / m) * ((w + m - 1) / m)
	direct := q.n * h * w * q.kernelSize * inner * vectors
	cost := tiles * (tileSize*inner*vectors*17/16 + 13*inner + 230*vectors + 400)
	if filters := inner * vectors; !kept {
		cost += filters * 300
	} else if 4*tileSize*filters*16 > winogradWhole {
		cost += filters * 150
	}
	return cost+fixedCost < direct-direct/5
}

var directOnly atomic.Bool

// SetFastConvolutions says whether float32 convolutions may use Winograd's algorithm, which takes up to four
// times fewer multiplications and has about twice the rounding error; they may from the start. The result of a
// convolution with values that are not finite is that of sums either way.
func SetFastConvolutions(on bool) { directOnly.Store(!on) }

// FastConvolutions reports whether float32 convolutions may use Winograd's algorithm.
func FastConvolutions() bool { return !directOnly.Load() }

// winogradForward computes the forward pass; it reports whether it took the case.
func winogradForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) bool {
	if !q.winogradKernel() || !winogradPays(q, q.out[1], q.out[2], q.ci, q.co, f.kept != nil) {
		return false
	}
	c := newWinograd(q, q.ci, q.co, a)
	c.tile(q.out[1], q.out[2])
	return c.forward(dst, x, bias, f, c.wholePays())
}

// forward computes the forward pass; it reports whether all sums are finite.
func (c *winogradConv) forward(dst, x, bias *engine.Array, f *filters, whole bool) bool {
	q := c.q
	c.in = asChannelsLast(ptr(array4(x)))
	defer c.in.release()
	c.top, c.left, c.inH, c.inW = q.pad[1], q.pad[2], q.in[1], q.in[2]
	w := sync.OnceValue(func() engine.Array { return lasting(*f.w) })
	kk := q.ci * q.kernelSize
	return c.complete(dst, bias, f, whole, func(d []float32, s, from, n int) {
		src := w()
		g, o := s/c.strips(), s%c.strips()*strip
		at := (g*q.co+o)*kk + from*q.kernelSize
		packTransposed(d, flatSlice[float32](&src), at, kk, min(strip, q.co-o), n*q.kernelSize, strip)
		runtime.KeepAlive(src.Buf)
	})
}

// complete computes the forward pass with weights from pack; it reports whether all sums are finite.
func (c *winogradConv) complete(
	dst, bias *engine.Array, f *filters, whole bool, pack func(d []float32, s, from, n int),
) bool {
	q := c.q
	out, direct := q.output(dst)
	defer out.release()
	c.out = out
	if c.residual.Buf != nil {
		c.delta, _ = c.after.delta(dst)
	}
	if bias.Buf != nil {
		c.bias = flatSlice[float32](ptr(lasting(*bias)))
	}
	release := c.filters(f, whole, pack, 1)
	defer release()
	finite := c.run36(whole)
	if finite && !direct {
		must(Copy(array4(dst), out.array(q.n, q.g*q.co, q.out[1], q.out[2])))
	}
	return finite
}

// filters makes the transformed filters, all at once or, for one use, by strips when they are asked for. pack
// writes n input channels from one on of strip s, [channel][kernel][32], whose kernels are turned around if way
// is -1.
func (c *winogradConv) filters(
	f *filters, whole bool, pack func(d []float32, s, from, n int), way int,
) (release func()) {
	n, one := c.q.g*c.strips(), c.stripSize()
	if f.kept == nil && !whole {
		c.strip = func(s int, scratch *[2]*engine.Buffer) []float32 {
			u := room[float32](&scratch[0], one, 4)
			c.transformStrip(u, s, &scratch[1], pack, way)
			return u
		}
		return func() {}
	}
	u, release := f.form(asWinograd, n*one, func(u []float32) {
		engine.Parallel(n, 1, func(lo, hi int) {
			var scratch [1]*engine.Buffer
			for s := lo; s < hi; s++ {
				c.transformStrip(u[s*one:(s+1)*one], s, &scratch[0], pack, way)
			}
			releaseAll(scratch[:])
		})
	})
	c.strip = func(s int, _ *[2]*engine.Buffer) []float32 { return u[s*one : (s+1)*one] }
	return release
}

// filtersAtOnce is the number of filters whose packed form stays in the first-level cache.
const filtersAtOnce = 12

// transformStrip makes the transformed filters of a strip.
func (c *winogradConv) transformStrip(
	u []float32, s int, scratch **engine.Buffer, pack func(d []float32, s, from, n int), way int,
) {
	kk := c.r * c.r
	d := room[float32](scratch, filtersAtOnce*kk*strip, 4)
	first := &d[0]
	if way < 0 {
		first = &d[(kk-1)*strip]
	}
	for i := 0; i < c.inner; i += filtersAtOnce {
		n := min(filtersAtOnce, c.inner-i)
		pack(d[:n*kk*strip], s, i, n)
		winograds.filters[c.r](&u[i*strip], first, n, way*c.r*stripBytes, way*stripBytes, kk*stripBytes, 4*c.ldu())
	}
}

// ldu is the distance of transformed filters, in elements.
func (c *winogradConv) ldu() int { return oddLines(c.inner * strip) }

// winogradInput computes the input's gradient, a convolution of dy with the kernel turned around; it reports
// whether it took the case.
func winogradInput(q *geometry, dx, dy, w *engine.Array) bool {
	if !q.winogradKernel() || q.pad[1] >= q.k[1] || q.pad[2] >= q.k[2] ||
		!winogradPays(q, q.in[1], q.in[2], q.co, q.ci, false) {
		return false
	}
	c := newWinograd(q, q.co, q.ci, reluAfter(false))
	c.tile(q.in[1], q.in[2])
	return c.backward(dx, dy, w, c.wholePays())
}

// backward computes the input's gradient; it reports whether all sums are finite.
func (c *winogradConv) backward(dx, dy, w *engine.Array, whole bool) bool {
	q, y4, x4 := c.q, array4(dy), array4(dx)
	in := asChannelsLast(&y4)
	defer in.release()
	out := channelsLast(&x4)
	direct := out != nil
	if !direct {
		out = newImage(q.n, q.in[1], q.in[2], q.g*q.ci)
		defer out.release()
	}
	c.in, c.out = in, out
	c.top, c.left, c.inH, c.inW = q.k[1]-1-q.pad[1], q.k[2]-1-q.pad[2], q.out[1], q.out[2]
	wa := lasting(*w)
	src := flatSlice[float32](&wa)
	kk := q.kernelSize
	pack := func(d []float32, s, from, n int) {
		g, first := s/c.strips(), s%c.strips()*strip
		width := min(strip, q.ci-first)
		if width < strip {
			clear(d)
		}
		for i := range n {
			o := g*q.co + from + i
			transpose(d, src, i*kk*strip, (o*q.ci+first)*kk, kk, width, strip, kk)
		}
	}
	release := c.filters(&filters{}, whole, pack, -1)
	defer release()
	finite := c.run36(whole)
	runtime.KeepAlive(wa.Buf)
	if finite && !direct {
		must(Copy(x4, out.array(q.n, q.g*q.ci, q.in[1], q.in[2])))
	}
	return finite
}
