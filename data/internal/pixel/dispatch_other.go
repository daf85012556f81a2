//go:build !amd64

package pixel

const simd = false

func idct8SIMD([]byte, int, *[64]int16, *[64]int32)              {}
func idct4SIMD([]byte, int, *[64]int16, *[64]int32)              {}
func up2SIMD([]byte, []byte, []byte, int, int16, int16)          {}
func rgbSIMD([]byte, []byte, []byte, []byte, []byte, []byte) int { return 0 }
func transposeSIMD([]byte, []byte, int, int, int, int, int)      {}
func acrossSIMD([]byte, []byte, *filter)                         {}
func downSIMD([]byte, []byte, int, []int32, int)                 {}
