package optest

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

const (
	step     = 1e-5 // of central differences in f64; their error is about step² + 1e-16/step
	agree    = 1e-5 // between a gradient and the differences, relative to max(|difference|, 1)
	maxProbe = 24   // elements per operand that are moved
)

// gradient checks the gradient rule of d on one case: types, values against central differences, f32
// against f64, recorded against executed, and the gradient of the gradient.
func gradient(t reporter, d *op.Def, c op.Case, in []engine.Array) {
	t.Helper()
	c64, in64 := inF64(c, in)
	outs, err := d.Resolve(c64.Attrs, c64.In)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if !differentiable(outs.Out) || !differentiable(c64.In) {
		return
	}
	k := newKernel(d, c64, outs.Out)
	point := append(slices.Clone(in64), seeds(d, c64, outs.Out)...)
	got := k.run(executor{}, point)
	for i, g := range got {
		if g == nil {
			continue
		}
		if a, b := g.Type(), c64.In[i]; a.DType != b.DType || !a.Shape.Equal(b.Shape) {
			t.Errorf("gradient of operand %d is %v, the operand %v", i, a, b)
			return
		}
	}
	numeric(t, "gradient", func(p []engine.Array) float64 { return k.loss(t, p) }, point, len(in64),
		func(i int) op.Value { return got[i] })
	recorded(t, k, point, got)
	narrow(t, d, c, in, point[len(in64):], got)
	second(t, k, point)
}

func differentiable(types []op.Type) bool {
	return slices.ContainsFunc(types, func(t op.Type) bool { return t.DType.IsFloat() })
}

// kernel is a case of an operator with its gradient rule: a function of operands and result gradients.
type kernel struct {
	def  *op.Def
	c    op.Case
	outs []op.Type
}

func newKernel(d *op.Def, c op.Case, outs []op.Type) *kernel { return &kernel{d, c, outs} }

// seeds draws the gradients of the float results.
func seeds(d *op.Def, c op.Case, outs []op.Type) []engine.Array {
	s := newStream(d.Name, c.Name, "seeds")
	var r []engine.Array
	for _, t := range outs {
		if !t.DType.IsFloat() {
			continue
		}
		v := make([]float64, t.Shape.Numel())
		for i := range v {
			v[i] = float64(float32(s.next()*2 - 1))
		}
		r = append(r, fromFloats(t, v))
	}
	return r
}

// apply runs the operator and its gradient rule under b; in are operands, then gradients of float results.
func (k *kernel) apply(b op.Builder, in []op.Value) []op.Value {
	n := len(k.c.In)
	out := b.Apply(k.def, k.c.Attrs, in[:n]...)
	dout, next := make([]op.Value, len(out)), n
	for i, t := range k.outs {
		if t.DType.IsFloat() {
			dout[i] = in[next]
			next++
		}
	}
	return pullback(b, k.def, k.c.Attrs, in[:n], out, dout)
}

func (k *kernel) values(point []engine.Array) []op.Value {
	v := make([]op.Value, len(point))
	for i, x := range point {
		v[i] = &value{arr: x, weak: i < len(k.c.In) && k.c.In[i].Weak}
	}
	return v
}

func (k *kernel) run(b op.Builder, point []engine.Array) []op.Value {
	return k.apply(b, k.values(point))
}

