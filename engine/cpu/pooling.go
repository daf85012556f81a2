package cpu

import (
	"fmt"
	"math"
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// PoolSpec describes pooling over 1 to 3 spatial axes. A nil Stride means Kernel, a nil Padding 0,
// a nil Dilation 1. Ceil keeps a last, partial window that starts inside the input or its beginning
// padding. AvgPool divides by Divisor if it is not 0, else by the window's elements, counting
// padding if CountIncludePad.
type PoolSpec struct {
	Kernel, Stride, Padding, Dilation []int
	Ceil, CountIncludePad             bool
	Divisor                           int
}

// Out returns the result's shape for an input [n c spatial…].
func (s PoolSpec) Out(x engine.Shape) (engine.Shape, error) {
	r := len(x) - 2
	if r < 1 || r > 3 || len(s.Kernel) != r {
		return nil, fmt.Errorf("pool: input %v with kernel %v; want [n c spatial…] with 1 to 3 "+
			"spatial axes and one kernel extent for each", x, s.Kernel)
	}
	out := x[:2].Clone()
	for i := range r {
		k, st, d, p := s.Kernel[i], s.Kernel[i], or1(s.Dilation, i), 0
		if len(s.Stride) > 0 {
			st = s.Stride[i]
		}
		if len(s.Padding) > 0 {
			p = s.Padding[i]
		}
		if k < 1 || st < 1 || d < 1 || p < 0 || 2*p > k {
			return nil, fmt.Errorf("pool: kernel %d, stride %d, dilation %d, padding %d on "+
				"axis %d; want positive numbers and a padding of at most half the kernel",
				k, st, d, p, 2+i)
		}
		span := x[2+i] + 2*p - (d*(k-1) + 1)
		if span < 0 {
			return nil, fmt.Errorf("pool: kernel %v does not fit input %v", s.Kernel, x)
		}
		n := span/st + 1
		if s.Ceil && span%st != 0 && n*st < x[2+i]+p {
			n++
		}
		out = append(out, n)
	}
	return out, nil
}

// pool is a pooling brought to three spatial axes.
type pool struct {
	in, k, out, stride, pad, dil [3]int
	planes                       int
	count                        bool
	divisor                      int
}

func newPool(y, x *engine.Array, s *PoolSpec) *pool {
	want, err := s.Out(x.Shape)
	if err != nil || !want.Equal(y.Shape) {
		panic(fmt.Sprintf("cpu.Pool: %v with %+v does not give %v (%v)", *x, *s, *y, err))
	}
	r := len(x.Shape) - 2
	q := &pool{planes: x.Shape[0] * x.Shape[1], count: s.CountIncludePad, divisor: s.Divisor}
	for i := range 3 {
		j := i - (3 - r)
		q.in[i], q.k[i], q.out[i], q.stride[i], q.dil[i] = 1, 1, 1, 1, 1
		if j < 0 {
			continue
		}
		q.in[i], q.k[i], q.out[i] = x.Shape[2+j], s.Kernel[j], y.Shape[2+j]
		q.stride[i], q.dil[i] = s.Kernel[j], or1(s.Dilation, j)
		if len(s.Stride) > 0 {
			q.stride[i] = s.Stride[j]
		}
		if len(s.Padding) > 0 {
			q.pad[i] = s.Padding[j]
		}
	}
	return q
}

// span is the part of a window along one axis that lies in the input: taps lo … hi, the first at
// pos.
func (q *pool) span(i, o int) (lo, hi, pos int) {
	start := o*q.stride[i] - q.pad[i]
	if start < 0 {
		lo = (-start + q.dil[i] - 1) / q.dil[i]
	}
	hi = min(q.k[i], (q.in[i]-start+q.dil[i]-1)/q.dil[i])
	return lo, hi, start + lo*q.dil[i]
}

// padded is the number of window positions along one axis that lie in the input or its padding.
func (q *pool) padded(i, o int) int {
	start := o*q.stride[i] - q.pad[i]
	return min(start+q.k[i], q.in[i]+q.pad[i]) - start
}

// each calls f for every window of a plane: the taps' ranges and first positions on the three axes.
func (q *pool) each(f func(o int, p *[3]int, lo, hi, pos *[3]int)) {
	var p, lo, hi, pos [3]int
	o := 0
	for p[0] = range q.out[0] {
		lo[0], hi[0], pos[0] = q.span(0, p[0])
		for p[1] = range q.out[1] {
			lo[1], hi[1], pos[1] = q.span(1, p[1])
			for p[2] = range q.out[2] {
				lo[2], hi[2], pos[2] = q.span(2, p[2])
				f(o, &p, &lo, &hi, &pos)
				o++
			}
		}
	}
}

// packed returns a as a contiguous array and whether that is a itself.
func packed(a engine.Array) (engine.Array, bool) {
	if a.IsContiguous() {
		return a, true
	}
	return engine.NewArray(a.DType, a.Shape), false
}

// lasting returns a as a contiguous array. A copy is in memory of Go's: slices of it live on when nobody holds the
// array any more, while memory of the pool goes to the next who asks.
func lasting(a engine.Array) engine.Array {
	if a.IsContiguous() {
		return a
	}
	p := onHeap(a.DType, a.Shape)
	must(Copy(p, a))
	return p
}

// onHeap returns an array of zeros in memory of Go's.
func onHeap(t engine.DType, s engine.Shape) engine.Array {
	return engine.Array{DType: t, Shape: s, Strides: s.Strides(), Buf: engine.WrapBytes(make([]byte, s.Numel()*t.Size()))}
}

func packedCopy(a engine.Array) engine.Array {
	p, same := packed(a)
	if !same {
		must(Copy(p, a))
	}
	return p
}

// MaxPool takes the maximum over each window; padding never wins, NaN always does. index, optional
// I64, gets the flat position of the maximum in its input plane.
func MaxPool(dst, index, x engine.Array, s PoolSpec) error {
	q := newPool(&dst, &x, &s)
	if isHalf(dst.DType) {
		return viaF32(dst, func(d engine.Array, f32 widen) error { return MaxPool(d, index, f32(x), s) })
	}
	if maxPoolLast(q, &dst, &index, &x) || maxPoolBytes(q, &dst, &index, &x) {
		return nil
	}
	d, same := packed(dst)
	var ix engine.Array
	sameIx := true
	if index.Buf != nil {
		mustMatch("MaxPool", index.DType, engine.I64)
		ix, sameIx = packed(index)
	}
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	switch t := dst.DType; t {
	case engine.F32:
		if !maxPoolPairs(q, &d, &ix, &x) {
			maxPool[float32](q, &d, &ix, &x)
		}
	case engine.F64:
		maxPool[float64](q, &d, &ix, &x)
	case engine.I64:
		maxPool[int64](q, &d, &ix, &x)
	case engine.I32:
		maxPool[int32](q, &d, &ix, &x)
	case engine.I8:
		maxPool[int8](q, &d, &ix, &x)
	case engine.U8:
		maxPool[uint8](q, &d, &ix, &x)
	default:
		return unsupported("MaxPool", t)
	}
	if !same {
		must(Copy(dst, d))
	}
	if !sameIx {
		must(Copy(index, ix))
	}
	return nil
}

func maxPool[T number](q *pool, dst, index, x *engine.Array) {
	d, xs := flatSlice[T](dst), flatSlice[T](x)
	var ix []int64
	if index.Buf != nil {
		ix = flatSlice[int64](index)
	}
	points, size := q.out[0]*q.out[1]*q.out[2], q.in[0]*q.in[1]*q.in[2]
	engine.Parallel(q.planes, max(1, grain/4/max(points*q.k[0]*q.k[1]*q.k[2], 1)), func(a, b int) {
		for pl := a; pl < b; pl++ {
			plane := xs[pl*size : (pl+1)*size]
			q.each(func(o int, _ *[3]int, lo, hi, pos *[3]int) {
				at, best := 0, T(math.Inf(-1)) // for a window that dilation keeps off the input
				if lo[0] < hi[0] && lo[1] < hi[1] && lo[2] < hi[2] {
					at = (pos[0]*q.in[1]+pos[1])*q.in[2] + pos[2]
					best = plane[at]
				}
				for i := range hi[0] - lo[0] {
					for j := range hi[1] - lo[1] {
						p := ((pos[0]+i*q.dil[0])*q.in[1]+pos[1]+j*q.dil[1])*q.in[2] + pos[2]
						for range hi[2] - lo[2] {
							if v := plane[p]; v > best || v != v && best == best {
								best, at = v, p
							}
							p += q.dil[2]
						}
					}
				}
				d[pl*points+o] = best
				if ix != nil {
					ix[pl*points+o] = int64(at)
				}
			})
		}
	})
}

// maxPoolPairs computes 2×2 windows with stride 2 in SIMD; it reports whether it took the case.
func maxPoolPairs(q *pool, dst, index, x *engine.Array) bool {
	if tiling == nil || tiling.maxPool2 == nil || q.k != [3]int{1, 2, 2} ||
		q.stride != [3]int{1, 2, 2} ||
		q.pad != [3]int{} || q.dil != [3]int{1, 1, 1} || 2*q.out[1] > q.in[1] ||
		2*q.out[2] > q.in[2] ||
		q.out[0] != 1 || dst.Numel() == 0 {
		return false
	}
	d, xs := flatSlice[float32](dst), flatSlice[float32](x)
	h, w, width := q.out[1], q.out[2], q.in[2]
	var ix []int64
	if index.Buf != nil {
		ix = flatSlice[int64](index)
	}
	engine.Parallel(q.planes, max(1, grain/4/(h*w)), func(lo, hi int) {
		unused := make([]int64, w)
		for p := lo; p < hi; p++ {
			plane := xs[p*q.in[1]*width:]
			for i := range h {
				o := (p*h + i) * w
				to := unused
				if ix != nil {
					to = ix[o:]
				}
				at := 2 * i * width
				tiling.maxPool2(&d[o], &to[0], &plane[at], &plane[at+width], w, at, width)
			}
		}
	})
	return true
}

// MaxPoolGrad sends each element of dy to the position that MaxPool's index recorded.
func MaxPoolGrad(dx, dy, index engine.Array) error {
	mustMatch("MaxPoolGrad", index.DType, engine.I64)
	if isHalf(dx.DType) {
		return viaF32(dx, func(d engine.Array, f32 widen) error { return MaxPoolGrad(d, f32(dy), index) })
	}
	if maxPoolGradLast(&dx, &dy, &index) {
		return nil
	}
	d, same := packed(dx)
	dy, index = packedCopy(dy), packedCopy(index)
	defer runtime.KeepAlive(dy.Buf)
	defer runtime.KeepAlive(index.Buf)
	switch t := dx.DType; t {
	case engine.F32:
		maxPoolGrad[float32](&d, &dy, &index)
	case engine.F64:
		maxPoolGrad[float64](&d, &dy, &index)
	default:
		return unsupported("MaxPoolGrad", t)
	}
	if !same {
		must(Copy(dx, d))
	}
	return nil
}

func maxPoolGrad[T float](dx, dy, index *engine.Array) {
	d, g, ix := flatSlice[T](dx), flatSlice[T](dy), flatSlice[int64](index)
	planes := dx.Shape[0] * dx.Shape[1]
	if planes == 0 {
		return
	}
	size, points := len(d)/planes, len(g)/planes
	engine.Parallel(planes, max(1, grain/max(size, 1)), func(lo, hi int) {
		for p := lo; p < hi; p++ {
			plane := d[p*size : (p+1)*size]
			clear(plane)
			for i := p * points; i < (p+1)*points; i++ {
				plane[ix[i]] += g[i]
			}
		}
	})
}

// AvgPool takes the mean over each window.
func AvgPool(dst, x engine.Array, s PoolSpec) error {
	q := newPool(&dst, &x, &s)
	if isHalf(dst.DType) {
		return viaF32(dst, func(d engine.Array, f32 widen) error { return AvgPool(d, f32(x), s) })
	}
	d, same := packed(dst)
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	switch t := dst.DType; t {
	case engine.F32:
		avgPool[float32](q, &d, &x, false)
	case engine.F64:
		avgPool[float64](q, &d, &x, false)
	default:
		return unsupported("AvgPool", t)
	}
	if !same {
		must(Copy(dst, d))
	}
	return nil
}

// AvgPoolGrad spreads each element of dy evenly over its window.
func AvgPoolGrad(dx, dy engine.Array, s PoolSpec) error {
	q := newPool(&dy, &dx, &s)
	if isHalf(dx.DType) {
		return viaF32(dx, func(d engine.Array, f32 widen) error { return AvgPoolGrad(d, f32(dy), s) })
	}
	d, same := packed(dx)
	dy = packedCopy(dy)
	defer runtime.KeepAlive(dy.Buf)
	must(Fill(d, 0))
	switch t := dx.DType; t {
	case engine.F32:
		avgPool[float32](q, &dy, &d, true)
	case engine.F64:
		avgPool[float64](q, &dy, &d, true)
	default:
		return unsupported("AvgPoolGrad", t)
	}
	if !same {
		must(Copy(dx, d))
	}
	return nil
}

// avgPool computes dst from x, or with back adds the gradient of x from that of dst.
func avgPool[T float](q *pool, dst, x *engine.Array, back bool) {
	d, xs := flatSlice[T](dst), flatSlice[T](x)
	points, size := q.out[0]*q.out[1]*q.out[2], q.in[0]*q.in[1]*q.in[2]
	engine.Parallel(q.planes, max(1, grain/4/max(points*q.k[0]*q.k[1]*q.k[2], 1)), func(a, b int) {
		for pl := a; pl < b; pl++ {
			plane := xs[pl*size : (pl+1)*size]
			q.each(func(o int, at *[3]int, lo, hi, pos *[3]int) {
				scale := 1 / q.divisorAt(at, lo, hi)
				var sum float64
				g := T(float64(d[pl*points+o]) * scale)
				for i := range hi[0] - lo[0] {
					for j := range hi[1] - lo[1] {
						p := ((pos[0]+i*q.dil[0])*q.in[1]+pos[1]+j*q.dil[1])*q.in[2] + pos[2]
						for range hi[2] - lo[2] {
							if back {
								plane[p] += g
							} else {
								sum += float64(plane[p])
							}
							p += q.dil[2]
						}
					}
				}
				if !back {
					d[pl*points+o] = T(sum * scale)
				}
			})
		}
	})
}

func (q *pool) divisorAt(at, lo, hi *[3]int) float64 {
	if q.divisor != 0 {
		return float64(q.divisor)
	}
	n := 1
	for i := range 3 {
		if q.count {
			n *= q.padded(i, at[i])
		} else {
			n *= hi[i] - lo[i]
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}
