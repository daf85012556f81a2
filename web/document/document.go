// Package document is the state of an open notebook as a pure value: cells, outputs, execution
// status and kernel status, changed only by operations.
//
//	doc := document.New(nb)
//	op := document.Op{Kind: document.Insert, Index: 0, New: notebook.NewCell("code", "1+1")}
//	err := doc.Apply(&op)        // op is normalised: applying it to an equal document gives the same
//	snapshot := doc.Snapshot()
//	doc, err = document.Restore(snapshot)
//
// Apply either makes the whole operation or returns an error and changes nothing, and it consults
// nothing but the document and the operation: replaying a log gives the same document. The package
// does no input or output, starts nothing and holds no locks.
package document

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/lathe-ml/lathe/web/notebook"
)

// Execution states of a cell.
const (
	Idle    = ""        // not run in this session
	Queued  = "queued"  // waits for the cells before it
	Running = "running" // the kernel works on it
	OK      = "ok"      // finished
	Failed  = "error"   // finished with an error
	Aborted = "aborted" // taken from the queue before it started
	Lost    = "lost"    // the kernel ended while it ran
)

// Kernel states.
const (
	NoKernel   = "none"
	Starting   = "starting"
	Ready      = "idle"
	Busy       = "busy"
	Restarting = "restarting"
	Dead       = "dead"
)

const (
	maxTrash   = 200
	maxClients = 200
)

// CellState is what a session knows of a cell beyond the notebook file.
type CellState struct {
	Version int    `json:"version"` // number of edits of the source
	Status  string `json:"status,omitempty"`
	Started int64  `json:"started,omitempty"` // Unix milliseconds
	Elapsed int64  `json:"elapsed,omitempty"` // milliseconds
}

// Kernel is the state of the notebook's kernel; Message is for people.
type Kernel struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// Trashed is a deleted cell and where it was.
type Trashed struct {
	Cell  *notebook.Cell `json:"cell"`
	Index int            `json:"index"`
}

// A Document is an open notebook. The zero value is not usable; use New or Restore.
type Document struct {
	Notebook *notebook.Notebook
	Seq      int64 // number of operations applied
	FileSeq  int64 // Seq of the latest operation that changed what a notebook file holds
	States   map[string]*CellState
	Kernel   Kernel
	Trash    []Trashed        // deleted cells, the latest last
	Applied  map[string]int64 // client → number of its latest applied operation
	order    []string         // clients in Applied, least recently seen first
}

// New returns a document over nb, which it owns from then on.
func New(nb *notebook.Notebook) *Document {
	d := &Document{
		Notebook: nb, States: map[string]*CellState{}, Kernel: Kernel{Status: NoKernel},
		Applied: map[string]int64{},
	}
	for _, c := range nb.Cells {
		d.States[c.ID] = &CellState{}
	}
	return d
}

// snapshot is the stored form of a document.
type snapshot struct {
	Seq      int64                 `json:"seq"`
	FileSeq  int64                 `json:"file_seq"`
	Cells    []*notebook.Cell      `json:"cells"`
	Metadata notebook.Object       `json:"metadata"`
	Minor    int                   `json:"minor"`
	Extra    notebook.Object       `json:"extra,omitempty"`
	States   map[string]*CellState `json:"states"`
	Kernel   Kernel                `json:"kernel"`
	Trash    []Trashed             `json:"trash,omitempty"`
	Applied  map[string]int64      `json:"applied,omitempty"`
	Order    []string              `json:"order,omitempty"`
}

// Snapshot returns the whole document as JSON.
func (d *Document) Snapshot() (json.RawMessage, error) {
	cells := d.Notebook.Cells
	if cells == nil {
		cells = []*notebook.Cell{}
	}
	data, err := json.Marshal(snapshot{
		d.Seq, d.FileSeq, cells, d.Notebook.Metadata, d.Notebook.Minor, d.Notebook.Extra, d.States, d.Kernel,
		d.Trash, d.Applied, d.order,
	})
	if err != nil {
		return nil, fmt.Errorf("document: snapshot: %w", err)
	}
	return data, nil
}

// Restore returns the document that Snapshot described.
func Restore(data json.RawMessage) (*Document, error) {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("document: snapshot: %w", err)
	}
	d := New(&notebook.Notebook{
		Cells: s.Cells, Metadata: s.Metadata, Minor: s.Minor, Extra: s.Extra,
	})
	d.Seq, d.FileSeq, d.Kernel, d.Trash, d.order = s.Seq, s.FileSeq, s.Kernel, s.Trash, s.Order
	if s.Applied != nil {
		d.Applied = s.Applied
	}
	for id, state := range s.States {
		if state != nil && d.States[id] != nil {
			d.States[id] = state
		}
	}
	return d, nil
}

// State returns the session state of the cell with the id, or nil.
func (d *Document) State(id string) *CellState { return d.States[id] }

// Active returns the ids of the cells that run or wait, in document order.
func (d *Document) Active() (ids []string) {
	for _, c := range d.Notebook.Cells {
		if s := d.States[c.ID]; s.Status == Queued || s.Status == Running {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// remember notes that the client's operation n is applied. Only the latest clients are kept: one
// that has been away for so long gets a snapshot and has nothing pending.
func (d *Document) remember(client string, n int64) {
	if client == "" || n == 0 {
		return
	}
	if i := slices.Index(d.order, client); i >= 0 {
		d.order = slices.Delete(d.order, i, i+1)
	}
	d.order = append(d.order, client)
	d.Applied[client] = n
	if len(d.order) > maxClients {
		delete(d.Applied, d.order[0])
		d.order = slices.Delete(d.order, 0, 1)
	}
}

// cloneObject copies one level and turns nil into an empty object.
func cloneObject(m notebook.Object) notebook.Object {
	if m == nil {
		return notebook.Object{}
	}
	return maps.Clone(m)
}
