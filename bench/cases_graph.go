package main

import (
	"fmt"
	"strconv"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/jit"
)

// graphs are training steps through package jit, against the better of PyTorch's eager mode and
// torch.compile: compiled/MODEL calls the Go function each time, graph/MODEL runs its graph. chain/N is an
// affine function and GELU on N elements, one operator at a time in the source; fused/OP a graph of one operator,
// adam/N a step on N parameters with a given gradient.
func graphs() []benchCase {
	var all []benchCase
	for _, m := range []struct {
		name  string
		make  func() nn.Module
		shape []int
	}{
		{"mlp/b32", mlp, []int{32, 784}},
		{"lenet/b64", lenet, []int{64, 1, 28, 28}},
		{"cnn/b64", cnn, []int{64, 1, 28, 28}},
		{"transformer/b8", transformer, []int{8, 64, 128}},
		{"lstm/b32", lstm, []int{32, 32, 128}},
	} {
		all = append(all,
			benchCase{"compiled/" + m.name, 0, func() func() {
				step, x, y := trainOn(m.make(), m.shape)
				f := jit.Compile(step)
				return func() { f.Call(x, y) }
			}},
			benchCase{"graph/" + m.name, 0, func() func() {
				step, x, y := trainOn(m.make(), m.shape)
				step(x, y)
				return runGraph(step, x, y)
			}})
	}
	for _, n := range []int{4096, 1 << 20} {
		all = append(all, benchCase{"chain/" + strconv.Itoa(n), 0, func() func() {
			eager.Seed(0)
			x, w, b := eager.Randn(n/64, 64), eager.Randn(64), eager.Randn(64)
			return runGraph(func(x *eager.Tensor) *eager.Tensor { return x.Mul(w).Add(b).GELUTanh() }, x)
		}})
	}
	for _, s := range [][2]int{{64, 1024}, {1024, 1024}, {4096, 128}} {
		name := fmt.Sprintf("%dx%d", s[0], s[1])
		all = append(all,
			benchCase{"fused/softmax/" + name, 0, func() func() {
				eager.Seed(0)
				return runGraph(func(x *eager.Tensor) *eager.Tensor { return x.Softmax(1) }, eager.Randn(s[0], s[1]))
			}},
			benchCase{"fused/layernorm/" + name, 0, func() func() {
				eager.Seed(0)
				norm := nn.NewLayerNorm([]int{s[1]})
				return runGraph(norm, eager.Randn(s[0], s[1]))
			}})
	}
	return append(all, benchCase{"adam/1048576", 0, func() func() {
		eager.Seed(0)
		p := eager.Randn(1 << 20).SetRequiresGrad(true)
		grad := eager.Randn(1 << 20)
		opt := optim.NewAdam([]*eager.Tensor{p}, optim.AdamOptions{LR: 1e-3})
		step := func(g *eager.Tensor) {
			p.SetGrad(g)
			opt.Step()
		}
		step(grad)
		return runGraph(step, grad)
	}})
}

// trainOn is train as a function of a batch.
func trainOn(m nn.Module, shape []int) (step func(x, y *eager.Tensor) *eager.Tensor, x, y *eager.Tensor) {
	eager.Seed(0)
	x, y = eager.Randn(shape...), eager.RandInt(0, 10, shape[0])
	opt := optim.NewSGD(m.Self().Params(), optim.SGDOptions{LR: 0.01})
	return func(x, y *eager.Tensor) *eager.Tensor {
		opt.ZeroGrad()
		loss := nn.CrossEntropy(m.Forward(x), y)
		loss.Backward()
		opt.Step()
		return loss
	}, x, y
}

// runGraph returns a function that runs the graph of f on x and releases its results at once, as the
// peer's are by their reference count.
func runGraph(f any, x ...*eager.Tensor) func() {
	g, err := jit.Trace(f, x...)
	if err != nil {
		panic(err)
	}
	return func() {
		for _, y := range g.Run(x...) {
			y.Release()
		}
	}
}
