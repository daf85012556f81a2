package cpu

import (
	"math"
	"slices"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// lines computes F32 and F64 functions of whole lines along one axis, of one or two operands.
type lines struct {
	name string
	f32  func(d, x, y []float32)
	f64  func(d, x, y []float64)
}

var (
	softmax        = &lines{"Softmax", softmaxF32, softmaxLine[float64]}
	logSoftmax     = &lines{"LogSoftmax", logSoftmaxF32, logSoftmaxLine[float64]}
	softmaxGrad    = &lines{"SoftmaxGrad", softmaxGradF32, softmaxGradLine[float64]}
	logSoftmaxGrad = &lines{"LogSoftmaxGrad", logSoftmaxGradF32, logSoftmaxGradLine[float64]}
)

// Softmax computes dst = eˣ / Σ eˣ along axis, relative to the maximum.
func Softmax(dst, x engine.Array, axis int) error {
	if dst.DType == engine.F32 && x.DType == engine.F32 && runRows(softmaxRows, axis, &dst, &x) {
		return nil
	}
	return softmax.run(axis, dst, x, x)
}

// LogSoftmax computes dst = x − log Σ eˣ along axis.
func LogSoftmax(dst, x engine.Array, axis int) error {
	if dst.DType == engine.F32 && x.DType == engine.F32 && runRows(logSoftmaxRows, axis, &dst, &x) {
		return nil
	}
	return logSoftmax.run(axis, dst, x, x)
}

// SoftmaxGrad computes dx = y·(dy − Σ dy·y) from Softmax's result y.
func SoftmaxGrad(dx, dy, y engine.Array, axis int) error { return softmaxGrad.run(axis, dx, dy, y) }

// LogSoftmaxGrad computes dx = dy − eʸ·Σ dy from LogSoftmax's result y.
func LogSoftmaxGrad(dx, dy, y engine.Array, axis int) error {
	return logSoftmaxGrad.run(axis, dx, dy, y)
}

func (l *lines) run(axis int, dst, x, y engine.Array) error {
	mustMatch(l.name, dst.DType, x.DType, y.DType)
	switch t := dst.DType; {
	case t == engine.F32:
		runLines(l.f32, axis, &dst, &x, &y)
	case t == engine.F64:
		runLines(l.f64, axis, &dst, &x, &y)
	case isHalf(t):
		return viaF32(dst, func(d engine.Array, f32 widen) error { return l.run(axis, d, f32(x), f32(y)) })
	default:
		return unsupported(l.name, t)
	}
	return nil
}

// rowRoutine computes contiguous rows of n, a multiple of group, at once.
type rowRoutine struct {
	run   func(d, x []float32, n int) // nil: there is none
	group int
}

var softmaxRows, logSoftmaxRows rowRoutine

// runRows runs f over the rows of contiguous arrays when axis is the last; it reports whether it did.
func runRows(f rowRoutine, axis int, dst, x *engine.Array) bool {
	if f.run == nil || axis != len(dst.Shape)-1 || !dst.IsContiguous() || !x.IsContiguous() ||
		dst.Numel() == 0 || dst.Shape[axis]%f.group != 0 {
		return false
	}
	n := dst.Shape[axis]
	d, xs := flatSlice[float32](dst), flatSlice[float32](x)
	engine.Parallel(len(d)/n, max(1, grain/4/n), func(lo, hi int) {
		f.run(d[lo*n:hi*n], xs[lo*n:hi*n], n)
	})
	return true
}

func runLines[T float](f func(d, x, y []T), axis int, dst, x, y *engine.Array) {
	da, xa, ya := whole[T](dst), whole[T](x), whole[T](y)
	eachLine(axis, func(n int, pos, s []int) {
		if s[0] == 1 && s[1] == 1 && s[2] == 1 {
			f(da[pos[0]:][:n], xa[pos[1]:][:n], ya[pos[2]:][:n])
			return
		}
		mem := lineMemory[T](n)
		defer mem.release()
		take := func(i int, all []T) []T {
			line := mem.d[i*n:][:n]
			p := pos[i]
			for j := range line {
				line[j] = all[p]
				p += s[i]
			}
			return line
		}
		d := mem.d[:n]
		f(d, take(1, xa), take(2, ya))
		p := pos[0]
		for _, v := range d {
			da[p] = v
			p += s[0]
		}
	}, dst, x, y)
}

// lineBuffer is scratch memory for three lines.
type lineBuffer[T any] struct {
	d []T
	s *scratch
}

func lineMemory[T any](n int) lineBuffer[T] {
	if n > chunk {
		return lineBuffer[T]{d: make([]T, 3*n)}
	}
	s := scratches.Get().(*scratch)
	return lineBuffer[T]{unsafe.Slice((*T)(unsafe.Pointer(s)), 3*n), s}
}

func (b lineBuffer[T]) release() {
	if b.s != nil {
		scratches.Put(b.s)
	}
}

func lineMax[T float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func softmaxLine[T float](d, x, _ []T) {
	m := float64(lineMax(x))
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(v) - m)
		d[i] = T(e)
		sum += e
	}
	for i := range d {
		d[i] = T(float64(d[i]) / sum)
	}
}

