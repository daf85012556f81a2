package onnx

import (
	"math"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	ir "github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// emission writes one operator: in are its operands after promotion, types theirs, out the types of its results.
type emission struct {
	*exporter
	n     *ir.Node
	in    []string
	types []op.Type
	out   []op.Type
}

// exporters holds how each operator is written. A result "" is one that ONNX does not give.
var exporters = map[*op.Def]func(c *emission) []string{}

func just(s string) []string { return []string{s} }

// used reports whether somebody reads result i.
func (c *emission) used(i int) bool {
	v := c.n.Out[i]
	for _, n := range c.g.Nodes {
		for _, in := range n.In {
			if in == v {
				return true
			}
		}
	}
	for _, o := range c.g.Outputs {
		if o.Value == v {
			return true
		}
	}
	return false
}

// refuse is the error of an operator in a form that ONNX does not have.
func (c *emission) refuse(why string) {
	engine.Fail("onnx", "operator %s%s: %s%s", c.n.Def.Name, typesOf(c.g, c.n.In), why, at64source(c.n.Source))
}

// named makes an operator one node of ONNX.
func named(d *op.Def, kind string) {
	exporters[d] = func(c *emission) []string { return just(c.op(kind, c.in...)) }
}

// composed makes an operator several nodes.
func composed(d *op.Def, f func(c *emission) string) {
	exporters[d] = func(c *emission) []string { return just(f(c)) }
}

// number is a constant of the type of operand 0.
func (c *emission) number(v float64) string { return c.scalar(c.types[0].DType, v) }

func init() {
	for d, kind := range map[*op.Def]string{
		op.Neg: "Neg", op.Abs: "Abs", op.Sign: "Sign", op.Exp: "Exp", op.Log: "Log", op.Sqrt: "Sqrt",
		op.Sin: "Sin", op.Cos: "Cos", op.Tan: "Tan", op.Asin: "Asin", op.Acos: "Acos", op.Atan: "Atan",
		op.Sinh: "Sinh", op.Cosh: "Cosh", op.Tanh: "Tanh", op.Asinh: "Asinh", op.Acosh: "Acosh", op.Atanh: "Atanh",
		op.Erf: "Erf", op.Floor: "Floor", op.Ceil: "Ceil", op.Round: "Round", op.Reciprocal: "Reciprocal",
		op.Sigmoid: "Sigmoid", op.ReLU: "Relu", op.Softplus: "Softplus", op.GELU: "Gelu", op.IsNaN: "IsNaN",
		op.Add: "Add", op.Sub: "Sub", op.Mul: "Mul", op.Div: "Div", op.Pow: "Pow", op.Maximum: "Max", op.Minimum: "Min",
		op.Eq: "Equal", op.Lt: "Less", op.Le: "LessOrEqual", op.Gt: "Greater", op.Ge: "GreaterOrEqual",
		op.Where: "Where", op.MatMul: "MatMul", op.Copy: "Identity",
	} {
		named(d, kind)
	}
	composed(op.Ne, func(c *emission) string { return c.op("Not", c.op("Equal", c.in...)) })
	composed(op.Rsqrt, func(c *emission) string { return c.op("Reciprocal", c.op("Sqrt", c.in[0])) })
	composed(op.Expm1, func(c *emission) string { return c.op("Sub", c.op("Exp", c.in[0]), c.number(1)) })
	composed(op.Log1p, func(c *emission) string { return c.op("Log", c.op("Add", c.in[0], c.number(1))) })
	composed(op.Erfc, func(c *emission) string { return c.op("Sub", c.number(1), c.op("Erf", c.in[0])) })
	composed(op.SiLU, func(c *emission) string { return c.op("Mul", c.in[0], c.op("Sigmoid", c.in[0])) })
	composed(op.GELUTanh, func(c *emission) string {
		return c.opAttr("Gelu", []*pb.AttributeProto{attrText("approximate", "tanh")}, c.in[0])
	})
	composed(op.Trunc, func(c *emission) string {
		return c.op("Mul", c.op("Sign", c.in[0]), c.op("Floor", c.op("Abs", c.in[0])))
	})
	composed(op.Mod, func(c *emission) string {
		if c.types[0].DType.IsFloat() { // the sign of the divisor
			q := c.op("Floor", c.op("Div", c.in...))
			return c.op("Sub", c.in[0], c.op("Mul", q, c.in[1]))
		}
		return c.op("Mod", c.in...)
	})
	composed(op.FloorDiv, func(c *emission) string {
		if c.types[0].DType.IsFloat() {
			return c.op("Floor", c.op("Div", c.in...))
		}
		return c.op("Div", c.op("Sub", c.in[0], c.op("Mod", c.in...)), c.in[1])
	})
	for d, kind := range map[*op.Def]string{op.And: "And", op.Or: "Or", op.Xor: "Xor", op.Not: "Not"} {
		composed(d, func(c *emission) string {
			if c.types[0].DType == engine.Bool {
				return c.op(kind, c.in...)
			}
			if kind == "Not" {
				return c.op("Equal", c.in[0], c.number(0))
			}
			return c.op("Bitwise"+kind, c.in...)
		})
	}
	composed(op.Clamp, func(c *emission) string {
		a := c.n.Attrs.(op.ClampAttrs)
		lo, hi := "", ""
		if !math.IsInf(a.Lo, -1) {
			lo = c.number(a.Lo)
		}
		if !math.IsInf(a.Hi, 1) {
			hi = c.number(a.Hi)
		}
		return c.op("Clip", c.in[0], lo, hi)
	})
	composed(op.Cast, func(c *emission) string {
		return c.cast(c.in[0], c.types[0].DType, c.n.Attrs.(op.CastAttrs).To)
	})
	composed(op.Range, func(c *emission) string {
		a := c.n.Attrs.(op.RangeAttrs)
		if c.alt != nil && c.twin.Attrs.(op.RangeAttrs).N != a.N {
			c.refuse("its length follows the batch")
		}
		out := engine.NewArray(a.DType, engine.Shape{a.N})
		c.n.Def.CPU(a, []engine.Array{out}, nil)
		return c.constant(out)
	})
	initReductions()
}

func initReductions() {
	for d, kind := range map[*op.Def]string{
		op.Sum: "ReduceSum", op.Prod: "ReduceProd", op.Max: "ReduceMax", op.Min: "ReduceMin",
		op.LogSumExp: "ReduceLogSumExp", op.Norm: "ReduceL2",
	} {
		composed(d, func(c *emission) string {
			x := c.cast(c.in[0], c.types[0].DType, c.out[0].DType)
			return c.reduce(kind, x, c.n.Attrs.(op.ReduceAttrs))
		})
	}
	for d, kind := range map[*op.Def]string{op.All: "ReduceMin", op.Any: "ReduceMax"} {
		composed(d, func(c *emission) string {
			x := c.cast(c.cast(c.in[0], c.types[0].DType, engine.Bool), engine.Bool, engine.I32)
			return c.cast(c.reduce(kind, x, c.n.Attrs.(op.ReduceAttrs)), engine.I32, engine.Bool)
		})
	}
	for d, kind := range map[*op.Def]string{op.ArgMax: "ArgMax", op.ArgMin: "ArgMin"} {
		composed(d, func(c *emission) string {
			return c.opAttr(kind, []*pb.AttributeProto{axisAttr(c), attrInt("keepdims", 0)}, c.in[0])
		})
	}
	composed(op.Variance, func(c *emission) string {
		a := c.n.Attrs.(op.VarianceAttrs)
		n, m := 1, 1
		for i := range c.types[0].Shape {
			if a.Axes == nil || contains(a.Axes, i) {
				n *= c.types[0].Shape[i]
				if c.alt != nil {
					m *= c.alt.Type(c.twin.In[0]).Shape[i]
				}
			}
		}
		if c.alt != nil && n != m && a.Correction != 0 {
			c.refuse("it averages over the batch, whose size is free")
		}
		d := c.op("Sub", c.in[0], c.reduce("ReduceMean", c.in[0], op.ReduceAttrs{Axes: a.Axes, Keep: true}))
		v := c.reduce("ReduceMean", c.op("Mul", d, d), op.ReduceAttrs{Axes: a.Axes, Keep: a.Keep})
		if a.Correction == 0 {
			return v
		}
		return c.op("Mul", v, c.number(float64(n)/(float64(n)-a.Correction)))
	})
	composed(op.CumSum, func(c *emission) string {
		x := c.cast(c.in[0], c.types[0].DType, c.out[0].DType)
		return c.op("CumSum", x, c.scalar(engine.I64, float64(c.n.Attrs.(op.AxisAttrs).Axis)))
	})
	for d, kind := range map[*op.Def]string{op.Softmax: "Softmax", op.LogSoftmax: "LogSoftmax"} {
		composed(d, func(c *emission) string {
			return c.opAttr(kind, []*pb.AttributeProto{axisAttr(c)}, c.in[0])
		})
	}
	exporters[op.TopK] = func(c *emission) []string {
		a := c.n.Attrs.(op.TopKAttrs)
		attrs := []*pb.AttributeProto{attrInt("axis", a.Axis), attrBool("largest", !a.Smallest)}
		return c.many("TopK", 2, attrs, c.in[0], c.ints(a.K))
	}
	exporters[op.Sort] = func(c *emission) []string {
		a := c.n.Attrs.(op.SortAttrs)
		attrs := []*pb.AttributeProto{attrInt("axis", a.Axis), attrBool("largest", a.Descending)}
		k := c.dims(c.types[0].Shape[a.Axis:a.Axis+1], c.twinType(0).Shape[a.Axis:a.Axis+1])
		return c.many("TopK", 2, attrs, c.in[0], k)
	}
}

// twinType is the type of operand i with the other batch size.
func (c *emission) twinType(i int) op.Type {
	if c.alt == nil {
		return c.g.Type(c.n.In[i])
	}
	return c.alt.Type(c.twin.In[i])
}

func contains(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func axisAttr(c *emission) *pb.AttributeProto { return attrInt("axis", c.n.Attrs.(op.AxisAttrs).Axis) }

// reduce adds a reduction, whose axes are an input.
func (c *emission) reduce(kind, x string, a op.ReduceAttrs) string {
	axes := ""
	if a.Axes != nil {
		if len(a.Axes) == 0 {
			return c.op("Identity", x)
		}
		axes = c.ints(a.Axes...)
	}
	return c.opAttr(kind, []*pb.AttributeProto{attrBool("keepdims", a.Keep)}, x, axes)
}

// Exported returns the names of the operators that Export has a form for, and of those that it has none for.
// Gradients and steps of optimizers, which trained models do not have, are in neither list.
func Exported() (has, not []string) {
	for _, d := range op.Defs() {
		switch {
		case exporters[d] != nil:
			has = append(has, d.Name)
		case strings.HasSuffix(d.Name, "Grad") || d.IsUpdate() || d.Domain != "":
		default:
			not = append(not, d.Name)
		}
	}
	return has, not
}
