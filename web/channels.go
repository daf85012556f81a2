package web

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/document"
)

// v1Protocol is Jupyter's binary WebSocket subprotocol.
const v1Protocol = "v1.kernel.websocket.jupyter.org"

const channelsQueue = 4096

// channels is a Jupyter client on /api/kernels/{id}/channels. Its reader runs in the HTTP handler,
// its writer in one goroutine that ends with the connection. A client that does not read is
// dropped when its queue is full; the kernel never waits for it.
type channels struct {
	slot    *slot
	conn    *websocket.Conn
	session atomic.Value // string: whose replies the client gets
	v1      bool
	out     chan *wire.Message
	quit    chan struct{}
	once    sync.Once
}

func (s *Server) serveChannels(w http.ResponseWriter, q *http.Request) {
	entry := s.slotByID(q.PathValue("id"))
	if entry == nil {
		s.fail(w, http.StatusNotFound, errors.New("kernel: there is none with this id"))
		return
	}
	c := &channels{
		slot: entry.slot,
		out:  make(chan *wire.Message, channelsQueue), quit: make(chan struct{}),
	}
	c.session.Store(q.URL.Query().Get("session_id"))
	// Known to the slot before the client knows that it is connected: it misses nothing.
	c.slot.mu.Lock()
	c.slot.conns[c] = true
	c.slot.mu.Unlock()
	defer func() {
		c.slot.mu.Lock()
		delete(c.slot.conns, c)
		c.slot.mu.Unlock()
	}()
	conn, err := s.upgrader.Upgrade(w, q, nil)
	if err != nil {
		return
	}
	c.conn, c.v1 = conn, conn.Subprotocol() == v1Protocol
	done := make(chan struct{})
	go func() { defer close(done); c.write() }()
	c.read()
	c.drop()
	<-done
}

func (c *channels) drop() { c.once.Do(func() { close(c.quit) }) }

// deliver queues a kernel message: broadcasts for everybody, replies for the session that asked.
func (c *channels) deliver(m *wire.Message) {
	session, _ := c.session.Load().(string)
	if m.Channel != wire.IOPub && m.Parent != nil && session != "" && m.Parent.Session != session {
		return
	}
	select {
	case c.out <- m:
	default:
		c.drop()
	}
}

// status tells about the process itself, as Jupyter Server does.
func (c *channels) status(state string) {
	switch state {
	case document.Dead, document.NoKernel:
		state = "dead"
	case document.Restarting:
		state = "restarting"
	case document.Starting:
		state = "starting"
	default:
		return
	}
	if m, err := wire.New(wire.IOPub, "status", nil, wire.Status{State: state}); err == nil {
		c.deliver(m)
	}
}

func (c *channels) write() {
	defer c.conn.Close()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-c.quit:
			return
		case <-ping.C:
			err = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		case m := <-c.out:
			c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			err = c.put(m)
		}
		if err != nil {
			return
		}
	}
}

func (c *channels) put(m *wire.Message) error {
	if c.v1 {
		frame, err := encodeV1(m)
		if err != nil {
			return err
		}
		return c.conn.WriteMessage(websocket.BinaryMessage, frame)
	}
	body, err := encodeClassic(m)
	if err != nil {
		return err
	}
	if len(m.Buffers) == 0 {
		return c.conn.WriteMessage(websocket.TextMessage, body)
	}
	return c.conn.WriteMessage(websocket.BinaryMessage, withBuffers(body, m.Buffers))
}

func (c *channels) read() {
	c.conn.SetReadLimit(socketLimit)
	for {
		kind, data, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		m, err := c.decode(kind, data)
		if err != nil {
			return // what is not Jupyter's protocol ends the connection
		}
		if m.Channel == wire.IOPub {
			continue
		}
		if m.Header.Session != "" {
			c.session.Store(m.Header.Session)
		}
		// A client may connect while the kernel starts: its first request waits for it.
		select {
		case <-c.slot.settled():
		case <-c.quit:
			return
		}
		c.slot.send(m)
	}
}

func (c *channels) decode(kind int, data []byte) (*wire.Message, error) {
	if c.v1 && kind == websocket.BinaryMessage {
		return decodeV1(data)
	}
	var buffers [][]byte
	if kind == websocket.BinaryMessage {
		var err error
		if data, buffers, err = splitBuffers(data); err != nil {
			return nil, err
		}
	}
	return decodeClassic(data, buffers)
}

// classic is the JSON form of a message: empty objects where wire has nil.
type classic struct {
	Channel      string          `json:"channel"`
	Header       wire.Header     `json:"header"`
	ParentHeader json.RawMessage `json:"parent_header"`
	Metadata     map[string]any  `json:"metadata"`
	Content      json.RawMessage `json:"content"`
	Buffers      []string        `json:"buffers"`
	ID           string          `json:"msg_id,omitempty"`
	Type         string          `json:"msg_type,omitempty"`
}

