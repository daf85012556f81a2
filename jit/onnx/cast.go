package onnx

import (
	"math"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("Cast", 1, func(c *call) []Value {
		c.must("to")
		return one(castTo(c, c.tensor(0), castTarget(c)))
	})
	add("CastLike", 15, func(c *call) []Value { return one(castTo(c, c.tensor(0), c.tensor(1).Type)) })
	add("BitCast", 26, bitCast)
}

// castTarget is attribute to, which version 1 has as a name.
func castTarget(c *call) ElemType {
	if s := c.string("to", ""); s != "" {
		for t := range elemTypes {
			if strings.EqualFold(elemTypes[t].name, s) {
				return ElemType(t)
			}
		}
	}
	t := ElemType(c.int("to", 0))
	if !t.known() {
		fail("type %d is unknown", t)
	}
	return t
}

func castTo(c *call, x *Tensor, to ElemType) *Tensor {
	return convert(x, to, c.int("saturate", 1) != 0, c.string("round_mode", "up"))
}

// convert returns x as type to. Floats become integers by truncation; integers wrap; what small floats
// cannot hold saturates, or else becomes Inf or NaN; mode is how float8e8m0 rounds.
func convert(x *Tensor, to ElemType, saturate bool, mode string) *Tensor {
	switch {
	case x.Type == to:
		return x
	case x.Type == String:
		return parseStrings(x, to, saturate, mode)
	case to == String:
		return formatNumbers(x)
	case to == Bool:
		return boolean(x.Data.Ne(0))
	case to.isSmallFloat():
		return roundSmallTo(x, to, saturate, mode)
	case to.isInt() && x.Type.isFloat():
		return floatToInt(x, to)
	case to.isInt():
		return intToInt(x, to)
	case x.Type == Uint64 && to.isFloat():
		v := x.Data.Array()
		out := make([]float64, v.Numel())
		for i, a := range elements(x.Data) {
			out[i] = float64(uint64(a))
		}
		return fromFloats(to, out, x.Shape())
	}
	return &Tensor{Type: to, Data: x.Data.To(to.Carrier())}
}

// roundTo rounds values to a type of fewer than 16 bits.
func roundTo(t ElemType, x *eager.Tensor) *Tensor {
	return roundSmallTo(FromTensor(x), t, true, "up")
}

func roundSmallTo(x *Tensor, to ElemType, saturate bool, mode string) *Tensor {
	v := x.Data.Float64s()
	out := make([]float32, len(v))
	for i, a := range v {
		out[i] = float32(roundSmall(to, a, saturate, mode))
	}
	return &Tensor{Type: to, Data: eager.FromArray(engine.Of(x.Shape().Clone(), out))}
}

// plainInt reports whether a tracer is to see a conversion: to a type that tensors have.
func plainInt(to ElemType) bool {
	return eager.IsTraced() && (to == Int64 || to == Int32 || to == Int16 || to == Int8 || to == Uint8)
}

func floatToInt(x *Tensor, to ElemType) *Tensor {
	if plainInt(to) {
		return &Tensor{Type: to, Data: x.Data.To(to.Carrier())}
	}
	v := x.Data.Float64s()
	out := make([]int64, len(v))
	for i, a := range v {
		switch {
		case to == Uint64 && a >= 1<<63:
			out[i] = int64(uint64(a))
		case math.IsNaN(a) || a < -1<<63 || a >= 1<<63:
			out[i] = math.MinInt64 // as amd64 converts it
		default:
			out[i] = int64(a)
		}
		out[i] = signExtend(uint64(out[i]), to)
	}
	return number(to, eager.FromArray(engine.Of(x.Shape().Clone(), out)))
}

func intToInt(x *Tensor, to ElemType) *Tensor {
	if plainInt(to) {
		return &Tensor{Type: to, Data: x.Data.To(to.Carrier())}
	}
	v := elements(x.Data)
	out := make([]int64, len(v))
	for i, a := range v {
		out[i] = signExtend(uint64(a), to)
	}
	return number(to, eager.FromArray(engine.Of(x.Shape().Clone(), out)))
}

