package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/debugger/dap"
	"github.com/lathe-ml/lathe/debugger/tensor"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/torchnames"
	"github.com/lathe-ml/lathe/kernel"
	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/jupyter"
	"github.com/lathe-ml/lathe/kernel/symbols"
	"github.com/lathe-ml/lathe/spark/gang"
	"github.com/lathe-ml/lathe/web"
)

// notebookRoute is the path of the page that shows one notebook.
const notebookRoute = "notebooks/"

// size is a flag value such as 4G, 512M or 1.5GiB, in bytes.
type size int64

// String is part of flag.Value.
func (s *size) String() string {
	if *s == 0 {
		return ""
	}
	return bytesText(int64(*s))
}

// leastMemory is the smallest limit under which a kernel can start.
const leastMemory = 64 << 20

// Set is part of flag.Value.
func (s *size) Set(text string) error {
	t := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.ReplaceAll(text, " ", "")), "B"), "I")
	unit := 1.0
	for i, u := range []string{"K", "M", "G", "T"} {
		if strings.HasSuffix(t, u) {
			t, unit = strings.TrimSuffix(t, u), float64(int64(1)<<(10*(i+1)))
		}
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || f <= 0 {
		return fmt.Errorf("want a size such as 4G or 512M")
	}
	if f*unit < leastMemory || f*unit > 1<<60 {
		return fmt.Errorf("want 64M or more, such as 4G")
	}
	*s = size(f * unit)
	return nil
}

// memoryFlag declares --memory; 0 leaves the limit to package host.
func memoryFlag(f *flag.FlagSet) *size {
	m := new(size)
	f.Var(m, "memory", "`limit` on the memory of one kernel, as in 4G (default half of the machine's); beyond it the kernel is ended with a message")
	return m
}

// executorFlag defines --executor.
func executorFlag(f *flag.FlagSet) *string {
	e := new(string)
	*e = "auto"
	f.Func("executor", "what runs cells: exact as Go does, yaegi slower and everywhere, or `auto` (the default)", func(s string) error {
		if !slices.Contains(kernel.Executors, s) {
			return fmt.Errorf("want one of %s", strings.Join(kernel.Executors, ", "))
		}
		*e = s
		return nil
	})
	return e
}

// kernelStarter returns how the server starts a kernel: this program again, as a process of its own.
func kernelStarter(memory int64, executor string) (web.Starter, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program's own file to start kernels: %w", err)
	}
	return func(ctx context.Context, dir string) (web.Kernel, error) {
		return startKernel(ctx, exe, dir, memory, executor)
	}, nil
}

// process adapts host.Kernel to what web wants to know of an ended kernel.
type process struct{ *host.Kernel }

// Reason says in one sentence why the process ended.
func (p process) Reason() string { return p.Exit().Reason }

func startKernel(ctx context.Context, exe, dir string, memory int64, executor string) (process, error) {
	k, err := host.Start(ctx, host.Options{
		Command: []string{exe, "kernel", "--executor", executor}, Dir: dir, MemoryLimit: memory, Stderr: os.Stderr,
	})
	return process{k}, err
}

func kernelCommand() command {
	return command{
		name: "kernel", short: "make the kernel known to Jupyter (install), or run one (started by serve, run and Jupyter)",
		example: "lathe kernel install",
		run: func(_ context.Context, e *env) error {
			if len(e.args) > 0 && e.args[0] == "install" {
				e.args = e.args[1:]
				return installKernel(e)
			}
			for _, a := range e.args {
				if a == "--help" || a == "-h" {
					return flag.ErrHelp
				}
			}
			code := kernel.Main(e.args, kernel.Options{
				Symbols: symbols.Packages(), Exports: symbols.Exports(), Prelude: symbols.Prelude(), Peer: torchnames.Here, Version: versionLine(),
				Stop: func() { engine.Interrupt("the cell was interrupted") }, Resume: engine.Resume,
				Declared: gang.FromCells,
				Debugger: func(d kernel.Debuggee) kernel.Debugger { return dap.New(d, tensor.New()) },
			}, e.stderr)
			if code != 0 {
				return exitStatus(code)
			}
			return nil
		},
	}
}

// installKernel writes the kernelspec that lets Jupyter clients start this program's kernel.
func installKernel(e *env) error {
	o := jupyter.InstallOptions{Version: versionLine()}
	e.flags.StringVar(&o.Name, "name", "lathe", "`name` of the kernelspec")
	e.flags.StringVar(&o.DisplayName, "display-name", "Go (Lathe)", "`text` that launchers show")
	e.flags.StringVar(&o.Prefix, "prefix", "", "`directory` of an environment, such as a virtual environment's "+
		"(default: for the current user)")
	memory := memoryFlag(e.flags)
	if err := e.parse(); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find this program's own file: %w", err)
	}
	if strings.Contains(exe, "/go-build") {
		return fmt.Errorf("this program is a temporary build of go run, which will be gone; install it first: go install ./cmd/lathe")
	}
	o.Command = []string{exe}
	o.MemoryLimit = int64(*memory)
	dir, err := jupyter.Install(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "wrote %s; Jupyter clients now offer %q\n", dir, o.DisplayName)
	return nil
}

// exitStatus is the end of a command that has said why itself.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
