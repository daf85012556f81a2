package op

import "github.com/lathe-ml/lathe/engine"

// prim holds the operators that gradient rules apply. It is filled by init: a rule that named Mul itself
// would make Go's initialization order of the variables circular.
var prim struct {
	add, sub, mul, div, neg, sign, pow             *Def
	exp, log, sin, cos, floorDiv                   *Def
	tanh, sigmoid, reluGrad, sigmoidGrad, tanhGrad *Def
	geluGrad, geluTanhGrad, siluGrad, softplusGrad *Def
	eq, lt, gt, le, ge, and, where, cast           *Def
	sum, cumSum, softmaxGrad, logSoftmaxGrad       *Def
	matMul, conv, convInputGrad, convWeightGrad    *Def
	maxPoolGrad, avgPool, avgPoolGrad              *Def
	gather, scatterAdd, indexSelect, indexAdd      *Def
	reshape, permute, slice, unslice, expand       *Def
	concat, pad, flip                              *Def
	linear, linearGrad, softmax                    *Def
	layerNormGrad, batchNormGrad, dropout          *Def
	crossEntropyGrad, rsqrt                        *Def
}

func init() {
	p := &prim
	p.add, p.sub, p.mul, p.div, p.neg, p.sign, p.pow = Add, Sub, Mul, Div, Neg, Sign, Pow
	p.exp, p.log, p.sin, p.cos, p.floorDiv = Exp, Log, Sin, Cos, FloorDiv
	p.tanh, p.sigmoid, p.reluGrad, p.sigmoidGrad, p.tanhGrad = Tanh, Sigmoid, ReLUGrad, SigmoidGrad,
		TanhGrad
	p.geluGrad, p.geluTanhGrad, p.siluGrad, p.softplusGrad = GELUGrad, GELUTanhGrad, SiLUGrad, SoftplusGrad
	p.eq, p.lt, p.gt, p.le, p.ge, p.and, p.where, p.cast = Eq, Lt, Gt, Le, Ge, And, Where, Cast
	p.sum, p.cumSum, p.softmaxGrad, p.logSoftmaxGrad = Sum, CumSum, SoftmaxGrad, LogSoftmaxGrad
	p.matMul, p.conv, p.convInputGrad, p.convWeightGrad = MatMul, Conv, ConvInputGrad, ConvWeightGrad
	p.maxPoolGrad, p.avgPool, p.avgPoolGrad = MaxPoolGrad, AvgPool, AvgPoolGrad
	p.gather, p.scatterAdd, p.indexSelect, p.indexAdd = Gather, ScatterAdd, IndexSelect, IndexAdd
	p.reshape, p.permute, p.slice, p.unslice, p.expand = Reshape, Permute, Slice, Unslice, Expand
	p.concat, p.pad, p.flip = Concat, Pad, Flip
	p.linear, p.linearGrad, p.softmax, p.rsqrt = Linear, LinearGrad, Softmax, Rsqrt
	p.crossEntropyGrad, p.layerNormGrad, p.batchNormGrad = CrossEntropyGrad, LayerNormGrad, BatchNormGrad
	p.dropout = Dropout
}

func add(b Builder, x, y Value) Value      { return b.Apply(prim.add, nil, x, y)[0] }
func sub(b Builder, x, y Value) Value      { return b.Apply(prim.sub, nil, x, y)[0] }
func mul(b Builder, x, y Value) Value      { return b.Apply(prim.mul, nil, x, y)[0] }
func div(b Builder, x, y Value) Value      { return b.Apply(prim.div, nil, x, y)[0] }
func pow(b Builder, x, y Value) Value      { return b.Apply(prim.pow, nil, x, y)[0] }
func neg(b Builder, x Value) Value         { return b.Apply(prim.neg, nil, x)[0] }
func exp(b Builder, x Value) Value         { return b.Apply(prim.exp, nil, x)[0] }
func log(b Builder, x Value) Value         { return b.Apply(prim.log, nil, x)[0] }
func where(b Builder, c, x, y Value) Value { return b.Apply(prim.where, nil, c, x, y)[0] }
func square(b Builder, x Value) Value      { return mul(b, x, x) }

// num is the number v for arithmetic with like: it does not take part in promotion.
func num(b Builder, like Value, v float64) Value {
	return b.Const(Type{DType: like.Type().DType, Weak: true}, v)
}

// zeros is zeros of like's type.
func zeros(b Builder, like Value) Value {
	t := like.Type()
	return b.Const(Type{DType: t.DType, Shape: t.Shape}, 0)
}

func addNum(b Builder, x Value, v float64) Value { return add(b, x, num(b, x, v)) }
func scale(b Builder, x Value, v float64) Value  { return mul(b, x, num(b, x, v)) }

// oneMinus returns 1 − x.
func oneMinus(b Builder, x Value) Value { return sub(b, num(b, x, 1), x) }

func reshape(b Builder, x Value, s engine.Shape) Value {
	if x.Type().Shape.Equal(s) {
		return x
	}
	return b.Apply(prim.reshape, ShapeAttrs{Shape: s}, x)[0]
}

func expand(b Builder, x Value, s engine.Shape) Value {
	if x.Type().Shape.Equal(s) {
		return x
	}
	return b.Apply(prim.expand, ShapeAttrs{Shape: s}, x)[0]
}

// sumKeep sums over one axis and keeps it with extent 1.
func sumKeep(b Builder, x Value, axis int) Value {
	return b.Apply(prim.sum, ReduceAttrs{Axes: []int{axis}, Keep: true}, x)[0]
}

// swap exchanges the last two axes.
func swap(b Builder, x Value) Value {
	n := len(x.Type().Shape)
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	perm[n-1], perm[n-2] = n-2, n-1
	return b.Apply(prim.permute, PermuteAttrs{Perm: perm}, x)[0]
}

// slice1 returns start ≤ i < stop of one axis.
func slice1(b Builder, x Value, axis, start, stop int) Value {
	s := x.Type().Shape
	a := wholeSlice(s)
	a.Start[axis], a.Stop[axis] = start, stop
	return b.Apply(prim.slice, a, x)[0]
}

func wholeSlice(s engine.Shape) SliceAttrs {
	n := len(s)
	v := make([]int, 2*n)
	for i := n; i < 2*n; i++ {
		v[i] = 1
	}
	return SliceAttrs{Start: v[:n:n], Step: v[n:], Stop: s.Clone()}
}

// grad1 makes the gradient rule of an operator with one differentiable operand x and one result y.
func grad1(f func(b Builder, x, y, dy Value) Value) func(Builder, *Call) []Value {
	return func(b Builder, c *Call) []Value {
		return []Value{f(b, c.In[0], c.Out[0], c.DOut[0])}
	}
}

// grad2 makes the gradient rule of an operator on x and y from the rules of each operand; the rule of an
// operand whose gradient is not wanted does not run.
func grad2(fx, fy func(b Builder, x, y, dz Value) Value) func(Builder, *Call) []Value {
	return func(b Builder, c *Call) []Value {
		g := make([]Value, 2)
		if c.Wants(0) {
			g[0] = fx(b, c.In[0], c.In[1], c.DOut[0])
		}
		if fy != nil && c.Wants(1) {
			g[1] = fy(b, c.In[0], c.In[1], c.DOut[0])
		}
		return g
	}
}

// check panics with the error of a CPU kernel under the operator's name.
func check(name string, err error) {
	if err != nil {
		panic(&engine.Error{Where: name, What: err.Error()})
	}
}
