package main

import (
	"fmt"
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

// A notebook names a function of its cells; the workers get it with what it needs of them, and nothing runs twice.
func TestANotebookSendsATaskOfItsCells(t *testing.T) {
	cells := []string{
		"import \"context\"\nconst scale = 3\ntype point struct{ a, b int }\nfunc (p point) sum() int { return (p.a + p.b) * scale }",
		"func work(w *gang.Worker) error {\n\tx := t.Ones(4).Mul(float64(w.Rank + 1))\n\tif err := w.AllReduce(x); err != nil {\n\t\treturn err\n\t}\n" +
			"\treturn w.EmitRow([]string{\"rank\", \"sum\"}, w.Rank, x.Sum().Item()+float64(point{1, 2}.sum()))\n}\n" +
			"fmt.Println(\"once\")\nout, err := gang.Job{Task: \"work\", Workers: 2, Output: \"-\"}.Local(context.Background())\n" +
			"if err != nil {\n\tpanic(err)\n}\ntab, err := gang.TableOf(out)\nif err != nil {\n\tpanic(err)\n}\nfmt.Println(tab.Columns[1].Floats)",
		"seed := 3\nfunc bad(w *gang.Worker) error { _ = seed; return nil }\n" +
			"_, err = gang.Job{Task: \"bad\", Workers: 2, Output: \"-\"}.Local(context.Background())\nfmt.Println(err)",
	}
	var b strings.Builder
	for i, c := range cells {
		fmt.Fprintf(&b, "%s{\"cell_type\": \"code\", \"id\": \"c%d\", \"metadata\": {}, \"execution_count\": null, \"outputs\": [], \"source\": %q}",
			strings.Repeat(", ", min(i, 1)), i, c)
	}
	path := write(t, "gang.ipynb", `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [`+b.String()+`]}`)
	code, out, stderr := lathe(t, "run", path)
	for _, want := range []string{"once\n", "[21 21]", "bad uses the variable seed (cell 3) of type int"} {
		if code != 0 || strings.Count(out, want) != 1 {
			t.Errorf("status %d, %q is not once in the output %q; %s", code, want, out, stderr)
		}
	}
}
