package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/notebook"
)

func runCommand() command {
	return command{
		name: "run", args: "NOTEBOOK",
		short:   "execute a notebook in a fresh kernel without a browser",
		example: "lathe run examples/03-digits.ipynb -o out.ipynb",
		run:     runNotebook,
	}
}

type runOptions struct {
	out         string
	allowErrors bool
	quiet       bool
	timeout     time.Duration
	memory      int64
	executor    string
}

func runNotebook(ctx context.Context, e *env) error {
	var o runOptions
	e.flags.StringVar(&o.out, "o", "", "write the executed notebook to `FILE` (also after an error); may be the input itself")
	e.flags.BoolVar(&o.allowErrors, "allow-errors", false, "go on after a cell that ends in an error")
	e.flags.BoolVar(&o.quiet, "quiet", false, "do not print what cells print")
	e.flags.DurationVar(&o.timeout, "timeout", 0, "interrupt a cell after this `time`, as in 90s; 0 means never")
	memory := memoryFlag(e.flags)
	executor := executorFlag(e.flags)
	if err := e.parse(); err != nil {
		return err
	}
	if len(e.args) != 1 {
		return usagef("wants one notebook, got %d", len(e.args))
	}
	if o.timeout < 0 {
		return usagef("--timeout %v: want a time ≥ 0, as in 90s", o.timeout)
	}
	o.memory, o.executor = int64(*memory), *executor
	nb, err := notebook.ReadFile(e.args[0])
	if err == nil && o.out != "" {
		err = checkOut(o.out)
	}
	if err != nil {
		return err
	}
	if name := foreign(nb); name != "" {
		fmt.Fprintf(e.stderr, "lathe: %s says that it is written in %s; its cells are run as Go\n", e.args[0], name)
	}
	runErr := execute(ctx, e, e.args[0], nb, o)
	if o.out != "" {
		if err := nb.WriteFile(o.out); err != nil {
			return errors.Join(runErr, fmt.Errorf("cannot write %s: %w", o.out, err))
		}
	}
	return runErr
}

// execute runs every code cell of nb in order and keeps the outputs in it.
func execute(ctx context.Context, e *env, path string, nb *notebook.Notebook, o runOptions) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	k, err := startKernel(ctx, exe, dir, o.memory, o.executor)
	if err != nil {
		return fmt.Errorf("the kernel did not start: %w", err)
	}
	defer k.Kill()
	r := runner{e: e, k: k, nb: nb, o: o}
	for i, c := range nb.Cells {
		if c.Type != notebook.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		if err := r.cell(ctx, i, c); err != nil {
			return err
		}
	}
	if r.failed > 0 && !o.allowErrors {
		return fmt.Errorf("%d cells ended in an error", r.failed)
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return k.Shutdown(shutdown)
}

type runner struct {
	e      *env
	k      process
	nb     *notebook.Notebook
	o      runOptions
	failed int
}

// cell executes one cell; the error says that the notebook cannot go on.
func (r *runner) cell(ctx context.Context, i int, c *notebook.Cell) error {
	if r.o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.o.timeout)
		defer cancel()
	}
	c.Outputs = nil
	reply, err := r.k.Execute(ctx, c.Source, c.ID, func(m *wire.Message) { r.output(c, m) })
	late := errors.Is(err, context.DeadlineExceeded)
	if err != nil && !late {
		return fmt.Errorf("cell %d: %w", i+1, err)
	}
	c.Count = reply.ExecutionCount
	if reply.Status == "ok" {
		return nil
	}
	r.failed++
	text := fmt.Sprintf("cell %d: %s", i+1, reply.Status)
	if late {
		text = fmt.Sprintf("cell %d: interrupted after --timeout %v", i+1, r.o.timeout)
	} else if reply.Error != nil {
		text = fmt.Sprintf("cell %d: %s: %s", i+1, reply.Name, reply.Value)
	}
	if r.o.allowErrors {
		fmt.Fprintln(r.e.stderr, "lathe:", text)
		return nil
	}
	return errors.New(text)
}

// output stores one message in the cell and prints streams.
func (r *runner) output(c *notebook.Cell, m *wire.Message) {
	change, ok, err := notebook.FromMessage(m.Header.Type, m.Content)
	if err != nil {
		fmt.Fprintln(r.e.stderr, "lathe:", err)
		return
	}
	if ok {
		r.nb.Apply(c.ID, change)
	}
	if m.Header.Type != "stream" || r.o.quiet {
		return
	}
	var s wire.Stream
	if m.DecodeContent(&s) == nil {
		w := r.e.stdout
		if s.Name == "stderr" {
			w = r.e.stderr
		}
		fmt.Fprint(w, s.Text)
	}
}
