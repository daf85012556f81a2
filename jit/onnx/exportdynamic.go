package onnx

import (
	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	ir "github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// Layers with 8-bit weights on numbers are written as MatMulInteger behind DynamicQuantizeLinear or, where each row has
// its own scale, behind the operators that choose it. Recurrent layers are a Scan over such products: ONNX has no
// recurrent operator on bytes.

func init() {
	composed(ir.DynamicLinear, func(c *emission) string {
		w := c.byteMatrix(1, 2)
		y := c.dynamicProduct(c.in[0], w, c.n.Attrs.(ir.DynamicAttrs).ByRow)
		if len(c.in) > 3 {
			y = c.op("Add", y, c.in[3])
		}
		return y
	})
	composed(ir.DynamicConv, func(c *emission) string {
		channels := func(v ir.Value) string {
			data, known := c.g.ConstOf(v)
			if !known {
				c.refuse("its weights are computed")
			}
			t := eager.FromArray(data)
			for range c.types[1].Shape[2:] {
				t = t.Unsqueeze(-1)
			}
			return c.constant(t.Contiguous().Array())
		}
		q := c.many("DynamicQuantizeLinear", 3, nil, c.in[0])
		sums := c.opAttr("ConvInteger", convAttrs(c, c.n.Attrs.(op.ConvAttrs), 1), q[0], c.in[1], q[2])
		sums = c.opAttr("Cast", []*pb.AttributeProto{attrInt("to", int(Float))}, sums)
		y := c.op("Mul", sums, c.op("Mul", q[1], channels(c.n.In[2])))
		if len(c.in) > 3 {
			y = c.op("Add", y, channels(c.n.In[3]))
		}
		return y
	})
	exporters[ir.DynamicLSTM] = func(c *emission) []string { return c.dynamicRecurrent(op.LSTM, (*scanBody).lstm) }
	exporters[ir.DynamicGRU] = func(c *emission) []string { return c.dynamicRecurrent(op.GRU, (*scanBody).gru) }
}

// byteMatrix are constant weights [k n] of a product: bytes, their scales, and the sums of columns times the scales.
type byteMatrix struct{ bytes, scale, sums string }

// byteMatrix returns those of operand w [n k], whose scales are operand scale.
func (c *emission) byteMatrix(w, scale int) byteMatrix {
	data, known := c.g.ConstOf(c.n.In[w])
	factors, constant := c.g.ConstOf(c.n.In[scale])
	if !known || !constant {
		c.refuse("its weights are computed")
	}
	bytes, s := eager.FromArray(data), eager.FromArray(factors)
	sums := bytes.To(engine.I32).Sum(1).To(engine.F32).Mul(s)
	return byteMatrix{
		c.constant(bytes.T().Contiguous().Array()), c.constant(s.Contiguous().Array()), c.constant(sums.Array()),
	}
}

// dynamicProduct multiplies x, made bytes, by w.
func (c *emission) dynamicProduct(x string, w byteMatrix, byRow bool) string {
	float := []*pb.AttributeProto{attrInt("to", int(Float))}
	number := func(v float64) string { return c.scalar(engine.F32, v) }
	if !byRow {
		q := c.many("DynamicQuantizeLinear", 3, nil, x)
		sums := c.opAttr("Cast", float, c.op("MatMulInteger", q[0], w.bytes, q[2]))
		return c.op("Mul", sums, c.op("Mul", q[1], w.scale))
	}
	last := c.ints(-1)
	hi := c.op("Max", c.op("ReduceMax", x, last), number(0))
	lo := c.op("Min", c.op("ReduceMin", x, last), number(0))
	d := c.op("Sub", hi, lo)
	s := c.op("Where", c.op("Equal", d, number(0)), number(1), c.op("Div", d, number(255)))
	zero := c.op("Round", c.op("Neg", c.op("Div", lo, s)))
	q := c.op("Clip", c.op("Add", c.op("Round", c.op("Div", x, s)), zero), number(0), number(255))
	q = c.opAttr("Cast", []*pb.AttributeProto{attrInt("to", int(Uint8))}, q)
	const middle = 128
	sums := c.opAttr("Cast", float, c.op("MatMulInteger", q, w.bytes, c.scalar(engine.U8, middle)))
	y := c.op("Mul", c.op("Mul", sums, w.scale), s)
	return c.op("Add", y, c.op("Mul", w.sums, c.op("Mul", s, c.op("Sub", number(middle), zero))))
}

// scanBody is one step of a recurrent layer: nodes from first on become the body of a Scan.
type scanBody struct {
	*emission
	whh    byteMatrix
	hidden int
}

// dynamicRecurrent writes a layer of kind d; step computes the states behind a step from its gates and those before.
func (c *emission) dynamicRecurrent(d *op.Def, step func(b *scanBody, gates string, states []string) []string) []string {
	a := c.n.Attrs.(op.RecurrentAttrs)
	if a.Batches != nil {
		c.refuse("packed sequences")
	}
	layer := op.NewByteRecurrent(d)
	at, n := layer.Weights(), layer.Operands()
	wih := c.byteMatrix(at, n)
	b := &scanBody{c, c.byteMatrix(at+1, n+1), c.types[at+1].Shape[1]}
	x, swap := c.in[0], []*pb.AttributeProto{attrInts("perm", []int{1, 0, 2})}
	if a.BatchFirst {
		x = c.opAttr("Transpose", swap, x)
	}
	gates := c.op("Add", c.dynamicProduct(x, wih, true), c.in[at+2])
	first := len(c.p.Node)
	body := &pb.GraphProto{Name: text(c.fresh("step"))}
	var before []string
	for range c.in[1:at] {
		before = append(before, c.fresh("state"))
	}
	now := c.fresh("gates")
	states := step(b, now, before)
	result := c.op("Identity", states[0])
	body.Node = append([]*pb.NodeProto{}, c.p.Node[first:]...)
	c.p.Node = c.p.Node[:first]
	for _, name := range append(before, now) {
		body.Input = append(body.Input, floatInfo(name))
	}
	for _, name := range append(states, result) {
		body.Output = append(body.Output, floatInfo(name))
	}
	attrs := []*pb.AttributeProto{
		attrInt("num_scan_inputs", 1), {Name: text("body"), Type: pb.AttributeProto_GRAPH.Enum(), G: body},
	}
	if a.Reverse {
		attrs = append(attrs, attrInts("scan_input_directions", []int{1}), attrInts("scan_output_directions", []int{1}))
	}
	out := c.many("Scan", at, attrs, append(append([]string{}, c.in[1:at]...), gates)...)
	y := out[at-1]
	if a.BatchFirst {
		y = c.opAttr("Transpose", swap, y)
	}
	return append([]string{y}, out[:at-1]...)
}

func floatInfo(name string) *pb.ValueInfoProto {
	tensor := &pb.TypeProto_Tensor{ElemType: proto.Int32(int32(Float))}
	return &pb.ValueInfoProto{Name: &name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{TensorType: tensor}}}
}

