package convert

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
	"github.com/lathe-ml/lathe/learn"
)

// graph writes nodes. Names of values are strings; constants are shared.
type graph struct {
	p      *pb.GraphProto
	double bool // the floating point type of constants that are made now
	count  int
	consts map[string]string
}

func (g *graph) elem() pb.TensorProto_DataType {
	if g.double {
		return pb.TensorProto_DOUBLE
	}
	return pb.TensorProto_FLOAT
}

func (g *graph) fresh(prefix string) string {
	g.count++
	return fmt.Sprintf("%s_%d", prefix, g.count)
}

// op applies an operator of ai.onnx with one output.
func (g *graph) op(kind string, attrs []*pb.AttributeProto, in ...string) string {
	return g.node("", kind, attrs, in, 1)[0]
}

func (g *graph) node(domain, kind string, attrs []*pb.AttributeProto, in []string, outs int) []string {
	n := &pb.NodeProto{OpType: &kind, Input: in, Attribute: attrs, Domain: &domain}
	for range outs {
		n.Output = append(n.Output, g.fresh(kind))
	}
	n.Name = proto.String("n_" + n.Output[0])
	g.p.Node = append(g.p.Node, n)
	return n.Output
}

// info describes an input or output; an extent of -1 is the number of rows.
func (g *graph) info(name string, elem pb.TensorProto_DataType, dims ...int) *pb.ValueInfoProto {
	shape := &pb.TensorShapeProto{}
	for _, d := range dims {
		dim := &pb.TensorShapeProto_Dimension{}
		if d < 0 {
			dim.Value = &pb.TensorShapeProto_Dimension_DimParam{DimParam: "N"}
		} else {
			dim.Value = &pb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &pb.ValueInfoProto{Name: &name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{
		TensorType: &pb.TypeProto_Tensor{ElemType: proto.Int32(int32(elem)), Shape: shape},
	}}}
}

func (g *graph) output(name, value string, elem pb.TensorProto_DataType, dims ...int) {
	g.p.Node = append(g.p.Node, &pb.NodeProto{
		OpType: proto.String("Identity"), Name: proto.String("n_" + name), Input: []string{value},
		Output: []string{name},
	})
	g.p.Output = append(g.p.Output, g.info(name, elem, dims...))
}

func (g *graph) constant(elem pb.TensorProto_DataType, dims []int, raw []byte) string {
	key := fmt.Sprint(elem, dims) + string(raw)
	if name, ok := g.consts[key]; ok {
		return name
	}
	t := &pb.TensorProto{Name: proto.String(g.fresh("c")), DataType: proto.Int32(int32(elem)), RawData: raw}
	for _, d := range dims {
		t.Dims = append(t.Dims, int64(d))
	}
	g.p.Initializer = append(g.p.Initializer, t)
	g.consts[key] = *t.Name
	return *t.Name
}

// floats returns a constant of the current type.
func (g *graph) floats(v []float64, dims ...int) string {
	var raw []byte
	for _, x := range v {
		if g.double {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
		} else {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(x)))
		}
	}
	return g.constant(g.elem(), dims, raw)
}

func (g *graph) vec(v []float64) string { return g.floats(v, len(v)) }

func (g *graph) scalar(v float64) string { return g.floats([]float64{v}) }

func (g *graph) mat(m *learn.Matrix) string { return g.floats(m.Data, m.Rows, m.Cols) }

func (g *graph) ints(v ...int) string {
	var raw []byte
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(x)))
	}
	return g.constant(pb.TensorProto_INT64, []int{len(v)}, raw)
}

// strings returns a constant [1 n] of texts.
func (g *graph) texts(v []string) string {
	t := &pb.TensorProto{
		Name: proto.String(g.fresh("c")), DataType: proto.Int32(int32(pb.TensorProto_STRING)),
		Dims: []int64{1, int64(len(v))},
	}
	for _, s := range v {
		t.StringData = append(t.StringData, []byte(s))
	}
	g.p.Initializer = append(g.p.Initializer, t)
	return *t.Name
}

func (g *graph) castTo(x string, elem pb.TensorProto_DataType) string {
	return g.op("Cast", list(attr("to", int(elem))), x)
}

