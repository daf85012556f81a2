package cpu

import (
	"math"
	"testing"
)

func relative(got, want float64) float64 {
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	return math.Abs(got-want) / math.Max(math.Abs(want), math.SmallestNonzeroFloat64)
}

func TestSpecialFunctionsHaveKnownValues(t *testing.T) {
	inf, nan, euler := math.Inf(1), math.NaN(), 0.57721566490153286061
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"ζ(2)", zeta(2, 1), math.Pi * math.Pi / 6},
		{"ζ(4)", zeta(4, 1), math.Pow(math.Pi, 4) / 90},
		{"ζ(2, ½)", zeta(2, 0.5), math.Pi * math.Pi / 2},
		{"ζ(1, 3)", zeta(1, 3), inf},
		{"ζ(2, −3)", zeta(2, -3), inf},
		{"ζ(2.5, −0.5)", zeta(2.5, -0.5), nan},
		{"ζ(0.5, 1)", zeta(0.5, 1), nan},
		{"ζ(2, ∞)", zeta(2, inf), 0},
		{"log Γ(−∞)", logGamma(-inf), inf},
		{"log Γ(−2)", logGamma(-2), inf},
		{"log Γ(NaN)", logGamma(nan), nan},
		{"erfcx(−∞)", erfcScaled(-inf), inf},
		{"erfcx(−30)", erfcScaled(-30), inf},
		{"ψ(1)", digamma(1), -euler},
		{"ψ(½)", digamma(0.5), -euler - 2*math.Ln2},
		{"ψ(−½)", digamma(-0.5), 2 - euler - 2*math.Ln2},
		{"ψ(0)", digamma(0), -inf},
		{"ψ(−2)", digamma(-2), nan},
		{"P(1, 2)", first(gammaPQ(1, 2)), -math.Expm1(-2)},
		{"P(½, 4)", first(gammaPQ(0.5, 4)), math.Erf(2)},
		{"Q(½, 64)", second(gammaPQ(0.5, 64)), math.Erfc(8)},
		{"P(0, 1)", first(gammaPQ(0, 1)), 1},
		{"P(0, 0)", first(gammaPQ(0, 0)), nan},
		{"P(−1, 1)", first(gammaPQ(-1, 1)), nan},
		{"i0e(0)", besselScaled(0, 0), 1},
		{"i0e(1)", besselScaled(0, 1), 1.2660658777520083356 / math.E},
		{"i1e(−1)", besselScaled(1, -1), -0.56515910399248502721 / math.E},
		{"erfcx(0)", erfcScaled(0), 1},
		{"erfcx(1)", erfcScaled(1), 0.42758357615580700442},
		{"Φ⁻¹(0.975)", normalInv(0.975), 1.9599639845400542355},
		{"Φ⁻¹(0)", normalInv(0), -inf},
		{"Φ⁻¹(1)", normalInv(1), inf},
		{"Φ⁻¹(2)", normalInv(2), nan},
	} {
		if r := relative(c.got, c.want); !(r <= 1e-13) {
			t.Errorf("%s is %v, want %v: off by %.2g", c.name, c.got, c.want, r)
		}
	}
}

func first(p, _ float64) float64  { return p }
func second(_, q float64) float64 { return q }

// The two formulas of a function meet where one takes over from the other.
func TestSpecialFunctionsAreContinuousWhereTheirFormulaChanges(t *testing.T) {
	for _, c := range []struct {
		name string
		at   float64
		f    func(float64) float64
	}{
		{"erfcx", 12, erfcScaled},
		{"i0e", 30, func(x float64) float64 { return besselScaled(0, x) }},
		{"i1e", 30, func(x float64) float64 { return besselScaled(1, x) }},
		{"Q(5, ·)", 6, func(x float64) float64 { return second(gammaPQ(5, x)) }},
		{"Φ⁻¹", 0.25, normalInv},
	} {
		below, above := c.f(math.Nextafter(c.at, 0)), c.f(math.Nextafter(c.at, 100))
		if r := relative(below, above); !(r <= 2e-14) {
			t.Errorf("%s jumps at %v from %v to %v", c.name, c.at, below, above)
		}
	}
}

func TestNormalInvInvertsTheTail(t *testing.T) {
	for _, x := range []float64{-37, -20, -8, -5, -3, -1, -0.5, 0.5, 1, 3, 5} {
		p := 0.5 * math.Erfc(-x/math.Sqrt2)
		// an error δ of p moves x by δ/φ(x); above 0 p itself is rounded
		bound := 1e-13 + 0x1p-52*p*math.Sqrt(2*math.Pi)*math.Exp(x*x/2)*math.Max(0, math.Copysign(1, x))
		if got := normalInv(p); !(math.Abs(got-x) <= bound*math.Abs(x)) {
			t.Errorf("the quantile of Φ(%v) = %v is %v", x, p, got)
		}
	}
}
