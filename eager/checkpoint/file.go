package checkpoint

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// File is the contents of a file of tensors.
type File struct {
	Tensors  []nn.NamedTensor  // in the order of the file
	Metadata map[string]string // may be nil
	kind     string            // of the file; "": safetensors
}

// Tensor returns the tensor of the given name; the error lists the names that there are.
func (f *File) Tensor(name string) (*eager.Tensor, error) {
	var names []string
	for _, t := range f.Tensors {
		if t.Name == name {
			return t.Tensor, nil
		}
		names = append(names, t.Name)
	}
	return nil, fmt.Errorf("checkpoint: there is no tensor %q; the file has %q", name, names)
}

// String returns the names and types of the tensors, one a line, and the metadata.
func (f *File) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s file of %d tensors", cmp.Or(f.kind, "safetensors"), len(f.Tensors))
	for _, t := range f.Tensors {
		fmt.Fprintf(&b, "\n%s %v", t.Name, t.Tensor.Storage())
	}
	for _, k := range slices.Sorted(maps.Keys(f.Metadata)) {
		fmt.Fprintf(&b, "\nmetadata %s = %q", k, f.Metadata[k])
	}
	return b.String()
}

// Load reads all tensors of a safetensors file.
func Load(path string) (*File, error) {
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f := &File{Metadata: r.Metadata}
	for _, e := range r.entries {
		x, err := r.Tensor(e.Name)
		if err != nil {
			return nil, err
		}
		f.Tensors = append(f.Tensors, nn.NamedTensor{Name: e.Name, Tensor: x})
	}
	return f, nil
}

// Reader reads tensors of a safetensors file one at a time. It may be used from several goroutines.
type Reader struct {
	Metadata map[string]string // may be nil

	f       *os.File
	data    int64 // offset of the data
	entries []entry
	index   map[string]int
}

// Open reads and checks the header of a safetensors file. The caller closes the Reader.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint.Open: %w", err)
	}
	r := &Reader{f: f}
	if err := r.readHeader(); err != nil {
		f.Close()
		return nil, fmt.Errorf("checkpoint.Open: %s: %w", path, err)
	}
	return r, nil
}

func (r *Reader) readHeader() error {
	info, err := r.f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	var length [8]byte
	if _, err := io.ReadFull(r.f, length[:]); err != nil {
		return fmt.Errorf("not a safetensors file: it has %d bytes, a header length alone needs 8", info.Size())
	}
	n, rest := binary.LittleEndian.Uint64(length[:]), uint64(info.Size())-8
	switch {
	case n > maxHeader:
		return fmt.Errorf("not a safetensors file: the header would have %d bytes, at most %d are allowed",
			n, maxHeader)
	case n > rest:
		return fmt.Errorf("the file is cut short: the header has %d bytes, the file %d", n, rest)
	}
	head := make([]byte, n)
	if _, err := io.ReadFull(r.f, head); err != nil {
		return err
	}
	if r.entries, r.Metadata, err = parseHeader(head, rest-n); err != nil {
		return err
	}
	r.data = 8 + int64(n)
	r.index = make(map[string]int, len(r.entries))
	for i, e := range r.entries {
		r.index[e.Name] = i
	}
	return nil
}

// Names returns the names of the tensors in the order of the file.
func (r *Reader) Names() []string {
	names := make([]string, len(r.entries))
	for i, e := range r.entries {
		names[i] = e.Name
	}
	return names
}

// Tensor reads one tensor.
func (r *Reader) Tensor(name string) (*eager.Tensor, error) {
	i, ok := r.index[name]
	if !ok {
		return nil, fmt.Errorf("checkpoint: there is no tensor %q; the file has %q", name, r.Names())
	}
	e := r.entries[i]
	d, ok := dtypes[e.DType]
	if !ok {
		return nil, fmt.Errorf("checkpoint: tensor %q has dtype %s; readable are %q", name, e.DType,
			slices.Sorted(maps.Keys(dtypes)))
	}
	shape := make(engine.Shape, len(e.Shape))
	for i, n := range e.Shape {
		shape[i] = int(n)
	}
	a := engine.NewArray(d, shape)
	b := a.Buf.Bytes()[:e.Span[1]-e.Span[0]]
	if _, err := r.f.ReadAt(b, r.data+int64(e.Span[0])); err != nil {
		return nil, fmt.Errorf("checkpoint: tensor %q: %w", name, err)
	}
	if d == engine.Bool {
		for k, v := range b {
			if v > 1 {
				return nil, fmt.Errorf("checkpoint: tensor %q: element %d of a BOOL is %d", name, k, v)
			}
		}
	}
	return eager.FromArray(a), nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.f.Close() }
