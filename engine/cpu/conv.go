package cpu

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
)

// ConvSpec describes a convolution over 1 to 3 spatial axes. A nil slice means 1 (Stride, Dilation)
// or 0 (Padding) on every axis; Groups 0 means 1. Padding has one entry for each axis, or the
// entries of all beginnings followed by those of all ends.
type ConvSpec struct {
	Stride, Padding, Dilation []int
	Groups                    int
}

// Out returns the result's shape for an input x [n ci spatial…] and a weight w [co ci/groups k…].
func (s ConvSpec) Out(x, w engine.Shape) (engine.Shape, error) {
	r := len(x) - 2
	if r < 1 || r > 3 || len(w) != len(x) {
		return nil, fmt.Errorf("Conv: input %v and weight %v; want [n c spatial…] with 1 to 3 "+
			"spatial axes and a weight of the same rank", x, w)
	}
	g := max(s.Groups, 1)
	if x[1] != w[1]*g || w[0]%g != 0 {
		return nil, fmt.Errorf("Conv: input has %d channels, weight wants %d (input %v, "+
			"weight %v, groups %d)", x[1], w[1]*g, x, w, g)
	}
	for name, v := range map[string][]int{"stride": s.Stride, "dilation": s.Dilation} {
		for _, d := range v {
			if d < 1 || len(v) != r {
				return nil, fmt.Errorf("Conv: %s %v; want %d positive numbers", name, v, r)
			}
		}
	}
	if l := len(s.Padding); l != 0 && l != r && l != 2*r {
		return nil, fmt.Errorf("Conv: padding %v; want %d or %d numbers", s.Padding, r, 2*r)
	}
	out := engine.Shape{x[0], w[0]}
	for i := range r {
		lo, hi := padding(s.Padding, i, r)
		span := x[2+i] + lo + hi - (or1(s.Dilation, i)*(w[2+i]-1) + 1)
		if span < 0 {
			return nil, fmt.Errorf("Conv: weight %v does not fit input %v with padding %v", w, x,
				s.Padding)
		}
		out = append(out, span/or1(s.Stride, i)+1)
	}
	return out, nil
}

func padding(p []int, i, r int) (lo, hi int) {
	switch len(p) {
	case 0:
		return 0, 0
	case r:
		return p[i], p[i]
	}
	return p[i], p[r+i]
}

func or1(v []int, i int) int {
	if len(v) == 0 {
		return 1
	}
	return v[i]
}

// geometry is a convolution brought to three spatial axes: missing ones come first with extent 1.
type geometry struct {
	n, g, ci, co               int // ci, co for each group
	in, k, out                 [3]int
	stride, pad, dil           [3]int
	xs, ws, ys                 [5]int // strides of x [n c d h w], w [co ci d h w], y [n co d h w]
	xo, wo, yo                 int
	kernelSize, inSize, points int // products of k, in, out
}

func newGeometry(x, w, y *engine.Array, s *ConvSpec) *geometry {
	want, err := s.Out(x.Shape, w.Shape)
	if err != nil || !want.Equal(y.Shape) {
		panic(fmt.Sprintf("cpu.Conv: %v with %v does not give %v (%v)", *x, *w, *y, err))
	}
	r := len(x.Shape) - 2
	q := &geometry{n: x.Shape[0], g: max(s.Groups, 1), ci: w.Shape[1]}
	q.co = w.Shape[0] / q.g
	q.xo, q.wo, q.yo = x.Offset, w.Offset, y.Offset
	for i := range 3 {
		j := i - (3 - r)
		q.in[i], q.k[i], q.out[i], q.stride[i], q.dil[i] = 1, 1, 1, 1, 1
		if j < 0 {
			continue
		}
		q.in[i], q.k[i], q.out[i] = x.Shape[2+j], w.Shape[2+j], y.Shape[2+j]
		q.stride[i], q.dil[i] = or1(s.Stride, j), or1(s.Dilation, j)
		q.pad[i], _ = padding(s.Padding, j, r)
		q.xs[2+i], q.ws[2+i], q.ys[2+i] = x.Strides[2+j], w.Strides[2+j], y.Strides[2+j]
	}
	for i := range 2 {
		q.xs[i], q.ws[i], q.ys[i] = x.Strides[i], w.Strides[i], y.Strides[i]
	}
	q.kernelSize = q.k[0] * q.k[1] * q.k[2]
	q.inSize = q.in[0] * q.in[1] * q.in[2]
	q.points = q.out[0] * q.out[1] * q.out[2]
	return q
}

// Conv computes the cross-correlation dst[n co …] = bias[co] + Σ x[n ci …]·w[co ci …], then max(·,
// 0) if relu. bias is optional. Cost 2·numel(dst)·ci/groups·numel(kernel).
func Conv(dst, x, w, bias engine.Array, s ConvSpec, relu bool) error {
	mustMatch("Conv", dst.DType, x.DType, w.DType)
	if dst.Numel() == 0 {
		return nil
	}
	switch t := dst.DType; {
	case t == engine.F32:
		convForwardF32(&dst, &x, &bias, &filters{w: &w}, &s, reluAfter(relu))
	case t == engine.F64:
		convForward(gemmF64, &dst, &x, &w, &bias, &s, relu)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error {
			return Conv(d, f32(x), f32(w), f32(bias), s, relu)
		})
	case t.IsInt():
		wide := engine.NewArray(engine.F64, dst.Shape)
		if bias.Buf != nil {
			bias = toF64(bias)
		}
		convForward(gemmF64, &wide, ptr(toF64(x)), ptr(toF64(w)), &bias, &s, relu)
		return Copy(dst, wide)
	default:
		return unsupported("Conv", t)
	}
	return nil
}

// ConvGradInput computes the gradient dx of Conv's input from the result's gradient dy; it is also
// the forward pass of a transposed convolution.
func ConvGradInput(dx, dy, w engine.Array, s ConvSpec) error {
	mustMatch("ConvGradInput", dx.DType, dy.DType, w.DType)
	switch t := dx.DType; {
	case t == engine.F32:
		convGradInputF32(&dx, &dy, &w, &s)
	case t == engine.F64:
		convGradInput(gemmF64, &dx, &dy, &w, &s)
	case isHalf(t):
		return viaF32(dx, func(d engine.Array, f32 widen) error {
			return ConvGradInput(d, f32(dy), f32(w),
				s)
		})
	default:
		return unsupported("ConvGradInput", t)
	}
	return nil
}

// ConvGradWeight computes the gradient dw of Conv's weight from its input x and the result's
// gradient dy. The bias's gradient is Sum(dy) over all axes but 1.
func ConvGradWeight(dw, x, dy engine.Array, s ConvSpec) error {
	mustMatch("ConvGradWeight", dw.DType, x.DType, dy.DType)
	switch t := dw.DType; {
	case t == engine.F32:
		convGradWeightF32(&dw, &x, &dy, &s)
	case t == engine.F64:
		convGradWeight(gemmF64, &dw, &x, &dy, &s)
	case isHalf(t):
		return viaF32(dw, func(d engine.Array, f32 widen) error {
			return ConvGradWeight(d, f32(x), f32(dy),
				s)
		})
	default:
		return unsupported("ConvGradWeight", t)
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

func toF64(x engine.Array) engine.Array {
	y := engine.NewArray(engine.F64, x.Shape)
	must(Copy(y, x))
	return y
}
