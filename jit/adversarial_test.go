package jit

import (
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// A trap is a function that a compiler which believes what it saw once gets wrong.
type trap struct {
	name string
	make func() world
}

// on is a world without state whose argument is drawn anew for each call.
func on(f any, shape ...int) func() world {
	return func() world {
		return world{f, func(int) []tensor { return []tensor{eager.Randn(shape...)} }, none}
	}
}

func traps() []trap {
	var all []trap
	for _, part := range [][]trap{branches(), closures(), inPlace(), random(), tape(), aliases(), shapes(), threads()} {
		all = append(all, part...)
	}
	return all
}

func branches() []trap {
	return []trap{
		{"branch on a value", on(func(x tensor) tensor {
			if x.Sum().Item() > 0 {
				return x.Mul(2)
			}
			return x.Neg().Add(1)
		}, 4)},
		{"early exit", on(func(x tensor) tensor {
			y := x.Mul(x)
			if y.Max().Item() < 1 {
				return y
			}
			return y.Sqrt().Sub(x)
		}, 3)},
		{"loop until a value", on(func(x tensor) tensor {
			y := x.Abs().Add(1)
			for y.Sum().Item() < 100 {
				y = y.Mul(1.5)
			}
			return y
		}, 3)},
		{"loop by a value", on(func(x tensor) tensor {
			n := int(x.Abs().Sum().Item())
			for range n {
				x = x.Add(1).Mul(0.5)
			}
			return x
		}, 3)},
		{"recursion", on(func(x tensor) tensor {
			var f func(x tensor, depth int) tensor
			f = func(x tensor, depth int) tensor {
				if depth == 0 || x.Sum().Item() > 3 {
					return x
				}
				return f(x.Mul(0.9).Add(0.3), depth-1)
			}
			return f(x, 6)
		}, 4)},
		{"an error now and then", func() world {
			return world{func(x tensor) tensor {
				y := x.Exp()
				if x.Item() > 0.3 {
					engine.Fail("test", "too large")
				}
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(1)} }, none}
		}},
		{"recovered error", on(func(x tensor) tensor {
			y := x.Add(1)
			if engine.Catch(func() { y.MatMul(x) }) != nil {
				y = y.Mul(3)
			}
			return y
		}, 3, 2)},
		{"value as an attribute", on(func(x tensor) tensor {
			return x.Clamp(-x.Std().Item(), x.Mean().Item()+1)
		}, 8)},
		{"value as a number", on(func(x tensor) tensor { return x.Div(x.Max().Item()) }, 8)},
		{"value as an index", on(func(x tensor) tensor { return x.Index(x.ArgMax(0).Ints()[0]).Add(x) }, 8)},
		{"switch on a count", on(func(x tensor) tensor {
			switch n := int(x.Gt(0).To(eager.F32).Sum().Item()); {
			case n < 2:
				return x.Sin()
			case n < 4:
				return x.Cos()
			}
			return x.Tanh()
		}, 6)},
		{"non-zero", on(func(x tensor) tensor { return x.MaskedSelect(x.Gt(0)).Sum() }, 10)},
		{"printing", on(func(x tensor) tensor { _ = x.Mul(2).String(); return x.Mul(3) }, 5)},
		{"all results read", on(func(x tensor) tensor {
			y := x.Mul(2)
			a := y.Item()
			z := y.Add(a)
			b := z.Item()
			return z.Mul(b).Add(y)
		}, 1)},
	}
}

