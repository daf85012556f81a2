package kernel

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/lathe-ml/lathe/kernel/wire"
)

// Output is sent when this much has gathered or this long after the first byte.
const (
	flushSize  = 64 << 10
	flushAfter = 50 * time.Millisecond
)

// outputs gathers what the process writes to descriptors 1 and 2 and sends it as stream messages.
//
// Goroutines: one reader for each descriptor; the timer's. mu guards the pending text.
type outputs struct {
	publish  func(parent *wire.Header, msgType string, content any)
	stderr   *os.File // the descriptor 2 that the process was started with
	captured *os.File // the captured descriptor 2
	pipes    []*pipe
	marker   []byte
	draining sync.Mutex // one marker at a time

	mu      sync.Mutex
	parent  *wire.Header
	name    string
	pending []byte
	timer   *time.Timer
}

// pipe is a captured descriptor.
type pipe struct {
	name   string
	r, w   *os.File
	passed chan struct{} // the marker has come out
}

func newOutputs(publish func(*wire.Header, string, any)) (*outputs, error) {
	o := &outputs{publish: publish, marker: []byte("\x00lathe·" + rand.Text() + "\x00")}
	old, err := unix.Dup(2)
	if err != nil {
		return nil, fmt.Errorf("kernel: keep stderr: %w", err)
	}
	unix.CloseOnExec(old)
	o.stderr, o.captured = os.NewFile(uintptr(old), "stderr"), os.Stderr
	for fd, name := range map[int]string{1: "stdout", 2: "stderr"} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, fmt.Errorf("kernel: capture %s: %w", name, err)
		}
		if err := redirect(int(w.Fd()), fd); err != nil {
			return nil, fmt.Errorf("kernel: capture %s: %w", name, err)
		}
		p := &pipe{name: name, r: r, w: w, passed: make(chan struct{}, 1)}
		o.pipes = append(o.pipes, p)
		go o.read(p)
	}
	return o, nil
}

// attach makes parent the request that outputs belong to.
func (o *outputs) attach(parent *wire.Header) {
	o.drain()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parent = parent
}

// current returns the request that outputs belong to.
func (o *outputs) current() *wire.Header {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.parent
}

// read moves what arrives in a pipe to the pending text and signals the marker.
func (o *outputs) read(p *pipe) {
	var held []byte // may be the beginning of a marker
	buf := make([]byte, flushSize)
	for {
		n, err := p.r.Read(buf)
		if err != nil {
			return
		}
		data := append(held, buf[:n]...)
		for {
			i := bytes.Index(data, o.marker)
			if i < 0 {
				break
			}
			o.write(p.name, data[:i])
			data = data[i+len(o.marker):]
			p.passed <- struct{}{}
		}
		keep := 0
		for k := min(len(o.marker)-1, len(data)); k > 0; k-- {
			if bytes.HasSuffix(data, o.marker[:k]) {
				keep = k
				break
			}
		}
		o.write(p.name, data[:len(data)-keep])
		held = bytes.Clone(data[len(data)-keep:])
	}
}

// write adds to the pending text.
func (o *outputs) write(name string, b []byte) {
	if len(b) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.name != name {
		o.flush(true)
		o.name = name
	}
	o.pending = append(o.pending, b...)
	if len(o.pending) >= flushSize {
		o.flush(false)
	} else if o.timer == nil {
		o.timer = time.AfterFunc(flushAfter, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.flush(false)
		})
	}
}

// flush sends the pending text. A rune that has not arrived completely waits unless all is set. The
// caller holds mu.
func (o *outputs) flush(all bool) {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	n := len(o.pending)
	if !all {
		for k := 1; k < utf8.UTFMax && k <= n; k++ {
			if b := o.pending[n-k]; utf8.RuneStart(b) {
				if !utf8.FullRune(o.pending[n-k:]) {
					n -= k
				}
				break
			}
		}
	}
	if n == 0 {
		return
	}
	text := string(bytes.ToValidUTF8(o.pending[:n], []byte("\uFFFD")))
	o.pending = append(o.pending[:0], o.pending[n:]...)
	if o.parent != nil {
		o.publish(o.parent, "stream", wire.Stream{Name: o.name, Text: text})
	}
}

// drain returns when everything written so far has been sent: a marker is sent through each pipe
// and waited for.
func (o *outputs) drain() {
	o.draining.Lock()
	defer o.draining.Unlock()
	for _, p := range o.pipes {
		if _, err := p.w.Write(o.marker); err == nil {
			<-p.passed
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
}
