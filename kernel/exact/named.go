package exact

import (
	"go/types"
	"reflect"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// entry is a method of a type that was built.
type entry struct {
	fn     *Fn
	direct bool // the receiver is the data word itself
}

// named returns the runtime's type of a named type: the compiled one, or one that is built.
func (tt *typeTable) named(t *types.Named) reflect.Type {
	if t.Obj().Pkg() == nil {
		if t.Obj().Name() == "error" {
			return reflect.TypeFor[error]()
		}
		return basicTypes[types.UnsafePointer]
	}
	if r, ok := tt.compiledType(t); ok {
		return r
	}
	if r, ok := tt.asBefore(t); ok {
		return r
	}
	if t.TypeArgs().Len() > 0 && !tt.m.ofSession(t.Obj().Pkg()) {
		tt.search(t.Obj().Pkg()) // compiled code may have the same instance
		if r := tt.known.At(t); r != nil {
			return r.(reflect.Type)
		}
	}
	name, pkg := tt.typeName(t), t.Obj().Pkg().Path()
	under := t.Underlying()
	kind := kindOf(under)
	methods, _ := methodList(t)
	if kind == reflect.Interface || kind == reflect.Pointer {
		methods = nil
	}
	params := 0
	if sig, ok := under.(*types.Signature); ok {
		params = sig.Params().Len() + sig.Results().Len()
	}
	b := native.Blank(kind, len(methods), params)
	shell := shells[kind]
	if shell == nil {
		shell = tt.of(under)
	}
	native.Fill(b, native.Of(shell), name, pkg)
	r := b.Reflect()
	tt.known.Set(t, r)
	tt.incomplete[t] = kind == reflect.Struct || kind == reflect.Array
	if kind != reflect.Interface && kind != reflect.Pointer {
		tt.pointerTo(types.NewPointer(t), r)
	}
	ur := tt.of(under)
	delete(tt.incomplete, t)
	if kind == reflect.Map { // it may have been blank so far
		tt.fixups = append(tt.fixups, func() { native.Fill(b, native.Of(ur), name, pkg) })
	}
	native.Fill(b, native.Of(ur), name, pkg)
	tt.setMethods(b, kind, t, methods)
	return r
}

// typeName is the name that reflection shows.
func (tt *typeTable) typeName(t *types.Named) string {
	return t.Obj().Pkg().Name() + "." + t.Obj().Name() + check.TypeArguments(t, tt.local)
}

// pointer returns a pointer type. Those to types that were built have methods of their own.
func (tt *typeTable) pointer(t *types.Pointer) reflect.Type {
	elem := tt.of(t.Elem())
	if r := tt.known.At(t); r != nil {
		return r.(reflect.Type)
	}
	kind := kindOf(t.Elem().Underlying())
	if native.Made(native.Of(elem)) && !tt.isCompiled(t.Elem()) && kind != reflect.Interface &&
		kind != reflect.Pointer {
		return tt.pointerTo(t, elem)
	}
	return reflect.PointerTo(elem)
}

func (tt *typeTable) pointerTo(t *types.Pointer, elem reflect.Type) reflect.Type {
	methods, _ := methodList(t)
	b := native.Blank(reflect.Pointer, len(methods), 0)
	native.SetElem(b, native.Of(elem))
	r := b.Reflect()
	tt.known.Set(t, r)
	tt.setMethods(b, reflect.Pointer, t, methods)
	return r
}

// methodKey names a method within a type.
func methodKey(o types.Object) string {
	if o.Exported() {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// setMethods fills the method table of b when everything that it mentions is complete.
func (tt *typeTable) setMethods(b *native.Type, kind reflect.Kind, t types.Type, list []*types.Selection) {
	if len(list) == 0 {
		return
	}
	table := map[string]*entry{}
	tt.m.methods.Store(b, table)
	tt.fixups = append(tt.fixups, func() {
		var methods []native.Method
		r := b.Reflect()
		direct := b.Direct()
		for _, sel := range list {
			sig := sel.Type().(*types.Signature)
			fn := tt.m.prog.MethodValue(sel)
			e := &entry{fn: tt.m.fn(fn), direct: direct}
			table[methodKey(sel.Obj())] = e
			word := native.PrototypeOf(tt.signature(sig, basicTypes[types.UnsafePointer])).New(e.fn, nil)
			m := native.Method{
				Name: sel.Obj().Name(), Exported: sel.Obj().Exported(), Type: tt.signature(sig, nil), Word: word,
			}
			if !direct {
				word.Recv = r
				m.Value = native.PrototypeOf(tt.signature(sig, r)).New(e.fn, nil)
			}
			methods = append(methods, m)
		}
		pkg := mainPath
		if p := list[0].Obj().Pkg(); p != nil {
			pkg = p.Path()
		}
		if err := native.SetMethods(b, pkg, methods); err != nil {
			panic(err)
		}
	})
}

// rebind makes the methods of the runtime's type b, which is that of before, run the code of those of
// now that have the same signatures.
func (tt *typeTable) rebind(b *native.Type, before, now types.Type) {
	table := tt.m.entries(b)
	was := map[string]types.Type{}
	old, _ := methodList(before)
	for _, sel := range old {
		was[methodKey(sel.Obj())] = sel.Type()
	}
	list, _ := methodList(now)
	for _, sel := range list {
		key := methodKey(sel.Obj())
		if e := table[key]; e != nil && alike(was[key], sel.Type()) {
			e.fn.replace(tt.m, tt.m.fn(tt.m.prog.MethodValue(sel)))
		}
	}
}

// compiledType returns the type of a compiled package that t names.
func (tt *typeTable) compiledType(t *types.Named) (reflect.Type, bool) {
	o := t.Obj()
	if o.Pkg() == nil || t.TypeArgs().Len() > 0 || o.Parent() != o.Pkg().Scope() || tt.m.ofSession(o.Pkg()) {
		return nil, false
	}
	v, ok := tt.m.symbol(o.Pkg().Path(), o.Name())
	if ok && v.Kind() == reflect.Pointer {
		return v.Type().Elem(), true
	}
	if o.Exported() && ok {
		return nil, false
	}
	tt.search(o.Pkg())
	r, ok := tt.compiled[o]
	return r, ok
}

// isCompiled reports whether t needs nothing built.
func (tt *typeTable) isCompiled(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return true
		}
		_, ok := tt.compiledType(t)
		return ok
	case *types.Struct:
		return false
	}
	return true
}

// search finds the types of a compiled package that have no symbol: it walks what the symbols'
// types consist of in step with the checker's view of them.
func (tt *typeTable) search(p *types.Package) {
	if tt.searched[p] {
		return
	}
	tt.searched[p] = true
	w := walker{tt, map[types.Type]bool{}}
	for q := range tt.m.packages {
		path := q.Path()
		if q != p && !imports(q, p) {
			continue
		}
		for _, name := range q.Scope().Names() {
			v, ok := tt.m.symbol(path, name)
			if !ok || !v.IsValid() {
				continue
			}
			switch o := q.Scope().Lookup(name).(type) {
			case *types.Var, *types.Func:
				w.walk(o.Type(), v.Type())
			case *types.TypeName:
				if v.Kind() == reflect.Pointer {
					w.walk(o.Type(), v.Type().Elem())
				}
			}
		}
	}
}

func imports(q, p *types.Package) bool {
	for _, i := range q.Imports() {
		if i == p {
			return true
		}
	}
	return false
}

type walker struct {
	tt   *typeTable
	seen map[types.Type]bool
}

func (w walker) walk(t types.Type, r reflect.Type) {
	t = types.Unalias(t)
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		if t.TypeArgs().Len() > 0 {
			w.tt.known.Set(t, r)
			return
		}
		if t.Obj().Pkg() != nil && w.tt.compiled[t.Obj()] == nil {
			w.tt.compiled[t.Obj()] = r
		}
		w.walk(t.Underlying(), r)
	case *types.Signature:
		if r.Kind() != reflect.Func || t.Params().Len() != r.NumIn() || t.Results().Len() != r.NumOut() {
			return
		}
		for i := range r.NumIn() {
			w.walk(t.Params().At(i).Type(), r.In(i))
		}
		for i := range r.NumOut() {
			w.walk(t.Results().At(i).Type(), r.Out(i))
		}
	case *types.Struct:
		for i := 0; r.Kind() == reflect.Struct && i < min(t.NumFields(), r.NumField()); i++ {
			w.walk(t.Field(i).Type(), r.Field(i).Type)
		}
	case *types.Map:
		w.walk(t.Key(), r.Key())
		w.walk(t.Elem(), r.Elem())
	case interface{ Elem() types.Type }:
		switch r.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
			w.walk(t.Elem(), r.Elem())
		}
	}
}
