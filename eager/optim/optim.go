// Package optim holds optimizers and learning-rate schedules with PyTorch's names, defaults and results.
//
//	opt := optim.NewAdamW(net.Params(), optim.AdamOptions{LR: 1e-3})
//	schedule := optim.NewCosine(opt, 10, 0)
//	opt.ZeroGrad()
//	nn.CrossEntropy(net.Forward(x), labels).Backward()
//	opt.Step()
//
// Parameters are changed in place, under NoGrad. Steps of SGD, Adam and AdamW run as one pass over each
// parameter (op.SGDUpdate, op.AdamUpdate), small ones together; the others are composed of tensor operators. It does not
// compute gradients and does not save files (eager/checkpoint).
package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Optimizer changes parameters along their gradients. Types implement it by embedding Base.
type Optimizer interface {
	// Step makes one update of every parameter that has a gradient.
	Step()
	// Self returns the embedded Base.
	Self() *Base
}

// Group is a set of parameters with settings of their own.
type Group struct {
	Params      []*eager.Tensor
	LR          float64 // learning rate; schedules change it
	WeightDecay float64
	Momentum    float64 // SGD and RMSprop: momentum; the Adam family: β₁; schedules may change it
}

// Base is the part that every optimizer embeds: groups of parameters and their state.
type Base struct {
	groups  []*Group
	state   map[*eager.Tensor]*slots
	updates []eager.Update     // of one step, for all parameters together
	numbers map[string]float64 // state of the optimizer itself; few have one
	// sparse says for which groups gradients by rows stay so; nil: for none.
	sparse func(g *Group) bool
}

// slots is the state of one parameter: named tensors, and the number of steps so far.
type slots struct {
	step  int
	names []string
	at    map[string]*eager.Tensor
}

func newBase(where string, params []*eager.Tensor, g Group) Base {
	if len(params) == 0 {
		engine.Fail(where, "no parameters to train; register layers with Add and tensors with Param "+
			"before you call Params")
	}
	b := Base{state: map[*eager.Tensor]*slots{}}
	g.Params = params
	b.AddGroup(g)
	return b
}

// AddGroup adds parameters with settings of their own. A parameter is in one group only.
func (b *Base) AddGroup(g Group) *Group {
	checkRate("optim", g.LR)
	for what, v := range map[string]float64{"weight decay": g.WeightDecay, "momentum": g.Momentum} {
		if !(v >= 0) || math.IsInf(v, 1) {
			engine.Fail("optim", "the %s is %v; want a number ≥ 0", what, v)
		}
	}
	for i, p := range g.Params {
		if p == nil {
			engine.Fail("optim", "parameter %d is nil; pass net.Params()", i)
		}
		if !p.DType().IsFloat() {
			engine.Fail("optim", "parameter %d (%v) is not floating-point; only floats can be trained", i, p.Array())
		}
		if !p.IsLeaf() {
			engine.Fail("optim", "parameter %d (%v) is computed from others; only leaves can be trained", i, p.Array())
		}
		if slices.Contains(g.Params[:i], p) || slices.ContainsFunc(b.groups, func(o *Group) bool {
			return slices.Contains(o.Params, p)
		}) {
			engine.Fail("optim", "parameter %d (%v) is given twice", i, p.Array())
		}
	}
	if b.state == nil { // an optimizer outside this package that embeds Base
		b.state = map[*eager.Tensor]*slots{}
	}
	b.groups = append(b.groups, &g)
	return &g
}

// checkRate refuses a learning rate that is negative or not finite.
func checkRate(where string, lr float64) {
	if !(lr >= 0) || math.IsInf(lr, 1) {
		engine.Fail(where, "the learning rate is %v; want a number ≥ 0, such as 1e-3", lr)
	}
}

// base returns the Base of opt, which must have parameters.
func base(where string, opt Optimizer) *Base {
	if opt == nil {
		engine.Fail(where, "the optimizer is nil; make one, as with optim.NewAdam(net.Params())")
	}
	b := opt.Self()
	if len(b.groups) == 0 {
		engine.Fail(where, "the optimizer has no parameters; give it some with AddGroup")
	}
	return b
}

