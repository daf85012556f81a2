package eager

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Operator is an operator of one's own: a name, a shape rule, a forward and a backward function. Once registered it
// is like the others: the tape differentiates it, graphs hold it as one node, graph files and ONNX models name it
// ("domain.Name"), and a model that is read finds it by that name.
//
//	maxout := t.Operator{
//		Domain: "demo", Name: "Maxout",
//		Shape: func(p t.Params, in []t.Type) []t.Type { … },
//		Forward: func(p t.Params, in []*t.Tensor) []*t.Tensor { … in[0].MaxKeep(1) … },
//	}.Register()
//	y := maxout.Call(t.Params{"pieces": 2}, x)[0]
//
// For a gradient that needs values of the forward run, or an operator for one program alone, Function is enough.
type Operator struct {
	Domain, Name string
	Doc          string
	Inputs       []string // names of operands; "x" when there are none. A last name that ends in "..." takes any number
	Outputs      []string // names of results; "y" when there are none
	// Shape gives the types of the results from those of the operands; nil: one result like operand 0. It reports
	// what does not fit with engine.Fail, or by a panic with an error.
	Shape func(p Params, in []op.Type) []op.Type
	// Forward computes the results from row-major operands; nothing in it is recorded.
	Forward func(p Params, in []*Tensor) []*Tensor
	// Backward returns a gradient for each operand, nil for none, from operands, results and the gradients of the
	// results (zeros where none arrives). Without it Forward is differentiated, if it is made of tensor operators.
	Backward func(p Params, in, out, dout []*Tensor) []*Tensor
	// Elementwise says that operands broadcast and that results have their common shape.
	Elementwise bool
	// CUDA is an elementwise operator as an expression of CUDA C in the names of its operands; "": it runs on the CPU.
	CUDA string
}

// Type is the dtype and shape of a tensor, as shape rules see it.
type Type = op.Type

// Params are the parameters of a call: int, float64, bool, string, []int and []float64 by name.
type Params map[string]any

// OperatorAttrs are the parameters of a custom operator as a graph holds them.
type OperatorAttrs struct {
	JSON string // Params, with names ascending; numbers that are not integers have a point or an exponent
}

// Registered is an Operator that has been added.
type Registered struct {
	o   Operator
	def *op.Def
}

// Register adds o, in place of one of the same name; it panics without a Domain, a Name or a Forward.
func (o Operator) Register() *Registered {
	if o.Domain == "" || o.Name == "" || o.Forward == nil || strings.ContainsAny(o.Domain+o.Name, " :") {
		engine.Fail("Operator", "Domain %q, Name %q, Forward given: %v; want all three, names without spaces and colons",
			o.Domain, o.Name, o.Forward != nil)
	}
	if len(o.Inputs) == 0 {
		o.Inputs = []string{"x"}
	}
	r := &Registered{o: o}
	r.def = op.Replace(&op.Def{
		Domain: o.Domain, Name: o.Name, Doc: o.Doc, Inputs: o.Inputs, Outputs: slices.Clone(o.Outputs),
		Attrs: OperatorAttrs{}, Elementwise: o.Elementwise, CUDA: o.CUDA, Takes: []op.Kinds{op.Everything},
		Rule: r.rule, CPU: r.compute, Grad: r.gradient,
	})
	return r
}

// Def returns the record of the operator.
func (r *Registered) Def() *op.Def { return r.def }

// Call applies the operator; p may be nil.
func (r *Registered) Call(p Params, in ...*Tensor) []*Tensor {
	for i, x := range in {
		present(r.def.Name, fmt.Sprintf("operand %d", i), x)
	}
	return Apply(r.def, p.Attrs(), in...)
}

// Attrs returns p as a graph holds it. It panics on values of other types.
func (p Params) Attrs() OperatorAttrs {
	m := make(map[string]any, len(p))
	for name, v := range p {
		switch x := v.(type) {
		case int, bool, string, []int:
			m[name] = x
		case float64:
			m[name] = pointed(x)
		case []float64:
			list := make([]json.RawMessage, len(x))
			for i, f := range x {
				list[i] = pointed(f)
			}
			m[name] = list
		default:
			engine.Fail("Operator", "parameter %s is %T; want int, float64, bool, string, []int or []float64", name, v)
		}
	}
	text, err := json.Marshal(m) // names ascend
	if err != nil {
		engine.Fail("Operator", "parameters %v: %v", p, err)
	}
	return OperatorAttrs{JSON: string(text)}
}

// pointed writes a number so that it is known not to be an integer.
func pointed(f float64) json.RawMessage {
	text, err := json.Marshal(f)
	if err != nil {
		engine.Fail("Operator", "parameter %v; want a finite number", f)
	}
	if !strings.ContainsAny(string(text), ".e") {
		text = append(text, ".0"...)
	}
	return text
}

// Params reads what Params.Attrs wrote.
func (a OperatorAttrs) Params() (Params, error) {
	p := Params{}
	if a.JSON == "" {
		return p, nil
	}
	d := json.NewDecoder(strings.NewReader(a.JSON))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("parameters %q: %w", a.JSON, err)
	}
	for name, v := range m {
		x, err := parameter(v)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		p[name] = x
	}
	return p, nil
}

