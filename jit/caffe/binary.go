package caffe

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// ParseBinary reads a message of the named type ("NetParameter", "BlobProto", "SolverState" …) in protobuf's binary
// format, as caffemodel and binaryproto files hold it; "NetDef" is Caffe2's. Unknown fields are passed over.
func ParseBinary(b []byte, typ string) (*Message, error) {
	if schema().messages[typ] == nil {
		return nil, fmt.Errorf("caffe: message %q is unknown", typ)
	}
	m, err := parseBinary(b, typ, 0)
	if err != nil {
		return nil, fmt.Errorf("caffe: not a %s: %w", typ, err)
	}
	return m, nil
}

func parseBinary(b []byte, typ string, depth int) (*Message, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("messages are nested deeper than %d", maxDepth)
	}
	fields, m := schema().messages[typ], newMessage()
	for len(b) > 0 {
		num, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		f, known := fields[int(num)]
		size := protowire.ConsumeFieldValue(num, wire, b)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		if known {
			if err := readField(m, f, wire, b[:size], depth); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.name, err)
			}
		}
		b = b[size:]
	}
	return m, nil
}

// readField adds one value, or the packed values of a repeated field.
func readField(m *Message, f fieldType, wire protowire.Type, b []byte, depth int) error {
	if wire != protowire.BytesType {
		v, _, err := readScalar(f, wire, b)
		if err != nil {
			return err
		}
		if x, ok := v.(float64); ok && f.repeated { // weights that are not packed
			if last, many := m.last(f.name).([]float32); many {
				vs := m.fields[f.name]
				vs[len(vs)-1] = append(last, float32(x))
				return nil
			}
			v = []float32{float32(x)}
		}
		m.add(f.name, v)
		return nil
	}
	data, n := protowire.ConsumeBytes(b)
	if n < 0 {
		return protowire.ParseError(n)
	}
	switch f.typ {
	case "string", "bytes":
		m.add(f.name, string(data))
		return nil
	case "float", "double":
		m.add(f.name, packedFloats(data, f.typ == "double"))
		return nil
	}
	if schema().messages[f.typ] != nil {
		sub, err := parseBinary(data, f.typ, depth+1)
		if err != nil {
			return err
		}
		m.add(f.name, sub)
		return nil
	}
	for len(data) > 0 {
		v, n, err := readScalar(f, protowire.VarintType, data)
		if err != nil {
			return err
		}
		m.add(f.name, v)
		data = data[n:]
	}
	return nil
}

func packedFloats(data []byte, double bool) []float32 {
	if double {
		out := make([]float32, len(data)/8)
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])))
		}
		return out
	}
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

func readScalar(f fieldType, wire protowire.Type, b []byte) (v any, n int, err error) {
	switch wire {
	case protowire.VarintType:
		x, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, 0, protowire.ParseError(n)
		}
		switch {
		case f.typ == "bool":
			return x != 0, n, nil
		case f.typ[0] == '!':
			name, known := schema().enums[f.typ][int64(x)]
			if !known {
				return nil, 0, fmt.Errorf("value %d is unknown", x)
			}
			return name, n, nil
		}
		return int64(x), n, nil
	case protowire.Fixed32Type:
		x, n := protowire.ConsumeFixed32(b)
		if n < 0 {
			return nil, 0, protowire.ParseError(n)
		}
		return float64(math.Float32frombits(x)), n, nil
	case protowire.Fixed64Type:
		x, n := protowire.ConsumeFixed64(b)
		if n < 0 {
			return nil, 0, protowire.ParseError(n)
		}
		return math.Float64frombits(x), n, nil
	}
	return nil, 0, fmt.Errorf("wire type %d for a %s", wire, f.typ)
}
