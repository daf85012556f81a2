package jit

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/amp"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// Trainings as people write them, whose Go code decides from values, keeps tensors between steps or has
// more than one optimizer. Compiled, every value of every step is eager mode's.
func TestTrainingsThatDecideAreEqual(t *testing.T) {
	for _, c := range trainings() {
		t.Run(c.name, func(t *testing.T) {
			if f := same(t, 14, 2e-4, c.make); f.stats.programs == 0 {
				t.Error("nothing ran by a program: " + Explain(f))
			}
		})
	}
}

func perceptron(sizes ...int) *nn.Sequential {
	net := nn.NewSequential()
	for i := range len(sizes) - 1 {
		if i > 0 {
			net.Append(nn.NewTanh())
		}
		net.Append(nn.NewLinear(sizes[i], sizes[i+1]))
	}
	return net
}

// states returns what nets hold.
func states(nets ...nn.Module) func() []tensor {
	return func() (all []tensor) {
		for _, m := range nets {
			all = append(append(all, m.Self().Params()...), m.Self().Buffers()...)
		}
		return all
	}
}

// samples draws a batch of standard normal rows for each call.
func samples(shape ...int) func(int) []tensor {
	return func(int) []tensor { return []tensor{eager.Randn(shape...)} }
}

func trainings() []trap {
	return append(decisions(), memories()...)
}

