package spark

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Session is a session on a Spark server: its views, settings, artifacts and running queries. Its methods may
// be called from any goroutine.
//
// Goroutines: a query starts one that tells the server which answers have arrived; it ends with the query.
type Session struct {
	*shared
	ctx      context.Context
	tags     []string
	progress func(Progress)
}

// shared is what all copies of a session have in common.
type shared struct {
	conn   *grpc.ClientConn
	client pb.SparkConnectServiceClient
	id     string
	user   *pb.UserContext
	header metadata.MD
	target string
	opt    Options

	serverSide atomic.Pointer[string] // the server's own id of the session, from its first answer
	plans      atomic.Int64
	reattached atomic.Int64
	marks      sync.Map // see Mark
	version    string
}

const clientType = "_SPARK_CONNECT_GO"

// window is how much of an answer may be on its way. Behind it a server keeps 10 MB of what it has sent, for
// clients that lose their connection (spark.connect.execute.reattachable.observerRetryBufferSize).
const window = 8 << 20

// largest is the largest message that is taken from a server.
const largest = 256 << 20

// Connect starts a session on the server at address, such as sc://localhost:15002/;token=secret. It returns
// when the server has answered, or with an error that says why it has not.
func Connect(address string) (*Session, error) {
	target, o, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	return Dial(target, o)
}

// Dial is Connect with the parts of the address as values.
func Dial(target string, o Options) (*Session, error) {
	o.fill()
	creds, err := o.credentials()
	if err != nil {
		return nil, fmt.Errorf("spark.Dial: %w", err)
	}
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(creds), grpc.WithUserAgent(o.UserAgent),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largest), grpc.MaxCallSendMsgSize(largest)),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window), grpc.WithReadBufferSize(1<<20),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
			MinConnectTimeout: o.Timeout,
		}))
	if err != nil {
		return nil, fmt.Errorf("spark.Dial: %s: %w", target, err)
	}
	c := &shared{
		conn: conn, client: pb.NewSparkConnectServiceClient(conn), id: o.SessionID, target: target, opt: o,
		user: &pb.UserContext{UserId: o.UserID, UserName: o.UserID}, header: metadata.MD{},
	}
	if o.Token != "" {
		c.header.Set("authorization", "Bearer "+o.Token)
	}
	for k, v := range o.Headers {
		c.header.Set(k, v)
	}
	s := &Session{shared: c, ctx: context.Background()}
	if c.version, err = s.greet(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("spark.Dial: %s: %w", target, err)
	}
	return s, nil
}

func (o *Options) fill() {
	if o.UserID == "" {
		o.UserID = "lathe"
	}
	if o.UserAgent == "" {
		o.UserAgent = "lathe"
	}
	if o.SessionID == "" {
		o.SessionID = uuid.NewString()
	}
	for _, d := range []struct {
		p     *time.Duration
		value time.Duration
	}{{&o.Timeout, 30 * time.Second}, {&o.Patience, 2 * time.Minute}, {&o.Stall, 20 * time.Second}} {
		if *d.p == 0 {
			*d.p = d.value
		}
	}
}

func (o *Options) credentials() (credentials.TransportCredentials, error) {
	if !o.TLS && o.CAFile != "" {
		return nil, fmt.Errorf("a file of certificates (ca_file %s) without TLS; want use_ssl=true too", o.CAFile)
	}
	if !o.TLS {
		return insecure.NewCredentials(), nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate; want a PEM file", o.CAFile)
		}
	}
	return credentials.NewTLS(cfg), nil
}

// greet asks the server for its version, which proves address, token and certificate.
func (s *Session) greet() (string, error) {
	ctx, end := s.interruptible(s.opt.Timeout)
	defer end()
	r, err := s.client.AnalyzePlan(s.outgoing(ctx), s.analysis(&pb.AnalyzePlanRequest{
		Analyze: &pb.AnalyzePlanRequest_SparkVersion_{SparkVersion: &pb.AnalyzePlanRequest_SparkVersion{}},
	}))
	if err != nil {
		return "", s.explain(ctx, err)
	}
	s.observe(r.ServerSideSessionId)
	return r.GetSparkVersion().GetVersion(), nil
}

// WithContext returns the same session whose calls end with ctx: a query that runs then is ended on the
// server too.
func (s *Session) WithContext(ctx context.Context) *Session {
	c := *s
	c.ctx = ctx
	return &c
}

// WithTags returns the same session whose queries carry tags, for InterruptTag.
func (s *Session) WithTags(tags ...string) *Session {
	c := *s
	c.tags = append(append([]string{}, s.tags...), tags...)
	return &c
}

// WithProgress returns the same session, which tells f every second or so how far a running query is. f is
// called from the goroutine that runs the query.
func (s *Session) WithProgress(f func(Progress)) *Session {
	c := *s
	c.progress = f
	return &c
}

// ID is the UUID of the session.
func (s *Session) ID() string { return s.id }

// Version is the version of Spark that the server runs.
func (s *Session) Version() string { return s.version }

// Reattached is how often queries of the session have lost their connection and gone on.
func (s *Session) Reattached() int { return int(s.reattached.Load()) }

// String names server, version and session.
func (s *Session) String() string {
	return fmt.Sprintf("Spark %s at %s, session %s", s.version, s.target, s.id)
}

// Close ends the session on the server and the connection. What is cached for the session is lost.
func (s *Session) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := s.client.ReleaseSession(s.outgoing(ctx), &pb.ReleaseSessionRequest{
		SessionId: s.id, UserContext: s.user, ClientType: proto.String(clientType),
	})
	if closing := s.conn.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("spark.Close: %w", s.explain(ctx, err))
	}
	return nil
}

func (s *Session) outgoing(ctx context.Context) context.Context {
	return metadata.NewOutgoingContext(ctx, s.header)
}

// observe keeps the server's id of the session; the server refuses later calls if it has started anew.
func (s *Session) observe(id string) {
	if id != "" {
		s.serverSide.CompareAndSwap(nil, &id)
	}
}

func (s *Session) observed() *string { return s.serverSide.Load() }

// common numbers a relation, so that columns can refer to it.
func (s *Session) common() *pb.RelationCommon {
	return &pb.RelationCommon{PlanId: proto.Int64(s.plans.Add(1))}
}

func (s *Session) analysis(r *pb.AnalyzePlanRequest) *pb.AnalyzePlanRequest {
	r.SessionId, r.UserContext, r.ClientType = s.id, s.user, proto.String(clientType)
	r.ClientObservedServerSideSessionId = s.observed()
	return r
}

func (s *Session) analyze(r *pb.AnalyzePlanRequest) (*pb.AnalyzePlanResponse, error) {
	ctx, end := s.guarded()
	defer end()
	var a *pb.AnalyzePlanResponse
	err := s.again(ctx, func() (err error) {
		a, err = s.client.AnalyzePlan(s.outgoing(ctx), s.analysis(r))
		return err
	})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	s.observe(a.ServerSideSessionId)
	return a, nil
}
