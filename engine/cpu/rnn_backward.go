package cpu

import "github.com/lathe-ml/lathe/engine"

// recurrentGrads is the working memory of Backward. Its tables have a row for each of the rows of x.
type recurrentGrads[T float] struct {
	dy        table[T] // nil: zero
	dh, dc    table[T] // carried from step to step; at the end the gradients of the initial states
	gates     table[T] // gradients of the gates before their functions; GRU: r, z, n and q
	before    table[T] // states before
	raw, proj table[T] // with a projection: states before it, and the gradients of those behind it

	whh, n, whr *strips[T] // GRU: n is the part of whh for q
	buf         *engine.Buffer
}

func (p *recurrent[T]) backward(g *RecurrenceGrads) {
	w := p.gradRoom(g)
	defer w.release()
	p.eachShare(func(args *tileArgs, lo, hi int) {
		var raw table[T] // gradients of the states before the projection
		if w.whr != nil {
			parts, buf := cut[T]([]int{(hi - lo) * p.hidden})
			defer buf.Release()
			raw = table[T]{parts[0], p.hidden, p.hidden}
		}
		for s := len(p.Start) - 1; s >= 0; s-- {
			engine.Check()
			t, before := p.step(s)
			if end := min(hi, p.Batch[t]); end > lo {
				p.backwardStep(w, args, raw, t, before, lo, end)
			}
		}
	})
	p.weightGrads(g, w)
}

func (p *recurrent[T]) gradRoom(g *RecurrenceGrads) *recurrentGrads[T] {
	rows, h, gates := p.rows, p.hidden, p.Wih.Shape[0]
	if p.Cell == GRUCell {
		gates = 4 * h
	}
	sizes := []int{rows * apart(gates), rows * p.state, 0, 0}
	if p.Whr.Buf != nil {
		sizes[2], sizes[3] = rows*h, rows*p.state
	}
	parts, buf := cut[T](sizes)
	w := &recurrentGrads[T]{
		dy: tableOf[T](g.DY), dh: tableOf[T](g.DH0), gates: table[T]{parts[0], gates, apart(gates)},
		before: table[T]{parts[1], p.state, p.state}, raw: table[T]{parts[2], h, h},
		proj: table[T]{parts[3], p.state, p.state}, buf: buf,
	}
	start := func(dst, from engine.Array) {
		if from.Buf == nil {
			must(Fill(dst, 0))
		} else {
			must(Copy(dst, from))
		}
	}
	start(g.DH0, g.DHn)
	if p.Cell == LSTMCell {
		w.dc = tableOf[T](g.DC0)
		start(g.DC0, g.DCn)
	}
	whh := tableOf[T](p.Whh).from(0, 0)
	if p.Cell == GRUCell {
		w.whh = pack(whh, 2*h, p.state)
		whh.off += 2 * h * p.state
		w.n = pack(whh, h, p.state)
		return w
	}
	w.whh = pack(whh, p.Whh.Shape[0], p.state)
	if p.Whr.Buf != nil {
		w.whr = pack(tableOf[T](p.Whr).from(0, 0), p.state, h)
	}
	return w
}

func (w *recurrentGrads[T]) release() {
	w.buf.Release()
	for _, s := range []*strips[T]{w.whh, w.n, w.whr} {
		if s != nil {
			s.buf.Release()
		}
	}
}

// backwardStep computes samples lo … hi of step t. Rows of dh hold the gradient of the state after the
// step on entry, but for dy, and of the state before on return.
func (p *recurrent[T]) backwardStep(w *recurrentGrads[T], args *tileArgs, raw table[T], t, before, lo, hi int) {
	first := p.first[t] + lo
	for b := lo; b < hi; b++ {
		if w.dy.d != nil {
			addTo(w.dh.row(b), w.dy.row(p.Start[t]+b*p.Stride))
		}
		copy(w.before.row(p.first[t]+b), p.stateBefore(before, b))
		if w.whr != nil {
			copy(w.proj.row(p.first[t]+b), w.dh.row(b))
		}
	}
	if w.whr != nil {
		w.whr.product(args, hi-lo, raw.from(0, 0), w.dh.from(lo, 0), false)
	}
	for b := lo; b < hi; b++ {
		p.rowGrad(w, raw, t, before, b, lo)
	}
	dh := w.dh.from(lo, 0)
	w.whh.product(args, hi-lo, dh, w.gates.from(first, 0), p.Cell == GRUCell)
	if w.n != nil {
		w.n.product(args, hi-lo, dh, w.gates.from(first, 3*p.hidden), true)
	}
}

