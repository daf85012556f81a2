package vision

import (
	"image"
	"image/color"
)

// studio returns the pixels of lossy WebP: Y 16…235 and interpolated Cb and Cr. Go's colour model takes
// Y for 0…255.
// Source: libwebp's yuv.h and upsampling.c.
func studio(m *image.YCbCr) func(x, y int) color.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	cw, ch := (w+1)/2, (h+1)/2
	chroma := func(plane []byte, x, y int) int {
		i, j := x/2, y/2
		di, dj := min(max(i-1+x%2*2, 0), cw-1), min(max(j-1+y%2*2, 0), ch-1)
		a, c := int(plane[j*m.CStride+i]), int(plane[dj*m.CStride+i])
		if di == i {
			return (3*a + c + 2) >> 2
		}
		b, d := int(plane[j*m.CStride+di]), int(plane[dj*m.CStride+di])
		return ((a+3*b+3*c+d+8)>>3 + a) >> 1
	}
	clip := func(v int) byte { return byte(min(max(v>>6, 0), 255)) }
	return func(x, y int) color.NRGBA {
		l := int(m.Y[y*m.YStride+x]) * 19077 >> 8
		u, v := chroma(m.Cb, x, y), chroma(m.Cr, x, y)
		return color.NRGBA{
			R: clip(l + v*26149>>8 - 14234),
			G: clip(l - u*6419>>8 - v*13320>>8 + 8708),
			B: clip(l + u*33050>>8 - 17685),
			A: 255,
		}
	}
}
