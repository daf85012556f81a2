package onnx

import (
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// model makes a model of nodes "Op in… -> out…" over inputs x0, x1 … and returns y.
func model(opset int64, inputs int, nodes ...*pb.NodeProto) *pb.ModelProto {
	g := &pb.GraphProto{Name: proto.String("g"), Node: nodes}
	for i := range inputs {
		g.Input = append(g.Input, &pb.ValueInfoProto{Name: proto.String("x" + string(rune('0'+i)))})
	}
	g.Output = []*pb.ValueInfoProto{{Name: proto.String("y")}}
	return &pb.ModelProto{Graph: g, OpsetImport: []*pb.OperatorSetIdProto{{Version: &opset}}}
}

func nodeOf(kind string, in, out string, attrs ...*pb.AttributeProto) *pb.NodeProto {
	split := func(s string) []string { return strings.Fields(s) }
	return &pb.NodeProto{Name: proto.String("n_" + kind), OpType: &kind, Input: split(in), Output: split(out), Attribute: attrs}
}

// TestMistakesNameTheNode feeds models and inputs that do not work.
func TestMistakesNameTheNode(t *testing.T) {
	x := FromTensor(eager.Ones(2, 3))
	for _, c := range []struct {
		m    *pb.ModelProto
		in   map[string]Value
		want string
	}{
		{model(13, 1, nodeOf("NoSuch", "x0", "y")), nil, "ai.onnx.NoSuch is unknown"},
		{model(9, 1, nodeOf("GreaterOrEqual", "x0 x0", "y")), nil, "from version 12 on"},
		{model(13, 1, nodeOf("Relu", "z", "y")), nil, `nothing computes input "z"`},
		{model(13, 1, nodeOf("Relu", "y", "y")), nil, "reads its own result"},
		{model(13, 1, nodeOf("Relu", "b", "a"), nodeOf("Abs", "a", "b"), nodeOf("Neg", "b", "y")), nil, "depend on each other"},
		{model(13, 1, nodeOf("Relu", "x0", "z")), nil, `nothing computes output "y"`},
		{model(13, 1, nodeOf("Relu", "x0", "y")), map[string]Value{}, `input "x0"`},
		{model(13, 1, nodeOf("Relu", "x0", "y")), map[string]Value{"x0": x, "q": x}, "the model has no input"},
		{model(13, 2, nodeOf("Add", "x0 x1", "y")), map[string]Value{"x0": x, "x1": FromTensor(eager.Ones(4))}, `node "n_Add"`},
		{model(13, 2, nodeOf("Add", "x0 x1", "y")), map[string]Value{"x0": x, "x1": FromTensor(eager.New(int64(1)))}, "types float and int64 differ"},
		{model(13, 1, nodeOf("Concat", "x0", "y")), map[string]Value{"x0": x}, "axis is missing"},
		{model(13, 1, nodeOf("Transpose", "x0", "y", attrInts("perm", []int{0, 7}))), map[string]Value{"x0": x}, "Transpose"},
		{model(13, 1, nodeOf("ConstantOfShape", "x0", "y")), map[string]Value{"x0": fromInts([]int{1 << 40, 1 << 40}, 2)}, "2^40"},
		{model(13, 1, nodeOf("ConstantOfShape", "x0", "y")), map[string]Value{"x0": fromInts([]int{-1}, 1)}, "negative"},
		{model(13, 1, nodeOf("Upper", "x0", "y")), nil, "onnx.Register"},
	} {
		m, err := FromProto(c.m, nil)
		if err == nil && c.in != nil {
			_, err = m.Run(c.in)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error is %v, want one that says %q", err, c.want)
		}
	}
}

// TestCustomOperatorsRun registers an operator that ONNX lacks.
func TestCustomOperatorsRun(t *testing.T) {
	Register("my.company", "Maxout", func(attrs map[string]any, in []Value) ([]Value, error) {
		x := in[0].(*Tensor).Data
		k := attrs["pieces"].(int)
		return []Value{FromTensor(x.Reshape(x.Size(0), x.Size(1)/k, k).Max(2))}, nil
	})
	defer Unregister("my.company", "Maxout")
	n := nodeOf("Maxout", "x0", "y", attrInt("pieces", 2))
	n.Domain = proto.String("my.company")
	m, err := FromProto(model(13, 1, n), nil)
	if err != nil {
		t.Fatal(err)
	}
	y := m.Apply(eager.Of(1, 5, 3, 2).Reshape(1, 4))[0]
	if got := y.Float64s(); len(got) != 2 || got[0] != 5 || got[1] != 3 {
		t.Errorf("maxout gives %v", got)
	}
}

// TestImportedWeightsTrain follows a gradient through an imported model.
func TestImportedWeightsTrain(t *testing.T) {
	p := model(13, 1, nodeOf("MatMul", "x0 w", "h"), nodeOf("Relu", "h", "y"))
	p.Graph.Initializer = []*pb.TensorProto{EncodeTensor("w", FromTensor(eager.Ones(3, 2)))}
	m, err := FromProto(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := m.Parameters()[0]
	w.Value.SetRequiresGrad(true)
	m.Apply(eager.Ones(4, 3))[0].Sum().Backward()
	if g := w.Value.Grad(); w.Name != "w" || g == nil || g.Sum().Item() != 24 {
		t.Errorf("gradient of %s is %v", w.Name, g)
	}
}

// TestTypesSurviveAFile encodes and decodes a tensor of every type.
func TestTypesSurviveAFile(t *testing.T) {
	for typ := Float; typ <= Int2; typ++ {
		var x *Tensor
		switch {
		case typ == String:
			x = FromStrings([]string{"a", "", "ü"}, 3)
		case typ.isComplex():
			x = &Tensor{Type: typ, Data: eager.FromArray(engine.Of(engine.Shape{2}, []complex64{1 + 2i, -3})).To(typ.Carrier())}
		default:
			x = convert(fromFloats(Double, []float64{0, 1, 2, 0.5, 1, 1, 2}, engine.Shape{7}), typ, true, "up")
		}
		y, err := DecodeTensor(EncodeTensor("x", x), nil)
		if err != nil {
			t.Errorf("%v: %v", typ, err)
			continue
		}
		if y.Type != typ || !y.Shape().Equal(x.Shape()) {
			t.Errorf("%v becomes %s", typ, y.describe())
			continue
		}
		if typ != String && !typ.isComplex() && !eager.AllClose(x.Data.To(engine.F64), y.Data.To(engine.F64), 0, 0) {
			t.Errorf("%v: %v becomes %v", typ, x.Data, y.Data)
		}
	}
}

// TestSmallFloatsRoundToTheirOwnValues checks every pattern and every midpoint of the 8- and 4-bit floats.
func TestSmallFloatsRoundToTheirOwnValues(t *testing.T) {
	for typ, f := range smallFloats {
		n := 1 << (1 + f.exponent + f.mantissa)
		for b := range n {
			v := f.value(uint8(b))
			r := f.round(v, true)
			if math.IsNaN(v) != math.IsNaN(r) || !math.IsNaN(v) && !math.IsInf(v, 0) && r != v {
				t.Errorf("%v pattern %#x is %v, rounded %v", typ, b, v, r)
			}
			if !math.IsNaN(v) && !math.IsInf(v, 0) && f.value(f.bitsOf(v)) != v {
				t.Errorf("%v: %v becomes pattern %#x", typ, v, f.bitsOf(v))
			}
		}
	}
}

// FuzzModel feeds damaged models and runs those that load.
func FuzzModel(f *testing.F) {
	for _, m := range []*pb.ModelProto{
		model(13, 1, nodeOf("Relu", "x0", "y")),
		model(13, 1, nodeOf("Shape", "x0", "s"), nodeOf("ConstantOfShape", "s", "c"), nodeOf("Add", "x0 c", "y")),
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	engine.SetReserveLimit(1 << 30)
	f.Fuzz(func(_ *testing.T, b []byte) {
		m, err := Parse(b, nil)
		if err != nil {
			return
		}
		in := make([]Value, len(m.Inputs()))
		for i := range in {
			in[i] = FromTensor(eager.Ones(2, 3))
		}
		_, _ = m.RunOrdered(in)
	})
}

// TestTheGreatestIntegerMeansNoLimit gives limits as exporters do when there is none.
func TestTheGreatestIntegerMeansNoLimit(t *testing.T) {
	boxes := FromTensor(eager.New([][][]float32{{{0, 0, 1, 1}, {0, 0, 1, 1}, {2, 2, 3, 3}}}))
	scores := FromTensor(eager.New([][][]float32{{{0.5, 0.9, 0.1}}}))
	limit := fromInts([]int{math.MaxInt64}, 1)
	iou := FromTensor(eager.Full(0.5, 1))
	body := &pb.GraphProto{
		Name: proto.String("body"),
		Node: []*pb.NodeProto{
			nodeOf("Add", "v v", "w"), nodeOf("Less", "w x1", "go"),
		},
		Input:  []*pb.ValueInfoProto{{Name: proto.String("i")}, {Name: proto.String("c")}, {Name: proto.String("v")}},
		Output: []*pb.ValueInfoProto{{Name: proto.String("go")}, {Name: proto.String("w")}},
	}
	graph := pb.AttributeProto_GRAPH
	loop := nodeOf("Loop", "x0", "y", &pb.AttributeProto{Name: proto.String("body"), Type: &graph, G: body})
	loop.Input = []string{"x0", "", "x2"}
	one, hundred := FromTensor(eager.Ones(1)), FromTensor(eager.Full(100, 1))
	for _, c := range []struct {
		m    *pb.ModelProto
		in   map[string]Value
		want []float64
	}{
		{model(13, 4, nodeOf("NonMaxSuppression", "x0 x1 x2 x3", "y")), map[string]Value{"x0": boxes, "x1": scores, "x2": limit, "x3": iou}, []float64{0, 0, 1, 0, 0, 2}},
		{model(13, 3, loop), map[string]Value{"x0": limit, "x1": hundred, "x2": one}, []float64{128}},
	} {
		m, err := FromProto(c.m, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Run(c.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := out["y"].(*Tensor).Data.Float64s(); !slices.Equal(got, c.want) {
			t.Errorf("%s gives %v, want %v", c.m.Graph.Node[0].GetOpType(), got, c.want)
		}
	}
}

// TestAnOpenExtentOfNothingIsWhatIsLeft reshapes tensors without elements.
func TestAnOpenExtentOfNothingIsWhatIsLeft(t *testing.T) {
	m, err := FromProto(model(13, 2, nodeOf("Reshape", "x0 x1", "y")), nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(shape ...int) (engine.Shape, error) {
		out, err := m.Run(map[string]Value{"x0": FromTensor(eager.Zeros(0, 364)), "x1": fromInts(shape, len(shape))})
		if err != nil {
			return nil, err
		}
		return out["y"].(*Tensor).Shape(), nil
	}
	if got, err := run(0, -1, 4); err != nil || !got.Equal(engine.Shape{0, 91, 4}) {
		t.Errorf("shape %v, %v; want [0 91 4]", got, err)
	}
	if got, err := run(0, -1, 5); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("shape %v, %v; want an error", got, err)
	}
}
