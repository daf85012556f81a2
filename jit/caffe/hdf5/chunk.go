package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// filter is a step that a chunk went through when it was written.
type filter struct {
	id     uint64
	values []uint64
}

const (
	filterDeflate, filterShuffle, filterFletcher = 1, 2, 3

	filterLZF = 32000
)

func (f *File) pipeline(b []byte) ([]filter, error) {
	if b == nil {
		return nil, nil
	}
	d := &decoder{b: b, f: f}
	v, n := d.uint(1), d.uint(1)
	if v == 1 {
		d.skip(6)
	}
	var out []filter
	for range n {
		x := filter{id: d.uint(2)}
		name := 0
		if v == 1 || x.id >= 256 {
			name = int(d.uint(2))
		}
		d.skip(2)
		values := int(d.uint(2))
		if v == 1 {
			name = (name + 7) / 8 * 8
		}
		d.skip(name)
		for range values {
			x.values = append(x.values, d.uint(4))
			if d.err != nil {
				return nil, d.err
			}
		}
		if v == 1 && values%2 == 1 {
			d.skip(4)
		}
		switch x.id {
		case filterDeflate, filterShuffle, filterFletcher, filterLZF:
		default:
			return nil, fmt.Errorf("hdf5: filter %d is not read; deflate, shuffle, Fletcher's checksum and LZF are", x.id)
		}
		out = append(out, x)
	}
	return out, d.err
}

// chunked reads the chunks of a data set into out.
type chunked struct {
	f       *File
	shape   []int
	elem    int
	out     []byte
	chunk   []int // extents of a chunk
	size    int   // its bytes
	filters []filter
}

// extents checks the extents of chunks.
func (c *chunked) extents(dims []uint64) error {
	if len(dims) != len(c.shape)+1 || dims[len(c.shape)] != uint64(c.elem) {
		return fmt.Errorf("hdf5: chunks of %v for shape %v and elements of %d bytes", dims, c.shape, c.elem)
	}
	c.size = c.elem
	for _, e := range dims[:len(c.shape)] {
		if e == 0 || e > 1<<31 || uint64(c.size) > 1<<31/e {
			return fmt.Errorf("hdf5: chunks of %v", dims)
		}
		c.size *= int(e)
		c.chunk = append(c.chunk, int(e))
	}
	if uint64(c.size) > c.f.size*maxRatio {
		return fmt.Errorf("hdf5: chunks of %d bytes in a file of %d", c.size, c.f.size)
	}
	return nil
}

// tree reads chunks that a B-tree lists.
func (c *chunked) tree(d *decoder) error {
	rank := int(d.uint(1))
	root := d.address()
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = d.uint(4)
	}
	if d.err != nil {
		return d.err
	}
	if err := c.extents(dims); err != nil || root == undefined {
		return err
	}
	return c.nodes(root, rank, 0)
}

