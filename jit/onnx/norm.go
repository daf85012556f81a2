package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("BatchNormalization", 1, batchNorm)
	add("InstanceNormalization", 1, instanceNorm)
	add("LayerNormalization", 17, layerNorm)
	add("RMSNormalization", 23, rmsNorm)
	add("GroupNormalization", 18, groupNorm)
	add("LRN", 1, lrn)
	add("LpNormalization", 1, lpNorm)
	add("MeanVarianceNormalization", 9, meanVarianceNorm)
}

// perChannel shapes a vector so that it broadcasts along axis 1 of rank axes.
func perChannel(v *eager.Tensor, rank int) *eager.Tensor {
	return v.Reshape(slices.Concat([]int{v.Numel()}, slices.Repeat([]int{1}, rank-2))...)
}

func batchNorm(c *call) []Value {
	x := c.numeric(0)
	rank := len(x.Shape())
	if rank < 2 {
		fail("%s, want [N C …]", x.describe())
	}
	eps, momentum := c.float("epsilon", 1e-5), c.float("momentum", 0.9)
	training := c.flag("training_mode")
	if c.version < 7 {
		training = c.node.has("is_test") && !c.flag("is_test")
	}
	at := func(i int, t *eager.Tensor) *eager.Tensor { return c.numeric(i).Data.To(t.DType()) }
	var runningMean, runningVar *eager.Tensor
	y := widened(x, func(t *eager.Tensor) *eager.Tensor {
		mu, variance := at(3, t), at(4, t)
		if training {
			axes := []int{0}
			for i := 2; i < rank; i++ {
				axes = append(axes, i)
			}
			batchMean, batchVar := t.Mean(axes...), t.Variance(0, false, axes...)
			runningMean = mu.Mul(momentum).Add(batchMean.Mul(1 - momentum))
			runningVar = variance.Mul(momentum).Add(batchVar.Mul(1 - momentum))
			mu, variance = batchMean, batchVar
		}
		// one multiplication and one addition for each element
		scale := at(1, t).Div(variance.Add(eps).Sqrt())
		shift := at(2, t).Sub(mu.Mul(scale))
		return t.Mul(perChannel(scale, rank)).Add(perChannel(shift, rank))
	})
	out := []Value{y}
	if training {
		out = append(out, number(c.numeric(3).Type, runningMean), number(c.numeric(4).Type, runningVar))
	}
	return out
}

func instanceNorm(c *call) []Value {
	x := c.numeric(0)
	s := x.Shape()
	groups := 1
	if len(s) >= 3 {
		groups = s[1]
	}
	return one(grouped(x, c.numeric(1), c.numeric(2), groups, c.float("epsilon", 1e-5), false))
}

// grouped normalises channels in groups over their spatial axes. perGroup: scale and bias have one element for
// each group.
func grouped(x, scale, bias *Tensor, groups int, eps float64, perGroup bool) *Tensor {
	s := x.Shape()
	if len(s) < 2 || groups < 1 || s[1]%groups != 0 {
		fail("%s does not divide into %d groups", x.describe(), groups)
	}
	return widened(x, func(t *eager.Tensor) *eager.Tensor {
		flat := t.Reshape(s[0], groups, s[1:].Numel()/groups)
		y := eager.First(op.LayerNorm, op.LayerNormAttrs{Axes: 1, Eps: eps}, flat)
		a, b := scale.Data.To(t.DType()), bias.Data.To(t.DType())
		if perGroup {
			return y.Mul(a.Reshape(groups, 1)).Add(b.Reshape(groups, 1)).Reshape(s...)
		}
		return y.Reshape(s...).Mul(perChannel(a, len(s))).Add(perChannel(b, len(s)))
	})
}

func groupNorm(c *call) []Value {
	x := c.numeric(0)
	c.must("num_groups")
	return one(grouped(x, c.numeric(1), c.numeric(2), c.int("num_groups", 1), c.float("epsilon", 1e-5), c.version < 21))
}

