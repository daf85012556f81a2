package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// TestCaffeNetworksBecomeONNXAndRun goes from a prototxt to both other formats, which give the same numbers.
func TestCaffeNetworksBecomeONNXAndRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	net := `layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 6 dim: 6 } } }
		layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 3 kernel_size: 3
		  weight_filler { type: "constant" value: 0.5 } } }
		layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
		layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
		layer { name: "s" type: "Softmax" bottom: "p" top: "prob" }`
	if err := os.WriteFile(file("net.prototxt"), []byte(net), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.SaveNPY(file("x.npy"), eager.Ones(1, 2, 6, 6)); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, to := range []string{"net.onnx", "net.lathe"} {
		if code, _, errs := lathe(t, "model", "convert", file("net.prototxt"), file(to)); code != 0 {
			t.Fatalf("convert to %s: %s", to, errs)
		}
		code, _, errs := lathe(t, "model", "run", file(to), file("x.npy"), "-o", file(to+".npy"))
		if code != 0 {
			t.Fatalf("run %s: %s", to, errs)
		}
		y, err := checkpoint.LoadNPY(file(to + ".npy"))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, y.String())
	}
	if texts[0] != texts[1] || !strings.Contains(texts[0], "0.3333") {
		t.Errorf("results differ, or are not thirds:\n%s\n%s", texts[0], texts[1])
	}
	code, out, _ := lathe(t, "model", "info", file("net.onnx"))
	if code != 0 || !strings.Contains(out, "input  data: float[1 2 6 6]") || !strings.Contains(out, "output prob") {
		t.Errorf("info says %q", out)
	}
}

// placesModel gives the places of elements above 0.
func placesModel() *pb.ModelProto {
	value := func(name string, elem pb.TensorProto_DataType, dims ...int64) *pb.ValueInfoProto {
		shape := &pb.TensorShapeProto{}
		for _, d := range dims {
			shape.Dim = append(shape.Dim, &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
		}
		return &pb.ValueInfoProto{Name: &name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{
			TensorType: &pb.TypeProto_Tensor{ElemType: proto.Int32(int32(elem)), Shape: shape},
		}}}
	}
	return &pb.ModelProto{IrVersion: proto.Int64(8), OpsetImport: []*pb.OperatorSetIdProto{{Version: proto.Int64(13)}}, Graph: &pb.GraphProto{
		Name: proto.String("g"),
		Node: []*pb.NodeProto{
			{OpType: proto.String("Relu"), Input: []string{"x"}, Output: []string{"r"}},
			{OpType: proto.String("NonZero"), Input: []string{"r"}, Output: []string{"places"}},
		},
		Input: []*pb.ValueInfoProto{value("x", pb.TensorProto_FLOAT, 4)}, Output: []*pb.ValueInfoProto{value("places", pb.TensorProto_INT64, 1, 2)},
	}}
}

// TestModelsThatDecideByValuesRunWithoutAGraph runs a model whose result has as many columns as there are elements above 0.
func TestModelsThatDecideByValuesRunWithoutAGraph(t *testing.T) {
	dir := t.TempDir()
	m := placesModel()
	path, x := filepath.Join(dir, "places.onnx"), filepath.Join(dir, "x.npy")
	if err := errors.Join(onnx.WriteFile(path, m), checkpoint.SaveNPY(x, eager.Of(-1, 2, 0, 3))); err != nil {
		t.Fatal(err)
	}
	code, out, errs := lathe(t, "model", "run", path, x)
	if code != 0 || !strings.Contains(out, "places = [[1 3]] i64[1 2]") || !strings.Contains(errs, "without a graph") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	for _, c := range []struct {
		want string
		code int
		args []string
	}{
		{"of 3 others", 0, []string{"model", "bench", path, "-n", "3"}},
		{"2 inputs given, the model has 1: x", 1, []string{"model", "run", path, x, x}},
		{"run, bench and serve run it operator by operator", 1, []string{"model", "convert", path, filepath.Join(dir, "y.lathe")}},
		{"run, bench and serve run it operator by operator", 1, []string{"model", "quantize", path, "-dynamic", "-o", filepath.Join(dir, "y.lathe")}},
		{"run, bench and serve run it operator by operator", 1, []string{"model", "info", path, "-graph"}},
		{"leave out -batch", 1, []string{"model", "serve", path, "-batch", "4", "-addr", "127.0.0.1:0"}},
	} {
		if code, out, errs := lathe(t, c.args...); code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: exit %d, %q, %q; want %q", c.args, code, out, errs, c.want)
		}
	}
}

func TestModelsThatDecideByValuesAreServed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.onnx")
	if err := onnx.WriteFile(path, placesModel()); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	out, ended := make(lines, 10), make(chan int)
	var stderr bytes.Buffer
	go func() { ended <- realMain(ctx, []string{"model", "serve", path, "-addr", "127.0.0.1:0"}, out, &stderr) }()
	var url string
	select {
	case url = <-out:
	case code := <-ended:
		t.Fatalf("status %d, %s", code, stderr.String())
	}
	for data, want := range map[string]string{"[-1,2,0,3]": `"shape":[1,2]`, "[1,2,5,3]": `"data":[0,1,2,3]`} {
		r, err := http.Post(strings.TrimSpace(url)+"/infer", "application/json",
			strings.NewReader(`{"inputs":[{"name":"x","shape":[4],"datatype":"FP32","data":`+data+`}]}`))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: it answers %s, error %v; want %s", data, text, err, want)
		}
	}
	interrupt()
	if code := <-ended; code != 0 {
		t.Errorf("status %d, %s", code, stderr.String())
	}
}

// TestModelsOfOtherFormatsFailWithAReason gives what does not work.
func TestModelsOfOtherFormatsFailWithAReason(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.onnx")
	if err := os.WriteFile(bad, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"model", "info", bad}, "not an ONNX model"},
		{[]string{"model", "convert", bad, filepath.Join(dir, "x.pb")}, ""},
		{[]string{"model", "train", filepath.Join(dir, "none.prototxt")}, "no such file"},
		{[]string{"model", "bench", bad, "-shape", "a,b"}, ""},
	} {
		code, _, errs := lathe(t, c.args...)
		if code == 0 || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("%v: exit %d, %q; want one line with %q", c.args[1:], code, errs, c.want)
		}
	}
}
