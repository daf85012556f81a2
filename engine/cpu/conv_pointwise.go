package cpu

import "github.com/lathe-ml/lathe/engine"

// Convolution with a kernel of one position is a matrix product in any layout whose pixels lie at one
// distance.

// pixels returns the matrix [pixels channels] of group 0 in sample 0 and whether samples continue it.
func pixels(a *engine.Array, strides [5]int, off int, in [3]int) (m matrix[float32], joined, ok bool) {
	m = matrix[float32]{whole[float32](a), off, strides[4], strides[1]}
	if in[2] == 1 {
		m.rs = strides[3]
	}
	if in[1] > 1 && in[2] > 1 && strides[3] != in[2]*strides[4] {
		return m, false, false
	}
	return m, strides[0] == in[1]*in[2]*m.rs, m.rs == 1 || m.cs == 1
}

// pointwise reports whether q is a matrix product.
func (q *geometry) pointwise() bool {
	return q.tiles() && q.kernelSize == 1 && q.pad == [3]int{} && q.in == q.out &&
		q.stride == [3]int{1, 1, 1}
}

// pointwiseProduct computes y = x·w for each group and sample, w [inner outer], of which given is the packed
// form or nil.
func (q *geometry) pointwiseProduct(
	y, x matrix[float32], ys, xs int, joined bool, w matrix[float32], inner, outer, group int,
	e epilogue[float32], given []float32,
) {
	m, n := q.points, q.n
	if joined {
		m, n = m*n, 1
	}
	tasks := n * q.g
	f := func(i int) {
		s, g := i/q.g, i%q.g
		c, a, b := y, x, w
		c.off += s*ys + g*outer*y.cs
		a.off += s*xs + g*inner*x.cs
		b.off += g * group
		p := e
		p.boff += g * outer * e.bs
		if c.cs != 1 && e.bias != nil { // the epilogue adds to columns; these are rows
			engine.Parallel(outer, max(1, grain/m), func(lo, hi int) {
				for o := lo; o < hi; o++ {
					fillColumn(c, o, m, e.bias[p.boff+o*e.bs])
				}
			})
			p.bias, p.add = nil, true
		}
		if given != nil && c.cs == 1 {
			size := (outer + strip - 1) / strip * strip * inner
			(&product[float32]{
				tile: tiling.run, m: m, n: outer, k: inner, c: c, a: a, e: p, given: given[g*size:],
			}).start()
			return
		}
		gemm(gemmF32, m, outer, inner, c, a, b, p)
	}
	if tasks < engine.Threads() {
		for i := range tasks {
			f(i)
		}
		return
	}
	engine.Parallel(tasks, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// fillColumn sets m elements of column o to v, by copies of doubling length where they are neighbours.
func fillColumn(c matrix[float32], o, m int, v float32) {
	if c.rs != 1 {
		for r := range m {
			c.d[c.at(r, o)] = v
		}
		return
	}
	d := c.d[c.at(0, o):][:m]
	d[0] = v
	for n := 1; n < m; n *= 2 {
		copy(d[n:], d[:n])
	}
}

// pointwiseForward computes the forward pass; it reports whether it took the case.
func pointwiseForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) bool {
	if !q.pointwise() {
		return false
	}
	ym, yj, ok1 := pixels(dst, q.ys, q.yo, q.out)
	xm, xj, ok2 := pixels(x, q.xs, q.xo, q.in)
	if !ok1 || !ok2 {
		return false
	}
	w := f.w
	e := epilogue[float32]{alpha: 1, clamp: a.bounds(), low: a.low, high: a.high}
	if a.residual.Buf != nil {
		e.add = true
		e.delta, _ = a.delta(dst)
	}
	if bias.Buf != nil {
		e.bias, e.boff, e.bs = whole[float32](bias), bias.Offset, bias.Strides[0]
	}
	wm, group := matrix[float32]{whole[float32](w), q.wo, q.ws[1], q.ws[0]}, q.co*q.ws[0]
	if ym.cs == 1 && q.n*q.points > 1 && (f.kept != nil || wm.cs != 1 && q.co > 1) {
		given, release := q.strips(f)
		defer release()
		q.pointwiseProduct(ym, xm, q.ys[0], q.xs[0], xj && yj, wm, q.ci, q.co, group, e, given)
		return true
	}
	q.pointwiseProduct(ym, xm, q.ys[0], q.xs[0], xj && yj, wm, q.ci, q.co, group, e, nil)
	return true
}

// pointwiseInput computes the input's gradient; it reports whether it took the case.
func pointwiseInput(q *geometry, dx, dy, w *engine.Array) bool {
	if !q.pointwise() {
		return false
	}
	ym, yj, ok1 := pixels(dy, q.ys, q.yo, q.out)
	xm, xj, ok2 := pixels(dx, q.xs, q.xo, q.in)
	if !ok1 || !ok2 {
		return false
	}
	wm := matrix[float32]{whole[float32](w), q.wo, q.ws[0], q.ws[1]}
	q.pointwiseProduct(xm, ym, q.xs[0], q.ys[0], xj && yj, wm, q.co, q.ci, q.co*q.ws[0],
		epilogue[float32]{alpha: 1}, nil)
	return true
}

// pointwiseWeight computes the weight's gradient; it reports whether it took the case.
func pointwiseWeight(q *geometry, dw, x, dy *engine.Array) bool {
	if !q.pointwise() {
		return false
	}
	ym, yj, ok1 := pixels(dy, q.ys, q.yo, q.out)
	xm, xj, ok2 := pixels(x, q.xs, q.xo, q.in)
	if !ok1 || !ok2 {
		return false
	}
	k, n := q.points, q.n
	if xj && yj {
		k, n = k*n, 1
	}
	d := matrix[float32]{whole[float32](dw), q.wo, q.ws[0], q.ws[1]}
	for g := range q.g {
		for s := range n {
			a, b, c := ym.t(), xm, d
			a.off += s*q.ys[0] + g*q.co*ym.cs
			b.off += s*q.xs[0] + g*q.ci*xm.cs
			c.off += g * q.co * q.ws[0]
			gemm(gemmF32, q.co, q.ci, k, c, a, b, epilogue[float32]{alpha: 1, add: s > 0})
		}
	}
	return true
}