// loss is Σ dy·y: its gradient is what the rule computes.
func (k *kernel) loss(t reporter, point []engine.Array) float64 {
	n := len(k.c.In)
	outs := result(t, k.def, k.c, point[:n])
	total, next := 0.0, n
	for i, o := range k.outs {
		if o.DType.IsFloat() {
			total += dot(floats(outs[i]), floats(point[next]))
			next++
		}
	}
	return total
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// numeric compares got with central differences of f at the first n arrays of point.
func numeric(
	t reporter, what string, f func([]engine.Array) float64, point []engine.Array, n int, got func(i int) op.Value,
) {
	t.Helper()
	for i, x := range point[:n] {
		if x.DType != engine.F64 {
			continue
		}
		var g []float64
		if v := got(i); v != nil {
			g = floats(v.(*value).arr)
		} else {
			g = make([]float64, x.Numel())
		}
		every := max(1, x.Numel()/maxProbe)
		for j := 0; j < x.Numel(); j += every {
			moved := func(by float64) float64 {
				p := slices.Clone(point)
				p[i] = engine.Of(x.Shape, slices.Clone(x.F64()))
				p[i].F64()[j] += by
				return f(p)
			}
			want := (moved(step) - moved(-step)) / (2 * step)
			if !(math.Abs(g[j]-want) <= agree*max(math.Abs(want), 1)) {
				t.Errorf("%s: operand %d element %d is %v, differences give %v", what, i, j, g[j], want)
				return
			}
		}
	}
}

// recorded checks that the rule gives the same when another builder records it and the record is replayed.
func recorded(t reporter, k *kernel, point []engine.Array, want []op.Value) {
	t.Helper()
	r, in, out := k.record()
	vals := r.replay(executor{}, k.feed(in, point))
	for i, w := range want {
		if (w == nil) != (out[i] == nil) {
			t.Errorf("recorded: gradient %d is there only once", i)
		} else if w != nil {
			same(t, "recorded and replayed", []engine.Array{resolved(vals, out[i])},
				[]engine.Array{w.(*value).arr},
				func(engine.DType) float64 { return 0 })
		}
	}
}

// record writes the operator and its gradient down.
func (k *kernel) record() (r *recorder, in []*node, out []op.Value) {
	r = &recorder{}
	var v []op.Value
	for _, t := range k.c.In {
		in = append(in, r.input(t))
	}
	for _, t := range k.outs {
		if t.DType.IsFloat() {
			in = append(in, r.input(op.Type{DType: t.DType, Shape: t.Shape}))
		}
	}
	for _, n := range in {
		v = append(v, n)
	}
	return r, in, k.apply(r, v)
}

func (k *kernel) feed(in []*node, point []engine.Array) map[*node]op.Value {
	m := map[*node]op.Value{}
	for i, v := range k.values(point) {
		m[in[i]] = v
	}
	return m
}

// resolved is the array of a recorded value, which may be a constant that nothing else uses.
func resolved(vals map[*node]op.Value, v op.Value) engine.Array {
	n := v.(*node)
	if vals[n] == nil {
		return executor{}.Const(n.typ, n.fill).(*value).arr
	}
	return vals[n].(*value).arr
}

// narrow checks the gradient in the case's own dtypes: its types, and its values against f64.
func narrow(t reporter, d *op.Def, c op.Case, in, dout []engine.Array, want []op.Value) {
	t.Helper()
	res, err := d.Resolve(c.Attrs, c.In)
	if err != nil {
		t.Fatalf("%v", err)
	}
	k, point, next := newKernel(d, c, res.Out), slices.Clone(in), 0
	limit := 0.0 // the coarsest type that takes part
	for _, x := range append(slices.Clone(c.In), res.Out...) {
		limit = max(limit, 50*tolerance(d, x.DType))
	}
	for _, o := range res.Out {
		if o.DType.IsFloat() {
			point = append(point, convert(dout[next], o.DType))
			next++
		}
	}
	for i, g := range k.run(executor{}, point) {
		if g == nil || want[i] == nil {
			continue
		}
		if g.Type().DType != c.In[i].DType {
			t.Errorf("gradient of operand %d is %v, the operand %v", i, g.Type(), c.In[i])
		}
		same(t, "gradient against f64", []engine.Array{g.(*value).arr},
			[]engine.Array{want[i].(*value).arr},
			func(engine.DType) float64 { return limit })
	}
}

// second checks the gradient of Σ h·gradient, h fixed, against central differences.
func second(t reporter, k *kernel, point []engine.Array) {
	t.Helper()
	r, in, out := k.record()
	s := newStream(k.def.Name, k.c.Name, "second")
	h := make([]engine.Array, len(out))
	for i, g := range out {
		if g != nil {
			v := make([]float64, g.Type().Shape.Numel())
			for j := range v {
				v[j] = s.next()*2 - 1
			}
			h[i] = fromFloats(g.Type(), v)
		}
	}
	b := executor{}
	vals := r.replay(b, k.feed(in, point))
	start := map[*node]op.Value{}
	for i, g := range out {
		if g == nil {
			continue
		}
		n := g.(*node)
		if v := op.Value(&value{arr: h[i]}); start[n] != nil {
			start[n] = b.Apply(op.Add, nil, start[n], v)[0]
		} else {
			start[n] = v
		}
	}
	grads := r.differentiate(b, vals, start)
	f := func(p []engine.Array) float64 {
		total := 0.0
		for i, g := range k.run(b, p) {
			if g != nil {
				total += dot(floats(g.(*value).arr), floats(h[i]))
			}
		}
		return total
	}
	numeric(t, "second gradient", f, point, len(point), func(i int) op.Value { return grads[in[i]] })
}
