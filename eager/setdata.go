package eager

import "github.com/lathe-ml/lathe/engine"

// SetData makes x a view of y's storage with y's dtype and shape, as when a module changes its dtype.
// x must be a leaf; its gradient is dropped when the type changes.
func (x *Tensor) SetData(y *Tensor) {
	x.must("SetData")
	present("SetData", "y", y)
	if x.node != nil {
		engine.Fail("SetData", "tensor %v was computed from others; use Detach", x.arr)
	}
	if x.own() != nil && (y.arr.DType != x.arr.DType || !y.arr.Shape.Equal(x.arr.Shape)) {
		x.own().grad, x.own().alone, x.own().rows = nil, false, nil
	}
	x.arr, x.isView = y.arr, false
}
