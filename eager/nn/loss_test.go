package nn_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

var (
	scores  = [][]float64{{0.5, -1.2, 2.1}, {1.4, 0.3, -0.6}, {-0.2, 0.9, 0.1}}
	targets = [][]float64{{0.1, 0.8, 0.1}, {0.3, 0.3, 0.4}, {0.9, 0.05, 0.05}}
	signs   = [][]float64{{1, -1, 1}, {-1, -1, 1}, {1, 1, -1}}
	labels  = []int{2, 0, 1}
)

// losses lists every loss as a function of one prediction.
var losses = map[string]func(x *eager.Tensor, reduction string) *eager.Tensor{
	"MSE":      func(x *eager.Tensor, r string) *eager.Tensor { return nn.MSE(x, eager.New(targets), opt(r)) },
	"L1":       func(x *eager.Tensor, r string) *eager.Tensor { return nn.L1(x, eager.New(targets), opt(r)) },
	"SmoothL1": func(x *eager.Tensor, r string) *eager.Tensor { return nn.SmoothL1(x, eager.New(targets), 0.7, opt(r)) },
	"Huber":    func(x *eager.Tensor, r string) *eager.Tensor { return nn.Huber(x, eager.New(targets), 0.7, opt(r)) },
	"BCE": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.BCE(x.Sigmoid(), eager.New(targets), opt(r))
	},
	"BCEWithLogits": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.BCEWithLogits(x, eager.New(targets), opt(r))
	},
	"KLDiv": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.KLDiv(x.LogSoftmax(1), eager.New(targets), nn.KLDivOptions{Reduction: r})
	},
	"PoissonNLL": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.PoissonNLL(x, eager.New(targets), nn.PoissonOptions{Reduction: r, Full: true})
	},
	"GaussianNLL": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.GaussianNLL(x, eager.New(targets), x.Exp(), nn.GaussianOptions{Reduction: r, Full: true})
	},
	"CrossEntropy": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.CrossEntropy(x, eager.New(labels), nn.ClassOptions{Reduction: r, LabelSmoothing: 0.2})
	},
	"NLL": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.NLL(x.LogSoftmax(1), eager.New(labels), nn.ClassOptions{Reduction: r})
	},
	"HingeEmbedding": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.HingeEmbedding(x, eager.New(signs), 1, opt(r))
	},
	"MarginRanking": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.MarginRanking(x, eager.New(targets), eager.New(signs), 0.1, opt(r))
	},
	"SoftMargin": func(x *eager.Tensor, r string) *eager.Tensor { return nn.SoftMargin(x, eager.New(signs), opt(r)) },
	"CosineEmbedding": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.CosineEmbedding(x, eager.New(targets), eager.New([]float64{1, -1, 1}), 0.1, opt(r))
	},
	"TripletMargin": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.TripletMargin(x, eager.New(targets), eager.New(signs), nn.TripletOptions{Reduction: r, Swap: true})
	},
	"MultiMargin": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.MultiMargin(x, eager.New(labels), nn.MultiMarginOptions{Reduction: r, P: 2})
	},
	"MultiLabelMargin": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.MultiLabelMargin(x, eager.New([][]int{{2, 0, -1}, {1, -1, -1}, {-1, 0, 1}}), opt(r))
	},
	"MultiLabelSoftMargin": func(x *eager.Tensor, r string) *eager.Tensor {
		return nn.MultiLabelSoftMargin(x, eager.New(targets), opt(r))
	},
}

func opt(reduction string) nn.LossOptions { return nn.LossOptions{Reduction: reduction} }

func TestGradientsOfLossesAgreeWithDifferences(t *testing.T) {
	for name, f := range losses {
		x := eager.New(scores).SetRequiresGrad(true)
		f(x, "mean").Backward()
		close(t, name, x.Grad().Float64s(), differences(func() float64 { return f(x, "").Item() }, x))
	}
}

func TestReductionsAgree(t *testing.T) {
	for name, f := range losses {
		x := eager.New(scores)
		each, sum, mean := f(x, "none"), f(x, "sum").Item(), f(x, "mean").Item()
		if each.Numel() < 3 || math.Abs(each.Sum().Item()-sum) > 1e-12 ||
			math.Abs(each.Mean().Item()-mean) > 1e-12 {
			t.Errorf("%s: none %v, sum %v, mean %v", name, each, sum, mean)
		}
	}
}

