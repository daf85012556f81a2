package pixel

// RGB converts a row of Y, Cb and Cr to red, green and blue of the same length.
// Source: JFIF 1.02; rounding of libjpeg's jdcolor.c.
func RGB(r, g, b, y, cb, cr []byte) {
	i := 0
	if simd {
		i = rgbSIMD(r, g, b, y, cb, cr)
	}
	for ; i < len(r); i++ {
		l, u, v := int32(y[i]), int32(cb[i])-128, int32(cr[i])-128
		r[i] = clamp(l + (91881*v+1<<15)>>16)
		g[i] = clamp(l + (-22554*u-46802*v+1<<15)>>16)
		b[i] = clamp(l + (116130*u+1<<15)>>16)
	}
}

// Pad is the number of bytes that Up2 reads and writes beyond a row.
const Pad = 32

// Up2 doubles a row of n samples: near and far begin with the neighbour left of sample 0 and have Pad
// bytes after sample n−1, the first of which is its right neighbour; dst has room for 2n + Pad. With far
// the nearest row above or below, weighed 1:3, both directions are interpolated; with far = near only
// this one.
// Source: libjpeg's jdsample.c (fancy upsampling).
func Up2(dst, near, far []byte, n int) {
	even, odd := int16(8), int16(7)
	if &near[0] == &far[0] {
		even, odd = 4, 8
	}
	if simd {
		up2SIMD(dst, near, far, n, even, odd)
		return
	}
	up2(dst, near, far, n, even, odd)
}

func up2(dst, near, far []byte, n int, even, odd int16) {
	at := func(i int) int16 { return 3*int16(near[i]) + int16(far[i]) }
	last, this := at(0), at(1)
	for i := range n {
		next := at(i + 2)
		dst[2*i] = byte((3*this + last + even) >> 4)
		dst[2*i+1] = byte((3*this + next + odd) >> 4)
		last, this = this, next
	}
}
