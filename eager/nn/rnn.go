package nn

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// RNNOptions are the options of NewLSTM, NewGRU and NewRNN; the zero value is the default.
type RNNOptions struct {
	Layers        int     // one above the other; 0 means 1
	NoBias        bool    // no biases
	BatchFirst    bool    // x and y are [batch steps …] rather than [steps batch …]
	Bidirectional bool    // a second set of weights runs from the last step to the first
	Dropout       float64 // between layers, in training
	Projection    int     // LSTM: columns that the state is projected to; 0: none
	ReLU          bool    // RNN: max(·, 0) in place of tanh
}

// recurrent is what LSTM, GRU and RNN share.
type recurrent struct {
	def    *op.Def
	name   string
	gates  int
	in     int
	hidden int
	o      RNNOptions
	weight []rnnWeights // of each layer, of each direction
}

// rnnWeights are those of one layer in one direction.
type rnnWeights struct {
	ih, hh     *eager.Tensor // [gates·hidden in], [gates·hidden state]
	bih, bhh   *eager.Tensor // [gates·hidden], or nil
	projection *eager.Tensor // [state hidden], or nil
}

func newRecurrent(b *Base, def *op.Def, name string, gates, in, hidden int, o []RNNOptions) recurrent {
	r := recurrent{def: def, name: "nn." + name, gates: gates, in: in, hidden: hidden}
	if len(o) > 0 {
		r.o = o[0]
	}
	where := "nn.New" + name
	r.o.Layers = max(r.o.Layers, 1)
	atLeast(where, "in", in, 1)
	atLeast(where, "hidden", hidden, 1)
	if p := r.o.Projection; p < 0 || p >= hidden || p > 0 && def != op.LSTM {
		engine.Fail(where, "Projection is %d; want less than hidden (%d), and an LSTM", p, hidden)
	}
	if d := r.o.Dropout; !(d >= 0 && d < 1) {
		engine.Fail(where, "Dropout is %v; want 0 ≤ p < 1", d)
	}
	for layer := range r.o.Layers {
		for d := range r.directions() {
			suffix := fmt.Sprintf("_l%d", layer)
			if d == 1 {
				suffix += "_reverse"
			}
			r.weight = append(r.weight, r.newWeights(b, layer, suffix))
		}
	}
	return r
}

// newWeights draws all weights uniformly from ±1/√hidden.
func (r *recurrent) newWeights(b *Base, layer int, suffix string) rnnWeights {
	in, state := r.in, r.state()
	if layer > 0 {
		in = state * r.directions()
	}
	bound := 1 / math.Sqrt(float64(r.hidden))
	param := func(name string, shape ...int) *eager.Tensor {
		return b.Param(name+suffix, eager.Uniform(-bound, bound, shape...))
	}
	n := r.gates * r.hidden
	w := rnnWeights{ih: param("weight_ih", n, in), hh: param("weight_hh", n, state)}
	if !r.o.NoBias {
		w.bih, w.bhh = param("bias_ih", n), param("bias_hh", n)
	}
	if r.o.Projection > 0 {
		w.projection = param("weight_hr", state, r.hidden)
	}
	return w
}

// state is the number of columns of the state.
func (r *recurrent) state() int {
	if r.o.Projection > 0 {
		return r.o.Projection
	}
	return r.hidden
}

func (r *recurrent) directions() int {
	if r.o.Bidirectional {
		return 2
	}
	return 1
}

// run computes all layers. x is [steps batch in], [batch steps in], [steps in], or [rows in] with
// batches; initial are h and, LSTM, c: [layers·directions batch …], or nil for zeros.
func (r *recurrent) run(training bool, x *eager.Tensor, batches []int, initial []*eager.Tensor,
) (y *eager.Tensor, last []*eager.Tensor) {
	present(r.name, "x", x)
	floating(r.name, x)
	single := batches == nil && x.Rank() == 2
	if single {
		x = x.Unsqueeze(r.batchAxis())
	}
	if rank := x.Rank(); batches == nil && rank != 3 || x.Size(-1) != r.in {
		engine.Fail(r.name, "input %v; want [%s %d] or [steps %d]", x.Array(), r.axes(), r.in, r.in)
	}
	batch := x.Size(r.batchAxis())
	if batches != nil {
		batch = batches[0]
	}
	states := r.initial(x, batch, single, initial)
	final := make([][]*eager.Tensor, len(states))
	for layer := range r.o.Layers {
		if layer > 0 && training && r.o.Dropout > 0 {
			x = dropout(x, r.o.Dropout)
		}
		var ys []*eager.Tensor
		for d := range r.directions() {
			i := layer*r.directions() + d
			out := r.layer(x, batches, d == 1, r.weight[i], states, i)
			ys = append(ys, out[0])
			for k := range states {
				final[k] = append(final[k], out[1+k])
			}
		}
		x = ys[0]
		if len(ys) > 1 {
			x = eager.Concat(x.Rank()-1, ys...)
		}
	}
	for _, hs := range final {
		h := eager.Stack(0, hs...)
		if single {
			h = h.Squeeze(1)
		}
		last = append(last, h)
	}
	if single {
		x = x.Squeeze(r.batchAxis())
	}
	return x, last
}

