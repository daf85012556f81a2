package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// A file is
//
//	8 bytes  magic "LATHEG1\n", whose digit is the version
//	8 bytes  length of the header, little-endian
//	4 bytes  CRC-32C of the header; 12 bytes of zeros
//	header   JSON: the graph, and for each tensor dtype, shape, place in the data and CRC-32C
//	zeros    up to a multiple of 64
//	data     tensors, row-major, little-endian, each at a multiple of 64
//
// so that a file can be mapped into memory and its tensors used where they are.
const (
	magic      = "LATHEG1\n"
	headerAt   = 32
	alignment  = 64
	mostHeader = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is the JSON part.
type header struct {
	Types   []typeOf          `json:"types"`
	Inputs  []named           `json:"inputs"`
	Consts  []tensor          `json:"consts"`
	States  []tensor          `json:"states"`
	Nodes   []node            `json:"nodes"`
	Outputs []named           `json:"outputs"`
	Words   uint64            `json:"words,omitempty"`
	Meta    map[string]string `json:"meta,omitempty"`
}

type typeOf struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Weak  bool   `json:"number,omitempty"`
}

type named struct {
	Name  string `json:"name"`
	Value int    `json:"value"`
}

// tensor is a constant or a state; its type is that of Value.
type tensor struct {
	Name  string `json:"name,omitempty"`
	Value int    `json:"value"`
	Out   int    `json:"out,omitempty"` // of a state
	At    int64  `json:"at"`
	CRC   uint32 `json:"crc"`
}

type node struct {
	Op     string          `json:"op"`
	Attrs  json.RawMessage `json:"attrs,omitempty"`
	In     []int           `json:"in,omitempty"`
	Out    []int           `json:"out"`
	Random bool            `json:"random,omitempty"`
	Words  uint64          `json:"words,omitempty"`
}

// encode returns the header of g; data is what the tensors' places refer to.
func encode(g *graph.Graph, meta map[string]string) (h *header, data []engine.Array, err error) {
	h = &header{Words: g.Words, Meta: meta}
	for _, t := range g.Types {
		h.Types = append(h.Types, typeOf{t.DType.String(), append([]int{}, t.Shape...), t.Weak})
	}
	for _, x := range g.Inputs {
		h.Inputs = append(h.Inputs, named{x.Name, int(x.Value)})
	}
	for _, c := range g.Consts {
		h.Consts = append(h.Consts, tensor{Name: c.Name, Value: int(c.Value)})
		data = append(data, c.Data)
	}
	for _, s := range g.States {
		h.States = append(h.States, tensor{Name: s.Name, Value: int(s.In), Out: int(s.Out)})
		data = append(data, s.Data)
	}
	for _, o := range g.Outputs {
		h.Outputs = append(h.Outputs, named{o.Name, int(o.Value)})
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		w := node{Op: nameOf(n.Def), In: ints(n.In), Out: ints(n.Out), Random: n.Random, Words: n.Words}
		if _, err := graph.Lookup(w.Op); err != nil {
			return nil, nil, fmt.Errorf("model: %s has no form in files", n.Def.Name)
		}
		if n.Attrs != nil {
			if w.Attrs, err = encodeAttrs(n.Attrs); err != nil {
				return nil, nil, fmt.Errorf("model: parameters of %s: %w", n.Def.Name, err)
			}
		}
		h.Nodes = append(h.Nodes, w)
	}
	return h, data, nil
}

func nameOf(d *op.Def) string {
	if d.Domain == "" {
		return d.Name
	}
	return d.Domain + "." + d.Name
}

func ints(v []graph.Value) []int {
	r := make([]int, len(v))
	for i, x := range v {
		r[i] = int(x)
	}
	return r
}

func values(v []int) []graph.Value {
	r := make([]graph.Value, len(v))
	for i, x := range v {
		r[i] = graph.Value(x)
	}
	return r
}

