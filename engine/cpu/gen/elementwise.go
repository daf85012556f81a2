package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

// Elementwise routines: name, function of the operands and scalars.

var (
	dst = operand{name: "d", write: true}
	opX = operand{name: "x", read: true}
	opY = operand{name: "y", read: true}
)

func elementwise() {
	for _, v := range []*isa{avx512, avx2} {
		v.arithmetic()
		v.scalars()
		v.gradients()
		v.functions()
		v.siluGrad()
		v.wideFunctions()
		v.optimizers()
	}
	for _, v := range []*isa{avx512d, avx2d} {
		v.arithmetic()
		v.gradients()
		v.doubleFunctions()
	}
}

// wideFunctions are computed in float64.
func (v *isa) wideFunctions() {
	for _, f := range []struct {
		name string
		f    func(d *isa, x vec) vec
	}{
		{"sin", (*isa).sinWide},
		{"cos", (*isa).cosWide},
		{"tan", (*isa).tanWide},
		{"asin", (*isa).asinWide},
		{"acos", (*isa).acosWide},
		{"atan", (*isa).atanWide},
		{"sinh", (*isa).sinhWide},
		{"cosh", (*isa).coshWide},
		{"asinh", (*isa).asinhWide},
		{"acosh", (*isa).acoshWide},
		{"atanh", (*isa).atanhWide},
		{"exp2", func(d *isa, x vec) vec { return d.expWide(d.mul(x, d.c(math.Ln2))) }},
		{"expm1", (*isa).expm1Wide},
		{"erfc", (*isa).erfcWide},
		{"softplus", (*isa).softplusWide},
	} {
		g := v.through(func(d *isa, in ...vec) vec { return f.f(d, in[0]) })
		v.unrolled(single, f.name, []operand{dst, opX}, nil, func(in []vec,
			_ func(int) vec,
		) []vec {
			return []vec{g(in...)}
		})
	}
	for _, f := range []struct {
		name string
		zero float64 // the logarithm there is −∞
		f    func(d *isa, x vec) vec
	}{
		{"log1p", -1, (*isa).log1pWide},
		{"log2", 0, func(d *isa, x vec) vec { return d.logOf(x, 2) }},
		{"log10", 0, func(d *isa, x vec) vec { return d.logOf(x, 10) }},
	} {
		g := v.through(func(d *isa, in ...vec) vec { return f.f(d, in[0]) })
		v.unrolled(single, f.name, []operand{dst, opX}, nil, func(in []vec,
			_ func(int) vec,
		) []vec {
			return []vec{v.logLimits(in[0], g(in...), f.zero)}
		})
	}
	if v.wide() {
		v.unrolled(single, "pow", []operand{dst, opX, opY}, nil, func(in []vec, _ func(int) vec) []vec {
			return []vec{v.pow(in[0], in[1])}
		})
	} else {
		v.binaryWide("pow", (*isa).powWide)
	}
	v.binaryWide("atan2", (*isa).atan2Wide)
}

func (v *isa) binaryWide(name string, f func(d *isa, x, y vec) vec) {
	g := v.through(func(d *isa, in ...vec) vec { return f(d, in[0], in[1]) })
	v.unrolled(single, name, []operand{dst, opX, opY}, nil, func(in []vec, _ func(int) vec) []vec {
		return []vec{g(in...)}
	})
}

func (v *isa) doubleFunctions() {
	v.unary("exp", v.expWide)
	v.unary("log", v.logWide)
	v.unary("sin", v.sinWide)
	v.unary("cos", v.cosWide)
	v.unary("tanh", v.tanhWide)
	v.unary("sigmoid", v.sigmoidWide)
}

func (v *isa) unary(name string, f func(x vec) vec) {
	v.routine(name, []operand{dst, opX}, nil, func(in []vec,
		_ func(int) vec,
	) []vec {
		return []vec{f(in[0])}
	})
}

func (v *isa) binary(name string, f func(x, y vec) vec) {
	v.routine(name, []operand{dst, opX, opY}, nil, func(in []vec, _ func(int) vec) []vec {
		return []vec{f(in[0], in[1])}
	})
}

// withScalar emits a function of an array and a scalar.
func (v *isa) withScalar(name string, f func(x, s vec) vec) {
	v.routine(name, []operand{dst, opX}, []string{"s"}, func(in []vec, s func(int) vec) []vec {
		return []vec{f(in[0], s(0))}
	})
}

func (v *isa) arithmetic() {
	v.streamable()
	if !v.double {
		v.pastCaches().streamable()
	}
	v.unary("move", func(x vec) vec { return x })
	v.routine("clamp", []operand{dst, opX}, []string{"lo", "hi"}, func(in []vec,
		s func(int) vec,
	) []vec {
		return []vec{v.min(s(1), v.max(s(0), in[0]))} // NaN passes
	})
	v.unary("floor", func(x vec) vec { return v.round(x, 9) })
	v.unary("ceil", func(x vec) vec { return v.round(x, 10) })
	v.unary("trunc", func(x vec) vec { return v.round(x, 11) })
	v.unary("roundEven", func(x vec) vec { return v.round(x, 8) })
}

