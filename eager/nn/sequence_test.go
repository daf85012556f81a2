package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleLSTM_Run() {
	eager.Seed(1)
	l := NewLSTM(3, 4, RNNOptions{Layers: 2, BatchFirst: true})
	y, h, c := l.Run(eager.Randn(5, 7, 3), nil, nil)
	fmt.Println(y.Shape(), h.Shape(), c.Shape())
	// Output: [5 7 4] [2 5 4] [2 5 4]
}

func ExampleMultiheadAttention_Attend() {
	eager.Seed(1)
	m := NewMultiheadAttention(8, 2, MultiheadOptions{BatchFirst: true})
	q, k := eager.Randn(3, 4, 8), eager.Randn(3, 6, 8)
	y, w := m.Attend(q, k, k, AttendOptions{Weights: true})
	fmt.Println(y.Shape(), w.Shape())
	// Output: [3 4 8] [3 4 6]
}

// near fails when a and b differ.
func near(t *testing.T, what string, a, b *eager.Tensor, tol float64) {
	t.Helper()
	if !eager.AllClose(a, b, tol, tol) {
		t.Errorf("%s: %v, want %v", what, a, b)
	}
}

func TestLayersAgreeWithTheirCells(t *testing.T) {
	eager.Seed(2)
	x := eager.Randn(6, 3, 4)
	copyWeights := func(b *Base, to *Base) {
		for i, p := range b.Params() {
			assign(to.Params()[i], p)
		}
	}
	steps := func(step func(x, h *eager.Tensor) *eager.Tensor) *eager.Tensor {
		var h *eager.Tensor
		var ys []*eager.Tensor
		for i := range x.Size(0) {
			h = step(x.Index(i), h)
			ys = append(ys, h)
		}
		return eager.Stack(0, ys...)
	}
	lstm, lstmCell := NewLSTM(4, 5), NewLSTMCell(4, 5)
	copyWeights(&lstm.Base, &lstmCell.Base)
	var c *eager.Tensor
	near(t, "LSTM", lstm.Forward(x), steps(func(x, h *eager.Tensor) *eager.Tensor {
		h, c = lstmCell.Step(x, h, c)
		return h
	}), 1e-5)
	gru, gruCell := NewGRU(4, 5), NewGRUCell(4, 5)
	copyWeights(&gru.Base, &gruCell.Base)
	near(t, "GRU", gru.Forward(x), steps(gruCell.Step), 1e-5)
	for _, relu := range []bool{false, true} {
		rnn, rnnCell := NewRNN(4, 5, RNNOptions{ReLU: relu}), NewRNNCell(4, 5, CellOptions{ReLU: relu})
		copyWeights(&rnn.Base, &rnnCell.Base)
		near(t, "RNN", rnn.Forward(x), steps(rnnCell.Step), 1e-5)
	}
}

func TestBatchFirstIsATransposition(t *testing.T) {
	eager.Seed(3)
	x := eager.Randn(6, 19, 4)
	for _, bi := range []bool{false, true} {
		a := NewGRU(4, 37, RNNOptions{Layers: 2, Bidirectional: bi})
		b := NewGRU(4, 37, RNNOptions{Layers: 2, Bidirectional: bi, BatchFirst: true})
		if err := b.LoadStateDict(a.StateDict()); err != nil {
			t.Fatal(err)
		}
		xa, xb := x.Clone().SetRequiresGrad(true), x.Transpose(0, 1).Clone().SetRequiresGrad(true)
		ya, ha := a.Run(xa, nil)
		yb, hb := b.Run(xb, nil)
		near(t, "y", yb.Transpose(0, 1), ya, 1e-5)
		near(t, "h", hb, ha, 1e-5)
		ya.Square().Sum().Backward()
		yb.Square().Sum().Backward()
		near(t, "gradient of x", xb.Grad().Transpose(0, 1), xa.Grad(), 1e-4)
		for i, p := range a.Params() {
			near(t, "gradient of a parameter", b.Params()[i].Grad(), p.Grad(), 1e-3)
		}
	}
}

