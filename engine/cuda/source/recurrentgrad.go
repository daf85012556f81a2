package source

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
)

// recurrentGrad is the gradient of a recurrent layer, backwards over its steps: at each a kernel of the cell and
// a product that carries the gradient dh to the states before. What is left of dh belongs to the initial states.
type recurrentGrad struct {
	*recurrent
	y, dy, dh    engine.Array
	gates        engine.Array // gradients of the gates before their functions, in the rows of x
	before       engine.Array // states before, in the rows of x
	total        engine.Array // dh + dy of one step
	wih, whh, h0 engine.Array
}

// newRecurrentGrad starts dh; y, dy and dhn stand at these operands.
func newRecurrentGrad(c *call, wih, whh engine.Array, gates, y, dy, dhn int) (*recurrentGrad, error) {
	r, err := newRecurrent(c, wih, gates)
	if err != nil {
		return nil, err
	}
	t := wih.DType
	g := &recurrentGrad{
		recurrent: r, wih: wih, whh: whh, h0: c.in[1], y: c.flatRows(c.in[y]), dy: c.flatRows(c.in[dy]), dh: c.out[1],
		gates: c.temp(t, engine.Shape{r.rows, r.columns}), before: c.temp(t, engine.Shape{r.rows, r.state}),
		total: c.temp(t, engine.Shape{r.samples, r.state}),
	}
	c.copy(g.dh, c.in[dhn])
	return g, nil
}

// steps calls f for each step, from the last one, with its dh + dy; f leaves the gradients of the gates.
func (g *recurrentGrad) steps(f func(s, t, n int, total engine.Array)) {
	for s := len(g.batch) - 1; s >= 0; s-- {
		t := g.step(s)
		n := g.batch[t]
		e := each{
			name: "sum_of_two", out: []engine.Array{some(g.total, 0, n, 1)}, body: []string{"v0 + v1"},
			in: []engine.Array{some(g.dh, 0, n, 1), g.at(g.dy, t)},
		}
		e.plan(g.c)
		g.keepBefore(g.at(g.before, t), s, g.y, g.h0)
		f(s, t, n, some(g.total, 0, n, 1))
	}
}

// keepBefore copies the states before step s: those that the step before left in y, and initial ones.
func (g *recurrentGrad) keepBefore(to engine.Array, s int, y, h0 engine.Array) {
	before, k := g.carried(s)
	if n := to.Shape[0]; k < n {
		g.c.copy(some(to, k, n-k, 1), some(h0, k, n-k, 1))
	}
	if k > 0 {
		g.c.copy(some(to, 0, k, 1), some(g.at(y, before), 0, k, 1))
	}
}

// weights plans what is one product over all steps; hidden are the gradients that the states' part meets.
func (g *recurrentGrad) weights(dx, dwih, dwhh, dbias, hidden engine.Array) {
	if !g.p.NoInput {
		m, done := g.matrix(dx)
		g.c.matMul(m, g.gates, g.wih, engine.Array{})
		done()
	}
	g.c.matMul(dwih, g.gates.Permute(1, 0), g.c.flatRows(g.c.in[0]), engine.Array{})
	g.c.matMul(dwhh, hidden.Permute(1, 0), g.before, engine.Array{})
	g.c.reduce("SumOver", dbias, g.gates, []int{0}, 0)
}

const lstmGradCell = `    auto t = tanh(v4), d = v7 + v6 * v3 * (1 - t * t);
`

