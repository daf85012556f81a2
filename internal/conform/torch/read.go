package torch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// errNone says that a suite's files are not there.
var errNone = errors.New("no such suite")

// readFile reads name, or its compressed form name.zst.
func readFile(refs fs.FS, name string) ([]byte, error) {
	b, err := fs.ReadFile(refs, name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if b, err = fs.ReadFile(refs, name+".zst"); err != nil {
		return nil, err
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if b, err = d.DecodeAll(b, nil); err != nil {
		return nil, fmt.Errorf("%s.zst: %w", name, err)
	}
	return b, nil
}

// record is one case: its JSON object with tensors still in the file of numbers.
type record struct {
	fields map[string]json.RawMessage
	data   []byte
}

// readCases reads NAME.json, one object a line with or without brackets around, and NAME.bin.
func readCases(refs fs.FS, name string) ([]record, error) {
	text, err := readFile(refs, name+".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNone
	}
	if err != nil {
		return nil, err
	}
	data, err := readFile(refs, name+".bin")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var cases []record
	dec := json.NewDecoder(bytes.NewReader(text))
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] == '[' {
		if _, err := dec.Token(); err != nil {
			return nil, err
		}
	}
	for dec.More() {
		r := record{data: data}
		if err := dec.Decode(&r.fields); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, fmt.Errorf("%s.json, case %d: %w", name, len(cases)+1, err)
		}
		cases = append(cases, r)
	}
	return cases, nil
}

// str is a field that is a string; "" when it is not there.
func (r record) str(name string) string {
	var s string
	_ = json.Unmarshal(r.fields[name], &s)
	return s
}

// has reports whether the field is there and not null.
func (r record) has(name string) bool {
	raw, ok := r.fields[name]
	return ok && string(raw) != "null"
}

// value decodes a field: nil, bool, int, float64, complex128, string, []any, map[string]any, *eager.Tensor,
// engine.DType or foreign.
func (r record) value(name string) (any, error) {
	raw, ok := r.fields[name]
	if !ok {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return r.decode(v)
}

// foreign is a value that Lathe has no counterpart of, by its kind: "c128", "$slice" …
type foreign string

func (r record) decode(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i), nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			var err error
			if v[i], err = r.decode(v[i]); err != nil {
				return nil, err
			}
		}
		return v, nil
	case map[string]any:
		return r.decodeMap(v)
	}
	return v, nil
}

func (r record) decodeMap(v map[string]any) (any, error) {
	if len(v) == 1 {
		for k, x := range v {
			switch k {
			case "$t":
				return r.tensor(x)
			case "$float":
				return map[any]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)}[x], nil
			case "$dtype":
				name, _ := x.(string)
				d, err := engine.ParseDType(name)
				return d, err
			case "$complex":
				if p, ok := x.([]any); ok && len(p) == 2 {
					return r.complexNumber(p)
				}
				return foreign(k), nil
			case "$slice", "$ellipsis":
				return foreign(k), nil
			}
		}
	}
	for k := range v {
		var err error
		if v[k], err = r.decode(v[k]); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// complexNumber decodes [real, imaginary].
func (r record) complexNumber(p []any) (any, error) {
	var parts [2]float64
	for i, v := range p {
		n, ok := v.(json.Number)
		if !ok {
			return nil, fmt.Errorf("complex number %v is not a pair of numbers", p)
		}
		f, err := n.Float64()
		if err != nil {
			return nil, err
		}
		parts[i] = f
	}
	return complex(parts[0], parts[1]), nil
}

// tensor decodes [dtype, shape, offset, bytes].
func (r record) tensor(x any) (any, error) {
	f, ok := x.([]any)
	if !ok || len(f) != 4 {
		return nil, fmt.Errorf("tensor %v is not [dtype, shape, offset, bytes]", x)
	}
	name, _ := f[0].(string)
	dims, _ := f[1].([]any)
	at, size := number(f[2]), number(f[3])
	shape := make(engine.Shape, len(dims))
	for i, n := range dims {
		if shape[i] = number(n); shape[i] < 0 || shape[i] > 1<<31 || shape[:i+1].Numel() > 1<<31 {
			return nil, fmt.Errorf("tensor %v has an extent that is not possible", x)
		}
	}
	if name == "c32" {
		return foreign(name), nil
	}
	d, err := engine.ParseDType(name)
	if err != nil {
		return nil, err
	}
	if size != shape.Numel()*d.Size() || at < 0 || size < 0 || at+size > len(r.data) {
		return nil, fmt.Errorf("tensor %v%v at %d of %d bytes does not lie in the %d bytes of data",
			name, shape, at, size, len(r.data))
	}
	b := engine.NewBuffer(size)
	copy(b.Bytes(), r.data[at:at+size])
	return eager.FromArray(engine.Array{DType: d, Shape: shape, Strides: shape.Strides(), Buf: b}), nil
}

func number(v any) int {
	n, ok := v.(json.Number)
	if !ok {
		return -1
	}
	i, err := n.Int64()
	if err != nil {
		return -1
	}
	return int(i)
}
