package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func Example() {
	s, err := Listen("tcp", "127.0.0.1:0", Rep, Options{
		Receive: func(p *Peer, parts [][]byte) { p.Send(parts) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	fmt.Println(s.Addr().Network())
	// Output: tcp
}

// client is the connecting side, as far as the tests need one.
type client struct {
	net.Conn
	r *bufio.Reader
	w *bufio.Writer
}

func dial(t *testing.T, s *Socket, kind, identity string) *client {
	t.Helper()
	c, err := net.Dial(s.Addr().Network(), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	k := &client{c, bufio.NewReader(c), bufio.NewWriter(c)}
	k.w.Write(greeting())
	p := appendProperty(nil, "Socket-Type", kind)
	if identity != "" {
		p = appendProperty(p, "Identity", identity)
	}
	if err := writeFrame(k.w, command, makeCommand("READY", p)); err != nil {
		t.Fatal(err)
	}
	if err := k.w.Flush(); err != nil {
		t.Fatal(err)
	}
	g := make([]byte, greetingSize)
	if _, err := io.ReadFull(k.r, g); err != nil {
		t.Fatal(err)
	}
	f, err := readFrame(k.r, maxHandshake)
	if name, _, _ := parseCommand(f.body); err != nil || name != "READY" {
		t.Fatalf("handshake ended with %q, %v", f.body, err)
	}
	return k
}

func (c *client) send(t *testing.T, parts ...string) {
	t.Helper()
	for i, p := range parts {
		flags := byte(more)
		if i == len(parts)-1 {
			flags = 0
		}
		if err := writeFrame(c.w, flags, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func (c *client) receive(t *testing.T) (parts []string) {
	t.Helper()
	for {
		f, err := readFrame(c.r, MaxMessage)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(f.body))
		if f.flags&more == 0 {
			return parts
		}
	}
}

func listen(t *testing.T, kind Kind, o Options) *Socket {
	t.Helper()
	s, err := Listen("tcp", "127.0.0.1:0", kind, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func echo(p *Peer, parts [][]byte) { p.Send(parts) }

func TestMessagesOfEveryLengthComeBack(t *testing.T) {
	c := dial(t, listen(t, Rep, Options{Receive: echo}), "REQ", "")
	for _, n := range []int{0, 1, 255, 256, 70000, 3 << 20} {
		want := []string{"", strings.Repeat("x", n), "\x04PONG"}
		c.send(t, want...)
		if got := c.receive(t); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("of a part of %d bytes %d parts came back", n, len(got))
		}
	}
}

func TestARouterKnowsItsClients(t *testing.T) {
	got := make(chan string, 2)
	s := listen(t, Router, Options{Receive: func(p *Peer, parts [][]byte) { got <- p.ID() + string(parts[0]) }})
	a, b := dial(t, s, "DEALER", "a"), dial(t, s, "DEALER", "b")
	a.send(t, "1")
	if g := <-got; g != "a1" {
		t.Errorf("got %q from a", g)
	}
	b.send(t, "2")
	if g := <-got; g != "b2" {
		t.Errorf("got %q from b", g)
	}
	if !s.Send("b", [][]byte{[]byte("for b")}) || s.Send("c", [][]byte{[]byte("for nobody")}) {
		t.Error("Send does not tell who is there")
	}
	if g := b.receive(t); g[0] != "for b" {
		t.Errorf("b got %q", g)
	}
}

func TestSubscribersGetWhatTheyAskFor(t *testing.T) {
	for name, subscribe := range map[string]func(c *client, t *testing.T){
		"by message": func(c *client, t *testing.T) { c.send(t, "\x01news") },
		"by command": func(c *client, t *testing.T) {
			if err := writeFrame(c.w, command, makeCommand("SUBSCRIBE", []byte("news"))); err != nil {
				t.Fatal(err)
			}
			c.w.Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ready := make(chan struct{})
			s := listen(t, XPub, Options{Subscribed: func(*Peer, []byte) { close(ready) }})
			c := dial(t, s, "SUB", "")
			subscribe(c, t)
			<-ready
			s.Publish([][]byte{[]byte("weather"), []byte("rain")})
			s.Publish([][]byte{[]byte("news.1"), []byte("x")})
			if g := c.receive(t); g[0] != "news.1" {
				t.Errorf("got %q", g)
			}
		})
	}
}

func TestSilentPeersHoldUpNobody(t *testing.T) {
	s := listen(t, Rep, Options{Receive: echo})
	for range 20 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	c := dial(t, s, "REQ", "")
	c.send(t, "", "x")
	c.receive(t)
}

// A subscriber that stops reading loses messages; the others lose none.
func TestAStalledSubscriberHoldsUpNobody(t *testing.T) {
	subscribed := make(chan struct{}, 2)
	s := listen(t, XPub, Options{Subscribed: func(*Peer, []byte) { subscribed <- struct{}{} }})
	stalled, good := dial(t, s, "SUB", ""), dial(t, s, "SUB", "")
	stalled.send(t, "\x01")
	good.send(t, "\x01")
	<-subscribed
	<-subscribed
	const n = 80
	body := bytes.Repeat([]byte("x"), 1<<20)
	go func() {
		for i := range n {
			s.Publish([][]byte{[]byte("t"), binary.BigEndian.AppendUint32(nil, uint32(i)), body})
		}
	}()
	for i := range n {
		if g := good.receive(t); binary.BigEndian.Uint32([]byte(g[1])) != uint32(i) {
			t.Fatalf("message %d came as number %d", binary.BigEndian.Uint32([]byte(g[1])), i)
		}
	}
}

func TestPingIsAnswered(t *testing.T) {
	c := dial(t, listen(t, Router, Options{}), "DEALER", "")
	if err := writeFrame(c.w, command, makeCommand("PING", []byte("\x00\x10context"))); err != nil {
		t.Fatal(err)
	}
	c.w.Flush()
	if g := c.receive(t); g[0] != "\x04PONGcontext" {
		t.Errorf("got %q", g)
	}
}

// What is no ZMTP, and what claims too much, ends the connection and nothing else.
func TestNonsenseEndsItsConnection(t *testing.T) {
	ready := appendProperty(nil, "Socket-Type", "DEALER")
	frame := func(flags byte, body []byte) []byte {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		_ = writeFrame(w, flags, body) // into memory
		w.Flush()
		return b.Bytes()
	}
	hello := append(greeting(), frame(command, makeCommand("READY", ready))...)
	huge := binary.BigEndian.AppendUint64([]byte{long}, 1<<62)
	s := listen(t, Router, Options{Receive: echo})
	for name, bytes := range map[string][]byte{
		"HTTP":                 []byte("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: a\r\n\r\n"),
		"an old version":       append(append([]byte{}, greeting()[:10]...), make([]byte, 54)...),
		"a huge handshake":     append(greeting(), binary.BigEndian.AppendUint64([]byte{long | command}, 1<<62)...),
		"a message too early":  append(greeting(), frame(0, []byte("x"))...),
		"a wrong kind":         append(greeting(), frame(command, makeCommand("READY", appendProperty(nil, "Socket-Type", "SUB")))...),
		"no kind":              append(greeting(), frame(command, makeCommand("READY", nil))...),
		"false metadata":       append(greeting(), frame(command, makeCommand("READY", []byte("\x20Socket")))...),
		"a huge frame":         append(append([]byte{}, hello...), huge...),
		"unknown flags":        append(append([]byte{}, hello...), 0xf0, 0),
		"a nameless command":   append(append([]byte{}, hello...), frame(command, nil)...),
		"a short ping":         append(append([]byte{}, hello...), frame(command, makeCommand("PING", nil))...),
		"more parts than fit":  append(append([]byte{}, hello...), repeat(frame(more, nil), maxParts+1)...),
		"an error of the peer": append(append([]byte{}, hello...), frame(command, makeCommand("ERROR", []byte("no")))...),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(bytes); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("the connection stays open: %v", err)
			}
		})
	}
	c := dial(t, s, "DEALER", "")
	c.send(t, "x")
	c.receive(t)
}

func repeat(b []byte, n int) []byte { return bytes.Repeat(b, n) }

func TestCloseSendsWhatIsQueued(t *testing.T) {
	got := make(chan *Peer, 1)
	s := listen(t, Router, Options{Receive: func(p *Peer, _ [][]byte) { got <- p }})
	c := dial(t, s, "DEALER", "")
	c.send(t, "x")
	p := <-got
	for range 100 {
		p.Send([][]byte{make([]byte, 10000)})
	}
	s.Close()
	for range 100 {
		c.receive(t)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x01x"))
	f.Add([]byte("\x01\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01x"))
	f.Add([]byte("\x04\x06\x05READY"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bufio.NewReader(bytes.NewReader(data))
		for {
			frame, err := readFrame(r, 1<<16)
			if err != nil {
				return
			}
			if _, rest, err := parseCommand(frame.body); err == nil {
				_, _ = parseProperties(rest) // must not panic
			}
		}
	})
}
