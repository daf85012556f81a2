package cpu

import (
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestGradientOfAttentionOverQueriesWithoutColumns(t *testing.T) {
	eachLevel(t, func(t *testing.T, _ *rand.Rand) {
		a := Attention{
			Q: engine.NewArray(engine.F32, engine.Shape{1, 1, 5, 0}), Scale: 1,
			K: engine.NewArray(engine.F32, engine.Shape{1, 1, 264, 0}),
			V: engine.Zeros(engine.F32, engine.Shape{1, 1, 264, 2}),
		}
		dq, dk := engine.NewArray(engine.F32, a.Q.Shape), engine.NewArray(engine.F32, a.K.Shape)
		dv := engine.NewArray(engine.F32, a.V.Shape)
		dy := engine.NewArray(engine.F32, engine.Shape{1, 1, 5, 2})
		must(Fill(dy, 264))
		lse := engine.Zeros(engine.F32, engine.Shape{1, 1, 5})
		delta := engine.Zeros(engine.F32, engine.Shape{1, 1, 5})
		must(a.Backward(dq, dk, dv, dy, lse, delta))
		for i, v := range dv.F32() {
			if v != 5*264 { // each query has weight exp(0 − 0) for each key
				t.Fatalf("element %d of the values' gradient is %v, want %v", i, v, 5*264)
			}
		}
	})
}
