//go:build amd64 && linux

package codegen

import (
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func TestEqualLoopsShareTheirCode(t *testing.T) {
	of := func(d *op.Def) *code {
		return compile(&Loop{DType: engine.F32, Inputs: 1, Code: []Ins{{Def: d}, {Def: op.Neg, A: 1}}, Outputs: []int{2}})
	}
	a, b := of(op.Tanh), of(op.Tanh)
	if a == nil {
		t.Skip("this processor has no AVX-512: loops are interpreted")
	}
	if a != b || a == of(op.Exp) {
		t.Error("equal loops have two codes, or others one")
	}
	other := *op.Tanh // of the same name
	if of(&other) != nil {
		t.Error("an operator that is not Lathe's own has its code")
	}
}
