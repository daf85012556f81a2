package torch

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/linalg"
)

// transformed are the functions that transformations were recorded on.
var transformed = map[string]func(x *tensor) *tensor{
	"sin(x)*exp(-x^2)": func(x *tensor) *tensor { return x.Sin().Mul(x.Square().Neg().Exp()) },
	"softmax(x)":       func(x *tensor) *tensor { return x.Softmax(-1) },
	"sum(x^3)+prod(x)": func(x *tensor) *tensor { return x.Pow(3).Sum().Add(x.Prod()) },
	"logsumexp(outer(x,x))": func(x *tensor) *tensor {
		return outer(x, x).LogSumExp()
	},
	"cumsum(tanh(x))": func(x *tensor) *tensor { return x.Tanh().CumSum(0) },
	"x/(1+norm(x))":   func(x *tensor) *tensor { return x.Div(x.Square().Sum().Sqrt().Add(1)) },
	"log(det(I+xx^T))": func(x *tensor) *tensor {
		return linalg.LogDet(outer(x, x).Add(eager.Eye(x.Size(0)).To(x.DType())))
	},
	"sort(x)*arange": func(x *tensor) *tensor {
		y, _ := x.Sort(0, false)
		return y.Mul(eager.Arange(0, float64(x.Size(0)), 1).To(x.DType()))
	},
}

// runFunctional compares derivatives of a function in both modes, its Jacobian and Hessian, and its values
// on a batch.
func runFunctional(r record) error {
	f := transformed[r.str("fn")]
	need(f != nil, "function")
	in := map[string]*tensor{}
	want := map[string]any{}
	for _, n := range []string{"x", "v", "u", "y", "jvp", "vjp", "jacobian", "hessian", "vmap_x", "vmap_y"} {
		v, err := r.value(n)
		if err != nil {
			return err
		}
		t, ok := v.(*tensor)
		if !ok {
			return fmt.Errorf("%s is not a tensor", n)
		}
		in[n], want[n] = t, v
	}
	got := map[string]*tensor{
		"y": f(in["x"]), "jacobian": eager.Jacobian(f, in["x"]), "hessian": eager.Hessian(f, in["x"]),
	}
	_, got["jvp"] = eager.JVP(f, in["x"], in["v"])
	_, got["vjp"] = eager.VJP(f, in["x"], in["u"])
	got["vmap_y"] = eager.VMap(f, in["vmap_x"])
	for _, n := range []string{"y", "vjp", "jvp", "jacobian", "hessian", "vmap_y"} {
		if err := equal(n, got[n], want[n], opsTolerance); err != nil {
			return err
		}
	}
	return nil
}
