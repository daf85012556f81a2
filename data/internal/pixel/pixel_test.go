//go:build amd64

package pixel

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// portable runs f with the assembly turned off.
func portable(f func()) {
	was := simd
	simd = false
	defer func() { simd = was }()
	f()
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// agree runs f with and without the assembly and compares what it writes.
func agree(t *testing.T, what string, n int, f func(dst []byte)) {
	t.Helper()
	a, b := make([]byte, n), make([]byte, n)
	f(a)
	portable(func() { f(b) })
	if !bytes.Equal(a, b) {
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("%s: byte %d is %d, portable %d", what, i, a[i], b[i])
			}
		}
	}
}

func TestAssemblyEqualsPortableTwins(t *testing.T) {
	if !simd {
		t.Skip("this CPU has no AVX2")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var coef [64]int16
		var quant [64]int32
		for i := range coef {
			quant[i] = 1 + r.Int32N(40)
			if r.IntN(3) == 0 {
				coef[i] = int16(r.IntN(120) - 60)
			}
		}
		coef[0] = int16(r.IntN(2000) - 1000)
		agree(t, "idct4", 40, func(dst []byte) { IDCT(dst, 9, &coef, &quant, 4) })
		agree(t, "idct", 80, func(dst []byte) { IDCT(dst, 9, &coef, &quant, 8) })
	}
	for _, n := range []int{1, 7, 16, 33, 100} {
		near, far := noise(r, n+1+Pad), noise(r, n+1+Pad)
		agree(t, "up2", 2*n+Pad, func(dst []byte) { Up2(dst, near, far, n); clear(dst[2*n:]) })
		agree(t, "up2 of one row", 2*n+Pad, func(dst []byte) { Up2(dst, near, near, n); clear(dst[2*n:]) })
		y, u, v := noise(r, n), noise(r, n), noise(r, n)
		agree(t, "rgb", 3*n, func(d []byte) { RGB(d[:n], d[n:2*n], d[2*n:], y, u, v) })
	}
	for _, s := range [][4]int{{40, 50, 16, 16}, {100, 37, 33, 80}, {19, 64, 64, 19}, {300, 200, 50, 200}, {10, 9, 5, 4}} {
		src := noise(r, 3*s[0]*s[1])
		for kind := Bilinear; kind <= Lanczos; kind++ {
			agree(t, "resize", 3*s[2]*s[3], func(dst []byte) {
				NewResizer(s[0], s[1], s[2], s[3], kind).Resize(dst, src, 3)
			})
		}
		agree(t, "nearest samples", 3*s[2]*s[3], func(dst []byte) {
			NewPointResizer(s[0], s[1], s[2], s[3], Bicubic).Resize(dst, src, 3)
		})
	}
}
