package cpu

import (
	"fmt"
	"math"
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// CrossEntropy computes loss[i] = log Σ eˣ − x[i, labels[i]] for each row of x [n c], relative to the
// largest element; labels [n] are I64.
func CrossEntropy(loss, x, labels engine.Array) error {
	mustMatch("CrossEntropy", loss.DType, x.DType)
	classes, err := rowLabels("CrossEntropy", x, labels)
	if err != nil {
		return err
	}
	switch t := x.DType; {
	case t == engine.F32 && crossEntropyRows != nil && len(classes) > 0 && loss.Strides[0] >= 0:
		crossEntropyLines(loss, x, classes)
	case t == engine.F32:
		eachRow(loss, x, classes, func(x []float32) (top, log float32) {
			m := lineMaxF32(x)
			return m, float32(math.Log(expSum(x, m)))
		})
	case t == engine.F64:
		eachRow(loss, x, classes, func(x []float64) (top, log float64) {
			m, sum := lineMax(x), 0.0
			for _, v := range x {
				sum += math.Exp(v - m)
			}
			return m, math.Log(sum)
		})
	case isHalf(t):
		return viaF32(loss, func(d engine.Array, f32 widen) error { return CrossEntropy(d, f32(x), labels) })
	default:
		return unsupported("CrossEntropy", t)
	}
	return nil
}

// CrossEntropyGrad computes dx = scale·dy[i]·(softmax(x) − onehot(labels)) for each row of x [n c].
func CrossEntropyGrad(dx, dy, x, labels engine.Array, scale float64) error {
	mustMatch("CrossEntropyGrad", dx.DType, dy.DType, x.DType)
	classes, err := rowLabels("CrossEntropyGrad", x, labels)
	if err != nil {
		return err
	}
	switch t := x.DType; {
	case t == engine.F32 && crossEntropyGradRows != nil && dx.Numel() > 0 && dy.Strides[0] >= 0:
		crossEntropyGradLines(dx, dy, x, classes, float32(scale))
	case t == engine.F32:
		eachRowGrad(dx, dy, x, classes, float32(scale), softmaxF32,
			func(d []float32, s float32) { scaleBy(d, d, s) })
	case t == engine.F64:
		eachRowGrad(dx, dy, x, classes, scale, softmaxLine[float64], func(d []float64, s float64) {
			for i := range d {
				d[i] *= s
			}
		})
	case isHalf(t):
		return viaF32(dx, func(d engine.Array, f32 widen) error {
			return CrossEntropyGrad(d, f32(dy), f32(x), labels, scale)
		})
	default:
		return unsupported("CrossEntropyGrad", t)
	}
	return nil
}

// The same for contiguous rows, with results and upstream gradients at a distance; nil where there is no routine.
var (
	crossEntropyRows     func(loss, x []float32, labels []int64, stride int)
	crossEntropyGradRows func(d, dy, x []float32, labels []int64, stride int, scale float32)
)

// perTask is the number of rows of n scores that are worth a task.
func perTask(n int) int { return max(1, grain/16/max(n, 1)) }

func crossEntropyLines(loss, x engine.Array, classes []int64) {
	n, stride := x.Shape[1], loss.Strides[0]
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	d, xs := whole[float32](&loss)[loss.Offset:], flatSlice[float32](&x)
	engine.Parallel(len(classes), perTask(n), func(lo, hi int) {
		crossEntropyRows(d[lo*stride:], xs[lo*n:hi*n], classes[lo:hi], stride)
	})
}

func crossEntropyGradLines(dx, dy, x engine.Array, classes []int64, scale float32) {
	n, stride := x.Shape[1], dy.Strides[0]
	d, same := packed(dx)
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	ds, up, xs := flatSlice[float32](&d), whole[float32](&dy)[dy.Offset:], flatSlice[float32](&x)
	engine.Parallel(len(classes), perTask(n), func(lo, hi int) {
		crossEntropyGradRows(ds[lo*n:hi*n], up[lo*stride:], xs[lo*n:hi*n], classes[lo:hi], stride, scale)
	})
	if !same {
		must(Copy(dx, d))
	}
}

// rowLabels returns the labels of the rows of x, all of which must be columns.
func rowLabels(name string, x, labels engine.Array) ([]int64, error) {
	if len(x.Shape) != 2 || !labels.Shape.Equal(x.Shape[:1]) || labels.DType != engine.I64 {
		panic(fmt.Sprintf("cpu.%s: labels %v for scores %v", name, labels, x))
	}
	labels = packedCopy(labels)
	defer runtime.KeepAlive(labels.Buf)
	classes := labels.I64()
	for i, c := range classes {
		if c < 0 || c >= int64(x.Shape[1]) {
			return nil, fmt.Errorf("cpu.%s: label %d at position %d is outside [0, %d)", name, c, i, x.Shape[1])
		}
	}
	return classes, nil
}

// eachRow computes the losses; logSum returns the largest element and log Σ eˣ relative to it.
func eachRow[T float](loss, x engine.Array, classes []int64, logSum func(x []T) (top, log T)) {
	n, stride := x.Shape[1], 0
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	if len(classes) > 0 {
		stride = loss.Strides[0]
	}
	d, xs := whole[T](&loss), flatSlice[T](&x)
	engine.Parallel(len(classes), perTask(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := xs[i*n:][:n]
			top, log := logSum(row)
			d[loss.Offset+i*stride] = log + (top - row[classes[i]])
		}
	})
}

func eachRowGrad[T float](
	dx, dy, x engine.Array, classes []int64, scale T, softmax func(d, x, _ []T), times func(d []T, s T),
) {
	n := x.Shape[1]
	d, same := packed(dx)
	x = packedCopy(x)
	defer runtime.KeepAlive(x.Buf)
	ds, up, xs := flatSlice[T](&d), whole[T](&dy), flatSlice[T](&x)
	engine.Parallel(len(classes), perTask(n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := ds[i*n:][:n]
			softmax(row, xs[i*n:][:n], nil)
			row[classes[i]]--
			times(row, scale*up[dy.Offset+i*dy.Strides[0]])
		}
	})
	if !same {
		must(Copy(dx, d))
	}
}
