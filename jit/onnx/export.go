package onnx

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/internal/atomicfile"
	"github.com/lathe-ml/lathe/jit"
	ir "github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// exportOpset is the version of the operator set that exported models import.
const exportOpset = 20

// ExportOptions are the options of Export; the zero value is the default.
type ExportOptions struct {
	Name    string   // of the graph; "lathe" by default
	Inputs  []string // names of the inputs, in order; "x0", "x1" … by default
	Outputs []string // names of the outputs; "y0", "y1" … by default
	// Batch makes the first extent of every example free: the model takes batches of any size. The function
	// is traced a second time, with one sample more, and extents that differ are computed in the model.
	Batch bool
	// Fold takes batch normalisation into the weights before it (pass.Freeze), as quantisers of others want it.
	Fold bool
}

// Export traces f, an nn.Module or a func of tensors (see jit.Trace), and returns it as an ONNX model with its
// weights. An operator that ONNX has no form for is an error that names it.
func Export(f any, o ExportOptions, examples ...*eager.Tensor) (*pb.ModelProto, error) {
	g, err := o.trace(f, examples)
	if err != nil {
		return nil, err
	}
	if !o.Batch {
		return ExportGraph(g.Graph, nil, o)
	}
	more := make([]*eager.Tensor, len(examples))
	for i, x := range examples {
		if x.Rank() == 0 || x.Size(0) == 0 {
			return nil, fmt.Errorf("onnx: example %d has shape %v; a free batch needs a first axis", i, x.Shape())
		}
		more[i] = eager.Concat(0, x, x.Slice(0, 0, 1))
	}
	alt, err := o.trace(f, more)
	if err != nil {
		return nil, err
	}
	return ExportGraph(g.Graph, alt.Graph, o)
}

func (o ExportOptions) trace(f any, examples []*eager.Tensor) (*jit.Graph, error) {
	g, err := jit.Trace(f, examples...)
	if err == nil && o.Fold {
		g, err = g.Freeze()
	}
	return g, err
}

// Save exports f to a file; see Export.
func Save(path string, f any, o ExportOptions, examples ...*eager.Tensor) error {
	m, err := Export(f, o, examples...)
	if err != nil {
		return err
	}
	return WriteFile(path, m)
}

// WriteFile writes a model beside path and renames it.
func WriteFile(path string, m *pb.ModelProto) error {
	b, err := proto.Marshal(m)
	if err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	if err := atomicfile.WriteBytes(path, b); err != nil {
		return fmt.Errorf("onnx: %s: %w", path, err)
	}
	return nil
}

// exporter writes the nodes of a model.
type exporter struct {
	g, alt *ir.Graph // alt: the same function with one sample more; nil: all extents are fixed
	p      *pb.GraphProto
	names  []string // of values
	count  int
	batch  string // name of the batch size, an int64 tensor [1]
	n, m   int    // batch sizes of g and alt
	consts map[string]string
	node   *ir.Node // that is being written, and its twin
	twin   *ir.Node
	// domains are those of custom operators in the model.
	domains []string
}

// ExportGraph returns a graph as an ONNX model. alt is nil, or the same function traced with a batch of another size:
// extents in which they differ follow the first extent of the first input.
func ExportGraph(g, alt *ir.Graph, o ExportOptions) (m *pb.ModelProto, err error) {
	for _, s := range g.States {
		if s.In != s.Out {
			return nil, fmt.Errorf("onnx: the graph changes %q: it trains; trace the model in Eval mode", s.Name)
		}
	}
	e := &exporter{g: g, alt: alt, names: make([]string, len(g.Types)), consts: map[string]string{}}
	name := o.Name
	if name == "" {
		name = "lathe"
	}
	e.p = &pb.GraphProto{Name: &name}
	if err := e.twins(); err != nil {
		return nil, err
	}
	if caught := engine.Catch(func() { e.write(o) }); caught != nil {
		return nil, caught
	}
	sets := []*pb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(exportOpset)}}
	for _, d := range e.domains {
		sets = append(sets, &pb.OperatorSetIdProto{Domain: proto.String(d), Version: proto.Int64(1)})
	}
	return &pb.ModelProto{IrVersion: proto.Int64(9), ProducerName: proto.String("lathe"), Graph: e.p, OpsetImport: sets}, nil
}

