// Package export turns a network into files that run without the notebook that made it, and says how far each
// is from the network itself.
//
//	r, err := export.Module(net, "models/digits", export.Options{ONNX: true, Go: true}, x)
//	display.Show(r) // the graph, the files, the largest differences
//	// models/digits.lathe, models/digits.onnx, models/digits/digits.go with its weights
//
// Every file is read again and run on the examples. It does not train, and does not quantize (jit.Graph.Quantize).
package export

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// Options say what is written; without ONNX and Go that is the graph file alone.
type Options struct {
	ONNX bool // PATH.onnx, too
	Go   bool // PATH/NAME.go and PATH/NAME.lathe, too: a package with embedded weights
	// Training leaves the module in training mode: dropout and batch statistics become part of the graph. By default
	// it is in evaluation mode while it is traced.
	Training bool
	// Fold takes batch normalisation into the weights before it, see jit.Graph.Freeze.
	Fold bool
	// Tolerance is the largest difference that counts as rounding, as a part of the largest value; 0 means 1e-3.
	Tolerance float64
}

// File is one written file or package.
type File struct {
	Format string // lathe, onnx or go
	Path   string
	Bytes  int64
	// Differs is the largest difference between its outputs and those of the network on the examples, as a part of
	// the network's largest value.
	Differs float64
}

// Report is what Module did.
type Report struct {
	Graph *jit.Graph
	Files []File
	name  string
}

// Module traces f, an nn.Module or a func of tensors, on the examples, compares the graph with f, and writes it to
// path with the ending .lathe and what o asks for. It is an error when f cannot be a graph (see jit.Trace), or when
// the graph or a file computes something else than f; what differs is not left behind.
func Module(f any, path string, o Options, examples ...*eager.Tensor) (*Report, error) {
	if len(examples) == 0 {
		return nil, errors.New("export: no examples; want a tensor like those that the network will get")
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-3
	}
	path = strings.TrimSuffix(path, ".lathe")
	if m, ok := f.(nn.Module); ok && !o.Training {
		defer evaluating(m)()
	}
	e := &exporter{o: o, path: path, examples: examples}
	var err error
	caught := engine.Catch(func() { eager.NoGrad(func() { err = e.trace(f) }) })
	if err = errors.Join(err, caught); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	r := &Report{Graph: e.graph, name: strings.TrimPrefix(fmt.Sprintf("%T", f), "*")}
	if strings.HasPrefix(r.name, "func(") {
		r.name = "a function"
	}
	for _, write := range []struct {
		wanted bool
		do     func() (File, error)
	}{{true, e.lathe}, {o.ONNX, e.onnx}, {o.Go, e.source}} {
		if !write.wanted {
			continue
		}
		file, err := write.do()
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, file)
	}
	return r, nil
}

// evaluating puts m into evaluation mode and returns what puts each part back.
func evaluating(m nn.Module) (restore func()) {
	parts := []*nn.Base{m.Self()}
	m.Self().Apply(func(m nn.Module) { parts = append(parts, m.Self()) })
	training := make([]bool, len(parts))
	for i, b := range parts {
		training[i] = b.Training()
	}
	m.Self().Eval()
	return func() {
		for i, b := range parts { // parents first: Train reaches children, too
			b.Train(training[i])
		}
	}
}

// exporter is one call of Module.
type exporter struct {
	o        Options
	path     string
	examples []*eager.Tensor
	graph    *jit.Graph
	want     []*eager.Tensor // what the network computes
}

// trace makes the graph and compares it with the network.
func (e *exporter) trace(f any) error {
	g, err := jit.Trace(f, e.examples...)
	if err != nil {
		return err
	}
	if len(g.States) > 0 {
		return fmt.Errorf("export: the function changes %q at each call; export a network in evaluation mode",
			g.States[0].Name)
	}
	if e.want, err = jit.Call(f, e.examples...); err != nil {
		return err
	}
	if e.o.Fold {
		if g, err = g.Freeze(); err != nil {
			return err
		}
	}
	e.graph = g
	_, err = e.check("graph", g.Run(e.examples...))
	return err
}

// check compares outputs with those of the network.
func (e *exporter) check(what string, have []*eager.Tensor) (float64, error) {
	if len(have) != len(e.want) {
		return 0, fmt.Errorf("export: the %s has %d outputs, the network %d", what, len(have), len(e.want))
	}
	worst := 0.0
	for i, w := range e.want {
		if !w.Shape().Equal(have[i].Shape()) {
			return 0, fmt.Errorf("export: output %d of the %s is %v, of the network %v", i, what, have[i].Type(), w.Type())
		}
		d := differs(w, have[i])
		if !(d <= e.o.Tolerance) {
			return d, fmt.Errorf("export: output %d of the %s differs from the network by %.2g of its largest value; a "+
				"network that draws random numbers in evaluation mode cannot be compared", i, what, d)
		}
		worst = math.Max(worst, d)
	}
	return worst, nil
}

// differs is the largest difference as a part of the largest finite value of a.
func differs(a, b *eager.Tensor) float64 {
	x, y := a.Float64s(), b.Float64s()
	scale, worst := 1e-6, 0.0
	for i, v := range x {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			scale = math.Max(scale, math.Abs(v))
		}
		switch d := math.Abs(v - y[i]); {
		case v == y[i] || math.IsNaN(v) && math.IsNaN(y[i]):
		case math.IsNaN(d):
			return math.Inf(1)
		default:
			worst = math.Max(worst, d)
		}
	}
	return worst / scale
}

// lathe writes the graph file.
func (e *exporter) lathe() (File, error) {
	path := e.path + ".lathe"
	if err := e.graph.Save(path); err != nil {
		return File{}, err
	}
	d, err := e.checkFile(path)
	return e.file("lathe", path, d, err)
}

// checkFile runs a graph file on the examples.
func (e *exporter) checkFile(path string) (float64, error) {
	m, err := model.Open(path)
	if err != nil {
		return 0, err
	}
	defer m.Close()
	in := make([]engine.Array, len(e.examples))
	for i, x := range e.examples {
		in[i] = x.Array()
	}
	out, err := m.Run(in)
	if err != nil {
		return 0, err
	}
	have := make([]*eager.Tensor, len(out))
	for i, y := range out {
		have[i] = eager.FromArray(y)
	}
	return e.check("file "+path, have)
}

// onnx writes the ONNX model.
func (e *exporter) onnx() (File, error) {
	path := e.path + ".onnx"
	m, err := onnx.ExportGraph(e.graph.Graph, nil, onnx.ExportOptions{})
	if err != nil {
		return File{}, err
	}
	if err := onnx.WriteFile(path, m); err != nil {
		return File{}, err
	}
	back, err := onnx.Load(path)
	if err != nil {
		return e.file("onnx", path, 0, err)
	}
	var d float64
	caught := engine.Catch(func() { d, err = e.check("file "+path, back.Apply(e.examples...)) })
	return e.file("onnx", path, d, errors.Join(err, caught))
}

// file describes what was written, and removes what is wrong.
func (e *exporter) file(format, path string, d float64, err error) (File, error) {
	if err != nil {
		_ = os.Remove(path)
		return File{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("export: %w", err)
	}
	return File{Format: format, Path: path, Bytes: info.Size(), Differs: d}, nil
}
