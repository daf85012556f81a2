package caffe

import (
	"fmt"
	"os"
	"slices"
	"strings"

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

// LoadWeights takes the weights of a caffemodel, or of an HDF5 file that Caffe wrote, for layers of the same names. Layers
// that the file lacks keep theirs, layers that the network lacks are in Ignored; a weight of another size is an error.
func (n *Net) LoadWeights(path string) error {
	m, err := readWeights(path)
	if err == nil {
		err = n.setWeights(m)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readWeights(path string) (*Message, error) {
	if isHDF5(path) {
		return hdf5Weights(path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseNet(b)
}

// SetWeights is LoadWeights for the contents of a caffemodel.
func (n *Net) SetWeights(b []byte) error {
	m, err := ParseNet(b)
	if err != nil {
		return err
	}
	return n.setWeights(m)
}

func (n *Net) setWeights(m *Message) (err error) {
	if caught := engine.Catch(func() { err = n.copyWeights(m) }); caught != nil {
		return caught
	}
	return err
}

func (n *Net) copyWeights(m *Message) error {
	source, names := map[string]*Message{}, []string{}
	for _, l := range m.Messages("layer") {
		if name := l.Text("name", ""); l.Has("blobs") {
			source[name] = l
			names = append(names, name)
		}
	}
	found := map[string]bool{}
	for _, l := range n.layers {
		s := source[l.name]
		if s == nil {
			continue
		}
		found[l.name] = true
		if l.ready && len(s.Messages("blobs")) != len(l.blobs) {
			return fmt.Errorf("caffe: layer %q: the file gives %d weights, the network has %d", l.name, len(s.Messages("blobs")), len(l.blobs))
		}
		if err := l.take(s.Messages("blobs")); err != nil {
			return fmt.Errorf("caffe: layer %q: %w", l.name, err)
		}
	}
	for _, name := range names {
		if !found[name] {
			n.Ignored = append(n.Ignored, name)
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("caffe: the file has no weights for any layer of the network; it has some for %s", some(names))
	}
	return nil
}

// some is the beginning of a list.
func some(names []string) string {
	switch {
	case len(names) == 0:
		return "none at all"
	case len(names) > 4:
		return strings.Join(names[:4], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// take gives a layer the weights of a file.
func (l *layer) take(blobs []*Message) error {
	for i, bm := range blobs {
		t, err := blobTensor(bm)
		if err != nil {
			return err
		}
		if i < len(l.blobs) && l.blobs[i] != nil {
			old := l.blobs[i]
			if !fits(t.Shape(), old.Shape()) {
				return fmt.Errorf("weight %d has shape %v, want %v", i, t.Shape(), old.Shape())
			}
			eager.NoGrad(func() { old.SetData(t.Reshape(old.Shape()...)) })
			continue
		}
		for len(l.blobs) <= i {
			l.blobs = append(l.blobs, nil)
		}
		if l.net.Phase == Train && l.rate(i) != 0 {
			t.SetRequiresGrad(true)
		}
		l.blobs[i] = t
	}
	return nil
}

// fits reports whether shapes agree but for extents of 1 at the ends, which files of earlier generations have.
func fits(a, b engine.Shape) bool {
	trim := func(s []int) []int {
		for len(s) > 0 && s[0] == 1 {
			s = s[1:]
		}
		for len(s) > 0 && s[len(s)-1] == 1 {
			s = s[:len(s)-1]
		}
		return s
	}
	return slices.Equal(trim(a), trim(b))
}