func TestPackedSequencesRunAsEachAlone(t *testing.T) {
	eager.Seed(4)
	l := NewLSTM(3, 4, RNNOptions{Layers: 2, Bidirectional: true, Projection: 2})
	lengths := []int{2, 5, 1, 5}
	xs := make([]*eager.Tensor, len(lengths))
	for i, n := range lengths {
		xs[i] = eager.Randn(n, 3)
	}
	h0, c0 := eager.Randn(4, 4, 2), eager.Randn(4, 4, 4)
	y, hn, cn := l.RunPacked(PackSequence(xs...), h0, c0)
	padded, got := PadPackedSequence(y)
	if !slices.Equal(got, lengths) {
		t.Errorf("lengths %v, want %v", got, lengths)
	}
	for i, y := range UnpadSequence(padded, lengths) {
		one, h, c := l.Run(xs[i], h0.Slice(1, i, i+1).Squeeze(1), c0.Slice(1, i, i+1).Squeeze(1))
		near(t, "y", y, one, 1e-5)
		near(t, "h", hn.Slice(1, i, i+1).Squeeze(1), h, 1e-5)
		near(t, "c", cn.Slice(1, i, i+1).Squeeze(1), c, 1e-5)
	}
}

func TestSequencesComeBackFromPadding(t *testing.T) {
	xs := []*eager.Tensor{eager.Of(1, 2), eager.Of(3), eager.Of(4, 5, 6)}
	for _, first := range []bool{false, true} {
		o := SequenceOptions{BatchFirst: first, Value: -1}
		x := PadSequence(xs, o)
		p := PackPaddedSequence(x, []int{2, 1, 3}, o)
		if want := []int{3, 2, 1}; !slices.Equal(p.BatchSizes, want) {
			t.Errorf("batch sizes %v, want %v", p.BatchSizes, want)
		}
		near(t, "packed", p.Data, eager.Of(4, 1, 3, 5, 2, 6), 0)
		back, _ := PadPackedSequence(p, o)
		near(t, "padded again", back, x, 0)
		for i, y := range UnpackSequence(p) {
			near(t, "unpacked", y, xs[i], 0)
		}
	}
}

// plainAttention stores its scores.
func plainAttention(q, k, v, bias *eager.Tensor) *eager.Tensor {
	s := q.MatMul(k.Transpose(-1, -2)).Mul(1 / math.Sqrt(float64(q.Size(-1))))
	if bias != nil {
		s = s.Add(bias)
	}
	return s.Softmax(-1).MatMul(v)
}

func TestAttentionIsSoftmaxOverStoredScores(t *testing.T) {
	eager.Seed(5)
	for _, c := range []struct{ batch, heads, queries, keys, d, e int }{
		{2, 3, 150, 300, 20, 7},
		{2, 3, 64, 128, 32, 32},
		{2, 3, 3, 1, 5, 9},
		{1, 1, 200, 300, 8, 16}, // the keys are shared among threads
	} {
		q := eager.Randn(c.batch, c.queries, c.heads, c.d).Transpose(1, 2) // heads by strides
		k, v := eager.Randn(c.batch, c.heads, c.keys, c.d), eager.Randn(c.batch, c.heads, c.keys, c.e)
		keep := eager.Rand(c.queries, c.keys).Lt(0.7)
		dy := eager.Randn(c.batch, c.heads, c.queries, c.e)
		for _, bias := range []*eager.Tensor{
			nil, additive(keep, engine.F32), eager.Randn(c.batch, 1, 1, c.keys), GenerateSquareSubsequentMask(c.keys),
		} {
			o := AttentionOptions{Mask: bias}
			if bias != nil && bias.Rank() == 2 && bias.Size(0) != c.queries {
				bias = additive(causalMask(c.queries, c.keys).Not(), engine.F32)
				o = AttentionOptions{Causal: true}
			}
			in := [2][3]*eager.Tensor{}
			for i := range in {
				in[i] = [3]*eager.Tensor{
					q.Detach().SetRequiresGrad(true), k.Detach().SetRequiresGrad(true),
					v.Detach().SetRequiresGrad(true),
				}
			}
			got := ScaledDotProductAttention(in[0][0], in[0][1], in[0][2], o)
			want := plainAttention(in[1][0], in[1][1], in[1][2], bias)
			seen := eager.Where(want.IsNaN(), 0, want) // a query that sees no key
			near(t, "y", got, seen, 1e-4)
			if want.IsNaN().Any().Item() != 0 {
				continue
			}
			got.BackwardFrom(dy)
			want.BackwardFrom(dy)
			for i, what := range []string{"q", "k", "v"} {
				near(t, "gradient of "+what, in[0][i].Grad(), in[1][i].Grad(), 1e-3)
			}
		}
	}
}

