package gang

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
	"github.com/lathe-ml/lathe/spark"
)

// twoInputs is a model of an image and a number: their product, and the sum of the image.
func twoInputs(x, by *eager.Tensor) []*eager.Tensor {
	return []*eager.Tensor{x.Mul(by.Reshape(-1, 1, 1)), x.Sum(1, 2)}
}

// rowsWithText is n rows of an id, a text, an image of 2 × 3 and a number.
func rowsWithText(t *testing.T, from, n int) arrow.RecordBatch {
	t.Helper()
	rows := make([][]any, n)
	for i := range rows {
		x := make([]float64, 6)
		for k := range x {
			x[k] = float64(from + i + k)
		}
		rows[i] = []any{fmt.Sprint("row ", from+i), x, from + i}
	}
	b, err := spark.BatchOfRows([]string{"text", "image", "factor"}, rows...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkPredictions wants rows 0 … n−1 of rowsWithText through twoInputs.
func checkPredictions(t *testing.T, out []arrow.RecordBatch, scaled, sum string) {
	t.Helper()
	at := 0
	for _, b := range out {
		x, err := spark.TensorsOf(func(f func(arrow.RecordBatch) error) error { return f(b) }, scaled, sum)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(b.NumRows()) {
			if got, want := b.Column(0).ValueStr(i), fmt.Sprint("row ", at); got != want {
				t.Fatalf("text %q, want %q", got, want)
			}
			total := float32(0)
			for k := range 6 {
				total += float32(at + k)
				if got, want := x[0].Storage().F32()[i*6+k], float32(at*(at+k)); got != want {
					t.Fatalf("row %d element %d: %g, want %g", at, k, got, want)
				}
			}
			if got := x[1].Storage().F32()[i]; got != total {
				t.Fatalf("row %d: sum %g, want %g", at, got, total)
			}
			at++
		}
	}
	if at != 17 {
		t.Errorf("%d rows, want 17", at)
	}
}

func TestModelsOfSeveralInputsPredictAndTextGoesThrough(t *testing.T) {
	dir := t.TempDir()
	x, by := eager.Randn(4, 2, 3), eager.Randn(4)
	g, err := jit.Trace(twoInputs, x, by)
	if err != nil {
		t.Fatal(err)
	}
	graph := filepath.Join(dir, "model.lathe")
	if err := g.Save(graph); err != nil {
		t.Fatal(err)
	}
	fixed, open := filepath.Join(dir, "fixed.onnx"), filepath.Join(dir, "open.onnx")
	if err := onnx.Save(fixed, twoInputs, onnx.ExportOptions{}, x, by); err != nil {
		t.Fatal(err)
	}
	if err := onnx.Save(open, twoInputs, onnx.ExportOptions{Batch: true}, x, by); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{graph, fixed, open} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			p := Predict{Model: file, Columns: []string{"image", "factor"}, Keep: []string{"text"}, Rows: 5}
			j, err := p.Job()
			if err != nil {
				t.Fatal(err)
			}
			out, err := j.Local(context.Background(), []arrow.RecordBatch{rowsWithText(t, 0, 7)}, []arrow.RecordBatch{rowsWithText(t, 7, 10)})
			if err != nil {
				t.Fatal(err)
			}
			names := out[0].Schema().Fields()
			checkPredictions(t, out, names[1].Name, names[2].Name)
		})
	}
}

// TestModelsOfTextPredict runs a model that hands its text on, with an axis of one entry beside that of rows.
func TestModelsOfTextPredict(t *testing.T) {
	text := func(name string) *pb.ValueInfoProto {
		return &pb.ValueInfoProto{Name: &name, Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{TensorType: &pb.TypeProto_Tensor{
			ElemType: proto.Int32(int32(onnx.String)), Shape: &pb.TensorShapeProto{Dim: []*pb.TensorShapeProto_Dimension{
				{Value: &pb.TensorShapeProto_Dimension_DimParam{DimParam: "N"}}, {Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: 1}},
			}},
		}}}}
	}
	file := filepath.Join(t.TempDir(), "same.onnx")
	err := onnx.WriteFile(file, &pb.ModelProto{
		IrVersion: proto.Int64(8), OpsetImport: []*pb.OperatorSetIdProto{{Version: proto.Int64(20)}},
		Graph: &pb.GraphProto{
			Name: proto.String("same"), Input: []*pb.ValueInfoProto{text("text")}, Output: []*pb.ValueInfoProto{text("same")},
			Node: []*pb.NodeProto{{OpType: proto.String("Identity"), Input: []string{"text"}, Output: []string{"same"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	j, err := Predict{Model: file, Keep: []string{"text"}, Rows: 2}.Job()
	if err != nil {
		t.Fatal(err)
	}
	out, err := j.Local(context.Background(), []arrow.RecordBatch{rowsWithText(t, 0, 5)})
	if err != nil {
		t.Fatal(err)
	}
	table, err := TableOf(out)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range table.Column("text").Texts {
		if got := table.Column("same").Texts[i]; got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
	if table.Len() != 5 {
		t.Errorf("%d rows, want 5", table.Len())
	}
}

func TestPredictSaysWhatDoesNotFit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.onnx")
	if err := onnx.Save(file, twoInputs, onnx.ExportOptions{}, eager.Randn(4, 2, 3), eager.Randn(4)); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]Predict{
		"no such file":         {Model: file + "x"},
		"want one for each":    {Model: file, Columns: []string{"image"}},
		`no output "logits"`:   {Model: file, Outputs: []string{"logits"}},
		"want a number ≥ 0":    {Model: file, Rows: -1},
		"the model wants the ": {Model: file, Columns: []string{"factor", "image"}},
		`columns "nope"`:       {Model: file, Columns: []string{"nope", "factor"}},
	} {
		j, err := p.Job()
		if err == nil {
			_, err = j.Local(context.Background(), []arrow.RecordBatch{rowsWithText(t, 0, 3)})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one with %q", err, want)
		}
	}
}
