package cpu

import "github.com/lathe-ml/lathe/engine"

// The functions that assembly replaces, by family of routines.

var arithmeticBindings = []binding{
	bind2(&Add.F32, add512, add256), bind2(&Add.F64, add512d, add256d),
	bind2(&Sub.F32, sub512, sub256), bind2(&Sub.F64, sub512d, sub256d),
	bind2(&Mul.F32, mul512, mul256), bind2(&Mul.F64, mul512d, mul256d),
	bind2(&Div.F32, div512, div256), bind2(&Div.F64, div512d, div256d),
	bind2(&Maximum.F32, maximum512, maximum256), bind2(&Maximum.F64, maximum512d, maximum256d),
	bind2(&Minimum.F32, minimum512, minimum256), bind2(&Minimum.F64, minimum512d, minimum256d),
	bind1(&moveF32, move512, move256), bind1(&moveF64, move512d, move256d),
	bind1(&Neg.F32, neg512, neg256), bind1(&Neg.F64, neg512d, neg256d),
	bind1(&Abs.F32, abs512, abs256), bind1(&Abs.F64, abs512d, abs256d),
	bind1(&Square.F32, square512, square256), bind1(&Square.F64, square512d, square256d),
	bind1(&Sqrt.F32, sqrt512, sqrt256), bind1(&Sqrt.F64, sqrt512d, sqrt256d),
	bind1(&Rsqrt.F32, rsqrt512, rsqrt256), bind1(&Rsqrt.F64, rsqrt512d, rsqrt256d),
	bind1(&Reciprocal.F32, reciprocal512, reciprocal256),
	bind1(&Reciprocal.F64, reciprocal512d, reciprocal256d),
	bind1(&ReLU.F32, relu512, relu256), bind1(&ReLU.F64, relu512d, relu256d),
	bind1(&Floor.F32, floor512, floor256), bind1(&Floor.F64, floor512d, floor256d),
	bind1(&Ceil.F32, ceil512, ceil256), bind1(&Ceil.F64, ceil512d, ceil256d),
	bind1(&Trunc.F32, trunc512, trunc256), bind1(&Trunc.F64, trunc512d, trunc256d),
	bind1(&Round.F32, roundEven512, roundEven256), bind1(&Round.F64, roundEven512d, roundEven256d),
	bind2(&ReLUGrad.F32, reluGrad512, reluGrad256),
	bind2(&ReLUGrad.F64, reluGrad512d, reluGrad256d),
	bind2(&SigmoidGrad.F32, sigmoidGrad512, sigmoidGrad256),
	bind2(&SigmoidGrad.F64, sigmoidGrad512d, sigmoidGrad256d),
	bind2(&TanhGrad.F32, tanhGrad512, tanhGrad256),
	bind2(&TanhGrad.F64, tanhGrad512d, tanhGrad256d),
	bind2(&SiLUGrad.F32, siluGrad512, siluGrad256),
	bind2(&GELUGrad.F32, geluGrad512, geluGrad256),
	bindBounds(&clampF32, clamp512, clamp256), bindBounds(&clampF64, clamp512d, clamp256d),
}

// The largest magnitudes that sine, cosine and tangent reduce by multiples of ½π in two parts (for
// float32) and in three.
const (
	circleF32 = 1 << 28
	circleF64 = 1 << 20
)

