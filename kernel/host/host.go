// Package host starts a kernel process and watches over it: messages in order, interrupt,
// shutdown, memory, and a plain sentence when it ends.
//
//	k, err := host.Start(ctx, host.Options{Command: []string{exe, "kernel"}})
//	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "1+1"})
//	err = k.Send(m)
//	for m := range k.Messages() { … }
//	fmt.Println(k.Exit().Reason)
//
// The package does not know what messages mean beyond what it needs to start and stop a kernel; a
// server that stores outputs is package web.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/kernel/memory"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// Options of a kernel process.
type Options struct {
	// Command starts the kernel. "--socket PATH --memory BYTES --crash PATH" is added.
	Command []string
	// Dir is the working directory; empty: that of the caller.
	Dir string
	// Env is the environment; nil: that of the caller.
	Env []string
	// MemoryLimit is the most memory in bytes that the process may use; 0: half of the RAM, but at
	// least 1 GiB; negative: none.
	MemoryLimit int64
	// Stderr receives what the process itself reports; nil: it is dropped.
	Stderr io.Writer
}

// Exit tells how a kernel ended.
type Exit struct {
	Code   int    // exit status; -1 when a signal ended it
	Signal string // "SIGKILL", or ""
	Reason string // one sentence for the user
}

// Kernel is a kernel process.
//
// Goroutines: read moves messages from the socket to an unbounded list and ends with the process;
// deliver moves them from there to Messages; guard looks at memory; wait waits for the process.
// All have ended when Messages is closed, which is after Done.
type Kernel struct {
	cmd      *exec.Cmd
	dir      string // holds socket and crash file
	conn     *wire.Conn
	limit    int64
	info     wire.KernelInfo
	messages chan *wire.Message
	backlog  *backlog
	done     chan struct{}

	mu     sync.Mutex
	exit   Exit
	killed string // why the host ended the process, or ""
}

// startTimeout is how long a kernel may take from its start to its first answer.
const startTimeout = 30 * time.Second

// Start starts a kernel and waits until it answers.
func Start(ctx context.Context, o Options) (*Kernel, error) {
	if len(o.Command) == 0 {
		return nil, errors.New("host: no command for the kernel")
	}
	dir, err := os.MkdirTemp("", "lathe-kernel-")
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	k := &Kernel{
		dir: dir, limit: limit(o.MemoryLimit), messages: make(chan *wire.Message), backlog: newBacklog(),
		done: make(chan struct{}),
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := k.start(ctx, o); err != nil {
		_ = os.RemoveAll(dir) // the reason is in err
		return nil, err
	}
	return k, nil
}

// start runs the process and shakes hands.
func (k *Kernel) start(ctx context.Context, o Options) error {
	socket, crash := filepath.Join(k.dir, "s"), filepath.Join(k.dir, "crash")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	defer l.Close()
	args := append(append([]string{}, o.Command[1:]...),
		"--socket", socket, "--crash", crash, "--memory", fmt.Sprint(k.limit))
	k.cmd = exec.Command(o.Command[0], args...)
	k.cmd.Dir, k.cmd.Env, k.cmd.Stderr = o.Dir, o.Env, o.Stderr
	k.cmd.SysProcAttr = attributes()
	k.cmd.WaitDelay = 2 * time.Second
	if err := k.cmd.Start(); err != nil {
		return fmt.Errorf("host: start the kernel: %w", err)
	}
	go k.wait()
	conn, err := k.accept(ctx, l)
	if err == nil {
		k.conn = wire.NewConn(conn)
		err = k.handshake(ctx)
	}
	if err != nil {
		k.Kill()
		return fmt.Errorf("host: the kernel did not start: %w (%s)", err, k.Exit().Reason)
	}
	go k.read()
	go k.deliver()
	go k.guard()
	return nil
}

func (k *Kernel) accept(ctx context.Context, l net.Listener) (net.Conn, error) {
	type result struct {
		c   net.Conn
		err error
	}
	got := make(chan result, 1)
	go func() {
		c, err := l.Accept()
		got <- result{c, err}
	}()
	select {
	case r := <-got:
		return r.c, r.err
	case <-k.done:
		return nil, errors.New("it ended at once")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// handshake asks for kernel_info and waits for the reply.
func (k *Kernel) handshake(ctx context.Context) error {
	req, err := wire.New(wire.Shell, "kernel_info_request", nil, nil)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = k.conn.Close() }) // makes Read return
	defer stop()
	if err := k.conn.Write(req); err != nil {
		return err
	}
	for {
		m, err := k.conn.Read()
		if err != nil {
			return err
		}
		if m.Header.Type == "kernel_info_reply" {
			return m.DecodeContent(&k.info)
		}
	}
}

// DefaultMemoryLimit is half of the RAM of the machine in bytes, but at least 1 GiB.
func DefaultMemoryLimit() int64 { return max(memory.Total()/2, 1<<30) }

func limit(n int64) int64 {
	if n == 0 {
		return DefaultMemoryLimit()
	}
	return max(n, 0)
}

// Send sends a message to the kernel.
func (k *Kernel) Send(m *wire.Message) error {
	select {
	case <-k.done:
		return fmt.Errorf("host: the kernel has ended: %s", k.Exit().Reason)
	default:
		return k.conn.Write(m)
	}
}

// Messages delivers everything that the kernel sends, in order. It is closed when the process has
// ended and all was delivered. A slow receiver does not hold up the kernel.
func (k *Kernel) Messages() <-chan *wire.Message { return k.messages }

// Info is the kernel's description of itself.
func (k *Kernel) Info() wire.KernelInfo { return k.info }

// PID is the process id.
func (k *Kernel) PID() int { return k.cmd.Process.Pid }

// MemoryUsage is the memory of the process in RAM, in bytes; 0 when it has ended.
func (k *Kernel) MemoryUsage() int64 { return memory.Resident(k.PID()) }

// MemoryLimit is the limit in bytes that the process is held to; 0: none.
func (k *Kernel) MemoryLimit() int64 { return k.limit }

// Done is closed when the process has ended.
func (k *Kernel) Done() <-chan struct{} { return k.done }

// Exit tells how the process ended. It is only meaningful after Done.
func (k *Kernel) Exit() Exit {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.exit
}
