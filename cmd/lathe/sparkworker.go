package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/kernel"
	cells "github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/symbols"
	"github.com/lathe-ml/lathe/spark/gang"
)

// interpretTask runs the cells that define a task of a gang, and registers it.
func interpretTask(source, task string) error {
	lib := cells.Open(symbols.Exports()...)
	x, err := kernel.NewExecutor("auto", kernel.ExecutorOptions{
		Symbols: symbols.Packages(), Library: lib, Stdin: os.Stdin,
		Notice: func(text string) { fmt.Fprintln(os.Stderr, "gang:", text) },
		Report: endWorker,
	})
	if err != nil {
		return err
	}
	session := cells.New(x.FileSet(), lib, cells.Options{Prelude: symbols.Prelude(), Has: x.Has})
	for _, c := range [][2]string{{"source", source}, {"task", fmt.Sprintf("gang.Register(%q, %s)", task, task)}} {
		p, err := session.Check(c[0], c[1])
		if err != nil {
			return err
		}
		run, err := x.Prepare(p)
		if err != nil {
			return err
		}
		if o := run(context.Background()); o.Err != nil {
			return o.Err
		}
		session.Commit(p)
	}
	return nil
}

// endWorker ends a worker whose task, or a goroutine of it, panics, as Go does: with the message, and in failure.
func endWorker(f *outcome.Failure) {
	fmt.Fprintf(os.Stderr, "gang: the task ends with a panic: %s\n", f.Msg)
	for _, at := range f.Frames {
		fmt.Fprintf(os.Stderr, "  in %s (%s line %d)\n", at.Func, at.Pos.Filename, at.Pos.Line)
	}
	os.Exit(2)
}

// tryWorkers runs a task in processes of this machine and prints what its workers emit.
func tryWorkers(ctx context.Context, e *env, workers int) error {
	if len(e.args) < 3 {
		return usagef("spark worker wants a file of Go cells, a task and its arguments, got %q", e.args[1:])
	}
	out, err := gang.Job{Source: e.args[1], Task: e.args[2], Args: e.args[3:], Workers: max(workers, 1), Output: "-"}.Local(ctx)
	if err != nil {
		return err
	}
	t, err := gang.TableOf(out)
	if err != nil {
		return err
	}
	for i := range t.Len() {
		for _, c := range t.Columns {
			fmt.Fprintf(e.stdout, "%s=%v ", c.Name, valueAt(c, i))
		}
		fmt.Fprintln(e.stdout)
	}
	return nil
}

func valueAt(c *table.Column, i int) any {
	switch {
	case c.IsMissing(i):
		return nil
	case c.Kind == table.Float:
		return c.Floats[i]
	case c.Kind == table.Int:
		return c.Ints[i]
	case c.Kind == table.Bool:
		return c.Bools[i]
	}
	return c.Texts[i]
}
