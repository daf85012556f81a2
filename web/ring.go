package web

import (
	"encoding/json"
	"fmt"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

const (
	ringEvents = 20000
	ringBytes  = 32 << 20
	batchBytes = 1 << 20
)

// An event is an operation as the page gets it.
type event struct {
	seq  int64
	op   *document.Op // only kept for outputs that coalesce
	data json.RawMessage
}

// ring holds the latest events of a room. Clients read it at their own pace by sequence number; one
// that falls behind its start gets a snapshot, so nobody ever waits for a slow client.
type ring struct {
	events []event
	bytes  int
	start  int64 // events with seq > start are here
}

func (r *ring) reset(start int64) { *r = ring{start: start} }

func (r *ring) add(e event) {
	r.events = append(r.events, e)
	r.bytes += len(e.data)
	drop := 0
	for len(r.events)-drop > ringEvents || r.bytes > ringBytes && len(r.events)-drop > 1 {
		r.bytes -= len(r.events[drop].data)
		r.start = r.events[drop].seq
		drop++
	}
	if drop > 0 {
		r.events = append(r.events[:0:0], r.events[drop:]...)
	}
}

// since returns a batch of events after seq; ok is false when some of them are gone.
func (r *ring) since(seq int64) (batch []event, ok bool) {
	if seq < r.start {
		return nil, false
	}
	if len(r.events) == 0 || r.events[len(r.events)-1].seq <= seq {
		return nil, true
	}
	first := len(r.events) - int(r.events[len(r.events)-1].seq-seq)
	size := 0
	for i := max(first, 0); i < len(r.events); i++ {
		if size += len(r.events[i].data); size > batchBytes && len(batch) > 0 {
			break
		}
		batch = append(batch, r.events[i])
	}
	return batch, true
}

// coalesce joins neighbouring pieces of one stream and neighbouring frames of one chart.
func coalesce(batch []event) []json.RawMessage {
	out := make([]json.RawMessage, 0, len(batch))
	for i := 0; i < len(batch); {
		j, merged := i+1, batch[i].op
		for j < len(batch) && merged != nil && joins(merged, batch[j].op) {
			if j == i+1 {
				merged = startJoin(merged)
			}
			join(merged, batch[j].op)
			j++
		}
		if j == i+1 {
			out = append(out, batch[i].data)
		} else {
			out = append(out, encodeEvent(batch[j-1].seq, merged))
		}
		i = j
	}
	return out
}

func joins(a, b *document.Op) bool {
	if b == nil || a.Change.Kind != b.Change.Kind {
		return false
	}
	if a.Change.Kind == notebook.Append {
		return a.Change.DisplayID == b.Change.DisplayID
	}
	return a.Cell == b.Cell && a.Change.Output.Name == b.Change.Output.Name
}

func startJoin(op *document.Op) *document.Op {
	joined, change := *op, *op.Change
	if change.Output != nil {
		o := *change.Output
		o.Text = append([]byte(nil), o.Text...)
		change.Output = &o
	}
	joined.Change = &change
	return &joined
}

func join(into, op *document.Op) {
	if op.Change.Kind == notebook.Append {
		into.Change.Frame = notebook.MergeFrames(into.Change.Frame, op.Change.Frame)
		return
	}
	into.Change.Output.Text = append(into.Change.Output.Text, op.Change.Output.Text...)
}

// newEvent makes the page's event of an applied operation.
func newEvent(seq int64, op *document.Op) event {
	e := event{seq: seq, data: encodeEvent(seq, op)}
	if op.Kind != document.Output {
		return e
	}
	switch c := op.Change; c.Kind {
	case notebook.Append:
		e.op = op
	case notebook.Add:
		if c.Output.Type == notebook.Stream {
			e.op = op
		}
	}
	return e
}

func encodeEvent(seq int64, op *document.Op) json.RawMessage {
	data, err := json.Marshal(struct {
		Seq int64 `json:"seq"`
		*document.Op
	}{seq, op})
	if err != nil {
		// An operation came from JSON or from the server: it can be encoded.
		panic(fmt.Sprintf("web: event %d: %v", seq, err))
	}
	return data
}
