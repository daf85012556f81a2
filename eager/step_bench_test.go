package eager_test

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/internal/poison"
	"github.com/lathe-ml/lathe/engine/op"
)

// Training steps written by hand: the floor under layers and optimizers.

func crossEntropy(logits, labels *eager.Tensor) *eager.Tensor {
	return eager.Apply(op.CrossEntropy, op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}, logits, labels)[0]
}

func linear(x, w, b *eager.Tensor) *eager.Tensor { return eager.Apply(op.Linear, nil, x, w, b)[0] }

func conv(x, w, b *eager.Tensor, a op.ConvAttrs) *eager.Tensor {
	return eager.Apply(op.Conv, a, x, w, b)[0]
}

func update(params []*eager.Tensor) {
	eager.NoGrad(func() {
		for _, p := range params {
			p.WithGrad(func(g *eager.Tensor) {
				eager.ApplyInPlace(op.SGDUpdate, op.SGDAttrs{LR: 0.01}, p, p, g)
			})
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
	poison.Released = nil
	b.Cleanup(func() { poison.Released = poison.Fill })
	b.ReportAllocs()
	for b.Loop() {
		crossEntropy(linear(linear(x, w1, b1).ReLU(), w2, b2), y).Backward()
		update(params)
	}
}

func BenchmarkStepLeNetBatch64(b *testing.B) {
	x, y := eager.Randn(64, 1, 28, 28), eager.RandInt(0, 10, 64)
	c1, c2, w1, w2, w3 := param(6, 1, 5, 5), param(16, 6, 5, 5), param(120, 400), param(84, 120), param(10, 84)
	d1, d2, b1, b2, b3 := param(6), param(16), param(120), param(84), param(10)
	params := []*eager.Tensor{c1, c2, w1, w2, w3, d1, d2, b1, b2, b3}
	pool := op.PoolAttrs{Kernel: []int{2, 2}}
	poison.Released = nil
	b.Cleanup(func() { poison.Released = poison.Fill })
	b.ReportAllocs()
	for b.Loop() {
		h := conv(x, c1, d1, op.ConvAttrs{Padding: []int{2, 2}}).ReLU()
		h = conv(eager.MaxPool2D(h, pool), c2, d2, op.ConvAttrs{}).ReLU()
		h = eager.MaxPool2D(h, pool).Flatten(1)
		h = linear(linear(h, w1, b1).ReLU(), w2, b2).ReLU()
		crossEntropy(linear(h, w3, b3), y).Backward()
		update(params)
	}
}
