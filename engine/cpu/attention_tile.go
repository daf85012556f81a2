package cpu

import (
	"math"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// times computes c = alpha·a·b, added to what c holds when add is set, in the calling goroutine and
// without packing: b and c have unit column stride and start at the row that readable prepared. m, n
// and k are small enough for the cache. w is working memory.
func times[T float](w *tileArgs, m, n, k int, c, a, b matrix[T], alpha T, add bool) {
	if m == 0 || n == 0 {
		return
	}
	t := tiling
	if t == nil || k == 0 {
		gemmGo(m, n, k, c, a, b, epilogue[T]{alpha: alpha, add: add})
		return
	}
	var z T
	size := int(unsafe.Sizeof(z))
	run := t.run
	if size == 8 {
		run = t.runF64
	}
	*w = tileArgs{
		offsets: &noOffset, taps: 1, k: k, rowA: size * a.rs, colA: size * a.cs,
		ldb: size * b.rs, ldc: size * c.rs,
	}
	w.alpha = bitsOf(float64(alpha), size)
	if alpha != 1 {
		w.flags |= flagScale
	}
	if add {
		w.flags |= flagAdd
	}
	strip := stripBytes / size
	for j := 0; j < n; j += strip {
		w.a = unsafe.Pointer(&a.d[a.off])
		w.b = unsafe.Pointer(&b.d[b.off+j])
		w.c = unsafe.Pointer(&c.d[c.off+j])
		t.rowsWith(run, w, m, min(strip, n-j))
	}
}

// readable returns x, or a copy, whose last axis is contiguous and may be the operand b of times: a
// micro-kernel without masks reads whole vectors. free gives a copy's memory back.
func readable(x engine.Array) (y engine.Array, free func()) {
	last := len(x.Shape) - 1
	n := x.Shape[last]
	lanes := 64 / x.DType.Size()
	ragged := tiling != nil && !tiling.masked && n%lanes != 0
	if (x.Strides[last] == 1 || n == 1) && !ragged {
		return x, func() {}
	}
	wide := x.Shape.Clone()
	wide[last] = (n + lanes - 1) / lanes * lanes
	y = engine.NewArray(x.DType, wide)
	whole := y
	y = y.Slice(last, 0, n, 1)
	must(Copy(y, x))
	return y, whole.Buf.Release
}

// softmaxBlock is the routine attentionSoftmax of the generator for width columns that start at s[0].
func softmaxBlock[T float](s []T, rows, ld, width int, m, l, alpha []T) {
	if f, ok := any(s).([]float32); ok && attentionSoftmax != nil {
		m, l, alpha := any(m).([]float32), any(l).([]float32), any(alpha).([]float32)
		for j := 0; j < width; j += attentionWidth {
			attentionSoftmax(&f[j], rows, 4*ld, &m[j], &l[j], &alpha[j])
		}
		return
	}
	for j := range width {
		old := m[j]
		for i := range rows {
			if v := s[i*ld+j]; v > m[j] {
				m[j] = v
			}
		}
		a := T(math.Exp(float64(old - m[j])))
		sum := l[j] * a
		for i := range rows {
			p := T(math.Exp(float64(s[i*ld+j] - m[j])))
			s[i*ld+j] = p
			sum += p
		}
		l[j], alpha[j] = sum, a
	}
}

// gradBlock is the routine attentionGrad of the generator.
func gradBlock[T float](s, dp []T, rows, ld, width int, lse, delta []T) {
	if f, ok := any(s).([]float32); ok && attentionGrad != nil {
		g, lse, delta := any(dp).([]float32), any(lse).([]float32), any(delta).([]float32)
		for j := 0; j < width; j += attentionWidth {
			attentionGrad(&f[j], &g[j], rows, 4*ld, &lse[j], &delta[j])
		}
		return
	}
	for i := range rows {
		for j := range width {
			k := i*ld + j
			p := T(math.Exp(float64(s[k] - lse[j])))
			s[k], dp[k] = p, p*(dp[k]-delta[j])
		}
	}
}

// The routines of the current level; nil at the portable one.
var (
	attentionSoftmax func(s *float32, rows, ld int, m, l, alpha *float32)
	attentionGrad    func(s, dp *float32, rows, ld int, lse, delta *float32)
	attentionWidth   int // columns of one call
)
