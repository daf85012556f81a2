package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	add("RNN", 1, recurrent("RNN", 1, []string{"Tanh"}))
	add("GRU", 1, recurrent("GRU", 3, []string{"Sigmoid", "Tanh"}))
	add("LSTM", 1, recurrent("LSTM", 4, []string{"Sigmoid", "Tanh", "Tanh"}))
}

// layer is one direction of a recurrent operator. Weights have one row of gates for each unit: i o f c of
// LSTM, z r h of GRU.
type layer struct {
	*call
	kind             string
	gates            int
	hidden           int
	acts             []func(x *eager.Tensor) *eager.Tensor
	plain            bool // activations and options are those of the fused operators
	w, r             *eager.Tensor
	wb, rb, peephole *eager.Tensor // nil: none
	lens             []int
	clip             float64
}

// recurrent is an operator whose directions run one after the other.
func recurrent(kind string, gates int, defaults []string) kernel {
	return func(c *call) []Value {
		x := c.numeric(0)
		t := x.Data
		if len(x.Shape()) != 3 {
			fail("%s, want three axes", x.describe())
		}
		batchFirst := c.int("layout", 0) != 0
		if batchFirst {
			t = t.Permute(1, 0, 2)
		}
		dirs := 1
		way := c.oneOf("direction", "forward", "reverse", "bidirectional")
		if way == "bidirectional" {
			dirs = 2
		}
		if c.numeric(1).Shape()[0] != dirs {
			fail("weights %s for direction %s", c.numeric(1).describe(), way)
		}
		var ys, hs, cs []*eager.Tensor
		for d := range dirs {
			l := newLayer(c, kind, gates, defaults, d)
			reverse := way == "reverse" || d == 1
			y, h, cell := l.run(t, l.initial(t, batchFirst, d, false), l.initial(t, batchFirst, d, true), reverse)
			ys, hs = append(ys, y), append(hs, h)
			if cell != nil {
				cs = append(cs, cell)
			}
		}
		y, h := eager.Stack(1, ys...), eager.Stack(0, hs...)
		var cell *eager.Tensor
		if cs != nil {
			cell = eager.Stack(0, cs...)
		}
		if batchFirst {
			y, h = y.Permute(2, 0, 1, 3), h.Permute(1, 0, 2)
			if cell != nil {
				cell = cell.Permute(1, 0, 2)
			}
		}
		out := []Value{number(x.Type, y), number(x.Type, h)}
		if cell != nil {
			out = append(out, number(x.Type, cell))
		}
		return out
	}
}

func newLayer(c *call, kind string, gates int, defaults []string, d int) *layer {
	pick := func(i int) *eager.Tensor {
		if !c.has(i) {
			return nil
		}
		return c.numeric(i).Data.Slice(0, d, d+1).Squeeze(0)
	}
	l := &layer{call: c, kind: kind, gates: gates, w: pick(1), r: pick(2), clip: c.float("clip", 0)}
	l.hidden = l.r.Size(1)
	if b := pick(3); b != nil {
		n := gates * l.hidden
		l.wb, l.rb = b.Slice(0, 0, n), b.Slice(0, n, 2*n)
	}
	l.lens = c.inputInts(4)
	if kind == "LSTM" {
		l.peephole = pick(7)
	}
	names := c.strings("activations")
	if names == nil {
		names = slices.Concat(defaults, defaults)
	}
	n := len(defaults)
	if len(names) < (d+1)*n {
		fail("%d activations, want %d for each direction", len(names), n)
	}
	names = names[d*n : (d+1)*n]
	alpha, beta := c.floats("activation_alpha"), c.floats("activation_beta")
	for i, name := range names {
		l.acts = append(l.acts, gateFunction(name, at64(alpha, d*n+i), at64(beta, d*n+i)))
	}
	l.plain = slices.Equal(names, defaults) && l.clip == 0 && l.peephole == nil && !c.flag("input_forget") &&
		(kind != "GRU" || c.flag("linear_before_reset"))
	return l
}

