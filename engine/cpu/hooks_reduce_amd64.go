package cpu

// Reductions: the assembly takes whole vectors, the portable forms the rest.

var reductionBindings = []binding{
	choose(&sumRow, sumRowGo, sumWith(sum512, 16), sumWith(sum256, 8), true, true),
	choose(&dotRow, dotRowGo, dotWith(dot512, 16), dotWith(dot256, 8), true, true),
	choose(&deviations, deviationsGo, deviationsWith(deviations512, 16),
		deviationsWith(deviations256, 8), true, true),
	choose(&addColumns, addColumnsGo, addColumnsWith(addColumns512, 16), addColumnsWith(addColumns256, 8), true,
		true),
	choose(&addRows, addRowsGo, addRowsWith(addRows512, 16), addRowsWith(addRows256, 8), true, true),
	bindExtreme(&lineMaxF32, largest512, largest256), bindExtreme(&lineMinF32, least512, least256),
	bindExtreme(&lineMaxF64, largest512d, largest256d),
	bindExtreme(&lineMinF64, least512d, least256d),
	bindExtreme(&lineMaxI32, largestI32x512, largestI32x256),
	bindExtreme(&lineMinI32, leastI32x512, leastI32x256),
	bindExtreme(&lineMaxI64, largestI64x512d, nil), bindExtreme(&lineMinI64, leastI64x512d, nil),
	choose(&rowsSumF32, nil, rowsTo(func(d, x *float32, rows, n int) { sumRows512(d, x, rows, n, 1) }), nil, true, false),
	choose(&rowsMeanF32, nil, rowsTo(func(d, x *float32, rows, n int) { sumRows512(d, x, rows, n, float64(n)) }), nil,
		true, false),
	choose(&rowsMaxF32, nil, rowsTo(largestRows512), nil, true, false),
	choose(&rowsMinF32, nil, rowsTo(leastRows512), nil, true, false),
	choose(&columnsMaxF32, columnsMaxGo, columnsWith(largestColumns512, lineMaxOf), nil, true, false),
	choose(&columnsMinF32, columnsMinGo, columnsWith(leastColumns512, lineMinOf), nil, true, false),
	choose(&layerNormSums, nil, func(x, dy, gamma []float32, of *normRow) (sum, dot float64) {
		return layerNormSums512(&x[0], at(dy, len(x)), at(gamma, len(x)), len(x), of[0], of[1])
	}, nil, true, false),
	choose(&layerNormRow, nil, func(dx, x, dy, gamma []float32, of *normRow) {
		n := len(gamma)
		layerNormRow512(at(dx, n), at(x, n), at(dy, n), &gamma[0], &of[0], n)
	}, nil, true, false),
	choose(&layerNormPair, nil, func(dx, x, dy, gamma, dg, db []float32, of *[2]normRow) {
		n := len(dg)
		layerNormPair512(at(dx, 2*n), at(x, 2*n), at(dy, 2*n), at(gamma, n), &dg[0], at(db, n), &of[0][0], n)
	}, nil, true, false),
	choose(&softmaxRows, rowRoutine{}, rowsWith(softmaxRows512, 1), rowsWith(softmaxRows256, 8), true, true),
	choose(&logSoftmaxRows, rowRoutine{}, rowsWith(logSoftmaxRows512, 1), rowsWith(logSoftmaxRows256, 8), true, true),
	choose(&crossEntropyRows, nil, func(loss, x []float32, labels []int64, stride int) {
		k := len(labels)
		crossEntropyRows512(at(loss, (k-1)*stride+1), &x[0], &labels[0], k, len(x)/k, 4*stride)
	}, nil, true, false),
	choose(&crossEntropyGradRows, nil, func(d, dy, x []float32, labels []int64, stride int, scale float32) {
		k := len(labels)
		crossEntropyGradRows512(&d[0], at(dy, (k-1)*stride+1), at(x, len(d)), &labels[0], k, len(x)/k, 4*stride, scale)
	}, nil, true, false),
	choose(&layerNormRows, nil, normRows(layerNormRows512, 1), normRows(layerNormRows256, 8), true, true),
	choose(&sumRowF64, pairwise, pairwiseWith(sum512d, 8), pairwiseWith(sum256d, 4), true, true),
	choose(&sumRowI64, sumRowI64Go, sumIntWith(sumI64x512d, 8), sumIntWith(sumI64x256d, 4), true,
		true),
}

func rowsWith(f func(d, x *float32, rows, n int), group int) rowRoutine {
	return rowRoutine{func(d, x []float32, n int) { f(&d[0], at(x, len(d)), len(d)/n, n) }, group}
}

