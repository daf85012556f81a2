package main

import (
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/importer"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/quant"
)

// quantizeFlags are the flags of lathe model quantize.
type quantizeFlags struct {
	method, keep, by *string
	dynamic          *bool
}

func (q *quantizeFlags) add(e *env) {
	q.method = e.flags.String("method", "mse", "quantize: how ranges are chosen: mse, minmax or percentile")
	q.dynamic = e.flags.Bool("dynamic", false, "quantize: 8-bit weights only; inputs of layers become bytes in each run, without examples")
	q.by = e.flags.String("by", "row", "quantize -dynamic: bytes have one scale for each `row` of a layer's input, or for its tensor")
	q.keep = e.flags.String("keep", "", "quantize: `names` of weights whose layers stay f32, with commas between")
}

// quantizeModel writes a model whose layers compute with 8 bits, calibrated with examples from files, or with bytes made
// in each run.
func quantizeModel(e *env, q *quantizeFlags, weights, shapes, out string) error {
	files := e.args[2:]
	switch ext := filepath.Ext(out); {
	case ext != ".lathe" && ext != ".onnx":
		return usagef("quantize wants the file to write, .lathe or .onnx: " +
			"lathe model quantize net.onnx examples.npy -o net-int8.lathe")
	case len(files) == 0 && !*q.dynamic:
		return usagef("quantize wants examples for each input, from which ranges are chosen: " +
			"lathe model quantize net.onnx examples.npy -o net-int8.lathe; -dynamic needs none")
	case *q.by != "row" && *q.by != "tensor":
		return usagef("-by %s: want row or tensor", *q.by)
	}
	m, err := importer.Model(e.args[1], weights, shapes, nil)
	if err != nil {
		if d, failed := importer.OpenDirect(e.args[1], weights, shapes, nil, err); failed == nil {
			return withoutGraph(d)
		}
		return err
	}
	defer m.Close()
	g := m.Graph()
	var batches iter.Seq[[]engine.Array]
	if len(files) > 0 {
		examples, err := loadExamples(g, files)
		if err != nil {
			return err
		}
		batches = batchesOf(g, examples)
	}
	var keep []string
	if *q.keep != "" {
		keep = strings.Split(*q.keep, ",")
	}
	var small *graph.Graph
	var report *quant.Report
	if *q.dynamic {
		small, report, err = quant.Dynamic(g, batches, quant.DynamicOptions{ByTensor: *q.by == "tensor", Keep: keep})
	} else {
		small, report, err = quant.Static(g, batches, quant.Options{Method: quant.Method(*q.method), Keep: keep})
	}
	if err != nil {
		return err
	}
	fmt.Fprint(e.stdout, report)
	if filepath.Ext(out) == ".lathe" {
		return model.Save(out, small)
	}
	var o onnx.ExportOptions
	for _, x := range small.Inputs {
		o.Inputs = append(o.Inputs, x.Name)
	}
	for _, y := range small.Outputs {
		o.Outputs = append(o.Outputs, y.Name)
	}
	p, err := onnx.ExportGraph(small, nil, o)
	if err != nil {
		return err
	}
	return onnx.WriteFile(out, p)
}

// loadExamples reads one array for each input of g, with any number of batches along the first axis.
func loadExamples(g *graph.Graph, files []string) ([]engine.Array, error) {
	if len(files) != len(g.Inputs) {
		return nil, usagef("%d files with examples, the model has %d inputs; want one for each", len(files), len(g.Inputs))
	}
	all := make([]engine.Array, len(files))
	for i, f := range files {
		x, err := checkpoint.LoadNPY(f)
		if err != nil {
			return nil, err
		}
		t := g.Types[g.Inputs[i].Value]
		if x.Rank() != len(t.Shape) || x.Rank() == 0 || x.Size(0)%max(t.Shape[0], 1) != 0 || x.DType() != t.DType {
			return nil, fmt.Errorf("%s is %v; input %s is %v: want any multiple of its first extent", f, x.Type(),
				g.Inputs[i].Name, t)
		}
		all[i] = x.Array()
		if n, first := all[i].Shape[0]/max(t.Shape[0], 1), all[0].Shape[0]/max(g.Types[g.Inputs[0].Value].Shape[0], 1); n != first {
			return nil, fmt.Errorf("%s has %d batches, %s has %d", f, n, files[0], first)
		}
	}
	return all, nil
}

// batchesOf cuts examples into batches of the extents that g was made for.
func batchesOf(g *graph.Graph, all []engine.Array) iter.Seq[[]engine.Array] {
	extent := func(i int) int { return max(g.Types[g.Inputs[i].Value].Shape[0], 1) }
	return func(yield func([]engine.Array) bool) {
		for k := range all[0].Shape[0] / extent(0) {
			in := make([]engine.Array, len(all))
			for i, x := range all {
				in[i] = x.Slice(0, k*extent(i), (k+1)*extent(i), 1)
			}
			if !yield(in) {
				return
			}
		}
	}
}
