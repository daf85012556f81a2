package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
)

// MaxFrame is the largest frame that a Conn sends or accepts, in bytes. A larger claim closes the
// connection before anything is allocated for it.
const MaxFrame = 256 << 20

// Conn carries messages over a stream. Read belongs to one goroutine; Write may be called by any.
type Conn struct {
	sock net.Conn
	in   *bufio.Reader
	mu   sync.Mutex // one frame at a time on sock
}

// NewConn returns a Conn over an established connection.
func NewConn(c net.Conn) *Conn {
	return &Conn{sock: c, in: bufio.NewReaderSize(c, 64<<10)}
}

// Close closes the underlying connection; a blocked Read or Write returns.
func (c *Conn) Close() error { return c.sock.Close() }

// Write sends m as one frame.
func (c *Conn) Write(m *Message) error {
	frame, err := Encode(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.sock.Write(frame); err != nil {
		return fmt.Errorf("wire: write %s: %w", m.Header.Type, err)
	}
	return nil
}

// Read returns the next message. It returns io.EOF when the peer closed between two frames.
func (c *Conn) Read() (*Message, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		if err == io.EOF {
			return nil, err
		}
		return nil, fmt.Errorf("wire: read frame length: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > MaxFrame {
		return nil, fmt.Errorf("wire: frame of %d bytes; the limit is %d", n, MaxFrame)
	}
	body, err := readN(c.in, int(n))
	if err != nil {
		return nil, fmt.Errorf("wire: read frame of %d bytes: %w", n, err)
	}
	return Decode(body)
}

// readN reads n bytes in steps, so that a false length costs what was sent and not what was claimed.
func readN(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	buf := make([]byte, 0, min(n, step))
	for len(buf) < n {
		k := min(n-len(buf), step)
		buf = append(buf, make([]byte, k)...)
		if _, err := io.ReadFull(r, buf[len(buf)-k:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return buf, nil
}

// Encode returns m as a frame, its length prefix included.
func Encode(m *Message) ([]byte, error) {
	if m.Metadata == nil || m.Content == nil {
		c := *m
		if c.Metadata == nil {
			c.Metadata = map[string]any{}
		}
		if c.Content == nil {
			c.Content = json.RawMessage("{}")
		}
		m = &c
	}
	head, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("wire: encode %s: %w", m.Header.Type, err)
	}
	size := 4 + len(head)
	for _, b := range m.Buffers {
		size += 4 + len(b)
	}
	if size > MaxFrame {
		return nil, fmt.Errorf("wire: %s has %d bytes; the limit is %d", m.Header.Type, size, MaxFrame)
	}
	out := make([]byte, 0, 4+size)
	out = binary.BigEndian.AppendUint32(out, uint32(size))
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	for _, b := range m.Buffers {
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		out = append(out, b...)
	}
	return out, nil
}

// Decode returns the message in a frame without its length prefix. The buffers share memory with
// frame.
func Decode(frame []byte) (*Message, error) {
	head, rest, err := chunk(frame)
	if err != nil {
		return nil, fmt.Errorf("wire: header: %w", err)
	}
	m := new(Message)
	if err := json.Unmarshal(head, m); err != nil {
		return nil, fmt.Errorf("wire: header of %d bytes: %w", len(head), err)
	}
	if m.Header.Type == "" {
		return nil, fmt.Errorf("wire: message without msg_type")
	}
	if m.Metadata == nil {
		m.Metadata = map[string]any{}
	}
	if len(m.Content) == 0 || string(m.Content) == "null" {
		m.Content = json.RawMessage("{}")
	}
	for len(rest) > 0 {
		var b []byte
		if b, rest, err = chunk(rest); err != nil {
			return nil, fmt.Errorf("wire: buffer %d: %w", len(m.Buffers), err)
		}
		m.Buffers = append(m.Buffers, b)
	}
	return m, nil
}

// chunk cuts a length-prefixed piece from b.
func chunk(b []byte) (piece, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, fmt.Errorf("%d bytes left, a length needs 4", len(b))
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if n > uint64(len(b)-4) {
		return nil, nil, fmt.Errorf("claims %d bytes, %d are left", n, len(b)-4)
	}
	return b[4 : 4+n : 4+n], b[4+n:], nil
}
