package main

import (
	"fmt"
	"path/filepath"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/importer"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// convertModel writes a model of another framework as our graph, or a network of Caffe as ONNX.
func convertModel(e *env, weights, shapes string) error {
	if len(e.args) != 3 {
		return usagef("convert wants a model and the file to write: lathe model convert net.onnx net.lathe")
	}
	from, to := e.args[1], e.args[2]
	if !importer.Known(from) {
		return usagef("%s is no .onnx, .prototxt, .caffemodel, .pb or .pbtxt", from)
	}
	s, err := importer.Open(from, weights)
	if err != nil {
		return err
	}
	switch filepath.Ext(to) {
	case ".lathe":
		g, err := s.Frozen(nil, shapes)
		if err != nil {
			if d, failed := importer.OpenDirect(from, weights, shapes, nil, err); failed == nil {
				return withoutGraph(d)
			}
			return err
		}
		return g.Save(to)
	case ".onnx":
		xs, err := s.Examples(nil, shapes)
		if err != nil {
			return err
		}
		if len(s.Outputs()) == 0 { // names are known after a run
			eager.NoGrad(func() { err = engine.Catch(func() { s.Apply(xs...) }) })
			if err != nil {
				return err
			}
		}
		return onnx.Save(to, s.Apply, onnx.ExportOptions{Inputs: s.Inputs, Outputs: s.Outputs()}, xs...)
	}
	return usagef("%s: want a name that ends in .lathe or .onnx", to)
}

// withoutGraph is the error of what needs a graph of d.
func withoutGraph(d *importer.Direct) error {
	return fmt.Errorf("%w; no graph can hold the model: lathe model run, bench and serve run it operator by operator", d.Why)
}
