package exec

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// cut is a way to do a step by parts, which do not need each other: the axis of each operand and result that is
// divided, all of extent n; whole stands for operands that each part reads. With n = 0 a step is not divided.
type cut struct {
	n       int
	in, out []int
	part    int // that does the step, with n = 0
}

const whole = -1

// divisions say which axes of the operands go with an axis of the results, for operators that are not elementwise;
// nil: the results cannot be divided there.
var divisions = map[*op.Def]func(a op.Attrs, s *step, axis int) []int{
	op.Linear:           divideLayer,
	graph.LinearReLU:    divideLayer,
	op.MatMul:           divideProduct,
	graph.ProductStep:   divideProductStep,
	op.LinearGrad:       divideLayerGrad,
	op.Sum:              divideReduction,
	op.CrossEntropy:     divideLosses,
	op.CrossEntropyGrad: divideLossGrads,
	graph.LossGrads:     divideLossGrads,

	op.GELUSlope:         func(_ op.Attrs, s *step, axis int) []int { return divideEach(s, axis) },
	op.LayerNorm:         divideNorm,
	op.SelfAttention:     divideAttention,
	op.SelfAttentionGrad: divideAttention,
}

// divideLayer divides x·wᵀ + bias: by rows, or by columns with the rows of w.
func divideLayer(_ op.Attrs, s *step, axis int) []int {
	in := []int{axis, whole, whole}
	if axis == len(s.out[0].arr.Shape)-1 {
		in = []int{whole, 0, 0}
	}
	return in[:len(s.in)]
}

// divideProduct divides a·b: by rows, by columns or by leading axes.
func divideProduct(_ op.Attrs, s *step, axis int) []int {
	shape := s.out[0].arr.Shape
	r, in := len(shape), []int{whole, whole}
	for k, x := range s.in {
		own := axis - r + len(x.arr.Shape) // the same axis of x, from the end
		row, column := axis == r-2 && k == 0, axis == r-1 && k == 1
		if row || column || axis < r-2 && own >= 0 && x.arr.Shape[own] == shape[axis] {
			in[k] = own
		}
	}
	return in
}

// divideProductStep divides p − LR·a·b: by rows or by columns.
func divideProductStep(_ op.Attrs, _ *step, axis int) []int {
	if axis == 0 {
		return []int{0, 0, whole}
	}
	return []int{1, whole, 1}
}

// divideLayerGrad divides dyᵀ·x and Σ dy by the columns of dy.
func divideLayerGrad(_ op.Attrs, s *step, axis int) []int {
	if axis != 0 {
		return nil
	}
	return []int{len(s.in[0].arr.Shape) - 1, whole}
}

// divideReduction divides sums by what they are not over.
func divideReduction(a op.Attrs, s *step, axis int) []int {
	p := a.(op.ReduceAttrs)
	if len(p.Axes) == 0 {
		return nil
	}
	for k := range s.in[0].arr.Shape {
		switch over := slices.Contains(p.Axes, k); {
		case over && p.Keep && axis == 0:
			return nil
		case over && !p.Keep:
		case axis == 0:
			return []int{k}
		default:
			axis--
		}
	}
	return nil
}

// divideLosses divides the losses of single rows.
func divideLosses(a op.Attrs, s *step, _ int) []int {
	if p := a.(op.CrossEntropyAttrs); p.Reduce != op.ReduceNone || p.Axis != 1 || len(s.in[0].arr.Shape) != 2 {
		return nil
	}
	return []int{0, 0}
}

// divideLossGrads divides the gradients of single rows. That of a mean knows how many there are.
func divideLossGrads(a op.Attrs, s *step, axis int) []int {
	p, ok := a.(op.CrossEntropyAttrs)
	if !ok && axis == 0 { // graph.LossGrads
		return []int{whole, 0, 0}
	}
	if p.Reduce == op.ReduceMean || p.Axis != 1 || axis != 0 || len(s.in[1].arr.Shape) != 2 {
		return nil
	}
	if p.Reduce == op.ReduceSum {
		return []int{whole, 0, 0}
	}
	return []int{0, 0, 0}
}

