package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

func TestStreamedResultsAreTheSame(t *testing.T) {
	old := streamFrom
	defer func() { streamFrom = old }()
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for range 8 {
			n := grain + r.IntN(3*grain) // shorter ones are not cut into chunks
			place := func(dt engine.DType) engine.Array {
				a := engine.NewArray(dt, engine.Shape{n + 40})
				must(Uniform(a, engine.Generator{Seed: r.Uint64()}, 0.5, 3))
				lo := r.IntN(40)
				return a.Slice(0, lo, lo+n, 1)
			}
			x, y, x64 := place(engine.F32), place(engine.F32), place(engine.F64)
			cond := engine.NewArray(engine.Bool, x.Shape)
			must(Gt.Run(cond, x, y))
			for name, f := range map[string]func(d engine.Array){
				"add":   func(d engine.Array) { must(Add.Run(d, x, y)) },
				"exp":   func(d engine.Array) { must(Exp.Run(d, x)) },
				"copy":  func(d engine.Array) { must(Copy(d, x)) },
				"where": func(d engine.Array) { must(Where(d, cond, x, y)) },
				"cast":  func(d engine.Array) { must(Copy(d, x64)) },
			} {
				streamFrom = old
				want := engine.NewArray(engine.F32, x.Shape)
				f(want)
				streamFrom = 0
				d := place(engine.F32)
				f(d)
				compare(t, fmt.Sprint(name, " ", describe(d)), values(d), values(want), 0)
			}
		}
	})
}
