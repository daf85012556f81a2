package jpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/lathe-ml/lathe/data/internal/pixel"
)

// MaxPixels is the largest image that is decoded.
const MaxPixels = 178_956_970

// Options are the options of Decode; the zero value is the default.
type Options struct {
	Reduce int  // 1, 2, 4 or 8: width and height are divided by it while decoding; 0: 1
	Gray   bool // one plane of brightness, whatever the file holds
	// New returns memory for the samples; nil: from Go's heap.
	New func(channels, height, width int) []byte
}

// Image is a decoded image.
type Image struct {
	Width, Height int
	Channels      int    // 1 gray, 3 red, green, blue
	Pix           []byte // [Channels Height Width]
}

// Info is what the headers of a file say.
type Info struct {
	Width, Height int
	Components    int
	Progressive   bool
	Orientation   int // EXIF: 1 upright … 8; 1 when the file says nothing
}

// component is one of the file's planes.
type component struct {
	id     byte
	h, v   int // sampling factors
	tq     byte
	quant  *[64]int32 // latched at the component's first scan
	size   int        // samples of a block's side after the transform: 8, 4, 2, 1
	bw, bh int        // blocks that a scan of this component alone has
	mw, mh int        // blocks including those that fill the last units
	dw, dh int        // samples that belong to the image
	stride int
	plane  []byte
	coef   []int16 // progressive: 64 for each block
	dc     int32
	td, ta int
}

// row returns row y of the plane with the sample left of it first.
func (c *component) row(y int) []byte { return c.plane[y*c.stride+pixel.Pad-1:] }

