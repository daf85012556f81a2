package op

import "github.com/lathe-ml/lathe/engine"

// Gradients of factorizations. Source of the formulas: Walter and Lehmann 2018 for QR, Giles 2008 and
// Townsend 2016 for the others.

// luGrad: with ΦL = tril(Lᵀ·dL, −1) and ΦU = triu(dU·Uᵀ) of the square part, Pᵀ·L⁻ᵀ·(ΦL + ΦU)·U⁻ᵀ, and what
// the columns or rows beyond it add.
func luGrad(b Builder, c *Call) []Value {
	lu, dlu := c.Out[0], c.DOut[0]
	if dlu == nil {
		return []Value{nil}
	}
	s := lu.Type().Shape
	rank := len(s)
	m, n := s[rank-2], s[rank-1]
	k := min(m, n)
	rows := func(x Value, lo, hi int) Value { return slice1(b, x, rank-2, lo, hi) }
	cols := func(x Value, lo, hi int) Value { return slice1(b, x, rank-1, lo, hi) }
	head, dhead := cols(rows(lu, 0, k), 0, k), cols(rows(dlu, 0, k), 0, k)
	strict := lower(b, head, -1)
	phiL := add(b, matmul(b, swap(b, strict), lower(b, dhead, -1)), lower(b, dhead, -1))
	phiU := matmul(b, upper(b, dhead, 0), swap(b, upper(b, head, 0)))
	switch {
	case m < n:
		u2, du2 := cols(lu, k, n), cols(dlu, k, n)
		phiL = sub(b, phiL, matmul(b, du2, swap(b, u2)))
	case m > n:
		l2, dl2 := rows(lu, k, m), rows(dlu, k, m)
		phiU = sub(b, phiU, matmul(b, swap(b, l2), dl2))
	}
	phi := add(b, lower(b, phiL, -1), upper(b, phiU, 0))
	divU := func(x Value) Value { // x·U⁻ᵀ
		a := TriangularAttrs{Upper: true}
		return swap(b, b.Apply(matrixOps.solveTriangular, a, head, swap(b, x))[0])
	}
	var g Value
	switch {
	case m < n:
		g = solveT(b, head, join(b, rank-1, divU(phi), cols(dlu, k, n)), false, true)
	case m > n:
		g = divU(join(b, rank-2, solveT(b, head, phi, false, true), rows(dlu, k, m)))
	default:
		g = solveT(b, head, divU(phi), false, true)
	}
	order := expand(b, reshape(b, c.Out[2], append(c.Out[2].Type().Shape.Clone(), 1)), s)
	return b.Apply(matrixOps.scatter, AxisAttrs{Axis: rank - 2}, zeros(b, g), order, g)
}

func join(b Builder, axis int, x, y Value) Value {
	return b.Apply(prim.concat, AxisAttrs{Axis: axis}, x, y)[0]
}

// symmetrized is (x + xᵀ)/2.
func symmetrized(b Builder, x Value) Value { return scale(b, add(b, x, swap(b, x)), 0.5) }

// halved is the lower triangle of x with half the diagonal.
func halved(b Builder, x Value) Value {
	return scale(b, add(b, lower(b, x, 0), lower(b, x, -1)), 0.5)
}

// choleskyGrad is the symmetric part of L⁻ᵀ·Φ(Lᵀ·dL)·L⁻¹.
func choleskyGrad(b Builder, c *Call) []Value {
	l := c.Out[0]
	if c.DOut[0] == nil {
		return []Value{nil}
	}
	phi := halved(b, matmul(b, swap(b, l), lower(b, c.DOut[0], 0)))
	x := solveT(b, l, phi, false, false)
	x = swap(b, solveT(b, l, swap(b, x), false, false))
	return []Value{symmetrized(b, x)}
}

// qrGrad is (dQ + Q·copyltu(R·dRᵀ − dQᵀ·Q))·R⁻ᵀ, where copyltu mirrors the lower triangle.
func qrGrad(b Builder, c *Call) []Value {
	q, r, dq, dr := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	if dq == nil && dr == nil {
		return []Value{nil}
	}
	var m Value
	if dr != nil {
		m = matmul(b, r, swap(b, upper(b, dr, 0)))
	}
	if dq != nil {
		x := neg(b, matmul(b, swap(b, dq), q))
		if m == nil {
			m = x
		} else {
			m = add(b, m, x)
		}
	}
	low := lower(b, m, -1)
	g := matmul(b, q, add(b, lower(b, m, 0), swap(b, low)))
	if dq != nil {
		g = add(b, dq, g)
	}
	a := TriangularAttrs{Upper: true}
	return []Value{swap(b, b.Apply(matrixOps.solveTriangular, a, r, swap(b, g))[0])}
}

// column and row are vectors [… k] as [… k 1] and [… 1 k].
func column(b Builder, v Value) Value {
	return reshape(b, v, append(v.Type().Shape.Clone(), 1))
}

func row(b Builder, v Value) Value {
	s := v.Type().Shape
	k := len(s) - 1
	return reshape(b, v, append(append(append(engine.Shape{}, s[:k]...), 1), s[k]))
}

// diagonalOf is the square matrix with v on its diagonal.
func diagonalOf(b Builder, v Value) Value {
	s := v.Type().Shape
	n := s[len(s)-1]
	full := expand(b, row(b, v), append(s.Clone(), n))
	return lower(b, upper(b, full, 0), 0)
}

