package main

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

// source is a model of another framework as a function of tensors.
type source struct {
	f      func(xs ...*eager.Tensor) []*eager.Tensor
	names  []string
	shapes []engine.Shape // −1: free
	types  []engine.DType
	outs   []string
	info   string
	unset  bool // parameters are made by the first run
}

// isForeign reports whether a file is not in our own format.
func isForeign(path string) bool {
	return slices.Contains([]string{".onnx", ".prototxt", ".caffemodel", ".pb", ".pbtxt"}, filepath.Ext(path))
}

// openSource reads an ONNX model, or a network of Caffe or Caffe2 and its weights.
func openSource(path, weights string) (*source, error) {
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
	s := &source{f: m.Apply}
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
		s.names, s.types, s.shapes = append(s.names, in.Name), append(s.types, d), append(s.shapes, shape)
	}
	for _, out := range m.Outputs() {
		info += fmt.Sprintf("output %s: %s\n", out.Name, out.Type)
		s.outs = append(s.outs, out.Name)
	}
	s.info = info
	return s, nil
}

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

func openCaffe(path, weights string) (*source, error) {
	net, err := caffe.Load(path, weights)
	if err != nil {
		return nil, err
	}
	s := &source{info: fmt.Sprintf("Caffe network %q\n", net.Name), unset: weights == ""}
	in := net.Inputs()
	for name := range in {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	for _, name := range s.names {
		s.shapes, s.types = append(s.shapes, in[name]), append(s.types, engine.F32)
		s.info += fmt.Sprintf("input  %s: %v\n", name, in[name])
	}
	n := 0
	for _, p := range net.Parameters() {
		n += p.Value.Numel()
	}
	s.info += fmt.Sprintf("%d weights with %d elements\n", len(net.Parameters()), n)
	s.f = func(xs ...*eager.Tensor) []*eager.Tensor {
		feed := map[string]*eager.Tensor{}
		for i, x := range xs {
			feed[s.names[i]] = x
		}
		out, err := net.Forward(feed)
		if err != nil {
			engine.Fail("lathe model", "%v", err)
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
func openCaffe2(path, weights string) (*source, error) {
	if beside := filepath.Join(filepath.Dir(path), strings.Replace(filepath.Base(path), "predict", "init", 1)); weights == "" && beside != path {
		if _, err := os.Stat(beside); err == nil {
			weights = beside
		}
	}
	net, err := caffe2.Load(path, weights)
	if err != nil {
		return nil, err
	}
	s := &source{info: fmt.Sprintf("Caffe2 net %q\n", net.Name), names: net.Inputs(), outs: net.Outputs()}
	for _, name := range s.names {
		shape := net.Shape(name)
		s.shapes, s.types = append(s.shapes, shape), append(s.types, engine.F32)
		s.info += fmt.Sprintf("input  %s: %v\n", name, shape)
	}
	for _, name := range s.outs {
		s.info += fmt.Sprintf("output %s\n", name)
	}
	n := 0
	for _, p := range net.Parameters() {
		n += p.Value.Numel()
	}
	s.info += fmt.Sprintf("%d weights with %d elements\n", len(net.Parameters()), n)
	s.f = func(xs ...*eager.Tensor) []*eager.Tensor {
		feed := map[string]*eager.Tensor{}
		for i, x := range xs {
			feed[s.names[i]] = x
		}
		out, err := net.Run(feed)
		if err != nil {
			engine.Fail("lathe model", "%v", err)
		}
		ys := make([]*eager.Tensor, len(s.outs))
		for i, name := range s.outs {
			ys[i] = out[name]
		}
		return ys
	}
	return s, nil
}

// examples returns inputs to trace with: those in files, or zeros of the stated or given shapes. Free extents are 1.
func (s *source) examples(files []string, shapes string) ([]*eager.Tensor, error) {
	if len(files) > len(s.names) {
		return nil, fmt.Errorf("%d inputs given, the model has %d: %s", len(files), len(s.names), strings.Join(s.names, ", "))
	}
	given, err := parseShapes(shapes)
	if err != nil {
		return nil, err
	}
	xs := make([]*eager.Tensor, len(s.names))
	for i, name := range s.names {
		if i < len(files) {
			if xs[i], err = checkpoint.LoadNPY(files[i]); err != nil {
				return nil, err
			}
			continue
		}
		shape := s.shapes[i].Clone()
		if g, ok := given[name]; ok {
			shape = g
		} else if g, ok := given[""]; ok && len(s.names) == 1 {
			shape = g
		}
		if shape == nil && s.shapes[i] == nil {
			return nil, usagef("the file does not say which shape input %s has: give it as -shape %s=1,3,224,224, or an example", name, name)
		}
		for k, n := range shape {
			if n < 0 {
				shape[k] = 1
			}
		}
		xs[i] = eager.FromArray(engine.Zeros(s.types[i], shape))
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
				return nil, usagef("-shape %q: want extents like data=1,3,224,224", part)
			}
			shape = append(shape, n)
		}
		out[name] = shape
	}
	return out, nil
}

// graph traces the model.
func (s *source) graph(files []string, shapes string) (*jit.Graph, error) {
	xs, err := s.examples(files, shapes)
	if err != nil {
		return nil, err
	}
	var g *jit.Graph
	eager.NoGrad(func() {
		if s.unset { // so that the graph has them as constants, not the fillers
			err = engine.Catch(func() { s.f(xs...) })
		}
		if err == nil {
			g, err = jit.Trace(s.f, xs...)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range g.Inputs {
		g.Inputs[i].Name = s.names[i]
	}
	for i := range g.Outputs {
		if i < len(s.outs) {
			g.Outputs[i].Name = s.outs[i]
		}
	}
	return g, nil
}

// openModel opens a file of any format as a graph that runs.
func openModel(path, weights, shapes string, inputs []string) (*model.Model, error) {
	if !isForeign(path) {
		return model.Open(path)
	}
	s, err := openSource(path, weights)
	if err != nil {
		return nil, err
	}
	g, err := s.graph(inputs, shapes)
	if err != nil {
		return nil, err
	}
	return model.New(g.Graph)
}

// convertModel writes a model of another framework as our graph, or a network of Caffe as ONNX.
func convertModel(e *env, weights, shapes string) error {
	if len(e.args) != 3 {
		return usagef("convert wants a model and the file to write: lathe model convert net.onnx net.lathe")
	}
	from, to := e.args[1], e.args[2]
	if !isForeign(from) {
		return usagef("%s is no .onnx, .prototxt, .caffemodel, .pb or .pbtxt", from)
	}
	s, err := openSource(from, weights)
	if err != nil {
		return err
	}
	switch filepath.Ext(to) {
	case ".lathe":
		g, err := s.graph(nil, shapes)
		if err != nil {
			return err
		}
		return g.Save(to)
	case ".onnx":
		xs, err := s.examples(nil, shapes)
		if err != nil {
			return err
		}
		if len(s.outs) == 0 { // names are known after a run
			eager.NoGrad(func() { err = engine.Catch(func() { s.f(xs...) }) })
			if err != nil {
				return err
			}
		}
		return onnx.Save(to, s.f, onnx.ExportOptions{Inputs: s.names, Outputs: s.outs}, xs...)
	}
	return usagef("%s: want a name that ends in .lathe or .onnx", to)
}
