package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// datatype is the type of an element.
type datatype struct {
	class  int // classInt …
	size   int
	signed bool
	big    bool
}

const (
	classInt, classFloat, classText, classEnum = 0, 1, 3, 8

	maxRatio = 1100 // bytes that a byte of a compressed chunk can stand for
)

var classNames = []string{
	"integers", "floats", "times", "strings", "bit fields", "opaque", "compound types", "references", "enumerations",
	"strings or lists of variable length", "arrays",
}

func (f *File) datatype(b []byte) (t datatype, err error) {
	d := &decoder{b: b, f: f}
	v := d.uint(1)
	bits := d.uint(3)
	t = datatype{class: int(v & 15), size: int(d.uint(4)), big: bits&1 != 0, signed: bits&8 != 0}
	if d.err != nil {
		return t, d.err
	}
	switch t.class {
	case classInt:
		if t.size != 1 && t.size != 2 && t.size != 4 && t.size != 8 {
			return t, fmt.Errorf("hdf5: integers of %d bytes", t.size)
		}
	case classFloat:
		if t.size != 2 && t.size != 4 && t.size != 8 || bits&0x40 != 0 {
			return t, fmt.Errorf("hdf5: floats of %d bytes", t.size)
		}
	case classText:
		if t.size < 1 || t.size > 1<<20 {
			return t, fmt.Errorf("hdf5: strings of %d bytes", t.size)
		}
	case classEnum:
		return f.datatype(d.b) // what h5py makes of truth values
	default:
		name := fmt.Sprintf("type class %d", t.class)
		if t.class < len(classNames) {
			name = classNames[t.class]
		}
		return t, fmt.Errorf("hdf5: %s are not read; integers, floats and strings of fixed length are", name)
	}
	return t, nil
}

// extents returns the shape of a data set.
func (f *File) extents(b []byte) ([]int, error) {
	d := &decoder{b: b, f: f}
	v, rank := d.uint(1), int(d.uint(1))
	d.skip(1)
	switch v {
	case 1:
		d.skip(5)
	case 2:
		if d.uint(1) == 2 {
			return nil, errors.New("hdf5: the data set has no extent")
		}
	default:
		return nil, fmt.Errorf("hdf5: dataspace of version %d", v)
	}
	shape, n := make([]int, 0, min(rank, 32)), uint64(1)
	for range rank {
		e := d.extent()
		if e > math.MaxInt32*1024 || e > 0 && n > 1<<40/e {
			return nil, fmt.Errorf("hdf5: extents %v and %d are too large", shape, e)
		}
		n *= max(e, 1)
		shape = append(shape, int(e))
	}
	return shape, d.err
}

func (f *File) read(o *object) (*Data, error) {
	if o.layout == nil || o.space == nil || o.typ == nil {
		return nil, errors.New("hdf5: a group where a data set was expected")
	}
	if o.shared {
		return nil, errors.New("hdf5: types that lie elsewhere in the file are not read")
	}
	t, err := f.datatype(o.typ)
	if err != nil {
		return nil, err
	}
	shape, err := f.extents(o.space)
	if err != nil {
		return nil, err
	}
	n := uint64(t.size)
	for _, e := range shape {
		n *= uint64(e)
	}
	raw, err := f.layout(o, shape, t, n)
	if err != nil {
		return nil, err
	}
	data := &Data{Shape: shape, typ: t, raw: raw, order: binary.LittleEndian}
	if t.big {
		data.order = binary.BigEndian
	}
	return data, nil
}

// layout reads the bytes of a data set.
func (f *File) layout(o *object, shape []int, t datatype, n uint64) ([]byte, error) {
	d := &decoder{b: o.layout, f: f}
	v := d.uint(1)
	if v < 3 || v > 5 {
		return nil, fmt.Errorf("hdf5: layout of version %d, want 3 to 5", v)
	}
	switch class := d.uint(1); class {
	case 0:
		b := d.take(int(d.uint(2)))
		if d.err == nil && uint64(len(b)) != n {
			return nil, fmt.Errorf("hdf5: %d bytes for %d", len(b), n)
		}
		return b, d.err
	case 1:
		at := d.address()
		if d.err != nil {
			return nil, d.err
		}
		if at == undefined {
			if n > f.size*maxRatio {
				return nil, fmt.Errorf("hdf5: %d bytes without content", n)
			}
			return f.filled(o, t, n)
		}
		return f.block(f.at(at), n)
	case 2:
		if n > f.size*maxRatio {
			return nil, fmt.Errorf("hdf5: %d bytes in a file of %d", n, f.size)
		}
		out, err := f.filled(o, t, n)
		if err != nil {
			return nil, err
		}
		c := &chunked{f: f, shape: shape, elem: t.size, out: out}
		if c.filters, err = f.pipeline(o.filters); err != nil {
			return nil, err
		}
		if v == 3 {
			return out, c.tree(d)
		}
		return out, c.indexed(d)
	default:
		return nil, fmt.Errorf("hdf5: layout of class %d", class)
	}
}

