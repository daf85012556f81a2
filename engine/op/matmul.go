package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// MatMul is the matrix product.
var MatMul = Register(&Def{
	Name: "MatMul", Doc: "MatMul returns the matrix product x·y.\n" +
		"x: [… m k], y: [… k n] → [… m n], any numbers; leading axes broadcast; both have at least " +
		"two axes. k = 0 gives zeros. 2·m·k·n operations. Agrees with torch.matmul.",
	Inputs: []string{"x", "y"}, Outputs: []string{"z"}, Promote: ToCommon, Takes: []Kinds{Numbers | Complexes},
	Saves: SaveIn, Cases: func() []Case { return matMulCases() }, Rule: matMulRule, Grad: matMulGrad,
	Tol: Tolerance{Rel32: 2e-5, Rel64: 1e-11, Reason: "the order of the k additions is free"},
	CPU: func(_ Attrs, out, in []engine.Array) {
		check("MatMul", cpu.MatMul(out[0], in[0], in[1], cpu.Epilogue{}))
	},
})

func matMulRule(_ Attrs, in []Type) ([]Type, error) {
	x, y := in[0].Shape, in[1].Shape
	nx, ny := len(x), len(y)
	if nx < 2 || ny < 2 {
		return nil, fmt.Errorf("operands need at least two axes")
	}
	if x[nx-1] != y[ny-2] {
		return nil, fmt.Errorf("inner axes differ, %d and %d", x[nx-1], y[ny-2])
	}
	batch, err := engine.Broadcast(x[:nx-2], y[:ny-2])
	if err != nil {
		return nil, fmt.Errorf("leading axes: %w", err)
	}
	return []Type{{DType: in[0].DType, Shape: append(batch, x[nx-2], y[ny-1])}}, nil
}

// matMulGrad is dx = dz·yᵀ and dy = xᵀ·dz; the walk sums over leading axes that were broadcast.
func matMulGrad(b Builder, c *Call) []Value {
	x, y, dz := c.In[0], c.In[1], c.DOut[0]
	g := make([]Value, 2)
	if c.Wants(0) {
		g[0] = b.Apply(prim.matMul, nil, dz, swap(b, conj(b, y)))[0]
	}
	if c.Wants(1) {
		if len(y.Type().Shape) == 2 { // one product over all rows instead of a sum over batches
			x, dz = rows(b, x), rows(b, dz)
		}
		g[1] = b.Apply(prim.matMul, nil, swap(b, conj(b, x)), dz)[0]
	}
	return g
}

// rows joins all axes but the last.
func rows(b Builder, x Value) Value {
	s := x.Type().Shape
	n := len(s) - 1
	return reshape(b, x, engine.Shape{s[:n].Numel(), s[n]})
}

func matMulCases() []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64, engine.I64} {
		for _, p := range [][2]engine.Shape{
			{{3, 4}, {4, 5}},
			{{1, 1}, {1, 1}},
			{{17, 33}, {33, 35}},
			{{1, 70}, {70, 3}},
			{{2, 3, 4}, {4, 5}},
			{{2, 1, 3, 4}, {3, 4, 2}},
			{{3, 0}, {0, 2}},
			{{0, 3}, {3, 2}},
		} {
			cases = append(cases, Case{
				Name: fmt.Sprintf("%v%v·%v", t, p[0], p[1]), Lo: -2, Hi: 2,
				In: []Type{{DType: t, Shape: p[0]}, {DType: t, Shape: p[1]}},
			})
		}
	}
	return append(cases, Case{
		Name: "large, differences take long", NoGrad: true,
		In: []Type{
			{DType: engine.F32, Shape: engine.Shape{2, 131, 257}}, {DType: engine.F32, Shape: engine.Shape{257, 129}},
		},
	})
}
