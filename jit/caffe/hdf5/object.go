package hdf5

import (
	"bytes"
	"errors"
	"fmt"
)

// Types of messages in the header of an object.
const (
	msgSpace, msgLinkInfo, msgType, msgFill, msgLink = 1, 2, 3, 5, 6
	msgLayout, msgFilters, msgContinued, msgSymbols  = 8, 11, 16, 17

	flagShared = 2
)

// object is a group or data set: the messages of its header.
type object struct {
	space, typ, fill, layout, filters []byte
	symbols                           []byte // of a group of the first generation
	linkInfo                          []byte
	linkMsgs                          [][]byte
	shared                            bool // its type lies elsewhere
}

// link is a name in a group.
type link struct {
	name   string
	header uint64
}

func (o *object) add(typ uint64, flags uint64, b []byte) {
	switch typ {
	case msgSpace:
		o.space = b
	case msgType:
		o.typ, o.shared = b, flags&flagShared != 0
	case msgFill:
		o.fill = b
	case msgLayout:
		o.layout = b
	case msgFilters:
		o.filters = b
	case msgSymbols:
		o.symbols = b
	case msgLinkInfo:
		o.linkInfo = b
	case msgLink:
		o.linkMsgs = append(o.linkMsgs, b)
	}
}

// object reads the header at an address.
func (f *File) object(address uint64) (*object, error) {
	if address == undefined {
		return nil, errors.New("hdf5: an object has no header")
	}
	b, err := f.bytes(f.at(address), 16)
	if err != nil {
		return nil, err
	}
	if string(b[:4]) == "OHDR" {
		return f.objectV2(address)
	}
	d := &decoder{b: b, f: f}
	if v := d.uint(1); v != 1 {
		return nil, fmt.Errorf("hdf5: header of version %d at %d", v, address)
	}
	d.skip(7)
	size := d.uint(4)
	o := &object{}
	type block struct{ at, size uint64 }
	for blocks := []block{{f.at(address) + 16, size}}; len(blocks) > 0; {
		b, err := f.bytes(blocks[0].at, blocks[0].size)
		if err != nil {
			return nil, err
		}
		blocks = blocks[1:]
		for d := (&decoder{b: b, f: f}); len(d.b) >= 8; {
			typ, n, flags := d.uint(2), int(d.uint(2)), d.uint(1)
			d.skip(3)
			body := d.take(n)
			if d.err != nil {
				return nil, d.err
			}
			if typ == msgContinued {
				c := &decoder{b: body, f: f}
				next := block{f.at(c.address()), c.extent()}
				if c.err != nil {
					return nil, c.err
				}
				blocks = append(blocks, next)
				continue
			}
			o.add(typ, flags, body)
		}
	}
	return o, nil
}

// objectV2 reads a header of the second generation.
func (f *File) objectV2(address uint64) (*object, error) {
	head, err := f.bytes(f.at(address), min(64, f.size-f.at(address)))
	if err != nil {
		return nil, err
	}
	d := &decoder{b: head, f: f}
	d.skip(4)
	if v := d.uint(1); v != 2 {
		return nil, fmt.Errorf("hdf5: header of version %d at %d", v, address)
	}
	flags := d.uint(1)
	if flags&0x20 != 0 {
		d.skip(16)
	}
	if flags&0x10 != 0 {
		d.skip(4)
	}
	size := d.uint(1 << (flags & 3))
	if d.err != nil {
		return nil, d.err
	}
	o := &object{}
	type block struct{ at, size uint64 }
	for blocks := []block{{f.at(address) + uint64(len(head)-len(d.b)), size}}; len(blocks) > 0; {
		b, err := f.bytes(blocks[0].at, blocks[0].size)
		if err != nil {
			return nil, err
		}
		blocks = blocks[1:]
		for d := (&decoder{b: b, f: f}); len(d.b) >= 4; {
			typ, n, mflags := d.uint(1), int(d.uint(2)), d.uint(1)
			if flags&4 != 0 {
				d.skip(2)
			}
			body := d.take(n)
			if d.err != nil {
				break // a gap at the end
			}
			if typ != msgContinued {
				o.add(typ, mflags, body)
				continue
			}
			c := &decoder{b: body, f: f}
			at, n64 := f.at(c.address()), c.extent()
			if c.err != nil || n64 < 8 {
				return nil, errors.New("hdf5: a header goes on nowhere")
			}
			blocks = append(blocks, block{at + 4, n64 - 8}) // without OCHK and the checksum
		}
	}
	return o, nil
}