func closures() []trap {
	counting := func(f func(n int, x tensor) tensor) func() world {
		return func() world {
			n := 0
			return world{
				func(x tensor) tensor { n++; return f(n, x) },
				func(int) []tensor { return []tensor{eager.Randn(2, 3)} }, none,
			}
		}
	}
	return []trap{
		{"a number that changes", counting(func(n int, x tensor) tensor { return x.Mul(1 / float64(n)) })},
		{"an int that changes", counting(func(n int, x tensor) tensor { return x.Add(n) })},
		{"a number that changes late", counting(func(n int, x tensor) tensor {
			if n > 6 {
				return x.Mul(7)
			}
			return x.Mul(2)
		})},
		{"every third call differs", counting(func(n int, x tensor) tensor {
			if n%3 == 0 {
				return x.Sin().Sum()
			}
			return x.Cos()
		})},
		{"a type that changes", counting(func(n int, x tensor) tensor {
			if n%2 == 0 {
				return x.Mul(2)
			}
			return x.Mul(2.5)
		})},
		{"a bound that changes", counting(func(n int, x tensor) tensor { return x.Clamp(0, float64(n)/5) })},
		{"an axis that changes", counting(func(n int, x tensor) tensor { return x.Sum(n % 2) })},
		{"a power that changes", counting(func(n int, x tensor) tensor { return x.Abs().Pow(float64(n % 4)) })},
		{"host data", counting(func(n int, x tensor) tensor {
			return x.Add(eager.FromFloat32s([]float32{float32(n), 2, 3}))
		})},
		{"a mask from the host", counting(func(n int, x tensor) tensor {
			return eager.Where(eager.New([]bool{n%2 == 0, true, false}), x, 0)
		})},
		{"a tensor that is replaced", func() world {
			w, n := eager.Ones(3), 0
			return world{func(x tensor) tensor {
				if n++; n%2 == 0 {
					w = eager.Full(float64(n), 3)
				}
				return x.Mul(w)
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, none}
		}},
		{"a tensor that grows", func() world {
			w := eager.Ones(1)
			return world{
				func(x tensor) tensor { w = eager.Concat(0, w, x.Sum().Reshape(1)); return w.Sum() },
				func(int) []tensor { return []tensor{eager.Randn(3)} }, none,
			}
		}},
		{"memory of the last call", func() world {
			last := eager.Zeros(3)
			return world{
				func(x tensor) tensor { y := x.Add(last); last = y.Mul(0.5); return y },
				func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{last} },
			}
		}},
		{"a value kept every third call", func() world {
			var kept tensor
			n := 0
			return world{func(x tensor) tensor {
				a := x.Mul(2)
				if n++; n%3 == 0 {
					kept = a
				}
				return a.Add(1).Exp()
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor {
				if kept == nil {
					return nil
				}
				return []tensor{kept}
			}}
		}},
		{"a value kept late", func() world {
			var kept []tensor
			n := 0
			return world{func(x tensor) tensor {
				a := x.Sin()
				if n++; n > 5 {
					kept = append(kept, a)
				}
				return a.Mul(a).Sum()
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return kept }}
		}},
		{"training switched off", func() world {
			d := nn.NewDropout(0.5)
			n := 0
			return world{
				func(x tensor) tensor { n++; d.Train(n%3 != 0); return d.Forward(x).Mul(2) },
				func(int) []tensor { return []tensor{eager.Randn(8)} }, none,
			}
		}},
		{"gradients switched off", func() world {
			w, n := eager.Ones(3).SetRequiresGrad(true), 0
			return world{func(x tensor) tensor {
				var y tensor
				if n++; n%2 == 0 {
					eager.NoGrad(func() { y = x.Mul(w) })
				} else {
					y = x.Mul(w)
				}
				if y.RequiresGrad() {
					y.Sum().Backward()
				}
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{w} }}
		}},
		{"more variants than the limit", counting(func(n int, x tensor) tensor {
			for range n * 7 % 97 {
				x = x.Mul(1.01)
			}
			return x
		})},
	}
}

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

func random() []trap {
	return []trap{
		{"noise", on(func(x tensor) tensor { return x.Add(eager.Randn(4)) }, 4)},
		{"noise without operands", on(func(x tensor) tensor { return eager.Rand(3).Mul(eager.Rand(3)) }, 4)},
		{"dropout", on(func(x tensor) tensor { return nn.NewDropout(0.5).Forward(x) }, 32)},
		{"a permutation", on(func(x tensor) tensor { return x.IndexSelect(0, eager.Perm(4)) }, 4)},
		{"noise by condition", on(func(x tensor) tensor {
			if x.Sum().Item() > 0 {
				x = x.Add(eager.Randn(4))
			}
			return x.Add(eager.Rand(4))
		}, 4)},
		{"a seed of its own", on(func(x tensor) tensor { eager.Seed(3); return x.Add(eager.Randn(4)) }, 4)},
		{"dropout and its gradient", func() world {
			w := eager.Ones(16).SetRequiresGrad(true)
			return world{func(x tensor) tensor {
				y := nn.NewDropout(0.5).Forward(w.Mul(x)).Sum()
				y.Backward()
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(16)} }, func() []tensor { return []tensor{w} }}
		}},
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

func shapes() []trap {
	return []trap{
		{"a batch that changes", func() world {
			l := nn.NewLinear(3, 2)
			return world{l, func(i int) []tensor { return []tensor{eager.Randn(1+i%4, 3)} }, none}
		}},
		{"a dtype that changes", func() world {
			return world{func(x tensor) tensor { return x.Mul(2).Sum() }, func(i int) []tensor {
				return []tensor{eager.Randn(4).To([]engine.DType{eager.F32, eager.F64, eager.I64}[i%3])}
			}, none}
		}},
		{"a layout that changes", func() world {
			return world{func(x tensor) tensor { return x.Reshape(-1).Mul(2) }, func(i int) []tensor {
				x := eager.Randn(3, 3)
				if i%2 == 0 {
					x = x.T()
				}
				return []tensor{x}
			}, none}
		}},
		{"a rank that changes", func() world {
			return world{func(x tensor) tensor { return x.Sum(0) }, func(i int) []tensor {
				return []tensor{eager.Randn([][]int{{4}, {4, 2}, {2, 2, 2}}[i%3]...)}
			}, none}
		}},
		{"nothing", func() world {
			return world{
				func(x tensor) tensor { return x.Mul(2).Sum() },
				func(i int) []tensor { return []tensor{eager.Randn(i%2*3, 2)} }, none,
			}
		}},
		{"channels last", func() world {
			c := nn.NewSequential(nn.NewConv2D(16, 32, 3), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten())
			return world{c, func(i int) []tensor { return []tensor{eager.Randn(2, 16, 8, 8)} }, none}
		}},
		{"numbers of arguments", func() world {
			return world{func(x ...tensor) tensor {
				y := x[0]
				for _, z := range x[1:] {
					y = y.Add(z)
				}
				return y
			}, func(i int) []tensor {
				x := make([]tensor, 1+i%3)
				for k := range x {
					x[k] = eager.Randn(3)
				}
				return x
			}, none}
		}},
	}
}

func threads() []trap {
	return []trap{
		{"a goroutine reads", on(func(x tensor) tensor {
			y, done := x.Mul(2), make(chan float64)
			go func() { done <- y.Sum().Item() }()
			return y.Add(<-done)
		}, 4)},
		{"goroutines compute", on(func(x tensor) tensor {
			parts := make([]tensor, 4)
			var wg sync.WaitGroup
			y := x.Exp()
			for i := range parts {
				wg.Add(1)
				go func() { defer wg.Done(); parts[i] = y.Mul(float64(i)) }()
			}
			wg.Wait()
			return eager.Stack(0, parts...).Sum(0)
		}, 4)},
		{"a goroutine changes", func() world {
			w := eager.Ones(4)
			return world{func(x tensor) tensor {
				y, done := w.Mul(x), make(chan bool)
				go func() { w.Assign(w.Add(1)); close(done) }()
				<-done
				return y.Add(w)
			}, func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} }}
		}},
		{"compiled inside compiled", func() world {
			inner := Compile(func(x tensor) tensor { return x.Mul(2).Sin() })
			return world{
				func(x tensor) tensor { return inner.Call(x).Add(inner.Call(x.Neg())) },
				func(int) []tensor { return []tensor{eager.Randn(4)} }, none,
			}
		}},
		{"a graph inside compiled", func() world {
			w := eager.Ones(4)
			g, err := Trace(func(x tensor) tensor { return x.Mul(w) }, eager.Ones(4))
			if err != nil {
				panic(err)
			}
			return world{
				func(x tensor) tensor { w.Assign(w.Add(1)); return g.Run(x.Mul(3))[0].Add(w) },
				func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} },
			}
		}},
	}
}

func TestCompiledFunctionsDoWhatGoSays(t *testing.T) {
	all := traps()
	if len(all) < 60 {
		t.Errorf("%d traps, want at least 60", len(all))
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) { same(t, 12, 1e-6, c.make) })
	}
}

func TestCallsFromManyGoroutines(t *testing.T) {
	w := eager.Randn(8)
	f := Compile(func(x tensor) tensor { return x.Mul(w).Exp().Sum() })
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				x := eager.Randn(8)
				have := f.Call(x).Item()
				if want := x.Mul(w).Exp().Sum().Item(); have != want {
					t.Errorf("%v, want %v", have, want)
				}
			}
		}()
	}
	wg.Wait()
}
