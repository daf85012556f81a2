package eager_test

import (
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// trained returns the parameters of a small network after some steps from a fixed start.
func trained(threads int) []float32 {
	eager.SetThreads(threads)
	defer eager.SetThreads(0)
	eager.Seed(3)
	x, y := eager.Randn(64, 1, 28, 28), eager.RandInt(0, 10, 64)
	c, d, w, b := param(8, 1, 5, 5), param(8), param(10, 8*12*12), param(10)
	params := []*eager.Tensor{c, d, w, b}
	for range 3 {
		h := eager.MaxPool2D(conv(x, c, d, op.ConvAttrs{}).Tanh(), op.PoolAttrs{Kernel: []int{2, 2}})
		crossEntropy(linear(h.Flatten(1), w, b), y).Add(w.Mul(w).Mean()).Backward()
		update(params)
	}
	var all []float32
	for _, p := range params {
		all = append(all, p.Float32s()...)
	}
	return all
}

func TestTrainingRepeatsBitForBitForAnyNumberOfThreads(t *testing.T) {
	want := trained(2)
	for _, threads := range []int{2, 2, 1, 3} {
		if got := trained(threads); !slices.Equal(got, want) {
			t.Errorf("%d threads: parameters differ", threads)
		}
	}
}