func at64(v []float64, i int) *float64 {
	if i < len(v) {
		return &v[i]
	}
	return nil
}

// gateFunction returns an activation by its name, with the defaults of ONNX.
func gateFunction(name string, alpha, beta *float64) func(x *eager.Tensor) *eager.Tensor {
	or := func(v *float64, def float64) float64 {
		if v == nil {
			return def
		}
		return *v
	}
	switch name {
	case "Sigmoid":
		return (*eager.Tensor).Sigmoid
	case "Tanh":
		return (*eager.Tensor).Tanh
	case "Relu":
		return (*eager.Tensor).ReLU
	case "Softplus":
		return (*eager.Tensor).Softplus
	case "Softsign":
		return func(x *eager.Tensor) *eager.Tensor { return x.Div(x.Abs().Add(1)) }
	case "Affine":
		return func(x *eager.Tensor) *eager.Tensor { return x.Mul(or(alpha, 1)).Add(or(beta, 0)) }
	case "LeakyRelu":
		return func(x *eager.Tensor) *eager.Tensor { return piecewise(x.Ge(0), x, x.Mul(or(alpha, 0.01))) }
	case "ThresholdedRelu":
		return func(x *eager.Tensor) *eager.Tensor { return piecewise(x.Gt(or(alpha, 1)), x, eager.ZerosLike(x)) }
	case "ScaledTanh":
		return func(x *eager.Tensor) *eager.Tensor { return x.Mul(or(beta, 1)).Tanh().Mul(or(alpha, 1)) }
	case "HardSigmoid":
		return func(x *eager.Tensor) *eager.Tensor { return x.Mul(or(alpha, 0.2)).Add(or(beta, 0.5)).Clamp(0, 1) }
	case "Elu":
		return func(x *eager.Tensor) *eager.Tensor { return elu(x, or(alpha, 1)) }
	}
	fail("activation %q is unknown", name)
	return nil
}

// initial returns the first state of a direction, zeros when it is not given.
func (l *layer) initial(t *eager.Tensor, batchFirst bool, d int, cell bool) *eager.Tensor {
	i := 5
	if cell {
		i = 6
	}
	if cell && l.kind != "LSTM" {
		return nil
	}
	if !l.has(i) {
		return eager.Zeros(t.Size(1), l.hidden).To(t.DType())
	}
	axis := 0
	if batchFirst {
		axis = 1
	}
	return l.numeric(i).Data.Slice(axis, d, d+1).Squeeze(axis)
}

// run goes over the steps of x: [T N in] and returns y: [T N h] and the last states.
func (l *layer) run(x, h, c *eager.Tensor, reverse bool) (y, hn, cn *eager.Tensor) {
	steps := x.Size(0)
	full := !slices.ContainsFunc(l.lens, func(n int) bool { return n != steps })
	if l.plain && full && l.kind != "RNN" && x.DType().Size() >= 4 {
		return l.fused(x, h, c, reverse)
	}
	wx := x.MatMul(l.w.T())
	if l.wb != nil {
		wx = wx.Add(l.wb)
	}
	ys := make([]*eager.Tensor, steps)
	for i := range steps {
		t := i
		if reverse {
			t = steps - 1 - i
		}
		nh, nc := l.step(wx.Slice(0, t, t+1).Squeeze(0), h, c)
		out := nh
		if !full {
			live := l.live(t)
			out = eager.Where(live, nh, eager.ZerosLike(nh))
			nh = eager.Where(live, nh, h)
			if c != nil {
				nc = eager.Where(live, nc, c)
			}
		}
		h, c, ys[t] = nh, nc, out
	}
	return eager.Stack(0, ys...), h, c
}

// live says which samples have a step t: [N 1].
func (l *layer) live(t int) *eager.Tensor {
	b := make([]int, len(l.lens))
	for i, n := range l.lens {
		if t < n {
			b[i] = 1
		}
	}
	return eager.FromInts(b, len(b), 1).Ne(0)
}

