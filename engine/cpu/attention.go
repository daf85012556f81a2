package cpu

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Attention is scaled dot-product attention y = softmax(scale·q·kᵀ + mask)·v over blocks of keys with
// a running maximum and sum (Dao et al. 2022), so that the scores are never stored as a whole. Query
// heads share key heads in groups: head i uses key head i·hk/h.
type Attention struct {
	Q, K, V engine.Array // [b h t d], [b hk s d], [b hk s e]; any strides
	// Mask broadcasts to [b h t s]: Bool keeps where it is true, numbers are added; optional.
	Mask    engine.Array
	Causal  bool // query i sees keys 0 … i
	Scale   float64
	Dropout float64 // probability that a weight becomes 0; the others grow by 1/(1 − Dropout)
	// Random decides what is dropped, by the row-major position in [b h t s].
	Random engine.Generator
}

// Queries and keys of one block: its scores take 32 KB of float32.
const (
	queryBlock = 64
	keyBlock   = 128
)

// Forward computes y [b h t e] and lse [b h t], the logarithm of the sum of the exponentials. Both
// are 0 for a query that sees no key. The last axis of y and lse itself are contiguous.
func (a *Attention) Forward(y, lse engine.Array) error {
	if a.Dropout < 0 || a.Dropout >= 1 {
		return fmt.Errorf("cpu.Attention: dropout is %v; want 0 ≤ p < 1", a.Dropout)
	}
	switch a.Q.DType {
	case engine.F32:
		attentionForward[float32](a, y, lse)
	case engine.F64:
		attentionForward[float64](a, y, lse)
	default:
		return unsupported("Attention", a.Q.DType)
	}
	return nil
}

// Backward computes the gradients of q, k and v from dy, the lse of Forward and delta [b h t], the row
// sums of dy·y less the gradient of lse. The last axes of dq, dk and dv are contiguous.
func (a *Attention) Backward(dq, dk, dv, dy, lse, delta engine.Array) error {
	switch a.Q.DType {
	case engine.F32:
		attentionBackward[float32](a, dq, dk, dv, dy, lse, delta)
	case engine.F64:
		attentionBackward[float64](a, dq, dk, dv, dy, lse, delta)
	default:
		return unsupported("AttentionGrad", a.Q.DType)
	}
	return nil
}

// heads is a [b h t n] view whose last axis is contiguous.
type heads[T float] struct {
	d              []T
	off            int
	sb, sh, st     int
	b, h, t, width int
}

func headsOf[T float](x engine.Array) heads[T] {
	s, n := x.Strides, x.Shape
	return heads[T]{whole[T](&x), x.Offset, s[0], s[1], s[2], n[0], n[1], n[2], n[3]}
}

// rows are the rows of one head from position i on.
func (x *heads[T]) rows(b, h, i int) matrix[T] {
	return matrix[T]{x.d, x.off + b*x.sb + h*x.sh + i*x.st, x.st, 1}
}

// attending is what both directions know.
type attending[T float] struct {
	q, k, v heads[T]
	mask    heads[T] // [b h s t], with extent 1 where it repeats; d is nil when there is none
	causal  bool
	scale   T
	keep    float64
	random  engine.Generator
	free    []func()
}

func attend[T float](a *Attention) *attending[T] {
	p := &attending[T]{causal: a.Causal, scale: T(a.Scale), keep: 1 - a.Dropout, random: a.Random}
	p.q, p.k, p.v = headsOf[T](p.use(a.Q)), headsOf[T](p.use(a.K)), headsOf[T](p.use(a.V))
	if a.Mask.Buf != nil {
		m := additive(a.Mask, a.Q.DType)
		p.mask = headsOf[T](m)
		p.free = append(p.free, m.Buf.Release)
	}
	return p
}

func (p *attending[T]) use(x engine.Array) engine.Array {
	y, free := readable(x)
	p.free = append(p.free, free)
	return y
}

func (p *attending[T]) done() {
	for _, f := range p.free {
		f()
	}
}

// additive returns the mask as numbers to add, one key a row; what repeats has extent 1.
func additive(mask engine.Array, t engine.DType) engine.Array {
	for i, s := range mask.Strides {
		if s == 0 && mask.Shape[i] > 1 {
			mask = mask.Slice(i, 0, 1, 1)
		}
	}
	mask = mask.Permute(0, 1, 3, 2)
	m := engine.NewArray(t, mask.Shape)
	if mask.DType != engine.Bool {
		must(Copy(m, mask))
		return m
	}
	lowest := engine.NewArray(t, nil)
	must(Fill(lowest, math.Inf(-1)))
	must(Where(m, mask, engine.Zeros(t, nil), lowest))
	return m
}

// groups returns how many query heads share a key head.
func (p *attending[T]) groups() int { return p.q.h / p.k.h }

// seen returns how many keys queries before end may see.
func (p *attending[T]) seen(end int) int {
	if p.causal {
		return min(p.k.t, end)
	}
	return p.k.t
}

