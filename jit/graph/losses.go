package graph

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// LossGradsAttrs hold the number of samples that a mean of losses is over; 1: they are added up.
type LossGradsAttrs struct{ Samples int }

// LossGrads is the gradient of the sum or mean of cross entropies for rows of scores. Unlike that of package op it does
// not need all samples.
var LossGrads = &op.Def{
	Domain: "graph", Name: "LossGrads", Inputs: op.CrossEntropyGrad.Inputs, Attrs: LossGradsAttrs{},
	Takes: []op.Kinds{op.Reals, op.Reals, op.Ints},
	Doc:   "LossGrads returns dy/Samples·(softmax(logits) − onehot(labels)) for a number dy.",
	Rule: func(_ op.Attrs, in []op.Type) ([]op.Type, error) {
		dy, x, labels := in[0], in[1], in[2]
		if len(dy.Shape) != 0 || dy.DType != x.DType || len(x.Shape) != 2 || !labels.Shape.Equal(x.Shape[:1]) ||
			labels.DType != engine.I64 {
			return nil, fmt.Errorf("want a number, logits [n classes] of its dtype and n labels")
		}
		return in[1:2:2], nil
	},
	CPU: func(a op.Attrs, out, in []engine.Array) {
		dy := in[0]
		dy.Shape, dy.Strides = in[2].Shape, []int{0}
		if err := cpu.CrossEntropyGrad(out[0], dy, in[1], in[2], 1/float64(a.(LossGradsAttrs).Samples)); err != nil {
			panic(&engine.Error{Where: "CrossEntropy", What: err.Error()})
		}
	},
}
