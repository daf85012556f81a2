package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// surgeries change networks between calls.
func surgeries() []trap {
	return []trap{
		{"a group of parameters comes later", func() world {
			body, head, n := perceptron(3, 4), perceptron(4, 2), 0
			opt := optim.NewAdam(head.Params(), optim.AdamOptions{LR: 0.05})
			body.Freeze()
			return world{func(x tensor) tensor {
				if n++; n == 6 {
					body.Unfreeze()
					opt.AddGroup(optim.Group{Params: body.Params(), LR: 0.005})
				}
				opt.ZeroGrad()
				loss := head.Forward(body.Forward(x).Tanh()).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 3), moments(states(body, head), opt)}
		}},
		{"layers are appended and parameters taken over", func() world {
			net, n := nn.NewSequential(nn.NewLinear(3, 3)), 0
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				if n++; n%4 == 0 {
					l := nn.NewLinear(3, 3)
					net.Append(nn.NewTanh())
					net.Append(l)
					opt.AddGroup(optim.Group{Params: l.Params(), LR: 0.01})
				}
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(4, 3), func() []tensor { return moments(states(net), opt)() }}
		}},
		{"hooks that change, come and go", func() world {
			net, n := perceptron(3, 4, 2), 0
			var remove func()
			return world{func(x tensor) tensor {
				switch n++; n % 5 {
				case 1:
					remove = net.Layer(1).Self().OnForward(func(_, y tensor) tensor { return y.Mul(float64(n)) })
				case 3:
					remove()
				}
				net.ZeroGrad()
				y := net.Forward(x)
				y.Square().Sum().Backward()
				return y
			}, samples(4, 3), states(net)}
		}},
		{"a hook writes to what a layer gives", func() world {
			net := perceptron(3, 4, 2)
			net.Layer(0).Self().OnForward(func(_, y tensor) tensor { y.ClampInPlace(-0.5, 0.5); return y })
			return world{func(x tensor) tensor {
				net.ZeroGrad()
				y := net.Forward(x).Square().Sum()
				y.Backward()
				return y
			}, samples(4, 3), states(net)}
		}},
		{"settings of layers change", func() world {
			drop, n := nn.NewDropout(0.1), 0
			norm := []*nn.BatchNorm1D{nn.NewBatchNorm1D(4), nn.NewBatchNorm1D(4, nn.BatchNormOptions{Momentum: 0.9})}
			l := nn.NewLinear(3, 4)
			return world{func(x tensor) tensor {
				n++
				drop.P = float64(n%4) / 5
				return drop.Forward(norm[n/2%2].Forward(l.Forward(x)))
			}, samples(5, 3), func() []tensor { return append(states(norm[0], norm[1])(), l.Params()...) }}
		}},
		{"weights are tied and untied", func() world {
			e, out, n := nn.NewEmbedding(7, 4), nn.NewLinear(4, 7), 0
			own := out.Weight
			opt := optim.NewAdam(append(e.Params(), out.Params()...), optim.AdamOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				i := x.Abs().Mul(3).Clamp(0, 6).To(eager.I64)
				if out.Weight = own; n%4 < 2 {
					out.Weight = e.Weight
				}
				n++
				opt.ZeroGrad()
				loss := nn.CrossEntropy(out.Forward(e.Forward(i)), i)
				loss.Backward()
				opt.Step()
				return loss
			}, samples(5), moments(states(e, out), opt)}
		}},
		{"one method of two networks", func() world {
			a, b, n := perceptron(3, 4, 1), perceptron(3, 4, 1), 0
			return world{func(x tensor) tensor {
				f := a.Forward
				if n++; n%3 == 0 {
					f = b.Forward
				}
				y := f(x)
				y.Sum().Backward()
				return y
			}, samples(4, 3), states(a, b)}
		}},
		{"a parameter that shrinks to nothing and grows", func() world {
			w, n := eager.Ones(4).SetRequiresGrad(true), 0
			return world{func(x tensor) tensor {
				n++
				w = eager.Randn(n % 4).SetRequiresGrad(true)
				y := x.Slice(0, 0, n%4).Mul(w).Sum()
				y.Backward()
				return y
			}, samples(4), func() []tensor { return []tensor{w} }}
		}},
		{"weights become doubles", func() world {
			net, n := perceptron(3, 4, 1), 0
			return world{func(x tensor) tensor {
				if n++; n%4 == 0 {
					net.To(eager.F64)
				} else if n%4 == 2 {
					net.To(eager.F32)
				}
				net.ZeroGrad()
				y := net.Forward(x.To(net.Params()[0].DType()))
				y.Sum().Backward()
				return y
			}, samples(4, 3), states(net)}
		}},
		{"a wrong batch in the middle of training", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, func(i int) []tensor {
				if i%4 == 3 {
					return []tensor{eager.Randn(4, 5)}
				}
				return []tensor{eager.Randn(4, 3)}
			}, moments(states(net), opt)}
		}},
		{"a panic between the pass and the step", func() world {
			net, n := perceptron(3, 4, 1), 0
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				n++
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				if n%3 == 0 {
					engine.Fail("a callback", "no disk left after %d steps", n)
				}
				opt.Step()
				if n%5 == 0 {
					engine.Fail("a callback", "again after %d steps", n)
				}
				opt.ZeroGrad()
				return loss
			}, samples(4, 3), moments(states(net), opt)}
		}},
		{"a frozen layer of batch statistics", func() world {
			net := nn.NewSequential(nn.NewLinear(3, 4), nn.NewBatchNorm1D(4), nn.NewReLU(), nn.NewLinear(4, 2))
			opt, n := optim.NewAdam(net.Params()), 0
			return world{func(x tensor) tensor {
				n++
				net.Train(n%4 != 0)
				if n > 6 {
					net.Layer(1).Self().Eval()
					net.Layer(1).Self().Freeze()
				}
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Mean()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(6, 3), moments(states(net), opt)}
		}},
	}
}

