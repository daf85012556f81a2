package cpu

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// DynamicWeights are 8-bit weights of a dense layer on numbers: each run makes bytes of its input with a scale and a
// zero point that fit what the input holds. They may be used by several goroutines.
type DynamicWeights struct {
	w     *QuantWeights
	byRow bool
	layer *QuantLayer // of bytes around 128, without scale of the input and bias
	sums  []float32   // of each output channel's weights, times its scale
}

// rowZero is the zero point that the products of rows are taken with; what is left of a row's own comes afterwards.
const rowZero = 128

// PackDynamic packs I8 weights [n k] that stand for numbers scale[i] times as large. Bytes have one scale and zero
// point for each row of the input, or for all of it.
func PackDynamic(w engine.Array, scale []float32, byRow bool) (*DynamicWeights, error) {
	if len(w.Shape) != 2 {
		return nil, fmt.Errorf("PackDynamic: weight %v; want [n k]", w)
	}
	q, err := PackQuant(w, ConvSpec{})
	if err != nil {
		return nil, err
	}
	if len(scale) != q.Outputs() {
		return nil, fmt.Errorf("PackDynamic: %d scales for %d output channels", len(scale), q.Outputs())
	}
	l, err := q.Layer(Requant{XZero: rowZero, Scale: scale})
	if err != nil {
		return nil, err
	}
	d := &DynamicWeights{w: q, byRow: byRow, layer: l, sums: make([]float32, len(scale))}
	for j, s := range scale {
		d.sums[j] = float32(q.sums[q.column(j)]) * s
	}
	return d, nil
}

// byteRange returns the scale and zero point of unsigned bytes for numbers from lo to hi, as ONNX's
// DynamicQuantizeLinear does: 0 is one of the numbers. The scale is NaN where a number is not finite.
func byteRange(lo, hi float32) (scale float32, zero int) {
	lo, hi = min(lo, 0), max(hi, 0)
	d := hi - lo
	switch {
	case d-d != 0:
		return float32(math.NaN()), 0
	}
	if scale = d / 255; scale == 0 { // all are 0, or too small for a scale
		return 1, 0
	}
	return scale, min(int(math.RoundToEven(float64(-lo/scale))), 255)
}

// Run computes dst = x·wᵀ + bias for x [… k] of F32; dst is F32 [… n], bias may be nil. A row of x, or x, that holds a
// number which is not finite gives NaN.
func (d *DynamicWeights) Run(dst, x engine.Array, bias []float32) error {
	n, k := d.w.Outputs(), d.w.ci
	switch r := len(x.Shape); {
	case x.DType != engine.F32 || dst.DType != engine.F32:
		return unsupported("DynamicWeights", x.DType)
	case r < 1 || len(dst.Shape) != r || x.Shape[r-1] != k || dst.Shape[r-1] != n ||
		!x.Shape[:r-1].Equal(dst.Shape[:r-1]):
		return fmt.Errorf("DynamicWeights: result %v of input %v; the weights are [%d %d]", dst, x, n, k)
	case bias != nil && len(bias) != n:
		return fmt.Errorf("DynamicWeights: %d biases for %d output channels", len(bias), n)
	}
	if dst.Numel() == 0 {
		return nil
	}
	to := dst
	switch {
	case len(dst.Shape) == 2 && dst.Strides[1] == 1:
	case dst.IsContiguous():
		to, _ = dst.Reshape(engine.Shape{dst.Numel() / n, n})
	default:
		c := engine.NewArray(dst.DType, dst.Shape)
		defer c.Buf.Release()
		if err := d.Run(c, x, bias); err != nil {
			return err
		}
		return Copy(dst, c)
	}
	x, free := flatCopy(x)
	defer free()
	from, _ := x.Reshape(engine.Shape{to.Shape[0], k})
	if d.byRow {
		return d.runRows(to, from, bias)
	}
	return d.runWhole(to, from, bias)
}

// runWhole makes all of x [m k] bytes of one scale.
func (d *DynamicWeights) runWhole(dst, x engine.Array, bias []float32) error {
	lo, hi := rangeOf(x)
	scale, zero := byteRange(lo, hi)
	if scale != scale {
		return Fill(dst, math.NaN())
	}
	q := engine.NewArray(engine.U8, x.Shape)
	defer q.Buf.Release()
	if err := Quantize(q, x, scale, zero); err != nil {
		return err
	}
	return d.layer.scaled(scale, zero, bias).Run(dst, q, engine.Array{})
}

// rangeOf returns the least and the largest of x, which has no gaps.
func rangeOf(x engine.Array) (lo, hi float32) {
	v := flatSlice[float32](&x)
	if len(v) <= 4*grain {
		return lineMinF32(v), lineMaxF32(v)
	}
	var ends [2]engine.Array
	line, _ := x.Reshape(engine.Shape{len(v)})
	for i, f := range []func(dst, x engine.Array, axes []int) error{Min, Max} {
		ends[i] = engine.NewArray(engine.F32, engine.Shape{})
		defer ends[i].Buf.Release()
		must(f(ends[i], line, []int{0}))
	}
	return ends[0].F32()[0], ends[1].F32()[0]
}

// scaled returns l, which has no bias, for bytes of the scale and zero point.
func (l *QuantLayer) scaled(scale float32, zero int, bias []float32) *QuantLayer {
	s := *l
	s.xZero, s.r.XZero, s.small = zero, zero, false
	s.bias, s.scale = make([]int32, len(l.bias)), make([]float32, len(l.scale))
	for i := range s.bias {
		s.bias[i] = -int32(zero) * l.w.sums[i]
		s.scale[i] = scale * l.scale[i]
	}
	if bias != nil {
		s.shift = make([]float32, len(l.shift))
		for j, v := range bias {
			s.shift[l.w.column(j)] = v
		}
	}
	s.place()
	return &s
}

// runRows makes each row of x [m k] bytes of its own scale.
func (d *DynamicWeights) runRows(dst, x engine.Array, bias []float32) error {
	m, k := x.Shape[0], x.Shape[1]
	q := engine.NewArray(engine.U8, x.Shape)
	defer q.Buf.Release()
	scales, terms := make([]float32, m), make([]float32, m)
	from, to := flatSlice[float32](&x), flatSlice[uint8](&q)
	engine.Parallel(m, max(1, grain/max(k, 1)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := from[i*k:][:k]
			s, z := byteRange(lineMinF32(row), lineMaxF32(row))
			scales[i], terms[i] = s, s*float32(rowZero-z)
			if s == s {
				quantizer[uint8](s, z, 0, 255)(to[i*k:][:k], row)
			}
		}
	})
	if err := d.layer.Run(dst, q, engine.Array{}); err != nil {
		return err
	}
	n, all := len(d.sums), whole[float32](&dst)[dst.Offset:]
	engine.Parallel(m, max(1, grain/n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, s, t := all[i*dst.Strides[0]:][:n], scales[i], terms[i]
			sums := d.sums[:len(row)]
			if bias == nil {
				for j, v := range row {
					row[j] = float32(v*s) + float32(sums[j]*t)
				}
				continue
			}
			b := bias[:len(row)]
			for j, v := range row {
				row[j] = float32(float32(v*s)+float32(sums[j]*t)) + b[j]
			}
		}
	})
	return nil
}
