package op

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// NewResult returns storage for a result of type t of d applied to in: row-major, or channels-last where d
// asks for it.
func (d *Def) NewResult(a Attrs, in []engine.Array, t Type) engine.Array {
	if d.ChannelsLast != nil && len(t.Shape) > 2 && d.ChannelsLast(a, in, t) {
		return cpu.NewChannelsLast(t.DType, t.Shape)
	}
	return engine.NewArray(t.DType, t.Shape)
}

// Layout returns the strides of what NewResult returns.
func (d *Def) Layout(a Attrs, in []engine.Array, t Type) []int {
	if d.ChannelsLast != nil && len(t.Shape) > 2 && d.ChannelsLast(a, in, t) {
		return cpu.ChannelsLastStrides(t.Shape)
	}
	return t.Shape.Strides()
}

// likeOperand keeps the order of the operand that has the result's shape.
func likeOperand(_ Attrs, in []engine.Array, t Type) bool {
	for i := range in {
		if x := &in[i]; len(x.Shape) == len(t.Shape) && x.Shape.Equal(t.Shape) && cpu.ChannelsLast(*x) {
			return true
		}
	}
	return false
}

// like keeps the order of operand i, whatever its shape.
func like(i int) func(Attrs, []engine.Array, Type) bool {
	return func(_ Attrs, in []engine.Array, t Type) bool {
		return t.Shape[1] > 1 && cpu.ChannelsLast(in[i])
	}
}
