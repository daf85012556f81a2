package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// vector is one elementwise operator over n elements: op/NAME/N; the peer has the same names. Results are
// released at once, as those of the peer are by their reference count.
type vector struct {
	name string
	make func(n int) func()
}

func one(f func(x *eager.Tensor) *eager.Tensor) func(n int) func() {
	return func(n int) func() {
		x := eager.Randn(n)
		return func() { f(x).Release() }
	}
}

// positive is one over values in [0.1, 1).
func positive(f func(x *eager.Tensor) *eager.Tensor) func(n int) func() {
	return func(n int) func() {
		x := eager.Uniform(0.1, 1, n)
		return func() { f(x).Release() }
	}
}

func two(f func(x, y *eager.Tensor) *eager.Tensor) func(n int) func() {
	return func(n int) func() {
		x, y := eager.Randn(n), eager.Uniform(0.1, 1, n)
		return func() { f(x, y).Release() }
	}
}

func vectors() []vector {
	type T = *eager.Tensor
	return []vector{
		{"add", two(func(x, y T) T { return x.Add(y) })},
		{"mul", two(func(x, y T) T { return x.Mul(y) })},
		{"div", two(func(x, y T) T { return x.Div(y) })},
		{"maximum", two(func(x, y T) T { return x.Maximum(y) })},
		{"gt", two(func(x, y T) T { return x.Gt(y) })},
		{"where", func(n int) func() {
			x, y := eager.Randn(n), eager.Randn(n)
			c := x.Gt(0)
			return func() { eager.Where(c, x, y).Release() }
		}},
		{"add_scalar", one(func(x T) T { return x.Add(2.5) })},
		{"copy", one(T.Clone)},
		{"neg", one(T.Neg)},
		{"abs", one(T.Abs)},
		{"relu", one(T.ReLU)},
		{"clamp", one(func(x T) T { return x.Clamp(-1, 1) })},
		{"exp", one(T.Exp)},
		{"expm1", one(T.Expm1)},
		{"log", positive(T.Log)},
		{"log1p", positive(T.Log1p)},
		{"tanh", one(T.Tanh)},
		{"sigmoid", one(T.Sigmoid)},
		{"erf", one(T.Erf)},
		{"gelu", one(T.GELU)},
		{"silu", one(T.SiLU)},
		{"softplus", one(T.Softplus)},
		{"sin", one(T.Sin)},
		{"cos", one(T.Cos)},
		{"tan", one(T.Tan)},
		{"sqrt", positive(T.Sqrt)},
		{"rsqrt", positive(T.Rsqrt)},
		{"pow", func(n int) func() {
			x, y := eager.Uniform(0.1, 1, n), eager.Randn(n)
			return func() { x.Pow(y).Release() }
		}},
		{"pow3", one(func(x T) T { return x.Pow(3) })},
		{"to_f64", one(func(x T) T { return x.To(engine.F64) })},
		{"to_bf16", one(func(x T) T { return x.To(engine.BF16) })},
		{"add_f64", func(n int) func() {
			x, y := eager.Randn(n).To(engine.F64), eager.Randn(n).To(engine.F64)
			return func() { x.Add(y).Release() }
		}},
		{"exp_f64", func(n int) func() {
			x := eager.Randn(n).To(engine.F64)
			return func() { x.Exp().Release() }
		}},
		{"add_i64", func(n int) func() {
			x, y := eager.RandInt(0, 100, n), eager.RandInt(0, 100, n)
			return func() { x.Add(y).Release() }
		}},
		{"add_row", broadcast(func(n int) []int { return []int{n} })},
		{"add_col", broadcast(func(n int) []int { return []int{n, 1} })},
		{"add_transposed", func(n int) func() {
			r := side(n)
			x, y := eager.Randn(r, r), eager.Randn(r, r).T()
			return func() { x.Add(y).Release() }
		}},
		{"dropout", func(n int) func() {
			m, x := nn.NewDropout(0.1), eager.Randn(n)
			return func() { m.Forward(x).Release() }
		}},
		{"rand", func(n int) func() { return func() { eager.Rand(n).Release() } }},
		{"randn", func(n int) func() { return func() { eager.Randn(n).Release() } }},
	}
}