func TestGroupedHeadsShareKeys(t *testing.T) {
	eager.Seed(6)
	q, k, v := eager.Randn(2, 6, 5, 4), eager.Randn(2, 2, 7, 4), eager.Randn(2, 2, 7, 4)
	repeat := func(x *eager.Tensor) *eager.Tensor {
		return x.Unsqueeze(2).Expand(2, 2, 3, 7, 4).Reshape(2, 6, 7, 4)
	}
	got := ScaledDotProductAttention(q, k, v, AttentionOptions{Grouped: true})
	near(t, "y", got, ScaledDotProductAttention(q, repeat(k), repeat(v)), 1e-5)
	if err := engine.Catch(func() { ScaledDotProductAttention(q, k, v) }); err == nil {
		t.Error("heads that differ are accepted without Grouped")
	}
}

func TestDropoutOfWeightsKeepsTheMean(t *testing.T) {
	eager.Seed(7)
	q, k := eager.Zeros(1, 400, 4), eager.Zeros(1, 50, 4)
	y := ScaledDotProductAttention(q, k, eager.Ones(1, 50, 1), AttentionOptions{Dropout: 0.3})
	if m := y.Mean().Item(); math.Abs(m-1) > 0.02 {
		t.Errorf("mean %v, want 1", m)
	}
	if s := y.Std().Item(); s < 0.05 {
		t.Errorf("deviation %v: nothing was dropped", s)
	}
}

func TestCachedStepsGiveWhatTheWholeSequenceGives(t *testing.T) {
	eager.Seed(8)
	e := NewTransformerEncoder(8, 2, 2, TransformerOptions{Hidden: 16, BatchFirst: true, NormFirst: true})
	x := eager.Randn(3, 7, 8)
	want := e.Encode(x, EncodeOptions{Causal: true})
	o := EncodeOptions{Causal: true, Caches: e.NewCaches()}
	var parts []*eager.Tensor
	for _, r := range [][2]int{{0, 3}, {3, 4}, {4, 7}} {
		parts = append(parts, e.Encode(x.Slice(1, r[0], r[1]), o))
	}
	near(t, "y", eager.Concat(1, parts...), want, 1e-4)
	if n := o.Caches[1].Len(); n != 7 {
		t.Errorf("cache has %d steps, want 7", n)
	}
}

func TestPathsOfAttentionAgree(t *testing.T) {
	eager.Seed(9)
	for _, o := range []MultiheadOptions{{}, {BatchFirst: true}, {BatchFirst: true, NoBias: true}} {
		m := NewMultiheadAttention(8, 2, o)
		x := eager.Randn(4, 4, 8)
		hide := eager.FromInts([]int{0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0}, 4, 4).To(engine.Bool)
		for _, a := range []AttendOptions{
			{},
			{Causal: true},
			{KeyPadding: hide},
			{Mask: hide, KeyPadding: hide},
			{Mask: eager.Randn(8, 4, 4), KeyPadding: hide},
			{Causal: true, KeyPadding: hide},
		} {
			packed, _ := m.Attend(x, x, x, a)
			apart, _ := m.Attend(x, x.Clone(), x.Clone(), a)
			a.Weights = true
			stored, w := m.Attend(x, x, x, a)
			near(t, "apart", apart, packed, 1e-5)
			near(t, "with weights", stored, packed, 1e-5)
			near(t, "sum of weights", w.Sum(-1), eager.Ones(4, 4), 1e-5)
		}
	}
}

