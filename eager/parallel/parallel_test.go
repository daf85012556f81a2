package parallel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

// filled returns n values that differ by element and rank.
func filled(d engine.DType, rank int, shape ...int) *eager.Tensor {
	x := eager.Zeros(shape...).To(d)
	i := eager.Arange(0, float64(x.Numel()), 1).To(d).Reshape(shape...)
	return i.Mul(0.25).Add(float64(rank * rank)).To(d)
}

// sums checks AllReduce and AllMean against sums that the process makes itself.
var sums = Register("sums", func(w *Worker) error {
	shapes := [][]int{{3}, {2, 5}, {}, {chunkSize/4 + 7}, {1 << 18}, {0}}
	types := []engine.DType{engine.F32, engine.F64, engine.F64, engine.F32, engine.F64, engine.F32}
	for _, mean := range []bool{false, true} {
		var xs, want []*eager.Tensor
		for i, s := range shapes {
			xs = append(xs, filled(types[i], w.Rank, s...))
			all := filled(types[i], 0, s...)
			for r := 1; r < w.Size; r++ {
				all = all.Add(filled(types[i], r, s...))
			}
			if mean {
				all = all.Div(float64(w.Size))
			}
			want = append(want, all)
		}
		f := w.AllReduce
		if mean {
			f = w.AllMean
		}
		if err := f(xs...); err != nil {
			return err
		}
		for i := range xs {
			if xs[i].Numel() > 0 && xs[i].Sub(want[i]).Abs().Max().Item() > 1e-2*float64(w.Size%2) {
				return fmt.Errorf("mean %t: tensor %d differs from the sum", mean, i)
			}
		}
	}
	return w.Barrier()
})

func TestAllReduceGivesTheSumOfAllProcesses(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		if err := Run(n, sums, Options{}); err != nil {
			t.Errorf("%d processes: %v", n, err)
		}
	}
}

var strided = Register("strided", func(w *Worker) error {
	x := filled(engine.F32, w.Rank, 4, 6)
	v := x.Transpose(0, 1).Slice(0, 0, 6, 2)
	if err := w.AllReduce(v); err != nil {
		return err
	}
	for i := range 4 {
		for j := range 6 {
			at := 0.25 * float64(6*i+j)
			want := at + float64(w.Rank)
			if j%2 == 0 {
				want = 2*at + 1
			}
			if got := x.At(i, j); got != want {
				return fmt.Errorf("rank %d: element %d %d is %v, want %v", w.Rank, i, j, got, want)
			}
		}
	}
	return nil
})

func TestAllReduceOfAViewChangesItsElementsOnly(t *testing.T) {
	if err := Run(2, strided, Options{}); err != nil {
		t.Error(err)
	}
}

var broadcast = Register("broadcast", func(w *Worker) error {
	xs := []*eager.Tensor{filled(engine.F32, w.Rank, chunkSize), filled(engine.I64, w.Rank, 3)}
	if err := w.Broadcast(xs...); err != nil {
		return err
	}
	if d := xs[0].Sub(filled(engine.F32, 0, chunkSize)).Abs().Max().Item(); d != 0 {
		return fmt.Errorf("rank %d differs from rank 0 by %v", w.Rank, d)
	}
	if xs[1].Sub(filled(engine.I64, 0, 3)).Abs().Max().Item() != 0 {
		return fmt.Errorf("rank %d has %v", w.Rank, xs[1])
	}
	return nil
})

func TestBroadcastGivesTheTensorsOfRank0(t *testing.T) {
	if err := Run(3, broadcast, Options{}); err != nil {
		t.Error(err)
	}
}

var differ = Register("differ", func(w *Worker) error {
	switch w.Args[0] {
	case "shape":
		return w.AllReduce(eager.Zeros(3+w.Rank, 2))
	case "call":
		if w.Rank == 0 {
			return w.Barrier()
		}
		return w.AllReduce(eager.Zeros(3))
	case "integer":
		return w.AllReduce(eager.Zeros(3).To(engine.I64))
	case "nil":
		return w.Broadcast(nil)
	case "returned":
		if w.Rank == 1 {
			return nil
		}
		return w.Barrier()
	case "late":
		if w.Rank == 1 {
			time.Sleep(time.Minute) // is killed
		}
		return w.Barrier()
	case "error":
		if w.Rank == 1 {
			return errors.New("no such photo")
		}
		return w.Barrier()
	case "exit":
		if w.Rank == 1 {
			os.Exit(0)
		}
		return w.Barrier()
	case "tensor":
		if w.Rank == 1 {
			eager.Zeros(2, 3).MatMul(eager.Zeros(2, 3))
		}
		return w.Barrier()
	}
	return nil
})

