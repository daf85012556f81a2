package notebook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting so that a hostile file cannot exhaust the stack.
const maxDepth = 500

// A PositionError says where in a notebook file reading stopped and what would have been accepted.
type PositionError struct {
	Line, Column int   // 1-based; the column counts characters
	Offset       int64 // bytes from the start of the file
	Path         string
	Want, Got    string
}

// Error says where reading stopped, what would have been accepted and what was there.
// Error is part of error.
func (e *PositionError) Error() string {
	where := fmt.Sprintf("line %d column %d (offset %d)", e.Line, e.Column, e.Offset)
	if e.Path != "" {
		where += ", " + e.Path
	}
	return fmt.Sprintf("notebook %s: want %s, got %s", where, e.Want, e.Got)
}

type kind byte

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

var kindNames = [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}

// A node is a JSON value that remembers where it stood.
type node struct {
	kind  kind
	off   int
	text  string // the value of a string, the literal of a number or boolean
	items []*node
	keys  []string // of an object, parallel to items
}

func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k == key {
			return n.items[i]
		}
	}
	return nil
}

// parser is a strict RFC 8259 parser. encoding/json reports an offset only for syntax errors; a
// notebook with a wrong field also deserves the line.
type parser struct {
	src   []byte
	at    int
	depth int
}

type parseFault struct{ err *PositionError }

// caught returns the error of a recovered parseFault, nil for nil, and panics on with the rest.
func caught(recovered any) *PositionError {
	switch r := recovered.(type) {
	case nil:
		return nil
	case parseFault:
		return r.err
	default:
		panic(r)
	}
}

func parse(src []byte) (n *node, err error) {
	p := &parser{src: src}
	defer func() {
		if fault := caught(recover()); fault != nil {
			n, err = nil, fault
		}
	}()
	if strings.HasPrefix(string(src[:min(3, len(src))]), "\ufeff") {
		p.at = 3
	}
	n = p.value()
	p.space()
	if p.at < len(src) {
		p.fail("the end of the file")
	}
	return n, nil
}

func (p *parser) fail(want string) {
	panic(parseFault{positionError(p.src, p.at, "", want, p.seen())})
}

// seen describes the bytes at the cursor for a message.
func (p *parser) seen() string {
	if p.at >= len(p.src) {
		return "the end of the file"
	}
	r, _ := utf8.DecodeRune(p.src[p.at:])
	if r == utf8.RuneError {
		return fmt.Sprintf("byte 0x%02x", p.src[p.at])
	}
	return strconv.QuoteRune(r)
}

func positionError(src []byte, at int, path, want, got string) *PositionError {
	e := &PositionError{Line: 1, Column: 1, Offset: int64(at), Path: path, Want: want, Got: got}
	before := src[:min(at, len(src))]
	e.Line += strings.Count(string(before), "\n")
	if i := strings.LastIndexByte(string(before), '\n'); i >= 0 {
		before = before[i+1:]
	}
	e.Column += utf8.RuneCount(before)
	return e
}

func (p *parser) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

func (p *parser) value() *node {
	p.space()
	if p.depth++; p.depth > maxDepth {
		p.fail(fmt.Sprintf("at most %d nested values", maxDepth))
	}
	defer func() { p.depth-- }()
	n := &node{off: p.at}
	switch c := p.peek(); {
	case c == '{':
		p.object(n)
	case c == '[':
		p.array(n)
	case c == '"':
		n.kind, n.text = kindString, p.str()
	case c == '-' || c >= '0' && c <= '9':
		n.kind, n.text = kindNumber, p.number()
	case p.literal("true"):
		n.kind, n.text = kindBool, "true"
	case p.literal("false"):
		n.kind, n.text = kindBool, "false"
	case p.literal("null"):
		n.kind = kindNull
	default:
		p.fail("a JSON value")
	}
	return n
}

func (p *parser) literal(word string) bool {
	if strings.HasPrefix(string(p.src[p.at:min(p.at+len(word), len(p.src))]), word) {
		p.at += len(word)
		return true
	}
	return false
}

func (p *parser) object(n *node) {
	n.kind = kindObject
	seen := map[string]bool{}
	p.at++
	p.space()
	if p.peek() == '}' {
		p.at++
		return
	}
	for {
		p.space()
		if p.peek() != '"' {
			p.fail(`a key in double quotes`)
		}
		start := p.at
		key := p.str()
		if seen[key] {
			p.at = start
			panic(parseFault{positionError(p.src, start, "", "each key once",
				"a second "+strconv.Quote(key))})
		}
		seen[key] = true
		p.space()
		if p.peek() != ':' {
			p.fail(fmt.Sprintf("':' after the key %q", key))
		}
		p.at++
		n.keys = append(n.keys, key)
		n.items = append(n.items, p.value())
		if !p.more('}') {
			return
		}
	}
}

func (p *parser) array(n *node) {
	n.kind = kindArray
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return
	}
	for {
		n.items = append(n.items, p.value())
		if !p.more(']') {
			return
		}
	}
}

// more consumes a separator and says whether another element follows.
func (p *parser) more(end byte) bool {
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		return true
	case end:
		p.at++
		return false
	}
	p.fail(fmt.Sprintf("',' or '%c'", end))
	return false
}

func (p *parser) digits() {
	if c := p.peek(); c < '0' || c > '9' {
		p.fail("a digit")
	}
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
}

func (p *parser) number() string {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else {
		p.digits()
	}
	if p.peek() == '.' {
		p.at++
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		p.digits()
	}
	return string(p.src[start:p.at])
}

func (p *parser) str() string {
	p.at++
	start := p.at
	for p.at < len(p.src) && p.src[p.at] != '"' && p.src[p.at] != '\\' && p.src[p.at] >= 0x20 {
		p.at++
	}
	if p.peek() == '"' {
		s := string(p.src[start:p.at])
		p.at++
		return strings.ToValidUTF8(s, "\ufffd")
	}
	var b strings.Builder
	b.Write(p.src[start:p.at])
	for {
		switch c := p.peek(); {
		case p.at >= len(p.src):
			p.fail(`a closing '"'`)
		case c == '"':
			p.at++
			return strings.ToValidUTF8(b.String(), "\ufffd")
		case c == '\\':
			p.escape(&b)
		case c < 0x20:
			p.fail(`an escape such as \n inside a string, or a closing '"'`)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
}

const (
	escapeFrom = `"\/bfnrt`
	escapeTo   = "\"\\/\b\f\n\r\t"
)

func (p *parser) escape(b *strings.Builder) {
	p.at++
	c := p.peek()
	if i := strings.IndexByte(escapeFrom, c); i >= 0 && c != 0 {
		b.WriteByte(escapeTo[i])
		p.at++
		return
	}
	if c != 'u' {
		p.fail(`one of "\/bfnrtu after a backslash`)
	}
	p.at++
	r := p.hex4()
	if utf16.IsSurrogate(r) && p.literal(`\u`) {
		mark := p.at
		low := p.hex4()
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			b.WriteRune(pair)
			return
		}
		p.at = mark - 2
	}
	b.WriteRune(r) // a lone surrogate becomes U+FFFD
}

func (p *parser) hex4() rune {
	if p.at+4 > len(p.src) {
		p.at = len(p.src)
		p.fail("four hexadecimal digits")
	}
	v, err := strconv.ParseUint(string(p.src[p.at:p.at+4]), 16, 16)
	if err != nil {
		p.fail("four hexadecimal digits")
	}
	p.at += 4
	return rune(v)
}
