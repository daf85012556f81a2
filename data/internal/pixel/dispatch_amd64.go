package pixel

import "golang.org/x/sys/cpu"

// simd says whether the assembly runs; tests turn it off to compare with the portable twins.
var simd = cpu.X86.HasAVX2

func idct8SIMD(dst []byte, stride int, coef *[64]int16, quant *[64]int32) {
	_ = dst[7*stride+7]
	idct8AVX2(&dst[0], stride, &coef[0], &quant[0])
}

func idct4SIMD(dst []byte, stride int, coef *[64]int16, quant *[64]int32) {
	_ = dst[3*stride+3]
	idct4AVX2(&dst[0], stride, &coef[0], &quant[0])
}

// up2SIMD needs 16-byte groups: near and far hold the left neighbour and 17 bytes beyond n.
func up2SIMD(dst, near, far []byte, n int, even, odd int16) {
	groups := (n + 15) / 16 * 16
	_, _, _ = dst[2*groups-1], near[groups+1], far[groups+1]
	up2AVX2(&dst[0], &near[1], &far[1], groups, even, odd)
}

// rgbSIMD converts whole groups of eight and returns how many samples that were.
func rgbSIMD(r, g, b, y, cb, cr []byte) int {
	n := len(r) &^ 7
	if n == 0 {
		return 0
	}
	_, _, _, _, _ = g[n-1], b[n-1], y[n-1], cb[n-1], cr[n-1]
	rgbAVX2(&r[0], &g[0], &b[0], &y[0], &cb[0], &cr[0], n)
	return n
}

func transposeSIMD(dst, src []byte, dstStride, srcStride, dstStep, srcStep, n int) {
	_, _ = dst[(n-1)*dstStep+15*dstStride+15], src[(n-1)*srcStep+15*srcStride+15]
	transpose16(&dst[0], &src[0], dstStride, srcStride, dstStep, srcStep, n)
}

func acrossSIMD(dst, src []byte, f *filter) {
	_, _ = dst[16*f.n-1], src[16*f.from-1]
	acrossAVX2(&dst[0], &src[0], &f.span[0], &f.coef[0], f.size, f.n)
}

// downSIMD computes whole groups of 16 columns.
func downSIMD(dst, src []byte, stride int, coef []int32, n int) {
	_, _ = dst[n-1], src[(len(coef)-1)*stride+n-1]
	downAVX2(&dst[0], &src[0], stride, &coef[0], len(coef), n)
}
