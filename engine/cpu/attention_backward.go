package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// attentionGrads are the gradients of one call.
type attentionGrads[T float] struct {
	dq, dk, dv, dy heads[T]
	lse, delta     []T
}

// attentionBackward computes the heads of a group together, because they add to the same keys. Where
// that leaves threads without work the keys are shared as well, and each share but the first adds up a
// dq of its own.
func attentionBackward[T float](a *Attention, dq, dk, dv, dy, lse, delta engine.Array) {
	p := attend[T](a)
	defer p.done()
	l, freeL := flatCopy(lse)
	d, freeD := flatCopy(delta)
	defer freeL()
	defer freeD()
	g := &attentionGrads[T]{
		headsOf[T](dq), headsOf[T](dk), headsOf[T](dv), headsOf[T](p.use(dy)),
		flatSlice[T](&l), flatSlice[T](&d),
	}
	groups := p.k.b * p.k.h
	if groups == 0 {
		return
	}
	share := p.keyShare(groups)
	shares := max(1, (p.k.t+share-1)/share)
	parts := []heads[T]{g.dq}
	for range shares - 1 {
		x := engine.NewArray(dq.DType, dq.Shape)
		defer x.Buf.Release()
		parts = append(parts, headsOf[T](x))
	}
	work := p.q.t * min(share, p.k.t) * (p.q.width + p.v.width) * p.groups()
	engine.Parallel(groups*shares, max(1, 1<<19/max(work, 1)), func(lo, hi int) {
		w := p.room(true)
		defer w.buf.Release()
		for task := lo; task < hi; task++ {
			mine, group := *g, task/shares
			mine.dq = parts[task%shares]
			from := task % shares * share
			p.backward(w, &mine, group/p.k.h, group%p.k.h, from, min(from+share, p.k.t))
		}
	})
	p.addShares(parts)
}

// keyShare is the number of keys of one task: all of them where there are groups of heads enough.
func (p *attending[T]) keyShare(groups int) int {
	threads := engine.Threads()
	if threads == 1 || groups == 0 || groups >= 2*threads {
		return max(p.k.t, 1)
	}
	shares := min((2*threads+groups-1)/groups, (p.k.t+keyBlock-1)/keyBlock)
	blocks := (p.k.t + keyBlock - 1) / keyBlock
	return max((blocks+shares-1)/max(shares, 1), 1) * keyBlock
}

// addShares adds the dq of all shares to the first.
func (p *attending[T]) addShares(parts []heads[T]) {
	if len(parts) == 1 || p.q.width == 0 {
		return
	}
	q := &p.q
	engine.Parallel(q.b*q.h*q.t, max(1, grain/max(q.width*len(parts), 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b, h, t := i/(q.h*q.t), i/q.t%q.h, i%q.t
			row := func(x *heads[T]) []T {
				m := x.rows(b, h, t)
				return m.d[m.off:][:q.width]
			}
			for k := range parts[1:] {
				addTo(row(&parts[0]), row(&parts[k+1]))
			}
		}
	})
}

// flatCopy returns x row-major without gaps.
func flatCopy(x engine.Array) (y engine.Array, free func()) {
	if x.IsContiguous() {
		return x, func() {}
	}
	y = engine.NewArray(x.DType, x.Shape)
	must(Copy(y, x))
	return y, y.Buf.Release
}

// backward computes the gradients of keys from … to of one key head, and what they contribute to those
// of the query heads that use it.
func (p *attending[T]) backward(w *attentionRoom[T], g *attentionGrads[T], b, hk, from, to int) {
	if p.causal || p.q.t == 0 || p.q.h == 0 { // otherwise the first queries meet all keys
		clearRows(g.dk.rows(b, hk, from), to-from, p.k.width)
		clearRows(g.dv.rows(b, hk, from), to-from, p.v.width)
	}
	for h := hk * p.groups(); h < (hk+1)*p.groups(); h++ {
		for i0 := 0; i0 < p.q.t; i0 += queryBlock {
			n := min(queryBlock, p.q.t-i0)
			keys := min(p.seen(i0+n), to)
			if keys <= from {
				clearRows(g.dq.rows(b, h, i0), n, p.q.width)
				continue
			}
			p.loadQueries(w, g, b, h, i0, n)
			for j0 := from; j0 < keys; j0 += keyBlock {
				p.blockGrad(w, g, b, h, i0, j0, n, min(keyBlock, keys-j0), j0 > from)
			}
		}
	}
}

func clearRows[T float](x matrix[T], n, width int) {
	if width == 0 {
		return
	}
	for i := range n {
		clear(x.d[x.at(i, 0):][:width])
	}
}

// loadQueries packs the n queries from i0 on with what belongs to them. Columns beyond them have
// weight exp(0 − ∞) = 0.
func (p *attending[T]) loadQueries(w *attentionRoom[T], g *attentionGrads[T], b, h, i0, n int) {
	transposed(w.q, p.q.rows(b, h, i0), n, p.q.width, p.scale)
	transposed(w.dy, g.dy.rows(b, h, i0), n, p.v.width, 1)
	at := (b*p.q.h+h)*p.q.t + i0
	copy(w.m, g.lse[at:at+n])
	copy(w.l, g.delta[at:at+n])
	fillSlice(w.m[n:], T(math.Inf(1)))
	clear(w.l[n:])
}

// blockGrad adds what a block of scores contributes. With p the weights and f the factors of dropout:
// dv += (p·f)ᵀ·dy, ds = p·(dy·vᵀ·f − delta), dk += scale·dsᵀ·q, dq += scale·ds·k
// unless addQ is not set: then dq starts with it.
func (p *attending[T]) blockGrad(
	w *attentionRoom[T], g *attentionGrads[T], b, h, i0, j0, n, c int, addQ bool,
) {
	hk, d, e := h/p.groups(), p.q.width, p.v.width
	width := p.scores(w, b, h, i0, j0, n, c)
	times(&w.args, c, width, e, matrix[T]{w.dp, 0, queryBlock, 1}, p.v.rows(b, hk, j0),
		matrix[T]{w.dy, 0, queryBlock, 1}, 1, false)
	if p.keep < 1 {
		p.dropFactors(w, b, h, i0, j0, n, c)
		applyDrop(w.dp, w.dp, w.drop, n, c)
	}
	gradBlock(w.s, w.dp, c, queryBlock, width, w.m, w.l)
	if p.keep < 1 {
		applyDrop(w.s, w.s, w.drop, n, c)
	}
	more := p.causal || i0 > 0 || h > hk*p.groups() // dk and dv hold something already
	weights, ds := matrix[T]{w.s, 0, queryBlock, 1}, matrix[T]{w.dp, 0, queryBlock, 1}
	times(&w.args, c, e, n, g.dv.rows(b, hk, j0), weights, g.dy.rows(b, h, i0), 1, more)
	times(&w.args, c, d, n, g.dk.rows(b, hk, j0), ds, p.q.rows(b, h, i0), p.scale, more)
	times(&w.args, n, d, c, g.dq.rows(b, h, i0), ds.t(), p.k.rows(b, hk, j0), p.scale, addQ)
}
