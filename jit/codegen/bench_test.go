package codegen

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// chain is gelu of x·w + b, one operator at a time.
var chain = &Loop{DType: engine.F32, Inputs: 3, Code: []Ins{
	{Def: op.Mul, A: 0, B: 1}, {Def: op.Add, A: 3, B: 2}, {Def: op.GELUTanh, A: 4},
}, Outputs: []int{5}}

// arithmetic is eleven operators that take less time than memory does.
var arithmetic = &Loop{DType: engine.F32, Inputs: 3, Code: []Ins{
	{Def: op.Mul, A: 0, B: 1},
	{Def: op.Add, A: 3, B: 2},
	{Def: op.Mul, A: 4, B: 4},
	{Def: op.Sub, A: 5, B: 0},
	{Def: op.Maximum, A: 6, B: 2},
	{Def: op.Abs, A: 7},
	{Def: op.Mul, A: 8, B: 1},
	{Def: op.Add, A: 9, B: 6},
	{Def: op.ReLU, A: 10},
	{Def: op.Neg, A: 11},
	{Def: op.Add, A: 12, B: 4},
}, Outputs: []int{13}}

// BenchmarkArithmetic is machine code beside the interpreter.
func BenchmarkArithmetic(b *testing.B) {
	for _, n := range []int{4096, 1 << 20} {
		x, w, c := engine.Zeros(engine.F32, engine.Shape{n / 64, 64}), engine.Zeros(engine.F32, engine.Shape{n / 64, 64}),
			engine.Zeros(engine.F32, engine.Shape{64})
		y := engine.Zeros(engine.F32, x.Shape)
		for _, how := range []string{"code", "interpreter"} {
			b.Run(fmt.Sprintf("%s/%d", how, n), func(b *testing.B) {
				l := &Loop{DType: engine.F32, Inputs: 3, Code: arithmetic.Code, Outputs: arithmetic.Outputs}
				l.compiled.off = how == "interpreter"
				b.SetBytes(int64(12 * n))
				for b.Loop() {
					l.Run([]engine.Array{y}, []engine.Array{x, w, c})
				}
			})
		}
	}
}

func BenchmarkChain(b *testing.B) {
	for _, n := range []int{4096, 1 << 20} {
		x, w, c, y := engine.Zeros(engine.F32, engine.Shape{n / 64, 64}), engine.Zeros(engine.F32, engine.Shape{n / 64, 64}),
			engine.Zeros(engine.F32, engine.Shape{64}), engine.Zeros(engine.F32, engine.Shape{n / 64, 64})
		for _, how := range []string{"code", "interpreter", "operators"} {
			b.Run(fmt.Sprintf("%s/%d", how, n), func(b *testing.B) {
				l := &Loop{DType: chain.DType, Inputs: 3, Code: chain.Code, Outputs: chain.Outputs}
				l.compiled.off = how == "interpreter"
				b.SetBytes(int64(16 * n))
				for b.Loop() {
					if how == "operators" {
						op.Mul.CPU(nil, []engine.Array{y}, []engine.Array{x, w})
						op.Add.CPU(nil, []engine.Array{y}, []engine.Array{y, c.Expand(y.Shape)})
						op.GELUTanh.CPU(nil, []engine.Array{y}, []engine.Array{y})
						continue
					}
					l.Run([]engine.Array{y}, []engine.Array{x, w, c})
				}
			})
		}
	}
}
