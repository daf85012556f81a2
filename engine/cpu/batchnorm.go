package cpu

import "github.com/lathe-ml/lathe/engine"

// BatchNorm computes dst = (x − mean)·rstd·gamma + beta with statistics [c] for each index of axis
// 1. gamma and beta are optional.
func BatchNorm(dst, x, mean, rstd, gamma, beta engine.Array) error {
	d, ok1 := denseRows(&dst)
	xs, ok2 := denseRows(&x)
	switch t := dst.DType; {
	case ok1 && ok2 && t == x.DType:
		batchNormLast(d, xs, mean, rstd, gamma, beta)
	case t == engine.F32 && dst.IsContiguous() && x.IsContiguous():
		batchNormPlanes(dst, x, mean, rstd, gamma, beta)
	case t == engine.F32:
		batchNorm[float32](dst, x, mean, rstd, gamma, beta)
	case t == engine.F64:
		batchNorm[float64](dst, x, mean, rstd, gamma, beta)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			return BatchNorm(d, f32(x), f32(mean), f32(rstd), f32(gamma), f32(beta))
		})
	default:
		return unsupported("BatchNorm", t)
	}
	return nil
}

// BatchMoments computes mean and biased variance [c] of x over all axes but 1.
func BatchMoments(mean, variance, x engine.Array) error {
	if p, ok := denseRows(&x); ok && mean.IsContiguous() && variance.IsContiguous() {
		momentsLast(mean.F32(), variance.F32(), p)
		return nil
	}
	axes := make([]int, 0, len(x.Shape))
	for i := range x.Shape {
		if i != 1 {
			axes = append(axes, i)
		}
	}
	return Variance(variance, mean, x, axes, 0)
}

// batchNorm is one multiplication and addition: scale = rstd·gamma, shift = beta − mean·scale.
func batchNorm[T float](dst, x, mean, rstd, gamma, beta engine.Array) {
	c := x.Shape[1]
	m, r := affine[T]("BatchNorm", mean, c), affine[T]("BatchNorm", rstd, c)
	g, b := affine[T]("BatchNorm", gamma, c), affine[T]("BatchNorm", beta, c)
	scale, shift := make([]T, c), make([]T, c)
	for i := range c {
		scale[i] = r[i]
		if g != nil {
			scale[i] *= g[i]
		}
		if b != nil {
			shift[i] = b[i]
		}
	}
	sub := engine.Of(engine.Shape{c}, m)
	must(channels(Sub, dst, x, sub))
	must(channels(Mul, dst, dst, engine.Of(engine.Shape{c}, scale)))
	must(channels(Add, dst, dst, engine.Of(engine.Shape{c}, shift)))
}

// channels runs v with the per-channel y [c] along axis 1.
func channels(v *Vec2, dst, x, y engine.Array) error {
	return v.Run(dst, x, alongChannels(y, len(x.Shape)))
}

// alongChannels views y [c] as [c 1 …], to broadcast along axis 1 of an array of the given rank.
func alongChannels(y engine.Array, rank int) engine.Array {
	s, st := make(engine.Shape, rank-1), make([]int, rank-1)
	for i := range s {
		s[i] = 1
	}
	s[0], st[0] = y.Shape[0], y.Strides[0]
	y.Shape, y.Strides = s, st
	return y
}

// BatchNormGrad computes the gradients of x, gamma and beta when mean and rstd are the statistics
// of x itself: dx = gamma·rstd·(dy − mean(dy) − x̂·mean(dy·x̂)). dgamma, dbeta and gamma are
// optional.
func BatchNormGrad(dx, dgamma, dbeta, dy, x, mean, rstd, gamma engine.Array) error {
	if isHalf(dx.DType) {
		g, b := wideLike(dgamma), wideLike(dbeta)
		err := viaF32(dx, func(d engine.Array, f32 widen) error {
			return BatchNormGrad(d, g, b, f32(dy), f32(x), f32(mean), f32(rstd),
				f32(gamma))
		})
		return firstError(err, copyBack(dgamma, g), copyBack(dbeta, b))
	}
	if !dx.DType.IsFloat() {
		return unsupported("BatchNormGrad", dx.DType)
	}
	if d, ok := denseRows(&dx); ok && x.DType == engine.F32 && dy.DType == engine.F32 {
		return batchNormGradLast(d, dgamma, dbeta, dy, x, mean, rstd, gamma)
	}
	if dx.DType == engine.F32 && dx.IsContiguous() && dy.IsContiguous() && x.IsContiguous() {
		return batchNormGradPlanes(dx, dgamma, dbeta, dy, x, mean, rstd, gamma)
	}
	c, rank := x.Shape[1], len(x.Shape)
	axes := make([]int, 0, rank)
	for i := range rank {
		if i != 1 {
			axes = append(axes, i)
		}
	}
	vec := func() engine.Array { return engine.NewArray(dx.DType, engine.Shape{c}) }
	hat := engine.NewArray(dx.DType, x.Shape)
	must(BatchNorm(hat, x, mean, rstd, engine.Array{}, engine.Array{}))
	prod := engine.NewArray(dx.DType, x.Shape)
	must(Mul.Run(prod, dy, hat))
	dg, db := vec(), vec()
	must(Sum(dg, prod, axes))
	must(Sum(db, dy, axes))
	count := engine.NewArray(dx.DType, engine.Shape{})
	must(Fill(count, float64(max(c, 1))/float64(max(x.Numel(), 1))))
	mg, mb, scale := vec(), vec(), vec()
	must(Mul.Run(mg, dg, count))
	must(Mul.Run(mb, db, count))
	must(Copy(scale, rstd))
	if gamma.Buf != nil {
		must(Mul.Run(scale, scale, gamma))
	}
	must(channels(Mul, hat, hat, mg))
	must(Sub.Run(hat, dy, hat))
	must(channels(Sub, hat, hat, mb))
	must(channels(Mul, dx, hat, scale))
	return firstError(copyBack(dgamma, dg), copyBack(dbeta, db))
}

