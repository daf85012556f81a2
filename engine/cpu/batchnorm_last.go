package cpu

import "github.com/lathe-ml/lathe/engine"

// Batch normalisation of channels-last data: pixels are rows, channels columns. Each pass reads memory
// once.

// The passes over rows of n columns; distances are in bytes. Assembly replaces them.
var (
	columnMoments = columnMomentsGo
	columnDots    = columnDotsGo
	columnScale   = columnScaleGo
	columnGrad    = columnGradGo
)

// columnRow returns row r of n columns.
func columnRow(p *float32, r, n, ld int) []float32 { return floatsAt(p, r*ld, n) }

func columnMomentsGo(x, shift, first, second *float32, rows, n, ldx int) {
	s, f, q := floatsAt(shift, 0, n), floatsAt(first, 0, n), floatsAt(second, 0, n)
	for r := range rows {
		for j, v := range columnRow(x, r, n, ldx) {
			v -= s[j]
			f[j] += v
			q[j] += v * v
		}
	}
}

func columnDotsGo(dy, x, shift, first, second *float32, rows, n, lddy, ldx int) {
	s, f, q := floatsAt(shift, 0, n), floatsAt(first, 0, n), floatsAt(second, 0, n)
	for r := range rows {
		g := columnRow(dy, r, n, lddy)
		for j, v := range columnRow(x, r, n, ldx) {
			f[j] += g[j]
			q[j] += g[j] * (v - s[j])
		}
	}
}

func columnScaleGo(d, x, shift, a, b *float32, rows, n, ldd, ldx int) {
	s, as, bs := floatsAt(shift, 0, n), floatsAt(a, 0, n), floatsAt(b, 0, n)
	for r := range rows {
		y := columnRow(d, r, n, ldd)
		for j, v := range columnRow(x, r, n, ldx) {
			y[j] = (v-s[j])*as[j] + bs[j]
		}
	}
}

func columnGradGo(d, dy, x, shift, a, s, b *float32, rows, n, ldd, lddy, ldx int) {
	sh, as, ss, bs := floatsAt(shift, 0, n), floatsAt(a, 0, n), floatsAt(s, 0, n), floatsAt(b, 0, n)
	for r := range rows {
		y, g := columnRow(d, r, n, ldd), columnRow(dy, r, n, lddy)
		for j, v := range columnRow(x, r, n, ldx) {
			y[j] = (v-sh[j])*as[j] + g[j]*ss[j] + bs[j]
		}
	}
}

// pixelRows is channels-last data as a matrix: pixel i is at data[i·ld], ld in elements.
type pixelRows struct {
	data       []float32
	n, columns int
}

func (p *pixelRows) at(i int) *float32 { return &p.data[i*p.columns] }

// denseRows returns the pixels of a when it is F32, dense and channels-last.
func denseRows(a *engine.Array) (p pixelRows, ok bool) {
	if a.DType != engine.F32 || !ChannelsLast(*a) || a.Numel() == 0 {
		return p, false
	}
	c := a.Shape[1]
	d := whole[float32](a)[a.Offset:]
	return pixelRows{d, a.Numel() / c, c}, true
}

// momentRows is the number of rows that are summed in float32 before float64 takes over.
const momentRows = 64

// columnPieces is the number of partial sums over the rows; it does not depend on the threads.
const columnPieces = 16

// columnSums adds two sums for each column over all rows: f adds those of some rows in float32.
func columnSums(rows, n int, f func(first, second *float32, row, count int)) (first, second []float64) {
	pieces := min(columnPieces, (rows+momentRows-1)/momentRows)
	parts := make([]float64, 2*n*pieces)
	least := max(1, grain*pieces/(rows*n))
	engine.Parallel(pieces, least, func(lo, hi int) {
		acc := make([]float32, 2*n)
		for p := lo; p < hi; p++ {
			to := parts[2*n*p:][:2*n]
			end := rows * (p + 1) / pieces
			for r := rows * p / pieces; r < end; r += momentRows {
				clear(acc)
				f(&acc[0], &acc[n], r, min(momentRows, end-r))
				for i, v := range acc {
					to[i] += float64(v)
				}
			}
		}
	})
	total := parts[:2*n]
	for p := 1; p < pieces; p++ {
		for i, v := range parts[2*n*p:][:2*n] {
			total[i] += v
		}
	}
	return total[:n], total[n:]
}

