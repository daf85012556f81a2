package cpu

import (
	"sync/atomic"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// winogradWeight is the weight's gradient of a 3×3 convolution by tiles of 6×6: a 4×4 tile of dy is the filter,
// the 6×6 pixels of the input that it met are the input, and 3×3 sums are the result. The 36 products add over
// tiles before the inverse transform.
type winogradWeight struct {
	c          *winogradConv // the tiles of the input
	dy         *image
	sums       []float32 // [group][kernel][co][ci]
	v, d       []float32 // transformed input and dy: [group][ξ][tile][channel]
	ldv, ldd   int       // between ξ
	rowV, rowD int       // between tiles
	tall       int       // output channels of a unit
	spoilt     atomic.Bool
}

// tilesAtOnce of both sides stay in the first-level cache while their products are summed.
const tilesAtOnce = 128

// weightSpread is the number of bytes of transformed tiles that the weight's gradient sums at once: what the
// caches hold, but more for many channels, whose inverse transforms take their time.
func weightSpread(q *geometry) int {
	if q.ci+q.co > 256 {
		return winogradSpread
	}
	return winogradSpread / 2
}

// winogradWeightPays is winogradPays for the weight's gradient.
func winogradWeightPays(q *geometry) bool {
	if q.k[1] != 3 || q.ci < 32 || q.co < 32 {
		return false
	}
	vectors := (q.ci + 15) / 16
	tiles := q.n * ((q.out[1] + 3) / 4) * ((q.out[2] + 3) / 4)
	direct := q.n * q.points * q.kernelSize * q.co * vectors
	super := 2*tiles*tileSize*4*(q.ci+q.co)*q.g/weightSpread(q) + 1
	cost := tiles*(tileSize*q.co*vectors*9/8+13*(q.ci+q.co)+800) + super*q.co*vectors*400
	return cost+fixedCost < direct-direct/5
}

// weightByTiles computes the weight's gradient; it reports whether it took the case.
func weightByTiles(q *geometry, dw, x, dy *engine.Array) bool {
	if !q.winogradKernel() || !winogradWeightPays(q) {
		return false
	}
	return weightOfTiles(q, dw, x, dy)
}

// weightOfTiles computes the weight's gradient; it reports whether all sums are finite.
func weightOfTiles(q *geometry, dw, x, dy *engine.Array) bool {
	in, up := asChannelsLast(ptr(array4(x))), asChannelsLast(ptr(array4(dy)))
	defer in.release()
	defer up.release()
	c := newWinograd(q, q.ci, q.co, reluAfter(false))
	c.in = in
	c.top, c.left, c.inH, c.inW = q.pad[1], q.pad[2], q.in[1], q.in[2]
	c.tile(q.out[1], q.out[2])
	buf := engine.NewBuffer(4 * q.g * q.co * q.ci * q.kernelSize)
	defer buf.Release()
	w := &winogradWeight{c: c, dy: up, sums: floats(buf)}
	w.run()
	if w.spoilt.Load() {
		return false
	}
	if d, same := packed(*dw); same {
		turnBack(q, flatSlice[float32](&d), w.sums)
	} else {
		b := &weightSweep{q: q}
		b.store(q, dw, buf, []int{q.co * q.ci * q.kernelSize, q.ci, 1, q.k[2] * q.co * q.ci, q.co * q.ci})
	}
	return true
}

// run adds the products of as many tiles at a time as their transforms may take memory.
func (w *winogradWeight) run() {
	c, q := w.c, w.c.q
	zeros := engine.NewBuffer(4 * max(q.ci, q.co))
	defer zeros.Release()
	c.zeros = floats(zeros)
	clear(c.zeros)
	w.rowV, w.rowD = oddLines(q.ci), oddLines(q.co)
	super := min(c.tiles, max(fewTiles, weightSpread(q)/(4*tileSize*(w.rowV+w.rowD)*q.g)))
	parts := (c.tiles + super - 1) / super
	super = (c.tiles + parts - 1) / parts
	w.ldv, w.ldd = oddLines(super*w.rowV), oddLines(super*w.rowD)
	buf := engine.NewBuffer(4 * tileSize * q.g * (w.ldv + w.ldd))
	defer buf.Release()
	w.v = floats(buf)
	w.d = w.v[tileSize*q.g*w.ldv:]
	strips := (q.ci + strip - 1) / strip
	blocks := (q.co + 4*fewTiles - 1) / (4 * fewTiles)
	for q.g*strips*blocks < 2*engine.Threads() && q.co > 16*blocks {
		blocks++
	}
	w.tall = (q.co + blocks - 1) / blocks
	for first := 0; first < c.tiles && !w.spoilt.Load(); first += super {
		n := min(super, c.tiles-first)
		w.transform(first, n)
		engine.Parallel(q.g*strips*blocks, 1, func(lo, hi int) {
			ldm := oddLines(w.tall * strip)
			sums := engine.NewBuffer(4 * tileSize * ldm)
			for u := lo; u < hi; u++ {
				w.unit(floats(sums), ldm, n, u/blocks/strips, u/blocks%strips*strip, u%blocks*w.tall, first > 0)
			}
			sums.Release()
		})
	}
}

// transform transforms n tiles from first on of both sides.
func (w *winogradWeight) transform(first, n int) {
	c, q := w.c, w.c.q
	engine.Parallel(n*q.g, max(1, 1<<15/(tileSize*(q.ci+q.co))), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			g, t := i/n, i%n
			c.transform(w.v[g*tileSize*w.ldv+t*w.rowV:], w.ldv, first+t, 1, g)
			w.gradient(w.d[g*tileSize*w.ldd+t*w.rowD:], first+t, g)
		}
	})
}

