package source

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// attending is the arrays of AttentionArgs, all [b h t …].
type attending struct {
	q, k, v, mask, dy, lse, delta engine.Array
	y, sums, dq, dk, dv           engine.Array
}

// fourAxes views x as [b h t d]: axes are added in front, or the first ones joined, as a copy where strides want
// one.
func (c *call) fourAxes(x engine.Array, n int) engine.Array {
	have := len(x.Shape)
	if have <= n {
		s, st := make(engine.Shape, n), make([]int, n)
		for i := range s {
			s[i] = 1
		}
		copy(s[n-have:], x.Shape)
		copy(st[n-have:], x.Strides)
		x.Shape, x.Strides = s, st
		return x
	}
	s := append(engine.Shape{x.Shape[:have-n+1].Numel()}, x.Shape[have-n+1:]...)
	if v, ok := x.Reshape(s); ok {
		return v
	}
	t := c.temp(x.DType, x.Shape)
	c.copy(t, x)
	t.Shape, t.Strides = s, s.Strides()
	return t
}

// maskFor views a mask as [b h t s].
func (c *call) maskFor(i int, q, k engine.Array) engine.Array {
	m := c.optional(i)
	if m.DType == engine.Invalid {
		return engine.Array{DType: engine.Bool, Strides: make([]int, 4)}
	}
	n := len(q.Shape)
	scores := append(append(engine.Shape(nil), q.Shape[:n-1]...), k.Shape[len(k.Shape)-2])
	if n > 4 {
		m = m.Expand(scores)
	}
	m = c.fourAxes(m, 4)
	for a := range m.Shape {
		if m.Shape[a] == 1 {
			m.Strides[a] = 0
		}
	}
	return m
}

// heads views [b t parts·h·d] as its parts [b h t d].
func heads(x engine.Array, parts, h int) []engine.Array {
	s, st := x.Shape, x.Strides
	d := s[2] / (parts * h)
	views := make([]engine.Array, parts)
	for i := range views {
		v := x
		v.Offset += i * h * d * st[2]
		v.Shape, v.Strides = engine.Shape{s[0], h, s[1], d}, []int{st[0], d * st[2], st[1], st[2]}
		views[i] = v
	}
	return views
}

// attention is the form of Attention and SelfAttention (self).
func attention(self bool) form {
	return func(c *call) error {
		var p attending
		if self {
			h := c.attrs.(op.AttentionAttrs).Heads
			x := heads(c.in[0], 3, h)
			p = attending{q: x[0], k: x[1], v: x[2], y: heads(c.out[0], 1, h)[0], mask: c.maskFor(1, x[0], x[1])}
		} else {
			p = attending{
				q: c.fourAxes(c.in[0], 4), k: c.fourAxes(c.in[1], 4), v: c.fourAxes(c.in[2], 4),
				y: c.fourAxes(c.out[0], 4), mask: c.maskFor(3, c.in[0], c.in[1]),
			}
		}
		p.sums = c.out[1]
		if p.sums.Numel() > 0 {
			c.attend("attention", &p, p.sums.Numel())
		}
		return nil
	}
}

func attentionGrad(self bool) form {
	return func(c *call) error {
		var p attending
		if self {
			h := c.attrs.(op.AttentionAttrs).Heads
			x, g := heads(c.in[0], 3, h), heads(c.out[0], 3, h)
			p = attending{
				q: x[0], k: x[1], v: x[2], dy: heads(c.in[1], 1, h)[0], lse: c.in[2], delta: c.in[3],
				dq: g[0], dk: g[1], dv: g[2], mask: c.maskFor(4, x[0], x[1]),
			}
		} else {
			p = attending{
				q: c.fourAxes(c.in[0], 4), k: c.fourAxes(c.in[1], 4), v: c.fourAxes(c.in[2], 4),
				dy: c.fourAxes(c.in[3], 4), lse: c.fourAxes(c.in[4], 3), delta: c.fourAxes(c.in[5], 3),
				dq: c.fourAxes(c.out[0], 4), dk: c.fourAxes(c.out[1], 4), dv: c.fourAxes(c.out[2], 4),
				mask: c.maskFor(6, c.in[0], c.in[1]),
			}
		}
		wide := sumType(p.q.DType)
		for _, x := range []*engine.Array{&p.lse, &p.delta} {
			if x.DType != wide {
				t := c.temp(wide, x.Shape)
				c.copy(t, *x)
				*x = t
			}
		}
		if p.dy.DType != p.q.DType {
			t := c.temp(p.q.DType, p.dy.Shape)
			c.copy(t, p.dy)
			p.dy = t
		}
		if n := p.dq.Numel(); n > 0 {
			c.attend("attention_dq", &p, n/p.dq.Shape[3])
		}
		if n := p.dk.Shape[:3].Numel(); n > 0 {
			c.attend("attention_dkv", &p, n)
		}
		return nil
	}
}

// attend launches f over so many rows.
func (c *call) attend(f string, p *attending, n int) {
	o := c.attrs.(op.AttentionAttrs)
	scale := o.Scale
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(max(p.q.Shape[3], 1)))
	}
	a := (&args{c: c}).ints(p.q.Shape[0], p.q.Shape[1], p.k.Shape[1], p.q.Shape[2], p.k.Shape[2], p.q.Shape[3],
		p.v.Shape[3])
	strides := func(x engine.Array, n int) {
		s := make([]int, n)
		copy(s, x.Strides)
		a.ints(s...)
	}
	for _, x := range []engine.Array{p.q, p.k, p.v, p.mask, p.y, p.dy} {
		strides(x, 4)
	}
	strides(p.lse, 3)
	strides(p.delta, 3)
	for _, x := range []engine.Array{p.dq, p.dk, p.dv} {
		strides(x, 4)
	}
	a.ints(bit(o.Causal)).bits(o.Seed, o.Offset).floats(scale, 1-o.Dropout)
	for _, x := range []engine.Array{p.q, p.k, p.v, p.mask, p.dy, p.lse, p.delta, p.y, p.sums, p.dq, p.dk, p.dv} {
		a.array(x)
	}
	t, m := ctype(p.q.DType), ctype(p.mask.DType)
	k := instance("attention", f, fmt.Sprintf("AttentionArgs<%s, %s>", t, m), t, m)
	k.parts = []string{"math", "reduce", "random", "attention"}
	c.launch(k, rows(n), a)
}
