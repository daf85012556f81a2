package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// maxElements bounds the extents that a file may claim.
const maxElements = 1 << 40

// shapeOf checks extents that come from a file or from a tensor and returns them as a shape.
func shapeOf(dims []int64) (engine.Shape, error) {
	s, n := make(engine.Shape, len(dims)), int64(1)
	for i, d := range dims {
		if d < 0 || d > maxElements || d > 0 && n > maxElements/d {
			return nil, fmt.Errorf("shape %v is negative or has more than 2^40 elements", dims)
		}
		s[i] = int(d)
		if d > 0 {
			n *= d
		}
	}
	return s, nil
}

// DecodeTensor returns the tensor of a message. External data is read from dir, which may be nil.
func DecodeTensor(p *pb.TensorProto, dir fs.FS) (*Tensor, error) {
	t, err := decodeTensor(p, dir)
	if err != nil {
		return nil, fmt.Errorf("onnx: tensor %q: %w", p.GetName(), err)
	}
	return t, nil
}

func decodeTensor(p *pb.TensorProto, dir fs.FS) (*Tensor, error) {
	t := ElemType(p.GetDataType())
	if !t.known() {
		return nil, fmt.Errorf("element type %d is unknown; known are 1 to %d", t, len(elemTypes)-1)
	}
	shape, err := shapeOf(p.GetDims())
	if err != nil {
		return nil, err
	}
	if p.GetSegment() != nil {
		return nil, fmt.Errorf("it is one segment of a larger tensor, which no version of ONNX defines how to join")
	}
	n := shape.Numel()
	if t == String {
		if len(p.GetStringData()) != n {
			return nil, countError(shape, len(p.GetStringData()), "strings")
		}
		s := make([]string, n)
		for i, b := range p.GetStringData() {
			s[i] = string(b)
		}
		return &Tensor{Type: String, Strings: s, shape: shape}, nil
	}
	raw := p.GetRawData()
	if p.GetDataLocation() == pb.TensorProto_EXTERNAL {
		if raw, err = externalData(p, dir, (n*t.bits()+7)/8); err != nil {
			return nil, err
		}
	}
	if raw != nil || n == 0 {
		return decodeRaw(t, shape, raw)
	}
	return decodeFields(p, t, shape)
}

func countError(shape engine.Shape, got int, what string) error {
	return fmt.Errorf("%d %s for shape %v, which needs %d", got, what, shape, shape.Numel())
}

// decodeRaw reads little-endian elements.
func decodeRaw(t ElemType, shape engine.Shape, raw []byte) (*Tensor, error) {
	n := shape.Numel()
	if want := (n*t.bits() + 7) / 8; len(raw) != want {
		return nil, fmt.Errorf("%d bytes of data for %v%v, which needs %d", len(raw), t, shape, want)
	}
	switch t {
	case Uint16, Uint32, Float8E4M3FN, Float8E4M3FNUZ, Float8E5M2, Float8E5M2FNUZ, Float8E8M0,
		Float4E2M1, Uint4, Int4, Uint2, Int2:
		return fromBits(t, shape, func(i int) uint64 { return rawBits(raw, i, t.bits()) }), nil
	}
	a := engine.NewArray(t.Carrier(), shape)
	copy(a.Buf.Bytes(), raw)
	if t == Bool {
		for i, b := range a.Buf.Bytes() {
			if b > 1 {
				a.Buf.Bytes()[i] = 1
			}
		}
	}
	return &Tensor{Type: t, Data: eager.FromArray(a)}, nil
}

// rawBits returns element i of packed little-endian elements; narrow ones lie low bits first.
func rawBits(raw []byte, i, bits int) uint64 {
	switch bits {
	case 8:
		return uint64(raw[i])
	case 16:
		return uint64(binary.LittleEndian.Uint16(raw[2*i:]))
	case 32:
		return uint64(binary.LittleEndian.Uint32(raw[4*i:]))
	case 64:
		return binary.LittleEndian.Uint64(raw[8*i:])
	}
	per := 8 / bits
	return uint64(raw[i/per]) >> (bits * (i % per)) & (1<<bits - 1)
}

// fromBits returns a tensor whose element i has the pattern bits(i).
func fromBits(t ElemType, shape engine.Shape, bits func(i int) uint64) *Tensor {
	n := shape.Numel()
	if t.isSmallFloat() {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(smallValue(t, uint8(bits(i))))
		}
		return &Tensor{Type: t, Data: eager.FromArray(engine.Of(shape, v))}
	}
	v := make([]int64, n)
	for i := range v {
		v[i] = signExtend(bits(i), t)
	}
	return number(t, eager.FromArray(engine.Of(shape, v)))
}

// signExtend returns the integer of type t that the low bits of b mean.
func signExtend(b uint64, t ElemType) int64 {
	free := 64 - t.bits()
	if t.isUnsigned() {
		return int64(b << free >> free)
	}
	return int64(b<<free) >> free
}