// block reads the elements of a data set that lie together.
func (f *File) block(at, n uint64) ([]byte, error) {
	if at > f.size || n > f.size-at {
		return nil, fmt.Errorf("hdf5: %d bytes at %d lie outside the file of %d bytes", n, at, f.size)
	}
	b := make([]byte, n)
	if n > 0 {
		if _, err := f.r.ReadAt(b, int64(at)); err != nil {
			return nil, fmt.Errorf("hdf5: %w", err)
		}
	}
	return b, nil
}

// filled returns n bytes of the value that elements have which nobody wrote.
func (f *File) filled(o *object, t datatype, n uint64) ([]byte, error) {
	out := make([]byte, n)
	if o.fill == nil {
		return out, nil
	}
	d := &decoder{b: o.fill, f: f}
	defined := true
	switch v := d.uint(1); v {
	case 1, 2:
		d.skip(2)
		defined = d.uint(1) != 0 || v == 1
	case 3:
		defined = d.uint(1)&0x20 != 0
	default:
		return nil, fmt.Errorf("hdf5: fill value of version %d", v)
	}
	if !defined {
		return out, nil
	}
	value := d.take(int(d.uint(4)))
	if d.err != nil {
		return nil, d.err
	}
	if len(value) == t.size {
		for i := 0; i+len(value) <= len(out); i += len(value) {
			copy(out[i:], value)
		}
	}
	return out, nil
}

// Len returns the number of elements.
func (d *Data) Len() int { return len(d.raw) / d.typ.size }

// IsText reports whether elements are strings.
func (d *Data) IsText() bool { return d.typ.class == classText }

// Text returns the first string; "" when elements are numbers.
func (d *Data) Text() string {
	if !d.IsText() || len(d.raw) < d.typ.size {
		return ""
	}
	s, _, _ := strings.Cut(string(d.raw[:d.typ.size]), "\x00")
	return s
}

// Float64s returns the elements as numbers; of strings there are none.
func (d *Data) Float64s() []float64 {
	if d.IsText() {
		return nil
	}
	out := make([]float64, d.Len())
	for i := range out {
		out[i] = d.number(d.raw[i*d.typ.size:])
	}
	return out
}

// Float32s returns the elements as numbers of 32 bits.
func (d *Data) Float32s() []float32 {
	if d.IsText() {
		return nil
	}
	out := make([]float32, d.Len())
	if d.typ.class == classFloat && d.typ.size == 4 {
		for i := range out {
			out[i] = math.Float32frombits(d.order.Uint32(d.raw[4*i:]))
		}
		return out
	}
	for i := range out {
		out[i] = float32(d.number(d.raw[i*d.typ.size:]))
	}
	return out
}

func (d *Data) number(b []byte) float64 {
	var u uint64
	switch d.typ.size {
	case 1:
		u = uint64(b[0])
	case 2:
		u = uint64(d.order.Uint16(b))
	case 4:
		u = uint64(d.order.Uint32(b))
	default:
		u = d.order.Uint64(b)
	}
	switch {
	case d.typ.class == classFloat && d.typ.size == 2:
		return half(uint16(u))
	case d.typ.class == classFloat && d.typ.size == 4:
		return float64(math.Float32frombits(uint32(u)))
	case d.typ.class == classFloat:
		return math.Float64frombits(u)
	case d.typ.signed:
		shift := 64 - 8*d.typ.size
		return float64(int64(u<<shift) >> shift)
	}
	return float64(u)
}

// half returns a number of 16 bits.
func half(h uint16) float64 {
	sign, exp, frac := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 != 0 {
		sign = -1
	}
	switch {
	case exp == 31 && frac != 0:
		return math.NaN()
	case exp == 31:
		return sign * math.Inf(1)
	case exp == 0:
		return sign * math.Ldexp(frac, -24)
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}
