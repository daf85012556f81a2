// Package parallel trains on one machine with several processes that share memory.
//
//	var train = parallel.Register("train", func(w *parallel.Worker) error {
//		ddp, err := parallel.NewDataParallel(w, net) // … every process takes its part of each batch
//		return errors.Join(err, ddp.Backward(loss))  // then opt.Step(), the same in every process
//	})
//	func main() { parallel.Main(); err := parallel.Run(2, train, parallel.Options{}) }
//
// Run starts the same program again for each further process; Main, which a program calls first, does their
// work there (in a test binary TestMain calls it). The caller of Run is rank 0. Processes share the
// processors: each computes with its part of the caller's threads. All collective calls (AllReduce,
// Broadcast, AllGather, Barrier …) are made by every process in the same order; sums are taken in the order of ranks, so
// that all processes get the same bits, in every run. The death of a process ends the job with an error that
// names it. It needs a Unix system, connects no machines, and does not run cells of a notebook, whose code
// no other process has.
package parallel

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/lathe-ml/lathe/engine"
)

// Task is a function that the processes of a job run, see Register.
type Task struct {
	name string
	f    func(w *Worker) error
}

var (
	tasks      = map[string]*Task{}
	mainCalled bool
)

// Register gives f a name by which started processes find it. It is called while the program's variables
// are set, so that Main finds the Task. Panics with *engine.Error when the name is empty or taken.
func Register(name string, f func(w *Worker) error) *Task {
	if name == "" || f == nil || tasks[name] != nil {
		engine.Fail("parallel.Register", "task %q (taken: %t, func nil: %t); want a name of its own and a func",
			name, tasks[name] != nil, f == nil)
	}
	tasks[name] = &Task{name, f}
	return tasks[name]
}

// Options are the options of Run; the zero value is the default.
type Options struct {
	Args    []string      // what the task gets to know: Worker.Args
	Timeout time.Duration // how long a process waits in a collective call for the others; 0: 5 minutes
	Threads int           // of each process; 0: the caller's divided by the number of processes, at least 1
}

// Worker is one process of a job, as its task sees it.
//
// Goroutines: Run starts one for each process, which waits for its end; Main starts one that ends the
// process when the caller of Run has died. The methods of a Worker are called from one goroutine.
type Worker struct {
	Rank, Size int
	Args       []string

	mem     *shared
	arrived uint64 // barriers so far
	calls   uint64 // collective calls so far
	timeout time.Duration
}

// order is what a started process is told, through the environment.
type order struct {
	Task       string
	Rank, Size int
	Threads    int
	Timeout    time.Duration
	Args       []string
}

const orderVariable = "LATHE_PARALLEL"

// Files that a started process inherits.
const (
	memoryFile = 3
	parentFile = 4 // read end of a pipe that the parent holds open while it lives
)

// mostProcesses is more than one machine has use for.
const mostProcesses = 256

// Main does the work of a process that Run started and ends it; in any other process it returns at once.
func Main() {
	mainCalled = true
	text := os.Getenv(orderVariable)
	if text == "" {
		return
	}
	os.Unsetenv(orderVariable)
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the task of a started process.
func serve(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("parallel.Main: environment variable %s: %w", orderVariable, err)
	}
	memory, parent := os.NewFile(memoryFile, "shared memory"), os.NewFile(parentFile, "parent")
	if memory == nil || parent == nil {
		return fmt.Errorf("parallel.Main: %s is set, but Run did not start this process", orderVariable)
	}
	keepFromChildren(memory, parent)
	mem, err := mapShared(memory, o.Size)
	if err != nil {
		return fmt.Errorf("parallel.Main: rank %d: %w", o.Rank, err)
	}
	go func() { // until the end of the process
		parent.Read(make([]byte, 1))
		fmt.Fprintf(os.Stderr, "parallel: rank %d ends because rank 0 has died\n", o.Rank)
		os.Exit(3)
	}()
	w := &Worker{Rank: o.Rank, Size: o.Size, Args: o.Args, mem: mem, timeout: o.Timeout}
	t := tasks[o.Task]
	if t == nil {
		err := fmt.Errorf("rank %d: no task %q when main called Main; set a package variable with Register",
			o.Rank, o.Task)
		mem.abort(o.Rank, err.Error())
		return fmt.Errorf("parallel.Main: %w", err)
	}
	share(o.Threads)
	if w.run(t) != nil { // Run tells it
		os.Exit(1)
	}
	return nil
}

// run runs t and tells the other processes how it ended.
func (w *Worker) run(t *Task) error {
	var err error
	if caught := engine.Catch(func() { err = t.f(w) }); caught != nil {
		err = caught
	}
	if err != nil {
		w.mem.abort(w.Rank, fmt.Sprintf("rank %d: %v", w.Rank, err))
		return err
	}
	w.mem.process(w.Rank).done.Store(1)
	return nil
}