// twins checks that alt has the nodes of g.
func (e *exporter) twins() error {
	if e.alt == nil {
		return nil
	}
	if len(e.alt.Nodes) != len(e.g.Nodes) || len(e.alt.Types) != len(e.g.Types) || len(e.alt.Consts) != len(e.g.Consts) {
		return fmt.Errorf("onnx: with another batch size the function applies %d operators instead of %d; it cannot have a free batch",
			len(e.alt.Nodes), len(e.g.Nodes))
	}
	for i, n := range e.g.Nodes {
		if e.alt.Nodes[i].Def != n.Def {
			return fmt.Errorf("onnx: with another batch size operator %d is %s instead of %s", i, e.alt.Nodes[i].Def.Name, n.Def.Name)
		}
	}
	if len(e.g.Inputs) == 0 {
		return fmt.Errorf("onnx: a free batch needs an input")
	}
	e.n = e.g.Type(e.g.Inputs[0].Value).Shape[0]
	e.m = e.alt.Type(e.alt.Inputs[0].Value).Shape[0]
	return nil
}

func pick(names []string, i int, prefix string) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s%d", prefix, i)
}

func (e *exporter) write(o ExportOptions) {
	for i, in := range e.g.Inputs {
		name := pick(o.Inputs, i, "x")
		e.names[in.Value] = name
		e.p.Input = append(e.p.Input, e.valueInfo(name, in.Value))
	}
	if e.alt != nil {
		shape := e.op("Shape", e.names[e.g.Inputs[0].Value])
		e.batch = e.opAttr("Slice", nil, shape, e.ints(0), e.ints(1))
	}
	used := map[string]bool{}
	for i, c := range e.g.Consts {
		if e.alt != nil && !e.alt.Consts[i].Data.Shape.Equal(c.Data.Shape) {
			e.names[c.Value] = e.filled(c.Data, e.alt.Consts[i].Data.Shape)
			continue
		}
		e.weight(c.Name, c.Value, c.Data, used)
	}
	for _, s := range e.g.States {
		e.weight(s.Name, s.In, s.Data, used)
	}
	for i := range e.g.Nodes {
		e.node = &e.g.Nodes[i]
		e.twin = e.node
		if e.alt != nil {
			e.twin = &e.alt.Nodes[i]
		}
		e.apply()
	}
	for i, out := range e.g.Outputs {
		name := pick(o.Outputs, i, "y")
		e.add("Identity", []string{e.names[out.Value]}, []string{name}, nil)
		e.p.Output = append(e.p.Output, e.valueInfo(name, out.Value))
	}
	e.dropUnread()
}

// dropUnread takes out constants that no node reads, such as weights that were written in another form.
func (e *exporter) dropUnread() {
	read := map[string]bool{}
	var visit func(g *pb.GraphProto)
	visit = func(g *pb.GraphProto) {
		for _, n := range g.Node {
			for _, name := range n.Input {
				read[name] = true
			}
			for _, a := range n.Attribute {
				if a.G != nil {
					visit(a.G)
				}
			}
		}
		for _, out := range g.Output {
			read[out.GetName()] = true
		}
	}
	visit(e.p)
	e.p.Initializer = slices.DeleteFunc(e.p.Initializer, func(t *pb.TensorProto) bool { return !read[t.GetName()] })
}

// valueInfo describes an input or output; free extents have the name "batch".
func (e *exporter) valueInfo(name string, v ir.Value) *pb.ValueInfoProto {
	t := e.g.Type(v)
	if t.DType.IsComplex() {
		engine.Fail("onnx", "%s is %v; ONNX takes no complex inputs and outputs: ViewAsReal makes pairs of them", name, t)
	}
	shape := &pb.TensorShapeProto{}
	for i, d := range t.Shape {
		dim := &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}}
		if e.alt != nil && e.alt.Type(v).Shape[i] != d {
			free := "batch"
			if d != e.n {
				free = fmt.Sprintf("%s_%d", name, i)
			}
			dim.Value = &pb.TensorShapeProto_Dimension_DimParam{DimParam: free}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	elem := int32(elemTypeOf(t.DType))
	tensor := &pb.TypeProto_Tensor{ElemType: &elem, Shape: shape}
	return &pb.ValueInfoProto{Name: &name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{TensorType: tensor}}}
}

// weight adds a constant under its path. Small numbers without a name are shared.
func (e *exporter) weight(name string, v ir.Value, data engine.Array, used map[string]bool) {
	if name == "" || used[name] || data.DType.IsComplex() {
		e.names[v] = e.constant(data)
		return
	}
	used[name] = true
	e.p.Initializer = append(e.p.Initializer, EncodeTensor(name, FromTensor(eager.FromArray(data))))
	e.names[v] = name
}

// constant returns the name of an initializer that holds data.
func (e *exporter) constant(data engine.Array) string {
	if data.DType.IsComplex() {
		data = eager.FromArray(data).ViewAsReal().Contiguous().Array()
	}
	t := EncodeTensor("", FromTensor(eager.FromArray(data)))
	key := ""
	if len(t.RawData) <= 64 {
		key = fmt.Sprint(t.GetDataType(), t.GetDims(), t.GetRawData())
		if name := e.consts[key]; name != "" {
			return name
		}
	}
	name := e.fresh("const")
	t.Name = &name
	e.p.Initializer = append(e.p.Initializer, t)
	if key != "" {
		e.consts[key] = name
	}
	return name
}

