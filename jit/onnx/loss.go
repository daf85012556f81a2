package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("NegativeLogLikelihoodLoss", 12, func(c *call) []Value {
		x := c.numeric(0)
		return one(widened(x, func(t *eager.Tensor) *eager.Tensor { return likelihood(c, t) }))
	})
	add("SoftmaxCrossEntropyLoss", 12, func(c *call) []Value {
		x := c.numeric(0)
		var logs *eager.Tensor
		loss := widened(x, func(t *eager.Tensor) *eager.Tensor {
			logs = t.LogSoftmax(1)
			return likelihood(c, logs)
		})
		return []Value{loss, number(x.Type, logs)}
	})
}

// likelihood is the weighted negative of the log probability of each target, reduced.
func likelihood(c *call, logs *eager.Tensor) *eager.Tensor {
	target := c.numeric(1).Data.To(engine.I64)
	s := logs.Shape()
	if len(s) < 2 || !append(slices.Clone(s[:1]), s[2:]...).Equal(target.Shape()) {
		fail("scores %v and targets %v, want [N C …] and [N …]", s, target.Shape())
	}
	weight := eager.Ones(target.Shape()...).To(logs.DType())
	if c.node.has("ignore_index") {
		ignored := target.Eq(c.int("ignore_index", 0))
		weight = eager.Where(ignored, eager.ZerosLike(weight), weight)
		target = eager.Where(ignored, eager.ZerosLike(target), target)
	}
	if c.has(2) {
		flat := c.numeric(2).Data.To(logs.DType()).IndexSelect(0, target.Reshape(target.Numel()))
		weight = weight.Mul(flat.Reshape(target.Shape()...))
	}
	loss := logs.Gather(1, target.Unsqueeze(1)).Squeeze(1).Neg().Mul(weight)
	switch c.oneOf("reduction", "mean", "sum", "none") {
	case "none":
		return loss
	case "sum":
		return loss.Sum()
	}
	return loss.Sum().Div(weight.Sum())
}
