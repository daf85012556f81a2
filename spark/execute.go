package spark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// answers is a stream of a running query.
type answers = grpc.ServerStreamingClient[pb.ExecutePlanResponse]

// execution is one query, which outlives the streams that bring its answers: the server keeps it, and after
// a cut the client attaches to it again behind the last answer that it has.
//
// Goroutines: receive runs one for each stream, which ends with it; release runs one until finish.
type execution struct {
	s    *Session
	plan *pb.Plan
	id   string
	on   func(*pb.ExecutePlanResponse) error

	last     string    // id of the last answer that was handled
	progress time.Time // of the last answer, or of the last proof that the server lives
	tries    int       // to get a stream, since the last answer
	free     chan string
	bar      *bar
}

// execute runs a plan and hands its answers to on, each once and in order.
func (s *Session) execute(plan *pb.Plan, on func(*pb.ExecutePlanResponse) error) error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	defer watch(cancel)()
	x := &execution{s: s, plan: plan, id: uuid.NewString(), on: on, progress: time.Now(), free: make(chan string, 1)}
	x.bar = newBar(s)
	defer x.bar.end()
	go x.release()
	defer close(x.free)
	for {
		err := x.attach(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			x.interrupt()
			return context.Cause(ctx)
		case errors.Is(err, io.EOF): // the server ends long streams by design
		case !x.lost(err):
			return s.explain(ctx, err)
		default:
			if err := x.pause(ctx, err); err != nil {
				return err
			}
		}
		s.reattached.Add(1)
	}
}

// handled is an error of the caller's function, which no new stream mends.
type handled struct{ error }

// attach opens a stream and reads it to its end; nil means that the query is complete.
func (x *execution) attach(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	st, err := x.open(ctx)
	if err != nil {
		return err
	}
	type answer struct {
		r   *pb.ExecutePlanResponse
		err error
	}
	next := make(chan answer)
	go func() {
		for {
			r, err := st.Recv()
			select {
			case next <- answer{r, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	stall := time.NewTimer(x.s.opt.Stall)
	defer stall.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stall.C:
			if err := x.probe(ctx); err != nil {
				return err
			}
		case a := <-next:
			if a.err != nil {
				return a.err
			}
			x.progress, x.tries = time.Now(), 0
			if done, err := x.take(a.r); done || err != nil {
				return err
			}
		}
		stall.Reset(x.s.opt.Stall)
	}
}

// open asks for the query, or for the rest of it.
func (x *execution) open(ctx context.Context) (answers, error) {
	s := x.s
	ctx = s.outgoing(ctx)
	if x.last == "" && x.tries == 0 {
		return s.client.ExecutePlan(ctx, x.request())
	}
	r := &pb.ReattachExecuteRequest{
		SessionId: s.id, UserContext: s.user, OperationId: x.id, ClientType: proto.String(clientType),
		ClientObservedServerSideSessionId: s.observed(),
	}
	if x.last != "" {
		r.LastResponseId = &x.last
	}
	return s.client.ReattachExecute(ctx, r)
}

func (x *execution) request() *pb.ExecutePlanRequest {
	s := x.s
	return &pb.ExecutePlanRequest{
		SessionId: s.id, UserContext: s.user, OperationId: &x.id, Plan: x.plan, Tags: s.tags,
		ClientType: proto.String(clientType), ClientObservedServerSideSessionId: s.observed(),
		RequestOptions: []*pb.ExecutePlanRequest_RequestOption{{
			RequestOption: &pb.ExecutePlanRequest_RequestOption_ReattachOptions{
				ReattachOptions: &pb.ReattachOptions{Reattachable: true},
			},
		}},
	}
}

// take handles one answer.
func (x *execution) take(r *pb.ExecutePlanResponse) (done bool, err error) {
	x.s.observe(r.ServerSideSessionId)
	x.last = r.ResponseId
	if r.GetResultComplete() != nil {
		return true, nil
	}
	if p := r.GetExecutionProgress(); p != nil {
		now := progressOf(p)
		x.bar.set(now)
		if x.s.progress != nil {
			x.s.progress(now)
		}
	} else if err := x.on(r); err != nil {
		x.interrupt()
		return false, handled{err}
	}
	select { // an id that the server has not been told yet is replaced
	case <-x.free:
	default:
	}
	x.free <- x.last
	return false, nil
}

// probe asks a server that has long been silent whether it lives.
func (x *execution) probe(ctx context.Context) error {
	if err := x.s.probe(ctx, x.progress); err != nil {
		return err
	}
	x.progress = time.Now()
	return nil
}

// lost says whether err means that the connection, not the query, has failed.
func (x *execution) lost(err error) bool {
	var h handled
	if errors.As(err, &h) {
		return false
	}
	st, _ := status.FromError(err)
	if transient(st) {
		return true
	}
	// the server does not know a query whose first message never reached it
	if x.last == "" && x.tries > 0 && strings.Contains(st.Message(), "INVALID_HANDLE.OPERATION_NOT_FOUND") {
		x.id, x.tries = uuid.NewString(), -1
		return true
	}
	return false
}

func transient(st *status.Status) bool {
	switch st.Code() {
	case codes.Unavailable:
		return true
	case codes.Internal, codes.Unknown:
		for _, m := range []string{"RST_STREAM", "unexpected EOF", "server closed the stream", "INVALID_CURSOR.DISCONNECTED"} {
			if strings.Contains(st.Message(), m) {
				return errorInfo(st) == nil || strings.Contains(m, "INVALID_CURSOR")
			}
		}
	}
	return false
}

// pause waits before the next try, longer each time, until patience ends.
func (x *execution) pause(ctx context.Context, err error) error {
	x.tries++
	if gone := time.Since(x.progress); gone > x.s.opt.Patience {
		return fmt.Errorf("spark: the connection was lost and could not be set up again for %v: %w",
			gone.Round(time.Second), x.s.explain(ctx, err))
	}
	d := min(50*time.Millisecond<<min(x.tries, 6), 3*time.Second)
	select {
	case <-time.After(d/2 + rand.N(d/2+1)):
		return nil
	case <-ctx.Done():
		x.interrupt()
		return context.Cause(ctx)
	}
}

// interrupt ends the query on the server; one that has ended already is no mistake.
func (x *execution) interrupt() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = x.s.client.Interrupt(x.s.outgoing(ctx), x.s.interruption(&pb.InterruptRequest{
		InterruptType: pb.InterruptRequest_INTERRUPT_TYPE_OPERATION_ID,
		Interrupt:     &pb.InterruptRequest_OperationId{OperationId: x.id},
	}))
}

// release tells the server which answers it need not keep, and at the end that it may forget the query.
// Should it not hear so, it forgets by itself.
func (x *execution) release() {
	s := x.s
	call := func(r *pb.ReleaseExecuteRequest) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		r.SessionId, r.UserContext, r.ClientType, r.OperationId = s.id, s.user, proto.String(clientType), x.id
		r.ClientObservedServerSideSessionId = s.observed()
		_, _ = s.client.ReleaseExecute(s.outgoing(ctx), r)
	}
	for id := range x.free {
		call(&pb.ReleaseExecuteRequest{Release: &pb.ReleaseExecuteRequest_ReleaseUntil_{
			ReleaseUntil: &pb.ReleaseExecuteRequest_ReleaseUntil{ResponseId: id},
		}})
	}
	call(&pb.ReleaseExecuteRequest{Release: &pb.ReleaseExecuteRequest_ReleaseAll_{
		ReleaseAll: &pb.ReleaseExecuteRequest_ReleaseAll{},
	}})
}
