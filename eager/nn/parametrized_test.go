package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// waves are sin(0.37·i + k), the weights of the recorded results of PyTorch 2.15.
func waves(k int, shape ...int) *eager.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = math.Sin(0.37*float64(i) + float64(k))
	}
	return eager.FromFloat64s(v, shape...)
}

func wantClose(t *testing.T, what string, got *eager.Tensor, tol float64, want ...float64) {
	t.Helper()
	g := got.Float64s()
	for i, w := range want {
		if len(g) != len(want) || math.Abs(g[i]-w) > tol*(1+math.Abs(w)) {
			t.Fatalf("%s is %v, want %v", what, g, want)
		}
	}
}

func wantMessage(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r, ok := recover().(*engine.Error); !ok || !strings.HasPrefix(r.Error(), want) {
			t.Errorf("got %v, want %s…", r, want)
		}
	}()
	f()
}

func TestWeightNormTrainsLengthAndDirection(t *testing.T) {
	l := nn.NewLinear(4, 3, nn.LinearOptions{NoBias: true})
	l.Weight.SetRequiresGrad(false)
	l.Weight.Assign(waves(0, 3, 4))
	l.Weight.SetRequiresGrad(true)
	w := nn.NewWeightNorm(l)
	w.Forward(eager.Ones(1, 4)).Sum().Backward()
	wantClose(t, "the gradient of g", w.Tensor("weight_g").Grad(), 1e-5, 1.63971698, 1.9501642, -1.34428549)
	wantClose(t, "the gradient of v", w.Tensor("weight_v").Grad(), 1e-5, 1, 0.49665344, 0.06143248, -0.24675773,
		-0.155505, -0.11535264, 0.07575751, 0.39195967, 1.24405909, 0.74688876, 0.2839756, -0.08202695)
	if got := names(w.NamedParams()); got != "weight_g weight_v" {
		t.Errorf("parameters are %s", got)
	}
	plain := w.Remove().(*nn.Linear)
	wantClose(t, "the weight after Remove", plain.Weight, 1e-6, waves(0, 3, 4).Float64s()...)
	if !plain.Weight.RequiresGrad() || len(plain.Params()) != 1 || plain.Params()[0] != plain.Weight {
		t.Error("the weight is no parameter after Remove")
	}
}

func TestSpectralNormHasSingularValueOne(t *testing.T) {
	eager.Seed(2)
	l := nn.NewConv2D(4, 3, 1)
	l.Weight.SetRequiresGrad(false)
	l.Weight.Assign(waves(0, 3, 4, 1, 1))
	l.Weight.SetRequiresGrad(true)
	s := nn.NewSpectralNorm(l)
	y := s.Forward(eager.Ones(1, 4, 2, 2))
	wantClose(t, "the weight", s.Weight(), 1e-4, waves(0, 3, 4, 1, 1).Div(2.046881914138794).Float64s()...)
	y.Sum().Backward()
	if g := s.Tensor("weight_orig").Grad(); g == nil || names(s.NamedParams()) != "weight_orig bias" {
		t.Errorf("gradient %v, parameters %s", g, names(s.NamedParams()))
	}
	s.Eval()
	u := s.Tensor("weight_u").Clone()
	s.Forward(eager.Ones(1, 4, 2, 2))
	if !eager.AllClose(u, s.Tensor("weight_u"), 0, 0) {
		t.Error("the power method goes on in evaluation")
	}
}

func TestParametrizedWeightIsAFunctionOfTheTrainedOne(t *testing.T) {
	p := nn.NewParametrized(nn.NewLinear(3, 3), func(w *eager.Tensor) *eager.Tensor { return w.Triu(0) })
	p.Forward(eager.Ones(2, 3)).Sum().Backward()
	if g := p.Tensor("weight_orig").Grad(); g.At(2, 0) != 0 || g.At(0, 2) != 2 {
		t.Errorf("the gradient is %v", g)
	}
	wantMessage(t, "nn.NewParametrized: ReLU has no weight", func() { nn.NewParametrized(nn.NewReLU(), nil) })
	bad := nn.NewParametrized(nn.NewLinear(3, 3), func(w *eager.Tensor) *eager.Tensor { return w.Sum() })
	wantMessage(t, "nn.Parametrized: the computed weight is f32[]", func() { bad.Forward(eager.Ones(1, 3)) })
}

