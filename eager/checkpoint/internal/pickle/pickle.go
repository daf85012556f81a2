// Package pickle reads Python's pickles of plain data without executing anything that they name.
//
//	d := pickle.NewDecoder(r, size)
//	d.Call = func(name string, args []any) (any, error) { … } // what known functions return
//	d.Load = func(id any) (any, error) { … }                  // objects stored outside
//	v, err := d.Decode()
//
// Values are nil, bool, int64, float64, string, []byte, Tuple, *List, *Dict, Global and what Call and Load
// return. It does not write pickles, build objects of classes or read what other programs than pickle
// (with protocol 0 to 5) write. Memory is bounded by the size of the input and by maxValues.
// Source: Python's Lib/pickletools.py.
package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxValues bounds the values that one pickle may make: a state dict has some 40 for each tensor.
const maxValues = 1 << 22

type (
	// Tuple is a Python tuple.
	Tuple []any
	// List is a Python list or set.
	List struct{ Items []any }
	// Dict is a Python dict in its order. Keys may occur twice, the last one counts.
	Dict struct{ Keys, Values []any }
	// Global is the full name of a class or function, such as "collections.OrderedDict".
	Global string
)

// mark is where the values for a collection start on the stack.
type mark struct{}

// Decoder reads one pickle after the other.
type Decoder struct {
	// Call returns what the named function returns for args; an error ends decoding.
	Call func(name string, args []any) (any, error)
	// Load returns the object with the persistent id.
	Load func(id any) (any, error)

	r      *bufio.Reader
	size   int64 // of the input
	at     int64 // bytes read
	values int
	stack  []any
	memo   map[uint64]any
}

// NewDecoder returns a Decoder of input that has size bytes.
func NewDecoder(r io.Reader, size int64) *Decoder {
	return &Decoder{r: bufio.NewReader(r), size: size}
}

// count adds n values and refuses too many.
func (d *Decoder) count(n int) error {
	if d.values += n; d.values > maxValues {
		return fmt.Errorf("pickle, byte %d: more than %d values", d.at, maxValues)
	}
	return nil
}

// Read reads what follows the pickles that were read.
func (d *Decoder) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	d.at += int64(n)
	return n, err
}

// Offset returns the number of bytes read.
func (d *Decoder) Offset() int64 { return d.at }

// Decode reads the next pickle.
func (d *Decoder) Decode() (v any, err error) {
	d.stack, d.memo, d.values = d.stack[:0], map[uint64]any{}, 0
	start := d.at
	for {
		op, err := d.byte()
		if err != nil {
			return nil, fmt.Errorf("pickle at byte %d: %w", start, err)
		}
		if op == opStop {
			break
		}
		if err := d.step(op); err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", d.at, err)
		}
		if err := d.count(0); err != nil {
			return nil, err
		}
	}
	v, err = d.pop()
	if err != nil || len(d.stack) > 0 {
		return nil, fmt.Errorf("pickle, byte %d: the stack has %d values left, want 1 in all", d.at,
			len(d.stack))
	}
	return v, nil
}

var errCut = errors.New("the data is cut short")

func (d *Decoder) byte() (byte, error) {
	b, err := d.r.ReadByte()
	if err != nil {
		return 0, cut(err)
	}
	d.at++
	return b, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}

// bytes reads n bytes; nothing is allocated for more than the input has.
func (d *Decoder) bytes(n uint64) ([]byte, error) {
	if n > uint64(max(d.size-d.at, 0)) {
		return nil, errCut
	}
	b := make([]byte, n)
	k, err := io.ReadFull(d.r, b)
	d.at += int64(k)
	if err != nil {
		return nil, cut(err)
	}
	return b, nil
}

// uint reads a little-endian number of n bytes.
func (d *Decoder) uint(n int) (uint64, error) {
	var v uint64
	for i := range n {
		b, err := d.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b) << (8 * i)
	}
	return v, nil
}

// counted reads bytes after their number, which has n bytes.
func (d *Decoder) counted(n int) ([]byte, error) {
	size, err := d.uint(n)
	if err != nil {
		return nil, err
	}
	return d.bytes(size)
}

// line reads up to a line break, which is not returned.
func (d *Decoder) line() (string, error) {
	var line []byte
	for {
		b, err := d.byte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return string(line), nil
		}
		line = append(line, b)
	}
}

func (d *Decoder) push(v any) {
	d.values++
	d.stack = append(d.stack, v)
}

var errEmpty = errors.New("an operation lacks its operands")

func (d *Decoder) pop() (any, error) {
	n := len(d.stack)
	if n == 0 {
		return nil, errEmpty
	}
	v := d.stack[n-1]
	if _, is := v.(mark); is {
		return nil, errEmpty
	}
	d.stack = d.stack[:n-1]
	return v, nil
}

// take returns a copy of the last n values and removes them.
func (d *Decoder) take(n int) ([]any, error) {
	items := make([]any, n)
	for i := range n {
		var err error
		if items[n-1-i], err = d.pop(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// takeMarked returns a copy of the values after the last mark and removes them with it.
func (d *Decoder) takeMarked() ([]any, error) {
	for i := len(d.stack) - 1; i >= 0; i-- {
		if _, is := d.stack[i].(mark); is {
			items := append([]any(nil), d.stack[i+1:]...)
			d.stack = d.stack[:i]
			return items, nil
		}
	}
	return nil, errEmpty
}

// top returns the last value, which stays.
func (d *Decoder) top() (any, error) {
	v, err := d.pop()
	if err == nil {
		d.stack = append(d.stack, v)
	}
	return v, err
}
