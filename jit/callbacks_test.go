package jit

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// callbacks are trainings of several parts that act on each other: state of optimizers that is saved, copied and put
// back, gradients that Go looks at, networks that change while they are trained.
func callbacks() []trap {
	return append(append(checkpoints(), surgeries()...), players()...)
}

// moments adds the state of optimizers to that of nets.
func moments(of func() []tensor, opts ...optim.Optimizer) func() []tensor {
	return func() []tensor {
		all := of()
		for _, o := range opts {
			for _, s := range o.Self().StateDict() {
				all = append(all, s.Tensor)
			}
		}
		return all
	}
}

// cloned returns tensors under the same names with storage of their own.
func cloned(state []nn.NamedTensor) (all []nn.NamedTensor) {
	for _, s := range state {
		all = append(all, nn.NamedTensor{Name: s.Name, Tensor: s.Tensor.Detach().Clone()})
	}
	return all
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func checkpoints() []trap {
	return []trap{
		{"back to the best weights when the loss rises", func() world {
			net, best, patience := perceptron(3, 5, 1), math.Inf(1), 0
			opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 0.2})
			saved, savedOpt := cloned(net.StateDict()), cloned(opt.StateDict())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Sub(x.Sum(1).Unsqueeze(1)).Square().Mean()
				loss.Backward()
				opt.Step()
				switch v := loss.Item(); {
				case v < best:
					best, patience = v, 0
					saved, savedOpt = cloned(net.StateDict()), cloned(opt.StateDict())
				case patience == 1:
					must(net.LoadStateDict(saved))
					if len(savedOpt) > 0 {
						must(opt.LoadStateDict(savedOpt))
					}
					patience = 0
				default:
					patience++
				}
				return loss
			}, samples(6, 3), moments(states(net), opt)}
		}},
		{"an optimizer made anew in the middle", func() world {
			net, n := perceptron(3, 4, 1), 0
			var opt optim.Optimizer = optim.NewAdam(net.Params(), optim.AdamOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				switch n++; n {
				case 5:
					opt = optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05, Momentum: 0.9})
				case 9:
					opt = optim.NewRMSprop(net.Params())
				}
				opt.Self().ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 3), func() []tensor { return moments(states(net), opt)() }}
		}},
		{"warm-up, clipping and an average of weights", func() world {
			net, n := perceptron(3, 6, 2), 0
			opt := optim.NewAdamW(net.Params(), optim.AdamOptions{LR: 0.1})
			plan := optim.NewSequential(opt, []*optim.Schedule{optim.NewLinear(opt, 0.1, 1, 4), optim.NewCosine(opt, 10, 1e-3)}, []int{4})
			ema := nn.NewAverage(net, nn.AverageOptions{Decay: 0.5})
			return world{func(x tensor) tensor {
				n++
				opt.ZeroGrad()
				loss := net.Forward(x).LogSoftmax(1).Slice(1, 0, 1).Mean().Neg()
				loss.Backward()
				norm := optim.ClipGradNorm(net.Params(), 0.3)
				opt.Step()
				plan.Step()
				if n%2 == 0 || norm > 0.3 {
					ema.Update()
				}
				return loss.Detach().Add(norm)
			}, samples(4, 3), func() []tensor {
				all := moments(states(net), opt)()
				for _, s := range ema.StateDict() {
					all = append(all, s.Tensor)
				}
				return all
			}}
		}},
		{"each parameter is clipped by its own norm", func() world {
			net := perceptron(3, 6, 2)
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.3, Momentum: 0.5})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Sum()
				loss.Backward()
				for _, p := range net.Params() {
					limit := p.Detach().Norm().Maximum(1e-3).Mul(0.1)
					if norm := p.Grad().Norm(); norm.Item() > limit.Item() {
						p.SetGrad(p.Grad().Mul(limit.Div(norm)))
					}
				}
				opt.Step()
				return loss
			}, samples(4, 3), moments(states(net), opt)}
		}},
		{"accumulated with a remainder that flushes", func() world {
			net, n := perceptron(3, 4, 1), 0
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				n++
				last := n%7 == 0
				loss := net.Forward(x).Square().Sum().Div(float64(x.Size(0)))
				loss.Backward()
				if n%3 == 0 || last {
					for _, p := range net.Params() {
						p.ScaleGrad(1 / float64(1+n%3))
					}
					opt.Step()
					opt.ZeroGrad()
				}
				return loss
			}, func(i int) []tensor { return []tensor{eager.Randn([]int{4, 4, 2, 4, 1}[i%5], 3)} }, moments(states(net), opt)}
		}},
		{"batches of not-a-number are skipped after the backward pass", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				for _, p := range net.Params() {
					if p.Grad().IsNaN().Any().Item() != 0 {
						opt.ZeroGrad()
						return loss
					}
				}
				opt.Step()
				return loss
			}, func(i int) []tensor {
				x := eager.Randn(4, 3)
				if i%4 == 3 {
					x.SetIndex(math.NaN(), 1, 2)
				}
				return []tensor{x}
			}, moments(states(net), opt)}
		}},
		{"sharpness: a step up, a step back, a step down", func() world {
			net := perceptron(3, 4, 2)
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				net.Forward(x).Square().Mean().Backward()
				var moves []tensor
				eager.NoGrad(func() {
					norm := eager.Zeros()
					for _, p := range net.Params() {
						norm = norm.Add(p.Grad().Square().Sum())
					}
					for _, p := range net.Params() {
						e := p.Grad().Mul(norm.Sqrt().Add(1e-12).Reciprocal().Mul(0.05))
						p.AddInPlace(e)
						moves = append(moves, e)
					}
				})
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				eager.NoGrad(func() {
					for i, p := range net.Params() {
						p.SubInPlace(moves[i])
					}
				})
				opt.Step()
				return loss
			}, samples(4, 3), moments(states(net), opt)}
		}},
		{"slow weights every third step", func() world {
			net, n := perceptron(3, 4, 1), 0
			opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 0.05})
			slow := cloned(net.StateDict())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				if n++; n%3 == 0 {
					eager.NoGrad(func() {
						for i, p := range net.Params() {
							slow[i].Tensor.LerpInPlace(p, 0.5)
							p.Assign(slow[i].Tensor)
						}
					})
				}
				return loss
			}, samples(4, 3), moments(states(net), opt)}
		}},
		{"weights of the last call are compared", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.2})
			before := cloned(net.StateDict())
			return world{func(x tensor) []tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				out := []tensor{loss}
				for i, s := range net.StateDict() {
					out = append(out, s.Tensor.Detach().Sub(before[i].Tensor).Norm())
				}
				before = cloned(net.StateDict())
				return out
			}, samples(4, 3), states(net)}
		}},
		{"noise on gradients that fades", func() world {
			net, n := perceptron(3, 4, 1), 0
			opt := optim.NewNAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				n++
				for _, p := range net.Params() {
					p.Grad().AddInPlace(eager.Randn(p.Shape()...).Mul(math.Pow(float64(n), -0.55)))
				}
				opt.Step()
				return loss
			}, samples(4, 3), moments(states(net), opt)}
		}},
		{"mixed samples, smoothed labels", func() world {
			net := perceptron(4, 6, 3)
			opt := optim.NewAdam(net.Params())
			return world{func(x, y tensor) tensor {
				lambda := eager.Rand(1).Item()
				if lambda < 0.3 {
					lambda = 1
				}
				order := eager.Perm(x.Size(0))
				mixed := x.Lerp(x.IndexSelect(0, order), 1-lambda)
				opt.ZeroGrad()
				out := net.Forward(mixed)
				o := nn.ClassOptions{LabelSmoothing: 0.2 * lambda}
				loss := nn.CrossEntropy(out, y, o).Mul(lambda).Add(nn.CrossEntropy(out, y.IndexSelect(0, order), o).Mul(1 - lambda))
				loss.Backward()
				opt.Step()
				return loss
			}, func(int) []tensor { return []tensor{eager.Randn(6, 4), eager.RandInt(0, 3, 6)} }, moments(states(net), opt)}
		}},
		{"the fork of the generator is left by a panic", func() world {
			d, n := nn.NewDropout(0.5), 0
			return world{func(x tensor) tensor {
				n++
				func() {
					defer func() { _ = recover() }()
					eager.ForkRandom(func() {
						x = x.Add(eager.Randn(6))
						if n%3 == 0 {
							panic("out")
						}
						x = d.Forward(x)
					})
				}()
				return d.Forward(x)
			}, samples(6), none}
		}},
	}
}

func TestTrainersWithCallbacksAreEqual(t *testing.T) {
	for _, c := range callbacks() {
		t.Run(c.name, func(t *testing.T) { same(t, 16, 2e-4, c.make) })
	}
}
