package nn

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Parametrized is a layer whose weight is computed from other tensors before each Forward; these are trained
// in place of it.
//
//	layer := nn.NewParametrized(nn.NewLinear(8, 8), func(w *t.Tensor) *t.Tensor { return w.Triu(0) })
//
// State has what the weight is computed from, then the layer's other parameters.
type Parametrized struct {
	Base
	layer   Module
	weight  **eager.Tensor
	compute func() *eager.Tensor
	steps   func() // before compute, in training
}

// weightOf returns the field with the weight of a layer that has one.
func weightOf(where string, layer Module) **eager.Tensor {
	if nothing(layer) {
		refuseNil(where, "the layer", layer)
	}
	switch l := layer.(type) {
	case *Linear:
		return &l.Weight
	case *Conv:
		return &l.Weight
	case *ConvTranspose:
		return &l.Weight
	case *Embedding:
		return &l.Weight
	case *Bilinear:
		return &l.Weight
	}
	engine.Fail(where, "%s has no weight that can be computed; want Linear, Conv, ConvTranspose, Embedding or Bilinear",
		kindOf(layer))
	return nil
}

func newParametrized(where string, layer Module) *Parametrized {
	p := &Parametrized{layer: layer, weight: weightOf(where, layer)}
	if p.weight == nil || *p.weight == nil {
		engine.Fail(where, "the layer is empty; make it with its constructor")
	}
	return p
}

// adopt takes over the layer's parameters but the weight.
func (p *Parametrized) adopt() *Parametrized {
	for _, q := range p.layer.Self().params {
		if q.Name != "weight" {
			p.params = append(p.params, q)
		}
	}
	return p
}

// NewParametrized returns layer with the weight f(original). Agrees with
// torch.nn.utils.parametrize.register_parametrization.
func NewParametrized(layer Module, f func(w *eager.Tensor) *eager.Tensor) *Parametrized {
	const where = "nn.NewParametrized"
	p := newParametrized(where, layer)
	if f == nil {
		engine.Fail(where, "f is a nil func")
	}
	w := p.Param("weight_orig", *p.weight)
	p.compute = func() *eager.Tensor { return f(w) }
	return p.adopt()
}

// NewWeightNorm returns layer with the weight g·v/‖v‖: its direction v and its length g for each slice of
// axis, 0 unless given, are trained apart.
// Source: Salimans and Kingma 2016; agrees with torch.nn.utils.weight_norm.
func NewWeightNorm(layer Module, axis ...int) *Parametrized {
	const where = "nn.NewWeightNorm"
	p := newParametrized(where, layer)
	w := (*p.weight).Detach()
	rest, a := others(where, w, axis)
	length := func(v *eager.Tensor) *eager.Tensor { return v.Square().SumKeep(rest...).Sqrt() }
	g := p.Param("weight_g", length(w))
	v := p.Param("weight_v", w.Clone())
	if len(rest) == 0 {
		engine.Fail(where, "weight %v has axis %d alone", w.Type(), a)
	}
	p.compute = func() *eager.Tensor { return v.Mul(g.Div(length(v))) }
	return p.adopt()
}

// others are the axes of w but the one that is named, which is 0 unless given.
func others(where string, w *eager.Tensor, axis []int) (rest []int, a int) {
	if len(axis) > 0 {
		a = axis[0]
	}
	a, err := w.Shape().Axis(a)
	if err != nil {
		engine.Fail(where, "%v", err)
	}
	for i := range w.Rank() {
		if i != a {
			rest = append(rest, i)
		}
	}
	return rest, a
}

// NewSpectralNorm returns layer with the weight w/σ, where σ is the largest singular value of w as a matrix
// [axis rest], axis 0 unless given. Each Forward in training makes one step of the power method.
// Source: Miyato et al. 2018; agrees with torch.nn.utils.spectral_norm.
func NewSpectralNorm(layer Module, axis ...int) *Parametrized {
	const where = "nn.NewSpectralNorm"
	p := newParametrized(where, layer)
	w := p.Param("weight_orig", *p.weight)
	_, a := others(where, w, axis)
	matrix := func() *eager.Tensor {
		order := slices.Insert(without(identity(w.Rank()), a), 0, a)
		return w.Permute(order...).Reshape(w.Size(a), -1)
	}
	unit := func(x *eager.Tensor) *eager.Tensor { return x.Normalize(2, 0, 1e-12) }
	var m *eager.Tensor
	eager.NoGrad(func() { m = matrix() })
	u := p.Buffer("weight_u", unit(eager.Randn(m.Size(0)).To(w.DType())))
	v := p.Buffer("weight_v", unit(eager.Randn(m.Size(1)).To(w.DType())))
	p.steps = func() {
		m := matrix()
		v.Assign(unit(m.T().MatMul(u)))
		u.Assign(unit(m.MatMul(v)))
	}
	eager.NoGrad(func() {
		for range 15 {
			p.steps()
		}
	})
	p.compute = func() *eager.Tensor { return w.Div(u.Clone().MatMul(matrix().MatMul(v.Clone()))) }
	return p.adopt()
}

