package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

// sequences are attention/BxHxTxD, forward, and attention_step, forward and backward; with _causal
// query i sees keys up to i.
func sequences() []benchCase {
	var all []benchCase
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
