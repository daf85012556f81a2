package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// PositionalEncoding adds sines and cosines of the step to each element.
//
//	y[t 2i] = x + sin(t/10000^(2i/width)), y[t 2i+1] = x + cos(t/10000^(2i/width))
//
// x: [… steps width] → the same.
type PositionalEncoding struct {
	Base
	table *eager.Tensor // [steps width]
}

// NewPositionalEncoding returns the layer for sequences of up to steps steps.
// Source: Vaswani et al. 2017.
func NewPositionalEncoding(width, steps int) *PositionalEncoding {
	atLeast("nn.NewPositionalEncoding", "width", width, 1)
	atLeast("nn.NewPositionalEncoding", "steps", steps, 1)
	v := make([]float64, steps*width)
	for t := range steps {
		for i := range width {
			angle := float64(t) / math.Pow(10000, float64(i-i%2)/float64(width))
			if i%2 == 0 {
				v[t*width+i] = math.Sin(angle)
			} else {
				v[t*width+i] = math.Cos(angle)
			}
		}
	}
	return &PositionalEncoding{table: eager.FromFloat64s(v, steps, width).To(engine.F32)}
}

// Forward returns x plus the encoding of steps 0, 1, …
func (p *PositionalEncoding) Forward(x *eager.Tensor) *eager.Tensor { return p.Done(x, p.From(x, 0)) }

// From returns x plus the encoding of steps start, start + 1, …
func (p *PositionalEncoding) From(x *eager.Tensor, start int) *eager.Tensor {
	const where = "nn.PositionalEncoding"
	ready(where, "nn.NewPositionalEncoding", p != nil && p.table != nil, x)
	checkSteps(where, x, p.table, p.table.Size(1), start)
	return x.Add(p.table.Slice(0, start, start+x.Size(-2)).To(x.DType()))
}

// checkSteps refuses a sequence that does not fit a table of steps.
func checkSteps(where string, x, table *eager.Tensor, width, start int) {
	if x.Rank() < 2 || x.Size(-1) != width || start < 0 || start+x.Size(-2) > table.Size(0) {
		engine.Fail(where, "input %v from step %d; want [… steps %d] and at most %d steps", x.Array(), start,
			width, table.Size(0))
	}
}

// RotaryEmbedding turns pairs of elements of queries and keys by an angle that grows with the step, so
// that their products depend on the distance of steps only. Element i pairs with element i + width/2.
// x: [… steps width] → the same.
type RotaryEmbedding struct {
	Base
	cos, sin *eager.Tensor // [steps width]
}

// NewRotaryEmbedding returns the layer for sequences of up to steps steps; width is even, that of a head.
// Source: Su et al. 2021, in the arrangement of GPT-NeoX.
func NewRotaryEmbedding(width, steps int) *RotaryEmbedding {
	const where = "nn.NewRotaryEmbedding"
	atLeast(where, "width", width, 2)
	atLeast(where, "steps", steps, 1)
	if width%2 != 0 {
		engine.Fail(where, "width is %d; want an even number", width)
	}
	c, s := make([]float64, steps*width), make([]float64, steps*width)
	for t := range steps {
		for i := range width {
			angle := float64(t) / math.Pow(10000, 2*float64(i%(width/2))/float64(width))
			s[t*width+i], c[t*width+i] = math.Sincos(angle)
		}
	}
	table := func(v []float64) *eager.Tensor { return eager.FromFloat64s(v, steps, width).To(engine.F32) }
	return &RotaryEmbedding{cos: table(c), sin: table(s)}
}

// Forward turns steps 0, 1, …
func (r *RotaryEmbedding) Forward(x *eager.Tensor) *eager.Tensor { return r.Done(x, r.From(x, 0)) }

// From turns steps start, start + 1, …
func (r *RotaryEmbedding) From(x *eager.Tensor, start int) *eager.Tensor {
	const where = "nn.RotaryEmbedding"
	ready(where, "nn.NewRotaryEmbedding", r != nil && r.cos != nil, x)
	width := r.cos.Size(1)
	checkSteps(where, x, r.cos, width, start)
	end := start + x.Size(-2)
	turned := eager.Concat(x.Rank()-1, x.Slice(-1, width/2, width).Neg(), x.Slice(-1, 0, width/2))
	c, s := r.cos.Slice(0, start, end).To(x.DType()), r.sin.Slice(0, start, end).To(x.DType())
	return x.Mul(c).Add(turned.Mul(s))
}
