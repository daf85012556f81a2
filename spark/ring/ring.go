// Package ring sums tensors over processes that TCP connects: each talks to the next and hears the one before.
//
//	ln, err := net.Listen("tcp", "10.0.0.5:0")                         // its address goes to all ranks
//	r, err := ring.Join(ln, rank, addresses, ring.Options{Secret: secret})
//	err = r.AllReduce(gradients...)                                     // sums, the same bits everywhere
//
// Ranks prove to each other that they know the job's secret before anything else is read; with TLS what they
// send is encrypted, too. Every call has a deadline, after which, as after the loss of a rank, all calls fail.
// A call moves 2(n−1)/n of the data once through every connection, whatever the number of ranks n. What is small
// goes through a tree, in log₂ n messages one after the other. The package starts no processes and restarts
// nothing (see spark/gang).
package ring

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Options are the options of Join; the zero value is the default.
type Options struct {
	Secret  []byte        // that all ranks share; at least 16 bytes when there is more than one rank
	TLS     bool          // encrypt, with keys made of the secret
	Timeout time.Duration // for joining, and for each call; 0: 1 minute
}

// Ring is this process's place among the ranks. Its methods are called from one goroutine, in the same order
// by every rank; Send and Recv may be called from two.
//
// Goroutines: Join starts one that writes to the next rank; Close ends it.
type Ring struct {
	Rank, Size int

	next, prev net.Conn
	tree       []net.Conn // to the ranks whose numbers differ in bit 0, 1, … of this one's, see meet
	spare      net.Conn   // between a rank that the tree has no place for and the one that speaks for it
	all        []net.Conn
	options    Options
	timeout    time.Duration
	work       chan []byte
	sent       chan error
	chunk      []byte

	mu     sync.Mutex
	broken error // why calls fail from now on
}

// lost is why the ring is of no use any more; nil while it is.
func (r *Ring) lost() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken
}

// breaks makes calls fail with err, or with the reason that there was before.
func (r *Ring) breaks(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = err
	}
}

// Join connects the ranks: rank listens on ln, and addresses are those of all, in the order of ranks.
func Join(ln net.Listener, rank int, addresses []string, o Options) (*Ring, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	r := &Ring{Rank: rank, Size: len(addresses), timeout: o.Timeout, options: o}
	switch {
	case rank < 0 || rank >= r.Size:
		return nil, fmt.Errorf("ring.Join: rank %d of %d addresses", rank, r.Size)
	case r.Size == 1:
		return r, nil
	case len(o.Secret) < 16:
		return nil, fmt.Errorf("ring.Join: a secret of %d bytes; want at least 16, the same in all ranks", len(o.Secret))
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	dials, waits := r.links()
	accepted := make(chan error, 1)
	var came map[link]net.Conn
	go func() {
		var err error
		came, err = accept(ctx, ln, waits, o)
		accepted <- err
	}()
	var err error
	for _, l := range dials {
		var c net.Conn
		if c, err = dial(ctx, addresses[l.rank], l.kind, rank, o); err != nil {
			err = fmt.Errorf("ring.Join: rank %d to rank %d at %s: %w", rank, l.rank, addresses[l.rank], err)
			cancel()
			break
		}
		r.connected(l, true, c)
	}
	if err2 := <-accepted; err == nil && err2 != nil {
		err = fmt.Errorf("ring.Join: rank %d %w", rank, err2)
	}
	for l, c := range came {
		r.connected(l, false, c)
	}
	if err != nil {
		r.closeConns()
		return nil, err
	}
	if r.Rank < r.inTree() { // the ring's connections serve for bit 0
		r.tree[0] = r.next
		if r.Rank%2 == 1 {
			r.tree[0] = r.prev
		}
	}
	r.work, r.sent, r.chunk = make(chan []byte), make(chan error, 1), make([]byte, chunkBytes)
	go func(work <-chan []byte) {
		for b := range work {
			_, err := r.next.Write(b)
			r.sent <- err
		}
	}(r.work)
	return r, nil
}

// chunkBytes is what is summed at once: it stays in the processor's cache.
const chunkBytes = 256 << 10

// socketBuffer lets a rank run ahead of the next one.
const socketBuffer = 4 << 20

func tune(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok { // limits of the system make these smaller
		_ = t.SetNoDelay(true)
		_ = t.SetReadBuffer(socketBuffer)
		_ = t.SetWriteBuffer(socketBuffer)
	}
}

// secured proves the secret to the other side, and wants its proof.
func secured(ctx context.Context, c net.Conn, o Options, client bool) (_ net.Conn, err error) {
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	deadline, _ := ctx.Deadline()
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if o.TLS {
		s, err := encrypted(ctx, c, o.Secret, client)
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
			err = errors.New("the other side hung up: it does not know the job's secret, or is no rank")
		}
		if err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		return s, s.SetDeadline(time.Time{})
	}
	if err := prove(c, o.Secret, client); err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Time{})
}

const greeting = "lathe ring 1\n"

// prove exchanges numbers used once and their authentication codes, which name the direction, so that a
// code cannot be sent back.
func prove(c net.Conn, secret []byte, client bool) error {
	var mine [32]byte
	if _, err := rand.Read(mine[:]); err != nil {
		return err
	}
	if _, err := c.Write(append([]byte(greeting), mine[:]...)); err != nil {
		return err
	}
	head := make([]byte, len(greeting)+32)
	if _, err := io.ReadFull(c, head); err != nil {
		return fmt.Errorf("no greeting: %w", err)
	}
	if string(head[:len(greeting)]) != greeting {
		return fmt.Errorf("a greeting %q; want %q: no rank of this job", head[:len(greeting)], greeting)
	}
	theirs := head[len(greeting):]
	code := func(fromClient bool) []byte {
		h := hmac.New(sha256.New, secret)
		parts := [][]byte{mine[:], theirs}
		if !client {
			parts[0], parts[1] = parts[1], parts[0]
		}
		fmt.Fprintf(h, "%t", fromClient)
		h.Write(parts[0])
		h.Write(parts[1])
		return h.Sum(nil)
	}
	if _, err := c.Write(code(client)); err != nil {
		return err
	}
	got := make([]byte, sha256.Size)
	if _, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("no proof of the secret: %w", err)
	}
	if !hmac.Equal(got, code(!client)) {
		return errors.New("the other side does not know the job's secret")
	}
	return nil
}

func (r *Ring) closeConns() {
	for _, c := range r.all {
		c.Close()
	}
}

// Close leaves the ring; the calls of other ranks fail.
func (r *Ring) Close() {
	r.breaks(errors.New("ring: it is closed"))
	r.closeConns()
	if r.work != nil {
		close(r.work)
		r.work = nil
	}
}
