package gang

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
)

func numbers(t *testing.T, from, to int) []arrow.RecordBatch {
	t.Helper()
	var x []float64
	for i := from; i < to; i++ {
		x = append(x, float64(i))
	}
	b, err := spark.BatchOfTensors([]string{"x"}, eager.FromFloat64s(x, len(x)))
	if err != nil {
		t.Fatal(err)
	}
	return []arrow.RecordBatch{b.NewSlice(0, 3), b.NewSlice(3, b.NumRows())}
}

func TestWorkersSumTheirRows(t *testing.T) {
	for _, tls := range []bool{false, true} {
		out, err := Job{Task: "sum", Output: "unused", TLS: tls}.Local(context.Background(), numbers(t, 0, 10), numbers(t, 10, 30))
		if err != nil {
			t.Fatal(err)
		}
		table, err := TableOf(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Column("sum").Floats; len(got) != 2 || got[0] != 435 || got[1] != 435 {
			t.Errorf("sums %v, want 435 twice", got)
		}
		if got := table.Column("rows").Ints; got[0] != 10 || got[1] != 20 {
			t.Errorf("rows %v, want 10 and 20", got)
		}
	}
}

func points(t *testing.T, n int, seed uint64) []arrow.RecordBatch {
	t.Helper()
	g := rand.New(rand.NewPCG(seed, 2))
	x0, x1, y := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x0[i], x1[i] = g.NormFloat64(), g.NormFloat64()
		y[i] = 2*x0[i] - 3*x1[i] + 0.5
	}
	b, err := spark.BatchOfTensors([]string{"x0", "x1", "y"}, eager.FromFloat64s(x0, n), eager.FromFloat64s(x1, n), eager.FromFloat64s(y, n))
	if err != nil {
		t.Fatal(err)
	}
	return []arrow.RecordBatch{b}
}

// The mean of two means over parts of one size is the mean over all rows, so that the steps agree but for
// the order of float32 sums.
func TestTwoWorkersTrainLikeOne(t *testing.T) {
	a, b := points(t, 500, 1), points(t, 500, 2)
	fit := func(parts ...[]arrow.RecordBatch) []float64 {
		out, err := Job{Task: "fit", Args: []string{"40"}, Output: "unused"}.Local(context.Background(), parts...)
		if err != nil {
			t.Fatal(err)
		}
		w, err := spark.TensorsOf(func(f func(arrow.RecordBatch) error) error { return f(out[0]) }, "w")
		if err != nil {
			t.Fatal(err)
		}
		return w[0].Storage().F64()
	}
	one, two := fit(append(append([]arrow.RecordBatch{}, a...), b...)), fit(a, b)
	for i, want := range []float64{2, -3, 0.5} {
		if d := one[i] - two[i]; d > 1e-5 || d < -1e-5 {
			t.Errorf("weight %d: %g alone, %g in two", i, one[i], two[i])
		}
		if d := two[i] - want; d > 1e-3 || d < -1e-3 {
			t.Errorf("weight %d: %g, want %g", i, two[i], want)
		}
	}
}

func TestFilesAreDividedAmongWorkers(t *testing.T) {
	out, err := Job{Task: "files", Workers: 2, Files: []string{"a", "b", "c"}, Output: "unused"}.Local(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, err := TableOf(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.Column("file").Texts, ""); got != "acb" {
		t.Errorf("files in the order of ranks %q, want acb", got)
	}
}

func TestAFailedWorkerIsNamed(t *testing.T) {
	_, err := Job{Task: "fail", Workers: 2, Output: "unused"}.Local(context.Background())
	if err == nil || !strings.Contains(err.Error(), "had enough") && !strings.Contains(err.Error(), "rank 0") {
		t.Errorf("error %v", err)
	}
	_, err = Job{Task: "nothing", Workers: 1, Output: "unused"}.Local(context.Background())
	if err == nil || !strings.Contains(err.Error(), `no task "nothing"`) {
		t.Errorf("error %v; want one that names the task", err)
	}
}

func TestAStalledWorkerEndsTheGangAtItsDeadline(t *testing.T) {
	_, err := Job{Task: "stall", Workers: 2, Output: "unused", Timeout: 2 * time.Second}.Local(context.Background())
	if err == nil || !strings.Contains(err.Error(), "rank is lost, or late") {
		t.Errorf("error %v; want one about the lost rank", err)
	}
}
