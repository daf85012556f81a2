// Package golang runs programs of Go's own test suite in kernel sessions and compares what they print
// with what the compiled programs print.
//
//	r := report.New("golang", os.Stdout)
//	err := golang.Run(refs, r, golang.Options{Executor: "exact"})
//
// refs holds applicable.tsv, whose first column names programs. Their sources and outputs are those
// of programs/NAME and expected/NAME.out, or of the archive programs.tar.zst, or of the Go tree.
// Each program runs in a process of its own, which Child is. The package does not compile programs
// (see testdata/golang/record.sh).
package golang

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/internal/conform/report"
)

// Options of Run.
type Options struct {
	Executor string        // exact, yaegi or auto
	Timeout  time.Duration // for one program; 0: a minute
	Workers  int           // programs at once; 0: 2
	Only     string        // runs only programs with this in their names

	Failed func(Failure) // is told of each program that fails, in order; may be nil
	// Slow are programs that are known to need more than Timeout: they fail without being run.
	Slow map[string]bool
}

// program is a case: a source and what it prints.
type program struct {
	name, source, want string
	known              bool // want is known
}

// Run runs every program of refs.
func Run(refs fs.FS, r *report.Report, o Options) error {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Workers == 0 {
		o.Workers = 2
	}
	list, err := programs(refs, o.Only)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	why := make([]string, len(list))
	next := make(chan int)
	var wg sync.WaitGroup
	for range o.Workers {
		wg.Go(func() {
			for i := range next {
				if why[i] = "slow: known to need more than the limit; not run"; !o.Slow[list[i].name] {
					why[i] = run(self, list[i], o)
				}
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, p := range list {
		group, _, _ := strings.Cut(p.name, "/")
		if group == p.name {
			group = "."
		}
		if why[i] != "" {
			r.Fail(group, p.name, why[i])
			if o.Failed != nil {
				o.Failed(Failure{p.name, why[i]})
			}
		} else {
			r.Pass(group)
		}
	}
	return nil
}

// run runs one program and says what is wrong with it, or nothing.
func run(self string, p program, o Options) string {
	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "conform")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, self, ChildName, o.Executor)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(p.source)
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Sprintf("no end within %v", o.Timeout)
	case err != nil:
		return fmt.Sprintf("%v: %s", err, firstLines(errs.String(), 3))
	case p.known && out.String() != p.want:
		return "prints " + difference(out.String(), p.want)
	}
	return ""
}

// difference shows the first lines that differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "nothing", "nothing"
		if i < len(g) {
			a = fmt.Sprintf("%q", g[i])
		}
		if i < len(w) {
			b = fmt.Sprintf("%q", w[i])
		}
		if a != b {
			return fmt.Sprintf("%.200s in line %d, want %.200s", a, i+1, b)
		}
	}
	return "something else"
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(strings.TrimSpace(s), "\n", n+1)
	return fmt.Sprintf("%.400s", strings.Join(lines[:min(n, len(lines))], "; "))
}

// programs reads the cases.
func programs(refs fs.FS, only string) ([]program, error) {
	table, err := fs.ReadFile(refs, "applicable.tsv")
	if err != nil {
		return nil, err
	}
	packed, err := archive(refs)
	if err != nil {
		return nil, err
	}
	var list []program
	for i, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		name, _, _ := strings.Cut(line, "\t")
		if i == 0 && name == "program" || name == "" || !strings.Contains(name, only) {
			continue
		}
		p := program{name: name}
		source, ok := find(refs, packed, "programs/"+name, name)
		if !ok {
			source, err = os.ReadFile(filepath.Join(build.Default.GOROOT, "test", name))
			if err != nil {
				return nil, fmt.Errorf("%s: neither in the references nor in the Go tree", name)
			}
		}
		p.source = string(source)
		var want []byte
		out := strings.TrimSuffix(name, ".go") + ".out"
		want, p.known = find(refs, packed, "expected/"+out, out)
		p.want = string(want)
		list = append(list, p)
	}
	return list, nil
}

// find returns a file of refs or of the archive.
func find(refs fs.FS, packed map[string][]byte, names ...string) ([]byte, bool) {
	for _, n := range names {
		if b, err := fs.ReadFile(refs, n); err == nil {
			return b, true
		}
		if b, ok := packed[n]; ok {
			return b, true
		}
	}
	return nil, false
}

// archive reads programs.tar.zst: the one of refs, or the one that is built in.
func archive(refs fs.FS) (map[string][]byte, error) {
	const name = "programs.tar.zst"
	b, err := fs.ReadFile(refs, name)
	if errors.Is(err, fs.ErrNotExist) && BuiltIn != nil {
		b, err = fs.ReadFile(BuiltIn, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	files := map[string][]byte{}
	for t := tar.NewReader(dec); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err == nil {
			files[h.Name], err = io.ReadAll(t)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

// BuiltIn has the programs and outputs that are used where refs has none; set by the command.
var BuiltIn fs.FS
