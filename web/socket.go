package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/lathe-ml/lathe/web/api"
	"github.com/lathe-ml/lathe/web/document"
)

const (
	socketLimit  = 64 << 20         // one message from a client, bytes
	writeTimeout = 30 * time.Second // a client that takes nothing for so long is gone
	pingEvery    = 20 * time.Second
	batchPause   = 12 * time.Millisecond
	maxNotes     = 256
)

// A client is one page on one notebook. Its reader runs in the HTTP handler, its writer in one
// goroutine that the handler starts and waits for. Events are pulled from the room's ring by
// sequence number; only notes are queued, and a client with too many of them is dropped.
type client struct {
	id   string
	room *room
	conn *websocket.Conn
	wake chan struct{} // capacity 1
	quit chan struct{}

	mu    sync.Mutex
	notes []api.Frame
	once  sync.Once

	gen  string // of the writer alone: what the page has
	seq  int64
	full bool // the page needs a snapshot
}

func (c *client) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// send queues a note.
func (c *client) send(f api.Frame) {
	c.mu.Lock()
	over := len(c.notes) >= maxNotes
	if !over {
		c.notes = append(c.notes, f)
	}
	c.mu.Unlock()
	if over {
		c.drop()
	}
	c.nudge()
}

// drop ends the connection; the page reconnects and resumes.
func (c *client) drop() { c.once.Do(func() { close(c.quit) }) }

// serveDocument is the document socket: /api/notebooks/ws?path=&client=&gen=&since=.
func (s *Server) serveDocument(w http.ResponseWriter, q *http.Request) {
	form := q.URL.Query()
	path, err := cleanPath(form.Get("path"))
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	id := form.Get("client")
	if len(id) < 8 || len(id) > 64 {
		s.fail(w, http.StatusBadRequest, errors.New("client: want an id of 8 to 64 characters"))
		return
	}
	r, err := s.room(path)
	if err != nil {
		s.refuseSocket(w, q, err)
		return
	}
	conn, err := s.upgrader.Upgrade(w, q, nil)
	if err != nil {
		return
	}
	since, _ := strconv.ParseInt(form.Get("since"), 10, 64)
	c := &client{
		id: id, room: r, conn: conn, wake: make(chan struct{}, 1), quit: make(chan struct{}),
		gen: form.Get("gen"), seq: since, full: true,
	}
	if !r.join(c) {
		conn.Close()
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); c.write() }()
	c.read()
	c.drop()
	r.leave(c)
	<-done
}

// refuseSocket tells a page why a notebook does not open: a browser shows nothing of a refused
// upgrade, so the connection is made and says it.
func (s *Server) refuseSocket(w http.ResponseWriter, q *http.Request, err error) {
	conn, upgradeErr := s.upgrader.Upgrade(w, q, nil)
	if upgradeErr != nil {
		return
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	conn.WriteJSON(api.Frame{Type: api.Gone, Message: err.Error()})
}

func (r *room) join(c *client) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.clients[c] = true
	c.full = !r.canResume(c.gen, c.seq)
	c.greet()
	return true
}

// greet queues the notes that a page needs besides the document.
func (c *client) greet() {
	c.send(c.room.note)
	if c.room.tier != nil {
		c.send(api.Frame{Type: api.Tier, Content: c.room.tier})
	}
	if c.room.prompt != nil {
		c.send(api.Frame{Type: api.Input, Prompt: c.room.prompt})
	}
}

// canResume reports whether a page that has seen seq of generation gen has a prefix of this history.
func (r *room) canResume(gen string, seq int64) bool {
	gens := r.files.Generations
	for i, g := range gens {
		if g.ID == gen {
			valid := seq >= g.Seq && seq <= r.doc.Seq && seq >= r.ring.start
			return valid && (i == len(gens)-1 || seq <= gens[i+1].Seq)
		}
	}
	return false
}

func (r *room) leave(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.clients, c)
	r.forget(c)
}

func (c *client) write() {
	defer c.conn.Close()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	first := true
	for {
		frames, err := c.pending(first)
		if err != nil {
			c.room.srv.log("snapshot of "+c.room.path, err)
			return
		}
		first = false
		for _, f := range frames {
			c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			if c.conn.WriteJSON(f) != nil {
				return
			}
		}
		if len(frames) > 0 {
			// What arrives meanwhile travels together, and coalesces.
			time.Sleep(batchPause)
			c.nudge()
		}
		select {
		case <-c.quit:
			return
		case <-c.wake:
		case <-ping.C:
			if c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				return
			}
		}
	}
}

