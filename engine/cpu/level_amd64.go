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
	tiling = nil
	switch name {
	case "avx2":
		tiling = &tiler{
			rows: 6, run: run256, block: 8, transpose: transpose256, gemv: gemv256, width: 64,
		}
	case "avx512":
		tiling = &tiler{
			rows: 14, masked: true, run: run512, block: 16, transpose: transpose512,
			transposeEdge: transposeEdge512, gemv: gemv512, width: 128, maxPool2: maxPool2x512,
			correlations: &correlations512,
		}
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

// run256 computes blocks of 16 columns; a narrower last one goes through a block of its own,
// because the kernels store whole vectors.
func run256(t *tileArgs, m, n int) {
	whole := *t
	for j := 0; j < n; j += 16 {
		p := whole
		p.b, p.c = unsafe.Add(t.b, 4*j), unsafe.Add(t.c, 4*j)
		if t.bias != nil {
			p.bias = unsafe.Add(t.bias, 4*j)
		}
		w := min(16, n-j)
		switch w {
		case 16:
			tiles256[m-1][1]((*byte)(unsafe.Pointer(&p)))
		case 8:
			tiles256[m-1][0]((*byte)(unsafe.Pointer(&p)))
		default:
			runPartial(&p, m, w)
		}
	}
}

func runPartial(t *tileArgs, m, n int) {
	var block [6 * 16]float32
	var bias [16]float32
	c := t.c
	ldc := t.ldc
	if t.flags&flagAdd != 0 {
		for i := range m {
			copy(block[16*i:16*i+n], unsafe.Slice((*float32)(unsafe.Add(c, i*ldc)), n))
		}
	}
	if t.bias != nil {
		copy(bias[:n], unsafe.Slice((*float32)(t.bias), n))
		t.bias = unsafe.Pointer(&bias)
	}
	t.c, t.ldc = unsafe.Pointer(&block), 64
	tiles256[m-1][(n-1)/8]((*byte)(unsafe.Pointer(t)))
	for i := range m {
		copy(unsafe.Slice((*float32)(unsafe.Add(c, i*ldc)), n), block[16*i:16*i+n])
	}
}
