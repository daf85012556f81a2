package eager

import "github.com/lathe-ml/lathe/engine"

// Substitute runs f while each tensor xs[i] stands for ys[i], of the same dtype and shape: operators of the
// calling goroutine on xs[i] use the values of ys[i], and gradients go there. Other goroutines must not use
// xs meanwhile. It is for calling a module with other parameters, see nn.Call.
func Substitute(xs, ys []*Tensor, f func()) {
	const where = "Substitute"
	if f == nil || len(xs) != len(ys) {
		engine.Fail(where, "%d tensors for %d, func nil: %t", len(ys), len(xs), f == nil)
	}
	before := make([]Tensor, len(xs))
	stand := make([]Tensor, len(xs))
	for i, x := range xs {
		present(where, "x", x)
		present(where, "y", ys[i])
		y := ys[i]
		if y.arr.DType != x.arr.DType || !y.arr.Shape.Equal(x.arr.Shape) {
			engine.Fail(where, "tensor %v for %v; want the same dtype and shape", y.arr, x.arr)
		}
		if y.tracked() && y.node == nil && gradEnabled() { // a recorded view, through which gradients find y
			y = y.Reshape(y.arr.Shape...)
			if y == ys[i] {
				y = y.Unsqueeze(0).Squeeze(0)
			}
		}
		before[i].assign(x)
		stand[i].arr, stand[i].requires, stand[i].node, stand[i].out = y.arr, y.requires, y.node, y.out
	}
	for i, x := range xs {
		x.assign(&stand[i])
	}
	defer func() {
		for i, x := range xs {
			x.assign(&before[i])
		}
	}()
	// The tape keeps handles, which are not those of xs afterwards.
	hooked.with(&savedHooks{
		pack: func(x *Tensor) any { return x }, unpack: func(v any) *Tensor { return v.(*Tensor) },
	}, f)
}

// assign makes x what y is.
func (x *Tensor) assign(y *Tensor) {
	x.arr, x.weak, x.requires, x.isView, x.node, x.out = y.arr, y.weak, y.requires, y.isView, y.node, y.out
	x.extra.Store(y.own())
}
