package cpu

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// DynamicFilters are 8-bit filters of a convolution of numbers: each run makes bytes of its input with one scale and one
// zero point that fit what the input holds. They may be used by several goroutines.
type DynamicFilters struct {
	spec  ConvSpec
	shape engine.Shape
	layer *QuantLayer // without scale of the input and bias
}

// PackDynamicFilters packs I8 filters [n c/groups k…] over one or two axes that stand for numbers scale[i] times as large.
func PackDynamicFilters(w engine.Array, scale []float32, s ConvSpec) (*DynamicFilters, error) {
	if len(w.Shape) < 3 {
		return nil, fmt.Errorf("PackDynamicFilters: weight %v; want [n c k…]", w)
	}
	q, err := PackQuant(w, s)
	if err != nil {
		return nil, err
	}
	if len(scale) != q.Outputs() {
		return nil, fmt.Errorf("PackDynamicFilters: %d scales for %d output channels", len(scale), q.Outputs())
	}
	l, err := q.Layer(Requant{Scale: scale})
	if err != nil {
		return nil, err
	}
	return &DynamicFilters{s, w.Shape.Clone(), l}, nil
}

// Run computes dst = Conv(x, filters) + bias for x and dst of F32, best channels-last; bias may be nil. Where x holds a
// number which is not finite the result is NaN.
func (d *DynamicFilters) Run(dst, x engine.Array, bias []float32) error {
	if x.DType != engine.F32 || dst.DType != engine.F32 {
		return unsupported("DynamicFilters", x.DType)
	}
	want, err := d.spec.Out(x.Shape, d.shape)
	switch {
	case err != nil:
		return err
	case !want.Equal(dst.Shape):
		return fmt.Errorf("DynamicFilters: result %v of input %v; want %v", dst, x, want)
	case bias != nil && len(bias) != d.shape[0]:
		return fmt.Errorf("DynamicFilters: %d biases for %d output channels", len(bias), d.shape[0])
	case dst.Numel() == 0:
		return nil
	}
	flat := x
	if ChannelsLast(x) {
		order := []int{0}
		for i := 2; i < len(x.Shape); i++ {
			order = append(order, i)
		}
		flat = x.Permute(append(order, 1)...)
	}
	flat, free := flatCopy(flat)
	defer free()
	lo, hi := rangeOf(flat)
	scale, zero := byteRange(lo, hi)
	if scale != scale {
		return Fill(dst, math.NaN())
	}
	q := NewChannelsLast(engine.U8, x.Shape)
	defer q.Buf.Release()
	if err := Quantize(q, x, scale, zero); err != nil {
		return err
	}
	return d.layer.scaled(scale, zero, bias).Run(dst, q, engine.Array{})
}
