package exec

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// A section is a range of steps that threads do side by side, each its part of all of them, without waiting for the
// others in between: small steps take less time than threads need to find to each other, and what one thread writes
// another one reads at a tenth of the speed. So a part of a matrix stays with the thread that wrote it as far as it
// goes: the columns of a layer's result, the rows of its weight, of its gradient and so on, in the next section, too.
// Steps that cannot be divided and do not depend on others in the section are done by the first part.
type section struct {
	n     int   // extent of the axes that are divided
	cuts  []cut // of each step; n = 0: it is not divided
	gains float64
	used  map[int]usage // of each storage
	heavy bool          // has a product
	loads [2]float64    // ns of the steps that are not divided, of the first parts
}

// usage is what the steps of a section do with a storage.
type usage struct {
	known   bool
	written bool
	cut     bool // all of them divide it as home says
	single  bool // all of them are not divided
	home    home
	part    int // that does the steps that are not divided
}

// Bounds of what is worth a section.
const (
	leastCut   = 16     // extent of an axis that is divided, of the first one 2
	leastPart  = 8      // of a part of so long an axis
	threadGain = 1500.0 // ns that a section costs
	loneGain   = 20e3   // ns for a single step, which its kernel divides as well
	mostWork   = 200e3  // ns: kernels divide the longer ones better
	singleWork = 1500.0 // ns of a step that is not divided
	breakBytes = 1600   // that might be exchanged instead of beginning another section
)

// sections finds sections among the steps. Storage of the arena that a section uses is in use in all of it.
func (pl *planner) sections() {
	homes := map[int]home{}
	var now *section
	from := 0
	end := func(i int) {
		if now != nil && now.pays() {
			pl.p.groups = append(pl.p.groups, span{from: from, to: i, cuts: now.cuts, n: now.n})
			pl.stretch(from, i)
		}
		now = nil
	}
	defer pl.turn()
	for i := range pl.p.steps {
		s := &pl.p.steps[i]
		work, heavy := pl.work(s)
		best, fits := pl.choose(s, homes, now)
		if work > mostWork {
			best, fits = cut{}, false
		}
		if !fits && work <= singleWork && now != nil && now.add(s, cut{}, work, false) {
			continue
		}
		if best.n == 0 {
			end(i)
			for _, y := range s.out {
				delete(homes, y.storage)
			}
			continue
		}
		if !fits {
			end(i)
			now, from = &section{n: best.n, used: map[int]usage{}}, i
		}
		now.add(s, best, 0, false)
		now.gains += work / 2
		now.heavy = now.heavy || heavy
		settle(homes, s, best)
	}
	end(len(pl.p.steps))
}

// pays reports whether the threads gain more than they cost.
func (n *section) pays() bool {
	divided := 0
	for _, c := range n.cuts {
		if c.n > 0 {
			divided++
		}
	}
	return n.heavy && (n.gains > loneGain || divided > 1 && n.gains > threadGain)
}

// settle enters where the parts of what s reads and writes are now.
func settle(homes map[int]home, s *step, c cut) {
	for k, x := range s.in {
		if c.in[k] == whole {
			continue
		}
		if h, ok := homeOf(x.arr, c.in[k]); ok {
			homes[x.storage] = h
		}
	}
	for k, y := range s.out {
		homes[y.storage], _ = homeOf(y.arr, c.out[k])
	}
}

// choose returns the way to divide s that exchanges the fewest bytes between threads, and whether it fits into the
// section; n = 0: there is none.
func (pl *planner) choose(s *step, homes map[int]home, now *section) (best cut, fits bool) {
	least := 0
	alone := section{}
	for _, c := range pl.cuts(s) {
		if !alone.add(s, c, 0, true) { // it writes over parts of others
			continue
		}
		cost := 0
		count := func(places []place, axes []int) {
			for k, x := range places {
				bytes := x.arr.Shape.Numel() * x.arr.DType.Size()
				if axes[k] == whole && !pl.written(x.storage) { // soon all threads have it
					cost += bytes / 8
				} else if axes[k] == whole {
					cost += bytes
				} else if h, ok := homes[x.storage]; ok {
					if own, _ := homeOf(x.arr, axes[k]); own != h {
						cost += bytes
					}
				}
			}
		}
		count(s.in, c.in)
		count(s.out, c.out)
		in := now != nil && now.n == c.n && now.add(s, c, 0, true)
		if !in {
			cost += breakBytes
		}
		if best.n == 0 || cost < least {
			best, fits, least = c, in, cost
		}
	}
	return best, fits
}

