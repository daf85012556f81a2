package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// idxTypes are the element types of the IDX format by their code.
var idxTypes = map[byte]engine.DType{
	0x08: engine.U8, 0x09: engine.I8, 0x0b: engine.I16, 0x0c: engine.I32, 0x0d: engine.F32, 0x0e: engine.F64,
}

// ReadIDX reads an IDX file, plain or gzip'd, into a tensor of its element type and shape.
// Source: Y. LeCun, the MNIST database, "The IDX file format".
func ReadIDX(path string) (*eager.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data.ReadIDX: %w", err)
	}
	defer f.Close()
	x, err := DecodeIDX(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

// DecodeIDX reads the IDX format, plain or gzip'd, from r.
func DecodeIDX(r io.Reader) (*eager.Tensor, error) {
	br := bufio.NewReader(r)
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("data.DecodeIDX: %w", err)
		}
		br = bufio.NewReader(z)
	}
	x, err := decodeIDX(br)
	if err != nil {
		return nil, fmt.Errorf("data.DecodeIDX: %w", err)
	}
	return x, nil
}

func decodeIDX(r io.Reader) (*eager.Tensor, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("the file ends within its header: %w", err)
	}
	dtype, ok := idxTypes[head[2]]
	if head[0] != 0 || head[1] != 0 || !ok {
		return nil, fmt.Errorf("not an IDX file: it starts with %x, want 0000 and a type code 08…0e", head)
	}
	shape := make(engine.Shape, head[3])
	size := int64(dtype.Size())
	for i := range shape {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return nil, fmt.Errorf("the file ends within its header: %w", err)
		}
		shape[i] = int(n)
		if n > 0 && size > 1<<40/int64(n) {
			return nil, fmt.Errorf("shape %v… needs more than 1 TiB", shape[:i+1])
		}
		size *= int64(n)
	}
	var body bytes.Buffer // grows with what is there, not with what the header claims
	if _, err := io.CopyN(&body, r, size); err != nil {
		return nil, fmt.Errorf("%v%v needs %d bytes, the file has %d: %w", dtype, shape, size, body.Len(), err)
	}
	if n, _ := io.ReadFull(r, head[:1]); n > 0 {
		return nil, fmt.Errorf("there is more data than the %d bytes of %v%v", size, dtype, shape)
	}
	return eager.FromArray(fromBigEndian(dtype, shape, body.Bytes())), nil
}

func fromBigEndian(d engine.DType, s engine.Shape, b []byte) engine.Array {
	for e := range slices.Chunk(b, d.Size()) {
		slices.Reverse(e)
	}
	a := engine.NewArray(d, s)
	copy(a.Buf.Bytes(), b)
	return a
}

// FashionMNIST reads the training and test split of Fashion-MNIST from the four IDX files in dir, plain
// or with .gz, named as Zalando and Debian's dataset-fashion-mnist name them. Images are F32 [n 1 28 28]
// in 0…1, labels I64 [n]. The error names every file that is missing.
func FashionMNIST(dir string) (train, test *TensorDataset, err error) {
	names := []string{
		"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
	}
	var parts [4]*eager.Tensor
	var missing []error
	for i, name := range names {
		path, err := find(dir, name)
		if err == nil {
			parts[i], err = ReadIDX(path)
		}
		if err != nil {
			missing = append(missing, err)
		}
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("data.FashionMNIST: %w", errors.Join(missing...))
	}
	if train, err = images(parts[0], parts[1]); err == nil {
		test, err = images(parts[2], parts[3])
	}
	if err != nil {
		return nil, nil, fmt.Errorf("data.FashionMNIST: %s: %w", dir, err)
	}
	return train, test, nil
}

func find(dir, name string) (string, error) {
	for _, n := range []string{name, name + ".gz"} {
		path := filepath.Join(dir, n)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s has no %s or %s.gz", dir, name, name)
}
