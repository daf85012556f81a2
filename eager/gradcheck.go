package eager

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// GradCheckOptions are the options of GradCheck; the zero value is the default.
type GradCheckOptions struct {
	Step   float64 // of the differences; 0 means 1e-6
	Abs    float64 // difference that is allowed; 0 means 1e-5
	Rel    float64 // the same as a part of the derivative; 0 means 1e-3
	Second bool    // check the gradient of the gradient, too
}

// GradCheck compares the derivatives that the tape gives for f with central differences and returns an
// error that names the first one that differs. in are F64; those that require a gradient are checked, or
// all when none does. It evaluates f twice for each of their elements.
// Agrees with torch.autograd.gradcheck and, with Second, gradgradcheck.
func GradCheck(f func(in ...*Tensor) *Tensor, in []*Tensor, o ...GradCheckOptions) error {
	opt := GradCheckOptions{}
	if len(o) > 0 {
		opt = o[0]
	}
	for _, d := range []struct {
		v *float64
		x float64
	}{{&opt.Step, 1e-6}, {&opt.Abs, 1e-5}, {&opt.Rel, 1e-3}} {
		if *d.v == 0 {
			*d.v = d.x
		}
	}
	if f == nil {
		engine.Fail("GradCheck", "f is a nil func")
	}
	xs, checked := copies(in)
	if err := checkOnce(f, xs, checked, opt); err != nil || !opt.Second {
		return err
	}
	var u *Tensor
	NoGrad(func() { u = f(xs...).Sin().Add(0.5) }) // any numbers do
	first := func(in ...*Tensor) *Tensor {
		var wanted, flat []*Tensor
		for i, x := range in[:len(xs)] {
			if checked[i] {
				wanted = append(wanted, x)
			}
		}
		for _, g := range Grad([]*Tensor{f(in[:len(xs)]...)}, wanted, GradOptions{
			GradOutputs: []*Tensor{in[len(xs)]}, CreateGraph: true, AllowUnused: true,
		}) {
			if g != nil {
				flat = append(flat, g.Flatten(0))
			}
		}
		if len(flat) == 0 {
			return in[len(xs)].Mul(0)
		}
		return Concat(0, flat...)
	}
	if err := checkOnce(first, append(xs, u.SetRequiresGrad(true)), append(checked, true), opt); err != nil {
		return fmt.Errorf("second gradient: %w", err)
	}
	return nil
}

// copies returns F64 leaves with the values of in, and which of them are checked.
func copies(in []*Tensor) (xs []*Tensor, checked []bool) {
	any := anyRequires(in)
	for i, x := range in {
		present("GradCheck", fmt.Sprintf("operand %d", i), x)
		y := x.Detach().Clone()
		on := x.tracked() || !any && x.arr.DType.IsFloat()
		if on && x.arr.DType != F64 {
			engine.Fail("GradCheck", "operand %d is %v; differences want F64", i, x.arr)
		}
		y.requires = on
		xs, checked = append(xs, y), append(checked, on)
	}
	return xs, checked
}

func checkOnce(f func(in ...*Tensor) *Tensor, xs []*Tensor, checked []bool, o GradCheckOptions) error {
	y := f(xs...)
	present("GradCheck", "the result of f", y)
	var wanted []*Tensor
	for i, x := range xs {
		if checked[i] {
			wanted = append(wanted, x)
		}
	}
	rows := make([][]*Tensor, y.Numel())
	for k := range rows {
		rows[k] = make([]*Tensor, len(wanted))
		if y.tracked() {
			seed := OneHot(FromInts([]int{k}), y.Numel()).To(y.arr.DType).Reshape(y.arr.Shape...)
			rows[k] = Grad([]*Tensor{y}, wanted, GradOptions{
				GradOutputs: []*Tensor{seed}, RetainGraph: true, AllowUnused: true,
			})
		}
	}
	for i, x := range wanted {
		for e := range x.Numel() {
			numeric := difference(f, xs, x, e, o.Step)
			for k, want := range numeric {
				got := 0.0
				if g := rows[k][i]; g != nil {
					got = g.Float64s()[e]
				}
				if !(math.Abs(got-want) <= o.Abs+o.Rel*math.Abs(want)) {
					return fmt.Errorf("GradCheck: the derivative of result %d by element %d of operand %v is %v, "+
						"differences give %v", k, e, x.Type(), got, want)
				}
			}
		}
	}
	return nil
}

// difference is the derivative of all results by element e of x.
func difference(f func(in ...*Tensor) *Tensor, xs []*Tensor, x *Tensor, e int, step float64) []float64 {
	at := func(d float64) []float64 {
		v := x.Detach().Clone()
		a := v.arr.F64()
		a[e] += d
		keep := x.arr
		x.arr = v.arr
		defer func() { x.arr = keep }()
		var y *Tensor
		EnableGrad(func() { y = f(xs...) })
		return y.Float64s()
	}
	up, down := at(step), at(-step)
	for k := range up {
		up[k] = (up[k] - down[k]) / (2 * step)
	}
	return up
}