// attentionRoom is the working memory of one goroutine.
type attentionRoom[T float] struct {
	args        tileArgs
	q, dy       []T // [d queryBlock], transposed; q is scaled
	s, dp       []T // [keyBlock queryBlock]
	m, l, spare []T // [queryBlock]
	drop        []T // [keyBlock queryBlock] factors of dropout
	buf         *engine.Buffer
}

// room gives memory for blocks of width columns of q, and of dy when grad is set.
func (p *attending[T]) room(grad bool) *attentionRoom[T] {
	sizes := []int{p.q.width * queryBlock, keyBlock * queryBlock, queryBlock, queryBlock, queryBlock, 0, 0, 0}
	if grad {
		sizes[5], sizes[6] = p.v.width*queryBlock, keyBlock*queryBlock
	}
	if p.keep < 1 {
		sizes[7] = keyBlock * queryBlock
	}
	parts, buf := cut[T](sizes)
	return &attentionRoom[T]{
		q: parts[0], s: parts[1], m: parts[2], l: parts[3], spare: parts[4], dy: parts[5], dp: parts[6],
		drop: parts[7], buf: buf,
	}
}

// cut returns slices of the given lengths from one buffer.
func cut[T float](sizes []int) ([][]T, *engine.Buffer) {
	total := 0
	for _, n := range sizes {
		total += (n + 15) &^ 15
	}
	x := engine.NewArray(dtypeOf[T](), engine.Shape{total})
	all := flatSlice[T](&x)
	parts := make([][]T, len(sizes))
	for i, n := range sizes {
		parts[i] = all[:n:n]
		all = all[(n+15)&^15:]
	}
	return parts, x.Buf
}

func dtypeOf[T float]() engine.DType {
	var z T
	if _, ok := any(z).(float32); ok {
		return engine.F32
	}
	return engine.F64
}

// transposed packs n rows of x as columns of d, with zeros up to queryBlock.
func transposed[T float](d []T, x matrix[T], n, width int, scale T) {
	if width == 0 {
		return
	}
	packTransposed(d, x.d, x.off, x.rs, n, width, queryBlock)
	if scale == 1 {
		return
	}
	if f, ok := any(d).([]float32); ok {
		scaleBy(f, f, float32(scale))
		return
	}
	for i := range d {
		d[i] *= scale
	}
}

// scores computes the scores of c keys from j0 on and of the n queries from i0 on that w.q holds,
// keys along rows, and returns the number of columns, which is n rounded up.
func (p *attending[T]) scores(w *attentionRoom[T], b, h, i0, j0, n, c int) int {
	width := (n + 31) &^ 31
	k := p.k.rows(b, h/p.groups(), j0)
	times(&w.args, c, width, p.q.width, matrix[T]{w.s, 0, queryBlock, 1}, k,
		matrix[T]{w.q, 0, queryBlock, 1}, 1, false)
	if p.mask.d != nil {
		p.addMask(w, b, h, i0, j0, n, c)
	}
	if p.causal && j0+c > i0+1 {
		lowest := T(math.Inf(-1))
		for j := max(j0, i0+1); j < j0+c; j++ { // key j is hidden from queries before j
			fillSlice(w.s[(j-j0)*queryBlock:][:min(j-i0, n)], lowest)
		}
	}
	return width
}

func (p *attending[T]) addMask(w *attentionRoom[T], b, h, i0, j0, n, c int) {
	m := &p.mask
	at := m.off + min(b, m.b-1)*m.sb + min(h, m.h-1)*m.sh
	for j := range c {
		row, q := w.s[j*queryBlock:][:n], at+min(j0+j, m.t-1)*m.st
		if m.width > 1 {
			addTo(row, m.d[q+i0:][:n])
			continue
		}
		for i := range row {
			row[i] += m.d[q]
		}
	}
}

func addTo[T float](x, y []T) {
	if f, ok := any(x).([]float32); ok {
		Add.F32(f, f, any(y).([]float32))
		return
	}
	for i, v := range y {
		x[i] += v
	}
}

// dropFactors fills w.drop with 0 or 1/(1 − p) for each weight of a block.
func (p *attending[T]) dropFactors(w *attentionRoom[T], b, h, i0, j0, n, c int) {
	q, factor := float32(p.keep), T(1/p.keep)
	for i := range n {
		at := uint64(((b*p.q.h+h)*p.q.t+i0+i)*p.k.t + j0)
		block, words := at/4, p.random.Block(at/4)
		for j := range c {
			if k := at + uint64(j); k/4 != block {
				block, words = k/4, p.random.Block(k/4)
			}
			f := T(0)
			if engine.Unit(words[(at+uint64(j))%4]) < q {
				f = factor
			}
			w.drop[j*queryBlock+i] = f
		}
	}
}

// applyDrop multiplies the rows of x by the factors.
func applyDrop[T float](d, x, factors []T, n, c int) {
	for j := range c {
		at := j * queryBlock
		for i := at; i < at+n; i++ {
			d[i] = x[i] * factors[i]
		}
	}
}