// normRows takes a routine for rows of whole groups.
func normRows(
	f func(d, x, gamma, beta, mean, rstd *float32, rows, n int, inverse, eps float64), group int,
) func(d, x, g, b, mean, rstd []float32, eps float64) bool {
	return func(d, x, g, b, mean, rstd []float32, eps float64) bool {
		n := len(g)
		if n%group != 0 {
			return false
		}
		if len(mean) > 0 {
			f(&d[0], at(x, len(d)), &g[0], at(b, n), &mean[0], at(rstd, len(mean)), len(mean), n, 1/float64(n), eps)
		}
		return true
	}
}

// rowsTo takes a routine with one result for each row.
func rowsTo(f func(d, x *float32, rows, n int)) func(d, x []float32, n int) {
	return func(d, x []float32, n int) {
		if len(d) > 0 {
			f(&d[0], at(x, len(d)*n), len(d), n)
		}
	}
}

func columnsWith(
	f func(acc, x *float32, n, stride int), extreme func(x []float32) float32,
) func(acc, x []float32, stride int) {
	const lanes = 16
	return func(acc, x []float32, stride int) {
		n := len(acc) / lanes * lanes
		if n > 0 {
			_ = x[(eightRows-1)*stride+n-1]
			f(&acc[0], &x[0], n, 4*stride)
		}
		for i := n; i < len(acc); i++ {
			line := [eightRows + 1]float32{acc[i]}
			for r := range eightRows {
				line[r+1] = x[r*stride+i]
			}
			acc[i] = extreme(line[:])
		}
	}
}

func sumWith(f func(x *float32, n int) float64, lanes int) func(x []float32) float64 {
	return func(x []float32) float64 {
		n := len(x) / lanes * lanes
		if n == 0 {
			return sumRowGo(x)
		}
		return f(&x[0], n) + sumRowGo(x[n:])
	}
}

func dotWith(f func(x, y *float32, n int) float64, lanes int) func(x, y []float32) float64 {
	return func(x, y []float32) float64 {
		n := len(x) / lanes * lanes
		if n == 0 {
			return dotRowGo(x, y)
		}
		return f(&x[0], at(y, n), n) + dotRowGo(x[n:], y[n:len(x)])
	}
}

func deviationsWith(f func(x *float32, n int, m float32) (s, q float64), lanes int) func(x []float32,
	m float32) (s, q float64) {
	return func(x []float32, m float32) (s, q float64) {
		n := len(x) / lanes * lanes
		if n > 0 {
			s, q = f(&x[0], n, m)
		}
		rs, rq := deviationsGo(x[n:], m)
		return s + rs, q + rq
	}
}

func addColumnsWith(f func(acc *float64, x *float32, n int), lanes int) func(acc []float64, x []float32) {
	return func(acc []float64, x []float32) {
		n := len(acc) / lanes * lanes
		if n > 0 {
			f(&acc[0], at(x, n), n)
		}
		addColumnsGo(acc[n:], x[n:])
	}
}

func addRowsWith(f func(acc *float64, x *float32, n, stride int), lanes int) func(acc []float64,
	x []float32, stride int) {
	return func(acc []float64, x []float32, stride int) {
		n := len(acc) / lanes * lanes
		if n > 0 {
			f(&acc[0], &x[0], n, 4*stride)
		}
		if n < len(acc) {
			addRowsGo(acc[n:], x[n:], stride)
		}
	}
}

// pairwiseWith adds halves until a routine that keeps a few sums per lane takes over.
func pairwiseWith(f func(x *float64, n int) float64, lanes int) func(x []float64) float64 {
	var add func(x []float64) float64
	add = func(x []float64) float64 {
		const direct = 4096
		if len(x) > direct {
			h := max(len(x)/2/direct*direct, direct)
			return add(x[:h]) + add(x[h:])
		}
		n := len(x) / lanes * lanes
		if n == 0 {
			return pairwise(x)
		}
		return f(&x[0], n) + pairwise(x[n:])
	}
	return add
}

func sumIntWith(f func(d, x *int64, n int), lanes int) func(x []int64) int64 {
	return func(x []int64) int64 {
		n := len(x) / lanes * lanes
		s := sumRowI64Go(x[n:])
		if n > 0 {
			var d [8]int64
			f(&d[0], &x[0], n)
			s += sumRowI64Go(d[:])
		}
		return s
	}
}

