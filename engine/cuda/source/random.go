package source

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// drawn plans y = text for each element i, in row-major order. c0 and c1 are the place in the random stream,
// then come other numbers.
func (c *call) drawn(name, text string, in []engine.Array, seed, offset uint64, numbers ...number) {
	e := each{name: name, parts: []string{"random"}, out: c.out[:1], in: in, body: []string{text}}
	place := (&args{}).bits(seed, offset).words
	e.numbers = append([]number{{"i64", place[0]}, {"i64", place[1]}}, numbers...)
	e.plan(c)
}

func float(v float64) number { return number{"f64", Word{Bits: math.Float64bits(v)}} }
func whole(v int) number     { return number{"i64", Word{Bits: uint64(v)}} }

// random is the form of an operator that draws text.
func random(text string, integers bool) form {
	return func(c *call) error {
		p := c.attrs.(op.RandAttrs)
		lo, hi := float(p.P), float(p.Q)
		if integers {
			lo, hi = whole(int(p.P)), whole(int(p.Q))
		}
		t := text
		if t == "uniform" {
			if t = "uniform32(i, a.c0, a.c1, a.c2, a.c3)"; p.DType == engine.F64 {
				t = "uniform64(i, a.c0, a.c1, a.c2, a.c3)"
			}
		}
		c.drawn(c.def.Name, t, nil, p.Seed, p.Offset, lo, hi)
		return nil
	}
}

func dropout(c *call) error {
	p := c.attrs.(op.DropoutAttrs)
	scale := p.P
	if p.P < 1 {
		scale = 1 / (1 - p.P)
	}
	x := c.in[0]
	if !c.out[0].IsContiguous() {
		x = c.temp(x.DType, x.Shape) // the order of elements is that of the result
		c.copy(x, c.in[0])
	}
	// widen(narrow()) rounds the factor as the CPU does
	t := ctype(x.DType)
	c.drawn("Dropout", "bernoulli(i, a.c0, a.c1, a.c2) ? v0 * widen(narrow<"+t+">(a.c3)) : 0", []engine.Array{x},
		p.Seed, p.Offset, float(1-p.P), float(scale))
	return nil
}

func ranging(c *call) error {
	p := c.attrs.(op.RangeAttrs)
	e := each{
		name: "Range", out: c.out[:1], body: []string{"a.c0 + a.c1 * (f64)i"},
		numbers: []number{float(p.Start), float(p.Step)},
	}
	e.plan(c)
	return nil
}

func permutation(c *call) error {
	p, y := c.attrs.(op.RandAttrs), c.out[0]
	if y.Numel() == 0 {
		return nil
	}
	a := (&args{c: c}).ints(y.Numel()).bits(p.Seed, p.Offset).ints(y.Strides[0]).array(y)
	t := ctype(y.DType)
	c.launch(instance("random", "permutation", "PermutationArgs<"+t+">", t), over(1), a)
	return nil
}

// sgd and adam are each element by itself.
func sgd(c *call) error {
	p := c.attrs.(op.SGDAttrs)
	e := each{
		name: "SGDUpdate", parts: []string{"update"}, out: c.out, in: c.in, body: []string{"r.p", "r.m"},
		before: "    auto r = sgd(v0, v1, v2, a.c0, a.c1, a.c2, a.c3, a.c4, a.c5, a.c6);\n",
		numbers: []number{
			float(p.LR), float(p.Momentum), float(p.Dampening), float(p.WeightDecay), whole(bit(p.Nesterov)),
			whole(bit(p.Maximize)), whole(bit(p.First)),
		},
	}
	e.once()
	e.plan(c)
	return nil
}

// once leaves out results that stand for the first one: state that a setting of an optimizer does not use.
func (e *each) once() {
	out, body := e.out[:1:1], e.body[:1:1]
	for i, y := range e.out[1:] {
		if y.Buf == nil || y.Buf != e.out[0].Buf || y.Offset != e.out[0].Offset {
			out, body = append(out, y), append(body, e.body[i+1])
		}
	}
	e.out, e.body = out, body
}

func adam(c *call) error {
	p := c.attrs.(op.AdamAttrs)
	t := float64(p.Step)
	e := each{
		name: "AdamUpdate", parts: []string{"update"}, out: c.out, in: c.in, body: []string{"r.p", "r.m", "r.v"},
		before: "    auto r = adam(v0, v1, v2, v3, a.c0, a.c1, a.c2, a.c3, a.c4, a.c5, a.c6, a.c7, a.c8);\n",
		numbers: []number{
			float(p.Beta1), float(p.Beta2), float(p.Eps), float(p.WeightDecay), float(p.LR / (1 - math.Pow(p.Beta1, t))),
			float(1 / math.Sqrt(1-math.Pow(p.Beta2, t))), float(1 - p.LR*p.WeightDecay), whole(bit(p.Decoupled)),
			whole(bit(p.Maximize)),
		},
	}
	e.once()
	e.plan(c)
	return nil
}
