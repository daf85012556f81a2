package jit

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// The signature of a segment is everything that a Program depends on: operators, their static parameters,
// and for each operand which storage it lies in, and how. What may differ between calls is left out: the
// values, Go numbers among them, places in the random stream, and the settings of optimizers.

// appendEvent appends e to a signature.
func appendEvent(b []byte, e *event) []byte {
	b = append(b, byte(e.kind))
	if e.dev != nil {
		b = append(b, 1)
		b = append(b, e.dev.String()...)
		for k := range e.In {
			b = append(b, bit(e.In[k].Device() == nil))
		}
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(uintptr(unsafe.Pointer(e.Def))))
	b = appendAttrs(b, e.Def, e.Attrs)
	b = append(b, byte(len(e.In)))
	for k := range e.In {
		b = binary.AppendUvarint(b, uint64(e.in[k])<<1|e.Weak>>min(k, 63)&1)
		b = appendLayout(b, &e.In[k])
	}
	for k := range e.out {
		b = binary.AppendUvarint(b, uint64(e.out[k]))
		b = appendLayout(b, &e.Out[k])
	}
	return b
}

func appendLayout(b []byte, a *engine.Array) []byte {
	b = append(b, byte(a.DType), byte(len(a.Shape)))
	b = binary.AppendVarint(b, int64(a.Offset))
	for i, n := range a.Shape {
		b = binary.AppendVarint(b, int64(n))
		b = binary.AppendVarint(b, int64(a.Strides[i]))
	}
	return b
}

// appendAttrs appends the parameters of d that do not change between calls.
func appendAttrs(b []byte, d *op.Def, a op.Attrs) []byte {
	switch p := a.(type) {
	case nil:
		return append(b, 0)
	case op.ReduceAttrs:
		return appendInts(append(b, 1, bit(p.Keep), bit(p.Axes == nil)), p.Axes)
	case op.AxisAttrs:
		return binary.AppendVarint(append(b, 2), int64(p.Axis))
	case op.ShapeAttrs:
		return appendInts(append(b, 3), p.Shape)
	case op.PermuteAttrs:
		return appendInts(append(b, 4), p.Perm)
	case op.SliceAttrs:
		return appendInts(appendInts(appendInts(append(b, 5), p.Start), p.Stop), p.Step)
	case op.CastAttrs:
		return append(b, 6, byte(p.To))
	case op.ClampAttrs:
		return appendFloat(appendFloat(append(b, 7), p.Lo), p.Hi)
	case op.ConvAttrs:
		b = appendInts(appendInts(appendInts(append(b, 8), p.Stride), p.Padding), p.Dilation)
		return appendInts(binary.AppendVarint(b, int64(p.Groups)), p.Shape)
	case op.SGDAttrs:
		return append(b, 9, bit(p.Momentum == 0), bit(p.WeightDecay == 0), bit(p.Maximize))
	case op.AdamAttrs:
		return append(b, 10)
	}
	if _, _, ok := op.RandomPlace(a); ok {
		a = op.AtRandomPlace(a, 0, 0)
	}
	return fmt.Appendf(append(b, 255), "%T%v", a, a)
}

func bit(on bool) byte {
	if on {
		return 1
	}
	return 0
}

func appendInts(b []byte, v []int) []byte {
	b = append(b, byte(len(v)))
	for _, n := range v {
		b = binary.AppendVarint(b, int64(n))
	}
	return b
}

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}
