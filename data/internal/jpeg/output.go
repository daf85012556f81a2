package jpeg

import "github.com/lathe-ml/lathe/data/internal/pixel"

// space is how the components are to be read.
type space int

const (
	gray space = iota
	ycc
	rgb
	cmyk
	ycck
)

// space follows libjpeg's rules: JFIF, then Adobe's marker, then the names of the components.
func (d *decoder) space() space {
	switch {
	case len(d.comps) == 1:
		return gray
	case len(d.comps) == 4 && d.adobe == 2:
		return ycck
	case len(d.comps) == 4:
		return cmyk
	case d.jfif:
		return ycc
	case d.adobe == 0:
		return rgb
	case d.adobe < 0 && d.comps[0].id == 'R' && d.comps[1].id == 'G' && d.comps[2].id == 'B':
		return rgb
	}
	return ycc
}

// output upsamples and converts the planes row by row.
func (d *decoder) output() *Image {
	img := &Image{Width: ceil(d.info.Width, d.o.Reduce), Height: ceil(d.info.Height, d.o.Reduce), Channels: 3}
	s := d.space()
	if s == gray || d.o.Gray && s == ycc {
		img.Channels = 1
	}
	w, h := img.Width, img.Height
	size := w * h
	img.Pix = d.room(img.Channels, h, w)
	d.edges()
	var lines [4][]byte
	mem := make([]byte, 4*(w+4*pixel.Pad))
	for i := range d.comps {
		lines[i] = mem[i*(w+4*pixel.Pad):][:w+4*pixel.Pad]
	}
	for y := range h {
		var in [4][]byte
		for i := range d.comps[:max(img.Channels, len(d.comps)*min(1, img.Channels-1))] {
			in[i] = d.line(&d.comps[i], lines[i], y)[:w]
		}
		if img.Channels == 1 {
			copy(img.Pix[y*w:], in[0])
			continue
		}
		r, g, b := img.Pix[y*w:][:w], img.Pix[size+y*w:][:w], img.Pix[2*size+y*w:][:w]
		switch s {
		case rgb, cmyk:
			copy(r, in[0])
			copy(g, in[1])
			copy(b, in[2])
		default:
			pixel.RGB(r, g, b, in[0], in[1], in[2])
		}
		if s == cmyk || s == ycck {
			inks(r, g, b, in[3], s == ycck)
		}
	}
	if d.o.Gray && img.Channels == 3 {
		return d.brightness(img)
	}
	return img
}

func (d *decoder) room(channels, h, w int) []byte {
	if d.o.New == nil || d.o.Gray && channels != 1 {
		return make([]byte, channels*h*w)
	}
	return d.o.New(channels, h, w)
}

// inks turns the inverted inks that files hold (Adobe's convention), or RGB and black, into RGB.
func inks(r, g, b, k []byte, converted bool) {
	for i, black := range k {
		for _, p := range [3]*byte{&r[i], &g[i], &b[i]} {
			ink := 255 - int(*p)
			if converted { // ycck: RGB of the conversion is 255 − stored ink
				ink = int(*p)
			}
			t := ink*int(black) + 128
			*p = byte(int(black) - (t>>8+t)>>8)
		}
	}
}

// brightness is the gray image of an RGB one, as ITU-R 601-2 weighs colours (Pillow's rounding).
func (d *decoder) brightness(img *Image) *Image {
	n := img.Width * img.Height
	out := &Image{Width: img.Width, Height: img.Height, Channels: 1, Pix: d.room(1, img.Height, img.Width)}
	for i := range out.Pix {
		r, g, b := int(img.Pix[i]), int(img.Pix[n+i]), int(img.Pix[2*n+i])
		out.Pix[i] = byte((r*19595 + g*38470 + b*7471 + 0x8000) >> 16)
	}
	return out
}

// edges repeats the first and last sample of each row beside it, for the upsampling.
func (d *decoder) edges() {
	for i := range d.comps {
		c := &d.comps[i]
		for y := range c.dh {
			r := c.row(y)
			r[0], r[c.dw+1] = r[1], r[c.dw]
		}
	}
}

// line returns row y of the image from component c; mem is room for it.
func (d *decoder) line(c *component, mem []byte, y int) []byte {
	across, down := d.hmax*d.min/(c.h*c.size), d.vmax*d.min/(c.v*c.size)
	whole := d.hmax*d.min%(c.h*c.size) == 0 && d.vmax*d.min%(c.v*c.size) == 0
	fancy := d.min > 1 && whole
	switch {
	case whole && across == 1 && down == 1:
		return c.row(y)[1:]
	case fancy && across == 2 && down == 1 && c.dw > 2:
		row := c.row(y)
		pixel.Up2(mem, row, row, c.dw)
	case fancy && across == 2 && down == 2 && c.dw > 2:
		near, far := c.pair(y)
		pixel.Up2(mem, near, far, c.dw)
	case fancy && across == 1 && down == 2:
		near, far := c.pair(y)
		bias := 1 + y&1
		for i := range c.dw {
			mem[i] = byte((3*int(near[i+1]) + int(far[i+1]) + bias) >> 2)
		}
	default:
		row := c.row(min(y*c.v*c.size/(d.vmax*d.min), c.dh-1))[1:]
		for i := range min(len(mem), ceil(d.info.Width, d.o.Reduce)) {
			mem[i] = row[min(i*c.h*c.size/(d.hmax*d.min), c.dw-1)]
		}
	}
	return mem
}

// pair returns the row of the component that row y of the image lies in, and the next nearest one.
func (c *component) pair(y int) (near, far []byte) {
	k := y / 2
	other := k - 1
	if y&1 == 1 {
		other = k + 1
	}
	other = min(max(other, 0), c.dh-1)
	near = c.row(k)
	if other == k { // a copy, because equal rows mean one direction to Up2
		return near, append([]byte(nil), near[:min(len(near), c.dw+1+pixel.Pad)]...)
	}
	return near, c.row(other)
}