// filled writes a constant whose extents follow the batch, such as a first state of zeros. All of its elements must
// be equal.
func (e *exporter) filled(data engine.Array, twin engine.Shape) string {
	v := eager.FromArray(data).Float64s()
	for _, x := range v {
		if x != v[0] {
			engine.Fail("onnx", "a constant of shape %v follows the batch; pass it as an argument", data.Shape)
		}
	}
	if len(v) == 0 || len(twin) != len(data.Shape) {
		engine.Fail("onnx", "a constant of shape %v becomes %v with another batch", data.Shape, twin)
	}
	value := EncodeTensor("value", FromTensor(eager.Of(v[0]).To(data.DType)))
	attr := &pb.AttributeProto{Name: text("value"), Type: pb.AttributeProto_TENSOR.Enum(), T: value}
	return e.opAttr("ConstantOfShape", []*pb.AttributeProto{attr}, e.dims(data.Shape, twin))
}

func (e *exporter) fresh(prefix string) string {
	e.count++
	return fmt.Sprintf("%s_%d", prefix, e.count)
}

// EncodeTensor returns the message of a tensor.
func EncodeTensor(name string, t *Tensor) *pb.TensorProto {
	typ := int32(t.Type)
	p := &pb.TensorProto{Name: &name, DataType: &typ}
	for _, d := range t.Shape() {
		p.Dims = append(p.Dims, int64(d))
	}
	if t.Type == String {
		for _, s := range t.Strings {
			p.StringData = append(p.StringData, []byte(s))
		}
		return p
	}
	if t.Type.Carrier().Size()*8 == t.Type.bits() && !t.Type.isSmallFloat() {
		a := t.Data.Contiguous().Array()
		size := a.DType.Size()
		p.RawData = append([]byte{}, a.Buf.Bytes()[a.Offset*size:][:a.Numel()*size]...)
		return p
	}
	bits, width := bitsOf(t), t.Type.bits()
	p.RawData = make([]byte, (len(bits)*width+7)/8)
	for i, b := range bits {
		at := i * width
		for k := 0; k < width; k += 8 {
			p.RawData[(at+k)/8] |= byte(b>>k) << (at % 8)
		}
	}
	return p
}

// add adds a node with given results.
func (e *exporter) add(kind string, in, out []string, attrs []*pb.AttributeProto) {
	for len(in) > 0 && in[len(in)-1] == "" {
		in = in[:len(in)-1]
	}
	name := e.fresh(kind)
	e.p.Node = append(e.p.Node, &pb.NodeProto{Name: &name, OpType: &kind, Input: in, Output: out, Attribute: attrs})
}

// op adds a node and returns its first result.
func (e *exporter) op(kind string, in ...string) string { return e.opAttr(kind, nil, in...) }

func (e *exporter) opAttr(kind string, attrs []*pb.AttributeProto, in ...string) string {
	return e.many(kind, 1, attrs, in...)[0]
}

// many adds a node with n results.
func (e *exporter) many(kind string, n int, attrs []*pb.AttributeProto, in ...string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = e.fresh("v")
	}
	e.add(kind, in, slices.Clone(out), attrs)
	return out
}

// apply writes the node of the graph.
func (e *exporter) apply() {
	n := e.node
	w := exporters[n.Def]
	if a, ok := n.Attrs.(eager.OperatorAttrs); ok {
		w = func(c *emission) []string { return c.custom(a) }
	}
	if e.isComplex(n) {
		w = nil
		if f := complexExporters[n.Def]; f != nil {
			w = func(c *emission) []string { return just(f(c)) }
		}
	}
	if w == nil {
		engine.Fail("onnx", "operator %s%s has no ONNX form%s", n.Def.Name, typesOf(e.g, n.In), at64source(n.Source))
	}
	types := make([]op.Type, len(n.In))
	for i, v := range n.In {
		types[i] = e.g.Type(v)
	}
	r, err := n.Def.Resolve(n.Attrs, types)
	if err != nil {
		engine.Fail("onnx", "operator %s: %v", n.Def.Name, err)
	}
	in := make([]string, len(n.In))
	for i, v := range n.In {
		in[i] = e.cast(e.names[v], types[i].DType, r.DType[i])
	}
	c := &emission{exporter: e, n: n, in: in, types: types, out: r.Out}
	for i := range types {
		c.types[i].DType = r.DType[i]
	}
	for i, name := range w(c) {
		if i < len(n.Out) && n.Out[i] != ir.None {
			e.names[n.Out[i]] = name
		}
	}
}

