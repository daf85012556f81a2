// Package native calls functions of cells that were compiled: they are in programs, which run as processes of
// their own and are asked to call them.
//
//	id := native.Register("/tmp/cell")
//	var sum float64
//	native.Call(id, "Sum", []any{[]float64{1, 2}}, &sum)
//	native.Close()
//
// Arguments and results are copied, by package gob; nothing else is shared: not the variables of the session,
// and not its other functions. The package does not make the programs (see kernel/native/compile).
package native

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// program is a compiled cell. mu is held during a call: a process makes one at a time.
type program struct {
	path string // of the executable

	mu  sync.Mutex
	now *process // nil: not started, or ended by an interrupt

	state   sync.Mutex
	calling *process // the process that a call waits for
}

// process is a running program.
type process struct {
	cmd  *exec.Cmd
	out  *gob.Encoder
	in   *gob.Decoder
	stop []io.Closer
}

var programs struct {
	sync.Mutex
	list []*program
}

// Register gives a program a number for Call. Close removes the file.
func Register(path string) int {
	programs.Lock()
	defer programs.Unlock()
	programs.list = append(programs.list, &program{path: path})
	return len(programs.list) - 1
}

// Call calls a function of a compiled cell. results point to where its results go. It panics with an error when
// the function panicked, or when the process ended.
func Call(id int, name string, args []any, results ...any) {
	programs.Lock()
	p := programs.list[id]
	programs.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		started, err := start(p.path)
		if err != nil {
			panic(fmt.Errorf("native %s: %w", name, err))
		}
		p.now = started
	}
	p.during(p.now)
	failure, err := p.now.call(name, args, results)
	p.during(nil)
	if err != nil {
		p.now.end()
		p.now = nil
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrClosed) {
			err = errors.New("its process was interrupted or ended itself")
		}
		panic(fmt.Errorf("native %s: %w", name, err))
	}
	if failure != "" {
		panic(fmt.Errorf("native %s: %s", name, failure))
	}
}

func (p *program) during(q *process) {
	p.state.Lock()
	defer p.state.Unlock()
	p.calling = q
}

// Interrupt ends the processes that a call waits for. The next call starts a new one.
func Interrupt() {
	for _, p := range all() {
		p.state.Lock()
		if p.calling != nil {
			_ = p.calling.cmd.Process.Kill() // it may have ended by itself
		}
		p.state.Unlock()
	}
}

func all() []*program {
	programs.Lock()
	defer programs.Unlock()
	return append([]*program(nil), programs.list...)
}

// start starts a program. What it prints is output of this process.
func start(path string) (*process, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	back, answers, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirs.Close(), ours.Close())
	}
	cmd := exec.Command(path)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{theirs, answers}
	err = cmd.Start()
	err = errors.Join(err, theirs.Close(), answers.Close())
	p := &process{cmd: cmd, out: gob.NewEncoder(ours), in: gob.NewDecoder(back), stop: []io.Closer{ours, back}}
	if err != nil {
		return nil, errors.Join(err, ours.Close(), back.Close())
	}
	return p, nil
}

// call asks the process for a call and returns what the function panicked with, or "".
func (p *process) call(name string, args, results []any) (failure string, err error) {
	if err := p.out.Encode(name); err != nil {
		return "", err
	}
	for _, a := range args {
		if err := p.out.Encode(a); err != nil {
			return "", err
		}
	}
	if err := p.in.Decode(&failure); err != nil || failure != "" {
		return failure, err
	}
	for _, r := range results {
		if e, ok := r.(*error); ok {
			var text string
			if err := p.in.Decode(&text); err != nil {
				return "", err
			}
			if text != "" {
				*e = errors.New(text)
			}
			continue
		}
		if err := p.in.Decode(r); err != nil {
			return "", err
		}
	}
	return "", nil
}

// end ends the process: it does so by itself when nobody asks any more.
func (p *process) end() {
	for _, c := range p.stop {
		_ = c.Close()
	}
	_ = p.cmd.Process.Kill()
	go func() { _ = p.cmd.Wait() }() // its status says nothing
}

// Close ends all processes and removes their programs.
func Close() {
	for _, p := range all() {
		p.mu.Lock()
		if p.now != nil {
			p.now.end()
			p.now = nil
		}
		_ = os.Remove(p.path)
		p.mu.Unlock()
	}
}
