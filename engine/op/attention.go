package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// AttentionAttrs are the parameters of the attention operators.
type AttentionAttrs struct {
	Causal       bool    // query i sees keys 0 … i only
	Scale        float64 // factor of q·k; 0 means 1/√d
	Dropout      float64 // probability that a weight becomes 0; 0 ≤ p < 1
	Seed, Offset uint64  // Philox key and counter of dropout
	Heads        int     // SelfAttention: number of heads
}

var attentionTolerance = Tolerance{
	Rel32: 5e-5, Rel64: 1e-10, Reason: "the order of the additions is free, rounding of exp",
}

const attentionOperands = "q: [… h t d], k: [… hk s d], v: [… hk s e] with hk a divisor of h: query head i uses " +
	"key head i·hk/h. The mask broadcasts to [… h t s]: bool keeps where it is true, numbers are added. "

// Scaled dot-product attention, and the same for packed projections.
var (
	Attention = Register(&Def{
		Name: "Attention", Inputs: []string{"q", "k", "v", "mask"}, Optional: 1,
		Outputs: []string{"y", "lse"}, Attrs: AttentionAttrs{},
		Doc: "Attention returns softmax(Scale·q·kᵀ + mask)·v, and the logarithm of the sum of the " +
			"exponentials.\n" + attentionOperands +
			"y: [… h t e], lse: [… h t]. The scores are not stored. A query that sees no key gives zeros, " +
			"also for lse. 2·h·t·s·(d + e) operations. Source: Dao et al. 2022; agrees with " +
			"torch.nn.functional.scaled_dot_product_attention.",
		Takes: []Kinds{Floats, Floats, Floats, Bools | Floats}, Tol: attentionTolerance,
		Saves: SaveIn0 | SaveIn1 | SaveIn2 | SaveIn3 | SaveOut0 | SaveOut1,
		Cases: func() []Case { return attentionCases(false) },
		Rule:  attentionRule, Grad: attentionGrad,
		CPU: func(a Attrs, out, in []engine.Array) {
			inSingle("Attention", out, in, func(out, in []engine.Array) error {
				return attentionOf(a.(AttentionAttrs), in).Forward(fourAxes(out[0]), out[1])
			})
		},
	})
	AttentionGrad = Register(&Def{
		Name: "AttentionGrad", Inputs: []string{"q", "k", "v", "dy", "lse", "delta", "mask"}, Optional: 1,
		Outputs: []string{"dq", "dk", "dv"}, Attrs: AttentionAttrs{},
		Doc: "AttentionGrad is the gradient kernel of Attention: with p = exp(Scale·q·kᵀ + mask − lse) and ds " +
			"= p·(dy·vᵀ − delta), dq = Scale·ds·k, dk = Scale·dsᵀ·q and dv = pᵀ·dy.\n" + attentionOperands +
			"dy: [… h t e], lse and delta: [… h t], delta being the row sums of dy·y less the gradient of lse.",
		Takes: []Kinds{Floats, Floats, Floats, Floats, Floats, Floats, Bools | Floats},
		Saves: SaveIn, Tol: attentionTolerance, Cases: func() []Case { return attentionCases(true) },
		Rule: attentionGradRule, Grad: attentionCurve,
		CPU: func(a Attrs, out, in []engine.Array) {
			inSingle("AttentionGrad", out, in, func(out, in []engine.Array) error {
				p := attentionOf(a.(AttentionAttrs), append(in[:3:3], in[6:]...))
				for i := 3; i < 6; i++ {
					in[i] = as(in[i], p.Q.DType)
				}
				return p.Backward(fourAxes(out[0]), fourAxes(out[1]), fourAxes(out[2]), fourAxes(in[3]), in[4], in[5])
			})
		},
	})
)

