package host

import (
	"context"
	"fmt"

	"github.com/lathe-ml/lathe/kernel/wire"
)

// Execute runs code as the cell with the given id and calls each with every message that belongs to
// it, in order, until the cell is idle. It takes the messages from Messages, so nothing else may
// receive them meanwhile. When ctx ends the cell is interrupted and its end awaited.
func (k *Kernel) Execute(ctx context.Context, code, cellID string, each func(*wire.Message)) (wire.ExecuteReply, error) {
	var reply wire.ExecuteReply
	no := false
	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: code, AllowStdin: &no})
	if err != nil {
		return reply, err
	}
	m.Metadata["cellId"] = cellID
	if err := k.Send(m); err != nil {
		return reply, err
	}
	done := ctx.Done()
	for idle, answered := false, false; !idle || !answered; {
		select {
		case <-done:
			done = nil
			if err := k.Interrupt(); err != nil {
				return reply, err
			}
		case r, ok := <-k.messages:
			if !ok {
				return reply, fmt.Errorf("host: %s", k.Exit().Reason)
			}
			if r.Parent == nil || r.Parent.ID != m.Header.ID {
				continue
			}
			if each != nil {
				each(r)
			}
			switch r.Header.Type {
			case "execute_reply":
				answered = true
				if err := r.DecodeContent(&reply); err != nil {
					return reply, err
				}
			case "status":
				var st wire.Status
				idle = r.DecodeContent(&st) == nil && st.State == "idle"
			}
		}
	}
	return reply, ctx.Err()
}
