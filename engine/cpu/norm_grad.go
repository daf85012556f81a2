package cpu

import "github.com/lathe-ml/lathe/engine"

// normGrad is the gradient of LayerNorm on contiguous float32 rows; gamma may be nil.
type normGrad struct{ dx, x, dy, gamma, mean, rstd []float32 }

// normPieces is the largest number of parts of the rows whose contributions to the gradients of gamma
// and beta add up on their own. It does not depend on the number of threads.
const normPieces = 16

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

// block computes rows lo … hi, at most eightRows. mem holds their products with dy and one line more.
func (t *normGrad) block(lo, hi int, dg, db []float64, mem []float32) {
	size := len(dg)
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
