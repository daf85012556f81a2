package caffe

import (
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// maxElements bounds the extents that a file may claim.
const maxElements = 1 << 36

// blobShape returns the extents of a BlobProto, of either generation.
func blobShape(b *Message) (engine.Shape, error) {
	var dims []int
	switch {
	case b.Has("shape"):
		dims = b.Message("shape").Ints("dim")
	case b.Has("num") || b.Has("channels") || b.Has("height") || b.Has("width"):
		dims = []int{b.Int("num", 0), b.Int("channels", 0), b.Int("height", 0), b.Int("width", 0)}
	}
	return checkShape(dims)
}

func checkShape(dims []int) (engine.Shape, error) {
	n := 1
	for _, d := range dims {
		if d < 0 || d > maxElements || d > 0 && n > maxElements/d {
			return nil, fmt.Errorf("shape %v is negative or has more than 2^36 elements", dims)
		}
		if d > 0 {
			n *= d
		}
	}
	return engine.Shape(dims), nil
}

// blobTensor returns the elements of a BlobProto.
func blobTensor(b *Message) (*eager.Tensor, error) {
	shape, err := blobShape(b)
	if err != nil {
		return nil, err
	}
	field := "data"
	if b.Has("double_data") {
		field = "double_data"
	}
	var data []float32
	for _, v := range b.all(field) {
		switch x := v.(type) {
		case []float32:
			if data == nil {
				data = x
			} else {
				data = append(data, x...)
			}
		default:
			data = append(data, float32(asFloat(field, v)))
		}
	}
	if shape == nil && len(data) > 0 {
		shape = engine.Shape{len(data)}
	}
	if len(data) != shape.Numel() {
		return nil, fmt.Errorf("blob of shape %v has %d elements, want %d", shape, len(data), shape.Numel())
	}
	return eager.FromFloat32s(append([]float32{}, data...), shape...), nil
}

// LoadWeights takes the weights of a caffemodel for layers of the same names. Layers that the file lacks keep theirs;
// a weight of another size is an error.
func (n *Net) LoadWeights(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("caffe: %w", err)
	}
	if err := n.SetWeights(b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// SetWeights is LoadWeights for the contents of a file.
func (n *Net) SetWeights(b []byte) error {
	m, err := ParseNet(b)
	if err != nil {
		return err
	}
	source := map[string]*Message{}
	for _, l := range m.Messages("layer") {
		source[l.Text("name", "")] = l
	}
	found := 0
	for _, l := range n.layers {
		s := source[l.name]
		if s == nil || len(s.Messages("blobs")) == 0 {
			continue
		}
		found++
		for i, bm := range s.Messages("blobs") {
			t, err := blobTensor(bm)
			if err != nil {
				return fmt.Errorf("caffe: layer %q: %w", l.name, err)
			}
			if i < len(l.blobs) && l.blobs[i] != nil {
				old := l.blobs[i]
				if old.Numel() != t.Numel() {
					return fmt.Errorf("caffe: layer %q: weight %d has shape %v, want %v", l.name, i, t.Shape(), old.Shape())
				}
				eager.NoGrad(func() { old.SetData(t.Reshape(old.Shape()...)) })
				continue
			}
			for len(l.blobs) <= i {
				l.blobs = append(l.blobs, nil)
			}
			if n.Phase == Train && l.rate(i) != 0 {
				t.SetRequiresGrad(true)
			}
			l.blobs[i] = t
		}
	}
	if found == 0 {
		return fmt.Errorf("caffe: the file has no weights for any layer of the network")
	}
	return nil
}
