package jit

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// edges are functions of values at the ends of their types, of writes that overlap, and of tensors that callers keep.
func edges() []trap {
	return append(numbers(), memoriesOfCallers()...)
}

// given is a world of f and of arguments that are the same tensors' worth for each call.
func given(f any, args func(i int) []tensor) func() world {
	return func() world { return world{f, args, none} }
}

func numbers() []trap {
	nan, inf := math.NaN(), math.Inf(1)
	wild := func(i int) []tensor {
		v := []float32{1, float32(nan), -2, float32(inf), float32(-inf), 0, 1e-42, float32(math.Copysign(0, -1))}
		return []tensor{eager.New(append(v[i%8:], v[:i%8]...))}
	}
	whole := func(d engine.DType) func(i int) []tensor {
		return func(i int) []tensor {
			return []tensor{eager.FromInts([]int{-7, 7, -1, 5, 127, -128, 3}).Add(i % 2).To(d), eager.FromInts([]int{3, -3, 2, -2, 2, -5, 7}).To(d)}
		}
	}
	division := func(x, y tensor) []tensor {
		return []tensor{x.FloorDiv(y), x.Mod(y), x.Fmod(y), x.TruncDiv(y), x.Div(y), x.GCD(y)}
	}
	return []trap{
		{"not-a-number in comparisons", given(func(x tensor) []tensor {
			return []tensor{x.Max(), x.ArgMax(0), x.ArgMin(0), x.Maximum(0), x.FMin(0), x.Gt(0), x.Eq(x), x.Clamp(-1, 1), x.Sign()}
		}, wild)},
		{"differences of infinities", given(func(x tensor) []tensor {
			y := x.Sub(x).Add(x.Mul(0))
			if y.IsNaN().Sum().Item() > 1 {
				y = y.NaNToNum(0.5, 2, -2)
			}
			return []tensor{y, x.Softmax(0), x.LogSumExp(0), x.CumSum(0), x.ReLU(), x.Sigmoid()}
		}, wild)},
		{"denormal numbers", given(func(x tensor) []tensor {
			y := x.Mul(1e-20).Mul(1e-20)
			return []tensor{y.Mul(1e20).Mul(1e20), y.Gt(0), y.Sqrt(), y.Reciprocal()}
		}, func(int) []tensor { return []tensor{eager.Rand(40)} })},
		{"zero with a sign", given(func(x tensor) []tensor {
			y := x.Mul(0).Neg()
			return []tensor{y.Reciprocal(), y.CopySign(x), y.Atan2(y), y.SignBit(), y.Add(0).Reciprocal()}
		}, func(int) []tensor { return []tensor{eager.Randn(9)} })},
		{"whole numbers that divide with a sign", given(division, whole(engine.I64))},
		{"narrow numbers that divide with a sign", given(division, whole(engine.I8))},
		{"whole numbers that overflow", given(func(x, y tensor) []tensor {
			return []tensor{x.Mul(y).Mul(x), x.Add(x), x.Neg(), x.Abs(), x.Square(), x.ShiftLeft(3), x.Sum(), x.Prod()}
		}, whole(engine.I8))},
		{"int32 that overflows", given(func(x, y tensor) []tensor {
			z := x.Add(math.MaxInt32 - 5)
			return []tensor{z, z.Mul(y), z.Sum(), z.CumSum(0)}
		}, whole(engine.I32))},
		{"photos as bytes", given(func(x tensor) []tensor {
			y := x.Add(x)
			f := x.To(eager.F32).Div(255).Sub(0.5)
			return []tensor{y, x.Neg(), x.Sub(200), f.Mean(1, 2), f.Mul(255).Add(128).Clamp(0, 255).Round().To(engine.U8), x.Mul(0.5)}
		}, func(int) []tensor { return []tensor{eager.RandInt(0, 256, 2, 5, 5, 3).To(engine.U8)} })},
		{"floats as whole numbers", given(func(x tensor) []tensor {
			return []tensor{x.Mul(3.7).To(eager.I64), x.Mul(100).To(engine.I8), x.To(engine.Bool), x.Gt(0).To(eager.F64), x.To(engine.F16).To(eager.F32)}
		}, func(int) []tensor { return []tensor{eager.Randn(12)} })},
		{"masks that are combined", given(func(x tensor) []tensor {
			m := x.Gt(0).And(x.Lt(1).Not()).Or(x.Abs().Gt(2)).Xor(x.Eq(x))
			y := x.Clone()
			y.SetMask(-1, m)
			return []tensor{m, y, m.Sum(), m.Any(), x.MaskedFill(m, 9), eager.Where(m, x, x.Neg())}
		}, func(int) []tensor { return []tensor{eager.Randn(3, 4)} })},
		{"ties", given(func(x tensor) []tensor {
			v, i := x.Sort(0, true)
			k, j := x.TopK(3, 0)
			m, n := x.Mode(0)
			return []tensor{v, i, k, j, m, n, x.ArgMax(0), x.ArgSort(0, false)}
		}, func(int) []tensor { return []tensor{eager.RandInt(0, 3, 9).To(eager.F32)} })},
		{"gradients of ties", func() world {
			w := eager.Of(1, 2, 2, 0).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				w.ZeroGrad()
				y := w.Max().Add(w.Maximum(2).Sum()).Add(w.ReLU().Sum()).Add(w.Abs().Sum()).Add(w.Clamp(0, 2).Sum()).Mul(x.Sum())
				y.Backward()
				return y
			}, samples(2), func() []tensor { return []tensor{w} }}
		}},
		{"scalars among doubles", given(func(x, y tensor) []tensor {
			return []tensor{x.Add(y), y.Add(x), x.Mul(2), x.Sum().Mul(y), x.Pow(y.Abs()), eager.Where(x.Gt(0), x, y)}
		}, func(i int) []tensor {
			x, y := eager.Randn(3), eager.Randn(1).Squeeze().To(eager.F64)
			if i%2 == 1 {
				y = y.Reshape(1)
			}
			return []tensor{x, y}
		})},
		{"no rows at all", given(func(x tensor) []tensor {
			return []tensor{x.Sum(0), x.MatMul(eager.Ones(3, 2)), eager.Concat(0, x, eager.Ones(1, 3)), x.Mean(1), x.Prod(), x.Softmax(1)}
		}, func(i int) []tensor { return []tensor{eager.Randn(i%2*2, 3)} })},
		{"the largest of nothing is an error", given(func(x tensor) tensor {
			y := x.Mul(2)
			return y.Max().Add(y.Sum())
		}, func(i int) []tensor { return []tensor{eager.Randn(i % 3)} })},
		{"no samples in a step", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewAdam(net.Params())
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := net.Forward(x).Square().Sum()
				loss.Backward()
				opt.Step()
				return loss
			}, func(i int) []tensor { return []tensor{eager.Randn(i%3, 3)} }, moments(states(net), opt)}
		}},
		{"a chain of 2,000", given(func(x tensor) tensor {
			for i := range 1000 {
				x = x.Add(float64(i % 3)).Mul(0.99)
			}
			return x
		}, func(int) []tensor { return []tensor{eager.Randn(5)} })},
		{"a chain of 2,000 on the tape", func() world {
			w := eager.Of(0.5, -0.5).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				w.ZeroGrad()
				y := x
				for range 700 {
					y = y.Mul(w).Add(x).Tanh()
				}
				y.Sum().Backward()
				return y
			}, samples(2), func() []tensor { return []tensor{w} }}
		}},
		{"complex numbers", given(func(x tensor) []tensor {
			z := eager.Complex(x, x.Flip(0))
			return []tensor{z.Mul(z.Conj()).Real(), z.Abs(), z.Angle(), z.Mul(2).Imag(), z.Exp().Abs()}
		}, func(int) []tensor { return []tensor{eager.Randn(6)} })},
		{"shapes in rotation", given(func(x tensor) tensor { return x.Square().Sum(0).Add(1).Log() }, func(i int) []tensor {
			return []tensor{eager.Randn(1+i*5%13, 1+i%3)}
		})},
	}
}

