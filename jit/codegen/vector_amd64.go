//go:build linux

package codegen

import (
	"math"

	"github.com/lathe-ml/lathe/engine/op"
)

// vector is a straight-line program on virtual registers of 16 floats. The methods below mirror those that
// generate the engine's static routines, so that machine code rounds as eager mode does.
type vector struct {
	ops    []vop
	consts []uint32
	n      int // registers
}

// arg is an operand: a register, or a constant in memory.
type arg struct {
	id    int
	konst bool
}

type vkind uint8

const (
	binOp   vkind = iota // d = a i b
	unOp                 // d = i(b), with imm
	fmaOp                // d = c ± a·b, by i
	polyOp               // d = a·b + c, over a
	pickOp               // d = a compare b ? c : e, imm is the comparison
	constOp              // d = constant b
	inOp                 // d = input imm
	outOp                // output imm = b
	shiftOp              // d = b >> imm
)

type vop struct {
	kind       vkind
	i          instruction
	d          int
	a, b, c, e arg
	imm        byte
}

func (v *vector) emit(o vop) arg {
	o.d = v.n
	v.n++
	v.ops = append(v.ops, o)
	return arg{id: o.d}
}

func (v *vector) bits(w uint32) arg {
	for i, x := range v.consts {
		if x == w {
			return arg{i, true}
		}
	}
	v.consts = append(v.consts, w)
	return arg{len(v.consts) - 1, true}
}

func (v *vector) c(x float64) arg { return v.bits(math.Float32bits(float32(x))) }

func (v *vector) load(x arg) arg {
	if !x.konst {
		return x
	}
	return v.emit(vop{kind: constOp, b: x})
}

func (v *vector) bin(i instruction, a, b arg) arg {
	return v.emit(vop{kind: binOp, i: i, a: v.load(a), b: b})
}

func (v *vector) add(a, b arg) arg { return v.bin(vadd, a, b) }
func (v *vector) sub(a, b arg) arg { return v.bin(vsub, a, b) }
func (v *vector) mul(a, b arg) arg { return v.bin(vmul, a, b) }
func (v *vector) div(a, b arg) arg { return v.bin(vdiv, a, b) }

// max and min give b when either operand is NaN.
func (v *vector) max(a, b arg) arg { return v.bin(vmax, a, b) }
func (v *vector) min(a, b arg) arg { return v.bin(vmin, a, b) }

func (v *vector) neg(x arg) arg { return v.bin(vxor, x, v.bits(1<<31)) }
func (v *vector) abs(x arg) arg { return v.bin(vand, x, v.bits(1<<31-1)) }

// fma is z + x·y, fnma z − x·y.
func (v *vector) fma(x, y, z arg) arg { return v.emit(vop{kind: fmaOp, i: vfma231, a: x, b: y, c: z}) }

func (v *vector) fnma(x, y, z arg) arg {
	return v.emit(vop{kind: fmaOp, i: vfnma231, a: x, b: y, c: z})
}

func (v *vector) polynomial(x arg, k ...float64) arg {
	p := v.load(v.c(k[0]))
	for _, a := range k[1:] {
		p = v.emit(vop{kind: polyOp, a: p, b: x, c: v.c(a)})
	}
	return p
}

func (v *vector) round(x arg, mode byte) arg {
	return v.emit(vop{kind: unOp, i: vround, b: x, imm: mode})
}

// Comparisons, false for NaN but for unordered.
const (
	isLess      = 1
	isLessEqual = 2
	isUnordered = 3
)

// where is a where the comparison of x and y holds, else b.
func (v *vector) where(x arg, predicate byte, y, a, b arg) arg {
	return v.emit(vop{kind: pickOp, a: v.load(x), b: y, c: v.load(a), e: v.load(b), imm: predicate})
}

func (v *vector) atMost(x arg, hi float64) arg  { return v.min(v.load(v.c(hi)), x) }
func (v *vector) atLeast(x arg, lo float64) arg { return v.max(v.load(v.c(lo)), x) }

func (v *vector) exp(x arg) arg {
	x = v.atLeast(v.atMost(x, 104), -104)
	n := v.round(v.mul(x, v.c(math.Log2E)), 8)
	r := v.fnma(n, v.c(0.693359375), x)
	r = v.fnma(n, v.c(-2.12194440e-4), r)
	p := v.polynomial(r, 1.0/5040, 1.0/720, 8.3333337680e-3, 4.1666667908e-2, 1.6666665459e-1, 0.5, 1, 1)
	return v.bin(vscalef, p, n)
}

func (v *vector) onePlusExpNeg(x arg) arg { return v.add(v.exp(v.neg(x)), v.c(1)) }
func (v *vector) sigmoid(x arg) arg       { return v.div(v.c(1), v.onePlusExpNeg(x)) }

