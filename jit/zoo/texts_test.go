package zoo

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

const tinyTokenizer = `{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":{"type":"Lowercase"},
"pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,
"model":{"type":"WordLevel","vocab":{"[UNK]":0,"go":1,"left":2,"right":3},"unk_token":"[UNK]"}}`

// lookUp is a model that gives each token a row of a table: ? (1, 1), go (1, 0), left (0, 2), right (0, −2).
func lookUp(t *testing.T, path string) {
	t.Helper()
	table := &pb.TensorProto{
		Name: proto.String("table"), DataType: proto.Int32(int32(pb.TensorProto_FLOAT)), Dims: []int64{4, 2},
		FloatData: []float32{1, 1, 1, 0, 0, 2, 0, -2},
	}
	named := func(name string) *pb.ValueInfoProto { return &pb.ValueInfoProto{Name: &name} }
	m := &pb.ModelProto{IrVersion: proto.Int64(8), OpsetImport: []*pb.OperatorSetIdProto{{Version: proto.Int64(13)}}, Graph: &pb.GraphProto{
		Name: proto.String("g"), Initializer: []*pb.TensorProto{table},
		Node:   []*pb.NodeProto{{OpType: proto.String("Gather"), Input: []string{"table", "input_ids"}, Output: []string{"last_hidden_state"}}},
		Input:  []*pb.ValueInfoProto{named("input_ids"), named("attention_mask")},
		Output: []*pb.ValueInfoProto{named("last_hidden_state")},
	}}
	if err := onnx.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
}

// TestTextsBecomeVectorsOfLengthOne goes from a shelf to vectors: padding counts for nothing, the score is the cosine with the first line.
func TestTextsBecomeVectorsOfLengthOne(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	lookUp(t, file("net.onnx"))
	if err := errors.Join(os.WriteFile(file("tokenizer.json"), []byte(tinyTokenizer), 0o600), os.Mkdir(file("shelf"), 0o700),
		os.WriteFile(file("lines.txt"), []byte("go left\n\nGo\nleft right\nright\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for pooling, want := range map[string][]float64{
		// (1, 2)/√5 for the first line; then (1, 0), nothing, (0, −1)
		"":      {1, 1 / math.Sqrt(5), 0, -2 / math.Sqrt(5)},
		"first": {1, 1, 0, 0}, // go, go, left, right
	} {
		e := Entry{Name: "tiny" + pooling, Version: "1", Task: "text-embedding", Licence: "MIT", Input: Input{Pooling: pooling}}
		if err := Add(file("shelf"), e, map[string]string{"model": file("net.onnx"), "tokenizer": file("tokenizer.json")}); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), file("shelf"), Options{Cache: file("cache")})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Get(t.Context(), e.Name, Options{Cache: file("cache")})
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Run(file("lines.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Items) != 4 || r.Items[1].Label != "Go" {
			t.Fatalf("%+v", r.Items)
		}
		for i, item := range r.Items {
			if math.Abs(item.Score-want[i]) > 1e-6 || len(item.Vector) != 2 {
				t.Errorf("pooling %q: %q has score %v and vector %v, want score %v", pooling, item.Label, item.Score, item.Vector, want[i])
			}
		}
	}
	wrong := Entry{Name: "wrong", Version: "1", Task: "text-embedding", Licence: "MIT", Input: Input{Pooling: "sum"}}
	if _, err := open(&wrong, map[string]string{"model": file("net.onnx"), "tokenizer": file("tokenizer.json")}); err == nil || !strings.Contains(err.Error(), "want mean or first") {
		t.Errorf("pooling sum: %v", err)
	}
	if _, err := open(&wrong, map[string]string{"model": file("net.onnx")}); err == nil || !strings.Contains(err.Error(), `"tokenizer"`) {
		t.Errorf("no tokenizer: %v", err)
	}
}
