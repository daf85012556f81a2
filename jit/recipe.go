package jit

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/exec"
)

// recipe computes values that a program did not make because nobody held on to them in the first calls,
// and somebody did now. It can as long as what the segment read is unchanged. It holds the segment's
// operands, no memory of its own, and lives as long as one of the Buffers that it could fill.
type recipe struct {
	mu       sync.Mutex
	p        *program
	inputs   []engine.Array
	versions []uint32
	attrs    []op.Attrs       // of random operators: places in the stream
	buffers  []*engine.Buffer // by store; nil: made by the program, or not made by the segment
	lazy     engine.Lazy
}

// recipe returns what computes the stores of the segment of s that are missing in made; nil when there are
// none.
func (p *program) recipe(s *session, made []*engine.Buffer) *engine.Lazy {
	var r *recipe
	for i := range s.stores {
		st := &s.stores[i]
		if !st.made || made[i] != nil || st.released {
			continue
		}
		if r == nil {
			r = &recipe{p: p, buffers: make([]*engine.Buffer, len(s.stores))}
		}
		r.buffers[i] = st.buf
	}
	if r == nil {
		return nil
	}
	r.inputs = make([]engine.Array, len(p.l.inputs))
	r.versions = make([]uint32, len(p.l.inputs))
	for i, at := range p.l.inputs {
		r.inputs[i] = s.events[at.event].In[at.k]
		r.versions[i] = r.inputs[i].Buf.Version()
	}
	for _, tag := range p.random {
		r.attrs = append(r.attrs, s.events[tag].Attrs)
	}
	r.lazy.Force = r.force
	return &r.lazy
}

// force computes all values again and gives those that are asked for, or may be, theirs.
func (r *recipe) force(b *engine.Buffer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.DeferredBy() != &r.lazy {
		return
	}
	stale := len(r.p.l.states) > 0
	for i, a := range r.inputs {
		stale = stale || a.Buf.Gone() || a.Buf.Shared() || a.Buf.Version() != r.versions[i]
	}
	if stale {
		engine.Fail("jit", "a value inside a compiled function is read after the call, which kept it for the "+
			"first time, and what it was computed from has changed; return the value, or keep it in each call")
	}
	full, err := r.p.complete()
	if err != nil {
		engine.Fail("jit", "a value inside a compiled function is read after the call: %v", err)
	}
	outs := full.exec.Run(&exec.Run{Inputs: r.inputs, Attrs: func(i int) op.Attrs {
		n := &full.g.Nodes[i]
		for k, tag := range r.p.random {
			if tag == n.Tag {
				return r.attrs[k]
			}
		}
		return n.Attrs
	}})
	for i, store := range full.l.outputs {
		if b := r.buffers[store]; b != nil && b.DeferredBy() == &r.lazy {
			y := full.roots[i]
			y.Buf = engine.NewArrayOn(outs[i].Device(), y.DType, y.Shape).Buf
			exec.Move(y, outs[i])
			b.Fulfil(y.Buf)
		}
	}
}