func parameter(v any) (any, error) {
	switch x := v.(type) {
	case bool, string:
		return x, nil
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			return x.Float64()
		}
		n, err := x.Int64()
		return int(n), err
	case []any:
		ints, floats := []int{}, []float64{}
		for _, e := range x {
			n, err := parameter(e)
			if err != nil {
				return nil, err
			}
			switch n := n.(type) {
			case int:
				ints = append(ints, n)
			case float64:
				floats = append(floats, n)
			}
		}
		if len(floats) == 0 {
			return ints, nil
		}
		return floats, nil
	}
	return nil, fmt.Errorf("%v is no number, text or list of numbers", v)
}

// Int returns an integer parameter, or def where it is not given.
func (p Params) Int(name string, def int) int {
	switch x := p[name].(type) {
	case int:
		return x
	case bool:
		if x {
			return 1
		}
		return 0
	}
	return def
}

// Float returns a number, or def where it is not given.
func (p Params) Float(name string, def float64) float64 {
	switch x := p[name].(type) {
	case float64:
		return x
	case int:
		return float64(x)
	}
	return def
}

// Ints returns a list of integers; nil where it is not given.
func (p Params) Ints(name string) []int { x, _ := p[name].([]int); return x }

// Text returns a string; "" where it is not given.
func (p Params) Text(name string) string { x, _ := p[name].(string); return x }

func paramsOf(name string, a op.Attrs) Params {
	p, err := a.(OperatorAttrs).Params()
	if err != nil {
		engine.Fail(name, "%v", err)
	}
	return p
}

func (r *Registered) rule(a op.Attrs, in []op.Type) (out []op.Type, err error) {
	if r.o.Shape == nil {
		return in[:1], nil
	}
	caught := engine.Catch(func() { out = r.o.Shape(paramsOf(r.def.Name, a), slices.Clone(in)) })
	if caught != nil {
		return nil, caught
	}
	if len(out) != len(r.def.Outputs) {
		return nil, fmt.Errorf("Shape returned %d types for %d results", len(out), len(r.def.Outputs))
	}
	return out, nil
}

// compute runs Forward where no tracer and no tape sees it.
func (r *Registered) compute(a op.Attrs, out, in []engine.Array) {
	xs := make([]*Tensor, len(in))
	for i, x := range in {
		xs[i] = FromArray(x).Contiguous()
	}
	InsteadOfTracer(nil, func() {
		NoGrad(func() {
			ys := r.o.Forward(paramsOf(r.def.Name, a), xs)
			if len(ys) != len(out) {
				engine.Fail(r.def.Name, "Forward returned %d tensors for %d results", len(ys), len(out))
			}
			for i, y := range ys {
				present(r.def.Name, fmt.Sprintf("result %d", i), y)
				if y.DType() != out[i].DType || !y.Shape().Equal(out[i].Shape) {
					engine.Fail(r.def.Name, "Forward returned %v for result %d, Shape says %v%v", y.Type(), i, out[i].DType, out[i].Shape)
				}
				if err := cpu.Copy(out[i], y.Array()); err != nil {
					engine.Fail(r.def.Name, "%v", err)
				}
			}
		})
	})
}

// gradient runs Backward, or differentiates Forward.
func (r *Registered) gradient(_ op.Builder, c *op.Call) []op.Value {
	tensors := func(vs []op.Value, types []op.Value) []*Tensor {
		ts := make([]*Tensor, len(vs))
		for i, v := range vs {
			var ok bool
			if ts[i], ok = v.(*Tensor); !ok {
				t := types[i].Type()
				ts[i] = wrap(engine.Zeros(t.DType, t.Shape)).onto(deviceOfAny(c.DOut))
			}
		}
		return ts
	}
	p := paramsOf(r.def.Name, c.Attrs)
	in, out, dout := tensors(c.In, c.In), tensors(c.Out, c.Out), tensors(c.DOut, c.Out)
	var din []*Tensor
	if r.o.Backward != nil {
		din = r.o.Backward(p, in, out, dout)
	} else {
		din = r.differentiated(p, in, dout, c)
	}
	if len(din) != len(in) {
		engine.Fail("Backward", "%s returned %d gradients for %d operands; return nil for those without one", r.def.Name, len(din), len(in))
	}
	g := make([]op.Value, len(din))
	for i, d := range din {
		if d == nil {
			continue
		}
		if want := in[i].Shape(); !r.o.Elementwise && !d.Shape().Equal(want) {
			engine.Fail("Backward", "%s returned gradient %v for operand %d of shape %v", r.def.Name, d.Type(), i, want)
		}
		g[i] = d
	}
	return g
}

// differentiated runs Forward again on the tape.
func (r *Registered) differentiated(p Params, in, dout []*Tensor, c *op.Call) []*Tensor {
	higher := gradEnabled()
	var din []*Tensor
	EnableGrad(func() {
		xs, wanted := slices.Clone(in), []*Tensor{}
		for i, x := range in {
			if c.Wants(i) {
				if !higher || !x.tracked() {
					xs[i] = x.Detach().SetRequiresGrad(true)
				}
				wanted = append(wanted, xs[i])
			}
		}
		gs := Grad(r.o.Forward(p, xs), wanted, GradOptions{GradOutputs: dout, CreateGraph: higher, ZeroUnused: true})
		din = make([]*Tensor, len(in))
		for i := range in {
			if c.Wants(i) {
				din[i], gs = gs[0], gs[1:]
			}
		}
	})
	return din
}