func TestProcessesThatDisagreeGetAnError(t *testing.T) {
	for what, want := range map[string]string{
		"shape":    "calls AllReduce(f32[4 2])",
		"call":     "calls AllReduce(f32[3])",
		"integer":  "tensor 0 is i64[3]; want f32 or f64",
		"nil":      "tensor 0 is nil or empty",
		"returned": "waits for rank 1, whose task has returned",
		"late":     "has waited 300ms for rank 1",
		"error":    "rank 1: no such photo",
		"exit":     "has died: exit status 0",
		"tensor":   "rank 1: MatMul",
	} {
		timeout := time.Minute
		if what == "late" {
			timeout = 300 * time.Millisecond
		}
		err := Run(2, differ, Options{Args: []string{what}, Timeout: timeout})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want …%s…", what, err, want)
		}
	}
}

func TestRunRefusesWhatItCannotStart(t *testing.T) {
	for name, err := range map[string]error{
		"nil task":  Run(2, nil, Options{}),
		"foreign":   Run(2, &Task{name: "sums"}, Options{}),
		"none":      Run(0, sums, Options{}),
		"too many":  Run(1000, sums, Options{}),
		"threads":   Run(2, sums, Options{Threads: -1}),
		"too short": Run(2, sums, Options{Timeout: -1}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := engine.Catch(func() { Register("sums", func(*Worker) error { return nil }) }); err == nil {
		t.Error("a name can be registered twice")
	}
}

var inner = Register("inner", func(w *Worker) error {
	if w.Rank == 0 {
		return w.Barrier()
	}
	pid := []byte(fmt.Sprint(os.Getpid()))
	if err := os.WriteFile(filepath.Join(w.Args[0], "inner"), pid, 0o600); err != nil {
		return err
	}
	time.Sleep(time.Minute) // ends before, with its parent
	return nil
})

// nested lets rank 1 run a job of its own and die in it.
var nested = Register("nested", func(w *Worker) error {
	if w.Rank == 0 {
		return w.Barrier()
	}
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(w.Args[0], "inner")); err == nil {
				time.Sleep(20 * time.Millisecond) // the write is done
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return Run(2, inner, Options{Args: w.Args})
})

func TestNoProcessOutlivesItsParent(t *testing.T) {
	folder := t.TempDir()
	if err := Run(2, nested, Options{Args: []string{folder}}); err == nil {
		t.Fatal("the death of rank 1 is not an error")
	}
	text, err := os.ReadFile(filepath.Join(folder, "inner"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if syscall.Kill(pid, 0) != nil || zombie(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

// zombie reports whether a process has ended and nobody has asked for its status yet.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

// back makes collective calls back to back: each overwrites the memory that the one before has used.
var back = Register("back to back", func(w *Worker) error {
	for i := range 2000 {
		x, y := eager.Full(float64(i), 8), eager.Full(float64(-i), 8)
		if err := w.AllReduce(x); err != nil {
			return err
		}
		if err := w.Broadcast(y); err != nil {
			return err
		}
		if err := w.Broadcast(eager.Zeros(8)); err != nil {
			return err
		}
		for k := range 8 {
			if x.At(k) != float64(w.Size*i) || y.At(k) != float64(-i) {
				return fmt.Errorf("call %d: the sum is %v, the broadcast %v", i, x, y)
			}
		}
	}
	return nil
})

func TestCallsBackToBackKeepTheirResults(t *testing.T) {
	if err := Run(2, back, Options{}); err != nil {
		t.Fatal(err)
	}
}

var gather = Register("gather", func(w *Worker) error {
	all, err := w.AllGather(eager.Full(float64(10+w.Rank), 2))
	if err != nil {
		return err
	}
	if want := eager.New([][]float32{{10, 10}, {11, 11}, {12, 12}}); !eager.AllClose(all, want, 0, 0) {
		return fmt.Errorf("gathered %v", all)
	}
	ranks, err := w.AllGather(eager.New(w.Rank))
	if err != nil || fmt.Sprint(ranks.Ints()) != "[0 1 2]" {
		return fmt.Errorf("gathered %v, %v", ranks, err)
	}
	if _, err := w.AllGather(nil); err == nil || !strings.Contains(err.Error(), "nil") {
		return fmt.Errorf("no tensor gives %v", err)
	}
	return nil
})

func TestAllGatherGivesEveryProcessThePartsOfAll(t *testing.T) {
	if err := Run(3, gather, Options{}); err != nil {
		t.Fatal(err)
	}
}
