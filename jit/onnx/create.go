package onnx

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("Constant", 1, constant)
	add("ConstantOfShape", 9, constantOfShape)
	add("Range", 11, rangeKernel)
	add("EyeLike", 9, eyeLike)
	add("OneHot", 9, oneHot)
	add("RandomUniform", 1, random(false, false))
	add("RandomUniformLike", 1, random(false, true))
	add("RandomNormal", 1, random(true, false))
	add("RandomNormalLike", 1, random(true, true))
	add("Bernoulli", 15, bernoulli)
	add("Multinomial", 7, multinomial)
	add("Dropout", 1, dropout)
}

func constant(c *call) []Value {
	for name, a := range c.attrs {
		switch name {
		case "value", "sparse_value":
			if a.tensor == nil {
				fail("attribute %s holds no tensor", name)
			}
			return one(a.tensor)
		case "value_float":
			return one(fromFloats(Float, []float64{a.f}, engine.Shape{}))
		case "value_floats":
			return one(fromFloats(Float, a.floats, engine.Shape{len(a.floats)}))
		case "value_int":
			return one(fromInts([]int{int(a.i)}))
		case "value_ints":
			return one(fromInts(append([]int{}, a.ints...), len(a.ints)))
		case "value_string":
			return one(FromStrings([]string{a.s}))
		case "value_strings":
			return one(FromStrings(a.strings, len(a.strings)))
		}
	}
	fail("none of the attributes that hold a value is given")
	return nil
}

func constantOfShape(c *call) []Value {
	shape, err := shapeOf(int64s(c.inputInts(0)))
	if err != nil {
		fail("%v", err)
	}
	v := c.node.tensor("value")
	if v == nil {
		return one(&Tensor{Type: Float, Data: eager.FromArray(engine.Zeros(engine.F32, shape))})
	}
	if v.Numel() != 1 {
		fail("the value is %s, want one element", v.describe())
	}
	flat := v.reshaped()
	return one(byIndex(flat, func(t *eager.Tensor) *eager.Tensor { return t.Expand(shape...).Contiguous() }))
}

func rangeKernel(c *call) []Value {
	first, last, step := c.numeric(0), c.scalar(1), c.scalar(2)
	if step == 0 {
		fail("delta is 0")
	}
	start := c.scalar(0)
	n := max(0, math.Ceil((last-start)/step))
	if n > maxElements {
		fail("range of %g elements", n)
	}
	if first.Type.isInt() {
		ints := list[int64](int(n))
		a, d := c.inputInts(0)[0], c.inputInts(2)[0]
		for i := range ints {
			ints[i] = int64(a + i*d)
		}
		return one(number(first.Type, eager.FromArray(engine.Of(engine.Shape{len(ints)}, ints))))
	}
	out := list[float64](int(n))
	for i := range out {
		out[i] = start + float64(i)*step
	}
	return one(fromFloats(first.Type, out, engine.Shape{len(out)}))
}

func eyeLike(c *call) []Value {
	x := c.numeric(0)
	s := x.Shape()
	if len(s) != 2 {
		fail("%s, want a matrix", x.describe())
	}
	t := ElemType(c.int("dtype", int(x.Type)))
	k := c.int("k", 0)
	out := list[float64](s.Numel())
	for i := range s[0] {
		if j := i + k; j >= 0 && j < s[1] {
			out[i*s[1]+j] = 1
		}
	}
	return one(convert(fromFloats(Double, out, s.Clone()), t, true, "up"))
}

func oneHot(c *call) []Value {
	index, depth, values := c.numeric(0), c.integer(1), c.tensor(2)
	rank := len(index.Shape())
	axis := axisOf(c.int("axis", -1), rank+1)
	if depth < 0 || values.Numel() != 2 {
		fail("depth %d and values %s, want ≥ 0 and two values", depth, values.describe())
	}
	at := index.Data.To(engine.F64).Trunc().To(engine.I64)
	at = eager.Where(at.Lt(0), at.Add(depth), at).Unsqueeze(axis)
	ramp := make([]int, rank+1)
	for i := range ramp {
		ramp[i] = 1
	}
	ramp[axis] = depth
	hit := at.Eq(eager.Arange(0, float64(depth), 1).To(engine.I64).Reshape(ramp...)).To(engine.I64)
	return one(byIndex(values.reshaped(2), func(v *eager.Tensor) *eager.Tensor { return v.Take(hit) }))
}

