package exact

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// compiler turns one SSA function into code.
type compiler struct {
	m      *machine
	fn     *ssa.Function
	code   *code
	layout frameLayout
	slots  map[ssa.Value]uintptr // offset of each value
	stack  map[*ssa.Alloc]uintptr
	spare  map[*ssa.Phi]uintptr // of phis that are sources of phis of the same block
	consts []func(template P)
	// constant marks the offsets of slots that never change.
	constant map[uintptr]bool
	done     map[ssa.Instruction]bool // compiled together with another
	blocks   map[*ssa.BasicBlock]*block
}

// frameLayout lays out a frame: slots begin at multiples of 8.
type frameLayout struct {
	types []*native.Type
	offs  []uintptr
	size  uintptr
}

func (l *frameLayout) add(t *native.Type) uintptr {
	off := l.size
	l.types = append(l.types, t)
	l.offs = append(l.offs, off)
	l.size += (max(t.Size, 1) + 7) &^ 7
	return off
}

// codes counts code values, for all machines: pools of frames are shared.
var codes atomic.Int32

// compile compiles a function. It needs m.mu.
func (m *machine) compile(f *Fn) *code {
	c := &compiler{
		m: m, fn: f.ssa, slots: map[ssa.Value]uintptr{}, stack: map[*ssa.Alloc]uintptr{},
		spare: map[*ssa.Phi]uintptr{}, constant: map[uintptr]bool{}, done: map[ssa.Instruction]bool{},
		blocks: map[*ssa.BasicBlock]*block{},
		code:   &code{id: int(codes.Add(1)), fn: f, name: m.display(f.ssa)},
	}
	m.types.locals.enter(f.ssa)
	if fn, t := f.resolve(); fn != nil {
		c.forward(fn, t)
		return c.code
	}
	s := f.ssa
	if len(s.Blocks) == 0 {
		c.missing()
		return c.code
	}
	c.code.wrapper = s.Synthetic != "" && s.Parent() == nil && len(s.TypeArgs()) == 0
	c.layout.add(native.Of(reflect.TypeFor[frame]()))
	c.signature()
	for _, b := range s.Blocks {
		c.assign(b)
	}
	for p := range c.spare {
		c.spare[p] = c.slot(c.typeOf(p))
	}
	c.coalesce()
	c.finishLayout()
	for i, b := range s.Blocks {
		c.blocks[b] = &block{}
		if i == 0 {
			c.code.entry = c.blocks[b]
		}
	}
	if s.Recover != nil && c.blocks[s.Recover] == nil {
		c.blocks[s.Recover] = &block{}
		c.block(s.Recover)
	}
	for _, b := range s.Blocks {
		c.block(b)
	}
	c.code.recover = c.blocks[s.Recover]
	return c.code
}

// signature gives parameters, captured variables and results their slots.
func (c *compiler) signature() {
	for _, p := range c.fn.Params {
		c.value(p)
		c.code.params = append(c.code.params, c.slotOf(c.slots[p], c.typeOf(p)))
	}
	if len(c.fn.FreeVars) > 0 {
		var bound frameLayout
		for _, v := range c.fn.FreeVars {
			c.value(v)
			t := c.typeOf(v)
			c.code.captured = append(c.code.captured, c.slotOf(c.slots[v], t))
			c.code.boundAt = append(c.code.boundAt, bound.add(native.Of(t)))
		}
		c.code.bound = native.NewFrame(bound.types, bound.offs, bound.size)
	}
	for v := range c.fn.Signature.Results().Variables() {
		t := c.m.types.of(v.Type())
		c.code.results = append(c.code.results, c.slotOf(c.slot(t), t))
	}
}

func (c *compiler) slot(t reflect.Type) uintptr { return c.layout.add(native.Of(t)) }

func (c *compiler) slotOf(off uintptr, t reflect.Type) slot {
	return slot{off, moveKindOf(t), native.Of(t)}
}

func (c *compiler) typeOf(v ssa.Value) reflect.Type { return c.m.types.of(v.Type()) }

// off returns the offset of a value in the frame.
func (c *compiler) off(v ssa.Value) uintptr { return c.slots[v] }

// assign gives the values of a block, and what its instructions use, their slots.
func (c *compiler) assign(b *ssa.BasicBlock) {
	for _, in := range b.Instrs {
		if v, ok := in.(ssa.Value); ok {
			c.value(v)
		}
		switch in := in.(type) {
		case *ssa.Alloc:
			if !in.Heap {
				c.stack[in] = c.slot(c.m.types.of(elem(in.Type())))
			}
		case *ssa.Phi:
			for _, e := range in.Edges {
				if q, ok := e.(*ssa.Phi); ok && q.Block() == b && q != in {
					c.spare[q] = 0
				}
			}
		case *ssa.Defer:
			c.code.defers = true
		case *ssa.Call:
			if f, ok := in.Call.Value.(*ssa.Builtin); ok && f.Name() == "ssa:deferstack" {
				c.code.defers = true
			}
		}
		for _, o := range in.Operands(nil) {
			if *o != nil {
				c.value(*o)
			}
		}
	}
}

// elem returns what a pointer type points to.
func elem(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }

