package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestCrossEntropyIsThatOfItsFormulaForAnyRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 60 {
			rows, n := 1+r.IntN(40), 1+r.IntN(70)
			x := random(r, engine.F32, engine.Shape{rows, n}, func() float64 { return 4 * r.NormFloat64() })
			wild := r.IntN(rows)
			if r.IntN(3) == 0 {
				x.Slice(0, wild, wild+1, 1).Slice(1, 0, 1, 1).F32()[0] = float32(math.NaN())
			}
			labels := engine.NewArray(engine.I64, engine.Shape{rows})
			for i := range rows {
				labels.I64()[i] = int64(r.IntN(n))
			}
			// Every third element of a longer array, from its beginning or its end, or one for all rows.
			strided := func() engine.Array {
				a := engine.NewArray(engine.F32, engine.Shape{3 * rows})
				must(Normal(a, engine.Generator{Seed: r.Uint64()}, 0, 1))
				if r.IntN(2) == 0 {
					return a.Slice(0, 0, 3*rows, 3)
				}
				return a.Slice(0, 3*rows-1, -1, -3)
			}
			loss, dy := strided(), strided()
			if r.IntN(3) == 0 {
				dy.Strides[0] = 0
			}
			dx := engine.NewArray(engine.F32, x.Shape)
			must(CrossEntropy(loss, x, labels))
			must(CrossEntropyGrad(dx, dy, x, labels, 0.25))
			xs, up := values(x), values(dy)
			want, grad := make([]float64, rows), make([]float64, rows*n)
			for i := range rows {
				sum, own := 0.0, int(labels.I64()[i])
				for _, v := range xs[i*n:][:n] {
					sum += math.Exp(v)
				}
				want[i] = math.Log(sum) - xs[i*n+own]
				for j, v := range xs[i*n:][:n] {
					p := math.Exp(v) / sum
					if j == own {
						p--
					}
					grad[i*n+j] = 0.25 * up[i] * p
				}
			}
			compare(t, "loss "+describe(loss, x), values(loss), want, 2e-6)
			compare(t, "gradient "+describe(dx, dy, x), values(dx), grad, 2e-6)
		}
	})
}
