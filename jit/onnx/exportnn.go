package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

func init() {
	composed(op.Linear, exportLinear)
	composed(op.Conv, func(c *emission) string {
		return c.opAttr("Conv", convAttrs(c, c.n.Attrs.(op.ConvAttrs), 1), c.in...)
	})
	composed(op.ConvInputGrad, exportConvTranspose)
	exporters[op.MaxPool] = func(c *emission) []string {
		if c.used(1) {
			c.refuse("the places of the greatest elements are read; ONNX counts them differently")
		}
		a := c.n.Attrs.(op.PoolAttrs)
		return []string{c.opAttr("MaxPool", poolAttrs(a), c.in[0]), ""}
	}
	composed(op.AvgPool, func(c *emission) string {
		a := c.n.Attrs.(op.PoolAttrs)
		attrs := append(poolAttrs(a), attrBool("count_include_pad", !a.ExcludePad))
		if a.Divisor == 0 {
			return c.opAttr("AveragePool", attrs, c.in[0])
		}
		if a.Ceil || a.ExcludePad {
			c.refuse("a divisor with ceil mode or padding that does not count")
		}
		y := c.opAttr("AveragePool", attrs, c.in[0])
		return c.op("Mul", y, c.number(float64(engine.Shape(a.Kernel).Numel())/float64(a.Divisor)))
	})
	composed(op.LocalResponse, func(c *emission) string {
		a := c.n.Attrs.(op.LRNAttrs)
		return c.opAttr("LRN", []*pb.AttributeProto{
			attrInt("size", a.Size), attrFloat("alpha", a.Alpha), attrFloat("beta", a.Beta), attrFloat("bias", a.K),
		}, c.in[0])
	})
	exporters[op.LayerNorm] = exportLayerNorm
	exporters[op.BatchNorm] = exportBatchNorm
	composed(op.CrossEntropy, func(c *emission) string {
		a := c.n.Attrs.(op.CrossEntropyAttrs)
		x := c.in[0]
		if a.Axis != 1 {
			c.refuse("classes are not axis 1")
		}
		how := map[op.Reduction]string{op.ReduceNone: "none", op.ReduceSum: "sum", op.ReduceMean: "mean"}[a.Reduce]
		return c.opAttr("SoftmaxCrossEntropyLoss", []*pb.AttributeProto{attrText("reduction", how)}, x, c.in[1])
	})
	exporters[op.Attention] = func(c *emission) []string {
		if c.used(1) {
			c.refuse("the logarithms of its sums are read")
		}
		return []string{exportAttention(c, c.in, c.n.Attrs.(op.AttentionAttrs), c.types[0], c.types[1], 3), ""}
	}
	exporters[op.SelfAttention] = exportSelfAttention
	exporters[op.LSTM] = exportRecurrent("LSTM", []int{0, 3, 1, 2}) // i f g o → i o f c
	exporters[op.GRU] = exportRecurrent("GRU", []int{1, 0, 2})      // r z n → z r h
	exporters[op.RNN] = exportRecurrent("RNN", []int{0})
}

func exportLinear(c *emission) string {
	if len(c.types[0].Shape) == 2 {
		return c.opAttr("Gemm", []*pb.AttributeProto{attrInt("transB", 1)}, c.in...)
	}
	w := c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", []int{1, 0})}, c.in[1])
	y := c.op("MatMul", c.in[0], w)
	if len(c.in) > 2 {
		y = c.op("Add", y, c.in[2])
	}
	return y
}

// orOnes returns a list of numbers, or def for each of n axes.
func orDefault(v []int, n, def int) []int {
	if v == nil {
		return slices.Repeat([]int{def}, n)
	}
	return v
}

// convAttrs writes a convolution; weight says which operand the weights are.
func convAttrs(c *emission, a op.ConvAttrs, weight int) []*pb.AttributeProto {
	n := len(c.types[0].Shape) - 2
	pads := orDefault(a.Padding, n, 0)
	if len(pads) == n {
		pads = slices.Concat(pads, pads)
	}
	return []*pb.AttributeProto{
		attrInts("kernel_shape", c.types[weight].Shape[2:]), attrInts("strides", orDefault(a.Stride, n, 1)),
		attrInts("dilations", orDefault(a.Dilation, n, 1)), attrInts("pads", pads), attrInt("group", max(a.Groups, 1)),
	}
}

