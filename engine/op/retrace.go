package op

// retrace is a Builder that applies operators with another one and remembers them, so that what was
// computed can be differentiated by the operators' own rules, again and again: the way to derivatives
// of operators whose gradient is a kernel.
type retrace struct {
	b    Builder
	apps []*retraced
}

// retraced is one application that depends on a leaf.
type retraced struct {
	def     *Def
	attrs   Attrs
	in, out []Value
}

// followed is a value that depends on a leaf.
type followed struct{ Value }

func newRetrace(b Builder) *retrace { return &retrace{b: b} }

// leaves makes values that derivatives may be taken for.
func (t *retrace) leaves(in []Value) []Value {
	r := make([]Value, len(in))
	for i, v := range in {
		r[i] = &followed{v}
	}
	return r
}

// plain gives the values of the other Builder.
func (t *retrace) plain(in []Value) []Value {
	r := make([]Value, len(in))
	for i, v := range in {
		r[i] = v
		if f, ok := v.(*followed); ok {
			r[i] = f.Value
		}
	}
	return r
}

// Const is part of Builder.
func (t *retrace) Const(ty Type, x float64) Value { return t.b.Const(ty, x) }

// Apply is part of Builder.
func (t *retrace) Apply(d *Def, a Attrs, in ...Value) []Value {
	out := t.b.Apply(d, a, t.plain(in)...)
	depends := false
	for _, v := range in {
		_, ok := v.(*followed)
		depends = depends || ok
	}
	if !depends {
		return out
	}
	r := t.leaves(out)
	t.apps = append(t.apps, &retraced{d, a, in, r})
	return r
}

// vjp returns the gradients of Σ dout·out with respect to in; nil: none. Entries of outs and douts may
// be nil. The gradients can be differentiated in turn.
func (t *retrace) vjp(outs, douts, in []Value) []Value {
	grads := map[Value]Value{}
	arrive := func(v, g Value) {
		if _, ok := v.(*followed); !ok || g == nil {
			return
		}
		if old := grads[v]; old != nil {
			g = add(t, old, g)
		}
		grads[v] = g
	}
	for i, y := range outs {
		if y != nil {
			arrive(y, douts[i])
		}
	}
	for i := len(t.apps) - 1; i >= 0; i-- {
		app := t.apps[i]
		c := &Call{Attrs: app.attrs, In: app.in, Out: app.out, DOut: make([]Value, len(app.out))}
		reached := false
		for j, y := range app.out {
			c.DOut[j] = grads[y]
			reached = reached || grads[y] != nil
		}
		if !reached || app.def.Grad == nil {
			continue
		}
		for _, x := range app.in {
			_, ok := x.(*followed)
			c.Needs = append(c.Needs, ok)
		}
		for j, g := range app.def.Grad(t, c) {
			if g != nil && c.Needs[j] {
				arrive(app.in[j], Unbroadcast(t, g, app.in[j].Type()))
			}
		}
	}
	r := make([]Value, len(in))
	for i, x := range in {
		r[i] = grads[x]
	}
	return r
}
