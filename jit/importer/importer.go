// Package importer opens models of other frameworks as functions of tensors and as graphs: ONNX, Caffe and Caffe2.
//
//	s, err := importer.Open("net.onnx", "")
//	if err != nil { … }
//	g, err := s.Graph(nil, "data=1,3,224,224")
//	m, err := importer.Model("deploy.prototxt", "net.caffemodel", "", nil) // any format, .lathe too
//
// It chooses by the ending of a file's name; what a format can do stands in its own package (jit/onnx, jit/caffe, jit/caffe2).
package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/caffe"
	"github.com/lathe-ml/lathe/jit/caffe2"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// Source is a model of another framework as a function of tensors.
type Source struct {
	Apply  func(xs ...*eager.Tensor) []*eager.Tensor
	Inputs []string
	Shapes []engine.Shape // of inputs; −1 is free, nil unknown
	Types  []engine.DType // of inputs
	Info   string         // lines that describe the model
	outs   []string
	unset  bool // parameters are made by the first run
}

// Known reports whether a file is of a format that Open reads, by the ending of its name.
func Known(path string) bool {
	return slices.Contains([]string{".onnx", ".prototxt", ".caffemodel", ".pb", ".pbtxt"}, filepath.Ext(path))
}

// Open reads an ONNX model, or a network of Caffe or Caffe2 and its weights, whose file may be "".
func Open(path, weights string) (*Source, error) {
	switch filepath.Ext(path) {
	case ".onnx":
	case ".pb", ".pbtxt":
		return openCaffe2(path, weights)
	default:
		return openCaffe(path, weights)
	}
	m, err := onnx.Load(path)
	if err != nil {
		return nil, err
	}
	s := &Source{Apply: m.Apply}
	n := 0
	for _, p := range m.Parameters() {
		n += p.Value.Numel()
	}
	info := fmt.Sprintf("ONNX model, made by %s, file format %d\n", m.Producer, m.IR)
	for domain, v := range m.Opsets {
		if domain == "" {
			domain = "ai.onnx"
		}
		info += fmt.Sprintf("operator set %s %d\n", domain, v)
	}
	info += fmt.Sprintf("%d weights with %d elements\n", len(m.Parameters()), n)
	for _, in := range m.Inputs() {
		info += fmt.Sprintf("input  %s: %s\n", in.Name, in.Type)
		if in.Optional {
			continue
		}
		d, shape := parseType(in.Type)
		s.Inputs, s.Types, s.Shapes = append(s.Inputs, in.Name), append(s.Types, d), append(s.Shapes, shape)
	}
	for _, out := range m.Outputs() {
		info += fmt.Sprintf("output %s: %s\n", out.Name, out.Type)
		s.outs = append(s.outs, out.Name)
	}
	s.Info = info
	return s, nil
}

// Outputs returns the names of outputs; those of a network of Caffe are known after a run.
func (s *Source) Outputs() []string { return s.outs }

// parseType reads "float[N 3 224 224]"; extents that are no numbers are −1.
func parseType(t string) (engine.DType, engine.Shape) {
	kind, rest, _ := strings.Cut(t, "[")
	shape := engine.Shape{}
	for _, w := range strings.Fields(strings.TrimSuffix(rest, "]")) {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 {
			n = -1
		}
		shape = append(shape, n)
	}
	for d := onnx.Float; d <= onnx.BFloat16; d++ {
		if d.String() == kind {
			return d.Carrier(), shape
		}
	}
	return engine.F32, shape
}

func openCaffe(path, weights string) (*Source, error) {
	net, err := caffe.Load(path, weights)
	if err != nil {
		return nil, err
	}
	s := &Source{Info: fmt.Sprintf("Caffe network %q\n", net.Name), unset: weights == ""}
	in := net.Inputs()
	for name := range in {
		s.Inputs = append(s.Inputs, name)
	}
	slices.Sort(s.Inputs)
	for _, name := range s.Inputs {
		s.Shapes, s.Types = append(s.Shapes, in[name]), append(s.Types, engine.F32)
		s.Info += fmt.Sprintf("input  %s: %v\n", name, in[name])
	}
	n := 0
	for _, p := range net.Parameters() {
		n += p.Value.Numel()
	}
	s.Info += fmt.Sprintf("%d weights with %d elements\n", len(net.Parameters()), n)
	s.Apply = func(xs ...*eager.Tensor) []*eager.Tensor {
		feed := map[string]*eager.Tensor{}
		for i, x := range xs {
			feed[s.Inputs[i]] = x
		}
		out, err := net.Forward(feed)
		if err != nil {
			engine.Fail("importer", "%v", err)
		}
		names := make([]string, 0, len(out))
		for name := range out {
			names = append(names, name)
		}
		slices.Sort(names)
		s.outs = names
		ys := make([]*eager.Tensor, len(names))
		for i, name := range names {
			ys[i] = out[name]
		}
		return ys
	}
	return s, nil
}

