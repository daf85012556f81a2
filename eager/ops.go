package eager

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

//go:generate go run ./gen

// MatMul returns the matrix product [… m k]·[… k n] → [… m n]; leading axes broadcast. A vector counts as
// a row on the left and as a column on the right, and its axis is dropped from the result.
func (x *Tensor) MatMul(y *Tensor) *Tensor {
	x.must("MatMul")
	present("MatMul", "y", y)
	if x.Rank() == 0 || y.Rank() == 0 {
		engine.Fail("MatMul", "operands have at least one axis, got %v and %v", x.arr, y.arr)
	}
	a, b := x, y
	if m, n := x.Size(-1), y.Size(max(0, y.Rank()-2)); m != n && (x.Rank() == 1 || y.Rank() == 1) {
		engine.Fail("MatMul", "inner axes differ, %d and %d (x %v, y %v)", m, n, x.arr, y.arr)
	}
	if x.Rank() == 1 {
		a = x.Unsqueeze(0)
	}
	if y.Rank() == 1 {
		b = y.Unsqueeze(1)
	}
	z := apply1(op.MatMul, nil, a, b)
	if y.Rank() == 1 {
		z = z.Squeeze(-1)
	}
	if x.Rank() == 1 {
		z = z.Squeeze(len(z.arr.Shape) - 1 - min(1, y.Rank()-1))
	}
	return z
}

// Where returns x where cond is true and y elsewhere. x and y are tensors or numbers; all broadcast.
func Where(cond *Tensor, x, y any) *Tensor {
	return apply1(op.Where, nil, cond, operand("Where", x), operand("Where", y))
}

// Clamp bounds every element to [lo, hi].
func (x *Tensor) Clamp(lo, hi float64) *Tensor {
	return apply1(op.Clamp, op.ClampAttrs{Lo: lo, Hi: hi}, x)
}

// Square returns x².
func (x *Tensor) Square() *Tensor {
	x.must("Square")
	return x.Mul(x)
}

// To converts x to a dtype, or brings it to a device: x.To(t.F16), x.To(t.CUDA(0)), x.To(t.CPU), x.To(y.Device()).
// Floating-point to integer truncates towards zero. Gradients go back the same way.
func (x *Tensor) To(to any) *Tensor {
	x.must("To")
	t, d := where("To", to)
	switch {
	case t == engine.Invalid:
		return x.onto(d)
	case x.arr.DType == t:
		return x
	}
	return apply1(op.Cast, op.CastAttrs{To: t}, x)
}

// Contiguous returns x itself when its elements lie row-major, and otherwise a copy that does.
func (x *Tensor) Contiguous() *Tensor {
	x.must("Contiguous")
	if x.IsContiguous() {
		return x
	}
	return x.Clone()
}

// Clone returns a row-major copy of x through which gradients flow.
func (x *Tensor) Clone() *Tensor { return apply1(op.Copy, nil, x) }

// Assign copies y's values into x's storage, converting the dtype; shapes broadcast to x's.
// Recorded like the methods of InPlace, see there.
func (x *Tensor) Assign(y any) {
	x.must("Assign")
	src := operand("Assign", y)
	present("Assign", "operand", src)
	s, err := engine.Broadcast(x.arr.Shape, src.arr.Shape)
	if err != nil || !s.Equal(x.arr.Shape) {
		engine.Fail("Assign", "value %v does not fit tensor %v", src.arr, x.arr)
	}
	tracks := (x.tracked() || src.tracked()) && gradEnabled()
	x.checkWrite("Assign", tracks)
	if !tracks {
		x.store(src)
		return
	}
	c := x.change()
	n := newNode(overwrite, c.attrs, []*Tensor{c.all, src}, 1)
	x.store(src)
	c.overwritten(n)
}

// store copies src into x.
func (x *Tensor) store(src *Tensor) {
	t := tracer()
	writing(x.arr.Buf, t)
	if t != nil {
		x.arr.Buf.Bump()
		t.Assign(x.arr, src.arr.Expand(x.arr.Shape))
		return
	}
	copyInto(x.arr, src.arr.Expand(x.arr.Shape))
	x.arr.Buf.Bump()
}

// Conv convolves x [N C spatial…] with w [O C/groups kernel…] (cross-correlation, as in PyTorch).
func Conv(x, w *Tensor, a op.ConvAttrs) *Tensor { return Convolve(op.Conv, a, x, w) }

// MaxPool2D returns the maximum of each window of the last two axes.
func MaxPool2D(x *Tensor, a op.PoolAttrs) *Tensor { return apply1(op.MaxPool, a, x) }

// AvgPool2D returns the mean of each window of the last two axes.
func AvgPool2D(x *Tensor, a op.PoolAttrs) *Tensor { return apply1(op.AvgPool, a, x) }

// AllClose reports whether |x−y| ≤ atol + rtol·|y| for every element; NaN equals nothing, and an infinity
// only itself.
func AllClose(x, y *Tensor, rtol, atol float64) bool {
	present("AllClose", "x", x)
	present("AllClose", "y", y)
	if !x.arr.Shape.Equal(y.arr.Shape) {
		return false
	}
	a, b := x.Float64s(), y.Float64s()
	for i := range a {
		d := math.Abs(a[i] - b[i])
		if a[i] != b[i] && (math.IsInf(d, 0) || !(d <= atol+rtol*math.Abs(b[i]))) {
			return false
		}
	}
	return true
}
