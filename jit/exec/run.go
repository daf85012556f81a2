// Package exec runs graphs: operators in a fixed order on memory that is laid out ahead.
//
//	p, err := exec.New(g, nil)
//	y := p.Run(&exec.Run{Inputs: []engine.Array{x}})
//
// Intermediate values share one arena by their lifetimes, elementwise operators write over operands that
// nobody reads again, and new values of states are computed where the old ones lie. Threads do ranges of small steps
// by parts, without waiting in between. It is the reference for
// generated code and has no dispatch, tape or allocation per operator. It does not change graphs (jit/pass).
package exec

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// Program is a planned graph. It may run in several goroutines at once.
type Program struct {
	g        *graph.Graph
	dev      op.Device // nil: the CPU
	steps    []step
	groups   []span
	storages []storage
	bound    []engine.Array // layouts of inputs, constants and states
	results  []int          // bytes of what is made anew
	outputs  []place
	arena    int
	idle     sync.Pool              // *instance
	how      atomic.Pointer[string] // the device repeats it
}

// Run is what one execution gets. Constants and states are those of the graph unless others are given.
type Run struct {
	Inputs, Consts, States []engine.Array
	// Owned says that the caller put writes to the states off and has them done now.
	Owned bool
	// Attrs returns the attributes of node i; nil: those of the graph.
	Attrs func(i int) op.Attrs
	// Took is told how long each kernel call took, which are then made one after the other; −1 stands for
	// copies and conversions between nodes.
	Took func(node int, d time.Duration)
}

// instance is a Program with memory: what one run at a time uses. Each storage has one Buffer for good; those
// of storage that a run is given are aliases of it during the run.
type instance struct {
	p       *Program
	arena   *engine.Buffer
	buffers []*engine.Buffer // of each storage
	base    []int            // where bound storage began in the last run
	calls   []call
	threads int        // those that there were when it was made
	parts   [][][]call // of each group that is a section; nil: it is not done by parts
	device  *onDevice  // of a program on a device
	patches [][]patch  // of each bound storage
}

// patch is an array in bound storage, and where it lies in it.
type patch struct {
	a      *engine.Array
	offset int
}

// call is one kernel call with its arrays.
type call struct {
	def     *op.Def
	node    int
	in, out []engine.Array
}

// span is a range of steps.
type span struct {
	from, to int
	grain    int   // > 0: in one parallel loop of pieces of so many steps
	cuts     []cut // of a section: of each step
	n        int   // of a section: extent of the axes that are divided
}

// ArenaBytes returns the memory that a run needs besides what it is given and returns.
func (p *Program) ArenaBytes() int { return p.arena }

// Steps returns the number of kernel calls.
func (p *Program) Steps() int { return len(p.steps) }

// Run executes the program and returns its outputs, in new memory where they are not inputs or constants.
// It panics with *engine.Error as operators do; states may have been written then.
func (p *Program) Run(r *Run) []engine.Array {
	p.check(r)
	in, _ := p.idle.Get().(*instance)
	if in == nil || in.threads != engine.Threads() {
		in = p.instance()
	}
	outs := make([]engine.Array, len(p.outputs))
	results := make([]*engine.Buffer, len(p.results))
	in.take(r, results)
	in.run(r)
	for i, o := range p.outputs {
		outs[i] = o.arr
		if s := &p.storages[o.storage]; s.kind == result {
			outs[i].Buf = results[s.index]
		} else {
			a := p.given(s.index, r)
			outs[i].Buf, outs[i].Offset = a.Buf, o.arr.Offset+a.Offset
		}
	}
	for i := range p.storages { // no memory of others is held
		if k := p.storages[i].kind; k == bound || k == result {
			in.buffers[i].Alias(nil)
		}
	}
	p.idle.Put(in)
	return outs
}