func exportConvTranspose(c *emission) string {
	a := c.n.Attrs.(op.ConvAttrs)
	x, w := c.types[0].Shape, c.types[1].Shape
	n := len(x) - 2
	stride, dilation, pads := orDefault(a.Stride, n, 1), orDefault(a.Dilation, n, 1), orDefault(a.Padding, n, 0)
	if len(pads) == n {
		pads = slices.Concat(pads, pads)
	}
	extra := make([]int, n)
	for i := range n {
		extra[i] = a.Shape[i+2] - (stride[i]*(x[i+2]-1) + (w[i+2]-1)*dilation[i] + 1 - pads[i] - pads[n+i])
		if extra[i] < 0 {
			c.refuse("the result is smaller than a transposed convolution makes it")
		}
	}
	return c.opAttr("ConvTranspose", append(convAttrs(c, a, 1), attrInts("output_padding", extra)), c.in...)
}

func poolAttrs(a op.PoolAttrs) []*pb.AttributeProto {
	n := len(a.Kernel)
	pads := orDefault(a.Padding, n, 0)
	if len(pads) == n {
		pads = slices.Concat(pads, pads)
	}
	stride := a.Stride
	if stride == nil {
		stride = a.Kernel
	}
	return []*pb.AttributeProto{
		attrInts("kernel_shape", a.Kernel), attrInts("strides", stride), attrInts("pads", pads),
		attrInts("dilations", orDefault(a.Dilation, n, 1)), attrBool("ceil_mode", a.Ceil),
	}
}

func exportLayerNorm(c *emission) []string {
	a := c.n.Attrs.(op.LayerNormAttrs)
	in := slices.Clone(c.in)
	if len(in) == 1 {
		s := c.types[0].Shape
		ones := engine.NewArray(c.types[0].DType, s[len(s)-a.Axes:])
		d := op.MustLookup("Expand")
		one := engine.Zeros(c.types[0].DType, engine.Shape{})
		op.Cast.CPU(op.CastAttrs{To: one.DType}, []engine.Array{one}, []engine.Array{engine.Of(engine.Shape{}, []float64{1})})
		d.CPU(op.ShapeAttrs{Shape: ones.Shape}, []engine.Array{ones}, []engine.Array{one})
		in = append(in, c.constant(ones))
	}
	attrs := []*pb.AttributeProto{attrInt("axis", -a.Axes), attrFloat("epsilon", a.Eps)}
	if len(c.n.Out) > 1 && (c.used(1) || c.used(2)) {
		r := c.many("LayerNormalization", 3, attrs, in...)
		for i := 1; i < 3; i++ {
			shape := c.dims(c.out[i].Shape, c.twinOut(i))
			r[i] = c.op("Reshape", r[i], shape)
		}
		return r
	}
	return []string{c.opAttr("LayerNormalization", attrs, in...), "", ""}
}

// twinOut is the shape of result i with the other batch size.
func (c *emission) twinOut(i int) engine.Shape {
	if c.alt == nil {
		return c.out[i].Shape
	}
	return c.alt.Type(c.twin.Out[i]).Shape
}

// exportBatchNorm normalises by the statistics of the batch, which are results too.
func exportBatchNorm(c *emission) []string {
	rank := len(c.types[0].Shape)
	axes := []int{0}
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	over := op.ReduceAttrs{Axes: axes, Keep: true}
	mean := c.reduce("ReduceMean", c.in[0], over)
	d := c.op("Sub", c.in[0], mean)
	variance := c.reduce("ReduceMean", c.op("Mul", d, d), over)
	y := c.op("Div", d, c.op("Sqrt", c.op("Add", variance, c.number(c.n.Attrs.(op.BatchNormAttrs).Eps))))
	shape := c.ints(slices.Concat([]int{-1}, slices.Repeat([]int{1}, rank-2))...)
	for i, kind := range []string{"Mul", "Add"} {
		if len(c.in) > i+1 {
			y = c.op(kind, y, c.op("Reshape", c.in[i+1], shape))
		}
	}
	return []string{y, c.op("Reshape", mean, c.ints(-1)), c.op("Reshape", variance, c.ints(-1))}
}

// exportAttention writes softmax(scale·q·kᵀ + mask)·v; in[mask] is the mask, if it is there.
func exportAttention(c *emission, in []string, a op.AttentionAttrs, q, k op.Type, mask int) string {
	if a.Dropout > 0 {
		c.refuse("it drops weights; trace the model in Eval mode")
	}
	n := len(q.Shape)
	t, s := q.Shape[n-2], k.Shape[n-2]
	scale := a.Scale
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(q.Shape[n-1]))
	}
	keys, values := in[1], in[2]
	if n > 2 && q.Shape[n-3] != k.Shape[n-3] { // groups of query heads share keys
		c.refuse("query heads share key heads; repeat the heads first")
	}
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	perm[n-1], perm[n-2] = n-2, n-1
	keys = c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", perm)}, keys)
	score := c.op("MatMul", c.op("Mul", in[0], c.scalar(q.DType, scale)), keys)
	closed := c.scalar(q.DType, math.Inf(-1))
	if len(in) > mask {
		if c.types[len(c.types)-1].DType == engine.Bool {
			score = c.op("Where", in[mask], score, closed)
		} else {
			score = c.op("Add", score, c.cast(in[mask], c.types[len(c.types)-1].DType, q.DType))
		}
	}
	if a.Causal {
		open := make([]bool, t*s)
		for i := range open {
			open[i] = i%s <= i/s
		}
		score = c.op("Where", c.constant(engine.Of(engine.Shape{t, s}, open)), score, closed)
	}
	p := c.opAttr("Softmax", []*pb.AttributeProto{attrInt("axis", -1)}, score)
	if len(in) > mask || a.Causal { // a query that sees no key gives zeros
		p = c.op("Where", c.op("IsNaN", p), c.scalar(q.DType, 0), p)
	}
	return c.op("MatMul", p, values)
}

