package dap

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/google/go-dap"
)

// Listen serves DAP clients at a TCP address, such as "127.0.0.1:4711", until the process ends. Who
// can connect can run anything in the kernel.
func (d *Debugger) Listen(address string) (net.Addr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dap: %w", err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = d.Serve(conn) }() // a client that is gone needs no answer
		}
	}()
	return l.Addr(), nil
}

// Serve is one DAP client on a stream. It returns when the stream ends, and detaches the client.
func (d *Debugger) Serve(rw io.ReadWriteCloser) error {
	out := newQueue(rw)
	s := NewSession(d.Target, d.view, out.put)
	defer func() {
		s.Close()
		_, _ = s.disconnect(struct{}{})
		out.end()
		_ = rw.Close()
	}()
	in := bufio.NewReader(rw)
	for {
		raw, err := dap.ReadBaseMessage(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("dap: %w", err)
		}
		out.put(s.Answer(raw))
	}
}

// queue writes messages in order without holding up who sends them.
//
// Goroutines: one writes until end; mu guards list and done.
type queue struct {
	mu   sync.Mutex
	more *sync.Cond
	list []any
	done bool
}

func newQueue(w io.Writer) *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	go func() {
		for {
			q.mu.Lock()
			for len(q.list) == 0 && !q.done {
				q.more.Wait()
			}
			list := q.list
			q.list = nil
			done := q.done
			q.mu.Unlock()
			for _, m := range list {
				raw, err := json.Marshal(m)
				if err == nil {
					err = dap.WriteBaseMessage(w, raw)
				}
				if err != nil {
					return // the reader sees the end of the stream, too
				}
			}
			if done {
				return
			}
		}
	}()
	return q
}

func (q *queue) put(m any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, m)
	q.more.Signal()
}

func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = true
	q.more.Signal()
}