// momentsLast computes mean and biased variance of each channel.
func momentsLast(mean, variance []float32, x pixelRows) {
	n := x.columns
	shift := x.data[:n] // the variance of near numbers loses no digits
	first, second := columnSums(x.n, n, func(f, s *float32, row, count int) {
		columnMoments(x.at(row), &shift[0], f, s, count, n, 4*n)
	})
	count := float64(x.n)
	for i := range n {
		m := first[i] / count
		mean[i] = float32(float64(shift[i]) + m)
		variance[i] = float32(max(second[i]/count-m*m, 0))
	}
}

// eachRows calls f for blocks of rows in parallel.
func eachRows(rows, n int, f func(row, count int)) {
	engine.Parallel(rows, max(1, grain/n), func(lo, hi int) {
		for r := lo; r < hi; r += momentRows {
			f(r, min(momentRows, hi-r))
		}
	})
}

// normLast computes d = (x − mean)·scale + shift.
func normLast(d, x pixelRows, mean, scale, shift []float32) {
	n := x.columns
	eachRows(x.n, n, func(row, count int) {
		columnScale(d.at(row), x.at(row), &mean[0], &scale[0], &shift[0], count, n, 4*n, 4*n)
	})
}

// normGradLast computes dx = a·dy + b·(x − mean) + c for each channel and returns dgamma and dbeta.
func normGradLast(dx, dy, x pixelRows, mean, rstd, gamma []float32) (dg, db []float64) {
	n := x.columns
	db, dg = columnSums(x.n, n, func(f, s *float32, row, count int) {
		columnDots(dy.at(row), x.at(row), &mean[0], f, s, count, n, 4*n, 4*n)
	})
	coefficients := make([]float32, 3*n)
	a, b, c := coefficients[:n], coefficients[n:2*n], coefficients[2*n:]
	count := float64(x.n)
	for i := range n {
		r := float64(rstd[i])
		scale := r
		if gamma != nil {
			scale *= float64(gamma[i])
		}
		dg[i] *= r
		a[i] = float32(scale)
		b[i] = float32(-scale * r * dg[i] / count)
		c[i] = float32(-scale * db[i] / count)
	}
	eachRows(x.n, n, func(row, count int) {
		columnGrad(dx.at(row), dy.at(row), x.at(row), &mean[0], &b[0], &a[0], &c[0], count, n,
			4*n, 4*n, 4*n)
	})
	return dg, db
}

// batchNormLast is BatchNorm on channels-last data.
func batchNormLast(d, x pixelRows, mean, rstd, gamma, beta engine.Array) {
	c := x.columns
	m, r := affine[float32]("BatchNorm", mean, c), affine[float32]("BatchNorm", rstd, c)
	g, b := affine[float32]("BatchNorm", gamma, c), affine[float32]("BatchNorm", beta, c)
	scale := make([]float32, c)
	copy(scale, r)
	for i := range g {
		scale[i] *= g[i]
	}
	if b == nil {
		b = make([]float32, c)
	}
	normLast(d, x, m, scale, b)
}

// batchNormGradLast is BatchNormGrad for a channels-last dx.
func batchNormGradLast(
	dx pixelRows, dgamma, dbeta, dy, x, mean, rstd, gamma engine.Array,
) error {
	dy, x = lastCopy(dy), lastCopy(x)
	g, _ := denseRows(&dy)
	xs, _ := denseRows(&x)
	c := dx.columns
	m := affine[float32]("BatchNormGrad", mean, c)
	r := affine[float32]("BatchNormGrad", rstd, c)
	dg, db := normGradLast(dx, g, xs, m, r, affine[float32]("BatchNormGrad", gamma, c))
	storeParams(dgamma, dbeta, dg, db)
	return nil
}