var functionBindings = []binding{
	bind1(&Exp.F32, exp512, exp256), bind1(&Exp.F64, exp512d, exp256d),
	bind1(&Log.F32, log512, log256), bind1(&Log.F64, log512d, log256d),
	bind1(&Tanh.F32, tanh512, tanh256), bind1(&Tanh.F64, tanh512d, tanh256d),
	bind1(&Sigmoid.F32, sigmoid512, sigmoid256), bind1(&Sigmoid.F64, sigmoid512d, sigmoid256d),
	bind1(&Erf.F32, erf512, erf256), bind1(&Erfc.F32, erfc512, erfc256),
	bind1(&SiLU.F32, silu512, silu256), bind1(&Softplus.F32, softplus512, softplus256),
	bind1(&GELU.F32, gelu512, gelu256), bind1(&GELUTanh.F32, geluTanh512, geluTanh256),
	bindSlope(&geluSlope, geluSlope512, geluSlope256),
	bindLimited(&Sin.F32, sin512, sin256, circleF32, exceeds512, exceeds256),
	bindLimited(&Cos.F32, cos512, cos256, circleF32, exceeds512, exceeds256),
	bindLimited(&Tan.F32, tan512, tan256, circleF32, exceeds512, exceeds256),
	bindLimited(&Sin.F64, sin512d, sin256d, circleF64, exceeds512d, exceeds256d),
	bindLimited(&Cos.F64, cos512d, cos256d, circleF64, exceeds512d, exceeds256d),
	bind1(&Asin.F32, asin512, asin256), bind1(&Acos.F32, acos512, acos256),
	bind1(&Atan.F32, atan512, atan256), bind2(&Atan2.F32, atan2512, atan2256),
	bind1(&Sinh.F32, sinh512, sinh256), bind1(&Cosh.F32, cosh512, cosh256),
	bind1(&Asinh.F32, asinh512, asinh256), bind1(&Acosh.F32, acosh512, acosh256),
	bind1(&Atanh.F32, atanh512, atanh256), bind1(&Exp2.F32, exp2512, exp2256),
	bind1(&Expm1.F32, expm1512, expm1256), bind1(&Log1p.F32, log1p512, log1p256),
	bind1(&Log2.F32, log2512, log2256), bind1(&Log10.F32, log10512, log10256),
	bind2(&Pow.F32, pow512, pow256),
}

// pastBindings are the routines that store past the caches.
var pastBindings = []binding{
	bind2(&Add.past, addPast512, addPast256), bind2(&Sub.past, subPast512, subPast256),
	bind2(&Mul.past, mulPast512, mulPast256), bind2(&Div.past, divPast512, divPast256),
	bind2(&Maximum.past, maximumPast512, maximumPast256), bind2(&Minimum.past, minimumPast512, minimumPast256),
	bind1(&Neg.past, negPast512, negPast256), bind1(&Abs.past, absPast512, absPast256),
	bind1(&Square.past, squarePast512, squarePast256), bind1(&Sqrt.past, sqrtPast512, sqrtPast256),
	bind1(&Rsqrt.past, rsqrtPast512, rsqrtPast256), bind1(&Reciprocal.past, reciprocalPast512, reciprocalPast256),
	bind1(&ReLU.past, reluPast512, reluPast256), bind1(&Exp.past, expPast512, expPast256),
	bind1(&Log.past, logPast512, logPast256), bind1(&Tanh.past, tanhPast512, tanhPast256),
	bind1(&Sigmoid.past, sigmoidPast512, sigmoidPast256), bind1(&Erf.past, erfPast512, erfPast256),
	bind1(&SiLU.past, siluPast512, siluPast256), bind1(&GELU.past, geluPast512, geluPast256),
}

var scalarBindings = []binding{
	bindScalar(&Add.F32S, addScalar512, addScalar256),
	bindScalar(&Add.F32R, addScalar512, addScalar256),
	bindScalar(&Sub.F32R, scalarSub512, scalarSub256),
	bindScalar(&Mul.F32S, mulScalar512, mulScalar256),
	bindScalar(&Mul.F32R, mulScalar512, mulScalar256),
	bindScalar(&Div.F32S, divScalar512, divScalar256),
	bindScalar(&expShifted, expShifted512, expShifted256),
	bindScalar(&scaleBy, mulScalar512, mulScalar256),
	bindScalar(&shiftBy, addScalar512, addScalar256),
	bindBounds(&standardise, standardise512, standardise256),
	normBinding(&standardiseAffine, standardiseAffine512, standardiseAffine256),
	normGradBinding(&layerNormGradLine, layerNormGrad512, layerNormGrad256),
	bindScalar2(&axpy, axpy512, axpy256),
	bindScalar2(&mulShifted, mulShifted512, mulShifted256),
}

