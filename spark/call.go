package spark

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/lathe-ml/lathe/engine"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// unary bounds a call that has one answer.
const unary = 5 * time.Minute

// guarded returns the context of a call that has one answer. It ends with the session's, after unary, when the
// notebook interrupts the cell, and when the server has given no sign of life for the session's patience.
//
// Goroutines: one, until end.
func (s *Session) guarded() (ctx context.Context, end func()) {
	ctx, stop := s.interruptible(unary)
	ctx, cancel := context.WithCancelCause(ctx)
	go s.guard(ctx, cancel)
	return ctx, func() {
		cancel(nil)
		stop()
	}
}

// interruptible returns a context that ends with the session's, after d, and when the notebook interrupts the cell.
func (s *Session) interruptible(d time.Duration) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	stop := watch(cancel)
	ctx, late := context.WithTimeout(ctx, d)
	return ctx, func() {
		late()
		stop()
		cancel(nil)
	}
}

// guard cancels when probes have failed for the session's patience.
func (s *Session) guard(ctx context.Context, cancel context.CancelCauseFunc) {
	lived := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.opt.Stall):
		}
		switch err := s.probe(ctx, lived); {
		case err == nil:
			lived = time.Now()
		case time.Since(lived) > s.opt.Patience:
			cancel(fmt.Errorf("the server has stalled: %s", status.Convert(err).Message()))
			return
		}
	}
}

// probe asks a server that has been silent since a time whether it lives.
func (s *Session) probe(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Stall)
	defer cancel()
	_, err := s.client.Config(s.outgoing(ctx), s.config(&pb.ConfigRequest_Operation{
		OpType: &pb.ConfigRequest_Operation_GetOption{GetOption: &pb.ConfigRequest_GetOption{Keys: []string{"spark.app.name"}}},
	}))
	if err != nil {
		return status.Errorf(codes.Unavailable, "no sign of life for %v: %v", time.Since(since).Round(time.Millisecond), err)
	}
	return nil
}

// watch cancels when the notebook interrupts the cell; the returned function ends it.
func watch(cancel context.CancelCauseFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		t := time.NewTicker(50 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				if err := engine.Catch(engine.Check); err != nil {
					cancel(err)
					return
				}
			}
		}
	}()
	return func() { close(done) }
}

// again calls f until it succeeds, fails for good, or ctx or patience end.
func (s *Session) again(ctx context.Context, f func() error) error {
	began := time.Now()
	for try := 0; ; try++ {
		err := f()
		st, _ := status.FromError(err)
		if err == nil || !transient(st) || time.Since(began) > s.opt.Patience {
			return err
		}
		select {
		case <-time.After(min(100*time.Millisecond<<min(try, 6), 3*time.Second)):
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
				return cause
			}
			return err
		}
	}
}