// custom writes an operator that a program has registered as one node of its domain.
func (c *emission) custom(a eager.OperatorAttrs) []string {
	p, err := a.Params()
	if err != nil {
		c.refuse(err.Error())
	}
	var attrs []*pb.AttributeProto
	for _, name := range slices.Sorted(maps.Keys(p)) {
		switch v := p[name].(type) {
		case int:
			attrs = append(attrs, attrInt(name, v))
		case bool:
			attrs = append(attrs, attrBool(name, v))
		case float64:
			attrs = append(attrs, attrFloat(name, v))
		case string:
			attrs = append(attrs, attrText(name, v))
		case []int:
			attrs = append(attrs, attrInts(name, v))
		case []float64:
			list := make([]float32, len(v))
			for i, x := range v {
				list[i] = float32(x)
			}
			attrs = append(attrs, &pb.AttributeProto{Name: &name, Type: pb.AttributeProto_FLOATS.Enum(), Floats: list})
		}
	}
	d := c.n.Def
	out := c.many(d.Name, len(d.Outputs), attrs, c.in...)
	c.p.Node[len(c.p.Node)-1].Domain = proto.String(d.Domain)
	if !slices.Contains(c.domains, d.Domain) {
		c.domains = append(c.domains, d.Domain)
	}
	return out
}

func (e *exporter) isComplex(n *ir.Node) bool {
	for _, v := range slices.Concat(n.In, n.Out) {
		if v != ir.None && e.g.Type(v).DType.IsComplex() {
			return true
		}
	}
	return false
}

func typesOf(g *ir.Graph, in []ir.Value) string {
	s := "("
	for i, v := range in {
		if i > 0 {
			s += ", "
		}
		s += g.Type(v).String()
	}
	return s + ")"
}

func at64source(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// cast converts a value where types differ.
func (e *exporter) cast(name string, from, to engine.DType) string {
	switch {
	case from == to:
		return name
	case from.IsComplex() && to.IsComplex():
		to = realOf(to)
	case to.IsComplex():
		re := e.op("Unsqueeze", e.cast(name, from, realOf(to)), e.ints(-1))
		none := e.cast(e.op("ConstantOfShape", e.op("Shape", re)), engine.F32, realOf(to))
		return e.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", -1)}, re, none)
	}
	return e.opAttr("Cast", []*pb.AttributeProto{attrInt("to", int(elemTypeOf(to)))}, name)
}

// ints returns a constant list.
func (e *exporter) ints(v ...int) string {
	return e.constant(fromInts(v, len(v)).Data.Array())
}

// scalar returns a constant of type d without axes.
func (e *exporter) scalar(d engine.DType, v float64) string {
	return e.constant(eager.Of(v).Reshape().To(d).Array())
}

// dims returns a list of extents; those in which the twin differs are computed from the batch.
func (e *exporter) dims(v, twin []int) string {
	var parts []string
	var fixed []int
	flush := func() {
		if fixed != nil {
			parts = append(parts, e.ints(fixed...))
			fixed = nil
		}
	}
	for i, d := range v {
		if twin[i] == d {
			fixed = append(fixed, d)
			continue
		}
		flush()
		slope := (twin[i] - d) / (e.m - e.n)
		rest := d - slope*e.n
		if twin[i] != slope*e.m+rest {
			engine.Fail("onnx", "extent %d becomes %d with batch %d instead of %d; it does not follow the batch", d, twin[i], e.m, e.n)
		}
		part := e.batch
		if slope != 1 {
			part = e.op("Mul", part, e.ints(slope))
		}
		if rest != 0 {
			part = e.op("Add", part, e.ints(rest))
		}
		parts = append(parts, part)
	}
	flush()
	switch len(parts) {
	case 0:
		return e.ints()
	case 1:
		return parts[0]
	}
	return e.opAttr("Concat", []*pb.AttributeProto{attrInt("axis", 0)}, parts...)
}

func attrInt(name string, v int) *pb.AttributeProto {
	return &pb.AttributeProto{Name: &name, Type: pb.AttributeProto_INT.Enum(), I: proto.Int64(int64(v))}
}

func attrBool(name string, v bool) *pb.AttributeProto {
	if v {
		return attrInt(name, 1)
	}
	return attrInt(name, 0)
}

func attrInts(name string, v []int) *pb.AttributeProto {
	return &pb.AttributeProto{Name: &name, Type: pb.AttributeProto_INTS.Enum(), Ints: int64s(v)}
}

func attrFloat(name string, v float64) *pb.AttributeProto {
	return &pb.AttributeProto{Name: &name, Type: pb.AttributeProto_FLOAT.Enum(), F: proto.Float32(float32(v))}
}

func attrText(name, v string) *pb.AttributeProto {
	return &pb.AttributeProto{Name: &name, Type: pb.AttributeProto_STRING.Enum(), S: []byte(v)}
}
