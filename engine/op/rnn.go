package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// RecurrentAttrs are the parameters of the recurrent operators.
type RecurrentAttrs struct {
	Reverse    bool  // from the last step to the first
	BatchFirst bool  // x is [batch steps in]
	ReLU       bool  // RNN: max(·, 0) in place of tanh
	Batches    []int // x is [rows in]: the samples of each step one after the other, never growing
	NoInput    bool  // gradient operators: dx is not wanted and comes out empty
}

var recurrentTolerance = Tolerance{
	Rel32: 5e-5, Rel64: 1e-10, Reason: "the order of the additions is free; errors pass from step to step",
}

const recurrentOperands = "x: [steps batch in], [batch steps in] with BatchFirst, or [rows in] " +
	"with Batches; h0: [batch p]; wih: [gates·h in], whh: [gates·h p], as PyTorch orders them. y has a " +
	"row for each of x, hn the " +
	"last state of each sample."

// Recurrent layers over all steps, and their gradients.
var (
	LSTM = Register(&Def{
		Name: "LSTM", Inputs: []string{"x", "h0", "c0", "wih", "whh", "bias", "whr"}, Optional: 1,
		Outputs: []string{"y", "hn", "cn", "cells", "gates"}, Attrs: RecurrentAttrs{},
		Doc: "LSTM returns the states h of a long short-term memory: i, f, o = σ and g = tanh of " +
			"wih·x + whh·h + bias, c = f·c + i·g, h = o·tanh c, times whr where it is given.\n" + recurrentOperands + " " +
			"c0: [batch h], whr: [p h]; cells and gates, step by step, are what the gradient needs. " +
			"Source: Hochreiter and Schmidhuber 1997; agrees with torch.nn.LSTM, whose two biases are added.",
		Promote: ToCommon, Takes: []Kinds{Reals}, Tol: recurrentTolerance,
		Saves: SaveIn | SaveOut0 | SaveOut0<<3 | SaveOut0<<4,
		Cases: func() []Case { return recurrentCases(lstmLayer, false) }, Rule: lstmLayer.rule, CPU: lstmLayer.run, Grad: lstmLayer.grad,
	})
	LSTMGrad = Register(&Def{
		Name: "LSTMGrad", Optional: 1, Inputs: []string{
			"x", "h0", "c0", "wih", "whh", "bias", "y", "cells", "gates", "dy", "dhn", "dcn", "whr",
		},
		Outputs: []string{"dx", "dh0", "dc0", "dwih", "dwhh", "dbias", "dwhr"}, Attrs: RecurrentAttrs{},
		Doc: "LSTMGrad is the gradient kernel of LSTM, backwards over its steps. Without whr dwhr is " +
			"empty.\n" + recurrentOperands,
		Promote: ToCommon, Takes: []Kinds{Reals}, Saves: SaveIn, Tol: recurrentTolerance,
		Cases: func() []Case { return recurrentCases(lstmLayer, true) }, Rule: lstmLayer.gradRule, CPU: lstmLayer.runGrad,
		Grad: lstmLayer.curve,
	})
	GRU = Register(&Def{
		Name: "GRU", Inputs: []string{"x", "h0", "wih", "whh", "bih", "bhh"},
		Outputs: []string{"y", "hn", "gates"}, Attrs: RecurrentAttrs{},
		Doc: "GRU returns the states h of gated recurrent units: r, z = σ(wih·x + bih + whh·h + bhh), " +
			"n = tanh(wih·x + bih + r·(whh·h + bhh)), h = (1 − z)·n + z·h.\n" + recurrentOperands + " " +
			"gates, step by step, is what the gradient needs. Source: Cho et al. 2014; agrees with torch.nn.GRU.",
		Promote: ToCommon, Takes: []Kinds{Reals}, Tol: recurrentTolerance,
		Saves: SaveIn | SaveOut0 | SaveOut2,
		Cases: func() []Case { return recurrentCases(gruLayer, false) }, Rule: gruLayer.rule, CPU: gruLayer.run, Grad: gruLayer.grad,
	})
	GRUGrad = Register(&Def{
		Name: "GRUGrad", Inputs: []string{"x", "h0", "wih", "whh", "bih", "bhh", "y", "gates", "dy", "dhn"},
		Outputs: []string{"dx", "dh0", "dwih", "dwhh", "dbih", "dbhh"}, Attrs: RecurrentAttrs{},
		Doc:     "GRUGrad is the gradient kernel of GRU, backwards over its steps.\n" + recurrentOperands,
		Promote: ToCommon, Takes: []Kinds{Reals}, Saves: SaveIn, Tol: recurrentTolerance,
		Cases: func() []Case { return recurrentCases(gruLayer, true) }, Rule: gruLayer.gradRule, CPU: gruLayer.runGrad,
		Grad: gruLayer.curve,
	})
	RNN = Register(&Def{
		Name: "RNN", Inputs: []string{"x", "h0", "wih", "whh", "bias"}, Outputs: []string{"y", "hn"},
		Attrs: RecurrentAttrs{},
		Doc: "RNN returns the states h = tanh(wih·x + whh·h + bias) of a recurrent layer.\n" +
			recurrentOperands + " " +
			"Source: Elman 1990; agrees with torch.nn.RNN, whose two biases are added.",
		Promote: ToCommon, Takes: []Kinds{Reals}, Tol: recurrentTolerance, Saves: SaveIn | SaveOut0,
		Cases: func() []Case { return recurrentCases(rnnLayer, false) }, Rule: rnnLayer.rule, CPU: rnnLayer.run, Grad: rnnLayer.grad,
	})
	RNNGrad = Register(&Def{
		Name: "RNNGrad", Inputs: []string{"x", "h0", "wih", "whh", "bias", "y", "dy", "dhn"},
		Outputs: []string{"dx", "dh0", "dwih", "dwhh", "dbias"}, Attrs: RecurrentAttrs{},
		Doc:     "RNNGrad is the gradient kernel of RNN, backwards over its steps.\n" + recurrentOperands,
		Promote: ToCommon, Takes: []Kinds{Reals}, Saves: SaveIn, Tol: recurrentTolerance,
		Cases: func() []Case { return recurrentCases(rnnLayer, true) }, Rule: rnnLayer.gradRule, CPU: rnnLayer.runGrad,
		Grad: rnnLayer.curve,
	})
)

