package jit

import (
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
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
	for _, part := range [][]trap{branches(), closures(), inPlace(), random(), tape(), aliases(), shapes(), threads(), written(), habits(), scripts()} {
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
		{"an index out of range that f recovers from", func() world {
			w, n := eager.Ones(3), 0
			return world{func(x tensor) tensor {
				n++
				y := x.Mul(2)
				if engine.Catch(func() { y = y.IndexSelect(0, eager.New([]int{0, n % 5})) }) != nil {
					y = y.Neg()
				}
				w.Assign(w.Add(y.Sum()))
				return y
			}, func(int) []tensor { return []tensor{eager.Randn(3)} }, func() []tensor { return []tensor{w} }}
		}},
		{"a label out of range", func() world {
			w, n := eager.Ones(3), 0
			return world{func(x tensor) tensor {
				n++
				loss := nn.CrossEntropy(x.Mul(w), eager.New([]int{0, n % 4}))
				w.Assign(w.Add(loss))
				return loss
			}, func(int) []tensor { return []tensor{eager.Randn(2, 3)} }, func() []tensor { return []tensor{w} }}
		}},
		{"an index that is computed", on(func(x tensor) tensor {
			return x.IndexSelect(0, x.Abs().Mul(2).To(eager.I64)).Exp()
		}, 3)},
		{"division by zero", on(func(x tensor) tensor {
			i := x.Mul(3).To(eager.I64)
			return eager.New([]int{7, 8, 9}).FloorDiv(i).Add(1)
		}, 3)},
		{"a matrix that is singular at times", func() world {
			n := 0
			return world{func(x tensor) tensor {
				n++
				a := x.MatMul(x.T()).Add(eager.Eye(2))
				if n%3 == 0 {
					a = a.Mul(0)
				}
				return eager.First(op.Solve, nil, a, x)
			}, func(int) []tensor { return []tensor{eager.Randn(2, 2)} }, none}
		}},
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
		{"another compiled function changes", func() world {
			w := eager.Ones(4)
			other := Compile(func(x tensor) tensor { w.Assign(w.Add(x)); return w.Sum() })
			return world{func(x tensor) tensor {
				y, done := w.Mul(x), make(chan bool)
				go func() { other.Call(x); close(done) }()
				<-done
				return y.Add(w)
			}, func(int) []tensor { return []tensor{eager.Randn(4)} }, func() []tensor { return []tensor{w} }}
		}},
		{"a panic of its own", on(func(x tensor) tensor {
			y := x.Mul(2).MatMul(x)
			if x.At(0, 0) > 0 {
				engine.Fail("test", "of its own")
			}
			return y
		}, 2, 2)},
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

func TestCompiledModuleTrainsAsTheModuleInIt(t *testing.T) {
	same(t, 8, 1e-6, func() world {
		net := NewModule(nn.NewSequential(nn.NewLinear(3, 8), nn.NewTanh(), nn.NewLinear(8, 1)))
		return world{func(x tensor) tensor {
			net.ZeroGrad()
			loss := net.Forward(x).Square().Mean()
			loss.Backward()
			return loss
		}, func(int) []tensor { return []tensor{eager.Randn(5, 3)} }, net.Params}
	})
	net := NewModule(nn.NewLinear(3, 2))
	for range 5 {
		x := eager.Randn(4, 3).SetRequiresGrad(true)
		y := net.Forward(x)
		want := net.Children()[0].Forward(x)
		y.Sum().Backward()
		if !eager.AllClose(y, want, 0, 0) || x.Grad() == nil {
			t.Errorf("%v, want %v; gradient %v", y, want, x.Grad())
		}
	}
}