// rowGrad computes the gradients of the gates of one sample.
func (p *recurrent[T]) rowGrad(w *recurrentGrads[T], raw table[T], t, before, b, lo int) {
	row := p.first[t] + b
	dh, dg := w.dh.row(b), w.gates.row(row)
	switch p.Cell {
	case LSTMCell:
		c := p.cells.row(row)
		if w.whr != nil {
			dh = raw.row(b - lo)
			h, o := w.raw.row(row), p.gates.row(row)[3*p.hidden:]
			vector(Tanh, h, c)
			for j := range h {
				h[j] *= o[j]
			}
		}
		lstmRowGrad(p.gates.row(row), c, p.cellBefore(before, b), dh, w.dc.row(b), dg)
	case GRUCell:
		gruRowGrad(p.gates.row(row), w.before.row(row), dh, dg)
	case TanhCell:
		for j, y := range p.y.row(p.Start[t] + b*p.Stride) {
			dg[j] = dh[j] * (1 - y*y)
		}
	case ReLUCell:
		for j, y := range p.y.row(p.Start[t] + b*p.Stride) {
			dg[j] = 0
			if y > 0 {
				dg[j] = dh[j]
			}
		}
	}
}

// weightGrads computes what is one product or sum over all steps.
func (p *recurrent[T]) weightGrads(g *RecurrenceGrads, w *recurrentGrads[T]) {
	h := p.hidden
	view := func(t table[T], from, to int) engine.Array {
		a := engine.Of(engine.Shape{p.rows, t.ld}, t.d[:p.rows*t.ld])
		return a.Slice(1, from, to, 1)
	}
	input := view(w.gates, 0, p.Wih.Shape[0])
	x, free := p.byStep(p.X)
	defer free()
	p.inputGrad(g.DX, input)
	must(MatMul(g.DWih, input.Permute(1, 0), x, Epilogue{}))
	must(Sum(g.DBias, input, []int{0}))
	before := view(w.before, 0, p.state)
	if p.Cell == GRUCell {
		both, q := view(w.gates, 0, 2*h), view(w.gates, 3*h, 4*h)
		must(MatMul(g.DWhh.Slice(0, 0, 2*h, 1), both.Permute(1, 0), before, Epilogue{}))
		must(MatMul(g.DWhh.Slice(0, 2*h, 3*h, 1), q.Permute(1, 0), before, Epilogue{}))
		must(Sum(g.DHidBias.Slice(0, 0, 2*h, 1), both, []int{0}))
		must(Sum(g.DHidBias.Slice(0, 2*h, 3*h, 1), q, []int{0}))
		return
	}
	must(MatMul(g.DWhh, input.Permute(1, 0), before, Epilogue{}))
	if w.whr != nil {
		must(MatMul(g.DWhr, view(w.proj, 0, p.state).Permute(1, 0), view(w.raw, 0, h), Epilogue{}))
	}
}

// inputGrad computes the gradient of x, where it is wanted.
func (p *recurrent[T]) inputGrad(dx, gates engine.Array) {
	if dx.Buf == nil {
		return
	}
	if p.inOrder() {
		must(MatMul(dx, gates, p.Wih, Epilogue{}))
		return
	}
	d := engine.NewArray(dx.DType, dx.Shape)
	defer d.Buf.Release()
	must(MatMul(d, gates, p.Wih, Epilogue{}))
	p.reorder(tableOf[T](dx), tableOf[T](d), true)
}
