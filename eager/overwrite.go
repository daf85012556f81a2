package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// overwriteAttrs describe a write to a part of a tensor: by where both lie in memory, and by the operators
// that make the part, none for the whole.
type overwriteAttrs struct {
	base, part engine.Array // without storage
	steps      []viewStep
}

// overwrite is on the tape where src was written over x or a part of it; the result is x afterwards.
var overwrite = &op.Def{
	Name: "Overwrite", Inputs: []string{"x", "src"}, Outputs: []string{"y"}, Saves: op.SaveNone, Attrs: overwriteAttrs{},
}

func init() {
	overwrite.Grad = func(b op.Builder, c *op.Call) []op.Value {
		w, din := c.Attrs.(overwriteAttrs), make([]op.Value, 2)
		if c.Needs[0] {
			din[0] = w.remaining(b, c.DOut[0])
		}
		if c.Needs[1] {
			din[1] = c.DOut[0]
			for _, s := range w.steps {
				din[1] = op.One(b, s.def, s.attrs, din[1])
			}
		}
		return din
	}
}

// remaining is dy where nothing was overwritten, and 0 elsewhere.
func (w overwriteAttrs) remaining(b op.Builder, dy op.Value) op.Value {
	t := dy.Type()
	if len(w.steps) == 0 {
		return op.One(b, op.Copy, nil, b.Const(t, 0))
	}
	zero := b.Const(op.Type{DType: w.part.DType}, 0)
	switch {
	case w.part.DType == w.base.DType:
		return op.One(b, op.Where, nil, mask(w.base, w.part, dy), zero, dy)
	case w.part.DType.IsComplex(): // of pairs
		zero = b.Const(op.Type{DType: t.DType}, 0)
		return op.One(b, op.Where, nil, mask(w.base, cpu.Pairs(w.part), dy), zero, dy)
	}
	pairs := op.One(b, op.ViewAsReal, nil, dy)
	return op.One(b, op.ViewAsComplex, nil, op.One(b, op.Where, nil, mask(cpu.Pairs(w.base), w.part, dy), zero, pairs))
}

// mask is true where part lies in base, a tensor where dy is.
func mask(base, part engine.Array, dy op.Value) *Tensor {
	end := base.Offset + 1
	for i, n := range base.Shape {
		end += max(n-1, 0) * base.Strides[i]
	}
	base.DType, part.DType = engine.Bool, engine.Bool
	base.Buf = engine.WrapBytes(make([]byte, end))
	part.Buf = base.Buf
	fillWith(part, 1)
	x := wrap(base)
	if g, ok := dy.(*Tensor); ok {
		x = x.onto(g.Device())
	}
	return x
}

// checkWrite refuses writes to x that the tape could not follow. tracks: x or what is written there requires a
// gradient, and operators are recorded.
func (x *Tensor) checkWrite(where string, tracks bool) {
	for i, n := range x.arr.Shape {
		if n > 1 && x.arr.Strides[i] == 0 {
			engine.Fail(where, "elements of %v share memory along axis %d, as Expand makes them; write to a Clone", x.arr, i)
		}
	}
	if !tracks && !x.isView {
		return
	}
	b, views := x.base()
	for _, v := range views {
		if v.own().view.quiet && (tracks || b.requires && gradEnabled()) {
			engine.Fail(where, "%v is a view that was made in NoGrad; make it outside, or change it inside", x.arr)
		}
	}
	switch {
	case !tracks || !x.requires:
	case b != x && b.node == nil:
		engine.Fail(where, "%v is a view of a leaf that requires a gradient; change it inside NoGrad", x.arr)
	case x.node == nil:
		engine.Fail(where, "tensor %v is a leaf that requires a gradient; change it inside NoGrad", x.arr)
	}
}

// change is a write to a tensor that the tape follows.
type change struct {
	x, base *Tensor
	attrs   overwriteAttrs
	all     *Tensor // base as it was, on the tape
	before  *Tensor // x as it was
}

// change begins a change of x, whose place is up to date and which checkWrite let pass.
func (x *Tensor) change() *change {
	c := &change{x: x}
	base, views := x.base()
	c.base, c.all = base, base.handle()
	c.attrs.base, c.attrs.part = base.arr, x.arr
	c.attrs.base.Buf, c.attrs.part.Buf = nil, nil
	c.before = c.all
	for _, v := range views { // a place of its own: hooks of x are not called
		w := v.own().view
		c.attrs.steps = append(c.attrs.steps, viewStep{w.def, w.attrs})
		at := &Tensor{arr: v.arr}
		if c.before.requires {
			record(w.def, w.attrs, []*Tensor{c.before}, []*Tensor{at})
		}
		c.before = at
	}
	return c
}

// handle returns another tensor at x's place on the tape.
func (x *Tensor) handle() *Tensor {
	return &Tensor{arr: x.arr, requires: x.requires, node: x.node, out: x.out}
}

// keep gives c.before values that stay as they are.
func (c *change) keep() {
	b := c.before
	NoGrad(func() { b.arr = b.Detach().Clone().arr })
}

// made ends a change in which values of t's place on the tape were written to x.
func (c *change) made(t *Tensor) {
	switch {
	case c.x == c.base && t.node != nil:
		c.x.moveTo(t.node, t.out)
	default:
		c.overwritten(newNode(overwrite, c.attrs, []*Tensor{c.all, t}, 1))
	}
}

// overwritten ends a change that n records.
func (c *change) overwritten(n *node) {
	y := &Tensor{arr: c.base.arr}
	n.results([]*Tensor{y})
	c.base.moveTo(n, 0)
	c.x.tracked()
}

// applyTracked is ApplyInPlace of an operator with one result where an operand requires a gradient.
func applyTracked(d *op.Def, a op.Attrs, in []*Tensor) {
	x := in[0]
	c := x.change()
	if d.Saves.In(0) {
		c.keep()
	}
	operands := []*Tensor{c.before}
	for _, y := range in[1:] {
		if y == x {
			y = x.handle()
		}
		operands = append(operands, y)
	}
	t := &Tensor{arr: x.arr}
	if d.Grad == nil {
		n := newNode(overwrite, c.attrs, []*Tensor{c.all, t}, 1)
		applyInPlace(d, a, in)
		c.overwritten(n)
		return
	}
	n := newNode(d, a, operands, 1)
	applyInPlace(d, a, in)
	n.results([]*Tensor{t})
	if d.Saves.In(0) {
		c.before.Release()
	}
	c.made(t)
}

// become stores f(x) in x, converted to its dtype, and records that. f gets a tensor with the values and the
// place of x; where f's operators save that one, it has to be a copy.
func (x *Tensor) become(where string, copied bool, f func(x *Tensor) *Tensor) *Tensor {
	x.must(where)
	x.tracked()
	c := x.change()
	if copied {
		c.keep()
	}
	y := f(c.before)
	if !y.arr.Shape.Equal(x.arr.Shape) || !storable(y.arr.DType, x.arr.DType) {
		engine.Fail(where, "the result is %v, which %v cannot hold", y.arr, x.arr)
	}
	y = y.To(x.arr.DType)
	tracks := gradEnabled() && (x.requires || y.tracked())
	x.checkWrite(where, tracks)
	x.store(y)
	if tracks {
		c.made(y)
	}
	return x
}

// storable reports whether elements of one dtype may be stored as the other: as PyTorch's can_cast.
func storable(from, to engine.DType) bool {
	switch {
	case from.IsComplex():
		return to.IsComplex()
	case from.IsFloat():
		return !to.IsInt() && to != engine.Bool
	}
	return from == engine.Bool || to != engine.Bool
}
