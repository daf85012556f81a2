package jit

import (
	"iter"

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
	q, r, err := quant.Static(g.Graph, sequence(batches), opt)
	if err != nil {
		return nil, nil, err
	}
	small := newGraph(q, g.f)
	small.constant = true
	return small, r, nil
}

// QuantizeDynamic returns a copy of g, frozen, whose dense layers, products with constant matrices, LSTMs and GRUs have
// 8-bit weights and make bytes of what they read in each run. Batches as for Quantize are for the report only and may
// be nil. See quant.Dynamic.
func (g *Graph) QuantizeDynamic(batches [][]*eager.Tensor, o ...quant.DynamicOptions) (*Graph, *quant.Report, error) {
	var opt quant.DynamicOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if d := g.device(nil); d != nil {
		return nil, nil, &engine.Error{Where: "jit.Graph.QuantizeDynamic", What: "the graph is on " + d.String() +
			"; layers with 8-bit weights on numbers run on the CPU: trace the function there"}
	}
	var seq iter.Seq[[]engine.Array]
	if len(batches) > 0 {
		seq = sequence(batches)
	}
	q, r, err := quant.Dynamic(g.Graph, seq, opt)
	if err != nil {
		return nil, nil, err
	}
	small := newGraph(q, g.f)
	small.constant = true
	return small, r, nil
}

// sequence is the sequence of batches as arrays.
func sequence(batches [][]*eager.Tensor) iter.Seq[[]engine.Array] {
	return func(yield func([]engine.Array) bool) {
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
}