// written reports whether a step writes s.
func (pl *planner) written(s int) bool { return pl.p.storages[s].kind != bound || pl.changes(s) }

// add adds a step that is divided as c says, or, for n = 0, is not; it reports whether parts do not disturb each
// other then, and does nothing where they do, or with try. ns is the time of a step that is not divided.
func (n *section) add(s *step, c cut, ns float64, try bool) bool {
	a := addition{section: n, cut: c, changed: map[int]usage{}, part: whole}
	for k, x := range s.in {
		if !a.use(x, c.axis(c.in, k), false) {
			return false
		}
	}
	for k, y := range s.out {
		if !a.use(y, c.axis(c.out, k), true) {
			return false
		}
	}
	if try {
		return true
	}
	if c.n == 0 {
		if a.part == whole {
			a.part = 0
			if n.loads[1] < n.loads[0] {
				a.part = 1
			}
		}
		n.loads[a.part] += ns
	}
	for k, u := range a.changed {
		if u.single {
			u.part = a.part
		}
		n.used[k] = u
	}
	c.part = a.part
	n.cuts = append(n.cuts, c)
	return true
}

// axis returns the axis of operand or result k.
func (c *cut) axis(axes []int, k int) int {
	if c.n == 0 {
		return whole
	}
	return axes[k]
}

// addition is a step that may become part of a section.
type addition struct {
	*section
	cut     cut
	changed map[int]usage
	part    int // that must do the step; whole: any
}

// use enters that the step reads or writes x and reports whether it may.
func (a *addition) use(x place, axis int, write bool) bool {
	u, ok := a.changed[x.storage]
	if !ok {
		u = a.used[x.storage]
	}
	var h home
	divided := false
	if axis != whole {
		h, divided = homeOf(x.arr, axis)
	}
	single := a.cut.n == 0
	if !u.known {
		u = usage{known: true, cut: divided, single: single, home: h, part: whole}
	}
	u.cut = u.cut && divided && u.home == h
	u.single = u.single && single
	u.written = u.written || write
	if u.written && u.single && u.part != whole {
		if a.part != whole && a.part != u.part {
			return false
		}
		a.part = u.part
	}
	a.changed[x.storage] = u
	return !u.written || u.cut || u.single
}

// work estimates the time of s on one thread, in ns, and says whether it is a product.
func (pl *planner) work(s *step) (ns float64, product bool) {
	for _, x := range s.in {
		ns += float64(x.arr.Shape.Numel() * x.arr.DType.Size())
	}
	for _, y := range s.out {
		ns += float64(y.arr.Shape.Numel() * y.arr.DType.Size())
	}
	ns /= 16
	deep := 0 // terms of a sum
	switch s.def {
	case op.Linear, graph.LinearReLU, op.MatMul, graph.ProductStep:
		x := s.in[0].arr.Shape
		if s.def == graph.ProductStep {
			x = s.in[1].arr.Shape
		}
		deep = x[len(x)-1]
	case op.SelfAttention, op.SelfAttentionGrad:
		y := s.out[0].arr.Shape // [b t …]
		heads := pl.g.Nodes[s.node].Attrs.(op.AttentionAttrs).Heads
		return ns + float64(y[0]*(1000*heads+y[1]*y[1]*y[2]/16)), true
	case op.LinearGrad:
		x := s.in[0].arr.Shape
		deep = x[:len(x)-1].Numel()
	case op.CrossEntropy, op.CrossEntropyGrad, graph.LossGrads:
		return ns + 4*float64(s.in[len(s.in)-2].arr.Shape.Numel()), false
	default:
		return ns, false
	}
	return ns + float64(deep*s.out[0].arr.Shape.Numel())/32, true
}

