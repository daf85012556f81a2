package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine/op"
)

// Traps of functions that change storage, or differentiate.

func inPlace() []trap {
	stateful := func(f func(w, x tensor) tensor) func() world {
		return func() world {
			w := eager.Of(1, 2, 3, 4)
			return world{
				func(x tensor) tensor { return f(w, x) },
				func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} },
			}
		}
	}
	return []trap{
		{"assign", stateful(func(w, x tensor) tensor { y := w.Mul(x); w.Assign(x); return y })},
		{"assign then read", stateful(func(w, x tensor) tensor { w.Assign(w.Mul(0.5).Add(x)); return w.Sum() })},
		{"assign twice", stateful(func(w, x tensor) tensor {
			w.Assign(x)
			a := w.Mul(2)
			w.Assign(a.Add(w))
			return a.Sub(w)
		})},
		{"swap", func() world {
			a, b := eager.Ones(3), eager.Zeros(3)
			return world{func(x tensor) tensor {
				old := a.Clone()
				a.Assign(b)
				b.Assign(old.Add(x))
				return a.Add(b)
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{a, b} }}
		}},
		{"assign a part", stateful(func(w, x tensor) tensor { w.SetSlice(x.Sum(), 0, 1, 3); return w.Mul(2) })},
		{"assign an element of a result", on(func(x tensor) tensor {
			y := x.Mul(2)
			y.SetIndex(5, 1)
			return y.Add(1)
		}, 4)},
		{"assign through a view", stateful(func(w, x tensor) tensor {
			v := w.Reshape(2, 2).T()
			v.Assign(x.Reshape(2, 2))
			return w.Add(v.Reshape(4))
		})},
		{"view read after a change", stateful(func(w, x tensor) tensor {
			v := w.Slice(0, 1, 3)
			w.Assign(x)
			return v.Mul(2)
		})},
		{"view of the past", stateful(func(w, x tensor) tensor {
			before := w.Slice(0, 0, 2).Mul(1)
			w.Assign(w.Add(x))
			return before.Add(w.Slice(0, 2, 4))
		})},
		{"row after row", func() world {
			m := eager.Zeros(3, 4)
			return world{func(x tensor) tensor {
				for i := range 3 {
					m.SetIndex(x.Mul(float64(i)), i)
				}
				return m.Sum(0)
			}, func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{m} }}
		}},
		{"argument changed", func() world {
			return world{
				func(x tensor) tensor { x.Assign(x.Mul(2)); return x.Sum() },
				func(int) []tensor { return []tensor{eager.Randn(4)} }, none,
			}
		}},
		{"argument returned", on(func(x tensor) tensor { x.Mul(2).Sum(); return x }, 3)},
		{"type converted", func() world {
			w := eager.FromInts([]int{1, 2, 3})
			return world{
				func(x tensor) tensor { w.Assign(x.Mul(10)); return w.Add(x) },
				func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{w} },
			}
		}},
		{"update in place of a shared tensor", stateful(func(w, x tensor) tensor {
			eager.ApplyInPlace(op.SGDUpdate, op.SGDAttrs{LR: 0.1}, w, w, x)
			return w.Mul(2)
		})},
		{"change by condition", stateful(func(w, x tensor) tensor {
			if x.Sum().Item() > 0 {
				w.Assign(w.Add(x))
			}
			return w.Sum()
		})},
		{"change in a loop", stateful(func(w, x tensor) tensor {
			for range 3 {
				w.Assign(w.Mul(0.5).Add(x))
			}
			return w
		})},
		{"self assign", stateful(func(w, x tensor) tensor { w.Assign(w); w.Assign(w.Slice(0, 0, 1)); return w.Add(x) })},
		{"data replaced", stateful(func(w, x tensor) tensor { w.SetData(x.Mul(2)); return w.Add(1) })},
	}
}

