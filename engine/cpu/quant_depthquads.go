package cpu

import (
	"math"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Quantised convolutions whose channels have filters of their own, by tiles of four pixels beside each other: the bytes
// of four pixels of the input, brought together once, meet the weights of all pixels of the tile that they go into.

// quadPixels is the number of pixels of a tile.
const quadPixels = 4

// depthFilter is a filter's width and stride and how its quads of pixels are used. The weights for a quad that lies so
// many columns behind the first one of a pixel's window are those from the shift on, with zeros beside them.
type depthFilter struct {
	kernel, stride int
	shifts         []int
	quads          []depthUse
}

// depthUse is a quad: the column that it begins with, and pixels of the tile with the shift of the weights for them.
type depthUse struct {
	column int
	uses   [][2]int
}

// depthFilters are those that there are routines for, which are made from the same table. Three columns with a stride of
// two share too few pixels for them to pay.
var depthFilters = [...]depthFilter{
	{3, 1, []int{0, -1}, []depthUse{{0, [][2]int{{0, 0}, {1, 1}}}, {2, [][2]int{{2, 0}, {3, 1}}}}},
	{5, 1, []int{0, -1, -2, -3, 1, 2, 3, 4}, []depthUse{
		{0, [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}}}, {4, [][2]int{{0, 7}, {1, 6}, {2, 5}, {3, 4}}},
	}},
	{5, 2, []int{0, -2, 2, 4}, []depthUse{
		{0, [][2]int{{0, 0}, {1, 1}}}, {4, [][2]int{{0, 3}, {1, 2}, {2, 0}, {3, 1}}}, {8, [][2]int{{2, 3}, {3, 2}}},
	}},
}

// depthQuads is what a routine computes: tiles of one row, up to depthBlock channels of them. The assembly knows the
// offsets of the fields.
type depthQuads struct {
	x            unsafe.Pointer
	table        *int // distances from x of the pixels under the first row of the filter
	ldt          int  // bytes of table between rows of the filter
	rows         int
	w            *int8 // [rows][shifts][channel in place][tap]
	bias         *int32
	dst          unsafe.Pointer
	ld           int // bytes between pixels of the result
	count        int // of tiles
	columns      int
	scale, shift *float32
	high         float32
	zero         int32
	least, most  int32 // bytes of the result
}

// depthQuadsGo is the portable form. Pixels beside the input lie in other memory, which checks of pointers would refuse.
//
//go:nocheckptr
func depthQuadsGo(a *depthQuads, filter int) {
	f := &depthFilters[filter]
	bias := unsafe.Slice(a.bias, depthBlock)
	scale, shift := unsafe.Slice(a.scale, depthBlock), unsafe.Slice(a.shift, depthBlock)
	size := len(f.shifts) * quantum * depthBlock
	for i := range a.count {
		for c := range a.columns {
			place := depthPlace(c)
			sums := [quadPixels]int32{bias[place], bias[place], bias[place], bias[place]}
			for r := range a.rows {
				w := unsafe.Slice((*int8)(unsafe.Add(unsafe.Pointer(a.w), r*size)), size)
				at := 8 * i * quadPixels * f.stride
				table := unsafe.Slice((*int)(unsafe.Add(unsafe.Pointer(a.table), r*a.ldt+at)), 12)
				for _, q := range f.quads {
					for t := range quantum {
						x := int32(*(*uint8)(unsafe.Add(a.x, table[q.column+t]+c)))
						for _, u := range q.uses {
							sums[u[0]] += x * int32(w[(u[1]*depthBlock+place)*quantum+t])
						}
					}
				}
			}
			for p, sum := range sums {
				v := float32(float32(sum)*scale[place]) + shift[place]
				if v > a.high {
					v = a.high
				}
				y := a.least
				if v > -1<<20 { // NaN is not
					y = min(max(int32(math.RoundToEven(float64(v)))+a.zero, a.least), a.most)
				}
				*(*uint8)(unsafe.Add(a.dst, (i*quadPixels+p)*a.ld+c)) = uint8(min(y, a.most))
			}
		}
	}
}

// filterOf returns the place of the routine for q among depthFilters, −1 where there is none.
func (q *QuantWeights) filterOf() int {
	stride, dilation := 1, 1
	if r := len(q.shape) - 2; r > 0 {
		stride, dilation = or1(q.spec.Stride, r-1), or1(q.spec.Dilation, r-1)
	}
	for i := range depthFilters {
		if f := &depthFilters[i]; q.kw == f.kernel && stride == f.stride && dilation == 1 {
			return i
		}
	}
	return -1
}

