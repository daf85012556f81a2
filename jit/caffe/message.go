package caffe

import (
	"fmt"
	"strconv"

	"github.com/lathe-ml/lathe/engine"
)

// Message is a message of a file: fields by name, each a list of values.
type Message struct {
	fields map[string][]any // string (words, texts, numbers of text files), int64, float64, bool, []float32, *Message
	order  []string
}

func newMessage() *Message { return &Message{fields: map[string][]any{}} }

func (m *Message) add(name string, v any) {
	if _, known := m.fields[name]; !known {
		m.order = append(m.order, name)
	}
	m.fields[name] = append(m.fields[name], v)
}

// set replaces a field.
func (m *Message) set(name string, vs ...any) {
	if _, known := m.fields[name]; !known {
		m.order = append(m.order, name)
	}
	m.fields[name] = vs
}

func (m *Message) drop(name string) { delete(m.fields, name) }

// Has reports whether a field is given.
func (m *Message) Has(name string) bool { return m != nil && len(m.fields[name]) > 0 }

// fail panics with an error that says which layer or file it is about, which callers add.
func fail(format string, args ...any) { engine.Fail("caffe", format, args...) }

func (m *Message) all(name string) []any {
	if m == nil {
		return nil
	}
	return m.fields[name]
}

func (m *Message) last(name string) any {
	vs := m.all(name)
	if len(vs) == 0 {
		return nil
	}
	return vs[len(vs)-1]
}

// Message returns a field that is a message; nil when it is not given.
func (m *Message) Message(name string) *Message {
	v, _ := m.last(name).(*Message)
	return v
}

// Messages returns a repeated field of messages.
func (m *Message) Messages(name string) []*Message {
	var out []*Message
	for _, v := range m.all(name) {
		if c, ok := v.(*Message); ok {
			out = append(out, c)
		}
	}
	return out
}

// Text returns a string or the name of an enumeration's value.
func (m *Message) Text(name, def string) string {
	if v := m.last(name); v != nil {
		return text(v)
	}
	return def
}

func text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	}
	return fmt.Sprint(v)
}

// Texts returns a repeated field of strings.
func (m *Message) Texts(name string) []string {
	var out []string
	for _, v := range m.all(name) {
		out = append(out, text(v))
	}
	return out
}

// Int returns an integer.
func (m *Message) Int(name string, def int) int {
	v := m.last(name)
	if v == nil {
		return def
	}
	return asInt(name, v)
}

func asInt(name string, v any) int {
	switch x := v.(type) {
	case int64:
		return int(x)
	case float64:
		return int(x)
	case string:
		if n, err := strconv.ParseInt(x, 0, 64); err == nil {
			return int(n)
		}
		if f, err := strconv.ParseFloat(x, 64); err == nil && f == float64(int(f)) {
			return int(f)
		}
	}
	fail("field %s is %v, want an integer", name, v)
	return 0
}

// Ints returns a repeated field of integers.
func (m *Message) Ints(name string) []int {
	var out []int
	for _, v := range m.all(name) {
		out = append(out, asInt(name, v))
	}
	return out
}

// Float returns a number.
func (m *Message) Float(name string, def float64) float64 {
	v := m.last(name)
	if v == nil {
		return def
	}
	return asFloat(name, v)
}

func asFloat(name string, v any) float64 {
	switch x := v.(type) {
	case float64:
		return x
	case int64:
		return float64(x)
	case []float32:
		if len(x) > 0 {
			return float64(x[len(x)-1])
		}
	case string:
		if n := len(x); n > 1 && (x[n-1] == 'f' || x[n-1] == 'F') && x != "inf" && x != "-inf" {
			x = x[:n-1]
		}
		if f, err := strconv.ParseFloat(x, 64); err == nil {
			return f
		}
	}
	fail("field %s is %v, want a number", name, v)
	return 0
}

// Floats returns a repeated field of numbers.
func (m *Message) Floats(name string) []float64 {
	var out []float64
	for _, v := range m.all(name) {
		if many, ok := v.([]float32); ok {
			for _, f := range many {
				out = append(out, float64(f))
			}
			continue
		}
		out = append(out, asFloat(name, v))
	}
	return out
}

// Bool returns a truth value.
func (m *Message) Bool(name string, def bool) bool {
	switch x := m.last(name).(type) {
	case nil:
		return def
	case bool:
		return x
	case int64:
		return x != 0
	case string:
		switch x {
		case "true", "True", "t", "1":
			return true
		case "false", "False", "f", "0":
			return false
		}
	}
	fail("field %s is %v, want true or false", name, m.last(name))
	return false
}

// clone copies a message and the messages in it.
func (m *Message) clone() *Message {
	c := &Message{fields: make(map[string][]any, len(m.fields)), order: append([]string{}, m.order...)}
	for name, vs := range m.fields {
		out := make([]any, len(vs))
		for i, v := range vs {
			if sub, ok := v.(*Message); ok {
				v = sub.clone()
			}
			out[i] = v
		}
		c.fields[name] = out
	}
	return c
}
