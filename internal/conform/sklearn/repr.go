package sklearn

import (
	"strconv"
	"strings"
)

// fromRepr builds what Python's repr of an estimator says: Name(option=value, …).
func fromRepr(s string) any {
	p := &reprParser{s: s}
	v := p.value()
	if strings.TrimSpace(p.s) != "" {
		panic(unsupported("expression " + s))
	}
	return v
}

type reprParser struct{ s string }

func (p *reprParser) space() { p.s = strings.TrimLeft(p.s, " \n\t") }

func (p *reprParser) take(prefix string) bool {
	p.space()
	if strings.HasPrefix(p.s, prefix) {
		p.s = p.s[len(prefix):]
		return true
	}
	return false
}

func (p *reprParser) value() any {
	p.space()
	switch {
	case p.take("["):
		return p.list("]")
	case p.take("("):
		return p.list(")")
	case p.take("'"):
		return p.quoted("'")
	case p.take(`"`):
		return p.quoted(`"`)
	}
	end := strings.IndexAny(p.s, "(),=]} ")
	if end < 0 {
		end = len(p.s)
	}
	word := p.s[:end]
	p.s = p.s[end:]
	if p.take("(") {
		return p.call(word)
	}
	switch word {
	case "None":
		return nil
	case "True", "False":
		return word == "True"
	}
	if i, err := strconv.Atoi(word); err == nil {
		return i
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return f
	}
	panic(unsupported("expression " + word))
}

func (p *reprParser) quoted(q string) string {
	word, rest, ok := strings.Cut(p.s, q)
	if !ok {
		panic(unsupported("text without an end: " + p.s))
	}
	p.s = rest
	return word
}

func (p *reprParser) list(end string) []any {
	var out []any
	for !p.take(end) {
		if p.s == "" {
			panic(unsupported("list without an end"))
		}
		out = append(out, p.value())
		p.take(",")
	}
	return out
}

// call reads the arguments after Name( and builds the estimator.
func (p *reprParser) call(name string) any {
	name = name[strings.LastIndex(name, ".")+1:]
	args := record{}
	for !p.take(")") {
		if p.s == "" {
			panic(unsupported("call without an end"))
		}
		p.space()
		key, rest, ok := strings.Cut(p.s, "=")
		if !ok {
			panic(unsupported("argument " + p.s))
		}
		p.s = rest
		args[strings.TrimSpace(key)] = p.value()
		p.take(",")
	}
	return build(name, args)
}