func TestPrunedWeightsStayZero(t *testing.T) {
	l := nn.NewLinear(4, 4, nn.LinearOptions{NoBias: true})
	l.Weight.SetRequiresGrad(false)
	l.Weight.Assign(eager.Arange(1, 17, 1).Reshape(4, 4))
	l.Weight.SetRequiresGrad(true)
	p := nn.NewPruned(l)
	p.Prune(0.25)
	if p.Sparsity() != 0.25 || p.Weight().At(0, 3) != 0 || p.Weight().At(1, 0) != 5 {
		t.Errorf("a quarter pruned gives %v", p.Weight())
	}
	p.Prune(0.5, nn.PruneOptions{Random: true})
	if p.Sparsity() != 0.625 {
		t.Errorf("sparsity %v; want half of what was left gone", p.Sparsity())
	}
	p.Forward(eager.Ones(1, 4)).Sum().Backward()
	g, mask := p.Tensor("weight_orig").Grad(), p.Tensor("weight_mask")
	if !eager.AllClose(g, mask, 0, 0) {
		t.Errorf("gradient %v, mask %v", g, mask)
	}
	q := nn.NewPruned(nn.NewConv2D(3, 8, 3))
	q.Prune(0.5, nn.PruneOptions{Channels: true})
	zero := 0
	for i := range 8 {
		if q.Weight().Index(i).Abs().Sum().Item() == 0 {
			zero++
		}
	}
	if zero != 4 {
		t.Errorf("%d of 8 channels are 0, want 4", zero)
	}
}

func TestAverageIsTheMeanOrFadesAway(t *testing.T) {
	l := nn.NewLinear(1, 1, nn.LinearOptions{NoBias: true})
	set := func(v float64) { eager.NoGrad(func() { l.Weight.Assign(v) }) }
	swa, ema := nn.NewAverage(l), nn.NewAverage(l, nn.AverageOptions{Decay: 0.9})
	for _, v := range []float64{1, 2, 6} {
		set(v)
		swa.Update()
		ema.Update()
	}
	swa.With(func() { wantClose(t, "the mean", l.Weight, 1e-6, 3) })
	wantClose(t, "the weight afterwards", l.Weight, 0, 6)
	next := nn.NewAverage(l, nn.AverageOptions{Decay: 0.9})
	if err := next.LoadStateDict(ema.StateDict()); err != nil || next.Count() != 3 {
		t.Fatalf("%v, %d updates", err, next.Count())
	}
	next.Copy()
	wantClose(t, "the moving average", l.Weight, 1e-6, (1*0.9+2*0.1)*0.9+6*0.1)
}

func TestAdaptiveLogSoftmaxAgreesWithPyTorch(t *testing.T) {
	a := nn.NewAdaptiveLogSoftmax(8, 10, []int{3, 6}, 2)
	if got := names(a.NamedParams()); got != "head.weight tail.0.0.weight tail.0.1.weight tail.1.0.weight tail.1.1.weight" {
		t.Fatalf("parameters are %s", got)
	}
	eager.NoGrad(func() {
		for k, p := range a.Params() {
			p.Assign(waves(k, p.Shape()...))
		}
	})
	x := eager.Arange(0, 40, 1).To(eager.F32).Mul(0.21).Cos().Reshape(5, 8)
	labels := []int{0, 4, 9, 2, 6}
	logp, loss := a.Loss(x, eager.FromInts(labels))
	wantClose(t, "log p", logp, 1e-5, -0.35019812, -3.52882195, -3.42455697, -1.02529359, -4.25114870)
	wantClose(t, "the loss", loss, 1e-5, 2.51600385)
	all := a.Forward(x)
	wantClose(t, "row 1", all.Index(1), 1e-5, -8.67768955, -0.54043519, -8.60834789, -2.72973394, -3.52882195,
		-1.13243604, -8.48947716, -9.56262589, -10.43482113, -10.64984989)
	for i, l := range labels {
		wantClose(t, "a label of all", all.Index(i, l), 1e-6, logp.At(i))
	}
}