// String returns one line for each group: tensors, values and learning rate.
func (b *Base) String() string {
	if len(b.groups) == 0 {
		return "optimizer without parameters"
	}
	lines := make([]string, len(b.groups))
	for i, g := range b.groups {
		n := 0
		for _, p := range g.Params {
			n += p.Numel()
		}
		lines[i] = fmt.Sprintf("optimizer of %d tensors with %d values, learning rate %.6g", len(g.Params), n, g.LR)
		if g.WeightDecay != 0 {
			lines[i] += fmt.Sprintf(", weight decay %.6g", g.WeightDecay)
		}
	}
	return strings.Join(lines, "\n")
}

// Self returns b; through embedding it makes a type with Step an Optimizer.
func (b *Base) Self() *Base { return b }

// Groups returns the groups; changing their fields changes later steps.
func (b *Base) Groups() []*Group { return b.groups }

// LR returns the learning rate of the first group, 0 when there is none.
func (b *Base) LR() float64 {
	if len(b.groups) == 0 {
		return 0
	}
	return b.groups[0].LR
}

// SetLR sets the learning rate of every group.
func (b *Base) SetLR(lr float64) {
	checkRate("optim.SetLR", lr)
	for _, g := range b.groups {
		g.LR = lr
	}
}

// ZeroGrad clears the gradient of every parameter.
func (b *Base) ZeroGrad() {
	for _, g := range b.groups {
		for _, p := range g.Params {
			p.ZeroGrad()
		}
	}
}

// each calls f for every parameter that has a gradient, outside the tape, with its step counted. f does not
// keep the gradient.
func (b *Base) each(f func(g *Group, p, grad *eager.Tensor, s *slots)) {
	eager.NoGrad(func() {
		for _, g := range b.groups {
			for _, p := range g.Params {
				if b.byRows(g, p) != nil {
					continue
				}
				p.WithGrad(func(grad *eager.Tensor) {
					s := b.slotsOf(p)
					s.step++
					f(g, p, grad, s)
				})
			}
		}
	})
}

// byRows returns the gradient of p by rows when it came so and stays so.
func (b *Base) byRows(g *Group, p *eager.Tensor) *eager.RowGrad {
	if b.sparse == nil || !b.sparse(g) {
		return nil
	}
	return p.RowGrad()
}

// eachRows is each for the parameters whose gradient came by rows, which each and together leave out.
func (b *Base) eachRows(f func(g *Group, p *eager.Tensor, grad *eager.RowGrad, s *slots)) {
	eager.NoGrad(func() {
		for _, g := range b.groups {
			for _, p := range g.Params {
				if grad := b.byRows(g, p); grad != nil {
					s := b.slotsOf(p)
					s.step++
					f(g, p, grad, s)
				}
			}
		}
	})
}

// together runs operator d in place for every parameter that has a gradient: operands appends to in what
// goes before the gradient and returns the attributes.
func (b *Base) together(
	d *op.Def, operands func(g *Group, p *eager.Tensor, s *slots, in []*eager.Tensor) (op.Attrs, []*eager.Tensor),
) {
	all := b.updates[:0]
	eager.NoGrad(func() {
		for _, g := range b.groups {
			for _, p := range g.Params {
				if b.byRows(g, p) != nil {
					continue
				}
				p.WithGrad(func(grad *eager.Tensor) {
					s := b.slotsOf(p)
					s.step++
					if len(all) < cap(all) {
						all = all[:len(all)+1]
					} else {
						all = append(all, eager.Update{})
					}
					u := &all[len(all)-1]
					u.Attrs, u.In = operands(g, p, s, u.In[:0])
					u.In = append(u.In, grad)
				})
			}
		}
		eager.UpdateAll(d, all)
	})
	for i := range all { // gradients are not kept
		clear(all[i].In)
	}
	b.updates = all[:0]
}

func (b *Base) slotsOf(p *eager.Tensor) *slots {
	s := b.state[p]
	if s == nil {
		s = &slots{at: map[string]*eager.Tensor{}}
		b.state[p] = s
	}
	return s
}

// get returns the named state tensor, made as p filled with v the first time.
func (s *slots) get(name string, p *eager.Tensor, v float64) *eager.Tensor {
	x := s.at[name]
	if x == nil {
		x = eager.FullLike(p, v)
		s.names = append(s.names, name)
		s.at[name] = x
	}
	return x
}

