package cpu

import "github.com/lathe-ml/lathe/engine"

// normGrad is the gradient of LayerNorm on contiguous float32 rows; gamma may be nil.
type normGrad struct{ dx, x, dy, gamma, mean, rstd []float32 }

// normPieces is the largest number of parts of the rows whose contributions to the gradients of gamma
// and beta add up on their own. It does not depend on the number of threads.
const normPieces = 16

// rows computes dx alone, of rows of size elements; false: not here.
func (t *normGrad) rows(size int) bool {
	if layerNormRow == nil || t.gamma == nil || size == 0 || size%normLanes != 0 {
		return false
	}
	engine.Parallel(len(t.mean), max(1, grain/4/size), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			x, dy := t.x[o*size:][:size], t.dy[o*size:][:size]
			of := normRow{t.mean[o], t.rstd[o]}
			of.project(x, dy, t.gamma)
			layerNormRow(t.dx[o*size:][:size], x, dy, t.gamma, &of)
		}
	})
	return true
}

// run computes dx and adds to dg and db.
func (t *normGrad) run(dg, db []float64) {
	size, rows := len(dg), len(t.mean)
	if size == 0 || rows == 0 {
		return
	}
	blocks := (rows + eightRows - 1) / eightRows
	pieces := min(blocks, normPieces)
	sums, all := cut[float64]([]int{2 * size * pieces})
	defer all.Release()
	parts := sums[0]
	clear(parts)
	engine.Parallel(pieces, max(1, grain/4*pieces/(rows*size)), func(lo, hi int) {
		mem, buf := cut[float32]([]int{(eightRows + 1) * size})
		defer buf.Release()
		for p := lo; p < hi; p++ {
			acc := parts[2*size*p:][:2*size]
			for b := blocks * p / pieces; b < blocks*(p+1)/pieces; b++ {
				t.block(b*eightRows, min((b+1)*eightRows, rows), acc[:size], acc[size:], mem[0])
			}
		}
	})
	for p := range pieces {
		acc := parts[2*size*p:][:2*size]
		for i := range size {
			dg[i] += acc[i]
			db[i] += acc[size+i]
		}
	}
}

// normRow holds mean, rstd and what is added to u and multiplied with x̂ in a row.
type normRow [4]float32

// project sets what the last two are for a row.
func (r *normRow) project(x, dy, gamma []float32) {
	sum, dot := layerNormSums(x, dy, gamma, r)
	n := float64(len(x))
	r[2], r[3] = -float32(sum/n), -float32(dot/n)
}

// The passes over a row and over two whose size is a multiple of normLanes; nil where there are no routines.
var (
	layerNormSums func(x, dy, gamma []float32, of *normRow) (sum, dot float64)
	layerNormPair func(dx, x, dy, gamma, dg, db []float32, of *[2]normRow)
	layerNormRow  func(dx, x, dy, gamma []float32, of *normRow)
)

const normLanes = 16

// eight is block for eight rows from lo on: mem holds their float32 sums.
func (t *normGrad) eight(lo int, dg, db []float64, mem []float32) {
	size := len(dg)
	clear(mem[:2*size])
	for o := lo; o < lo+eightRows; o += 2 {
		x, dy := t.x[o*size:][:2*size], t.dy[o*size:][:2*size]
		var of [2]normRow
		for i := range of {
			of[i] = normRow{t.mean[o+i], t.rstd[o+i]}
			of[i].project(x[i*size:][:size], dy[i*size:][:size], t.gamma)
		}
		layerNormPair(t.dx[o*size:][:2*size], x, dy, t.gamma, mem[:size], mem[size:][:size], &of)
	}
	addColumns(dg, mem[:size])
	addColumns(db, mem[size:])
}

// block computes rows lo … hi, at most eightRows. mem holds their products with dy and one line more.
func (t *normGrad) block(lo, hi int, dg, db []float64, mem []float32) {
	size := len(dg)
	if layerNormPair != nil && t.gamma != nil && hi-lo == eightRows && size%normLanes == 0 {
		t.eight(lo, dg, db, mem)
		return
	}
	hat, products := mem[:size], mem[size:]
	ups := t.dy[lo*size : hi*size]
	if hi-lo == eightRows {
		addRows(db, ups, size)
	} else {
		for i := range hi - lo {
			addColumns(db, ups[i*size:])
		}
	}
	for o := lo; o < hi; o++ {
		standardise(hat, t.x[o*size:][:size], -t.mean[o], t.rstd[o])
		u := ups[(o-lo)*size:][:size]
		product := products[(o-lo)*size:][:size]
		Mul.F32(product, u, hat)
		out := t.dx[o*size:][:size]
		if t.gamma != nil {
			Mul.F32(out, u, t.gamma)
			u = out
		}
		n := float64(size)
		sum, dot := sumRow(u)/n, dotRow(u, hat)/n
		layerNormGradLine(out, u, hat, -float32(sum), -float32(dot), t.rstd[o])
	}
	if hi-lo == eightRows {
		addRows(dg, products, size)
		return
	}
	for i := range hi - lo {
		addColumns(dg, products[i*size:])
	}
}
