package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine/op"
)

// sequences are training steps of models for sequences, and attention/BxHxTxD, forward, and
// attention_step, forward and backward; with _causal query i sees keys up to i.
func sequences() []benchCase {
	all := []benchCase{
		{"transformer/b8", 0, func() func() { return train(transformer(), 8, 64, 128) }},
		{"lstm/b32", 0, func() func() { return train(lstm(), 32, 32, 128) }},
		{"gru/b32", 0, func() func() { return train(gru(), 32, 32, 128) }},
	}
	for _, kind := range []string{"attention", "attention_step"} {
		for _, s := range [][4]int{{8, 4, 64, 32}, {2, 8, 512, 64}, {1, 8, 2048, 64}} {
			for _, causal := range []bool{false, true} {
				name := fmt.Sprintf("%s/%dx%dx%dx%d", kind, s[0], s[1], s[2], s[3])
				if causal {
					name += "_causal"
				}
				all = append(all, benchCase{name, 0, func() func() {
					return attention(kind == "attention_step", causal, s[:]...)
				}})
			}
		}
	}
	return all
}

func attention(step, causal bool, shape ...int) func() {
	eager.Seed(0)
	var qkv [3]*eager.Tensor
	for i := range qkv {
		qkv[i] = eager.Randn(shape...).SetRequiresGrad(step)
	}
	g := eager.Randn(shape...)
	return func() {
		y := eager.Apply(op.Attention, op.AttentionAttrs{Causal: causal}, qkv[:]...)[0]
		if !step {
			return
		}
		for _, x := range qkv {
			x.ZeroGrad()
		}
		y.BackwardFrom(g)
	}
}

// transformer has two layers that normalise first.
func transformer() nn.Module {
	layer := func() nn.Module {
		return nn.NewTransformerEncoderLayer(128, 4, nn.TransformerOptions{
			Hidden: 512, Activation: "gelu", BatchFirst: true, NormFirst: true,
		})
	}
	mean := nn.NewLambda(func(x *eager.Tensor) *eager.Tensor { return x.Mean(1) })
	return nn.NewSequential(layer(), layer(), mean, nn.NewLinear(128, 10))
}

// lastState is the state behind the last step of x [batch steps width].
func lastState(layer nn.Module) nn.Module {
	last := nn.NewLambda(func(x *eager.Tensor) *eager.Tensor { return x.Slice(1, -1, x.Size(1)).Squeeze(1) })
	return nn.NewSequential(layer, last, nn.NewLinear(128, 10))
}

func lstm() nn.Module { return lastState(nn.NewLSTM(128, 128, nn.RNNOptions{BatchFirst: true})) }

func gru() nn.Module { return lastState(nn.NewGRU(128, 128, nn.RNNOptions{BatchFirst: true})) }
