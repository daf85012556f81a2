package exact

import (
	"go/token"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// place is where an op stands in the source.
type place struct {
	pos token.Pos
}

// emitter collects the ops of a block with their places.
type emitter struct {
	code   []op
	places []place
}

func (e *emitter) add(o op, pos token.Pos) {
	e.code = append(e.code, o)
	e.places = append(e.places, place{pos})
}

// block compiles a basic block.
func (c *compiler) block(b *ssa.BasicBlock) {
	nb := c.blocks[b]
	e := &emitter{}
	var endPos token.Pos
	if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Jump); ok {
		nb.end = c.jump(b, b.Succs[0])
	}
	for i, in := range b.Instrs {
		if c.done[in] {
			continue
		}
		switch in := in.(type) {
		case *ssa.Phi, *ssa.DebugRef, *ssa.Jump:
		case *ssa.If:
			nb.end, endPos = c.branch(b, in), in.Cond.Pos()
		case *ssa.Return:
			nb.end = c.returns(in)
		case *ssa.Panic:
			endPos = in.Pos()
			nb.end = c.panics(b, in)
		default:
			if bin, ok := in.(*ssa.BinOp); ok && c.decides(b, i, bin) {
				continue // done by the branch
			}
			c.instruction(b, i, e)
		}
	}
	if nb.end == nil {
		nb.end = func(P) *block { return nil }
	}
	nb.code = e.code
	nb.first = int32(len(c.code.places))
	c.code.places = append(c.code.places, e.places...)
	c.code.places = append(c.code.places, place{endPos})
}

// instruction compiles the i-th instruction of b, joined with the one that uses its address when
// nothing in between matters.
func (c *compiler) instruction(b *ssa.BasicBlock, i int, e *emitter) {
	in := b.Instrs[i]
	switch in.(type) {
	case *ssa.BinOp:
		c.joinOrEmit(b, i, e)
		return
	case *ssa.UnOp:
		if c.joinUpdate(b, i, e) {
			return
		}
	case *ssa.IndexAddr, *ssa.FieldAddr:
		use := c.soleAccess(b, i)
		if use == nil {
			break
		}
		o := c.access(in, use)
		if o == nil {
			break
		}
		c.done[use] = true
		for j := i + 1; b.Instrs[j] != use; j++ { // these are pure, and the access may need them
			if mid := b.Instrs[j]; !c.done[mid] {
				c.done[mid] = true
				if _, ok := mid.(*ssa.DebugRef); !ok {
					e.add(c.op(mid), mid.Pos())
				}
			}
		}
		pos := use.Pos()
		if !pos.IsValid() {
			pos = in.Pos()
		}
		e.add(o, pos)
		return
	}
	e.add(c.op(in), placeOf(in))
}

// placeOf returns the position of an instruction, or of what it works on.
func placeOf(in ssa.Instruction) token.Pos {
	if p := in.Pos(); p.IsValid() {
		return p
	}
	if call, ok := in.(*ssa.Call); ok && len(call.Call.Args) > 0 { // of a range over a function
		if body, ok := call.Call.Args[len(call.Call.Args)-1].(*ssa.MakeClosure); ok {
			return body.Fn.Pos()
		}
	}
	for _, o := range in.Operands(nil) {
		if *o != nil && (*o).Pos().IsValid() {
			if _, ok := (*o).(ssa.Instruction); ok {
				return (*o).Pos()
			}
		}
	}
	return token.NoPos
}

// soleAccess returns the load or store that alone uses the address that instruction i computes, when
// only pure instructions stand between.
func (c *compiler) soleAccess(b *ssa.BasicBlock, i int) ssa.Instruction {
	v := b.Instrs[i].(ssa.Value)
	refs := v.Referrers()
	if refs == nil || len(*refs) != 1 || (*refs)[0].Block() != b {
		return nil
	}
	use := (*refs)[0]
	for j := i + 1; j < len(b.Instrs); j++ {
		if b.Instrs[j] != use {
			if !pure(b.Instrs[j]) {
				return nil
			}
			continue
		}
		if u, ok := use.(*ssa.UnOp); ok && u.Op == token.MUL {
			return use
		}
		if s, ok := use.(*ssa.Store); ok && s.Addr == v && s.Val != v {
			return use
		}
		return nil
	}
	return nil
}

// edge returns the moves that the phis of to need when control comes over its k-th edge.
func (c *compiler) edge(to *ssa.BasicBlock, k int) []op {
	var first, then []op
	for _, in := range to.Instrs {
		p, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		e := p.Edges[k]
		if e == p || c.slots[e] == c.slots[p] {
			continue
		}
		t := c.typeOf(p)
		if spare, ok := c.spare[p]; ok {
			first = append(first, moveOp(spare, c.off(e), t))
			then = append(then, moveOp(c.off(p), spare, t))
		} else { // no other phi reads p
			then = append([]op{moveOp(c.off(p), c.off(e), t)}, then...)
		}
	}
	return append(first, then...)
}

func predecessor(b, of *ssa.BasicBlock, second bool) int {
	k := -1
	for i, p := range of.Preds {
		if p == b && (k < 0 || second) {
			k = i
		}
	}
	return k
}

