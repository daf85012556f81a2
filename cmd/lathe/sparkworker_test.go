package main

import (
	"strings"
	"testing"
)

func TestATaskOfCellsRunsInWorkersOfThisMachine(t *testing.T) {
	task := write(t, "task.go", `
type pair struct{ rank, sum int }

func add(w *gang.Worker) error {
	x := t.New([]float32{float32(w.Rank + 1)})
	if err := w.AllReduce(x); err != nil {
		return err
	}
	p := pair{w.Rank, int(x.Item())}
	return w.EmitRow([]string{"rank", "sum", "args"}, p.rank, p.sum, strings.Join(w.Args, "+"))
}
`)
	code, out, stderr := lathe(t, "spark", "worker", "--workers", "2", task, "add", "a", "b")
	if want := "rank=0 sum=3 args=a+b \nrank=1 sum=3 args=a+b \n"; code != 0 || out != want {
		t.Errorf("status %d, output %q, want %q; %s", code, out, want, stderr)
	}
	code, _, stderr = lathe(t, "spark", "worker", write(t, "bad.go", "func add(w *gang.Worker) error { return nope }"), "add")
	if code != 1 || !strings.Contains(stderr, "nope") {
		t.Errorf("status %d, %q; want an error about nope", code, stderr)
	}
	if code, _, stderr = lathe(t, "spark", "worker", task); code != 2 || !strings.Contains(stderr, "a file of Go cells, a task") {
		t.Errorf("status %d, %q; want the usage", code, stderr)
	}
}

func TestATaskOfCellsThatPanicsFailsItsGang(t *testing.T) {
	task := write(t, "task.go", `
func index(w *gang.Worker) error {
	var a []int
	return w.EmitRow([]string{"x"}, a[w.Rank])
}

func shapes(w *gang.Worker) error {
	return w.EmitRow([]string{"x"}, t.Zeros(2).Add(t.Zeros(3)).Item())
}

func beside(w *gang.Worker) error {
	go func() { panic("of a goroutine") }()
	select {}
}
`)
	for name, want := range map[string]string{"index": "index out of range", "shapes": "Add", "beside": "of a goroutine"} {
		code, out, stderr := lathe(t, "spark", "worker", task, name)
		if code != 1 || out != "" || !strings.Contains(stderr, "ends with a panic") || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, output %q, %q; want a panic about %q", name, code, out, stderr, want)
		}
	}
}