// links lists a group.
func (f *File) links(o *object) ([]link, error) {
	if o.layout != nil {
		return nil, errors.New("hdf5: a data set where a group was expected")
	}
	if o.symbols != nil {
		d := &decoder{b: o.symbols, f: f}
		tree, heap := d.address(), d.address()
		if d.err != nil {
			return nil, d.err
		}
		names, err := f.heap(heap)
		if err != nil {
			return nil, err
		}
		var out []link
		err = f.symbolTree(tree, names, 0, &out)
		return out, err
	}
	if len(o.linkInfo) > 0 {
		d := &decoder{b: o.linkInfo, f: f}
		d.skip(1)
		if flags := d.uint(1); flags&1 != 0 {
			d.skip(8)
		}
		if d.address() != undefined && d.err == nil {
			return nil, errors.New("hdf5: a group keeps its links in a fractal heap, which is not read; " +
				"groups of up to 8 members do without, as do files written with libver=\"earliest\"")
		}
	}
	var out []link
	for _, m := range o.linkMsgs {
		l, hard, err := f.linkMessage(m)
		if err != nil {
			return nil, err
		}
		if hard {
			out = append(out, l)
		}
	}
	return out, nil
}

// linkMessage reads a link of the second generation.
func (f *File) linkMessage(m []byte) (l link, hard bool, err error) {
	d := &decoder{b: m, f: f}
	d.skip(1)
	flags, typ := d.uint(1), uint64(0)
	if flags&8 != 0 {
		typ = d.uint(1)
	}
	if flags&4 != 0 {
		d.skip(8)
	}
	if flags&16 != 0 {
		d.skip(1)
	}
	n := d.uint(1 << (flags & 3))
	if n > uint64(len(m)) {
		return l, false, errors.New("hdf5: a link's name is longer than the link")
	}
	l.name = string(d.take(int(n)))
	if typ == 0 {
		l.header = d.address()
	}
	return l, typ == 0, d.err
}

// heap returns the names of a group of the first generation.
func (f *File) heap(address uint64) ([]byte, error) {
	b, err := f.bytes(f.at(address), uint64(8+2*f.length+f.offset))
	if err != nil {
		return nil, err
	}
	d := &decoder{b: b, f: f}
	d.magic("HEAP")
	d.skip(4)
	n := d.extent()
	d.extent()
	at := d.address()
	if d.err != nil {
		return nil, d.err
	}
	return f.bytes(f.at(at), n)
}

// node reads the head of a B-tree's node and returns a decoder of its keys and children.
func (f *File) node(address uint64, typ uint64, key int) (d *decoder, level, entries int, err error) {
	head := uint64(8 + 2*f.offset)
	b, err := f.bytes(f.at(address), head)
	if err != nil {
		return nil, 0, 0, err
	}
	d = &decoder{b: b, f: f}
	d.magic("TREE")
	if t := d.uint(1); d.err == nil && t != typ {
		return nil, 0, 0, fmt.Errorf("hdf5: B-tree of type %d, want %d", t, typ)
	}
	level, entries = int(d.uint(1)), int(d.uint(2))
	if d.err != nil {
		return nil, 0, 0, d.err
	}
	if b, err = f.bytes(f.at(address)+head, uint64(entries*(key+f.offset)+key)); err != nil {
		return nil, 0, 0, err
	}
	return &decoder{b: b, f: f}, level, entries, nil
}

func (f *File) symbolTree(address uint64, names []byte, depth int, out *[]link) error {
	if depth > maxGroups {
		return errors.New("hdf5: a B-tree is too deep")
	}
	d, level, entries, err := f.node(address, 0, f.length)
	if err != nil {
		return err
	}
	for range entries {
		d.extent()
		child := d.address()
		if level > 0 {
			err = f.symbolTree(child, names, depth+1, out)
		} else {
			err = f.symbols(child, names, out)
		}
		if err != nil {
			return err
		}
	}
	return d.err
}

// symbols reads a leaf: entries of name, header and what a cache would keep.
func (f *File) symbols(address uint64, names []byte, out *[]link) error {
	b, err := f.bytes(f.at(address), 8)
	if err != nil {
		return err
	}
	d := &decoder{b: b, f: f}
	d.magic("SNOD")
	d.skip(2)
	n := int(d.uint(2))
	if d.err != nil {
		return d.err
	}
	if b, err = f.bytes(f.at(address)+8, uint64(n*(2*f.offset+24))); err != nil {
		return err
	}
	d = &decoder{b: b, f: f}
	for range n {
		at, header := d.address(), d.address()
		kind := d.uint(4)
		d.skip(20)
		if kind == 2 { // a symbolic link
			continue
		}
		if at >= uint64(len(names)) {
			return errors.New("hdf5: a name lies outside its heap")
		}
		name, _, _ := bytes.Cut(names[at:], []byte{0})
		*out = append(*out, link{string(name), header})
	}
	return d.err
}
