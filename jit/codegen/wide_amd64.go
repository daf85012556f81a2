//go:build linux

package codegen

import "math"

// Functions of float64, as the engine computes them.

func (v *vector) expWide(x arg) arg {
	const hi, lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	x = v.atLeast(v.atMost(x, 710), -746)
	n := v.round(v.mul(x, v.c(math.Log2E)), 8)
	r := v.fnma(n, v.c(lo), v.fnma(n, v.c(hi), x))
	k, taylor := make([]float64, 14), 1.0
	for i := range k {
		k[13-i] = taylor
		taylor /= float64(i + 1)
	}
	return v.scale(v.polynomial(r, k...), n)
}

// split writes a positive normal x = (1 + f)·2ᵉ with 1+f in [√½, √2).
func (v *vector) split(x arg) (e, f arg) {
	const low, bias = -0x3fe6a09e667f3bcd, 1023 << 52
	from := v.bin(vaddInt, x, v.bits(1<<64+low))
	biased := v.emit(vop{kind: shiftOp, i: vright, b: v.bin(vaddInt, from, v.bits(bias)), imm: 52})
	m := v.bin(vsubInt, x, v.and(from, v.bits(0xfff<<52)))
	e = v.sub(v.or(biased, v.c(0x1p52)), v.c(0x1p52+1023))
	return e, v.sub(m, v.c(1))
}

// logWide is FreeBSD's e_log.c.
func (v *vector) logWide(x arg) arg {
	small := v.c(0x1p-1022)
	e, f := v.split(v.where(x, isLess, small, v.mul(x, v.c(0x1p54)), x))
	e = v.where(x, isLess, small, v.sub(e, v.c(54)), e)
	s := v.div(f, v.add(f, v.c(2)))
	z := v.mul(s, s)
	r := v.mul(z, v.polynomial(z, 1.479819860511658591e-01, 1.531383769920937332e-01,
		1.818357216161805012e-01, 2.222219843214978396e-01, 2.857142874366239149e-01,
		3.999999999940941908e-01, 6.666666666666735130e-01))
	half := v.mul(v.mul(f, f), v.c(0.5))
	y := v.fma(s, v.add(half, r), v.mul(e, v.c(1.90821492927058770002e-10)))
	y = v.sub(f, v.sub(half, y))
	y = v.fma(e, v.c(6.93147180369123816490e-01), y)
	y = v.where(x, isLess, v.c(math.Inf(1)), y, x)
	none := v.where(x, isEqual, v.c(0), v.c(math.Inf(-1)), v.c(math.NaN()))
	return v.where(x, isLessEqual, v.c(0), none, y)
}

// tanhWide is a rational function below 0.625 and 1 − 2/(e²ˣ+1) above (Cephes tanh).
func (v *vector) tanhWide(x arg) arg {
	a, z := v.abs(x), v.mul(x, x)
	p := v.polynomial(z, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
	q := v.polynomial(z, 1, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)
	near := v.fma(v.mul(x, z), v.div(p, q), x)
	e := v.add(v.exp(v.add(a, a)), v.c(1))
	far := v.copySign(v.sub(v.c(1), v.div(v.c(2), e)), x)
	return v.where(a, isLess, v.c(0.625), near, far)
}
