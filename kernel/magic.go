package kernel

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/memory"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// A cell may begin with lines that are not Go but tell the kernel something, as in IPython: %time,
// %cd, !ls. They run in order before the rest of the cell, which keeps its line numbers.

// magic is one such line.
type magic struct {
	line int    // counts from 1
	name string // with its first character: %time, !
	args string
}

// splitMagics takes the magics from the top of a cell. In the code that is left their lines are
// empty.
func splitMagics(code string) (list []magic, rest string) {
	lines := strings.Split(code, "\n")
	for i, l := range lines {
		t := strings.TrimSpace(l)
		switch {
		case t == "" || strings.HasPrefix(t, "//"):
			continue
		case strings.HasPrefix(t, "!"):
			list = append(list, magic{i + 1, "!", strings.TrimSpace(t[1:])})
		case strings.HasPrefix(t, "%"):
			name, args, _ := strings.Cut(strings.TrimLeft(t, "%"), " ")
			list = append(list, magic{i + 1, "%" + name, strings.TrimSpace(args)})
		default:
			return list, strings.Join(lines, "\n")
		}
		lines[i] = ""
	}
	return list, strings.Join(lines, "\n")
}

// magics are the known ones; %time and %timeit, which run code, are in Server.run.
var magics = map[string]struct {
	args, doc string
	run       func(s *Server, ctx context.Context, args string) error
}{
	"%cd":         {"DIRECTORY", "change the directory of this kernel", (*Server).changeDir},
	"%env":        {"[NAME[=VALUE]]", "show or set environment variables", (*Server).environment},
	"%memory":     {"", "show what memory this kernel uses", (*Server).showMemory},
	"%who":        {"", "list what the session knows", (*Server).who},
	"%reset":      {"", "forget every variable, function and type", (*Server).forget},
	"%export":     {"FILE", "write the executed cells as a Go program", (*Server).exportCells},
	"%goroutines": {"[wait|end]", "list the goroutines of cells, wait for them or end them", (*Server).goroutines},
	"%load":       {"FILE", "put the text of a file into this cell", (*Server).load},
	"%save":       {"FILE [FROM-TO | NAME...]", "write executed cells, or those that declare names, to a file", (*Server).save},
	"!":           {"COMMAND", "run a command of the shell", (*Server).shell},
}

// timers are the magics that run Go code.
var timers = map[string]string{
	"%time":   "[CODE]      run code, or the rest of the cell, and say how long it took",
	"%timeit": "CODE        run code many times and say how long one takes",
	"%native": "            compile the functions of this cell with go build; they see their arguments only",
}

// perform runs one magic that is no timer.
func (s *Server) perform(ctx context.Context, m magic) error {
	if m.name == "%help" || m.name == "%magic" || m.name == "%lsmagic" {
		s.helpMagics()
		return nil
	}
	known, ok := magics[m.name]
	if !ok {
		names := []string{"%help", "%native", "%time", "%timeit"}
		for n := range magics {
			names = append(names, n)
		}
		slices.Sort(names)
		return fmt.Errorf("%s is unknown; there are %s", m.name, strings.Join(names, " "))
	}
	if err := known.run(s, ctx, m.args); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return nil
}

// magicError is the error message of a magic.
func (s *Server) magicError(name string, m magic, err error) *wire.Error {
	if errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		return &wire.Error{Name: "interrupted", Value: "interrupted", Traceback: []string{"interrupted"}}
	}
	text := fmt.Sprintf("%s line %d: %v", name, m.line, err)
	return &wire.Error{
		Name: "magic", Value: err.Error(), Traceback: []string{red + bold + text + plain},
		Place: s.place(name, m.line, 1),
	}
}

func (s *Server) helpMagics() {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	var names []string
	for n := range magics {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(w, "%s %s\t%s\n", n, magics[n].args, magics[n].doc)
	}
	for _, n := range []string{"%native", "%time", "%timeit"} {
		args, doc, _ := strings.Cut(timers[n], "  ")
		fmt.Fprintf(w, "%s %s\t%s\n", n, args, strings.TrimSpace(doc))
	}
	fmt.Fprintf(w, "NAME?\tdescribe a name\n")
	w.Flush()
}

