package eager

import "testing"

func TestTransformsOfACubeAreItsDerivatives(t *testing.T) {
	cube := func(x *Tensor) *Tensor { return x.Mul(x).Mul(x).Sum() }
	x := Of(1, 2, -3)
	if j, want := Jacobian(cube, x), Of(3, 12, 27); !AllClose(j, want, 1e-6, 0) {
		t.Errorf("the Jacobian is %v, want %v", j, want)
	}
	if h, want := Hessian(cube, x), Eye(3).Mul(Of(6, 12, -18)); !AllClose(h, want, 1e-6, 0) {
		t.Errorf("the Hessian is %v, want %v", h, want)
	}
	if _, d := JVP(cube, x, Of(1, 1, 0)); d.Item() != 15 {
		t.Errorf("the derivative along [1 1 0] is %v, want 15", d)
	}
	if y, g := VJP(cube, x, Full(2)); y.Item() != -18 || !AllClose(g, Of(6, 24, 54), 1e-6, 0) {
		t.Errorf("the value and twice the gradient are %v and %v", y, g)
	}
}

func TestTransformsOfAConstantAreZero(t *testing.T) {
	one := func(*Tensor) *Tensor { return Of(1, 1) }
	if j := Jacobian(one, Of(1, 2, 3)); !AllClose(j, Zeros(2, 3), 0, 0) {
		t.Errorf("the Jacobian of a constant is %v", j)
	}
}

func TestJacobianInsideNoGradIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the Jacobian inside NoGrad is not refused")
		}
	}()
	NoGrad(func() { Jacobian((*Tensor).Square, Of(1)) })
}
