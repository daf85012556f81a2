package cpu

// Slices to assembly: the AVX-512 routines take any length, the AVX2 ones whole vectors; the
// portable function does the rest.

type (
	asm1       = func(d, x *float32, n int)
	asm2       = func(d, x, y *float32, n int)
	asmScalar  = func(d, x *float32, n int, s float32)
	asmScalar2 = func(d, x, y *float32, n int, s float32)
)

func vec1(f asm1) func(d, x []float32) {
	return func(d, x []float32) {
		if len(d) > 0 {
			f(&d[0], &x[:len(d)][0], len(d))
		}
	}
}

func vec1Rest(f asm1, rest func(d, x []float32)) func(d, x []float32) {
	return func(d, x []float32) {
		n := len(d) &^ 7
		if n > 0 {
			f(&d[0], &x[:len(d)][0], n)
		}
		if n < len(d) {
			rest(d[n:], x[n:len(d)])
		}
	}
}

func vec2(f asm2) func(d, x, y []float32) {
	return func(d, x, y []float32) {
		if len(d) > 0 {
			f(&d[0], &x[:len(d)][0], &y[:len(d)][0], len(d))
		}
	}
}

func vec2Rest(f asm2, rest func(d, x, y []float32)) func(d, x, y []float32) {
	return func(d, x, y []float32) {
		n := len(d) &^ 7
		if n > 0 {
			f(&d[0], &x[:len(d)][0], &y[:len(d)][0], n)
		}
		if n < len(d) {
			rest(d[n:], x[n:len(d)], y[n:len(d)])
		}
	}
}

func scalar(f asmScalar) func(d, x []float32, s float32) {
	return func(d, x []float32, s float32) {
		if len(d) > 0 {
			f(&d[0], &x[:len(d)][0], len(d), s)
		}
	}
}

func scalarRest(f asmScalar, rest func(d, x []float32, s float32)) func(d, x []float32, s float32) {
	return func(d, x []float32, s float32) {
		n := len(d) &^ 7
		if n > 0 {
			f(&d[0], &x[:len(d)][0], n, s)
		}
		if n < len(d) {
			rest(d[n:], x[n:len(d)], s)
		}
	}
}

func scalar2(f asmScalar2) func(d, x, y []float32, s float32) {
	return func(d, x, y []float32, s float32) {
		if len(d) > 0 {
			f(&d[0], &x[:len(d)][0], &y[:len(d)][0], len(d), s)
		}
	}
}

func scalar2Rest(
	f asmScalar2, rest func(d, x, y []float32, s float32),
) func(d, x, y []float32, s float32) {
	return func(d, x, y []float32, s float32) {
		n := len(d) &^ 7
		if n > 0 {
			f(&d[0], &x[:len(d)][0], &y[:len(d)][0], n, s)
		}
		if n < len(d) {
			rest(d[n:], x[n:len(d)], y[n:len(d)], s)
		}
	}
}

// The routines that assembly replaces.
var (
	hooks1 = []struct {
		at         *func(d, x []float32)
		f512, f256 asm1
	}{
		{&Neg.F32, neg512, neg256},
		{&Abs.F32, abs512, abs256},
		{&Square.F32, square512, square256},
		{&Sqrt.F32, sqrt512, sqrt256},
		{&Rsqrt.F32, rsqrt512, rsqrt256},
		{&Reciprocal.F32, reciprocal512, reciprocal256},
		{&ReLU.F32, relu512, relu256},
		{&Floor.F32, floor512, floor256},
		{&Ceil.F32, ceil512, ceil256},
		{&Trunc.F32, trunc512, trunc256},
		{&Round.F32, roundEven512, roundEven256},
		{&Exp.F32, exp512, exp256},
		{&Log.F32, log512, log256},
		{&Tanh.F32, tanh512, tanh256},
		{&Sigmoid.F32, sigmoid512, sigmoid256},
		{&Erf.F32, erf512, erf256},
		{&SiLU.F32, silu512, silu256},
		{&GELU.F32, gelu512, gelu256},
		{&GELUTanh.F32, geluTanh512, geluTanh256},
	}
	hooks2 = []struct {
		at         *func(d, x, y []float32)
		f512, f256 asm2
	}{
		{&Add.F32, add512, add256},
		{&Sub.F32, sub512, sub256},
		{&Mul.F32, mul512, mul256},
		{&Div.F32, div512, div256},
		{&Maximum.F32, maximum512, maximum256},
		{&Minimum.F32, minimum512, minimum256},
		{&ReLUGrad.F32, reluGrad512, reluGrad256},
		{&SigmoidGrad.F32, sigmoidGrad512, sigmoidGrad256},
		{&TanhGrad.F32, tanhGrad512, tanhGrad256},
		{&SiLUGrad.F32, siluGrad512, siluGrad256},
		{&GELUGrad.F32, geluGrad512, geluGrad256},
	}
	hooksScalar = []struct {
		at         *func(d, x []float32, s float32)
		f512, f256 asmScalar
	}{
		{&Add.F32S, addScalar512, addScalar256},
		{&Add.F32R, addScalar512, addScalar256},
		{&Sub.F32R, scalarSub512, scalarSub256},
		{&Mul.F32S, mulScalar512, mulScalar256},
		{&Mul.F32R, mulScalar512, mulScalar256},
		{&Div.F32S, divScalar512, divScalar256},
		{&expShifted, expShifted512, expShifted256},
		{&scaleBy, mulScalar512, mulScalar256},
		{&shiftBy, addScalar512, addScalar256},
	}
	hooksScalar2 = []struct {
		at         *func(d, x, y []float32, s float32)
		f512, f256 asmScalar2
	}{
		{&axpy, axpy512, axpy256},
		{&mulShifted, mulShifted512, mulShifted256},
	}
)

