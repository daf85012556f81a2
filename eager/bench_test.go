package eager_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
)

// The cost of dispatch: the work itself is 8 additions.

func BenchmarkAdd8(b *testing.B) {
	x, y := eager.Ones(8), eager.Ones(8)
	for b.Loop() {
		x.Add(y)
	}
}

func BenchmarkAdd8WithTape(b *testing.B) {
	x, y := eager.Ones(8).SetRequiresGrad(true), eager.Ones(8)
	for b.Loop() {
		x.Add(y)
	}
}

func BenchmarkMul8Sum8Backward(b *testing.B) {
	x, y := eager.Ones(8).SetRequiresGrad(true), eager.Ones(8)
	for b.Loop() {
		x.ZeroGrad()
		x.Mul(y).Sum().Backward()
	}
}