var comparisonBindings = []binding{
	bind2(&Eq.F32, eq512, eq256), bind2(&Eq.F64, eq512d, eq256d),
	bind2(&Ne.F32, ne512, ne256), bind2(&Ne.F64, ne512d, ne256d),
	bind2(&Lt.F32, lt512, lt256), bind2(&Lt.F64, lt512d, lt256d),
	bind2(&Le.F32, le512, le256), bind2(&Le.F64, le512d, le256d),
	bind2(&Gt.F32, gt512, gt256), bind2(&Gt.F64, gt512d, gt256d),
	bind2(&Ge.F32, ge512, ge256), bind2(&Ge.F64, ge512d, ge256d),
	bind2(&Eq.I32, eqI32x512, eqI32x256), bind2(&Eq.I64, eqI64x512d, eqI64x256d),
	bind2(&Ne.I32, neI32x512, neI32x256), bind2(&Ne.I64, neI64x512d, neI64x256d),
	bind2(&Lt.I32, ltI32x512, ltI32x256), bind2(&Lt.I64, ltI64x512d, ltI64x256d),
	bind2(&Le.I32, leI32x512, leI32x256), bind2(&Le.I64, leI64x512d, leI64x256d),
	bind2(&Gt.I32, gtI32x512, gtI32x256), bind2(&Gt.I64, gtI64x512d, gtI64x256d),
	bind2(&Ge.I32, geI32x512, geI32x256), bind2(&Ge.I64, geI64x512d, geI64x256d),
	bindWhere(&whereF32, whereBits512, whereBits256),
	bindWhere(&whereF64, whereBits512d, whereBits256d),
}

var integerBindings = []binding{
	bind2(&Add.I32, addI32x512, addI32x256), bind2(&Add.I64, addI64x512d, addI64x256d),
	bind2(&Sub.I32, subI32x512, subI32x256), bind2(&Sub.I64, subI64x512d, subI64x256d),
	bind2(&Mul.I32, mulI32x512, mulI32x256), bind2(&Mul.I64, mulI64x512d, nil),
	bind2(&Maximum.I32, maximumI32x512, maximumI32x256), bind2(&Maximum.I64, maximumI64x512d, nil),
	bind2(&Minimum.I32, minimumI32x512, minimumI32x256), bind2(&Minimum.I64, minimumI64x512d, nil),
	bind2(&And.I32, andI32x512, andI32x256), bind2(&And.I64, andI64x512d, andI64x256d),
	bind2(&Or.I32, orI32x512, orI32x256), bind2(&Or.I64, orI64x512d, orI64x256d),
	bind2(&Xor.I32, xorI32x512, xorI32x256), bind2(&Xor.I64, xorI64x512d, xorI64x256d),
	bind1(&Neg.I32, negI32x512, negI32x256), bind1(&Neg.I64, negI64x512d, negI64x256d),
	bind1(&Abs.I32, absI32x512, absI32x256), bind1(&Abs.I64, absI64x512d, nil),
}

var conversionBindings = []binding{
	conversion(engine.F64, engine.F32, f32ToF64x512d, f32ToF64x256d),
	conversion(engine.F32, engine.F64, f64ToF32x512d, f64ToF32x256d),
	conversion(engine.F32, engine.I32, i32ToF32x512, i32ToF32x256),
	conversion(engine.I32, engine.F32, f32ToI32x512, f32ToI32x256),
	conversion(engine.F32, engine.U8, u8ToF32x512, u8ToF32x256),
	conversion(engine.I64, engine.U8, u8ToI64x512d, u8ToI64x256d),
	conversion(engine.I64, engine.I32, i32ToI64x512d, i32ToI64x256d),
	conversion(engine.F32, engine.I64, i64ToF32x512d, nil),
	conversion(engine.F64, engine.I64, i64ToF64x512d, nil),
	conversion(engine.I64, engine.F64, f64ToI64x512d, nil),
	conversion(engine.I32, engine.I64, i64ToI32x512d, nil),
	conversion(engine.Bool, engine.F32, f32ToBoolx512, f32ToBoolx256),
	bind1(&widenBF16, widenBF16x512, nil), bind1(&narrowBF16, narrowBF16x512, nil),
	bind1(&widenF16, widenF16x512, nil), bind1(&narrowF16, narrowF16x512, nil),
}

// conversion binds the entry of the table of conversions.
func conversion[D, T any](to, from engine.DType, f512, f256 func(d *D, x *T, n int)) binding {
	var f func(d []D, x []T)
	b := bind1(&f, f512, f256)
	return func(level string) {
		conversions[to][from] = nil
		if b(level); f != nil {
			conversions[to][from] = f
		}
	}
}
