package eager

import (
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func TestMethodsInPlaceWriteIntoTheirTensor(t *testing.T) {
	x := New([][]float64{{1, 2}, {3, 4}})
	row := x.Index(0)
	if y := x.MulInPlace(New([]float64{10, 1})).AddInPlace(1).ExpInPlace().LogInPlace(); y != x {
		t.Error("the result is not the tensor itself")
	}
	if want := New([]float64{11, 3}); !AllClose(row, want, 1e-12, 0) {
		t.Errorf("a view is %v, want %v", row, want)
	}
	half := x.T().Slice(0, 0, 1) // not row-major
	half.NegInPlace()
	if want := New([][]float64{{-11, 3}, {-31, 5}}); !AllClose(x, want, 1e-12, 0) {
		t.Errorf("after a change of a column x is %v, want %v", x, want)
	}
	if v := x.ClampInPlace(-20, 4).MaskedFillInPlace(x.Lt(0), 0).Float64s(); v[0] != 0 || v[1] != 3 || v[3] != 4 {
		t.Errorf("bounded values are %v", v)
	}
}

func TestChangesInPlaceAreNotMissedByTheTape(t *testing.T) {
	w := Ones(2).SetRequiresGrad(true)
	x := Ones(2)
	y := x.Mul(w)
	x.AddInPlace(1)
	for want, f := range map[string]func(){
		"changed in place afterwards":         func() { y.Sum().Backward() },
		"it was version 0, now it is version": func() { y.Sum().Backward() },
		"leaf that requires a gradient":       func() { w.AddInPlace(1) },
		"in place: result 0 is f32[2]":        func() { New([]int{1, 2}).DivInPlace(2) },
		"in place: result 0 is f32[3 2]":      func() { Ones(2).AddInPlace(Ones(3, 2)) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*engine.Error); !ok || !strings.Contains(e.Error(), want) {
					t.Errorf("got %v, want an error with %q", e, want)
				}
			}()
			f()
		}()
	}
	NoGrad(func() { w.AddInPlace(1) })
	if w.Float64s()[0] != 2 {
		t.Errorf("inside NoGrad w is %v, want 2", w)
	}
}

func TestUpdatesOfOneTensorGoOneAfterTheOther(t *testing.T) {
	p, g := Ones(4), Ones(4)
	var all []Update
	for range 50 {
		all = append(all, Update{In: []*Tensor{p, g}})
	}
	UpdateAll(op.Add, all)
	if v := p.Float64s(); v[0] != 51 || v[3] != 51 {
		t.Errorf("after 50 additions of 1 the tensor is %v, want 51", v)
	}
}

func TestQuantilesBesideInfinitiesAreElements(t *testing.T) {
	inf := math.Inf(1)
	x := New([]float64{-inf, 1, 2, inf, inf})
	for _, c := range [][2]float64{{0, -inf}, {0.25, 1}, {0.375, 1.5}, {0.6, inf}, {0.9, inf}, {0.1, -inf}} {
		if got := x.Quantile(c[0], 0).Item(); got != c[1] {
			t.Errorf("quantile %v is %v, want %v", c[0], got, c[1])
		}
	}
}

func TestVMapIsALoopOverSlices(t *testing.T) {
	x := New([][]float64{{1, 2}, {3, 4}, {5, 6}})
	y := VMap(func(v *Tensor) *Tensor { return v.Square().Sum() }, x)
	if want := New([]float64{5, 25, 61}); !AllClose(y, want, 0, 0) {
		t.Errorf("VMap gives %v, want %v", y, want)
	}
	if s := VMap((*Tensor).Exp, x, 1).Shape(); !s.Equal(engine.Shape{2, 3}) {
		t.Errorf("along axis 1 the shape is %v, want [2 3]", s)
	}
}
