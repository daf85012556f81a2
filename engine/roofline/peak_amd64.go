package roofline

import "github.com/lathe-ml/lathe/engine/cpu"

// chains is the number of independent multiply-adds in a round: more than the latency of one times the
// number of units.
const chains = 16

//go:noescape
func fma512F32(rounds int)

//go:noescape
func fma512F64(rounds int)

//go:noescape
func fma256F32(rounds int)

//go:noescape
func fma256F64(rounds int)

// routines returns loops of multiply-adds, and the F32 elements (half as many F64) of a round.
func routines() (f32, f64 func(rounds int), elements float64) {
	switch cpu.Level() {
	case "avx512":
		return fma512F32, fma512F64, 16 * chains
	case "avx2":
		return fma256F32, fma256F64, 8 * (chains - 2)
	}
	return nil, nil, 0
}
