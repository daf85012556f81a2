package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// ByteRecurrent describes LSTM or GRU with 8-bit weights, for the graphs of package jit/graph; d is LSTM or GRU. In
// types and arrays the weights stand where d has its own; whr is not among them.
type ByteRecurrent struct{ layer recurrentLayer }

// NewByteRecurrent returns the layer for LSTM or GRU; it panics for another operator.
func NewByteRecurrent(d *Def) ByteRecurrent {
	switch d {
	case LSTM:
		return ByteRecurrent{lstmLayer}
	case GRU:
		return ByteRecurrent{gruLayer}
	}
	panic("op: " + d.Name + " has no form with 8-bit weights; want LSTM or GRU")
}

// Weights is the place of wih among the operands; whh follows.
func (b ByteRecurrent) Weights() int { return 1 + b.layer.states }

// Operands is the number of operands.
func (b ByteRecurrent) Operands() int { return b.layer.operands() }

// Types are those of y and the last states.
func (b ByteRecurrent) Types(a RecurrentAttrs, in []Type) ([]Type, error) {
	if len(in) != b.Operands() {
		return nil, fmt.Errorf("%d operands, want %d", len(in), b.Operands())
	}
	r, err := b.layer.rule(a, in)
	if err != nil {
		return nil, err
	}
	return r[:1+b.layer.states], nil
}

// Run computes y and the last states; of the weights in in only the shapes are read.
func (b ByteRecurrent) Run(a RecurrentAttrs, out, in []engine.Array, wih, whh *cpu.DynamicWeights) {
	r := b.layer.recurrence(a, in, engine.Array{})
	r.Y = flatRows(out[0])
	var cn engine.Array
	if b.layer.states > 1 {
		cn = out[2]
	}
	check("Recurrence", r.ForwardBytes(out[1], cn, wih, whh))
}