// memoriesOfCallers are results and arguments that callers keep, share and write to.
func memoriesOfCallers() []trap {
	return []trap{
		{"rows of one tensor are arguments and are written to", func() world {
			base := eager.Zeros(4, 3)
			return world{func(x, y tensor) tensor {
				x.AddInPlace(1)
				y.MulInPlace(x.Sum())
				return x.Sub(y)
			}, func(i int) []tensor {
				base.AddInPlace(eager.Randn(4, 3))
				return []tensor{base.Index(i % 4), base.Index((i + i/2) % 4)}
			}, func() []tensor { return []tensor{base} }}
		}},
		{"windows that overlap", func() world {
			base := eager.Arange(0, 12, 1)
			return world{func(x tensor) tensor {
				a, b := base.Slice(0, 0, 8), base.Slice(0, 4, 12)
				a.Assign(b.Mul(0.5).Add(x))
				b.SubInPlace(a)
				return a.Add(b)
			}, samples(8), func() []tensor { return []tensor{base} }}
		}},
		{"one value for two tensors, of which one is read late", func() world {
			a, b := eager.Ones(3), eager.Ones(3)
			return world{func(x tensor) tensor {
				z := a.Add(x)
				y := z.Tanh()
				z = a.Mul(z)
				a.Assign(y)
				b.Assign(y)
				return z
			}, samples(3), func() []tensor { return []tensor{a, b} }}
		}},
		{"a tensor is shifted within itself", func() world {
			base := eager.Arange(0, 6, 1)
			return world{func(x tensor) tensor {
				base.Slice(0, 1, 6).Assign(base.Slice(0, 0, 5).Clone())
				base.SetIndex(x.Sum(), 0)
				return base.Mul(1)
			}, samples(2), func() []tensor { return []tensor{base} }}
		}},
		{"a write to what is expanded is eager mode's error", func() world {
			base := eager.Ones(1, 3)
			return world{func(x tensor) tensor {
				base.AddInPlace(x)
				y := base.Expand(4, 3)
				y.AddInPlace(1)
				return y
			}, samples(3), func() []tensor { return []tensor{base} }}
		}},
		{"a write to a leaf is eager mode's error", func() world {
			w := eager.Ones(3).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				y := w.Mul(x)
				w.AddInPlace(1)
				return y
			}, samples(3), func() []tensor { return []tensor{w} }}
		}},
		{"a write after what the gradient reads", func() world {
			w, n := eager.Ones(3).SetRequiresGrad(true), 0
			return world{func(x tensor) tensor {
				n++
				h := w.Mul(x).Exp()
				y := h.Square().Sum()
				if n%3 == 0 {
					h.AddInPlace(1)
				}
				y.Backward()
				return y
			}, samples(3), func() []tensor { return []tensor{w} }}
		}},
		{"results are written to by the caller", func() world {
			var last tensor
			return world{func(x tensor) tensor {
				y := x.Mul(2)
				if last != nil {
					y = y.Add(last)
				}
				last = y
				return y
			}, func(i int) []tensor {
				if last != nil {
					last.MulInPlace(0.5)
				}
				return []tensor{eager.Randn(3)}
			}, func() []tensor {
				if last == nil {
					return nil
				}
				return []tensor{last}
			}}
		}},
		{"views of a result, and a write to it", func() world {
			var views []tensor
			return world{func(x tensor) []tensor {
				y := x.Exp()
				v := y.T().Slice(0, 1, 2)
				if views = append(views, v); len(views) > 2 {
					views[0].ZeroInPlace()
					views = views[1:]
				}
				return []tensor{y, v}
			}, samples(2, 3), func() []tensor { return views }}
		}},
		{"the gradient of what is returned is asked for later", func() world {
			net := perceptron(3, 4, 1)
			var pending []tensor
			return world{func(x tensor) tensor {
				y := net.Forward(x).Square().Sum()
				if pending = append(pending, y); len(pending) == 3 {
					pending[0].Add(pending[2]).Backward()
					pending = pending[:0]
				}
				return y
			}, samples(2, 3), states(net)}
		}},
		{"gradients of arguments", func() world {
			w := eager.Of(1, 2, 3).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				y := w.Mul(x).Tanh().Sum()
				y.Backward()
				return y
			}, func(i int) []tensor { return []tensor{eager.Randn(3).SetRequiresGrad(i%3 != 1)} }, func() []tensor { return []tensor{w} }}
		}},
		{"compiled in compiled in compiled, with a write and an error", func() world {
			w, n := eager.Ones(3), 0
			inner := Compile(func(x tensor) tensor {
				w.AddInPlace(x.Mul(0.1))
				if n%4 == 3 {
					engine.Fail("inner", "call %d", n)
				}
				return w.Mul(x)
			}, Options{Quiet: true})
			middle := Compile(func(x tensor) tensor { y := x.Sin(); return inner.Call(y).Add(y) }, Options{Quiet: true})
			return world{func(x tensor) tensor {
				n++
				a := w.Sum()
				return middle.Call(x.Add(a)).Sub(a)
			}, samples(3), func() []tensor { return []tensor{w} }}
		}},
		{"a goroutine trains while another evaluates", func() world {
			net := perceptron(3, 4, 1)
			opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.1})
			return world{func(x tensor) tensor {
				before := net.Forward(x).Detach()
				done := make(chan error)
				go func() {
					done <- engine.Catch(func() {
						opt.ZeroGrad()
						net.Forward(x).Square().Sum().Backward()
						opt.Step()
					})
				}()
				must(<-done)
				return net.Forward(x).Detach().Sub(before)
			}, samples(2, 3), states(net)}
		}},
		{"padding rows, repeated rows and a norm that shortens them", func() world {
			e := nn.NewEmbedding(6, 3, nn.EmbeddingOptions{Padding: true, PadIndex: 1, MaxNorm: 0.8, ScaleByFreq: true})
			opt := optim.NewAdagrad(e.Params(), optim.AdagradOptions{LR: 0.3})
			return world{func(x tensor) tensor {
				opt.ZeroGrad()
				loss := e.Forward(x).Sub(1).Square().Sum()
				loss.Backward()
				opt.Step()
				return loss
			}, func(int) []tensor { return []tensor{eager.RandInt(0, 6, 2, 4)} }, moments(states(e), opt)}
		}},
		{"rows of a table by SGD, Adagrad and as a matrix", func() world {
			e, n := nn.NewEmbedding(8, 3, nn.EmbeddingOptions{Sparse: true}), 0
			opts := []optim.Optimizer{optim.NewSGD(e.Params(), optim.SGDOptions{LR: 0.1}), optim.NewAdagrad(e.Params()), optim.NewAdam(e.Params())}
			return world{func(x tensor) tensor {
				n++
				e.ZeroGrad()
				loss := e.Forward(x).Square().Sum()
				if n%4 == 0 {
					loss = loss.Add(e.Weight.Sum())
				}
				loss.Backward()
				opts[n%3].Step()
				return loss
			}, func(i int) []tensor { return []tensor{eager.RandInt(0, 8, 1+i%5)} }, moments(states(e), opts...)}
		}},
		{"a Go slice that is an argument, a weight and is written to", func() world {
			data := []float32{1, 2, 3}
			w := eager.FromFloat32s(data)
			return world{func(x tensor) tensor {
				y := w.Mul(x)
				w.AddInPlace(0.5)
				data[1] *= 0.5
				z := y.Add(w)
				data[2]--
				return z
			}, func(i int) []tensor {
				if i%2 == 0 {
					return []tensor{w}
				}
				return []tensor{eager.Randn(3)}
			}, func() []tensor { return []tensor{w} }}
		}},
	}
}

func TestEdgesAreEqual(t *testing.T) {
	for _, c := range edges() {
		t.Run(c.name, func(t *testing.T) { same(t, 14, 2e-5, c.make) })
	}
	if n := len(edges()) + len(callbacks()); n < 60 {
		t.Errorf("%d functions, want 60", n)
	}
}
