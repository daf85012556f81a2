package main

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// benchCase is one step of work; the peer knows the same name.
type benchCase struct {
	name string
	work float64 // floating-point operations per step; 0: not stated
	make func() func()
}

func cases() []benchCase {
	var all []benchCase
	for _, part := range [][]benchCase{models(), gemms(), convolutions(), quantised(), operators(), rows(), sequences(), graphs()} {
		all = append(all, part...)
	}
	return all
}

// gemms are products of the sizes that training of small and large models asks for; gemm_nt has
// its second matrix transposed in memory, as the weight of a linear layer is.
func gemms() []benchCase {
	var all []benchCase
	for _, s := range [][3]int{
		{64, 64, 64},
		{128, 128, 128},
		{256, 256, 256},
		{512, 512, 512},
		{1024, 1024, 1024},
		{2048, 2048, 2048},
		{32, 128, 784},
		{64, 128, 784},
		{784, 128, 32},
		{1, 4096, 4096},
		{4, 4096, 4096},
		{16, 4096, 4096},
		{3136, 64, 64},
		{3136, 64, 576},
		{3136, 256, 64},
		{784, 128, 1152},
		{196, 256, 2304},
		{49, 512, 4608},
		{12544, 64, 147},
	} {
		all = append(all, gemm("gemm", s, false))
	}
	for _, s := range [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {32, 128, 784}, {32, 784, 128}} {
		all = append(all, gemm("gemm_nt", s, true))
	}
	return all
}

func gemm(kind string, s [3]int, transposed bool) benchCase {
	m, n, k := s[0], s[1], s[2]
	name := fmt.Sprintf("%s/%dx%dx%d", kind, m, n, k)
	return benchCase{name, 2 * float64(m) * float64(n) * float64(k), func() func() {
		a, b := eager.Randn(m, k).Array(), eager.Randn(k, n).Array()
		if transposed {
			b = eager.Randn(n, k).Array().Permute(1, 0)
		}
		c := engine.NewArray(engine.F32, engine.Shape{m, n})
		return func() {
			if err := cpu.MatMul(c, a, b, cpu.Epilogue{}); err != nil {
				panic(err)
			}
		}
	}}
}