// recurrentLayer says which operands a kind of layer has and where they stand.
type recurrentLayer struct {
	cell   cpu.Cell
	gates  int // blocks of h rows in wih
	states int // initial states: h0 and, LSTM, c0
	biases int
	kept   int // results that only the gradient needs: cells, gates
	whr    bool
}

var (
	lstmLayer = recurrentLayer{cpu.LSTMCell, 4, 2, 1, 2, true}
	gruLayer  = recurrentLayer{cpu.GRUCell, 3, 1, 2, 1, false}
	rnnLayer  = recurrentLayer{cpu.TanhCell, 1, 1, 1, 0, false}
)

// operands is the number of operands without whr: x, the states, wih, whh and the biases.
func (l recurrentLayer) operands() int { return 1 + l.states + 2 + l.biases }

// recurrentSizes are those of one call.
type recurrentSizes struct {
	rows, steps, batch, in, hidden, state int
}

// sizes checks x, h0 and wih and reads the sizes off them.
func (l recurrentLayer) sizes(p RecurrentAttrs, in []Type) (s recurrentSizes, err error) {
	x, h0, wih := in[0].Shape, in[1].Shape, in[1+l.states].Shape
	if len(h0) != 2 || len(wih) != 2 || wih[0]%l.gates != 0 {
		return s, fmt.Errorf("want h0 [batch p] and wih [%d·h in]", l.gates)
	}
	s.in, s.hidden, s.batch, s.state = wih[1], wih[0]/l.gates, h0[0], h0[1]
	switch {
	case p.Batches != nil && len(x) == 2:
		s.steps = len(p.Batches)
		for i, n := range p.Batches {
			s.rows += n
			if n < 1 || i == 0 && n != s.batch || i > 0 && n > p.Batches[i-1] {
				return s, fmt.Errorf("batches %v: want numbers that start at %d and never grow", p.Batches, s.batch)
			}
		}
	case p.Batches == nil && len(x) == 3 && p.BatchFirst:
		s.steps, s.rows = x[1], x[0]*x[1]
	case p.Batches == nil && len(x) == 3:
		s.steps, s.rows = x[0], x[0]*x[1]
	default:
		return s, fmt.Errorf("x has %d axes; want [rows in] with Batches and 3 without", len(x))
	}
	if x[len(x)-1] != s.in || x[:len(x)-1].Numel() != s.rows || s.rows > 0 && s.rows < s.batch ||
		p.Batches == nil && s.rows != s.steps*s.batch || s.steps < 1 {
		return s, fmt.Errorf("x does not have %d samples of width %d over at least one step", s.batch, s.in)
	}
	return s, nil
}

