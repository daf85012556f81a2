package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
)

// Attention among the positions of one sequence, on the projections as a dense layer gives them: no
// copies to separate heads, and one gradient for all of them.
var (
	SelfAttention = Register(&Def{
		Name: "SelfAttention", Inputs: []string{"qkv", "mask"}, Optional: 1,
		Outputs: []string{"y", "lse"}, Attrs: AttentionAttrs{},
		Doc: "SelfAttention returns Attention of the queries, keys and values that lie side by side in qkv, and " +
			"the logarithm of the sum of the exponentials.\n" +
			"qkv: [b t 3·h·d] with h = Heads → y: [b t h·d], lse: [b h t]; the mask broadcasts to [b h t t].",
		Takes: []Kinds{Floats, Bools | Floats}, Tol: attentionTolerance,
		Saves: SaveIn0 | SaveIn1 | SaveOut0 | SaveOut1,
		Cases: func() []Case { return selfAttentionCases(false) },
		Rule:  selfAttentionRule, Grad: selfAttentionGrad,
		CPU: func(a Attrs, out, in []engine.Array) {
			inSingle("SelfAttention", out, in, func(out, in []engine.Array) error {
				p := a.(AttentionAttrs)
				x := append(packedHeads(in[0], 3, p.Heads), in[1:]...)
				return attentionOf(p, x).Forward(packedHeads(out[0], 1, p.Heads)[0], out[1])
			})
		},
	})
	SelfAttentionGrad = Register(&Def{
		Name: "SelfAttentionGrad", Inputs: []string{"qkv", "dy", "lse", "delta", "mask"}, Optional: 1,
		Outputs: []string{"dqkv"}, Attrs: AttentionAttrs{},
		Doc: "SelfAttentionGrad is the gradient kernel of SelfAttention, which is AttentionGrad for each of the " +
			"parts of qkv.\n" +
			"qkv: [b t 3·h·d], dy: [b t h·d], lse and delta: [b h t] → dqkv: [b t 3·h·d].",
		Takes: []Kinds{Floats, Floats, Floats, Floats, Bools | Floats},
		Saves: SaveIn, Tol: attentionTolerance, Cases: func() []Case { return selfAttentionCases(true) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			y, err := selfAttentionRule(a, append(in[:1:1], in[4:]...))
			if err == nil {
				err = haveShape(in[1:2], y[0].Shape)
			}
			if err == nil {
				err = haveShape(in[2:4], y[1].Shape)
			}
			return in[:1:1], err
		},
		Grad: selfAttentionCurve,
		CPU: func(a Attrs, out, in []engine.Array) {
			inSingle("SelfAttentionGrad", out, in, func(out, in []engine.Array) error {
				p := a.(AttentionAttrs)
				k := attentionOf(p, append(packedHeads(in[0], 3, p.Heads), in[4:]...))
				for i := 1; i < 4; i++ {
					in[i] = as(in[i], k.Q.DType)
				}
				g := packedHeads(out[0], 3, p.Heads)
				return k.Backward(g[0], g[1], g[2], packedHeads(in[1], 1, p.Heads)[0], in[2], in[3])
			})
		},
	})
)

func selfAttentionRule(a Attrs, in []Type) ([]Type, error) {
	p, s := a.(AttentionAttrs), in[0].Shape
	if len(s) != 3 || p.Heads < 1 || s[2]%(3*p.Heads) != 0 {
		return nil, fmt.Errorf("want qkv [b t 3·h·d] for h = %d heads", p.Heads)
	}
	head := Type{DType: in[0].DType, Shape: engine.Shape{s[0], p.Heads, s[1], s[2] / (3 * p.Heads)}}
	r, err := attentionRule(a, append([]Type{head, head, head}, in[1:]...))
	if err != nil {
		return nil, err
	}
	r[0].Shape = engine.Shape{s[0], s[1], s[2] / 3}
	return r, nil
}