func attentionRule(a Attrs, in []Type) ([]Type, error) {
	p := a.(AttentionAttrs)
	q, k, v := in[0].Shape, in[1].Shape, in[2].Shape
	n := len(q)
	if n < 2 || len(k) != n || len(v) != n {
		return nil, fmt.Errorf("q, k and v do not have the same number of axes, at least [t d]")
	}
	if in[1].DType != in[0].DType || in[2].DType != in[0].DType {
		return nil, fmt.Errorf("q, k and v differ in dtype")
	}
	lead := max(0, n-3)
	if !q[:lead].Equal(k[:lead]) || !k[:n-1].Equal(v[:n-1]) || q[n-1] != k[n-1] {
		return nil, fmt.Errorf("want q [… h t d], k [… hk s d] and v [… hk s e]")
	}
	if n > 2 && q[lead] != k[lead] && (k[lead] == 0 || q[lead]%k[lead] != 0) {
		return nil, fmt.Errorf("%d query heads do not divide into groups for %d key heads", q[lead], k[lead])
	}
	if !(p.Dropout >= 0 && p.Dropout < 1) {
		return nil, fmt.Errorf("dropout is %v, want 0 ≤ p < 1", p.Dropout)
	}
	scores := append(q[:n-1:n-1], k[n-2])
	if len(in) > 3 {
		s, err := engine.Broadcast(scores, in[3].Shape)
		if err != nil || !s.Equal(scores) || len(in[3].Shape) == 0 {
			return nil, fmt.Errorf("the mask does not broadcast to %v", scores)
		}
	}
	y := append(q[:n-1:n-1], v[n-1])
	return []Type{{DType: in[0].DType, Shape: y}, statType(in[0], q[:n-1])}, nil
}

// statType is the type of what is kept of each query: halves are too coarse for it.
func statType(q Type, s engine.Shape) Type {
	if q.DType != engine.F64 {
		q.DType = engine.F32
	}
	return Type{DType: q.DType, Shape: s}
}

func attentionGradRule(a Attrs, in []Type) ([]Type, error) {
	y, err := attentionRule(a, append(in[:3:3], in[6:]...))
	if err == nil {
		err = haveShape(in[3:4], y[0].Shape)
	}
	if err == nil {
		err = haveShape(in[4:6], y[1].Shape)
	}
	return in[:3:3], err
}

// attentionOf makes the kernel of operands q, k, v and, optional, mask.
func attentionOf(p AttentionAttrs, in []engine.Array) *cpu.Attention {
	c := &cpu.Attention{
		Q: fourAxes(in[0]), K: fourAxes(in[1]), V: fourAxes(in[2]), Causal: p.Causal, Scale: p.scale(in[0].Shape),
		Dropout: p.Dropout, Random: engine.Generator{Seed: p.Seed, Offset: p.Offset},
	}
	if len(in) > 3 {
		c.Mask = maskAxes(in[3], in[0].Shape, in[1].Shape)
	}
	return c
}

func (p AttentionAttrs) scale(q engine.Shape) float64 {
	if p.Scale != 0 {
		return p.Scale
	}
	return 1 / math.Sqrt(float64(max(q[len(q)-1], 1)))
}

// fourAxes views x as [b h t d]: axes are added in front, or the first ones joined, as a copy where
// strides want one.
func fourAxes(x engine.Array) engine.Array {
	n := len(x.Shape)
	if n == 4 {
		return x
	}
	if n < 4 {
		s, st := engine.Shape{1, 1, 1, 1}, make([]int, 4)
		copy(s[4-n:], x.Shape)
		copy(st[4-n:], x.Strides)
		x.Shape, x.Strides = s, st
		return x
	}
	s := append(engine.Shape{x.Shape[:n-3].Numel()}, x.Shape[n-3:]...)
	if v, ok := x.Reshape(s); ok {
		return v
	}
	c := engine.NewArray(x.DType, x.Shape)
	check("Attention", cpu.Copy(c, x))
	c.Shape, c.Strides = s, s.Strides()
	return c
}

// maskAxes views a mask for queries q and keys k as [b h t s]; axes that it lacks have extent 1.
func maskAxes(mask engine.Array, q, k engine.Shape) engine.Array {
	n := len(q)
	if n > 4 {
		mask = mask.Expand(append(q[:n-1:n-1], k[n-2]))
	}
	return fourAxes(mask)
}

