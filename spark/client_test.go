package spark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/lathe-ml/lathe/eager"
	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// fake is a Spark Connect server whose every query has the rows 0 … 199 in batches of ten.
type fake struct {
	pb.UnimplementedSparkConnectServiceServer
	mu          sync.Mutex
	executed    int
	reattached  int
	interrupted int
	known       map[string]bool
	lose        bool // the first message of the next query is lost
	silent      bool // queries stall after the first answer, and other calls are not answered
}

const fakeBatches = 20

func (f *fake) AnalyzePlan(ctx context.Context, r *pb.AnalyzePlanRequest) (*pb.AnalyzePlanResponse, error) {
	if m, _ := metadata.FromIncomingContext(ctx); len(m.Get("authorization")) != 1 || m.Get("authorization")[0] != "Bearer secret" {
		return nil, status.Error(codes.Unauthenticated, "Invalid authentication token")
	}
	f.mu.Lock()
	silent := f.silent
	f.mu.Unlock()
	if silent {
		<-ctx.Done()
	}
	return &pb.AnalyzePlanResponse{ServerSideSessionId: "server", Result: &pb.AnalyzePlanResponse_SparkVersion_{
		SparkVersion: &pb.AnalyzePlanResponse_SparkVersion{Version: "4.3.0"},
	}}, nil
}

func (f *fake) Config(ctx context.Context, _ *pb.ConfigRequest) (*pb.ConfigResponse, error) {
	f.mu.Lock()
	silent := f.silent
	f.mu.Unlock()
	if silent {
		<-ctx.Done()
	}
	return &pb.ConfigResponse{}, ctx.Err()
}

func (f *fake) ReleaseExecute(context.Context, *pb.ReleaseExecuteRequest) (*pb.ReleaseExecuteResponse, error) {
	return &pb.ReleaseExecuteResponse{}, nil
}

func (f *fake) ReleaseSession(context.Context, *pb.ReleaseSessionRequest) (*pb.ReleaseSessionResponse, error) {
	return &pb.ReleaseSessionResponse{}, nil
}

func (f *fake) Interrupt(context.Context, *pb.InterruptRequest) (*pb.InterruptResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.interrupted++
	return &pb.InterruptResponse{}, nil
}

func (f *fake) ExecutePlan(r *pb.ExecutePlanRequest, s grpc.ServerStreamingServer[pb.ExecutePlanResponse]) error {
	f.mu.Lock()
	f.executed++
	lose := f.lose
	f.lose = false
	f.known[r.GetOperationId()] = !lose
	f.mu.Unlock()
	if lose {
		return status.Error(codes.Unavailable, "the connection is gone")
	}
	return f.send(0, s)
}

func (f *fake) ReattachExecute(r *pb.ReattachExecuteRequest, s grpc.ServerStreamingServer[pb.ExecutePlanResponse]) error {
	f.mu.Lock()
	f.reattached++
	known := f.known[r.OperationId]
	f.mu.Unlock()
	if !known {
		return status.Error(codes.Internal, "[INVALID_HANDLE.OPERATION_NOT_FOUND] no such operation")
	}
	at := 0
	if r.LastResponseId != nil {
		fmt.Sscan(*r.LastResponseId, &at)
		at++
	}
	return f.send(at, s)
}

func (f *fake) send(from int, s grpc.ServerStreamingServer[pb.ExecutePlanResponse]) error {
	for i := from; i < fakeBatches; i++ {
		var x []int
		for k := range 10 {
			x = append(x, i*10+k)
		}
		b, err := BatchOfTensors([]string{"x"}, eager.FromInts(x, len(x)))
		if err != nil {
			return err
		}
		data, err := encode(b)
		if err != nil {
			return err
		}
		start := int64(i * 10)
		if err := s.Send(&pb.ExecutePlanResponse{ResponseId: fmt.Sprint(i), ResponseType: &pb.ExecutePlanResponse_ArrowBatch_{
			ArrowBatch: &pb.ExecutePlanResponse_ArrowBatch{RowCount: 10, Data: data, StartOffset: &start},
		}}); err != nil {
			return err
		}
		f.mu.Lock()
		silent := f.silent
		f.mu.Unlock()
		if silent {
			<-s.Context().Done()
			return s.Context().Err()
		}
	}
	return s.Send(&pb.ExecutePlanResponse{ResponseId: fmt.Sprint(fakeBatches), ResponseType: &pb.ExecutePlanResponse_ResultComplete_{
		ResultComplete: &pb.ExecutePlanResponse_ResultComplete{},
	}})
}

func serve(t *testing.T) (*fake, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{known: map[string]bool{}}
	g := grpc.NewServer()
	pb.RegisterSparkConnectServiceServer(g, f)
	go g.Serve(ln)
	t.Cleanup(g.Stop)
	return f, ln.Addr().String()
}

// cutter is a proxy that cuts each connection after some bytes from the server, a few times.
type cutter struct {
	net.Listener
	mu   sync.Mutex
	cuts int // that are left
}

func cut(t *testing.T, server string, after int64, cuts int) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: ln, cuts: cuts}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			a, err := ln.Accept()
			if err != nil {
				return
			}
			go c.pass(a, server, after)
		}
	}()
	return c
}

