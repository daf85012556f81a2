package nn_test

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// layers lists every kind of layer with an input shape; each is checked against central differences.
var layers = map[string]struct {
	build func() nn.Module
	x     []int
}{
	"Linear":          {func() nn.Module { return nn.NewLinear(4, 3) }, []int{2, 5, 4}},
	"Bilinear":        {func() nn.Module { return nn.NewBilinear(3, 3, 2) }, []int{4, 3}},
	"Conv1D":          {func() nn.Module { return nn.NewConv1D(2, 3, 3, nn.ConvOptions{Stride: 2, Padding: 1}) }, []int{2, 2, 7}},
	"Conv2D groups":   {func() nn.Module { return nn.NewConv2D(4, 6, 3, nn.ConvOptions{Groups: 2, Dilation: 2}) }, []int{2, 4, 6, 7}},
	"Conv2D same":     {func() nn.Module { return nn.NewConv2D(2, 3, 4, nn.ConvOptions{Same: true, NoBias: true}) }, []int{1, 2, 5, 6}},
	"Conv2D reflect":  {func() nn.Module { return nn.NewConv2D(1, 2, 3, nn.ConvOptions{Padding: 2, PadMode: "reflect"}) }, []int{1, 4, 5}},
	"Conv3D":          {func() nn.Module { return nn.NewConv3D(1, 2, 2) }, []int{1, 1, 3, 4, 3}},
	"ConvTranspose2D": {func() nn.Module { return nn.NewConvTranspose2D(2, 3, 3, nn.ConvOptions{Stride: 2, OutputPadding: 1}) }, []int{1, 2, 3, 4}},
	"Pad circular":    {func() nn.Module { return nn.NewPad([]int{1, 2}, nn.PadOptions{Mode: "circular"}) }, []int{2, 4}},
	"Pad replicate":   {func() nn.Module { return nn.NewPad([]int{1, 2, 3, 0}, nn.PadOptions{Mode: "replicate"}) }, []int{3, 4}},
	"MaxPool2D":       {func() nn.Module { return nn.NewMaxPool2D(3, nn.PoolOptions{Stride: 2, Padding: 1}) }, []int{2, 2, 6, 5}},
	"AvgPool2D":       {func() nn.Module { return nn.NewAvgPool2D(2, nn.PoolOptions{Ceil: true}) }, []int{2, 2, 5, 5}},
	"LPPool1D":        {func() nn.Module { return nn.NewLPPool1D(2, 2) }, []int{2, 2, 6}},
	"AdaptiveAvg":     {func() nn.Module { return nn.NewAdaptiveAvgPool2D(3, 2) }, []int{2, 2, 7, 5}},
	"AdaptiveMax":     {func() nn.Module { return nn.NewAdaptiveMaxPool1D(4) }, []int{2, 2, 7}},
	"GlobalAvgPool":   {func() nn.Module { return nn.NewGlobalAvgPool() }, []int{2, 3, 4, 2}},
	"BatchNorm1D":     {func() nn.Module { return nn.NewBatchNorm1D(3) }, []int{5, 3}},
	"BatchNorm2D":     {func() nn.Module { return nn.NewBatchNorm2D(2) }, []int{3, 2, 2, 2}},
	"InstanceNorm2D":  {func() nn.Module { return nn.NewInstanceNorm2D(2, nn.InstanceNormOptions{Affine: true}) }, []int{2, 2, 3, 2}},
	"LayerNorm":       {func() nn.Module { return nn.NewLayerNorm([]int{3, 2}) }, []int{2, 3, 2}},
	"GroupNorm":       {func() nn.Module { return nn.NewGroupNorm(2, 4) }, []int{2, 4, 3}},
	"RMSNorm":         {func() nn.Module { return nn.NewRMSNorm([]int{4}) }, []int{3, 4}},
	"LRN":             {func() nn.Module { return nn.NewLocalResponseNorm(3, nn.ResponseOptions{Alpha: 1}) }, []int{2, 5, 2}},
	"PReLU":           {func() nn.Module { return nn.NewPReLU(3) }, []int{2, 3, 4}},
	"Upsample":        {func() nn.Module { return nn.NewUpsample(nn.UpsampleOptions{Size: []int{5, 3}, Mode: "bicubic"}) }, []int{2, 2, 3, 4}},
	"Upsample area":   {func() nn.Module { return nn.NewUpsample(nn.UpsampleOptions{Scale: []float64{0.7}, Mode: "area"}) }, []int{2, 2, 5}},
	"Unfold": {func() nn.Module {
		return nn.NewUnfold([]int{2, 3}, nn.FoldOptions{Padding: []int{1}, Stride: []int{2, 1}})
	}, []int{2, 2, 4, 5}},
	"Fold":           {func() nn.Module { return nn.NewFold(4, 5, []int{2}, nn.FoldOptions{Dilation: []int{2}}) }, []int{2, 8, 6}},
	"ChannelShuffle": {func() nn.Module { return nn.NewChannelShuffle(2) }, []int{1, 6, 3}},
	"LSTM": {func() nn.Module {
		return nn.NewLSTM(3, 4, nn.RNNOptions{Layers: 2, Bidirectional: true, Projection: 2})
	}, []int{4, 2, 3}},
	"GRU":       {func() nn.Module { return nn.NewGRU(3, 4, nn.RNNOptions{BatchFirst: true, NoBias: true}) }, []int{2, 4, 3}},
	"RNN":       {func() nn.Module { return nn.NewRNN(3, 4) }, []int{4, 2, 3}},
	"LSTMCell":  {func() nn.Module { return nn.NewLSTMCell(3, 4) }, []int{2, 3}},
	"Attention": {func() nn.Module { return nn.NewMultiheadAttention(6, 2) }, []int{4, 2, 6}},
	"Attention more": {func() nn.Module {
		return nn.NewMultiheadAttention(6, 2, nn.MultiheadOptions{BiasKV: true, ZeroAttention: true})
	}, []int{4, 2, 6}},
	"Encoder": {func() nn.Module {
		return nn.NewTransformerEncoder(4, 2, 2, nn.TransformerOptions{Hidden: 6, Activation: "gelu"})
	}, []int{3, 2, 4}},
	"Decoder": {func() nn.Module {
		return nn.NewTransformerDecoder(4, 2, 1, nn.TransformerOptions{Hidden: 6, NormFirst: true, Activation: "gelu"})
	}, []int{3, 2, 4}},
	"Rotary":       {func() nn.Module { return nn.NewRotaryEmbedding(4, 5) }, []int{2, 3, 4}},
	"PixelShuffle": {func() nn.Module { return nn.NewPixelShuffle(2) }, []int{1, 8, 2, 3}},
	"Softmax":      {func() nn.Module { return nn.NewSoftmax(1) }, []int{3, 4}},
	"LogSoftmax":   {func() nn.Module { return nn.NewLogSoftmax(-1) }, []int{3, 4}},
	"Mish":         {func() nn.Module { return nn.NewMish() }, []int{9}},
	"SELU":         {func() nn.Module { return nn.NewSELU() }, []int{9}},
	"Hardswish":    {func() nn.Module { return nn.NewHardswish() }, []int{9}},
	"GELU":         {func() nn.Module { return nn.NewGELU() }, []int{9}},
	"Softplus":     {func() nn.Module { return nn.NewSoftplus(2, 20) }, []int{9}},
	"Sequential":   {func() nn.Module { return nn.NewSequential(nn.NewLinear(3, 4), nn.NewTanh(), nn.NewLinear(4, 2)) }, []int{5, 3}},
}

