//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/op"
	"gorgonia.org/cu"
)

// sequence is a list of operators that are planned once. Its launches are captured as a graph of the driver, which is
// then started as a whole; arguments that differ from those of the last run (addresses, numbers, places in the random
// stream, steps of optimizers) are replaced in the graph before. Other launches than those captured are captured anew.
type sequence struct {
	d        *Device
	steps    []planned
	room     *engine.Buffer // what steps use while they run: of all the same memory
	launches []launch
	words    []uint64 // the arguments of all launches
	graphs   []*captured
	captures int
	why      string // launches are given one by one because
	how      string
}

// captured is a graph and what it was made of. It does not know the sequence, with which it ends.
type captured struct {
	*replay
	launches []launch
	words    []uint64
}

// planned is one operator.
type planned struct {
	op.Step
	varies  bool  // it is planned in each run: attributes or numbers differ
	offsets []int // of the arrays, in plan
	plan    *source.Plan
	temps   []*engine.Buffer
	rooms   []*engine.Buffer // of calls of libraries
}

// launch is one launch of all.
type launch struct {
	name     string
	f        cu.Function
	l        *source.Launch
	call     libraryCall // instead of a kernel
	from, to int         // its arguments in words
}

// Limits of what a sequence keeps: a function that is called with other memory each time would be captured forever.
const (
	mostGraphs   = 4
	mostCaptures = 16
)

// Record is part of op.Recorder.
func (d *Device) Record(steps []op.Step) op.Sequence {
	s := &sequence{d: d}
	if f := lacking(); f != "" {
		s.why = "the driver lacks " + f
	}
	for _, st := range steps {
		_, _, random := op.RandomPlace(st.Attrs)
		p := planned{Step: st, varies: random || st.Def.IsUpdate()}
		for _, x := range st.In {
			if x.Buf != nil && x.Device() == nil {
				if !source.TakesNumber(st.Def, x) {
					return nil // Run brings it to the device each time
				}
				p.varies = true
			}
		}
		s.steps = append(s.steps, p)
	}
	return s
}

// String is part of op.Sequence.
func (s *sequence) String() string { return s.how }

// Run is part of op.Sequence.
func (s *sequence) Run(attrs func(i int) op.Attrs) {
	s.plan(attrs)
	s.launches, s.words = s.launches[:0], s.words[:0]
	for i := range s.steps {
		s.add(&s.steps[i])
	}
	s.d.check("graph", s.d.do(s.start))
	runtime.KeepAlive(s.room)
}

// plan plans what is due, and makes room for what it needs.
func (s *sequence) plan(attrs func(i int) op.Attrs) {
	most := 0
	for i := range s.steps {
		st := &s.steps[i]
		if st.due() {
			p, err := s.d.plan(st.Def, attrs(i), st.Out, st.In)
			s.d.check(st.Def.Name, err)
			st.plan, st.temps = p, nil
		}
		n := 0
		for _, t := range st.plan.Temps {
			n += aligned(t)
		}
		most = max(most, n)
	}
	if most > 0 && (s.room == nil || s.room.Len() < most) {
		s.room = s.d.New(most)
		for i := range s.steps {
			s.steps[i].temps = nil
		}
	}
	for i := range s.steps {
		st := &s.steps[i]
		for at := 0; len(st.temps) < len(st.plan.Temps); {
			n := st.plan.Temps[len(st.temps)]
			st.temps = append(st.temps, s.room.Part(at, n))
			at += aligned(n)
		}
	}
}

// aligned is n rounded up to what the driver aligns memory to.
func aligned(n int) int { return (max(n, 1) + 511) &^ 511 }

// due reports whether st has to be planned.
func (st *planned) due() bool {
	due, k := st.plan == nil || st.varies, 0
	for _, list := range [][]engine.Array{st.Out, st.In} {
		for i := range list {
			if k == len(st.offsets) {
				st.offsets = append(st.offsets, list[i].Offset)
			}
			if st.offsets[k] != list[i].Offset {
				st.offsets[k], due = list[i].Offset, true
			}
			k++
		}
	}
	return due
}