// Values from PyTorch 2.15.
func TestKnownValues(t *testing.T) {
	x, y := eager.New(scores), eager.New(labels)
	ce := func(o nn.ClassOptions) *eager.Tensor { return nn.CrossEntropy(x, y, o) }
	softmax := func(row, c int) float64 {
		s := 0.0
		for _, v := range scores[row] {
			s += math.Exp(v)
		}
		return scores[row][c] - math.Log(s)
	}
	a, b, c := -softmax(0, 2), -softmax(1, 0), -softmax(2, 1)
	w := eager.New([]float64{1, 2, 4})
	for _, v := range []struct {
		name string
		got  *eager.Tensor
		want float64
	}{
		{"mean", ce(nn.ClassOptions{}), (a + b + c) / 3},
		{"ignore", ce(nn.ClassOptions{Ignore: true, IgnoreIndex: 0}), (a + c) / 2},
		{"weighted", ce(nn.ClassOptions{Weight: w}), (4*a + b + 2*c) / 7},
		{"-100", nn.CrossEntropy(x, eager.New([]int{2, -100, -100})), a},
		{"one-hot", nn.CrossEntropy(x, eager.OneHot(y, 3).To(eager.F64)), (a + b + c) / 3},
		{"unbatched", nn.CrossEntropy(x.Index(0), eager.New(2)), a},
		{"extra axis", nn.CrossEntropy(x.T().Unsqueeze(0), y.Unsqueeze(0)), (a + b + c) / 3},
	} {
		if math.Abs(v.got.Item()-v.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", v.name, v.got, v.want)
		}
	}
}

func TestLossesOfExtremeInputsAreFinite(t *testing.T) {
	x := eager.New([][]float32{{1e30, -1e30}, {-1e30, 1e30}}).SetRequiresGrad(true)
	l := nn.CrossEntropy(x, eager.New([]int{0, 1}))
	l.Backward()
	if l.Item() != 0 || x.Grad().Abs().Sum().Item() != 0 {
		t.Errorf("loss %v, gradient %v", l, x.Grad())
	}
	p := eager.New([]float32{0, 1}).SetRequiresGrad(true)
	l = nn.BCE(p, eager.New([]float32{1, 0}))
	l.Backward()
	if g := p.Grad().Float64s(); math.Abs(l.Item()-100) > 1e-3 || g[0] > -1e11 || math.IsInf(g[0], 0) {
		t.Errorf("loss %v, gradient %v", l, p.Grad())
	}
	z := eager.New([]float32{1e4, -1e4})
	if v := nn.BCEWithLogits(z, eager.New([]float32{0, 1})).Item(); v != 1e4 {
		t.Errorf("loss %v", v)
	}
}

func TestAccuracyCountsLargestScores(t *testing.T) {
	if a := nn.Accuracy(eager.New(scores), eager.New([]int{2, 0, 0})); math.Abs(a-2.0/3) > 1e-15 {
		t.Errorf("accuracy %v", a)
	}
}

func TestOrthogonalRowsOrColumns(t *testing.T) {
	for _, s := range [][]int{{30, 20}, {20, 30}, {8, 3, 2, 2}} {
		x := eager.Zeros(s...).To(eager.F64)
		nn.InitOrthogonal(x, 2)
		m := x.Reshape(s[0], -1)
		if m.Size(0) > m.Size(1) {
			m = m.T()
		}
		want := eager.Eye(m.Size(0)).To(eager.F64).Mul(4)
		if !eager.AllClose(m.MatMul(m.T()), want, 1e-12, 1e-12) {
			t.Errorf("%v: product %v", s, m.MatMul(m.T()))
		}
	}
}

func TestInitialisersHaveTheirSpread(t *testing.T) {
	eager.Seed(2)
	x := eager.Zeros(200, 150).SetRequiresGrad(true)
	for name, c := range map[string]struct {
		f    func()
		want float64
	}{
		"xavier uniform":  {func() { nn.InitXavierUniform(x, 1) }, math.Sqrt(2.0 / 350)},
		"xavier normal":   {func() { nn.InitXavierNormal(x, 2) }, 2 * math.Sqrt(2.0/350)},
		"kaiming uniform": {func() { nn.InitKaimingUniform(x) }, math.Sqrt(2.0 / 150)},
		"kaiming fan out": {func() { nn.InitKaimingNormal(x, nn.KaimingOptions{FanOut: true}) }, math.Sqrt(2.0 / 200)},
		"linear":          {func() { nn.InitKaimingNormal(x, nn.KaimingOptions{Linear: true}) }, math.Sqrt(1.0 / 150)},
		"normal":          {func() { nn.InitNormal(x, 0, 3) }, 3},
		"truncated":       {func() { nn.InitTruncNormal(x, 0, 1, -2, 2) }, 0.8796},
	} {
		c.f()
		if std := x.Std().Item(); math.Abs(std-c.want) > 0.02*c.want || !x.RequiresGrad() {
			t.Errorf("%s: deviation %v, want %v", name, std, c.want)
		}
	}
}
