package cpu

import (
	"math"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Quantize computes dst = round(x / scale) + zero, half to even, bounded by the type of dst, U8 or I8. NaN
// becomes zero. x is F32 or F64.
func Quantize(dst, x engine.Array, scale float32, zero int) error {
	if x.DType == engine.F64 || isHalf(x.DType) {
		return viaCopy(x, func(x engine.Array) error { return Quantize(dst, x, scale, zero) })
	}
	if x.DType != engine.F32 {
		return unsupported("Quantize", x.DType)
	}
	if interleaves(&dst, &x) {
		if dst.DType == engine.U8 {
			quantizePlanes(&dst, &x, quantizer[uint8](scale, zero, 0, 255))
		} else {
			quantizePlanes(&dst, &x, quantizer[int8](scale, zero, -128, 127))
		}
		return nil
	}
	if ChannelsLast(dst) && !ChannelsLast(x) { // numbers change their order faster than bytes
		c := lastCopy(x)
		defer c.Buf.Release()
		x = c
	}
	switch dst.DType {
	case engine.U8:
		run1(quantizer[uint8](scale, zero, 0, 255), &dst, &x, grain)
	case engine.I8:
		run1(quantizer[int8](scale, zero, -128, 127), &dst, &x, grain)
	default:
		return unsupported("Quantize", dst.DType)
	}
	return nil
}

// fewPlanes is the number of channels that are put side by side as bytes, one by one.
const fewPlanes = 4

// interleaves reports whether x has few planes, as pictures do, that dst wants beside each other.
func interleaves(dst, x *engine.Array) bool {
	return len(x.Shape) > 2 && x.Shape[1] > 1 && x.Shape[1] <= fewPlanes && x.IsContiguous() && ChannelsLast(*dst) &&
		(dst.DType == engine.U8 || dst.DType == engine.I8)
}

// planeBlock is the number of positions that are rounded before their bytes are put side by side.
const planeBlock = 4096

// planeTask is what one thread needs: blocks of the bytes of planes.
type planeTask [fewPlanes * planeBlock]uint8

// planeTasks are tasks to be used again.
var planeTasks = sync.Pool{New: func() any { return new(planeTask) }}

// quantizePlanes rounds blocks of planes and puts their bytes side by side.
func quantizePlanes[T uint8 | int8](dst, x *engine.Array, round func(d []T, x []float32)) {
	n, c := x.Shape[0], x.Shape[1]
	positions := x.Shape[2:].Numel()
	d, s := whole[T](dst)[dst.Offset:], flatSlice[float32](x)
	blocks := (positions + planeBlock - 1) / planeBlock
	engine.Parallel(n*blocks, 1, func(lo, hi int) {
		t := planeTasks.Get().(*planeTask)
		defer planeTasks.Put(t)
		mem := unsafe.Slice((*T)(unsafe.Pointer(t)), len(t))
		for b := lo; b < hi; b++ {
			sample, from := b/blocks*c*positions, b%blocks*planeBlock
			w := min(planeBlock, positions-from)
			for i := range c {
				round(mem[i*planeBlock:][:w], s[sample+i*positions+from:][:w])
			}
			interleave(d[sample+from*c:][:w*c], mem, planeBlock, c)
		}
	})
}

// interleave puts the elements of c planes, which lie step apart in s, side by side.
func interleave[T uint8 | int8](d, s []T, step, c int) {
	if c == 3 {
		n := len(d) / 3
		x, y, z := s[:n], s[step:][:n], s[2*step:][:n]
		for i, v := range x {
			p := d[3*i:][:3]
			p[0], p[1], p[2] = v, y[i], z[i]
		}
		return
	}
	for i := range c {
		for k, v := range s[i*step:][:len(d)/c] {
			d[k*c+i] = v
		}
	}
}

// viaCopy calls f with x as F32.
func viaCopy(x engine.Array, f func(x engine.Array) error) error {
	c := engine.NewArray(engine.F32, x.Shape)
	defer c.Buf.Release()
	if err := Copy(c, x); err != nil {
		return err
	}
	return f(c)
}

// quantizer returns a function that rounds vectors and what is left of them.
func quantizer[T uint8 | int8](scale float32, zero int, low, high float32) func(d []T, x []float32) {
	low, high = low-float32(zero), high-float32(zero)
	return func(d []T, x []float32) {
		x = x[:len(d)]
		n := 0
		if f := quantTiling.quantize; f != nil {
			if n = len(d) &^ 15; n > 0 {
				f((*uint8)(unsafe.Pointer(&d[0])), &x[0], scale, low, high, int32(zero), n)
			}
		}
		quantizeGo(d[n:], x[n:], scale, low, high, int32(zero))
	}
}

// quantizeGo rounds by adding 1.5·2²³: floats of that size have no digits behind the point.
func quantizeGo[T uint8 | int8](d []T, x []float32, scale, low, high float32, zero int32) {
	const round = 3 << 22
	bits := int32(math.Float32bits(round)) - zero
	for i, v := range x {
		q := v / scale
		switch {
		case q != q:
			q = 0
		case q < low:
			q = low
		case q > high:
			q = high
		}
		d[i] = T(int32(math.Float32bits(q+round)) - bits)
	}
}

// Dequantize computes dst = (x − zero)·scale for x of U8 or I8; dst is F32.
func Dequantize(dst, x engine.Array, scale float32, zero int) error {
	if dst.DType != engine.F32 {
		return unsupported("Dequantize", dst.DType)
	}
	var table [256]float32
	switch x.DType {
	case engine.U8:
		for i := range table {
			table[i] = float32(i-zero) * scale
		}
		run1(func(d []float32, x []uint8) {
			for i, v := range x[:len(d)] {
				d[i] = table[v]
			}
		}, &dst, &x, grain)
	case engine.I8:
		for i := range table {
			table[i] = float32(int(int8(i))-zero) * scale
		}
		run1(func(d []float32, x []int8) {
			for i, v := range x[:len(d)] {
				d[i] = table[uint8(v)]
			}
		}, &dst, &x, grain)
	default:
		return unsupported("Dequantize", x.DType)
	}
	return nil
}
