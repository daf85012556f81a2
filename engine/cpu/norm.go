package cpu

import (
	"fmt"
	"math"
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// LayerNorm computes dst = (x − mean)·rstd·gamma + beta with the statistics of the last n axes: the
// mean and rstd = 1/√(variance + eps). mean and rstd have x's leading axes, gamma and beta its last
// n; all four are optional.
func LayerNorm(dst, mean, rstd, x, gamma, beta engine.Array, n int, eps float64) error {
	switch t := dst.DType; {
	case t == engine.F32:
		layerNorm[float32](dst, mean, rstd, x, gamma, beta, n, eps)
	case t == engine.F64:
		layerNorm[float64](dst, mean, rstd, x, gamma, beta, n, eps)
	case isHalf(t):
		m, r := wideLike(mean), wideLike(rstd)
		err := viaF32(dst, func(d engine.Array, f32 widen) error {
			return LayerNorm(d, m, r, f32(x), f32(gamma), f32(beta), n, eps)
		})
		return firstError(err, copyBack(mean, m), copyBack(rstd, r))
	default:
		return unsupported("LayerNorm", t)
	}
	return nil
}

// LayerNormGrad computes the gradients of LayerNorm's x, gamma and beta from the result's gradient
// dy and the statistics that LayerNorm stored. dgamma, dbeta and gamma are optional.
func LayerNormGrad(dx, dgamma, dbeta, dy, x, mean, rstd, gamma engine.Array, n int) error {
	switch t := dx.DType; {
	case t == engine.F32:
		layerNormGrad[float32](dx, dgamma, dbeta, dy, x, mean, rstd, gamma, n)
	case t == engine.F64:
		layerNormGrad[float64](dx, dgamma, dbeta, dy, x, mean, rstd, gamma, n)
	case isHalf(t):
		g, b := wideLike(dgamma), wideLike(dbeta)
		err := viaF32(dx, func(d engine.Array, f32 widen) error {
			return LayerNormGrad(d, g, b, f32(dy), f32(x), f32(mean), f32(rstd),
				f32(gamma), n)
		})
		return firstError(err, copyBack(dgamma, g), copyBack(dbeta, b))
	default:
		return unsupported("LayerNormGrad", t)
	}
	return nil
}

// wideLike returns an F32 array of a's shape, or a missing one.
func wideLike(a engine.Array) engine.Array {
	if a.Buf == nil {
		return a
	}
	return engine.NewArray(engine.F32, a.Shape)
}

func copyBack(dst, src engine.Array) error {
	if dst.Buf == nil {
		return nil
	}
	return Copy(dst, src)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// affine returns the elements of an optional array, or nil.
func affine[T float](name string, a engine.Array, n int) []T {
	if a.Buf == nil {
		return nil
	}
	if a.Numel() != n {
		panic(fmt.Sprintf("cpu.%s: %v where %d elements are wanted", name, a, n))
	}
	a = packedCopy(a)
	defer runtime.KeepAlive(a.Buf)
	return flatSlice[T](&a)
}

func layerNorm[T float](dst, mean, rstd, x, gamma, beta engine.Array, n int, eps float64) {
	size := x.Shape[len(x.Shape)-n:].Numel()
	outer := x.Shape[:len(x.Shape)-n].Numel()
	g, b := affine[T]("LayerNorm", gamma, size), affine[T]("LayerNorm", beta, size)
	d, same := packed(dst)
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	m, r := engine.NewArray(dst.DType, engine.Shape{outer}), engine.NewArray(dst.DType,
		engine.Shape{outer})
	ds, xs, ms, rs := flatSlice[T](&d), flatSlice[T](&x), flatSlice[T](&m), flatSlice[T](&r)
	narrow := dst.DType == engine.F32
	engine.Parallel(outer, max(1, grain/4/max(size, 1)), func(lo, hi int) {
		if narrow && layerNormRows != nil && g != nil && b != nil && size > 0 && size <= longestRow &&
			layerNormRows(any(ds[lo*size:hi*size]).([]float32), any(xs[lo*size:]).([]float32), any(g).([]float32),
				any(b).([]float32), any(ms[lo:hi]).([]float32), any(rs[lo:hi]).([]float32), eps) {
			return
		}
		for o := lo; o < hi; o++ {
			row, out := xs[o*size:(o+1)*size], ds[o*size:(o+1)*size]
			if narrow {
				m, r := normaliseF32(any(out).([]float32), any(row).([]float32),
					any(g).([]float32), any(b).([]float32), eps)
				ms[o], rs[o] = T(m), T(r)
				continue
			}
			mu, variance := moments(row)
			rs[o] = T(1 / math.Sqrt(variance+eps))
			ms[o] = T(mu)
			normalise(out, row, ms[o], rs[o], g, b)
		}
	})
	if !same {
		must(Copy(dst, d))
	}
	must(copyBack(mean, reshaped(m, mean)))
	must(copyBack(rstd, reshaped(r, rstd)))
}

// layerNormRows computes rows of len(g), as many as mean has, where assembly does, and reports whether it did; sums
// are float32 in 64 lanes, or 32, so that rows must not be longer than longestRow.
var layerNormRows func(d, x, g, b, mean, rstd []float32, eps float64) bool

const longestRow = 1 << 14

// reshaped returns the packed a with like's shape.
func reshaped(a, like engine.Array) engine.Array {
	if like.Buf != nil {
		a, _ = a.Reshape(like.Shape)
	}
	return a
}

// normaliseF32 computes out = (row − mean)·rstd·g + b from whole-line routines; g and b may be nil.
func normaliseF32(out, row, g, b []float32, eps float64) (mean, rstd float32) {
	n := float64(len(row))
	mean = float32(sumRow(row) / n)
	rest, squares := deviations(row, mean)
	rstd = float32(1 / math.Sqrt((squares-rest*rest/n)/n+eps))
	if g != nil && b != nil {
		standardiseAffine(out, row, g, b, -mean, rstd)
		return mean, rstd
	}
	standardise(out, row, -mean, rstd)
	if g != nil {
		Mul.F32(out, out, g)
	}
	if b != nil {
		Add.F32(out, out, b)
	}
	return mean, rstd
}

var (
	standardise       = standardiseGo       // (x + shift)·scale
	standardiseAffine = standardiseAffineGo // (x + shift)·scale·g + b
	layerNormGradLine = layerNormGradLineGo // (u + shift + slope·hat)·scale
)

func standardiseGo(d, x []float32, shift, scale float32) {
	for i, v := range x {
		d[i] = (v + shift) * scale
	}
}

func standardiseAffineGo(d, x, g, b []float32, shift, scale float32) {
	for i, v := range x {
		d[i] = (v+shift)*scale*g[i] + b[i]
	}
}

func layerNormGradLineGo(d, u, hat []float32, shift, slope, scale float32) {
	for i, v := range u {
		d[i] = (v + shift + slope*hat[i]) * scale
	}
}

func moments[T float](x []T) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		variance += d * d
	}
	return mean, variance / float64(len(x))
}

