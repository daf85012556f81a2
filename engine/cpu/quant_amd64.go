package cpu

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// The kernels by rows − 1 and vectors − 1.
var dots512 = [quantRows][2]func(a *byte){
	{dot512x1x1, dot512x1x2},
	{dot512x2x1, dot512x2x2},
	{dot512x3x1, dot512x3x2},
	{dot512x4x1, dot512x4x2},
	{dot512x5x1, dot512x5x2},
	{dot512x6x1, dot512x6x2},
	{dot512x7x1, dot512x7x2},
	{dot512x8x1, dot512x8x2},
	{dot512x9x1, dot512x9x2},
	{dot512x10x1, dot512x10x2},
	{dot512x11x1, dot512x11x2},
	{dot512x12x1, dot512x12x2},
	{dot512x13x1, dot512x13x2},
	{dot512x14x1, dot512x14x2},
}

// dotFinish512 are the same for dotFinish.
var dotFinish512 = [quantRows][2]func(a *byte){
	{dotFinish512x1x1, dotFinish512x1x2},
	{dotFinish512x2x1, dotFinish512x2x2},
	{dotFinish512x3x1, dotFinish512x3x2},
	{dotFinish512x4x1, dotFinish512x4x2},
	{dotFinish512x5x1, dotFinish512x5x2},
	{dotFinish512x6x1, dotFinish512x6x2},
	{dotFinish512x7x1, dotFinish512x7x2},
	{dotFinish512x8x1, dotFinish512x8x2},
	{dotFinish512x9x1, dotFinish512x9x2},
	{dotFinish512x10x1, dotFinish512x10x2},
	{dotFinish512x11x1, dotFinish512x11x2},
	{dotFinish512x12x1, dotFinish512x12x2},
	{dotFinish512x13x1, dotFinish512x13x2},
	{dotFinish512x14x1, dotFinish512x14x2},
}

var dots256 = [4]func(a *byte){dot256x1, dot256x2, dot256x3, dot256x4}

// depthQuads512 are the routines for depthFilters.
var depthQuads512 = [len(depthFilters)]func(a *byte){
	depthQuads512k3s1, depthQuads512k5s1, depthQuads512k5s2,
}

// hookQuant installs the routines of quantised layers. Without VNNI there is no wide product of bytes.
func hookQuant(level string) {
	quantTiling = quantGo
	switch level {
	case "avx512":
		quantTiling = quantTiler{
			dot: quantDot256, requantBytes: argumentsOnly(requantBytes512), requantFloats: argumentsOnly(requantFloats512),
			mixBytes: mixBytes512, maxBytes: maxBytes512, quantize: quantize512,
		}
		if cpu.X86.HasAVX512VNNI {
			quantTiling.dot = quantDot512
			quantTiling.dotFinish = func(t *quantTile, m, n int) {
				dotFinish512[m-1][(n-1)/16]((*byte)(unsafe.Pointer(t)))
			}
			quantTiling.depthBytes, quantTiling.depthSums = depthArguments(depthBytes512), depthArguments(depthSums512)
			quantTiling.depthQuads = func(a *depthQuads, filter int) { depthQuads512[filter]((*byte)(unsafe.Pointer(a))) }
		}
	case "avx2":
		quantTiling = quantTiler{
			dot: quantDot256, requantBytes: byVectors(requantBytes256, (*requantArgs).bytesFrom),
			requantFloats: byVectors(requantFloats256, (*requantArgs).floatsFrom),
			mixBytes:      mixBytes256, maxBytes: maxByVectors, quantize: quantize256,
		}
	}
}

func argumentsOnly(f func(a *byte)) func(a *requantArgs) {
	return func(a *requantArgs) { f((*byte)(unsafe.Pointer(a))) }
}

func depthArguments(f func(a *byte)) func(a *depthArgs) {
	return func(a *depthArgs) { f((*byte)(unsafe.Pointer(a))) }
}

// byVectors leaves the columns behind the last whole vector to the portable form.
func byVectors(f func(a *byte), rest func(a *requantArgs, first int)) func(a *requantArgs) {
	return func(a *requantArgs) {
		n := a.columns
		if whole := n &^ 7; whole > 0 {
			a.columns = whole
			f((*byte)(unsafe.Pointer(a)))
			a.columns = n
		}
		if n%8 != 0 {
			rest(a, n&^7)
		}
	}
}

func maxByVectors(d, x *uint8, taps *int, count, n int) {
	whole := n &^ 31
	if whole > 0 {
		maxBytes256(d, x, taps, count, whole)
	}
	if whole < n {
		at := func(p *uint8) *uint8 { return (*uint8)(unsafe.Add(unsafe.Pointer(p), whole)) }
		maxBytesGo(at(d), at(x), taps, count, n-whole)
	}
}

func quantDot512(t *tileArgs, m, n int) {
	dots512[m-1][(n-1)/16]((*byte)(unsafe.Pointer(t)))
}

// quantDot256 computes blocks of 4 rows and 8 columns.
func quantDot256(t *tileArgs, m, n int) {
	p := *t
	for i := 0; i < m; i += 4 {
		rows := min(4, m-i)
		p.a = unsafe.Add(t.a, i*t.rowA)
		for j := 0; j < n; j += 8 {
			p.b, p.bias = unsafe.Add(t.b, quantum*j), unsafe.Add(t.bias, 4*j)
			p.c = unsafe.Add(t.c, i*t.ldc+4*j)
			dots256[rows-1]((*byte)(unsafe.Pointer(&p)))
		}
	}
}