func decisions() []trap {
	return []trap{
		{"adversaries in turns", func() world {
			g, d := perceptron(3, 8, 2), perceptron(2, 8, 1)
			og, od := optim.NewAdam(g.Params()), optim.NewAdam(d.Params(), optim.AdamOptions{LR: 2e-3})
			return world{func(x tensor) []tensor {
				z := eager.Randn(6, 3)
				od.ZeroGrad()
				fake := g.Forward(z)
				ld := nn.BCEWithLogits(d.Forward(x), eager.Ones(6, 1)).Add(nn.BCEWithLogits(d.Forward(fake.Detach()), eager.Zeros(6, 1)))
				ld.Backward()
				od.Step()
				if ld.Item() > 1.39 {
					return []tensor{ld}
				}
				og.ZeroGrad()
				lg := nn.BCEWithLogits(d.Forward(fake), eager.Ones(6, 1))
				lg.Backward()
				og.Step()
				return []tensor{ld, lg}
			}, samples(6, 2), states(g, d)}
		}},
		{"gradient penalty", func() world {
			d := perceptron(3, 8, 1)
			opt := optim.NewRMSprop(d.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				e := eager.Rand(x.Size(0), 1)
				mixed := x.Mul(e).Add(eager.Randn(5, 3).Mul(eager.Ones(5, 1).Sub(e))).Detach().SetRequiresGrad(true)
				g := eager.Grad([]tensor{d.Forward(mixed).Sum()}, []tensor{mixed}, eager.GradOptions{CreateGraph: true})[0]
				loss := d.Forward(x).Mean().Add(g.Norm(1).Sub(1).Square().Mean().Mul(10))
				loss.Backward()
				opt.Step()
				return loss
			}, samples(5, 3), states(d)}
		}},
		{"steps skipped when a loss is not finite", func() world {
			net, n, skipped := perceptron(3, 4, 1), 0, 0
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				if n++; n%4 == 0 {
					loss = loss.Div(0).Sub(loss.Div(0))
				}
				if v := loss.Item(); math.IsNaN(v) || math.IsInf(v, 0) {
					skipped++
					return eager.Full(float64(skipped), 1)
				}
				loss.Backward()
				optim.ClipGradNorm(net.Params(), 0.5)
				opt.Step()
				return loss
			}, samples(4, 3), states(net)}
		}},
		{"accumulated over a window that changes", func() world {
			net, n, window := perceptron(3, 4, 2), 0, 1
			opt := optim.NewAdamW(net.Params())
			return world{func(x tensor) tensor {
				loss := net.Forward(x).LogSoftmax(1).Slice(1, 0, 1).Mean().Neg().Div(float64(window))
				loss.Backward()
				if n++; n >= window {
					opt.Step()
					opt.ZeroGrad()
					n, window = 0, window%4+1
				}
				return loss
			}, samples(4, 3), states(net)}
		}},
		{"scaled losses that overflow at times", func() world {
			net, n := perceptron(3, 4, 1), 0
			opt, s := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05}), amp.NewScaler(amp.ScalerOptions{})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				if n++; n%5 == 0 {
					loss = loss.Mul(math.Inf(1))
				}
				s.Scale(loss).Backward()
				s.Unscale(opt)
				s.Step(opt)
				s.Update()
				return eager.Full(s.Factor(), 1)
			}, samples(4, 3), states(net)}
		}},
		{"a rate that follows the loss", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Nesterov: true, Momentum: 0.8})
			p := optim.NewPlateau(opt, optim.PlateauOptions{Patience: 1, Factor: 0.5})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Sub(1).Square().Mean()
				loss.Backward()
				opt.Step()
				p.Step(loss.Item())
				return loss
			}, samples(4, 3), states(net)}
		}},
		{"a closure that is computed again", func() world {
			net := perceptron(2, 4, 1)
			opt := optim.NewLBFGS(net.Params(), optim.LBFGSOptions{LR: 0.5})
			return world{func(x tensor) tensor {
				return opt.StepWith(func() tensor {
					opt.ZeroGrad()
					loss := net.Forward(x).Sub(x.Sum(1).Unsqueeze(1)).Square().Mean()
					loss.Backward()
					return loss
				})
			}, samples(5, 2), states(net)}
		}},
		{"policy gradient with sampled actions", func() world {
			net := perceptron(4, 8, 3)
			opt, baseline := optim.NewAdam(net.Params()), 0.0
			return world{func(x tensor) tensor {
				logp := net.Forward(x).LogSoftmax(1)
				a := logp.Detach().Exp().Multinomial(1, true)
				reward := 0.0
				for _, k := range a.Ints() {
					reward += float64(k)
				}
				baseline = 0.9*baseline + 0.1*reward
				opt.ZeroGrad()
				loss := logp.Gather(1, a).Mean().Mul(-(reward - baseline))
				loss.Backward()
				opt.Step()
				return loss
			}, samples(6, 4), states(net)}
		}},
		{"layers frozen and thawed", func() world {
			a, b := perceptron(3, 4, 4), perceptron(4, 2)
			opt, n := optim.NewAdam(append(a.Params(), b.Params()...)), 0
			return world{func(x tensor) tensor {
				if n++; n%6 == 3 {
					a.Freeze()
				} else if n%6 == 0 {
					a.Unfreeze()
				}
				opt.ZeroGrad()
				loss := b.Forward(a.Forward(x)).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 3), states(a, b)}
		}},
		{"a depth that is drawn", func() world {
			blocks := []*nn.Sequential{perceptron(4, 4), perceptron(4, 4), perceptron(4, 4)}
			all := append(append(blocks[0].Params(), blocks[1].Params()...), blocks[2].Params()...)
			opt := optim.NewSGD(all, optim.SGDOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				for _, b := range blocks {
					if eager.Rand(1).Item() < 0.5 {
						x = x.Add(b.Forward(x).Tanh())
					}
				}
				loss := x.Square().Mean()
				if loss.RequiresGrad() {
					loss.Backward()
				}
				opt.Step()
				return loss
			}, samples(3, 4), states(blocks[0], blocks[1], blocks[2])}
		}},
		{"two modes in one step", func() world {
			net := nn.NewSequential(nn.NewLinear(4, 6), nn.NewBatchNorm1D(6), nn.NewReLU(), nn.NewDropout(0.4), nn.NewLinear(6, 2))
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) []tensor {
				net.Eval()
				var before tensor
				eager.NoGrad(func() { before = net.Forward(x).Softmax(1).Max(1) })
				net.Train(true)
				opt.ZeroGrad()
				loss := net.Forward(x).LogSumExp(1).Mul(before.Gt(0.6).To(eager.F32)).Sum()
				loss.Backward()
				opt.Step()
				return []tensor{before, loss}
			}, samples(8, 4), states(net)}
		}},
		{"a batch that shrinks at the end of an epoch", func() world {
			net := nn.NewSequential(nn.NewLinear(4, 6), nn.NewBatchNorm1D(6), nn.NewLinear(6, 3))
			opt := optim.NewAdam(net.Params())
			return world{func(x, y tensor) tensor {
				opt.ZeroGrad()
				loss := nn.CrossEntropy(net.Forward(x), y, nn.ClassOptions{LabelSmoothing: 0.1})
				loss.Backward()
				opt.Step()
				return loss
			}, func(i int) []tensor {
				n := []int{8, 8, 8, 3}[i%4]
				return []tensor{eager.Randn(n, 4), eager.RandInt(0, 3, n)}
			}, states(net)}
		}},
	}
}

