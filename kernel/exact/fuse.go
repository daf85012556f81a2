package exact

import (
	"go/token"
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// Joined instructions: what loops and sums are made of runs as one op where Go's form has several.

// joinBinary compiles instruction i of b, x op y, together with the operation that alone uses it and
// that follows at once: z op (x op y) or (x op y) op z.
func (c *compiler) joinBinary(b *ssa.BasicBlock, i int) op {
	inner, ok := b.Instrs[i].(*ssa.BinOp)
	if !ok || i+1 >= len(b.Instrs) || len(*inner.Referrers()) != 1 || !simple(inner.Op) {
		return nil
	}
	outer, ok := b.Instrs[i+1].(*ssa.BinOp)
	if !ok || !simple(outer.Op) || c.done[outer] || (outer.X == ssa.Value(inner)) == (outer.Y == ssa.Value(inner)) {
		return nil
	}
	d, x, y := c.off(outer), c.off(inner.X), c.off(inner.Y)
	left := outer.X == ssa.Value(inner)
	z := c.off(outer.Y)
	if !left {
		z = c.off(outer.X)
	}
	var o op
	switch c.typeOf(inner).Kind() {
	case reflect.Int, reflect.Int64:
		o = joined[int](outer.Op, inner.Op, d, x, y, z, left)
	case reflect.Float64:
		o = joined[float64](outer.Op, inner.Op, d, x, y, z, left)
	case reflect.Float32:
		o = joined[float32](outer.Op, inner.Op, d, x, y, z, left)
	}
	if o != nil {
		c.done[outer] = true
	}
	return o
}

func simple(tok token.Token) bool { return tok == token.ADD || tok == token.SUB || tok == token.MUL }

// joined is d = z outer (x inner y), or with left d = (x inner y) outer z. Products are rounded before
// they are added, as when they are stored.
func joined[T int | float32 | float64](outer, inner token.Token, d, x, y, z uintptr, left bool) op {
	switch {
	case outer == token.ADD && inner == token.MUL:
		return func(fp P) { store(fp, d, load[T](fp, z)+T(load[T](fp, x)*load[T](fp, y))) }
	case outer == token.ADD && inner == token.ADD && left:
		return func(fp P) { store(fp, d, load[T](fp, x)+load[T](fp, y)+load[T](fp, z)) }
	case outer == token.ADD && inner == token.ADD:
		return func(fp P) { store(fp, d, load[T](fp, z)+(load[T](fp, x)+load[T](fp, y))) }
	case outer == token.ADD && inner == token.SUB:
		return func(fp P) { store(fp, d, load[T](fp, z)+(load[T](fp, x)-load[T](fp, y))) }
	case outer == token.SUB && inner == token.MUL && left:
		return func(fp P) { store(fp, d, T(load[T](fp, x)*load[T](fp, y))-load[T](fp, z)) }
	case outer == token.SUB && inner == token.MUL:
		return func(fp P) { store(fp, d, load[T](fp, z)-T(load[T](fp, x)*load[T](fp, y))) }
	case outer == token.SUB && inner == token.ADD && left:
		return func(fp P) { store(fp, d, load[T](fp, x)+load[T](fp, y)-load[T](fp, z)) }
	case outer == token.SUB && inner == token.SUB && left:
		return func(fp P) { store(fp, d, load[T](fp, x)-load[T](fp, y)-load[T](fp, z)) }
	case outer == token.MUL && inner == token.MUL:
		return func(fp P) { store(fp, d, load[T](fp, z)*T(load[T](fp, x)*load[T](fp, y))) }
	case outer == token.MUL && inner == token.ADD:
		return func(fp P) { store(fp, d, load[T](fp, z)*(load[T](fp, x)+load[T](fp, y))) }
	case outer == token.MUL && inner == token.SUB:
		return func(fp P) { store(fp, d, load[T](fp, z)*(load[T](fp, x)-load[T](fp, y))) }
	}
	return nil
}

// joinUpdate compiles v = v op y for a variable of the session: a load, an operation and a store with
// only pure instructions between.
func (c *compiler) joinUpdate(b *ssa.BasicBlock, i int, e *emitter) bool {
	read, ok := b.Instrs[i].(*ssa.UnOp)
	if !ok || read.Op != token.MUL || len(*read.Referrers()) != 1 {
		return false
	}
	g, ok := read.X.(*ssa.Global)
	if !ok {
		return false
	}
	sum, ok := (*read.Referrers())[0].(*ssa.BinOp)
	if !ok || sum.X != ssa.Value(read) || sum.Y == ssa.Value(read) || !simple(sum.Op) ||
		len(*sum.Referrers()) != 1 || c.done[sum] {
		return false
	}
	at := i + 1
	for at < len(b.Instrs) && b.Instrs[at] != ssa.Instruction(sum) {
		if !pure(b.Instrs[at]) {
			return false
		}
		at++
	}
	if at+1 >= len(b.Instrs) {
		return false
	}
	set, ok := b.Instrs[at+1].(*ssa.Store)
	if !ok || set.Addr != ssa.Value(g) || set.Val != ssa.Value(sum) {
		return false
	}
	var o op
	p, y := c.m.global(g), c.off(sum.Y)
	switch c.typeOf(sum).Kind() {
	case reflect.Int, reflect.Int64:
		o = update[int](sum.Op, p, y)
	case reflect.Float64:
		o = update[float64](sum.Op, p, y)
	}
	if o == nil {
		return false
	}
	c.done[sum], c.done[set] = true, true
	for j := i + 1; j < at; j++ {
		if in := b.Instrs[j]; !c.done[in] {
			c.done[in] = true
			c.joinOrEmit(b, j, e)
		}
	}
	e.add(o, sum.Pos())
	return true
}

func (c *compiler) joinOrEmit(b *ssa.BasicBlock, i int, e *emitter) {
	if o := c.joinBinary(b, i); o != nil {
		e.add(o, b.Instrs[i].Pos())
		return
	}
	if _, ok := b.Instrs[i].(*ssa.DebugRef); !ok {
		e.add(c.op(b.Instrs[i]), placeOf(b.Instrs[i]))
	}
}

func update[T int | float64](tok token.Token, p P, y uintptr) op {
	v := (*T)(p)
	switch tok {
	case token.ADD:
		return func(fp P) { *v += load[T](fp, y) }
	case token.SUB:
		return func(fp P) { *v -= load[T](fp, y) }
	}
	return func(fp P) { *v *= load[T](fp, y) }
}

// loopTest is what a loop does between two iterations, when that is no more than to add to a counter
// and to compare it.
type loopTest struct {
	d, x, by uintptr // counter d = x + by; by is 0 when there is no counter
	tok      token.Token
	a, b     uintptr
	yes, no  *block
}

// testOf returns the test that a block consists of, or nil. Its code runs instead of the block where
// control jumps back to it.
func (c *compiler) testOf(b *ssa.BasicBlock) *loopTest {
	last, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	var code []ssa.Instruction
	for _, in := range b.Instrs[:len(b.Instrs)-1] {
		switch in.(type) {
		case *ssa.Phi, *ssa.DebugRef:
		default:
			code = append(code, in)
		}
	}
	if len(code) == 0 || len(code) > 2 {
		return nil
	}
	cmp, ok := code[len(code)-1].(*ssa.BinOp)
	if !ok || !c.decides(b, len(b.Instrs)-2, cmp) || last.Cond != ssa.Value(cmp) || !c.isInt(cmp.X) {
		return nil
	}
	t := &loopTest{tok: cmp.Op, a: c.off(cmp.X), b: c.off(cmp.Y)}
	if len(code) == 2 && !c.counts(code[0], t) {
		return nil
	}
	return t
}

func (c *compiler) isInt(v ssa.Value) bool {
	k := c.typeOf(v).Kind()
	return k == reflect.Int || k == reflect.Int64
}

// counts reports whether in adds to a counter, and notes it in t.
func (c *compiler) counts(in ssa.Instruction, t *loopTest) bool {
	add, ok := in.(*ssa.BinOp)
	if !ok || add.Op != token.ADD || !c.isInt(add) {
		return false
	}
	t.d, t.x, t.by = c.off(add), c.off(add.X), c.off(add.Y)
	return true
}

// loopEnd returns the end of a block that jumps back to a test: it does what the test does. tail is
// an addition that the block ends with, or nil.
func (c *compiler) loopEnd(b, to *ssa.BasicBlock, moves []op) (end func(fp P) *block, joinedTail ssa.Instruction) {
	t := c.testOf(to)
	if t == nil || len(moves) > 1 {
		return nil, nil
	}
	t.yes, t.no = c.target(to, to.Succs[0], false), c.target(to, to.Succs[1], true)
	if t.by == 0 && len(moves) == 0 && len(b.Instrs) >= 2 {
		if in := b.Instrs[len(b.Instrs)-2]; !c.done[in] && c.counts(in, t) {
			joinedTail = in
		}
	}
	var first op
	if len(moves) == 1 {
		first = moves[0]
	}
	return t.end(c.m, first), joinedTail
}

func (t loopTest) end(m *machine, first op) func(fp P) *block {
	d, x, by, a, b, yes, no := t.d, t.x, t.by, t.a, t.b, t.yes, t.no
	if t.tok == token.LSS && by != 0 && first == nil && a == d {
		return func(fp P) *block {
			if m.stopping.Load() {
				poll((*frame)(fp).g.in)
			}
			i := load[int](fp, x) + load[int](fp, by)
			store(fp, d, i)
			if i < load[int](fp, b) {
				return yes
			}
			return no
		}
	}
	tok := t.tok
	return func(fp P) *block {
		if m.stopping.Load() {
			poll((*frame)(fp).g.in)
		}
		if first != nil {
			first(fp)
		}
		if by != 0 {
			store(fp, d, load[int](fp, x)+load[int](fp, by))
		}
		i, j := load[int](fp, a), load[int](fp, b)
		holds := false
		switch tok {
		case token.LSS:
			holds = i < j
		case token.LEQ:
			holds = i <= j
		case token.GTR:
			holds = i > j
		case token.GEQ:
			holds = i >= j
		case token.EQL:
			holds = i == j
		case token.NEQ:
			holds = i != j
		}
		if holds {
			return yes
		}
		return no
	}
}