// overGaps is x[i, j]/gaps[i, j] off the diagonal, and 0 on it.
func overGaps(b Builder, x, gaps Value) Value {
	off := func(v Value) Value { return add(b, lower(b, v, -1), upper(b, v, 1)) }
	one := b.Const(gaps.Type(), 1)
	return div(b, off(x), add(b, off(gaps), lower(b, upper(b, one, 0), 0)))
}

// eigHGrad is V·(diag(dw) + skew(Vᵀ·dV) / (wⱼ − wᵢ))·Vᵀ: V stays orthogonal, so that only the antisymmetric
// part counts, and the gradient is symmetric.
func eigHGrad(b Builder, c *Call) []Value {
	w, v, dw, dv := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	var inner Value
	if dv != nil {
		m := matmul(b, swap(b, v), dv)
		inner = overGaps(b, scale(b, sub(b, m, swap(b, m)), 0.5), sub(b, row(b, w), column(b, w)))
	}
	if dw != nil {
		inner = plus(b, inner, diagonalOf(b, dw))
	}
	if inner == nil {
		return []Value{nil}
	}
	return []Value{matmul(b, matmul(b, v, inner), swap(b, v))}
}

// eigGrad is V⁻ᴴ·(diag(dw) + (M − Vᴴ·V·Re diag M) / conj(wⱼ − wᵢ))·Vᴴ with M = Vᴴ·dV, whose second term is
// what the norm of the vectors takes away. Source: Boeddeker et al. 2017.
func eigGrad(b Builder, c *Call) []Value {
	w, v, dw, dv := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	vh := swap(b, conj(b, v))
	var inner Value
	if dv != nil {
		m := matmul(b, vh, dv)
		one := lower(b, upper(b, b.Const(m.Type(), 1), 0), 0)
		diag := b.Apply(prim.sum, ReduceAttrs{Axes: []int{len(m.Type().Shape) - 2}, Keep: true}, mul(b, m, one))[0]
		along := b.Apply(prim.cast, CastAttrs{To: m.Type().DType}, b.Apply(complexOps.real, nil, diag)[0])[0]
		m = sub(b, m, mul(b, matmul(b, vh, v), along))
		inner = overGaps(b, m, conj(b, sub(b, row(b, w), column(b, w))))
	}
	if dw != nil {
		inner = plus(b, inner, diagonalOf(b, dw))
	}
	if inner == nil {
		return []Value{nil}
	}
	return []Value{b.Apply(matrixOps.solve, nil, vh, matmul(b, inner, vh))[0]}
}

// svdGrad is U·((skew(Uᵀ·dU)/E)·S + S·(skew(Vᵀ·dV)/E) + diag(dS))·Vᵀ with Eᵢⱼ = sⱼ² − sᵢ², and what lies
// outside of the spaces of U and V.
func svdGrad(b Builder, c *Call) []Value {
	u, s, vt := c.Out[0], c.Out[1], c.Out[2]
	du, ds, dvt := c.DOut[0], c.DOut[1], c.DOut[2]
	gaps := mul(b, sub(b, row(b, s), column(b, s)), add(b, row(b, s), column(b, s)))
	skew := func(x Value) Value { return overGaps(b, sub(b, x, swap(b, x)), gaps) }
	var inner Value
	if ds != nil {
		inner = diagonalOf(b, ds)
	}
	if du != nil {
		inner = plus(b, inner, mul(b, skew(matmul(b, swap(b, u), du)), row(b, s)))
	}
	if dvt != nil {
		inner = plus(b, inner, mul(b, column(b, s), skew(matmul(b, vt, swap(b, dvt)))))
	}
	if inner == nil {
		return []Value{nil}
	}
	shape := u.Type().Shape
	m, k, n := shape[len(shape)-2], shape[len(shape)-1], vt.Type().Shape[len(shape)-1]
	g := matmul(b, matmul(b, u, inner), vt)
	if m > k && du != nil {
		x := div(b, du, row(b, s))
		g = add(b, g, matmul(b, sub(b, x, matmul(b, u, matmul(b, swap(b, u), x))), vt))
	}
	if n > k && dvt != nil {
		x := div(b, dvt, column(b, s))
		g = add(b, g, matmul(b, u, sub(b, x, matmul(b, matmul(b, x, swap(b, vt)), vt))))
	}
	return []Value{g}
}

// pinvGrad is −P ᵀ·dP·Pᵀ + (I − A·P)·dPᵀ·P·Pᵀ + Pᵀ·P·dPᵀ·(I − P·A), the transposes as Golub and Pereyra 1973.
func pinvGrad(b Builder, c *Call) []Value {
	a, p, dt := c.In[0], c.Out[0], swap(b, c.DOut[0])
	pt := swap(b, p)
	g := neg(b, matmul(b, matmul(b, pt, swap(b, dt)), pt))
	x := matmul(b, dt, matmul(b, p, pt))
	g = add(b, g, sub(b, x, matmul(b, a, matmul(b, p, x))))
	y := matmul(b, matmul(b, pt, p), dt)
	return []Value{add(b, g, sub(b, y, matmul(b, matmul(b, y, p), a)))}
}