// stretch makes storage of the arena that steps from … to use last through all of them.
func (pl *planner) stretch(from, to int) {
	for i := range pl.p.storages {
		s := &pl.p.storages[i]
		if s.first < 0 || s.last < from || s.first >= to {
			continue
		}
		if s.first >= from {
			s.first = from
		}
		if s.last < to {
			s.last = to - 1
		}
	}
}

// divide returns the calls of each part of a section for so many threads; nil: there is nothing to divide.
func (in *instance) divide(s *span, threads int) [][]call {
	n := min(threads, s.n)
	if s.n >= leastCut {
		n = min(threads, s.n/leastPart)
	}
	if s.cuts == nil || n < 2 {
		return nil
	}
	parts := make([][]call, n)
	for k, c := range s.cuts {
		i := s.from + k
		if c.n == 0 {
			parts[c.part] = append(parts[c.part], in.calls[i])
			continue
		}
		for q := range parts {
			parts[q] = append(parts[q], in.partOf(i, c, q, n))
		}
	}
	return parts
}

// partOf returns part q of so many of call i.
func (in *instance) partOf(i int, c cut, q, parts int) call {
	s := &in.p.steps[i]
	y := call{def: s.def, node: s.node, in: make([]engine.Array, len(s.in)), out: make([]engine.Array, len(s.out))}
	for k, x := range s.in {
		in.place(&y.in[k], part(x, c.in[k], q, parts))
	}
	for k, x := range s.out {
		in.place(&y.out[k], part(x, c.out[k], q, parts))
	}
	return y
}

// turn stores what sections divide by columns by columns, so that the parts of a thread are not between those of
// others: a processor fetches ahead what follows.
func (pl *planner) turn() {
	columns := map[int]int{} // how many
	for _, g := range pl.p.groups {
		for k, c := range g.cuts {
			s := &pl.p.steps[g.from+k]
			for i, y := range s.out {
				if c.n > 0 && pl.p.storages[y.storage].kind == inArena && y.arr.Strides[c.out[i]] == 1 {
					columns[y.storage] = c.n
				}
			}
		}
	}
	each := func(f func(x *place, s *step, write bool)) {
		for i := range pl.p.steps {
			s := &pl.p.steps[i]
			for k := range s.in {
				f(&s.in[k], s, false)
			}
			for k := range s.out {
				f(&s.out[k], s, true)
			}
		}
	}
	each(func(x *place, s *step, write bool) {
		if n, ok := columns[x.storage]; ok && (!turns(x.arr, n) || !strided(s, write)) {
			delete(columns, x.storage)
		}
	})
	each(func(x *place, _ *step, _ bool) {
		if n, ok := columns[x.storage]; ok {
			strides := slices.Clone(x.arr.Strides)
			for k, s := range strides {
				switch {
				case s == 1:
					strides[k] = x.arr.Numel() / n
				case s%n == 0:
					strides[k] = s / n
				}
			}
			x.arr.Strides = strides
		}
	})
}

// turns reports whether a is all of a matrix of n columns, maybe with its axes in another order.
func turns(a engine.Array, n int) bool {
	one, total := 0, 1
	for k, s := range a.Strides {
		switch {
		case s == 1 && a.Shape[k] == n:
			one++
		case s <= 0 || s%n != 0:
			return false
		}
		total += (a.Shape[k] - 1) * s
	}
	return a.Offset == 0 && one == 1 && total == a.Numel() && n > 1 && a.Numel() > n
}

// strided reports whether the kernel of s reads, or writes, matrices by columns as well as others.
func strided(s *step, write bool) bool {
	switch s.def {
	case op.Linear, graph.LinearReLU, op.MatMul:
		return true
	case graph.ProductStep, op.LinearGrad, op.Sum:
		return !write
	}
	return s.def != nil && s.def.Elementwise && s.def != graph.Fused
}
