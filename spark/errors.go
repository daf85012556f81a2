package spark

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Error is what Spark says of a plan or command that it refuses or that has failed.
type Error struct {
	Class      string            // Spark's error class, such as TABLE_OR_VIEW_NOT_FOUND; "" when it has none
	State      string            // SQLSTATE, such as 42P01
	Message    string            // in full
	Parameters map[string]string // of the message
	Types      []string          // class names of the exception, the most special first
	Context    []string          // the pieces of the query that it names
	Causes     []string          // messages of the exceptions behind it
	Stack      []string          // frames of the server, where it sends them (spark.sql.connect.serverStacktrace.enabled)
	Code       codes.Code        // of gRPC
}

// Error returns Spark's message, its causes when they say more, and the error class.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(e.Message))
	if e.Class != "" && !strings.Contains(e.Message, e.Class) {
		fmt.Fprintf(&b, " [%s]", e.Class)
	}
	for _, c := range e.Causes {
		if c = strings.TrimSpace(c); c != "" && !strings.Contains(b.String(), c) {
			b.WriteString("\ncaused by: " + c)
		}
	}
	return b.String()
}

// ErrorClass returns Spark's error class of err, or "".
func ErrorClass(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

// explain makes an error of gRPC one that says what to do, with Spark's details where there are any.
func (s *Session) explain(ctx context.Context, err error) error {
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	info := errorInfo(st)
	if info == nil {
		return s.plain(ctx, st)
	}
	e := &Error{Message: st.Message(), Code: st.Code(), Class: info.Metadata["errorClass"], State: info.Metadata["sqlState"]}
	// both are JSON texts that the server cut to fit; the details come whole with FetchErrorDetails
	_ = json.Unmarshal([]byte(info.Metadata["messageParameters"]), &e.Parameters)
	_ = json.Unmarshal([]byte(info.Metadata["classes"]), &e.Types)
	if id := info.Metadata["errorId"]; id != "" {
		s.details(id, e)
	}
	return e
}

func errorInfo(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if i, ok := d.(*errdetails.ErrorInfo); ok {
			return i
		}
	}
	return nil
}

// plain explains an error that Spark itself did not send.
func (s *Session) plain(ctx context.Context, st *status.Status) error {
	e := &Error{Message: st.Message(), Code: st.Code()}
	if d, ok := ctx.Deadline(); ok && s.version == "" && e.Code == codes.Unavailable && !time.Now().Before(d) {
		e.Code = codes.DeadlineExceeded // an attempt to connect that gives up in the same moment
	}
	switch e.Code {
	case codes.Canceled:
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
	case codes.DeadlineExceeded:
		e.Message = fmt.Sprintf("no answer in time (%s)", first(st.Message()))
		if s.version == "" {
			e.Message += "; is a Spark Connect server listening there, and is use_ssl right?"
		}
	case codes.Unauthenticated:
		e.Message = "the server refuses the token: " + st.Message() + "; give it in the address, ;token=…"
	case codes.Unavailable:
		e.Message = s.unavailable(st.Message())
	case codes.Unimplemented:
		if strings.Contains(e.Message, "unexpected HTTP status code") {
			e.Message = "what listens there is no Spark Connect server: " + first(st.Message())
		}
	}
	return e
}

func first(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (s *Session) unavailable(m string) string {
	switch {
	case strings.Contains(m, "connection refused"):
		return "nothing listens there (connection refused); start a server, for example with lathe spark up"
	case strings.Contains(m, "x509: certificate is ") || strings.Contains(m, "x509: cannot validate certificate for"):
		return "the server's certificate is for other names: " + m + "; connect by a name that it has"
	case strings.Contains(m, "certificate has expired"):
		return "the server's certificate is out of date: " + m + "; renew it"
	case strings.Contains(m, "x509") || strings.Contains(m, "certificate"):
		return "the server's certificate is not trusted: " + m + "; name the authority with ;ca_file=…"
	case strings.Contains(m, "handshake") && s.opt.TLS:
		return "no TLS with this server: " + m + "; without ;use_ssl=true the connection is plain"
	case strings.Contains(m, "error reading server preface") || strings.Contains(m, "frame too large") ||
		strings.Contains(m, "connection closed before server preface"),
		s.version == "" && (strings.Contains(m, "broken pipe") || strings.Contains(m, "connection reset")): // it hung up at once
		return "what listens there is no Spark Connect server, or wants TLS (;use_ssl=true): " + m
	}
	return "the server cannot be reached: " + m
}

// details completes e with what the server keeps of error id. Without an answer e stays as it is: the
// details are an addition.
func (s *Session) details(id string, e *Error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := s.client.FetchErrorDetails(s.outgoing(ctx), &pb.FetchErrorDetailsRequest{
		SessionId: s.id, UserContext: s.user, ErrorId: id, ClientType: proto.String(clientType),
		ClientObservedServerSideSessionId: s.observed(),
	})
	if err != nil || r.RootErrorIdx == nil || int(*r.RootErrorIdx) >= len(r.Errors) || *r.RootErrorIdx < 0 {
		return
	}
	at := r.Errors[*r.RootErrorIdx]
	e.fill(at)
	for range r.Errors {
		if at.CauseIdx == nil || *at.CauseIdx < 0 || int(*at.CauseIdx) >= len(r.Errors) {
			break
		}
		at = r.Errors[*at.CauseIdx]
		kind := ""
		if len(at.ErrorTypeHierarchy) > 0 {
			kind = at.ErrorTypeHierarchy[0] + ": "
		}
		e.Causes = append(e.Causes, kind+at.Message)
	}
}

func (e *Error) fill(d *pb.FetchErrorDetailsResponse_Error) {
	if d.Message != "" {
		e.Message = d.Message
	}
	e.Types = d.ErrorTypeHierarchy
	for _, f := range d.StackTrace {
		e.Stack = append(e.Stack, fmt.Sprintf("%s.%s (%s:%d)", f.DeclaringClass, f.MethodName, f.GetFileName(), f.LineNumber))
	}
	t := d.SparkThrowable
	if t == nil {
		return
	}
	e.Class, e.Parameters = t.GetErrorClass(), t.MessageParameters
	if t.SqlState != nil {
		e.State = *t.SqlState
	}
	for _, q := range t.QueryContexts {
		if q.Fragment != "" {
			e.Context = append(e.Context, q.Fragment)
		}
	}
}
