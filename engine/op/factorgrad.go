package op

import "github.com/lathe-ml/lathe/engine"

// Gradients of factorizations. Source of the formulas: Walter and Lehmann 2018 for QR, Giles 2008 and
// Townsend 2016 for the others.

// luGrad: with ΦL = tril(Lᴴ·dL, −1) and ΦU = triu(dU·Uᴴ) of the square part, Pᴴ·L⁻ᴴ·(ΦL + ΦU)·U⁻ᴴ, and what
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
	phiL := add(b, matmul(b, adjoint(b, strict), lower(b, dhead, -1)), lower(b, dhead, -1))
	phiU := matmul(b, upper(b, dhead, 0), adjoint(b, upper(b, head, 0)))
	switch {
	case m < n:
		u2, du2 := cols(lu, k, n), cols(dlu, k, n)
		phiL = sub(b, phiL, matmul(b, du2, adjoint(b, u2)))
	case m > n:
		l2, dl2 := rows(lu, k, m), rows(dlu, k, m)
		phiU = sub(b, phiU, matmul(b, adjoint(b, l2), dl2))
	}
	phi := add(b, lower(b, phiL, -1), upper(b, phiU, 0))
	divU := func(x Value) Value { // x·U⁻ᴴ
		a := TriangularAttrs{Upper: true}
		return adjoint(b, b.Apply(matrixOps.solveTriangular, a, head, adjoint(b, x))[0])
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

// symmetrized is (x + xᴴ)/2.
func symmetrized(b Builder, x Value) Value { return scale(b, add(b, x, adjoint(b, x)), 0.5) }

// choleskyGrad is L⁻ᴴ·(X + Yᴴ)/2·L⁻¹, where X is the lower part of Lᴴ·dL and Y what of it is below the diagonal.
func choleskyGrad(b Builder, c *Call) []Value {
	l := c.Out[0]
	if c.DOut[0] == nil {
		return []Value{nil}
	}
	x := matmul(b, adjoint(b, l), lower(b, c.DOut[0], 0))
	x = scale(b, add(b, lower(b, x, 0), adjoint(b, lower(b, x, -1))), 0.5)
	x = solveT(b, l, x, false, false)
	return []Value{adjoint(b, solveT(b, l, adjoint(b, x), false, false))}
}

// qrGrad is (dQ + Q·copyltu(R·dRᴴ − dQᴴ·Q))·R⁻ᴴ, where copyltu mirrors the lower triangle and
// makes the diagonal real.
func qrGrad(b Builder, c *Call) []Value {
	q, r, dq, dr := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	if dq == nil && dr == nil {
		return []Value{nil}
	}
	var m Value
	if dr != nil {
		m = matmul(b, r, adjoint(b, upper(b, dr, 0)))
	}
	if dq != nil {
		x := neg(b, matmul(b, adjoint(b, dq), q))
		if m == nil {
			m = x
		} else {
			m = add(b, m, x)
		}
	}
	low, diag := lower(b, m, -1), lower(b, upper(b, m, 0), 0)
	g := matmul(b, q, add(b, add(b, low, adjoint(b, low)), symmetrized(b, diag)))
	if dq != nil {
		g = add(b, dq, g)
	}
	a := TriangularAttrs{Upper: true}
	return []Value{adjoint(b, b.Apply(matrixOps.solveTriangular, a, r, adjoint(b, g))[0])}
}

// converted is x in the dtype of y.
func converted(b Builder, x, y Value) Value {
	if x.Type().DType == y.Type().DType {
		return x
	}
	return b.Apply(prim.cast, CastAttrs{To: y.Type().DType}, x)[0]
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

// eigHGrad is V·(diag(dw) + skew(Vᴴ·dV) / (wⱼ − wᵢ))·Vᴴ: V stays orthogonal, so that only the antisymmetric
// part counts, and the gradient is symmetric.
func eigHGrad(b Builder, c *Call) []Value {
	w, v, dw, dv := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	var inner Value
	if dv != nil {
		m := matmul(b, adjoint(b, v), dv)
		inner = overGaps(b, scale(b, sub(b, m, adjoint(b, m)), 0.5), sub(b, row(b, w), column(b, w)))
	}
	if dw != nil {
		inner = plus(b, inner, converted(b, diagonalOf(b, dw), v))
	}
	if inner == nil {
		return []Value{nil}
	}
	return []Value{matmul(b, matmul(b, v, inner), adjoint(b, v))}
}

// eigGrad is V⁻ᴴ·(diag(dw) + (M − Vᴴ·V·Re diag M) / conj(wⱼ − wᵢ))·Vᴴ with M = Vᴴ·dV, whose second term is
// what the norm of the vectors takes away. Source: Boeddeker et al. 2017.
func eigGrad(b Builder, c *Call) []Value {
	w, v, dw, dv := c.Out[0], c.Out[1], c.DOut[0], c.DOut[1]
	vh := adjoint(b, v)
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

// svdGrad is U·((skew(Uᴴ·dU)/E)·S + S·(skew(Vᴴ·dV)/E) + diag(dS))·Vᴴ with Eᵢⱼ = sⱼ² − sᵢ², and what lies
// outside of the spaces of U and V.
func svdGrad(b Builder, c *Call) []Value {
	u, s, vt := c.Out[0], c.Out[1], c.Out[2]
	du, ds, dvt := c.DOut[0], c.DOut[1], c.DOut[2]
	gaps := mul(b, sub(b, row(b, s), column(b, s)), add(b, row(b, s), column(b, s)))
	skew := func(x Value) Value { return overGaps(b, sub(b, x, adjoint(b, x)), gaps) }
	var inner Value
	if ds != nil {
		inner = converted(b, diagonalOf(b, ds), u)
	}
	if du != nil && isComplex(u) { // what turns u and vt by one phase
		m := matmul(b, adjoint(b, u), du)
		turn := sub(b, m, adjoint(b, m))
		inner = plus(b, inner, div(b, scale(b, lower(b, upper(b, turn, 0), 0), 0.5), row(b, s)))
	}
	if du != nil {
		inner = plus(b, inner, mul(b, skew(matmul(b, adjoint(b, u), du)), row(b, s)))
	}
	if dvt != nil {
		inner = plus(b, inner, mul(b, column(b, s), skew(matmul(b, vt, adjoint(b, dvt)))))
	}
	if inner == nil {
		return []Value{nil}
	}
	shape := u.Type().Shape
	m, k, n := shape[len(shape)-2], shape[len(shape)-1], vt.Type().Shape[len(shape)-1]
	g := matmul(b, matmul(b, u, inner), vt)
	if m > k && du != nil {
		x := div(b, du, row(b, s))
		g = add(b, g, matmul(b, sub(b, x, matmul(b, u, matmul(b, adjoint(b, u), x))), vt))
	}
	if n > k && dvt != nil {
		x := div(b, dvt, column(b, s))
		g = add(b, g, matmul(b, u, sub(b, x, matmul(b, matmul(b, x, adjoint(b, vt)), vt))))
	}
	return []Value{g}
}

// pinvGrad is −P ᴴ·dP·Pᴴ + (I − A·P)·dPᴴ·P·Pᴴ + Pᴴ·P·dPᴴ·(I − P·A), the transposes as Golub and Pereyra 1973.
func pinvGrad(b Builder, c *Call) []Value {
	a, p, dt := c.In[0], c.Out[0], adjoint(b, c.DOut[0])
	pt := adjoint(b, p)
	g := neg(b, matmul(b, matmul(b, pt, adjoint(b, dt)), pt))
	x := matmul(b, dt, matmul(b, p, pt))
	g = add(b, g, sub(b, x, matmul(b, a, matmul(b, p, x))))
	y := matmul(b, matmul(b, pt, p), dt)
	return []Value{add(b, g, sub(b, y, matmul(b, matmul(b, y, p), a)))}
}
