package caffe2

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func one(x *eager.Tensor) []*eager.Tensor { return []*eager.Tensor{x} }

// add registers operators of one result.
func add(f func(c *call) *eager.Tensor, kinds ...string) {
	for _, k := range kinds {
		operators[k] = func(c *call) []*eager.Tensor { return one(f(c)) }
	}
}

// unary registers operators of one input and one result.
func unary(kind string, f func(c *call, x *eager.Tensor) *eager.Tensor) {
	operators[kind] = func(c *call) []*eager.Tensor {
		c.want(1, 1)
		return one(f(c, c.in[0]))
	}
}

// want refuses another number of inputs.
func (c *call) want(lo, hi int) {
	if len(c.in) < lo || len(c.in) > hi {
		fail("%d inputs, want %d to %d", len(c.in), lo, hi)
	}
}

func (o *operator) has(name string) bool { return o.args[name] != nil }

func (o *operator) int(name string, def int) int {
	a := o.args[name]
	switch {
	case a.Has("i"):
		return a.Int("i", def)
	case a.Has("f"):
		return int(a.Float("f", 0))
	}
	return def
}

func (o *operator) flag(name string, def bool) bool {
	n := 0
	if def {
		n = 1
	}
	return o.int(name, n) != 0
}

func (o *operator) float(name string, def float64) float64 {
	a := o.args[name]
	switch {
	case a.Has("f"):
		return a.Float("f", def)
	case a.Has("i"):
		return float64(a.Int("i", 0))
	}
	return def
}

func (o *operator) text(name, def string) string { return o.args[name].Text("s", def) }
func (o *operator) ints(name string) []int       { return o.args[name].Ints("ints") }

// shape returns extents, bounded.
func (o *operator) shape(name string) engine.Shape { return checked(o.ints(name)) }

func checked(dims []int) engine.Shape {
	n := 1
	for _, d := range dims {
		if d < 0 || d > 1<<36 || d > 0 && n > 1<<36/d {
			fail("shape %v is negative or has more than 2^36 elements", dims)
		}
		n *= max(d, 1)
	}
	return engine.Shape(dims)
}

// axis returns an axis from 0 on.
func axis(a, rank int) int {
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		fail("axis %d is out of range for rank %d", a, rank)
	}
	return a
}

// flat makes a matrix: axes before a are rows, the others columns.
func flat(x *eager.Tensor, a int) *eager.Tensor {
	if a < 0 {
		a += x.Rank()
	}
	if a < 0 || a > x.Rank() {
		fail("axis %d is out of range for rank %d", a, x.Rank())
	}
	return x.Reshape(x.Shape()[:a].Numel(), x.Shape()[a:].Numel())
}

// channels shapes a vector so that it broadcasts along axis 1.
func channels(v *eager.Tensor, rank int) *eager.Tensor {
	return v.Reshape(slices.Concat([]int{v.Numel()}, slices.Repeat([]int{1}, rank-2))...)
}

// types are Caffe2's element types by number, as far as tensors have them.
var types = map[int]engine.DType{
	1: engine.F32, 2: engine.I32, 3: engine.U8, 5: engine.Bool, 6: engine.U8, 7: engine.I8, 9: engine.I16, 10: engine.I64,
	12: engine.F16, 13: engine.F64,
}

var typeNames = map[string]int{
	"FLOAT": 1, "INT32": 2, "BYTE": 3, "BOOL": 5, "UINT8": 6, "INT8": 7, "INT16": 9, "INT64": 10, "FLOAT16": 12, "DOUBLE": 13,
}

// dtype returns an element type that an argument gives by number or name.
func (o *operator) dtype(name string, def engine.DType) engine.DType {
	if !o.has(name) {
		return def
	}
	n := o.int(name, 0)
	if s := o.text(name, ""); s != "" {
		n = typeNames[s]
	}
	d, ok := types[n]
	if !ok {
		fail("%s is %v %s, which tensors do not have", name, n, o.text(name, ""))
	}
	return d
}

// nchw runs f with channels first, whatever the order of the net.
func nchw(f func(c *call) *eager.Tensor) func(c *call) *eager.Tensor {
	return func(c *call) *eager.Tensor {
		switch order := c.text("order", "NCHW"); order {
		case "NCHW":
			return f(c)
		case "NHWC":
			in := slices.Clone(c.in)
			in[0] = first(in[0])
			if (c.kind == "Conv" || c.kind == "ConvTranspose") && len(in) > 1 {
				in[1] = first(in[1])
			}
			return lastAxis(f(&call{operator: c.operator, in: in}))
		default:
			fail("order %q is unknown; known: NCHW, NHWC", order)
		}
		return nil
	}
}

// first moves the last axis behind the first.
func first(x *eager.Tensor) *eager.Tensor {
	order := []int{0, x.Rank() - 1}
	for i := 1; i < x.Rank()-1; i++ {
		order = append(order, i)
	}
	return x.Permute(order...).Contiguous()
}

// lastAxis moves the second axis to the end.
func lastAxis(x *eager.Tensor) *eager.Tensor {
	order := []int{0}
	for i := 2; i < x.Rank(); i++ {
		order = append(order, i)
	}
	return x.Permute(append(order, 1)...).Contiguous()
}

func apply(d *op.Def, a op.Attrs, args ...*eager.Tensor) *eager.Tensor {
	return eager.First(d, a, args...)
}