// gradient computes G·dy·Gᵀ of a tile for the channels of group g.
func (w *winogradWeight) gradient(d []float32, tile, g int) {
	c := w.c
	var table [16]*float32
	s, y, x := c.corner(tile)
	for k := range table {
		table[k] = &c.zeros[0]
		if i, j := y+k/4, x+k%4; i < c.h && j < c.w {
			table[k] = &w.dy.d[w.dy.at(s, i, j)+g*c.outer]
		}
	}
	winograds.grad(&d[0], &table[0], c.outer, 4*w.ldd)
}

// unit computes the gradients between a strip of input channels from i on and the output channels from o on of
// group g from n tiles, and adds them to those of earlier ones if there are such.
func (w *winogradWeight) unit(sums []float32, ldm, n, g, i, o int, more bool) {
	q := w.c.q
	width, tall := min(strip, q.ci-i), min(w.tall, q.co-o)
	if tall <= 0 {
		return
	}
	v, d := w.v[g*tileSize*w.ldv+i:], w.d[g*tileSize*w.ldd+o:]
	for k := range tileSize {
		w.multiply(sums[k*ldm:], v[k*w.ldv:], d[k*w.ldd:], n, tall, width)
	}
	t := &winogradTile{
		ldm: 4 * ldm, count: width, row: 4 * q.k[2] * q.co * q.ci, pix: 4 * q.co * q.ci, rows: 3, cols: 3,
		bias: unsafe.Pointer(&w.c.zeros[0]),
	}
	if more {
		t.flags = flagAdd
	}
	finite := true
	for r := range tall {
		t.m = unsafe.Pointer(&sums[r*width])
		t.y = unsafe.Pointer(&w.sums[(g*q.kernelSize*q.co+o+r)*q.ci+i])
		finite = winograds.outputs[3](t) && finite
	}
	if !finite {
		w.spoilt.Store(true)
	}
}

// multiply sums the products of n tiles of one ξ.
func (w *winogradWeight) multiply(sums, v, d []float32, n, tall, width int) {
	if tiling == nil {
		gemmGo(tall, width, n, matrix[float32]{sums, 0, width, 1}, matrix[float32]{d, 0, 1, w.rowD},
			matrix[float32]{v, 0, w.rowV, 1}, epilogue[float32]{alpha: 1})
		return
	}
	a := tileArgs{
		offsets: &noOffset, taps: 1, rowA: 4, colA: 4 * w.rowD, ldb: 4 * w.rowV, ldc: 4 * width, c: unsafe.Pointer(&sums[0]),
	}
	for t := 0; t < n; t += tilesAtOnce {
		a.k = min(tilesAtOnce, n-t)
		a.a, a.b = unsafe.Pointer(&d[t*w.rowD]), unsafe.Pointer(&v[t*w.rowV])
		tiling.rowsRun(&a, tall, width)
		a.flags = flagAdd
	}
}
