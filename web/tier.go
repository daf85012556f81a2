package web

import (
	"encoding/json"

	"github.com/lathe-ml/lathe/kernel/wire"
	"github.com/lathe-ml/lathe/web/api"
)

// What package jit's automatic tier does in a kernel is a badge of the page. The room opens a comm for it when a
// kernel is ready; a kernel without that package closes the comm, and there is no badge.

const tierComm = "lathe.jit" // id and target

type tierContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data"`
}

// openTier asks the kernel of s for news.
func openTier(s *slot) {
	sendTier(s, "comm_open", tierContent{tierComm, tierComm, json.RawMessage(`{}`)})
}

func sendTier(s *slot, kind string, c tierContent) {
	if m, err := wire.New(wire.Control, kind, nil, c); err == nil { // on control: also while a cell runs
		s.send(m)
	}
}

// tierNews takes messages of the comm; false: m is of another one.
func (r *room) tierNews(m *wire.Message) bool {
	var c tierContent
	if m.DecodeContent(&c) != nil || c.ID != tierComm {
		return false
	}
	if m.Header.Type == "comm_close" {
		c.Data = nil
	}
	r.setTier(c.Data)
	return true
}

// setTier tells all pages, and those that come later.
func (r *room) setTier(data json.RawMessage) {
	r.tier = data
	r.tell(api.Frame{Type: api.Tier, Content: data})
}
