package onnx

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// attr is one attribute of a node.
type attr struct {
	kind    pb.AttributeProto_AttributeType
	i       int64
	f       float64
	s       string
	ints    []int
	floats  []float64
	strings []string
	tensor  *Tensor
	tensors []*Tensor
	graph   *graph
	typ     *pb.TypeProto
}

// kindOf is the type of p; files of early versions leave it out.
func kindOf(p *pb.AttributeProto) pb.AttributeProto_AttributeType {
	switch {
	case p.GetType() != pb.AttributeProto_UNDEFINED:
		return p.GetType()
	case p.F != nil:
		return pb.AttributeProto_FLOAT
	case p.I != nil:
		return pb.AttributeProto_INT
	case p.S != nil:
		return pb.AttributeProto_STRING
	case p.T != nil:
		return pb.AttributeProto_TENSOR
	case p.G != nil:
		return pb.AttributeProto_GRAPH
	case len(p.GetFloats()) > 0:
		return pb.AttributeProto_FLOATS
	case len(p.GetInts()) > 0:
		return pb.AttributeProto_INTS
	case len(p.GetStrings()) > 0:
		return pb.AttributeProto_STRINGS
	}
	return pb.AttributeProto_UNDEFINED
}

// decodeAttr reads everything but graphs, which the caller compiles.
func decodeAttr(p *pb.AttributeProto, dir fs.FS) (*attr, error) {
	a := &attr{kind: kindOf(p), i: p.GetI(), f: float64(p.GetF()), s: string(p.GetS()), typ: p.GetTp()}
	for _, v := range p.GetInts() {
		a.ints = append(a.ints, int(v))
	}
	for _, v := range p.GetFloats() {
		a.floats = append(a.floats, float64(v))
	}
	for _, v := range p.GetStrings() {
		a.strings = append(a.strings, string(v))
	}
	var err error
	if p.T != nil {
		if a.tensor, err = DecodeTensor(p.T, dir); err != nil {
			return nil, err
		}
	}
	for _, q := range p.GetTensors() {
		t, err := DecodeTensor(q, dir)
		if err != nil {
			return nil, err
		}
		a.tensors = append(a.tensors, t)
	}
	if p.SparseTensor != nil {
		a.tensor, err = decodeSparse(p.SparseTensor, dir)
	}
	return a, err
}

// decodeSparse returns a tensor in coordinate form as a dense one.
func decodeSparse(p *pb.SparseTensorProto, dir fs.FS) (*Tensor, error) {
	values, err := DecodeTensor(p.GetValues(), dir)
	if err != nil {
		return nil, err
	}
	index, err := DecodeTensor(p.GetIndices(), dir)
	if err != nil {
		return nil, err
	}
	shape, err := shapeOf(p.GetDims())
	if err != nil {
		return nil, err
	}
	if values.Type == String || index.Type != Int64 || len(shape) == 0 {
		return nil, fmt.Errorf("onnx: sparse tensor of %s with indices %s: want numbers and int64", values.describe(), index.describe())
	}
	at, v := index.Data.Ints(), values.Data.Float64s()
	dense := make([]float64, shape.Numel())
	strides := shape.Strides()
	for i := range v {
		pos := 0
		if len(index.Shape()) == 1 {
			if i >= len(at) {
				return nil, fmt.Errorf("onnx: sparse tensor: %d values but %d indices", len(v), len(at))
			}
			pos = at[i]
		} else {
			if (i+1)*len(shape) > len(at) {
				return nil, fmt.Errorf("onnx: sparse tensor: %d values but indices %v", len(v), index.Shape())
			}
			for k, s := range strides {
				pos += at[i*len(shape)+k] * s
			}
		}
		if pos < 0 || pos >= len(dense) {
			return nil, fmt.Errorf("onnx: sparse tensor: value %d lies outside shape %v", i, shape)
		}
		dense[pos] = v[i]
	}
	return fromFloats(values.Type, dense, shape), nil
}

func (n *node) has(name string) bool { return n.attrs[name] != nil }

func (n *node) int(name string, def int) int {
	if a := n.attrs[name]; a != nil {
		return int(a.i)
	}
	return def
}

func (n *node) flag(name string) bool { return n.int(name, 0) != 0 }

func (n *node) float(name string, def float64) float64 {
	if a := n.attrs[name]; a != nil {
		return a.f
	}
	return def
}

func (n *node) string(name, def string) string {
	if a := n.attrs[name]; a != nil {
		return a.s
	}
	return def
}

// oneOf returns a string attribute whose value must be among known; the first is the default.
func (n *node) oneOf(name string, known ...string) string {
	s := n.string(name, known[0])
	if !slices.Contains(known, s) {
		fail("attribute %s is %q; known: %q", name, s, known)
	}
	return s
}

// ints returns a copy of a list attribute, nil when it is absent.
func (n *node) ints(name string) []int {
	if a := n.attrs[name]; a != nil {
		return slices.Clone(a.ints)
	}
	return nil
}

func (n *node) floats(name string) []float64 {
	if a := n.attrs[name]; a != nil {
		return a.floats
	}
	return nil
}

func (n *node) strings(name string) []string {
	if a := n.attrs[name]; a != nil {
		return a.strings
	}
	return nil
}

func (n *node) tensor(name string) *Tensor {
	if a := n.attrs[name]; a != nil {
		return a.tensor
	}
	return nil
}

// must refuses a node that lacks an attribute that has no default.
func (n *node) must(name string) {
	if !n.has(name) {
		fail("attribute %s is missing", name)
	}
}
