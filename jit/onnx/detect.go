package onnx

import (
	"bytes"
	"image"
	"image/color"
	"slices"

	// Formats that ImageDecoder reads.
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	add("NonMaxSuppression", 10, nonMaxSuppression)
	add("ImageDecoder", 20, imageDecoder)
}

// box is x0 y0 x1 y1.
type box [4]float64

func (b box) area() float64 { return (b[2] - b[0]) * (b[3] - b[1]) }

// overlap is the intersection over the union.
func (b box) overlap(o box) float64 {
	w := min(b[2], o[2]) - max(b[0], o[0])
	h := min(b[3], o[3]) - max(b[1], o[1])
	if w <= 0 || h <= 0 {
		return 0
	}
	union := b.area() + o.area() - w*h
	if union <= 0 {
		return 0
	}
	return w * h / union
}

func boxOf(v []float64, centre bool) box {
	if centre {
		return box{v[0] - v[2]/2, v[1] - v[3]/2, v[0] + v[2]/2, v[1] + v[3]/2}
	}
	return box{min(v[1], v[3]), min(v[0], v[2]), max(v[1], v[3]), max(v[0], v[2])}
}

// nonMaxSuppression returns (batch, class, box) of the best boxes that do not overlap.
func nonMaxSuppression(c *call) []Value {
	boxes, scores := c.numeric(0), c.numeric(1)
	bs, ss := boxes.Shape(), scores.Shape()
	if len(bs) != 3 || bs[2] != 4 || len(ss) != 3 || ss[0] != bs[0] || ss[2] != bs[1] {
		fail("boxes %s and scores %s, want [N M 4] and [N C M]", boxes.describe(), scores.describe())
	}
	most, iou, least := 0, 0.0, 0.0
	if c.has(2) {
		most = int(c.scalar(2))
	}
	if c.has(3) {
		iou = c.scalar(3)
	}
	bounded := c.has(4)
	if bounded {
		least = c.scalar(4)
	}
	centre := c.flag("center_point_box")
	b, s := boxes.Data.Float64s(), scores.Data.Float64s()
	n := bs[1]
	var out []int
	for batch := range bs[0] {
		all := make([]box, n)
		for i := range all {
			all[i] = boxOf(b[(batch*n+i)*4:], centre)
		}
		for class := range ss[1] {
			score := s[(batch*ss[1]+class)*n:][:n]
			var order []int
			for i, v := range score {
				if !bounded || v > least {
					order = append(order, i)
				}
			}
			slices.SortStableFunc(order, func(i, j int) int {
				switch {
				case score[i] > score[j]:
					return -1
				case score[i] < score[j]:
					return 1
				}
				return 0
			})
			var kept []int
			for _, i := range order {
				if len(kept) >= most {
					break
				}
				if !slices.ContainsFunc(kept, func(k int) bool { return all[i].overlap(all[k]) > iou }) {
					kept = append(kept, i)
					out = append(out, batch, class, i)
				}
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
	config, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		fail("not an image of a known format (JPEG, PNG, BMP, TIFF, WebP): %v", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > 1<<15 || config.Height > 1<<15 {
		fail("%s image of %d×%d, want up to 32768×32768", format, config.Width, config.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		fail("%s image: %v", format, err)
	}
	return one(pixels(img, c.oneOf("pixel_format", "RGB", "BGR", "Grayscale")))
}

func pixels(img image.Image, format string) *Tensor {
	r := img.Bounds()
	channels := 3
	if format == "Grayscale" {
		channels = 1
	}
	out := make([]uint8, 0, r.Dx()*r.Dy()*channels)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			p := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			switch format {
			case "RGB":
				out = append(out, p.R, p.G, p.B)
			case "BGR":
				out = append(out, p.B, p.G, p.R)
			default: // ITU-R 601, rounded as Pillow does
				l := (uint32(p.R)*19595 + uint32(p.G)*38470 + uint32(p.B)*7471 + 1<<15) >> 16
				out = append(out, uint8(l))
			}
		}
	}
	shape := engine.Shape{r.Dy(), r.Dx(), channels}
	return &Tensor{Type: Uint8, Data: eager.FromArray(engine.Of(shape, out))}
}
