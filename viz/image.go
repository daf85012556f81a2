package viz

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/kernel/display"
)

// Picture is an image, or a grid of them, ready to be shown.
type Picture struct{ data display.Data }

// Display makes a Picture a display.Displayer.
func (p *Picture) Display() display.Data { return p.data }

// Show displays the picture now.
func (p *Picture) Show() { display.Show(p) }

// Image shows a tensor [h w], [1 h w] (grey), [3 h w] or [4 h w] (colour, opacity). U8 is shown as it is.
// Other values in 0…1 run from black to white; values beyond are scaled to their range first.
// Small images are enlarged by a whole factor, without smoothing.
func Image(x *eager.Tensor) *Picture {
	x = tensor("viz.Image", x)
	img := toImage("viz.Image", x, enlarge(x, 256))
	return &Picture{display.Image(img)}
}

// maxImages is the most that ImageGrid shows: a page with thousands of images stands still.
const maxImages = 1000

// ImageGrid shows the images of x [n h w] or [n channels h w] in rows, each with its caption under it.
// captions is nil or has n texts; n is at most 1,000.
func ImageGrid(x *eager.Tensor, captions []string) *Picture {
	x = tensor("viz.ImageGrid", x)
	if x.Rank() != 3 && x.Rank() != 4 {
		engine.Fail("viz.ImageGrid", "the data is %v; want [n h w] or [n channels h w]", x.Array())
	}
	n := x.Size(0)
	if n > maxImages {
		engine.Fail("viz.ImageGrid", "there are %d images; at most %d are shown: take some with Slice(0, 0, %d)",
			n, maxImages, min(100, maxImages))
	}
	if captions != nil && len(captions) != n {
		engine.Fail("viz.ImageGrid", "%d captions for %d images", len(captions), n)
	}
	var b strings.Builder
	factor := enlarge(x, 84)
	columns := max(1, 760/(x.Size(-1)*factor+12))
	b.WriteString("<table><tbody>")
	for i := range n {
		if i%columns == 0 {
			b.WriteString("<tr>")
		}
		alt, caption := "", ""
		if captions != nil {
			alt = html.EscapeString(captions[i])
			caption = "<br>" + alt
		}
		fmt.Fprintf(&b, `<td align="center"><img src="data:image/png;base64,%s" alt="%s">%s</td>`,
			encode(toImage("viz.ImageGrid", x.Index(i), factor)), alt, caption)
		if i%columns == columns-1 || i == n-1 {
			b.WriteString("</tr>")
		}
	}
	b.WriteString("</tbody></table>")
	d := display.HTML(b.String())
	d.MIME["text/plain"] = fmt.Sprintf("%d images", n)
	if n > 0 && captions != nil {
		d.MIME["text/plain"] = fmt.Sprintf("%d images: %s", n, strings.Join(captions, ", "))
	}
	return &Picture{d}
}

func encode(img image.Image) string {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		engine.Fail("viz.ImageGrid", "%v", err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// enlarge returns the whole factor that brings the larger side near size pixels.
func enlarge(x *eager.Tensor, size int) int {
	if x.Rank() < 2 || x.Numel() == 0 {
		return 1
	}
	return max(1, size/max(x.Size(-1), x.Size(-2)))
}

func toImage(where string, x *eager.Tensor, factor int) image.Image {
	if x.Rank() == 2 {
		x = x.Unsqueeze(0)
	}
	if x.Rank() != 3 || x.Numel() == 0 || x.Size(0) != 1 && x.Size(0) != 3 && x.Size(0) != 4 {
		engine.Fail(where, "the image is %v; want [h w] or [channels h w] with 1, 3 or 4 channels", x.Array())
	}
	c, h, w := x.Size(0), x.Size(1), x.Size(2)
	v := shades(x)
	img := image.NewNRGBA(image.Rect(0, 0, w*factor, h*factor))
	for i := range h * factor {
		for j := range w * factor {
			at := i/factor*w + j/factor
			p := color.NRGBA{v[at], v[at], v[at], 255}
			if c >= 3 {
				p.G, p.B = v[h*w+at], v[2*h*w+at]
			}
			if c == 4 {
				p.A = v[3*h*w+at]
			}
			img.SetNRGBA(j, i, p)
		}
	}
	return img
}

// shades maps values to 0…255; NaN becomes 0.
func shades(x *eager.Tensor) []uint8 {
	if x.DType() == eager.U8 {
		v := x.Ints()
		out := make([]uint8, len(v))
		for i, p := range v {
			out[i] = uint8(p)
		}
		return out
	}
	v := x.Float64s()
	lo, hi := 0.0, 1.0
	for _, p := range v {
		if !math.IsNaN(p) && !math.IsInf(p, 0) {
			lo, hi = min(lo, p), max(hi, p)
		}
	}
	out := make([]uint8, len(v))
	for i, p := range v {
		if !math.IsNaN(p) {
			out[i] = uint8(math.Round(255 * min(max((p-lo)/(hi-lo), 0), 1)))
		}
	}
	return out
}
