package jit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
)

// layer is a module as it stands in a Sequential, and an argument for it; whole says that it is of indices below 5.
type layer struct {
	make  func() nn.Module
	shape []int
	whole bool
}

func of[M nn.Module](shape []int, f func() M) layer {
	return layer{make: func() nn.Module { return f() }, shape: shape}
}

var (
	rowsOf8  = []int{4, 8}
	signal   = []int{3, 4, 8}
	picture  = []int{2, 4, 6, 6}
	volume   = []int{2, 4, 4, 4, 4}
	sentence = []int{3, 5, 8}
)

// layers has a case for every constructor of package nn that gives a module.
func layers() map[string]layer {
	all := map[string]layer{
		"NewPReLU": of(rowsOf8, func() *nn.PReLU { return nn.NewPReLU(8) }),
		"NewAdaptiveLogSoftmax": of(rowsOf8, func() *nn.AdaptiveLogSoftmax {
			return nn.NewAdaptiveLogSoftmax(8, 9, []int{3, 6}, 2)
		}),
		"NewMultiheadAttention": of(sentence, func() *nn.MultiheadAttention {
			return nn.NewMultiheadAttention(8, 2, nn.MultiheadOptions{BatchFirst: true})
		}),
		"NewLSTMCell":        of(rowsOf8, func() *nn.LSTMCell { return nn.NewLSTMCell(8, 3) }),
		"NewGRUCell":         of(rowsOf8, func() *nn.GRUCell { return nn.NewGRUCell(8, 3) }),
		"NewRNNCell":         of(rowsOf8, func() *nn.RNNCell { return nn.NewRNNCell(8, 3) }),
		"NewSequential":      of(rowsOf8, func() *nn.Sequential { return nn.NewSequential(nn.NewTanh(), nn.NewLinear(8, 3)) }),
		"NewLambda":          of(rowsOf8, func() *nn.Lambda { return nn.NewLambda(func(x *eager.Tensor) *eager.Tensor { return x.Sin() }) }),
		"NewIdentity":        of(rowsOf8, nn.NewIdentity),
		"NewFlatten":         of(picture, nn.NewFlatten),
		"NewGlobalAvgPool":   of(picture, nn.NewGlobalAvgPool),
		"NewConv1D":          of(signal, func() nn.Module { return nn.NewConv1D(4, 3, 3) }),
		"NewConv2D":          of(picture, func() nn.Module { return nn.NewConv2D(4, 3, 3, nn.ConvOptions{Padding: 1}) }),
		"NewConv3D":          of(volume, func() nn.Module { return nn.NewConv3D(4, 2, 2) }),
		"NewConvTranspose1D": of(signal, func() nn.Module { return nn.NewConvTranspose1D(4, 3, 3) }),
		"NewConvTranspose2D": of(picture, func() nn.Module { return nn.NewConvTranspose2D(4, 3, 3) }),
		"NewConvTranspose3D": of(volume, func() nn.Module { return nn.NewConvTranspose3D(4, 2, 2) }),
		"NewDropout":         of(rowsOf8, func() nn.Module { return nn.NewDropout(0.3) }),
		"NewDropout2D":       of(picture, func() nn.Module { return nn.NewDropout2D(0.3) }),
		"NewEmbedding":       {make: func() nn.Module { return nn.NewEmbedding(5, 3) }, shape: []int{4, 3}, whole: true},
		"NewEmbeddingBag":    {make: func() nn.Module { return nn.NewEmbeddingBag(5, 3) }, shape: []int{4, 3}, whole: true},
		"NewFakeQuantize":    of(rowsOf8, func() nn.Module { return nn.NewFakeQuantize() }),
		"NewQuantAware":      of(rowsOf8, func() nn.Module { return nn.NewQuantAware(nn.NewLinear(8, 3)) }),
		"NewUnfold":          of(picture, func() nn.Module { return nn.NewUnfold([]int{2, 2}) }),
		"NewFold":            of([]int{2, 8, 9}, func() nn.Module { return nn.NewFold(4, 4, []int{2, 2}) }),
		"NewChannelShuffle":  of(picture, func() nn.Module { return nn.NewChannelShuffle(2) }),
		"NewFractionalMaxPool2D": of(picture, func() nn.Module {
			return nn.NewFractionalMaxPool2D(2, 2, nn.FractionalOptions{Sizes: []int{2, 2}})
		}),
		"NewFractionalMaxPool3D": of(volume, func() nn.Module {
			return nn.NewFractionalMaxPool3D(2, 2, 2, nn.FractionalOptions{Sizes: []int{2, 2, 2}})
		}),
		"NewLayerNorm": of(rowsOf8, func() nn.Module { return nn.NewLayerNorm([]int{8}) }),
		"NewGroupNorm": of(picture, func() nn.Module { return nn.NewGroupNorm(2, 4) }),
		"NewRMSNorm":   of(rowsOf8, func() nn.Module { return nn.NewRMSNorm([]int{8}) }),
		"NewLinear":    of(rowsOf8, func() nn.Module { return nn.NewLinear(8, 3) }),
		"NewBilinear":  of(rowsOf8, func() nn.Module { return nn.NewBilinear(8, 8, 3) }),
		"NewPad":       of(picture, func() nn.Module { return nn.NewPad([]int{1, 2, 0, 1}) }),
		"NewParametrized": of(rowsOf8, func() nn.Module {
			return nn.NewParametrized(nn.NewLinear(8, 3), func(w *eager.Tensor) *eager.Tensor { return w.Tanh() })
		}),
		"NewWeightNorm":         of(rowsOf8, func() nn.Module { return nn.NewWeightNorm(nn.NewLinear(8, 3)) }),
		"NewSpectralNorm":       of(rowsOf8, func() nn.Module { return nn.NewSpectralNorm(nn.NewLinear(8, 3)) }),
		"NewPruned":             of(rowsOf8, func() nn.Module { return nn.NewPruned(nn.NewLinear(8, 3)) }),
		"NewPositionalEncoding": of(sentence, func() nn.Module { return nn.NewPositionalEncoding(8, 9) }),
		"NewRotaryEmbedding":    of(sentence, func() nn.Module { return nn.NewRotaryEmbedding(8, 9) }),
		"NewAlphaDropout":       of(rowsOf8, func() nn.Module { return nn.NewAlphaDropout(0.3) }),
		"NewFeatureAlphaDropout": of(picture, func() nn.Module {
			return nn.NewFeatureAlphaDropout(0.3)
		}),
		"NewRReLU":             of(rowsOf8, func() nn.Module { return nn.NewRReLU(0.1, 0.4) }),
		"NewLocalResponseNorm": of(picture, func() nn.Module { return nn.NewLocalResponseNorm(3) }),
		"NewLSTM":              of(sentence, func() nn.Module { return nn.NewLSTM(8, 3, nn.RNNOptions{Dropout: 0.2, Layers: 2}) }),
		"NewGRU":               of(sentence, func() nn.Module { return nn.NewGRU(8, 3) }),
		"NewRNN":               of(sentence, func() nn.Module { return nn.NewRNN(8, 3) }),
		"NewPixelShuffle":      of(picture, func() nn.Module { return nn.NewPixelShuffle(2) }),
		"NewPixelUnshuffle":    of(picture, func() nn.Module { return nn.NewPixelUnshuffle(2) }),
		"NewTransformerEncoderLayer": of(sentence, func() nn.Module {
			return nn.NewTransformerEncoderLayer(8, 2, nn.TransformerOptions{Hidden: 12, BatchFirst: true, Dropout: 0.2})
		}),
		"NewTransformerEncoder":      of(sentence, func() nn.Module { return nn.NewTransformerEncoder(8, 2, 2) }),
		"NewTransformerDecoderLayer": of(sentence, func() nn.Module { return nn.NewTransformerDecoderLayer(8, 2) }),
		"NewTransformerDecoder":      of(sentence, func() nn.Module { return nn.NewTransformerDecoder(8, 2, 2) }),
		"NewTransformer":             of(sentence, func() nn.Module { return nn.NewTransformer(8, 2) }),
		"NewUpsample":                of(picture, func() nn.Module { return nn.NewUpsample(nn.UpsampleOptions{Scale: []float64{2, 2}}) }),
		"NewLazy": of(rowsOf8, func() nn.Module {
			return nn.NewLazy(func(x *eager.Tensor) nn.Module { return nn.NewLinear(x.Size(1), 3) })
		}),
	}
	for name, f := range map[string]func() *nn.Activation{
		"NewReLU": nn.NewReLU, "NewSigmoid": nn.NewSigmoid, "NewTanh": nn.NewTanh, "NewGELU": nn.NewGELU,
		"NewGELUTanh": nn.NewGELUTanh, "NewSiLU": nn.NewSiLU, "NewMish": nn.NewMish, "NewSoftsign": nn.NewSoftsign,
		"NewTanhshrink": nn.NewTanhshrink, "NewLogSigmoid": nn.NewLogSigmoid, "NewReLU6": nn.NewReLU6,
		"NewHardsigmoid": nn.NewHardsigmoid, "NewHardswish": nn.NewHardswish, "NewSELU": nn.NewSELU,
		"NewHardtanh":   func() *nn.Activation { return nn.NewHardtanh(-1, 2) },
		"NewLeakyReLU":  func() *nn.Activation { return nn.NewLeakyReLU(0.1) },
		"NewThreshold":  func() *nn.Activation { return nn.NewThreshold(0.1, -1) },
		"NewHardshrink": func() *nn.Activation { return nn.NewHardshrink(0.4) },
		"NewSoftshrink": func() *nn.Activation { return nn.NewSoftshrink(0.4) },
		"NewELU":        func() *nn.Activation { return nn.NewELU(0.7) },
		"NewCELU":       func() *nn.Activation { return nn.NewCELU(0.7) },
		"NewSoftplus":   func() *nn.Activation { return nn.NewSoftplus(2, 20) },
		"NewSoftmax":    func() *nn.Activation { return nn.NewSoftmax(1) },
		"NewSoftmin":    func() *nn.Activation { return nn.NewSoftmin(1) },
		"NewLogSoftmax": func() *nn.Activation { return nn.NewLogSoftmax(1) },
		"NewGLU":        func() *nn.Activation { return nn.NewGLU(1) },
	} {
		all[name] = of(rowsOf8, f)
	}
	spatial := func(name string, one, two, three func() nn.Module) {
		all[name+"1D"], all[name+"2D"], all[name+"3D"] = of(signal, one), of(picture, two), of(volume, three)
	}
	spatial("NewBatchNorm", func() nn.Module { return nn.NewBatchNorm1D(4) }, func() nn.Module { return nn.NewBatchNorm2D(4) },
		func() nn.Module { return nn.NewBatchNorm3D(4, nn.BatchNormOptions{Cumulative: true}) })
	spatial("NewInstanceNorm", func() nn.Module { return nn.NewInstanceNorm1D(4) }, func() nn.Module { return nn.NewInstanceNorm2D(4) },
		func() nn.Module { return nn.NewInstanceNorm3D(4) })
	spatial("NewMaxPool", func() nn.Module { return nn.NewMaxPool1D(2) }, func() nn.Module { return nn.NewMaxPool2D(2) },
		func() nn.Module { return nn.NewMaxPool3D(2) })
	spatial("NewAvgPool", func() nn.Module { return nn.NewAvgPool1D(2) }, func() nn.Module { return nn.NewAvgPool2D(2) },
		func() nn.Module { return nn.NewAvgPool3D(2) })
	spatial("NewLPPool", func() nn.Module { return nn.NewLPPool1D(2, 2) }, func() nn.Module { return nn.NewLPPool2D(2, 2) },
		func() nn.Module { return nn.NewLPPool3D(2, 2) })
	spatial("NewAdaptiveAvgPool", func() nn.Module { return nn.NewAdaptiveAvgPool1D(3) },
		func() nn.Module { return nn.NewAdaptiveAvgPool2D(3, 2) }, func() nn.Module { return nn.NewAdaptiveAvgPool3D(3, 2, 2) })
	spatial("NewAdaptiveMaxPool", func() nn.Module { return nn.NewAdaptiveMaxPool1D(3) },
		func() nn.Module { return nn.NewAdaptiveMaxPool2D(3, 2) }, func() nn.Module { return nn.NewAdaptiveMaxPool3D(3, 2, 2) })
	return all
}