func tape() []trap {
	trained := func(f func(w, x tensor) tensor) func() world {
		return func() world {
			w := eager.Of(1, 2, 3, 4).SetRequiresGrad(true)
			return world{
				func(x tensor) tensor { return f(w, x) },
				func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} },
			}
		}
	}
	return []trap{
		{"gradients accumulate", trained(func(w, x tensor) tensor { y := w.Mul(x).Sum(); y.Backward(); return y })},
		{"gradients cleared at times", trained(func(w, x tensor) tensor {
			y := w.Mul(x).Sum()
			if y.Item() > 0 {
				w.ZeroGrad()
			}
			y.Backward()
			return y
		})},
		{"a result that is differentiated later", trained(func(w, x tensor) tensor { return w.Mul(x).Exp() })},
		{"second derivatives", trained(func(w, x tensor) tensor {
			y := w.Mul(w).Mul(x).Sum()
			g := eager.Grad([]tensor{y}, []tensor{w}, eager.GradOptions{CreateGraph: true})[0]
			g.Mul(g).Sum().Backward()
			return g
		})},
		{"a hook that counts", func() world {
			w, n := eager.Of(1, 2).SetRequiresGrad(true), 0
			w.OnGrad(func(g tensor) tensor { n++; return g.Mul(float64(n)) })
			return world{
				func(x tensor) tensor { y := w.Mul(x).Sum(); y.Backward(); return y },
				func(int) []tensor { return []tensor{eager.Randn(2)} }, func() []tensor { return []tensor{w} },
			}
		}},
		{"clipping by a norm that Go reads", trained(func(w, x tensor) tensor {
			w.ZeroGrad()
			w.Mul(x).Square().Sum().Backward()
			if n := w.Grad().Norm().Item(); n > 1 {
				w.ScaleGrad(1 / n)
			}
			eager.NoGrad(func() { w.Assign(w.Sub(w.Grad().Mul(0.1))) })
			return w.Sum()
		})},
		{"a schedule", func() world {
			w, n := eager.Of(1, 2).SetRequiresGrad(true), 0
			opt := optim.NewAdam([]tensor{w}, optim.AdamOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				n++
				opt.SetLR(0.1 / float64(n))
				opt.ZeroGrad()
				y := w.Mul(x).Square().Sum()
				y.Backward()
				opt.Step()
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(2)} }, func() []tensor { return []tensor{w} }}
		}},
		{"an optimizer of operators", func() world {
			w := eager.Of(1, 2).SetRequiresGrad(true)
			opt := optim.NewRAdam([]tensor{w}, optim.AdamOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				y := w.Mul(x).Square().Sum()
				y.Backward()
				opt.Step()
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(2)} }, func() []tensor { return []tensor{w} }}
		}},
		{"a step every other call", func() world {
			w, n := eager.Of(1, 2).SetRequiresGrad(true), 0
			opt := optim.NewSGD([]tensor{w}, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				y := w.Mul(x).Square().Sum()
				y.Backward()
				if n++; n%2 == 0 {
					opt.Step()
					opt.ZeroGrad()
				}
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(2)} }, func() []tensor { return []tensor{w} }}
		}},
		{"frozen at times", func() world {
			l, n := nn.NewLinear(3, 2), 0
			return world{func(x tensor) tensor {
				n++
				l.Weight.SetRequiresGrad(n%2 == 0)
				y := l.Forward(x).Sum()
				y.Backward()
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(2, 3)} }, func() []tensor { return l.Params() }}
		}},
	}
}

func aliases() []trap {
	return []trap{
		{"memory that Go writes", func() world {
			data := []float32{1, 2, 3}
			w := eager.FromFloat32s(data)
			return world{
				func(x tensor) tensor { y := x.Mul(w); data[0] += 5; return y.Add(w) },
				func(int) []tensor { return []tensor{eager.Randn(3)} }, none,
			}
		}},
		{"an argument that Go writes", func() world {
			data := []float32{1, 2, 3}
			return world{
				func(x tensor) tensor { y := x.Mul(2); data[1]++; return y },
				func(int) []tensor { return []tensor{eager.FromFloat32s(data)} }, none,
			}
		}},
		{"memory of a result", on(func(x tensor) tensor {
			y := x.Mul(2)
			y.Array().F32()[0] = 7
			return y.Add(1)
		}, 3)},
		{"memory read after a change", func() world {
			w := eager.Of(1, 2, 3)
			s := w.Array().F32()
			return world{
				func(x tensor) tensor { w.Assign(x); return x.Mul(float64(s[0])) },
				func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{w} },
			}
		}},
		{"one tensor twice", func() world {
			return world{func(x, y tensor) tensor { x.Assign(x.Add(1)); return x.Mul(y) }, func(i int) []tensor {
				x, y := eager.Randn(3), eager.Randn(3)
				if i%2 == 0 {
					y = x
				}
				return []tensor{x, y}
			}, none}
		}},
		{"a view as the other argument", func() world {
			return world{func(x, y tensor) tensor { x.Assign(x.Add(1)); return x.Sum().Mul(y) }, func(i int) []tensor {
				x := eager.Randn(4)
				return []tensor{x, x.Slice(0, 1, 3)}
			}, none}
		}},
		{"detached", on(func(x tensor) tensor {
			y := x.Exp()
			d := y.Detach()
			d.Assign(0)
			return y.Add(1)
		}, 3)},
		{"transposed and changed", on(func(x tensor) tensor {
			y := x.Mul(2)
			y.T().SetIndex(9, 0)
			return y
		}, 3, 2)},
		{"results that share storage", on(func(x tensor) []tensor {
			y := x.Mul(2)
			return []tensor{y, y.T(), y.Reshape(6)}
		}, 3, 2)},
		{"big memory that Go writes", func() world {
			data := make([]float32, 300_000)
			w := eager.FromFloat32s(data)
			return world{
				func(x tensor) tensor { y := w.Add(1).Sum(); data[5] = data[5] + 3; return y.Add(w.Sum()) },
				func(int) []tensor { return []tensor{eager.Randn(1)} }, none,
			}
		}},
	}
}
