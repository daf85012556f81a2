// Package zmtp is the bind side of ZeroMQ's transport, ZMTP 3, as far as a Jupyter kernel needs it:
// ROUTER, XPUB and REP sockets over TCP and unix sockets, without security (mechanism NULL).
//
//	s, err := zmtp.Listen("tcp", "127.0.0.1:0", zmtp.Router, zmtp.Options{
//		Receive: func(p *zmtp.Peer, parts [][]byte) { p.Send(parts) },
//	})
//	fmt.Println(s.Addr())
//	err = s.Close()
//
// One client cannot hold up another: handshakes run beside each other, each client has a queue of
// its own, and a client that stops reading loses messages after a short wait. Lengths that a client
// claims are checked before memory is taken. The package does not connect, and has no CURVE.
package zmtp

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Kind of a socket.
type Kind string

// The kinds of sockets that can be bound.
const (
	Router Kind = "ROUTER" // messages carry the sender's identity; answers go to one peer
	XPub   Kind = "XPUB"   // messages go to every peer that subscribed to their first part's beginning
	Rep    Kind = "REP"    // answers each message to its sender
)

// maxPeers are connected to one socket at most.
const maxPeers = 256

// Options of a socket.
type Options struct {
	// Receive takes a message. It is called on the goroutine that reads from p: messages of one peer
	// come in order, and nothing more is read from it meanwhile. May be nil.
	Receive func(p *Peer, parts [][]byte)
	// Subscribed is told of each new subscription of an XPub socket. May be nil.
	Subscribed func(p *Peer, topic []byte)
	// Log takes what happens to connections, for people. May be nil.
	Log func(format string, args ...any)
}

// Socket is a bound socket.
//
// Goroutines: accept, ended by Close; two for each peer (see Peer). mu guards peers.
type Socket struct {
	kind Kind
	o    Options
	l    net.Listener

	mu    sync.Mutex
	peers map[string]*Peer
	done  bool
}

// Listen binds a socket; network is "tcp" or "unix".
func Listen(network, address string, kind Kind, o Options) (*Socket, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("zmtp: %w", err)
	}
	s := &Socket{kind: kind, o: o, l: l, peers: map[string]*Peer{}}
	go s.accept()
	return s, nil
}

// Addr is the address that the socket is bound to.
func (s *Socket) Addr() net.Addr { return s.l.Addr() }

func (s *Socket) log(format string, args ...any) {
	if s.o.Log != nil {
		s.o.Log(format, args...)
	}
}

// accept takes connections until the listener closes. Errors such as too many open files pass.
func (s *Socket) accept() {
	pause := time.Millisecond
	for {
		c, err := s.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.log("%s: accept: %v", s.kind, err)
			time.Sleep(pause)
			pause = min(2*pause, time.Second)
			continue
		}
		pause = time.Millisecond
		go s.serve(c)
	}
}

// serve makes a connection a peer and reads from it until it ends.
func (s *Socket) serve(c net.Conn) {
	defer c.Close()
	p := &Peer{
		socket: s, conn: c, in: bufio.NewReaderSize(c, 64<<10), out: bufio.NewWriterSize(c, 64<<10),
		work: make(chan struct{}, 1), space: make(chan struct{}, 1),
	}
	if err := c.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return
	}
	id, err := handshake(p.in, p.out, s.kind)
	if err == nil {
		err = c.SetDeadline(time.Time{})
	}
	if err == nil {
		err = s.add(p, id)
	}
	if err != nil {
		if !errors.Is(err, io.EOF) {
			s.log("%s: %v: %v", s.kind, c.RemoteAddr(), err)
		}
		return
	}
	go p.write()
	err = p.read()
	s.remove(p)
	if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		s.log("%s: %v: %v", s.kind, c.RemoteAddr(), err)
	}
}

// add gives the peer its identity. One that comes again under the same name replaces itself.
func (s *Socket) add(p *Peer, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" || id[0] == 0 {
		id = "\x00" + rand.Text()[:8]
	}
	old := s.peers[id]
	if s.done || old == nil && len(s.peers) >= maxPeers {
		return fmt.Errorf("%d clients are connected, which is the limit", len(s.peers))
	}
	if old != nil {
		go old.close()
	}
	p.id = id
	s.peers[id] = p
	return nil
}

func (s *Socket) remove(p *Peer) {
	s.mu.Lock()
	if s.peers[p.id] == p {
		delete(s.peers, p.id)
	}
	s.mu.Unlock()
	p.close()
}

// received takes a message from a peer.
func (s *Socket) received(p *Peer, parts [][]byte) {
	if s.kind == XPub {
		if b := parts[0]; len(parts) == 1 && len(b) > 0 && b[0] <= 1 {
			s.subscribe(p, b[1:], b[0] == 1)
		}
		return
	}
	if s.o.Receive != nil {
		s.o.Receive(p, parts)
	}
}

// subscribe notes what an XPub socket's peer wants to get.
func (s *Socket) subscribe(p *Peer, topic []byte, on bool) {
	if s.kind != XPub {
		return
	}
	p.mu.Lock()
	i := slices.IndexFunc(p.topics, func(t []byte) bool { return bytes.Equal(t, topic) })
	switch {
	case on && len(p.topics) < maxParts:
		p.topics = append(p.topics, bytes.Clone(topic))
	case !on && i >= 0:
		p.topics = slices.Delete(p.topics, i, i+1)
	}
	p.mu.Unlock()
	if on && s.o.Subscribed != nil {
		s.o.Subscribed(p, topic)
	}
}

// Send sends a message to the peer with an identity. It reports false when there is none, or when
// it does not read.
func (s *Socket) Send(id string, parts [][]byte) bool {
	s.mu.Lock()
	p := s.peers[id]
	s.mu.Unlock()
	return p != nil && p.Send(parts)
}

// Publish sends a message to every peer that subscribed to the beginning of its first part.
func (s *Socket) Publish(parts [][]byte) {
	for _, p := range s.list() {
		if p.wants(parts[0]) {
			p.Send(parts)
		}
	}
}

func (p *Peer) wants(first []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.topics, func(t []byte) bool { return bytes.HasPrefix(first, t) })
}

func (s *Socket) list() []*Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Peer, 0, len(s.peers))
	for _, p := range s.peers {
		all = append(all, p)
	}
	return all
}

// Close ends the socket: what is queued is still sent to peers that read, for a second at most.
func (s *Socket) Close() error {
	err := s.l.Close()
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	deadline := time.Now().Add(time.Second)
	for _, p := range s.list() {
		for !p.idle() && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		p.close()
	}
	return err
}
