package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// recurrentPrim names operators of this family that rules apply; see prim.
var recurrentPrim struct {
	grads                       map[cpu.Cell]*Def
	linear, sigmoid, tanh, relu *Def
	concat, slice               *Def
}

func init() {
	p := &recurrentPrim
	p.grads = map[cpu.Cell]*Def{cpu.LSTMCell: LSTMGrad, cpu.GRUCell: GRUGrad, cpu.TanhCell: RNNGrad}
	p.linear, p.sigmoid, p.tanh, p.relu, p.concat, p.slice = Linear, Sigmoid, Tanh, ReLU, Concat, Slice
}

func (l recurrentLayer) grad(b Builder, c *Call) []Value {
	p, n := c.Attrs.(RecurrentAttrs), l.operands()
	in := append([]Value(nil), c.In[:n]...)
	in = append(append(in, c.Out[0]), c.Out[1+l.states:]...)
	for i := range 1 + l.states {
		g := c.DOut[i]
		if g == nil {
			g = zeros(b, c.Out[i])
		}
		in = append(in, g)
	}
	in = append(in, c.In[n:]...)
	p.NoInput = !c.Wants(0)
	g := b.Apply(recurrentPrim.grads[l.cell], p, in...)[:len(c.In)]
	if p.NoInput {
		g[0] = nil
	}
	return l.keptGrad(b, c, g)
}

// keptGrad adds the gradients of what the layer keeps, which nothing but tests differentiates.
func (l recurrentLayer) keptGrad(b Builder, c *Call, g []Value) []Value {
	kept := c.DOut[1+l.states:]
	if !slices.ContainsFunc(kept, func(v Value) bool { return v != nil }) {
		return g
	}
	t := newRetrace(b)
	in := t.leaves(c.In)
	outs := l.steps(t, c.Attrs.(RecurrentAttrs), in)
	for i, more := range t.plain(t.vjp(outs[1+l.states:], kept, in)) {
		if more != nil && c.Wants(i) {
			g[i] = plus(b, g[i], more)
		}
	}
	return g
}

// curve is the gradient of the gradient kernels: the layer is computed again of smaller operators, and
// they are differentiated twice. What the layer kept counts as a function of its operands.
func (l recurrentLayer) curve(b Builder, c *Call) []Value {
	p, n := c.Attrs.(RecurrentAttrs), l.operands()
	m := n + l.results()
	t := newRetrace(b)
	in := t.leaves(c.In)
	layer := append(in[:n:n], in[m+1+l.states:]...)
	outs := l.steps(t, p, layer)
	grads := t.vjp(outs[:1+l.states], in[m:m+1+l.states], layer)
	if p.NoInput {
		grads[0] = nil
	}
	return t.plain(t.vjp(grads, c.DOut[:len(grads)], in))
}

// steps computes the results of smaller operators.
func (l recurrentLayer) steps(b Builder, p RecurrentAttrs, in []Value) []Value {
	types := make([]Type, len(in))
	for i, x := range in {
		types[i] = x.Type()
	}
	s, err := l.sizes(p, types)
	check("Recurrence", err)
	u := &unrolled{Builder: b, l: l, p: p, s: s, in: in}
	u.x = reshape(b, in[0], engine.Shape{s.rows, s.in})
	batch := p.Batches
	if batch == nil {
		batch = slices.Repeat([]int{s.batch}, s.steps)
		if p.BatchFirst {
			u.x = b.Apply(prim.permute, PermuteAttrs{Perm: []int{1, 0, 2}}, in[0])[0]
			u.x = reshape(b, u.x, engine.Shape{s.rows, s.in})
		}
	}
	u.run(batch)
	r := append([]Value{u.sequence(u.y, in[0].Type().Shape)}, u.last...)
	for _, kept := range u.kept {
		r = append(r, u.join(kept))
	}
	return r
}

// sequence joins values by step in the order of x.
func (u *unrolled) sequence(steps []Value, x engine.Shape) Value {
	y := u.join(steps)
	if len(x) == 2 {
		return y
	}
	y = reshape(u, y, engine.Shape{u.s.steps, u.s.batch, y.Type().Shape[1]})
	if u.p.BatchFirst {
		y = u.Apply(prim.permute, PermuteAttrs{Perm: []int{1, 0, 2}}, y)[0]
	}
	return y
}

// unrolled is a layer step by step. state holds h and, LSTM, c of every sample.
type unrolled struct {
	Builder
	l    recurrentLayer
	p    RecurrentAttrs
	s    recurrentSizes
	in   []Value
	x    Value
	y    []Value // by step
	kept [][]Value
	last []Value // the states behind the last step of each sample
}

func (u *unrolled) run(batch []int) {
	u.y, u.last = make([]Value, len(batch)), append([]Value(nil), u.in[1:1+u.l.states]...)
	u.kept = make([][]Value, u.l.kept)
	start := make([]int, len(batch))
	for t := 1; t < len(batch); t++ {
		start[t] = start[t-1] + batch[t-1]
	}
	for s := range batch {
		t := s
		if u.p.Reverse {
			t = len(batch) - 1 - s
		}
		n := batch[t]
		now := make([]Value, len(u.last))
		for i, v := range u.last {
			now[i] = slice1(u, v, 0, 0, n)
		}
		next, kept := u.cell(slice1(u, u.x, 0, start[t], start[t]+n), now)
		u.y[t] = next[0]
		for i, v := range kept {
			if u.kept[i] == nil {
				u.kept[i] = make([]Value, len(batch))
			}
			u.kept[i][t] = v
		}
		for i, v := range u.last {
			parts := []Value{next[i]}
			if n < u.s.batch {
				parts = append(parts, slice1(u, v, 0, n, u.s.batch))
			}
			u.last[i] = u.join(parts)
		}
	}
}