func encodeClassic(m *wire.Message) ([]byte, error) {
	parent, err := parentJSON(m)
	if err != nil {
		return nil, err
	}
	return json.Marshal(classic{
		m.Channel, m.Header, parent, orEmpty(m.Metadata), m.Content,
		[]string{},
		m.Header.ID, m.Header.Type,
	})
}

func parentJSON(m *wire.Message) (json.RawMessage, error) {
	if m.Parent == nil {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(m.Parent)
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func decodeClassic(data []byte, buffers [][]byte) (*wire.Message, error) {
	var j classic
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	m := &wire.Message{
		Channel: j.Channel, Header: j.Header, Metadata: orEmpty(j.Metadata), Content: j.Content,
		Buffers: buffers,
	}
	return finishMessage(m, j.ParentHeader)
}

func finishMessage(m *wire.Message, parent json.RawMessage) (*wire.Message, error) {
	if m.Header.ID == "" || m.Header.Type == "" {
		return nil, errors.New("channels: want a header with msg_id and msg_type")
	}
	if m.Channel == "" {
		m.Channel = wire.Shell
	}
	var p wire.Header
	if len(parent) > 0 && json.Unmarshal(parent, &p) == nil && p.ID != "" {
		m.Parent = &p
	}
	if len(m.Content) == 0 || string(m.Content) == "null" {
		m.Content = json.RawMessage("{}")
	}
	return m, nil
}

// withBuffers is the classic binary frame: a count, offsets, then the JSON and the buffers.
func withBuffers(body []byte, buffers [][]byte) []byte {
	parts := append([][]byte{body}, buffers...)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(parts)))
	offset := 4 * (len(parts) + 1)
	for _, p := range parts {
		frame = binary.BigEndian.AppendUint32(frame, uint32(offset))
		offset += len(p)
	}
	for _, p := range parts {
		frame = append(frame, p...)
	}
	return frame
}

func splitBuffers(frame []byte) (body []byte, buffers [][]byte, err error) {
	bad := errors.New("channels: the offsets of a binary frame do not fit it")
	if len(frame) < 8 {
		return nil, nil, bad
	}
	n := int(binary.BigEndian.Uint32(frame))
	if n < 1 || n > 1000 || len(frame) < 4*(n+1) {
		return nil, nil, bad
	}
	parts, err := slicesAt(frame, n, func(i int) uint64 {
		return uint64(binary.BigEndian.Uint32(frame[4*(i+1):]))
	})
	if err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1:], nil
}

// slicesAt cuts n parts that start at the offsets; the last one ends with the frame.
func slicesAt(frame []byte, n int, offset func(int) uint64) ([][]byte, error) {
	parts := make([][]byte, n)
	for i := range parts {
		from, to := offset(i), uint64(len(frame))
		if i+1 < n {
			to = offset(i + 1)
		}
		if from > to || to > uint64(len(frame)) {
			return nil, errors.New("channels: the offsets of a binary frame do not fit it")
		}
		parts[i] = frame[from:to]
	}
	return parts, nil
}

// encodeV1 writes: number of offsets, offsets, channel, header, parent, metadata, content, buffers.
func encodeV1(m *wire.Message) ([]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, err
	}
	parent, err := parentJSON(m)
	if err != nil {
		return nil, err
	}
	metadata, err := json.Marshal(orEmpty(m.Metadata))
	if err != nil {
		return nil, err
	}
	parts := append([][]byte{[]byte(m.Channel), header, parent, metadata, m.Content}, m.Buffers...)
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	offset := 8 * (len(parts) + 2)
	for _, p := range parts {
		frame = binary.LittleEndian.AppendUint64(frame, uint64(offset))
		offset += len(p)
	}
	frame = binary.LittleEndian.AppendUint64(frame, uint64(offset))
	for _, p := range parts {
		frame = append(frame, p...)
	}
	return frame, nil
}

func decodeV1(frame []byte) (*wire.Message, error) {
	if len(frame) < 8 {
		return nil, errors.New("channels: a v1 frame of less than 8 bytes")
	}
	n := binary.LittleEndian.Uint64(frame)
	if n < 6 || n > 1000 || uint64(len(frame)) < 8*(n+1) {
		return nil, errors.New("channels: a v1 frame needs 6 to 1000 offsets")
	}
	parts, err := slicesAt(frame, int(n)-1, func(i int) uint64 {
		return binary.LittleEndian.Uint64(frame[8*(i+1):])
	})
	if err != nil {
		return nil, err
	}
	m := &wire.Message{Channel: string(parts[0]), Content: parts[4], Buffers: parts[5:]}
	if err := json.Unmarshal(parts[1], &m.Header); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(parts[3], &m.Metadata); err != nil {
		return nil, err
	}
	return finishMessage(m, parts[2])
}
