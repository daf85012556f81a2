package cpu

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// MatMulWeights are the second matrix of many products, in the order in which the kernel reads it, which the
// first product that gains by it makes. They may be used by several goroutines.
type MatMulWeights struct {
	b    engine.Array
	once sync.Once
	buf  *engine.Buffer
}

// mostPacked is the size in bytes of a matrix of which a second copy is worth its memory.
const mostPacked = 160 << 20

// PackMatMul returns b [k n], which is not copied and must not change, for many products.
func PackMatMul(b engine.Array) *MatMulWeights { return &MatMulWeights{b: b} }

// String returns the type of the matrix.
func (p *MatMulWeights) String() string { return p.b.String() }

// MatMul computes dst = a·b as the function MatMul does, a [… m k].
func (p *MatMulWeights) MatMul(dst, a engine.Array, e Epilogue) error {
	r := len(a.Shape)
	if tiling == nil || p.b.DType != engine.F32 || len(p.b.Shape) != 2 || 4*p.b.Numel() > mostPacked ||
		a.DType != engine.F32 || dst.DType != engine.F32 || r < 2 || len(dst.Shape) != r {
		return MatMul(dst, a, p.b, e)
	}
	k, n := p.b.Shape[0], p.b.Shape[1]
	m := a.Shape[:r-1].Numel()
	rows := r == 2 || a.IsContiguous() && dst.IsContiguous()
	if m < 2 || k*n == 0 || !rows || dst.Strides[r-1] != 1 || a.Shape[r-1] != k || dst.Shape[r-1] != n ||
		!dst.Shape[:r-1].Equal(a.Shape[:r-1]) {
		return MatMul(dst, a, p.b, e)
	}
	p.once.Do(p.pack)
	g := &product[float32]{
		tile: tiling.run, m: m, n: n, k: k, given: floats(p.buf),
		c: matrix[float32]{whole[float32](&dst), dst.Offset, dst.Strides[r-2], 1},
		a: matrix[float32]{whole[float32](&a), a.Offset, a.Strides[r-2], a.Strides[r-1]},
		e: epilogue[float32]{
			relu: e.ReLU, add: e.Accumulate, alpha: float32(e.Alpha), clamp: e.Clamp, low: float32(e.Low),
			high: float32(e.High),
		},
	}
	if e.Alpha == 0 {
		g.e.alpha = 1
	}
	if e.Bias.Buf != nil {
		mustMatch("MatMul", dst.DType, e.Bias.DType)
		g.e.bias, g.e.boff, g.e.bs = whole[float32](&e.Bias), e.Bias.Offset, e.Bias.Strides[0]
	}
	g.start()
	return nil
}

// pack writes [strip of columns][row][column].
func (p *MatMulWeights) pack() {
	k, n := p.b.Shape[0], p.b.Shape[1]
	strips := (n + strip - 1) / strip
	buf := engine.NewBuffer(4 * strips * strip * k)
	g := &product[float32]{
		n: n, strip: strip, b: matrix[float32]{whole[float32](&p.b), p.b.Offset, p.b.Strides[0], p.b.Strides[1]},
	}
	d := floats(buf)
	engine.Parallel(strips, max(1, grain/(k*strip)), func(lo, hi int) {
		for s := lo; s < hi; s++ {
			g.packStrip(d[s*strip*k:][:strip*k], s, 0, k)
		}
	})
	p.buf = buf
}
