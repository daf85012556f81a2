package torch

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Integers where Lathe's operators take floats: PyTorch computes some in integers, which is exact in F64 too,
// and turns others into F32.

// asF32 gives every integer tensor among the arguments the dtype F32, as losses do.
func (c *call) asF32(names ...string) {
	for _, n := range names {
		if x, ok := c.args[n].(*tensor); ok && !x.DType().IsFloat() && !x.IsComplex() {
			c.args[n] = x.To(engine.F32)
		}
	}
}

// throughF64 runs e with integer arguments as F64, and returns results of the first one's dtype, cut.
func throughF64(e entry, names ...string) entry {
	return entry{e.params, func(c *call) any {
		d := engine.Invalid
		for _, n := range names {
			if x, ok := c.args[n].(*tensor); ok && x.DType().IsInt() {
				if d == engine.Invalid {
					d = x.DType()
				}
				c.args[n] = x.To(engine.F64)
			}
		}
		y := e.f(c)
		if d == engine.Invalid {
			return y
		}
		back := func(v any) any {
			if t, ok := v.(*tensor); ok && t.DType() == engine.F64 {
				return t.Trunc().To(d)
			}
			return v
		}
		if t, ok := y.(*tensor); ok {
			return back(t)
		}
		r := list(y)
		for i := range r {
			r[i] = back(r[i])
		}
		return r
	}}
}

// tied are positions along an axis of elements among which equal ones stand: PyTorch does not say which of
// them it names, so that what stands there is compared.
type tied struct {
	x, index *tensor
	axis     int
}

// matches compares the elements at two sets of positions, which must each be different ones.
func (t tied) matches(what string, want any) error {
	w, ok := want.(*tensor)
	if !ok || !w.Shape().Equal(t.index.Shape()) || w.DType() != t.index.DType() {
		return fmt.Errorf("%s is %v, want %v", what, t.index.Type(), want)
	}
	if err := equalInts(what+": elements", t.x.Gather(t.axis, t.index), t.x.Gather(t.axis, w)); err != nil {
		return err
	}
	if n := t.index.Size(t.axis); n > 1 {
		sorted, _ := t.index.Sort(t.axis, false)
		if sorted.Slice(t.axis, 1, n).Eq(sorted.Slice(t.axis, 0, n-1)).Sum().Item() != 0 {
			return fmt.Errorf("%s: a position is named twice", what)
		}
	}
	return nil
}

// selected are values and positions that a selection from x along axis found; the positions may be those of
// equal elements when x has some.
func selected(x, values, index *tensor, axis int, keep bool) []any {
	out := func(v *tensor) *tensor {
		if keep {
			return v
		}
		return v.Squeeze(axis)
	}
	if distinct(x, axis) || x.DType().IsFloat() {
		return []any{out(values), out(index)}
	}
	if !keep {
		return []any{out(values), tiedWithout{tied{x, index, axis}}}
	}
	return []any{values, tied{x, index, axis}}
}

// tiedWithout is tied where the axis was dropped.
type tiedWithout struct{ tied }

func (t tiedWithout) matches(what string, want any) error {
	w, ok := want.(*tensor)
	if !ok || w.Rank() != t.index.Rank()-1 {
		return fmt.Errorf("%s is %v, want %v", what, t.index.Type(), want)
	}
	return t.tied.matches(what, w.Unsqueeze(t.axis))
}

