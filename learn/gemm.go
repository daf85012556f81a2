package learn

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// Mul returns a·b, on the engine's workers.
func Mul(a, b *Matrix) *Matrix { return product(a, b, false, false) }

// TMul returns aᵀ·b.
func TMul(a, b *Matrix) *Matrix { return product(a, b, true, false) }

// Gram returns xᵀ·x: its upper half, in blocks of rows that stay in a core's cache, and the mirror of it.
func Gram(x *Matrix) *Matrix {
	const block = 512
	p := x.Cols
	blocks := (x.Rows + block - 1) / block
	parts := min(engine.Threads(), max(blocks, 1))
	sums := make([]*Matrix, parts)
	engine.Parallel(parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			sums[t] = NewMatrix(p, p)
			for b := t * blocks / parts; b < (t+1)*blocks/parts; b++ {
				part := &Matrix{Rows: min(block, x.Rows-b*block), Cols: p, Data: x.Data[b*block*p:]}
				part.Data = part.Data[:part.Rows*p]
				AddGram(sums[t], part, part)
			}
		}
	})
	out := sums[0]
	for i := range p {
		for j := i; j < p; j++ {
			v := 0.0
			for _, s := range sums {
				v += s.Data[i*p+j]
			}
			out.Data[i*p+j] = v
		}
	}
	for i := range p {
		for j := range i {
			out.Data[i*p+j] = out.Data[j*p+i]
		}
	}
	return out
}

// AddGram adds the upper half of aᵀ·b, which is symmetric, to dst; what is below the diagonal of dst has no meaning.
func AddGram(dst, a, b *Matrix) {
	p := b.Cols
	panel := min(48, (p+1)/2) // rows at a time: few leave out more of the lower half, many pack b less often
	room := make([]float64, panel*p)
	for from := 0; from < p; from += panel {
		rows, cols := min(panel, p-from), p-from
		left, right := view(a, true), view(b, false)
		left.Shape, left.Offset = engine.Shape{rows, a.Rows}, from
		right.Shape, right.Offset = engine.Shape{b.Rows, cols}, from
		right.Strides = []int{p, 1}
		Must(cpu.MatMul(engine.Of(engine.Shape{rows, cols}, room[:rows*cols]), left, right, cpu.Epilogue{}))
		for i := range rows {
			d := dst.Data[(from+i)*p+from : (from+i+1)*p]
			for j, v := range room[i*cols : (i+1)*cols] {
				d[j] += v
			}
		}
	}
}

// MulT returns a·bᵀ.
func MulT(a, b *Matrix) *Matrix { return product(a, b, false, true) }

// MulTInto sets dst, of a.Rows × b.Rows, to a·bᵀ.
func MulTInto(dst, a, b *Matrix) {
	if a.Cols != b.Cols || dst.Rows != a.Rows || dst.Cols != b.Rows {
		Fail("learn.MulTInto", "%d×%d for %d×%d times the transpose of %d×%d",
			dst.Rows, dst.Cols, a.Rows, a.Cols, b.Rows, b.Cols)
	}
	Must(cpu.MatMul(view(dst, false), view(a, false), view(b, true), cpu.Epilogue{}))
}

// view returns m, or its transpose, as an array that shares the memory.
func view(m *Matrix, transposed bool) engine.Array {
	a := engine.Of(engine.Shape{m.Rows, m.Cols}, m.Data)
	if transposed {
		a.Shape = engine.Shape{m.Cols, m.Rows}
		a.Strides = []int{1, m.Cols}
	}
	return a
}

func product(a, b *Matrix, ta, tb bool) *Matrix {
	rows, inner := a.Rows, a.Cols
	if ta {
		rows, inner = a.Cols, a.Rows
	}
	k, cols := b.Rows, b.Cols
	if tb {
		k, cols = b.Cols, b.Rows
	}
	if inner != k {
		Fail("learn.Mul", "inner sizes differ, %d and %d", inner, k)
	}
	out := NewMatrix(rows, cols)
	if rows == 0 || cols == 0 || inner == 0 {
		return out
	}
	dst := engine.Of(engine.Shape{rows, cols}, out.Data)
	Must(cpu.MatMul(dst, view(a, ta), view(b, tb), cpu.Epilogue{}))
	return out
}