// decodeFields reads the typed fields of a message.
func decodeFields(p *pb.TensorProto, t ElemType, shape engine.Shape) (*Tensor, error) {
	n := shape.Numel()
	switch t {
	case Float, Complex64:
		if len(p.GetFloatData())*32 != n*t.bits() {
			return nil, countError(shape, len(p.GetFloatData()), "floats")
		}
		a := engine.NewArray(t.Carrier(), shape)
		for i, v := range p.GetFloatData() {
			binary.LittleEndian.PutUint32(a.Buf.Bytes()[4*i:], math.Float32bits(v))
		}
		return &Tensor{Type: t, Data: eager.FromArray(a)}, nil
	case Double, Complex128:
		if len(p.GetDoubleData())*64 != n*t.bits() {
			return nil, countError(shape, len(p.GetDoubleData()), "doubles")
		}
		a := engine.NewArray(t.Carrier(), shape)
		for i, v := range p.GetDoubleData() {
			binary.LittleEndian.PutUint64(a.Buf.Bytes()[8*i:], math.Float64bits(v))
		}
		return &Tensor{Type: t, Data: eager.FromArray(a)}, nil
	case Int64:
		if len(p.GetInt64Data()) != n {
			return nil, countError(shape, len(p.GetInt64Data()), "int64s")
		}
		return fromBits(t, shape, func(i int) uint64 { return uint64(p.GetInt64Data()[i]) }), nil
	case Uint32, Uint64:
		if len(p.GetUint64Data()) != n {
			return nil, countError(shape, len(p.GetUint64Data()), "uint64s")
		}
		return fromBits(t, shape, func(i int) uint64 { return p.GetUint64Data()[i] }), nil
	}
	return decodeInt32s(p.GetInt32Data(), t, shape)
}

// decodeInt32s reads the field that holds all types of at most 32 bits but float and uint32: one element
// each, or several where an element has fewer than 8 bits.
func decodeInt32s(d []int32, t ElemType, shape engine.Shape) (*Tensor, error) {
	n, per := shape.Numel(), 1
	if t.bits() < 8 {
		per = 8 / t.bits()
	}
	if len(d) != (n+per-1)/per {
		return nil, countError(shape, len(d), "int32s")
	}
	bits := func(i int) uint64 {
		return uint64(uint32(d[i/per])) >> (t.bits() * (i % per)) & (1<<t.bits() - 1)
	}
	switch t {
	case Float16, BFloat16:
		a := engine.NewArray(t.Carrier(), shape)
		for i := range n {
			binary.LittleEndian.PutUint16(a.Buf.Bytes()[2*i:], uint16(bits(i)))
		}
		return &Tensor{Type: t, Data: eager.FromArray(a)}, nil
	case Bool:
		a := engine.NewArray(engine.Bool, shape)
		for i := range n {
			a.Buf.Bytes()[i] = 0
			if d[i] != 0 {
				a.Buf.Bytes()[i] = 1
			}
		}
		return &Tensor{Type: t, Data: eager.FromArray(a)}, nil
	}
	return fromBits(t, shape, bits), nil
}

// externalData reads the bytes of a tensor that lie in a file beside the model.
func externalData(p *pb.TensorProto, dir fs.FS, want int) ([]byte, error) {
	var location string
	offset, length := int64(0), int64(want)
	for _, e := range p.GetExternalData() {
		var err error
		switch e.GetKey() {
		case "location":
			location = e.GetValue()
		case "offset":
			offset, err = strconv.ParseInt(e.GetValue(), 10, 64)
		case "length":
			length, err = strconv.ParseInt(e.GetValue(), 10, 64)
		}
		if err != nil || offset < 0 || length < 0 {
			return nil, fmt.Errorf("external data: %s is %q, want a number ≥ 0", e.GetKey(), e.GetValue())
		}
	}
	if dir == nil {
		return nil, fmt.Errorf("its data lies in file %q; load the model from its folder with Load", location)
	}
	if !fs.ValidPath(location) {
		return nil, fmt.Errorf("external data in %q: the path leaves the model's folder", location)
	}
	if length != int64(want) {
		return nil, fmt.Errorf("external data in %q has %d bytes, the shape needs %d", location, length, want)
	}
	f, err := dir.Open(location)
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() < offset || info.Size()-offset < length {
		return nil, fmt.Errorf("external data: file %q has %d bytes, want %d from %d on", location, info.Size(), length, offset)
	}
	if s, ok := f.(io.Seeker); ok {
		_, err = s.Seek(offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, f, offset)
	}
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("external data in %q: %w", location, err)
	}
	return b, nil
}

// DecodeSequence returns the sequence of a message.
func DecodeSequence(p *pb.SequenceProto) (*Sequence, error) {
	s := &Sequence{Items: []Value{}}
	for i, t := range p.GetTensorValues() {
		v, err := DecodeTensor(t, nil)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		s.Items = append(s.Items, v)
	}
	for i, q := range p.GetSequenceValues() {
		v, err := DecodeSequence(q)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		s.Items = append(s.Items, v)
	}
	for i, o := range p.GetOptionalValues() {
		v, err := DecodeOptional(o)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		s.Items = append(s.Items, v)
	}
	return s, nil
}

// DecodeOptional returns the optional value of a message.
func DecodeOptional(p *pb.OptionalProto) (*Optional, error) {
	switch {
	case p.GetTensorValue() != nil:
		v, err := DecodeTensor(p.GetTensorValue(), nil)
		return &Optional{Item: v}, err
	case p.GetSequenceValue() != nil:
		v, err := DecodeSequence(p.GetSequenceValue())
		return &Optional{Item: v}, err
	case p.GetOptionalValue() != nil:
		v, err := DecodeOptional(p.GetOptionalValue())
		return &Optional{Item: v}, err
	}
	return &Optional{}, nil
}
