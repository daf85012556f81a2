// Package codegen computes chains of elementwise operators in one pass over memory.
//
//	l := &codegen.Loop{DType: engine.F32, Inputs: 2, Code: []codegen.Ins{
//		{Def: op.Mul, A: 0, B: 1}, // value 2
//		{Def: op.Tanh, A: 2},      // value 3
//	}, Outputs: []int{3}}
//	l.Run([]engine.Array{z}, []engine.Array{x, y}) // z = tanh(x·y)
//
// A Loop is the interface between graphs and what runs them: this file is all that a back end has to know.
// There are two: an interpreter that takes a tile of values, small enough for the first cache, through all
// instructions with the engine's own vector functions, so that results are those of eager mode bit by bit;
// and machine code made at run time on amd64, of AVX-512 or AVX2 as package engine/cpu chose. It does not
// choose what to fuse (jit/pass).
package codegen

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Loop is a function of elements: each output element depends on the input elements at its place, after
// broadcasting. Values are numbered: the inputs first, then one for each instruction.
type Loop struct {
	DType   engine.DType // of all values: F32 or F64
	Inputs  int
	Code    []Ins
	Outputs []int // values

	compiled compiled
}

// Ins is one instruction: the operator Def, which has Vec1 or Vec2 for the Loop's dtype, on values A and B.
type Ins struct {
	Def  *op.Def
	A, B int
}

// binary reports whether i has two operands.
func (i *Ins) binary() bool { return i.Def.Vec2 != nil }

// Takes reports whether a Loop over dtype t can hold d.
func Takes(d *op.Def, t engine.DType) bool {
	if !d.Elementwise || len(d.Outputs) != 1 || d.Attrs != nil {
		return false
	}
	switch t {
	case engine.F32:
		return d.Vec1 != nil && d.Vec1.F32 != nil || d.Vec2 != nil && d.Vec2.F32 != nil
	case engine.F64:
		return d.Vec1 != nil && d.Vec1.F64 != nil || d.Vec2 != nil && d.Vec2.F64 != nil
	}
	return false
}

// Verify checks that instructions read values that are defined before, and that outputs exist.
func (l *Loop) Verify() error {
	for k := range l.Code {
		i := &l.Code[k]
		if i.Def == nil || !Takes(i.Def, l.DType) {
			return fmt.Errorf("codegen: instruction %d is none that a loop over %v can hold", k, l.DType)
		}
		if i.A < 0 || i.A >= l.Inputs+k || i.binary() && (i.B < 0 || i.B >= l.Inputs+k) {
			return fmt.Errorf("codegen: instruction %d (%s) reads a value that is not defined before", k, i.Def.Name)
		}
	}
	for _, o := range l.Outputs {
		if o < l.Inputs || o >= l.Inputs+len(l.Code) {
			return fmt.Errorf("codegen: output %d is not the value of an instruction", o)
		}
	}
	return nil
}

// String lists the instructions: "v2 = Mul(v0, v1)".
func (l *Loop) String() string {
	parts := make([]string, 0, len(l.Code)+1)
	for k := range l.Code {
		i := &l.Code[k]
		if i.binary() {
			parts = append(parts, fmt.Sprintf("v%d = %s(v%d, v%d)", l.Inputs+k, i.Def.Name, i.A, i.B))
		} else {
			parts = append(parts, fmt.Sprintf("v%d = %s(v%d)", l.Inputs+k, i.Def.Name, i.A))
		}
	}
	return strings.Join(parts, "; ") + fmt.Sprintf(" → %v", l.Outputs)
}
