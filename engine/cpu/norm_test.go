package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// normSlowly normalises groups of v given by group, and returns the gradients for dy.
func normSlowly(v, dy []float64, group, param []int, gamma, beta []float64, eps float64) (y, dx, dg,
	db []float64,
) {
	groups := 0
	for _, g := range group {
		groups = max(groups, g+1)
	}
	n, mean, variance := make([]float64, groups), make([]float64, groups), make([]float64, groups)
	for i, g := range group {
		n[g]++
		mean[g] += v[i]
	}
	for g := range mean {
		mean[g] /= n[g]
	}
	for i, g := range group {
		variance[g] += (v[i] - mean[g]) * (v[i] - mean[g]) / n[g]
	}
	y, dx = make([]float64, len(v)), make([]float64, len(v))
	dg, db = make([]float64, len(gamma)), make([]float64, len(gamma))
	su, sd := make([]float64, groups), make([]float64, groups)
	hat := make([]float64, len(v))
	for i, g := range group {
		hat[i] = (v[i] - mean[g]) / math.Sqrt(variance[g]+eps)
		y[i] = hat[i]*gamma[param[i]] + beta[param[i]]
		dg[param[i]] += dy[i] * hat[i]
		db[param[i]] += dy[i]
		su[g] += dy[i] * gamma[param[i]]
		sd[g] += dy[i] * gamma[param[i]] * hat[i]
	}
	for i, g := range group {
		u := dy[i]*gamma[param[i]] - su[g]/n[g] - hat[i]*sd[g]/n[g]
		dx[i] = u / math.Sqrt(variance[g]+eps)
	}
	return y, dx, dg, db
}

func TestLayerNormAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 60 {
			s := engine.Shape{1 + r.IntN(5), 1 + r.IntN(6), 2 + r.IntN(40)}
			if r.IntN(3) == 0 { // whole vectors, and blocks of rows
				s = engine.Shape{1 + r.IntN(8), 1 + r.IntN(12), 16 * (1 + r.IntN(9))}
			}
			n := 1 + r.IntN(2)
			inner, outer := s[len(s)-n:], s[:len(s)-n]
			dt := []engine.DType{engine.F32, engine.F64}[r.IntN(2)]
			x, dy := random(r, dt, s, r.NormFloat64), random(r, dt, s, r.NormFloat64)
			gamma, beta := random(r, dt, inner, r.NormFloat64), random(r, dt, inner, r.NormFloat64)
			y, dx := output(r, dt, s), output(r, dt, s)
			mean, rstd := output(r, dt, outer), output(r, dt, outer)
			dg, db := output(r, dt, inner), output(r, dt, inner)
			must(LayerNorm(y, mean, rstd, x, gamma, beta, n, 1e-3))
			must(LayerNormGrad(dx, dg, db, dy, x, mean, rstd, gamma, n))
			group, param := make([]int, s.Numel()), make([]int, s.Numel())
			for i := range group {
				group[i], param[i] = i/inner.Numel(), i%inner.Numel()
			}
			wy, wdx, wdg, wdb := normSlowly(values(x), values(dy), group, param, values(gamma),
				values(beta), 1e-3)
			compare(t, "result", values(y), wy, 1e-5)
			compare(t, "gradient", values(dx), wdx, 2e-5)
			compare(t, "gamma", values(dg), wdg, 1e-5)
			compare(t, "beta", values(db), wdb, 1e-5)
		}
	})
}

func TestBatchNormAgreesWithItsFormula(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 40 {
			s := engine.Shape{2 + r.IntN(4), 1 + r.IntN(90), 1 + r.IntN(5), 1 + r.IntN(9)}
			c := engine.Shape{s[1]}
			dt := []engine.DType{engine.F32, engine.F64}[r.IntN(2)]
			x := relaid(r, random(r, dt, s, r.NormFloat64))
			dy := relaid(r, random(r, dt, s, r.NormFloat64))
			gamma, beta := random(r, dt, c, r.NormFloat64), random(r, dt, c, r.NormFloat64)
			mean, variance := output(r, dt, c), output(r, dt, c)
			must(BatchMoments(mean, variance, x))
			rstd := engine.NewArray(dt, c)
			eps := engine.NewArray(dt, engine.Shape{})
			must(Fill(eps, 1e-3))
			must(Add.Run(rstd, variance, eps))
			must(Rsqrt.Run(rstd, rstd))
			y, dx := relaid(r, output(r, dt, s)), relaid(r, output(r, dt, s))
			dg, db := output(r, dt, c), output(r, dt, c)
			must(BatchNorm(y, x, mean, rstd, gamma, beta))
			must(BatchNormGrad(dx, dg, db, dy, x, mean, rstd, gamma))
			group := make([]int, s.Numel())
			for i := range group {
				group[i] = i / (s[2] * s[3]) % s[1]
			}
			wy, wdx, wdg, wdb := normSlowly(values(x), values(dy), group, group, values(gamma),
				values(beta), 1e-3)
			compare(t, "result", values(y), wy, 1e-5)
			compare(t, "gradient", values(dx), wdx, 2e-5)
			compare(t, "gamma", values(dg), wdg, 1e-5)
			compare(t, "beta", values(db), wdb, 1e-5)
		}
	})
}

// Rows far from 0 lose digits where their mean is only nearly right.
func TestLayerNormOfRowsFarFromZero(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for _, n := range []int{1, 15, 16, 63, 64, 65, 1000, 4096, 20000} {
			s := engine.Shape{3, n}
			x := random(r, engine.F32, s, func() float64 { return 1000 + r.NormFloat64() })
			one, zero := random(r, engine.F32, s[1:], func() float64 { return 1 }), random(r, engine.F32, s[1:], func() float64 { return 0 })
			y, mean, rstd := output(r, engine.F32, s), output(r, engine.F32, s[:1]), output(r, engine.F32, s[:1])
			must(LayerNorm(y, mean, rstd, x, one, zero, 1, 1e-5))
			group, param := make([]int, s.Numel()), make([]int, s.Numel())
			for i := range group {
				group[i], param[i] = i/n, i%n
			}
			want, _, _, _ := normSlowly(values(x), values(x), group, param, values(one), values(zero), 1e-5)
			compare(t, fmt.Sprint("rows of ", n), values(y), want, 3e-4)
		}
	})
}
