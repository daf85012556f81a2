package learn

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// Mul returns a·b, on the engine's workers.
func Mul(a, b *Matrix) *Matrix { return product(a, b, false, false) }

// TMul returns aᵀ·b.
func TMul(a, b *Matrix) *Matrix { return product(a, b, true, false) }

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