var integrals = map[string]entry{
	"copysign":            binary((*tensor).CopySign),
	"fmod":                binary((*tensor).Fmod),
	"hypot":               binary((*tensor).Hypot),
	"nextafter":           binary((*tensor).NextAfter),
	"gcd":                 binary((*tensor).GCD),
	"lcm":                 binary((*tensor).LCM),
	"bitwise_left_shift":  binary((*tensor).ShiftLeft),
	"bitwise_right_shift": binary((*tensor).ShiftRight),
	"signbit":             unary((*tensor).SignBit),
	"isreal":              unary((*tensor).IsReal),
	"logaddexp2":          binary((*tensor).LogAddExp2),
	"frexp": {"input", func(c *call) any {
		m, e := c.t("input").Frexp()
		return []any{m, e}
	}},
	"nan_to_num": {"input nan posinf neginf", func(c *call) any {
		if !c.has("posinf") && !c.has("neginf") {
			return c.t("input").NaNToNum(c.float("nan", 0))
		}
		x, least := c.t("input"), 0.0
		whole := eager.New([]float64{1}).Div(0).To(x.DType()).NaNToNum()
		least = -whole.Index(0).Item()
		return x.NaNToNum(c.float("nan", 0), c.float("posinf", -least), c.float("neginf", least))
	}},
	"round": {"input decimals", func(c *call) any { return c.t("input").RoundTo(c.int("decimals", 0)) }},
	"div": {"input other rounding_mode", func(c *call) any {
		x, y := c.t("input"), c.operand("other")
		switch c.str("rounding_mode", "") {
		case "floor":
			return x.FloorDiv(y)
		case "trunc":
			return x.TruncDiv(y)
		}
		return x.Div(y)
	}},
	"to": {"input dtype non_blocking copy more", func(c *call) any {
		x := c.t("input")
		d := c.get("dtype")
		if _, device := d.(string); device { // to(device, dtype, …)
			d = c.get("non_blocking")
		}
		for _, flag := range []string{"non_blocking", "copy", "more"} {
			c.get(flag)
		}
		switch d := d.(type) {
		case engine.DType:
			return x.To(d)
		case *tensor:
			return x.To(d.DType())
		case nil, bool:
			return x
		}
		panic(unsupported("to"))
	}},
	"meshgrid": {"tensors...", func(c *call) any {
		var xs []*tensor
		if l, ok := c.get("tensors").([]any); ok && len(l) == 1 {
			if inner, ok := l[0].([]any); ok {
				l = inner
			}
			for _, v := range l {
				xs = append(xs, v.(*tensor))
			}
		} else {
			xs = c.ts("tensors")
		}
		if c.str("indexing", "ij") == "xy" {
			return eager.MeshgridXY(xs...)
		}
		return eager.Meshgrid(xs...)
	}},
	"nn.functional.grid_sample": {"input grid mode padding_mode align_corners", func(c *call) any {
		return nn.GridSample(c.t("input"), c.t("grid"), nn.GridOptions{
			Mode: c.str("mode", "bilinear"), Padding: c.str("padding_mode", "zeros"),
			AlignCorners: c.bool("align_corners", false),
		})
	}},
	"nn.functional.affine_grid": {"theta size align_corners", func(c *call) any {
		return nn.AffineGrid(c.t("theta"), c.ints("size"), c.bool("align_corners", false))
	}},
	"nn.functional.embedding_bag": {"input weight offsets max_norm norm_type scale_grad_by_freq mode", func(c *call) any {
		table, index := c.t("input"), c.t("weight")
		if index.DType().IsFloat() { // recorded as weight, input; PyTorch's order is input, weight
			table, index = index, table
		}
		c.bool("sparse", false)
		need(!c.has("max_norm"), "max_norm")
		o := nn.BagOptions{
			Offsets: c.opt("offsets"), LastOffset: c.bool("include_last_offset", false), Mode: c.str("mode", "mean"),
			Weights: c.opt("per_sample_weights"), ScaleByFreq: c.bool("scale_grad_by_freq", false),
		}
		if c.has("padding_idx") {
			o.Padding, o.PadIndex = true, c.int("padding_idx", 0)
		}
		return nn.EmbedBags(table, index, o)
	}},
	"nn.functional.rms_norm": normalization("normalized_shape weight eps",
		func(c *call, affine bool) (nn.Module, **tensor, **tensor) {
			m := nn.NewRMSNorm(c.ints("normalized_shape"), nn.NormOptions{Eps: c.float("eps", 0), NoAffine: !affine})
			var none *tensor
			return m, &m.Weight, &none
		}),
}
