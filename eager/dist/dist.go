// Package dist holds probability distributions over tensors: densities, samples that gradients flow through,
// entropies, divergences.
//
//	p := dist.Normal(mean, std)          // tensors or numbers, which broadcast
//	x := p.RSample(100)                  // [100 …], differentiable in mean and std
//	loss := p.LogProb(data).Sum().Neg()
//	d := dist.KL(p, dist.Normal(0, 1))
//	y := dist.Transformed(p, dist.Exp()) // what exp(x) follows
//
// A distribution has a batch shape, that of its parameters, and an event shape, that of one draw. LogProb
// gives one number for each event; where a value cannot occur it is −Inf. Functions panic with
// *engine.Error, as tensor methods do. Draws come from the default random stream (eager.Seed).
// It does not hold inference, estimation of parameters, or tests.
package dist

import (
	"fmt"
	"math"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Distribution is a family with parameters. What a family has no closed form of panics with a message that
// says so.
type Distribution struct {
	name   string
	names  []string
	params map[string]*eager.Tensor
	batch  engine.Shape
	event  engine.Shape
	dtype  engine.DType

	logProb        func(x *eager.Tensor) *eager.Tensor
	within         func(x *eager.Tensor) (ok *eager.Tensor, inner any) // nil: every x may occur
	rsample        func(shape engine.Shape) *eager.Tensor              // differentiable; nil: sample
	sample         func(shape engine.Shape) *eager.Tensor
	mean, variance func() *eager.Tensor
	entropy        func() *eager.Tensor
	cdf, icdf      func(x *eager.Tensor) *eager.Tensor

	base       *Distribution // of Independent, Transformed and mixtures
	reach      int           // of Independent: batch axes that belong to events
	transforms []Transform   // of Transformed
}

// family makes a distribution whose parameters, tensors or numbers, broadcast to its batch shape.
func family(name string, names string, values ...any) *Distribution {
	d := &Distribution{name: name, names: strings.Fields(names), params: map[string]*eager.Tensor{}}
	d.dtype = engine.F32
	tensors := make([]*eager.Tensor, len(values))
	for i, v := range values {
		t, ok := v.(*eager.Tensor)
		if ok && t == nil {
			engine.Fail("dist."+name, "%s is nil", d.names[i])
		}
		if ok && t.DType() == engine.F64 {
			d.dtype = engine.F64
		}
	}
	var shapes []engine.Shape
	for i, v := range values {
		tensors[i] = d.tensor(v)
		shapes = append(shapes, tensors[i].Shape())
	}
	s, err := engine.Broadcast(shapes...)
	if err != nil {
		engine.Fail("dist."+name, "the parameters do not fit: %v", err)
	}
	d.batch = s
	for i, t := range tensors {
		d.params[d.names[i]] = t.Expand(s...)
	}
	return d
}

// tensor is a number or tensor in the distribution's dtype.
func (d *Distribution) tensor(v any) *eager.Tensor {
	switch v := v.(type) {
	case *eager.Tensor:
		if v == nil {
			engine.Fail("dist."+d.name, "a tensor is nil")
		}
		return v.To(d.dtype)
	case float64:
		return eager.New(v).To(d.dtype)
	case float32:
		return eager.New(float64(v)).To(d.dtype)
	case int:
		return eager.New(float64(v)).To(d.dtype)
	}
	engine.Fail("dist."+d.name, "a parameter is a %T; want *Tensor, float64 or int", v)
	return nil
}

// want refuses parameters for which ok is not true everywhere.
func (d *Distribution) want(what string, ok *eager.Tensor) *Distribution {
	if ok.Numel() > 0 && ok.All().Item() == 0 {
		engine.Fail("dist."+d.name, "want %s", what)
	}
	return d
}

// positive refuses parameters that are not above 0.
func (d *Distribution) positive(names ...string) *Distribution {
	for _, n := range names {
		d.want(n+" > 0", d.params[n].Detach().Gt(0))
	}
	return d
}

// Name returns the family: "Normal".
func (d *Distribution) Name() string { return d.name }

// Param returns a parameter by name ("loc", "scale", "probs" …), or nil.
func (d *Distribution) Param(name string) *eager.Tensor { return d.params[name] }

// BatchShape returns the shape of the parameters.
func (d *Distribution) BatchShape() engine.Shape { return d.batch.Clone() }

// EventShape returns the shape of one draw.
func (d *Distribution) EventShape() engine.Shape { return d.event.Clone() }

// String names the family, its parameters and shapes.
func (d *Distribution) String() string {
	parts := make([]string, 0, len(d.names))
	for _, n := range d.names {
		if p := d.params[n]; p.Numel() == 1 {
			parts = append(parts, fmt.Sprintf("%s: %.6g", n, p.Item()))
		} else {
			parts = append(parts, fmt.Sprintf("%s: %v", n, p.Array()))
		}
	}
	s := d.name + "(" + strings.Join(parts, ", ") + ")"
	if d.base != nil {
		s = d.name + " of " + d.base.String()
	}
	return fmt.Sprintf("%s batch %v event %v", s, d.batch, d.event)
}

// value is x as a tensor that fits the shapes of d.
func (d *Distribution) value(what string, x any) *eager.Tensor {
	v := d.tensor(x)
	all := append(d.batch.Clone(), d.event...)
	if s, err := engine.Broadcast(v.Shape(), all); err != nil || len(s) < len(all) {
		engine.Fail("dist."+d.name, "%s of %v, which does not fit batch %v and event %v", what, v.Array(), d.batch,
			d.event)
	}
	return v
}

// LogProb returns the logarithm of the density, or of the probability, at x, a tensor or a number.
// x: […  batch event] → [… batch].
func (d *Distribution) LogProb(x any) *eager.Tensor {
	v := d.value("LogProb", x)
	if d.within == nil {
		return d.logProb(v)
	}
	ok, inner := d.within(v)
	if ok.Numel() == 0 || ok.All().Item() == 1 {
		return d.logProb(v)
	}
	event := ok
	for range d.event {
		event = event.All(-1)
	}
	return eager.Where(event, d.logProb(eager.Where(ok, v, inner)), math.Inf(-1))
}

// Prob is exp(LogProb).
func (d *Distribution) Prob(x any) *eager.Tensor { return d.LogProb(x).Exp() }

// shaped is the shape of draws.
func (d *Distribution) shaped(shape []int) engine.Shape {
	for _, n := range shape {
		if n < 0 {
			engine.Fail("dist."+d.name, "sample shape %v has a negative extent", shape)
		}
	}
	return append(append(engine.Shape(shape).Clone(), d.batch...), d.event...)
}

// Sample draws values [shape… batch event]; no gradient flows through them.
func (d *Distribution) Sample(shape ...int) *eager.Tensor {
	var y *eager.Tensor
	eager.NoGrad(func() {
		if d.sample != nil {
			y = d.sample(d.shaped(shape))
		} else {
			y = d.rsample(d.shaped(shape))
		}
	})
	return y.Detach()
}

// RSample draws values [shape… batch event] as a differentiable function of the parameters.
func (d *Distribution) RSample(shape ...int) *eager.Tensor {
	if d.rsample == nil {
		d.none("draws that are differentiable; use Sample and LogProb (the score-function estimator)")
	}
	return d.rsample(d.shaped(shape))
}

// HasRSample reports whether draws are differentiable.
func (d *Distribution) HasRSample() bool { return d.rsample != nil }

func (d *Distribution) none(what string) {
	engine.Fail("dist."+d.name, "the family has no %s", what)
}

func (d *Distribution) closed(what string, f func() *eager.Tensor) *eager.Tensor {
	if f == nil {
		d.none(what + " in closed form")
	}
	return f()
}

// Mean returns the expectation [batch event], NaN or Inf where there is none.
func (d *Distribution) Mean() *eager.Tensor { return d.closed("mean", d.mean) }

// Variance returns the variance of each element [batch event].
func (d *Distribution) Variance() *eager.Tensor { return d.closed("variance", d.variance) }

// Std returns the standard deviation of each element [batch event].
func (d *Distribution) Std() *eager.Tensor { return d.Variance().Sqrt() }

// Entropy returns −E log p [batch], in nats.
func (d *Distribution) Entropy() *eager.Tensor { return d.closed("entropy", d.entropy) }

// CDF returns the probability of values of at most x, a tensor or a number.
func (d *Distribution) CDF(x any) *eager.Tensor {
	if d.cdf == nil {
		d.none("distribution function in closed form")
	}
	v := d.value("CDF", x)
	if d.within == nil {
		return d.cdf(v)
	}
	ok, inner := d.within(v)
	if ok.Numel() == 0 || ok.All().Item() == 1 {
		return d.cdf(v)
	}
	below := d.cdf(eager.Where(ok, v, inner))
	outside := v.Gt(d.tensor(inner)).To(d.dtype) // values beyond the upper end
	return eager.Where(ok, below, outside)
}

// ICDF returns the quantiles at p, a tensor or a number in [0, 1].
func (d *Distribution) ICDF(p any) *eager.Tensor {
	if d.icdf == nil {
		d.none("quantiles in closed form")
	}
	return d.icdf(d.value("ICDF", p))
}

// full is v in the batch shape.
func (d *Distribution) full(v float64) *eager.Tensor {
	return eager.Full(v, d.batch...).To(d.dtype)
}

// above accepts x > lo (or ≥ when closed).
func above(lo float64, closed bool, inner float64) func(x *eager.Tensor) (*eager.Tensor, any) {
	return func(x *eager.Tensor) (*eager.Tensor, any) {
		if closed {
			return x.Detach().Ge(lo), inner
		}
		return x.Detach().Gt(lo), inner
	}
}

// unit accepts 0 ≤ x ≤ 1.
func unit(x *eager.Tensor) (*eager.Tensor, any) {
	v := x.Detach()
	return v.Ge(0).And(v.Le(1)), 0.5
}

// counts accepts whole numbers ≥ lo.
func counts(lo float64) func(x *eager.Tensor) (*eager.Tensor, any) {
	return func(x *eager.Tensor) (*eager.Tensor, any) {
		v := x.Detach()
		return v.Ge(lo).And(v.Eq(v.Floor())), lo
	}
}