// blocks cuts gates into n parts.
func (b *scanBody) blocks(gates string, n int) []string {
	return b.many("Split", n, []*pb.AttributeProto{attrInt("axis", 1), attrInt("num_outputs", n)}, gates)
}

func (b *scanBody) lstm(gates string, states []string) []string {
	g := b.blocks(b.op("Add", gates, b.dynamicProduct(states[0], b.whh, true)), 4)
	i, f, u, o := b.op("Sigmoid", g[0]), b.op("Sigmoid", g[1]), b.op("Tanh", g[2]), b.op("Sigmoid", g[3])
	cell := b.op("Add", b.op("Mul", f, states[1]), b.op("Mul", i, u))
	return []string{b.op("Mul", o, b.op("Tanh", cell)), cell}
}

// gru adds the bias of the states' part there, inside the product with the reset gate.
func (b *scanBody) gru(gates string, states []string) []string {
	x := b.blocks(gates, 3)
	h := b.blocks(b.op("Add", b.dynamicProduct(states[0], b.whh, true), b.in[5]), 3)
	r, z := b.op("Sigmoid", b.op("Add", x[0], h[0])), b.op("Sigmoid", b.op("Add", x[1], h[1]))
	n := b.op("Tanh", b.op("Add", x[2], b.op("Mul", r, h[2])))
	return []string{b.op("Add", n, b.op("Mul", z, b.op("Sub", states[0], n)))}
}
