// Package kernel is the notebook kernel: a process that executes cells for one notebook and speaks
// Jupyter messages over a socket.
//
//	conn, err := net.Dial("unix", path)
//	err = kernel.Serve(conn, kernel.Options{
//		Symbols: std.Symbols, Exports: [][]byte{std.Exports},
//		Prelude: map[string]string{"fmt": "fmt"},
//	})
//
// A cell passes parse and check (kernel/check), then an Executor runs it (kernel/exact,
// kernel/yaegi). The package does not start processes (kernel/host) and does not import the
// tensor stack: the tables of compiled packages are handed in.
package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/export"
	"github.com/lathe-ml/lathe/kernel/native"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// Options of a kernel.
type Options struct {
	// Symbols are the compiled packages that cells may use, by "import/path/name".
	Symbols map[string]map[string]reflect.Value
	// Exports are the archives with the type information of those packages.
	Exports [][]byte
	// Prelude maps names to import paths that cells may use without an import.
	Prelude map[string]string
	// Peer says what a name of another library is called here, for hints of errors; may be nil. See check.Options.
	Peer func(name string) string
	// MemoryLimit is the most memory in bytes that the process may use; 0 means no limit.
	MemoryLimit int64
	// Crash receives the reason when the process ends itself or dies of a fault; may be nil.
	Crash *os.File
	// Stop, if set, is called when a cell is interrupted, to end long work of compiled packages;
	// Resume before the next cell runs.
	Stop, Resume func()
	// NoShell refuses commands of the shell in cells.
	NoShell bool
	// Version is reported in kernel_info.
	Version string
	// Debugger, if set, makes the debugger of the kernel.
	Debugger func(Debuggee) Debugger
	// DebugAddress, if set, is where the Debugger listens for clients: "127.0.0.1:4711".
	DebugAddress string
	// Declared, if set, gets a function that returns the declarations which a function of the cells needs, as text. Cells
	// may call it while they run.
	Declared func(source func(name string) (string, error))
	// Executor names what runs cells: auto, exact or yaegi; "" is the default.
	Executor string
}

// Server is a running kernel.
//
// Goroutines: read takes messages from the connection and ends with it; work executes cells one
// after the other; aside answers what needs no execution, so that completion works while a cell
// runs; answerDebug serves the debugger; the outputs have a reader for each captured descriptor and
// a flusher; the watchdog looks at memory. All end with the process, when the connection closes.
type Server struct {
	opts    Options
	conn    Link
	out     *outputs
	queue   *queue
	aside   chan *wire.Message
	replies chan string // answers to input requests

	displaying sync.Mutex // one display at a time, so that they keep their order
	reading    sync.Mutex // guards line
	line       []byte     // input that was not read yet

	mu       sync.Mutex // guards what follows
	exec     Executor
	session  *check.Session
	count    int               // executions that were stored
	runs     int               // all executions
	cells    map[string]string // cell name → id in the document
	history  []entry
	executed []export.Cell           // cells that passed the check, for %export
	cancel   context.CancelCauseFunc // of the running cell, or nil
	owner    struct {                // of outputs, see beginOutputs
		mu       sync.Mutex
		executes bool
	}
	asking  *wire.Message // request of the running cell when it allows input
	payload []any         // what the client shall do after the running cell
	debug   debugging
}

type entry struct {
	line   int
	source string
}

// errDone ends Serve without an error.
var errDone = errors.New("done")

// Link carries messages to and from clients: a wire.Conn, or Jupyter's sockets. Read belongs to
// one goroutine and returns io.EOF at the end; Write may be called by any.
type Link interface {
	Read() (*wire.Message, error)
	Write(m *wire.Message) error
	Close() error
}

// Serve runs a kernel over an established connection until the peer closes it or asks for a
// shutdown. It takes over the process: descriptors 1 and 2 are captured, the memory limit is set.
func Serve(conn net.Conn, o Options) error { return ServeLink(wire.NewConn(conn), o) }

// ServeLink is Serve over any link.
func ServeLink(conn Link, o Options) error {
	s := &Server{
		opts: o, conn: conn, queue: newQueue(), aside: make(chan *wire.Message, 64),
		cells: map[string]string{}, replies: make(chan string),
	}
	defer s.conn.Close()
	defer native.Close()
	out, err := newOutputs(s.publish)
	if err != nil {
		return err
	}
	s.out = out
	if o.Crash != nil {
		if err := debug.SetCrashOutput(o.Crash, debug.CrashOptions{}); err != nil {
			return fmt.Errorf("kernel: crash output: %w", err)
		}
	}
	if err := s.fresh(); err != nil {
		return err
	}
	if o.Declared != nil {
		o.Declared(s.declarations)
	}
	if o.Debugger != nil {
		s.debug.requests = make(chan *wire.Message, 64)
		s.debug.debugger = o.Debugger(Debuggee{s})
		defer s.debug.debugger.Close()
		if o.DebugAddress != "" {
			addr, err := s.debug.debugger.Listen(o.DebugAddress)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out.stderr, "kernel: debug adapter at %v\n", addr)
		}
		go s.answerDebug()
	}
	display.Install(sink{s})
	go s.watch()
	go s.work()
	go s.answer()
	if err := s.read(); !errors.Is(err, errDone) && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// fresh begins a session in which nothing is declared. The caller holds mu, unless nothing runs yet.
