// Command lathe is the Lathe workbench: a notebook server, its Go kernel, and a notebook runner in one
// binary.
//
//	lathe                                  serve the current folder and open the browser
//	lathe serve notebooks --addr :9000     serve another folder on another port
//	lathe run digits.ipynb -o out.ipynb    execute a notebook without a browser
//	lathe bench ops                        measure tensor operators against the machine's peaks
//	lathe model info net.lathe             say what a saved graph computes
//	lathe spark up                         start a local Spark and print its address
//	lathe doctor                           say what this machine can do
//
// This package only parses flags and wires packages together; it has the only os.Exit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/lathe-ml/lathe/spark/gang"
)

// command is one subcommand.
type command struct {
	name    string
	args    string // after the flags, for the usage line
	short   string // one line
	example string
	run     func(ctx context.Context, e *env) error
}

// env is what a subcommand may use of the process.
type env struct {
	flags          *flag.FlagSet
	args           []string
	stdout, stderr io.Writer
}

// parse reads the flags that the subcommand has declared; flags and other arguments may mix.
func (e *env) parse() error {
	var rest []string
	args := e.args
	for {
		if err := e.flags.Parse(args); err != nil {
			return err
		}
		args = e.flags.Args()
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	e.args = rest
	return nil
}

// usageError is a mistake in the command line: exit status 2.
type usageError struct{ text string }

func (u usageError) Error() string { return u.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

func commands() []command {
	return []command{serveCommand(), runCommand(), kernelCommand(), dapCommand(), benchCommand(), modelCommand(), sparkCommand(), doctorCommand(), versionCommand()}
}

func main() {
	gang.MainOf(interpretTask) // returns unless a gang has started this process
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := realMain(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// realMain runs one command line and returns the exit status: 0, 1 for an error, 2 for a wrong command
// line.
func realMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, args, err := choose(args)
	if err == nil && c == nil {
		help(stdout)
		return 0
	}
	if err == nil {
		e := &env{flags: flag.NewFlagSet("lathe "+c.name, flag.ContinueOnError), args: args, stdout: stdout, stderr: stderr}
		e.flags.SetOutput(io.Discard)
		err = c.run(ctx, e)
		if errors.Is(err, flag.ErrHelp) {
			c.help(stdout, e.flags)
			return 0
		}
	}
	var u usageError
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &u) || strings.HasPrefix(err.Error(), "flag provided but not defined") ||
		strings.HasPrefix(err.Error(), "invalid value") || strings.HasPrefix(err.Error(), "flag needs"):
		name := "lathe"
		if c != nil {
			name += " " + c.name
		}
		fmt.Fprintf(stderr, "%s: %v (%s --help shows what it takes)\n", name, err, name)
		return 2
	}
	fmt.Fprintln(stderr, "lathe:", err)
	return 1
}

// choose finds the subcommand; flags alone, or a file or folder, mean serve. A nil command means help.
func choose(args []string) (*command, []string, error) {
	all := commands()
	if len(args) == 0 {
		return &all[0], nil, nil
	}
	switch first := args[0]; {
	case first == "help" || first == "--help" || first == "-h":
		if len(args) == 1 {
			return nil, nil, nil
		}
		args = []string{args[1], "--help"}
	case first == "--version" || first == "-version":
		args = []string{"version"}
	case strings.HasPrefix(first, "-"):
		return &all[0], args, nil
	}
	names := make([]string, len(all))
	for i, c := range all {
		if c.name == args[0] {
			return &all[i], args[1:], nil
		}
		names[i] = c.name
	}
	if _, err := os.Stat(args[0]); err == nil {
		return &all[0], args, nil
	}
	return nil, nil, usagef("%q is neither a command (%s) nor a file or folder", args[0], strings.Join(names, ", "))
}

func help(w io.Writer) {
	fmt.Fprint(w, "Lathe: an interactive notebook workbench for machine-learning research in Go.\n\nUsage: lathe [command] [flags] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nWithout a command: serve. `lathe COMMAND --help` has an example of each.\n")
}

func (c *command) help(w io.Writer, f *flag.FlagSet) {
	fmt.Fprintf(w, "lathe %s: %s\n\nUsage: lathe %s [flags] %s\n\n", c.name, c.short, c.name, c.args)
	f.SetOutput(w)
	f.PrintDefaults()
	fmt.Fprintf(w, "\nExample:\n  %s\n", c.example)
}
