package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSVOptions are the options of ReadCSV; the zero value is the default.
type CSVOptions struct {
	Comma    rune            // field separator; 0: a comma
	Comment  rune            // lines that start with it are skipped; 0: none
	NoHeader bool            // the first line is data; columns are then called c0, c1, …
	Missing  []string        // what a missing value looks like; nil: "", NA, N/A, NaN, nan, null, None, ?
	Kinds    map[string]Kind // columns whose kind is known; others get the first of int, float, bool, text that fits
}

var missing = []string{"", "NA", "N/A", "NaN", "nan", "null", "None", "?"}

// ReadCSV reads a file of comma-separated values with typed columns.
func ReadCSV(path string, o ...CSVOptions) (*Table, error) {
	return open("table.ReadCSV", path, func(f *os.File) (*Table, error) { return DecodeCSV(f, o...) })
}

// open reads a file with decode and names it in errors.
func open(where, path string, decode func(f *os.File) (*Table, error)) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	defer f.Close()
	t, err := decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Title = path
	return t, nil
}

// DecodeCSV is ReadCSV for a reader. Errors name line and column.
func DecodeCSV(r io.Reader, o ...CSVOptions) (*Table, error) {
	var opt CSVOptions
	if len(o) > 0 {
		opt = o[0]
	}
	t, err := decodeCSV(r, opt)
	if err != nil {
		return nil, fmt.Errorf("table.DecodeCSV: %w", err)
	}
	return t, nil
}

func decodeCSV(r io.Reader, o CSVOptions) (*Table, error) {
	if o.Missing == nil {
		o.Missing = missing
	}
	c := csv.NewReader(r)
	if o.Comma != 0 {
		c.Comma = o.Comma
	}
	c.Comment, c.TrimLeadingSpace, c.ReuseRecord = o.Comment, true, true
	first, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	names, err := header(first, o.NoHeader)
	if err != nil {
		return nil, err
	}
	raw := make([][]string, len(names))
	lines := []int{}
	keep := func(rec []string) {
		line, _ := c.FieldPos(0)
		lines = append(lines, line)
		for i, s := range rec {
			raw[i] = append(raw[i], strings.Clone(strings.TrimSpace(s)))
		}
	}
	if o.NoHeader {
		keep(first)
	}
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d has %d fields, the first line has %d", line, len(rec), len(names))
		}
		if err != nil {
			return nil, err
		}
		keep(rec)
	}
	t := &Table{}
	for i, n := range names {
		col, err := typed(n, raw[i], o, lines)
		if err != nil {
			return nil, err
		}
		t.Columns = append(t.Columns, col)
		raw[i] = nil
	}
	return t, nil
}

// header returns the names of the columns.
func header(first []string, numbered bool) ([]string, error) {
	names := slices.Clone(first)
	for i, n := range names {
		names[i] = strings.TrimSpace(strings.TrimPrefix(n, "\ufeff"))
		if !utf8.ValidString(n) {
			return nil, errors.New("the first line is not UTF-8 text; convert the file to UTF-8")
		}
		if numbered {
			names[i] = "c" + strconv.Itoa(i)
		}
	}
	return names, nil
}

// typed finds the kind of a column of text and converts it.
func typed(name string, raw []string, o CSVOptions, lines []int) (*Column, error) {
	kinds := []Kind{Int, Float, Bool, Text}
	k, known := o.Kinds[name]
	if known {
		kinds = []Kind{k}
	}
	for _, k := range kinds {
		c, bad := convert(name, raw, k, o.Missing)
		if bad < 0 {
			return c, nil
		}
		if known || k == Text {
			return nil, fmt.Errorf("line %d (%s): %q is no %v", lines[bad], name, raw[bad], k)
		}
	}
	return nil, nil
}

// convert returns the column as kind k, or the first value that is not of it.
func convert(name string, raw []string, k Kind, missing []string) (c *Column, bad int) {
	c = &Column{Name: name, Kind: k}
	for i, s := range raw {
		gone := slices.Contains(missing, s)
		if gone {
			c.lack(i)
		}
		ok := c.parse(s, gone)
		if !ok && !gone {
			return nil, i
		}
	}
	c.square()
	return c, -1
}

// parse appends the value that s writes, or a zero.
func (c *Column) parse(s string, gone bool) bool {
	var err error
	switch c.Kind {
	case Int:
		var v int64
		v, err = strconv.ParseInt(s, 10, 64)
		c.Ints = append(c.Ints, v)
	case Float:
		v := math.NaN()
		if !gone {
			v, err = strconv.ParseFloat(s, 64)
			if errors.Is(err, strconv.ErrRange) { // ±Inf stands for it
				err = nil
			}
		}
		c.Floats = append(c.Floats, v)
	case Bool:
		low := strings.ToLower(s)
		c.Bools = append(c.Bools, low == "true")
		return low == "true" || low == "false"
	case Text:
		if gone {
			s = ""
		}
		c.Texts = append(c.Texts, s)
		return utf8.ValidString(s)
	}
	return err == nil
}