func (r *recurrent) batchAxis() int {
	if r.o.BatchFirst {
		return 0
	}
	return 1
}

func (r *recurrent) axes() string {
	if r.o.BatchFirst {
		return "batch steps"
	}
	return "steps batch"
}

// initial checks the initial states and makes those that are missing.
func (r *recurrent) initial(x *eager.Tensor, batch int, single bool, given []*eager.Tensor) []*eager.Tensor {
	states := make([]*eager.Tensor, len(given))
	for k, h := range given {
		width := r.hidden
		if k == 0 {
			width = r.state()
		}
		want := engine.Shape{len(r.weight), batch, width}
		if h == nil {
			states[k] = eager.Zeros(want...).To(x.DType())
			continue
		}
		if single && h.Rank() == 2 {
			h = h.Unsqueeze(1)
		}
		if !h.Shape().Equal(want) {
			engine.Fail(r.name, "initial state %v; want %v", h.Array(), want)
		}
		states[k] = h
	}
	return states
}

// layer runs layer and direction i.
func (r *recurrent) layer(
	x *eager.Tensor, batches []int, reverse bool, w rnnWeights, states []*eager.Tensor, i int,
) []*eager.Tensor {
	in := []*eager.Tensor{x}
	for _, h := range states {
		in = append(in, h.Index(i))
	}
	in = append(in, w.ih, w.hh)
	switch {
	case w.bih == nil && r.def == op.GRU:
		none := eager.Zeros(r.gates * r.hidden).To(x.DType())
		in = append(in, none, none)
	case w.bih == nil:
		in = append(in, eager.Zeros(r.gates*r.hidden).To(x.DType()))
	case r.def == op.GRU:
		in = append(in, w.bih, w.bhh)
	default:
		in = append(in, w.bih.Add(w.bhh))
	}
	if w.projection != nil {
		in = append(in, w.projection)
	}
	a := op.RecurrentAttrs{
		Reverse: reverse, BatchFirst: r.o.BatchFirst && batches == nil, ReLU: r.o.ReLU, Batches: batches,
	}
	return eager.Apply(r.def, a, in...)
}

// packed runs a packed sequence.
func (r *recurrent) packed(training bool, x *PackedSequence, initial []*eager.Tensor,
) (*PackedSequence, []*eager.Tensor) {
	if x == nil || x.Data == nil {
		engine.Fail(r.name, "the packed sequence is empty; make it with nn.PackPaddedSequence")
	}
	sorted := make([]*eager.Tensor, len(initial))
	for i, h := range initial {
		if sorted[i] = h; h != nil && x.sorted != nil {
			sorted[i] = h.IndexSelect(1, eager.FromInts(x.sorted, len(x.sorted)))
		}
	}
	y, last := r.run(training, x.Data, x.BatchSizes, sorted)
	if x.sorted != nil {
		back := eager.FromInts(inverse(x.sorted), len(x.sorted))
		for i, h := range last {
			last[i] = h.IndexSelect(1, back)
		}
	}
	return &PackedSequence{Data: y, BatchSizes: x.BatchSizes, sorted: x.sorted}, last
}

// LSTM is a long short-term memory.
//
//	i, f, o = σ(W·x + U·h + b), g = tanh(W·x + U·h + b), c = f·c + i·g, h = o·tanh c
//
// x: [steps batch in] → [steps batch directions·state]; see RNNOptions.BatchFirst. x without the batch
// axis is one sample.
type LSTM struct {
	Base
	recurrent
}

