package cpu

import "github.com/lathe-ml/lathe/engine"

// Convolution by unfolding: for each sample and group the windows become the columns of a matrix
// [ci·kernel points], and the three passes are matrix products with it. It handles every geometry
// and type, and is the oracle of the implicit products in SIMD.

// windows visits the valid part of one window row: f is called for channel-and-tap row r of the
// unfolded matrix and output row (od, oh) with the input position of its first valid column.
func (q *geometry) windows(f func(r, point, pos, lo, hi int)) {
	r := 0
	for c := range q.ci {
		for kd := range q.k[0] {
			for kh := range q.k[1] {
				for kw := range q.k[2] {
					q.tapRows(c, r, [3]int{kd, kh, kw}, f)
					r++
				}
			}
		}
	}
}

func (q *geometry) tapRows(c, r int, k [3]int, f func(r, point, pos, lo, hi int)) {
	x0 := k[2]*q.dil[2] - q.pad[2]
	lo, hi := validRange(x0, q.stride[2], q.in[2], q.out[2])
	for od := range q.out[0] {
		d := od*q.stride[0] + k[0]*q.dil[0] - q.pad[0]
		for oh := range q.out[1] {
			h := oh*q.stride[1] + k[1]*q.dil[1] - q.pad[1]
			point := (od*q.out[1] + oh) * q.out[2]
			if d < 0 || d >= q.in[0] || h < 0 || h >= q.in[1] {
				f(r, point, 0, 0, 0)
				continue
			}
			pos := c*q.xs[1] + d*q.xs[2] + h*q.xs[3] + (x0+lo*q.stride[2])*q.xs[4]
			f(r, point, pos, lo, hi)
		}
	}
}

// validRange returns the outputs lo … hi whose input x0 + o·stride lies in [0, in).
func validRange(x0, stride, in, out int) (lo, hi int) {
	if x0 < 0 {
		lo = (-x0 + stride - 1) / stride
	}
	if in > x0 {
		hi = (in - x0 + stride - 1) / stride
	}
	hi = min(hi, out)
	return min(lo, hi), hi
}

// unfold fills cols [ci·kernel points] from the sample and group that start at base.
func unfold[T number](q *geometry, cols, x []T, base int) {
	step := q.stride[2] * q.xs[4]
	q.windows(func(r, point, pos, lo, hi int) {
		row := cols[r*q.points+point:][:q.out[2]]
		clear(row[:lo])
		pos += base
		for i := lo; i < hi; i++ {
			row[i] = x[pos]
			pos += step
		}
		clear(row[hi:])
	})
}

// refold adds cols to the sample and group that start at base.
func refold[T number](q *geometry, cols, x []T, base int) {
	step := q.stride[2] * q.xs[4]
	q.windows(func(r, point, pos, lo, hi int) {
		row := cols[r*q.points+point:][:q.out[2]]
		pos += base
		for i := lo; i < hi; i++ {
			x[pos] += row[i]
			pos += step
		}
	})
}

// weights returns the weight of group g as [co ci·kernel], packed.
func packWeights[T number](q *geometry, w []T) []T {
	kk := q.ci * q.kernelSize
	out := make([]T, 0, q.g*q.co*kk)
	for o := range q.g * q.co {
		for c := range q.ci {
			q.taps(func(_ int, k [3]int) {
				out = append(out, w[q.weightAt(o, c, k)])
			})
		}
	}
	return out
}

func (q *geometry) weightAt(o, c int, k [3]int) int {
	return q.wo + o*q.ws[0] + c*q.ws[1] + k[0]*q.ws[2] + k[1]*q.ws[3] + k[2]*q.ws[4]
}

// taps visits the positions of the kernel in row-major order.
func (q *geometry) taps(f func(t int, k [3]int)) {
	t := 0
	for d := range q.k[0] {
		for h := range q.k[1] {
			for w := range q.k[2] {
				f(t, [3]int{d, h, w})
				t++
			}
		}
	}
}