func exportSelfAttention(c *emission) []string {
	a := c.n.Attrs.(op.AttentionAttrs)
	if c.used(1) {
		c.refuse("the logarithms of its sums are read")
	}
	s, ts := c.types[0].Shape, c.twinType(0).Shape // [b t 3·h·d]
	d := s[2] / 3 / a.Heads
	parts := c.op("Reshape", c.in[0], c.dims([]int{s[0], s[1], 3, a.Heads, d}, []int{ts[0], ts[1], 3, a.Heads, d}))
	parts = c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", []int{2, 0, 3, 1, 4})}, parts)
	in := make([]string, 3)
	for i := range in {
		in[i] = c.opAttr("Gather", []*pb.AttributeProto{attrInt("axis", 0)}, parts, c.scalar(engine.I64, float64(i)))
	}
	q := op.Type{DType: c.types[0].DType, Shape: engine.Shape{s[0], a.Heads, s[1], d}}
	y := exportAttention(c, append(in, c.in[1:]...), a, q, q, 3)
	y = c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", []int{0, 2, 1, 3})}, y)
	return []string{c.op("Reshape", y, c.dims(c.out[0].Shape, c.twinOut(0))), ""}
}

// exportRecurrent writes a layer over all steps. order says which of our gates stand where in ONNX.
func exportRecurrent(kind string, order []int) func(c *emission) []string {
	return func(c *emission) []string {
		a := c.n.Attrs.(op.RecurrentAttrs)
		if a.Batches != nil {
			c.refuse("packed sequences")
		}
		first := 2 // weights follow the states
		if kind == "LSTM" {
			first = 3
			if len(c.in) > 6 {
				c.refuse("projected states")
			}
		}
		hidden := c.types[first+1].Shape[0] / len(order)
		ordered := func(name string) string {
			if len(order) > 1 {
				parts := c.many("Split", len(order), []*pb.AttributeProto{attrInt("axis", 0), attrInt("num_outputs", len(order))}, name)
				in := make([]string, len(order))
				for i, k := range order {
					in[i] = parts[k]
				}
				name = c.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", 0)}, in...)
			}
			return c.op("Unsqueeze", name, c.ints(0))
		}
		x := c.in[0]
		swap := []*pb.AttributeProto{attrInts("perm", []int{1, 0, 2})}
		if a.BatchFirst {
			x = c.opAttr("Transpose", swap, x)
		}
		zeros := c.constant(engine.Zeros(c.types[0].DType, engine.Shape{1, len(order) * hidden}))
		second := zeros
		if kind == "GRU" {
			second = ordered(c.in[first+3])
		}
		bias := c.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", 1)}, ordered(c.in[first+2]), second)
		in := []string{x, ordered(c.in[first]), ordered(c.in[first+1]), bias, "", c.op("Unsqueeze", c.in[1], c.ints(0))}
		attrs := []*pb.AttributeProto{attrInt("hidden_size", hidden)}
		if a.Reverse {
			attrs = append(attrs, attrText("direction", "reverse"))
		}
		outs := 2
		switch kind {
		case "LSTM":
			in = append(in, c.op("Unsqueeze", c.in[2], c.ints(0)))
			outs = 3
		case "GRU":
			attrs = append(attrs, attrInt("linear_before_reset", 1))
		case "RNN":
			if a.ReLU {
				attrs = append(attrs, &pb.AttributeProto{
					Name: text("activations"), Type: pb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("Relu")},
				})
			}
		}
		r := c.many(kind, outs, attrs, in...)
		r[0] = c.op("Squeeze", r[0], c.ints(1))
		if a.BatchFirst {
			r[0] = c.opAttr("Transpose", swap, r[0])
		}
		for i := 1; i < outs; i++ {
			r[i] = c.op("Squeeze", r[i], c.ints(0))
		}
		for i := outs; i < len(c.n.Out); i++ {
			if c.used(i) {
				c.refuse("what its gradient needs is read")
			}
			r = append(r, "")
		}
		return r
	}
}

func text(s string) *string { return &s }