// openCaffe2 reads a predict net; its weights are in the init net beside it, when no other is given.
func openCaffe2(path, weights string) (*Source, error) {
	if beside := filepath.Join(filepath.Dir(path), strings.Replace(filepath.Base(path), "predict", "init", 1)); weights == "" && beside != path {
		if _, err := os.Stat(beside); err == nil {
			weights = beside
		}
	}
	net, err := caffe2.Load(path, weights)
	if err != nil {
		return nil, err
	}
	s := &Source{Info: fmt.Sprintf("Caffe2 net %q\n", net.Name), Inputs: net.Inputs(), outs: net.Outputs()}
	for _, name := range s.Inputs {
		shape := net.Shape(name)
		s.Shapes, s.Types = append(s.Shapes, shape), append(s.Types, engine.F32)
		s.Info += fmt.Sprintf("input  %s: %v\n", name, shape)
	}
	for _, name := range s.outs {
		s.Info += fmt.Sprintf("output %s\n", name)
	}
	n := 0
	for _, p := range net.Parameters() {
		n += p.Value.Numel()
	}
	s.Info += fmt.Sprintf("%d weights with %d elements\n", len(net.Parameters()), n)
	s.Apply = func(xs ...*eager.Tensor) []*eager.Tensor {
		feed := map[string]*eager.Tensor{}
		for i, x := range xs {
			feed[s.Inputs[i]] = x
		}
		out, err := net.Run(feed)
		if err != nil {
			engine.Fail("importer", "%v", err)
		}
		ys := make([]*eager.Tensor, len(s.outs))
		for i, name := range s.outs {
			ys[i] = out[name]
		}
		return ys
	}
	return s, nil
}

// Examples returns inputs to trace with: those in files, or zeros of the stated or given shapes. Free extents are 1.
func (s *Source) Examples(files []string, shapes string) ([]*eager.Tensor, error) {
	if len(files) > len(s.Inputs) {
		return nil, fmt.Errorf("%d inputs given, the model has %d: %s", len(files), len(s.Inputs), strings.Join(s.Inputs, ", "))
	}
	given, err := parseShapes(shapes)
	if err != nil {
		return nil, err
	}
	xs := make([]*eager.Tensor, len(s.Inputs))
	for i, name := range s.Inputs {
		if i < len(files) {
			if xs[i], err = checkpoint.LoadNPY(files[i]); err != nil {
				return nil, err
			}
			continue
		}
		shape := s.Shapes[i].Clone()
		if g, ok := given[name]; ok {
			shape = g
		} else if g, ok := given[""]; ok && len(s.Inputs) == 1 {
			shape = g
		}
		if shape == nil && s.Shapes[i] == nil {
			return nil, fmt.Errorf("the file does not say which shape input %s has: give it as -shape %s=1,3,224,224 or by an example", name, name)
		}
		for k, n := range shape {
			if n < 0 {
				shape[k] = 1
			}
		}
		xs[i] = eager.FromArray(engine.Zeros(s.Types[i], shape))
	}
	return xs, nil
}

// parseShapes reads "data=1,3,224,224;mask=1,8" or, for a model with one input, "1,3,224,224".
func parseShapes(text string) (map[string]engine.Shape, error) {
	out := map[string]engine.Shape{}
	for _, part := range strings.Split(text, ";") {
		if part == "" {
			continue
		}
		name, list, found := strings.Cut(part, "=")
		if !found {
			name, list = "", part
		}
		var shape engine.Shape
		for _, w := range strings.Split(list, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(w))
			if err != nil || n < 0 {
				return nil, fmt.Errorf("shapes %q: want extents like data=1,3,224,224", part)
			}
			shape = append(shape, n)
		}
		out[name] = shape
	}
	return out, nil
}

// Graph traces the model on Examples.
func (s *Source) Graph(files []string, shapes string) (*jit.Graph, error) {
	xs, err := s.Examples(files, shapes)
	if err != nil {
		return nil, err
	}
	var g *jit.Graph
	eager.NoGrad(func() {
		if s.unset { // so that the graph has them as constants, not the fillers
			err = engine.Catch(func() { s.Apply(xs...) })
		}
		if err == nil {
			g, err = jit.Trace(s.Apply, xs...)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range g.Inputs {
		g.Inputs[i].Name = s.Inputs[i]
	}
	for i := range g.Outputs {
		if i < len(s.outs) {
			g.Outputs[i].Name = s.outs[i]
		}
	}
	return g, nil
}

// Frozen is Graph for inference: see jit.Graph.Freeze. A graph that changes states stays as it is.
func (s *Source) Frozen(files []string, shapes string) (*jit.Graph, error) {
	g, err := s.Graph(files, shapes)
	if err != nil || len(g.States) > 0 {
		return g, err
	}
	return g.Freeze()
}

// Model opens a file of any format, .lathe too, as a graph that runs; those of other frameworks are frozen.
func Model(path, weights, shapes string, inputs []string) (*model.Model, error) {
	if !Known(path) {
		return model.Open(path)
	}
	s, err := Open(path, weights)
	if err != nil {
		return nil, err
	}
	g, err := s.Frozen(inputs, shapes)
	if err != nil {
		return nil, err
	}
	return model.New(g.Graph)
}
