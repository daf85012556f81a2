package gang

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/lathe-ml/lathe/data/object"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/ring"
	"github.com/lathe-ml/lathe/viz/tensorboard"
)

// Task is a function that every worker of a gang runs, see Register.
type Task struct {
	Name string
	f    func(w *Worker) error
}

var (
	tasks      = map[string]*Task{}
	mainCalled bool
	interpret  func(source, task string) error
	declared   func(task string) (source string, err error)
)

// Register gives f a name by which workers find it. It is called while the program's variables are set.
// Panics with *engine.Error when the name is empty or taken.
func Register(name string, f func(w *Worker) error) *Task {
	if name == "" || f == nil || tasks[name] != nil {
		engine.Fail("gang.Register", "task %q (taken: %t, func nil: %t); want a name of its own and a func",
			name, tasks[name] != nil, f == nil)
	}
	tasks[name] = &Task{name, f}
	return tasks[name]
}

// FromCells tells how the declarations are found that a task in the cells of a notebook needs. The kernel calls it; then a
// Job without a Source whose Task nobody has registered is a function of the cells.
func FromCells(source func(task string) (string, error)) { declared = source }

// order is what a worker is told, in one line of JSON on its standard input, before the rows.
type order struct {
	Task       string
	Source     string // that defines the task
	Args       []string
	Files      []string
	Checkpoint string
	Secret     string // hexadecimal
	TLS        bool
	Timeout    time.Duration
	Events     string
	Threads    int
	Bind       bool
	Store      object.Options
	Alone      bool // no ring: the parts have nothing to do with each other
	Evaluator  bool
	Attached   map[string]string // names of files, and their places: artifacts are beside the program
}

// Worker is one process of a gang, as its task sees it.
//
// Goroutines: Main starts one that ends the process when the executor that started it has died; behind the
// last row another one waits for the end of standard input, which says the same sooner. The methods of a Worker
// are called from one goroutine.
type Worker struct {
	Rank, Size int
	Attempt    int      // how often Spark has started the gang before
	Args       []string // of the job
	Files      []string // this rank's part of the job's files
	Evaluator  bool     // this process judges checkpoints, see Job.Evaluator
	*ring.Ring          // collective calls: AllReduce, AllMean, Broadcast, Barrier

	checkpoint string
	events     string
	attached   map[string]string
	allFiles   []string
	storage    *storage
	stop       bool
	ended      string // name of the file that says that training has ended; "": nobody wants to know
	log        *tensorboard.Writer
	in         *spark.Feed
	out        *bufio.Writer
}

// The environment of a worker.
const (
	rankVariable    = "LATHE_GANG_RANK"
	worldVariable   = "LATHE_GANG_WORLD"
	hostVariable    = "LATHE_GANG_HOST"
	attemptVariable = "LATHE_GANG_ATTEMPT"
)

// MainOf is Main for a program that can run Go text: for a job with a Source, run gets the text and the name
// of the task, and registers it.
func MainOf(run func(source, task string) error) {
	interpret = run
	Main()
}

