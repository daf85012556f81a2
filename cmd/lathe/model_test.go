package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/model"
)

func TestModelFilesAreShownRunAndMeasured(t *testing.T) {
	dir := t.TempDir()
	b := graph.NewBuilder()
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{2}})
	b.Output("y", b.Apply(op.Mul, nil, x, b.Constant("w", engine.Of(engine.Shape{2}, []float32{3, 4})))[0])
	file := filepath.Join(dir, "net.lathe")
	if err := model.Save(file, b.Graph()); err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy")
	if err := checkpoint.SaveNPY(in, eager.Of(5, 6)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"model", "info", file, "-graph"}, "%2 = Mul(%0, %1)", 0},
		{[]string{"model", "run", file, in}, "[15. 24.]", 0},
		{[]string{"model", "run", file, in, "-o", out}, "", 0},
		{[]string{"model", "bench", file, "-n", "3"}, "of 3 others", 0},
		{[]string{"model", "bench", file, "-n", "3", "-nodes"}, "Mul f32[2] f32[2] → f32[2]", 0},
		{[]string{"model", "run", file}, "takes 1 inputs, got 0", 1},
		{[]string{"model", "info", in}, "not a graph file", 1},
		{[]string{"model", "show", file}, "want info, run, bench", 2},
	} {
		var stdout, stderr bytes.Buffer
		code := realMain(context.Background(), c.args, &stdout, &stderr)
		if text := stdout.String() + stderr.String(); code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%v: status %d, output %q; want %d and %q", c.args, code, text, c.code, c.want)
		}
	}
	if y, err := checkpoint.LoadNPY(out); err != nil || !eager.AllClose(y, eager.Of(15, 24), 0, 0) {
		t.Errorf("the saved output is %v, error %v", y, err)
	}
}

func TestModelsAreQuantised(t *testing.T) {
	dir := t.TempDir()
	b := graph.NewBuilder()
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{2, 3}})
	w := engine.Of(engine.Shape{2, 3}, []float32{1, 2, 3, -1, 0.5, 0.25})
	b.Output("y", b.Apply(op.Linear, nil, x, b.Constant("head.weight", w))[0])
	file, examples := filepath.Join(dir, "net.lathe"), filepath.Join(dir, "x.npy")
	if err := model.Save(file, b.Graph()); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.SaveNPY(examples, eager.Randn(8, 3)); err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(dir, "odd.npy")
	if err := checkpoint.SaveNPY(odd, eager.Randn(7, 3)); err != nil {
		t.Fatal(err)
	}
	small, written := filepath.Join(dir, "small.lathe"), filepath.Join(dir, "small.onnx")
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"model", "quantize", file, examples, "-o", small}, "1 layers with 8 bits, 0 others", 0},
		{[]string{"model", "info", small}, "1 QuantLinear", 0},
		{[]string{"model", "bench", small, "-n", "2"}, "of 2 others", 0},
		{[]string{"model", "quantize", file, "-dynamic", "-o", small}, "1 layers with 8 bits, 0 others", 0},
		{[]string{"model", "info", small}, "1 DynamicLinear", 0},
		{[]string{"model", "quantize", file, examples, "-dynamic", "-by", "tensor", "-o", written}, "same top-1 ", 0},
		{[]string{"model", "info", written}, "input  x: float[2 3]", 0},
		{[]string{"model", "quantize", file, "-dynamic", "-by", "layer", "-o", small}, "want row or tensor", 2},
		{[]string{"model", "quantize", file, examples}, "the file to write", 2},
		{[]string{"model", "quantize", file, "-o", small}, "examples for each input", 2},
		{[]string{"model", "quantize", file, odd, "-o", small}, "want any multiple of its first extent", 1},
		{[]string{"model", "quantize", file, examples, "-method", "best", "-o", small}, "want mse, minmax", 1},
		{[]string{"model", "quantize", file, examples, "-keep", "head.weight", "-o", small}, "no dense layer", 1},
	} {
		var stdout, stderr bytes.Buffer
		code := realMain(context.Background(), c.args, &stdout, &stderr)
		if text := stdout.String() + stderr.String(); code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%v: status %d, output %q; want %d and %q", c.args, code, text, c.code, c.want)
		}
	}
}

// lines is a writer that hands on what is written to it.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func TestModelsAreServedUntilInterrupted(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", op.Type{DType: engine.F32, Shape: engine.Shape{4, 2}})
	b.Output("y", b.Apply(op.Mul, nil, x, b.Constant("w", engine.Of(engine.Shape{2}, []float32{3, 4})))[0])
	file := filepath.Join(t.TempDir(), "scale.lathe")
	if err := model.Save(file, b.Graph()); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	out, ended := make(lines, 10), make(chan int)
	var stderr bytes.Buffer
	go func() {
		ended <- realMain(ctx, []string{"model", "serve", file, "-addr", "127.0.0.1:0", "-batch", "8"}, out, &stderr)
	}()
	var url string
	select {
	case url = <-out:
	case code := <-ended:
		t.Fatalf("status %d, %s", code, stderr.String())
	}
	url = strings.TrimSpace(url)
	if !strings.HasSuffix(url, "/v2/models/scale") {
		t.Fatalf("it says %q", url)
	}
	r, err := http.Post(url+"/infer", "application/json",
		strings.NewReader(`{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[5,6]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil || !strings.Contains(string(text), `"data":[15,24]`) {
		t.Errorf("it answers %s, error %v", text, err)
	}
	interrupt()
	if code := <-ended; code != 0 {
		t.Errorf("status %d, %s", code, stderr.String())
	}
}
