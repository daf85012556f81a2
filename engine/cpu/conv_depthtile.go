package cpu

import (
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Depthwise convolution by tiles of some pixels beside each other: a value is read once for all pixels of the tile that
// it goes into, and the weights of a row of the filter stay in registers. Rows of the filter outside the input are left
// out; pixels beside it are zeros in memory of their own, so that the edges of a picture are tiles like all others.

// depthTile is what a routine computes: tiles of pixels of one row, up to 32 channels of them. The assembly knows the
// offsets of the fields.
type depthTile struct {
	x         unsafe.Pointer
	table     *int // distances from x of the pixels under the first row of the filter
	ldt       int  // bytes of table between rows of the filter
	rows      int
	w         *float32 // [rows][width of the filter][32]
	bias      *float32
	d         unsafe.Pointer
	ldd       int // bytes between pixels of the result
	count     int // of tiles
	mask      int // one bit for each of up to 16 channels, where there are no 32
	low, high float32
}

// depthTileSizes are the pixels of a tile that there are routines for.
var depthTileSizes = [...]int{4, 7}

// depthTiles computes a.count tiles of so many pixels, for filters of so many columns. Assembly replaces it.
var depthTiles = depthTilesGo

// depthTilesGo is the portable form. Pixels beside the input lie in other memory, which checks of pointers would refuse.
//
//go:nocheckptr
func depthTilesGo(a *depthTile, kernel, stride, pixels int) {
	channels := strip
	if a.mask != 0 {
		for channels = 0; a.mask>>channels != 0; channels++ {
		}
	}
	bias := unsafe.Slice(a.bias, channels)
	for i := range a.count * pixels {
		d := unsafe.Slice((*float32)(unsafe.Add(a.d, i*a.ldd)), channels)
		copy(d, bias)
		for r := range a.rows {
			table := unsafe.Slice((*int)(unsafe.Add(unsafe.Pointer(a.table), r*a.ldt+8*i*stride)), kernel)
			for t, at := range table {
				w := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(a.w), (r*kernel+t)*stripBytes)), channels)
				for c, v := range unsafe.Slice((*float32)(unsafe.Add(a.x, at)), channels) {
					d[c] += v * w[c]
				}
			}
		}
		for c, v := range d {
			d[c] = bounded(v, a.low, a.high)
		}
	}
}

// tileOf returns the pixels of the tiles that cover a row of so many pixels best, 0 if it is shorter than all.
func tileOf(width int) int {
	best, least := 0, 0
	for _, n := range depthTileSizes {
		if covered := (width + n - 1) / n * n; n <= width && (best == 0 || covered <= least) {
			best, least = n, covered
		}
	}
	return best
}

// tiledDepth reports whether there are routines for the filters and rows of q. Filters of three columns with a stride
// of two share too few values for them to pay.
func (q *geometry) tiledDepth() bool {
	filter := q.k[2] == 3 && q.stride[2] == 1 || q.k[2] == 5 && q.stride[2] <= 2
	return filter && q.dil[2] == 1 && tileOf(q.out[2]) > 0
}

// perBlock returns the weight [c 1 kernel] as [block of 32 channels][kernel][32].
func perBlock(q *geometry, f *filters) (d []float32, release func()) {
	blocks := (q.g + strip - 1) / strip
	return f.form(asBlocks, blocks*q.kernelSize*strip, func(d []float32) {
		p := packedCopy(*f.w)
		src := flatSlice[float32](&p)
		clear(d)
		for c := range q.g {
			to := d[c/strip*q.kernelSize*strip+c%strip:]
			for t, v := range src[c*q.kernelSize:][:q.kernelSize] {
				to[t*strip] = v
			}
		}
		runtime.KeepAlive(p.Buf)
	})
}

// pixelTable holds the distances of pixels from the first one of a sample, for some rows of a result.
type pixelTable struct {
	q       *geometry
	columns int
	row     int // of the input, that the table begins with
	at      []int
}

// tableSlack is the number of columns of a table behind the last one that a filter meets: quads of pixels read them.
const tableSlack = 3

// pixelTables are tables to be used again: one is as large as a row of a picture and needed for microseconds.
var pixelTables = sync.Pool{New: func() any { return new(pixelTable) }}

// newPixelTable returns a table for so many rows of a result, to be put back into pixelTables.
func newPixelTable(q *geometry, rows int) *pixelTable {
	p := pixelTables.Get().(*pixelTable)
	p.q, p.columns = q, (q.out[2]-1)*q.stride[2]+q.k[2]+tableSlack
	n := p.columns * ((rows-1)*q.stride[1] + (q.k[1]-1)*q.dil[1] + 1)
	p.at = slices.Grow(p.at[:0], n)[:n]
	return p
}

// fill enters the pixels under rows y0 … y1 of the result: row and pix are distances in bytes, outside stands for
// pixels beside the input.
func (p *pixelTable) fill(y0, y1, row, pix, outside int) {
	q := p.q
	p.row = y0*q.stride[1] - q.pad[1]
	rows := (y1-y0-1)*q.stride[1] + (q.k[1]-1)*q.dil[1] + 1
	for r := range rows {
		at := p.at[r*p.columns:][:p.columns]
		y := p.row + r
		for c := range at {
			x := c - q.pad[2]
			if at[c] = y*row + x*pix; y < 0 || y >= q.in[1] || x < 0 || x >= q.in[2] {
				at[c] = outside
			}
		}
	}
}

