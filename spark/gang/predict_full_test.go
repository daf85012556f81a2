//go:build full

package gang

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/functions"
)

// savedDoubler is an ONNX model that doubles a number and says whether it is above 3.
func savedDoubler(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "doubler.onnx")
	double := func(x *eager.Tensor) []*eager.Tensor {
		return []*eager.Tensor{x.Add(x), x.Sub(eager.Full(3)).ReLU().Reshape(-1, 1)}
	}
	err := onnx.Save(file, double, onnx.ExportOptions{Batch: true, Outputs: []string{"twice", "above"}}, eager.Randn(4))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func numbered(d *spark.DataFrame) *spark.DataFrame {
	return d.Select("id", functions.Expr("concat('n', id)").As("name"), functions.Expr("float(id)").As("x"))
}

// checkDoubled wants the numbers 0 … n−1, each once, with what the model makes of them.
func checkDoubled(t *testing.T, d *spark.DataFrame, n int64) {
	t.Helper()
	r, err := d.Filter("name = concat('n', id) AND twice = 2 * id AND above[0] = greatest(id - 3, 0)").
		Agg(functions.Count("id").As("good"), functions.Expr("count(DISTINCT id)").As("ids")).First()
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Count()
	if err != nil {
		t.Fatal(err)
	}
	if r.Get("good") != n || r.Get("ids") != n || int64(all) != n {
		t.Errorf("%v right of %d rows; want %d, each once", r, all, n)
	}
}

func TestAModelPredictsOverADataFrame(t *testing.T) {
	s := session(t)
	j, err := Predict{
		Model: savedDoubler(t), Input: numbered(s.Range(0, 1000, 1)).Repartition(3), Columns: []string{"x"}, Keep: []string{"id", "name"},
	}.Job()
	if err != nil {
		t.Fatal(err)
	}
	out, err := j.Run(s)
	if err != nil {
		t.Fatal(err)
	}
	checkDoubled(t, out, 1000)
	_, err = Predict{Model: savedDoubler(t), Input: s.Range(0, 5, 1), Columns: []string{"nope"}}.Job()
	if err == nil || !strings.Contains(err.Error(), `no column "nope"`) {
		t.Errorf("error %v; want one about the column", err)
	}
}

// TestAModelPredictsOverAStream lets a query end, adds files, and starts it again from its checkpoint: each row
// comes out once.
func TestAModelPredictsOverAStream(t *testing.T) {
	s := session(t)
	dir, model := t.TempDir(), savedDoubler(t)
	for i, mode := range []string{"error", "append"} {
		rows := numbered(s.Range(int64(500*i), int64(500*i+500), 1)).Coalesce(1)
		if err := rows.Write().Mode(mode).Parquet(dir + "/in"); err != nil {
			t.Fatal(err)
		}
		j, err := Predict{
			Model: model, Input: s.ReadStream().Format("parquet").Schema("id bigint, name string, x float").Load(dir + "/in"),
			Columns: []string{"x"}, Keep: []string{"id", "name"},
		}.Job()
		if err != nil {
			t.Fatal(err)
		}
		q, err := j.Stream(s, Sink{Path: dir + "/out", Checkpoint: dir + "/checkpoint", AvailableNow: true})
		if err != nil {
			t.Fatal(err)
		}
		if ended, err := q.Wait(2 * time.Minute); err != nil || !ended {
			t.Fatalf("ended %t: %v", ended, err)
		}
		if err := q.Err(); err != nil {
			t.Fatal(err)
		}
		checkDoubled(t, s.Read().Parquet(dir+"/out"), int64(500*i+500))
	}
}

// TestAGangWorksOnAStream runs both workers on each batch, which they see as parts of one whole.
func TestAGangWorksOnAStream(t *testing.T) {
	s := session(t)
	dir := t.TempDir()
	if err := s.Range(0, 100, 1).Select(functions.Expr("double(id)").As("x")).Write().Parquet(dir + "/in"); err != nil {
		t.Fatal(err)
	}
	in := s.ReadStream().Format("parquet").Schema("x double").Load(dir + "/in")
	q, err := Job{Task: "sum", Workers: 2, Input: in, Output: "rank bigint, rows bigint, sum double"}.
		Stream(s, Sink{Path: dir + "/out", Format: "json", Checkpoint: dir + "/checkpoint", AvailableNow: true})
	if err != nil {
		t.Fatal(err)
	}
	if ended, err := q.Wait(2 * time.Minute); err != nil || !ended {
		t.Fatalf("ended %t: %v", ended, err)
	}
	r, err := s.Read().JSON(dir+"/out").Agg(functions.Sum("rows").As("rows"), functions.Min("sum").As("least"), functions.Max("sum").As("most"),
		functions.Expr("count(DISTINCT rank)").As("ranks")).First()
	if err != nil {
		t.Fatal(err)
	}
	if r.Get("rows") != int64(100) || r.Get("least") != 4950.0 || r.Get("most") != 4950.0 || r.Get("ranks") != int64(2) {
		t.Errorf("%v; want 100 rows of 2 ranks, and the sum 4950 in both", r)
	}
}