// eachPlane calls f for the elements lo … hi of every plane of channel c of a contiguous [n c …]
// array, in parallel over channels.
func eachPlane(shape engine.Shape, f func(c int, planes func(yield func(lo, hi int)))) {
	n, channels, size := shape[0], shape[1], shape[2:].Numel()
	engine.Parallel(channels, max(1, grain/max(n*size, 1)), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			f(c, func(yield func(lo, hi int)) {
				for i := range n {
					at := (i*channels + c) * size
					yield(at, at+size)
				}
			})
		}
	})
}

// batchNormPlanes is BatchNorm on contiguous data from whole-line routines.
func batchNormPlanes(dst, x, mean, rstd, gamma, beta engine.Array) {
	channels := x.Shape[1]
	m, r := affine[float32]("BatchNorm", mean, channels), affine[float32]("BatchNorm", rstd,
		channels)
	g := affine[float32]("BatchNorm", gamma, channels)
	b := affine[float32]("BatchNorm", beta, channels)
	d, xs := flatSlice[float32](&dst), flatSlice[float32](&x)
	eachPlane(x.Shape, func(c int, planes func(yield func(lo, hi int))) {
		scale := r[c]
		if g != nil {
			scale *= g[c]
		}
		planes(func(lo, hi int) {
			shiftBy(d[lo:hi], xs[lo:hi], -m[c])
			scaleBy(d[lo:hi], d[lo:hi], scale)
			if b != nil {
				shiftBy(d[lo:hi], d[lo:hi], b[c])
			}
		})
	})
}

// batchNormGradPlanes is BatchNormGrad on contiguous data: dx = a·dy + b·(x − mean) + c for each
// channel. dx must not be dy.
func batchNormGradPlanes(dx, dgamma, dbeta, dy, x, mean, rstd, gamma engine.Array) error {
	channels := x.Shape[1]
	m := affine[float32]("BatchNormGrad", mean, channels)
	r := affine[float32]("BatchNormGrad", rstd, channels)
	g := affine[float32]("BatchNormGrad", gamma, channels)
	d, dys, xs := flatSlice[float32](&dx), flatSlice[float32](&dy), flatSlice[float32](&x)
	dg, db := make([]float64, channels), make([]float64, channels)
	count := float64(x.Numel() / max(channels, 1))
	eachPlane(x.Shape, func(c int, planes func(yield func(lo, hi int))) {
		mu, rs, scale := float64(m[c]), float64(r[c]), float64(r[c])
		if g != nil {
			scale *= float64(g[c])
		}
		var sum, dot float64
		planes(func(lo, hi int) {
			sum += sumRow(dys[lo:hi])
			dot += dotRow(dys[lo:hi], xs[lo:hi])
		})
		dg[c], db[c] = (dot-mu*sum)*rs, sum
		slope := scale * rs * dg[c] / count
		planes(func(lo, hi int) {
			shiftBy(d[lo:hi], xs[lo:hi], -m[c])
			scaleBy(d[lo:hi], d[lo:hi], -float32(slope))
			axpy(d[lo:hi], d[lo:hi], dys[lo:hi], float32(scale))
			shiftBy(d[lo:hi], d[lo:hi], -float32(scale*db[c]/count))
		})
	})
	storeParams(dgamma, dbeta, dg, db)
	return nil
}

// storeParams stores the gradients of gamma and beta where they are wanted.
func storeParams(dgamma, dbeta engine.Array, dg, db []float64) {
	for _, p := range []struct {
		to   engine.Array
		from []float64
	}{{dgamma, dg}, {dbeta, db}} {
		if p.to.Buf != nil {
			must(Copy(p.to, engine.Of(engine.Shape{len(p.from)}, p.from)))
		}
	}
}
