package display

import (
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Comm is a channel of messages between a cell and its client, such as a widget, as in Jupyter's
// protocol. Its methods may be called from any goroutine.
type Comm struct {
	id, target string
	mu         sync.Mutex
	receive    func(data map[string]any)
	closed     bool
}

// CommSink is a Sink that carries messages of comms. verb is open, msg or close.
type CommSink interface {
	Comm(verb string, content map[string]any)
}

var (
	commsMu sync.Mutex
	comms   = map[string]*Comm{}
	targets = map[string]func(c *Comm, data map[string]any){}
	opened  atomic.Int64
)

// OpenComm opens a comm to a target that the client knows, with its first data. Receive is called with the
// data of each message from the client; nil ignores them.
func OpenComm(target string, data map[string]any, receive func(data map[string]any)) *Comm {
	id := "comm-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(opened.Add(1), 10)
	c := &Comm{id: id, target: target, receive: receive}
	commsMu.Lock()
	comms[id] = c
	commsMu.Unlock()
	send("open", map[string]any{"comm_id": id, "target_name": target, "data": orEmpty(data)})
	return c
}

// HandleComm makes f accept the comms that clients open to a target; nil refuses them again.
func HandleComm(target string, f func(c *Comm, data map[string]any)) {
	commsMu.Lock()
	defer commsMu.Unlock()
	if f == nil {
		delete(targets, target)
		return
	}
	targets[target] = f
}

// ID is the comm's id.
func (c *Comm) ID() string { return c.id }

// Send sends data to the client.
func (c *Comm) Send(data map[string]any) error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return fmt.Errorf("display.Comm: %s to %s is closed; OpenComm opens another", c.id, c.target)
	}
	send("msg", map[string]any{"comm_id": c.id, "data": orEmpty(data)})
	return nil
}

// OnReceive replaces what is called with the data of messages from the client.
func (c *Comm) OnReceive(f func(data map[string]any)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receive = f
}

// Close closes the comm on both sides. Closing again does nothing.
func (c *Comm) Close() {
	if c.end() {
		send("close", map[string]any{"comm_id": c.id, "data": map[string]any{}})
	}
}

// end reports whether c was open.
func (c *Comm) end() bool {
	commsMu.Lock()
	delete(comms, c.id)
	commsMu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	was := !c.closed
	c.closed = true
	return was
}

func send(verb string, content map[string]any) {
	if s, ok := current().(CommSink); ok {
		s.Comm(verb, content)
	}
}

func orEmpty(data map[string]any) map[string]any {
	if data == nil {
		return map[string]any{}
	}
	return data
}

// Comms returns the target of each open comm by id.
func Comms() map[string]string {
	commsMu.Lock()
	defer commsMu.Unlock()
	out := make(map[string]string, len(comms))
	for id, c := range comms {
		out[id] = c.target
	}
	return out
}

// own begins the targets that belong to the process, not to the cells of a session.
const own = "lathe."

// ResetComms forgets every comm and target of cells without a message; kernels use it when a session begins anew.
func ResetComms() {
	commsMu.Lock()
	defer commsMu.Unlock()
	maps.DeleteFunc(comms, func(_ string, c *Comm) bool { return !strings.HasPrefix(c.target, own) })
	maps.DeleteFunc(targets, func(target string, _ func(*Comm, map[string]any)) bool {
		return !strings.HasPrefix(target, own)
	})
}

// Deliver hands a message of the client to its comm; kernels use it. It reports whether there is one, and
// for open whether a handler of the target accepts it.
func Deliver(verb, id, target string, data map[string]any) bool {
	commsMu.Lock()
	c, accept := comms[id], targets[target]
	if verb == "open" && accept != nil {
		c = &Comm{id: id, target: target}
		comms[id] = c
	}
	commsMu.Unlock()
	switch {
	case verb == "open":
		if accept != nil {
			accept(c, data)
		}
		return accept != nil
	case c == nil:
		return false
	case verb == "close":
		c.end()
		return true
	}
	c.mu.Lock()
	receive := c.receive
	c.mu.Unlock()
	if receive != nil {
		receive(data)
	}
	return true
}
