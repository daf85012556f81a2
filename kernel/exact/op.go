package exact

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// op compiles an instruction that is neither a phi nor the end of a block.
func (c *compiler) op(in ssa.Instruction) op {
	switch in := in.(type) {
	case *ssa.BinOp:
		return c.binary(in)
	case *ssa.UnOp:
		switch in.Op {
		case token.MUL:
			return c.deref(in)
		case token.ARROW:
			return c.receive(in)
		}
		return c.unary(in)
	case *ssa.Convert:
		return c.convert(in, in.X)
	case *ssa.MultiConvert:
		return c.convert(in, in.X)
	case *ssa.ChangeType:
		return moveOp(c.off(in), c.off(in.X), c.typeOf(in))
	case *ssa.SliceToArrayPointer:
		return c.arrayPointer(in)
	case *ssa.Alloc:
		return c.alloc(in)
	case *ssa.Store:
		return c.store(in)
	case *ssa.FieldAddr, *ssa.IndexAddr:
		address, d := c.address(in), c.off(in.(ssa.Value))
		return func(fp P) { store(fp, d, address(fp)) }
	case *ssa.Field:
		return moveOp(c.off(in), c.off(in.X)+c.fieldOff(in.X.Type(), in.Field), c.typeOf(in))
	case *ssa.Extract:
		return moveOp(c.off(in), c.off(in.Tuple)+c.typeOf(in.Tuple).Field(in.Index).Offset, c.typeOf(in))
	case *ssa.Index:
		return c.index(in)
	case *ssa.Slice:
		return c.slice(in)
	case *ssa.MakeClosure:
		return c.closure(in)
	case *ssa.MakeInterface:
		return c.makeInterface(in)
	case *ssa.ChangeInterface:
		return c.changeInterface(in)
	case *ssa.TypeAssert:
		return c.assert(in)
	}
	return c.collectionOp(in)
}

func (c *compiler) collectionOp(in ssa.Instruction) op {
	switch in := in.(type) {
	case *ssa.Lookup:
		return c.lookup(in)
	case *ssa.MapUpdate:
		return c.mapUpdate(in)
	case *ssa.MakeMap:
		return c.makeMap(in)
	case *ssa.MakeChan:
		return c.makeChan(in)
	case *ssa.MakeSlice:
		return c.makeSlice(in)
	case *ssa.Range:
		return c.rangeOver(in)
	case *ssa.Next:
		return c.next(in)
	case *ssa.Send:
		return c.send(in)
	case *ssa.Select:
		return c.choose(in)
	case *ssa.RunDefers:
		return runDefers
	case *ssa.Call:
		return c.call(in)
	case *ssa.Go:
		return c.goStatement(in)
	case *ssa.Defer:
		return c.deferStatement(in)
	}
	panic(fmt.Errorf("exact: no code for %T %s", in, in))
}

// deref compiles *x.
func (c *compiler) deref(in *ssa.UnOp) op {
	d, x := c.off(in), c.off(in.X)
	t := c.typeOf(in)
	k, r := moveKindOf(t), native.Of(t)
	if t.Kind() == reflect.Array && len(*in.Referrers()) == 0 && !called(in.X) {
		return func(P) {} // for range *p and len(*p) do not look at the array
	}
	if g, ok := in.X.(*ssa.Global); ok {
		p := c.m.global(g)
		switch k {
		case move8:
			return func(fp P) { store(fp, d, *(*uint64)(p)) }
		case movePointer:
			return func(fp P) { store(fp, d, *(*P)(p)) }
		}
		return func(fp P) { k.copy(r, unsafe.Add(fp, d), p) }
	}
	switch k {
	case move1:
		return func(fp P) { store(fp, d, *load[*uint8](fp, x)) }
	case move2:
		return func(fp P) { store(fp, d, *load[*uint16](fp, x)) }
	case move4:
		return func(fp P) { store(fp, d, *load[*uint32](fp, x)) }
	case move8:
		return func(fp P) { store(fp, d, *load[*uint64](fp, x)) }
	case movePointer:
		return func(fp P) { store(fp, d, *load[*P](fp, x)) }
	case moveString:
		return func(fp P) { store(fp, d, *load[*string](fp, x)) }
	case moveSlice:
		return func(fp P) { store(fp, d, *load[*[]byte](fp, x)) }
	}
	return func(fp P) { k.copy(r, unsafe.Add(fp, d), load[P](fp, x)) }
}

func called(v ssa.Value) bool {
	_, ok := v.(*ssa.Call)
	return ok
}

// blankField reports whether an address is that of a field without a name, which keeps its zero.
func blankField(v ssa.Value) bool {
	f, ok := v.(*ssa.FieldAddr)
	return ok && elem(f.X.Type()).Underlying().(*types.Struct).Field(f.Field).Name() == "_"
}

// store compiles *x = v.
func (c *compiler) store(in *ssa.Store) op {
	x, v := c.off(in.Addr), c.off(in.Val)
	t := c.typeOf(in.Val)
	if blankField(in.Addr) {
		return func(P) {}
	}
	k, r := moveKindOf(t), native.Of(t)
	if g, ok := in.Addr.(*ssa.Global); ok {
		p := c.m.global(g)
		switch k {
		case move8:
			return func(fp P) { *(*uint64)(p) = load[uint64](fp, v) }
		case movePointer:
			return func(fp P) { *(*P)(p) = load[P](fp, v) }
		}
		return func(fp P) { k.copy(r, p, unsafe.Add(fp, v)) }
	}
	switch k {
	case move1:
		return func(fp P) { *load[*uint8](fp, x) = load[uint8](fp, v) }
	case move4:
		return func(fp P) { *load[*uint32](fp, x) = load[uint32](fp, v) }
	case move8:
		return func(fp P) { *load[*uint64](fp, x) = load[uint64](fp, v) }
	case movePointer:
		return func(fp P) { *load[*P](fp, x) = load[P](fp, v) }
	}
	return func(fp P) { k.copy(r, load[P](fp, x), unsafe.Add(fp, v)) }
}