// rows copies the result of one sample and group between y and the packed [co points].
func rows[T number](q *geometry, y []T, base int, f func(i, pos int)) {
	i := 0
	for o := range q.co {
		for d := range q.out[0] {
			for h := range q.out[1] {
				pos := base + o*q.ys[1] + d*q.ys[2] + h*q.ys[3]
				for range q.out[2] {
					f(i, pos)
					i++
					pos += q.ys[4]
				}
			}
		}
	}
}

func convForward[T float](f gemmFunc[T], dst, x, w, bias *engine.Array, s *ConvSpec, relu bool) {
	q := newGeometry(x, w, dst, s)
	kk := q.ci * q.kernelSize
	wp, xa, ya := packWeights(q, whole[T](w)), whole[T](x), whole[T](dst)
	var b []T
	if bias.Buf != nil {
		t := engine.NewArray(dst.DType, bias.Shape)
		must(Copy(t, *bias))
		b = flatSlice[T](&t)
	}
	engine.Parallel(q.n*q.g, 1, func(lo, hi int) {
		cols, out := make([]T, kk*q.points), make([]T, q.co*q.points)
		for t := lo; t < hi; t++ {
			n, g := t/q.g, t%q.g
			unfold(q, cols, xa, q.xo+n*q.xs[0]+g*q.ci*q.xs[1])
			f(q.co, q.points, kk, matrix[T]{out, 0, q.points, 1},
				matrix[T]{wp, g * q.co * kk, kk, 1}, matrix[T]{cols, 0, q.points, 1},
				epilogue[T]{alpha: 1})
			rows(q, ya, q.yo+n*q.ys[0]+g*q.co*q.ys[1], func(i, pos int) {
				v := out[i]
				if b != nil {
					v += b[g*q.co+i/q.points]
				}
				if relu && v <= 0 {
					v = 0
				}
				ya[pos] = v
			})
		}
	})
}

func convGradInput[T float](f gemmFunc[T], dx, dy, w *engine.Array, s *ConvSpec) {
	q := newGeometry(dx, w, dy, s)
	kk := q.ci * q.kernelSize
	must(Fill(*dx, 0))
	wp, xa, ya := packWeights(q, whole[T](w)), whole[T](dx), whole[T](dy)
	engine.Parallel(q.n*q.g, 1, func(lo, hi int) {
		cols, in := make([]T, kk*q.points), make([]T, q.co*q.points)
		for t := lo; t < hi; t++ {
			n, g := t/q.g, t%q.g
			rows(q, ya, q.yo+n*q.ys[0]+g*q.co*q.ys[1], func(i, pos int) { in[i] = ya[pos] })
			f(kk, q.points, q.co, matrix[T]{cols, 0, q.points, 1},
				matrix[T]{wp, g * q.co * kk, 1, kk}, matrix[T]{in, 0, q.points, 1},
				epilogue[T]{alpha: 1})
			refold(q, cols, xa, q.xo+n*q.xs[0]+g*q.ci*q.xs[1])
		}
	})
}

func convGradWeight[T float](f gemmFunc[T], dw, x, dy *engine.Array, s *ConvSpec) {
	q := newGeometry(x, dw, dy, s)
	kk := q.ci * q.kernelSize
	xa, ya, wa := whole[T](x), whole[T](dy), whole[T](dw)
	engine.Parallel(q.g, 1, func(lo, hi int) {
		cols, in := make([]T, kk*q.points), make([]T, q.co*q.points)
		acc := make([]T, q.co*kk)
		for g := lo; g < hi; g++ {
			clear(acc)
			for n := range q.n {
				unfold(q, cols, xa, q.xo+n*q.xs[0]+g*q.ci*q.xs[1])
				rows(q, ya, q.yo+n*q.ys[0]+g*q.co*q.ys[1], func(i, pos int) { in[i] = ya[pos] })
				f(q.co, kk, q.points, matrix[T]{acc, 0, kk, 1},
					matrix[T]{in, 0, q.points, 1}, matrix[T]{cols, 0, 1, q.points},
					epilogue[T]{alpha: 1, add: true})
			}
			i := 0
			for o := range q.co {
				for c := range q.ci {
					q.taps(func(_ int, k [3]int) {
						wa[q.weightAt(g*q.co+o, c, k)] = acc[i]
						i++
					})
				}
			}
		}
	})
}
