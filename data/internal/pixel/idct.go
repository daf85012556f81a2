package pixel

// Fixed-point constants of the inverse DCT, 13 fraction bits.
const (
	c0211, c0298, c0390, c0509, c0541, c0601 = 1730, 2446, 3196, 4176, 4433, 4926
	c0720, c0765, c0850, c0899, c1061, c1175 = 5906, 6270, 6967, 7373, 8697, 9633
	c1272, c1451, c1501, c1847, c1961, c2053 = 10426, 11893, 12299, 15137, 16069, 16819
	c2172, c2562, c3072, c3624               = 17799, 20995, 25172, 29692
)

// IDCT writes the inverse DCT of coef·quant (natural order) as size×size samples at dst; size is 8, or
// 4, 2 or 1 for a reduced block.
// Source: libjpeg 6b, jidctint.c and jidctred.c (Loeffler, Ligtenberg and Moschytz 1989).
func IDCT(dst []byte, stride int, coef *[64]int16, quant *[64]int32, size int) {
	switch {
	case size == 1:
		dst[0] = clamp((int32(coef[0])*quant[0]+4)>>3 + 128)
	case size == 2:
		idct2(dst, stride, coef, quant)
	case size == 4 && simd:
		idct4SIMD(dst, stride, coef, quant)
	case size == 4:
		idct4(dst, stride, coef, quant)
	case simd:
		idct8SIMD(dst, stride, coef, quant)
	default:
		idct8(dst, stride, coef, quant)
	}
}

// Flat writes the block of a single DC coefficient.
func Flat(dst []byte, stride int, dc, quant int32, size int) {
	v := clamp((dc*quant+4)>>3 + 128)
	for range size {
		row := dst[:size]
		for i := range row {
			row[i] = v
		}
		if len(dst) <= stride {
			return
		}
		dst = dst[stride:]
	}
}

func clamp(v int32) byte {
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}

func idct8(dst []byte, stride int, coef *[64]int16, quant *[64]int32) {
	var w [64]int32
	for c := range 8 {
		var in [8]int32
		for r := range in {
			in[r] = int32(coef[8*r+c]) * quant[8*r+c]
		}
		for r, v := range dct1(&in, 1<<10) {
			w[8*r+c] = v >> 11
		}
	}
	for r := range 8 {
		for c, v := range dct1((*[8]int32)(w[8*r:]), 1<<17+128<<18) {
			dst[r*stride+c] = clamp(v >> 18)
		}
	}
}

// dct1 is the one-dimensional transform of eight values plus round.
func dct1(in *[8]int32, round int32) [8]int32 {
	z1 := (in[2] + in[6]) * c0541
	t2, t3 := z1-in[6]*c1847, z1+in[2]*c0765
	t0, t1 := (in[0]+in[4])<<13+round, (in[0]-in[4])<<13+round
	e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2

	t0, t1, t2, t3 = in[7], in[5], in[3], in[1]
	z1, z2, z3, z4 := (t0+t3)*-c0899, (t1+t2)*-c2562, t0+t2, t1+t3
	z5 := (z3 + z4) * c1175
	z3, z4 = z3*-c1961+z5, z4*-c0390+z5
	t0, t1 = t0*c0298+z1+z3, t1*c2053+z2+z4
	t2, t3 = t2*c3072+z2+z3, t3*c1501+z1+z4
	return [8]int32{e0 + t3, e1 + t2, e2 + t1, e3 + t0, e3 - t0, e2 - t1, e1 - t2, e0 - t3}
}

func idct4(dst []byte, stride int, coef *[64]int16, quant *[64]int32) {
	var w [32]int32
	for c := range 8 {
		if c == 4 {
			continue
		}
		var in [8]int32
		for r := range in {
			in[r] = int32(coef[8*r+c]) * quant[8*r+c]
		}
		for r, v := range dct4(&in) {
			w[8*r+c] = (v + 1<<11) >> 12
		}
	}
	for r := range 4 {
		for c, v := range dct4((*[8]int32)(w[8*r:])) {
			dst[r*stride+c] = clamp((v + 1<<18 + 128<<19) >> 19)
		}
	}
}

func dct4(in *[8]int32) [4]int32 {
	t0, t2 := in[0]<<14, in[2]*c1847-in[6]*c0765
	e0, e1 := t0+t2, t0-t2
	o0 := -in[7]*c0211 + in[5]*c1451 - in[3]*c2172 + in[1]*c1061
	o2 := -in[7]*c0509 - in[5]*c0601 + in[3]*c0899 + in[1]*c2562
	return [4]int32{e0 + o2, e1 + o0, e1 - o0, e0 - o2}
}

func idct2(dst []byte, stride int, coef *[64]int16, quant *[64]int32) {
	at := func(i int) int32 { return int32(coef[i]) * quant[i] }
	odd := func(a, b, c, d int32) int32 { return a*c3624 - b*c1272 + c*c0850 - d*c0720 }
	var w [2][8]int32
	for _, c := range [...]int{0, 1, 3, 5, 7} {
		e, o := at(c)<<15, odd(at(8+c), at(24+c), at(40+c), at(56+c))
		w[0][c], w[1][c] = (e+o+1<<12)>>13, (e-o+1<<12)>>13
	}
	for r := range w {
		e, o := w[r][0]<<15, odd(w[r][1], w[r][3], w[r][5], w[r][7])
		dst[r*stride] = clamp((e+o+1<<19)>>20 + 128)
		dst[r*stride+1] = clamp((e-o+1<<19)>>20 + 128)
	}
}
