package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// Model is a model that can run. Runs may go on at the same time.
type Model struct {
	Producer string // name and version of the program that wrote the file
	IR       int64  // version of the file format
	Opsets   map[string]int64
	Metadata map[string]string

	graph *graph
}

// Info describes an input or output of a model.
type Info struct {
	Name     string
	Type     string // "float[N 3 224 224]", "sequence(float[])" …
	Optional bool   // the model has a default
}

// Load reads a model and the files beside it that hold its weights.
func Load(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer root.Close()
	m, err := Parse(data, root.FS())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Parse reads a model. dir holds the files that it names; nil: it names none.
func Parse(data []byte, dir fs.FS) (*Model, error) {
	var p pb.ModelProto
	if err := proto.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("onnx: not an ONNX model: %w", err)
	}
	return FromProto(&p, dir)
}

// FromProto compiles a model message.
func FromProto(p *pb.ModelProto, dir fs.FS) (m *Model, err error) {
	if p.GetGraph() == nil {
		return nil, fmt.Errorf("onnx: the file has no graph; is it an ONNX model?")
	}
	m = &Model{
		Producer: p.GetProducerName(), IR: p.GetIrVersion(), Opsets: opsetsOf(p.GetOpsetImport()),
		Metadata: map[string]string{},
	}
	if v := p.GetProducerVersion(); v != "" {
		m.Producer += " " + v
	}
	for _, e := range p.GetMetadataProps() {
		m.Metadata[e.GetKey()] = e.GetValue()
	}
	c := &compiler{dir: dir, opsets: m.Opsets, functions: map[string]*pb.FunctionProto{}}
	for _, f := range p.GetFunctions() {
		c.functions[functionKey(f.GetDomain(), f.GetName(), f.GetOverload())] = f
	}
	caught := engine.Catch(func() { m.graph, err = c.graph(p.GetGraph(), nil) })
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func opsetsOf(imports []*pb.OperatorSetIdProto) map[string]int64 {
	sets := map[string]int64{}
	for _, o := range imports {
		sets[canonicalDomain(o.GetDomain())] = o.GetVersion()
	}
	if len(sets) == 0 {
		sets[""] = 1
	}
	return sets
}

// canonicalDomain returns "" for the default domain, which has two names.
func canonicalDomain(d string) string {
	if d == "ai.onnx" {
		return ""
	}
	return d
}

// Inputs returns what Run takes.
func (m *Model) Inputs() []Info { return m.graph.inputs }

// Outputs returns what Run returns.
func (m *Model) Outputs() []Info { return m.graph.outputInfo }

// Parameters returns the floating-point weights by name, in the order of the file. Set RequiresGrad to train
// them; operators that work on the host (see docs) pass no gradient.
func (m *Model) Parameters() []Parameter {
	var ps []Parameter
	for _, in := range m.graph.inits {
		if t := in.value.Type; in.name != "" && (t == Float || t == Double || t == Float16 || t == BFloat16) {
			ps = append(ps, Parameter{in.name, in.value.Data})
		}
	}
	return ps
}

// Parameter is a weight of a model.
type Parameter struct {
	Name  string
	Value *eager.Tensor
}

// Run computes all outputs. Every input that has no default must be given; the error names the node that
// failed. Memory for values goes back when no later node reads them.
func (m *Model) Run(inputs map[string]Value) (map[string]Value, error) {
	in := make([]Value, len(m.graph.inputs))
	for i, info := range m.graph.inputs {
		v, given := inputs[info.Name]
		if !given && !info.Optional {
			return nil, fmt.Errorf("onnx: input %q (%s) is not given", info.Name, info.Type)
		}
		in[i] = v
	}
	for name := range inputs {
		if !m.graph.isInput(name) {
			return nil, fmt.Errorf("onnx: the model has no input %q; it has %s", name, m.graph.inputNames())
		}
	}
	out, err := m.RunOrdered(in)
	if err != nil {
		return nil, err
	}
	named := make(map[string]Value, len(out))
	for i, info := range m.graph.outputInfo {
		named[info.Name] = out[i]
	}
	return named, nil
}

// RunOrdered is Run for inputs and outputs in the order of Inputs and Outputs; nil is an absent value.
func (m *Model) RunOrdered(in []Value) (out []Value, err error) {
	if len(in) > len(m.graph.inputs) {
		return nil, fmt.Errorf("onnx: %d inputs given, the model has %d", len(in), len(m.graph.inputs))
	}
	if caught := engine.Catch(func() { out, err = m.graph.run(nil, in) }); caught != nil {
		return nil, caught
	}
	return out, err
}

// Apply runs a model of tensors on tensors, in the order of Inputs and Outputs. It panics as operators do.
func (m *Model) Apply(xs ...*eager.Tensor) []*eager.Tensor {
	in := make([]Value, len(xs))
	for i, x := range xs {
		in[i] = FromTensor(x)
	}
	out, err := m.RunOrdered(in)
	var e *engine.Error
	switch {
	case errors.As(err, &e):
		panic(e)
	case err != nil:
		fail("%v", err)
	}
	ys := make([]*eager.Tensor, len(out))
	for i, v := range out {
		t, ok := v.(*Tensor)
		if !ok || t.Data == nil {
			fail("output %d is %s, which is no tensor of numbers; use Run", i, describe(v))
		}
		ys[i] = t.Data
	}
	return ys
}
