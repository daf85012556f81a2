package kernel

import (
	"fmt"

	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// commContent is what comm_open, comm_msg and comm_close carry.
type commContent struct {
	ID     string         `json:"comm_id"`
	Target string         `json:"target_name,omitempty"`
	Data   map[string]any `json:"data"`
}

// Comm makes sink a display.CommSink.
func (k sink) Comm(verb string, content map[string]any) {
	if k.s.stray() {
		return
	}
	k.s.publish(k.s.out.current(), "comm_"+verb, content)
}

// comm hands a message of a client to the comm that it is for. One to a target that nobody handles is
// closed, as Jupyter's protocol wants. What a handler of a cell panics with is shown as output.
func (s *Server) comm(m *wire.Message, verb string) {
	var c commContent
	if m.DecodeContent(&c) != nil {
		return
	}
	s.idleOutputs(m) // what the handler prints belongs to this message
	defer s.out.drain()
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(s.out.captured, "comm %s: panic: %v\n", c.ID, v)
		}
	}()
	if !display.Deliver(verb, c.ID, c.Target, c.Data) && verb == "open" {
		s.publish(&m.Header, "comm_close", commContent{ID: c.ID, Data: map[string]any{}})
	}
}

// commInfo lists the open comms, of one target or all.
func commInfo(target string) map[string]any {
	comms := map[string]any{}
	for id, of := range display.Comms() {
		if target == "" || of == target {
			comms[id] = map[string]string{"target_name": of}
		}
	}
	return map[string]any{"status": "ok", "comms": comms}
}
