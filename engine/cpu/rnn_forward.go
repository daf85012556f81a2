package cpu

import "github.com/lathe-ml/lathe/engine"

// states are the weights that a step multiplies by the state before, and the projection.
// inputs and bias are what joint products take besides: the columns of x and what is added.
type states[T float] struct {
	gates, projection *strips[T]
	inputs            int
	x                 table[T]
	bias              []T
}

func (w *states[T]) release() {
	w.gates.buf.Release()
	if w.projection != nil {
		w.projection.buf.Release()
	}
}

// jointRows is the number of samples of a thread from which on inputs are multiplied before the steps, in one product.
const jointRows = 64

// joint reports whether a step multiplies inputs and states together, so that gates are written once: where the weights
// of both stay in the second-level cache.
func (p *recurrent[T]) joint() bool {
	return p.Cell == LSTMCell && p.samples >= 8 && p.samples <= jointRows*engine.Threads() && p.X.Shape[1] > 0 &&
		p.X.DType.Size()*p.Whh.Shape[0]*(p.X.Shape[1]+p.state) <= 3<<18
}

func (p *recurrent[T]) packStates(joint bool) *states[T] {
	w := &states[T]{}
	if joint {
		w.inputs, w.x = p.X.Shape[1], tableOf[T](p.X)
		w.bias = flatSlice[T](&p.Bias)
		w.gates = packJoint([2]matrix[T]{tableOf[T](p.Wih).from(0, 0).t(), tableOf[T](p.Whh).from(0, 0).t()},
			[2]int{w.inputs, p.state}, p.Whh.Shape[0])
	} else {
		w.gates = pack(tableOf[T](p.Whh).from(0, 0).t(), p.state, p.Whh.Shape[0])
	}
	if p.Whr.Buf != nil {
		w.projection = pack(tableOf[T](p.Whr).from(0, 0).t(), p.hidden, p.state)
	}
	return w
}

// inputBias is Bias; GRU adds that of the state for r and z, which nothing keeps apart.
func (p *recurrent[T]) inputBias() engine.Array {
	if p.Cell != GRUCell {
		return p.Bias
	}
	b := engine.NewArray(p.Bias.DType, p.Bias.Shape)
	must(Copy(b, p.Bias))
	addTo(flatSlice[T](&b)[:2*p.hidden], p.hidBias.d[:2*p.hidden])
	return b
}

// inputGates computes the part of the gates that the inputs give, in Gates or, for cells that keep none,
// in memory of their own.
func (p *recurrent[T]) inputGates() (free func()) {
	x, freeX := p.byStep(p.X)
	defer freeX()
	free = func() {}
	n := p.Wih.Shape[0]
	if p.gates.d == nil {
		g := engine.NewArray(p.X.DType, engine.Shape{p.rows, n})
		p.Gates, p.gates, free = g, tableOf[T](g), g.Buf.Release
	}
	must(MatMul(p.Gates.Slice(1, 0, n, 1), x, p.Wih.Permute(1, 0), Epilogue{Bias: p.inputBias()}))
	return free
}

func (p *recurrent[T]) forward(hn, cn engine.Array) {
	joint := p.joint()
	if !joint {
		defer p.inputGates()()
	}
	weights := p.packStates(joint)
	defer weights.release()
	in := 0 // columns in front of the state
	if joint {
		in = p.X.Shape[1]
	}
	last, lastCell := tableOf[T](hn), tableOf[T](cn)
	p.eachShare(func(w *tileArgs, lo, hi int) {
		n := hi - lo
		gates := p.Whh.Shape[0]
		part := 0
		if p.Cell == GRUCell {
			part = n * apart(gates)
		}
		parts, buf := cut[T]([]int{n * apart(in+p.state), n * p.hidden, part})
		defer buf.Release()
		now := &recurrentState[T]{
			lo, w,
			table[T]{parts[0], in + p.state, apart(in + p.state)},
			table[T]{parts[0][in:], p.state, apart(in + p.state)},
			table[T]{parts[1], p.hidden, p.hidden},
			table[T]{parts[2], gates, apart(gates)},
		}
		for b := lo; b < hi; b++ {
			copy(now.h.row(b-lo), p.h0.row(b))
		}
		for s := range p.first {
			engine.Check()
			t, before := p.step(s)
			if end := min(hi, p.Batch[t]); end > lo {
				p.forwardStep(weights, now, t, before, end)
			}
		}
		for b := lo; b < hi; b++ {
			copy(last.row(b), now.h.row(b-lo))
			if p.Cell == LSTMCell {
				copy(lastCell.row(b), p.cellAfter(b))
			}
		}
	})
}

// recurrentState is the state of samples from lo on, and room for states before the projection and, GRU, for
// the part of the gates that the state gives. args is that of eachShare.
type recurrentState[T float] struct {
	lo           int
	args         *tileArgs
	all          table[T] // joint: inputs and states side by side
	h, raw, part table[T]
}

// forwardStep computes samples up to hi of step t.
func (p *recurrent[T]) forwardStep(w *states[T], now *recurrentState[T], t, before, hi int) {
	lo, n := now.lo, p.hidden
	if w.inputs > 0 {
		for b := lo; b < hi; b++ {
			copy(now.all.row(b-lo), w.x.row(p.Start[t]+b*p.Stride))
		}
		w.gates.affine(now.args, hi-lo, w.gates.k, p.gates.from(p.first[t]+lo, 0), now.all.from(0, 0), w.bias)
	} else if p.Cell == GRUCell {
		w.gates.product(now.args, hi-lo, now.part.from(0, 0), now.h.from(0, 0), false)
	} else {
		w.gates.product(now.args, hi-lo, p.gates.from(p.first[t]+lo, 0), now.h.from(0, 0), true)
	}
	for b := lo; b < hi; b++ {
		g, h := p.gates.row(p.first[t]+b), now.h.row(b-lo)
		switch p.Cell {
		case LSTMCell:
			if w.projection != nil {
				h = now.raw.row(b - lo)
			}
			lstmRow(g, p.cellBefore(before, b), p.cells.row(p.first[t]+b), h)
		case GRUCell:
			q, part := g[3*n:], now.part.row(b-lo)
			copy(q, p.hidBias.d[2*n:])
			addTo(q, part[2*n:])
			addTo(g[:2*n], part[:2*n])
			gruRow(g, h, h)
		case TanhCell:
			vector(Tanh, h, g)
		case ReLUCell:
			vector(ReLU, h, g)
		}
	}
	if w.projection != nil {
		w.projection.product(now.args, hi-lo, now.h.from(0, 0), now.raw.from(0, 0), false)
	}
	for b := lo; b < hi; b++ {
		copy(p.y.row(p.Start[t]+b*p.Stride), now.h.row(b-lo))
	}
}

// cellAfter is the cell of sample b behind its last step.
func (p *recurrent[T]) cellAfter(b int) []T {
	t := 0
	if !p.Reverse {
		for t+1 < len(p.Batch) && p.Batch[t+1] > b {
			t++
		}
	}
	return p.cells.row(p.first[t] + b)
}

// vector applies an elementwise function.
func vector[T float](v *Vec1, d, x []T) {
	if f, ok := any(d).([]float32); ok {
		v.F32(f, any(x).([]float32))
		return
	}
	v.F64(any(d).([]float64), any(x).([]float64))
}
