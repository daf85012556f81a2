package jit

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// habits are traps as training scripts have them: state that lives in Go beside the tensors, layers that share, replace or
// freeze parameters, losses that look at values.
func habits() []trap {
	draw := func(shape ...int) func(int) []tensor {
		return func(int) []tensor { return []tensor{eager.Randn(shape...)} }
	}
	return []trap{
		{"tied weights", func() world {
			e := nn.NewLinear(4, 4)
			opt := optim.NewAdam([]tensor{e.Weight}, optim.AdamOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := e.Forward(x).Tanh().MatMul(e.Weight).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, draw(3, 4), e.Params}
		}},
		{"a parameter is replaced", func() world {
			l, n := nn.NewLinear(3, 2), 0
			return world{func(x tensor) tensor {
				if n++; n%4 == 0 {
					l.Weight = eager.Full(float64(n), 2, 3).SetRequiresGrad(true)
				}
				y := l.Forward(x).Sum()
				y.Backward()
				return y
			}, draw(2, 3), func() []tensor { return []tensor{l.Weight, l.Bias} }}
		}},
		{"batch norm between training and use", func() world {
			b, n := nn.NewBatchNorm1D(3), 0
			return world{
				func(x tensor) tensor { n++; b.Train(n%3 != 1); return b.Forward(x) },
				func(i int) []tensor { return []tensor{eager.Randn(2+i%3, 3)} },
				func() []tensor { return append(b.Params(), b.RunningMean, b.RunningVar) },
			}
		}},
		{"a teacher by moving average", func() world {
			s, w := nn.NewLinear(3, 3), eager.Zeros(3, 3)
			return world{func(x tensor) tensor {
				eager.NoGrad(func() { w.Assign(w.Mul(0.9).Add(s.Weight.Mul(0.1))) })
				s.ZeroGrad()
				loss := s.Forward(x).Sub(x.MatMul(w)).Square().Mean()
				loss.Backward()
				eager.NoGrad(func() { s.Weight.Assign(s.Weight.Sub(s.Weight.Grad().Mul(0.1))) })
				return loss
			}, draw(2, 3), func() []tensor { return append(s.Params(), w) }}
		}},
		{"truncated back-propagation", func() world {
			c := nn.NewGRUCell(3, 4)
			h, n := eager.Zeros(2, 4), 0
			var loss tensor
			return world{func(x tensor) tensor {
				h = c.Step(x, h)
				if loss = h.Square().Sum(); n%3 == 2 {
					loss.Backward()
					h = h.Detach()
				}
				n++
				return loss
			}, draw(2, 3), func() []tensor { return append(c.Params(), h) }}
		}},
		{"a penalty on the gradient", func() world {
			w := eager.Randn(4).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				x = x.Clone().SetRequiresGrad(true)
				y := x.Mul(w).Tanh().Sum()
				g := eager.Grad([]tensor{y}, []tensor{x}, eager.GradOptions{CreateGraph: true})[0]
				loss := y.Add(g.Square().Sum().Sqrt().Sub(1).Square())
				w.ZeroGrad()
				loss.Backward()
				return loss
			}, draw(4), func() []tensor { return []tensor{w} }}
		}},
		{"a scaled loss that overflows", func() world {
			w, scale := eager.Ones(4).SetRequiresGrad(true), math.Exp2(126)
			return world{func(x tensor) tensor {
				w.ZeroGrad()
				w.Mul(x).Square().Sum().Mul(scale).Backward()
				if g := w.Grad(); math.IsInf(g.Abs().Max().Item(), 0) || math.IsNaN(g.Sum().Item()) {
					scale /= 4
				} else {
					eager.NoGrad(func() { w.Assign(w.Sub(g.Mul(0.1 / scale))) })
				}
				return w.Sum().Add(math.Log2(scale))
			}, draw(4), func() []tensor { return []tensor{w} }}
		}},
		{"the best value so far", func() world {
			best, kept := math.Inf(1), eager.Zeros(3)
			return world{func(x tensor) tensor {
				if v := x.Square().Sum().Item(); v < best {
					best, kept = v, x.Mul(2)
				}
				return kept.Add(best)
			}, draw(3), func() []tensor { return []tensor{kept} }}
		}},
		{"results of earlier calls are written to", func() world {
			last := eager.Zeros(4)
			return world{func(x tensor) tensor {
				y := x.Mul(2).Add(1)
				last.SetSlice(y.Sum(), 0, 0, 1)
				last = y
				return y
			}, draw(4), func() []tensor { return []tensor{last} }}
		}},
		{"a ring of states", func() world {
			ring, n := []tensor{eager.Ones(2), eager.Ones(2), eager.Ones(2)}, 0
			return world{func(x tensor) tensor {
				n++
				ring[n%3] = ring[(n+1)%3].Mul(0.5).Add(x)
				return eager.Stack(0, ring...).Sum(0)
			}, draw(2), func() []tensor { return ring }}
		}},
		{"a map of tensors", func() world {
			seen, n := map[int]tensor{}, 0
			return world{func(x tensor) tensor {
				n = (n*5 + 3) % 7
				if y, ok := seen[n]; ok {
					return y.Add(x)
				}
				seen[n] = x.Exp()
				return seen[n].Sum()
			}, draw(3), none}
		}},
		{"a guard against what is not a number", on(func(x tensor) tensor {
			y := x.Log()
			if math.IsNaN(y.Sum().Item()) {
				return x.Abs().Add(1e-3).Log()
			}
			return y
		}, 2)},
		{"deferred work", func() world {
			w := eager.Ones(3)
			return world{func(x tensor) (y tensor) {
				defer func() { w.Assign(w.Mul(0.5)); y = y.Add(w) }()
				return x.Mul(w)
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"an error after a write", func() world {
			w, n := eager.Ones(3), 0
			return world{func(x tensor) tensor {
				w.Assign(w.Add(x))
				if n++; n%3 == 0 {
					engine.Fail("test", "not this time")
				}
				return w.Mul(2)
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"hooks that come and go", func() world {
			w, n := eager.Ones(3).SetRequiresGrad(true), 0
			remove := func() {}
			return world{func(x tensor) tensor {
				if n++; n%4 == 1 {
					remove = w.OnGrad(func(g tensor) tensor { return g.Neg() })
				} else if n%4 == 3 {
					remove()
				}
				y := w.Mul(x).Sum()
				y.Backward()
				return y
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"another optimizer takes over", func() world {
			w, n := eager.Ones(3).SetRequiresGrad(true), 0
			adam := optim.NewAdam([]tensor{w}, optim.AdamOptions{LR: 0.1})
			sgd := optim.NewSGD([]tensor{w}, optim.SGDOptions{LR: 0.1, Momentum: 0.5})
			return world{func(x tensor) tensor {
				w.ZeroGrad()
				y := w.Mul(x).Square().Sum()
				y.Backward()
				if n++; n > 5 {
					sgd.Step()
				} else {
					adam.Step()
				}
				return y
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"an argument that is also a parameter", func() world {
			w := eager.Ones(3).SetRequiresGrad(true)
			n := 0
			return world{func(x tensor) tensor { y := w.Mul(x).Sum(); y.Backward(); return y }, func(int) []tensor {
				if n++; n%3 == 0 {
					return []tensor{w}
				}
				return []tensor{eager.Randn(3)}
			}, func() []tensor { return []tensor{w} }}
		}},
		{"an argument that needs a gradient at times", func() world {
			l := nn.NewLinear(3, 2)
			return world{func(x tensor) tensor { y := l.Forward(x).Square().Sum(); y.Backward(); return y }, func(i int) []tensor {
				return []tensor{eager.Randn(2, 3).SetRequiresGrad(i%2 == 1)}
			}, l.Params}
		}},
		{"a mask grows with the epoch", func() world {
			n := 0
			return world{func(x tensor) tensor {
				n++
				return eager.Where(eager.Arange(0, 6, 1).Lt(float64(n)), x, -1e9).Softmax(0)
			}, draw(6), none}
		}},
		{"rows chosen by their loss", on(func(x tensor) tensor {
			loss := x.Square().Sum(1)
			top, at := loss.TopK(2, 0)
			return x.IndexSelect(0, at).Mul(top.Unsqueeze(1))
		}, 5, 3)},
		{"groups by a label that is computed", on(func(x tensor) tensor {
			label := x.Gt(0).To(eager.I64)
			return eager.Zeros(2).ScatterAdd(0, label, x)
		}, 7)},
		{"a number without axes", func() world {
			s := eager.Full(2)
			return world{
				func(x tensor) tensor { s.Assign(s.Mul(0.5).Add(x.Mean())); return s.Mul(x) }, draw(3),
				func() []tensor { return []tensor{s} },
			}
		}},
		{"noise that follows the schedule", func() world {
			n := 0
			return world{func(x tensor) tensor {
				n++
				return x.Add(eager.Randn(4).Mul(1 / float64(n)))
			}, draw(4), none}
		}},
		{"a seed between calls", func() world {
			d := nn.NewDropout(0.5)
			return world{d, func(i int) []tensor {
				x := eager.Ones(16)
				eager.Seed(uint64(i % 3))
				return []tensor{x}
			}, none}
		}},
		{"a layer is skipped by chance", func() world {
			l := nn.NewLinear(3, 3)
			return world{func(x tensor) tensor {
				if eager.Rand(1).Item() < 0.5 {
					return x.Add(l.Forward(x).Tanh())
				}
				return x
			}, draw(2, 3), l.Params}
		}},
		{"iteration to a fixed point", on(func(x tensor) tensor {
			z := x.Mul(0)
			for range 50 {
				next := z.Mul(0.5).Add(x).Tanh()
				done := next.Sub(z).Abs().Max().Item() < 1e-4
				if z = next; done {
					break
				}
			}
			return z
		}, 3)},
	}
}