// pending returns what the page has not seen.
func (c *client) pending(first bool) ([]api.Frame, error) {
	r := c.room
	r.mu.Lock()
	var frames []api.Frame
	batch, ok := r.ring.since(c.seq)
	if c.full || !ok {
		doc, err := pageDocument(r.doc)
		if err != nil {
			r.mu.Unlock()
			return nil, err
		}
		f := c.hello(api.Snapshot)
		f.Document, f.Seq = doc, r.doc.Seq
		frames, batch = append(frames, f), nil
		c.seq, c.full = r.doc.Seq, false
	} else if first {
		frames = append(frames, c.hello(api.Resume))
	}
	r.mu.Unlock()
	if len(batch) > 0 {
		c.seq = batch[len(batch)-1].seq
		frames = append(frames, api.Frame{Type: api.Events, Events: coalesce(batch)})
	}
	c.mu.Lock()
	frames = append(frames, c.notes...)
	c.notes = nil
	c.mu.Unlock()
	return frames, nil
}

func (c *client) hello(kind string) api.Frame {
	gens := c.room.files.Generations
	return api.Frame{
		Type: kind, Gen: gens[len(gens)-1].ID, Seq: c.seq, Path: c.room.path,
		Applied:  c.room.doc.Applied[c.id],
		Rejected: slices.Clone(c.room.rejected[c.id]),
	}
}

func (c *client) read() {
	c.conn.SetReadLimit(socketLimit)
	c.conn.SetReadDeadline(time.Now().Add(3 * pingEvery))
	c.conn.SetPongHandler(func(string) error {
		return c.conn.SetReadDeadline(time.Now().Add(3 * pingEvery))
	})
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		c.conn.SetReadDeadline(time.Now().Add(3 * pingEvery))
		var q api.Request
		if err := json.Unmarshal(data, &q); err != nil {
			c.send(api.Frame{Type: api.Reject, Message: "web: " + err.Error()})
			continue
		}
		c.handle(q)
	}
}

func (c *client) handle(q api.Request) {
	r := c.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	switch q.Type {
	case api.DoOp:
		c.op(q.Op)
	case api.DoRun:
		r.enqueue(r.codeCells(q.Cells), q.Stop)
	case api.DoInterrupt:
		r.interrupt()
	case api.DoRestart:
		cells := q.Cells
		if len(cells) > 0 {
			cells = r.codeCells(cells)
		}
		r.restart(cells, q.Stop, true)
	case api.DoShutdown:
		r.shutdown()
	case api.DoInput:
		r.input(q.Value)
	case api.DoAsk:
		r.ask(c, q)
	case api.DoTier:
		if r.slot != nil {
			sendTier(r.slot, "comm_msg", tierContent{ID: tierComm, Data: q.Content})
		}
	case api.DoSave:
		r.save()
	case api.DoOverwrite:
		r.overwrite()
	case api.DoReload:
		if err := r.reload(); err != nil {
			c.send(api.Frame{Type: api.Reject, Message: err.Error()})
		}
	default:
		c.send(api.Frame{Type: api.Reject, Message: "web: unknown request " + strconv.Quote(q.Type)})
	}
}

// op applies an operation of the page. One that was applied before a connection broke is known by
// its number and is not applied again.
func (c *client) op(op *document.Op) {
	r := c.room
	if op == nil || !op.FromPeople() || op.N <= 0 {
		c.send(api.Frame{Type: api.Reject, Message: "web: op: want an editing operation with a number n"})
		return
	}
	if op.N <= r.doc.Applied[c.id] || slices.Contains(r.rejected[c.id], op.N) {
		return
	}
	op.Client = c.id
	err := r.apply(op)
	if err == nil {
		return
	}
	refused := append(r.rejected[c.id], op.N)
	r.rejected[c.id] = refused[max(0, len(refused)-64):]
	var stale *document.StaleError
	c.send(api.Frame{
		Type: api.Reject, N: op.N, Stale: errors.As(err, &stale), Message: err.Error(),
	})
}
