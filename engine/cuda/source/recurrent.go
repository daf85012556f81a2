package source

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// recurrent plans recurrent layers as one product for the inputs of all steps, and for each step one for the
// states and an elementwise kernel of the cell. The last states hn and cn are those of the step that runs: samples
// that ended keep them.
type recurrent struct {
	c                      *call
	p                      op.RecurrentAttrs
	batch, start, first    []int // of each step: samples; row of sample 0 in x; row in what is kept step by step
	stride                 int   // of samples in x
	samples, rows          int
	hidden, state, columns int // columns: gates·hidden
	shape                  engine.Shape
}

// newRecurrent reads the sizes off x, h0 and wih with so many gates.
func newRecurrent(c *call, wih engine.Array, gates int) (*recurrent, error) {
	p, x, h0 := c.attrs.(op.RecurrentAttrs), c.in[0], c.in[1]
	if t := x.DType; t != engine.F32 && t != engine.F64 {
		return nil, fmt.Errorf("has no CUDA form for %v", t)
	}
	if wih.Shape[0] == 0 {
		return nil, fmt.Errorf("has no hidden units")
	}
	r := &recurrent{
		c: c, p: p, stride: 1, samples: h0.Shape[0], state: h0.Shape[1], columns: wih.Shape[0],
		hidden: wih.Shape[0] / gates, rows: x.Shape[:len(x.Shape)-1].Numel(), batch: p.Batches, shape: x.Shape,
	}
	if r.batch == nil {
		steps := x.Shape[0]
		if p.BatchFirst {
			steps = x.Shape[1]
		}
		r.batch = slices.Repeat([]int{r.samples}, steps)
	}
	next := 0
	for t, n := range r.batch {
		r.first = append(r.first, next)
		if r.byBatch() {
			r.start, r.stride = append(r.start, t), len(r.batch)
		} else {
			r.start = append(r.start, next)
		}
		next += n
	}
	return r, nil
}

func (r *recurrent) byBatch() bool { return r.p.BatchFirst && r.p.Batches == nil }

// step is the s-th step in the order of the recurrence.
func (r *recurrent) step(s int) int {
	if r.p.Reverse {
		return len(r.batch) - 1 - s
	}
	return s
}

// carried is the number of samples of step s that the step before computed, and which it was.
func (r *recurrent) carried(s int) (before, n int) {
	if s == 0 {
		return 0, 0
	}
	before = r.step(s - 1)
	return before, min(r.batch[before], r.batch[r.step(s)])
}

// some are rows of a matrix, distance apart.
func some(a engine.Array, from, n, distance int) engine.Array {
	a.Offset += from * a.Strides[0]
	a.Shape, a.Strides = engine.Shape{n, a.Shape[1]}, []int{distance * a.Strides[0], a.Strides[1]}
	return a
}

// at is step t of a matrix with the rows of x, kept of one step by step.
func (r *recurrent) at(a engine.Array, t int) engine.Array {
	return some(a, r.start[t], r.batch[t], r.stride)
}

func (r *recurrent) kept(a engine.Array, t int) engine.Array {
	return some(a, r.first[t], r.batch[t], 1)
}

// inXOrder views a matrix whose rows lie step by step in the order of the rows of x.
func (r *recurrent) inXOrder(a engine.Array) engine.Array {
	if !r.byBatch() {
		return a
	}
	n, ld := r.samples, a.Strides[0]
	a.Strides = []int{ld, n * ld, a.Strides[1]}
	a.Shape = engine.Shape{n, len(r.batch), a.Shape[1]}
	return a
}

// blocks cuts columns into parts of a width.
func blocks(a engine.Array, width int) []engine.Array {
	var parts []engine.Array
	for at := 0; at < a.Shape[1]; at += width {
		parts = append(parts, a.Slice(1, at, at+width, 1))
	}
	return parts
}

// matrix views a with two axes; where that takes a copy, results come back by done.
func (r *recurrent) matrix(a engine.Array) (m engine.Array, done func()) {
	s := engine.Shape{r.rows, a.Shape[len(a.Shape)-1]}
	if v, ok := a.Reshape(s); ok {
		return v, func() {}
	}
	m = r.c.temp(a.DType, s)
	return m, func() {
		m.Shape, m.Strides = a.Shape, a.Shape.Strides()
		r.c.copy(a, m)
	}
}

// inputs plans the inputs' part of the gates of all steps.
func (r *recurrent) inputs(gates, wih, bias engine.Array) {
	x, z := r.c.in[0], r.inXOrder(gates.Slice(1, 0, r.columns, 1))
	if !r.byBatch() {
		x = r.c.flatRows(x)
	}
	r.c.matMul(z, x, wih.Permute(1, 0), bias)
}

