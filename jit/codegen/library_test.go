//go:build amd64 && linux

package codegen

import (
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

func TestEqualLoopsShareTheirCode(t *testing.T) {
	of := func(d *op.Def) *code {
		c, _ := compile(&Loop{DType: engine.F32, Inputs: 1, Code: []Ins{{Def: d}, {Def: op.Neg, A: 1}}, Outputs: []int{2}})
		return c
	}
	var earlier *code
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		a, b := of(op.Tanh), of(op.Tanh)
		if a != b || a == of(op.Exp) {
			t.Error("equal loops have two codes, or others one")
		}
		if a == earlier {
			t.Error("two levels have one code")
		}
		other := *op.Tanh // of the same name
		if of(&other) != nil {
			t.Error("an operator that is not Lathe's own has its code")
		}
		earlier = a
	})
}