// weighted returns a scalar of the layer's output in which every element counts differently.
func weighted(m nn.Module, x *eager.Tensor) *eager.Tensor {
	y := m.Forward(x)
	w := make([]float64, y.Numel())
	for i := range w {
		w[i] = math.Sin(float64(3*i + 1))
	}
	return y.Mul(eager.FromFloat64s(w, y.Shape()...)).Sum()
}

// differences returns the central differences of f in the elements of x.
func differences(f func() float64, x *eager.Tensor) []float64 {
	const h = 1e-6
	v := x.Array().F64()
	out := make([]float64, len(v))
	for i, old := range v {
		v[i] = old + h
		up := f()
		v[i] = old - h
		out[i] = (up - f()) / (2 * h)
		v[i] = old
	}
	return out
}

func close(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-6+1e-5*math.Abs(want[i])) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

func TestGradientsOfLayersAgreeWithDifferences(t *testing.T) {
	for name, l := range layers {
		eager.Seed(5)
		m := l.build()
		m.Self().To(eager.F64)
		x := eager.Randn(l.x...).To(eager.F64).SetRequiresGrad(true)
		weighted(m, x).Backward()
		value := func() float64 { return weighted(m, x).Item() }
		close(t, name+": input", x.Grad().Float64s(), differences(value, x))
		for _, p := range m.Self().NamedParams() {
			close(t, name+": "+p.Name, p.Tensor.Grad().Float64s(), differences(value, p.Tensor))
		}
	}
}

