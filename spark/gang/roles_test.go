package gang

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
)

func TestTheEvaluatorJudgesCheckpointsUntilTheLast(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]float64{}
	out, err := Job{
		Task: "judge", Workers: 3, Output: "unused", Evaluator: true, Checkpoint: dir, Events: filepath.Join(dir, "events"),
		Watch: func(tag string, step int, v float64) { seen[fmt.Sprint(tag, step)] = v },
	}.Local(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, err := TableOf(out)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"0 0 2", "0 1 2", "1 0 1"} {
		got := fmt.Sprint(table.Column("evaluator").Ints[i], table.Column("rank").Ints[i], table.Column("size").Ints[i])
		if got != want {
			t.Errorf("process %d: evaluator, rank and size %s; want %s", i, got, want)
		}
	}
	if n, step := table.Column("checkpoints").Ints[2], table.Column("step").Ints[2]; n < 1 || n > 3 || step != 30 {
		t.Errorf("%d checkpoints, the last of step %d; want 1 to 3, the last of step 30", n, step)
	}
	for _, tag := range []string{"loss/train10", "loss/train20", "loss/train30", "loss/evaluate30"} {
		if _, ok := seen[tag]; !ok {
			t.Errorf("%s was not watched: %v", tag, seen)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "ended-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestAllRanksStopAtTheSameStep(t *testing.T) {
	for _, evaluator := range []bool{false, true} {
		j := Job{Task: "early", Workers: 3, Evaluator: evaluator, Output: "unused"}
		if evaluator {
			j.Checkpoint = t.TempDir()
		}
		out, err := j.Local(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		table, err := TableOf(out)
		if err != nil {
			t.Fatal(err)
		}
		steps := table.Column("steps").Ints
		if steps[0] != steps[1] || !evaluator && (steps[0] != 7 || steps[2] != 7) || evaluator && steps[0] < 20 {
			t.Errorf("evaluator %t: steps %v; want 7 in all, or 20 or more in both with an evaluator", evaluator, steps)
		}
		if evaluator {
			if left, err := os.ReadDir(j.Checkpoint); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v (%v); want the checkpoint alone", left, err)
			}
		}
	}
}

// TestANetworkInPartsHasTheGradientsOfOneProcess checks the pipeline and layers in parts, which package shard
// tests between processes of one machine, over a gang's connections.
func TestANetworkInPartsHasTheGradientsOfOneProcess(t *testing.T) {
	for _, tls := range []bool{false, true} {
		out, err := Job{Task: "divided", Workers: 3, Output: "unused", TLS: tls}.Local(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		table, err := TableOf(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"pipeline", "layer"} {
			for rank, d := range table.Column(what).Floats {
				if d > 2e-5 { // sums of float32 in another order
					t.Errorf("TLS %t: gradients of the %s differ by %g in rank %d", tls, what, d, rank)
				}
			}
		}
	}
}

func TestSlowRanksHoldUpNobodyWithAParameterServer(t *testing.T) {
	out, err := Job{Task: "async", Workers: 3, Output: "unused", TLS: true}.Local(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var updates int64
	x, err := spark.TensorsOf(func(f func(arrow.RecordBatch) error) error { return f(out[0]) }, "updates", "w")
	if err != nil {
		t.Fatal(err)
	}
	if updates = x[0].Storage().I64()[0]; updates != 160 {
		t.Errorf("%d updates; want 150 of one rank and 10 of the other", updates)
	}
	for i, want := range []float64{2, -3, 0.5} {
		if got := x[1].Storage().F64()[i]; got < want-0.01 || got > want+0.01 {
			t.Errorf("weight %d is %g; want %g", i, got, want)
		}
	}
}

func TestALostRankEndsTheParameterServer(t *testing.T) {
	_, err := Job{Task: "async", Args: []string{"die"}, Workers: 3, Output: "unused", Timeout: 10 * time.Second}.Local(context.Background())
	if err == nil {
		t.Fatal("no error")
	}
}

func TestWorkersReadParquetFilesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		b, err := spark.BatchOfTensors([]string{"a", "b"}, eager.Arange(float64(10*i), float64(10*i+10), 1), eager.Ones(10, 4))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("part-%d.parquet", i)))
		if err != nil {
			t.Fatal(err)
		}
		w, err := pqarrow.NewFileWriter(b.Schema(), f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "_SUCCESS"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := Job{Task: "parquet", Workers: 2, Files: []string{dir}, Output: "unused"}.Local(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, err := TableOf(out)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(table.Column("rows").Ints, table.Column("b").Floats, table.Column("a").Floats)
	if got != "[20 10] [80 40] [290 145]" {
		t.Errorf("rows and sums %s", got)
	}
	_, err = Job{Task: "parquet", Workers: 1, Files: []string{filepath.Join(dir, "_SUCCESS")}, Output: "unused"}.Local(context.Background())
	if err == nil || !strings.Contains(err.Error(), "_SUCCESS") {
		t.Errorf("a file that is no Parquet: %v", err)
	}
}