func (c *chunked) nodes(address uint64, rank, depth int) error {
	if depth > maxGroups {
		return errors.New("hdf5: a B-tree is too deep")
	}
	d, level, entries, err := c.f.node(address, 1, 8+8*rank)
	if err != nil {
		return err
	}
	at := make([]uint64, rank)
	for range entries {
		size, mask := d.uint(4), d.uint(4)
		for i := range at {
			at[i] = d.uint(8)
		}
		child := d.address()
		if d.err != nil {
			return d.err
		}
		if level > 0 {
			err = c.nodes(child, rank, depth+1)
		} else {
			err = c.put(at[:rank-1], child, size, mask)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// put reads one chunk and copies what lies in the data set.
func (c *chunked) put(at []uint64, address, size, mask uint64) error {
	if address == undefined {
		return nil
	}
	b, err := c.f.block(c.f.at(address), size)
	if err != nil {
		return err
	}
	for i := len(c.filters) - 1; i >= 0; i-- {
		if mask>>i&1 == 0 {
			if b, err = c.undo(c.filters[i], b); err != nil {
				return err
			}
		}
	}
	if len(b) != c.size {
		return fmt.Errorf("hdf5: chunk of %d bytes, want %d", len(b), c.size)
	}
	for i, a := range at {
		if a%uint64(c.chunk[i]) != 0 || a > uint64(c.shape[i]) {
			return fmt.Errorf("hdf5: a chunk at %v", at)
		}
	}
	c.copy(at, b, 0, 0)
	return nil
}

// copy copies one axis of a chunk; to is the place of the first element in the data set.
func (c *chunked) copy(at []uint64, b []byte, axis, to int) {
	if axis == len(c.shape) {
		copy(c.out[to*c.elem:(to+1)*c.elem], b)
		return
	}
	start := int(at[axis])
	n := min(c.chunk[axis], c.shape[axis]-start)
	to = to*c.shape[axis] + start
	if axis == len(c.shape)-1 {
		if n > 0 {
			copy(c.out[to*c.elem:(to+n)*c.elem], b)
		}
		return
	}
	step := len(b) / c.chunk[axis]
	for i := range max(n, 0) {
		c.copy(at, b[i*step:(i+1)*step], axis+1, to+i)
	}
}

// undo reverts one filter.
func (c *chunked) undo(x filter, b []byte) ([]byte, error) {
	switch x.id {
	case filterDeflate:
		z, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("hdf5: chunk: %w", err)
		}
		out, err := io.ReadAll(io.LimitReader(z, int64(c.size)+5))
		if err != nil {
			return nil, fmt.Errorf("hdf5: chunk: %w", err)
		}
		return out, z.Close()
	case filterLZF:
		return unLZF(b, c.size+4)
	case filterFletcher:
		if len(b) < 4 {
			return nil, errors.New("hdf5: a chunk without its checksum")
		}
		body, sum := b[:len(b)-4], (&decoder{b: b[len(b)-4:]}).uint(4)
		if uint32(sum) != fletcher(body) {
			return nil, errors.New("hdf5: a chunk's checksum is wrong")
		}
		return body, nil
	}
	n := c.elem
	if len(x.values) > 0 && x.values[0] > 0 && x.values[0] <= uint64(len(b)) {
		n = int(x.values[0])
	}
	out := make([]byte, len(b))
	rows := len(b) / n
	for i := range rows * n {
		out[i] = b[i%n*rows+i/n]
	}
	copy(out[rows*n:], b[rows*n:])
	return out, nil
}

// fletcher is Fletcher's checksum of 32 bits over big-endian words.
func fletcher(b []byte) uint32 {
	var s1, s2 uint32
	for i := 0; i < len(b); i += 2 {
		w := uint32(b[i]) << 8
		if i+1 < len(b) {
			w |= uint32(b[i+1])
		}
		s1 = (s1 + w) % 65535
		s2 = (s2 + s1) % 65535
	}
	return s2<<16 | s1
}

// unLZF expands what h5py's fast compression wrote.
func unLZF(b []byte, most int) ([]byte, error) {
	bad := errors.New("hdf5: a chunk is no LZF stream")
	var out []byte
	for i := 0; i < len(b); {
		ctrl := int(b[i])
		i++
		if ctrl < 32 {
			if i+ctrl+1 > len(b) || len(out)+ctrl+1 > most {
				return nil, bad
			}
			out = append(out, b[i:i+ctrl+1]...)
			i += ctrl + 1
			continue
		}
		n := ctrl >> 5
		if n == 7 {
			if i >= len(b) {
				return nil, bad
			}
			n += int(b[i])
			i++
		}
		if i >= len(b) {
			return nil, bad
		}
		from := len(out) - (ctrl&31)<<8 - int(b[i]) - 1
		i++
		if from < 0 || len(out)+n+2 > most {
			return nil, bad
		}
		for k := range n + 2 {
			out = append(out, out[from+k])
		}
	}
	return out, nil
}

// indexed reads chunks that an index of the fourth layout lists.
func (c *chunked) indexed(d *decoder) error {
	flags, rank, n := d.uint(1), int(d.uint(1)), int(d.uint(1))
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = d.uint(n)
	}
	kind := d.uint(1)
	if d.err != nil {
		return d.err
	}
	if err := c.extents(dims); err != nil {
		return err
	}
	switch kind {
	case 1:
		size, mask := uint64(c.size), uint64(0)
		if flags&2 != 0 {
			size, mask = d.extent(), d.uint(4)
		}
		at := d.address()
		if d.err != nil {
			return d.err
		}
		return c.put(make([]uint64, rank-1), at, size, mask)
	case 2:
		at := d.address()
		if d.err != nil || at == undefined {
			return d.err
		}
		return c.each(func(i int, place []uint64) error {
			return c.put(place, at+uint64(i*c.size), uint64(c.size), 0)
		})
	case 3:
		d.skip(1)
		return c.fixedArray(d.address())
	}
	return errors.New("hdf5: data sets that can grow are not read when written with the newest format; write with libver=\"earliest\"")
}

// each calls f for all chunks in row-major order.
func (c *chunked) each(f func(i int, at []uint64) error) error {
	at := make([]uint64, len(c.shape))
	for _, e := range c.shape {
		if e == 0 {
			return nil
		}
	}
	for i := 0; ; i++ {
		if err := f(i, at); err != nil {
			return err
		}
		k := len(at) - 1
		for ; k >= 0; k-- {
			if at[k] += uint64(c.chunk[k]); at[k] < uint64(c.shape[k]) {
				break
			}
			at[k] = 0
		}
		if k < 0 {
			return nil
		}
	}
}

// fixedArray reads chunks whose places are listed in an array, which has pages when it is long.
func (c *chunked) fixedArray(address uint64) error {
	f := c.f
	if address == undefined {
		return nil
	}
	b, err := f.bytes(f.at(address), uint64(8+f.length+f.offset))
	if err != nil {
		return err
	}
	d := &decoder{b: b, f: f}
	d.magic("FAHD")
	d.skip(1)
	client, entry, bits := d.uint(1), int(d.uint(1)), d.uint(1)
	n, block := d.extent(), d.address()
	if d.err != nil || block == undefined {
		return d.err
	}
	if bits > 30 || n > maxMeta || entry < f.offset || client == 1 && entry < f.offset+5 {
		return errors.New("hdf5: an array of chunks is damaged")
	}
	page, pages := min(n, 1<<bits), uint64(0)
	head := uint64(6 + f.offset)
	if n > page {
		pages = (n + page - 1) / page
		head += (pages+7)/8 + 4
	}
	table, err := f.bytes(f.at(block)+head, n*uint64(entry)+pages*4)
	if err != nil {
		return err
	}
	return c.each(func(i int, place []uint64) error {
		k := uint64(i)
		if k >= n {
			return errors.New("hdf5: an array of chunks ends early")
		}
		where := k * uint64(entry)
		if n > page {
			where += k / page * 4 // checksums of pages
		}
		d := &decoder{b: table[where:][:entry], f: f}
		chunk, size, mask := d.address(), uint64(c.size), uint64(0)
		if client == 1 {
			size, mask = d.uint(entry-f.offset-4), d.uint(4)
		}
		if d.err != nil {
			return d.err
		}
		return c.put(place, chunk, size, mask)
	})
}