// take points the instance at the storage of a run.
func (in *instance) take(r *Run, results []*engine.Buffer) {
	p := in.p
	for i := range p.storages {
		switch s := &p.storages[i]; s.kind {
		case result:
			n := p.results[s.index]
			if p.dev != nil {
				results[s.index] = p.dev.New(n)
			} else if n < small {
				results[s.index] = engine.NewBuffer(n)
			} else { // looks at the memory limit
				results[s.index] = engine.NewArray(engine.U8, engine.Shape{n}).Buf
			}
			in.buffers[i].Alias(results[s.index])
		case bound:
			a := p.given(s.index, r)
			if !r.Owned {
				ready(a.Buf)
			}
			in.buffers[i].Alias(a.Buf)
			if a.Offset != in.base[i] {
				for _, x := range in.patches[i] {
					x.a.Offset = x.offset + a.Offset
				}
				in.base[i] = a.Offset
			}
		}
	}
}

// ready has work on b that was put off done.
func ready(b *engine.Buffer) {
	if b.Device() != nil {
		b.Addr()
		return
	}
	b.Bytes()
}

// given returns what bound storage i is in this run.
func (p *Program) given(i int, r *Run) engine.Array {
	g := p.g
	if i < len(g.Inputs) {
		return r.Inputs[i]
	}
	if i -= len(g.Inputs); i < len(g.Consts) {
		if r.Consts != nil {
			return r.Consts[i]
		}
		return g.Consts[i].Data
	}
	i -= len(g.Consts)
	if r.States != nil {
		return r.States[i]
	}
	return g.States[i].Data
}

// check compares what the run is given with the plan.
func (p *Program) check(r *Run) {
	if len(r.Inputs) != len(p.g.Inputs) {
		engine.Fail("graph", "%d inputs, the graph has %d", len(r.Inputs), len(p.g.Inputs))
	}
	for i, want := range p.bound {
		have := p.given(i, r)
		want.Offset = have.Offset
		if host := p.dev != nil && p.hosted(i); have.Device() != nil && (p.dev == nil || host) ||
			have.Device() == nil && p.dev != nil && !host {
			p.misplaced(i, have)
		}
		if !r.Owned && !sameLayout(want, have) {
			engine.Fail("graph", "argument %d is %v with strides %v; the graph was made for %v with strides %v",
				i, have, have.Strides, want, want.Strides)
		}
	}
}

// hosted reports whether bound storage i is in the memory of the CPU, in a program on a device.
func (p *Program) hosted(i int) bool {
	for k := range p.storages {
		if s := &p.storages[k]; s.kind == bound && s.index == i {
			return s.host
		}
	}
	return false
}

// instance makes memory and arrays for one run at a time.
func (p *Program) instance() *instance {
	in := &instance{
		p: p, buffers: make([]*engine.Buffer, len(p.storages)), calls: make([]call, len(p.steps)),
		patches: make([][]patch, len(p.storages)), base: make([]int, len(p.storages)), threads: engine.Threads(),
		parts: make([][][]call, len(p.groups)),
	}
	switch {
	case p.dev != nil:
		in.arena = p.dev.New(max(p.arena, 1))
	case p.arena > 0:
		in.arena = engine.NewArray(engine.U8, engine.Shape{p.arena}).Buf
	}
	for i := range p.storages {
		switch s := &p.storages[i]; {
		case s.kind == inArena && s.first >= 0 && (s.bytes > 0 || p.dev != nil):
			in.buffers[i] = in.arena.Part(s.offset, s.bytes)
		case s.kind == number:
			in.buffers[i] = engine.NewBuffer(s.bytes)
		default:
			in.buffers[i] = engine.WrapBytes(nil)
		}
	}
	for i := range p.steps {
		s := &p.steps[i]
		in.calls[i] = call{
			def: s.def, node: s.node, in: make([]engine.Array, len(s.in)), out: make([]engine.Array, len(s.out)),
		}
		for k, x := range s.in {
			in.place(&in.calls[i].in[k], x)
		}
		for k, y := range s.out {
			in.place(&in.calls[i].out[k], y)
		}
	}
	for k := range p.groups {
		in.parts[k] = in.divide(&p.groups[k], in.threads)
	}
	return in
}

// place sets a to what lies at x.
func (in *instance) place(a *engine.Array, x place) {
	*a = x.arr
	a.Buf = in.buffers[x.storage]
	if in.p.storages[x.storage].kind == bound {
		in.patches[x.storage] = append(in.patches[x.storage], patch{a, x.arr.Offset})
	}
}