// A new module of package nn wants a case in layers.
func TestEveryModuleHasACaseInTheAutomaticTier(t *testing.T) {
	files, err := filepath.Glob("../eager/nn/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all, met := layers(), 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "New") || fn.Name.Name == "NewAverage" { // no module
				continue
			}
			if _, ok := all[fn.Name.Name]; !ok {
				t.Errorf("nn.%s has no case", fn.Name.Name)
			}
			met++
		}
	}
	if met != len(all) {
		t.Errorf("%d constructors, %d cases", met, len(all))
	}
}

// between puts m behind what it must not be given twice, and before what shows all of its result.
func between(c layer) *nn.Sequential {
	if c.whole {
		return nn.NewSequential(c.make(), nn.NewTanh())
	}
	return nn.NewSequential(nn.NewSoftsign(), c.make(), nn.NewIdentity(), nn.NewTanh())
}

// Training, modes, a write to weights, a state dict from elsewhere, freezing, hooks, grad mode, gradients of arguments.
func TestEveryModuleIsTheSameInTheAutomaticTier(t *testing.T) {
	for name, c := range layers() {
		t.Run(name, func(t *testing.T) {
			sameAutomatically(t, func() (out []*eager.Tensor) {
				net, spare := between(c), between(c)
				argument := func(i int) *eager.Tensor {
					if c.whole {
						return eager.RandInt(0, 5, c.shape...)
					}
					return eager.Randn(c.shape...).SetRequiresGrad(i/16%2 == 0)
				}
				net.Forward(argument(0)) // Lazy has parameters from here on
				spare.Forward(argument(0))
				own := eager.Ones(1).SetRequiresGrad(true) // most layers have no parameters
				opt := optim.NewAdam(append(net.Params(), own), optim.AdamOptions{LR: 1e-2})
				for i := range 110 {
					x := argument(i)
					switch {
					case i%37 == 36:
						if err := net.LoadStateDict(spare.StateDict()); err != nil {
							panic(err)
						}
					case i == 60:
						net.Freeze()
					case i == 84:
						net.Unfreeze()
					case i == 70 && !c.whole:
						defer net.Layer(1).Self().OnForward(func(_, y *eager.Tensor) *eager.Tensor { return y.Mul(1.5) })()
					}
					net.Train(i%28 < 21)
					var y *eager.Tensor
					if i%5 == 4 {
						eager.NoGrad(func() { y = net.Forward(x) })
						out = append(out, y)
						continue
					}
					if y = net.Forward(x); y.RequiresGrad() {
						opt.ZeroGrad()
						y.Square().Mean().Backward()
						opt.Step()
					}
					if out = append(out, y.Detach()); x.Grad() != nil {
						out = append(out, x.Grad())
					}
				}
				for _, s := range append(net.StateDict(), opt.StateDict()...) {
					out = append(out, s.Tensor.Detach().To(eager.F64))
				}
				return append(out, eager.Rand(1)) // the same place in the random stream
			})
		})
	}
}

