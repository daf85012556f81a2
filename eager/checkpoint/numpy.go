package checkpoint

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// LoadNPY reads the array of a NumPy .npy file: booleans, integers that the engine has, floating-point and
// complex numbers of either byte order, in C or Fortran order. Arrays of Python objects are refused.
func LoadNPY(path string) (*eager.Tensor, error) {
	var x *eager.Tensor
	err := withFile(path, func(f *os.File, size int64) (err error) {
		x, err = readNPY(f, uint64(size))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("checkpoint.LoadNPY: %w", err)
	}
	return x, nil
}

// SaveNPY writes x to a NumPy .npy file. An existing file is replaced only when the new one is complete.
// BF16, which NumPy lacks, is refused.
func SaveNPY(path string, x *eager.Tensor) error {
	err := target(path)
	if err == nil {
		var head []byte
		if head, err = npyHeader(x); err == nil {
			err = atomicfile.Write(path, func(w io.Writer) error { return writeNPY(w, head, x) })
		}
	}
	if err != nil {
		return fmt.Errorf("checkpoint.SaveNPY: %w", err)
	}
	return nil
}

// LoadNPZ reads the arrays of a NumPy .npz file, compressed or not, under their names.
func LoadNPZ(path string) (*File, error) {
	out := &File{kind: "NumPy"}
	err := withFile(path, func(f *os.File, size int64) error {
		archive, err := zip.NewReader(f, size)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		rest := uint64(size)
		for _, part := range archive.File {
			name := strings.TrimSuffix(part.Name, ".npy")
			if seen[name] {
				return fmt.Errorf("array %q occurs twice", name)
			}
			seen[name] = true
			x, err := readPart(part, &rest)
			if err != nil {
				return fmt.Errorf("array %q: %w", name, err)
			}
			out.Tensors = append(out.Tensors, nn.NamedTensor{Name: name, Tensor: x})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("checkpoint.LoadNPZ: %w", err)
	}
	return out, nil
}

// deflateRatio is how many bytes one byte of deflate can stand for.
const deflateRatio = 1032

// readPart reads one array of an archive of which rest bytes are not accounted for.
func readPart(part *zip.File, rest *uint64) (*eager.Tensor, error) {
	size, packed := part.UncompressedSize64, part.CompressedSize64
	if packed > *rest || size > packed && size/deflateRatio > packed ||
		part.Method == zip.Store && size != packed {
		return nil, fmt.Errorf("%d bytes that come from %d of the archive are more than there can be", size,
			packed)
	}
	*rest -= packed
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	x, err := readNPY(r, size)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // compares the checksum
		return nil, err
	}
	return x, nil
}

// SaveNPZ writes tensors to a NumPy .npz file without compression, as numpy.savez does. Names are unique
// and not empty. An existing file is replaced only when the new one is complete.
func SaveNPZ(path string, tensors []nn.NamedTensor) error {
	err := target(path)
	heads := make([][]byte, len(tensors))
	seen := map[string]bool{"": true}
	for i := 0; i < len(tensors) && err == nil; i++ {
		name := tensors[i].Name
		if seen[name] {
			err = fmt.Errorf("tensor name %q is empty or used twice", name)
			break
		}
		seen[name] = true
		if heads[i], err = npyHeader(tensors[i].Tensor); err != nil {
			err = fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error {
			archive := zip.NewWriter(w)
			for i, t := range tensors {
				part, err := archive.CreateHeader(&zip.FileHeader{Name: t.Name + ".npy", Method: zip.Store})
				if err != nil {
					return err
				}
				if err := writeNPY(part, heads[i], t.Tensor); err != nil {
					return err
				}
			}
			return archive.Close()
		})
	}
	if err != nil {
		return fmt.Errorf("checkpoint.SaveNPZ: %w", err)
	}
	return nil
}

// withFile opens a regular file for f.
func withFile(path string, f func(f *os.File, size int64) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil {
		err = f(file, info.Size())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
