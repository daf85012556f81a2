package web

import (
	"encoding/json"
	"fmt"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

// PageLimit is the size in bytes of one output beyond which the page gets a notice; the whole
// output is in the log and in the file.
const PageLimit = 10 << 20

// CellLimit is the size in bytes of a cell's outputs beyond which no more are kept.
const CellLimit = 128 << 20

// pageDocument is the snapshot of a document for the page: without deleted cells and without what
// is beyond PageLimit.
func pageDocument(d *document.Document) (json.RawMessage, error) {
	cells := make([]*notebook.Cell, len(d.Notebook.Cells))
	for i, c := range d.Notebook.Cells {
		cells[i] = pageCell(c)
	}
	return json.Marshal(map[string]any{
		"cells": cells, "metadata": d.Notebook.Metadata, "states": d.States, "kernel": d.Kernel,
	})
}

func pageCell(c *notebook.Cell) *notebook.Cell {
	var outs []*notebook.Output
	for i, o := range c.Outputs {
		if short := pageOutput(o); short != o {
			if outs == nil {
				outs = append(outs, c.Outputs...)
			}
			outs[i] = short
		}
	}
	if outs == nil {
		return c
	}
	short := *c
	short.Outputs = outs
	return &short
}

// pageOutput returns o, or what the page gets instead when o is too large.
func pageOutput(o *notebook.Output) *notebook.Output {
	size := len(o.Text)
	if o.Type != notebook.Stream {
		size = dataSize(map[string]any(o.Data))
	}
	if size <= PageLimit {
		return o
	}
	short := *o
	short.Extra = notebook.Object{"truncated": size}
	if o.Type == notebook.Stream {
		short.Text = o.Text[:PageLimit]
		return &short
	}
	short.Data = notebook.Object{"text/plain": fmt.Sprintf(
		"This output has %.1f MB and is not shown; the notebook file holds all of it.",
		float64(size)/1e6)}
	return &short
}

func dataSize(v any) (n int) {
	switch v := v.(type) {
	case string:
		return len(v)
	case map[string]any:
		for k, item := range v {
			n += len(k) + dataSize(item)
		}
	case []any:
		for _, item := range v {
			n += 1 + dataSize(item)
		}
	default:
		return 8
	}
	return n
}

// pageOp returns what the page gets of an applied operation.
func pageOp(d *document.Document, op *document.Op) *document.Op {
	switch op.Kind {
	case document.Output:
		return pageChange(d, op)
	case document.Recover:
		short := *op
		short.New = pageCell(op.New)
		return &short
	}
	return op
}

func pageChange(d *document.Document, op *document.Op) *document.Op {
	if op.Change.Output == nil {
		return op
	}
	shown := pageOutput(op.Change.Output)
	index, size := 0, 0
	if c := d.Notebook.Cell(op.Cell); c != nil && op.Change.Output.Type == notebook.Stream {
		index = len(c.Outputs) - 1
		size = len(c.Outputs[index].Text)
	}
	if shown == op.Change.Output && size <= PageLimit {
		return op
	}
	short, change := *op, *op.Change
	if size > PageLimit {
		change = notebook.Change{Kind: "truncated"}
		short.Index, short.Count = index, size
	} else {
		change.Output = shown
	}
	short.Change = &change
	return &short
}