func TestMoreKeysAreSeenThroughMasks(t *testing.T) {
	eager.Seed(10)
	m := NewMultiheadAttention(4, 1, MultiheadOptions{BatchFirst: true, BiasKV: true, ZeroAttention: true})
	x := eager.Randn(1, 3, 4)
	all := eager.Ones(3, 3).To(engine.Bool)
	for _, o := range []AttendOptions{{Mask: all}, {Mask: all, Causal: true}} {
		plain, _ := m.Attend(x, x, x, o)
		o.Weights = true
		y, w := m.Attend(x, x, x, o)
		near(t, "y", plain, y, 1e-5)
		near(t, "weights of hidden keys", w.Slice(-1, 0, 3), eager.Zeros(1, 3, 3), 0)
	}
}

func TestRotaryProductsDependOnDistance(t *testing.T) {
	eager.Seed(11)
	r := NewRotaryEmbedding(6, 20)
	q, k := eager.Randn(1, 6), eager.Randn(1, 6)
	dot := func(i, j int) float64 { return r.From(q, i).Mul(r.From(k, j)).Sum().Item() }
	if a, b := dot(2, 5), dot(12, 15); math.Abs(a-b) > 1e-4 {
		t.Errorf("steps 2 and 5 give %v, 12 and 15 %v", a, b)
	}
	if a, b := dot(2, 5), dot(2, 6); math.Abs(a-b) < 1e-4 {
		t.Errorf("distances 3 and 4 both give %v", a)
	}
}

func TestPositionsAreSinesAndCosines(t *testing.T) {
	p := NewPositionalEncoding(4, 9)
	y := p.From(eager.Zeros(2, 4), 7)
	want := eager.Of(math.Sin(8), math.Cos(8), math.Sin(0.08), math.Cos(0.08))
	near(t, "step 8", y.Index(1), want, 1e-6)
}

func TestSequenceLayersNameWhatDoesNotFit(t *testing.T) {
	x := eager.Zeros(5, 2, 3)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{
			"nn.LSTM: input f32[5 2 3]; want [steps batch 4] or [steps 4]",
			func() { NewLSTM(4, 2).Forward(x) },
		},
		{
			"nn.GRU: initial state f32[1 3 4]; want [1 2 4]",
			func() { NewGRU(3, 4).Run(x, eager.Zeros(1, 3, 4)) },
		},
		{
			"nn.NewRNN: Projection is 1; want less than hidden (4), and an LSTM",
			func() { NewRNN(3, 4, RNNOptions{Projection: 1}) },
		},
		{"nn.LSTM: the layer is empty; make it with nn.NewLSTM", func() { new(LSTM).Forward(x) }},
		{
			"nn.NewMultiheadAttention: width 6 does not divide into 4 heads",
			func() { NewMultiheadAttention(6, 4) },
		},
		{
			"nn.MultiheadAttention: q f32[5 2 3], k f32[5 2 3], v f32[5 2 3]; want three sequences of width 4, 4 and 4",
			func() { NewMultiheadAttention(4, 2).Forward(x) },
		},
		{
			"nn.MultiheadAttention: Mask is f32[2 2]; want [5 5] or [6 5 5]",
			func() { NewMultiheadAttention(3, 3).Attend(x, x, x, AttendOptions{Mask: eager.Zeros(2, 2)}) },
		},
		{
			`nn.NewTransformerEncoder: Activation "tanh" is unknown; known: relu, gelu`,
			func() { NewTransformerEncoder(4, 2, 1, TransformerOptions{Activation: "tanh"}) },
		},
		{
			"nn.PackPaddedSequence: lengths [6 1] for x f32[5 2 3] with 2 sequences of 5 steps",
			func() { PackPaddedSequence(x, []int{6, 1}) },
		},
		{"nn.PackSequence: sequence 1 has length 0; want at least 1", func() {
			PackSequence(eager.Zeros(2), eager.Zeros(0))
		}},
		{
			"nn.RotaryEmbedding: input f32[5 2 3] from step 0; want [… steps 4] and at most 6 steps",
			func() { NewRotaryEmbedding(4, 6).Forward(x) },
		},
	} {
		if err := engine.Catch(c.f); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