func TestFusedConvolutionComputesBoth(t *testing.T) {
	eager.Seed(1)
	c, b := nn.NewConv2D(3, 5, 3), nn.NewBatchNorm2D(5)
	x := eager.Randn(2, 3, 6, 6)
	b.Forward(c.Forward(x).Mul(3).Add(1)) // statistics
	b.Eval()
	want := b.Forward(c.Forward(x))
	if got := nn.FuseConvBatchNorm(c, b).Forward(x); !eager.AllClose(got, want, 1e-4, 1e-5) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLazyLayerTakesItsSizeFromTheFirstInput(t *testing.T) {
	l := nn.NewLazy(func(x *eager.Tensor) nn.Module { return nn.NewLinear(x.Size(-1), 2) })
	if y := l.Forward(eager.Ones(3, 7)); !y.Shape().Equal([]int{3, 2}) || names(l.NamedParams()) != "layer.weight layer.bias" {
		t.Errorf("got %v with %s", y, names(l.NamedParams()))
	}
}

func TestVectorsOfParametersGoBothWays(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(2, 3), nn.NewPReLU(1))
	v := nn.ToVector(net.Params())
	eager.NoGrad(func() { v = v.Add(1) })
	nn.FromVector(v, net.Params())
	if !eager.AllClose(nn.ToVector(net.Params()), v, 0, 0) || net.Module("0").(*nn.Linear).Weight.At(0, 0) != v.At(0) {
		t.Error("the parameters are not what the vector has")
	}
	wantMessage(t, "nn.FromVector: the vector is f32[10]; the parameters have 9", func() {
		nn.FromVector(v, net.Params()[:2])
	})
}

func TestInitialValues(t *testing.T) {
	x := eager.Zeros(2, 3, 3)
	nn.InitDirac(x)
	in := eager.Randn(1, 3, 8)
	c := nn.NewConv1D(3, 2, 3, nn.ConvOptions{Padding: 1, NoBias: true})
	eager.NoGrad(func() { c.Weight.Assign(x) })
	if !eager.AllClose(c.Forward(in), in.Slice(1, 0, 2), 1e-6, 0) {
		t.Error("Dirac weights do not pass the input on")
	}
	s := eager.Zeros(10, 4)
	nn.InitSparse(s, 0.25, 1)
	if got := s.Eq(0).Sum(0).Ints(); !slices.Equal(got, []int{3, 3, 3, 3}) {
		t.Errorf("zeros in columns %v, want 3 of 10", got)
	}
	e := eager.Ones(2, 3)
	nn.InitEye(e)
	wantClose(t, "eye", e, 0, 1, 0, 0, 0, 1, 0)
	for name, want := range map[string]float64{"tanh": 5.0 / 3, "relu": math.Sqrt2, "selu": 0.75, "linear": 1} {
		if g := nn.Gain(name); g != want {
			t.Errorf("gain of %s is %v, want %v", name, g, want)
		}
	}
	if g := nn.Gain("leaky_relu", 0.2); math.Abs(g-1.3867504905630728) > 1e-12 {
		t.Errorf("gain of leaky_relu is %v", g)
	}
}

func TestRandomLayersKeepWhatTheyPromise(t *testing.T) {
	eager.Seed(4)
	x := eager.Randn(200, 200)
	y := nn.NewAlphaDropout(0.3).Forward(x)
	if m, v := y.Mean().Item(), y.Variance(1, false).Item(); math.Abs(m) > 0.02 || math.Abs(v-1) > 0.03 {
		t.Errorf("mean %v, variance %v after alpha dropout; want 0 and 1", m, v)
	}
	f := nn.NewFeatureAlphaDropout(0.5).Forward(eager.Zeros(4, 64, 5))
	if !eager.AllClose(f.Slice(2, 0, 1).Expand(4, 64, 5), f, 0, 0) {
		t.Error("a channel is dropped in part")
	}
	r := nn.NewRReLU(0.1, 0.3)
	s := r.Forward(eager.Full(-1, 1000)).Neg()
	if lo, hi := s.Min().Item(), s.Max().Item(); lo < 0.1 || hi > 0.3 || hi-lo < 0.15 {
		t.Errorf("slopes from %v to %v", lo, hi)
	}
	r.Eval()
	wantClose(t, "the mean slope", r.Forward(eager.Of(-1, 2)), 1e-6, -0.2, 2)
	logits := eager.Of(0, 1, 2).SetRequiresGrad(true)
	counts := make([]float64, 3)
	for range 2000 {
		counts[nn.GumbelSoftmax(logits, 1, true).ArgMax(0).Ints()[0]]++
	}
	for i, p := range logits.Softmax(0).Float64s() {
		if math.Abs(counts[i]/2000-p) > 0.05 {
			t.Errorf("category %d comes in %v of 2000, want a share of %v", i, counts[i], p)
		}
	}
	nn.GumbelSoftmax(logits, 0.5, true).Mul(eager.Of(1, 2, 3)).Sum().Backward()
	if logits.Grad().Abs().Sum().Item() == 0 {
		t.Error("a hard sample has no gradient")
	}
}
