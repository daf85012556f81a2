package torch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager/nn"
)

// network builds a Sequential from what PyTorch prints for one:
//
//	Sequential(
//	  (0): Conv2d(1, 2, kernel_size=(3, 3), bias=False)
//	  (1): ReLU()
//	)
func network(repr string) nn.Module {
	lines := strings.Split(strings.TrimSpace(repr), "\n")
	need(len(lines) > 2 && lines[0] == "Sequential(" && lines[len(lines)-1] == ")", "network")
	return sequence(lines[1 : len(lines)-1])
}

// sequence builds a Sequential from the lines between its brackets.
func sequence(lines []string) nn.Module {
	var layers []nn.Module
	for len(lines) > 0 {
		line := lines[0]
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "("+strconv.Itoa(len(layers))+"): ")
		need(ok, "network")
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		lines = lines[1:]
		if text == "Sequential(" {
			end := slices.Index(lines, indent+")")
			need(end >= 0, "network")
			layers = append(layers, sequence(lines[:end]))
			lines = lines[end+1:]
			continue
		}
		layers = append(layers, layerOfText(text))
	}
	return nn.NewSequential(layers...)
}

// layerOfText builds one layer, such as "Conv2d(1, 2, kernel_size=(3, 3))".
func layerOfText(text string) nn.Module {
	name, args, ok := strings.Cut(text, "(")
	need(ok && strings.HasSuffix(args, ")"), "layer "+text)
	ctor := map[string]any{}
	pos := []any{}
	for _, a := range arguments(strings.TrimSuffix(args, ")")) {
		if k, v, named := strings.Cut(a, "="); named {
			ctor[k] = literal(v)
		} else {
			pos = append(pos, literal(a))
		}
	}
	ctor["_pos"] = pos
	m := construct(name, ctor, nil)
	need(m.layer != nil, "layer "+name)
	return m.layer
}

// arguments splits a list at the commas outside brackets.
func arguments(s string) []string {
	var r []string
	depth, start := 0, 0
	for i, c := range s {
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			r = append(r, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	if last := strings.TrimSpace(s[start:]); last != "" {
		r = append(r, last)
	}
	return r
}

// literal reads a Python literal.
func literal(s string) any {
	switch s {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return nil
	}
	if inner, ok := strings.CutPrefix(s, "("); ok {
		r := []any{}
		for _, a := range arguments(strings.TrimSuffix(inner, ")")) {
			r = append(r, literal(a))
		}
		return r
	}
	if i, err := strconv.Atoi(s); err == nil {
		return i
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f
	}
	return strings.Trim(s, `'"`)
}