// side is the extent of the square matrix of n elements.
func side(n int) int {
	r := 1
	for r*r < n {
		r *= 2
	}
	return r
}

func broadcast(shape func(r int) []int) func(n int) func() {
	return func(n int) func() {
		r := side(n)
		x, y := eager.Randn(r, r), eager.Randn(shape(r)...)
		return func() { x.Add(y).Release() }
	}
}

// reductions fold n elements; rows and cols fold one axis of a square matrix.
func reductions() []vector {
	type T = *eager.Tensor
	square := func(f func(x T) T) func(n int) func() {
		return func(n int) func() {
			x := eager.Randn(side(n), side(n))
			return func() { f(x).Release() }
		}
	}
	return []vector{
		{"sum", one(func(x T) T { return x.Sum() })},
		{"mean", one(func(x T) T { return x.Mean() })},
		{"max", one(func(x T) T { return x.Max() })},
		{"argmax", one(func(x T) T { return x.ArgMax(0) })},
		{"var", one(func(x T) T { return x.Var() })},
		{"norm", one(func(x T) T { return x.Norm() })},
		{"sum_rows", square(func(x T) T { return x.Sum(1) })},
		{"sum_cols", square(func(x T) T { return x.Sum(0) })},
		{"max_rows", square(func(x T) T { return x.Max(1) })},
		{"max_cols", square(func(x T) T { return x.Max(0) })},
		{"logsumexp_rows", square(func(x T) T { return x.LogSumExp(1) })},
		{"cumsum_rows", square(func(x T) T { return x.CumSum(1) })},
		{"cumsum_cols", square(func(x T) T { return x.CumSum(0) })},
	}
}

// operators are elementwise operators and reductions at three sizes: in cache, in the last cache,
// in memory.
func operators() []benchCase {
	var all []benchCase
	for _, kind := range []struct {
		name string
		list []vector
	}{{"op", vectors()}, {"reduce", reductions()}} {
		for _, v := range kind.list {
			for _, n := range []int{1 << 12, 1 << 20, 1 << 24} {
				all = append(all, benchCase{
					fmt.Sprintf("%s/%s/%d", kind.name, v.name, n), 0,
					func() func() { return v.make(n) },
				})
			}
		}
	}
	return slices.Concat(all, intos(), dropped(), []benchCase{
		{"op/add/8", 0, func() func() { return two(func(x, y *eager.Tensor) *eager.Tensor { return x.Add(y) })(8) }},
		{"op/add_grad/8", 0, func() func() {
			x, y := eager.Randn(8).SetRequiresGrad(true), eager.Randn(8)
			return func() { x.Add(y) }
		}},
		{"op/mul_sum_backward/8", 0, func() func() {
			x, y := eager.Randn(8).SetRequiresGrad(true), eager.Randn(8)
			return func() { x.Mul(y).Sum().Backward() }
		}},
	})
}

// dropped are operators whose result waits for the collector.
func dropped() []benchCase {
	type T = *eager.Tensor
	var all []benchCase
	for _, v := range []struct {
		name string
		f    func(x T) T
	}{{"add_scalar", func(x T) T { return x.Add(2.5) }}, {"relu", T.ReLU}, {"exp", T.Exp}} {
		for _, n := range []int{1 << 12, 1 << 20, 1 << 24} {
			all = append(all, benchCase{fmt.Sprintf("dropped/%s/%d", v.name, n), 0, func() func() {
				x := eager.Randn(n)
				return func() { v.f(x) }
			}})
		}
	}
	return all
}

// intos are operators whose result goes into storage that exists: the CPU kernel and its threads
// alone, without allocation and collection.
func intos() []benchCase {
	var all []benchCase
	for _, d := range []*op.Def{
		op.Add, op.Mul, op.Div, op.Maximum, op.Neg, op.Abs, op.ReLU, op.Exp, op.Log, op.Tanh, op.Sigmoid, op.Erf, op.Sin, op.Cos,
		op.Sqrt, op.Rsqrt, op.Pow,
	} {
		for _, n := range []int{1 << 12, 1 << 20, 1 << 24} {
			all = append(all, benchCase{
				fmt.Sprintf("into/%s/%d", strings.ToLower(d.Name), n), 0,
				func() func() {
					out := []engine.Array{engine.NewArray(engine.F32, engine.Shape{n})}
					var in []engine.Array
					for range d.Inputs {
						in = append(in, eager.Uniform(0.1, 1, n).Array())
					}
					return func() { d.CPU(nil, out, in) }
				},
			})
		}
	}
	return all
}