func identity(n int) engine.Shape {
	s := make(engine.Shape, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// Forward computes the weight and applies the layer.
func (p *Parametrized) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Parametrized", "nn.NewParametrized", p != nil && p.compute != nil, x)
	*p.weight = p.Weight()
	return p.Done(x, p.layer.Forward(x))
}

// Weight returns the weight as Forward computes it.
func (p *Parametrized) Weight() *eager.Tensor {
	if p.steps != nil && p.Training() {
		eager.NoGrad(p.steps)
	}
	w := p.compute()
	if !w.Shape().Equal((*p.weight).Shape()) {
		engine.Fail("nn.Parametrized", "the computed weight is %v, the layer's %v", w.Type(), (*p.weight).Type())
	}
	return w
}

// Remove returns the layer with the present weight as its parameter, as torch's remove_weight_norm,
// remove_parametrizations and prune.remove do.
func (p *Parametrized) Remove() Module {
	var w *eager.Tensor
	eager.NoGrad(func() { w = p.compute().Clone() })
	b := p.layer.Self()
	for i, q := range b.params {
		if q.Name == "weight" {
			*p.weight = w.SetRequiresGrad(true)
			b.params[i].Tensor = w
		}
	}
	return p.layer
}

// PruneOptions are the options of NewPruned; the zero value prunes single weights of least magnitude.
type PruneOptions struct {
	Random   bool    // any, instead of the least
	Channels bool    // whole slices of axis 0, those of the least norm
	P        float64 // of that norm; 0 means 2
}

// Pruned is a layer of which a part of the weights is 0 and stays 0: weight_orig·weight_mask.
type Pruned struct {
	Parametrized
	mask *eager.Tensor
	orig *eager.Tensor
}

// NewPruned returns layer with nothing pruned yet. Agrees with torch.nn.utils.prune.
func NewPruned(layer Module) *Pruned {
	p := &Pruned{Parametrized: *newParametrized("nn.NewPruned", layer)}
	p.orig = p.Param("weight_orig", *p.weight)
	p.mask = p.Buffer("weight_mask", eager.OnesLike(p.orig))
	p.compute = func() *eager.Tensor { return p.orig.Mul(p.mask) }
	p.adopt()
	return p
}

// Prune sets the part amount, 0 … 1, of the weights that are left to 0; which says o.
func (p *Pruned) Prune(amount float64, o ...PruneOptions) {
	if !(amount >= 0 && amount <= 1) {
		engine.Fail("nn.Prune", "the amount is %v; want a part of 0…1", amount)
	}
	var opt PruneOptions
	if len(o) > 0 {
		opt = o[0]
	}
	scores, per := p.scores(opt)
	mask := p.mask.Float64s()
	var left []int
	for i := range scores {
		if mask[i*per] != 0 || per > 1 && slices.Max(mask[i*per:][:per]) != 0 {
			left = append(left, i)
		}
	}
	slices.SortStableFunc(left, func(a, b int) int {
		if scores[a] < scores[b] {
			return -1
		}
		return 1
	})
	for _, i := range left[:int(math.Round(amount*float64(len(left))))] {
		clear(mask[i*per:][:per])
	}
	p.mask.Assign(eager.FromFloat64s(mask, p.mask.Shape()...))
}

// scores rates single weights, or slices of per weights; the least go first.
func (p *Pruned) scores(o PruneOptions) (scores []float64, per int) {
	n := p.orig.Numel()
	per = 1
	if o.Channels {
		per = n / p.orig.Size(0)
	}
	if o.Random {
		return eager.Rand(n / per).Float64s(), per
	}
	order := o.P
	if order == 0 {
		order = 2
	}
	w := p.orig.Detach().Float64s()
	for i := range n / per {
		sum := 0.0
		for _, v := range w[i*per:][:per] {
			sum += math.Pow(math.Abs(v), order)
		}
		scores = append(scores, sum)
	}
	return scores, per
}

// Sparsity returns the part of the weights that is 0.
func (p *Pruned) Sparsity() float64 { return 1 - p.mask.Mean().Item() }
