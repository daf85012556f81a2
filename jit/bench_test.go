package jit

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// steps are training steps, eager and compiled, and graphs of them.
func steps() map[string]func() (f func(x, y tensor) tensor, x, y tensor) {
	step := func(net func() nn.Module, adam bool, shape ...int) func() (func(x, y tensor) tensor, tensor, tensor) {
		return func() (func(x, y tensor) tensor, tensor, tensor) {
			m := net()
			var opt optim.Optimizer = optim.NewSGD(m.Self().Params(), optim.SGDOptions{LR: 0.01})
			if adam {
				opt = optim.NewAdam(m.Self().Params())
			}
			return func(x, y tensor) tensor {
				opt.Self().ZeroGrad()
				loss := nn.CrossEntropy(m.Forward(x), y)
				loss.Backward()
				opt.Step()
				return loss
			}, eager.Randn(shape...), eager.RandInt(0, 10, shape[0])
		}
	}
	return map[string]func() (func(x, y tensor) tensor, tensor, tensor){
		"mlp_b32": step(func() nn.Module {
			return nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
		}, false, 32, 784),
		"tiny_b8": step(func() nn.Module {
			return nn.NewSequential(nn.NewLinear(16, 32), nn.NewTanh(), nn.NewLinear(32, 32), nn.NewTanh(),
				nn.NewLinear(32, 10))
		}, true, 8, 16),
		"gelu_chain": step(func() nn.Module {
			return nn.NewSequential(nn.NewLinear(256, 512), nn.NewGELU(), nn.NewLayerNorm([]int{512}), nn.NewLinear(512, 512),
				nn.NewSiLU(), nn.NewLinear(512, 10))
		}, true, 64, 256),
		"lenet_b64": step(func() nn.Module {
			return nn.NewSequential(
				nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
				nn.NewConv2D(6, 16, 5), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
				nn.NewLinear(400, 120), nn.NewReLU(), nn.NewLinear(120, 84), nn.NewReLU(), nn.NewLinear(84, 10))
		}, false, 64, 1, 28, 28),
	}
}

func BenchmarkStep(b *testing.B) {
	for name, make := range steps() {
		b.Run(name+"/eager", func(b *testing.B) {
			f, x, y := make()
			for b.Loop() {
				f(x, y)
			}
		})
		b.Run(name+"/compiled", func(b *testing.B) {
			f, x, y := make()
			c := Compile(f)
			for range 5 {
				c.Call(x, y)
			}
			for b.Loop() {
				c.Call(x, y)
			}
		})
		b.Run(name+"/graph", func(b *testing.B) {
			f, x, y := make()
			f(x, y)
			g, err := Trace(f, x, y)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				g.Run(x, y)
			}
		})
	}
}

// BenchmarkFirstRun measures trace, passes, plan, machine code and the first run of a graph of 1,000 nodes.
func BenchmarkFirstRun(b *testing.B) {
	x, w := eager.Randn(8, 16), eager.Randn(16, 16)
	f := func(x tensor) tensor {
		for range 200 {
			x = x.MatMul(w).Mul(0.1).Add(x).Tanh().Sub(0.01)
		}
		return x
	}
	for b.Loop() {
		g, err := Trace(f, x)
		if err != nil {
			b.Fatal(err)
		}
		if len(g.Nodes) != 1000 {
			b.Fatal(len(g.Nodes))
		}
		g.Run(x)
	}
}
