package cpu

import "github.com/lathe-ml/lathe/engine"

// The three passes of a float32 convolution choose among forms: a matrix product for kernels of one
// position, planes or batches for few channels, merged taps for few input channels, sweeps over channels-last
// images, and unfolding where there is no micro-kernel or a third spatial axis.

func convForwardF32(dst, x, bias *engine.Array, f *filters, s *ConvSpec, a after) {
	q := newGeometry(x, f.w, dst, s)
	if q.skips() && q.xs[1] != 1 {
		convForwardF32(dst, ptr(lasting(seen(q, x))), bias, f, s.dense(), a)
		return
	}
	planar := q.tiles() && q.stride[2] == 1 &&
		planarPays(q, q.out[2], q.co, q.ci, ptr(array4(dst)), ptr(array4(x)))
	if a.residual.Buf != nil && (!q.tiles() || q.depthwise() || planar || !q.inPlace(dst, &a)) {
		e := ConvEpilogue{Residual: a.residual, Clamp: a.bounds(), Low: float64(a.low), High: float64(a.high)}
		convForwardF32(dst, x, bias, f, s, reluAfter(false))
		must(afterwards(*dst, e))
		return
	}
	switch {
	case tiling == nil && winogradForward(q, dst, x, bias, f, a):
	case !q.tiles():
		convForward(gemmF32, dst, x, f.w, bias, s, false)
		if a.bounds() {
			must(Clamp(*dst, *dst, float64(a.low), float64(a.high)))
		}
	case q.depthwise():
		depthwiseForward(q, dst, x, bias, f, a)
	case pointwiseForward(q, dst, x, bias, f, a):
	case planar && samplesForward(q, dst, x, bias, f, a):
	case planar:
		planarForward(q, dst, x, bias, f, a)
	case winogradForward(q, dst, x, bias, f, a):
	case phasesForward(q, dst, x, bias, f, a):
	case q.mergePays():
		mergedForward(q, dst, x, bias, f, a)
	default:
		sweepForward(q, dst, x, bias, f, a)
	}
}

// inPlace reports whether kernels compute dst where it lies and find the residual of an element at one
// distance.
func (q *geometry) inPlace(dst *engine.Array, a *after) bool {
	_, same := a.delta(dst)
	return same && channelsLast(ptr(array4(dst))) != nil
}

// mergePays reports whether the taps of a kernel row should act as one.
func (q *geometry) mergePays() bool {
	return q.g == 1 && q.dil[2] == 1 && q.k[2] > 1 && q.ci < 16
}

func convGradInputF32(dx, dy, w *engine.Array, s *ConvSpec) {
	q := newGeometry(dx, w, dy, s)
	switch {
	case q.skips():
		skippedInput(q, dx, dy, w, s)
	case tiling == nil && winogradInput(q, dx, dy, w):
	case !q.tiles():
		convGradInput(gemmF32, dx, dy, w, s)
	case q.depthwise():
		depthwiseInput(q, dx, dy, w)
	case pointwiseInput(q, dx, dy, w):
	case q.ci <= 4 && q.kernelSize > 1 && q.stride[1]*q.stride[2] > 1:
		convGradInput(gemmF32, dx, dy, w, s)
	case q.stride[1] == 1 && q.stride[2] == 1 &&
		planarPays(q, q.in[2], q.ci, q.co, ptr(array4(dx)), ptr(array4(dy))):
		if !samplesInput(q, dx, dy, w) {
			planarInput(q, dx, dy, w)
		}
	case winogradInput(q, dx, dy, w):
	default:
		sweepInput(q, dx, dy, w)
	}
}

func convGradWeightF32(dw, x, dy *engine.Array, s *ConvSpec) {
	q := newGeometry(x, dw, dy, s)
	switch {
	case q.skips():
		skippedWeight(q, dw, x, dy, s)
	case tiling == nil && weightByTiles(q, dw, x, dy):
	case !q.tiles():
		convGradWeight(gemmF32, dw, x, dy, s)
	case q.depthwise():
		depthwiseWeight(q, dw, x, dy)
	case pointwiseWeight(q, dw, x, dy):
	case correlationPays(q, ptr(array4(x)), ptr(array4(dy))):
		correlate(q, dw, x, dy)
	case weightByTiles(q, dw, x, dy):
	case q.mergePays():
		mergedWeight(q, dw, x, dy)
	default:
		sweepWeight(q, dw, x, dy)
	}
}