// packedHeads views [b t parts·h·d] as its parts [b h t d].
func packedHeads(x engine.Array, parts, h int) []engine.Array {
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

func selfAttentionGrad(b Builder, c *Call) []Value {
	h := c.Attrs.(AttentionAttrs).Heads
	y, lse, dy := c.Out[0], c.Out[1], c.DOut[0]
	if dy == nil {
		dy = zeros(b, y)
	}
	rows := func(x Value) Value { // the columns of a head in an axis of their own
		s := x.Type().Shape
		return reshape(b, x, engine.Shape{s[0], s[1], h, s[2] / h})
	}
	delta := b.Apply(prim.permute, PermuteAttrs{Perm: []int{0, 2, 1}}, rowDelta(b, rows(dy), rows(y), nil))[0]
	if c.DOut[1] != nil {
		delta = sub(b, delta, c.DOut[1])
	}
	in := append([]Value{c.In[0], dy, lse, delta}, c.In[1:]...)
	g := make([]Value, len(c.In))
	g[0] = b.Apply(attentionPrim.selfGrad, c.Attrs, in...)[0]
	if len(g) > 1 && c.Wants(1) {
		t := newAttentionTerms(b, c.Attrs.(AttentionAttrs), selfOperands(b, h, in))
		g[1] = mul(b, t.p, sub(b, t.weighed(t.times(t.dy, swap(b, t.v))), t.delta))
	}
	return g
}

// splitHeads is packedHeads for values.
func splitHeads(b Builder, x Value, parts, h int) []Value {
	s := x.Type().Shape
	d := s[2] / (parts * h)
	x = reshape(b, x, engine.Shape{s[0], s[1], parts, h, d})
	r := make([]Value, parts)
	for i := range r {
		part := reshape(b, slice1(b, x, 2, i, i+1), engine.Shape{s[0], s[1], h, d})
		r[i] = b.Apply(prim.permute, PermuteAttrs{Perm: []int{0, 2, 1, 3}}, part)[0]
	}
	return r
}

// joinHeads undoes splitHeads.
func joinHeads(b Builder, parts ...Value) Value {
	flat := make([]Value, len(parts))
	for i, x := range parts {
		s := x.Type().Shape
		x = b.Apply(prim.permute, PermuteAttrs{Perm: []int{0, 2, 1, 3}}, x)[0]
		flat[i] = reshape(b, x, engine.Shape{s[0], s[2], s[1] * s[3]})
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return b.Apply(attentionPrim.concat, AxisAttrs{Axis: 2}, flat...)[0]
}

// selfOperands turns the operands of SelfAttentionGrad into those of AttentionGrad.
func selfOperands(b Builder, h int, in []Value) []Value {
	r := append(splitHeads(b, in[0], 3, h), splitHeads(b, in[1], 1, h)[0])
	return append(r, in[2:]...)
}

func selfAttentionCurve(b Builder, c *Call) []Value {
	h := c.Attrs.(AttentionAttrs).Heads
	apart := &Call{
		Attrs: c.Attrs, In: selfOperands(b, h, c.In), DOut: splitHeads(b, c.DOut[0], 3, h),
	}
	g := attentionCurve(b, apart)
	r := []Value{joinHeads(b, g[0], g[1], g[2]), joinHeads(b, g[3]), g[4], g[5]}
	return append(r, g[6:]...)
}

func selfAttentionCases(grad bool) []Case {
	var cases []Case
	for _, c := range []struct {
		name    string
		s, mask engine.Shape
		a       AttentionAttrs
	}{
		{"one head", engine.Shape{2, 3, 6}, nil, AttentionAttrs{Heads: 1}},
		{"causal", engine.Shape{2, 5, 12}, nil, AttentionAttrs{Heads: 2, Causal: true, Scale: 0.4}},
		{"masked", engine.Shape{2, 4, 18}, engine.Shape{2, 1, 1, 4}, AttentionAttrs{Heads: 3}},
		{
			"dropout",
			engine.Shape{1, 6, 12},
			engine.Shape{6, 6},
			AttentionAttrs{Heads: 2, Dropout: 0.2, Seed: 3},
		},
		{"empty", engine.Shape{2, 0, 6}, nil, AttentionAttrs{Heads: 1}},
	} {
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			in := []Type{{DType: t, Shape: c.s}}
			if grad {
				stat := Type{DType: t, Shape: engine.Shape{c.s[0], c.a.Heads, c.s[1]}}
				dy := Type{DType: t, Shape: engine.Shape{c.s[0], c.s[1], c.s[2] / 3}}
				in = append(in, dy, stat, stat)
			}
			if c.mask != nil {
				in = append(in, Type{DType: t, Shape: c.mask})
			}
			cases = append(cases, Case{Name: fmt.Sprintf("%v %s", t, c.name), In: in, Attrs: c.a})
		}
	}
	return cases
}
