package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Item is a data set to write.
type Item struct {
	Path  string // "data/conv1/0": groups are made
	Shape []int
	Value any // []float32, []float64, []int32 or, without a shape, string
}

// Create writes a file of data sets, beside path first, in the oldest form of the format, which every reader takes.
func Create(path string, items []Item) error {
	w := &writer{}
	if err := w.lay(items); err != nil {
		return err
	}
	err := atomicfile.Write(path, func(out io.Writer) error {
		if _, err := out.Write(w.meta); err != nil {
			return err
		}
		for _, d := range w.data {
			if err := writeValue(out, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("hdf5: %w", err)
	}
	return nil
}

// tree is a group, or a data set.
type tree struct {
	name     string
	children []*tree
	item     *Item
}

// writer lays out metadata; the elements of all data sets follow it.
type writer struct {
	meta []byte
	data []any
	late []late
	leaf int
}

// late is a place in the metadata for the address of a data set's elements.
type late struct {
	at    int
	value any
}

func (w *writer) lay(items []Item) error {
	root := &tree{}
	w.leaf = 4
	for i := range items {
		n := root
		for _, part := range strings.Split(strings.Trim(items[i].Path, "/"), "/") {
			if part == "" || n.item != nil {
				return fmt.Errorf("hdf5: path %q", items[i].Path)
			}
			k := slices.IndexFunc(n.children, func(c *tree) bool { return c.name == part })
			if k < 0 {
				k = len(n.children)
				n.children = append(n.children, &tree{name: part})
				w.leaf = max(w.leaf, (len(n.children)+1)/2)
			}
			n = n.children[k]
		}
		if n.item != nil || len(n.children) > 0 {
			return fmt.Errorf("hdf5: path %q is there twice", items[i].Path)
		}
		n.item = &items[i]
	}
	if w.leaf > math.MaxUint16 {
		return fmt.Errorf("hdf5: a group of %d members", 2*w.leaf)
	}
	w.meta = make([]byte, 96)
	header, err := w.put(root)
	if err != nil {
		return err
	}
	at := uint64(len(w.meta))
	for _, l := range w.late {
		binary.LittleEndian.PutUint64(w.meta[l.at:], at)
		w.data = append(w.data, l.value)
		at += size(l.value)
	}
	w.superblock(header, at)
	return nil
}

func (w *writer) superblock(root, end uint64) {
	b := append([]byte(signature), 0, 0, 0, 0, 0, 8, 8, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(w.leaf))
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, 0, 0, 0, 0)
	for _, v := range []uint64{0, undefined, end, undefined, 0, root, 0, 0, 0} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	copy(w.meta, b[:96])
}

// alloc makes room for n bytes of metadata.
func (w *writer) alloc(b []byte) uint64 {
	at := len(w.meta)
	w.meta = append(w.meta, b...)
	for len(w.meta)%8 != 0 {
		w.meta = append(w.meta, 0)
	}
	return uint64(at)
}

// message is one message of an object's header.
func message(typ uint16, body []byte) []byte {
	for len(body)%8 != 0 {
		body = append(body, 0)
	}
	b := binary.LittleEndian.AppendUint16(nil, typ)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(body)))
	return append(append(b, 0, 0, 0, 0), body...)
}

func header(messages ...[]byte) []byte {
	body := slices.Concat(messages...)
	b := []byte{1, 0, byte(len(messages)), 0, 1, 0, 0, 0}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	return append(append(b, 0, 0, 0, 0), body...)
}

