package cpu

import "github.com/lathe-ml/lathe/engine"

// ForwardBytes computes Y and the last states hn and cn of LSTM and GRU layers of F32 with 8-bit weights wih [gates·h in]
// and whh [gates·h h], packed by row: each sample's input and state become bytes of their own scale at each step. Wih,
// Whh and Whr are not read, Cells and Gates not written.
func (r *Recurrence) ForwardBytes(hn, cn engine.Array, wih, whh *DynamicWeights) error {
	if r.X.DType != engine.F32 || r.Cell != LSTMCell && r.Cell != GRUCell {
		return unsupported("ForwardBytes", r.X.DType)
	}
	s := *r
	total := 0
	for _, n := range r.Batch {
		total += n
	}
	h := whh.w.ci
	s.Gates = engine.NewArray(engine.F32, engine.Shape{total, 4 * h})
	defer s.Gates.Buf.Release()
	if r.Cell == LSTMCell {
		s.Cells = engine.NewArray(engine.F32, engine.Shape{total, h})
		defer s.Cells.Buf.Release()
	}
	p := &byteRecurrence{newRecurrent[float32](&s), whh}
	x, free := p.byStep(p.X)
	defer free()
	bias := p.inputBias()
	if err := wih.Run(s.Gates.Slice(1, 0, wih.w.Outputs(), 1), x, flatSlice[float32](&bias)); err != nil {
		return err
	}
	last, lastCell := tableOf[float32](hn), tableOf[float32](cn)
	p.eachShare(func(_ *tileArgs, lo, hi int) { p.share(last, lastCell, lo, hi) })
	return nil
}

// byteRecurrence is a recurrence whose states are multiplied as bytes.
type byteRecurrence struct {
	*recurrent[float32]
	whh *DynamicWeights
}

// share computes all steps of samples lo … hi.
func (p *byteRecurrence) share(last, lastCell table[float32], lo, hi int) {
	n, gates := hi-lo, p.whh.w.Outputs()
	state, part := engine.NewArray(engine.F32, engine.Shape{n, p.state}), engine.NewArray(engine.F32, engine.Shape{n, gates})
	defer state.Buf.Release()
	defer part.Buf.Release()
	h, q := tableOf[float32](state), tableOf[float32](part)
	for b := range n {
		copy(h.row(b), p.h0.row(lo+b))
	}
	for s := range p.first {
		t, before := p.step(s)
		if end := min(hi, p.Batch[t]) - lo; end > 0 {
			must(p.whh.Run(part.Slice(0, 0, end, 1), state.Slice(0, 0, end, 1), nil))
			p.cellsOf(h, q, t, before, lo, end)
		}
	}
	for b := range n {
		copy(last.row(lo+b), h.row(b))
		if p.Cell == LSTMCell {
			copy(lastCell.row(lo+b), p.cellAfter(lo+b))
		}
	}
}

// cellsOf computes the cells of end samples from lo on at step t, from the products q, and their states h.
func (p *byteRecurrence) cellsOf(h, q table[float32], t, before, lo, end int) {
	n := p.hidden
	for b := range end {
		g, part, state := p.gates.row(p.first[t]+lo+b), q.row(b), h.row(b)
		if p.Cell == GRUCell {
			own := g[3*n:]
			copy(own, p.hidBias.d[2*n:])
			addTo(own, part[2*n:])
			addTo(g[:2*n], part[:2*n])
			gruRow(g, state, state)
		} else {
			addTo(g, part)
			lstmRow(g, p.cellBefore(before, lo+b), p.cells.row(p.first[t]+lo+b), state)
		}
		copy(p.y.row(p.Start[t]+(lo+b)*p.Stride), state)
	}
}
