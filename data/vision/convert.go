package vision

import (
	"image"
	"image/color"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// FromImage returns a Go image as U8 [channels height width] with the channels of mode m.
func FromImage(img image.Image, m ...Mode) *eager.Tensor {
	mode := RGB
	if len(m) > 0 {
		mode = m[0]
	}
	if img == nil || img.Bounds().Empty() {
		engine.Fail("vision.FromImage", "the image is nil or empty")
	}
	return fromImage(img, mode, pixels(img))
}

// has returns the number of channels that img stores.
func has(img image.Image) int {
	if o, ok := img.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		return 4
	}
	switch img.ColorModel() {
	case color.GrayModel, color.Gray16Model:
		return 1
	}
	return 3
}

func fromImage(img image.Image, m Mode, at func(x, y int) color.NRGBA) *eager.Tensor {
	n := [...]int{RGB: 3, Gray: 1, RGBA: 4}
	c := has(img)
	if m != Unchanged {
		c = n[m]
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	a := engine.NewArray(engine.U8, engine.Shape{c, h, w})
	px := a.U8()
	for y := range h {
		for x := range w {
			v := at(b.Min.X+x, b.Min.Y+y)
			i := y*w + x
			if c == 1 {
				px[i] = luma(v.R, v.G, v.B)
				continue
			}
			px[i], px[w*h+i], px[2*w*h+i] = v.R, v.G, v.B
			if c == 4 {
				px[3*w*h+i] = v.A
			}
		}
	}
	return eager.FromArray(a)
}

// luma is the brightness of a colour, as ITU-R 601-2 weighs it.
func luma(r, g, b byte) byte {
	if r == g && g == b {
		return r
	}
	return byte((int(r)*19595 + int(g)*38470 + int(b)*7471 + 0x8000) >> 16)
}

// pixels returns a function that reads pixels without premultiplied opacity; transparency is not
// blended with a background, as in Pillow.
func pixels(img image.Image) func(x, y int) color.NRGBA {
	switch m := img.(type) {
	case *image.NRGBA:
		return m.NRGBAAt
	case *image.RGBA:
		if m.Opaque() {
			return func(x, y int) color.NRGBA {
				p := m.Pix[m.PixOffset(x, y):]
				return color.NRGBA{p[0], p[1], p[2], 255}
			}
		}
	case *image.Gray:
		return func(x, y int) color.NRGBA {
			v := m.Pix[m.PixOffset(x, y)]
			return color.NRGBA{v, v, v, 255}
		}
	case *image.Gray16:
		return func(x, y int) color.NRGBA {
			v := m.Pix[m.PixOffset(x, y)]
			return color.NRGBA{v, v, v, 255}
		}
	case *image.Paletted:
		palette := make([]color.NRGBA, 256)
		for i, c := range m.Palette {
			palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		return func(x, y int) color.NRGBA { return palette[m.ColorIndexAt(x, y)] }
	}
	return func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA) }
}

// ToImage returns a U8 or F32 image of 1, 3 or 4 channels as a Go image, to encode or to show.
func ToImage(x *eager.Tensor) image.Image {
	p := of("vision.ToImage", x)
	if p.c != 1 && p.c != 3 && p.c != 4 {
		engine.Fail("vision.ToImage", "the image has %d channels; want 1, 3 or 4", p.c)
	}
	n := p.h * p.w
	b := p.u8
	if b == nil {
		b = make([]byte, len(p.f))
		for i, v := range p.f {
			b[i] = byte(min(max(v*255, 0), 255) + 0.5)
		}
	}
	if p.c == 1 {
		img := image.NewGray(image.Rect(0, 0, p.w, p.h))
		copy(img.Pix, b)
		return img
	}
	img := image.NewNRGBA(image.Rect(0, 0, p.w, p.h))
	for i := range n {
		px := img.Pix[4*i : 4*i+4]
		px[0], px[1], px[2], px[3] = b[i], b[n+i], b[2*n+i], 255
		if p.c == 4 {
			px[3] = b[3*n+i]
		}
	}
	return img
}
