package exact

import (
	"go/types"
	"reflect"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// asBefore returns the runtime's type that t had before it was declared anew, when only the bodies
// of its methods can have changed: values of it that exist keep their type. The methods of the
// runtime's type then run the new code.
func (tt *typeTable) asBefore(t *types.Named) (reflect.Type, bool) {
	if t.TypeParams().Len() > 0 || t.TypeArgs().Len() > 0 || !tt.unchanged(t.Obj()) {
		return nil, false
	}
	before := tt.kept[t.Obj()].Type()
	r := tt.of(before)
	ptrBefore, ptr := types.NewPointer(before), types.NewPointer(t)
	tt.known.Set(t, r)
	tt.known.Set(ptr, tt.of(ptrBefore))
	tt.fixups = append(tt.fixups, func() {
		tt.rebind(native.Of(r), before, t)
		tt.rebind(native.Of(tt.of(ptrBefore)), ptrBefore, ptr)
	})
	return r, true
}

// unchanged reports whether a type that was declared anew has the methods and the parts that it had:
// a type with a part that got a method is another one, because reflection sees the method.
func (tt *typeTable) unchanged(now *types.TypeName) bool {
	if same, ok := tt.same[now]; ok {
		return same
	}
	c := renewal{tt, map[*types.TypeName]bool{}}
	same := c.declared(now)
	for o := range c.visited { // who is the same only because the others are is known when all are
		if same {
			tt.same[o] = true
		}
	}
	tt.same[now] = same
	return same
}

// renewal compares types as they are with what they were. Those that are being compared count as the same.
type renewal struct {
	tt      *typeTable
	visited map[*types.TypeName]bool
}

func (c renewal) declared(now *types.TypeName) bool {
	if same, ok := c.tt.same[now]; ok {
		return same
	}
	if c.visited[now] {
		return true
	}
	old := c.tt.kept[now]
	if old == nil {
		return false
	}
	before, ok := old.Type().(*types.Named)
	t, isNamed := now.Type().(*types.Named)
	if !ok || !isNamed {
		return false
	}
	c.visited[now] = true
	return c.methods(before, t) && c.methods(types.NewPointer(before), types.NewPointer(t)) &&
		c.parts(before.Underlying(), t.Underlying())
}

// alike reports whether b is written as a was, of types that have the representation that they had.
func alike(a, b types.Type) bool {
	return a != nil && types.TypeString(a, nil) == types.TypeString(b, nil)
}

// methods reports whether two types have the same methods.
func (c renewal) methods(a, b types.Type) bool {
	x, _ := methodList(a)
	y, _ := methodList(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].Obj().Name() != y[i].Obj().Name() || !c.parts(x[i].Type(), y[i].Type()) {
			return false
		}
	}
	return true
}

// parts reports whether b is what a was.
func (c renewal) parts(a, b types.Type) bool {
	a, b = types.Unalias(a), types.Unalias(b)
	if types.Identical(a, b) {
		return true
	}
	switch b := b.(type) {
	case *types.Named:
		a, ok := a.(*types.Named)
		if !ok || a.TypeArgs().Len() != b.TypeArgs().Len() {
			return false
		}
		for i := range b.TypeArgs().Len() {
			if !c.parts(a.TypeArgs().At(i), b.TypeArgs().At(i)) {
				return false
			}
		}
		x, y := a.Origin().Obj(), b.Origin().Obj()
		return x == y || c.tt.kept[y] == x && (b.TypeArgs().Len() > 0 || c.declared(y))
	case *types.Map:
		a, ok := a.(*types.Map)
		return ok && c.parts(a.Key(), b.Key()) && c.parts(a.Elem(), b.Elem())
	case *types.Array:
		a, ok := a.(*types.Array)
		return ok && a.Len() == b.Len() && c.parts(a.Elem(), b.Elem())
	case *types.Chan:
		a, ok := a.(*types.Chan)
		return ok && a.Dir() == b.Dir() && c.parts(a.Elem(), b.Elem())
	case *types.Pointer:
		a, ok := a.(*types.Pointer)
		return ok && c.parts(a.Elem(), b.Elem())
	case *types.Slice:
		a, ok := a.(*types.Slice)
		return ok && c.parts(a.Elem(), b.Elem())
	case *types.Signature:
		a, ok := a.(*types.Signature)
		return ok && a.Variadic() == b.Variadic() && c.tuples(a.Params(), b.Params()) && c.tuples(a.Results(), b.Results())
	case *types.Struct:
		a, ok := a.(*types.Struct)
		return ok && c.fields(a, b)
	case *types.Interface:
		a, ok := a.(*types.Interface)
		return ok && c.signatures(a, b)
	}
	return false
}