// want are the shapes of the operands from h0 on.
func (l recurrentLayer) want(s recurrentSizes) []engine.Shape {
	shapes := []engine.Shape{{s.batch, s.state}}
	if l.states > 1 {
		shapes = append(shapes, engine.Shape{s.batch, s.hidden})
	}
	g := l.gates * s.hidden
	shapes = append(shapes, engine.Shape{g, s.in}, engine.Shape{g, s.state})
	for range l.biases {
		shapes = append(shapes, engine.Shape{g})
	}
	return append(shapes, engine.Shape{s.state, s.hidden})
}

func (l recurrentLayer) rule(a Attrs, in []Type) ([]Type, error) {
	p := a.(RecurrentAttrs)
	s, err := l.sizes(p, in)
	if err != nil {
		return nil, err
	}
	if (len(in) == l.operands()) && s.state != s.hidden {
		return nil, fmt.Errorf("the state has %d columns and the gates have %d", s.state, s.hidden)
	}
	for i, shape := range l.want(s)[:len(in)-1] {
		if err := haveShape(in[i+1:i+2], shape); err != nil {
			return nil, err
		}
	}
	out := func(shape engine.Shape) Type { return Type{DType: in[0].DType, Shape: shape} }
	lead := in[0].Shape[:len(in[0].Shape)-1]
	r := []Type{out(append(lead[:len(lead):len(lead)], s.state)), out(engine.Shape{s.batch, s.state})}
	switch l.kept {
	case 2:
		r = append(r, out(engine.Shape{s.batch, s.hidden}), out(engine.Shape{s.rows, s.hidden}),
			out(engine.Shape{s.rows, 4 * s.hidden}))
	case 1:
		r = append(r, out(engine.Shape{s.rows, 4 * s.hidden}))
	}
	return r, nil
}

// recurrence makes the kernel from x, the states, the weights and, optional, whr.
func (l recurrentLayer) recurrence(p RecurrentAttrs, in []engine.Array, whr engine.Array) *cpu.Recurrence {
	types := make([]Type, len(in))
	for i, x := range in {
		types[i] = Type{DType: x.DType, Shape: x.Shape}
	}
	s, err := l.sizes(p, types)
	check("Recurrence", err)
	r := &cpu.Recurrence{
		Cell: l.cell, Reverse: p.Reverse, Stride: 1, X: flatRows(in[0]), H0: in[1], Whr: whr,
		Wih: in[1+l.states], Whh: in[2+l.states], Bias: packedVector(in[3+l.states]),
	}
	if l.states > 1 {
		r.C0 = in[2]
	}
	if l.biases > 1 {
		r.HidBias = asRows(packedVector(in[4+l.states]))
	}
	if l.cell == cpu.TanhCell && p.ReLU {
		r.Cell = cpu.ReLUCell
	}
	r.Batch = p.Batches
	if r.Batch == nil {
		r.Batch = slices.Repeat([]int{s.batch}, s.steps)
	}
	next := 0
	for t, n := range r.Batch {
		if p.BatchFirst && p.Batches == nil {
			r.Start, r.Stride = append(r.Start, t), s.steps
			continue
		}
		r.Start, next = append(r.Start, next), next+n
	}
	return r
}

