package checkpoint

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lathe-ml/lathe/eager/checkpoint/internal/pickle"
	"github.com/lathe-ml/lathe/engine"
)

// LoadTorch reads a state dict that torch.save wrote to a .pt or .pth file, in today's format or in the one
// before PyTorch 1.6. Nested dicts and lists are joined with dots: {"model": {"w": …}, "epoch": 4} gives the
// tensor "model.w" and the metadata "epoch". Tensors that share storage in the file share it here. Only
// data is read: a file that needs code of its own, such as a whole module, is refused.
func LoadTorch(path string) (*File, error) {
	var out *File
	err := withFile(path, func(f *os.File, size int64) (err error) {
		out, err = ReadTorch(f, size)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("checkpoint.LoadTorch: %w", err)
	}
	return out, nil
}

// ReadTorch is LoadTorch for a file of size bytes that is not on the disk.
func ReadTorch(r io.ReaderAt, size int64) (*File, error) {
	var head [8]byte
	n, err := r.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	t := &torchFile{r: r, size: size, storages: map[string]*storage{}}
	var root any
	switch {
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")):
		root, err = t.readZip()
	case bytes.HasPrefix(head[:n], []byte("\x80\x02\x8a")):
		root, err = t.readLegacy()
	default:
		return nil, fmt.Errorf("not a file of torch.save: it starts with %q; want a zip archive or a pickle",
			head[:n])
	}
	if err != nil {
		return nil, err
	}
	return flatten(root)
}

// torchFile is a file that is being read.
type torchFile struct {
	r        io.ReaderAt
	size     int64
	storages map[string]*storage
	order    []*storage
}

// storage is the memory of one or more tensors.
type storage struct {
	key   string
	dtype engine.DType
	numel int
	buf   *engine.Buffer // nil until it is read
}

// bytes is the size of s in the file; numel is at most the file's size.
func (s *storage) bytes() int64 { return int64(s.numel) * int64(s.dtype.Size()) }

// fill reads the values of s.
func (s *storage) fill(r io.Reader) error {
	s.buf = engine.NewBuffer(int(s.bytes()))
	b := s.buf.Bytes()[:s.bytes()]
	if _, err := io.ReadFull(r, b); err != nil {
		return fmt.Errorf("storage %q: %w", s.key, err)
	}
	return checkBools(s.dtype, b)
}

// checkBools refuses bytes of a Bool that are neither 0 nor 1.
func checkBools(d engine.DType, b []byte) error {
	if d != engine.Bool {
		return nil
	}
	for i, v := range b {
		if v > 1 {
			return fmt.Errorf("element %d of a bool is %d", i, v)
		}
	}
	return nil
}

func (t *torchFile) decoder(r io.Reader, size int64) *pickle.Decoder {
	d := pickle.NewDecoder(r, size)
	d.Call, d.Load = rebuild, t.persistent
	return d
}

// readZip reads the format since PyTorch 1.6: NAME/data.pkl, and a file NAME/data/KEY for each storage.
func (t *torchFile) readZip() (any, error) {
	archive, err := zip.NewReader(t.r, t.size)
	if err != nil {
		return nil, err
	}
	files := map[string]*zip.File{}
	prefix := ""
	for _, f := range archive.File {
		if p, ok := strings.CutSuffix(f.Name, "/data.pkl"); ok && prefix == "" {
			prefix = p + "/"
		}
		files[f.Name] = f
	}
	switch {
	case prefix == "":
		return nil, errors.New("the zip archive has no data.pkl; want a file of torch.save")
	case files[prefix+"constants.pkl"] != nil:
		return nil, errors.New("this is a TorchScript program; save its weights with " +
			"torch.save(m.state_dict(), …)")
	}
	if err := t.littleEndian(files[prefix+"byteorder"]); err != nil {
		return nil, err
	}
	data, err := t.open(files, prefix+"data.pkl")
	if err != nil {
		return nil, err
	}
	root, err := t.decoder(data, int64(files[prefix+"data.pkl"].UncompressedSize64)).Decode()
	if err != nil {
		return nil, err
	}
	rest := t.size
	for _, s := range t.order {
		name := prefix + "data/" + s.key
		data, err := t.open(files, name)
		if err != nil {
			return nil, err
		}
		if got := files[name].UncompressedSize64; got != uint64(s.bytes()) {
			return nil, fmt.Errorf("%s has %d bytes, %d elements of %v need %d", name, got, s.numel, s.dtype,
				s.bytes())
		}
		if rest -= s.bytes(); rest < 0 {
			return nil, errors.New("the parts of the archive are larger than the archive")
		}
		if err := s.fill(data); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// open returns a reader of a part of the archive, which torch.save never compresses.
func (t *torchFile) open(files map[string]*zip.File, name string) (io.Reader, error) {
	f := files[name]
	switch {
	case f == nil:
		return nil, fmt.Errorf("the archive has no %s", name)
	case f.Method != zip.Store || f.UncompressedSize64 > uint64(t.size):
		return nil, fmt.Errorf("%s is compressed or longer than the archive, which torch.save does not make",
			name)
	}
	return f.Open()
}

func (t *torchFile) littleEndian(f *zip.File) error {
	if f == nil {
		return nil // before PyTorch 2.1
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r, 16))
	if err == nil && string(b) != "little" {
		err = fmt.Errorf("the byte order is %q; only little is read", b)
	}
	return err
}

// Marks of the format before PyTorch 1.6.
const (
	legacyMagic    = "119547037146038801333356"
	legacyProtocol = 1001
)

// readLegacy reads the format before PyTorch 1.6: pickles of a magic number, a version, facts about the
// machine, the object, the keys of the storages, and then the storages.
func (t *torchFile) readLegacy() (any, error) {
	d := t.decoder(io.NewSectionReader(t.r, 0, t.size), t.size)
	var parts [5]any
	for i := range parts {
		var err error
		if parts[i], err = d.Decode(); err != nil {
			return nil, err
		}
		if i == 0 && parts[0] != legacyMagic {
			return nil, errors.New("a pickle, but not of torch.save")
		}
	}
	if parts[1] != int64(legacyProtocol) {
		return nil, fmt.Errorf("the format has a version that is not known; known is %d", legacyProtocol)
	}
	keys, ok := parts[4].(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("the keys of the storages are a %T", parts[4])
	}
	for _, k := range keys.Items {
		key, _ := k.(string)
		s := t.storages[key]
		if s == nil || s.buf != nil {
			return nil, fmt.Errorf("storage %q is not used or stored twice", key)
		}
		if err := t.readStorage(d, s); err != nil {
			return nil, err
		}
	}
	for _, s := range t.order {
		if s.buf == nil {
			return nil, fmt.Errorf("storage %q is not in the file", s.key)
		}
	}
	return parts[3], nil
}

func (t *torchFile) readStorage(d *pickle.Decoder, s *storage) error {
	var head [8]byte
	if _, err := io.ReadFull(d, head[:]); err != nil {
		return fmt.Errorf("storage %q: %w", s.key, err)
	}
	if n := littleEndian64(head); n != uint64(s.numel) || s.bytes() > t.size-d.Offset() {
		return fmt.Errorf("storage %q has %d elements, want %d, in %d bytes that are left", s.key, n, s.numel,
			t.size-d.Offset())
	}
	return s.fill(d)
}
