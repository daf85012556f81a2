package eager_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// TestGELUOnTheTapeKeepsItsDerivative compares the form that is recorded with the operators by themselves, in all bits.
func TestGELUOnTheTapeKeepsItsDerivative(t *testing.T) {
	for _, n := range []int{5, 40_000} { // the short way, and the long one
		eager.Seed(1)
		x := eager.Randn(n).Mul(3)
		dy := eager.Randn(n)
		want, slope := eager.Apply(op.GELU, nil, x)[0], eager.Apply(op.GELUGrad, nil, dy, x)[0]
		leaf := x.Clone().SetRequiresGrad(true)
		var names []string
		var outs int
		y := leaf.GELU()
		outs = len(eager.Apply(op.GELU, nil, leaf))
		stop := eager.Observe(func(e eager.Event) { names = append(names, e.Name) })
		y.BackwardFrom(dy)
		stop()
		if outs != 1 {
			t.Errorf("GELU has %d results where it is recorded, want 1", outs)
		}
		if n > 1<<14 && (len(names) == 0 || names[0] != "Mul") {
			t.Errorf("%d elements: the backward pass runs %v, want a product first", n, names)
		}
		for i, v := range want.Float32s() {
			if y.Float32s()[i] != v || leaf.Grad().Float32s()[i] != slope.Float32s()[i] {
				t.Fatalf("%d elements: element %d is %v with gradient %v, want %v and %v", n, i, y.Float32s()[i],
					leaf.Grad().Float32s()[i], v, slope.Float32s()[i])
			}
		}
	}
}