// put writes a group or data set and returns the address of its header.
func (w *writer) put(n *tree) (uint64, error) {
	if n.item != nil {
		return w.dataset(n.item)
	}
	slices.SortFunc(n.children, func(a, b *tree) int { return strings.Compare(a.name, b.name) })
	heads := make([]uint64, len(n.children))
	for i, c := range n.children {
		var err error
		if heads[i], err = w.put(c); err != nil {
			return 0, err
		}
	}
	le := binary.LittleEndian
	names := make([]byte, 8)
	leaf := []byte{'S', 'N', 'O', 'D', 1, 0}
	leaf = le.AppendUint16(leaf, uint16(len(n.children)))
	last := uint64(0)
	for i, c := range n.children {
		last = uint64(len(names))
		names = append(names, c.name...)
		names = append(names, make([]byte, 8-len(c.name)%8)...)
		leaf = le.AppendUint64(le.AppendUint64(leaf, last), heads[i])
		leaf = append(leaf, make([]byte, 24)...)
	}
	leaf = append(leaf, make([]byte, 8+80*w.leaf-len(leaf))...)
	list := w.alloc(leaf)
	heap := []byte{'H', 'E', 'A', 'P', 0, 0, 0, 0}
	at := w.alloc(names)
	for _, v := range []uint64{uint64(len(names)), 1, at} {
		heap = le.AppendUint64(heap, v)
	}
	node := []byte{'T', 'R', 'E', 'E', 0, 0, 1, 0}
	for _, v := range []uint64{undefined, undefined, 0, list, last} {
		node = le.AppendUint64(node, v)
	}
	node = append(node, make([]byte, 544-len(node))...)
	symbols := le.AppendUint64(nil, w.alloc(node))
	symbols = le.AppendUint64(symbols, w.alloc(heap))
	return w.alloc(header(message(msgSymbols, symbols))), nil
}

func size(v any) uint64 {
	switch x := v.(type) {
	case []float32:
		return 4 * uint64(len(x))
	case []float64:
		return 8 * uint64(len(x))
	case []int32:
		return 4 * uint64(len(x))
	case string:
		return uint64(len(x)) + 1
	}
	return 0
}

// typeOf returns the datatype message of a value and its number of elements.
func typeOf(v any) ([]byte, int, error) {
	le := binary.LittleEndian
	float := func(second byte, size, bits uint32, exp, expBits, frac byte, bias uint32) []byte {
		b := le.AppendUint32([]byte{0x11, 0x20, second, 0}, size)
		b = append(b, 0, 0, byte(bits), 0, exp, expBits, 0, frac)
		return le.AppendUint32(b, bias)
	}
	switch x := v.(type) {
	case []float32:
		return float(31, 4, 32, 23, 8, 23, 127), len(x), nil
	case []float64:
		return float(63, 8, 64, 52, 11, 52, 1023), len(x), nil
	case []int32:
		return append(le.AppendUint32([]byte{0x10, 8, 0, 0}, 4), 0, 0, 32, 0), len(x), nil
	case string:
		return le.AppendUint32([]byte{0x13, 0, 0, 0}, uint32(len(x)+1)), 1, nil
	}
	return nil, 0, fmt.Errorf("hdf5: a value of type %T; want []float32, []float64, []int32 or string", v)
}

func (w *writer) dataset(it *Item) (uint64, error) {
	typ, n, err := typeOf(it.Value)
	if err != nil {
		return 0, err
	}
	want := 1
	for _, e := range it.Shape {
		want *= e
	}
	if want != n || len(it.Shape) > 32 {
		return 0, fmt.Errorf("hdf5: %s has %d elements for shape %v", it.Path, n, it.Shape)
	}
	le := binary.LittleEndian
	space := []byte{1, byte(len(it.Shape)), 0, 0, 0, 0, 0, 0}
	for _, e := range it.Shape {
		space = le.AppendUint64(space, uint64(e))
	}
	layout := le.AppendUint64([]byte{3, 1}, undefined)
	layout = le.AppendUint64(layout, size(it.Value))
	h := header(message(msgSpace, space), message(msgType, typ), message(msgFill, []byte{2, 2, 2, 0}), message(msgLayout, layout))
	at := w.alloc(h)
	if size(it.Value) > 0 {
		// The layout is the last message: 24 bytes of 18 and padding; the address follows two bytes.
		w.late = append(w.late, late{int(at) + len(h) - 22, it.Value})
	}
	return at, nil
}

func writeValue(out io.Writer, v any) error {
	if s, ok := v.(string); ok {
		_, err := io.WriteString(out, s+"\x00")
		return err
	}
	if size(v) == 0 {
		return errors.New("a value without elements")
	}
	return binary.Write(out, binary.LittleEndian, v)
}
