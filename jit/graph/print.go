package graph

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine/op"
)

// String lists g, one definition a line, in a form that stays the same between runs: values are numbered
// by where they are defined, and data is left out but for numbers.
func (g *Graph) String() string {
	p := printer{g: g, at: make([]int, len(g.Types))}
	for i := range p.at {
		p.at[i] = -1
	}
	for _, x := range g.Inputs {
		p.line(x.Value, "input %s", x.Name)
	}
	for _, c := range g.Consts {
		p.line(c.Value, "%s", constant(c))
	}
	for _, s := range g.States {
		p.line(s.In, "state %s", strconv.Quote(s.Name))
	}
	for i := range g.Nodes {
		p.node(&g.Nodes[i])
	}
	for _, s := range g.States {
		if s.Out != s.In {
			fmt.Fprintf(&p.b, "set %s = %s\n", p.name(s.In), p.name(s.Out))
		}
	}
	for _, o := range g.Outputs {
		fmt.Fprintf(&p.b, "output %s = %s\n", o.Name, p.name(o.Value))
	}
	return p.b.String()
}

func constant(c Const) string {
	if c.Name != "" {
		return "const " + strconv.Quote(c.Name)
	}
	if c.Data.Numel() == 1 {
		if v, ok := Scalar(c.Data); ok {
			return "const " + strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return "const"
}

type printer struct {
	g    *Graph
	b    strings.Builder
	at   []int // number of each value
	next int
}

func (p *printer) number(v Value) string {
	p.at[v] = p.next
	p.next++
	return "%" + strconv.Itoa(p.at[v])
}

func (p *printer) name(v Value) string {
	if v < 0 || int(v) >= len(p.at) || p.at[v] < 0 {
		return "%?"
	}
	return "%" + strconv.Itoa(p.at[v])
}

func (p *printer) line(v Value, format string, args ...any) {
	t := p.g.Types[v]
	weak := ""
	if t.Weak {
		weak = " number"
	}
	fmt.Fprintf(&p.b, "%s = %s : %v%s\n", p.number(v), fmt.Sprintf(format, args...), t, weak)
}

func (p *printer) node(n *Node) {
	in := make([]string, len(n.In))
	for i, v := range n.In {
		in[i] = p.name(v)
	}
	out, types := make([]string, len(n.Out)), make([]string, len(n.Out))
	for i, v := range n.Out {
		out[i], types[i] = p.number(v), p.g.Types[v].String()
	}
	fmt.Fprintf(&p.b, "%s = %s(%s)%s", strings.Join(out, ", "), n.Def.Name, strings.Join(in, ", "),
		FormatAttrs(n.Attrs, n.Random))
	if n.Random {
		fmt.Fprintf(&p.b, " random+%d", n.Words)
	}
	fmt.Fprintf(&p.b, " : %s\n", strings.Join(types, ", "))
}

// FormatAttrs lists the parameters that differ from their zero value: " {Axis:1}". Those of a random
// operator do not show its place in the stream.
func FormatAttrs(a op.Attrs, random bool) string {
	if a == nil {
		return ""
	}
	var parts []string
	v := reflect.ValueOf(a)
	if v.Kind() != reflect.Struct {
		return fmt.Sprintf(" {%v}", a)
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if v.Field(i).IsZero() || random && (f.Name == "Seed" || f.Name == "Offset") {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s:%v", f.Name, v.Field(i).Interface()))
	}
	if len(parts) == 0 {
		return ""
	}
	return " {" + strings.Join(parts, " ") + "}"
}