// packQuads writes [block][row][shift][channel in place][tap].
func (q *QuantWeights) packQuads(src []int8) {
	if q.filter = q.filterOf(); q.filter < 0 {
		return
	}
	f := &depthFilters[q.filter]
	n := len(f.shifts)
	q.byQuads = make([]int8, q.blocks*q.kh*n*quantum*depthBlock)
	for c := range q.g {
		for r := range q.kh {
			for i, s := range f.shifts {
				to := q.byQuads[((c/depthBlock*q.kh+r)*n+i)*quantum*depthBlock:]
				for t := range quantum {
					if k := s + t; k >= 0 && k < q.kw {
						to[depthPlace(c%depthBlock)*quantum+t] = src[(c*q.kh+r)*q.kw+k]
					}
				}
			}
		}
	}
}

// quadRun is a run of a layer by tiles.
type quadRun struct {
	*quantRun
	q           *geometry
	pad         []byte // a row of zero points
	least, most int32
}

// takesQuads reports whether r is one: bytes without a residual.
func (r *quantRun) takesQuads(q *geometry) bool {
	return len(r.w.byQuads) > 0 && r.out.a.DType == engine.U8 && r.residual.p == nil && q.out[2] >= quadPixels
}

// quads computes the layer; r has its images.
func (r *quantRun) quads(q *geometry) {
	buf := engine.NewBuffer(q.g)
	defer buf.Release()
	d := &quadRun{quantRun: r, q: q, pad: buf.Bytes()[:q.g]}
	fillBytes(d.pad, byte(r.xZero))
	d.least, d.most = r.byteOf(r.args.low), r.byteOf(r.args.high)
	chunks := (q.out[1] + depthTileRows - 1) / depthTileRows
	tall := (q.out[1] + chunks - 1) / chunks
	parts := min(r.w.blocks, max(1, depthTileUnits*engine.Threads()/(q.n*chunks)))
	work := tall * q.out[2] * q.g * (depthCost + quantum*r.w.fours()) / parts
	engine.Parallel(q.n*chunks*parts, max(1, quantWork/max(work, 1)), func(lo, hi int) {
		p := newPixelTable(q, tall)
		defer pixelTables.Put(p)
		for u := lo; u < hi; u++ {
			i, part := u/parts, u%parts
			y := i % chunks * tall
			d.unit(p, i/chunks, y, min(y+tall, q.out[1]), part*r.w.blocks/parts, (part+1)*r.w.blocks/parts)
		}
	})
}

// byteOf returns the byte that a bound becomes.
func (r *quantRun) byteOf(bound float32) int32 {
	return int32(min(max(math.RoundToEven(float64(bound))+float64(r.r.Zero), 0), 255))
}

// unit computes rows y0 … y1 and some blocks of channels of a sample.
func (d *quadRun) unit(p *pixelTable, n, y0, y1, block, end int) {
	q, w := d.q, d.w
	f := &depthFilters[w.filter]
	x := d.in.at(n, 0, 0)
	p.fill(y0, y1, d.in.row, d.in.pix, int(uintptr(unsafe.Pointer(&d.pad[0]))-uintptr(x)))
	a := &depthQuads{
		ldt: 8 * p.columns * q.dil[1], ld: d.out.pix, high: d.args.high, zero: d.args.zero, least: d.least, most: d.most,
	}
	size := len(f.shifts) * quantum * depthBlock
	for ; block < end; block++ {
		c := block * depthBlock
		a.x, a.columns = unsafe.Add(x, c), min(depthBlock, q.g-c)
		a.bias, a.scale, a.shift = &d.placed.bias[c], &d.placed.scale[c], &d.placed.shift[c]
		for y := y0; y < y1; y++ {
			at, from, to := p.taps(y)
			if d.xZero != 0 || from == to { // what lies outside counts
				at, from, to = p.all(y), 0, q.k[1]
			}
			a.w, a.rows = &w.byQuads[(block*w.kh+from)*size], to-from
			d.line(a, at, unsafe.Add(d.out.at(n, y, 0), c))
		}
	}
}

// line computes the pixels of a row; the last tile begins where it ends with the row.
func (d *quadRun) line(a *depthQuads, at *int, out unsafe.Pointer) {
	width := d.q.out[2]
	a.table, a.dst, a.count = at, out, width/quadPixels
	quantTiling.depthQuads(a, d.w.filter)
	if width%quadPixels == 0 {
		return
	}
	x := width - quadPixels
	a.table = (*int)(unsafe.Add(unsafe.Pointer(at), 8*x*d.q.stride[2]))
	a.dst, a.count = unsafe.Add(out, x*a.ld), 1
	quantTiling.depthQuads(a, d.w.filter)
}