// divideNorm divides what a layer norm keeps apart.
func divideNorm(a op.Attrs, s *step, axis int) []int {
	if axis >= len(s.in[0].arr.Shape)-a.(op.LayerNormAttrs).Axes {
		return nil
	}
	return []int{axis, whole, whole}[:len(s.in)]
}

// divideAttention divides sequences, without a mask.
func divideAttention(_ op.Attrs, s *step, axis int) []int {
	if s.def == op.SelfAttention && len(s.in) == 1 || s.def == op.SelfAttentionGrad && len(s.in) == 4 {
		return []int{axis, axis, axis, axis}[:len(s.in)]
	}
	return nil
}

// divideEach divides elementwise operators, and copies, along any axis. Steps of optimizers want contiguous parts.
func divideEach(s *step, axis int) []int {
	in := make([]int, len(s.in))
	for k, x := range s.in {
		if !x.arr.Shape.Equal(s.out[0].arr.Shape) || s.def != nil && s.def.IsUpdate() && axis != 0 {
			return nil
		}
		in[k] = axis
	}
	return in
}

// cuts returns the ways to do s by parts.
func (pl *planner) cuts(s *step) []cut {
	var attrs op.Attrs
	divide := func(_ op.Attrs, s *step, axis int) []int { return divideEach(s, axis) }
	if s.def != nil {
		attrs = pl.g.Nodes[s.node].Attrs
		own := divisions[s.def]
		if _, _, random := op.RandomPlace(attrs); random || own == nil && !s.def.Elementwise && !s.def.IsUpdate() {
			return nil
		}
		if own != nil {
			divide = own
		}
	}
	var all []cut
	shape := s.out[0].arr.Shape
	for axis, n := range shape {
		switch { // kernels join the axes before the last one as long as they are whole
		case shape[:axis].Numel() == 1 && n >= 2:
		case axis == len(shape)-1 && n >= leastCut:
		default:
			continue
		}
		in := divide(attrs, s, axis)
		if in == nil {
			continue
		}
		c := cut{n: n, in: slices.Clone(in), out: make([]int, len(s.out))}
		for k := range c.out {
			c.out[k] = axis
		}
		if c.regular(s) {
			all = append(all, c)
		}
	}
	return all
}

// regular reports whether the parts of each result are apart in memory, halves of the last axis by whole lines.
func (c *cut) regular(s *step) bool {
	for k, y := range s.out {
		if len(y.arr.Shape) <= c.out[k] || y.arr.Shape[c.out[k]] != c.n {
			return false
		}
		h, ok := homeOf(y.arr, c.out[k])
		if !ok || h.stride == 1 && h.size*c.n < 2*alignment {
			return false
		}
	}
	for k, x := range s.in {
		if a := c.in[k]; a != whole && x.arr.Shape[a] != c.n {
			return false
		}
	}
	return true
}

// home says how an axis of some array divides a storage: element e of the storage belongs to
// coordinate (e − offset)/stride modulo n.
type home struct{ offset, stride, n, size int }

// homeOf returns how an axis divides the storage of a; false where its coordinates are not apart.
func homeOf(a engine.Array, axis int) (home, bool) {
	h := home{a.Offset, a.Strides[axis], a.Shape[axis], a.DType.Size()}
	if h.stride <= 0 {
		return h, false
	}
	inner := 0
	for k, n := range a.Shape {
		switch s := a.Strides[k]; {
		case k == axis || n == 1:
		case s < 0:
			return h, false
		case s < h.stride:
			inner += (n - 1) * s
		case s%(h.stride*h.n) != 0:
			return h, false
		}
	}
	return h, inner < h.stride
}

// part returns part q of so many of x along an axis.
func part(x place, axis, q, parts int) place {
	if axis == whole {
		return x
	}
	n := x.arr.Shape[axis]
	lo, hi := n*q/parts, n*(q+1)/parts
	x.arr.Shape = x.arr.Shape.Clone()
	x.arr.Shape[axis] = hi - lo
	x.arr.Offset += lo * x.arr.Strides[axis]
	return x
}