// normAxis returns the first normalised axis and the operator's attribute.
func normAxis(c *call, x *Tensor) (axis int, a op.LayerNormAttrs) {
	rank := len(x.Shape())
	axis = axisOf(c.int("axis", -1), rank)
	return axis, op.LayerNormAttrs{Axes: rank - axis, Eps: c.float("epsilon", 1e-5)}
}

func layerNorm(c *call) []Value {
	x := c.numeric(0)
	axis, a := normAxis(c, x)
	var stats []*eager.Tensor
	y := widened(x, func(t *eager.Tensor) *eager.Tensor {
		scale := c.numeric(1).Data.To(t.DType())
		in := []*eager.Tensor{t}
		whole := scale.Shape().Equal(x.Shape()[axis:])
		if whole {
			in = append(in, scale)
			if b := c.optional(2); b != nil && b.Shape().Equal(scale.Shape()) {
				in = append(in, b.Data.To(t.DType()))
			}
		}
		r := eager.Apply(op.LayerNorm, a, in...)
		stats = r[1:]
		y := r[0]
		if !whole {
			y = y.Mul(scale)
		}
		if c.has(2) && len(in) < 3 {
			y = y.Add(c.numeric(2).Data.To(t.DType()))
		}
		return y
	})
	shape := slices.Clone([]int(x.Shape()))
	for i := axis; i < len(shape); i++ {
		shape[i] = 1
	}
	t := Float
	if x.Type == Double {
		t = Double
	}
	return []Value{y, number(t, stats[0].Reshape(shape...)), number(t, stats[1].Reshape(shape...))}
}

func rmsNorm(c *call) []Value {
	x := c.numeric(0)
	axis, a := normAxis(c, x)
	var axes []int
	for i := axis; i < len(x.Shape()); i++ {
		axes = append(axes, i)
	}
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		r := t.Mul(t).MeanKeep(axes...).Add(a.Eps).Rsqrt()
		return t.Mul(r).Mul(c.numeric(1).Data.To(t.DType()))
	}))
}

// lrn divides by the squares of neighbouring channels.
func lrn(c *call) []Value {
	x := c.numeric(0)
	c.must("size")
	size := c.int("size", 1)
	alpha, beta, bias := c.float("alpha", 1e-4), c.float("beta", 0.75), c.float("bias", 1)
	if len(x.Shape()) < 2 || size < 1 {
		fail("%s with size %d, want [N C …] and ≥ 1", x.describe(), size)
	}
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		if size%2 == 1 {
			return eager.First(op.LocalResponse, op.LRNAttrs{Size: size, Alpha: alpha, Beta: beta, K: bias}, t)
		}
		before, after := make([]int, t.Rank()), make([]int, t.Rank())
		before[1], after[1] = (size-1)/2, size-1-(size-1)/2
		sq := t.Mul(t).Pad(before, after, 0)
		sum := sq.Slice(1, 0, t.Size(1))
		for i := 1; i < size; i++ {
			sum = sum.Add(sq.Slice(1, i, i+t.Size(1)))
		}
		return t.Div(sum.Mul(alpha / float64(size)).Add(bias).Pow(beta))
	}))
}

func lpNorm(c *call) []Value {
	x := c.numeric(0)
	axis, p := axisOf(c.int("axis", -1), len(x.Shape())), c.int("p", 2)
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		var n *eager.Tensor
		switch p {
		case 1:
			n = t.Abs().SumKeep(axis)
		case 2:
			n = t.Mul(t).SumKeep(axis).Sqrt()
		default:
			fail("p is %d, want 1 or 2", p)
		}
		return eager.Where(n.Eq(0), eager.ZerosLike(t), t.Div(n))
	}))
}

func meanVarianceNorm(c *call) []Value {
	x := c.numeric(0)
	axes := c.ints("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	axes = axesOf(axes, len(x.Shape()))
	return one(widened(x, func(t *eager.Tensor) *eager.Tensor {
		d := t.Sub(t.MeanKeep(axes...))
		return d.Div(t.Variance(0, true, axes...).Sqrt().Add(1e-9))
	}))
}
