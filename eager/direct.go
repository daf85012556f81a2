package eager

import (
	"runtime"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// The short way of elementwise operators on small F32 tensors: operands of one shape, row-major, or a second
// one that is a row, a column or one element. There is nothing to promote or to split among threads, so the slices go straight to op.Def's
// Vec1 or Vec2. What remains of the cost is allocation, which is why a small result is one object with its
// node, and its Buffer one with its memory. The Buffer is an object of its own because others may know it
// longer (Detach, views), and must not keep the graph.

// directMax is the number of elements, each of cost 1, up to which operands take the short way. Above,
// threads share the work.
const directMax = 1 << 14

// taped1 and taped2 are a result and its node.
type (
	taped1 struct {
		y   Tensor
		n   node
		in  [1]edge
		out [1]value
	}
	taped2 struct {
		y   Tensor
		n   node
		in  [2]edge
		out [1]value
	}
)

// inline is the number of elements up to which a Buffer is one object with its memory.
const inline = 64

// direct1 returns d(x), or nil when x has to take the long way.
func direct1(d *op.Def, x *Tensor) *Tensor {
	if d.Vec1 == nil || d.Vec1.F32 == nil || x == nil || !plain(x) || diverted() {
		return nil
	}
	x.tracked()
	a := &x.arr
	n := a.Shape.Numel()
	if n*max(d.Vec1.Cost, 1) > directMax || !rowMajor(a) {
		return nil
	}
	var y *Tensor
	tape := x.requires && d.Grad != nil && gradEnabled()
	if tape && n <= inline {
		t := new(taped1)
		y = &t.y
		y.arr = engine.Array{DType: engine.F32, Shape: a.Shape, Strides: a.Strides, Buf: engine.NewBuffer(4 * n)}
		t.n.def, t.n.seq, t.n.in, t.n.out = d, nextSeq.Add(1), t.in[:], t.out[:]
		t.in[0].set(x, d.Saves.In(0))
		t.out[0].set(y, d.Saves.Out(0))
		y.requires, y.node = true, &t.n
	} else {
		y = &Tensor{arr: engine.Array{
			DType: engine.F32, Shape: a.Shape, Strides: a.Strides, Buf: engine.NewBuffer(4 * n),
		}}
		if tape {
			record(d, nil, []*Tensor{x}, []*Tensor{y})
		}
	}
	d.Vec1.F32(y.arr.Buf.F32(0, n), a.Buf.F32(a.Offset, n))
	runtime.KeepAlive(x) // its memory is not the pool's while it is read
	return y
}

// direct2 returns d(x, y), or nil when the operands have to take the long way.
func direct2(d *op.Def, x, y *Tensor) *Tensor {
	if d.Vec2 == nil || d.Vec2.F32 == nil || x == nil || !plain(x) || !plain(y) || diverted() {
		return nil
	}
	x.tracked()
	y.tracked()
	a, b := &x.arr, &y.arr
	if !sameShape(a.Shape, b.Shape) {
		return directRows(d, x, y)
	}
	n := a.Shape.Numel()
	if n*max(d.Vec2.Cost, 1) > directMax || !rowMajor(a) || !rowMajor(b) {
		return nil
	}
	var z *Tensor
	tape := (x.requires || y.requires) && d.Grad != nil && gradEnabled()
	if tape && n <= inline {
		t := new(taped2)
		z = &t.y
		z.arr = engine.Array{DType: engine.F32, Shape: a.Shape, Strides: a.Strides, Buf: engine.NewBuffer(4 * n)}
		t.n.def, t.n.seq, t.n.in, t.n.out = d, nextSeq.Add(1), t.in[:], t.out[:]
		t.in[0].set(x, d.Saves.In(0))
		t.in[1].set(y, d.Saves.In(1))
		t.out[0].set(z, d.Saves.Out(0))
		z.requires, z.node = true, &t.n
	} else {
		z = &Tensor{arr: engine.Array{
			DType: engine.F32, Shape: a.Shape, Strides: a.Strides, Buf: engine.NewBuffer(4 * n),
		}}
		if tape {
			record(d, nil, []*Tensor{x, y}, []*Tensor{z})
		}
	}
	d.Vec2.F32(z.arr.Buf.F32(0, n), a.Buf.F32(a.Offset, n), b.Buf.F32(b.Offset, n))
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
	return z
}

// directRows is direct2 for a y that repeats along the first axes of x, or along the last.
func directRows(d *op.Def, x, y *Tensor) *Tensor {
	a, b := &x.arr, &y.arr
	n := a.Shape.Numel()
	if len(b.Shape) > len(a.Shape) || n*max(d.Vec2.Cost, 1) > directMax || !rowMajor(a) || !rowMajor(b) {
		return nil
	}
	m := b.Shape.Numel()
	columns := m == 1 || isColumn(a.Shape, b.Shape)
	if columns && d.Vec2.F32S == nil || !columns && !isRow(a.Shape, b.Shape) {
		return nil
	}
	z := &Tensor{arr: engine.Array{
		DType: engine.F32, Shape: a.Shape, Strides: a.Strides, Buf: engine.NewBuffer(4 * n),
	}}
	if (x.requires || y.requires) && d.Grad != nil && gradEnabled() {
		record(d, nil, []*Tensor{x, y}, []*Tensor{z})
	}
	zs, xs, ys := z.arr.Buf.F32(0, n), a.Buf.F32(a.Offset, n), b.Buf.F32(b.Offset, m)
	if columns {
		k := n / m
		for i, v := range ys {
			d.Vec2.F32S(zs[i*k:][:k], xs[i*k:][:k], v)
		}
	} else {
		for i := 0; i < n; i += m {
			d.Vec2.F32(zs[i:][:m], xs[i:][:m], ys)
		}
	}
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
	return z
}

// isRow reports whether s, of no higher rank than x, is the last axes of x behind axes of extent 1.
func isRow(x, s engine.Shape) bool {
	for len(s) > 0 && s[0] == 1 {
		s = s[1:]
	}
	return sameShape(x[len(x)-len(s):], s)
}

// isColumn reports whether s is the first axes of x and then 1 for each other one.
func isColumn(x, s engine.Shape) bool {
	rank := len(s)
	for len(s) > 0 && s[len(s)-1] == 1 {
		s = s[:len(s)-1]
	}
	return rank == len(x) && sameShape(x[:len(s)], s)
}

// plain reports whether x is an F32 tensor that is not a Go number.
func plain(x *Tensor) bool { return x.arr.DType == engine.F32 && !x.weak }

func sameShape(a, b engine.Shape) bool {
	if len(a) != len(b) {
		return false
	}
	for i, d := range a {
		if d != b[i] {
			return false
		}
	}
	return true
}

// rowMajor reports whether a has the strides of a new array of its shape.
func rowMajor(a *engine.Array) bool {
	n := 1
	for i := len(a.Shape) - 1; i >= 0; i-- {
		if a.Strides[i] != n {
			return false
		}
		n *= a.Shape[i]
	}
	return n > 0
}
