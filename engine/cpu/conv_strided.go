package cpu

import (
	"github.com/lathe-ml/lathe/engine"
)

// A convolution with a kernel of one position and strides reads some pixels of its input only. Gradients take
// these together, so that they are matrix products over all pixels at once, and the pixels between get zeros.

// skips reports whether q has a kernel of one position and reads only every stride-th pixel: a smaller product.
func (q *geometry) skips() bool {
	for i, n := range q.out { // padding at the end would be read
		if (n-1)*q.stride[i] >= q.in[i] {
			return false
		}
	}
	return q.tiles() && q.kernelSize == 1 && q.pad == [3]int{} && q.stride != [3]int{1, 1, 1}
}

// seen views the pixels of x that a kernel of one position meets.
func seen(q *geometry, x *engine.Array) engine.Array {
	v := *x
	for i := range len(x.Shape) - 2 {
		axis := 3 - (len(x.Shape) - 2) + i
		v = v.Slice(2+i, 0, (q.out[axis]-1)*q.stride[axis]+1, q.stride[axis])
	}
	return v
}

// dense is s without strides and padding.
func (s *ConvSpec) dense() *ConvSpec {
	d := *s
	d.Stride, d.Padding = nil, nil
	return &d
}

// skippedWeight computes the weight's gradient of a kernel of one position with strides.
func skippedWeight(q *geometry, dw, x, dy *engine.Array, s *ConvSpec) {
	v := seen(q, x)
	if x.Strides[1] != 1 {
		v = lasting(v)
	} else {
		d := NewChannelsLast(x.DType, v.Shape)
		defer d.Buf.Release()
		must(Copy(d, v))
		v = d
	}
	convGradWeightF32(dw, &v, dy, s.dense())
}

// skippedInput computes the input's gradient of a kernel of one position with strides.
func skippedInput(q *geometry, dx, dy, w *engine.Array, s *ConvSpec) {
	shape := seen(q, dx).Shape
	if !ChannelsLast(*dx) {
		d := engine.NewArray(dx.DType, shape)
		defer d.Buf.Release()
		convGradInputF32(&d, dy, w, s.dense())
		must(Fill(*dx, 0))
		must(Copy(seen(q, dx), d))
		return
	}
	d := NewChannelsLast(dx.DType, shape)
	defer d.Buf.Release()
	convGradInputF32(&d, dy, w, s.dense())
	q.scatter(flatSlice[float32](dx), flatSlice[float32](&d), q.g*q.ci)
}

// scatter writes the channels-last pixels s between zeros to d, c channels each.
func (q *geometry) scatter(d, s []float32, c int) {
	row := q.in[2] * c
	cold := stream != nil && 4*len(d) >= streamFrom
	engine.Parallel(q.n*q.in[1], max(1, grain/row), func(lo, hi int) {
		f := func(part []float32, at int) { q.scatterPart(part, s, lo*row+at, c) }
		if part := d[lo*row : hi*row]; cold {
			streamed(part, f)
		} else {
			f(part, 0)
		}
	})
}

// scatterPart writes the elements of scatter's result from at on.
func (q *geometry) scatterPart(d, s []float32, at, c int) {
	for len(d) > 0 {
		pixel, skip := at/c, at%c
		n := min(c-skip, len(d))
		x, y := pixel%q.in[2], pixel/q.in[2]
		sample := y / q.in[1]
		y %= q.in[1]
		ox, oy := x/q.stride[2], y/q.stride[1]
		switch {
		case y%q.stride[1] != 0 || oy >= q.out[1]:
			n = min((q.in[2]-x)*c-skip, len(d)) // the rest of a row that is not met
			clear(d[:n])
		case x%q.stride[2] != 0 || ox >= q.out[2]:
			clear(d[:n])
		default:
			copy(d[:n], s[((sample*q.out[1]+oy)*q.out[2]+ox)*c+skip:])
		}
		d, at = d[n:], at+n
	}
}
