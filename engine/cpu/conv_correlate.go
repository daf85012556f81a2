package cpu

import (
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// correlationPays estimates whether the weight's gradient takes less time as a correlation of
// planar rows than by tiles on channels-last data.
func correlationPays(q *geometry, x, dy *engine.Array) bool {
	const transposition = 10
	if tiling.correlations == nil || q.stride[2] != 1 || q.dil[2] != 1 {
		return false
	}
	kk, width := q.ci*q.k[1]*q.k[2], q.out[2]
	planar := q.co * kk * ((width + 15) / 16)
	tiles := q.k[1] * ((q.ci*q.k[2] + 15) / 16) * q.co * width
	for _, a := range []struct {
		x *engine.Array
		c int
	}{{x, q.ci}, {dy, q.co}} {
		moved := transposition * a.c * width / 16
		switch {
		case a.c == 1:
		case a.x.Strides[1] == 1:
			planar += moved
		default:
			tiles += moved
		}
	}
	return planar < tiles
}

// weightPieces is the number of partial sums over the samples; it does not depend on the threads.
const weightPieces = 8

// correlate computes the weight's gradient from planar data: for each pair of channels and kernel
// row, the products of rows of dy with rows of x at all shifts along the kernel row.
func correlate(q *geometry, dw, x, dy *engine.Array) {
	x4, y4 := array4(x), array4(dy)
	h := (q.out[1]-1)*q.stride[1] + q.dil[1]*(q.k[1]-1) + 1
	in := framedPlanes(&x4, h, q.out[2]+q.k[2]-1, q.pad[1], q.pad[2])
	defer in.release()
	up := framedPlanes(&y4, q.out[1], q.out[2], 0, 0)
	defer up.release()
	kk := q.ci * q.k[1] * q.k[2]
	size := q.g * q.co * kk
	pieces := min(weightPieces, q.n)
	buf := engine.NewBuffer(pieces * size * 4)
	defer buf.Release()
	acc := unsafe.Slice((*float32)(unsafe.Pointer(&buf.Bytes()[0])), pieces*size)
	engine.Parallel(pieces, 1, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			part := acc[p*size : (p+1)*size]
			clear(part)
			for n := q.n * p / pieces; n < q.n*(p+1)/pieces; n++ {
				correlateSample(q, part, in, up, n)
			}
		}
	})
	for p := 1; p < pieces; p++ {
		addInto(acc[:size], acc[p*size:(p+1)*size])
	}
	shape := engine.Shape{q.g * q.co, q.ci, q.k[1], q.k[2]}
	must(Copy(array4(dw), engine.Of(shape, acc[:size])))
}

func correlateSample(q *geometry, acc []float32, in, up *planes, n int) {
	kk := q.ci * q.k[1] * q.k[2]
	for o := 0; o < q.g*q.co; {
		g := o / q.co
		m := min(4, (g+1)*q.co-o)
		dy := &up.d[up.off+n*up.sample+o*up.plane]
		for c := range q.ci {
			for kh := range q.k[1] {
				from := in.off + n*in.sample + (g*q.ci+c)*in.plane + kh*q.dil[1]*in.row
				for kw := 0; kw < q.k[2]; kw += 5 {
					w := min(5, q.k[2]-kw)
					tiling.correlations[m-1][w-1](&acc[o*kk+(c*q.k[1]+kh)*q.k[2]+kw],
						&in.d[from+kw], dy,
						q.out[1], q.out[2], 4*q.stride[1]*in.row, 4*up.row, 4*up.plane, 4*kk)
				}
			}
		}
		o += m
	}
}