// StateDict returns the optimizer's state: per parameter, in order, "0.exp_avg", …, "0.step", per group
// "group.0.lr", "group.0.momentum" and "group.0.weight_decay", and "number.t" … where there are any.
func (b *Base) StateDict() []nn.NamedTensor {
	var out []nn.NamedTensor
	i := 0
	for k, g := range b.groups {
		for _, p := range g.Params {
			if s := b.state[p]; s != nil {
				for _, n := range s.names {
					out = append(out, nn.NamedTensor{Name: fmt.Sprintf("%d.%s", i, n), Tensor: s.at[n]})
				}
				out = append(out, nn.NamedTensor{Name: fmt.Sprintf("%d.step", i), Tensor: eager.New(s.step)})
			}
			i++
		}
		for _, f := range g.fields() {
			out = append(out, nn.NamedTensor{Name: fmt.Sprintf("group.%d.%s", k, f.name), Tensor: eager.New(*f.at)})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(b.numbers)) {
		out = append(out, nn.NamedTensor{Name: "number." + n, Tensor: eager.New(b.numbers[n])})
	}
	return out
}

// field is a setting of a group that StateDict saves.
type field struct {
	name string
	at   *float64
}

func (g *Group) fields() []field {
	return []field{{"lr", &g.LR}, {"momentum", &g.Momentum}, {"weight_decay", &g.WeightDecay}}
}

// setting returns where the setting of a group that name stands for is kept; nil: it is none.
func (b *Base) setting(name string) *float64 {
	rest, ok := strings.CutPrefix(name, "group.")
	if !ok {
		return nil
	}
	k, what, ok := cut(rest)
	if !ok || k >= len(b.groups) {
		return nil
	}
	for _, f := range b.groups[k].fields() {
		if f.name == what {
			return f.at
		}
	}
	return nil
}

// LoadStateDict restores what StateDict returned, for an optimizer over the same parameters. On an error
// nothing is changed.
func (b *Base) LoadStateDict(state []nn.NamedTensor) error {
	var params []*eager.Tensor
	for _, g := range b.groups {
		params = append(params, g.Params...)
	}
	next := map[*eager.Tensor]*slots{}
	settings, numbers := map[*float64]float64{}, map[string]float64{}
	for _, e := range state {
		at := b.setting(e.Name)
		number, isNumber := strings.CutPrefix(e.Name, "number.")
		if at != nil || isNumber {
			v, err := scalar(e)
			if err != nil {
				return err
			}
			if at != nil {
				settings[at] = v
			} else {
				numbers[number] = v
			}
			continue
		}
		index, name, ok := cut(e.Name)
		if !ok || index >= len(params) {
			return fmt.Errorf("optim: state %q fits none of the %d parameters", e.Name, len(params))
		}
		p := params[index]
		if next[p] == nil {
			next[p] = &slots{at: map[string]*eager.Tensor{}}
		}
		switch {
		case name == "step":
			v, err := scalar(e)
			if err != nil {
				return err
			}
			next[p].step = int(v)
		case !fits(e.Tensor.Shape(), p.Shape()):
			return fmt.Errorf("optim: state %q is %v, parameter is %v", e.Name, e.Tensor.Array(), p.Array())
		default:
			next[p].names = append(next[p].names, name)
			next[p].at[name] = e.Tensor.To(p.DType()).Clone()
		}
	}
	b.state, b.numbers = next, numbers
	for at, v := range settings {
		*at = v
	}
	return nil
}

// fits reports whether s can be the shape of a state of a parameter: its own, or with 1 on reduced axes.
func fits(s, param engine.Shape) bool {
	if len(s) != len(param) {
		return false
	}
	for i, n := range s {
		if n != param[i] && (n != 1 || len(s) < 2) {
			return false
		}
	}
	return true
}

// scalar returns a number ≥ 0 of a state.
func scalar(e nn.NamedTensor) (float64, error) {
	if e.Tensor.Numel() != 1 {
		return 0, fmt.Errorf("optim: state %q is %v, want one number", e.Name, e.Tensor.Array())
	}
	v := e.Tensor.Item()
	if !(v >= 0) || math.IsInf(v, 1) {
		return 0, fmt.Errorf("optim: state %q is %v, want a number ≥ 0", e.Name, v)
	}
	return v, nil
}

func cut(name string) (index int, rest string, ok bool) {
	for i := range name {
		if name[i] == '.' {
			n, err := strconv.Atoi(name[:i])
			return n, name[i+1:], err == nil && n >= 0
		}
	}
	return 0, "", false
}

// or returns v, or the default when v is zero.
func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
