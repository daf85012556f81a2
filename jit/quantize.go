package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/quant"
)

// Quantize returns a copy of g, frozen, whose convolutions and dense layers compute with 8 bits, and how far
// its results are from those of g. Batches are some hundred typical examples, each one tensor for each argument
// of g; ranges of activations are chosen from them. See package quant.
func (g *Graph) Quantize(batches [][]*eager.Tensor, o ...quant.Options) (*Graph, *quant.Report, error) {
	var opt quant.Options
	if len(o) > 0 {
		opt = o[0]
	}
	seq := func(yield func([]engine.Array) bool) {
		for _, b := range batches {
			in := make([]engine.Array, len(b))
			for i, x := range b {
				in[i] = x.Array()
			}
			if !yield(in) {
				return
			}
		}
	}
	q, r, err := quant.Static(g.Graph, seq, opt)
	if err != nil {
		return nil, nil, err
	}
	small := newGraph(q, g.f)
	small.constant = true
	return small, r, nil
}
