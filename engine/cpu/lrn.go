package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// LRNSpec describes local response normalisation over Size channels around each one.
type LRNSpec struct {
	Size           int // odd
	Alpha, Beta, K float64
}

// LocalResponse computes dst = x·(K + Alpha/Size·Σ x²)^(−Beta), with the sum over the channels around each
// one, where those outside count as 0. x: [n c …].
func LocalResponse(dst, x engine.Array, s LRNSpec) error {
	mustMatch("LocalResponse", dst.DType, x.DType)
	switch t := dst.DType; {
	case dst.Numel() == 0:
	case t == engine.F32:
		localResponse(&responses[float32]{
			square: Square.F32, add: Add.F32, mul: Mul.F32,
			power: func(d []float32) { responsePower(d, s) },
		}, dst, x, s.Size)
	case t == engine.F64:
		localResponse(&responses[float64]{
			square: Square.F64, add: Add.F64, mul: Mul.F64,
			power: func(d []float64) {
				for i, v := range d {
					d[i] = math.Pow(s.K+s.Alpha/float64(s.Size)*v, -s.Beta)
				}
			},
		}, dst, x, s.Size)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return LocalResponse(d, f32(x), s) })
	default:
		return unsupported("LocalResponse", t)
	}
	return nil
}

// responsePower computes (K + Alpha/Size·d)^(−Beta); the usual powers are made of roots.
func responsePower(d []float32, s LRNSpec) {
	Mul.F32S(d, d, float32(s.Alpha/float64(s.Size)))
	Add.F32S(d, d, float32(s.K))
	switch s.Beta {
	case 0.5:
		Rsqrt.F32(d, d)
	case 0.75:
		root, buf := cut[float32]([]int{len(d)})
		defer buf.Release()
		Rsqrt.F32(d, d)
		Sqrt.F32(root[0], d)
		Mul.F32(d, d, root[0])
	default:
		Pow.F32S(d, d, float32(-s.Beta))
	}
}

// responses computes blocks of lines with zeros around the channels, where the channels of a position lie step
// elements apart: all lines at once are one vector.
type responses[T float] struct {
	square   func(d, x []T)
	add, mul func(d, x, y []T)
	power    func(d []T)
	size     int
}

// responseBlock is the number of elements of a block, of which there are four in the caches.
const responseBlock = 4096

// run computes into d, which has size−1 steps less than x: sums of squares, then results.
func (r *responses[T]) run(d, x, squares []T, step int) {
	r.square(squares, x)
	n := len(d)
	copy(d, squares)
	for i := 1; i < r.size; i++ {
		r.add(d, d, squares[i*step:][:n])
	}
	r.power(d)
	r.mul(d, d, x[(r.size-1)/2*step:][:n])
}

func localResponse[T float](r *responses[T], dst, x engine.Array, size int) {
	r.size = size
	n, c := x.Shape[0], x.Shape[1]
	positions := x.Shape[2:].Numel()
	last := len(x.Shape) > 2 && ChannelsLast(x) && ChannelsLast(dst)
	var d engine.Array
	same := true
	if !last {
		d, same = packed(dst)
		x = packedCopy(x)
	} else {
		d = dst
	}
	xs, ds := whole[T](&x)[x.Offset:], whole[T](&d)[d.Offset:]
	tall := c + size - 1
	width := min(positions, max(1, responseBlock/tall))
	blocks := (positions + width - 1) / width
	engine.Parallel(n*blocks, max(1, grain/4/(tall*width)), func(lo, hi int) {
		mem, buf := cut[T]([]int{tall * width, tall * width, tall * width})
		defer buf.Release()
		for b := lo; b < hi; b++ {
			from := b % blocks * width
			w := min(width, positions-from)
			at := b/blocks*c*positions + from
			if last {
				r.lastBlock(ds, xs, b/blocks*c*positions+from*c, c, w, mem)
			} else {
				r.planarBlock(ds, xs, at, c, w, positions, mem)
			}
		}
	})
	if !same {
		must(Copy(dst, d))
	}
}

// planarBlock computes w positions from at on, whose channels lie positions elements apart.
func (r *responses[T]) planarBlock(d, x []T, at, c, w, positions int, mem [][]T) {
	edge := (r.size - 1) / 2 * w
	v, total := mem[0], (c+r.size-1)*w
	clear(v[:edge])
	for i := range c {
		copy(v[edge+i*w:][:w], x[at+i*positions:])
	}
	clear(v[edge+c*w : total])
	r.run(mem[2][:c*w], v[:total], mem[1][:total], w)
	for i := range c {
		copy(d[at+i*positions:][:w], mem[2][i*w:])
	}
}

// lastBlock computes w positions from at on, whose channels lie beside each other.
func (r *responses[T]) lastBlock(d, x []T, at, c, w int, mem [][]T) {
	edge, line := (r.size-1)/2, c+r.size-1
	v := mem[0][:w*line]
	clear(v)
	for i := range w {
		copy(v[i*line+edge:][:c], x[at+i*c:])
	}
	r.run(mem[2][:w*line-(r.size-1)], v, mem[1][:w*line], 1)
	for i := range w {
		copy(d[at+i*c:][:c], mem[2][i*line:])
	}
}
