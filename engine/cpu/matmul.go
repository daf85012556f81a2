package cpu

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
)

// Epilogue is what happens to a product before it is stored: Alpha·a·b + dst + Bias, bounded below by 0 or by
// Low and High.
type Epilogue struct {
	Bias       engine.Array // [n], added to every row; optional
	ReLU       bool
	Accumulate bool    // add to what dst holds
	Alpha      float64 // factor of the product; 0 means 1
	Clamp      bool    // bound results of floats by Low and High; NaN stays NaN
	Low, High  float64
}

// matrix is a strided view of elements: element (i, j) is d[off+i·rs+j·cs].
type matrix[T any] struct {
	d           []T
	off, rs, cs int
}

func (m matrix[T]) at(i, j int) int { return m.off + i*m.rs + j*m.cs }

func (m matrix[T]) t() matrix[T] { return matrix[T]{m.d, m.off, m.cs, m.rs} }

// epilogue is Epilogue for one matrix; bias has stride bs.
type epilogue[T any] struct {
	bias     []T
	boff, bs int
	rows     bool // bias has an element for each row; only for products
	relu     bool
	add      bool
	alpha    T
	clamp    bool
	low      T
	high     T
	delta    int // from c to what add adds, bytes
}

// MatMul computes the matrix products dst = a·b over the last two axes: a [… m k], b [… k n],
// dst [… m n]; leading axes broadcast. Cost 2·m·n·k operations for each product.
func MatMul(dst, a, b engine.Array, e Epilogue) error {
	mustMatch("MatMul", dst.DType, a.DType, b.DType)
	if e.Bias.Buf != nil {
		mustMatch("MatMul", dst.DType, e.Bias.DType)
	}
	if e.Clamp && !dst.DType.IsFloat() {
		return fmt.Errorf("MatMul: bounds for %v; want floats", dst.DType)
	}
	if e.Alpha == 0 {
		e.Alpha = 1
	}
	switch t := dst.DType; {
	case t == engine.F32:
		matmul(gemmF32, &dst, &a, &b, &e)
	case t == engine.F64:
		matmul(gemmF64, &dst, &a, &b, &e)
	case t == engine.I64:
		matmul(gemmGo[int64], &dst, &a, &b, &e)
	case t == engine.I32:
		matmul(gemmGo[int32], &dst, &a, &b, &e)
	case t == engine.I16:
		matmul(gemmGo[int16], &dst, &a, &b, &e)
	case t == engine.I8:
		matmul(gemmGo[int8], &dst, &a, &b, &e)
	case t == engine.U8:
		matmul(gemmGo[uint8], &dst, &a, &b, &e)
	case t.IsComplex():
		return matmulComplex(dst, a, b, e)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			e.Bias = f32(e.Bias)
			if e.Accumulate {
				must(Copy(d, dst))
			}
			return MatMul(d, f32(a), f32(b), e)
		})
	default:
		return unsupported("MatMul", t)
	}
	return nil
}

type gemmFunc[T any] func(m, n, k int, c, a, b matrix[T], e epilogue[T])

func matmul[T number](f gemmFunc[T], dst, a, b *engine.Array, ep *Epilogue) {
	r, ra, rb := len(dst.Shape), len(a.Shape), len(b.Shape)
	if min(r, ra, rb) < 2 || dst.Shape[r-2] != a.Shape[ra-2] || dst.Shape[r-1] != b.Shape[rb-1] ||
		a.Shape[ra-1] != b.Shape[rb-2] {
		panic(fmt.Sprintf("cpu.MatMul: %v times %v does not give %v", *a, *b, *dst))
	}
	m, n, k := dst.Shape[r-2], dst.Shape[r-1], a.Shape[ra-1]
	mc := matrix[T]{whole[T](dst), 0, dst.Strides[r-2], dst.Strides[r-1]}
	ma := matrix[T]{whole[T](a), 0, a.Strides[ra-2], a.Strides[ra-1]}
	mb := matrix[T]{whole[T](b), 0, b.Strides[rb-2], b.Strides[rb-1]}
	e := epilogue[T]{
		relu: ep.ReLU, add: ep.Accumulate, alpha: T(ep.Alpha), clamp: ep.Clamp, low: T(ep.Low), high: T(ep.High),
	}
	if ep.Bias.Buf != nil {
		e.bias, e.boff, e.bs = whole[T](&ep.Bias), ep.Bias.Offset, ep.Bias.Strides[0]
	}
	if r == 2 && ra == 2 && rb == 2 {
		if m > 0 && n > 0 {
			mc.off, ma.off, mb.off = dst.Offset, a.Offset, b.Offset
			gemm(f, m, n, k, mc, ma, mb, e)
		}
		return
	}
	matmuls(f, m, n, k, mc, ma, mb, e, dst, a, b)
}