// cast returns x in the current floating point type.
func (g *graph) cast(x string) string { return g.castTo(x, g.elem()) }

// wide runs f in float64 and returns its result in the model's type.
func (g *graph) wide(x string, f func(x string) string) string {
	if g.double {
		return f(x)
	}
	g.double = true
	y := f(g.cast(x))
	g.double = false
	return g.cast(y)
}

func (g *graph) add(a, b string) string    { return g.op("Add", nil, a, b) }
func (g *graph) sub(a, b string) string    { return g.op("Sub", nil, a, b) }
func (g *graph) mul(a, b string) string    { return g.op("Mul", nil, a, b) }
func (g *graph) div(a, b string) string    { return g.op("Div", nil, a, b) }
func (g *graph) matMul(a, b string) string { return g.op("MatMul", nil, a, b) }

func (g *graph) concat(x ...string) string {
	if len(x) == 1 {
		return x[0]
	}
	return g.op("Concat", list(attr("axis", 1)), x...)
}

// gather returns some columns of a matrix.
func (g *graph) gather(x string, index []int) string {
	return g.op("Gather", list(attr("axis", 1)), x, g.ints(index...))
}

// flat returns a matrix of one column as a vector.
func (g *graph) flat(x string) string { return g.op("Reshape", nil, x, g.ints(-1)) }

// argMax returns the first largest column of each row, [N].
func (g *graph) argMax(x string) string {
	return g.op("ArgMax", list(attr("axis", 1), attr("keepdims", 0)), x)
}

func (g *graph) softmax(x string) string { return g.op("Softmax", list(attr("axis", 1)), x) }

// sum adds the columns of each row, [N 1].
func (g *graph) sum(x string) string { return g.op("ReduceSum", nil, x, g.ints(1)) }

// affine returns x·wᵀ + b for w [outputs features].
func (g *graph) affine(x string, w *learn.Matrix, b []float64) string {
	y := g.matMul(x, g.mat(w.T()))
	for _, v := range b {
		if v != 0 {
			return g.add(y, g.vec(b))
		}
	}
	return y
}

// two returns the probabilities of both classes from that of the second, [N 1].
func (g *graph) two(p string) string { return g.concat(g.sub(g.scalar(1), p), p) }

// share divides rows by their sums.
func (g *graph) share(x string) string { return g.div(x, g.sum(x)) }

// above tells which values are greater than limit.
func (g *graph) above(x string, limit float64) string {
	return g.op("Greater", nil, x, g.scalar(limit))
}

// axis returns a constant scalar of int64.
func (g *graph) axis(v int) string {
	return g.constant(pb.TensorProto_INT64, []int{}, binary.LittleEndian.AppendUint64(nil, uint64(int64(v))))
}

// doubles returns a tensor for an attribute.
func (g *graph) doubles(v []float64) *pb.TensorProto {
	t := &pb.TensorProto{DataType: proto.Int32(int32(pb.TensorProto_DOUBLE)), Dims: []int64{int64(len(v))}}
	t.DoubleData = v
	return t
}

func list(a ...*pb.AttributeProto) []*pb.AttributeProto { return a }

// attr makes an attribute of an int, string, or list.
func attr(name string, v any) *pb.AttributeProto {
	a := &pb.AttributeProto{Name: &name}
	switch v := v.(type) {
	case int:
		a.Type, a.I = pb.AttributeProto_INT.Enum(), proto.Int64(int64(v))
	case string:
		a.Type, a.S = pb.AttributeProto_STRING.Enum(), []byte(v)
	case []int:
		a.Type = pb.AttributeProto_INTS.Enum()
		for _, i := range v {
			a.Ints = append(a.Ints, int64(i))
		}
	case []float32:
		a.Type, a.Floats = pb.AttributeProto_FLOATS.Enum(), v
	case []string:
		a.Type = pb.AttributeProto_STRINGS.Enum()
		for _, s := range v {
			a.Strings = append(a.Strings, []byte(s))
		}
	case *pb.TensorProto:
		a.Type, a.T = pb.AttributeProto_TENSOR.Enum(), v
	default:
		panic(fmt.Sprintf("convert: attribute of type %T", v))
	}
	return a
}