// jump returns the end of a block with one successor.
func (c *compiler) jump(b, to *ssa.BasicBlock) func(fp P) *block {
	moves := c.edge(to, predecessor(b, to, false))
	t := c.blocks[to]
	if to.Index <= b.Index {
		if end, tail := c.loopEnd(b, to, moves); end != nil {
			if tail != nil {
				c.done[tail] = true
			}
			return end
		}
		return c.m.jumpBack(moves, t)
	}
	return jumpForward(moves, t)
}

// jumpBack closes a loop: it looks whether the run was stopped.
func (m *machine) jumpBack(moves []op, t *block) func(fp P) *block {
	switch len(moves) {
	case 0:
		return func(fp P) *block {
			if m.stopping.Load() {
				poll((*frame)(fp).g.in)
			}
			return t
		}
	case 1:
		a := moves[0]
		return func(fp P) *block {
			if m.stopping.Load() {
				poll((*frame)(fp).g.in)
			}
			a(fp)
			return t
		}
	}
	return func(fp P) *block {
		if m.stopping.Load() {
			poll((*frame)(fp).g.in)
		}
		for _, o := range moves {
			o(fp)
		}
		return t
	}
}

func jumpForward(moves []op, t *block) func(fp P) *block {
	switch len(moves) {
	case 0:
		return func(P) *block { return t }
	case 1:
		a := moves[0]
		return func(fp P) *block { a(fp); return t }
	}
	return func(fp P) *block {
		for _, o := range moves {
			o(fp)
		}
		return t
	}
}

// target returns where a branch from b to its successor s goes: s itself, or a block that does the
// moves of the edge.
func (c *compiler) target(b, s *ssa.BasicBlock, second bool) *block {
	same := b.Succs[0] == b.Succs[1]
	moves := c.edge(s, predecessor(b, s, second && same))
	t := c.blocks[s]
	back := s.Index <= b.Index
	if len(moves) == 0 && !back {
		return t
	}
	n := &block{first: int32(len(c.code.places))}
	c.code.places = append(c.code.places, place{})
	if back {
		n.end = c.m.jumpBack(moves, t)
	} else {
		n.end = jumpForward(moves, t)
	}
	return n
}

// branch returns the end of a block that decides.
func (c *compiler) branch(b *ssa.BasicBlock, in *ssa.If) func(fp P) *block {
	yes := c.target(b, b.Succs[0], false)
	no := c.target(b, b.Succs[1], true)
	if bin, ok := in.Cond.(*ssa.BinOp); ok && c.decides(b, len(b.Instrs)-2, bin) {
		return c.compareBranch(bin, yes, no)
	}
	x := c.off(in.Cond)
	return func(fp P) *block {
		if load[bool](fp, x) {
			return yes
		}
		return no
	}
}

// decides reports whether the comparison that is instruction i of b only serves the branch that
// follows it.
func (c *compiler) decides(b *ssa.BasicBlock, i int, bin *ssa.BinOp) bool {
	last, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	return ok && i == len(b.Instrs)-2 && i >= 0 && b.Instrs[i] == ssa.Instruction(bin) && last.Cond == bin &&
		len(*bin.Referrers()) == 1 && c.compareBranch(bin, nil, nil) != nil
}

func (c *compiler) compareBranch(in *ssa.BinOp, yes, no *block) func(fp P) *block {
	x, y := c.off(in.X), c.off(in.Y)
	switch c.typeOf(in.X).Kind() {
	case reflect.Int, reflect.Int64:
		return branchOn[int](in.Op, x, y, yes, no)
	case reflect.Int32:
		return branchOn[int32](in.Op, x, y, yes, no)
	case reflect.Uint8:
		return branchOn[uint8](in.Op, x, y, yes, no)
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return branchOn[uint](in.Op, x, y, yes, no)
	case reflect.Uint32:
		return branchOn[uint32](in.Op, x, y, yes, no)
	case reflect.Float64:
		return branchOn[float64](in.Op, x, y, yes, no)
	case reflect.String:
		return branchOn[string](in.Op, x, y, yes, no)
	}
	return nil
}

// indexOf returns how to read an integer of any type as an int.
func (c *compiler) indexOf(v ssa.Value) func(fp P) int {
	x := c.off(v)
	switch c.typeOf(v).Kind() {
	case reflect.Int8:
		return func(fp P) int { return int(load[int8](fp, x)) }
	case reflect.Int16:
		return func(fp P) int { return int(load[int16](fp, x)) }
	case reflect.Int32:
		return func(fp P) int { return int(load[int32](fp, x)) }
	case reflect.Uint8:
		return func(fp P) int { return int(load[uint8](fp, x)) }
	case reflect.Uint16:
		return func(fp P) int { return int(load[uint16](fp, x)) }
	case reflect.Uint32:
		return func(fp P) int { return int(load[uint32](fp, x)) }
	}
	return func(fp P) int { return load[int](fp, x) }
}

// at is the value of type t at p.
func at(t reflect.Type, p unsafe.Pointer) reflect.Value { return reflect.NewAt(t, p).Elem() }
