package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// CellOptions are the options of NewLSTMCell, NewGRUCell and NewRNNCell; the zero value is the default.
type CellOptions struct {
	NoBias bool // no biases
	ReLU   bool // RNNCell: max(·, 0) in place of tanh
}

// cell holds the weights of a single step.
type cell struct {
	WeightIH, WeightHH *eager.Tensor // [gates·hidden in], [gates·hidden hidden]
	BiasIH, BiasHH     *eager.Tensor // [gates·hidden], or nil
	name               string
	hidden             int
	relu               bool
}

func newCell(b *Base, name string, gates, in, hidden int, o []CellOptions) cell {
	var opt CellOptions
	if len(o) > 0 {
		opt = o[0]
	}
	atLeast("nn.New"+name, "in", in, 1)
	atLeast("nn.New"+name, "hidden", hidden, 1)
	bound := 1 / math.Sqrt(float64(hidden))
	param := func(name string, shape ...int) *eager.Tensor {
		return b.Param(name, eager.Uniform(-bound, bound, shape...))
	}
	n := gates * hidden
	c := cell{name: "nn." + name, hidden: hidden, relu: opt.ReLU}
	c.WeightIH, c.WeightHH = param("weight_ih", n, in), param("weight_hh", n, hidden)
	if !opt.NoBias {
		c.BiasIH, c.BiasHH = param("bias_ih", n), param("bias_hh", n)
	}
	return c
}

// parts returns W·x + b and U·h + d, and the state, of zeros where none is given.
func (c *cell) parts(x, h *eager.Tensor) (fromX, fromH, state *eager.Tensor) {
	if x.Rank() == 0 || x.Rank() > 2 || x.Size(-1) != c.WeightIH.Size(1) {
		engine.Fail(c.name, "input %v; want [batch %d]", x.Array(), c.WeightIH.Size(1))
	}
	h = c.given(x, h)
	return linear(x, c.WeightIH, c.BiasIH), linear(h, c.WeightHH, c.BiasHH), h
}

func (c *cell) given(x, h *eager.Tensor) *eager.Tensor {
	want := append(x.Shape()[:x.Rank()-1:x.Rank()-1], c.hidden)
	if h == nil {
		return eager.Zeros(want...).To(x.DType())
	}
	if !h.Shape().Equal(want) {
		engine.Fail(c.name, "state %v; want %v", h.Array(), want)
	}
	return h
}

// gate is block i of the last axis.
func (c *cell) gate(x *eager.Tensor, i int) *eager.Tensor {
	return x.Slice(-1, i*c.hidden, (i+1)*c.hidden)
}

// LSTMCell is one step of an LSTM.
type LSTMCell struct {
	Base
	cell
}

// NewLSTMCell returns a cell whose weights start uniform in ±1/√hidden. Agrees with torch.nn.LSTMCell.
func NewLSTMCell(in, hidden int, o ...CellOptions) *LSTMCell {
	l := &LSTMCell{}
	l.cell = newCell(&l.Base, "LSTMCell", 4, in, hidden, o)
	return l
}

// Forward returns the state after x from states of zeros.
func (l *LSTMCell) Forward(x *eager.Tensor) *eager.Tensor {
	h, _ := l.Step(x, nil, nil)
	return l.Done(x, h)
}

// Step returns the states after x [batch in] from h and c [batch hidden], which may be nil.
func (l *LSTMCell) Step(x, h, c *eager.Tensor) (hn, cn *eager.Tensor) {
	ready("nn.LSTMCell", "nn.NewLSTMCell", l != nil && l.WeightIH != nil, x)
	a, b, _ := l.parts(x, h)
	a = a.Add(b)
	cn = l.gate(a, 1).Sigmoid().Mul(l.given(x, c)).Add(l.gate(a, 0).Sigmoid().Mul(l.gate(a, 2).Tanh()))
	return l.gate(a, 3).Sigmoid().Mul(cn.Tanh()), cn
}

// GRUCell is one step of a GRU.
type GRUCell struct {
	Base
	cell
}

// NewGRUCell returns a cell whose weights start uniform in ±1/√hidden. Agrees with torch.nn.GRUCell.
func NewGRUCell(in, hidden int, o ...CellOptions) *GRUCell {
	g := &GRUCell{}
	g.cell = newCell(&g.Base, "GRUCell", 3, in, hidden, o)
	return g
}

// Forward returns the state after x from a state of zeros.
func (g *GRUCell) Forward(x *eager.Tensor) *eager.Tensor { return g.Done(x, g.Step(x, nil)) }

// Step returns the state after x [batch in] from h [batch hidden], which may be nil.
func (g *GRUCell) Step(x, h *eager.Tensor) *eager.Tensor {
	ready("nn.GRUCell", "nn.NewGRUCell", g != nil && g.WeightIH != nil, x)
	a, b, h := g.parts(x, h)
	r, z := g.gate(a, 0).Add(g.gate(b, 0)).Sigmoid(), g.gate(a, 1).Add(g.gate(b, 1)).Sigmoid()
	n := g.gate(a, 2).Add(r.Mul(g.gate(b, 2))).Tanh()
	return n.Add(z.Mul(h.Sub(n)))
}

// RNNCell is one step of an RNN.
type RNNCell struct {
	Base
	cell
}

// NewRNNCell returns a cell whose weights start uniform in ±1/√hidden. Agrees with torch.nn.RNNCell.
func NewRNNCell(in, hidden int, o ...CellOptions) *RNNCell {
	r := &RNNCell{}
	r.cell = newCell(&r.Base, "RNNCell", 1, in, hidden, o)
	return r
}

// Forward returns the state after x from a state of zeros.
func (r *RNNCell) Forward(x *eager.Tensor) *eager.Tensor { return r.Done(x, r.Step(x, nil)) }

// Step returns the state after x [batch in] from h [batch hidden], which may be nil.
func (r *RNNCell) Step(x, h *eager.Tensor) *eager.Tensor {
	ready("nn.RNNCell", "nn.NewRNNCell", r != nil && r.WeightIH != nil, x)
	a, b, _ := r.parts(x, h)
	if r.relu {
		return a.Add(b).ReLU()
	}
	return a.Add(b).Tanh()
}