// taps returns the place in the table of the first row of the filter that meets the input for row y of the result, and
// which rows do.
func (p *pixelTable) taps(y int) (at *int, from, to int) {
	q := p.q
	top := y*q.stride[1] - q.pad[1]
	from, to = 0, q.k[1]
	for from < to && top+from*q.dil[1] < 0 {
		from++
	}
	for to > from && top+(to-1)*q.dil[1] >= q.in[1] {
		to--
	}
	if from == to {
		return nil, from, to
	}
	return &p.at[(top+from*q.dil[1]-p.row)*p.columns], from, to
}

// all returns the place in the table of the first row of the filter for row y of the result.
func (p *pixelTable) all(y int) *int {
	return &p.at[(y*p.q.stride[1]-p.q.pad[1]-p.row)*p.columns]
}

// depthTileRows is the most rows of a unit of work, of which the pixels of a block of channels stay in the cache.
const depthTileRows = 8

// depthTileUnits is the number of units for each thread where rows are few: then channels are parted, too.
const depthTileUnits = 4

// depthTiled is a depthwise convolution by tiles.
type depthTiled struct {
	q       *geometry
	in, out *image
	w, bias []float32
	zeros   []float32
	after
}

// depthTiledForward is the forward pass where tiledDepth holds.
func depthTiledForward(q *geometry, in, out *image, bias *engine.Array, f *filters, a after) {
	buf := engine.NewBuffer(4 * q.g)
	defer buf.Release()
	d := &depthTiled{q: q, in: in, out: out, zeros: floats(buf), after: a}
	clear(d.zeros)
	d.bias = d.zeros
	if bias.Buf != nil {
		d.bias = flatSlice[float32](ptr(lasting(*bias)))
	}
	var release func()
	d.w, release = perBlock(q, f)
	defer release()
	chunks := (q.out[1] + depthTileRows - 1) / depthTileRows
	tall := (q.out[1] + chunks - 1) / chunks
	blocks := (q.g + strip - 1) / strip
	parts := min(blocks, max(1, depthTileUnits*engine.Threads()/(q.n*chunks)))
	work := tall * q.out[2] * q.g * q.kernelSize / parts
	engine.Parallel(q.n*chunks*parts, max(1, grain/max(work, 1)), func(lo, hi int) {
		p := newPixelTable(q, tall)
		defer pixelTables.Put(p)
		for u := lo; u < hi; u++ {
			i, part := u/parts, u%parts
			y := i % chunks * tall
			d.unit(p, i/chunks, y, min(y+tall, q.out[1]), part*blocks/parts*strip, min((part+1)*blocks/parts*strip, q.g))
		}
	})
	runtime.KeepAlive(bias.Buf)
}

// unit computes rows y0 … y1 and channels c … end of a sample.
func (d *depthTiled) unit(p *pixelTable, n, y0, y1, c, end int) {
	q := d.q
	x := unsafe.Pointer(&d.in.d[d.in.at(n, 0, 0)])
	p.fill(y0, y1, 4*d.in.row, 4*d.in.pix, int(uintptr(unsafe.Pointer(&d.zeros[0]))-uintptr(x)))
	a := &depthTile{ldt: 8 * p.columns * q.dil[1], ldd: 4 * d.out.pix, low: d.low, high: d.high}
	for step := 0; c < end; c += step {
		a.mask, step = 0, strip
		if rest := end - c; rest < strip {
			step = min(rest, strip/2)
			a.mask = 1<<step - 1
		}
		a.x, a.bias = unsafe.Add(x, 4*c), &d.bias[c]
		for y := y0; y < y1; y++ {
			at, from, to := p.taps(y)
			out := d.out.d[d.out.at(n, y, 0)+c:]
			if from == to {
				d.unmet(out, c, step)
				continue
			}
			a.w = &d.w[(c/strip*q.kernelSize+from*q.k[2])*strip+c%strip]
			a.rows = to - from
			d.line(a, at, unsafe.Pointer(&out[0]))
		}
	}
}

// line computes the pixels of a row; the last tile begins where it ends with the row.
func (d *depthTiled) line(a *depthTile, at *int, out unsafe.Pointer) {
	q := d.q
	pixels := tileOf(q.out[2])
	a.table, a.d, a.count = at, out, q.out[2]/pixels
	depthTiles(a, q.k[2], q.stride[2], pixels)
	if q.out[2]%pixels == 0 {
		return
	}
	x := q.out[2] - pixels
	a.table = (*int)(unsafe.Add(unsafe.Pointer(at), 8*x*q.stride[2]))
	a.d, a.count = unsafe.Add(out, x*a.ldd), 1
	depthTiles(a, q.k[2], q.stride[2], pixels)
}

// unmet computes a row that no row of the filter reaches.
func (d *depthTiled) unmet(out []float32, c, step int) {
	for x := range d.q.out[2] {
		for i, b := range d.bias[c:][:step] {
			out[x*d.out.pix+i] = bounded(b, d.low, d.high)
		}
	}
}
