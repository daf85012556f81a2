package golang

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/outcome"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// ChildName is the argument that makes the command run one program.
const ChildName = "golang-program"

// memoryLimit keeps a program that goes wrong from taking the machine.
const memoryLimit = 3 << 30

// Child runs the program on standard input as a cell of a new session. It returns the exit status:
// 0 when the program ran to its end, 3 when it was refused, 1 when it failed.
func Child(executor string) int {
	debug.SetMemoryLimit(memoryLimit)
	os.Args = []string{"program"}
	source, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if name, ok := strings.CutSuffix(executor, Stepped); ok {
		return step(name, string(source))
	}
	x, s, err := session(executor)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	p, err := s.Check("cell 1", string(source))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	run, err := x.Prepare(p)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	s.Commit(p)
	out := run(context.Background())
	if out.Err != nil {
		fmt.Fprintf(os.Stderr, "%s line %d: %s: %s\n", out.Err.Pos.Filename, out.Err.Pos.Line, out.Err.Kind,
			out.Err.Msg)
		return 1
	}
	return 0
}

// failed ends the program as a goroutine did: with a failure, or in good order.
func failed(f *outcome.Failure) {
	if f.Err != nil && f.Err.Error() == "os.Exit(0)" {
		os.Exit(0)
	}
	fmt.Fprintf(os.Stderr, "goroutine: line %d: %s: %s\n", f.Pos.Line, f.Kind, f.Msg)
	os.Exit(1)
}

func session(executor string) (kernel.Executor, *check.Session, error) {
	lib := check.Open(std.Exports)
	x, err := kernel.NewExecutor(executor, kernel.ExecutorOptions{
		Symbols: std.Symbols, Library: lib, Stdin: os.Stdin,
		Report: failed,
	})
	if err != nil {
		return nil, nil, err
	}
	return x, check.New(x.FileSet(), lib, check.Options{Has: x.Has}), nil
}
