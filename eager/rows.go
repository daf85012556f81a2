package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// RowGrad is the gradient of a table of which few rows were read: the others are 0.
type RowGrad struct {
	Index  *Tensor // I64 [n]: the rows, ascending, each once
	Values *Tensor // [n …]: their gradients
}

// rowsRead is what LookUp puts on the tape. Where its gradient is differentiated or asked for it is dense.
var rowsRead = &op.Def{
	Name: "LookUp", Domain: "rows", Saves: op.SaveIn1,
	Grad: func(b op.Builder, c *op.Call) []op.Value {
		zero := b.Const(c.In[0].Type(), 0)
		index := c.In[1].(*Tensor)
		dy := c.DOut[0].(*Tensor)
		rows := append([]int{index.Numel()}, zero.Type().Shape[1:]...)
		return []op.Value{zero.(*Tensor).IndexAdd(0, index.Reshape(-1), dy.Reshape(rows...)), nil}
	},
}

// LookUp returns the rows of the table x at index → [index's axes, other axes of x], as IndexSelect(0, index)
// does. Backward keeps the gradient of x by rows (see RowGrad), which costs as much as the rows that were
// read instead of as much as the table. It is dense all the same where x is computed from others, has hooks,
// or also gets a dense gradient, and in a graph (jit.Trace).
func (x *Tensor) LookUp(index *Tensor) *Tensor {
	x.must("LookUp")
	present("LookUp", "index", index)
	if !index.arr.DType.IsInt() || x.Rank() == 0 {
		engine.Fail("LookUp", "table %v, index %v; want [rows …] and integers", x.arr, index.arr)
	}
	if !x.tracked() || !gradEnabled() || !mayRead() {
		return x.IndexSelect(0, index)
	}
	index = index.To(engine.I64)
	var y *Tensor
	NoGrad(func() { y = x.IndexSelect(0, index) })
	record(rowsRead, nil, []*Tensor{x, index}, []*Tensor{y})
	return y
}

// byRows hands the gradient dy of a LookUp to its table by rows, if that is possible.
func (p *pass) byRows(n *node, dy *Tensor) bool {
	x := n.in[0].leaf
	if x == nil || dy == nil || p.found != nil || p.track || anomalies.Load() > 0 || observer.Load() != nil || hooked.used() ||
		engine.HasRemote() || !mayRead() {
		return false
	}
	lock := gradLock(x)
	lock.Lock()
	defer lock.Unlock()
	o := x.state()
	if o.grad != nil || len(o.hooks)+len(o.after) > 0 {
		return false
	}
	index := n.in[1].read(n.def).(*Tensor)
	p.made.keep(dy)
	rows := append([]int{index.Numel()}, x.arr.Shape[1:]...)
	NoGrad(func() {
		o.rows = append(o.rows, RowGrad{Index: index.Clone().Reshape(-1), Values: dy.Detach().Reshape(rows...)})
	})
	if !p.retain {
		n.free(nil)
	}
	return true
}

// RowGrad returns the gradient that Backward accumulated in x by rows (see LookUp), or nil when there is
// none or it is dense. Grad gives the same gradient as a dense tensor, and from then on it is dense.
func (x *Tensor) RowGrad() *RowGrad {
	x.must("RowGrad")
	if x.own() == nil || len(x.own().rows) == 0 {
		return nil
	}
	if rows := x.own().rows; len(rows) > 1 || !rows[0].ascending() {
		x.own().rows = []RowGrad{coalesced(rows)}
	}
	g := x.own().rows[0]
	return &g
}

func (g RowGrad) ascending() bool {
	at := g.Index.Ints()
	for i := range len(at) - 1 {
		if at[i] >= at[i+1] {
			return false
		}
	}
	return true
}

// coalesced adds up the gradients of equal rows.
func coalesced(rows []RowGrad) RowGrad {
	var index, values []*Tensor
	for _, g := range rows {
		index, values = append(index, g.Index), append(values, g.Values)
	}
	var g RowGrad
	NoGrad(func() {
		all := Concat(0, index...)
		places, inverse, _ := all.Unique()
		s := values[0].arr.Shape.Clone()
		s[0] = places.Numel()
		sums := full(values[0].arr.DType, 0, s).onto(values[0].Device())
		g = RowGrad{Index: places, Values: sums.IndexAdd(0, inverse, Concat(0, values...))}
	})
	return g
}

// settle makes a gradient by rows a dense one.
func (o *ownState) settle(x *Tensor) {
	if len(o.rows) == 0 {
		return
	}
	g := coalesced(o.rows)
	o.rows = nil
	NoGrad(func() {
		dense := full(x.arr.DType, 0, x.arr.Shape).onto(x.Device()).IndexAdd(0, g.Index, g.Values)
		if o.grad != nil {
			dense = o.grad.Detach().Add(dense)
		}
		o.grad, o.alone = dense, true
	})
}

// SetRows stores values [n …] in the rows of x at index [n] in place, as SetIndex does for each; of equal
// indices one counts.
func (x *Tensor) SetRows(index, values *Tensor) {
	x.must("SetRows")
	present("SetRows", "index", index)
	present("SetRows", "values", values)
	at := index.Ints()
	if x.Rank() == 0 || !index.arr.DType.IsInt() || !values.arr.Shape.Equal(append(engine.Shape{len(at)}, x.arr.Shape[1:]...)) {
		engine.Fail("SetRows", "tensor %v, index %v, values %v; want [rows …], integers [n] and [n …]", x.arr, index.arr,
			values.arr)
	}
	if low, high := slices.Min(append(at, 0)), slices.Max(append(at, 0)); low < 0 || high >= max(x.arr.Shape[0], 1) {
		engine.Fail("SetRows", "an index is outside the %d rows", x.arr.Shape[0])
	}
	if gradEnabled() && (x.tracked() || values.tracked()) {
		x.become("SetRows", false, func(x *Tensor) *Tensor { return x.IndexCopy(0, index, values) })
		return
	}
	if !x.arr.IsContiguous() || !mayRead() {
		for i, row := range at {
			x.Detach().Index(row).Assign(values.Index(i))
		}
		return
	}
	writing(x.arr.Buf, nil)
	var from engine.Array
	NoGrad(func() { from = values.Detach().To(x.arr.DType).Contiguous().arr })
	size := x.arr.DType.Size()
	width := x.arr.Shape[1:].Numel() * size
	to, src := x.arr.Buf.Bytes()[x.arr.Offset*size:], from.Buf.Bytes()[from.Offset*size:]
	for i, row := range at {
		copy(to[row*width:][:width], src[i*width:][:width])
	}
	x.arr.Buf.Bump()
}
