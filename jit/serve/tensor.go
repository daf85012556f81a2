package serve

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// dataTypes are KServe's names of element types.
var dataTypes = map[engine.DType]string{
	engine.Bool: "BOOL", engine.U8: "UINT8", engine.I8: "INT8", engine.I16: "INT16", engine.I32: "INT32",
	engine.I64: "INT64", engine.F16: "FP16", engine.BF16: "BF16", engine.F32: "FP32", engine.F64: "FP64",
}

// parameters are of a tensor or a request.
type parameters struct {
	BinarySize   *int  `json:"binary_data_size,omitempty"`
	BinaryData   *bool `json:"binary_data,omitempty"`
	BinaryOutput *bool `json:"binary_data_output,omitempty"`
}

// wireTensor is a tensor of a request or response.
type wireTensor struct {
	Name       string          `json:"name"`
	Shape      []int           `json:"shape"`
	DataType   string          `json:"datatype"`
	Parameters *parameters     `json:"parameters,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
}

// maxElements bounds a tensor of a request.
const maxElements = 1 << 31

// decode reads t as an input that is described by d; binary holds what is left of the binary part, of which
// t takes its share.
func (t *wireTensor) decode(d Tensor, binary *[]byte) (engine.Array, error) {
	var a engine.Array
	if want := dataTypes[d.DType]; t.DataType != want {
		return a, bad("input %s has datatype %q; want %s", d.Name, t.DataType, want)
	}
	shape, err := d.fit(t.Shape)
	if err != nil {
		return a, err
	}
	if t.Parameters != nil && t.Parameters.BinarySize != nil {
		n := *t.Parameters.BinarySize
		if want := shape.Numel() * d.DType.Size(); n != want || n > len(*binary) {
			return a, bad("input %s of shape %v has %d binary bytes, of which %d are there; want %d", d.Name, t.Shape, n,
				min(n, len(*binary)), want)
		}
		a = engine.NewArray(d.DType, shape)
		copy(a.Buf.Bytes(), (*binary)[:n])
		*binary = (*binary)[n:]
		return a, nil
	}
	return parse(d, shape, t.Data)
}

// fit compares a shape with what d allows.
func (d Tensor) fit(s []int) (engine.Shape, error) {
	ok, n := len(s) == len(d.Shape), 1
	for i, e := range s {
		ok = ok && e >= 0 && (e == d.Shape[i] || i == 0 && d.Shape[0] < 0 && e > 0)
		if ok && e > 0 {
			ok = n <= maxElements/e
			n *= e
		}
	}
	if !ok {
		return nil, bad("input %s has shape %v; want %v, where -1 is any number of rows", d.Name, s, d.Shape)
	}
	return engine.Shape(s), nil
}

// parse reads numbers of JSON, nested or flat, in row-major order.
func parse(d Tensor, shape engine.Shape, text []byte) (engine.Array, error) {
	wide := engine.F64
	switch {
	case d.DType == engine.Bool || d.DType.IsInt():
		wide = engine.I64
	case d.DType == engine.F32:
		wide = engine.F32
	}
	n := shape.Numel()
	if len(text) < n { // a number and what is behind it take at least two bytes
		return engine.Array{}, bad("input %s of shape %v has too few data", d.Name, shape)
	}
	a := engine.NewArray(wide, shape)
	p := &parser{text: text, name: d.Name, most: n}
	switch wide {
	case engine.F32:
		v := a.F32()
		p.put = func(i int, w []byte) error {
			x, err := strconv.ParseFloat(stringOf(w), 32)
			v[i] = float32(x)
			return err
		}
	case engine.F64:
		v := a.F64()
		p.put = func(i int, w []byte) (err error) { v[i], err = strconv.ParseFloat(stringOf(w), 64); return err }
	default:
		v := a.I64()
		p.put = func(i int, w []byte) error { return whole(&v[i], w, d.DType) }
	}
	if err := p.run(); err != nil {
		return engine.Array{}, err
	}
	if wide == d.DType {
		return a, nil
	}
	return converted(a, d.DType), nil
}

// whole reads an integer, or true and false, that type t can hold.
func whole(v *int64, w []byte, t engine.DType) error {
	switch string(w) {
	case "true":
		*v = 1
		return nil
	case "false":
		return nil
	}
	x, err := strconv.ParseInt(stringOf(w), 10, 64)
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch t {
	case engine.Bool:
		lo, hi = 0, 1
	case engine.U8:
		lo, hi = 0, math.MaxUint8
	case engine.I8, engine.I16, engine.I32:
		hi = 1<<(8*t.Size()-1) - 1
		lo = -hi - 1
	}
	if err == nil && (x < lo || x > hi) {
		err = fmt.Errorf("%d is outside %d…%d", x, lo, hi)
	}
	*v = x
	return err
}

// stringOf is b as a string that lives no longer.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parser finds the numbers in nested arrays of JSON. What json.RawMessage holds is valid JSON already.
type parser struct {
	text []byte
	name string
	most int
	put  func(i int, word []byte) error
}

func (p *parser) run() error {
	n := 0
	for i := 0; i < len(p.text); {
		switch c := p.text[i]; c {
		case '[', ']', ',', ' ', '\t', '\n', '\r':
			i++
			continue
		case '{', '"', 'n':
			return bad("input %s: data holds something else than numbers at byte %d", p.name, i)
		}
		j := i + 1
		for j < len(p.text) && !ends(p.text[j]) {
			j++
		}
		if n == p.most {
			return bad("input %s has more than the %d elements of its shape", p.name, p.most)
		}
		if err := p.put(n, p.text[i:j]); err != nil {
			return bad("input %s: element %d: %v", p.name, n, err)
		}
		n++
		i = j
	}
	if n != p.most {
		return bad("input %s has %d elements; its shape wants %d", p.name, n, p.most)
	}
	return nil
}

// ends reports whether c is behind a number.
func ends(c byte) bool {
	return c == ',' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r'
}

// converted returns a as a row-major array of type t.
func converted(a engine.Array, t engine.DType) engine.Array {
	c := engine.NewArray(t, a.Shape)
	if err := cpu.Copy(c, a); err != nil {
		panic(&engine.Error{Where: "serve", What: err.Error()})
	}
	return c
}

// rowMajor returns a, or a copy, whose elements lie one after the other.
func rowMajor(a engine.Array) engine.Array {
	if a.IsContiguous() {
		return a
	}
	return converted(a, a.DType)
}

// bytesOf are the elements of a row-major array, little-endian as they lie in memory.
func bytesOf(a engine.Array) []byte {
	s := a.DType.Size()
	return a.Buf.Bytes()[a.Offset*s : (a.Offset+a.Numel())*s]
}

// numbers appends the elements of a as a flat array of JSON. It is an error when one is not finite.
func numbers(to []byte, name string, a engine.Array) ([]byte, error) {
	to = append(to, '[')
	n := a.Numel()
	switch {
	case a.DType == engine.Bool:
		for i, v := range bytesOf(a) {
			to = strconv.AppendBool(comma(to, i), v != 0)
		}
	case a.DType.IsInt():
		wide := converted(a, engine.I64)
		for i, v := range wide.I64() {
			to = strconv.AppendInt(comma(to, i), v, 10)
		}
	default:
		wide, bits := a, 32
		switch a.DType {
		case engine.F32:
		case engine.F64:
			bits = 64
		default:
			wide = converted(a, engine.F32)
		}
		for i := range n {
			v := floatAt(wide, i)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("serve: element %d of output %s is %v, which JSON cannot write; ask for binary_data",
					i, name, v)
			}
			to = strconv.AppendFloat(comma(to, i), v, 'g', -1, bits)
		}
	}
	return append(to, ']'), nil
}

func floatAt(a engine.Array, i int) float64 {
	b := bytesOf(a)
	if a.DType == engine.F64 {
		return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
}

func comma(to []byte, i int) []byte {
	if i > 0 {
		return append(to, ',')
	}
	return to
}