func (s *Server) changeDir(_ context.Context, dir string) error {
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		dir = home
	}
	if err := os.Chdir(strings.Trim(dir, `"'`)); err != nil {
		return err
	}
	now, err := os.Getwd()
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", now)
	return nil
}

func (s *Server) environment(_ context.Context, args string) error {
	name, value, set := strings.Cut(args, "=")
	switch {
	case args == "":
		all := os.Environ()
		slices.Sort(all)
		fmt.Printf("%s\n", strings.Join(all, "\n"))
	case set:
		return os.Setenv(strings.TrimSpace(name), strings.TrimSpace(value))
	default:
		v, ok := os.LookupEnv(name)
		if !ok {
			return fmt.Errorf("%s is not set", name)
		}
		fmt.Printf("%s\n", v)
	}
	return nil
}

func (s *Server) showMemory(context.Context, string) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("process  %s resident\n", memory.Size(memory.Resident(os.Getpid())))
	fmt.Printf("Go heap  %s in objects, %s in spans, %d collections\n",
		memory.Size(int64(m.HeapAlloc)), memory.Size(int64(m.HeapInuse)), m.NumGC)
	if s.opts.MemoryLimit > 0 {
		fmt.Printf("limit    %s\n", memory.Size(s.opts.MemoryLimit))
	}
	return nil
}

func (s *Server) who(context.Context, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	for _, n := range s.session.Names() {
		o := s.session.Lookup(n)
		kind := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", o), "*types."))
		short := func(p *types.Package) string {
			if p == o.Pkg() {
				return ""
			}
			return p.Name()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", n, strings.TrimSuffix(kind, "name"), types.TypeString(o.Type(), short))
	}
	return w.Flush()
}

func (s *Server) forget(context.Context, string) error {
	s.mu.Lock()
	display.ResetComms()
	err := s.fresh()
	s.mu.Unlock()
	if err == nil {
		s.attend()
	}
	return err
}

func (s *Server) load(_ context.Context, file string) error {
	if file == "" {
		return errors.New("name a file")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	s.payload = append(s.payload, map[string]any{
		"source": "set_next_input", "text": "// %load " + file + "\n" + string(text), "replace": true,
	})
	return nil
}

// save writes cells of the history, all or a range such as 3-5.
func (s *Server) save(_ context.Context, args string) error {
	f := strings.Fields(args)
	if len(f) > 1 && (f[1][0] < '0' || f[1][0] > '9') {
		return s.saveNames(f[0], f[1:])
	}
	if len(f) < 1 || len(f) > 2 {
		return errors.New("want a file and, if not all cells are meant, a range such as 3-5")
	}
	from, to := 1, int(^uint(0)>>1)
	if len(f) == 2 {
		a, b, ranged := strings.Cut(f[1], "-")
		var err error
		if from, err = strconv.Atoi(a); err != nil {
			return fmt.Errorf("range %q; want one such as 3-5", f[1])
		}
		to = from
		if ranged {
			if to, err = strconv.Atoi(b); err != nil {
				return fmt.Errorf("range %q; want one such as 3-5", f[1])
			}
		}
	}
	var b strings.Builder
	s.mu.Lock()
	for _, h := range s.history {
		if h.line >= from && h.line <= to && h.line < s.count {
			fmt.Fprintf(&b, "// cell %d\n%s\n\n", h.line, strings.TrimSpace(h.source))
		}
	}
	s.mu.Unlock()
	if b.Len() == 0 {
		return errors.New("no executed cell is in that range")
	}
	return os.WriteFile(f[0], []byte(b.String()), 0o644)
}

// shell runs a command line; an interrupt ends it with all it started.
func (s *Server) shell(ctx context.Context, line string) error {
	if s.opts.NoShell {
		return errors.New("commands of the shell are off in this kernel")
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var status *exec.ExitError
	if errors.As(err, &status) {
		return fmt.Errorf("%s: %w", line, err)
	}
	return err
}
