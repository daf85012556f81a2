package optim

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// LBFGSOptions are the options of LBFGS.
type LBFGSOptions struct {
	LR              float64 // length of steps without a line search, and its first guess; 0 means 1
	Iterations      int     // of one StepWith; 0 means 20
	Evaluations     int     // of the loss in one StepWith; 0 means 5/4 of Iterations
	ToleranceGrad   float64 // stop where no gradient is larger; 0 means 1e-7
	ToleranceChange float64 // stop where loss and parameters change less; 0 means 1e-9
	History         int     // updates that the Hessian is made of; 0 means 100
	StrongWolfe     bool    // search along each direction for a step that meets the strong Wolfe conditions
}

// LBFGS minimises a loss that is computed several times for each step. It suits smooth losses of all data at
// once. All parameters share one direction, so that there is one group.
//
//	opt := optim.NewLBFGS(net.Params(), optim.LBFGSOptions{StrongWolfe: true})
//	loss := opt.StepWith(func() *eager.Tensor { return nn.MSE(net.Forward(x), y) })
//
// Source: Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms 3.5 and 3.6; agrees with
// torch.optim.LBFGS.
type LBFGS struct {
	Base
	o LBFGSOptions
}

// NewLBFGS returns an LBFGS over params.
func NewLBFGS(params []*eager.Tensor, o ...LBFGSOptions) *LBFGS {
	var l LBFGSOptions
	if len(o) > 0 {
		l = o[0]
	}
	l.LR, l.ToleranceGrad, l.ToleranceChange = or(l.LR, 1), or(l.ToleranceGrad, 1e-7), or(l.ToleranceChange, 1e-9)
	if l.Iterations < 0 || l.Evaluations < 0 || l.History < 0 {
		engine.Fail("optim.LBFGS", "Iterations %d, Evaluations %d, History %d; want numbers ≥ 0", l.Iterations,
			l.Evaluations, l.History)
	}
	if l.Iterations == 0 {
		l.Iterations = 20
	}
	if l.Evaluations == 0 {
		l.Evaluations = l.Iterations * 5 / 4
	}
	if l.History == 0 {
		l.History = 100
	}
	return &LBFGS{newBase("optim.LBFGS", params, Group{LR: l.LR}), l}
}

// Step panics: LBFGS computes the loss itself, see StepWith.
func (l *LBFGS) Step() {
	engine.Fail("optim.LBFGS", "Step has no loss to evaluate; use StepWith(func() *eager.Tensor { return loss })")
}

// StepWith makes up to Iterations steps and returns the loss before the first. The function computes the
// loss; StepWith clears gradients and calls Backward.
func (l *LBFGS) StepWith(loss func() *eager.Tensor) *eager.Tensor {
	if loss == nil {
		engine.Fail("optim.LBFGS", "the loss is a nil func")
	}
	if len(l.groups) != 1 {
		engine.Fail("optim.LBFGS", "%d groups; want one: all parameters share a direction", len(l.groups))
	}
	if l.groups[0].Params[0].DType() == engine.F64 {
		return minimise(l, &minimisation[float64]{params: l.groups[0].Params, loss: loss})
	}
	return minimise(l, &minimisation[float32]{params: l.groups[0].Params, loss: loss})
}

func minimise[T real](l *LBFGS, m *minimisation[T]) *eager.Tensor {
	m.restore(l)
	first := m.evaluate()
	m.iterate(l)
	m.keep(l)
	return first
}

// real is the arithmetic of the first parameter's dtype; F16 and BF16 take float32.
type real interface{ float32 | float64 }

// minimisation is the state of LBFGS as vectors over all parameters.
type minimisation[T real] struct {
	params []*eager.Tensor
	loss   func() *eager.Tensor

	f        float64   // loss at the parameters
	g        []T       // its gradient
	d        []T       // direction of the last step; nil: there was none
	t        number[T] // its length
	previous []T       // gradient before it
	dg, dx   [][]T
	scale    T // of the initial Hessian
	steps    int
	count    int // evaluations
}