func (in *instance) run(r *Run) {
	if in.p.dev != nil {
		in.onDevice(r)
		return
	}
	for k, s := range in.p.groups {
		if parts := in.parts[k]; parts != nil && r.Took == nil {
			engine.Parts(len(parts), func(q int) {
				for i := range parts[q] {
					in.do(&parts[q][i], r)
				}
			})
			continue
		}
		if s.grain > 0 && r.Took == nil {
			engine.Parallel(s.to-s.from, s.grain, func(lo, hi int) {
				for i := s.from + lo; i < s.from+hi; i++ {
					in.call(i, r)
				}
			})
			continue
		}
		for i := s.from; i < s.to; i++ {
			if r.Took == nil {
				in.call(i, r)
			} else {
				in.timed(i, r)
			}
		}
	}
}

// timed runs call i and tells how long it took.
func (in *instance) timed(i int, r *Run) {
	start := time.Now()
	in.call(i, r)
	if in.p.dev != nil {
		in.p.dev.Synchronize()
	}
	r.Took(in.calls[i].node, time.Since(start))
}

func (in *instance) call(i int, r *Run) { in.do(&in.calls[i], r) }

// do makes one call.
func (in *instance) do(c *call, r *Run) {
	if c.def == nil {
		Move(c.out[0], c.in[0])
		return
	}
	Kernel(in.p.dev, c.def, in.attrs(c, r), c.out, c.in)
}

// attrs returns the attributes of c.
func (in *instance) attrs(c *call, r *Run) op.Attrs {
	n := c.node
	if n < 0 {
		return op.CastAttrs{To: c.out[0].DType}
	}
	if r.Attrs != nil {
		return r.Attrs(n)
	}
	return in.p.g.Nodes[n].Attrs
}

// small is the number of bytes from which memory of a result counts against the memory limit.
const small = 1 << 17

// updateMax is the number of elements up to which steps of an optimizer share a parallel loop, and below which
// one thread does them all.
const updateMax = 1 << 15

// group makes steps of optimizers on small tensors that follow each other one parallel loop, outside sections.
func (p *Program) group() {
	sections := p.groups
	p.groups = nil
	from := 0
	for _, s := range append(sections, span{from: len(p.steps), to: len(p.steps)}) {
		p.groupSteps(from, s.from)
		if s.to > s.from {
			p.groups = append(p.groups, s)
		}
		from = s.to
	}
}

// groupSteps is group for a range of steps.
func (p *Program) groupSteps(from, to int) {
	for i := from; i < to; {
		j, n := i, 0
		for j < to && p.steps[j].def != nil && p.steps[j].def.IsUpdate() &&
			p.steps[j].out[0].arr.Numel() <= updateMax {
			n += p.steps[j].out[0].arr.Numel()
			j++
		}
		if j > i+1 && p.apart(i, j) {
			grain := j - i
			if n > updateMax {
				grain = 1 + (j-i)*updateMax/2/n
			}
			p.groups = append(p.groups, span{from: i, to: j, grain: grain})
			i = j
			continue
		}
		j = max(j, i+1)
		p.groups = append(p.groups, span{from: i, to: j})
		i = j
	}
}

// apart reports whether no step of a range reads or writes what another one writes.
func (p *Program) apart(from, to int) bool {
	writer := map[int]int{}
	for i := from; i < to; i++ {
		for _, y := range p.steps[i].out {
			if w, ok := writer[y.storage]; ok && w != i {
				return false
			}
			writer[y.storage] = i
		}
	}
	for i := from; i < to; i++ {
		for _, x := range p.steps[i].in {
			if w, ok := writer[x.storage]; ok && w != i {
				return false
			}
		}
	}
	return true
}

// Output returns the layout of output i and whether it comes in new memory that no earlier output has.
func (p *Program) Output(i int) (layout engine.Array, own bool) {
	o := p.outputs[i]
	own = p.storages[o.storage].kind == result
	for _, e := range p.outputs[:i] {
		own = own && e.storage != o.storage
	}
	return o.arr, own
}