func (c renewal) tuples(a, b *types.Tuple) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !c.parts(a.At(i).Type(), b.At(i).Type()) {
			return false
		}
	}
	return true
}

func (c renewal) fields(a, b *types.Struct) bool {
	if a.NumFields() != b.NumFields() {
		return false
	}
	for i := range a.NumFields() {
		x, y := a.Field(i), b.Field(i)
		if x.Name() != y.Name() || x.Embedded() != y.Embedded() || a.Tag(i) != b.Tag(i) || !c.parts(x.Type(), y.Type()) {
			return false
		}
	}
	return true
}

func (c renewal) signatures(a, b *types.Interface) bool {
	if a.NumMethods() != b.NumMethods() {
		return false
	}
	for i := range a.NumMethods() {
		x, y := a.Method(i), b.Method(i)
		if x.Name() != y.Name() || !c.parts(x.Type(), y.Type()) {
			return false
		}
	}
	return true
}

// upgrade makes values of a type as it was before count as values of the type as it is now.
func (m *machine) upgrade(now *types.TypeName) {
	before := m.types.kept[now]
	t, ok := now.Type().(*types.Named)
	if before == nil || !ok || t.TypeParams().Len() > 0 {
		return
	}
	link := func(a, b types.Type) {
		x, y := native.Of(m.types.of(a)), native.Of(m.types.of(b))
		if x != y && x.Size == y.Size {
			m.newer.Store(x, y)
			m.renewed.Store(true)
			m.types.rebind(x, a, b)
		}
	}
	link(before.Type(), t)
	link(types.NewPointer(before.Type()), types.NewPointer(t))
}

// replaced reports whether values of type old are values of type t, which replaced it or is made in the
// same way of types that replaced others.
func (m *machine) replaced(old, t *native.Type) bool {
	return m.renewed.Load() && m.follows(old.Reflect(), t.Reflect())
}

func (m *machine) follows(old, t reflect.Type) bool {
	if old == t {
		return true
	}
	if old.Kind() != t.Kind() {
		return false
	}
	for was := native.Of(old); ; {
		n, ok := m.newer.Load(was)
		if !ok {
			break
		}
		if was = n.(*native.Type); was == native.Of(t) {
			return true
		}
	}
	if old.Name() != "" || t.Name() != "" {
		return false
	}
	switch old.Kind() {
	case reflect.Slice, reflect.Pointer:
		return m.follows(old.Elem(), t.Elem())
	case reflect.Array:
		return old.Len() == t.Len() && m.follows(old.Elem(), t.Elem())
	case reflect.Chan:
		return old.ChanDir() == t.ChanDir() && m.follows(old.Elem(), t.Elem())
	case reflect.Map:
		return m.follows(old.Key(), t.Key()) && m.follows(old.Elem(), t.Elem())
	case reflect.Func:
		return old.IsVariadic() == t.IsVariadic() && m.allFollow(old.NumIn(), t.NumIn(), old.In, t.In) &&
			m.allFollow(old.NumOut(), t.NumOut(), old.Out, t.Out)
	case reflect.Struct:
		return m.fieldsFollow(old, t)
	}
	return false
}

func (m *machine) allFollow(n, k int, old, now func(int) reflect.Type) bool {
	if n != k {
		return false
	}
	for i := range n {
		if !m.follows(old(i), now(i)) {
			return false
		}
	}
	return true
}

func (m *machine) fieldsFollow(old, t reflect.Type) bool {
	if old.NumField() != t.NumField() {
		return false
	}
	for i := range old.NumField() {
		a, b := old.Field(i), t.Field(i)
		if a.Name != b.Name || a.Tag != b.Tag || a.Anonymous != b.Anonymous || !m.follows(a.Type, b.Type) {
			return false
		}
	}
	return true
}