func (v *vector) tanh(x arg) arg {
	a, z := v.abs(x), v.mul(x, x)
	p := v.polynomial(z, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
		-3.33332819422e-1)
	near := v.fma(v.mul(p, z), x, x)
	e := v.add(v.exp(v.add(a, a)), v.c(1))
	far := v.sub(v.c(1), v.div(v.c(2), e))
	far = v.bin(vor, far, v.bin(vand, x, v.bits(1<<31)))
	return v.where(a, isLess, v.c(0.625), near, far)
}

func (v *vector) log(x arg) arg {
	scaled, small := v.mul(x, v.c(1<<23)), v.c(0x1p-126)
	y := v.where(x, isLess, small, scaled, x)
	bias := v.where(x, isLess, small, v.c(127+23), v.c(127))
	e := v.emit(vop{kind: unOp, i: vcvt, b: v.emit(vop{kind: shiftOp, b: y, imm: 23})})
	e = v.sub(e, bias)
	m := v.bin(vor, v.bin(vand, y, v.bits(0x7fffff)), v.c(1))
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

func (v *vector) rsqrt(x arg) arg {
	y := v.emit(vop{kind: unOp, i: vrsqrt14, b: x})
	e := v.fnma(v.mul(x, y), y, v.c(1))
	z := v.fma(v.mul(y, e), v.fma(e, v.c(0.375), v.c(0.5)), y)
	return v.where(e, isUnordered, e, y, z)
}

// unaryForms and binaryForms are the operators that machine code is made of; a Loop with others is interpreted.
var unaryForms = map[*op.Def]func(v *vector, x arg) arg{
	op.Neg:        (*vector).neg,
	op.Abs:        (*vector).abs,
	op.ReLU:       func(v *vector, x arg) arg { return v.atLeast(x, 0) },
	op.Sqrt:       func(v *vector, x arg) arg { return v.emit(vop{kind: unOp, i: vsqrt, b: x}) },
	op.Reciprocal: func(v *vector, x arg) arg { return v.div(v.c(1), x) },
	op.Rsqrt:      (*vector).rsqrt,
	op.Exp:        (*vector).exp,
	op.Log:        (*vector).log,
	op.Tanh:       (*vector).tanh,
	op.Sigmoid:    (*vector).sigmoid,
	op.SiLU:       func(v *vector, x arg) arg { return v.div(x, v.onePlusExpNeg(x)) },
	op.Floor:      func(v *vector, x arg) arg { return v.round(x, 9) },
	op.Ceil:       func(v *vector, x arg) arg { return v.round(x, 10) },
	op.Trunc:      func(v *vector, x arg) arg { return v.round(x, 11) },
	op.Round:      func(v *vector, x arg) arg { return v.round(x, 8) },
	op.GELUTanh: func(v *vector, x arg) arg {
		const k = 2 * 0.79788456080286536
		return v.div(x, v.onePlusExpNeg(v.mul(x, v.fma(v.mul(x, x), v.c(k*0.044715), v.c(k)))))
	},
}

var binaryForms = map[*op.Def]func(v *vector, x, y arg) arg{
	op.Add: (*vector).add,
	op.Sub: (*vector).sub,
	op.Mul: (*vector).mul,
	op.Div: (*vector).div,
	// The hardware gives y when one is NaN; x where x is NaN completes the rule.
	op.Maximum:     func(v *vector, x, y arg) arg { return v.where(x, isUnordered, x, x, v.max(x, y)) },
	op.Minimum:     func(v *vector, x, y arg) arg { return v.where(x, isUnordered, x, x, v.min(x, y)) },
	op.ReLUGrad:    func(v *vector, dy, y arg) arg { return v.where(y, isLessEqual, v.c(0), v.c(0), dy) },
	op.SigmoidGrad: func(v *vector, dy, y arg) arg { return v.mul(v.mul(dy, y), v.sub(v.c(1), y)) },
	op.TanhGrad:    func(v *vector, dy, y arg) arg { return v.mul(dy, v.fnma(y, y, v.c(1))) },
	op.SiLUGrad: func(v *vector, dy, x arg) arg {
		s := v.sigmoid(x)
		return v.mul(v.mul(dy, s), v.fma(x, v.sub(v.c(1), s), v.c(1)))
	},
}

// translate returns the loop as a vector program; false when an operator has no form in it.
func translate(l *Loop) (*vector, bool) {
	v := &vector{}
	vals := make([]arg, 0, l.Inputs+len(l.Code))
	for i := range l.Inputs {
		vals = append(vals, v.emit(vop{kind: inOp, imm: byte(i)}))
	}
	for k := range l.Code {
		i := &l.Code[k]
		switch f, g := unaryForms[i.Def], binaryForms[i.Def]; {
		case f != nil:
			vals = append(vals, f(v, vals[i.A]))
		case g != nil:
			vals = append(vals, g(v, vals[i.A], vals[i.B]))
		default:
			return nil, false
		}
		for o, id := range l.Outputs {
			if id == l.Inputs+k {
				v.ops = append(v.ops, vop{kind: outOp, b: vals[id], imm: byte(o), d: -1})
			}
		}
	}
	return v, true
}