// packedVector returns a bias without gaps.
func packedVector(x engine.Array) engine.Array {
	if x.IsContiguous() {
		return x
	}
	c := engine.NewArray(x.DType, x.Shape)
	check("Recurrence", cpu.Copy(c, x))
	return c
}

func (l recurrentLayer) run(a Attrs, out, in []engine.Array) {
	r := l.recurrence(a.(RecurrentAttrs), in, optional(in, l.operands()))
	var cn engine.Array
	r.Y = flatRows(out[0])
	switch l.kept {
	case 2:
		cn, r.Cells, r.Gates = out[2], out[3], out[4]
	case 1:
		r.Gates = out[2]
	}
	check("Recurrence", r.Forward(out[1], cn))
}

// results is the number of operands of a gradient operator that are results of the layer: y and what
// is kept.
func (l recurrentLayer) results() int { return 1 + l.kept }

func (l recurrentLayer) gradRule(a Attrs, in []Type) ([]Type, error) {
	p, n := a.(RecurrentAttrs), l.operands()
	m := n + l.results() + 1 + l.states // up to the gradients of the results
	layer := append(in[:n:n], in[m:]...)
	y, err := l.rule(p, layer)
	if err != nil {
		return nil, err
	}
	want := append([]Type{y[0]}, y[1+l.states:]...)
	want = append(append(want, y[0]), y[1:1+l.states]...)
	for i, t := range want {
		if err := haveShape(in[n+i:n+i+1], t.Shape); err != nil {
			return nil, err
		}
	}
	r := append([]Type(nil), layer...)
	if p.NoInput {
		r[0].Shape = engine.Shape{0}
	}
	if l.whr && len(layer) == n {
		r = append(r, Type{DType: in[0].DType, Shape: engine.Shape{0, in[2].Shape[1]}})
	}
	return r, nil
}

func (l recurrentLayer) runGrad(a Attrs, out, in []engine.Array) {
	p, n := a.(RecurrentAttrs), l.operands()
	m := n + l.results()
	r := l.recurrence(p, in[:n], optional(in, m+1+l.states))
	r.Y = flatRows(in[n])
	switch l.kept {
	case 2:
		r.Cells, r.Gates = in[n+1], in[n+2]
	case 1:
		r.Gates = in[n+1]
	}
	g := cpu.RecurrenceGrads{
		DHn: present(in[m+1]), DH0: out[1], DWih: out[1+l.states], DWhh: out[2+l.states], DBias: out[3+l.states],
	}
	if dy := present(in[m]); dy.Buf != nil {
		g.DY = flatRows(dy)
	}
	if !p.NoInput {
		g.DX = flatRows(out[0])
	}
	if l.states > 1 {
		g.DCn, g.DC0 = present(in[m+2]), out[2]
	}
	if l.biases > 1 {
		g.DHidBias = out[4+l.states]
	}
	if l.whr {
		g.DWhr = out[len(out)-1]
	}
	check("RecurrenceGrad", r.Backward(g))
}

// present returns x, or nothing where it repeats a single 0, as the gradient of an unused result does.
func present(x engine.Array) engine.Array {
	for i, s := range x.Strides {
		if s != 0 && x.Shape[i] != 1 {
			return x
		}
	}
	if x.Numel() == 0 {
		return x
	}
	one := x
	one.Shape, one.Strides = nil, nil
	if as(one, engine.F64).F64()[0] == 0 {
		return engine.Array{}
	}
	return x
}