func normalise[T float](out, row []T, mu, r T, g, b []T) {
	for i, v := range row {
		v = (v - mu) * r
		if g != nil {
			v *= g[i]
		}
		if b != nil {
			v += b[i]
		}
		out[i] = v
	}
}

func layerNormGrad[T float](dx, dgamma, dbeta, dy, x, mean, rstd, gamma engine.Array, n int) {
	size := x.Shape[len(x.Shape)-n:].Numel()
	outer := x.Shape[:len(x.Shape)-n].Numel()
	g := affine[T]("LayerNormGrad", gamma, size)
	ms, rs := affine[T]("LayerNormGrad", mean, outer), affine[T]("LayerNormGrad", rstd, outer)
	d, same := packed(dx)
	x, dy = packedCopy(x), packedCopy(dy)
	defer runtime.KeepAlive(x.Buf)
	defer runtime.KeepAlive(dy.Buf)
	ds, xs, ys := flatSlice[T](&d), flatSlice[T](&x), flatSlice[T](&dy)
	dg, db := make([]float64, size), make([]float64, size)
	if dx.DType == engine.F32 {
		t := normGrad{
			dx: any(ds).([]float32), x: any(xs).([]float32), dy: any(ys).([]float32),
			gamma: any(g).([]float32), mean: any(ms).([]float32), rstd: any(rs).([]float32),
		}
		if dgamma.Buf != nil || dbeta.Buf != nil || !t.rows(size) {
			t.run(dg, db)
		}
	} else {
		layerNormGradRows(ds, xs, ys, g, ms, rs, dg, db)
	}
	if !same {
		must(Copy(dx, d))
	}
	if dgamma.Buf != nil {
		must(Copy(dgamma, engine.Of(dgamma.Shape, dg)))
	}
	if dbeta.Buf != nil {
		must(Copy(dbeta, engine.Of(dbeta.Shape, db)))
	}
}

// layerNormGradRows is the portable form of normGrad.run.
func layerNormGradRows[T float](dx, x, dy, g, mean, rstd []T, dg, db []float64) {
	size, outer := len(dg), len(mean)
	engine.Parallel(outer, max(1, grain/4/max(size, 1)), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			rowGrad(dx[o*size:][:size], x[o*size:][:size], dy[o*size:][:size], g, float64(mean[o]),
				float64(rstd[o]))
		}
	})
	for o := range outer {
		row, up := x[o*size:][:size], dy[o*size:][:size]
		mu, r := float64(mean[o]), float64(rstd[o])
		for i, v := range row {
			dg[i] += float64(up[i]) * (float64(v) - mu) * r
			db[i] += float64(up[i])
		}
	}
}

// rowGrad computes out = r·(u − mean(u) − x̂·mean(u·x̂)) for u = up·g and the normalised row x̂.
func rowGrad[T float](out, row, up, g []T, mu, r float64) {
	n := float64(len(row))
	var sum, dot float64
	for i, v := range row {
		u := float64(up[i])
		if g != nil {
			u *= float64(g[i])
		}
		sum += u
		dot += u * (float64(v) - mu) * r
	}
	sum, dot = sum/n, dot/n
	for i, v := range row {
		u := float64(up[i])
		if g != nil {
			u *= float64(g[i])
		}
		out[i] = T(r * (u - sum - (float64(v)-mu)*r*dot))
	}
}