// evaluate computes the loss and its gradient.
func (m *minimisation[T]) evaluate() *eager.Tensor {
	for _, p := range m.params {
		p.ZeroGrad()
	}
	y := m.loss()
	if y == nil || y.Numel() != 1 {
		engine.Fail("optim.LBFGS", "the loss is not a tensor of one element")
	}
	if y.RequiresGrad() {
		y.Backward()
	}
	m.count++
	m.f, m.g = y.Item(), make([]T, 0, len(m.g))
	for _, p := range m.params {
		if g := p.Grad(); g != nil {
			m.g = append(m.g, elements[T](g)...)
		} else {
			m.g = append(m.g, make([]T, p.Numel())...)
		}
	}
	return y
}

// at evaluates at x + t·d.
func (m *minimisation[T]) at(x []T, t number[T]) (f float64, g []T) {
	m.move(x, T(t.v))
	m.evaluate()
	return m.f, m.g
}

// move sets the parameters to x + t·d.
func (m *minimisation[T]) move(x []T, t T) {
	eager.NoGrad(func() {
		i := 0
		for _, p := range m.params {
			v := make([]T, p.Numel())
			for k := range v {
				v[k] = fused(t, m.d[i], x[i])
				i++
			}
			p.Assign(shaped(v, p))
		}
	})
}

func (m *minimisation[T]) position() []T {
	var x []T
	for _, p := range m.params {
		x = append(x, elements[T](p.Detach())...)
	}
	return x
}

// iterate steps until a limit or a tolerance is reached.
func (m *minimisation[T]) iterate(l *LBFGS) {
	small, still := T(l.o.ToleranceGrad), T(l.o.ToleranceChange)
	if largestAbs(m.g) <= small {
		return
	}
	for n := 1; n <= l.o.Iterations; n++ {
		m.direct(l.o.History)
		before := m.f
		m.previous = m.g
		m.t = exactly[T](l.groups[0].LR)
		if m.steps == 1 {
			m.t = m.shorter(m.t)
		}
		slope := dot(m.g, m.d)
		if slope > -still {
			return
		}
		x := m.position()
		if l.o.StrongWolfe {
			m.search(x, rounded(slope), l.o.Evaluations-m.count)
			m.move(x, T(m.t.v))
		} else if m.move(x, T(m.t.v)); n < l.o.Iterations {
			m.evaluate()
		}
		switch {
		case m.count >= l.o.Evaluations, largestAbs(m.g) <= small,
			largestAbs(m.d)*T(m.t.v) <= still, math.Abs(m.f-before) < l.o.ToleranceChange:
			return
		}
	}
}

// shorter is the length of the very first step: t for a gradient whose magnitudes sum to at most 1, and
// less for a larger one.
func (m *minimisation[T]) shorter(t number[T]) number[T] {
	var sum T
	for _, v := range m.g {
		sum += max(v, -v)
	}
	if 1/sum < 1 {
		return rounded(1 / sum).times(t)
	}
	return t
}

// direct takes the last step into the history and sets the direction −H·g by the two-loop recursion.
func (m *minimisation[T]) direct(history int) {
	m.steps++
	d := make([]T, len(m.g))
	for i, v := range m.g {
		d[i] = -v
	}
	if m.d == nil {
		m.d, m.scale = d, 1
		return
	}
	dg, dx := make([]T, len(m.g)), make([]T, len(m.g))
	for i := range dg {
		dg[i], dx[i] = m.g[i]-m.previous[i], m.d[i]*T(m.t.v)
	}
	if curvature := dot(dg, dx); curvature > 1e-10 {
		if len(m.dg) == history {
			m.dg, m.dx = m.dg[1:], m.dx[1:]
		}
		m.dg, m.dx = append(m.dg, dg), append(m.dx, dx)
		m.scale = curvature / dot(dg, dg)
	}
	alpha := make([]T, len(m.dg))
	for i := len(alpha) - 1; i >= 0; i-- {
		alpha[i] = dot(m.dx[i], d) * (1 / dot(m.dg[i], m.dx[i]))
		addScaled(d, m.dg[i], -alpha[i])
	}
	for i := range d {
		d[i] *= m.scale
	}
	for i, a := range alpha {
		beta := dot(m.dg[i], d) * (1 / dot(m.dg[i], m.dx[i]))
		addScaled(d, m.dx[i], a-beta)
	}
	m.d = d
}

