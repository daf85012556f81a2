package optest

import (
	"hash/fnv"
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// stream is a small deterministic generator of numbers (splitmix64).
type stream uint64

func newStream(names ...string) *stream {
	h := fnv.New64a()
	for _, n := range names {
		h.Write([]byte(n))
	}
	s := stream(h.Sum64())
	return &s
}

func (s *stream) next() float64 { // in [0, 1)
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// operands draws the operands of a case. All numbers are exact in f32, so that a case can be repeated
// in f64.
func operands(d *op.Def, c op.Case) []engine.Array {
	lo, hi := c.Lo, c.Hi
	if lo == 0 && hi == 0 {
		lo, hi = -1, 1
	}
	s := newStream(d.Name, c.Name)
	arrays := make([]engine.Array, len(c.In))
	for i, t := range c.In {
		if i < len(c.Data) && c.Data[i] != nil {
			arrays[i] = fromFloats(t, c.Data[i])
			continue
		}
		v := make([]float64, t.Shape.Numel())
		for j := range v {
			v[j] = float64(float32(lo + (hi-lo)*s.next()))
			if !t.DType.IsFloat() && !t.DType.IsComplex() {
				v[j] = math.Floor(v[j])
			}
		}
		arrays[i] = fromFloats(t, v)
		if t.DType.IsComplex() {
			slices.Reverse(v)
			if err := cpu.Copy(cpu.ImagPart(arrays[i]), engine.Of(t.Shape, v)); err != nil {
				panic(err)
			}
		}
	}
	return arrays
}

func fromFloats(t op.Type, v []float64) engine.Array {
	return convert(engine.Of(t.Shape, slices.Clone(v)), t.DType)
}

// inF64 repeats operands with floats widened.
func inF64(c op.Case, in []engine.Array) (op.Case, []engine.Array) {
	c.In, in = slices.Clone(c.In), slices.Clone(in)
	for i, t := range c.In {
		if t.DType.IsFloat() {
			c.In[i].DType, in[i] = engine.F64, convert(in[i], engine.F64)
		}
		if t.DType == engine.C64 {
			c.In[i].DType, in[i] = engine.C128, convert(in[i], engine.C128)
		}
	}
	if a, ok := c.Attrs.(op.CastAttrs); ok && a.To.IsFloat() {
		c.Attrs = op.CastAttrs{To: engine.F64}
	}
	return c, in
}

// layouts are ways to store an array otherwise than row-major.
var layouts = []struct {
	name string
	of   func(x engine.Array) engine.Array
}{
	{"transposed", transposed},
	{"strided", strided},
	{"reversed", reversed},
}

// transposed stores the last axis outermost.
func transposed(x engine.Array) engine.Array {
	n := len(x.Shape)
	perm := make([]int, n)
	for i := range perm {
		perm[i] = n - 1 - i
	}
	return copyInto(engine.NewArray(x.DType, x.Permute(perm...).Shape).Permute(perm...), x)
}

// strided stores every second element of a larger block, from an offset on.
func strided(x engine.Array) engine.Array {
	if len(x.Shape) == 0 {
		big := engine.NewArray(x.DType, engine.Shape{3})
		big.Shape, big.Strides, big.Offset = nil, nil, 2
		return copyInto(big, x)
	}
	s := x.Shape.Clone()
	for i := range s {
		s[i] = 2*s[i] + 1
	}
	y := engine.NewArray(x.DType, s)
	poison(y)
	for i, n := range s {
		y = y.Slice(i, 1, n, 2)
	}
	return copyInto(y, x)
}

// reversed stores every axis from its end.
func reversed(x engine.Array) engine.Array {
	y := engine.NewArray(x.DType, x.Shape)
	for i, n := range y.Shape {
		y = y.Slice(i, n-1, -1, -1)
	}
	return copyInto(y, x)
}

func copyInto(dst, x engine.Array) engine.Array {
	if err := cpu.Copy(dst, x); err != nil {
		panic(err)
	}
	return dst
}
