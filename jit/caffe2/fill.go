package caffe2

import (
	"encoding/binary"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/caffe"
)

func init() {
	add(given, "GivenTensorFill", "GivenTensorDoubleFill", "GivenTensorIntFill", "GivenTensorInt64Fill", "GivenTensorBoolFill",
		"GivenTensorInt16Fill")
	add(func(c *call) *eager.Tensor {
		return eager.Full(c.float("value", 0), c.extents()...).To(c.dtype("dtype", engine.F32))
	}, "ConstantFill")
	add(func(c *call) *eager.Tensor {
		return eager.Uniform(c.float("min", 0), c.float("max", 1), c.extents()...)
	}, "UniformFill")
	add(func(c *call) *eager.Tensor {
		return eager.RandInt(c.int("min", 0), c.int("max", 1)+1, c.extents()...).To(engine.I32)
	}, "UniformIntFill")
	add(func(c *call) *eager.Tensor {
		return eager.Normal(c.float("mean", 0), c.float("std", 1), c.extents()...)
	}, "GaussianFill")
	add(func(c *call) *eager.Tensor {
		s := c.extents()
		k := math.Sqrt(3 / float64(max(s.Numel()/max(first0(s), 1), 1)))
		return eager.Uniform(-k, k, s...)
	}, "XavierFill")
	add(func(c *call) *eager.Tensor {
		s, out := c.extents(), 1
		if len(s) > 1 {
			out = s[1]
		}
		return eager.Normal(0, math.Sqrt(2/float64(max(s.Numel()/max(out, 1), 1))), s...)
	}, "MSRAFill")
	add(func(c *call) *eager.Tensor {
		n := c.extents().Numel()
		return eager.Arange(0, float64(n), 1).To(engine.F32).Reshape(c.extents()...)
	}, "RangeFill")
	add(func(c *call) *eager.Tensor {
		c.want(1, 3)
		v := [3]float64{0, c.in[0].Item(), 1}
		if len(c.in) > 1 {
			v[0], v[1] = c.in[0].Item(), c.in[1].Item()
		}
		if len(c.in) > 2 {
			v[2] = c.in[2].Item()
		}
		if v[2] == 0 || (v[1]-v[0])/v[2] > 1<<30 {
			fail("from %v to %v by %v", v[0], v[1], v[2])
		}
		return eager.Arange(v[0], v[1], v[2]).To(c.in[0].DType())
	}, "Range")
}

func first0(s engine.Shape) int {
	if len(s) == 0 {
		return 1
	}
	return s[0]
}

// extents is the shape that a filler makes: argument shape, the shape of its input, or what its input says.
func (c *call) extents() engine.Shape {
	c.want(0, 1)
	shape := c.shape("shape")
	if len(c.in) == 1 {
		if shape = c.in[0].Shape().Clone(); c.flag("input_as_shape", false) {
			shape = checked(c.in[0].To(engine.I64).Ints())
		}
		shape = checked(append(shape, c.ints("extra_shape")...))
	}
	return shape
}

// given fills a tensor with the values of an argument.
func given(c *call) *eager.Tensor {
	c.want(0, 1)
	a := c.args["values"]
	var values []float64
	if c.kind == "GivenTensorFill" || c.kind == "GivenTensorDoubleFill" {
		values = a.Floats("floats")
	} else {
		for _, v := range a.Ints("ints") {
			values = append(values, float64(v))
		}
	}
	s := c.extents()
	if !c.has("shape") && len(c.in) == 0 {
		s = engine.Shape{len(values)}
	}
	if len(values) != s.Numel() {
		fail("%d values for shape %v", len(values), s)
	}
	switch c.kind {
	case "GivenTensorFill":
		return eager.FromFloat64s(values, s...).To(engine.F32)
	case "GivenTensorDoubleFill":
		return eager.FromFloat64s(values, s...)
	}
	ints := make([]int, len(values))
	for i, v := range a.Ints("ints") {
		ints[i] = v
	}
	x := eager.FromInts(ints, s...)
	switch c.kind {
	case "GivenTensorIntFill":
		return x.To(engine.I32)
	case "GivenTensorInt16Fill":
		return x.To(engine.I16)
	case "GivenTensorBoolFill":
		return x.Ne(0)
	}
	return x
}

// Tensor returns the elements of a message TensorProto, as .pb files of inputs and outputs hold them.
func Tensor(b []byte) (x *eager.Tensor, err error) {
	m, err := caffe.ParseBinary(b, "TensorProto")
	if err != nil {
		return nil, err
	}
	err = engine.Catch(func() { x = tensor(m) })
	return x, err
}

func tensor(m *caffe.Message) *eager.Tensor {
	s := checked(m.Ints("dims"))
	d, known := types[m.Int("data_type", 1)]
	var values []float64
	switch raw := m.Text("raw_data", ""); {
	case !known:
		fail("element type %d, which tensors do not have", m.Int("data_type", 1))
	case raw != "" && d == engine.F32 && len(raw) == 4*s.Numel():
		for i := 0; i < len(raw); i += 4 {
			values = append(values, float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(raw[i:i+4])))))
		}
	case raw != "":
		fail("raw data of %d bytes for %v of %v", len(raw), d, s)
	case m.Has("float_data"):
		values = m.Floats("float_data")
	case m.Has("double_data"):
		values = m.Floats("double_data")
	case m.Has("int64_data"):
		x := m.Ints("int64_data")
		if len(x) != s.Numel() {
			fail("%d elements for shape %v", len(x), s)
		}
		return eager.FromInts(x, s...).To(d)
	case m.Has("byte_data"):
		for _, v := range []byte(m.Text("byte_data", "")) {
			values = append(values, float64(v))
		}
	default:
		for _, v := range m.Ints("int32_data") {
			values = append(values, float64(v))
		}
	}
	if len(values) != s.Numel() {
		fail("%d elements for shape %v", len(values), s)
	}
	return eager.FromFloat64s(values, s...).To(d)
}