func (c *cutter) pass(a net.Conn, server string, after int64) {
	defer a.Close()
	b, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer b.Close()
	go io.Copy(b, a)
	if _, err := io.CopyN(a, b, after); err != nil {
		return
	}
	c.mu.Lock()
	left := c.cuts
	c.cuts--
	c.mu.Unlock()
	if left > 0 {
		return
	}
	_, _ = io.Copy(a, b) // the connection that may live
}

func dialTest(t *testing.T, target string, o Options) *Session {
	t.Helper()
	o.Token = "secret"
	s, err := Dial(target, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func wantAll(t *testing.T, d *DataFrame) {
	t.Helper()
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	x := table.Column("x").Ints
	if len(x) != 10*fakeBatches {
		t.Fatalf("%d rows, want %d", len(x), 10*fakeBatches)
	}
	for i, v := range x {
		if v != int64(i) {
			t.Fatalf("row %d is %d", i, v)
		}
	}
}

func TestAQuerySurvivesCutConnections(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, cut(t, address, 3000, 5).Addr().String(), Options{})
	wantAll(t, s.Range(0, 1, 1))
	if f.executed != 1 || f.reattached == 0 {
		t.Errorf("the query was sent %d times and attached to again %d times; want 1 and more than 0", f.executed, f.reattached)
	}
}

func TestALostFirstMessageIsSentAgain(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, address, Options{})
	f.lose = true
	wantAll(t, s.Range(0, 1, 1))
	if f.executed != 2 {
		t.Errorf("the query was sent %d times, want 2", f.executed)
	}
}

func TestAStalledServerIsAnErrorWithinPatience(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, address, Options{Stall: 50 * time.Millisecond, Patience: 100 * time.Millisecond})
	f.mu.Lock()
	f.silent = true
	f.mu.Unlock()
	_, err := s.Range(0, 1, 1).Table()
	if err == nil || !strings.Contains(err.Error(), "no sign of life") {
		t.Errorf("error %v; want one about a silent server", err)
	}
}

func TestTheEndOfAContextEndsTheQuery(t *testing.T) {
	f, address := serve(t)
	s := dialTest(t, address, Options{})
	f.mu.Lock()
	f.silent = true
	f.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := s.WithContext(ctx).Range(0, 1, 1).Table()
	if !errors.Is(err, context.Canceled) || f.interrupted != 1 {
		t.Errorf("error %v, %d interrupts; want context.Canceled and 1", err, f.interrupted)
	}
}

func TestConnectSaysWhyItCannot(t *testing.T) {
	_, address := serve(t)
	stranger, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	go func() {
		for {
			c, err := stranger.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("220 mail.example.org ESMTP\r\n"))
			c.Close()
		}
	}()
	for _, c := range []struct{ name, target, want string }{
		{"a wrong token", address + "/;token=wrong", "refuses the token"},
		{"TLS to a plain server", address + "/;token=secret;use_ssl=true", "no TLS with this server"},
		{"nobody there", "127.0.0.1:1", "connection refused"},
		{"another protocol", stranger.Addr().String(), "no Spark Connect server"},
		{"silence", mute.Addr().String(), "no answer in time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			target, o, err := ParseAddress("sc://" + c.target)
			if err != nil {
				t.Fatal(err)
			}
			o.Timeout = 2 * time.Second
			if c.name == "silence" {
				o.Timeout = 300 * time.Millisecond
			}
			if _, err := Dial(target, o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want %q in it", err, c.want)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	target, o, err := ParseAddress("sc://host/;token=a%20b;use_ssl=true;user_id=ada;X-Extra=1")
	if err != nil || target != "host:15002" || o.Token != "a b" || !o.TLS || o.UserID != "ada" || o.Headers["x-extra"] != "1" {
		t.Errorf("%q %+v %v", target, o, err)
	}
	for _, bad := range []string{
		"host", "http://host", "sc://", "sc://host:0", "sc://host:x", "sc://host/path", "sc://host/;token",
		"sc://a b", "sc://user@host", "sc://host;token=x/", "sc://host/;use_ssl=perhaps", "sc://host/;session_id=1", "sc://a:b:c", "sc://host/;authorization=x",
	} {
		if _, _, err := ParseAddress(bad); err == nil || !strings.Contains(err.Error(), "want sc://host:port") {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}

func TestMistakesInAPlanComeBackFromTheQuery(t *testing.T) {
	_, address := serve(t)
	s, other := dialTest(t, address, Options{}), dialTest(t, address, Options{})
	d := s.Range(0, 1, 1)
	for _, c := range []struct {
		name, want string
		d          *DataFrame
	}{
		{"a constant without a type in SQL", "is no value of SQL", d.Filter(Lit(struct{}{}))},
		{"a join of no kind", "how is", d.Join(d, "id", "sideways")},
		{"two sessions", "two sessions", d.Union(other.Range(0, 1, 1))},
		{"Otherwise without When", "follows functions.When", d.Select(Col("id").Otherwise(1))},
		{"an empty column", "without an expression", d.Select(Column{}.Add(1))},
		{"a sample above 1", "0 ≤ fraction ≤ 1", d.Sample(2, 0)},
	} {
		if _, err := c.d.OrderBy("id").Collect(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
}
