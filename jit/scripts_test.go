package jit

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// scripts are more traps of training scripts: schedules in Go variables, nested regions without a tape, views across calls,
// work that stops half-way and is tried again.
func scripts() []trap {
	draw := func(shape ...int) func(int) []tensor {
		return func(int) []tensor { return []tensor{eager.Randn(shape...)} }
	}
	// learning is a world with one parameter of three elements and the number of the call.
	learning := func(f func(w, x tensor, n int) tensor) func() world {
		return func() world {
			w, n := eager.New([]float32{1, -2, 0.5}).SetRequiresGrad(true), 0
			return world{func(x tensor) tensor { n++; return f(w, x, n) }, draw(3), func() []tensor { return []tensor{w} }}
		}
	}
	return []trap{
		{"a rate from a Go variable", func() world {
			w, rate := eager.Ones(3).SetRequiresGrad(true), 0.2
			return world{func(x tensor) tensor {
				w.ZeroGrad()
				loss := w.Sub(x).Square().Sum()
				loss.Backward()
				eager.NoGrad(func() { w.Assign(w.Sub(w.Grad().Mul(rate))) })
				rate *= 0.9
				return loss
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"a rate that is set", func() world {
			l, n := nn.NewLinear(3, 2), 0
			opt := optim.NewSGD(l.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				if n++; n%3 == 0 {
					opt.SetLR(opt.LR() / 2)
				}
				opt.ZeroGrad()
				loss := l.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, draw(4, 3), l.Params}
		}},
		{"gradients kept for three calls", func() world {
			l, n := nn.NewLinear(3, 2), 0
			opt := optim.NewAdam(l.Params(), optim.AdamOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				loss := l.Forward(x).Square().Mean().Mul(1. / 3)
				loss.Backward()
				if n++; n%3 == 0 {
					opt.Step()
					opt.ZeroGrad()
				}
				return loss
			}, draw(4, 3), l.Params}
		}},
		{"a norm decides whether to clip", learning(func(w, x tensor, _ int) tensor {
			w.ZeroGrad()
			y := w.Mul(x).Square().Sum()
			y.Backward()
			if norm := w.Grad().Norm().Item(); norm > 1 {
				w.Grad().Assign(w.Grad().Mul(1 / norm))
			}
			return y.Add(w.Grad().Sum())
		})},
		{"regions without a tape, nested", learning(func(w, x tensor, _ int) tensor {
			var a, b tensor
			eager.NoGrad(func() {
				a = w.Mul(x)
				eager.EnableGrad(func() { b = w.Square() })
				a = a.Add(w)
			})
			y := a.Add(b).Sum()
			y.Backward()
			return y
		})},
		{"a parameter is frozen at times", learning(func(w, x tensor, n int) tensor {
			w.SetRequiresGrad(n%3 != 0)
			y := w.Mul(x).Sum().Add(x.Sum())
			if n%3 != 0 {
				y.Backward()
			}
			return y
		})},
		{"a second derivative", learning(func(w, x tensor, _ int) tensor {
			y := w.Mul(x).Sin().Sum()
			g := eager.Grad([]tensor{y}, []tensor{w}, eager.GradOptions{CreateGraph: true})[0]
			h := eager.Grad([]tensor{g.Square().Sum()}, []tensor{w}, eager.GradOptions{})[0]
			return h.Add(g.Detach())
		})},
		{"backward on two losses of one part", learning(func(w, x tensor, _ int) tensor {
			h := w.Mul(x)
			a, b := h.Sum(), w.Square().Sum()
			a.Backward()
			b.Backward()
			return a.Sub(b)
		})},
		{"backward twice is an error or is not", learning(func(w, x tensor, n int) tensor {
			y := w.Mul(x).Exp().Sum()
			y.Backward()
			if n%3 == 0 && engine.Catch(func() { y.Backward() }) != nil {
				return y.Neg()
			}
			return y
		})},
		{"half-way, and again", func() world {
			w, n := eager.Ones(3), 0
			return world{func(x tensor) tensor {
				n++
				for try := 0; ; try++ {
					err := engine.Catch(func() {
						w.Assign(w.Mul(0.5).Add(x))
						if n%3 == 1 && try == 0 {
							engine.Fail("test", "once more")
						}
					})
					if err == nil {
						return w.Add(float64(try))
					}
				}
			}, draw(3), func() []tensor { return []tensor{w} }}
		}},
		{"a view is written to in each call", func() world {
			w := eager.Zeros(4, 3)
			row, n := w.Slice(0, 1, 3), 0
			return world{func(x tensor) tensor {
				n++
				row.SetSlice(x.Mul(float64(n)), 0, n%2, n%2+1)
				return w.T().Sum(0)
			}, draw(1, 3), func() []tensor { return []tensor{w, row} }}
		}},
		{"a transposed view of what is assigned", func() world {
			w := eager.Ones(2, 3)
			view := w.T()
			return world{func(x tensor) tensor {
				before := view.Mul(1)
				w.Assign(w.Add(x))
				return view.Sub(before).Add(view)
			}, draw(2, 3), func() []tensor { return []tensor{w, view} }}
		}},
		{"the caller writes to an argument after the call", func() world {
			buffer, last := eager.Zeros(3), eager.Zeros(3)
			return world{func(x tensor) tensor {
				y := last.Add(x)
				last = x.Mul(2)
				return y
			}, func(i int) []tensor {
				buffer.Assign(eager.Randn(3).Add(float64(i)))
				return []tensor{buffer}
			}, func() []tensor { return []tensor{last, buffer} }}
		}},
		{"the argument itself is kept", func() world {
			buffer, kept := eager.Zeros(3), eager.Ones(3)
			return world{func(x tensor) tensor {
				y := kept.Mul(2).Add(x)
				kept = x
				return y
			}, func(int) []tensor {
				buffer.Assign(eager.Randn(3))
				return []tensor{buffer}
			}, func() []tensor { return []tensor{kept} }}
		}},
		{"nothing along an axis", func() world {
			return world{func(x tensor) tensor {
				return eager.Concat(0, x.Mul(2), x.Sum(0).Unsqueeze(0))
			}, func(i int) []tensor { return []tensor{eager.Randn(i%3, 4)} }, none}
		}},
		{"a literal by the sign of a value", on(func(x tensor) tensor {
			if x.Index(0).Item() > 0 {
				return x.Mul(eager.New([]float32{1, 2, 3}))
			}
			return x.Mul(eager.New([]float32{3, 2, 1}))
		}, 3)},
		{"doubles and halves in turn", func() world {
			types := []any{engine.F32, engine.F64, engine.F16, engine.BF16}
			return world{func(x tensor) tensor {
				return x.Mul(x).Add(1).To(engine.F32).Sqrt()
			}, func(i int) []tensor {
				return []tensor{eager.Arange(-2, 2, 1).To(types[i%len(types)])}
			}, none}
		}},
		{"training in a function of mode and rate", func() world {
			d, n := nn.NewDropout(0.25), 0
			return world{func(x tensor) tensor {
				n++
				d.Train(n%2 == 0)
				return d.Forward(x).Mul(math.Pow(0.5, float64(n/4)))
			}, draw(16), none}
		}},
		{"parts of a split in an order that changes", func() world {
			n := 0
			return world{func(x tensor) tensor {
				n++
				parts := x.Split(0, 2)
				for i := range parts {
					parts[i] = parts[(i+n)%len(parts)].Add(float64(i))
				}
				return eager.Concat(0, parts...)
			}, draw(6), none}
		}},
		{"two methods share a cache", func() world {
			var cache tensor
			double := func(x tensor) tensor {
				if cache == nil || cache.Sum().Item() < 0 {
					cache = x.Mul(2)
				}
				return cache
			}
			return world{func(x tensor) tensor {
				y := double(x).Add(x)
				if y.Max().Item() > 2 {
					cache = nil
				}
				return double(x.Neg()).Mul(y)
			}, draw(3), none}
		}},
	}
}