// value gives a value its slot. Constants and addresses of functions and variables are put into the
// template of the frame.
func (c *compiler) value(v ssa.Value) {
	if _, ok := c.slots[v]; ok {
		return
	}
	pointer := basicTypes[types.UnsafePointer]
	switch v := v.(type) {
	case *ssa.Builtin:
	case *ssa.Const:
		t := c.typeOf(v)
		off := c.slot(t)
		c.slots[v], c.constant[off] = off, true
		c.consts = append(c.consts, func(template P) { setConst(unsafe.Add(template, off), t, v) })
	case *ssa.Global:
		off := c.slot(pointer)
		c.slots[v], c.constant[off] = off, true
		p := c.m.global(v)
		c.consts = append(c.consts, func(template P) { store(template, off, p) })
	case *ssa.Function:
		off := c.slot(pointer)
		c.slots[v], c.constant[off] = off, true
		p := c.m.funcValue(v)
		c.consts = append(c.consts, func(template P) { store(template, off, p) })
	default:
		c.slots[v] = c.slot(c.typeOf(v))
	}
}

// funcValue returns a function as a value. It keeps its code when the function is defined anew, as
// a variable keeps its value.
func (m *machine) funcValue(s *ssa.Function) P {
	f := m.fn(s)
	if p, _ := f.resolve(); p != nil {
		return p
	}
	sig := s.Signature
	var recv reflect.Type
	if sig.Recv() != nil {
		recv = m.types.of(sig.Recv().Type())
	}
	fixed := &Fn{m: m, ssa: s}
	fixed.code.Store(f.code.Load())
	return P(native.PrototypeOf(m.types.signature(sig, recv)).New(fixed, nil))
}

// coalesce lets a value share the slot of the phi that it goes to, where the phi is not used after
// the value exists.
func (c *compiler) coalesce() {
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			p, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			if _, ok := c.spare[p]; ok {
				continue
			}
			for k, e := range p.Edges {
				x, ok := e.(*ssa.BinOp)
				if ok && len(*x.Referrers()) == 1 && x.Block() == b.Preds[k] && len(x.Block().Succs) == 1 &&
					!usedAfter(p, x) {
					c.slots[x] = c.slots[p]
				}
			}
		}
	}
}

// usedAfter reports whether an instruction after x in its block uses p.
func usedAfter(p ssa.Value, x ssa.Instruction) bool {
	after := false
	for _, in := range x.Block().Instrs {
		if in == x {
			after = true
			continue
		}
		for _, o := range in.Operands(nil) {
			if after && *o == p {
				return true
			}
		}
	}
	return false
}

// finishLayout makes the type of the frame and its template.
func (c *compiler) finishLayout() {
	code := c.code
	code.layout = native.NewFrame(c.layout.types, c.layout.offs, c.layout.size)
	code.template = native.New(code.layout)
	for _, set := range c.consts {
		set(code.template)
	}
	var words []uintptr
	for i, t := range c.layout.types {
		if i > 0 && !c.constant[c.layout.offs[i]] {
			t.EachPointer(c.layout.offs[i], func(off uintptr) { words = append(words, off) })
		}
	}
	if code.clears = len(words) > 12; !code.clears {
		code.wipes = words
	}
}

// setConst writes a constant.
func setConst(p P, t reflect.Type, c *ssa.Const) {
	if c.Value == nil {
		return
	}
	v := reflect.NewAt(t, p).Elem()
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(constant.BoolVal(c.Value))
	case reflect.String:
		if c.Value.Kind() == constant.String {
			v.SetString(constant.StringVal(c.Value))
			return
		}
		i, _ := constant.Int64Val(c.Value)
		v.SetString(string(rune(i)))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(c.Int64())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(c.Uint64())
	case reflect.UnsafePointer:
		*(*uintptr)(p) = uintptr(c.Uint64())
	case reflect.Float32:
		f, _ := constant.Float32Val(constant.ToFloat(c.Value))
		v.SetFloat(float64(f))
	case reflect.Float64:
		v.SetFloat(c.Float64())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(c.Complex128())
	case reflect.Interface:
		reflect.NewAt(t, p).Elem().Set(reflect.ValueOf(constant.Val(c.Value)))
	}
}

// pure reports whether an instruction only computes, so that another may move across it.
func pure(in ssa.Instruction) bool {
	switch in := in.(type) {
	case *ssa.BinOp:
		switch in.Op {
		case token.QUO, token.REM, token.EQL, token.NEQ, token.SHL, token.SHR:
			return false
		}
		return true
	case *ssa.UnOp:
		return in.Op == token.SUB || in.Op == token.NOT || in.Op == token.XOR
	case *ssa.DebugRef:
		return true
	}
	return false
}

// forward makes code that calls a compiled function.
func (c *compiler) forward(fn P, t reflect.Type) {
	c.layout.add(native.Of(reflect.TypeFor[frame]()))
	var in, out []uintptr
	for i := range t.NumIn() {
		off := c.slot(t.In(i))
		in = append(in, off)
		c.code.params = append(c.code.params, c.slotOf(off, t.In(i)))
	}
	for i := range t.NumOut() {
		off := c.slot(t.Out(i))
		out = append(out, off)
		c.code.results = append(c.code.results, c.slotOf(off, t.Out(i)))
	}
	c.finishLayout()
	plan := native.NewPlan(t, false, in, out)
	call := func(fp P) { plan.Call(fn, fp) }
	if !plan.Direct() {
		call = func(fp P) { plan.CallSlow(fn, fp) }
	}
	c.code.wrapper = true
	c.code.entry = &block{code: []op{call}, end: func(P) *block { return nil }}
}

// missing makes code for a function that cells cannot call. The kernel refuses a cell that mentions
// one; compiled generic code that calls another is what may still come here.
func (c *compiler) missing() {
	c.layout.add(native.Of(reflect.TypeFor[frame]()))
	c.signature()
	c.finishLayout()
	name := c.fn.String()
	c.code.entry = &block{end: func(P) *block { panic(missingFunc(name)) }}
}

// missingFunc is the panic of a call of a function without code.
type missingFunc string

// Error makes it an error.
func (f missingFunc) Error() string { return string(f) + " cannot be called from cells" }