// streamable is arithmetic that takes less time than its stores, so that those of large results go past the caches.
func (v *isa) streamable() {
	v.binary("add", func(x, y vec) vec { return v.add(x, y) })
	v.binary("sub", func(x, y vec) vec { return v.sub(x, y) })
	v.binary("mul", func(x, y vec) vec { return v.mul(x, y) })
	v.binary("div", func(x, y vec) vec { return v.div(x, y) })
	// The hardware gives y when one is NaN; x where x is NaN completes the rule.
	v.binary("maximum", func(x, y vec) vec { return v.where(x, unordered, x, x, v.max(x, y)) })
	v.binary("minimum", func(x, y vec) vec { return v.where(x, unordered, x, x, v.min(x, y)) })
	v.unary("neg", v.neg)
	v.unary("abs", v.abs)
	v.unary("square", func(x vec) vec { return v.mul(x, x) })
	v.unary("sqrt", v.sqrt)
	v.unary("reciprocal", func(x vec) vec { return v.div(v.load(v.c(1)), x) })
	v.unary("rsqrt", v.rsqrt)
	v.unary("relu", func(x vec) vec { return v.atLeast(x, 0) })
}

// rsqrt refines the hardware's estimate, where there is one, by one step of the third order.
func (v *isa) rsqrt(x vec) vec {
	if !v.wide() || v.double {
		return v.div(v.load(v.c(1)), v.sqrt(x))
	}
	y := v.new()
	VRSQRT14PS(x, y)
	e := v.fnma(v.mul(x, y), y, v.c(1))
	z := v.fma(v.mul(y, e), v.fma(e, v.c(0.375), v.c(0.5)), y)
	return v.where(e, unordered, e, y, z) // 0, ∞ and NaN
}

func (v *isa) scalars() {
	v.routine("standardise", []operand{dst, opX}, []string{"shift", "scale"}, func(in []vec,
		s func(int) vec,
	) []vec {
		return []vec{v.mul(v.add(in[0], s(0)), s(1))}
	})
	v.routine("standardiseAffine",
		[]operand{dst, opX, {name: "gain", read: true}, {name: "bias", read: true}},
		[]string{"shift", "scale"}, func(in []vec, s func(int) vec) []vec {
			return []vec{v.fma(v.mul(v.add(in[0], s(0)), s(1)), in[1], in[2])}
		})
	v.routine("layerNormGrad", []operand{dst, opX, opY}, []string{"shift", "slope", "scale"},
		func(in []vec, s func(int) vec) []vec { // of u and x̂
			return []vec{v.mul(v.fma(in[1], s(1), v.add(in[0], s(0))), s(2))}
		})
	v.withScalar("addScalar", func(x, s vec) vec { return v.add(x, s) })
	v.withScalar("mulScalar", func(x, s vec) vec { return v.mul(x, s) })
	v.withScalar("divScalar", func(x, s vec) vec { return v.div(x, s) })
	v.withScalar("maximumScalar", func(x, s vec) vec {
		return v.where(x, unordered, s, v.add(x, s), v.max(x, s))
	})
	v.withScalar("minimumScalar", func(x, s vec) vec {
		return v.where(x, unordered, s, v.add(x, s), v.min(x, s))
	})
	v.withScalar("scalarSub", func(x, s vec) vec { return v.sub(s, x) })
	v.withScalar("expShifted", func(x, s vec) vec { return v.exp(v.add(x, s)) })
	v.routine("axpy", []operand{dst, opX, opY}, []string{"s"},
		func(in []vec, s func(int) vec) []vec {
			return []vec{v.fma(in[1], s(0), in[0])}
		})
	v.routine("mulShifted", []operand{dst, opX, opY}, []string{"s"},
		func(in []vec, s func(int) vec) []vec {
			return []vec{v.mul(in[0], v.add(in[1], s(0)))}
		})
}

func (v *isa) gradients() {
	v.binary("reluGrad", func(dy, y vec) vec {
		return v.where(y, lessEqual, v.c(0), v.load(v.c(0)), dy)
	})
	v.binary("sigmoidGrad", func(dy, y vec) vec {
		return v.mul(v.mul(dy, y), v.sub(v.load(v.c(1)), y))
	})
	v.binary("tanhGrad", func(dy, y vec) vec { return v.mul(dy, v.fnma(y, y, v.c(1))) })
}

func (v *isa) siluGrad() {
	v.binary("siluGrad", func(dy, x vec) vec {
		s := v.sigmoid(x)
		return v.mul(v.mul(dy, s), v.fma(x, v.sub(v.load(v.c(1)), s), v.c(1)))
	})
}

// optimizers emits one pass over parameter, gradient and state; the formulas are at cpu.SGD and
// cpu.Adam.
func (v *isa) optimizers() {
	p := operand{"p", true, true, ""}
	g := operand{"grad", true, false, ""}
	m, s := operand{"m", true, true, ""}, operand{"v", true, true, ""}
	v.routine("sgd", []operand{p, g}, []string{"lr", "decay"},
		func(in []vec, k func(int) vec) []vec {
			return []vec{v.fnma(v.fma(in[0], k(1), in[1]), k(0), in[0])}
		})
	v.routine("sgdMomentum", []operand{p, g, s}, []string{"lr", "decay", "mu", "rest"},
		func(in []vec, k func(int) vec) []vec {
			d := v.fma(in[0], k(1), in[1])
			u := v.fma(in[2], k(2), v.mul(d, k(3)))
			return []vec{v.fnma(u, k(0), in[0]), u}
		})
	v.routine("adam", []operand{p, g, m, s},
		[]string{"b1", "c1", "b2", "c2", "eps", "step", "root", "decay", "keep"},
		func(in []vec, k func(int) vec) []vec {
			x := v.mul(in[0], k(8))
			d := v.fma(in[0], k(7), in[1])
			a := v.fma(in[2], k(0), v.mul(d, k(1)))
			b := v.fma(in[3], k(2), v.mul(v.mul(d, d), k(3)))
			u := v.div(v.mul(a, k(5)), v.fma(v.sqrt(b), k(6), k(4)))
			return []vec{v.sub(x, u), a, b}
		})
}
