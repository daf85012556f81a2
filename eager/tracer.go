package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Tracer takes over the work of the operators of one goroutine, see WithTracer. Package jit has one.
type Tracer interface {
	// Lazy computes what the tracer put off.
	Lazy() *engine.Lazy
	// Application returns space to describe an application with so many operands and results.
	Application(in, out int) *Application
	// Apply is told of an operator whose results c.Out have Buffers without contents, deferred by Lazy.
	Apply(c *Application)
	// View is told that c.Out[0] is a view of c.In[0].
	View(c *Application)
	// Update is told of an operator whose result i overwrites operand i: c.Out[i] is c.In[i].
	Update(c *Application)
	// Assign is told that src, of dst's shape, is to be copied into dst and converted.
	Assign(dst, src engine.Array)
	// Writing is called before other code writes to b.
	Writing(b *engine.Buffer)
	// Moving is called before a is copied to another device, at once. It panics where that cannot be followed.
	Moving(a engine.Array)
	// Released is told that only the tape, or nobody, will read b. It reports whether the tracer still has
	// a use for its memory, which is then left to it.
	Released(b *engine.Buffer) bool
	// Random is told of a place in the default random stream that was handed out.
	Random(seed, offset uint64)
}

// Application is one application of an operator.
type Application struct {
	Def   *op.Def
	Attrs op.Attrs
	In    []engine.Array // operands before promotion and broadcasting
	Weak  uint64         // bit i: operand i is a Go number
	Out   []engine.Array
}

// tracers are those of goroutines.
var tracers scoped[Tracer]

// WithTracer runs f and hands the operators that it applies to t. It holds for the calling goroutine only;
// inside another WithTracer that one stays in charge.
func WithTracer(t Tracer, f func()) {
	if tracer() != nil {
		f()
		return
	}
	tracers.with(t, f)
}

// InsteadOfTracer runs f under t in place of the tracer of the calling goroutine, which is in charge again
// afterwards.
func InsteadOfTracer(t Tracer, f func()) { tracers.with(t, f) }

// TracerOf returns the tracer of the calling goroutine, or nil.
func TracerOf() Tracer { return tracer() }

// IsTraced reports whether the calling goroutine runs under WithTracer.
func IsTraced() bool { return tracer() != nil }

// mayRead reports whether operators may look at values: no tracer is on, or one that puts off but computes what is read.
func mayRead() bool {
	t := tracer()
	if t == nil {
		return true
	}
	r, ok := t.(interface{ MayRead() bool })
	return ok && r.MayRead()
}

func tracer() Tracer {
	if !tracers.used() { // small enough to be inlined
		return nil
	}
	t, _ := tracers.get()
	return t
}

// writing tells all tracers that b changes, but own, which does it.
func writing(b *engine.Buffer, own Tracer) {
	if !tracers.used() {
		return
	}
	tracers.of.Range(func(_, t any) bool {
		if t != any(own) {
			t.(Tracer).Writing(b)
		}
		return true
	})
}

// Over returns a tensor over storage that nobody else writes to, unlike FromArray.
func Over(a engine.Array) *Tensor { return wrap(a) }

// BeforeWrite is for code that writes to storage directly, as a program of package jit does: it counts the
// write, and work that was put off and reads the storage is done first.
func BeforeWrite(b *engine.Buffer) {
	writing(b, nil)
	b.Bump()
}

// released tells all tracers that b is given back; it reports whether one keeps the memory.
func released(b *engine.Buffer) (kept bool) {
	tracers.of.Range(func(_, t any) bool {
		kept = t.(Tracer).Released(b) || kept
		return true
	})
	return kept
}

// application describes d on in for a tracer, which may keep it.
func application(t Tracer, d *op.Def, a op.Attrs, in []*Tensor, out int) *Application {
	c := t.Application(len(in), out)
	c.Def, c.Attrs, c.Weak = d, a, 0
	for i, x := range in {
		if c.In[i] = x.arr; x.weak {
			c.Weak |= 1 << min(i, 63)
		}
	}
	return c
}

// runTraced is run for a goroutine with a tracer: shapes and layouts are settled, values are not.
func runTraced(t Tracer, outs []*Tensor, d *op.Def, a op.Attrs, r *op.Resolved, track recording, dev op.Device,
	in []*Tensor,
) []*Tensor {
	c := application(t, d, a, in, len(r.Out))
	if v, ok := view(d, a, c.In, r.Out[0]); ok && c.In[0].DType == v.DType {
		c.Out[0] = v
		t.View(c)
		return append(outs, newView(v, d, a, in[0], track))
	}
	prepared := c.In
	if d.ChannelsLast != nil && dev == nil {
		prepared = Prepared(r, c.In)
	}
	for i, y := range r.Out {
		c.Out[i] = engine.Array{DType: y.DType, Shape: y.Shape, Buf: deferredOn(dev, y, t.Lazy())}
		if dev != nil {
			c.Out[i].Strides = y.Shape.Strides()
		} else if d.ChannelsLast == nil && len(in) > 0 && sameShape(c.In[0].Shape, y.Shape) && rowMajor(&c.In[0]) {
			c.Out[i].Shape, c.Out[i].Strides = c.In[0].Shape, c.In[0].Strides
		} else {
			c.Out[i].Strides = d.Layout(a, prepared, y)
		}
		outs = append(outs, wrap(c.Out[i]))
	}
	t.Apply(c)
	return outs
}

// deferredOn returns a Buffer for a value of type y that l computes; a nil op.Device is the CPU.
func deferredOn(dev op.Device, y op.Type, l *engine.Lazy) *engine.Buffer {
	if dev == nil {
		return engine.NewDeferred(l)
	}
	return engine.NewDeferredOn(dev, y.Shape.Numel()*y.DType.Size(), l)
}

// Prepared returns the operands in as the kernel will get them, without contents where they are cast.
func Prepared(r *op.Resolved, in []engine.Array) []engine.Array {
	out := make([]engine.Array, len(in))
	for i, x := range in {
		if x.DType != r.DType[i] {
			x = engine.Array{DType: r.DType[i], Shape: x.Shape, Strides: x.Shape.Strides()}
		}
		if r.Shape != nil && !sameShape(x.Shape, r.Shape) {
			x = x.Expand(r.Shape)
		}
		out[i] = x
	}
	return out
}
