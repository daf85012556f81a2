package cpu

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// levels lists the instruction sets of this CPU, from the slowest.
func levels() []string {
	l := []string{"portable"}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		l = append(l, "avx2")
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
			l = append(l, "avx512")
		}
	}
	return l
}

// useLevel points the package's routines at those of an instruction set.
func useLevel(name string) {
	hook(name)
	hookAttention(name)
	hookRecurrence(name)
	hookColumns(name)
	hookQuant(name)
	hookWinograd(name)
	tiling, lanes = nil, nil
	switch name {
	case "avx2":
		tiling = &tiler{
			rows: 6, run: run256, runF64: runF64x256, block: 8, transpose: transpose256,
			lanes: 8, gemv1: gemv256x1, gemv8: gemv256x8,
		}
	case "avx512":
		tiling = &tiler{
			rows: 14, masked: true, past: true, run: run512, runF64: runF64x512,
			block: 16, transpose: transpose512,
			transposeEdge: transposeEdge512, lanes: 16, gemv1: gemv512x1, gemv8: gemv512x8, maxPool2: maxPool2x512,
			correlations: &correlations512,
		}
		lanes = &laneRoutines{pool: lanePool512, spread: laneSpread512, correlate: &laneCorrelations512}
	}
}

// hookColumns installs the passes over channels-last data.
func hookColumns(level string) {
	columnMoments, columnDots = columnMomentsGo, columnDotsGo
	columnScale, columnGrad = columnScaleGo, columnGradGo
	maxWindow, sumWindow, sumWindows = maxWindowGo, sumWindowGo, sumWindowsGo
	depthTiles = depthTilesGo
	if level == "avx512" {
		columnMoments, columnDots = columnMoments512, columnDots512
		columnScale, columnGrad = columnScale512, columnGrad512
		maxWindow, sumWindow, sumWindows = maxWindow512, sumWindow512, sumWindows512
		depthTiles = depthTiles512
	}
}

func run512(t *tileArgs, m, n int) {
	nv, masked := (n+15)/16, 0
	if n%16 != 0 {
		masked = 1
		t.mask = 1<<n - 1
	}
	tiles512[m-1][nv-1][masked]((*byte)(unsafe.Pointer(t)))
}

func runF64x512(t *tileArgs, m, n int) {
	nv, masked := (n+7)/8, 0
	if n%8 != 0 {
		masked = 1
		t.mask = 1<<n - 1
	}
	tiles512d[m-1][nv-1][masked]((*byte)(unsafe.Pointer(t)))
}

func run256(t *tileArgs, m, n int) { blocks256[float32](&tiles256, t, m, n) }

func runF64x256(t *tileArgs, m, n int) { blocks256[float64](&tiles256d, t, m, n) }

// blocks256 computes blocks of two vectors; a narrower last one goes through a block of its own,
// because the kernels store whole vectors.
func blocks256[T float](tiles *[6][2]func(a *byte), t *tileArgs, m, n int) {
	var z T
	size := int(unsafe.Sizeof(z))
	lanes := 32 / size
	whole := *t
	for j := 0; j < n; j += 2 * lanes {
		p := whole
		p.b, p.c = unsafe.Add(t.b, size*j), unsafe.Add(t.c, size*j)
		if t.bias != nil && t.flags&flagRows == 0 {
			p.bias = unsafe.Add(t.bias, size*j)
		}
		switch w := min(2*lanes, n-j); w {
		case lanes, 2 * lanes:
			tiles[m-1][w/lanes-1]((*byte)(unsafe.Pointer(&p)))
		default:
			runPartial[T](tiles[m-1][(w-1)/lanes], &p, m, w)
		}
	}
}

func runPartial[T float](tile func(a *byte), t *tileArgs, m, n int) {
	var block [6 * 16]T
	var bias [16]T
	var z T
	c := t.c
	ldc := t.ldc
	if t.flags&flagAdd != 0 {
		for i := range m {
			copy(block[16*i:16*i+n], unsafe.Slice((*T)(unsafe.Add(c, i*ldc+t.delta)), n))
		}
		t.delta = 0
	}
	if t.bias != nil && t.flags&flagRows == 0 {
		copy(bias[:n], unsafe.Slice((*T)(t.bias), n))
		t.bias = unsafe.Pointer(&bias)
	}
	t.c, t.ldc = unsafe.Pointer(&block), 16*int(unsafe.Sizeof(z))
	tile((*byte)(unsafe.Pointer(t)))
	for i := range m {
		copy(unsafe.Slice((*T)(unsafe.Add(c, i*ldc)), n), block[16*i:16*i+n])
	}
}
