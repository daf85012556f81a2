package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The gradient of layer norm in two passes over two rows that stay in the first cache: with
// x̂ = (x − mean)·rstd and u = dy·gamma, first the sums of u and u·x̂ of each row, then
// dx = (u + shift + x̂·slope)·rstd and the contributions of dy·x̂ and dy to the gradients of gamma and beta.
// More rows at once would be read from as many places, which lie at multiples of a page.

func layerNorms() {
	avx512.layerNormSums()
	avx512.layerNormPair()
	avx512.layerNormRow()
}

// layerNormSums returns the sums for a row of n elements, a multiple of the lanes.
func (v *isa) layerNormSums() {
	TEXT("layerNormSums"+v.suffix, NOSPLIT|NOFRAME,
		"func(x, dy, gamma *float32, n int, mean, rstd float32) (sum, dot float64)")
	Pragma("noescape")
	x, dy, gamma := Load(Param("x"), GP64()), Load(Param("dy"), GP64()), Load(Param("gamma"), GP64())
	n, mean, rstd := Load(Param("n"), GP64()), v.scalar("mean"), v.scalar("rstd")
	sums, dots := v.zeros(2), v.zeros(2)
	block := func(vectors int) func() {
		return func() {
			var s, d []vec
			for i := range vectors {
				hat := v.mul(v.sub(v.load(v.at(x, i)), mean), rstd)
				u := v.mul(v.load(v.at(dy, i)), v.at(gamma, i))
				s = append(s, u)
				if i%2 == 0 {
					d = append(d, v.mul(u, hat))
				} else {
					d[i/2] = v.fma(u, hat, d[i/2])
				}
			}
			v.widen(v.halving(s), sums)
			v.widen(v.halving(d), dots)
		}
	}
	v.steps("groups", n, 4, block(4), x, dy, gamma)
	v.steps("vectors", n, 1, block(1), x, dy, gamma)
	Store(v.total(sums), Return("sum"))
	Store(v.total(dots), Return("dot"))
	VZEROUPPER()
	RET()
}

// layerNormPair computes dx of two rows of n elements, a multiple of the lanes, and adds to dg and db; of
// holds mean, rstd, shift and slope of each row.
func (v *isa) layerNormPair() {
	TEXT("layerNormPair"+v.suffix, NOSPLIT|NOFRAME, "func(dx, x, dy, gamma, dg, db, of *float32, n int)")
	Pragma("noescape")
	var p []reg.Register
	for _, name := range []string{"dx", "x", "dy", "gamma", "dg", "db"} {
		p = append(p, Load(Param(name), GP64()))
	}
	dx, x, dy, gamma, dg, db := p[0], p[1], p[2], p[3], p[4], p[5]
	of, n, stride := Load(Param("of"), GP64()), Load(Param("n"), GP64()), GP64()
	MOVQ(n, stride)
	SHLQ(U8(2), stride)
	var numbers [2][4]vec
	for i := range numbers {
		for k := range numbers[i] {
			numbers[i][k] = v.new()
			VBROADCASTSS(Mem{Base: of, Disp: 16*i + 4*k}, numbers[i][k])
		}
	}
	v.steps("vectors", n, 1, func() {
		g, dgs, dbs := v.load(v.at(gamma, 0)), v.load(v.at(dg, 0)), v.load(v.at(db, 0))
		for i, r := range numbers {
			at := func(p reg.Register) Mem {
				if i == 0 {
					return Mem{Base: p}
				}
				return Mem{Base: p, Index: stride, Scale: 1}
			}
			mean, rstd, shift, slope := r[0], r[1], r[2], r[3]
			hat := v.mul(v.sub(v.load(at(x)), mean), rstd)
			up := v.load(at(dy))
			u := v.add(v.mul(up, g), shift)
			VMOVUPS(v.mul(v.fma(hat, slope, u), rstd), at(dx))
			dgs, dbs = v.fma(up, hat, dgs), v.add(dbs, up)
		}
		VMOVUPS(dgs, v.at(dg, 0))
		VMOVUPS(dbs, v.at(db, 0))
	}, p...)
	VZEROUPPER()
	RET()
}

// layerNormRow is layerNormPair for one row and without the gradients of gamma and beta.
func (v *isa) layerNormRow() {
	TEXT("layerNormRow"+v.suffix, NOSPLIT|NOFRAME, "func(dx, x, dy, gamma, of *float32, n int)")
	Pragma("noescape")
	dx, x, dy := Load(Param("dx"), GP64()), Load(Param("x"), GP64()), Load(Param("dy"), GP64())
	gamma, of, n := Load(Param("gamma"), GP64()), Load(Param("of"), GP64()), Load(Param("n"), GP64())
	var r [4]vec // mean, rstd, shift, slope
	for k := range r {
		r[k] = v.new()
		VBROADCASTSS(Mem{Base: of, Disp: 4 * k}, r[k])
	}
	block := func(vectors int) func() {
		return func() {
			for i := range vectors {
				hat := v.mul(v.sub(v.load(v.at(x, i)), r[0]), r[1])
				u := v.add(v.mul(v.load(v.at(dy, i)), v.at(gamma, i)), r[2])
				VMOVUPS(v.mul(v.fma(hat, r[3], u), r[1]), v.at(dx, i))
			}
		}
	}
	v.steps("groups", n, 4, block(4), dx, x, dy, gamma)
	v.steps("vectors", n, 1, block(1), dx, x, dy, gamma)
	VZEROUPPER()
	RET()
}
