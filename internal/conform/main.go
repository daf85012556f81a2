// Command conform compares Lathe with results recorded from other implementations.
//
//	go run ./internal/conform torch
//	go run ./internal/conform torch -refs DIR
//	go run ./internal/conform golang -executor exact
//	go run ./internal/conform golang -executor yaegi -known
//
// It prints a line for each case that disagrees, what is not supported yet, and last the counts. Without
// -refs it reads the copy that is built in. Exit status: 0 when nothing disagrees, 1 when something does,
// 2 when the suite cannot be run.
package main

import (
	"embed"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/internal/conform/golang"
	"github.com/lathe-ml/lathe/internal/conform/models"
	"github.com/lathe-ml/lathe/internal/conform/onnx"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/internal/conform/sklearn"
	"github.com/lathe-ml/lathe/internal/conform/torch"
)

//go:embed testdata/torch testdata/golang testdata/models testdata/sklearn testdata/onnx
var builtIn embed.FS

// suite reads cases from refs and reports on each.
type suite func(refs fs.FS, r *report.Report) error

// suites lists every suite; nil is one that this version does not have.
var suites = map[string]suite{
	"torch":   torch.Run,
	"sklearn": sklearn.Run,
	"onnx":    onnx.Run,
	"models":  models.Run,
	"golang":  runGolang,
}

// golangOptions are set by flags.
var golangOptions golang.Options

func runGolang(refs fs.FS, r *report.Report) error {
	own, err := open("golang", "")
	if err != nil {
		return err
	}
	golang.BuiltIn = own
	golangFailed = nil
	golangOptions.Failed = func(f golang.Failure) { golangFailed = append(golangFailed, f) }
	return golang.Run(refs, r, golangOptions)
}

// golangFailed are the programs that the last run of golang found wrong.
var golangFailed []golang.Failure

// patient leaves out what is known to be too slow and gives the others time on a busy machine.
func patient() error {
	own, err := open("golang", "")
	if err != nil {
		return err
	}
	known, err := golang.Known(own, golangOptions.Executor)
	if err != nil {
		return err
	}
	golangOptions.Slow = golang.Slow(known)
	if golangOptions.Timeout == 0 {
		golangOptions.Timeout = 3 * time.Minute
	}
	return nil
}

// asKnown compares them with the list of known failures, or writes that list, and returns the exit
// status.
func asKnown(update bool, out, errs io.Writer) int {
	name := golangOptions.Executor
	if update {
		file := "internal/conform/testdata/golang/failing-" + name + ".tsv"
		if err := os.WriteFile(file, golang.List(golangFailed), 0o644); err != nil {
			fmt.Fprintf(errs, "conform: golang: %v\n", err)
			return 2
		}
		return 0
	}
	known, err := golang.Known(golang.BuiltIn, name)
	if err != nil {
		fmt.Fprintf(errs, "conform: golang: %v\n", err)
		return 2
	}
	if !golang.Compare(golangFailed, known, out) {
		return 1
	}
	return 0
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == golang.ChildName {
		os.Exit(golang.Child(os.Args[2]))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("conform", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("refs", "", "`folder` with the reference results; default: the built-in copy")
	verbose := flags.Bool("v", false, "print why each case that is not supported is not")
	flags.StringVar(&golangOptions.Executor, "executor", "auto", "golang: `name` of the executor")
	flags.StringVar(&golangOptions.Only, "only", "", "golang: run programs with this in their `name`s")
	flags.DurationVar(&golangOptions.Timeout, "timeout", 0, "golang: limit for one program")
	asListed := flags.Bool("known", false, "golang: succeed when the failures are those of the list of the executor")
	update := flags.Bool("update", false, "golang: write that list")
	flags.Usage = func() {
		fmt.Fprintf(errs, "usage: conform SUITE [-refs DIR] [-v]\nsuites: %s\n", names())
	}
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if flags.Parse(args) != nil {
		return 2
	}
	if name == "" {
		name = flags.Arg(0)
	}
	s, known := suites[name]
	switch {
	case name == "":
		flags.Usage()
		return 2
	case !known:
		fmt.Fprintf(errs, "conform: suite %q is unknown; known: %s\n", name, names())
		return 2
	case s == nil:
		fmt.Fprintf(errs, "conform: suite %s is not part of this version yet\n", name)
		return 2
	}
	refs, err := open(name, *dir)
	if err != nil {
		fmt.Fprintf(errs, "conform: %v\n", err)
		return 2
	}
	if name == "golang" && *asListed && !*update {
		if err := patient(); err != nil {
			fmt.Fprintf(errs, "conform: golang: %v\n", err)
			return 2
		}
	}
	r := report.New(name, out)
	r.Verbose = *verbose
	if err := s(refs, r); err != nil {
		fmt.Fprintf(errs, "conform: %s: %v\n", name, err)
		return 2
	}
	r.Summary()
	if name == "golang" && (*asListed || *update) {
		return asKnown(*update, out, errs)
	}
	if r.Failed() > 0 {
		return 1
	}
	return 0
}

// open returns the folder of a suite: the built-in one, or dir, or dir's subfolder of the suite's name.
func open(name, dir string) (fs.FS, error) {
	if dir == "" {
		return fs.Sub(builtIn, "testdata/"+name)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	if sub := dir + "/" + name; isDir(sub) {
		dir = sub
	}
	return os.DirFS(dir), nil
}

func isDir(path string) bool {
	s, err := os.Stat(path)
	return err == nil && s.IsDir()
}

func names() string {
	var n []string
	for s := range suites {
		n = append(n, s)
	}
	slices.Sort(n)
	return strings.Join(n, " ")
}