// portable remembers the functions that the hooks replace.
var portable struct {
	v1 []func(d, x []float32)
	v2 []func(d, x, y []float32)
	s1 []func(d, x []float32, s float32)
	s2 []func(d, x, y []float32, s float32)
}

func init() {
	for _, h := range hooks1 {
		portable.v1 = append(portable.v1, *h.at)
	}
	for _, h := range hooks2 {
		portable.v2 = append(portable.v2, *h.at)
	}
	for _, h := range hooksScalar {
		portable.s1 = append(portable.s1, *h.at)
	}
	for _, h := range hooksScalar2 {
		portable.s2 = append(portable.s2, *h.at)
	}
	start()
}

// hook installs the routines of a level.
func hook(level string) {
	for i, h := range hooks1 {
		switch *h.at = portable.v1[i]; level {
		case "avx512":
			*h.at = vec1(h.f512)
		case "avx2":
			*h.at = vec1Rest(h.f256, portable.v1[i])
		}
	}
	for i, h := range hooks2 {
		switch *h.at = portable.v2[i]; level {
		case "avx512":
			*h.at = vec2(h.f512)
		case "avx2":
			*h.at = vec2Rest(h.f256, portable.v2[i])
		}
	}
	for i, h := range hooksScalar {
		switch *h.at = portable.s1[i]; level {
		case "avx512":
			*h.at = scalar(h.f512)
		case "avx2":
			*h.at = scalarRest(h.f256, portable.s1[i])
		}
	}
	for i, h := range hooksScalar2 {
		switch *h.at = portable.s2[i]; level {
		case "avx512":
			*h.at = scalar2(h.f512)
		case "avx2":
			*h.at = scalar2Rest(h.f256, portable.s2[i])
		}
	}
	hookReductions(level)
	hookOptimizers(level)
}

func hookReductions(level string) {
	sumRow, dotRow, addColumns, lineMaxF32 = sumRowGo, dotRowGo, addColumnsGo, lineMax[float32]
	switch level {
	case "avx512":
		sumRow, dotRow = sumWith(sum512, 31), dotWith(dot512, 31)
		addColumns, lineMaxF32 = addColumnsWith(addColumns512, 31), largestWith(largest512, 16)
	case "avx2":
		sumRow, dotRow = sumWith(sum256, 15), dotWith(dot256, 15)
		addColumns, lineMaxF32 = addColumnsWith(addColumns256, 15), largestWith(largest256, 8)
	}
}

func sumWith(f func(x *float32, n int) float64, low int) func(x []float32) float64 {
	return func(x []float32) float64 {
		n := len(x) &^ low
		if n == 0 {
			return sumRowGo(x)
		}
		return f(&x[0], n) + sumRowGo(x[n:])
	}
}

func dotWith(f func(x, y *float32, n int) float64, low int) func(x, y []float32) float64 {
	return func(x, y []float32) float64 {
		n := len(x) &^ low
		if n == 0 {
			return dotRowGo(x, y)
		}
		return f(&x[0], &y[:len(x)][0], n) + dotRowGo(x[n:], y[n:len(x)])
	}
}

func addColumnsWith(f func(acc *float64, x *float32, n int), low int) func(acc []float64,
	x []float32) {
	return func(acc []float64, x []float32) {
		n := len(acc) &^ low
		if n > 0 {
			f(&acc[0], &x[:len(acc)][0], n)
		}
		if n < len(acc) {
			addColumnsGo(acc[n:], x[n:])
		}
	}
}

func largestWith(f func(d, x *float32, n int), lanes int) func(x []float32) float32 {
	return func(x []float32) float32 {
		n := len(x) &^ 31
		if n == 0 {
			return lineMax(x)
		}
		var d [32]float32
		f(&d[0], &x[0], n)
		m := max(lineMax(d[:lanes]), lineMax(x[n:]))
		for _, v := range d[lanes : 2*lanes] {
			m += v // 0 or NaN
		}
		return m
	}
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
