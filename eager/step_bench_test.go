package eager_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// Training steps written by hand: the floor under layers and optimizers.

func crossEntropy(logits, labels *eager.Tensor) *eager.Tensor {
	n := labels.Size(0)
	return logits.LogSoftmax(1).Gather(1, labels.Reshape(n, 1)).Sum().Mul(-1 / float64(n))
}

func update(params []*eager.Tensor) {
	eager.NoGrad(func() {
		for _, p := range params {
			eager.ApplyInPlace(op.SGDUpdate, op.SGDAttrs{LR: 0.01}, p, p, p.Grad())
			p.ZeroGrad()
		}
	})
}

func param(shape ...int) *eager.Tensor {
	x := eager.Randn(shape...).Mul(0.05)
	return x.Detach().SetRequiresGrad(true)
}

func BenchmarkStepMLP784x128x10Batch32(b *testing.B) {
	x, y := eager.Randn(32, 784), eager.RandInt(0, 10, 32)
	w1, b1, w2, b2 := param(128, 784), param(128), param(10, 128), param(10)
	params := []*eager.Tensor{w1, b1, w2, b2}
	b.ReportAllocs()
	for b.Loop() {
		h := x.MatMul(w1.T()).Add(b1).ReLU()
		crossEntropy(h.MatMul(w2.T()).Add(b2), y).Backward()
		update(params)
	}
}

func BenchmarkStepLeNetBatch64(b *testing.B) {
	x, y := eager.Randn(64, 1, 28, 28), eager.RandInt(0, 10, 64)
	c1, c2, w1, w2, w3 := param(6, 1, 5, 5), param(16, 6, 5, 5), param(120, 400), param(84, 120), param(10, 84)
	d1, d2, b1, b2, b3 := param(6, 1, 1), param(16, 1, 1), param(120), param(84), param(10)
	params := []*eager.Tensor{c1, c2, w1, w2, w3, d1, d2, b1, b2, b3}
	pool := op.PoolAttrs{Kernel: []int{2, 2}}
	b.ReportAllocs()
	for b.Loop() {
		h := eager.Conv(x, c1, op.ConvAttrs{Padding: []int{2, 2}}).Add(d1).ReLU()
		h = eager.Conv(eager.MaxPool2D(h, pool), c2, op.ConvAttrs{}).Add(d2).ReLU()
		h = eager.MaxPool2D(h, pool).Flatten(1)
		h = h.MatMul(w1.T()).Add(b1).ReLU().MatMul(w2.T()).Add(b2).ReLU()
		crossEntropy(h.MatMul(w3.T()).Add(b3), y).Backward()
		update(params)
	}
}
