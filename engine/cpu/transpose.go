package cpu

import "github.com/lathe-ml/lathe/engine"

// copyTransposed copies 4-byte elements when the innermost axis of dst is not the innermost of src
// but another axis of src is contiguous: it walks square tiles so that both sides use whole cache
// lines. It reports whether it took the case.
func copyTransposed(dst, src *engine.Array) bool {
	n := dst.Numel()
	if n < 256 {
		return false
	}
	var w walk
	w.init(dst, src)
	k := len(w.axes) - 1
	if k < 1 || w.axes[k].s[0] != 1 || w.axes[k].s[1] == 1 || w.axes[k].n < 2 {
		return false
	}
	r := -1 // the axis that is contiguous in src
	for i := range k {
		if w.axes[i].s[1] == 1 && w.axes[i].n >= 4 {
			r = i
		}
	}
	if r < 0 {
		return false
	}
	in, row := w.axes[k], w.axes[r]
	outer := make([]axis, 0, 8)
	count := 1
	for i, ax := range w.axes[:k] {
		if i != r {
			outer = append(outer, ax)
			count *= ax.n
		}
	}
	d, s := whole[float32](dst), whole[float32](src)
	const tile = 32
	strips := (row.n + tile - 1) / tile
	engine.Parallel(count*strips, max(1, grain/(tile*in.n)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			dp, sp := w.off[0], w.off[1]
			q := t / strips
			for i := len(outer) - 1; i >= 0; i-- {
				dp += q % outer[i].n * outer[i].s[0]
				sp += q % outer[i].n * outer[i].s[1]
				q /= outer[i].n
			}
			r0 := t % strips * tile
			rn := min(tile, row.n-r0)
			transpose(d, s, dp+r0*row.s[0], sp+r0, rn, in.n, row.s[0], in.s[1])
		}
	})
	return true
}

// transpose sets d[dp+i·ds+j] = s[sp+j·ss+i] for i < m, j < n.
func transpose(d, s []float32, dp, sp, m, n, ds, ss int) {
	if tiling != nil {
		tiling.transposeBlocks(d, s, dp, sp, m, n, ds, ss)
		return
	}
	transposeGo(d, s, dp, sp, m, n, ds, ss)
}

// transposeGo reads columns of 16, so that the rows it writes stay in the cache.
func transposeGo[T any](d, s []T, dp, sp, m, n, ds, ss int) {
	const tile = 16
	for j0 := 0; j0 < n; j0 += tile {
		jn := min(tile, n-j0)
		for i := range m {
			row := d[dp+i*ds+j0:][:jn]
			q := sp + i + j0*ss
			for j := range row {
				row[j] = s[q]
				q += ss
			}
		}
	}
}

// transposeBlocks transposes square blocks by the SIMD routine and the edges by the routine for
// partial blocks or in Go.
func (t *tiler) transposeBlocks(d, s []float32, dp, sp, m, n, ds, ss int) {
	b := t.block
	whole := m / b * b
	for j := 0; j < n; j += b {
		w := min(b, n-j)
		if w == b && whole > 0 {
			t.transpose(&d[dp+j], &s[sp+j*ss], whole/b, 4*ds, 4*ss)
		}
		i := whole
		if w < b {
			i = 0
		}
		switch {
		case i == m:
		case t.transposeEdge != nil:
			t.transposeEdge(&d[dp+i*ds+j], &s[sp+j*ss+i], m-i, 4*ds, 4*ss, w)
		default:
			transposeGo(d, s, dp+i*ds+j, sp+j*ss+i, m-i, w, ds, ss)
		}
	}
}