// inSingle runs f with halves converted to f32, and its results back.
func inSingle(name string, out, in []engine.Array, f func(out, in []engine.Array) error) {
	wide := func(x engine.Array) bool { return x.DType != engine.F16 && x.DType != engine.BF16 }
	o, x := slices.Clone(out), slices.Clone(in)
	for i, y := range o {
		if !wide(y) {
			o[i] = engine.NewArray(engine.F32, y.Shape)
		}
	}
	for i, y := range x {
		if !wide(y) {
			x[i] = as(y, engine.F32)
		}
	}
	check(name, f(o, x))
	for i, y := range o {
		if y.DType != out[i].DType {
			check(name, cpu.Copy(out[i], y))
		}
	}
}

// as converts x to dtype t.
func as(x engine.Array, t engine.DType) engine.Array {
	if x.DType == t {
		return x
	}
	y := engine.NewArray(t, x.Shape)
	check("Cast", cpu.Copy(y, x))
	return y
}

func attentionCases(grad bool) []Case {
	var cases []Case
	for _, c := range []struct {
		name    string
		q, k, v engine.Shape
		mask    engine.Shape
		boolean bool
		a       AttentionAttrs
	}{
		{"plain", engine.Shape{2, 3, 4}, engine.Shape{2, 5, 4}, engine.Shape{2, 5, 3}, nil, false, AttentionAttrs{}},
		{
			"causal, scaled",
			engine.Shape{2, 5, 3},
			engine.Shape{2, 4, 3},
			engine.Shape{2, 4, 3},
			nil, false,
			AttentionAttrs{Causal: true, Scale: 0.7},
		},
		{
			"numbers as mask",
			engine.Shape{2, 2, 3, 4},
			engine.Shape{2, 2, 5, 4},
			engine.Shape{2, 2, 5, 4},
			engine.Shape{2, 1, 3, 5},
			false,
			AttentionAttrs{},
		},
		{
			"keys masked",
			engine.Shape{2, 2, 3, 4},
			engine.Shape{2, 2, 5, 4},
			engine.Shape{2, 2, 5, 4},
			engine.Shape{2, 1, 1, 5},
			true,
			AttentionAttrs{Causal: true},
		},
		{
			"groups",
			engine.Shape{2, 4, 3, 4},
			engine.Shape{2, 2, 5, 4},
			engine.Shape{2, 2, 5, 2},
			engine.Shape{3, 5},
			true,
			AttentionAttrs{},
		},
		{
			"dropout",
			engine.Shape{4, 3, 2},
			engine.Shape{2, 6, 2},
			engine.Shape{2, 6, 3},
			nil, false,
			AttentionAttrs{Dropout: 0.3, Seed: 5, Offset: 7, Causal: true},
		},
		{"several blocks", engine.Shape{67, 3}, engine.Shape{131, 3}, engine.Shape{131, 2}, nil, false, AttentionAttrs{}},
		{
			"five axes",
			engine.Shape{2, 1, 2, 3, 2},
			engine.Shape{2, 1, 1, 3, 2},
			engine.Shape{2, 1, 1, 3, 2},
			engine.Shape{2, 1, 1, 3, 3},
			true,
			AttentionAttrs{},
		},
		{"no keys", engine.Shape{2, 3, 4}, engine.Shape{2, 0, 4}, engine.Shape{2, 0, 4}, nil, false, AttentionAttrs{}},
	} {
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			q := Type{DType: t, Shape: c.q}
			in := []Type{q, {DType: t, Shape: c.k}, {DType: t, Shape: c.v}}
			n := len(c.q) - 1
			if grad {
				dy := Type{DType: t, Shape: append(c.q[:n:n], c.v[n])}
				stat := Type{DType: t, Shape: c.q[:n]}
				in = append(in, dy, stat, stat)
			}
			if c.mask != nil {
				m := Type{DType: t, Shape: c.mask}
				if c.boolean {
					m.DType = engine.Bool
				}
				in = append(in, m)
			}
			k := Case{Name: fmt.Sprintf("%v %s", t, c.name), In: in, Attrs: c.a}
			if grad && len(c.q) == 2 {
				k.Name, k.NoGrad = k.Name+", differences take long", true
			}
			cases = append(cases, k)
		}
	}
	return cases
}
