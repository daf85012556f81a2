package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"

	"github.com/lathe-ml/lathe/kernel/jupyter/zmtp"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// Connection is the content of a connection file.
type Connection struct {
	Transport string `json:"transport"` // "tcp" or "ipc"
	IP        string `json:"ip"`        // for ipc: the beginning of the sockets' paths
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"`
	Scheme    string `json:"signature_scheme"`
}

// Link is the kernel's end of a connection to Jupyter clients.
//
// Goroutines: those of its sockets, which Close ends. Messages of all clients meet in requests.
type Link struct {
	requests chan *wire.Message
	done     chan struct{}
	close    sync.Once
	sockets  map[string]*zmtp.Socket // by channel
	beat     *zmtp.Socket
	paths    []string   // unix sockets to remove
	opening  sync.Mutex // guards sign.open
	sign     *signer
}

// Open binds the sockets that a connection file names.
func Open(file string) (*Link, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("jupyter: connection file: %w", err)
	}
	var c Connection
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("jupyter: connection file %s: %w", file, err)
	}
	l, err := Bind(c)
	if err != nil {
		return nil, fmt.Errorf("jupyter: connection file %s: %w", file, err)
	}
	return l, nil
}

// Bind binds the sockets of c.
func Bind(c Connection) (*Link, error) {
	sign, err := newSigner(c.Scheme, c.Key)
	if err != nil {
		return nil, err
	}
	l := &Link{
		requests: make(chan *wire.Message), done: make(chan struct{}),
		sockets: map[string]*zmtp.Socket{}, sign: sign,
	}
	for _, s := range []struct {
		channel string
		port    int
		kind    zmtp.Kind
	}{
		{wire.Shell, c.Shell, zmtp.Router},
		{wire.Control, c.Control, zmtp.Router},
		{wire.Stdin, c.Stdin, zmtp.Router},
		{wire.IOPub, c.IOPub, zmtp.XPub},
		{"heartbeat", c.Heartbeat, zmtp.Rep},
	} {
		network, address, err := c.address(s.port)
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("%s: %w", s.channel, err)
		}
		socket, err := zmtp.Listen(network, address, s.kind, l.options(s.channel))
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("%s: %w", s.channel, err)
		}
		if network == "unix" {
			l.paths = append(l.paths, address)
		}
		if s.kind == zmtp.Rep {
			l.beat = socket
			continue
		}
		l.sockets[s.channel] = socket
	}
	l.announce("starting", nil)
	return l, nil
}

func (c Connection) address(port int) (network, address string, err error) {
	if port < 1 || port > 65535 {
		return "", "", fmt.Errorf("port %d; want 1 to 65535", port)
	}
	switch c.Transport {
	case "tcp", "":
		return "tcp", net.JoinHostPort(c.IP, strconv.Itoa(port)), nil
	case "ipc":
		return "unix", c.IP + "-" + strconv.Itoa(port), nil
	}
	return "", "", fmt.Errorf("transport %q; want tcp or ipc", c.Transport)
}

func (l *Link) options(channel string) zmtp.Options {
	o := zmtp.Options{Log: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "jupyter: "+format+"\n", args...)
	}}
	switch channel {
	case "heartbeat":
		o.Receive = func(p *zmtp.Peer, parts [][]byte) { p.Send(parts) }
	case wire.IOPub:
		o.Subscribed = l.welcome
	default:
		o.Receive = func(p *zmtp.Peer, parts [][]byte) { l.receive(channel, p, parts) }
	}
	return o
}

// receive takes a message of a client; what is not signed rightly is dropped with a note.
func (l *Link) receive(channel string, p *zmtp.Peer, parts [][]byte) {
	l.opening.Lock()
	m, err := l.sign.open(channel, parts)
	l.opening.Unlock()
	if err != nil {
		fmt.Fprintf(os.Stderr, "jupyter: a message on %s was refused: %v\n", channel, err)
		return
	}
	m.Route = append([][]byte{[]byte(p.ID())}, m.Route...)
	select {
	case l.requests <- m:
	case <-l.done:
	}
}

// welcome tells a new subscriber that it gets everything from here on (JEP 65).
func (l *Link) welcome(p *zmtp.Peer, topic []byte) {
	parts, err := l.message("iopub_welcome", map[string]string{"subscription": string(topic)})
	if err == nil {
		p.Send(append([][]byte{topic}, parts...))
	}
}

// announce publishes the state of the kernel process itself.
func (l *Link) announce(state string, parent *wire.Header) {
	m, err := wire.New(wire.IOPub, "status", parent, wire.Status{State: state})
	if err == nil {
		_ = l.Write(m) // a client that is not there yet asks with kernel_info_request
	}
}

func (l *Link) message(msgType string, content any) ([][]byte, error) {
	m, err := wire.New(wire.IOPub, msgType, nil, content)
	if err != nil {
		return nil, err
	}
	return l.sign.seal(m)
}

// Read returns the next request of any client, or io.EOF after Close.
func (l *Link) Read() (*wire.Message, error) {
	select {
	case m := <-l.requests:
		return m, nil
	case <-l.done:
		return nil, io.EOF
	}
}

// Write sends m: on iopub to every subscriber, otherwise to the client that m.Route names. A client
// that has gone misses it.
func (l *Link) Write(m *wire.Message) error {
	parts, err := l.sign.seal(m)
	if err != nil {
		return err
	}
	s := l.sockets[m.Channel]
	if s == nil {
		return fmt.Errorf("jupyter: %s has no channel %q", m.Header.Type, m.Channel)
	}
	if m.Channel == wire.IOPub {
		s.Publish(append([][]byte{[]byte("kernel." + m.Header.Session + "." + m.Header.Type)}, parts...))
		return nil
	}
	if len(m.Route) == 0 {
		return fmt.Errorf("jupyter: %s on %s does not say to whom", m.Header.Type, m.Channel)
	}
	s.Send(string(m.Route[0]), append(m.Route[1:len(m.Route):len(m.Route)], parts...))
	return nil
}

// Close ends the sockets; what is on its way to clients that read is still sent.
func (l *Link) Close() error {
	var errs []error
	l.close.Do(func() {
		close(l.done)
		for _, s := range l.sockets {
			errs = append(errs, s.Close())
		}
		if l.beat != nil {
			errs = append(errs, l.beat.Close())
		}
		for _, path := range l.paths {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	})
	return errors.Join(errs...)
}