// NewLSTM returns an LSTM whose weights start uniform in ±1/√hidden.
// Source: Hochreiter and Schmidhuber 1997; agrees with torch.nn.LSTM.
func NewLSTM(in, hidden int, o ...RNNOptions) *LSTM {
	l := &LSTM{}
	l.recurrent = newRecurrent(&l.Base, op.LSTM, "LSTM", 4, in, hidden, o)
	return l
}

// Forward returns the states of the last layer at every step, from initial states of zeros.
func (l *LSTM) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.LSTM", "nn.NewLSTM", l != nil && len(l.weight) > 0, x)
	y, _, _ := l.Run(x, nil, nil)
	return l.Done(x, y)
}

// Run is Forward from initial states h and c, [layers·directions batch state] and
// [layers·directions batch hidden] or nil, that also returns the last ones.
func (l *LSTM) Run(x, h, c *eager.Tensor) (y, hn, cn *eager.Tensor) {
	y, last := l.run(l.Training(), x, nil, []*eager.Tensor{h, c})
	return y, last[0], last[1]
}

// RunPacked is Run for sequences of different lengths.
func (l *LSTM) RunPacked(x *PackedSequence, h, c *eager.Tensor) (y *PackedSequence, hn, cn *eager.Tensor) {
	y, last := l.packed(l.Training(), x, []*eager.Tensor{h, c})
	return y, last[0], last[1]
}

// GRU is a layer of gated recurrent units.
//
//	r, z = σ(W·x + b + U·h + d), n = tanh(W·x + b + r·(U·h + d)), h = (1 − z)·n + z·h
//
// x: [steps batch in] → [steps batch directions·hidden]; see RNNOptions.BatchFirst.
type GRU struct {
	Base
	recurrent
}

// NewGRU returns a GRU whose weights start uniform in ±1/√hidden.
// Source: Cho et al. 2014; agrees with torch.nn.GRU.
func NewGRU(in, hidden int, o ...RNNOptions) *GRU {
	g := &GRU{}
	g.recurrent = newRecurrent(&g.Base, op.GRU, "GRU", 3, in, hidden, o)
	return g
}

// Forward returns the states of the last layer at every step, from an initial state of zeros.
func (g *GRU) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.GRU", "nn.NewGRU", g != nil && len(g.weight) > 0, x)
	y, _ := g.Run(x, nil)
	return g.Done(x, y)
}

// Run is Forward from the initial state h, [layers·directions batch hidden] or nil, that also returns
// the last one.
func (g *GRU) Run(x, h *eager.Tensor) (y, hn *eager.Tensor) {
	y, last := g.run(g.Training(), x, nil, []*eager.Tensor{h})
	return y, last[0]
}

// RunPacked is Run for sequences of different lengths.
func (g *GRU) RunPacked(x *PackedSequence, h *eager.Tensor) (y *PackedSequence, hn *eager.Tensor) {
	y, last := g.packed(g.Training(), x, []*eager.Tensor{h})
	return y, last[0]
}

// RNN is a plain recurrent layer, h = tanh(W·x + b + U·h + d).
// x: [steps batch in] → [steps batch directions·hidden]; see RNNOptions.BatchFirst.
type RNN struct {
	Base
	recurrent
}

// NewRNN returns an RNN whose weights start uniform in ±1/√hidden.
// Source: Elman 1990; agrees with torch.nn.RNN.
func NewRNN(in, hidden int, o ...RNNOptions) *RNN {
	r := &RNN{}
	r.recurrent = newRecurrent(&r.Base, op.RNN, "RNN", 1, in, hidden, o)
	return r
}

// Forward returns the states of the last layer at every step, from an initial state of zeros.
func (r *RNN) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.RNN", "nn.NewRNN", r != nil && len(r.weight) > 0, x)
	y, _ := r.Run(x, nil)
	return r.Done(x, y)
}

// Run is Forward from the initial state h, [layers·directions batch hidden] or nil, that also returns
// the last one.
func (r *RNN) Run(x, h *eager.Tensor) (y, hn *eager.Tensor) {
	y, last := r.run(r.Training(), x, nil, []*eager.Tensor{h})
	return y, last[0]
}

// RunPacked is Run for sequences of different lengths.
func (r *RNN) RunPacked(x *PackedSequence, h *eager.Tensor) (y *PackedSequence, hn *eager.Tensor) {
	y, last := r.packed(r.Training(), x, []*eager.Tensor{h})
	return y, last[0]
}
