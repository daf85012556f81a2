//go:build full

package gang

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/functions"
	"github.com/lathe-ml/lathe/spark/local"
)

var (
	clusterOnce sync.Once
	cluster     *local.Cluster
	clusterErr  error
)

// session is one on a standalone cluster of two workers, which all tests share.
func session(t *testing.T) *spark.Session {
	t.Helper()
	clusterOnce.Do(func() {
		var home string
		if home, clusterErr = local.Home(); clusterErr != nil {
			return
		}
		os.Setenv("SPARK_HOME", home)
		cluster, clusterErr = local.Start(home, local.Options{Workers: 2, Brief: true, Conf: []string{"spark.task.maxFailures=4"}})
	})
	if clusterErr != nil {
		t.Fatal(clusterErr)
	}
	s, err := spark.Connect(cluster.Address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(func() {
		cancel()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.WithContext(ctx)
}

// patience ends a test that hangs.
const patience = 4 * time.Minute

func trainingRows(s *spark.Session) *spark.DataFrame {
	return s.Range(0, 20_000, 1).Select(functions.Randn(1).As("x0"), functions.Randn(2).As("x1")).
		WithColumn("y", functions.Expr("2*x0 - 3*x1 + 0.5"))
}

const fitOutput = "rank bigint, rows bigint, attempt bigint, first bigint, loss double, w array<double>"

// checkFit wants one row of each rank, the right weights, and the same bits in both.
func checkFit(t *testing.T, d *spark.DataFrame) []spark.Row {
	t.Helper()
	rows, err := d.OrderBy("rank").Collect()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows, want one of each rank: %v", len(rows), rows)
	}
	total := int64(0)
	for _, r := range rows {
		total += r.Get("rows").(int64)
	}
	if total != 20_000 {
		t.Errorf("workers had %d rows, want 20000", total)
	}
	for i, want := range []float64{2, -3, 0.5} {
		w := rows[0].Get("w").([]any)[i].(float64)
		if d := w - want; d > 1e-3 || d < -1e-3 {
			t.Errorf("weight %d is %g, want %g", i, w, want)
		}
		if other := rows[1].Get("w").([]any)[i]; other != w {
			t.Errorf("weight %d is %v in rank 0 and %v in rank 1", i, w, other)
		}
	}
	return rows
}

func TestSparkTrainsInAGangOnce(t *testing.T) {
	s := session(t)
	out, err := Job{Task: "fit", Args: []string{"60"}, Workers: 2, Input: trainingRows(s), Output: fitOutput, TLS: true}.Run(s)
	if err != nil {
		t.Fatal(err)
	}
	rows := checkFit(t, out)
	// a second query, which sorts, reads what is there
	before := time.Now()
	checkFit(t, out)
	t.Logf("attempt %v; second query %v", rows[0].Get("attempt"), time.Since(before))
}

func TestSparkFeedsPartsWithoutAGang(t *testing.T) {
	s := session(t)
	out, err := Job{Task: "double", Input: s.Range(0, 1000, 1).Repartition(3), Output: "id bigint, twice bigint"}.Run(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := out.Agg(functions.Sum("id").As("a"), functions.Sum("twice").As("b")).First()
	if err != nil {
		t.Fatal(err)
	}
	if r.Get("a") != int64(499500) || r.Get("b") != int64(999000) {
		t.Errorf("sums %v, want 499500 and 999000", r)
	}
}

func TestWorkersReadFilesThemselves(t *testing.T) {
	s := session(t)
	out, err := Job{Task: "files", Workers: 2, Files: []string{"a", "b", "c"}, Output: "rank bigint, file string"}.Run(s)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := out.OrderBy("rank", "file").Collect()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rows); got != "[Row(rank=0, file=a) Row(rank=0, file=c) Row(rank=1, file=b)]" {
		t.Error(got)
	}
}

func TestMissingSlotsAreAnErrorAtOnce(t *testing.T) {
	s := session(t)
	_, err := Job{Task: "fit", Args: []string{"1"}, Workers: 3, Input: trainingRows(s), Output: fitOutput}.Run(s)
	if err == nil || !strings.Contains(err.Error(), "3 workers, but the cluster can run 2 tasks") {
		t.Errorf("error %v; want one that counts the slots", err)
	}
}

// Spark takes the success of a rank that comes just behind the failure of another; the next gang lacked that rank.
func TestARankThatEndsWellBesideOneThatFailsEndsWithIt(t *testing.T) {
	s := session(t)
	for range 3 {
		_, err := Job{Task: "half", Workers: 2, Output: "x int"}.Run(s)
		if err == nil || !strings.Contains(err.Error(), "rank 0 has enough") {
			t.Fatalf("error %v; want that of rank 0", err)
		}
	}
}

func TestAWorkersErrorArrives(t *testing.T) {
	s := session(t)
	_, err := Job{Task: "fail", Workers: 2, Output: "x int"}.Run(s)
	if err == nil || !strings.Contains(err.Error(), "lathe worker") {
		t.Errorf("error %v; want one that names a worker", err)
	}
}

// TestAKilledWorkerStartsTheGangAgain kills a rank at a step of the first attempt: the gang starts again, goes
// on from the checkpoint of rank 0, and ends with the same weights.
func TestAKilledWorkerStartsTheGangAgain(t *testing.T) {
	for _, rank := range []int{0, 1} {
		t.Run(fmt.Sprint("rank", rank), func(t *testing.T) {
			s := session(t)
			dir := t.TempDir()
			out, err := Job{
				Task: "fit", Args: []string{"60", fmt.Sprintf("%d:0:35", rank)}, Workers: 2, Input: trainingRows(s),
				Output: fitOutput, Checkpoint: dir, Timeout: 20 * time.Second,
			}.Run(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range checkFit(t, out) {
				if r.Get("attempt") != int64(1) || r.Get("first") != int64(30) {
					t.Errorf("attempt %v from step %v; want attempt 1 from step 30", r.Get("attempt"), r.Get("first"))
				}
			}
		})
	}
}

// TestWorkersEndWithTheirExecutor kills the executors under workers that would run forever.
func TestWorkersEndWithTheirExecutor(t *testing.T) {
	s := session(t)
	dir := t.TempDir()
	done := make(chan error, 1)
	go func() {
		_, err := Job{Task: "pid", Args: []string{dir}, Workers: 2, Output: "x int"}.Run(s)
		done <- err
	}()
	var pids []int
	for rank := range 2 {
		pids = append(pids, waitPid(t, filepath.Join(dir, fmt.Sprintf("%d.pid", rank)), done))
	}
	for _, pid := range pids {
		parent := parentOf(t, pid)
		if err := syscall.Kill(parent, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for _, pid := range pids {
		for alive(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("worker %d outlives its executor", pid)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	if _, err := s.Interrupt(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("the interrupted job has no error")
	}
}

func waitPid(t *testing.T, file string, done <-chan error) int {
	t.Helper()
	for {
		if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
			pid, err := strconv.Atoi(string(b))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		select {
		case err := <-done:
			t.Fatalf("the job has ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	parent, err := strconv.Atoi(fields[1])
	if err != nil || parent < 2 {
		t.Fatalf("the parent of %d is %q", pid, fields[1])
	}
	return parent
}

// alive says whether a process runs; one that has ended and that nobody waits for does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(b[strings.LastIndexByte(string(b), ')')+1:])), "Z")
}

func init() { atEnd = stopCluster }

func stopCluster() {
	if cluster != nil {
		if err := cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}
