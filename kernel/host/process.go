package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/kernel/memory"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// Interrupt asks the kernel to end the running cell.
func (k *Kernel) Interrupt() error {
	m, err := wire.New(wire.Control, "interrupt_request", nil, nil)
	if err != nil {
		return err
	}
	return k.Send(m)
}

// Shutdown asks the kernel to end and waits for it; when ctx ends first, or the kernel does not
// answer, it is killed.
func (k *Kernel) Shutdown(ctx context.Context) error {
	k.why("the kernel was shut down")
	m, err := wire.New(wire.Control, "shutdown_request", nil, wire.ShutdownRequest{})
	if err == nil {
		err = k.Send(m)
	}
	if err != nil {
		k.Kill()
	}
	select {
	case <-k.done:
		return nil
	case <-ctx.Done():
	case <-time.After(3 * time.Second):
	}
	k.Kill()
	return ctx.Err()
}

// Kill ends the process at once and waits until nothing of it is left, its files among them.
func (k *Kernel) Kill() {
	k.why("the kernel was killed")
	_ = k.cmd.Process.Kill() // an error means that it has ended
	<-k.done
}

// why notes the reason for an end that the host brings about; the first one counts.
func (k *Kernel) why(reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.killed == "" {
		k.killed = reason
	}
}

// wait waits for the process and finds out why it ended.
func (k *Kernel) wait() {
	err := k.cmd.Wait()
	e := Exit{Code: k.cmd.ProcessState.ExitCode()}
	if ws, ok := k.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = unix.SignalName(ws.Signal())
	}
	k.mu.Lock()
	e.Reason = k.killed
	if r := crashReason(filepath.Join(k.dir, "crash")); r != "" {
		e.Reason = r
	}
	switch {
	case e.Reason != "":
	case e.Signal == "SIGKILL":
		e.Reason = "the kernel was killed by the system, possibly because memory ran out"
	case e.Signal != "":
		e.Reason = "the kernel was ended by " + e.Signal
	case e.Code != 0:
		e.Reason = fmt.Sprintf("the kernel ended with status %d", e.Code)
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			e.Reason += ": " + err.Error()
		}
	default:
		e.Reason = "the kernel ended"
	}
	k.exit = e
	k.mu.Unlock()
	_ = os.RemoveAll(k.dir) // holds nothing that is still needed
	close(k.done)
}

// crashReason reads what the process left: its own reason, or the first line of the Go runtime's
// report.
func crashReason(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := s.Text()
		switch {
		case strings.HasPrefix(line, memory.ReasonMark):
			return strings.TrimPrefix(line, memory.ReasonMark)
		case strings.Contains(line, "stack exceeds"), strings.Contains(line, "stack overflow"):
			return "the kernel ended: a function called itself without end (stack overflow)"
		case strings.Contains(line, "out of memory"), strings.Contains(line, "cannot allocate memory"):
			return "the kernel ended: the system gave it no more memory"
		case strings.HasPrefix(line, "fatal error: "):
			return "the kernel ended: " + strings.TrimPrefix(line, "fatal error: ")
		// Go writes the words of these to the lost descriptor 2, and their frames here.
		case strings.HasPrefix(line, "internal/runtime/maps.fatal("):
			return "the kernel ended: goroutines used a map at the same time; guard it with a sync.Mutex"
		case strings.HasPrefix(line, "internal/sync.fatal("), strings.HasPrefix(line, "sync.fatal("):
			return "the kernel ended: a lock was misused, as by Unlock of a sync.Mutex that is not locked"
		case strings.HasPrefix(line, "panic: "):
			return "the kernel ended: panic in compiled code: " + strings.TrimPrefix(line, "panic: ")
		}
	}
	return ""
}

// guard ends a process that is above its limit and does not end itself.
func (k *Kernel) guard() {
	if k.limit <= 0 {
		return
	}
	over := 0
	for {
		select {
		case <-k.done:
			return
		case <-time.After(100 * time.Millisecond):
		}
		if k.MemoryUsage() <= k.limit {
			over = 0
			continue
		}
		if over++; over > 2 {
			k.why(memory.Exceeded(k.limit))
			k.Kill()
			return
		}
	}
}

// read takes messages from the socket until it ends.
func (k *Kernel) read() {
	defer k.backlog.close()
	for {
		m, err := k.conn.Read()
		if err != nil {
			_ = k.conn.Close() // the process ends when its connection does
			return
		}
		k.backlog.put(m)
	}
}

// deliver hands the messages on. The channel is closed after the last one, when the process has
// ended.
func (k *Kernel) deliver() {
	defer close(k.messages)
	for {
		m, ok := k.backlog.take()
		if !ok {
			<-k.done
			return
		}
		k.messages <- m
	}
}

// backlog is an unbounded queue.
type backlog struct {
	mu     sync.Mutex
	some   *sync.Cond
	list   []*wire.Message
	closed bool
}

func newBacklog() *backlog {
	b := &backlog{}
	b.some = sync.NewCond(&b.mu)
	return b
}

func (b *backlog) put(m *wire.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = append(b.list, m)
	b.some.Signal()
}

func (b *backlog) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.some.Signal()
}

func (b *backlog) take() (*wire.Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.list) == 0 {
		if b.closed {
			return nil, false
		}
		b.some.Wait()
	}
	m := b.list[0]
	b.list = b.list[1:]
	return m, true
}