func (s *Server) fresh() error {
	lib := check.Open(s.opts.Exports...)
	x, err := NewExecutor(s.opts.Executor, ExecutorOptions{
		Symbols: s.opts.Symbols, Library: lib, Report: s.report, Stdin: input{s}, Memory: s.opts.MemoryLimit,
		Notice: func(text string) { fmt.Fprintln(s.out.stderr, "kernel: "+text) },
	})
	if err != nil {
		return err
	}
	if s.exec != nil {
		s.exec.EndGoroutines(errInterrupted)
	}
	s.exec, s.executed = x, nil
	s.session = check.New(x.FileSet(), lib, check.Options{Prelude: s.opts.Prelude, Has: x.Has, Peer: s.opts.Peer})
	return nil
}

// declarations returns those that a function of the cells needs.
func (s *Server) declarations(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.Source(name)
}

// stray reports whether the calling goroutine belongs to a cell that was interrupted.
func (s *Server) stray() bool {
	s.mu.Lock()
	x := s.exec
	s.mu.Unlock()
	return x.Stray()
}

// read dispatches messages until the connection ends.
func (s *Server) read() error {
	for {
		m, err := s.conn.Read()
		if err != nil {
			return err
		}
		switch m.Header.Type {
		case "execute_request":
			s.queue.put(m)
		case "interrupt_request":
			s.interrupt(errInterrupted)
			s.status(m, "busy")
			s.reply(m, "interrupt_reply", map[string]string{"status": "ok"})
			s.status(m, "idle")
		case "shutdown_request":
			var req wire.ShutdownRequest
			_ = m.DecodeContent(&req) // an empty request is a plain shutdown
			s.reply(m, "shutdown_reply", wire.ShutdownReply{Status: "ok", Restart: req.Restart})
			return errDone
		case "input_reply":
			var in wire.InputReply
			if m.DecodeContent(&in) == nil {
				select {
				case s.replies <- in.Value:
				case <-time.After(time.Second):
				}
			}
		case "debug_request":
			if s.debug.debugger == nil {
				s.reply(m, "debug_reply", noDebugger)
				continue
			}
			s.debug.requests <- m
		default:
			s.aside <- m
		}
	}
}

var noDebugger = map[string]any{
	"type": "response", "success": false, "message": "this kernel has no debugger",
}

var errInterrupted = errors.New("interrupted")

// interrupt ends the running cell, or, when there is none, the goroutines of earlier ones.
func (s *Server) interrupt(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel == nil { // no cell runs: what earlier ones left running is meant
		s.exec.EndGoroutines(reason)
		return
	}
	s.cancel(reason)
	if s.debug.debugger != nil {
		s.debug.debugger.Interrupt()
	}
	if s.opts.Stop != nil {
		s.opts.Stop()
	}
}

// publish sends an iopub message; it is what outputs use.
func (s *Server) publish(parent *wire.Header, msgType string, content any) {
	s.send(wire.IOPub, nil, msgType, parent, content)
}

func (s *Server) reply(to *wire.Message, msgType string, content any) {
	s.send(to.Channel, to.Route, msgType, &to.Header, content)
}

func (s *Server) status(of *wire.Message, state string) {
	s.publish(&of.Header, "status", wire.Status{State: state})
}

// send writes a message. A connection that is gone ends read, and with it the process.
func (s *Server) send(channel string, route [][]byte, msgType string, parent *wire.Header, content any) {
	m, err := wire.New(channel, msgType, parent, content)
	if err == nil {
		m.Route = route
		err = s.conn.Write(m)
	}
	if err != nil {
		fmt.Fprintf(s.out.stderr, "kernel: %s: %v\n", msgType, err)
	}
}

// queue holds execute requests until their turn.
type queue struct {
	mu   sync.Mutex
	list []*wire.Message
	more chan struct{}
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

func (q *queue) put(m *wire.Message) {
	q.mu.Lock()
	q.list = append(q.list, m)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take returns the next request, waiting for one.
func (q *queue) take() *wire.Message {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			m := q.list[0]
			q.list = q.list[1:]
			q.mu.Unlock()
			return m
		}
		q.mu.Unlock()
		<-q.more
	}
}

// drain empties the queue.
func (q *queue) drain() []*wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.list
	q.list = nil
	return l
}
