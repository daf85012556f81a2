package optest

import (
	"github.com/lathe-ml/lathe/engine/op"
)

// node is a value of a recorded graph: an input, a constant, or result out of an application.
type node struct {
	typ   op.Type
	from  *application
	fill  float64
	input bool
}

// Type is part of op.Value.
func (n *node) Type() op.Type { return n.typ }

// application is one recorded use of an operator.
type application struct {
	def     *op.Def
	attrs   op.Attrs
	in, out []*node
}

// recorder is the op.Builder of a tracer in small: it writes applications down instead of running them.
type recorder struct{ apps []*application }

func (r *recorder) input(t op.Type) *node { return &node{typ: t, input: true} }

// Apply is part of op.Builder.
func (r *recorder) Apply(d *op.Def, a op.Attrs, in ...op.Value) []op.Value {
	app := &application{def: d, attrs: a}
	types := make([]op.Type, len(in))
	for i, v := range in {
		n, ok := v.(*node)
		if !ok {
			panic(d.Name + " reads a value that the gradient rule's Saves leaves out")
		}
		app.in, types[i] = append(app.in, n), n.typ
	}
	res, err := d.Resolve(a, types)
	if err != nil {
		panic(err)
	}
	outs := make([]op.Value, len(res.Out))
	for i, t := range res.Out {
		n := &node{typ: t, from: app}
		app.out, outs[i] = append(app.out, n), n
	}
	r.apps = append(r.apps, app)
	return outs
}

// Const is part of op.Builder.
func (r *recorder) Const(t op.Type, x float64) op.Value { return &node{typ: t, fill: x} }

// replay runs the recorded applications with b on the given inputs.
func (r *recorder) replay(b op.Builder, inputs map[*node]op.Value) map[*node]op.Value {
	vals := map[*node]op.Value{}
	for n, v := range inputs {
		vals[n] = v
	}
	get := func(n *node) op.Value {
		if vals[n] == nil && n.from == nil && !n.input {
			vals[n] = b.Const(n.typ, n.fill)
		}
		return vals[n]
	}
	for _, app := range r.apps {
		in := make([]op.Value, len(app.in))
		for i, n := range app.in {
			in[i] = get(n)
		}
		for i, v := range b.Apply(app.def, app.attrs, in...) {
			vals[app.out[i]] = v
		}
	}
	return vals
}

// differentiate walks the recorded applications backwards from seeds, given all values.
func (r *recorder) differentiate(b op.Builder, vals, seeds map[*node]op.Value) map[*node]op.Value {
	grads := map[*node]op.Value{}
	for n, g := range seeds {
		grads[n] = g
	}
	for k := len(r.apps) - 1; k >= 0; k-- {
		app := r.apps[k]
		dout, any := make([]op.Value, len(app.out)), false
		for i, n := range app.out {
			if g := grads[n]; g != nil {
				dout[i], any = g, true
			}
		}
		if !any || app.def.Grad == nil {
			continue
		}
		pick := func(ns []*node) []op.Value {
			v := make([]op.Value, len(ns))
			for i, n := range ns {
				if v[i] = vals[n]; v[i] == nil {
					v[i] = b.Const(n.typ, n.fill)
				}
			}
			return v
		}
		for i, g := range pullback(b, app.def, app.attrs, pick(app.in), pick(app.out), dout) {
			if n := app.in[i]; g != nil && grads[n] != nil {
				grads[n] = b.Apply(op.Add, nil, grads[n], g)[0]
			} else if g != nil {
				grads[n] = g
			}
		}
	}
	return grads
}

// pullback applies d's gradient rule as a tape does: values that Saves leaves out are given as types, and
// gradients are brought to the operands' types.
func pullback(b op.Builder, d *op.Def, a op.Attrs, in, out, dout []op.Value) []op.Value {
	c := &op.Call{Attrs: a, DOut: dout, Needs: make([]bool, len(in))}
	for i, v := range in {
		t := v.Type()
		c.Needs[i] = t.DType.IsFloat()
		if !d.Saves.In(i) {
			v = t
		}
		c.In = append(c.In, v)
	}
	for i, v := range out {
		if !d.Saves.Out(i) {
			v = v.Type()
		}
		c.Out = append(c.Out, v)
	}
	grads := d.Grad(b, c)
	for i, g := range grads {
		if g == nil || !c.Needs[i] {
			grads[i] = nil
			continue
		}
		grads[i] = op.Unbroadcast(b, g, in[i].Type())
	}
	return grads
}
