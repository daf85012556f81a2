package vision

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // registers the format
	_ "image/png"
	"os"

	_ "golang.org/x/image/webp"

	"github.com/lathe-ml/lathe/data/internal/jpeg"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Mode says which channels an image is read as.
type Mode int

// The modes.
const (
	RGB       Mode = iota // three channels
	Gray                  // one: 0.299 red + 0.587 green + 0.114 blue
	RGBA                  // four; opacity is 255 in formats without it
	Unchanged             // as the file has it: 1, 3 or 4 channels
)

// ReadOptions are the options of Read; the zero value is the default.
type ReadOptions struct {
	Mode    Mode
	AtLeast int  // JPEG: decode at ½, ¼ or ⅛ of the size where the shorter side stays ≥ AtLeast; 0: full size
	AsIs    bool // do not turn upright what the camera's EXIF data says lies on its side
}

// Read reads an image file (JPEG, PNG, GIF, WebP) as U8 [channels height width].
func Read(path string, o ...ReadOptions) (*eager.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("vision.Read: %w", err)
	}
	x, err := decode(b, o)
	if err != nil {
		return nil, fmt.Errorf("vision.Read: %s: %w", path, err)
	}
	return x, nil
}

// Decode is Read for the bytes of a file.
func Decode(b []byte, o ...ReadOptions) (*eager.Tensor, error) {
	x, err := decode(b, o)
	if err != nil {
		return nil, fmt.Errorf("vision.Decode: %w", err)
	}
	return x, nil
}

func decode(b []byte, options []ReadOptions) (x *eager.Tensor, err error) {
	var o ReadOptions
	if len(options) > 0 {
		o = options[0]
	}
	if o.Mode < RGB || o.Mode > Unchanged || o.AtLeast < 0 {
		return nil, fmt.Errorf("options %+v; want a mode RGB…Unchanged and AtLeast ≥ 0", o)
	}
	if len(b) == 0 {
		return nil, errors.New("the file is empty")
	}
	turn := 1
	if b[0] == 0xff {
		x, turn, err = decodeJPEG(b, o)
	} else {
		x, err = decodeOther(b, o.Mode)
	}
	if err == nil && !o.AsIs {
		x = upright(x, turn)
	}
	return x, err
}

func decodeJPEG(b []byte, o ReadOptions) (*eager.Tensor, int, error) {
	info, err := jpeg.DecodeInfo(b)
	if err != nil {
		return nil, 0, err
	}
	j := jpeg.Options{Reduce: 1, Gray: o.Mode == Gray}
	for s := min(info.Width, info.Height); o.AtLeast > 0 && j.Reduce < 8 && s/(2*j.Reduce) >= o.AtLeast; {
		j.Reduce *= 2
	}
	var a engine.Array
	j.New = func(channels, h, w int) []byte {
		a = engine.NewArray(engine.U8, engine.Shape{channels, h, w})
		return a.U8()
	}
	img, err := jpeg.Decode(b, j)
	if err != nil {
		return nil, 0, err
	}
	x := eager.FromArray(a)
	if c := map[Mode]int{RGB: 3, RGBA: 4}[o.Mode]; c > img.Channels {
		x = channels(x, c)
	}
	return x, info.Orientation, nil
}

// channels repeats a gray plane, and adds an opaque one.
func channels(x *eager.Tensor, n int) *eager.Tensor {
	p := of("vision.Read", x)
	q, out := p.make(n, p.h, p.w)
	size := p.h * p.w
	for c := range n {
		plane := q.u8[c*size:][:size]
		if c == 3 {
			for i := range plane {
				plane[i] = 255
			}
			continue
		}
		copy(plane, p.u8[min(c, p.c-1)*size:][:size])
	}
	return out
}

// decodeOther reads the formats of Go's image packages.
func decodeOther(b []byte, m Mode) (*eager.Tensor, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("not an image that is read here: it starts with %q; want JPEG, PNG, GIF or WebP",
			b[:min(len(b), 8)])
	}
	if err != nil {
		return nil, err
	}
	// Headers are cheap to forge. Compressed formats hold at most some thousand pixels a byte.
	if n := int64(c.Width) * int64(c.Height); n <= 0 || n > jpeg.MaxPixels || n > 8192*int64(len(b)) {
		return nil, fmt.Errorf("%s: the header says %d×%d pixels in a file of %d bytes", format, c.Width,
			c.Height, len(b))
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", format, err)
	}
	at := pixels(img)
	if format == "webp" {
		switch i := img.(type) {
		case *image.YCbCr:
			at = studio(i)
		case *image.NYCbCrA:
			opaque := studio(&i.YCbCr)
			at = func(x, y int) color.NRGBA {
				c := opaque(x, y)
				c.A = i.A[i.AOffset(x, y)]
				return c
			}
		}
	}
	return fromImage(img, m, at), nil
}

// upright applies the EXIF orientation 1…8.
func upright(x *eager.Tensor, orientation int) *eager.Tensor {
	if orientation >= 5 {
		x = x.Transpose(1, 2)
	}
	switch orientation {
	case 2, 8: // mirrored; 8: transposed, then upside down
		if orientation == 8 {
			return VerticalFlip(x)
		}
		return HorizontalFlip(x)
	case 3:
		return VerticalFlip(HorizontalFlip(x))
	case 4:
		return VerticalFlip(x)
	case 5:
		return x.Contiguous()
	case 6:
		return HorizontalFlip(x)
	case 7:
		return VerticalFlip(HorizontalFlip(x))
	}
	return x
}
