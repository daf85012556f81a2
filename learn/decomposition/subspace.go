package decomposition

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// small is the size up to which a full decomposition is cheaper than iterations on a subspace.
const small = 600

// truncated returns the k largest singular values and their right vectors as rows: by a full decomposition
// of small matrices, else by iterations on a subspace until the values rest.
func truncated(x learn.Data, where string, k int, seed int64) (s []float64, vt *learn.Matrix) {
	rows, cols := x.Dims()
	if min(rows, cols) <= small {
		d := learn.Dense(where, x)
		if rows > 2*cols && cols <= small {
			values, vec := learn.Eigh(learn.TMul(d, d))
			for _, v := range values[:k] {
				s = append(s, math.Sqrt(max(v, 0)))
			}
			if s[k-1] > 1e-6*s[0] { // squares lose small values
				return s, rowsOf(vec, k).Clone()
			}
		}
		_, all, v := learn.SVD(d)
		return append([]float64(nil), all[:k]...), rowsOf(v, k).Clone()
	}
	mul, tmul := products(x, where)
	width := min(k+max(10, k/2), min(rows, cols))
	r := random.New(seed)
	q := &learn.Matrix{Rows: cols, Cols: width, Data: r.Normals(cols * width)}
	var old []float64
	for range 60 {
		orthonormal(q)
		y := mul(q)
		orthonormal(y)
		q = tmul(y) // cols×width: q = xᵀ·y
		g := learn.TMul(q, q)
		values, _ := learn.Eigh(g)
		done := old != nil
		for i := range k {
			done = done && math.Abs(values[i]-old[i]) <= 1e-11*values[0]
		}
		old = append([]float64(nil), values[:k]...)
		if done {
			break
		}
	}
	values, vec := learn.Eigh(learn.TMul(q, q)) // q = V·S·Uᵀ: right vectors are q·vec/s
	full := learn.MulT(q, vec)
	vt = learn.NewMatrix(k, cols)
	for i := range k {
		v := math.Sqrt(max(values[i], 0))
		s = append(s, v)
		for j := range cols {
			if v > 0 {
				vt.Set(i, j, full.At(j, i)/v)
			}
		}
	}
	return s, vt
}

// products returns multiplication by x and by its transpose.
func products(x learn.Data, where string) (mul, tmul func(*learn.Matrix) *learn.Matrix) {
	if s, ok := x.(*learn.CSR); ok {
		return s.MulDense, s.TMulDense
	}
	d := learn.Dense(where, x)
	return func(q *learn.Matrix) *learn.Matrix { return learn.Mul(d, q) },
		func(q *learn.Matrix) *learn.Matrix { return learn.TMul(d, q) }
}

// orthonormal makes the columns orthonormal, in place (two passes of Gram–Schmidt).
func orthonormal(q *learn.Matrix) {
	t := q.T()
	for i := range t.Rows {
		row := t.Row(i)
		for range 2 {
			for j := range i {
				other := t.Row(j)
				c := 0.0
				for p, v := range row {
					c += v * other[p]
				}
				for p := range row {
					row[p] -= c * other[p]
				}
			}
		}
		n := 0.0
		for _, v := range row {
			n += v * v
		}
		n = math.Sqrt(n)
		for p := range row {
			if n > 1e-300 {
				row[p] /= n
			}
		}
	}
	copy(q.Data, t.T().Data)
}
