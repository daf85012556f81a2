package cpu

import "github.com/lathe-ml/lathe/engine"

// BatchNorm computes dst = (x − mean)·rstd·gamma + beta with statistics [c] for each index of axis
// 1. gamma and beta are optional.
func BatchNorm(dst, x, mean, rstd, gamma, beta engine.Array) error {
	switch t := dst.DType; {
	case t == engine.F32:
		batchNorm[float32](dst, x, mean, rstd, gamma, beta)
	case t == engine.F64:
		batchNorm[float64](dst, x, mean, rstd, gamma, beta)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array) error {
			return BatchNorm(d, toF32(x), toF32(mean), toF32(rstd), toF32(gamma), toF32(beta))
		})
	default:
		return unsupported("BatchNorm", t)
	}
	return nil
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
		err := viaF32(dx, func(d engine.Array) error {
			return BatchNormGrad(d, g, b, toF32(dy), toF32(x), toF32(mean), toF32(rstd),
				toF32(gamma))
		})
		return firstError(err, copyBack(dgamma, g), copyBack(dbeta, b))
	}
	if !dx.DType.IsFloat() {
		return unsupported("BatchNormGrad", dx.DType)
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
