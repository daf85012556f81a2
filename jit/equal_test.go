package jit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

type tensor = *eager.Tensor

// world is what a case starts from: a function, arguments for each call, and what it changes.
type world struct {
	f     any
	args  func(call int) []tensor
	state func() []tensor
}

// outcome is what a call left behind.
type outcome struct {
	values [][]float64
	types  []string // of results, state and arguments; and where the random stream is
	err    error
}

// keep enters the value of x, its gradient, and what else can be asked of it.
func (o *outcome) keep(x tensor) {
	o.values = append(o.values, x.Float64s())
	o.types = append(o.types, fmt.Sprintf("%v requires a gradient: %v, is a leaf: %v", x.Type(), x.RequiresGrad(), x.IsLeaf()))
	if g := x.Grad(); g != nil {
		o.values = append(o.values, g.Float64s())
		o.types = append(o.types, "gradient "+g.Type().String())
	}
}

// play makes the calls of a world, compiled or not, and records results, state and errors: after each call, or, late,
// after the last one only. What calls returned is looked at once more in the end.
func play(w world, calls int, compiled, late bool) (all []outcome, f *Func) {
	run := func(x []tensor) []tensor { g, _ := asFunc(w.f); return g(x) }
	if compiled {
		f = Compile(w.f, Options{Quiet: true})
		run = func(x []tensor) []tensor { return f.CallAll(x...) }
	}
	var held []tensor
	for i := range calls {
		var o outcome
		args, before := w.args(i), len(held)
		o.err = engine.Catch(func() {
			for _, y := range run(args) {
				if y == nil {
					continue
				}
				if held = append(held, y); !late {
					o.keep(y)
				}
			}
			for _, y := range held[before:] {
				if d, ok := y.Device().(interface{ Synchronize() }); ok {
					d.Synchronize() // a kernel's fault belongs to the call that started it
				}
			}
		})
		if o.err != nil {
			held = held[:before] // a kernel that faults leaves its result as it was
		}
		if !late {
			for _, s := range append(w.state(), args...) {
				o.keep(s)
			}
		}
		seed, offset := eager.TakeRandom(0)
		o.types = append(o.types, fmt.Sprint("random numbers: ", seed, offset))
		all = append(all, o)
	}
	var last outcome
	for _, x := range append(held, w.state()...) {
		if err := engine.Catch(func() { last.keep(x) }); err != nil {
			last.types = append(last.types, err.Error())
		}
	}
	return append(all, last), f
}

// same fails the test where a compiled world differs from an eager one.
func same(t *testing.T, calls int, rel float64, make func() world) *Func {
	t.Helper()
	sameWhen(t, calls, rel, make, true)
	return sameWhen(t, calls, rel, make, false)
}

func sameWhen(t *testing.T, calls int, rel float64, make func() world, late bool) *Func {
	t.Helper()
	eager.Seed(7)
	want, _ := play(make(), calls, false, late)
	eager.Seed(7)
	have, f := play(make(), calls, true, late)
	for i := range want {
		a, b := want[i], have[i]
		if fmt.Sprint(a.err) != fmt.Sprint(b.err) {
			t.Fatalf("call %d: eager error %v, compiled %v", i, a.err, b.err)
		}
		if !slices.Equal(a.types, b.types) {
			t.Fatalf("call %d: eager mode gives\n%s\ncompiled\n%s", i, strings.Join(a.types, "\n"), strings.Join(b.types, "\n"))
		}
		for k := range a.values {
			for j, x := range a.values[k] {
				y := b.values[k][j]
				if x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= rel*math.Max(1, math.Abs(x)) {
					continue
				}
				t.Fatalf("call %d: value %d[%d] is %v in eager mode, %v compiled", i, k, j, x, y)
			}
		}
	}
	return f
}

func none() []tensor { return nil }

func TestAStepOfTrainingIsEqual(t *testing.T) {
	for name, c := range map[string]struct {
		net  func() nn.Module
		x    func() tensor
		adam bool
	}{
		"mlp": {net: func() nn.Module {
			return nn.NewSequential(nn.NewLinear(20, 32), nn.NewReLU(), nn.NewLinear(32, 5))
		}, x: func() tensor { return eager.Randn(16, 20) }},
		"mlp adam dropout": {net: func() nn.Module {
			return nn.NewSequential(nn.NewLinear(20, 32), nn.NewGELU(), nn.NewDropout(0.3), nn.NewLinear(32, 5))
		}, x: func() tensor { return eager.Randn(16, 20) }, adam: true},
		"lenet": {net: func() nn.Module {
			return nn.NewSequential(nn.NewConv2D(1, 6, 5), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
				nn.NewLinear(6*12*12, 5))
		}, x: func() tensor { return eager.Randn(4, 1, 28, 28) }, adam: true},
		"transformer": {net: func() nn.Module {
			layer := nn.NewTransformerEncoderLayer(16, 2, nn.TransformerOptions{
				Hidden: 32, Activation: "gelu", BatchFirst: true, NormFirst: true, Dropout: 0.1,
			})
			mean := nn.NewLambda(func(x tensor) tensor { return x.Mean(1) })
			return nn.NewSequential(layer, mean, nn.NewLinear(16, 5))
		}, x: func() tensor { return eager.Randn(3, 7, 16) }, adam: true},
		"lstm": {net: func() nn.Module {
			last := nn.NewLambda(func(x tensor) tensor { return x.Slice(1, -1, x.Size(1)).Squeeze(1) })
			return nn.NewSequential(nn.NewLSTM(6, 12, nn.RNNOptions{BatchFirst: true}), last, nn.NewLinear(12, 5))
		}, x: func() tensor { return eager.Randn(3, 9, 6) }, adam: true},
		"batch norm": {net: func() nn.Module {
			return nn.NewSequential(nn.NewConv2D(3, 8, 3), nn.NewBatchNorm2D(8), nn.NewReLU(), nn.NewFlatten(),
				nn.NewLinear(8*36, 5))
		}, x: func() tensor { return eager.Randn(4, 3, 8, 8) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := same(t, 8, 1e-5, func() world {
				net := c.net()
				var opt optim.Optimizer = optim.NewSGD(net.Self().Params(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
				if c.adam {
					opt = optim.NewAdam(net.Self().Params())
				}
				step := func(x, y tensor) tensor {
					opt.Self().ZeroGrad()
					loss := nn.CrossEntropy(net.Forward(x), y)
					loss.Backward()
					opt.Step()
					return loss
				}
				return world{step, func(int) []tensor {
					x := c.x()
					return []tensor{x, eager.RandInt(0, 5, x.Size(0))}
				}, func() []tensor { return append(net.Self().Params(), net.Self().Buffers()...) }}
			})

			if f.stats.programs == 0 || f.stats.differed > 0 {
				t.Errorf("stats %+v, off %q\n%s", f.stats, f.off, Explain(f))
			}
		})
	}
}