// alloc compiles a new variable: on the heap, or a slot of the frame that is cleared.
func (c *compiler) alloc(in *ssa.Alloc) op {
	d := c.off(in)
	r := native.Of(c.m.types.of(elem(in.Type())))
	if off, ok := c.stack[in]; ok {
		return func(fp P) {
			p := unsafe.Add(fp, off)
			native.Clear(r, p)
			store(fp, d, p)
		}
	}
	return func(fp P) { store(fp, d, native.New(r)) }
}

// closure compiles a function literal with what it captures.
func (c *compiler) closure(in *ssa.MakeClosure) op {
	f := c.m.fn(in.Fn.(*ssa.Function))
	proto := native.PrototypeOf(c.typeOf(in))
	var bound frameLayout
	var from []slot
	var to []uintptr
	for _, b := range in.Bindings {
		t := c.typeOf(b)
		from = append(from, c.slotOf(c.off(b), t))
		to = append(to, bound.add(native.Of(t)))
	}
	layout := native.NewFrame(bound.types, bound.offs, bound.size)
	d := c.off(in)
	return func(fp P) {
		b := native.New(layout)
		for i := range from {
			s := &from[i]
			s.kind.copy(s.typ, unsafe.Add(b, to[i]), unsafe.Add(fp, s.off))
		}
		store(fp, d, P(proto.New(f, b)))
	}
}

// makeInterface compiles the conversion of a value to an interface.
func (c *compiler) makeInterface(in *ssa.MakeInterface) op {
	d, x := c.off(in), c.off(in.X)
	t, it := c.typeOf(in.X), c.typeOf(in)
	if o := c.standardInput(in, it); o != nil {
		return o
	}
	r, k := native.Of(t), moveKindOf(t)
	head := func() P { return P(r) }
	if it.NumMethod() > 0 {
		inter := native.Of(it)
		head = func() P { return P(native.Table(inter, r)) }
		if tab, ok := native.KnownTable(inter, r); ok {
			head = func() P { return P(tab) }
		}
	}
	if r.Direct() {
		return func(fp P) {
			h := head()
			store(fp, d+8, load[P](fp, x))
			store(fp, d, h)
		}
	}
	return func(fp P) {
		h, p := head(), native.New(r)
		k.copy(r, p, unsafe.Add(fp, x))
		store(fp, d+8, p)
		store(fp, d, h)
	}
}

func (c *compiler) changeInterface(in *ssa.ChangeInterface) op {
	d, x := c.off(in), c.off(in.X)
	from, to := c.typeOf(in.X).NumMethod() == 0, native.Of(c.typeOf(in))
	empty := c.typeOf(in).NumMethod() == 0
	m := c.m
	return func(fp P) {
		t, data := native.Dynamic(unsafe.Add(fp, x), from)
		m.setInterface(unsafe.Add(fp, d), to, empty, t, data)
	}
}

// setInterface writes an interface of type to with a value of dynamic type t. It reports false when
// t does not implement it.
func (m *machine) setInterface(d P, to *native.Type, empty bool, t *native.Type, data P) bool {
	switch {
	case t == nil:
		*(*native.Eface)(d) = native.Eface{}
		return true
	case empty:
		*(*native.Eface)(d) = native.Eface{Type: t, Data: data}
		return true
	}
	tab := native.Table(to, t)
	if tab == nil {
		if newer, ok := m.newer.Load(t); ok { // declared anew, with more methods
			return m.setInterface(d, to, empty, newer.(*native.Type), data)
		}
		return false
	}
	*(*native.Iface)(d) = native.Iface{Tab: tab, Data: data}
	return true
}

// assert compiles x.(T).
func (c *compiler) assert(in *ssa.TypeAssert) op {
	t := c.m.types.of(in.AssertedType)
	d, x, ok := c.off(in), c.off(in.X), uintptr(0)
	if in.CommaOk {
		ok = c.off(in) + c.typeOf(in).Field(1).Offset
	}
	from, to := c.typeOf(in.X), native.Of(t)
	empty := from.NumMethod() == 0
	m := c.m
	if nilCheck(in) {
		return func(fp P) {
			if dyn, _ := native.Dynamic(unsafe.Add(fp, x), empty); dyn == nil {
				nilPanic()
			}
		}
	}
	if _, isInterface := in.AssertedType.Underlying().(*types.Interface); isInterface {
		return func(fp P) {
			dyn, data := native.Dynamic(unsafe.Add(fp, x), empty)
			holds := dyn != nil && m.setInterface(unsafe.Add(fp, d), to, t.NumMethod() == 0, dyn, data)
			if !holds {
				if ok == 0 {
					native.AssertPanic(nil, dyn, to)
				}
				*(*native.Eface)(unsafe.Add(fp, d)) = native.Eface{}
			}
			if ok != 0 {
				store(fp, ok, holds)
			}
		}
	}
	k, direct := moveKindOf(t), to.Direct()
	return func(fp P) {
		dyn, data := native.Dynamic(unsafe.Add(fp, x), empty)
		holds := dyn == to || dyn != nil && m.replaced(dyn, to)
		switch {
		case holds && direct:
			store(fp, d, data)
		case holds:
			k.copy(to, unsafe.Add(fp, d), data)
		case ok == 0:
			native.AssertPanic(native.Of(from), dyn, to)
		default:
			native.Clear(to, unsafe.Add(fp, d))
		}
		if ok != 0 {
			store(fp, ok, holds)
		}
	}
}