// add appends the launches of st and their arguments.
func (s *sequence) add(st *planned) {
	for i := range st.plan.Launches {
		l := &st.plan.Launches[i]
		a := launch{name: st.Def.Name, l: l, from: len(s.words)}
		var err error
		if l.Kernel == nil {
			for len(st.rooms) <= i {
				st.rooms = append(st.rooms, nil)
			}
			a.call, err = s.d.libraryCall(l, st.temps, st.rooms[i])
			st.rooms[i] = a.call.room
		} else if a.f, err = s.d.programs.get(l.Kernel); err == nil {
			s.words = append(s.words, s.d.words(l, st.temps)...)
		}
		s.d.check(a.name, err)
		a.to = len(s.words)
		s.launches = append(s.launches, a)
	}
}

// start gives the launches to the stream. The device's mu is held.
func (s *sequence) start() error {
	for _, a := range s.launches {
		if a.call.run == nil {
			s.d.head(a.name, s.words[a.from:a.to])
		}
	}
	if g := s.graph(); g != nil {
		for i, a := range s.launches {
			w, old := s.words[a.from:a.to], g.words[a.from:a.to]
			if slices.Equal(w, old) { // those of libraries have none
				continue
			}
			if err := g.set(i, w); err != nil {
				return err
			}
			copy(old, w)
		}
		s.how = fmt.Sprintf("%d launches as one CUDA graph", len(s.launches))
		return g.launch(s.d.stream)
	}
	s.how = fmt.Sprintf("%d launches one by one (%s)", len(s.launches), s.why)
	for i := range s.launches {
		if err := s.launch(i); err != nil {
			return &engine.Error{Where: s.launches[i].name, What: fmt.Sprintf("%v: %v", s.d, err)}
		}
	}
	return nil
}

func (s *sequence) launch(i int) error {
	a := &s.launches[i]
	if a.call.run != nil {
		return a.call.run()
	}
	return s.d.launch(a.f, a.l, s.words[a.from:a.to])
}

// graph returns the graph of the launches, captured where there is none; nil: they are given one by one.
func (s *sequence) graph() *captured {
	if s.why != "" || len(s.launches) == 0 {
		return nil
	}
	for _, g := range s.graphs {
		if slices.EqualFunc(g.launches, s.launches, sameLaunch) {
			return g
		}
	}
	if s.captures == mostCaptures {
		s.why = "the launches differ from run to run"
		return nil
	}
	s.captures++
	kernels := func(i int) bool { return s.launches[i].call.run == nil }
	r, err := capture(s.d.stream, len(s.launches), s.launch, kernels)
	if err != nil {
		s.why = err.Error()
		return nil
	}
	g := &captured{replay: r, launches: slices.Clone(s.launches), words: slices.Clone(s.words)}
	if len(s.graphs) == mostGraphs {
		s.graphs[0].drop()
		s.graphs = s.graphs[1:]
	}
	s.graphs = append(s.graphs, g)
	runtime.AddCleanup(s, s.d.forget, r)
	return g
}

// sameLaunch reports whether only arguments of a kernel may differ.
func sameLaunch(a, b launch) bool {
	if a.call.run != nil || b.call.run != nil {
		return a.l == b.l && slices.Equal(a.call.at, b.call.at)
	}
	return a.f == b.f && a.l.Grid == b.l.Grid && a.l.Block == b.l.Block && a.from == b.from && a.to == b.to
}

// forget destroys a graph of a sequence that is gone.
func (d *Device) forget(r *replay) {
	_ = d.do(func() error { r.drop(); return nil })
}

// plan plans an operator for the device.
func (d *Device) plan(o *op.Def, a op.Attrs, out, in []engine.Array) (*source.Plan, error) {
	return d.target().For(o, a, out, in)
}