// Run runs t in n processes, of which the caller is rank 0, and returns when all have ended. When one
// fails or dies, collective calls of the others return an error, those that do not end are killed after
// two seconds, and Run returns the cause.
func Run(n int, t *Task, o Options) error {
	switch {
	case t == nil || tasks[t.name] != t:
		return fmt.Errorf("parallel.Run: the task is nil or was not made by Register")
	case n < 1 || n > mostProcesses || o.Threads < 0 || o.Timeout < 0:
		return fmt.Errorf("parallel.Run: %d processes of %d threads, timeout %v; want 1 to %d processes, "+
			"and numbers ≥ 0", n, o.Threads, o.Timeout, mostProcesses)
	case !mainCalled:
		return fmt.Errorf("parallel.Run: the program has not called parallel.Main; call it first in main, " +
			"or in TestMain of a test")
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	before := engine.Threads()
	if o.Threads == 0 {
		o.Threads = max(1, before/n)
	}
	j, err := start(n, t, o)
	if err != nil {
		return fmt.Errorf("parallel.Run: %w", err)
	}
	defer j.end() // after a panic of the task too
	processors := share(o.Threads)
	defer func() {
		engine.SetThreads(before)
		runtime.GOMAXPROCS(processors)
	}()
	w := &Worker{Size: n, Args: o.Args, mem: j.mem, timeout: o.Timeout}
	own := w.run(t)
	j.wait()
	if rank, cause := j.mem.aborted(); rank > 0 {
		return fmt.Errorf("parallel.Run: %s", cause)
	}
	if own != nil {
		return fmt.Errorf("parallel.Run: rank 0: %w", own)
	}
	return nil
}

// share limits this process to n threads, those of the Go runtime included: a garbage collector that uses
// every processor would take them from the other processes. It returns the runtime's limit before.
func share(n int) (processors int) {
	engine.SetThreads(n)
	return runtime.GOMAXPROCS(n)
}

// job is the caller's side of the started processes.
type job struct {
	mem      *shared
	alive    *os.File // the write end of the pipe that tells that this process lives
	commands []*exec.Cmd
	ended    chan int // ranks
	left     int
}

// start makes the shared memory and starts ranks 1 … n−1.
func start(n int, t *Task, o Options) (*job, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	memory, err := newShared(n)
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	mem, err := mapShared(memory, n)
	if err != nil {
		return nil, err
	}
	parent, alive, err := os.Pipe()
	if err != nil {
		mem.close()
		return nil, err
	}
	defer parent.Close()
	j := &job{mem: mem, alive: alive, ended: make(chan int, n)}
	for rank := 1; rank < n; rank++ {
		text, err := json.Marshal(order{t.name, rank, n, o.Threads, o.Timeout, o.Args})
		if err != nil {
			j.end()
			return nil, err
		}
		c := exec.Command(exe)
		c.Env = append(os.Environ(), orderVariable+"="+string(text),
			"LATHE_THREADS="+strconv.Itoa(o.Threads))
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		c.ExtraFiles = []*os.File{memory, parent}
		if err := c.Start(); err != nil {
			j.end()
			return nil, fmt.Errorf("rank %d: %w", rank, err)
		}
		j.commands = append(j.commands, c)
		j.left++
		go j.watch(rank, c)
	}
	return j, nil
}

// watch waits for the end of a process and tells the others when it is too early.
func (j *job) watch(rank int, c *exec.Cmd) {
	err := c.Wait()
	if err != nil || j.mem.process(rank).done.Load() == 0 {
		j.mem.abort(rank, fmt.Sprintf("rank %d (process %d) has died: %v", rank, c.Process.Pid, c.ProcessState))
	}
	j.ended <- rank
}

// grace is how long processes have to end after another has failed.
const grace = 2 * time.Second

// wait returns when every started process has ended; after a failure it kills those that do not.
func (j *job) wait() {
	var kill <-chan time.Time
	for j.left > 0 {
		if rank, _ := j.mem.aborted(); rank >= 0 && kill == nil {
			kill = time.After(grace)
		}
		select {
		case <-j.ended:
			j.left--
		case <-kill:
			j.kill()
			kill = make(chan time.Time) // once is enough
		case <-time.After(50 * time.Millisecond): // a failure may have come
		}
	}
}

func (j *job) kill() {
	for _, c := range j.commands {
		c.Process.Kill() // an error says that it has ended
	}
}

// end kills what still runs and gives the shared memory back.
func (j *job) end() {
	if j.left > 0 {
		j.kill()
		j.wait()
	}
	j.alive.Close()
	j.mem.close()
}