func logSoftmaxLine[T float](d, x, _ []T) {
	m := float64(lineMax(x))
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - m)
	}
	l := math.Log(sum)
	for i, v := range x {
		d[i] = T(float64(v) - m - l)
	}
}

func softmaxGradLine[T float](dx, dy, y []T) {
	var sum float64
	for i, v := range y {
		sum += float64(v) * float64(dy[i])
	}
	for i, v := range y {
		dx[i] = T(float64(v) * (float64(dy[i]) - sum))
	}
}

func logSoftmaxGradLine[T float](dx, dy, y []T) {
	var sum float64
	for _, v := range dy {
		sum += float64(v)
	}
	for i, v := range y {
		dx[i] = T(float64(dy[i]) - math.Exp(float64(v))*sum)
	}
}

// The float32 forms are built from whole-line routines that exist in SIMD.

// dotRow is Σ x·y.
var dotRow = dotRowGo

func dotRowGo(x, y []float32) float64 {
	var sum float64
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

// expShifted computes d = exp(x + s).
var expShifted = func(d, x []float32, s float32) {
	for i, v := range x {
		d[i] = float32(math.Exp(float64(v) + float64(s)))
	}
}

var (
	shiftBy = addS // d = x + s
	scaleBy = mulS // d = x·s
)

// mulShifted computes d = x·(y + s).
var mulShifted = func(d, x, y []float32, s float32) {
	for i, v := range x {
		d[i] = v * (y[i] + s)
	}
}

func softmaxF32(d, x, _ []float32) {
	expShifted(d, x, -lineMaxF32(x))
	scaleBy(d, d, float32(1/sumRow(d)))
}

// expSum returns Σ exp(x − m).
func expSum(x []float32, m float32) (sum float64) {
	mem := lineMemory[float32](min(len(x), chunk))
	defer mem.release()
	for len(x) > 0 {
		part := mem.d[:min(len(x), chunk)]
		expShifted(part, x[:len(part)], -m)
		sum += sumRow(part)
		x = x[len(part):]
	}
	return sum
}

func logSoftmaxF32(d, x, _ []float32) {
	m := lineMaxF32(x)
	expShifted(d, x, -m)
	l := float32(math.Log(sumRow(d)))
	shiftBy(d, x, -m)
	shiftBy(d, d, -l)
}

func softmaxGradF32(dx, dy, y []float32) {
	mulShifted(dx, y, dy, -float32(dotRow(y, dy)))
}

func logSoftmaxGradF32(dx, dy, y []float32) {
	s := float32(sumRow(dy))
	if &dx[0] == &dy[0] {
		dy = slices.Clone(dy)
	}
	expShifted(dx, y, 0)
	axpy(dx, dy, dx, -s)
}
