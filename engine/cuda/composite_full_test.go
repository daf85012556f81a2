//go:build cuda && full

package cuda

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Methods that make tensors of their own, indices, masks and constants, make them where their operands are, and so are
// their results.
func TestCompositesStayOnTheDevice(t *testing.T) {
	d := open(t)
	type tensor = *eager.Tensor
	x := eager.New([]float32{1, -2, 3, 0, 5, -6, 7, 8, 9}).Reshape(3, 3)
	whole := eager.FromInts([]int{1, 0, 2}, 3)
	none := eager.Zeros(0, 4)
	for name, f := range map[string]func(x, whole, none tensor) tensor{
		"Tril":             func(x, _, _ tensor) tensor { return x.Tril(0) },
		"Triu of booleans": func(x, _, _ tensor) tensor { return x.To(engine.Bool).Triu(1) },
		"NonZero":          func(x, _, _ tensor) tensor { return x.NonZero() },
		"MaskedSelect":     func(x, _, _ tensor) tensor { return x.MaskedSelect(x.Gt(0)) },
		"MaskedScatter":    func(x, _, _ tensor) tensor { return x.MaskedScatter(x.Gt(0), x.Neg()) },
		"RepeatEach":       func(x, whole, _ tensor) tensor { return x.RepeatEach(0, whole) },
		"PDist":            func(x, _, _ tensor) tensor { return x.PDist(2) },
		"CorrCoef":         func(x, _, _ tensor) tensor { return x.CorrCoef() },
		"BinCount":         func(_, whole, _ tensor) tensor { return whole.BinCount(whole, 5) },
		"NextAfter":        func(x, _, _ tensor) tensor { return x.NextAfter(0) },
		"NextAfter of none": func(_, _, none tensor) tensor {
			return none.NextAfter(none)
		},
		"IsReal": func(x, _, _ tensor) tensor { return x.IsReal() },
		"IsIn":   func(x, _, none tensor) tensor { return x.IsIn(none) },
		"Mode":   func(x, _, _ tensor) tensor { y, _ := x.Mode(0); return y },
		"Unique": func(x, _, _ tensor) tensor { y, _, _ := x.Unique(); return y },
		"Unique, at": func(x, _, _ tensor) tensor {
			_, y, _ := x.UniqueAlong(0, false)
			return y
		},
		"IndexFill":      func(x, whole, _ tensor) tensor { return x.IndexFill(0, whole, 2) },
		"ScatterReduce":  func(x, _, _ tensor) tensor { return x.ScatterReduce(0, x.Gt(0).To(engine.I64), x, "mean", false) },
		"HistogramEdges": func(x, _, _ tensor) tensor { return x.HistogramEdges(4, 0, 0) },
		"Histogram":      func(x, _, _ tensor) tensor { return x.Histogram(x.HistogramEdges(4, 0, 0), nil, true) },
		"OneHot":         func(_, whole, _ tensor) tensor { return eager.OneHot(whole, 3) },
		"LogAddExp":      func(x, _, _ tensor) tensor { return x.LogAddExp(-1) },
		"LogAddExp2 of none": func(_, _, none tensor) tensor {
			return none.LogAddExp2(0.5)
		},
	} {
		want, got := f(x, whole, none), tensor(nil)
		if err := try(func() { got = f(x.To(d), whole.To(d), none.To(d)) }); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Device() == nil {
			t.Errorf("%s is on the CPU", name)
		}
		if a, b := fmt.Sprint(want), fmt.Sprint(got.To(eager.CPU)); a != b {
			t.Errorf("%s is\n%s, on the CPU\n%s", name, b, a)
		}
	}
}

// A number of the CPU that an operator converts to another type is there for all its elements.
func TestNumbersOfAnotherTypeGoToTheDevice(t *testing.T) {
	d := open(t)
	number := eager.Full(-1).To(engine.I64).Expand(3, 4)
	y := eager.Stack(0, eager.Zeros(3, 4).To(d), number)
	if s := y.Sum().Item(); s != -12 {
		t.Errorf("the sum of twelve times -1 is %v", s)
	}
	for _, dt := range []engine.DType{engine.C128, engine.C64, engine.F64, engine.I8} {
		x := eager.Full(2, 1).To(dt)
		if a, b := fmt.Sprint(x), fmt.Sprint(x.To(d).To(eager.CPU)); a != b {
			t.Errorf("%v is %s on the device", a, b)
		}
	}
}

// The greatest number of an unsigned type is not -1.
func TestDivisionsByTheGreatestUnsignedNumber(t *testing.T) {
	d := open(t)
	x, y := eager.New([]uint8{3, 200, 255}), eager.New([]uint8{255, 255, 255})
	for name, f := range map[string]func(x, y *eager.Tensor) *eager.Tensor{
		"FloorDiv":        func(x, y *eager.Tensor) *eager.Tensor { return x.FloorDiv(y) },
		"FloorDiv number": func(x, _ *eager.Tensor) *eager.Tensor { return x.FloorDiv(-1) },
		"Mod":             func(x, y *eager.Tensor) *eager.Tensor { return x.Mod(y) },
		"Fmod":            func(x, y *eager.Tensor) *eager.Tensor { return x.Fmod(y) },
	} {
		if want, got := f(x, y).Ints(), f(x.To(d), y.To(d)).To(eager.CPU).Ints(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s gave %v, on the CPU %v", name, got, want)
		}
	}
}