// lstmGrad takes gates i, f, g, o (v0 … v3), the cell c (v4), the one before (v5), dh (v6) and dc (v7).
func lstmGrad(c *call) error {
	c0, wih, whh, cells, gates, whr := c.in[2], c.in[3], c.in[4], c.in[7], c.in[8], c.optional(12)
	g, err := newRecurrentGrad(c, wih, whh, 4, 6, 9, 10)
	if err != nil {
		return err
	}
	dc, t := c.out[2], wih.DType
	c.copy(dc, c.in[11])
	projected := whr.DType != engine.Invalid
	var raw, states, tops engine.Array // gradients of, and states before the projection; gradients behind it
	if projected {
		raw = c.temp(t, engine.Shape{g.samples, g.hidden})
		states, tops = c.temp(t, engine.Shape{g.rows, g.hidden}), c.temp(t, engine.Shape{g.rows, g.state})
	}
	cellBefore := c.temp(t, engine.Shape{g.samples, g.hidden})
	g.steps(func(s, t, n int, total engine.Array) {
		old := some(cellBefore, 0, n, 1)
		g.cellsBefore(old, s, cells, c0)
		in, dh := blocks(g.kept(gates, t), g.hidden), total
		if projected {
			c.copy(g.at(tops, t), total)
			dh = some(raw, 0, n, 1)
			c.matMul(dh, total, whr, engine.Array{})
			g.cell("lstm_state", "", []engine.Array{g.at(states, t)}, []engine.Array{in[3], g.kept(cells, t)}, "v0 * tanh(v1)")
		}
		in = append(in, g.kept(cells, t), old, dh, some(dc, 0, n, 1))
		out := append(blocks(g.at(g.gates, t), g.hidden), some(dc, 0, n, 1))
		g.cell("lstm_grad", lstmGradCell, out, in, "d * v2 * v0 * (1 - v0)", "d * v5 * v1 * (1 - v1)",
			"d * v0 * (1 - v2 * v2)", "v6 * t * v3 * (1 - v3)", "d * v1")
		c.matMul(some(g.dh, 0, n, 1), g.at(g.gates, t), whh, engine.Array{})
	})
	g.weights(c.out[0], c.out[3], c.out[4], c.out[5], g.gates)
	if projected {
		c.matMul(c.out[6], tops.Permute(1, 0), states, engine.Array{})
	}
	return nil
}

// cellsBefore is keepBefore for what is kept step by step.
func (g *recurrentGrad) cellsBefore(to engine.Array, s int, cells, c0 engine.Array) {
	before, k := g.carried(s)
	if n := to.Shape[0]; k < n {
		g.c.copy(some(to, k, n-k, 1), some(c0, k, n-k, 1))
	}
	if k > 0 {
		g.c.copy(some(to, 0, k, 1), some(g.kept(cells, before), 0, k, 1))
	}
}

const gruGradCell = `    auto n = v5 * (1 - v1) * (1 - v2 * v2), r = n * v3 * v0 * (1 - v0), z = v5 * (v4 - v2) * v1 * (1 - v1);
`

// gruGrad takes gates r, z, n and the states' part of n (v0 … v3), the state before (v4) and dh (v5).
func gruGrad(c *call) error {
	wih, whh, gates := c.in[2], c.in[3], c.in[7]
	g, err := newRecurrentGrad(c, wih, whh, 3, 6, 8, 9)
	if err != nil {
		return err
	}
	hidden := c.temp(wih.DType, engine.Shape{g.rows, g.columns})
	back := c.temp(wih.DType, engine.Shape{g.samples, g.state})
	g.steps(func(s, t, n int, total engine.Array) {
		in := append(blocks(g.kept(gates, t), g.hidden), g.at(g.before, t), total)
		out := append(blocks(g.at(g.gates, t), g.hidden), blocks(g.at(hidden, t), g.hidden)...)
		dh := some(g.dh, 0, n, 1)
		g.cell("gru_grad", gruGradCell, append(slices.Clone(out), dh), in, "r", "z", "n", "r", "z", "n * v0", "v5 * v1")
		c.matMul(some(back, 0, n, 1), g.at(hidden, t), whh, engine.Array{})
		g.cell("sum_of_two", "", []engine.Array{dh}, []engine.Array{dh, some(back, 0, n, 1)}, "v0 + v1")
	})
	g.weights(c.out[0], c.out[2], c.out[3], c.out[4], hidden)
	c.reduce("SumOver", c.out[5], hidden, []int{0}, 0)
	return nil
}

func rnnGrad(c *call) error {
	wih, whh := c.in[2], c.in[3]
	g, err := newRecurrentGrad(c, wih, whh, 1, 5, 6, 7)
	if err != nil {
		return err
	}
	name, f := "rnn_grad", "v0 * (1 - v1 * v1)"
	if g.p.ReLU {
		name, f = "rnn_relu_grad", "v1 > 0 ? v0 : decltype(v0)(0)"
	}
	g.steps(func(s, t, n int, total engine.Array) {
		in := []engine.Array{total, g.at(g.y, t)}
		g.cell(name, "", []engine.Array{g.at(g.gates, t)}, in, f)
		c.matMul(some(g.dh, 0, n, 1), g.at(g.gates, t), whh, engine.Array{})
	})
	g.weights(c.out[0], c.out[2], c.out[3], c.out[4], g.gates)
	return nil
}