func TestModulesInTheAutomaticTierOnManyGoroutines(t *testing.T) {
	was := jit.Automatic.On()
	defer jit.Automatic.Set(was)
	for name, c := range layers() {
		net := between(c)
		switch net.Layer(1).(type) {
		case *nn.Parametrized, *nn.Pruned, *nn.QuantAware: // their Forward writes to the layer in them
			continue
		}
		if c.whole {
			continue
		}
		x := eager.Randn(c.shape...)
		net.Forward(x)
		net.Eval()
		jit.Automatic.Set(false)
		var want *eager.Tensor
		eager.NoGrad(func() { want = net.Forward(x) })
		if eager.NoGrad(func() {
			if !eager.AllClose(net.Forward(x), want, 0, 0) {
				want = nil // it draws in evaluation, too
			}
		}); want == nil {
			continue
		}
		jit.Automatic.Set(true)
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := engine.Catch(func() {
					for i := range 30 {
						part := x
						if i%3 == 2 {
							part = x.Clone().SetRequiresGrad(true)
						}
						y := net.Forward(part)
						if !eager.AllClose(y, want, 1e-4, 1e-5) {
							t.Errorf("%s: call %d differs", name, i)
						}
						if part.RequiresGrad() {
							eager.Grad([]*eager.Tensor{y.Sum()}, []*eager.Tensor{part}, eager.GradOptions{AllowUnused: true})
						}
					}
				}); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}()
		}
		wg.Wait()
	}
}
