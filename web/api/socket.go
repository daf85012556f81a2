package api

import (
	"encoding/json"

	"github.com/lathe-ml/lathe/web/document"
)

// Requests that the page sends over the document socket.
const (
	DoOp        = "op"        // Op
	DoRun       = "run"       // Cells in order; Stop ends the queue at an error
	DoInterrupt = "interrupt" // the running cell
	DoRestart   = "restart"   // the kernel; then Cells run
	DoShutdown  = "shutdown"  // the kernel
	DoInput     = "input"     // Value answers the pending prompt
	DoAsk       = "ask"       // Message (complete_request, debug_request …) with Content for the kernel
	DoSave      = "save"
	DoOverwrite = "overwrite" // resolve a conflict in favour of the page
	DoTier      = "tier"      // Content: {"on": bool} for the automatic tier
	DoReload    = "reload"    // resolve a conflict in favour of the file
)

// A Request is one message from the page.
type Request struct {
	Type    string          `json:"type"`
	Op      *document.Op    `json:"op,omitempty"`
	Cells   []string        `json:"cells,omitempty"`
	Stop    bool            `json:"stop,omitempty"`
	Value   string          `json:"value,omitempty"`
	ID      int64           `json:"id,omitempty"` // of an ask
	Message string          `json:"msg_type,omitempty"`
	Content json.RawMessage `json:"content,omitempty"`
}

// Frames that the server sends over the document socket.
const (
	Snapshot = "snapshot" // Gen, Seq, Document, Applied, Rejected: forget everything and start here
	Resume   = "resume"   // Gen, Seq, Applied, Rejected: events after "since" follow
	Events   = "events"   // Events, each an operation with its seq
	Reject   = "reject"   // N, Stale, Message: an operation was refused
	SaveNote = "save"     // State, Message
	Memory   = "memory"   // Bytes of the kernel process
	Input    = "input"    // Prompt; nil when no input is wanted any more
	Answer   = "answer"   // ID, Content: the kernel's reply to an ask
	Debug    = "debug"    // Content: an event of the Debug Adapter Protocol
	Tier     = "tier"     // Content: on, compiled and text of the automatic tier; null without one
	Renamed  = "renamed"  // Path
	Gone     = "gone"     // Message: the notebook was deleted or replaced
)

// States of a SaveNote.
const (
	Saved    = "saved"
	Dirty    = "dirty"
	Failed   = "failed"   // Message says why; the document is in memory and is tried again
	Conflict = "conflict" // the file on disk is somebody else's
)

// A Prompt asks for a line of input for a cell.
type Prompt struct {
	Cell     string `json:"cell"`
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// A Frame is one message to the page.
type Frame struct {
	Type     string            `json:"type"`
	Gen      string            `json:"gen,omitempty"`
	Seq      int64             `json:"seq,omitempty"`
	Document json.RawMessage   `json:"document,omitempty"`
	Applied  int64             `json:"applied,omitempty"`
	Rejected []int64           `json:"rejected,omitempty"`
	Events   []json.RawMessage `json:"events,omitempty"`
	N        int64             `json:"n,omitempty"`
	Stale    bool              `json:"stale,omitempty"`
	State    string            `json:"state,omitempty"`
	Message  string            `json:"message,omitempty"`
	Bytes    int64             `json:"bytes,omitempty"`
	Prompt   *Prompt           `json:"prompt,omitempty"`
	ID       int64             `json:"id,omitempty"`
	Content  json.RawMessage   `json:"content,omitempty"`
	Path     string            `json:"path,omitempty"`
}
