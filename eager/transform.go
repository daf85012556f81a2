package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// VJP returns f(x) and uᵀ·J, the gradient of sum(u·f(x)): a product of u, of f(x)'s shape, with the
// Jacobian of f at x. As from all functions of this file, results are differentiable in x when x requires
// a gradient. Agrees with torch.func.vjp.
func VJP(f func(x *Tensor) *Tensor, x, u *Tensor) (y, g *Tensor) {
	x, y, again := traced("VJP", f, x)
	present("VJP", "u", u)
	return y, pullback(y, x, u, again, again)
}

// JVP returns f(x) and J·v, the derivative of f at x in direction v, of x's shape. It differentiates
// VJP, which is linear in u, so that it costs about three evaluations of f. Agrees with torch.func.jvp.
func JVP(f func(x *Tensor) *Tensor, x, v *Tensor) (y, t *Tensor) {
	x, y, again := traced("JVP", f, x)
	present("JVP", "v", v)
	u := ZerosLike(y).SetRequiresGrad(true)
	return y, pullback(pullback(y, x, u, true, true), u, v, again, again)
}

// Jacobian returns the derivatives [y… x…] of every element of y = f(x), with one backward pass for each.
// Agrees with torch.func.jacrev.
func Jacobian(f func(x *Tensor) *Tensor, x *Tensor) *Tensor {
	x, y, again := traced("Jacobian", f, x)
	shape := slices.Concat(y.Shape(), x.Shape())
	n := y.Numel()
	if n == 0 || x.Numel() == 0 {
		return Zeros(shape...).To(x.DType()).onto(x.Device())
	}
	seeds := Eye(n).To(y.DType()).onto(y.Device())
	rows := make([]*Tensor, n)
	for i := range rows {
		rows[i] = pullback(y, x, seeds.Index(i).Reshape(y.Shape()...), true, again)
	}
	return Stack(0, rows...).Reshape(shape...)
}

// Hessian returns the second derivatives [y… x… x…] of f at x. Agrees with torch.func.hessian.
func Hessian(f func(x *Tensor) *Tensor, x *Tensor) *Tensor {
	return Jacobian(func(x *Tensor) *Tensor { return Jacobian(f, x) }, x)
}

// VMap returns f applied to each slice of x along axis, 0 unless given, with the results stacked along a new
// first axis. f runs once for each slice: operators that work on a batch at once are faster. Agrees with
// torch.func.vmap.
func VMap(f func(x *Tensor) *Tensor, x *Tensor, axis ...int) *Tensor {
	x.must("VMap")
	if f == nil {
		engine.Fail("VMap", "f is a nil func")
	}
	a := 0
	if len(axis) > 0 {
		a = axis[0]
	}
	a = x.axis("VMap", a)
	n := x.arr.Shape[a]
	if n == 0 {
		engine.Fail("VMap", "axis %d of %v is empty", a, x.arr)
	}
	ys := make([]*Tensor, n)
	for i := range ys {
		ys[i] = f(x.Slice(a, i, i+1).Squeeze(a))
		present("VMap", "the result of f", ys[i])
	}
	return Stack(0, ys...)
}

// traced runs f on x, or on a copy that requires a gradient; again: the caller's x requires one.
func traced(where string, f func(x *Tensor) *Tensor, x *Tensor) (in, y *Tensor, again bool) {
	x.must(where)
	if f == nil {
		engine.Fail(where, "f is a nil func")
	}
	if !gradEnabled() {
		engine.Fail(where, "nothing is recorded inside NoGrad; call it outside")
	}
	if again = x.tracked(); !again {
		x = x.Detach().SetRequiresGrad(true)
	}
	y = f(x)
	present(where, "the result of f", y)
	return x, y, again
}

// pullback is the gradient of sum(u·y) with respect to x, zeros where y does not depend on it.
func pullback(y, x, u *Tensor, retain, again bool) *Tensor {
	if !y.tracked() {
		return ZerosLike(x)
	}
	g := Grad([]*Tensor{y}, []*Tensor{x}, GradOptions{
		GradOutputs: []*Tensor{u}, RetainGraph: retain, CreateGraph: again, AllowUnused: true,
	})[0]
	if g == nil {
		return ZerosLike(x)
	}
	return g
}
