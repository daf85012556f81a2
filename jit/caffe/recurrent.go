package caffe

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	layers["LSTM"] = lstm
	layers["RNN"] = rnn
	layers["LSTMUnit"] = func(_ *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 3, 3)
		h := in[0].Size(2)
		c, y := lstmUnit(in[0], in[1], in[2].Reshape(1, in[2].Numel(), 1), h)
		return []*eager.Tensor{c, y}
	}
}

// lstmUnit returns the next cell and state from gates [1 N 4h] in the order i f o g.
func lstmUnit(c, gates, cont *eager.Tensor, h int) (cell, state *eager.Tensor) {
	part := func(i int) *eager.Tensor { return gates.Slice(2, i*h, (i+1)*h) }
	i, f, o := part(0).Sigmoid(), part(1).Sigmoid(), part(2).Sigmoid()
	cell = cont.Mul(f).Mul(c).Add(i.Mul(part(3).Tanh()))
	return cell, o.Mul(cell.Tanh())
}

// sequence holds the bottoms of a recurrent layer: x [T N …], markers [T N] that are 0 where a sequence begins, and
// perhaps a static input [N …].
type sequence struct {
	l        *layer
	p        *Message
	x, cont  *eager.Tensor
	static   *eager.Tensor
	hidden   int
	steps, n int
	next     int // of the weights
}

func newSequence(l *layer, in []*eager.Tensor) *sequence {
	bottoms(in, 2, 5)
	p := l.Message.Message("recurrent_param")
	s := &sequence{l: l, p: p, x: in[0], cont: in[1], hidden: p.Int("num_output", 0), steps: in[0].Size(0), n: in[0].Size(1)}
	if s.hidden < 1 || s.x.Rank() < 3 || s.cont.Numel() != s.steps*s.n {
		fail("x %v, markers %v, num_output %d", s.x.Shape(), s.cont.Shape(), s.hidden)
	}
	s.x = s.x.Reshape(s.steps, s.n, s.x.Shape()[2:].Numel())
	s.cont = s.cont.To(s.x.DType()).Reshape(s.steps, s.n, 1)
	if len(in)%2 == 1 && !p.Bool("expose_hidden", false) || len(in) == 3 {
		s.static = in[2].Reshape(s.n, in[2].Numel()/s.n)
	}
	return s
}

// weight returns the next weight of the layer.
func (s *sequence) weight(filler string, shape ...int) *eager.Tensor {
	w := s.l.param(s.next, engine.Shape(shape), s.p, filler)
	s.next++
	return w
}

// transformed is W·x + b for all steps, with the static input's part.
func (s *sequence) transformed(n int) *eager.Tensor {
	k := s.x.Size(2)
	w := s.weight("weight_filler", n, k)
	b := s.weight("bias_filler", n)
	y := s.x.MatMul(w.T()).Add(b)
	if s.static != nil {
		y = y.Add(s.static.MatMul(s.weight("weight_filler", n, s.static.Size(1)).T()))
	}
	return y
}

func at(x *eager.Tensor, t int) *eager.Tensor { return x.Slice(0, t, t+1) }

func lstm(l *layer, in []*eager.Tensor) []*eager.Tensor {
	s := newSequence(l, in)
	wx := s.transformed(4 * s.hidden)
	r := s.weight("weight_filler", 4*s.hidden, s.hidden).T()
	h, c := eager.Zeros(1, s.n, s.hidden), eager.Zeros(1, s.n, s.hidden)
	exposed := s.p.Bool("expose_hidden", false)
	if exposed {
		h, c = in[len(in)-2].Reshape(1, s.n, s.hidden), in[len(in)-1].Reshape(1, s.n, s.hidden)
	}
	out := make([]*eager.Tensor, s.steps)
	for t := range s.steps {
		cont := at(s.cont, t)
		c, h = lstmUnit(c, at(wx, t).Add(h.Mul(cont).MatMul(r)), cont, s.hidden)
		out[t] = h
	}
	tops := one(eager.Concat(0, out...))
	if exposed {
		tops = append(tops, h, c)
	}
	return tops
}

// rnn is h = tanh(W·x + R·h + b), o = tanh(V·h + d).
func rnn(l *layer, in []*eager.Tensor) []*eager.Tensor {
	s := newSequence(l, in)
	wx := s.transformed(s.hidden)
	r := s.weight("weight_filler", s.hidden, s.hidden).T()
	v := s.weight("weight_filler", s.hidden, s.hidden).T()
	d := s.weight("bias_filler", s.hidden)
	h := eager.Zeros(1, s.n, s.hidden)
	exposed := s.p.Bool("expose_hidden", false)
	if exposed {
		h = in[len(in)-1].Reshape(1, s.n, s.hidden)
	}
	out := make([]*eager.Tensor, s.steps)
	for t := range s.steps {
		h = at(wx, t).Add(h.Mul(at(s.cont, t)).MatMul(r)).Tanh()
		out[t] = h.MatMul(v).Add(d).Tanh()
	}
	tops := one(eager.Concat(0, out...))
	if exposed {
		tops = append(tops, h)
	}
	return tops
}
