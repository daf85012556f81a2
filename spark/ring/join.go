package ring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"
)

// labelBytes is what the rank that dials says first: what the connection is for, and its number.
const labelBytes = 5

// dial connects to a rank, which may not listen yet.
func dial(ctx context.Context, address string, kind byte, rank int, o Options) (net.Conn, error) {
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			select {
			case <-ctx.Done():
				return nil, fmt.Errorf("no connection within %v: %w", o.Timeout, err)
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		tune(c)
		s, err := secured(ctx, c, o, true)
		if err != nil {
			return nil, err
		}
		if _, err := s.Write(binary.BigEndian.AppendUint32([]byte{kind}, uint32(rank))); err != nil {
			s.Close()
			return nil, err
		}
		return s, nil
	}
}

// came is a connection that has proved the secret, or why one has not.
type came struct {
	l   link
	c   net.Conn
	err error
}

// strangers hands connections to each, as they prove the secret or fail to; one that stalls holds up nobody.
//
// Goroutines: one that accepts, until ln fails, and one for each connection, until ctx ends.
func strangers(ctx context.Context, ln net.Listener, o Options) <-chan came {
	all := make(chan came)
	say := func(x came) {
		select {
		case all <- x:
		case <-ctx.Done():
			if x.c != nil {
				x.c.Close()
			}
		}
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				say(came{err: err})
				return
			}
			go func() {
				tune(c)
				l, s, err := labelled(ctx, c, o)
				if err != nil {
					err = fmt.Errorf("from %v: %w", c.RemoteAddr(), err)
				}
				say(came{l, s, err})
			}()
		}
	}()
	return all
}

// labelled is a connection that somebody has made, and what for.
func labelled(ctx context.Context, c net.Conn, o Options) (l link, s net.Conn, err error) {
	if s, err = secured(ctx, c, o, false); err != nil {
		return l, nil, err
	}
	deadline, _ := ctx.Deadline()
	label := make([]byte, labelBytes)
	err = s.SetReadDeadline(deadline)
	if err == nil {
		_, err = io.ReadFull(s, label)
	}
	if err == nil {
		err = s.SetReadDeadline(time.Time{})
	}
	if err != nil {
		s.Close()
		return l, nil, err
	}
	return link{label[0], int(binary.BigEndian.Uint32(label[1:]))}, s, nil
}

// accept returns the connections that this rank waits for; others are turned away.
func accept(ctx context.Context, ln net.Listener, wanted []link, o Options) (map[link]net.Conn, error) {
	deadline, _ := ctx.Deadline()
	if t, ok := ln.(*net.TCPListener); ok {
		if err := t.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := strangers(ctx, ln, o)
	got := map[link]net.Conn{}
	var why error
	for len(got) < len(wanted) {
		var x came
		select {
		case x = <-all:
		case <-ctx.Done():
			x.err = ctx.Err()
		}
		var n net.Error
		switch {
		case x.err == nil && slices.Contains(wanted, x.l) && got[x.l] == nil:
			got[x.l] = x.c
		case x.err == nil:
			x.c.Close()
		case errors.As(x.err, &n) && n.Timeout() || errors.Is(x.err, net.ErrClosed) || ctx.Err() != nil:
			i := slices.IndexFunc(wanted, func(l link) bool { return got[l] == nil })
			return got, fmt.Errorf("waits for rank %d: nobody came within %v: %w", wanted[i].rank, o.Timeout, errors.Join(why, x.err))
		default:
			why = errors.Join(why, x.err)
		}
	}
	return got, nil
}
