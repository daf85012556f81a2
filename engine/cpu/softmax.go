package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// lines computes F32 and F64 functions of whole lines along one axis: f gets slices of equal length,
// the destination first.
type lines struct {
	name string
	f32  func(args [][]float32)
	f64  func(args [][]float64)
}

var (
	softmax        = &lines{"Softmax", softmaxLine[float32], softmaxLine[float64]}
	logSoftmax     = &lines{"LogSoftmax", logSoftmaxLine[float32], logSoftmaxLine[float64]}
	softmaxGrad    = &lines{"SoftmaxGrad", softmaxGradLine[float32], softmaxGradLine[float64]}
	logSoftmaxGrad = &lines{"LogSoftmaxGrad", logSoftmaxGradLine[float32], logSoftmaxGradLine[float64]}
)

// Softmax computes dst = eˣ / Σ eˣ along axis, relative to the maximum.
func Softmax(dst, x engine.Array, axis int) error { return softmax.run(axis, dst, x) }

// LogSoftmax computes dst = x − log Σ eˣ along axis.
func LogSoftmax(dst, x engine.Array, axis int) error { return logSoftmax.run(axis, dst, x) }

// SoftmaxGrad computes dx = y·(dy − Σ dy·y) from Softmax's result y.
func SoftmaxGrad(dx, dy, y engine.Array, axis int) error { return softmaxGrad.run(axis, dx, dy, y) }

// LogSoftmaxGrad computes dx = dy − eʸ·Σ dy from LogSoftmax's result y.
func LogSoftmaxGrad(dx, dy, y engine.Array, axis int) error {
	return logSoftmaxGrad.run(axis, dx, dy, y)
}

func (l *lines) run(axis int, dst engine.Array, in ...engine.Array) error {
	for _, a := range in {
		mustMatch(l.name, dst.DType, a.DType)
	}
	switch t := dst.DType; {
	case t == engine.F32:
		runLines(l.f32, axis, dst, in)
	case t == engine.F64:
		runLines(l.f64, axis, dst, in)
	case isHalf(t):
		wide := make([]engine.Array, len(in))
		for i := range in {
			wide[i] = toF32(in[i])
		}
		return viaF32(dst, func(d engine.Array) error { return l.run(axis, d, wide...) })
	default:
		return unsupported(l.name, t)
	}
	return nil
}

func runLines[T float](f func(args [][]T), axis int, dst engine.Array, in []engine.Array) {
	all := make([]*engine.Array, 1+len(in))
	all[0] = &dst
	for i := range in {
		all[1+i] = &in[i]
	}
	mem := make([][]T, len(all))
	for i, a := range all {
		mem[i] = whole[T](a)
	}
	eachLine(axis, func(n int, pos, s []int) {
		args := make([][]T, len(all))
		for i := range args {
			if s[i] == 1 {
				args[i] = mem[i][pos[i] : pos[i]+n]
				continue
			}
			args[i] = make([]T, n)
			if i > 0 {
				p := pos[i]
				for j := range n {
					args[i][j] = mem[i][p]
					p += s[i]
				}
			}
		}
		f(args)
		if s[0] != 1 {
			p := pos[0]
			for _, v := range args[0] {
				mem[0][p] = v
				p += s[0]
			}
		}
	}, all...)
}

func lineMax[T float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func softmaxLine[T float](a [][]T) {
	d, x := a[0], a[1]
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

func logSoftmaxLine[T float](a [][]T) {
	d, x := a[0], a[1]
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

func softmaxGradLine[T float](a [][]T) {
	dx, dy, y := a[0], a[1], a[2]
	var sum float64
	for i, v := range y {
		sum += float64(v) * float64(dy[i])
	}
	for i, v := range y {
		dx[i] = T(float64(v) * (float64(dy[i]) - sum))
	}
}

func logSoftmaxGradLine[T float](a [][]T) {
	dx, dy, y := a[0], a[1], a[2]
	var sum float64
	for _, v := range dy {
		sum += float64(v)
	}
	for i, v := range y {
		dx[i] = T(float64(dy[i]) - math.Exp(float64(v))*sum)
	}
}
