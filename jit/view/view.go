// Package view shows graphs in a notebook: boxes and arrows that the page lays out, text elsewhere.
//
//	p := view.Pane{Name: "as traced", Graph: g}
//	display.Show(view.Of("LeNet", p))
//	p.Times = func(node int) time.Duration { return spent[node] } // colours nodes by their time
//	text := view.Text(p)
//	boxes := p.Boxes()
//
// Weights and numbers are named in the boxes that read them and have none of their own. It lays nothing out and
// runs nothing.
package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/kernel/display"
)

// Mime is the type of what the page draws.
const Mime = "application/vnd.lathe.graph+json"

// Pane is one way to look at a program.
type Pane struct {
	Name  string
	Note  string // one line about it
	Graph *graph.Graph
	Times func(node int) time.Duration // what a run spends in each node; nil: not measured
}

// Box is a node of the drawing.
type Box struct {
	ID     int      `json:"id"`
	Kind   string   `json:"kind"` // input, op, fused, state, output
	Title  string   `json:"title"`
	Type   string   `json:"type,omitempty"`  // of its results
	Attrs  string   `json:"attrs,omitempty"` // parameters of the operator
	Lines  []string `json:"lines,omitempty"` // what a fused operator does
	Reads  []string `json:"reads,omitempty"` // weights and numbers
	Source string   `json:"source,omitempty"`
	Micros float64  `json:"micros,omitempty"`
}

// Arrow says that box To reads a value of box From.
type Arrow struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Type string `json:"type"`
}

// Drawing is what the page gets of a Pane.
type Drawing struct {
	Name   string  `json:"name"`
	Note   string  `json:"note,omitempty"`
	Boxes  []Box   `json:"boxes"`
	Arrows []Arrow `json:"arrows"`
	Micros float64 `json:"micros,omitempty"` // of all boxes
}

// Of shows panes, of which the page draws one at a time.
func Of(title string, panes ...Pane) display.Data {
	list := make([]Drawing, len(panes))
	text := make([]string, len(panes))
	for i, p := range panes {
		list[i], text[i] = p.Draw(), Text(p)
	}
	return display.Data{MIME: map[string]any{
		Mime:         map[string]any{"title": title, "panes": list},
		"text/plain": strings.Join(append([]string{title}, text...), "\n"),
	}}
}

// Text lists the operators of p with their times, the first longest lines of it.
func Text(p Pane) string {
	const longest = 60
	d := p.Draw()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d operators", d.Name, len(p.Graph.Nodes))
	if d.Micros > 0 {
		fmt.Fprintf(&b, ", %.1f µs", d.Micros)
	}
	b.WriteString("\n")
	for i, x := range d.Boxes {
		if i == longest {
			fmt.Fprintf(&b, "… %d more\n", len(d.Boxes)-i)
			break
		}
		fmt.Fprintf(&b, "  %-6s %-14s %s%s", x.Kind, x.Title, x.Type, x.Attrs)
		if x.Micros > 0 {
			fmt.Fprintf(&b, "  %.1f µs", x.Micros)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Draw turns the graph into boxes and arrows.
func (p Pane) Draw() Drawing {
	d := &drawer{g: p.Graph, from: make([]int, len(p.Graph.Types)), text: make([]string, len(p.Graph.Types))}
	d.out = Drawing{Name: p.Name, Note: p.Note, Boxes: []Box{}, Arrows: []Arrow{}}
	for i := range d.from {
		d.from[i] = -1
	}
	d.sources()
	for i := range p.Graph.Nodes {
		d.node(&p.Graph.Nodes[i])
		if p.Times != nil {
			b := &d.out.Boxes[len(d.out.Boxes)-1]
			b.Micros = float64(p.Times(i).Nanoseconds()) / 1e3
			d.out.Micros += b.Micros
		}
	}
	for _, s := range p.Graph.States {
		if s.Out != s.In {
			d.sink("state", "new "+s.Name, s.Out)
		}
	}
	for _, o := range p.Graph.Outputs {
		d.sink("output", o.Name, o.Value)
	}
	return d.out
}

// drawer knows which box makes each value, or how boxes name it.
type drawer struct {
	g    *graph.Graph
	out  Drawing
	from []int    // −1: none
	text []string // of weights and numbers
}

func (d *drawer) box(b Box) int {
	b.ID = len(d.out.Boxes)
	d.out.Boxes = append(d.out.Boxes, b)
	return b.ID
}

// sources draws what no node makes.
func (d *drawer) sources() {
	for _, x := range d.g.Inputs {
		d.from[x.Value] = d.box(Box{Kind: "input", Title: x.Name, Type: d.g.Type(x.Value).String()})
	}
	for _, c := range d.g.Consts {
		name := c.Name
		if v, ok := graph.Scalar(c.Data); ok && name == "" {
			name = fmt.Sprintf("%.6g", v)
		}
		if name == "" {
			name = "constant"
		}
		d.text[c.Value] = name
		if c.Data.Numel() != 1 {
			d.text[c.Value] += " " + d.g.Type(c.Value).String()
		}
	}
	for _, s := range d.g.States {
		d.text[s.In] = s.Name + " " + d.g.Type(s.In).String()
	}
}

// node draws an operator.
func (d *drawer) node(n *graph.Node) {
	b := Box{Kind: "op", Title: n.Def.Name, Source: n.Source}
	if a, ok := n.Attrs.(graph.FusedAttrs); ok {
		b.Kind, b.Title = "fused", "Fused"
		for k := range a.Loop.Code {
			b.Lines = append(b.Lines, a.Loop.Code[k].Def.Name)
		}
	} else {
		attrs, weight := unpacked(n.Attrs)
		b.Attrs = short(graph.FormatAttrs(attrs, n.Random))
		if weight != nil {
			b.Reads = append(b.Reads, "packed weight "+weight.String())
		}
	}
	types := make([]string, len(n.Out))
	for i, v := range n.Out {
		types[i] = d.g.Type(v).String()
	}
	b.Type = strings.Join(types, ", ")
	for _, v := range n.In {
		if d.from[v] < 0 && d.text[v] != "" {
			b.Reads = append(b.Reads, d.text[v])
		}
	}
	id := d.box(b)
	d.arrows(id, n.In)
	for _, v := range n.Out {
		d.from[v] = id
	}
}

func (d *drawer) arrows(to int, in []graph.Value) {
	for _, v := range in {
		if d.from[v] >= 0 {
			d.out.Arrows = append(d.out.Arrows, Arrow{d.from[v], to, d.g.Type(v).String()})
		}
	}
}

func (d *drawer) sink(kind, name string, v graph.Value) {
	b := Box{Kind: kind, Title: name, Type: d.g.Type(v).String()}
	if d.from[v] < 0 && d.text[v] != "" {
		b.Reads = []string{d.text[v]}
	}
	d.arrows(d.box(b), []graph.Value{v})
}

// unpacked returns parameters without the memory that they refer to, and the shape of a packed weight.
func unpacked(a op.Attrs) (op.Attrs, engine.Shape) {
	switch p := a.(type) {
	case graph.PackedConvAttrs:
		w := p.Weight
		p.Weights, p.Weight = nil, nil
		return p, w
	case graph.PackedLinearAttrs:
		w := p.Weight
		p.Weights, p.Weight = nil, nil
		return p, w
	case graph.PackedQuantAttrs:
		w := p.Weight
		p.Layer, p.Weight = nil, nil
		return p, w
	}
	return a, nil
}

// short cuts long lists of parameters.
func short(attrs string) string {
	const most = 120
	if r := []rune(attrs); len(r) > most {
		return string(r[:most]) + "…"
	}
	return attrs
}
