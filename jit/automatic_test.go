package jit_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/jit"
)

// automatically runs f with the tier on and off, from the same random state, and returns what each gave.
func automatically(t *testing.T, f func() []*eager.Tensor) (on, off []*eager.Tensor) {
	t.Helper()
	was := jit.Automatic.On()
	defer jit.Automatic.Set(was)
	jit.Automatic.Set(true)
	eager.Seed(7)
	on = f()
	jit.Automatic.Set(false)
	eager.Seed(7)
	return on, f()
}

// sameAutomatically checks that the tier changes nothing beyond rounding.
func sameAutomatically(t *testing.T, f func() []*eager.Tensor) {
	t.Helper()
	on, off := automatically(t, f)
	for i := range off {
		if d := off[i].Sub(on[i]).Abs().Max().Item(); !(d <= 1e-4*(1+off[i].Abs().Max().Item())) {
			t.Errorf("result %d differs by %v", i, d)
		}
	}
}

// tierNet is large enough to be tried, and has layers that change, draw and share.
func tierNet() *nn.Sequential {
	return nn.NewSequential(
		nn.NewConv2D(3, 16, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(16), nn.NewReLU(),
		nn.NewSequential(nn.NewConv2D(16, 16, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(16), nn.NewGELU()),
		nn.NewMaxPool2D(2), nn.NewDropout(0.3), nn.NewFlatten(), nn.NewLinear(16*8*8, 10),
	)
}

func TestTheAutomaticTierTrainsAsEagerModeDoes(t *testing.T) {
	sameAutomatically(t, func() []*eager.Tensor {
		net := tierNet()
		opt := optim.NewAdam(net.Params(), optim.AdamOptions{LR: 1e-3})
		x, y := eager.Randn(16, 3, 16, 16), eager.RandInt(0, 10, 16)
		var losses []*eager.Tensor
		for range 45 {
			opt.ZeroGrad()
			loss := nn.CrossEntropy(net.Forward(x), y)
			loss.Backward()
			opt.Step()
			losses = append(losses, loss.Detach())
		}
		net.Eval()
		return append(losses, net.Forward(x).Detach(), net.Buffers()[0], net.Buffers()[1])
	})
}

// What changes between calls: freezing, modes, hooks, layers, shapes, grad mode, values kept, errors.
func TestTheAutomaticTierFollowsWhatChanges(t *testing.T) {
	changes := map[string]func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor{
		"freeze": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i == 30 {
				net.Layer(0).Self().Freeze()
			}
			return net.Forward(x)
		},
		"modes": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			net.Train(i%7 != 3)
			return net.Forward(x)
		},
		"hooks": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i == 33 {
				remove := net.Layer(2).Self().OnForward(func(_, y *eager.Tensor) *eager.Tensor { return y.Mul(2) })
				defer remove()
			}
			return net.Forward(x)
		},
		"layers": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i == 32 {
				net.Append(nn.NewTanh())
			}
			return net.Forward(x)
		},
		"shapes": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			return net.Forward(x.Slice(0, 0, 4+i%3))
		},
		"grad mode": func(i int, net *nn.Sequential, x *eager.Tensor) (y *eager.Tensor) {
			if i%4 == 1 {
				eager.NoGrad(func() { y = net.Forward(x) })
				return y.Add(net.Layer(7).(*nn.Linear).Weight.Mean())
			}
			return net.Forward(x)
		},
		"input with a gradient": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			return net.Forward(x.Detach().SetRequiresGrad(i%3 == 0))
		},
		"writes to results": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			y := net.Forward(x)
			eager.NoGrad(func() { y.Detach().AddInPlace(float64(i)) })
			return y
		},
		"a weight is replaced": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i == 31 {
				l := net.Layer(7).(*nn.Linear)
				l.Weight = l.Weight.Detach().Mul(2).SetRequiresGrad(true)
			}
			return net.Forward(x)
		},
		"weights are written to": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			l := net.Layer(7).(*nn.Linear)
			eager.NoGrad(func() { l.Weight.Assign(l.Weight.Mul(0.99)) })
			return net.Forward(x)
		},
		"statistics are reset": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i%11 == 10 {
				b := net.Layer(1).(*nn.BatchNorm)
				b.RunningMean.Assign(b.RunningMean.Mul(0))
			}
			net.Train(i%5 != 4)
			return net.Forward(x)
		},
		"twice in one step": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			y := net.Forward(x)
			return y.Add(net.Forward(x.Mul(0.5)))
		},
		"backward within": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			net.Forward(x.Neg()).Square().Mean().Backward()
			return net.Forward(x)
		},
		"the argument is written to afterwards": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			buffer := x.Mul(1)
			var y *eager.Tensor
			eager.NoGrad(func() { y = net.Forward(buffer) })
			buffer.Assign(eager.Full(float64(i), 6, 3, 16, 16))
			return y.Add(net.Forward(x))
		},
		"a seed between calls": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			eager.Seed(uint64(i % 3))
			return net.Forward(x)
		},
		"errors": func(i int, net *nn.Sequential, x *eager.Tensor) *eager.Tensor {
			if i%10 == 9 {
				func() {
					defer func() {
						if recover() == nil {
							panic("no panic for a wrong shape")
						}
					}()
					net.Forward(eager.Randn(2, 5, 16, 16))
				}()
			}
			return net.Forward(x)
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			sameAutomatically(t, func() []*eager.Tensor {
				net := tierNet()
				opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 1e-2})
				x := eager.Randn(6, 3, 16, 16)
				var out []*eager.Tensor
				for i := range 40 {
					opt.ZeroGrad()
					y := change(i, net, x).Square().Mean()
					y.Backward()
					opt.Step()
					out = append(out, y.Detach())
				}
				return append(out, net.Params()[0].Detach())
			})
		})
	}
}

func TestTheAutomaticTierLeavesLayersOfOthersAlone(t *testing.T) {
	was := jit.Automatic.On()
	defer jit.Automatic.Set(was)
	jit.Automatic.Set(true)
	var kept []*eager.Tensor
	net := nn.NewSequential(nn.NewLinear(64, 64), nn.NewLambda(func(x *eager.Tensor) *eager.Tensor {
		if eager.IsTraced() {
			t.Error("a layer that is not Lathe's own is traced")
		}
		kept = append(kept, x)
		return x
	}), nn.NewTanh())
	x := eager.Randn(256, 64)
	for range 40 {
		net.Forward(x)
	}
	if len(kept) != 40 || kept[39].Sum().Item() != kept[0].Sum().Item() {
		t.Error("what a layer keeps is not there")
	}
}

func TestTheAutomaticTierSaysWhatItDoes(t *testing.T) {
	was := jit.Automatic.On()
	defer jit.Automatic.Set(was)
	jit.Automatic.Set(false)
	if s := jit.Automatic.String(); !strings.Contains(s, "is off") {
		t.Error(s)
	}
	jit.Automatic.Set(true)
	net, x := tierNet(), eager.Randn(8, 3, 16, 16)
	for range 40 {
		net.Forward(x)
	}
	if s := jit.Automatic.String(); !strings.Contains(s, "nn.Sequential of 8 layers on f32[8 3 16 16]") {
		t.Error(s)
	}
}
