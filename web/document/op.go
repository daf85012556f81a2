package document

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/web/notebook"
)

// Kinds of operations. The first group comes from people, the second from running cells.
const (
	Insert   = "insert"   // New at Index
	Delete   = "delete"   // Cell
	Recover  = "restore"  // the latest deleted cell, or the deleted Cell, back where it was
	Move     = "move"     // Cell to Index
	Edit     = "edit"     // Updates to the source of Cell, made against Version
	Retype   = "type"     // Cell becomes Type
	CellMeta = "cellmeta" // Metadata of Cell
	Meta     = "meta"     // Metadata of the notebook
	Wipe     = "clear"    // outputs and count of Cell, of all cells when Cell is empty

	Enqueue  = "queue"  // Cell waits
	Start    = "start"  // Cell runs since Time; its outputs are cleared
	Count    = "count"  // execution count of Cell
	Done     = "done"   // Cell ended with Status after Elapsed
	Output   = "output" // Change of the outputs of Cell
	KernelIs = "kernel" // Status and Message of the kernel
)

// An Op is one change of a document. Which fields count depends on Kind. Client and N name the
// sender's operation, so that one sent again after a lost connection is applied once.
type Op struct {
	Kind     string           `json:"op"`
	Cell     string           `json:"cell,omitempty"`
	Index    int              `json:"index,omitempty"`
	New      *notebook.Cell   `json:"new,omitempty"`
	Type     string           `json:"type,omitempty"`
	Version  int              `json:"version,omitempty"`
	Updates  []Update         `json:"updates,omitempty"`
	Metadata notebook.Object  `json:"metadata,omitempty"`
	Change   *notebook.Change `json:"change,omitempty"`
	Count    int              `json:"count,omitempty"`
	Status   string           `json:"status,omitempty"`
	Message  string           `json:"message,omitempty"`
	Time     int64            `json:"time,omitempty"`
	Elapsed  int64            `json:"elapsed,omitempty"`
	Client   string           `json:"client,omitempty"`
	N        int64            `json:"n,omitempty"`
}

// FromPeople reports whether a client may send the operation.
func (op *Op) FromPeople() bool {
	switch op.Kind {
	case Insert, Delete, Recover, Move, Edit, Retype, CellMeta, Meta, Wipe:
		return true
	}
	return false
}

// A StaleError refuses an edit that was made against an older version of the source. The sender
// rebases it on the edits in between and sends it again.
type StaleError struct {
	Cell      string
	Have, Got int
}

// Error names the cell and both versions.
// Error is part of error.
func (e *StaleError) Error() string {
	return fmt.Sprintf("document: edit of cell %s is made against version %d; it is at %d",
		e.Cell, e.Got, e.Have)
}

// Apply makes the operation. It normalises op: positions are clamped, a restored cell is filled in.
func (d *Document) Apply(op *Op) error {
	apply := appliers[op.Kind]
	if apply == nil {
		return fmt.Errorf("document: unknown operation %q", op.Kind)
	}
	if err := apply(d, op); err != nil {
		return err
	}
	d.Seq++
	if op.Kind != KernelIs && op.Kind != Enqueue && op.Kind != Done {
		d.FileSeq = d.Seq
	}
	d.remember(op.Client, op.N)
	return nil
}

var appliers = map[string]func(*Document, *Op) error{
	Insert: (*Document).insert, Delete: (*Document).remove, Recover: (*Document).recover,
	Move: (*Document).move, Edit: (*Document).edit, Retype: (*Document).retype,
	CellMeta: (*Document).cellMeta, Meta: (*Document).meta, Wipe: (*Document).wipe,
	Enqueue: (*Document).enqueue, Start: (*Document).start, Count: (*Document).count,
	Done: (*Document).done, Output: (*Document).output, KernelIs: (*Document).kernelIs,
}

func (d *Document) cell(op *Op) (*notebook.Cell, int, error) {
	i := d.Notebook.Index(op.Cell)
	if i < 0 {
		return nil, 0, fmt.Errorf("document: %s: there is no cell %q", op.Kind, op.Cell)
	}
	return d.Notebook.Cells[i], i, nil
}

func (d *Document) codeCell(op *Op) (*notebook.Cell, *CellState, error) {
	c, _, err := d.cell(op)
	if err != nil {
		return nil, nil, err
	}
	if c.Type != notebook.Code {
		return nil, nil, fmt.Errorf("document: %s: cell %q is %s, not code", op.Kind, op.Cell, c.Type)
	}
	return c, d.States[c.ID], nil
}

func (d *Document) insert(op *Op) error {
	c := op.New
	if c == nil || !notebook.ValidID(c.ID) {
		return fmt.Errorf("document: insert: want a cell with an id of 1 to 64 letters, digits, - or _")
	}
	if d.Notebook.Cell(c.ID) != nil {
		return fmt.Errorf("document: insert: there is a cell %q already", c.ID)
	}
	if !cellType(c.Type) {
		return fmt.Errorf("document: insert: cell type %q; want code, markdown or raw", c.Type)
	}
	op.Index = min(max(op.Index, 0), len(d.Notebook.Cells))
	return d.place(op)
}

