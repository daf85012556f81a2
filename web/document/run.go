package document

import (
	"fmt"

	"github.com/lathe-ml/lathe/web/notebook"
)

func (d *Document) enqueue(op *Op) error {
	_, s, err := d.codeCell(op)
	if err != nil {
		return err
	}
	if s.Status == Running || s.Status == Queued {
		return fmt.Errorf("document: queue: cell %q is %s already", op.Cell, s.Status)
	}
	*s = CellState{Version: s.Version, Status: Queued}
	return nil
}

func (d *Document) start(op *Op) error {
	c, s, err := d.codeCell(op)
	if err != nil {
		return err
	}
	c.Outputs, c.Count = nil, 0
	c.SetClearPending(false)
	*s = CellState{Version: s.Version, Status: Running, Started: op.Time}
	return nil
}

func (d *Document) count(op *Op) error {
	c, _, err := d.codeCell(op)
	if err != nil {
		return err
	}
	if op.Count < 0 {
		return fmt.Errorf("document: count %d of cell %q is negative", op.Count, op.Cell)
	}
	c.Count = op.Count
	return nil
}

func (d *Document) done(op *Op) error {
	_, s, err := d.codeCell(op)
	if err != nil {
		return err
	}
	switch op.Status {
	case Idle, OK, Failed, Aborted, Lost:
	default:
		return fmt.Errorf("document: done: status %q; want ok, error, aborted or lost", op.Status)
	}
	s.Status, s.Elapsed = op.Status, op.Elapsed
	return nil
}

func (d *Document) output(op *Op) error {
	if op.Change == nil {
		return fmt.Errorf("document: output: no change")
	}
	needsOutput := op.Change.Kind == notebook.Add || op.Change.Kind == notebook.Update
	if needsOutput && op.Change.Output == nil {
		return fmt.Errorf("document: output: %s without an output", op.Change.Kind)
	}
	if !d.Notebook.Apply(op.Cell, *op.Change) {
		return fmt.Errorf("document: output: nothing to %s in cell %q, display %q",
			op.Change.Kind, op.Cell, op.Change.DisplayID)
	}
	return nil
}

func (d *Document) kernelIs(op *Op) error {
	switch op.Status {
	case NoKernel, Starting, Ready, Busy, Restarting, Dead:
		d.Kernel = Kernel{op.Status, op.Message}
		return nil
	}
	return fmt.Errorf("document: kernel status %q", op.Status)
}
