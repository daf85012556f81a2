package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// maxLine bounds the length of a line of JSON.
const maxLine = 64 << 20

// ReadJSONL reads a file with one JSON object on each line. A key is a column; nested objects give columns
// such as address.city. Lists are kept as their JSON text.
func ReadJSONL(path string) (*Table, error) {
	return open("table.ReadJSONL", path, func(f *os.File) (*Table, error) { return DecodeJSONL(f) })
}

// DecodeJSONL is ReadJSONL for a reader. Errors name the line.
func DecodeJSONL(r io.Reader) (*Table, error) {
	t, err := decodeJSONL(r)
	if err != nil {
		return nil, fmt.Errorf("table.DecodeJSONL: %w", err)
	}
	return t, nil
}

// rows gathers objects as columns of any values.
type rows struct {
	n      int
	names  []string
	values map[string][]any
}

func decodeJSONL(r io.Reader) (*Table, error) {
	all := &rows{values: map[string][]any{}}
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<16), maxLine)
	for line := 1; s.Scan(); line++ {
		b := bytes.TrimSpace(bytes.TrimPrefix(s.Bytes(), []byte("\ufeff")))
		if len(b) == 0 {
			continue
		}
		if b[0] != '{' {
			return nil, fmt.Errorf("line %d starts with %q; want an object on each line", line, b[0])
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := all.object(d, ""); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, ended(err))
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: there is text after the object", line)
		}
		all.n++
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		return nil, err
	}
	if all.n == 0 {
		return nil, errors.New("the file has no objects")
	}
	t := &Table{}
	for _, name := range all.names {
		t.Columns = append(t.Columns, all.column(name))
	}
	return t, nil
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the line ends within an object")
	}
	return err
}

// object reads the keys of an object, in their order; those of objects in it under prefix.
func (r *rows) object(d *json.Decoder, prefix string) error {
	if strings.Count(prefix, ".") > 50 {
		return errors.New("objects are nested more than 50 deep")
	}
	if _, err := d.Token(); err != nil { // {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name := prefix + key.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if len(raw) > 0 && raw[0] == '{' {
			inner := json.NewDecoder(bytes.NewReader(raw))
			inner.UseNumber()
			if err := r.object(inner, name+"."); err != nil {
				return err
			}
			continue
		}
		var v any
		if raw[0] == '[' {
			v = string(raw)
		} else {
			one := json.NewDecoder(bytes.NewReader(raw))
			one.UseNumber()
			if err := one.Decode(&v); err != nil {
				return err
			}
		}
		r.set(name, v)
	}
	_, err := d.Token() // }
	return err
}

// set puts a value into the current row.
func (r *rows) set(name string, v any) {
	col, ok := r.values[name]
	if !ok {
		r.names = append(r.names, name)
	}
	for len(col) < r.n {
		col = append(col, nil)
	}
	r.values[name] = append(col[:r.n], v)
}

// column converts values to the first kind that fits all of them.
func (r *rows) column(name string) *Column {
	col := r.values[name]
	for len(col) < r.n {
		col = append(col, nil)
	}
	kind := kindOf(col)
	c := &Column{Name: name, Kind: kind}
	for i, v := range col {
		if v == nil {
			c.lack(i)
		}
		switch kind {
		case Int:
			x, _ := v.(json.Number)
			n, _ := x.Int64()
			c.Ints = append(c.Ints, n)
		case Float:
			f := math.NaN()
			if x, ok := v.(json.Number); ok {
				f, _ = x.Float64()
			}
			c.Floats = append(c.Floats, f)
		case Bool:
			x, _ := v.(bool)
			c.Bools = append(c.Bools, x)
		case Text:
			s := ""
			if v != nil {
				s = fmt.Sprint(v)
			}
			c.Texts = append(c.Texts, s)
		}
	}
	c.square()
	return c
}

func kindOf(col []any) Kind {
	numbers, ints, bools, texts := 0, 0, 0, 0
	for _, v := range col {
		switch v := v.(type) {
		case nil:
		case bool:
			bools++
		case json.Number:
			numbers++
			if _, err := v.Int64(); err == nil {
				ints++
			}
		default:
			texts++
		}
	}
	switch {
	case texts > 0 || bools > 0 && numbers > 0:
		return Text
	case bools > 0:
		return Bool
	case numbers > 0 && ints == numbers:
		return Int
	}
	return Float
}
