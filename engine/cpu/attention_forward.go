package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

func attentionForward[T float](a *Attention, y, lse engine.Array) {
	p := attend[T](a)
	defer p.done()
	out, l := headsOf[T](y), flatSlice[T](&lse)
	blocks := (p.q.t + queryBlock - 1) / queryBlock
	work := queryBlock * p.k.t * (p.q.width + p.v.width)
	engine.Parallel(p.q.b*p.q.h*blocks, max(1, 1<<19/max(work, 1)), func(lo, hi int) {
		w := p.room(false)
		defer w.buf.Release()
		for task := lo; task < hi; task++ {
			head, i0 := task/blocks, task%blocks*queryBlock
			n := min(queryBlock, p.q.t-i0)
			p.forward(w, head/p.q.h, head%p.q.h, i0, n, &out, l[head*p.q.t+i0:][:n])
		}
	})
}

// forward computes n rows of one head.
func (p *attending[T]) forward(w *attentionRoom[T], b, h, i0, n int, y *heads[T], lse []T) {
	q := p.q.rows(b, h, i0)
	transposed(w.q, q, n, p.q.width, p.scale)
	fillSlice(w.m, T(-math.MaxFloat32))
	clear(w.l)
	out, e := y.rows(b, h, i0), p.v.width
	keys := p.seen(i0 + n)
	for j0 := 0; j0 < keys; j0 += keyBlock {
		c := min(keyBlock, keys-j0)
		width := p.scores(w, b, h, i0, j0, n, c)
		softmaxBlock(w.s, c, queryBlock, width, w.m, w.l, w.spare)
		if p.keep < 1 {
			p.dropFactors(w, b, h, i0, j0, n, c)
			applyDrop(w.s, w.s, w.drop, n, c)
		}
		if j0 > 0 {
			scaleRows(out, n, e, w.spare)
		}
		v := p.v.rows(b, h/p.groups(), j0)
		times(&w.args, n, e, c, out, matrix[T]{w.s, 0, 1, queryBlock}, v, 1, j0 > 0)
	}
	p.finish(w, out, n, lse)
}

// finish divides the rows by their sums.
func (p *attending[T]) finish(w *attentionRoom[T], out matrix[T], n int, lse []T) {
	for i := range n {
		if w.l[i] == 0 {
			lse[i], w.spare[i] = 0, 1
			clearRows(matrix[T]{out.d, out.at(i, 0), out.rs, 1}, 1, p.v.width)
			continue
		}
		lse[i] = w.m[i] + T(math.Log(float64(w.l[i])))
		w.spare[i] = 1 / w.l[i]
	}
	scaleRows(out, n, p.v.width, w.spare)
}

// scaleRows multiplies row i by f[i].
func scaleRows[T float](x matrix[T], n, width int, f []T) {
	if width == 0 {
		return
	}
	for i := range n {
		if f[i] == 1 {
			continue
		}
		row := x.d[x.at(i, 0):][:width]
		if r, ok := any(row).([]float32); ok {
			scaleBy(r, r, float32(f[i]))
			continue
		}
		for j := range row {
			row[j] *= f[i]
		}
	}
}
