package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	handshakeTime = 10 * time.Second
	// queueBytes may wait for a peer; beyond it a sender waits while the peer takes something every
	// patience, and then goes on without it.
	queueBytes = 16 << 20
	patience   = 2 * time.Second
)

// Peer is one connected client.
//
// Goroutines: read (the one that accepted it) and write; both end when the connection closes.
type Peer struct {
	socket *Socket
	id     string
	conn   net.Conn
	in     *bufio.Reader
	out    *bufio.Writer

	mu      sync.Mutex // guards what follows
	queue   []outgoing
	waiting int  // bytes in queue and in the batch that is being written
	writing bool // a batch is on its way
	stalled bool // did not take anything for longer than patience
	dropped int  // messages lost since it stalled
	closed  bool
	work    chan struct{} // signals write: queue or closed changed
	space   chan struct{} // signals senders: something was taken
	topics  [][]byte      // XPub: what the peer subscribed to
}

// outgoing is a message, or the one frame of a command.
type outgoing struct {
	parts   [][]byte
	command bool
}

func (o outgoing) size() int {
	n := 0
	for _, b := range o.parts {
		n += len(b) + 9
	}
	return n
}

// ID returns the identity of the peer on its socket.
func (p *Peer) ID() string { return p.id }

// Send queues a message for the peer. It reports false when the peer is gone or takes nothing.
func (p *Peer) Send(parts [][]byte) bool { return p.send(outgoing{parts, false}) }

func (p *Peer) send(o outgoing) bool {
	size := o.size()
	deadline := time.Now().Add(patience)
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && p.waiting > 0 && p.waiting+size > queueBytes {
		if p.stalled || !p.await(&deadline) {
			p.stalled = true
			p.dropped++
			return false
		}
	}
	if p.closed {
		return false
	}
	p.queue = append(p.queue, o)
	p.waiting += size
	signal(p.work)
	return true
}

// await waits until the peer has taken something; the caller holds mu.
func (p *Peer) await(deadline *time.Time) bool {
	p.mu.Unlock()
	defer p.mu.Lock()
	timer := time.NewTimer(time.Until(*deadline))
	defer timer.Stop()
	select {
	case <-p.space:
		*deadline = time.Now().Add(patience)
		return true
	case <-timer.C:
		return false
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close ends the peer's goroutines.
func (p *Peer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.conn.Close()
	signal(p.work)
	signal(p.space)
}

// idle reports whether nothing is on its way to the peer, or nothing will arrive.
func (p *Peer) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting == 0 && !p.writing || p.stalled || p.closed
}

// write sends what is queued.
func (p *Peer) write() {
	for range p.work {
		for {
			p.mu.Lock()
			batch := p.queue
			p.queue, p.writing = nil, len(p.queue) > 0
			closed := p.closed
			p.mu.Unlock()
			if closed {
				return
			}
			if len(batch) == 0 {
				break
			}
			if err := p.put(batch); err != nil {
				p.close()
				return
			}
		}
	}
}

// put writes messages and counts each as taken.
func (p *Peer) put(batch []outgoing) error {
	for _, o := range batch {
		for i, b := range o.parts {
			var flags byte
			switch {
			case o.command:
				flags = command
			case i+1 < len(o.parts):
				flags = more
			}
			if err := writeFrame(p.out, flags, b); err != nil {
				return err
			}
		}
		p.taken(o.size())
	}
	return p.out.Flush()
}

// taken notes that the peer's connection accepted n bytes.
func (p *Peer) taken(n int) {
	p.mu.Lock()
	p.waiting -= n
	lost := p.dropped
	p.stalled, p.dropped = false, 0
	p.mu.Unlock()
	signal(p.space)
	if lost > 0 {
		p.socket.log("%s: %d messages were dropped for a client that did not read", p.socket.kind, lost)
	}
}

// read hands messages to the socket's handler until the connection ends.
func (p *Peer) read() error {
	var parts [][]byte
	total := 0
	for {
		f, err := readFrame(p.in, MaxMessage-total)
		if err != nil {
			return err
		}
		if f.flags&command != 0 {
			if err := p.obey(f.body); err != nil {
				return err
			}
			continue
		}
		total += len(f.body)
		if parts = append(parts, f.body); len(parts) > maxParts {
			return fmt.Errorf("message of more than %d parts", maxParts)
		}
		if f.flags&more == 0 {
			p.socket.received(p, parts)
			parts, total = nil, 0
		}
	}
}

// obey follows a command of a ready connection.
func (p *Peer) obey(body []byte) error {
	name, data, err := parseCommand(body)
	if err != nil {
		return err
	}
	switch name {
	case "PING":
		if len(data) < 2 {
			return errors.New("PING without its time to live")
		}
		p.send(outgoing{[][]byte{makeCommand("PONG", data[2:])}, true})
	case "SUBSCRIBE":
		p.socket.subscribe(p, data, true)
	case "CANCEL":
		p.socket.subscribe(p, data, false)
	case "ERROR":
		return fmt.Errorf("the peer reports %q", data)
	}
	return nil
}