func parseStrings(x *Tensor, to ElemType, saturate bool, mode string) *Tensor {
	if to.isInt() {
		out := make([]int64, len(x.Strings))
		for i, s := range x.Strings {
			v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			if u, uerr := strconv.ParseUint(strings.TrimSpace(s), 10, 64); err != nil && uerr == nil {
				v, err = int64(u), nil
			}
			if f, ferr := strconv.ParseFloat(strings.TrimSpace(s), 64); err != nil && ferr == nil {
				v, err = int64(f), nil
			}
			if err != nil {
				fail("element %d is %q, which is no integer", i, s)
			}
			out[i] = signExtend(uint64(v), to)
		}
		return number(to, eager.FromArray(engine.Of(x.shape.Clone(), out)))
	}
	out := make([]float64, len(x.Strings))
	for i, s := range x.Strings {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil && !math.IsInf(v, 0) {
			fail("element %d is %q, which is no number", i, s)
		}
		out[i] = v
	}
	return convert(fromFloats(Double, out, x.shape), to, saturate, mode)
}

// formatNumbers writes numbers as NumPy does: the shortest form that reads back the same.
func formatNumbers(x *Tensor) *Tensor {
	out := make([]string, x.Numel())
	switch {
	case x.Type == Bool:
		for i, b := range x.Data.Bools() {
			out[i] = "False"
			if b {
				out[i] = "True"
			}
		}
	case x.Type == Uint64:
		for i, v := range x.Data.Ints() {
			out[i] = strconv.FormatUint(uint64(v), 10)
		}
	case x.Type.isInt():
		for i, v := range x.Data.Ints() {
			out[i] = strconv.Itoa(v)
		}
	default:
		for i, v := range x.Data.Float64s() {
			out[i] = formatFloat(v, x.Type)
		}
	}
	return FromStrings(out, x.Shape()...)
}

func formatFloat(v float64, t ElemType) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "INF"
	case math.IsInf(v, -1):
		return "-INF"
	}
	bits := 32
	if t == Double {
		bits = 64
	}
	form := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		form = 'e'
	}
	s := strconv.FormatFloat(v, form, -1, bits)
	if form == 'f' && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// bitsOf returns the pattern of each element.
func bitsOf(x *Tensor) []uint64 {
	out := make([]uint64, x.Numel())
	if x.Type.isSmallFloat() {
		for i, v := range x.Data.Float64s() {
			out[i] = uint64(smallBits(x.Type, v))
		}
		return out
	}
	if x.Type.isInt() || x.Type == Bool {
		for i, v := range x.Data.To(engine.I64).Ints() {
			out[i] = uint64(v) & (1<<x.Type.bits() - 1)
		}
		return out
	}
	raw := x.Data.Contiguous().Array()
	b := raw.Buf.Bytes()[raw.Offset*raw.DType.Size():]
	for i := range out {
		out[i] = rawBits(b, i, x.Type.bits())
	}
	return out
}

func bitCast(c *call) []Value {
	x, to := c.numeric(0), castTarget(c)
	if to == String || x.Type.bits() != to.bits() || x.Type.bits() > 64 {
		fail("%v has %d bits, %v has %d", x.Type, x.Type.bits(), to, to.bits())
	}
	bits := bitsOf(x)
	if to.isSmallFloat() || to.isInt() {
		return one(fromBits(to, x.Shape().Clone(), func(i int) uint64 { return bits[i] }))
	}
	a := engine.NewArray(to.Carrier(), x.Shape().Clone())
	raw, n := a.Buf.Bytes(), to.bits()/8
	for i, b := range bits {
		for k := range n {
			raw[i*n+k] = byte(b >> (8 * k))
		}
	}
	return one(&Tensor{Type: to, Data: eager.FromArray(a)})
}

// elements returns a copy of the elements in row-major order: the memory of a tensor that nobody holds goes back to the pool.
func elements(t *eager.Tensor) []int64 { return int64s(t.Ints()) }
