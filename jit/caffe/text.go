package caffe

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds messages in messages.
const maxDepth = 100

// ParseText reads a message in protobuf's text format, as prototxt files hold it.
func ParseText(s string) (*Message, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("caffe: not a text file; weights go into the second argument of Load")
	}
	p := &parser{s: strings.TrimPrefix(s, "\ufeff"), line: 1}
	p.next()
	m, err := p.message("")
	if err != nil {
		return nil, fmt.Errorf("caffe: line %d: %w", p.tokLine, err)
	}
	return m, nil
}

// parser reads tokens: words, numbers, quoted strings and punctuation.
type parser struct {
	s             string
	at            int
	line, tokLine int
	tok           string
	quoted        bool // the token is a string
	bad           error
	depth         int
}

func (p *parser) next() {
	p.skip()
	p.tokLine, p.quoted = p.line, false
	if p.at >= len(p.s) {
		p.tok = ""
		return
	}
	switch c := p.s[p.at]; {
	case c == '"' || c == '\'':
		p.quoted = true
		p.tok = p.quote(c)
	case strings.IndexByte("{}<>[]:,;", c) >= 0:
		p.tok = p.s[p.at : p.at+1]
		p.at++
	default:
		start := p.at
		for p.at < len(p.s) && strings.IndexByte("{}<>[]:,;\"'# \t\r\n", p.s[p.at]) < 0 {
			p.at++
		}
		p.tok = p.s[start:p.at]
	}
}

// skip passes white space and comments.
func (p *parser) skip() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case '\n':
			p.line++
		case ' ', '\t', '\r', '\f', '\v':
		case '#':
			for p.at < len(p.s) && p.s[p.at] != '\n' {
				p.at++
			}
			continue
		default:
			return
		}
		p.at++
	}
}

// quote reads a quoted string with C's escapes.
func (p *parser) quote(q byte) string {
	start := p.at
	for p.at++; p.at < len(p.s); p.at++ {
		switch p.s[p.at] {
		case '\\':
			p.at++
		case '\n':
			p.bad = fmt.Errorf("string does not end on its line")
			return ""
		case q:
			p.at++
			body := p.s[start+1 : p.at-1]
			if !strings.ContainsRune(body, '\\') {
				return body
			}
			if q == '\'' {
				body = strings.ReplaceAll(strings.ReplaceAll(body, `\'`, "'"), `"`, `\"`)
			}
			s, err := strconv.Unquote(`"` + body + `"`)
			if err != nil {
				p.bad = fmt.Errorf("string %q has an unknown escape", body)
			}
			return s
		}
	}
	p.bad = fmt.Errorf("string does not end")
	return ""
}

// message reads fields up to closing, which is "" for the end of the file.
func (p *parser) message(closing string) (*Message, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("messages are nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	m := newMessage()
	for {
		if p.bad != nil {
			return nil, p.bad
		}
		if p.tok == closing && !p.quoted {
			p.next()
			return m, nil
		}
		if p.tok == "" || p.quoted || strings.ContainsAny(p.tok, "{}<>[]:,;") {
			return nil, fmt.Errorf("%q where a field or %q was expected", p.tok, closing)
		}
		name := p.tok
		p.next()
		if err := p.field(m, name); err != nil {
			return nil, err
		}
		for !p.quoted && (p.tok == "," || p.tok == ";") {
			p.next()
		}
	}
}

// field reads what follows a field's name.
func (p *parser) field(m *Message, name string) error {
	colon := p.tok == ":" && !p.quoted
	if colon {
		p.next()
	}
	switch {
	case !p.quoted && (p.tok == "{" || p.tok == "<"):
		closing := map[string]string{"{": "}", "<": ">"}[p.tok]
		p.next()
		sub, err := p.message(closing)
		if err != nil {
			return err
		}
		m.add(name, sub)
		return nil
	case !colon:
		return fmt.Errorf("field %s is followed by %q, want a colon or a message", name, p.tok)
	case !p.quoted && p.tok == "[":
		return p.list(m, name)
	}
	return p.scalar(m, name)
}

func (p *parser) list(m *Message, name string) error {
	p.next()
	for p.quoted || p.tok != "]" {
		if err := p.field2(m, name); err != nil {
			return err
		}
		if !p.quoted && p.tok == "," {
			p.next()
		} else if p.quoted || p.tok != "]" {
			return fmt.Errorf("%q in the list of field %s, want a comma or ]", p.tok, name)
		}
	}
	p.next()
	return nil
}

// field2 reads one element of a list.
func (p *parser) field2(m *Message, name string) error {
	if !p.quoted && p.tok == "{" {
		p.next()
		sub, err := p.message("}")
		if err == nil {
			m.add(name, sub)
		}
		return err
	}
	return p.scalar(m, name)
}

func (p *parser) scalar(m *Message, name string) error {
	if p.bad != nil {
		return p.bad
	}
	if !p.quoted && (p.tok == "" || strings.ContainsAny(p.tok, "{}<>[]:,;")) {
		return fmt.Errorf("field %s has no value", name)
	}
	v, quoted := p.tok, p.quoted
	p.next()
	for quoted && p.quoted && p.bad == nil { // adjacent strings are one
		v += p.tok
		p.next()
	}
	m.add(name, v)
	return p.bad
}