// place puts a copy of op.New at op.Index: the log keeps op, the document the copy.
func (d *Document) place(op *Op) error {
	c, err := copyCell(op.New)
	if err != nil {
		return err
	}
	if c.Metadata == nil {
		c.Metadata = notebook.Object{}
	}
	d.Notebook.Cells = slices.Insert(d.Notebook.Cells, op.Index, c)
	d.States[c.ID] = &CellState{}
	d.Trash = slices.DeleteFunc(d.Trash, func(t Trashed) bool { return t.Cell.ID == c.ID })
	return nil
}

func copyCell(c *notebook.Cell) (*notebook.Cell, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("document: cell %s: %w", c.ID, err)
	}
	back := new(notebook.Cell)
	return back, json.Unmarshal(data, back)
}

func cellType(t string) bool {
	return t == notebook.Code || t == notebook.Markdown || t == notebook.Raw
}

func (d *Document) remove(op *Op) error {
	c, i, err := d.cell(op)
	if err != nil {
		return err
	}
	if s := d.States[c.ID].Status; s == Running || s == Queued {
		return fmt.Errorf("document: delete: cell %q is %s; interrupt it first", op.Cell, s)
	}
	d.Notebook.Cells = slices.Delete(d.Notebook.Cells, i, i+1)
	delete(d.States, c.ID)
	d.Trash = append(d.Trash, Trashed{c, i})
	if len(d.Trash) > maxTrash {
		d.Trash = slices.Delete(d.Trash, 0, 1)
	}
	return nil
}

func (d *Document) recover(op *Op) error {
	at := len(d.Trash) - 1
	if op.Cell != "" {
		at = slices.IndexFunc(d.Trash, func(t Trashed) bool { return t.Cell.ID == op.Cell })
	}
	if at < 0 {
		return fmt.Errorf("document: restore: no deleted cell to bring back")
	}
	t := d.Trash[at]
	op.Cell, op.New, op.Index = t.Cell.ID, t.Cell, min(t.Index, len(d.Notebook.Cells))
	return d.place(op)
}

func (d *Document) move(op *Op) error {
	c, i, err := d.cell(op)
	if err != nil {
		return err
	}
	op.Index = min(max(op.Index, 0), len(d.Notebook.Cells)-1)
	d.Notebook.Cells = slices.Delete(d.Notebook.Cells, i, i+1)
	d.Notebook.Cells = slices.Insert(d.Notebook.Cells, op.Index, c)
	return nil
}

func (d *Document) edit(op *Op) error {
	c, _, err := d.cell(op)
	if err != nil {
		return err
	}
	state := d.States[c.ID]
	if op.Version != state.Version {
		return &StaleError{c.ID, state.Version, op.Version}
	}
	source := c.Source
	for _, u := range op.Updates {
		if source, err = u.Changes.apply(source); err != nil {
			return fmt.Errorf("document: edit of cell %s: %w", c.ID, err)
		}
	}
	c.Source = source
	state.Version += len(op.Updates)
	return nil
}

func (d *Document) retype(op *Op) error {
	c, _, err := d.cell(op)
	if err != nil {
		return err
	}
	if !cellType(op.Type) {
		return fmt.Errorf("document: type %q; want code, markdown or raw", op.Type)
	}
	state := d.States[c.ID]
	if state.Status == Running || state.Status == Queued {
		return fmt.Errorf("document: type: cell %q is %s; interrupt it first", op.Cell, state.Status)
	}
	if op.Type == c.Type {
		return nil
	}
	c.Type, c.Outputs, c.Count = op.Type, nil, 0
	if c.Type == notebook.Code {
		c.Attachments = nil
	}
	*state = CellState{Version: state.Version}
	return nil
}

func (d *Document) cellMeta(op *Op) error {
	c, _, err := d.cell(op)
	if err != nil {
		return err
	}
	c.Metadata = cloneObject(op.Metadata)
	return nil
}

func (d *Document) meta(op *Op) error {
	d.Notebook.Metadata = cloneObject(op.Metadata)
	return nil
}

func (d *Document) wipe(op *Op) error {
	if op.Cell != "" {
		c, _, err := d.codeCell(op)
		if err != nil {
			return err
		}
		d.wipeCell(c)
		return nil
	}
	for _, c := range d.Notebook.Cells {
		if c.Type == notebook.Code {
			d.wipeCell(c)
		}
	}
	return nil
}

// wipeCell removes outputs and count; the status of a cell at work stays.
func (d *Document) wipeCell(c *notebook.Cell) {
	c.Outputs, c.Count = nil, 0
	c.SetClearPending(false)
	if s := d.States[c.ID]; s.Status != Running && s.Status != Queued {
		*s = CellState{Version: s.Version}
	}
}