// dot has 16 running sums, as the BLAS of PyTorch has them.
func dot[T real](x, y []T) T {
	var sums [16]T
	if len(x) < len(sums) {
		for i, v := range x {
			sums[0] += T(v * y[i]) // rounded here: not fused
		}
		return sums[0]
	}
	for i, v := range x {
		sums[i%len(sums)] += T(v * y[i])
	}
	for half := len(sums) / 2; half > 0; half /= 2 {
		for i := range half {
			sums[i] += sums[i+half]
		}
	}
	return sums[0]
}

func addScaled[T real](x, y []T, s T) {
	for i, v := range y {
		x[i] = fused(s, v, x[i])
	}
}

// fused is x·y + z with one rounding.
func fused[T real](x, y, z T) T { return T(math.FMA(float64(x), float64(y), float64(z))) }

func largestAbs[T real](x []T) T {
	var most T
	for _, v := range x {
		most = max(most, v, -v)
	}
	return most
}

func elements[T real](x *eager.Tensor) []T {
	if v, ok := any(x.Float64s()).([]T); ok {
		return v
	}
	return any(x.Float32s()).([]T)
}

// shaped is a tensor over v with the shape of p.
func shaped[T real](v []T, p *eager.Tensor) *eager.Tensor {
	if v, ok := any(v).([]float64); ok {
		return eager.FromFloat64s(v, p.Shape()...)
	}
	return eager.FromFloat32s(any(v).([]float32), p.Shape()...)
}

// keep stores the state with the parameters, so that StateDict has it.
func (m *minimisation[T]) keep(l *LBFGS) {
	l.numbers = map[string]float64{
		"t": m.t.v, "scale": float64(m.scale), "steps": float64(m.steps), "history": float64(len(m.dg)),
	}
	if m.d == nil {
		return
	}
	l.state = map[*eager.Tensor]*slots{}
	at := 0
	for _, p := range m.params {
		s, n := l.slotsOf(p), p.Numel()
		s.step = m.steps
		store := func(name string, v []T) { s.get(name, p, 0).Assign(shaped(v[at:at+n], p)) }
		store("d", m.d)
		store("previous", m.previous)
		for i := range m.dg {
			store(fmt.Sprintf("dg.%d", i), m.dg[i])
			store(fmt.Sprintf("dx.%d", i), m.dx[i])
		}
		at += n
	}
}

// restore takes up the state that keep stored, if there is one.
func (m *minimisation[T]) restore(l *LBFGS) {
	if l.numbers["steps"] == 0 {
		return
	}
	m.t, m.scale, m.steps = exactly[T](l.numbers["t"]), T(l.numbers["scale"]), int(l.numbers["steps"])
	load := func(name string) []T {
		var v []T
		for _, p := range m.params {
			x := l.slotsOf(p).at[name]
			if x == nil {
				engine.Fail("optim.LBFGS", "the restored state lacks %q", name)
			}
			v = append(v, elements[T](x)...)
		}
		return v
	}
	m.d, m.previous = load("d"), load("previous")
	for i := range int(l.numbers["history"]) {
		m.dg, m.dx = append(m.dg, load(fmt.Sprintf("dg.%d", i))), append(m.dx, load(fmt.Sprintf("dx.%d", i)))
	}
}
