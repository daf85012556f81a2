package jit

import (
	"math"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// program computes segments of one signature.
type program struct {
	l      *lowered
	g      *graph.Graph // l.g, improved
	exec   *exec.Program
	roots  []engine.Array // layouts of what l.outputs makes
	direct []bool         // outputs that need no copy
	random []int          // tags of random operators
	dev    op.Device      // nil: the CPU
	again  int            // operators that are applied again to save memory
	full   func() (*program, error)
}

// build makes a program for segments like that of s, which makes the stores in kept and those that Go code
// may know; otherwise it says why there is none.
func build(s *session, kept map[int]bool, memory int) (p *program, why string) {
	risky := map[int]bool{}
	for i := range s.events {
		if s.events[i].risky {
			for _, k := range s.events[i].out {
				risky[int(k)] = true
			}
		}
	}
	l, err := lower(s, func(i int) bool { return kept[i] || risky[i] })
	if err != nil {
		return nil, err.Error()
	}
	if p, err = planned(l, l.layouts(s), memory); err != nil {
		return nil, err.Error()
	}
	for i := range l.g.Nodes {
		if _, _, ok := op.RandomPlace(l.g.Nodes[i].Attrs); ok {
			p.random = append(p.random, l.g.Nodes[i].Tag)
		}
	}
	p.full = whole(s)
	return p, ""
}

// whole returns a function that plans the segment of s such that everything is made, the first time that it
// is called.
func whole(s *session) func() (*program, error) {
	l, err := lower(s, func(int) bool { return true })
	if err != nil {
		return func() (*program, error) { return nil, err }
	}
	layouts := l.layouts(s)
	return sync.OnceValues(func() (*program, error) { return planned(l, layouts, 0) })
}

// layouts are the strides of what a segment takes and the layouts of what it makes.
type layouts struct {
	dev     op.Device
	strides map[operand][]int
	host    map[operand]bool // on a device: what is in the memory of the CPU
	roots   []engine.Array
}

func (l *lowered) layouts(s *session) layouts {
	a := layouts{dev: s.dev, strides: map[operand][]int{}, host: map[operand]bool{}}
	for _, at := range append(append([]operand(nil), l.inputs...), l.states...) {
		x := &s.events[at.event].In[at.k]
		a.strides[at], a.host[at] = x.Strides, x.Device() == nil
	}
	roots := make([]engine.Array, len(l.outputs))
	for k, i := range l.outputs {
		roots[k] = s.root(int32(i))
		roots[k].Buf = nil
	}
	for i := range l.g.States { // what lies there is a matter of each run
		l.g.States[i].Data.Buf = nil
	}
	a.roots = roots
	return a
}

// complete returns the program that makes every store.
func (p *program) complete() (*program, error) { return p.full() }

// planned makes the program of l for operands and outputs that lie as a says. memory is Options.Memory.
func planned(l *lowered, a layouts, memory int) (*program, error) {
	p := &program{l: l, roots: a.roots, dev: a.dev}
	strides, host := map[graph.Value][]int{}, map[graph.Value]bool{}
	for i, x := range l.g.Inputs {
		strides[x.Value], host[x.Value] = a.strides[l.inputs[i]], a.host[l.inputs[i]]
	}
	for i, x := range l.g.States {
		strides[x.In] = a.strides[l.states[i]]
	}
	plan := func(g *graph.Graph) (*exec.Program, error) {
		make := exec.NewOn
		if memory > 0 {
			make = exec.NewTight
		}
		return make(a.dev, g, func(v graph.Value) []int { return strides[v] },
			func(v graph.Value) bool { return host[v] || isConst(g, v) })
	}
	var err error
	if memory > 0 {
		p.g, p.again = pass.RunWithin(l.g, a.dev != nil, memory, func(g *graph.Graph) int {
			q, failed := plan(g)
			if failed != nil {
				return math.MaxInt // the plan that counts says why
			}
			return q.ArenaBytes()
		})
	} else {
		p.g = improved(l.g, a.dev)
	}
	p.exec, err = plan(p.g)
	if err != nil {
		return nil, err
	}
	p.choose()
	return p, nil
}

// improved is what the passes for a device, or the CPU, make of g.
func improved(g *graph.Graph, dev op.Device) *graph.Graph {
	if dev != nil {
		return pass.RunOnDevice(g)
	}
	return pass.Run(g)
}

// isConst reports whether v is a constant: in the graph of a segment these are numbers that passes computed.
func isConst(g *graph.Graph, v graph.Value) bool {
	_, ok := g.ConstOf(v)
	return ok
}

// root returns the layout in which an event made store i.
func (s *session) root(i int32) engine.Array {
	for n := range s.events {
		e := &s.events[n]
		for k, j := range e.out {
			if j == i && e.kind == isApply {
				return e.Out[k]
			}
		}
	}
	engine.Fail("jit", "store %d was not made", i)
	return engine.Array{}
}

// run computes the segment of s. states, when given, take the place of the storage that it changes. It
// returns the memory of what it made.
func (p *program) run(s *session, states []engine.Array) (made []*engine.Buffer) {
	r := exec.Run{Inputs: make([]engine.Array, len(p.l.inputs)), States: states, Owned: true}
	for i, at := range p.l.inputs {
		r.Inputs[i] = s.events[at.event].In[at.k]
	}
	if states == nil {
		r.States = make([]engine.Array, len(p.l.states))
		for i, at := range p.l.states {
			r.States[i] = s.events[at.event].In[at.k]
		}
	}
	r.Attrs = func(i int) op.Attrs {
		n := &p.g.Nodes[i]
		if e := &s.events[n.Tag]; e.Application != nil && (e.Def == n.Def || n.Def == graph.ProductStep) {
			return e.Attrs
		}
		return n.Attrs
	}
	outs := p.exec.Run(&r)
	made = make([]*engine.Buffer, len(s.stores))
	for i, n := range p.l.outputs {
		y := outs[i]
		if !p.direct[i] {
			y = p.roots[i]
			y.Buf = engine.NewArrayOn(where(s.dev), y.DType, y.Shape).Buf
			src := outs[i]
			src.Buf = src.Buf.Raw()
			exec.Move(y, src)
		}
		made[n] = y.Buf
	}
	return made
}

// choose finds the outputs that come in memory of their own and with the layout of what they become.
func (p *program) choose() {
	for i := range p.l.outputs {
		y, own := p.exec.Output(i)
		p.direct = append(p.direct, own && sameElements(y, p.roots[i]))
	}
}

// given returns an operand over the memory that it has now.
func (s *session) given(at operand) engine.Array {
	a := s.events[at.event].In[at.k]
	a.Buf = a.Buf.Raw()
	return a
}

// compare says how a trial run differs from what was computed; "" when it does not.
func (p *program) compare(s *session, made, trial []*engine.Buffer, states []engine.Array) string {
	for i, n := range p.l.outputs {
		if made[n] == nil { // released meanwhile
			continue
		}
		a, b := p.roots[i], p.roots[i]
		a.Buf, b.Buf = made[n], trial[n]
		if why := differ(a, b); why != "" {
			return why
		}
	}
	for i, at := range p.l.states {
		if why := differ(s.given(at), states[i]); why != "" {
			return why
		}
	}
	return ""
}
