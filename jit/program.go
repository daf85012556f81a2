package jit

import (
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
}

// build makes a program for segments like that of s, which makes the stores in kept and those that Go code
// may know; otherwise it says why there is none.
func build(s *session, kept map[int]bool) (p *program, why string) {
	l, err := lower(s, func(i int) bool { return kept[i] })
	if err != nil {
		return nil, err.Error()
	}
	if p, err = plan(s, l); err != nil {
		return nil, err.Error()
	}
	return p, ""
}

func plan(s *session, l *lowered) (*program, error) {
	p := &program{l: l, g: pass.Run(l.g)}
	at := map[graph.Value]operand{}
	for i, x := range l.g.Inputs {
		at[x.Value] = l.inputs[i]
	}
	for i, x := range l.g.States {
		at[x.In] = l.states[i]
	}
	var err error
	p.exec, err = exec.New(p.g, func(v graph.Value) []int {
		if o, ok := at[v]; ok {
			return s.events[o.event].In[o.k].Strides
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, i := range l.outputs {
		p.roots = append(p.roots, s.root(int32(i)))
	}
	p.choose()
	return p, nil
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
		if e := &s.events[n.Tag]; e.Application != nil && e.Def == n.Def {
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
			y.Buf = engine.NewArray(y.DType, y.Shape).Buf
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
