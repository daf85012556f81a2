package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// look is the number of bits that one step of the tables sees.
const look = 10

// table decodes one Huffman code.
type table struct {
	// fast, by the next bits: bits 0…7 the length of code and value, 8…15 the run before the value,
	// 16…31 the value; 0 when they are not all in sight. The end of a block is a run of 64.
	fast    [1 << look]int32
	symbol  [1 << look]uint16 // length<<8 | symbol; 0 when the code is longer
	maxcode [18]int32         // of each length, left-aligned to 16 bits, exclusive
	offset  [17]int32
	values  [256]uint8
}

func (d *decoder) huffmanTables(b []byte) error {
	for len(b) > 0 {
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 || len(b) < 17 {
			return fmt.Errorf("a Huffman table of class %d number %d with %d bytes", class, id, len(b))
		}
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return fmt.Errorf("a Huffman table with %d codes in %d bytes", n, len(b)-17)
		}
		t := &d.tableMem[class][id]
		if !t.build(b[1:17], b[17:17+n], class == 0) {
			return fmt.Errorf("a Huffman table with more codes than its lengths allow: %v", b[1:17])
		}
		d.huff[class][id] = t
		b = b[17+n:]
	}
	return nil
}

func (t *table) build(counts, values []byte, dc bool) bool {
	clear(t.fast[:])
	clear(t.symbol[:])
	copy(t.values[:], values)
	code, k := int32(0), 0
	for l := 1; l <= 16; l++ {
		t.offset[l] = int32(k) - code
		for range counts[l-1] {
			if code >= 1<<l {
				return false
			}
			if l <= look {
				t.enter(code, l, values[k], dc)
			}
			code++
			k++
		}
		t.maxcode[l] = code << (16 - l)
		code <<= 1
	}
	t.maxcode[17] = 1 << 30
	return true
}

// enter fills the entries of the code of l bits for symbol s.
func (t *table) enter(code int32, l int, s byte, dc bool) {
	first := int(code) << (look - l)
	run, size := int(s>>4), int(s&15)
	if dc {
		run, size = 0, int(s)
	}
	for i := first; i < first+1<<(look-l); i++ {
		t.symbol[i] = uint16(l)<<8 | uint16(s)
		switch {
		case !dc && s == 0: // end of block
			t.fast[i] = int32(l) | 64<<8
		case size == 0 && !dc || size > 15:
		case l+size <= look:
			v := int32(i>>(look-l-size)) & (1<<size - 1)
			t.fast[i] = int32(l+size) | int32(run)<<8 | extend(v, size)<<16
		}
	}
}

// extend is the signed value that v of n bits stands for.
func extend(v int32, n int) int32 {
	if n > 0 && v < 1<<(n-1) {
		return v - 1<<n + 1
	}
	return v
}

// bits reads a segment of entropy-coded data, most significant bit first, without stuffing.
type bits struct {
	acc uint64 // the next bits, left-aligned
	n   int    // of them are valid; below them are zeros or bits that fill reads again
	at  int
	b   []byte // ends with padding
	end int    // bytes without padding
}

const padding = 16

// fill makes at least 56 bits valid. Beyond the end the bits are 0.
func (r *bits) fill() {
	if r.at+8 > len(r.b) {
		r.at = len(r.b) - 8 // only zeros are left; used counts what was taken from here
		r.end -= 8          // every further fill brings the end closer, and overrun sees it
	}
	r.acc |= binary.BigEndian.Uint64(r.b[r.at:]) >> r.n
	r.at += (63 - r.n) >> 3
	r.n |= 56
}

// overrun says whether more bits were taken than there are.
func (r *bits) overrun() bool { return r.at*8-r.n > r.end*8 }

func (r *bits) take(n int) int32 {
	if n == 0 {
		return 0
	}
	if r.n < n {
		r.fill()
	}
	v := int32(r.acc >> (64 - n))
	r.acc <<= n
	r.n -= n
	return v
}

// next decodes one symbol; unknown codes give 0 and end the segment.
func (r *bits) next(t *table) uint8 {
	if r.n < 16 {
		r.fill()
	}
	if e := t.symbol[r.acc>>(64-look)]; e != 0 {
		r.acc <<= e >> 8
		r.n -= int(e >> 8)
		return uint8(e)
	}
	v := int32(r.acc >> 48)
	for l := look + 1; l <= 16; l++ {
		if v < t.maxcode[l] {
			r.acc <<= l
			r.n -= l
			return t.values[uint8(v>>(16-l)+t.offset[l])]
		}
	}
	r.at, r.n, r.acc, r.end = len(r.b)-8, 0, 0, -1
	return 0
}

// open makes r read the segment at the start of in, and returns the bytes that it has in the file. buf is
// memory to use again.
func (r *bits) open(in, buf []byte) (used int, kept []byte) {
	buf = buf[:0]
	at := 0
	for {
		i := bytes.IndexByte(in[at:], 0xff)
		if i < 0 || at+i+1 >= len(in) {
			buf = append(buf, in[at:]...)
			at = len(in)
			break
		}
		buf = append(buf, in[at:at+i]...)
		at += i
		if next := in[at+1]; next == 0xff {
			at++
			continue
		} else if next != 0 {
			break
		}
		buf = append(buf, 0xff)
		at += 2
	}
	*r = bits{end: len(buf)}
	buf = append(buf, make([]byte, padding)...)
	r.b = buf
	return at, buf
}
