package caffe

import (
	"fmt"
	"math"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Marshal returns m in protobuf's binary format as a message of the named type.
func (m *Message) Marshal(typ string) (b []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	return m.encode(nil, typ)
}

func (m *Message) encode(b []byte, typ string) ([]byte, error) {
	fields := map[string]int{}
	for n, f := range schema().messages[typ] {
		fields[f.name] = n
	}
	for _, name := range m.order {
		num, known := fields[name]
		if !known {
			return nil, fmt.Errorf("caffe: %s has no field %q", typ, name)
		}
		f := schema().byName[typ][name]
		for _, v := range m.fields[name] {
			var err error
			if b, err = encodeField(b, protowire.Number(num), f, v); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

func encodeField(b []byte, num protowire.Number, f fieldType, v any) ([]byte, error) {
	switch x := v.(type) {
	case *Message:
		sub, err := x.encode(nil, f.typ)
		if err != nil {
			return nil, err
		}
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), sub), nil
	case []float32:
		data := make([]byte, 0, 4*len(x))
		for _, e := range x {
			data = protowire.AppendFixed32(data, math.Float32bits(e))
		}
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), data), nil
	}
	switch f.typ {
	case "string", "bytes":
		return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), text(v)), nil
	case "float":
		n := math.Float32bits(float32(asFloat(f.name, v)))
		return protowire.AppendFixed32(protowire.AppendTag(b, num, protowire.Fixed32Type), n), nil
	case "double":
		n := math.Float64bits(asFloat(f.name, v))
		return protowire.AppendFixed64(protowire.AppendTag(b, num, protowire.Fixed64Type), n), nil
	case "bool":
		m := newMessage()
		m.add(f.name, v)
		return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), protowire.EncodeBool(m.Bool(f.name, false))), nil
	}
	n := int64(0)
	if f.typ[0] == '!' {
		found := false
		for value, name := range schema().enums[f.typ] {
			if name == text(v) {
				n, found = value, true
			}
		}
		if !found {
			return nil, fmt.Errorf("caffe: field %s is %v, which is no %s", f.name, v, f.typ[1:])
		}
	} else {
		n = int64(asInt(f.name, v))
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(n)), nil
}

// blobOf returns a tensor as a BlobProto.
func blobOf(t *eager.Tensor) *Message {
	shape, b := newMessage(), newMessage()
	for _, d := range t.Shape() {
		shape.add("dim", int64(d))
	}
	b.set("shape", shape)
	b.set("data", t.Float32s())
	return b
}

// only copies the fields of m that messages of a type have in files, and so in the messages within.
func (m *Message) only(typ string) *Message {
	c := newMessage()
	for _, name := range m.order {
		f, known := schema().byName[typ][name]
		if !known {
			continue
		}
		for _, v := range m.fields[name] {
			if sub, ok := v.(*Message); ok && schema().messages[f.typ] != nil {
				v = sub.only(f.typ)
			}
			c.add(name, v)
		}
	}
	return c
}

// Weights returns the network with its weights as a message NetParameter: what a caffemodel holds. Parameters of forks
// whose numbers are not public are left out; a prototxt has them.
func (n *Net) Weights() *Message {
	m := newMessage()
	m.set("name", n.Name)
	for _, l := range n.layers {
		c := l.only("LayerParameter")
		c.drop("blobs")
		for _, b := range l.blobs {
			c.add("blobs", blobOf(b))
		}
		m.add("layer", c)
	}
	return m
}

// Save writes a caffemodel beside path and renames it; as HDF5 when path ends in .h5.
func (n *Net) Save(path string) error {
	if filepath.Ext(path) == ".h5" {
		return n.saveHDF5(path)
	}
	b, err := n.Weights().Marshal("NetParameter")
	if err != nil {
		return err
	}
	return writeFile(path, b)
}

func writeFile(path string, b []byte) error {
	if err := atomicfile.WriteBytes(path, b); err != nil {
		return fmt.Errorf("caffe: %s: %w", path, err)
	}
	return nil
}