// rowOp works along the rows of a matrix: forward, or forward and backward together.
func rowOp(name string, rows, cols int, f func(x *eager.Tensor) *eager.Tensor) []benchCase {
	shape := fmt.Sprintf("%dx%d", rows, cols)
	return []benchCase{
		{name + "/" + shape, 0, func() func() {
			x := eager.Randn(rows, cols)
			return func() { f(x).Release() }
		}},
		{name + "_bwd/" + shape, 0, func() func() {
			x := eager.Randn(rows, cols).SetRequiresGrad(true)
			y := f(x)
			o := eager.GradOptions{GradOutputs: []*eager.Tensor{eager.Randn(rows, cols)}, RetainGraph: true}
			return func() { eager.Grad([]*eager.Tensor{y}, []*eager.Tensor{x}, o)[0].Release() }
		}},
	}
}

// rows are softmax, layer norm, sorting and table look-up.
func rows() []benchCase {
	var all []benchCase
	for _, s := range [][2]int{{64, 10}, {512, 64}, {2048, 1024}, {32, 50257}} {
		all = append(all, rowOp("softmax", s[0], s[1], func(x *eager.Tensor) *eager.Tensor { return x.Softmax(1) })...)
		all = append(all, rowOp("log_softmax", s[0], s[1],
			func(x *eager.Tensor) *eager.Tensor { return x.LogSoftmax(1) })...)
		all = append(all, crossEntropy(s[0], s[1]))
	}
	for _, s := range [][2]int{{512, 128}, {2048, 1024}} {
		norm := nn.NewLayerNorm([]int{s[1]})
		all = append(all, rowOp("layernorm", s[0], s[1], norm.Forward)...)
	}
	for _, n := range []int{1 << 12, 1 << 20} {
		all = append(all, sorting("sort", n), sorting("topk", n))
	}
	return append(all, embeddings()...)
}

func crossEntropy(rows, classes int) benchCase {
	return benchCase{fmt.Sprintf("crossentropy_step/%dx%d", rows, classes), 0, func() func() {
		x := eager.Randn(rows, classes).SetRequiresGrad(true)
		labels := eager.RandInt(0, classes, rows)
		return func() {
			x.ZeroGrad()
			nn.CrossEntropy(x, labels).Backward()
		}
	}}
}

// sorting orders n numbers, or takes the largest 100.
func sorting(kind string, n int) benchCase {
	return benchCase{fmt.Sprintf("%s/%d", kind, n), 0, func() func() {
		x, k := eager.Randn(n).Array(), 100
		if kind == "sort" {
			k = n
		}
		values := engine.NewArray(engine.F32, engine.Shape{k})
		indices := engine.NewArray(engine.I64, engine.Shape{k})
		return func() {
			var err error
			if kind == "sort" {
				err = cpu.Sort(values, indices, x, 0, false)
			} else {
				err = cpu.TopK(values, indices, x, 0, true)
			}
			if err != nil {
				panic(err)
			}
		}
	}}
}

// embeddings look up 4096 rows of a table, and add gradients to them.
func embeddings() []benchCase {
	return []benchCase{
		{"embedding/30000x256", 0, func() func() {
			w, ids := eager.Randn(30000, 256), eager.RandInt(0, 30000, 4096)
			return func() { w.IndexSelect(0, ids).Release() }
		}},
		{"embedding_step/30000x256", 0, func() func() {
			w, ids := eager.Randn(30000, 256).SetRequiresGrad(true), eager.RandInt(0, 30000, 4096)
			dy := eager.Randn(4096, 256)
			return func() {
				w.ZeroGrad()
				w.IndexSelect(0, ids).BackwardFrom(dy)
			}
		}},
	}
}