// part returns gate i of [… gates·h].
func (l *layer) part(x *eager.Tensor, i int) *eager.Tensor {
	return x.Slice(-1, i*l.hidden, (i+1)*l.hidden)
}

func (l *layer) act(i int, x *eager.Tensor) *eager.Tensor {
	if l.clip > 0 {
		x = x.Clamp(-l.clip, l.clip)
	}
	return l.acts[i](x)
}

// step computes the next states of a step whose input part is wx: [N gates·h].
func (l *layer) step(wx, h, c *eager.Tensor) (nh, nc *eager.Tensor) {
	rh := h.MatMul(l.r.T())
	if l.kind == "GRU" {
		return l.gruStep(wx, rh, h), nil
	}
	if l.rb != nil {
		rh = rh.Add(l.rb)
	}
	g := wx.Add(rh)
	if l.kind == "RNN" {
		return l.act(0, g), nil
	}
	peep := func(i int, x, state *eager.Tensor) *eager.Tensor {
		if l.peephole == nil {
			return x
		}
		return x.Add(l.part(l.peephole, i).Mul(state))
	}
	i := l.act(0, peep(0, l.part(g, 0), c))
	f := l.act(0, peep(2, l.part(g, 2), c))
	if l.flag("input_forget") {
		f = i.Neg().Add(1)
	}
	nc = f.Mul(c).Add(i.Mul(l.act(1, l.part(g, 3))))
	o := l.act(0, peep(1, l.part(g, 1), nc))
	return o.Mul(l.acts[2](nc)), nc
}

func (l *layer) gruStep(wx, rh, h *eager.Tensor) *eager.Tensor {
	bias := func(i int, x *eager.Tensor) *eager.Tensor {
		if l.rb == nil {
			return x
		}
		return x.Add(l.part(l.rb, i))
	}
	z := l.act(0, bias(0, l.part(wx, 0).Add(l.part(rh, 0))))
	r := l.act(0, bias(1, l.part(wx, 1).Add(l.part(rh, 1))))
	var n *eager.Tensor
	if l.flag("linear_before_reset") {
		n = l.part(wx, 2).Add(r.Mul(bias(2, l.part(rh, 2))))
	} else {
		n = bias(2, l.part(wx, 2).Add(r.Mul(h).MatMul(l.r.Slice(0, 2*l.hidden, 3*l.hidden).T())))
	}
	n = l.act(1, n)
	return z.Mul(h).Add(z.Neg().Add(1).Mul(n))
}

// ordered puts the gates of weights or biases into the order of the fused operators.
func (l *layer) ordered(w *eager.Tensor) *eager.Tensor {
	order := []int{0, 2, 3, 1} // i o f c → i f g o
	if l.kind == "GRU" {
		order = []int{1, 0, 2} // z r h → r z n
	}
	parts := make([]*eager.Tensor, len(order))
	for i, k := range order {
		parts[i] = w.Slice(0, k*l.hidden, (k+1)*l.hidden)
	}
	return eager.Concat(0, parts...)
}

func (l *layer) fused(x, h, c *eager.Tensor, reverse bool) (y, hn, cn *eager.Tensor) {
	zero := eager.Zeros(l.gates * l.hidden).To(x.DType())
	wb, rb := zero, zero
	if l.wb != nil {
		wb, rb = l.ordered(l.wb), l.ordered(l.rb)
	}
	a := op.RecurrentAttrs{Reverse: reverse}
	if l.kind == "GRU" {
		r := eager.Apply(op.GRU, a, x, h, l.ordered(l.w), l.ordered(l.r), wb, rb)
		return r[0], r[1], nil
	}
	r := eager.Apply(op.LSTM, a, x, h, c, l.ordered(l.w), l.ordered(l.r), wb.Add(rb))
	return r[0], r[1], r[2]
}
