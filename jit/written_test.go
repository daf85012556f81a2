package jit

import "github.com/lathe-ml/lathe/eager"

// written are functions that change tensors which require gradients.
func written() []trap {
	trained := func(f func(w, x tensor) tensor) func() world {
		return func() world {
			w := eager.Of(0.5, 1, 2, 3).SetRequiresGrad(true)
			return world{
				func(x tensor) tensor {
					w.ZeroGrad()
					y := f(w, x)
					y.Square().Sum().Backward()
					return y
				},
				func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} },
			}
		}
	}
	return []trap{
		{"a result is changed", trained(func(w, x tensor) tensor { return w.Mul(x).AddInPlace(1).MulInPlace(w) })},
		{"a saved operand is copied", trained(func(w, x tensor) tensor { return w.Mul(x).SinInPlace().MulInPlace(w) })},
		{"a saved result is the tensor", trained(func(w, x tensor) tensor { return w.Mul(x).TanhInPlace() })},
		{"a part is changed", trained(func(w, x tensor) tensor {
			y := w.Square()
			y.Slice(0, 1, 3).MulInPlace(x.Slice(0, 0, 2))
			return y
		})},
		{"rows are filled", trained(func(w, x tensor) tensor {
			m := eager.Zeros(3, 4)
			for i := range 3 {
				m.SetIndex(w.Mul(x).Add(float64(i)), i)
			}
			return m.Sum(0)
		})},
		{"a mask is filled", trained(func(w, x tensor) tensor {
			y := w.Mul(x)
			y.SetMask(2, x.Gt(0))
			return y.Mul(w)
		})},
		{"a tensor from outside is written to", func() world {
			w, state := eager.Of(0.5, 1, 2).SetRequiresGrad(true), eager.Ones(3)
			return world{
				func(x tensor) tensor {
					h := state.Clone()
					h.Slice(0, 0, 2).MulInPlace(w.Slice(0, 0, 2)).AddInPlace(x.Slice(0, 1, 3))
					h.Sum().Backward()
					state.Assign(h.Detach().Tanh())
					return h
				},
				func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{w, state} },
			}
		}},
	}
}
