package eager

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Function is an operator with a gradient of its own, made of tensor operators.
//
//	cube := &t.Function{
//		Name:    "cube",
//		Forward: func(c *t.Context, in []*t.Tensor) []*t.Tensor { c.Save(in...); return []*t.Tensor{in[0].Pow(3)} },
//		Backward: func(c *t.Context, dy []*t.Tensor) []*t.Tensor {
//			x := c.Saved()[0]
//			return []*t.Tensor{x.Square().Mul(3).Mul(dy[0])}
//		},
//	}
//	y := cube.Call(x)[0]
//
// It can be differentiated again when Backward is made of differentiable operators. For an operator with a
// kernel, an ONNX name or a graph rule, register an op.Def. Agrees with torch.autograd.Function.
type Function struct {
	Name string
	// Forward computes the results of in; nothing in it is recorded.
	Forward func(c *Context, in []*Tensor) []*Tensor
	// Backward returns a gradient for each operand of Forward, nil for none, given those of the results,
	// which are zeros where no gradient arrived.
	Backward func(c *Context, dout []*Tensor) []*Tensor
}

// Context belongs to one call of a Function and goes from its Forward to its Backward.
type Context struct {
	Value any // for Forward to leave something to Backward

	name     string
	saved    []*Tensor
	versions []uint32
	needs    []bool
	constant []*Tensor
}

// Save keeps tensors for Backward: operands, results, or others.
func (c *Context) Save(xs ...*Tensor) {
	for _, x := range xs {
		present(c.name, "the saved tensor", x)
		k := kept(x)
		version := uint32(0)
		if k == x {
			x.arr.Buf.Hold() // whoever releases x leaves the memory to the collector
			version = x.arr.Buf.Version()
		}
		c.saved, c.versions = append(c.saved, k), append(c.versions, version)
	}
}

// Saved returns what Save kept, in that order; it refuses values that were changed in place since.
func (c *Context) Saved() []*Tensor {
	saved := slices.Clone(c.saved)
	for i, x := range c.saved {
		if x.isPacked() {
			saved[i] = x.unpacked("Backward of " + c.name)
			continue
		}
		if x.arr.Buf.Version() != c.versions[i] {
			engine.Fail("Backward", "%s saved a value %v that was changed in place afterwards; change a Clone of it",
				c.name, x.Type())
		}
	}
	return saved
}

// Needs reports whether the gradient of operand i is wanted.
func (c *Context) Needs(i int) bool { return i >= 0 && i < len(c.needs) && c.needs[i] }

// NotDifferentiable says that results do not depend on the operands in a way that has a gradient.
func (c *Context) NotDifferentiable(ys ...*Tensor) { c.constant = append(c.constant, ys...) }

// Call runs Forward on in and records Backward.
func (f *Function) Call(in ...*Tensor) []*Tensor {
	if f == nil || f.Forward == nil || f.Backward == nil {
		engine.Fail("Function", "want both Forward and Backward")
	}
	c := &Context{name: f.Name}
	if c.name == "" {
		c.name = "Function"
	}
	for i, x := range in {
		present(c.name, fmt.Sprintf("operand %d", i), x)
		c.needs = append(c.needs, x.tracked())
	}
	track := gradEnabled() && anyRequires(in)
	var outs []*Tensor
	NoGrad(func() { outs = slices.Clone(f.Forward(c, slices.Clone(in))) })
	for i, y := range outs {
		present(c.name, fmt.Sprintf("result %d", i), y)
		if y.tracked() || y.node != nil || slices.Contains(in, y) {
			outs[i] = y.Detach()
		}
	}
	if track {
		f.record(c, in, outs)
	}
	return outs
}

// record puts the call on the tape. The context keeps what Backward reads, the node nothing.
func (f *Function) record(c *Context, in, outs []*Tensor) {
	types := make([]op.Type, len(outs))
	for i, y := range outs {
		types[i] = y.Type()
	}
	d := &op.Def{Name: c.name, Domain: "function", Grad: func(_ op.Builder, call *op.Call) []op.Value {
		return f.gradients(c, types, call)
	}}
	record(d, nil, in, outs)
	for _, y := range c.constant {
		if slices.Contains(outs, y) {
			y.requires, y.node, y.out = false, nil, 0
		}
	}
}

func (f *Function) gradients(c *Context, types []op.Type, call *op.Call) []op.Value {
	dout := make([]*Tensor, len(types))
	for i, v := range call.DOut {
		if g, ok := v.(*Tensor); ok {
			dout[i] = g
		} else {
			dout[i] = wrap(engine.Zeros(types[i].DType, types[i].Shape)).onto(deviceOfAny(call.DOut))
		}
	}
	din := f.Backward(c, dout)
	if len(din) != len(c.needs) {
		engine.Fail("Backward", "%s returned %d gradients for %d operands; return nil for those without one",
			c.name, len(din), len(c.needs))
	}
	r := make([]op.Value, len(din))
	for i, g := range din {
		if g == nil {
			continue
		}
		if want := call.In[i].Type(); !g.arr.Shape.Equal(want.Shape) {
			engine.Fail("Backward", "%s returned gradient %v for operand %d, which is %v", c.name, g.arr, i, want)
		}
		r[i] = g
	}
	return r
}