func (u *unrolled) join(parts []Value) Value {
	if len(parts) == 1 {
		return parts[0]
	}
	return u.Apply(recurrentPrim.concat, AxisAttrs{}, parts...)[0]
}

func (u *unrolled) one(d *Def, in ...Value) Value { return u.Apply(d, nil, in...)[0] }

// gate is block i of the columns of x.
func (u *unrolled) gate(x Value, i int) Value {
	return slice1(u, x, 1, i*u.s.hidden, (i+1)*u.s.hidden)
}

// cell returns the states of one step, and what the layer keeps of it.
func (u *unrolled) cell(x Value, state []Value) (next, kept []Value) {
	q := &recurrentPrim
	w := u.in[1+u.l.states:]
	sigmoid := func(x Value) Value { return u.one(q.sigmoid, x) }
	a := u.one(q.linear, x, w[0], w[2])
	if u.l.cell == cpu.GRUCell {
		h := u.one(q.linear, state[0], w[1], w[3])
		r := sigmoid(add(u, u.gate(a, 0), u.gate(h, 0)))
		z := sigmoid(add(u, u.gate(a, 1), u.gate(h, 1)))
		n := u.one(q.tanh, add(u, u.gate(a, 2), mul(u, r, u.gate(h, 2))))
		gates := u.columns(r, z, n, u.gate(h, 2))
		return []Value{add(u, n, mul(u, z, sub(u, state[0], n)))}, []Value{gates}
	}
	a = add(u, a, u.one(q.linear, state[0], w[1]))
	if u.l.cell != cpu.LSTMCell {
		if u.p.ReLU {
			return []Value{u.one(q.relu, a)}, nil
		}
		return []Value{u.one(q.tanh, a)}, nil
	}
	i, f, o := sigmoid(u.gate(a, 0)), sigmoid(u.gate(a, 1)), sigmoid(u.gate(a, 3))
	g := u.one(q.tanh, u.gate(a, 2))
	c := add(u, mul(u, f, state[1]), mul(u, i, g))
	h := mul(u, o, u.one(q.tanh, c))
	if len(w) > 3 {
		h = u.one(q.linear, h, w[3])
	}
	return []Value{h, c}, []Value{c, u.columns(i, f, g, o)}
}

func (u *unrolled) columns(parts ...Value) Value {
	return u.Apply(recurrentPrim.concat, AxisAttrs{Axis: 1}, parts...)[0]
}

func recurrentCases(l recurrentLayer, grad bool) []Case {
	var cases []Case
	for _, c := range []struct {
		name string
		x    engine.Shape
		p    int // columns of a projected state; 0: not projected
		a    RecurrentAttrs
	}{
		{"steps first", engine.Shape{3, 2, 3}, 0, RecurrentAttrs{}},
		{"batch first, reverse", engine.Shape{2, 3, 2}, 0, RecurrentAttrs{BatchFirst: true, Reverse: true}},
		{"packed", engine.Shape{6, 2}, 0, RecurrentAttrs{Batches: []int{3, 2, 1}, ReLU: true}},
		{"packed, reverse", engine.Shape{6, 2}, 2, RecurrentAttrs{Batches: []int{3, 2, 1}, Reverse: true}},
		{"wide, differences take long", engine.Shape{4, 19, 7}, 0, RecurrentAttrs{}},
		{"no samples", engine.Shape{2, 0, 3}, 0, RecurrentAttrs{}},
	} {
		if c.p > 0 && !l.whr {
			c.p = 0
		}
		hidden := 3
		if len(c.name) > 20 {
			hidden = 21
		}
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			cases = append(cases, l.example(fmt.Sprintf("%v %s", t, c.name), t, c.x, hidden, c.p, c.a, grad))
		}
	}
	return cases
}

func (l recurrentLayer) example(
	name string, t engine.DType, x engine.Shape, hidden, p int, a RecurrentAttrs, grad bool,
) Case {
	n := len(x) - 1
	s := recurrentSizes{rows: x[:n].Numel(), in: x[n], hidden: hidden, state: hidden}
	switch {
	case a.Batches != nil:
		s.batch = a.Batches[0]
	case a.BatchFirst:
		s.batch = x[0]
	default:
		s.batch = x[1]
	}
	shapes := l.want(s)
	if p > 0 {
		s.state = p
		shapes = l.want(s)
	}
	in := []Type{{DType: t, Shape: x}}
	for _, shape := range shapes[:l.operands()-1] {
		in = append(in, Type{DType: t, Shape: shape})
	}
	whr := Type{DType: t, Shape: shapes[len(shapes)-1]}
	layer := in
	if p > 0 {
		layer = append(in[:len(in):len(in)], whr)
	}
	c := Case{Name: name, In: layer, Attrs: a, NoGrad: grad || hidden > 10}
	if !grad {
		return c
	}
	c.Name += ", what the layer kept is not free"
	y, err := l.rule(a, layer)
	check("Recurrence", err)
	in = append(append(in, y[0]), y[1+l.states:]...)
	in = append(append(in, y[0]), y[1:1+l.states]...)
	if p > 0 {
		in = append(in, whr)
	}
	c.In = in
	return c
}
