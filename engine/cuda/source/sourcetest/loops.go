// Package sourcetest holds examples of fused loops for the tests of package source and of devices.
//
//	for name, l := range sourcetest.Loops() {
//		p, err := source.Fused(l, out, in)
//	}
//
// It runs nothing.
package sourcetest

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/codegen"
)

// Loops returns chains as package jit fuses them, by name: written ones, and one of each operator that a loop can
// hold.
func Loops() map[string]*codegen.Loop {
	loops := map[string]*codegen.Loop{
		"gelu of x·w + b": {DType: engine.F32, Inputs: 3, Outputs: []int{5}, Code: []codegen.Ins{
			{Def: op.Mul, A: 0, B: 1}, {Def: op.Add, A: 3, B: 2}, {Def: op.GELUTanh, A: 4},
		}},
		"an LSTM's state": {DType: engine.F32, Inputs: 4, Outputs: []int{8, 10}, Code: []codegen.Ins{
			{Def: op.Sigmoid, A: 0},
			{Def: op.Tanh, A: 1},
			{Def: op.Mul, A: 4, B: 5},
			{Def: op.Mul, A: 2, B: 4},
			{Def: op.Add, A: 6, B: 7},
			{Def: op.Tanh, A: 8},
			{Def: op.Mul, A: 9, B: 3},
		}},
		"a bound in f64": {DType: engine.F64, Inputs: 2, Outputs: []int{3}, Code: []codegen.Ins{
			{Def: op.Exp, A: 1}, {Def: op.Minimum, A: 2, B: 0},
		}},
	}
	for _, d := range op.Defs() {
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			if !codegen.Takes(d, t) {
				continue
			}
			positive, one := codegen.Ins{Def: op.Abs, A: 0}, codegen.Ins{Def: d, A: 2, B: 1}
			loops[d.Name+" "+t.String()] = &codegen.Loop{
				DType: t, Inputs: 2, Outputs: []int{4}, Code: []codegen.Ins{positive, one, {Def: op.Mul, A: 3, B: 1}},
			}
		}
	}
	return loops
}

// Fill sets the elements of a row-major array to numbers in (0.1, 0.9).
func Fill(a engine.Array, seed int) {
	for i := range a.Numel() {
		v := 0.5 + 0.4*math.Sin(float64(7*i+13*seed))
		if a.DType == engine.F64 {
			a.F64()[i] = v
		} else {
			a.F32()[i] = float32(v)
		}
	}
}

// Floats returns the elements of a row-major array.
func Floats(a engine.Array) []float64 {
	if a.DType == engine.F64 {
		return a.F64()
	}
	r := make([]float64, a.Numel())
	for i, v := range a.F32() {
		r[i] = float64(v)
	}
	return r
}