// Main does the work of a process that a gang has started and ends it; in any other process it returns at
// once. A program calls it first.
func Main() {
	mainCalled = true
	if os.Getenv(rankVariable) == "" {
		return
	}
	go guard(os.Getppid())
	out := os.Stdout
	os.Stdout = os.Stderr // what a task prints goes to the executor's log, not into the answer
	if err := Serve(os.Stdin, out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// guard ends this process when the one that started it has died; a task that computes, or waits, does not
// notice the end of its standard input.
func guard(parent int) {
	for range time.Tick(250 * time.Millisecond) {
		if os.Getppid() != parent {
			fmt.Fprintln(os.Stderr, "gang: this worker ends because its executor has died")
			os.Exit(3)
		}
	}
}

// Serve is Main with the streams as values; it returns when the task has ended.
func Serve(in io.Reader, out io.Writer) error {
	w := &Worker{out: bufio.NewWriterSize(out, 1<<16)}
	for _, v := range []struct {
		name string
		p    *int
	}{{rankVariable, &w.Rank}, {worldVariable, &w.Size}, {attemptVariable, &w.Attempt}} {
		n, err := strconv.Atoi(os.Getenv(v.name))
		if err != nil {
			return fmt.Errorf("gang.Main: environment variable %s: %w; a gang starts this program, nobody else", v.name, err)
		}
		*v.p = n
	}
	if err := w.run(in); err != nil {
		return fmt.Errorf("gang: rank %d of %d: %w", w.Rank, w.Size, err)
	}
	return nil
}

// run announces this rank's address, reads the order and the addresses of all, and runs the task.
func (w *Worker) run(stdin io.Reader) error {
	ln, err := net.Listen("tcp", net.JoinHostPort(os.Getenv(hostVariable), "0"))
	if err != nil {
		return err
	}
	defer ln.Close()
	fmt.Fprintln(w.out, ln.Addr())
	if err := w.out.Flush(); err != nil {
		return err
	}
	in := bufio.NewReaderSize(stdin, 1<<20)
	var o order
	var addresses []string
	for _, p := range []any{&o, &addresses} {
		line, err := in.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, p)
		}
		if err != nil {
			return fmt.Errorf("the order does not arrive whole: %w", err)
		}
	}
	t, err := find(o)
	if err != nil {
		return err
	}
	if err := limit(o, w.Rank, addresses); err != nil {
		return err
	}
	secret, err := hex.DecodeString(o.Secret)
	if err != nil {
		return fmt.Errorf("the order's secret: %w", err)
	}
	w.storage = newStorage(o.Store)
	if w.Files, w.allFiles, err = w.storage.share(o.Files, w.Rank, w.Size); err != nil {
		return err
	}
	rank := w.Rank
	if o.Alone {
		addresses, rank = addresses[:1], 0
	}
	if o.Evaluator {
		addresses, rank = w.part(o, addresses)
	}
	if w.Ring, err = ring.Join(ln, rank, addresses, ring.Options{Secret: secret, TLS: o.TLS, Timeout: o.Timeout}); err != nil {
		return err
	}
	defer w.Close()
	w.Args, w.checkpoint, w.events, w.attached = o.Args, o.Checkpoint, o.Events, o.Attached
	w.in = spark.NewFeed(in, func() {
		fmt.Fprintf(os.Stderr, "gang: rank %d ends because its executor has died\n", w.Rank)
		os.Exit(3)
	})
	return w.perform(t)
}

// limit keeps this process to the threads that it was given. Go's collector counts as well: it would take the
// processors of the workers beside this one.
func limit(o order, rank int, addresses []string) error {
	threads := max(o.Threads, 1)
	engine.SetThreads(threads)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(threads)
	}
	if !o.Bind {
		return nil
	}
	host, place := hostOf(addresses[rank]), 0
	for _, a := range addresses[:rank] {
		if hostOf(a) == host {
			place++
		}
	}
	return bind(place, threads)
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// part makes the last rank the evaluator, alone, and the others a gang of one less.
func (w *Worker) part(o order, addresses []string) ([]string, int) {
	w.ended = "ended-" + o.Secret[:8]
	if w.Rank == w.Size-1 {
		w.Evaluator, w.Rank, w.Size = true, 0, 1
		return addresses[:1], 0
	}
	w.Size--
	return addresses[:w.Size], w.Rank
}

// find returns the task of an order; a source is run first.
func find(o order) (*Task, error) {
	if o.Source != "" && tasks[o.Task] == nil {
		if interpret == nil {
			return nil, fmt.Errorf("this program runs no source; use the program lathe, or register task %q", o.Task)
		}
		if err := interpret(o.Source, o.Task); err != nil {
			return nil, fmt.Errorf("the source of task %q: %w", o.Task, err)
		}
	}
	if tasks[o.Task] == nil {
		return nil, fmt.Errorf("this program has no task %q; set a package variable with gang.Register", o.Task)
	}
	return tasks[o.Task], nil
}

// perform runs t and ends the output.
func (w *Worker) perform(t *Task) error {
	var err error
	if caught := engine.Catch(func() { err = t.f(w) }); caught != nil {
		err = caught
	}
	if err == nil {
		err = w.finish()
	}
	if err != nil {
		return err
	}
	if err := w.in.Drain(); err != nil { // a task need not read its rows, but Spark has to get rid of them
		return err
	}
	return w.frame(nil)
}
