package checkpoint

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Save writes tensors to a safetensors file with optional metadata. An existing file is replaced only when
// the new one is complete. Names are unique and not empty; every dtype but C128 can be saved.
func Save(path string, tensors []nn.NamedTensor, metadata map[string]string) error {
	if err := target(path); err != nil {
		return fmt.Errorf("checkpoint.Save: %w", err)
	}
	head, sorted, err := header(tensors, metadata)
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return write(w, head, sorted) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint.Save: %w", err)
	}
	return nil
}

// target refuses a path that cannot become a file, before the work is done.
func target(path string) error {
	if path == "" {
		return errors.New("the path is empty; want the name of a file, such as net.safetensors")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; want the name of a file in it", path)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist; make it with os.MkdirAll(%q, 0o755)", dir, dir)
	} else if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	return nil
}

// header returns the encoded header, padded to 8 bytes, and tensors in the order of their data: wide
// element types first, so that all are aligned, then by name.
func header(tensors []nn.NamedTensor, metadata map[string]string) ([]byte, []nn.NamedTensor, error) {
	names := map[engine.DType]string{}
	for n, d := range dtypes {
		names[d] = n
	}
	for _, t := range tensors {
		if t.Tensor == nil {
			return nil, nil, fmt.Errorf("tensor %q is nil", t.Name)
		}
	}
	sorted := slices.Clone(tensors)
	slices.SortStableFunc(sorted, func(a, b nn.NamedTensor) int {
		return cmp.Or(b.Tensor.DType().Size()-a.Tensor.DType().Size(), cmp.Compare(a.Name, b.Name))
	})
	all := map[string]any{}
	if len(metadata) > 0 {
		all["__metadata__"] = metadata
	}
	at := uint64(0)
	for _, t := range sorted {
		d, ok := names[t.Tensor.DType()]
		if !ok {
			return nil, nil, fmt.Errorf("tensor %q is %v, which the format lacks", t.Name, t.Tensor.Storage())
		}
		if _, twice := all[t.Name]; twice || t.Name == "" || t.Name == "__metadata__" {
			return nil, nil, fmt.Errorf("tensor name %q is empty, reserved or used twice", t.Name)
		}
		e := entry{DType: d, Shape: []uint64{}, Span: []uint64{at, at}}
		for _, n := range t.Tensor.Shape() {
			e.Shape = append(e.Shape, uint64(n))
		}
		at += uint64(t.Tensor.Numel() * t.Tensor.DType().Size())
		e.Span[1] = at
		all[t.Name] = e
	}
	head, err := json.Marshal(all)
	if err != nil {
		return nil, nil, err
	}
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	if len(head) > maxHeader {
		return nil, nil, fmt.Errorf("the header would have %d bytes, at most %d are allowed", len(head), maxHeader)
	}
	return head, sorted, nil
}

func write(w io.Writer, head []byte, tensors []nn.NamedTensor) error {
	if err := binary.Write(w, binary.LittleEndian, uint64(len(head))); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := writeData(w, t.Tensor); err != nil {
			return err
		}
	}
	return nil
}

// writeData writes the elements of x in row-major order.
func writeData(w io.Writer, x *eager.Tensor) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *engine.Error: // a type that cannot be rearranged
			err = e
		default:
			panic(e)
		}
	}()
	eager.NoGrad(func() { x = x.To(eager.CPU).Contiguous() })
	a := x.Storage()
	lo := a.Offset * a.DType.Size()
	_, err = w.Write(a.Buf.Bytes()[lo : lo+a.Numel()*a.DType.Size()])
	return err
}
