package spark

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Options are the options of Dial; the zero value is the default.
type Options struct {
	Token     string            // sent as bearer token
	TLS       bool              // speak TLS, and check the server's certificate
	CAFile    string            // certificates to trust instead of the system's (PEM)
	UserID    string            // "": lathe
	UserAgent string            // "": lathe
	SessionID string            // a UUID; "": a new one. Sessions with one ID share views, settings and artifacts
	Headers   map[string]string // further gRPC metadata

	Timeout  time.Duration // for the first answer of the server; 0: 30 s
	Patience time.Duration // how long a query bears a connection that cannot be set up again; 0: 2 minutes
	Stall    time.Duration // silence of a query after which the server is asked whether it lives; 0: 20 s
	Quiet    bool          // no progress bars
}

const defaultPort = "15002"

// ParseAddress reads a connection string of Spark Connect,
//
//	sc://host:port/;token=secret;use_ssl=true;user_id=ada;session_id=…
//
// and returns host:port. Further parameters become headers, as Spark's own clients do; ca_file, which names a
// file of trusted certificates, is Lathe's.
func ParseAddress(address string) (target string, o Options, err error) {
	bad := func(format string, args ...any) (string, Options, error) {
		return "", Options{}, fmt.Errorf("spark: address %q: %s; want sc://host:port/;token=…;use_ssl=true",
			address, fmt.Sprintf(format, args...))
	}
	rest, ok := strings.CutPrefix(address, "sc://")
	if !ok {
		return bad("it does not start with sc://")
	}
	hostport, params, _ := strings.Cut(rest, "/")
	if params != "" && !strings.HasPrefix(params, ";") {
		return bad("it has a path %q", params)
	}
	if target, err = hostPort(hostport); err != nil {
		return bad("%v", err)
	}
	o.Headers = map[string]string{}
	for _, p := range strings.Split(params, ";") {
		if p == "" {
			continue
		}
		k, v, ok := strings.Cut(p, "=")
		if v, err = url.PathUnescape(v); err != nil || !ok || k == "" || v == "" {
			return bad("parameter %q is not name=value", p)
		}
		if err := o.set(k, v); err != nil {
			return bad("%v", err)
		}
	}
	return target, o, nil
}

func hostPort(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, defaultPort
		if strings.Contains(s, ":") && !strings.HasSuffix(s, "]") {
			return "", err
		}
		host = strings.Trim(host, "[]")
	}
	if n, err := strconv.Atoi(port); host == "" || strings.ContainsAny(host, " @?#;,\t\r\n") || err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("host %q, port %q", host, port)
	}
	return net.JoinHostPort(host, port), nil
}

func (o *Options) set(k, v string) error {
	switch k {
	case "token":
		o.Token = v
	case "use_ssl":
		on, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("use_ssl=%s is neither true nor false", v)
		}
		o.TLS = on
	case "ca_file":
		o.CAFile = v
	case "user_id":
		o.UserID = v
	case "user_agent":
		o.UserAgent = v
	case "session_id":
		if _, err := uuid.Parse(v); err != nil {
			return fmt.Errorf("session_id %s is no UUID", v)
		}
		o.SessionID = v
	default:
		if reserved := []string{"authorization", "content-type", "te"}; slices.Contains(reserved, strings.ToLower(k)) ||
			strings.HasPrefix(strings.ToLower(k), "grpc-") {
			return fmt.Errorf("parameter %s is gRPC's own", k)
		}
		o.Headers[strings.ToLower(k)] = v
	}
	return nil
}
