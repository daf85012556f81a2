package onnx

import (
	"bytes"
	"fmt"
	"image"
	"slices"

	// Formats that ImageDecoder reads beside those of package vision.
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"

	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/boxes"
)

func init() {
	add("NonMaxSuppression", 10, nonMaxSuppression)
	add("ImageDecoder", 20, imageDecoder)
}

// boxOf reads ONNX's two ways to write a box: centre and extent, or two corners, y first.
func boxOf(v []float64, centre bool) boxes.Box {
	if centre {
		return boxes.Box{v[0] - v[2]/2, v[1] - v[3]/2, v[0] + v[2]/2, v[1] + v[3]/2}
	}
	return boxes.Box{min(v[1], v[3]), min(v[0], v[2]), max(v[1], v[3]), max(v[0], v[2])}
}

// nonMaxSuppression returns (batch, class, box) of the best boxes that do not overlap.
func nonMaxSuppression(c *call) []Value {
	corners, scores := c.numeric(0), c.numeric(1)
	bs, ss := corners.Shape(), scores.Shape()
	if len(bs) != 3 || bs[2] != 4 || len(ss) != 3 || ss[0] != bs[0] || ss[2] != bs[1] {
		fail("boxes %s and scores %s, want [N M 4] and [N C M]", corners.describe(), scores.describe())
	}
	most, iou, least := 0, 0.0, 0.0
	if c.has(2) {
		most = c.integer(2)
	}
	if c.has(3) {
		iou = c.scalar(3)
	}
	bounded := c.has(4)
	if bounded {
		least = c.scalar(4)
	}
	centre := c.flag("center_point_box")
	b, s := corners.Data.Float64s(), scores.Data.Float64s()
	n := bs[1]
	var out []int
	for batch := range bs[0] {
		all := make([]boxes.Box, n)
		for i := range all {
			all[i] = boxOf(b[(batch*n+i)*4:], centre)
		}
		for class := range ss[1] {
			score := s[(batch*ss[1]+class)*n:][:n]
			order := boxes.ByScore(score)
			if bounded {
				order = slices.DeleteFunc(order, func(i int) bool { return !(score[i] > least) })
			}
			for _, i := range boxes.Suppress(order, iou, 1, max(most, 0), func(i int) boxes.Box { return all[i] }) {
				out = append(out, batch, class, i)
			}
		}
	}
	return one(fromInts(out, len(out)/3, 3))
}

// imageDecoder decodes a file in memory to [H W C] of uint8.
func imageDecoder(c *call) []Value {
	data := c.numeric(0)
	if data.Type != Uint8 || len(data.Shape()) != 1 {
		fail("%s, want the bytes of a file", data.describe())
	}
	raw := make([]byte, data.Numel())
	for i, v := range data.Data.Ints() {
		raw[i] = byte(v)
	}
	format := c.oneOf("pixel_format", "RGB", "BGR", "Grayscale")
	mode := vision.RGB
	if format == "Grayscale" {
		mode = vision.Gray
	}
	x, err := decodePicture(raw, mode)
	if err != nil {
		fail("%v", err)
	}
	x = x.Permute(1, 2, 0)
	if format == "BGR" {
		x = x.Flip(2)
	}
	return one(&Tensor{Type: Uint8, Data: x.Contiguous()})
}

// decodePicture returns [C H W]. JPEG, PNG, GIF and WebP are read as package vision does.
func decodePicture(raw []byte, mode vision.Mode) (*eager.Tensor, error) {
	if len(raw) > 2 && raw[0] == 'P' && (raw[1] == '5' || raw[1] == '6') {
		img, err := portable(raw)
		if err != nil {
			return nil, err
		}
		return vision.FromImage(img, mode), nil
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || format != "bmp" && format != "tiff" {
		return vision.Decode(raw, vision.ReadOptions{Mode: mode, AsIs: true})
	}
	if config.Width < 1 || config.Height < 1 || config.Width > 1<<15 || config.Height > 1<<15 {
		return nil, fmt.Errorf("%s image of %d×%d, want up to 32768×32768", format, config.Width, config.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s image: %w", format, err)
	}
	return vision.FromImage(img, mode), nil
}

// portable decodes a PGM or PPM file of 8 bits.
func portable(raw []byte) (image.Image, error) {
	var w, h, most int
	var kind string
	r := bytes.NewReader(raw)
	if _, err := fmt.Fscan(r, &kind, &w, &h, &most); err != nil || most != 255 || w < 1 || h < 1 || w > 1<<15 || h > 1<<15 {
		return nil, fmt.Errorf("image %s of %d×%d with values up to %d, want up to 32768×32768 and 255", kind, w, h, most)
	}
	px := raw[len(raw)-r.Len():]
	if len(px) < 1 {
		return nil, fmt.Errorf("image %s ends after its header", kind)
	}
	px = px[1:] // one white space
	n := w * h
	if kind == "P6" {
		n *= 3
	}
	if len(px) < n {
		return nil, fmt.Errorf("image %s of %d×%d has %d bytes", kind, w, h, len(px))
	}
	if kind == "P5" {
		return &image.Gray{Pix: px[:n], Stride: w, Rect: image.Rect(0, 0, w, h)}, nil
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:], px[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img, nil
}