type decoder struct {
	in    []byte
	info  Info
	o     Options
	comps []component
	hmax  int
	vmax  int
	min   int // block size of the component with most samples

	quant     [4]*[64]int32
	huff      [2][4]*table // DC, AC
	interval  int
	jfif      bool
	adobe     int // transform, or −1
	bits      bits
	buf       []byte // of bits, kept
	eobrun    int
	scanned   bool
	planes    []byte
	coefs     []int16
	lines     [3][]byte
	tableMem  [2][4]table
	quantMem  [4][64]int32
	frameSeen bool
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

var errShort = errors.New("the file ends too early; it was cut off")

// DecodeInfo reads the headers.
func DecodeInfo(b []byte) (Info, error) {
	d := &decoder{in: b, adobe: -1, info: Info{Orientation: 1}}
	err := d.markers(true)
	return d.info, err
}

// Decode decodes the file b.
func Decode(b []byte, o Options) (*Image, error) {
	if o.Reduce == 0 {
		o.Reduce = 1
	}
	if o.Reduce != 1 && o.Reduce != 2 && o.Reduce != 4 && o.Reduce != 8 {
		return nil, fmt.Errorf("reduction by %d; want 1, 2, 4 or 8", o.Reduce)
	}
	d := decoders.Get().(*decoder)
	*d = decoder{
		in: b, o: o, adobe: -1, info: Info{Orientation: 1},
		buf: d.buf, planes: d.planes, coefs: d.coefs, lines: d.lines, comps: d.comps[:0],
	}
	img, err := d.decode()
	d.in, d.o.New = nil, nil
	if cap(d.planes)+2*cap(d.coefs)+cap(d.buf) > 64<<20 {
		d = new(decoder)
	}
	decoders.Put(d)
	return img, err
}

func (d *decoder) decode() (*Image, error) {
	if err := d.markers(false); err != nil {
		return nil, err
	}
	if !d.scanned {
		return nil, errShort
	}
	if d.info.Progressive {
		d.transformAll()
	}
	return d.output(), nil
}

// markers reads segments up to the end of the image, or to the first scan.
func (d *decoder) markers(headersOnly bool) error {
	if !bytes.HasPrefix(d.in, []byte{0xff, 0xd8}) {
		return fmt.Errorf("not a JPEG file: it starts with %x, want ffd8", d.in[:min(2, len(d.in))])
	}
	at := 2
	for {
		i := bytes.IndexByte(d.in[at:], 0xff)
		if i < 0 || at+i+1 >= len(d.in) {
			return d.end()
		}
		at += i + 1
		m := d.in[at]
		if m == 0xff {
			continue
		}
		at++
		if m == 0 || m == 1 || m >= 0xd0 && m <= 0xd8 {
			continue
		}
		if m == 0xd9 {
			return d.end()
		}
		if at+2 > len(d.in) {
			return d.end()
		}
		n := int(binary.BigEndian.Uint16(d.in[at:]))
		if n < 2 || at+n > len(d.in) {
			return errShort
		}
		body := d.in[at+2 : at+n]
		at += n
		if m == 0xda {
			if headersOnly {
				return d.end()
			}
			used, err := d.scan(body, d.in[at:])
			if err != nil {
				return err
			}
			at += used
			continue
		}
		if err := d.segment(m, body); err != nil {
			return err
		}
	}
}

// end says whether a file without more segments is complete.
func (d *decoder) end() error {
	if !d.frameSeen {
		return errShort
	}
	return nil
}

func (d *decoder) segment(m byte, b []byte) error {
	switch {
	case m == 0xc4:
		return d.huffmanTables(b)
	case m == 0xdb:
		return d.quantTables(b)
	case m == 0xdd:
		if len(b) != 2 {
			return errors.New("a restart interval has 2 bytes")
		}
		d.interval = int(binary.BigEndian.Uint16(b))
	case m == 0xe0 && bytes.HasPrefix(b, []byte("JFIF\x00")):
		d.jfif = true
	case m == 0xe1 && bytes.HasPrefix(b, []byte("Exif\x00\x00")):
		d.info.Orientation = orientation(b[6:])
	case m == 0xee && len(b) >= 12 && bytes.HasPrefix(b, []byte("Adobe")):
		d.adobe = int(b[11])
	case m == 0xc0 || m == 0xc1 || m == 0xc2:
		return d.frame(m, b)
	case m >= 0xc3 && m <= 0xcf && m != 0xc8 && m != 0xcc:
		kind := "lossless or hierarchical"
		if m >= 0xc9 {
			kind = "arithmetically coded"
		}
		return fmt.Errorf("a %s JPEG (marker %02x); only baseline and progressive are decoded", kind, m)
	}
	return nil
}

func (d *decoder) quantTables(b []byte) error {
	for len(b) > 0 {
		wide, id := b[0]>>4, b[0]&15
		n := 64 << wide
		if wide > 1 || id > 3 || len(b) < 1+n {
			return fmt.Errorf("a quantization table of type %d number %d with %d bytes", wide, id, len(b)-1)
		}
		q := &d.quantMem[id]
		// A component keeps the table that was current at its first scan.
		if d.scanned {
			q = new([64]int32)
		}
		for i := range 64 {
			if wide == 1 {
				q[natural[i]] = int32(binary.BigEndian.Uint16(b[1+2*i:]))
			} else {
				q[natural[i]] = int32(b[1+i])
			}
		}
		d.quant[id] = q
		b = b[1+n:]
	}
	return nil
}

// natural is the place in a block, row by row, of each coefficient in file order; places beyond 63 are
// for runs that leave the block.
var natural = func() (n [256]uint8) {
	order := [64]uint8{
		0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
		12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
		35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
		58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
	}
	copy(n[:], order[:])
	for i := 64; i < len(n); i++ {
		n[i] = 64
	}
	return n
}()

// orientation reads tag 0x112 of a TIFF directory; 1 when it is not there.
func orientation(b []byte) int {
	var o binary.ByteOrder = binary.LittleEndian
	switch {
	case len(b) < 8:
		return 1
	case b[0] == 'M':
		o = binary.BigEndian
	}
	at := int64(o.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int(o.Uint16(b[at:]))
	for e := b[at+2:]; n > 0 && len(e) >= 12; n, e = n-1, e[12:] {
		if v := int(o.Uint16(e[8:])); o.Uint16(e) == 0x112 && o.Uint16(e[2:]) == 3 && v >= 1 && v <= 8 {
			return v
		}
	}
	return 1
}