// cell plans an elementwise kernel.
func (r *recurrent) cell(name, before string, out, in []engine.Array, body ...string) {
	e := each{name: name, before: before, out: out, in: in, body: body}
	e.plan(r.c)
}

const lstmCell = `    auto w = sigmoid(v0 + v4), f = sigmoid(v1 + v5), g = tanh(v2 + v6), o = sigmoid(v3 + v7);
    auto c = f * v8 + w * g;
`

func lstm(c *call) error {
	h0, c0, wih, whh, bias, whr := c.in[1], c.in[2], c.in[3], c.in[4], c.in[5], c.optional(6)
	hn, cn, cells, gates := c.out[1], c.out[2], c.out[3], c.out[4]
	r, err := newRecurrent(c, wih, 4)
	if err != nil {
		return err
	}
	y, done := r.matrix(c.out[0])
	c.copy(hn, h0)
	c.copy(cn, c0)
	r.inputs(gates, wih, bias)
	part := c.temp(hn.DType, engine.Shape{r.samples, r.columns})
	raw := c.temp(hn.DType, engine.Shape{r.samples, r.hidden})
	for s := range r.batch {
		t := r.step(s)
		n := r.batch[t]
		h, cell, ys := some(hn, 0, n, 1), some(cn, 0, n, 1), r.at(y, t)
		c.matMul(some(part, 0, n, 1), h, whh.Permute(1, 0), engine.Array{})
		g := blocks(r.kept(gates, t), r.hidden)
		out := append(slices.Clone(g), r.kept(cells, t), cell)
		in := append(append(slices.Clone(g), blocks(some(part, 0, n, 1), r.hidden)...), cell)
		body := []string{"w", "f", "g", "o", "c", "c", "o * tanh(c)", "o * tanh(c)"}
		if whr.DType == engine.Invalid {
			r.cell("lstm", lstmCell, append(out, h, ys), in, body...)
			continue
		}
		r.cell("lstm_projected", lstmCell, append(out, some(raw, 0, n, 1)), in, body[:7]...)
		c.matMul(h, some(raw, 0, n, 1), whr.Permute(1, 0), engine.Array{})
		c.copy(ys, h)
	}
	done()
	return nil
}

const gruCell = `    auto r = sigmoid(v0 + v3), z = sigmoid(v1 + v4), n = tanh(v2 + r * v5);
    auto h = n + z * (v6 - n);
`

func gru(c *call) error {
	h0, wih, whh, bih, bhh := c.in[1], c.in[2], c.in[3], c.in[4], c.in[5]
	hn, gates := c.out[1], c.out[2]
	r, err := newRecurrent(c, wih, 3)
	if err != nil {
		return err
	}
	y, done := r.matrix(c.out[0])
	c.copy(hn, h0)
	r.inputs(gates, wih, bih)
	part := c.temp(hn.DType, engine.Shape{r.samples, r.columns})
	for s := range r.batch {
		t := r.step(s)
		n := r.batch[t]
		h, p := some(hn, 0, n, 1), some(part, 0, n, 1)
		c.matMul(p, h, whh.Permute(1, 0), bhh)
		g := blocks(r.kept(gates, t), r.hidden)
		in := append(append(slices.Clone(g[:3]), blocks(p, r.hidden)...), h)
		r.cell("gru", gruCell, append(g, h, r.at(y, t)), in, "r", "z", "n", "v5", "h", "h")
	}
	done()
	return nil
}

func rnn(c *call) error {
	h0, wih, whh, bias, hn := c.in[1], c.in[2], c.in[3], c.in[4], c.out[1]
	r, err := newRecurrent(c, wih, 1)
	if err != nil {
		return err
	}
	y, done := r.matrix(c.out[0])
	c.copy(hn, h0)
	gates := c.temp(hn.DType, engine.Shape{r.rows, r.columns})
	r.inputs(gates, wih, bias)
	part := c.temp(hn.DType, engine.Shape{r.samples, r.columns})
	name, f := "rnn", "tanh(v0 + v1)"
	if r.p.ReLU {
		name, f = "rnn_relu", "relu(v0 + v1)"
	}
	for s := range r.batch {
		t := r.step(s)
		n := r.batch[t]
		h, p := some(hn, 0, n, 1), some(part, 0, n, 1)
		c.matMul(p, h, whh.Permute(1, 0), engine.Array{})
		in := []engine.Array{r.kept(gates, t), p}
		r.cell(name, "", []engine.Array{h, r.at(y, t)}, in, f, f)
	}
	done()
	return nil
}
