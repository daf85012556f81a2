package exact

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// returns compiles a return: the values go into the result slots.
func (c *compiler) returns(in *ssa.Return) func(fp P) *block {
	var moves []op
	if c.defersInBody() {
		moves = append(moves, runDefers)
	}
	for i, r := range in.Results {
		if load := c.named(r, i); load != nil && len(moves) > 0 {
			moves = append(moves, c.op(load))
		}
		moves = append(moves, moveOp(c.code.results[i].off, c.off(r), c.typeOf(r)))
	}
	switch len(moves) {
	case 0:
		return func(P) *block { return nil }
	case 1:
		m := moves[0]
		return func(fp P) *block { m(fp); return nil }
	}
	return func(fp P) *block {
		for _, m := range moves {
			m(fp)
		}
		return nil
	}
}

// defersInBody reports whether the bodies of ranges over functions may defer, and nothing else: then
// go/ssa leaves out that returns run what was deferred.
func (c *compiler) defersInBody() bool {
	if !c.code.defers || c.fn.Parent() != nil && c.fn.Synthetic != "" {
		return false
	}
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			if _, ok := in.(*ssa.RunDefers); ok {
				return false
			}
		}
	}
	return true
}

// named returns the load of a named result that r is, or nil: deferred functions may change it.
func (c *compiler) named(r ssa.Value, i int) ssa.Instruction {
	result := c.fn.Signature.Results().At(i)
	load, ok := r.(*ssa.UnOp)
	if !ok || load.Op != token.MUL || result.Name() == "" {
		return nil
	}
	if a, ok := load.X.(*ssa.Alloc); !ok || a.Comment != result.Name() || a.Pos() != result.Pos() {
		return nil
	}
	return load
}

// panics compiles a panic.
func (c *compiler) panics(b *ssa.BasicBlock, in *ssa.Panic) func(fp P) *block {
	x := c.off(in.X)
	switch state, text := c.rangeState(b), ssaText(in); {
	case text == "yield function called after range loop exit" && state != nil:
		at := c.off(state)
		return func(fp P) *block {
			switch n := *load[*int](fp, at); {
			case n == rangeBusy:
				panic(rangeError("range function continued iteration after loop body panic"))
			case n == rangeDone:
				panic(rangeError("range function continued iteration after whole loop exit"))
			}
			panic(rangeError("range function continued iteration after function for loop body returned false"))
		}
	case text == "iterator call did not preserve panic":
		return func(P) *block {
			panic(rangeError("range function recovered a loop body panic and did not resume panicking"))
		}
	}
	return func(fp P) *block { panic(goPanic(load[any](fp, x))) }
}

// The states of a range over a function that go/ssa keeps.
const (
	rangeBusy = -1
	rangeDone = -2
)

// rangeState is the address of the state that the branch before b looks at.
func (c *compiler) rangeState(b *ssa.BasicBlock) ssa.Value {
	if len(b.Preds) != 1 {
		return nil
	}
	before := b.Preds[0]
	branch, ok := before.Instrs[len(before.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	compare, ok := branch.Cond.(*ssa.BinOp)
	if !ok {
		return nil
	}
	if state, ok := compare.X.(*ssa.UnOp); ok && state.Op == token.MUL {
		return state.X
	}
	return nil
}

// ssaText is the text of a panic that go/ssa added, or "".
func ssaText(in *ssa.Panic) string {
	v, ok := in.X.(*ssa.MakeInterface)
	if !ok || in.Pos().IsValid() {
		return ""
	}
	text, ok := v.X.(*ssa.Const)
	if !ok || text.Value == nil || text.Value.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(text.Value)
}

// rangeError is the panic of a function that ranges against the rules.
type rangeError string

// Error makes it an error.
func (e rangeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError makes it a runtime.Error.
func (rangeError) RuntimeError() {}

// nilCheck reports whether an assertion only tests that the interface of a method value is not nil.
func nilCheck(in *ssa.TypeAssert) bool {
	if in.CommaOk || len(*in.Referrers()) > 0 || !types.Identical(in.X.Type(), in.AssertedType) {
		return false
	}
	if !in.Pos().IsValid() {
		return true
	}
	list := in.Block().Instrs
	for i, other := range list[:len(list)-1] {
		if other == ssa.Instruction(in) {
			c, ok := list[i+1].(*ssa.MakeClosure)
			return ok && c.Pos() == in.Pos()
		}
	}
	return false
}
