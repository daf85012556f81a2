//go:build linux

package codegen

import (
	"fmt"
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Functions of float32. The generator of the engine's routines says where they come from; tests compare all bits.

func (v *vector) exp(x arg) arg {
	if v.double {
		return v.expWide(x)
	}
	x = v.atLeast(v.atMost(x, 104), -104)
	n := v.round(v.mul(x, v.c(math.Log2E)), 8)
	r := v.fnma(n, v.c(0.693359375), x)
	r = v.fnma(n, v.c(-2.12194440e-4), r)
	p := v.polynomial(r, 1.0/5040, 1.0/720, 8.3333337680e-3, 4.1666667908e-2, 1.6666665459e-1, 0.5, 1, 1)
	return v.scale(p, n)
}

func (v *vector) onePlusExpNeg(x arg) arg { return v.add(v.exp(v.neg(x)), v.c(1)) }
func (v *vector) sigmoid(x arg) arg       { return v.div(v.c(1), v.onePlusExpNeg(x)) }

func (v *vector) tanh(x arg) arg {
	if v.double {
		return v.tanhWide(x)
	}
	a, z := v.abs(x), v.mul(x, x)
	p := v.polynomial(z, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
		-3.33332819422e-1)
	near := v.fma(v.mul(p, z), x, x)
	e := v.add(v.exp(v.add(a, a)), v.c(1))
	far := v.copySign(v.sub(v.c(1), v.div(v.c(2), e)), x)
	return v.where(a, isLess, v.c(0.625), near, far)
}

func (v *vector) log(x arg) arg {
	if v.double {
		return v.logWide(x)
	}
	scaled, small := v.mul(x, v.c(1<<23)), v.c(0x1p-126)
	y := v.where(x, isLess, small, scaled, x)
	bias := v.where(x, isLess, small, v.c(127+23), v.c(127))
	e := v.emit(vop{kind: unOp, i: vfromInt, b: v.emit(vop{kind: shiftOp, i: vright, b: y, imm: 23})})
	e = v.sub(e, bias)
	m := v.or(v.and(y, v.bits(0x7fffff)), v.c(1))
	big := v.load(v.c(math.Sqrt2))
	e = v.where(big, isLess, m, v.add(e, v.c(1)), e)
	m = v.where(big, isLess, m, v.mul(m, v.c(0.5)), m)
	r := v.sub(m, v.c(1))
	z := v.mul(r, r)
	p := v.polynomial(r, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1,
		1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	p = v.mul(v.mul(p, r), z)
	p = v.fma(e, v.c(-2.12194440e-4), p)
	p = v.fnma(z, v.c(0.5), p)
	out := v.fma(e, v.c(0.693359375), v.add(r, p))
	out = v.where(v.c(math.MaxFloat32), isLess, x, x, out)
	out = v.where(x, isLess, v.c(0), v.bits(0x7fc00000), out)
	out = v.where(v.abs(x), isLessEqual, v.c(0), v.c(math.Inf(-1)), out)
	return v.where(x, isUnordered, x, x, out)
}

// tailEnd is where e^(−a²/2) has left the range of float32.
const tailEnd = 14.42

// upperTail is the normal distribution function at −a, a ≥ 0.
func (v *vector) upperTail(a arg) arg {
	a = v.atMost(a, tailEnd)
	square := v.mul(a, a)
	lost := v.fused(vfms231, a, a, square) // a² − square
	w := v.inverse(v.add(a, v.c(1/0.3)))
	p := v.polynomial(w, 574.3029, -759.0695, 305.42084, -28.908722, 17.117098, 3.561187, 1.35102, 0.3984247,
		5.181958e-06)
	n := v.round(v.mul(square, v.c(-0.5*math.Log2E)), 8)
	r := v.sub(v.fused(vfnms231, n, v.c(2*math.Ln2), square), lost) // twice the rest of the exponent
	e := v.polynomial(r, 0.00026155816, 0.0026201564, 0.020833123, 0.12499706, 0.5, 1.0000001)
	return v.scale(v.mul(e, p), n)
}

func (v *vector) gelu(x arg) arg {
	a := v.abs(x)
	least := v.min(x, v.neg(v.atMost(a, tailEnd)))
	return v.fma(least, v.upperTail(a), v.max(v.c(0), x))
}

func (v *vector) erf(x arg) arg {
	a := v.abs(x)
	far := v.fnma(v.upperTail(v.mul(a, v.c(math.Sqrt2))), v.c(2), v.c(1))
	p := v.polynomial(v.mul(x, x), 1.0589371e-06, -1.3909335e-05, 0.000119565615, -0.0008542638, 0.0052237837,
		-0.026866132, 0.11283791, -0.37612638, -5.8636218e-08)
	near := v.fma(x, v.c(1.1283792), v.mul(x, p))
	return v.where(a, isLess, v.c(1), near, v.copySign(far, x))
}

func (v *vector) geluTanh(x arg) arg {
	const k = 2 * 0.79788456080286536
	return v.div(x, v.onePlusExpNeg(v.mul(x, v.fma(v.mul(x, x), v.c(k*0.044715), v.c(k)))))
}

// signum is −1, 0 or 1 with the sign of x, 0 for NaN.
func (v *vector) signum(x arg) arg {
	y := v.where(x, isLess, v.c(0), v.c(-1), v.c(0))
	return v.where(v.c(0), isLess, x, v.c(1), y)
}

// form is an operator as a program: of one operand or of two.
type form struct {
	one  func(v *vector, x arg) arg
	two  func(v *vector, x, y arg) arg
	only engine.DType // 0: both types of floats
}

// forms are the operators that machine code is made of; a Loop with others is interpreted.
var forms = map[*op.Def]form{
	op.Neg:        {one: (*vector).neg},
	op.Abs:        {one: (*vector).abs},
	op.ReLU:       {one: func(v *vector, x arg) arg { return v.atLeast(x, 0) }},
	op.Sqrt:       {one: (*vector).sqrt},
	op.Reciprocal: {one: func(v *vector, x arg) arg { return v.div(v.c(1), x) }},
	op.Rsqrt:      {one: (*vector).rsqrt},
	op.Exp:        {one: (*vector).exp},
	op.Log:        {one: (*vector).log},
	op.Tanh:       {one: (*vector).tanh},
	op.Sigmoid:    {one: (*vector).sigmoid},
	op.Floor:      {one: func(v *vector, x arg) arg { return v.round(x, 9) }},
	op.Ceil:       {one: func(v *vector, x arg) arg { return v.round(x, 10) }},
	op.Trunc:      {one: func(v *vector, x arg) arg { return v.round(x, 11) }},
	op.Round:      {one: func(v *vector, x arg) arg { return v.round(x, 8) }},
	op.Sign:       {one: (*vector).signum},
	op.Erf:        {one: (*vector).erf, only: engine.F32},
	op.GELU:       {one: (*vector).gelu, only: engine.F32},
	op.GELUTanh:   {one: (*vector).geluTanh, only: engine.F32},
	op.SiLU: {
		one:  func(v *vector, x arg) arg { return v.div(x, v.onePlusExpNeg(x)) },
		only: engine.F32,
	},

	op.Add: {two: (*vector).add},
	op.Sub: {two: (*vector).sub},
	op.Mul: {two: (*vector).mul},
	op.Div: {two: (*vector).div},
	// The hardware gives y when one is NaN; x where x is NaN completes the rule.
	op.Maximum:  {two: func(v *vector, x, y arg) arg { return v.where(x, isUnordered, x, x, v.max(x, y)) }},
	op.Minimum:  {two: func(v *vector, x, y arg) arg { return v.where(x, isUnordered, x, x, v.min(x, y)) }},
	op.CopySign: {two: func(v *vector, x, y arg) arg { return v.copySign(v.abs(x), y) }},
}

// translate returns the loop as a vector program; an error names an operator that has no form in it.
func translate(l *Loop, i *isa) (*vector, error) {
	v := &vector{isa: i}
	vals := make([]arg, l.Inputs+len(l.Code))
	read := make([]bool, l.Inputs)
	// Inputs are read where they are needed first, but before an output is written: it may be one of them.
	value := func(id int) arg {
		if id < l.Inputs && !read[id] {
			read[id] = true
			vals[id] = v.emit(vop{kind: inOp, imm: byte(id)})
		}
		return vals[id]
	}
	for k := range l.Code {
		i := &l.Code[k]
		f, ok := forms[i.Def] // an operator of somebody else may have the name of one of these
		if !ok || f.only != 0 && f.only != l.DType {
			return nil, fmt.Errorf("%s of %v has no machine code", i.Def.Name, l.DType)
		}
		id := l.Inputs + k
		if f.one != nil {
			vals[id] = f.one(v, value(i.A))
		} else {
			vals[id] = f.two(v, value(i.A), value(i.B))
		}
		if !slices.Contains(l.Outputs, id) {
			continue
		}
		for _, later := range l.Code[k+1:] {
			for _, id := range []int{later.A, later.B} {
				if id < l.Inputs && (id == later.A || later.binary()) {
					value(id)
				}
			}
		}
		for o, out := range l.Outputs {
			if out == id {
				v.ops = append(v.ops, vop{kind: outOp, b: vals[id], imm: byte(o), d: -1})
			}
		}
	}
	return v, nil
}
