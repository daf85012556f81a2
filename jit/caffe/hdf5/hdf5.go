package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const (
	signature = "\x89HDF\r\n\x1a\n"
	undefined = ^uint64(0)

	maxMeta   = 1 << 26 // bytes of one piece of metadata
	maxPieces = 1 << 20 // pieces of metadata that one look-up may visit
	maxGroups = 32      // groups in groups
)

// File is an open file. It may be read by one goroutine at a time.
type File struct {
	r      io.ReaderAt
	close  func() error
	size   uint64
	base   uint64
	root   uint64 // address of the root group's header
	offset int    // bytes of an address
	length int    // bytes of an extent
	pieces int
}

// Open opens the file at path.
func Open(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	info, err := r.Stat()
	if err == nil {
		var f *File
		if f, err = Read(r, info.Size()); err == nil {
			f.close = r.Close
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", path, errors.Join(err, r.Close()))
}

// Read opens a file of the given size that r reads.
func Read(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, close: func() error { return nil }, size: uint64(max(size, 0)), offset: 8, length: 8}
	for at := uint64(0); at+16 <= f.size; at = max(512, 2*at) {
		b, err := f.bytes(at, 16)
		if err != nil {
			return nil, err
		}
		if string(b[:8]) == signature {
			return f, f.superblock(at, b[8])
		}
	}
	return nil, errors.New("hdf5: not an HDF5 file: it has no signature")
}

// Close closes the file.
func (f *File) Close() error { return f.close() }

// bytes reads a piece of metadata.
func (f *File) bytes(at, n uint64) ([]byte, error) {
	if f.pieces++; f.pieces > maxPieces {
		return nil, errors.New("hdf5: the file's structure does not end")
	}
	if n > maxMeta || at > f.size || n > f.size-at {
		return nil, fmt.Errorf("hdf5: %d bytes at %d lie outside the file of %d bytes", n, at, f.size)
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, int64(at)); err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	return b, nil
}

// superblock reads the beginning of the file.
func (f *File) superblock(at uint64, version byte) error {
	if version > 3 {
		return fmt.Errorf("hdf5: superblock of version %d, want 0 to 3", version)
	}
	n := min(uint64(128), f.size-at)
	b, err := f.bytes(at, n)
	if err != nil {
		return err
	}
	d := &decoder{b: b, f: f}
	d.skip(9)
	if version < 2 {
		d.skip(4)
		f.offset, f.length = int(d.uint(1)), int(d.uint(1))
		d.skip(9)
		if version == 1 {
			d.skip(4)
		}
	} else {
		f.offset, f.length = int(d.uint(1)), int(d.uint(1))
		d.skip(1)
	}
	for _, k := range []int{f.offset, f.length} {
		if k != 2 && k != 4 && k != 8 {
			return fmt.Errorf("hdf5: addresses of %d and extents of %d bytes, want 2, 4 or 8", f.offset, f.length)
		}
	}
	f.base = d.address()
	if f.base == undefined {
		f.base = at
	}
	d.address()
	d.address()
	if version < 2 {
		d.address()
		d.address() // the root's name
	}
	f.root = d.address()
	return d.err
}

// at returns the place in the file of an address.
func (f *File) at(address uint64) uint64 { return address + f.base }

// decoder takes numbers from a piece of metadata; the first error stays.
type decoder struct {
	b   []byte
	f   *File
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > len(d.b) {
		d.err = errors.New("hdf5: metadata ends early")
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) skip(n int) { d.take(n) }

// uint returns an unsigned number of n bytes.
func (d *decoder) uint(n int) uint64 {
	b := d.take(n)
	v := uint64(0)
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// address returns an address, or undefined.
func (d *decoder) address() uint64 {
	v := d.uint(d.f.offset)
	if d.f.offset < 8 && v == 1<<(8*d.f.offset)-1 {
		return undefined
	}
	return v
}

func (d *decoder) extent() uint64 { return d.uint(d.f.length) }

// magic checks the four letters that a piece begins with.
func (d *decoder) magic(want string) {
	if got := d.take(4); d.err == nil && string(got) != want {
		d.err = fmt.Errorf("hdf5: %q where %q was expected", got, want)
	}
}

// Names returns the paths of all data sets, such as "data/conv1/0", in the order of their groups.
func (f *File) Names() (names []string, err error) {
	f.pieces = 0
	err = f.walk(f.root, "", map[uint64]bool{}, &names)
	return names, err
}

// walk lists what is below a header. An object that has several names is listed once.
func (f *File) walk(header uint64, prefix string, seen map[uint64]bool, names *[]string) error {
	if seen[header] || len(seen) > maxPieces {
		return nil
	}
	seen[header] = true
	if strings.Count(prefix, "/") > maxGroups {
		return fmt.Errorf("hdf5: groups are nested deeper than %d", maxGroups)
	}
	o, err := f.object(header)
	if err != nil {
		return err
	}
	if o.layout != nil {
		*names = append(*names, strings.TrimPrefix(prefix, "/"))
		return nil
	}
	links, err := f.links(o)
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := f.walk(l.header, prefix+"/"+l.name, seen, names); err != nil {
			return err
		}
	}
	return nil
}

// Has reports whether a data set or group is there.
func (f *File) Has(path string) bool {
	f.pieces = 0
	_, err := f.find(path)
	return err == nil
}

// find returns the object at a path.
func (f *File) find(path string) (*object, error) {
	o, err := f.object(f.root)
	if err != nil {
		return nil, err
	}
	for _, part := range strings.Split(strings.Trim(path, "/"), "/") {
		links, err := f.links(o)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(links, func(l link) bool { return l.name == part })
		if i < 0 {
			known := make([]string, len(links))
			for k, l := range links {
				known[k] = l.name
			}
			return nil, fmt.Errorf("hdf5: no %q; at %q there are %s", path, part, strings.Join(known, ", "))
		}
		if o, err = f.object(links[i].header); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Data is a data set that was read: numbers, or texts of one length.
type Data struct {
	Shape []int // row-major; nil: one element
	typ   datatype
	raw   []byte
	order binary.ByteOrder
}

// Read reads the data set at a path. Links that are no hard ones are not followed.
func (f *File) Read(path string) (*Data, error) {
	f.pieces = 0
	o, err := f.find(path)
	if err != nil {
		return nil, err
	}
	d, err := f.read(o)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return d, nil
}
