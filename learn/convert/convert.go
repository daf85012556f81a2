package convert

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
	"github.com/lathe-ml/lathe/learn"
)

// Versions of the operator sets that converted models import, and of the file format.
const (
	opset   = 20
	opsetML = 3
	ir      = 9
)

// Options are the options of ToONNX; the zero value is the default.
type Options struct {
	Name string // of the graph; "lathe" by default
	// Double computes in float64, as learn does; the default is float32, which other runtimes prefer.
	// Distances, kernels and densities are float64 inside in either case.
	Double bool
	// Frame, when it is not nil, gives the model an input [N 1] for each of its columns, by name, of texts
	// or of numbers; its rows do not matter. Column transformers that choose by name need it.
	Frame *learn.Frame
}

// ToONNX returns a fitted estimator as an ONNX model. Encoders that refuse unknown categories cannot in ONNX:
// one-hot columns are then all 0, and ordinal codes -1. An estimator without a form in ONNX is an error.
func ToONNX(e learn.Estimator, o Options) (m *pb.ModelProto, err error) {
	defer learn.Catch(&err)
	if e == nil {
		learn.Fail("convert", "the estimator is nil; want a fitted one")
	}
	e.Core().MustFitted()
	name := o.Name
	if name == "" {
		name = "lathe"
	}
	g := &graph{p: &pb.GraphProto{Name: &name}, double: o.Double, consts: map[string]string{}}
	g.outputs(e, g.inputs(e, o))
	return &pb.ModelProto{
		IrVersion: proto.Int64(ir), ProducerName: proto.String("lathe"), Graph: g.p,
		OpsetImport: []*pb.OperatorSetIdProto{
			{Domain: proto.String(""), Version: proto.Int64(opset)},
			{Domain: proto.String("ai.onnx.ml"), Version: proto.Int64(opsetML)},
		},
	}, nil
}

// Save writes ToONNX's model to a file: beside it, then renamed.
func Save(path string, e learn.Estimator, o Options) error {
	m, err := ToONNX(e, o)
	if err != nil {
		return err
	}
	return onnx.WriteFile(path, m)
}

// refuse fails for an estimator without a form.
func refuse(e learn.Estimator, format string, args ...any) {
	learn.Fail("convert", "%s %s", e.Core().Name(), fmt.Sprintf(format, args...))
}

// data is what flows between estimators: one matrix, or columns by themselves.
type data struct {
	matrix  string // [N cols]; "": columns
	cols    int
	columns []column
}

// column is an input [N 1].
type column struct {
	name, label string
	texts       bool
}

func (g *graph) inputs(e learn.Estimator, o Options) data {
	if o.Frame == nil {
		cols := width(e)
		g.p.Input = append(g.p.Input, g.info("X", g.elem(), -1, cols))
		return data{matrix: "X", cols: cols}
	}
	d := data{cols: len(o.Frame.Columns)}
	for j, s := range o.Frame.Columns {
		c := column{name: fmt.Sprintf("x%d", j), texts: s.Numbers == nil}
		if j < len(o.Frame.Names) {
			c.name, c.label = o.Frame.Names[j], o.Frame.Names[j]
		}
		elem := g.elem()
		if c.texts {
			elem = pb.TensorProto_STRING
		}
		g.p.Input = append(g.p.Input, g.info(c.name, elem, -1, 1))
		d.columns = append(d.columns, c)
	}
	return d
}

// width returns the number of columns that e was fitted on: a pipeline's first step knows it.
func width(e learn.Estimator) int {
	if n := e.Core().NFeatures; n > 0 {
		return n
	}
	for _, s := range steps(e) {
		if s.Estimator != nil {
			return width(s.Estimator)
		}
	}
	refuse(e, "does not know how many columns it was fitted on")
	return 0
}

// dense returns d as one matrix.
func (g *graph) dense(e learn.Estimator, d data) (x string, cols int) {
	if d.matrix != "" {
		return d.matrix, d.cols
	}
	var names []string
	for _, c := range d.columns {
		if c.texts {
			refuse(e, "gets the column of texts %q; encode it first (preprocess.OneHotEncoder)", c.label)
		}
		names = append(names, c.name)
	}
	return g.concat(names...), d.cols
}

// take returns some columns of d.
func (g *graph) take(d data, index []int) data {
	out := data{cols: len(index)}
	if d.matrix != "" {
		out.matrix = g.gather(d.matrix, index)
		return out
	}
	for _, j := range index {
		out.columns = append(out.columns, d.columns[j])
	}
	return out
}

// outputs converts e and names what it gives.
func (g *graph) outputs(e learn.Estimator, d data) {
	kind := learn.KindOf(e)
	if _, ok := e.(learn.Predictor); !ok {
		kind = learn.KindTransformer
	}
	switch kind {
	case learn.KindClassifier:
		s := g.classify(e, d)
		g.output("label", s.label(g), g.labelType(s.classes), -1)
		if s.proba != "" {
			g.output("probabilities", s.proba, g.elem(), -1, len(s.classes))
		} else {
			raw, n := s.decided()
			g.output("scores", raw, g.elem(), -1, n)
		}
	case learn.KindRegressor:
		y, n := g.regress(e, d)
		g.output("variable", y, g.elem(), -1, n)
	case learn.KindClusterer, learn.KindDensity, learn.KindOutlier:
		label, scores, n := g.group(e, d)
		g.output("label", label, pb.TensorProto_INT64, -1)
		g.output("scores", scores, g.elem(), -1, n)
	default:
		out := g.transform(e, d)
		x, n := g.dense(e, out)
		g.output("variable", x, g.elem(), -1, n)
	}
}

func (g *graph) labelType(classes []float64) pb.TensorProto_DataType {
	for _, c := range classes {
		if c != math.Trunc(c) || math.Abs(c) > 1<<53 {
			return g.elem()
		}
	}
	return pb.TensorProto_INT64
}

// scored is what a classifier gives.
type scored struct {
	classes []float64
	raw     string  // [N cols]; the label is its largest column, or of one column whether it is above limit
	cols    int     // 1 for two classes, else the number of classes
	limit   float64 // of one column
	proba   string  // [N classes], or ""

	decision     string // DecisionFunction where it is not raw
	decisionCols int    // its columns; 0: as many as classes
}

// decided returns the decision function and its number of columns.
func (s *scored) decided() (raw string, cols int) {
	switch {
	case s.decision == "":
		return s.raw, s.cols
	case s.decisionCols == 0:
		return s.decision, len(s.classes)
	}
	return s.decision, s.decisionCols
}

func (s *scored) label(g *graph) string {
	var code string
	if s.cols == 1 && len(s.classes) <= 2 {
		code = g.flat(g.castTo(g.op("Greater", nil, s.raw, g.scalar(s.limit)), pb.TensorProto_INT64))
		if len(s.classes) == 1 {
			code = g.op("Mul", nil, code, g.ints(0))
		}
	} else {
		code = g.argMax(s.raw)
	}
	if g.labelType(s.classes) != pb.TensorProto_INT64 {
		return g.op("Gather", nil, g.vec(s.classes), code)
	}
	list := make([]int, len(s.classes))
	for i, c := range s.classes {
		list[i] = int(c)
	}
	return g.op("Gather", nil, g.ints(list...), code)
}