func TestSecondGradientsOfLayersAgreeWithDifferences(t *testing.T) {
	for name, l := range layers {
		eager.Seed(6)
		m := l.build()
		m.Self().To(eager.F64)
		x := eager.Randn(l.x...).To(eager.F64).SetRequiresGrad(true)
		slope := func() *eager.Tensor { // Σ g³ of the gradient g of the layer
			g := eager.Grad([]*eager.Tensor{weighted(m, x)}, []*eager.Tensor{x}, eager.GradOptions{CreateGraph: true})[0]
			return g.Mul(g).Mul(g).Sum()
		}
		want := differences(func() float64 { return slope().Item() }, x)
		s := slope()
		got := make([]float64, len(want))
		if s.RequiresGrad() {
			o := eager.GradOptions{AllowUnused: true}
			if g := eager.Grad([]*eager.Tensor{s}, []*eager.Tensor{x}, o)[0]; g != nil {
				got = g.Float64s()
			}
		}
		close(t, name, got, want)
	}
}

func TestDropoutKeepsTheMeanAndDropsItsShare(t *testing.T) {
	eager.Seed(3)
	x := eager.Ones(200, 50, 4)
	y := nn.NewDropout(0.3).Forward(x).Float32s()
	zeros, sum := 0, 0.0
	for _, v := range y {
		if v == 0 {
			zeros++
		} else if math.Abs(float64(v)-1/0.7) > 1e-6 {
			t.Fatalf("kept value %v", v)
		}
		sum += float64(v)
	}
	n := float64(len(y))
	if share := float64(zeros) / n; math.Abs(share-0.3) > 0.01 || math.Abs(sum/n-1) > 0.02 {
		t.Errorf("share %v, mean %v", share, sum/n)
	}
	rows := nn.NewDropout2D(0.5).Forward(x).Mean(2).Float32s()
	for _, v := range rows {
		if v != 0 && v != 2 {
			t.Fatalf("a channel was dropped in part: mean %v", v)
		}
	}
	if nn.NewDropout(1).Forward(x).Sum().Item() != 0 {
		t.Error("probability 1 kept something")
	}
}

func TestBatchNormTracksAndUsesRunningStatistics(t *testing.T) {
	b := nn.NewBatchNorm1D(1, nn.BatchNormOptions{Momentum: 0.5})
	b.Forward(eager.New([][]float32{{1}, {3}})) // mean 2, unbiased variance 2
	b.Forward(eager.New([][]float32{{5}, {5}})) // mean 5, variance 0
	if m, v := b.RunningMean.At(0), b.RunningVar.At(0); m != 3 || v != 0.75 || b.Batches.Item() != 2 {
		t.Errorf("mean %v, variance %v after %v batches; want 3 and 0.75", m, v, b.Batches)
	}
	b.Eval()
	want := (7 - 3) / math.Sqrt(0.75+1e-5)
	if y := b.Forward(eager.New([][]float32{{7}})).Item(); math.Abs(y-want) > 1e-5 {
		t.Errorf("evaluation gives %v, want %v", y, want)
	}
}

func TestEmbeddingPaddingHasNoGradientAndStartsAtZero(t *testing.T) {
	e := nn.NewEmbedding(4, 2, nn.EmbeddingOptions{Padding: true, PadIndex: 1})
	if e.Weight.Index(1).Abs().Sum().Item() != 0 {
		t.Error("the padding row is not zero")
	}
	y := e.Forward(eager.New([][]int{{0, 1}, {3, 0}}))
	y.Sum().Backward()
	if got := e.Weight.Grad().Sum(1).Ints(); y.Shape().String() != "[2 2 2]" || got[0] != 4 || got[1] != 0 ||
		got[2] != 0 || got[3] != 2 {
		t.Errorf("shape %v, gradient of rows %v", y.Shape(), got)
	}
}

func TestDefaultInitialisationIsPyTorchs(t *testing.T) {
	eager.Seed(1)
	l := nn.NewLinear(400, 300)
	w := l.Weight.Float64s()
	bound := 1.0 / 20
	var sq float64
	for _, v := range w {
		if math.Abs(v) > bound {
			t.Fatalf("weight %v beyond ±%v", v, bound)
		}
		sq += v * v
	}
	if std, want := math.Sqrt(sq/float64(len(w))), bound/math.Sqrt(3); math.Abs(std-want) > 0.01*want {
		t.Errorf("deviation %v, want %v", std, want)
	}
}