// draw returns random numbers in f32: uniform in [p, q), or normal with mean p and deviation q. With a seed they are a
// function of it, and the session's generator stays where it is.
func draw(c *call, normal bool, p, q float64, shape []int) *eager.Tensor {
	d := op.RandUniform
	if normal {
		d = op.RandNormal
	}
	a := op.RandAttrs{Shape: shape, DType: engine.F32, P: p, Q: q}
	if c.node.has("seed") {
		a.Seed = math.Float64bits(c.float("seed", 0))
	} else {
		a.Seed, a.Offset = eager.NextRandom(engine.Shape(shape).Numel())
	}
	return eager.First(d, a)
}

func random(normal, like bool) kernel {
	return func(c *call) []Value {
		t := Float
		shape := c.ints("shape")
		if like {
			x := c.numeric(0)
			t, shape = x.Type, x.Shape().Clone()
			if t.isInt() {
				t = Float
			}
		}
		t = ElemType(c.int("dtype", int(t)))
		if _, err := shapeOf(int64s(shape)); err != nil {
			fail("%v", err)
		}
		if normal {
			return one(number(t, draw(c, true, c.float("mean", 0), c.float("scale", 1), shape)))
		}
		return one(number(t, draw(c, false, c.float("low", 0), c.float("high", 1), shape)))
	}
}

func bernoulli(c *call) []Value {
	p := c.numeric(0)
	hit := draw(c, false, 0, 1, p.Shape()).To(engine.F64).Lt(p.Data.To(engine.F64))
	return one(convert(boolean(hit), ElemType(c.int("dtype", int(p.Type))), true, "up"))
}

// multinomial draws classes by unnormalised log probabilities.
func multinomial(c *call) []Value {
	logits := c.numeric(0)
	if len(logits.Shape()) != 2 {
		fail("%s, want [batch classes]", logits.describe())
	}
	n := c.int("sample_size", 1)
	if n < 1 || n > maxList {
		fail("sample_size is %d", n)
	}
	batch, classes := logits.Shape()[0], logits.Shape()[1]
	sums := logits.Data.To(engine.F64).Softmax(1).CumSum(1).Float64s()
	u := draw(c, false, 0, 1, []int{batch, n}).Float64s()
	out := list[int](batch * n)
	for i := range out {
		row := sums[i/n*classes : (i/n+1)*classes]
		for out[i] < classes-1 && u[i]*row[classes-1] >= row[out[i]] {
			out[i]++
		}
	}
	return one(convert(fromInts(out, batch, n), ElemType(c.int("dtype", int(Int32))), true, "up"))
}

// dropout is the identity unless the training input (version 12) or attribute is_test (before 7) says so.
func dropout(c *call) []Value {
	x := c.numeric(0)
	ratio, training := c.float("ratio", 0.5), false
	switch {
	case c.version >= 12:
		if c.has(1) {
			ratio = c.scalar(1)
		}
		training = c.has(2) && c.scalar(2) != 0
	case c.version < 7:
		training = c.trains()
	}
	all := boolean(eager.OnesLike(x.Data).Ne(0))
	if !training || ratio == 0 {
		return []Value{x, maskLike(c, all, x)}
	}
	if ratio < 0 || ratio >= 1 {
		fail("ratio is %v, want 0 ≤ ratio < 1", ratio)
	}
	keep := draw(c, false, 0, 1, x.Shape()).Ge(ratio)
	y := widened(x, func(t *eager.Tensor) *eager.Tensor {
		return eager.Where(keep, t.Div(1-ratio), eager.ZerosLike(t))
	})
	return []Value{y, maskLike(c, boolean(keep), x)}
}

// trains reports whether attribute is_test of early versions asks for training.
func (c *call) trains() bool { return c.node.has("is_test") && !c.flag("is_test") }

// maskLike is the mask as bool, or of x's type in versions before 10.
func maskLike(c *call, mask, x *Tensor) *Tensor {
	if c.version < 10 {
		return convert(mask, x.Type, true, "up")
	}
	return mask
}