// bindExtreme is for the largest or least element of a line: the routines leave a few candidates.
func bindExtreme[T number](f *func(x []T) T, f512, f256 func(d, x *T, n int)) binding {
	portable, lanes := *f, lanesOf[T, T]()
	with := func(routine func(d, x *T, n int), lanes, candidates int) func(x []T) T {
		return func(x []T) T {
			if len(x) < lanes {
				return portable(x)
			}
			var d [4]T
			routine(&d[0], &x[0], len(x))
			return portable(d[:candidates])
		}
	}
	return choose(f, portable, with(f512, 2*lanes, lanes/2), with(f256, lanes, lanes/2), f512 != nil,
		f256 != nil)
}

// normBinding and normGradBinding are for lines of normalised rows; the portable form does the rest.
func normBinding(f *func(d, x, g, b []float32, shift, scale float32),
	f512, f256 func(d, x, g, b *float32, n int, shift, scale float32),
) binding {
	portable := *f
	return choose(f, portable, func(d, x, g, b []float32, shift, scale float32) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), at(g, n), at(b, n), n, shift, scale)
		}
	}, func(d, x, g, b []float32, shift, scale float32) {
		n := len(d) &^ 7
		if n > 0 {
			f256(&d[0], at(x, n), at(g, n), at(b, n), n, shift, scale)
		}
		portable(d[n:], x[n:], g[n:], b[n:], shift, scale)
	}, true, true)
}

func normGradBinding(f *func(d, u, hat []float32, shift, slope, scale float32),
	f512, f256 func(d, u, hat *float32, n int, shift, slope, scale float32),
) binding {
	portable := *f
	return choose(f, portable, func(d, u, hat []float32, shift, slope, scale float32) {
		if n := len(d); n > 0 {
			f512(&d[0], at(u, n), at(hat, n), n, shift, slope, scale)
		}
	}, func(d, u, hat []float32, shift, slope, scale float32) {
		n := len(d) &^ 7
		if n > 0 {
			f256(&d[0], at(u, n), at(hat, n), n, shift, slope, scale)
		}
		portable(d[n:], u[n:], hat[n:], shift, slope, scale)
	}, true, true)
}

func hookOptimizers(level string) {
	sgdF32, adamF32 = sgdStep[float32], adamStep[float32]
	switch level {
	case "avx512":
		sgdF32 = sgdWith(sgd512, sgdMomentum512, 0)
		adamF32 = adamWith(adam512, 0)
	case "avx2":
		sgdF32 = sgdWith(sgd256, sgdMomentum256, 7)
		adamF32 = adamWith(adam256, 7)
	}
}

func sgdWith(
	plain func(p, g *float32, n int, lr, decay float32),
	momentum func(p, g, v *float32, n int, lr, decay, mu, rest float32), low int,
) func(o *SGD, a [][]float32) {
	return func(o *SGD, a [][]float32) {
		p, g, v := a[0], a[1], a[2]
		n := len(p) &^ low
		if o.Nesterov || o.Maximize || o.First && o.Momentum != 0 || n == 0 {
			sgdStep(o, a)
			return
		}
		lr, decay := float32(o.LR), float32(o.WeightDecay)
		if o.Momentum == 0 {
			plain(&p[0], &g[0], n, lr, decay)
			sgdStep(o, [][]float32{p[n:], g[n:], nil})
			return
		}
		momentum(&p[0], &g[0], &v[0], n, lr, decay, float32(o.Momentum), float32(1-o.Dampening))
		sgdStep(o, [][]float32{p[n:], g[n:], v[n:]})
	}
}

func adamWith(
	f func(p, g, m, v *float32, n int, b1, c1, b2, c2, eps, step, root, decay,
		keep float32), low int,
) func(o *Adam, a [][]float32) {
	return func(o *Adam, a [][]float32) {
		p, g, m, v, vmax := a[0], a[1], a[2], a[3], a[4]
		n := len(p) &^ low
		if vmax != nil || o.Maximize || n == 0 {
			adamStep(o, a)
			return
		}
		size, scale := o.corrections()
		decay, keep := float32(o.WeightDecay), float32(1)
		if o.Decoupled {
			decay, keep = 0, float32(1-o.LR*o.WeightDecay)
		}
		f(&p[0], &g[0], &m[0], &v[0], n, float32(o.Beta1), float32(1-o.Beta1), float32(o.Beta2),
			float32(1-o.Beta2), float32(o.Eps), float32(size), float32(scale), decay, keep)
		adamStep(o, [][]float32{p[n:], g[n:], m[n:], v[n:], nil})
	}
}
