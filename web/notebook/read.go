package notebook

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ReadFile reads and parses one notebook file.
func ReadFile(name string) (*Notebook, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	nb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return nb, nil
}

// Parse reads a notebook. Its errors are *PositionError. Cells without a usable id get one.
func Parse(data []byte) (nb *Notebook, err error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	defer func() {
		if fault := caught(recover()); fault != nil {
			nb, err = nil, fault
		}
	}()
	r := &reader{src: data}
	return r.notebook(root), nil
}

// reader checks a parsed tree against the notebook schema.
type reader struct{ src []byte }

func (r *reader) fail(n *node, path, want, got string) {
	panic(parseFault{positionError(r.src, n.off, path, want, got)})
}

func (r *reader) want(n *node, k kind, path string) *node {
	if n.kind != k {
		r.fail(n, path, kindNames[k], kindNames[n.kind])
	}
	return n
}

// need returns the member key of n, which must exist.
func (r *reader) need(n *node, key, path string) *node {
	m := n.get(key)
	if m == nil {
		r.fail(n, path, fmt.Sprintf("the key %q", key), "an object without it")
	}
	return m
}

func (r *reader) notebook(root *node) *Notebook {
	r.want(root, kindObject, "")
	r.version(root, "nbformat", 4, 4)
	nb := &Notebook{
		Minor:    r.version(root, "nbformat_minor", 0, 1000),
		Metadata: r.object(r.need(root, "metadata", ""), "metadata"),
		Extra:    rest(root, "nbformat", "nbformat_minor", "metadata", "cells"),
	}
	cells := r.want(r.need(root, "cells", ""), kindArray, "cells")
	taken := map[string]bool{}
	for i, n := range cells.items {
		c := r.cell(n, fmt.Sprintf("cells[%d]", i))
		if !ValidID(c.ID) || taken[c.ID] {
			c.ID = derivedID(i, c.Source, taken)
		}
		taken[c.ID] = true
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

func (r *reader) version(root *node, key string, low, high int) int {
	n := r.want(r.need(root, key, ""), kindNumber, key)
	v, err := strconv.Atoi(n.text)
	if err != nil || v < low || v > high {
		r.fail(n, key, fmt.Sprintf("a whole number from %d to %d (Jupyter's `jupyter nbconvert "+
			"--to notebook` converts older notebooks)", low, high), n.text)
	}
	return v
}

func (r *reader) cell(n *node, path string) *Cell {
	r.want(n, kindObject, path)
	c := &Cell{
		Type:   r.str(r.need(n, "cell_type", path), path+".cell_type"),
		Source: r.lines(r.need(n, "source", path), path+".source"),
	}
	c.Metadata = r.object(r.need(n, "metadata", path), path+".metadata")
	if id := n.get("id"); id != nil {
		c.ID = r.str(id, path+".id")
	}
	known := []string{"id", "cell_type", "source", "metadata"}
	switch c.Type {
	case Code:
		known = append(known, "outputs", "execution_count")
		c.Count = r.count(n, path)
		outs := r.want(r.need(n, "outputs", path), kindArray, path+".outputs")
		for i, o := range outs.items {
			c.Outputs = append(c.Outputs, r.output(o, fmt.Sprintf("%s.outputs[%d]", path, i)))
		}
	case Markdown, Raw:
		if a := n.get("attachments"); a != nil {
			known = append(known, "attachments")
			c.Attachments = r.object(a, path+".attachments")
		}
	default:
		r.fail(n.get("cell_type"), path+".cell_type", `"code", "markdown" or "raw"`,
			strconv.Quote(c.Type))
	}
	c.Extra = rest(n, known...)
	return c
}

func (r *reader) output(n *node, path string) *Output {
	r.want(n, kindObject, path)
	o := &Output{Type: r.str(r.need(n, "output_type", path), path+".output_type")}
	known := []string{"output_type"}
	switch o.Type {
	case Stream:
		known = append(known, "name", "text")
		o.Name = r.str(r.need(n, "name", path), path+".name")
		o.Text = []byte(r.lines(r.need(n, "text", path), path+".text"))
	case DisplayData, ExecuteResult:
		known = append(known, "data", "metadata")
		o.Data = r.bundle(r.need(n, "data", path), path+".data")
		o.Metadata = r.object(r.need(n, "metadata", path), path+".metadata")
		if o.Type == ExecuteResult {
			known = append(known, "execution_count")
			o.Count = r.count(n, path)
		}
	case Error:
		known = append(known, "ename", "evalue", "traceback")
		o.EName = r.str(r.need(n, "ename", path), path+".ename")
		o.EValue = r.str(r.need(n, "evalue", path), path+".evalue")
		for i, l := range r.want(r.need(n, "traceback", path), kindArray, path+".traceback").items {
			o.Traceback = append(o.Traceback, r.str(l, fmt.Sprintf("%s.traceback[%d]", path, i)))
		}
	default:
		r.fail(n.get("output_type"), path+".output_type",
			`"stream", "display_data", "execute_result" or "error"`, strconv.Quote(o.Type))
	}
	o.Extra = rest(n, known...)
	return o
}

func (r *reader) count(n *node, path string) int {
	m := r.need(n, "execution_count", path)
	if m.kind == kindNull {
		return 0
	}
	v, err := strconv.Atoi(r.want(m, kindNumber, path+".execution_count").text)
	if err != nil || v < 0 {
		r.fail(m, path+".execution_count", "null or a whole number from 0", m.text)
	}
	return v
}

func (r *reader) str(n *node, path string) string { return r.want(n, kindString, path).text }

// lines reads a multi-line string: one string or a list of them.
func (r *reader) lines(n *node, path string) string {
	if n.kind == kindString {
		return n.text
	}
	if n.kind != kindArray {
		r.fail(n, path, "a string or a list of strings", kindNames[n.kind])
	}
	var b strings.Builder
	for i, l := range n.items {
		b.WriteString(r.str(l, fmt.Sprintf("%s[%d]", path, i)))
	}
	return b.String()
}

func (r *reader) object(n *node, path string) Object {
	return r.want(n, kindObject, path).plain().(Object)
}

// bundle reads a mime bundle; text in lists of lines is joined.
func (r *reader) bundle(n *node, path string) Object {
	r.want(n, kindObject, path)
	b := Object{}
	for i, mime := range n.keys {
		if n.items[i].kind == kindArray && !isJSON(mime) {
			b[mime] = r.lines(n.items[i], path+"."+mime)
		} else {
			b[mime] = n.items[i].plain()
		}
	}
	return b
}

func rest(n *node, known ...string) Object {
	extra := Object{}
keys:
	for i, k := range n.keys {
		for _, name := range known {
			if k == name {
				continue keys
			}
		}
		extra[k] = n.items[i].plain()
	}
	return extra
}

// plain converts a node to the values that encoding/json uses, with json.Number for numbers.
func (n *node) plain() any {
	switch n.kind {
	case kindBool:
		return n.text == "true"
	case kindNumber:
		return json.Number(n.text)
	case kindString:
		return n.text
	case kindArray:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.plain()
		}
		return list
	case kindObject:
		m := make(Object, len(n.keys))
		for i, k := range n.keys {
			m[k] = n.items[i].plain()
		}
		return m
	}
	return nil
}

// isJSON reports whether values of the mime type are JSON rather than text.
func isJSON(mime string) bool {
	return mime == "application/json" ||
		strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}