// players are several networks or parts that learn from each other.
func players() []trap {
	return []trap{
		{"actor and critic over rollouts of varying length", func() world {
			actor, critic := perceptron(3, 6, 2), perceptron(3, 6, 1)
			opt := optim.NewAdam(append(actor.Params(), critic.Params()...), optim.AdamOptions{LR: 0.01})
			return world{func(x tensor) tensor {
				var logp, value []tensor
				var reward []float64
				s := x
				for len(reward) < 9 {
					p := actor.Forward(s).LogSoftmax(0)
					a := p.Detach().Exp().Multinomial(1, true).Ints()[0]
					logp, value = append(logp, p.Index(a)), append(value, critic.Forward(s).Squeeze())
					s = s.Mul(0.9).Add(eager.Randn(3).Mul(0.3)).Detach()
					reward = append(reward, s.Index(a).Item())
					if reward[len(reward)-1] < -0.8 {
						break
					}
				}
				loss, g := eager.Zeros(), 0.0
				for i := len(reward) - 1; i >= 0; i-- {
					g = reward[i] + 0.9*g
					adv := value[i].Neg().Add(g)
					loss = loss.Add(adv.Square()).Sub(logp[i].Mul(adv.Detach()))
				}
				opt.ZeroGrad()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(3), moments(states(actor, critic), opt)}
		}},
		{"contrast with a ring of keys", func() world {
			q, k, at := perceptron(3, 4), perceptron(3, 4), 0
			must(k.LoadStateDict(q.StateDict()))
			k.Freeze()
			ring := eager.Randn(7, 4).Normalize(2, 1, 1e-12)
			opt := optim.NewSGD(q.Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
			return world{func(x tensor) tensor {
				var keys tensor
				eager.NoGrad(func() {
					for i, p := range k.Params() {
						p.LerpInPlace(q.Params()[i].Detach(), 0.1)
					}
					keys = k.Forward(x.Add(eager.Randn(3, 3).Mul(0.1))).Normalize(2, 1, 1e-12)
				})
				a := q.Forward(x).Normalize(2, 1, 1e-12)
				logits := eager.Concat(1, a.Mul(keys).SumKeep(1), a.MatMul(ring.T())).Div(0.2)
				opt.ZeroGrad()
				loss := nn.CrossEntropy(logits, eager.Zeros(3).To(eager.I64))
				loss.Backward()
				opt.Step()
				for i := range 3 {
					ring.SetIndex(keys.Index(i), (at+i)%7)
				}
				at = (at + 3) % 7
				return loss
			}, samples(3, 3), func() []tensor { return append(states(q, k)(), ring) }}
		}},
		{"centres that move in the loop", func() world {
			centres := eager.Randn(3, 2)
			return world{func(x tensor) tensor {
				for range 8 {
					d := x.CDist(centres, 2)
					who := d.ArgMin(1)
					sum := eager.Zeros(3, 2).IndexAdd(0, who, x)
					n := who.BinCount(nil, 3).To(eager.F32).Unsqueeze(1)
					next := eager.Where(n.Gt(0), sum.Div(n.Maximum(1)), centres)
					moved := next.Sub(centres).Abs().Max().Item()
					centres.Assign(next)
					if moved < 1e-3 {
						break
					}
				}
				return x.CDist(centres, 2).Min(1).Sum()
			}, samples(9, 2), func() []tensor { return []tensor{centres} }}
		}},
		{"a beam of three", func() world {
			cell, out, e := nn.NewGRUCell(3, 4), nn.NewLinear(4, 5), nn.NewEmbedding(5, 3)
			return world{func(x tensor) tensor {
				var score, h tensor
				var words []int
				eager.NoGrad(func() {
					h, score, words = x, eager.Zeros(1), []int{0}
					for range 5 {
						h = cell.Step(e.Forward(eager.FromInts(words)), h)
						all := out.Forward(h).LogSoftmax(1).Add(score.Unsqueeze(1)).Flatten(0)
						best, at := all.TopK(3, 0)
						words = words[:0]
						var from []int
						for _, i := range at.Ints() {
							from, words = append(from, i/5), append(words, i%5)
						}
						h, score = h.IndexSelect(0, eager.FromInts(from)), best
						if words[0] == 4 {
							break
						}
					}
				})
				return eager.Concat(0, score, h.Sum(1), eager.FromInts(words).To(eager.F32))
			}, samples(1, 4), none}
		}},
		{"a teacher who is heard by chance", func() world {
			cell, out, n := nn.NewGRUCell(2, 4), nn.NewLinear(4, 2), 0
			opt := optim.NewAdam(append(cell.Params(), out.Params()...), optim.AdamOptions{LR: 0.02})
			return world{func(x tensor) tensor {
				n++
				length := min(2+n/3, x.Size(0)) // the curriculum
				h, in, loss := eager.Zeros(1, 4), eager.Zeros(1, 2), eager.Zeros()
				for i := range length {
					h = cell.Step(in, h)
					y := out.Forward(h)
					loss = loss.Add(y.Sub(x.Slice(0, i, i+1)).Square().Mean())
					if in = y.Detach(); eager.Rand(1).Item() < 0.5 {
						in = x.Slice(0, i, i+1)
					}
				}
				opt.ZeroGrad()
				loss.Div(length).Backward()
				opt.Step()
				return loss
			}, samples(6, 2), moments(states(cell, out), opt)}
		}},
		{"a student, a teacher and their temperature", func() world {
			student, teacher := perceptron(3, 3, 4), perceptron(3, 8, 4)
			heat := eager.Of(2).SetRequiresGrad(true)
			opt := optim.NewAdam(append(student.Params(), heat), optim.AdamOptions{LR: 0.05})
			return world{func(x tensor) tensor {
				var p tensor
				eager.NoGrad(func() { p = teacher.Forward(x).Softmax(1) })
				opt.ZeroGrad()
				loss := p.Mul(student.Forward(x).Div(heat).LogSoftmax(1)).Sum(1).Mean().Neg()
				loss.Backward()
				opt.Step()
				eager.NoGrad(func() { heat.ClampInPlace(1.9, 2.1) })
				return loss
			}, samples(5, 3), func() []tensor { return append(moments(states(student), opt)(), heat) }}
		}},
		{"Newton's method with a Hessian", func() world {
			return world{func(x tensor) tensor {
				f := func(z tensor) tensor { return z.Square().Square().Sum().Add(z.Sub(x).Square().Sum()) }
				z := x.Clone()
				for range 6 {
					zz := z.Detach().SetRequiresGrad(true)
					g := eager.Grad([]tensor{f(zz)}, []tensor{zz}, eager.GradOptions{})[0]
					if g.Norm().Item() < 1e-3 {
						break
					}
					h := eager.Hessian(f, z).Diagonal(0, 0, 1)
					z = z.Sub(g.Div(h)).Detach()
				}
				return z
			}, samples(3), none}
		}},
		{"the penalty of a gradient that is taken twice", func() world {
			net := perceptron(2, 5, 1)
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				in := x.Detach().SetRequiresGrad(true)
				y := net.Forward(in).Sum()
				g := eager.Grad([]tensor{y}, []tensor{in}, eager.GradOptions{CreateGraph: true})[0]
				opt.ZeroGrad()
				loss := y.Square()
				if n := g.Norm(); n.Item() > 0.5 {
					loss = loss.Add(n.Sub(0.5).Square())
				}
				loss.Backward()
				opt.Step()
				return eager.Concat(0, loss.Reshape(1), in.Grad().Flatten(0))
			}, samples(4, 2), moments(states(net), opt)}
		}},
		{"rows that were not looked up do not move", func() world {
			e := nn.NewEmbedding(9, 3, nn.EmbeddingOptions{Sparse: true, Padding: true, PadIndex: 2})
			opt := optim.NewSparseAdam(e.Params(), optim.AdamOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				i := x.Abs().Mul(4).Clamp(0, 8).To(eager.I64)
				opt.ZeroGrad()
				loss := e.Forward(i).Square().Sum()
				loss.Backward()
				opt.Step()
				return loss
			}, samples(5), moments(states(e), opt)}
		}},
		{"two losses by uncertainty", func() world {
			net, s := perceptron(3, 4, 2), eager.Zeros(2).SetRequiresGrad(true)
			opt := optim.NewAdam(append(net.Params(), s), optim.AdamOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				y := net.Forward(x)
				each := eager.Stack(0, y.Slice(1, 0, 1).Square().Mean(), y.Slice(1, 1, 2).Sub(1).Abs().Mean())
				opt.ZeroGrad()
				loss := each.Mul(s.Neg().Exp()).Add(s).Sum()
				loss.Backward()
				share := s.Grad().Abs().ArgMax(0).Ints()[0]
				opt.Step()
				return each.Index(share)
			}, samples(4, 3), func() []tensor { return append(moments(states(net), opt)(), s) }}
		}},
	}
}