// matmuls is matmul over leading axes.
func matmuls[T number](
	f gemmFunc[T], m, n, k int, mc, ma, mb matrix[T], e epilogue[T], dst, a, b *engine.Array,
) {
	lead := func(x *engine.Array) *engine.Array {
		y := *x
		r := len(y.Shape)
		y.Shape, y.Strides = y.Shape[:r-2], y.Strides[:r-2]
		return &y
	}
	var w walk
	w.init(lead(dst), lead(a), lead(b))
	if w.n == 0 || m == 0 || n == 0 {
		return
	}
	batch := w.n
	if in := w.inner(); len(w.axes) == 1 && batch > 1 && in.s[2] == 0 &&
		in.s[0] == m*mc.rs && (in.s[1] == m*ma.rs) {
		m, batch = m*batch, 1 // one b for all: the batch is more rows
	}
	one := func(p int) {
		c, x, y := mc, ma, mb
		c.off, _ = w.start(0, p)
		x.off, _ = w.start(1, p)
		y.off, _ = w.start(2, p)
		gemm(f, m, n, k, c, x, y, e)
	}
	if batch == 1 {
		one(0)
		return
	}
	engine.Parallel(batch, max(1, 1<<18/(m*n*max(k, 1))), func(lo, hi int) {
		for p := lo; p < hi; p++ {
			one(p)
		}
	})
}

// gemm brings c to unit column stride, which f may rely on.
func gemm[T number](f gemmFunc[T], m, n, k int, c, a, b matrix[T], e epilogue[T]) {
	switch {
	case c.cs == 1 || n == 1:
		f(m, n, k, c, a, b, e)
	case c.rs == 1 && e.bias == nil && e.delta == 0:
		f(n, m, k, c.t(), b.t(), a.t(), e)
	case c.rs == 1 && e.delta == 0 && e.bs == 1 && byRows(m, n, k, e.bias):
		e.rows = true
		f(n, m, k, c.t(), b.t(), a.t(), e)
	default:
		t := matrix[T]{make([]T, m*n), 0, n, 1}
		if e.add {
			copyMatrix(t, c, m, n)
		}
		f(m, n, k, t, a, b, e)
		copyMatrix(c, t, m, n)
	}
}

func copyMatrix[T any](d, s matrix[T], m, n int) {
	for i := range m {
		p, q := d.at(i, 0), s.at(i, 0)
		for range n {
			d.d[p] = s.d[q]
			p, q = p+d.cs, q+s.cs
		}
	}
}

// gemmGo is the portable product: rows of c gather multiples of rows of b, in blocks of k.
func gemmGo[T number](m, n, k int, c, a, b matrix[T], e epilogue[T]) {
	if m == 0 || n == 0 {
		return
	}
	if b.cs != 1 && m > 1 {
		t := matrix[T]{make([]T, k*n), 0, n, 1}
		copyMatrix(t, b, k, n)
		b = t
	}
	const nb = 256
	engine.Parallel(m, max(1, 1<<16/(n*max(k, 1))), func(lo, hi int) {
		var acc [nb]T
		for j0 := 0; j0 < n; j0 += nb {
			w := min(nb, n-j0)
			for i := lo; i < hi; i++ {
				row := acc[:w]
				clear(row)
				for p := range k {
					v, q := a.d[a.at(i, p)], b.at(p, j0)
					if b.cs == 1 {
						for j, x := range b.d[q : q+w] {
							row[j] += v * x
						}
						continue
					}
					for j := range row {
						row[j] += v * b.d[q]
						q += b.cs
					}
				}
				storeRow(row, c, i, j0, e)
			}
		}
	})
}

// bounded returns v within bounds, and NaN as it is.
func bounded[T number](v, low, high T) T {
	if v < low {
		v = low
	}
	if v > high {
		v = high
	}
	return v
}

// storeRow applies the epilogue to part of row i of the product and stores it.
func storeRow[T number](row []T, c matrix[T], i, j0 int, e epilogue[T]) {
	p := c.at(i, j0)
	for j, v := range row {
		v *= e.alpha
		if e.add {
			v += c.d[p]
		}
		if e.bias != nil {
			v += e.bias[e.boff+(j0+j)*e.bs]
		}
		if e.relu && v <= 0 {
			v = 0
		}
		if e.clamp {
			v = bounded(v, e.low, e.high)
		}
		c.d[p] = v
		p += c.cs
	}
}

// byRows reports whether a product of these extents knows a bias of each row.
func byRows[T number](m, n, k int, _ []T) bool {
	var z T
	switch any(z).(type) {
	case float32, float64:
		return tiling != nil && m > 1 && n > 1 && k > 0
	}
	return false
}
