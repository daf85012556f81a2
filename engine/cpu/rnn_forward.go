package cpu

import "github.com/lathe-ml/lathe/engine"

// states are the weights that a step multiplies by the state before: those of the gates, of GRU's n
// apart, and the projection.
type states[T float] struct{ gates, n, projection *strips[T] }

func (w *states[T]) release() {
	for _, s := range []*strips[T]{w.gates, w.n, w.projection} {
		if s != nil {
			s.buf.Release()
		}
	}
}

func (p *recurrent[T]) packStates() *states[T] {
	whh, _ := flatCopy(p.Whh)
	m, h := tableOf[T](whh).every(0, 1, 0), p.hidden
	w := &states[T]{}
	if p.Cell == GRUCell {
		w.gates = pack(m.t(), p.state, 2*h)
		m.off += 2 * h * p.state
		w.n = pack(m.t(), p.state, h)
		return w
	}
	w.gates = pack(m.t(), p.state, p.Whh.Shape[0])
	if p.Whr.Buf != nil {
		w.projection = pack(tableOf[T](p.Whr).every(0, 1, 0).t(), h, p.state)
	}
	return w
}

// inputGates is the part of the gates that the weights of the input give.
func (p *recurrent[T]) inputGates() engine.Array {
	switch p.Cell {
	case LSTMCell:
		return p.Gates
	case GRUCell:
		return p.Gates.Slice(1, 0, 3*p.hidden, 1)
	}
	return p.Y
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

func (p *recurrent[T]) forward(hn, cn engine.Array) {
	must(MatMul(p.inputGates(), p.X, p.Wih.Permute(1, 0), Epilogue{Bias: p.inputBias()}))
	w := p.packStates()
	defer w.release()
	p.eachShare(func(lo, hi int) {
		var raw table[T] // states before the projection
		if w.projection != nil {
			parts, buf := cut[T]([]int{(hi - lo) * p.hidden})
			defer buf.Release()
			raw = table[T]{parts[0], p.hidden}
		}
		for s := range p.Start {
			t, before := p.step(s)
			if end := min(hi, p.Batch[t]); end > lo {
				p.forwardStep(w, raw, t, before, lo, end)
			}
		}
		p.lastStates(tableOf[T](hn), p.y, lo, hi)
		if p.Cell == LSTMCell {
			p.lastStates(tableOf[T](cn), p.cells, lo, hi)
		}
	})
}

// forwardStep computes samples lo … hi of step t.
func (p *recurrent[T]) forwardStep(w *states[T], raw table[T], t, before, lo, hi int) {
	first := p.Start[t] + lo*p.Stride
	for _, s := range p.stretches(t, before, lo, hi) {
		a := p.y.every(s.row, p.Stride, 0)
		if s.first {
			a = p.h0.every(s.lo, 1, 0)
		}
		row := p.Start[t] + s.lo*p.Stride
		w.gates.product(s.n, p.gates.every(row, p.Stride, 0), a, true)
		if w.n != nil {
			for b := range s.n {
				copy(p.gates.row(row + b*p.Stride)[3*p.hidden:], p.hidBias.d[2*p.hidden:])
			}
			w.n.product(s.n, p.gates.every(row, p.Stride, 3*p.hidden), a, true)
		}
	}
	for b := lo; b < hi; b++ {
		row := p.Start[t] + b*p.Stride
		switch h := p.y.row(row); p.Cell {
		case LSTMCell:
			if raw.d != nil {
				h = raw.row(b - lo)
			}
			lstmRow(p.gates.row(row), p.stateBefore(p.cells, p.c0, before, b), p.cells.row(row), h)
		case GRUCell:
			gruRow(p.gates.row(row), p.stateBefore(p.y, p.h0, before, b), h)
		case TanhCell:
			vector(Tanh, h, h)
		case ReLUCell:
			vector(ReLU, h, h)
		}
	}
	if w.projection != nil {
		w.projection.product(hi-lo, p.y.every(first, p.Stride, 0), raw.every(0, 1, 0), false)
	}
}

// vector applies an elementwise function.
func vector[T float](v *Vec1, d, x []T) {
	if f, ok := any(d).([]float32); ok {
		v.F32(f, any(x).([]float32))
		return
	}
	v.F64(any(d).([]float64), any(x).([]float64))
}

// lastStates copies the state after the last step of samples lo … hi.
func (p *recurrent[T]) lastStates(dst, of table[T], lo, hi int) {
	for b := lo; b < hi; b++ {
		t := 0
		if !p.Reverse {
			for t+1 < len(p.Batch) && p.Batch[t+1] > b {
				t++
			}
		}
		copy(dst.row(b), of.row(p.Start[t]+b*p.Stride))
	}
}
