package optim_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

// looked trains a table of 4 rows, of which row 1 is never looked up, for three steps and returns it.
func looked(sparse bool, make func(params []*eager.Tensor) optim.Optimizer) *eager.Tensor {
	e := nn.NewEmbedding(4, 2, nn.EmbeddingOptions{Sparse: sparse})
	eager.NoGrad(func() { e.Weight.Assign(eager.Arange(1, 9, 1).Reshape(4, 2)) })
	opt := make(e.Params())
	for _, index := range [][]int{{0, 2, 0}, {2, 3}, {0}} {
		opt.Self().ZeroGrad()
		e.Forward(eager.New(index)).Square().Sum().Backward()
		opt.Step()
	}
	return e.Weight.Detach()
}

func TestStepsByRowsAgreeWithPyTorch(t *testing.T) {
	// torch 2.15.0: the same three steps with nn.Embedding(sparse=True).
	makers := map[string]struct {
		make func(params []*eager.Tensor) optim.Optimizer
		want []float32
	}{
		"SparseAdam": {func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewSparseAdam(p, optim.AdamOptions{LR: 0.1, Beta1: 0.8, Beta2: 0.9})
		}, []float32{0.819681, 1.818921, 3, 4, 4.800064, 5.800053, 6.923422, 7.923422}},
		"SGD": {func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.1})
		}, []float32{0.48, 0.96, 3, 4, 3.2, 3.84, 5.6, 6.4}},
		"Adagrad": {func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewAdagrad(p, optim.AdagradOptions{LR: 0.1, LRDecay: 0.1})
		}, []float32{0.865803, 1.864245, 3, 4, 4.83637, 5.83626, 6.909091, 7.909091}},
	}
	for name, m := range makers {
		want := eager.FromFloat32s(m.want, 4, 2)
		if got := looked(true, m.make); !eager.AllClose(got, want, 1e-5, 1e-6) {
			t.Errorf("%s: the table is %v, want %v", name, got, want)
		}
	}
}

func TestDenseAndRowGradientsGiveTheSameSteps(t *testing.T) {
	makers := map[string]func(params []*eager.Tensor) optim.Optimizer{
		"SGD with momentum": func(p []*eager.Tensor) optim.Optimizer {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		},
		"Adagrad": func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdagrad(p) },
		"Adam":    func(p []*eager.Tensor) optim.Optimizer { return optim.NewAdam(p) },
	}
	for name, make := range makers {
		if a, b := looked(true, make), looked(false, make); !eager.AllClose(a, b, 1e-6, 0) {
			t.Errorf("%s: tables are %v by rows and %v without", name, a, b)
		}
	}
}

func TestSparseAdamRefusesDenseGradients(t *testing.T) {
	p := eager.Ones(2, 2).SetRequiresGrad(true)
	opt := optim.NewSparseAdam([]*eager.Tensor{p})
	p.Sum().Backward()
	if err := engine.Catch(opt.Step); err == nil || !strings.Contains(err.Error(), "is dense") {
		t.Errorf("error is %v", err)
	}
	if err := engine.Catch(func() { optim.NewSparseAdam(nil, optim.AdamOptions{WeightDecay: 1}) }); err == nil {
		t.Error("weight decay gave no error")
	}
}