// decode makes a graph of a file's bytes. Tensors refer to data; changing says that states get memory of
// their own.
func decode(b []byte) (g *graph.Graph, meta map[string]string, err error) {
	h, data, err := split(b)
	if err != nil {
		return nil, nil, err
	}
	g = &graph.Graph{Words: h.Words}
	for _, t := range h.Types {
		d, err := engine.ParseDType(t.DType)
		if err != nil {
			return nil, nil, fmt.Errorf("model: %w", err)
		}
		if _, err := size(t.Shape, d); err != nil {
			return nil, nil, err
		}
		g.Types = append(g.Types, op.Type{DType: d, Shape: append(engine.Shape{}, t.Shape...), Weak: t.Weak})
	}
	for _, x := range h.Inputs {
		g.Inputs = append(g.Inputs, graph.Input{Name: x.Name, Value: graph.Value(x.Value)})
	}
	for _, o := range h.Outputs {
		g.Outputs = append(g.Outputs, graph.Output{Name: o.Name, Value: graph.Value(o.Value)})
	}
	for _, c := range h.Consts {
		a, err := stored(g, c, data)
		if err != nil {
			return nil, nil, err
		}
		g.Consts = append(g.Consts, graph.Const{Name: c.Name, Value: graph.Value(c.Value), Data: a})
	}
	for _, s := range h.States {
		a, err := stored(g, s, data)
		if err != nil {
			return nil, nil, err
		}
		own := engine.NewArray(a.DType, a.Shape)
		copy(own.Buf.Bytes(), a.Buf.Bytes())
		g.States = append(g.States, graph.State{
			Name: s.Name, In: graph.Value(s.Value), Out: graph.Value(s.Out), Data: own,
		})
	}
	if err := decodeNodes(g, h.Nodes); err != nil {
		return nil, nil, err
	}
	return g, h.Meta, verify(g)
}

// verify is Graph.Verify for a graph of a file, whose parameters may be such that a rule panics.
func verify(g *graph.Graph) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("model: an operator's parameters do not fit its operands (%v)", r)
		}
	}()
	if err := g.Verify(); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

func decodeNodes(g *graph.Graph, nodes []node) error {
	for i, n := range nodes {
		d, err := graph.Lookup(n.Op)
		if err != nil {
			return fmt.Errorf("model: node %d: %w", i, err)
		}
		a, err := decodeAttrs(d, n.Attrs)
		if err != nil {
			return fmt.Errorf("model: node %d (%s): %w", i, n.Op, err)
		}
		g.Nodes = append(g.Nodes, graph.Node{
			Def: d, Attrs: a, In: values(n.In), Out: values(n.Out), Random: n.Random, Words: n.Words,
		})
	}
	return nil
}

// split checks what surrounds the header and the data.
func split(b []byte) (*header, []byte, error) {
	if len(b) < headerAt || string(b[:6]) != magic[:6] {
		return nil, nil, fmt.Errorf("model: not a graph file; want one that lathe has saved")
	}
	if string(b[:8]) != magic {
		return nil, nil, fmt.Errorf("model: the file has version %q, this program reads version 1", b[6:7])
	}
	n := binary.LittleEndian.Uint64(b[8:])
	if n > mostHeader || headerAt+n > uint64(len(b)) {
		return nil, nil, fmt.Errorf("model: the file is cut short: a header of %d bytes in %d", n, len(b))
	}
	text := b[headerAt : headerAt+n]
	if crc32.Checksum(text, castagnoli) != binary.LittleEndian.Uint32(b[16:]) {
		return nil, nil, fmt.Errorf("model: the header is damaged: its checksum does not fit")
	}
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, nil, fmt.Errorf("model: the header is damaged: %w", err)
	}
	at := (headerAt + int(n) + alignment - 1) / alignment * alignment
	if at > len(b) {
		at = len(b)
	}
	return &h, b[at:], nil
}

// stored returns a tensor of the file.
func stored(g *graph.Graph, t tensor, data []byte) (engine.Array, error) {
	if t.Value < 0 || t.Value >= len(g.Types) {
		return engine.Array{}, fmt.Errorf("model: tensor %q has value %d of %d", t.Name, t.Value, len(g.Types))
	}
	typ := g.Types[t.Value]
	n, err := size(typ.Shape, typ.DType)
	if err != nil {
		return engine.Array{}, err
	}
	if t.At < 0 || t.At%alignment != 0 || t.At > int64(len(data)) || n > int64(len(data))-t.At {
		return engine.Array{}, fmt.Errorf("model: the file is cut short: tensor %q (%v) lies at %d of %d bytes", t.Name,
			typ, t.At, len(data))
	}
	mem := data[t.At : t.At+n : t.At+n]
	if crc32.Checksum(mem, castagnoli) != t.CRC {
		return engine.Array{}, fmt.Errorf("model: tensor %q (%v) is damaged: its checksum does not fit", t.Name, typ)
	}
	return engine.Array{
		DType: typ.DType, Shape: typ.Shape, Strides: typ.Shape.Strides(), Buf: engine.WrapBytes(mem),
	}, nil
}

// size returns the bytes of a tensor.
func size(shape []int, d engine.DType) (int64, error) {
	n := int64(d.Size())
	for _, e := range shape {
		if e < 0 || e > 0 && n > math.MaxInt64/64/int64(e) {
			return 0, fmt.Errorf("model: shape %v is none", shape)
		}
		n *= int64(e)
	}
	if len(shape) > 32 {
		return 0, fmt.Errorf("model: shape %v has more than 32 axes", shape)
	}
	return n, nil
}