func memories() []trap {
	return []trap{
		{"a target network", func() world {
			net, target, n := perceptron(3, 6, 2), perceptron(3, 6, 2), 0
			opt := optim.NewAdam(net.Params())
			var replay []tensor
			return world{func(x tensor) tensor {
				replay = append(replay, x)
				y := replay[(n*5+1)%len(replay)]
				var q tensor
				eager.NoGrad(func() { q = target.Forward(y).Max(1).Mul(0.9).Add(y.Sum(1)) })
				opt.ZeroGrad()
				loss := nn.Huber(net.Forward(y).Slice(1, 0, 1).Squeeze(1), q, 1)
				loss.Backward()
				opt.Step()
				if n++; n%3 == 0 {
					if err := target.LoadStateDict(net.StateDict()); err != nil {
						panic(err)
					}
				}
				return loss
			}, samples(4, 3), states(net, target)}
		}},
		{"averages of the parameters", func() world {
			net, n := perceptron(3, 4, 2), 0
			opt, ema := optim.NewAdam(net.Params()), nn.NewAverage(net, nn.AverageOptions{Decay: 0.9})
			return world{func(x tensor) []tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				ema.Update()
				if n++; n%3 != 0 {
					return []tensor{loss}
				}
				var v tensor
				ema.With(func() { v = net.Forward(x).Mean() })
				return []tensor{loss, v}
			}, samples(4, 3), states(net)}
		}},
		{"a state that is carried and cut", func() world {
			cell, head, n := nn.NewLSTMCell(3, 5), nn.NewLinear(5, 1), 0
			opt := optim.NewAdam(append(cell.Params(), head.Params()...))
			h, c := eager.Zeros(2, 5), eager.Zeros(2, 5)
			total := eager.Zeros()
			return world{func(x tensor) tensor {
				h, c = cell.Step(x, h, c)
				total = total.Add(head.Forward(h).Square().Mean())
				if n++; n%4 == 0 {
					opt.ZeroGrad()
					total.Backward()
					opt.Step()
					h, c, total = h.Detach(), c.Detach(), eager.Zeros()
				}
				return h
			}, samples(2, 3), states(cell, head)}
		}},
		{"a cache that grows", func() world {
			q, k, v := nn.NewLinear(4, 4), nn.NewLinear(4, 4), nn.NewLinear(4, 4)
			var keys, values []tensor
			return world{func(x tensor) (y tensor) {
				eager.NoGrad(func() {
					keys, values = append(keys, k.Forward(x)), append(values, v.Forward(x))
					if len(keys) > 9 {
						keys, values = keys[1:], values[1:]
					}
					a := q.Forward(x).MatMul(eager.Concat(0, keys...).T()).Div(2).Softmax(1)
					y = a.MatMul(eager.Concat(0, values...))
				})
				return y
			}, samples(1, 4), none}
		}},
		{"a cache that is written in place", func() world {
			k, at := nn.NewLinear(4, 4), 0
			cache := eager.Zeros(6, 4)
			return world{func(x tensor) (y tensor) {
				eager.NoGrad(func() {
					cache.SetIndex(k.Forward(x).Squeeze(0), at%6)
					at++
					y = cache.Slice(0, 0, min(at, 6)).MatMul(x.T())
				})
				return y
			}, samples(1, 4), func() []tensor { return []tensor{cache} }}
		}},
		{"experts by routed rows", func() world {
			gate, experts := nn.NewLinear(4, 3), []*nn.Linear{nn.NewLinear(4, 4), nn.NewLinear(4, 4), nn.NewLinear(4, 4)}
			all := gate.Params()
			for _, e := range experts {
				all = append(all, e.Params()...)
			}
			opt := optim.NewSGD(all, optim.SGDOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				w, i := gate.Forward(x).Softmax(1).TopK(1, 1)
				y := eager.Zeros(x.Size(0), 4)
				for k, e := range experts {
					rows := i.Squeeze(1).Eq(k).NonZero().Squeeze(1)
					if rows.Numel() == 0 {
						continue
					}
					y = y.IndexAdd(0, rows, e.Forward(x.IndexSelect(0, rows)).Mul(w.IndexSelect(0, rows)))
				}
				loss := y.Sub(1).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(7, 4), func() []tensor { return all }}
		}},
		{"tied weights", func() world {
			table := nn.NewEmbedding(11, 6)
			opt := optim.NewAdam(table.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				h := table.Forward(x).Mean(1).Tanh()
				loss := nn.CrossEntropy(h.MatMul(table.Params()[0].T()), x.Slice(1, 0, 1).Squeeze(1))
				loss.Backward()
				opt.Step()
				return loss
			}, func(int) []tensor { return []tensor{eager.RandInt(0, 11, 4, 3)} }, states(table)}
		}},
		{"learning inside learning", func() world {
			w := eager.Randn(3, 1).SetRequiresGrad(true)
			opt := optim.NewSGD([]tensor{w}, optim.SGDOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				fast := w
				for range 2 {
					inner := x.MatMul(fast).Sub(x.Sum(1).Unsqueeze(1)).Square().Mean()
					g := eager.Grad([]tensor{inner}, []tensor{fast}, eager.GradOptions{CreateGraph: true})[0]
					fast = fast.Sub(g.Mul(0.1))
				}
				loss := x.Flip(0).MatMul(fast).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 3), func() []tensor { return []tensor{w} }}
		}},
		{"recomputed blocks with noise", func() world {
			net := nn.NewSequential(nn.NewLinear(4, 6), nn.NewDropout(0.5), nn.NewLinear(6, 4))
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				y := eager.Checkpoint(net.Forward, x.Mul(1).SetRequiresGrad(true), net.Params()...)
				loss := y.Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 4), states(net)}
		}},
		{"a hook that leaves", func() world {
			w := eager.Randn(3).SetRequiresGrad(true)
			calls := 0
			var remove func()
			remove = w.OnGrad(func(g tensor) tensor {
				if calls++; calls == 5 {
					remove()
				}
				return g.Mul(float64(calls))
			})
			return world{func(x tensor) tensor {
				y := w.Mul(x).Sum()
				y.Backward()
				return y
			}, samples(3), func() []tensor { return []tensor{w} }}
		}},
		{"normalised weights", func() world {
			net := nn.NewSequential(nn.NewSpectralNorm(nn.NewLinear(4, 5)), nn.NewReLU(), nn.NewWeightNorm(nn.NewLinear(5, 2)))
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 4), states(net)}
		}},
		{"statistics that Go keeps", func() world {
			var mean, m2 tensor
			n := 0
			return world{func(x tensor) tensor {
				if n++; mean == nil {
					mean, m2 = x.Clone(), x.Mul(0)
				}
				d := x.Sub(mean)
				mean.AddInPlace(d.Div(float64(n)))
				m2.AddInPlace(d.Mul(x.Sub(mean)))
				if n > 1 && m2.Max().Item()/float64(n-1) > 2 {
					n, mean = 0, nil
				}
				return m2.Clone()
			}, samples(3), func() []tensor { return []tensor{m2} }}
		}},
		{"the hardest samples only", func() world {
			net := perceptron(4, 6, 3)
			opt := optim.NewAdam(net.Params())
			return world{func(x, y tensor) tensor {
				opt.ZeroGrad()
				each := nn.CrossEntropy(net.Forward(x), y, nn.ClassOptions{Reduction: "none"})
				hard := each.Detach().Gt(each.Detach().Mean())
				loss := each.MaskedSelect(hard).Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, func(int) []tensor { return []tensor{eager.Randn(8, 4), eager.RandInt(0, 3, 8)} }, states(net)}
		}},
	}
}
