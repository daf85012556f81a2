package ring

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

// longestAddress bounds what Star sends over the ring.
const longestAddress = 256

// Timeout is how long calls wait for other ranks.
func (r *Ring) Timeout() time.Duration { return r.timeout }

// Star connects every other rank with rank 0, for work that is not in step: rank 0 gets the connections of the
// others, in no order, the others get one. The caller closes them, and sets their deadlines. All ranks call it
// at the same place.
func (r *Ring) Star() ([]net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	var ln net.Listener
	letters := eager.Zeros(longestAddress)
	if r.Rank == 0 && r.Size > 1 {
		host, _, err := net.SplitHostPort(r.next.LocalAddr().String())
		if err != nil {
			return nil, fmt.Errorf("ring.Star: %w", err)
		}
		if ln, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return nil, fmt.Errorf("ring.Star: %w", err)
		}
		defer ln.Close()
		for i, c := range []byte(ln.Addr().String()) {
			letters.Storage().F32()[i] = float32(c)
		}
	}
	if err := r.Broadcast(letters); err != nil {
		return nil, fmt.Errorf("ring.Star: %w", err)
	}
	if r.Rank == 0 {
		conns, err := acceptAll(ctx, ln, r.Size-1, r.options)
		if err != nil {
			return nil, fmt.Errorf("ring.Star: rank 0 waits for the others: %w", err)
		}
		return conns, nil
	}
	var address []byte
	for _, c := range letters.Storage().F32() {
		if c != 0 {
			address = append(address, byte(c))
		}
	}
	c, err := dial(ctx, string(address), starLink, r.Rank, r.options)
	if err != nil {
		return nil, fmt.Errorf("ring.Star: rank %d to rank 0 at %s: %w", r.Rank, address, err)
	}
	return []net.Conn{c}, nil
}

// acceptAll returns n connections that have proved the secret.
func acceptAll(ctx context.Context, ln net.Listener, n int, o Options) ([]net.Conn, error) {
	if n == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var conns []net.Conn
	for all := strangers(ctx, ln, o); len(conns) < n; {
		select {
		case x := <-all:
			if x.err == nil {
				conns = append(conns, x.c)
			}
		case <-ctx.Done():
			for _, c := range conns {
				c.Close()
			}
			return nil, fmt.Errorf("%d of %d came within %v", len(conns), n, o.Timeout)
		}
	}
	return conns, nil
}
