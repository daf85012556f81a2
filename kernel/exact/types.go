package exact

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// typeTable maps the checker's types to those of the runtime. Its methods need machine.mu.
//
// Types may refer to themselves. So a named type is entered blank before its parts are looked at,
// and what needs complete parts (method tables, interface methods) is done in fixups, when the
// outermost type is complete.
type typeTable struct {
	m          *machine
	known      typeutil.Map // types.Type → reflect.Type
	depth      int
	fixups     []func()
	incomplete map[*types.Named]bool
	compiled   map[types.Object]reflect.Type // unexported types of compiled packages
	searched   map[*types.Package]bool
	kept       map[*types.TypeName]*types.TypeName // redeclared type → what it was before
	same       map[*types.TypeName]bool            // of those that were declared anew, whether they are what they were
	locals     localTypes
}

func newTypeTable(m *machine) *typeTable {
	return &typeTable{
		m: m, incomplete: map[*types.Named]bool{}, compiled: map[types.Object]reflect.Type{},
		searched: map[*types.Package]bool{}, kept: map[*types.TypeName]*types.TypeName{},
		same:   map[*types.TypeName]bool{},
		locals: localTypes{within: map[*types.TypeName][]types.Type{}, numbers: map[token.Pos]int{}},
	}
}

var basicTypes = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.UntypedBool: reflect.TypeFor[bool](),
	types.Int: reflect.TypeFor[int](), types.UntypedInt: reflect.TypeFor[int](),
	types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.UntypedRune: reflect.TypeFor[rune](),
	types.Int64: reflect.TypeFor[int64](), types.Uint: reflect.TypeFor[uint](),
	types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](),
	types.Uintptr: reflect.TypeFor[uintptr](), types.Float32: reflect.TypeFor[float32](),
	types.Float64: reflect.TypeFor[float64](), types.UntypedFloat: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
	types.UntypedComplex: reflect.TypeFor[complex128](),
	types.String:         reflect.TypeFor[string](), types.UntypedString: reflect.TypeFor[string](),
	types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
	types.UntypedNil:    reflect.TypeFor[unsafe.Pointer](),
	types.Invalid:       reflect.TypeFor[struct{}](), // unused parts of a range step
}

// shells stand for types of their kind until these are complete.
var shells = map[reflect.Kind]reflect.Type{
	reflect.Pointer: reflect.TypeFor[*int](), reflect.Slice: reflect.TypeFor[[]int](),
	reflect.Map: reflect.TypeFor[map[int]int](), reflect.Chan: reflect.TypeFor[chan int](),
	reflect.Func: reflect.TypeFor[func()](), reflect.Interface: reflect.TypeFor[error](),
	reflect.Struct: reflect.TypeFor[struct{}](), reflect.Array: reflect.TypeFor[[0]int](),
}

// maxArray bounds array types: a variable of a larger one could only end the process.
const maxArray = uintptr(4 << 30)

func kindOf(u types.Type) reflect.Kind {
	switch u := u.(type) {
	case *types.Basic:
		return basicTypes[u.Kind()].Kind()
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Interface:
		return reflect.Interface
	}
	return reflect.Struct
}

// opaque reports whether t is one of go/ssa's own types, which stand for iterators and frames.
func opaque(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t.(type) {
	case *types.Basic, *types.Named, *types.Pointer, *types.Slice, *types.Array, *types.Map, *types.Chan,
		*types.Signature, *types.Interface, *types.Struct, *types.Tuple, *types.Alias, *types.TypeParam,
		*types.Union:
		return false
	}
	return true
}

// reset forgets types that a panic left unfinished.
func (tt *typeTable) reset() { tt.depth, tt.fixups = 0, nil }

// of returns the runtime's type for t.
func (tt *typeTable) of(t types.Type) reflect.Type {
	t = types.Unalias(t)
	if opaque(t) {
		return reflect.TypeFor[unsafe.Pointer]()
	}
	if r := tt.known.At(t); r != nil {
		return r.(reflect.Type)
	}
	tt.depth++
	r := tt.make(t)
	if old := tt.known.At(t); old != nil {
		r = old.(reflect.Type)
	} else {
		tt.known.Set(t, r)
	}
	tt.depth--
	if tt.depth == 0 {
		for len(tt.fixups) > 0 {
			f := tt.fixups[0]
			tt.fixups = tt.fixups[1:]
			f()
		}
	}
	return r
}

func (tt *typeTable) make(t types.Type) reflect.Type {
	switch t := t.(type) {
	case *types.Basic:
		return basicTypes[t.Kind()]
	case *types.Named:
		return tt.named(t)
	case *types.Pointer:
		return tt.pointer(t)
	case *types.Slice:
		return reflect.SliceOf(tt.of(t.Elem()))
	case *types.Array:
		e := tt.of(t.Elem())
		if size := e.Size(); size > 0 && t.Len() > int64(maxArray/size) {
			panic(fmt.Errorf("an array of more than %d GB, or as much by make with a constant; make with a variable works", maxArray>>30))
		}
		return reflect.ArrayOf(int(t.Len()), e)
	case *types.Map:
		return tt.mapOf(t)
	case *types.Chan:
		dir := map[types.ChanDir]reflect.ChanDir{
			types.SendRecv: reflect.BothDir, types.SendOnly: reflect.SendDir, types.RecvOnly: reflect.RecvDir,
		}
		return reflect.ChanOf(dir[t.Dir()], tt.of(t.Elem()))
	case *types.Signature:
		return tt.signature(t, nil)
	case *types.Tuple:
		var fields []reflect.StructField
		for i := range t.Len() {
			fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: tt.of(t.At(i).Type())})
		}
		return reflect.StructOf(fields)
	case *types.Struct:
		return tt.structure(t)
	case *types.Interface:
		return tt.iface(t)
	}
	panic(fmt.Errorf("exact: no type at run time for %s", t))
}

// signature returns a function type, with a receiver as the first parameter when recv is set.
func (tt *typeTable) signature(t *types.Signature, recv reflect.Type) reflect.Type {
	var in, out []reflect.Type
	if recv != nil {
		in = append(in, recv)
	}
	for v := range t.Params().Variables() {
		in = append(in, tt.of(v.Type()))
	}
	for v := range t.Results().Variables() {
		out = append(out, tt.of(v.Type()))
	}
	return reflect.FuncOf(in, out, t.Variadic())
}

// notReady reports whether the layout of t is not known yet.
func (tt *typeTable) notReady(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return tt.incomplete[t]
	case *types.Array:
		return tt.notReady(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if tt.notReady(f.Type()) {
				return true
			}
		}
	}
	return false
}

// mapOf returns a map type. The runtime's needs the layouts of key and value; while these are
// incomplete the map stays blank.
func (tt *typeTable) mapOf(t *types.Map) reflect.Type {
	key, elem := tt.of(t.Key()), tt.of(t.Elem())
	if r := tt.known.At(t); r != nil {
		return r.(reflect.Type)
	}
	if !tt.notReady(t.Key()) && !tt.notReady(t.Elem()) &&
		(tt.depth <= 1 || !tt.mayWait(t.Key()) && !tt.mayWait(t.Elem())) {
		return reflect.MapOf(key, elem)
	}
	b := native.Blank(reflect.Map, 0, 0)
	name := "map[" + key.String() + "]" + elem.String()
	native.Fill(b, native.Of(shells[reflect.Map]), name, "")
	tt.fixups = slices.Insert(tt.fixups, 0, func() {
		native.Fill(b, native.Of(reflect.MapOf(key, elem)), name, "")
	})
	return b.Reflect()
}

// mayWait reports whether t may depend on a type that is being built.
func (tt *typeTable) mayWait(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return !tt.isCompiled(t)
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// structure returns a struct type. reflect makes those with exported, named fields; the others are
// built, so that reflection sees their names.
func (tt *typeTable) structure(t *types.Struct) reflect.Type {
	var fields []reflect.StructField
	var own []native.Field
	plain, pkg := true, ""
	for i := range t.NumFields() {
		f := t.Field(i)
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: tt.of(f.Type())})
		own = append(own, native.Field{
			Name: f.Name(), Tag: t.Tag(i), Exported: f.Exported(), Embedded: f.Embedded(),
		})
		if !f.Exported() && f.Pkg() != nil {
			pkg = f.Pkg().Path()
		}
		plain = plain && f.Exported() && !f.Embedded()
	}
	if plain {
		for i := range fields {
			fields[i].Name, fields[i].Tag = own[i].Name, reflect.StructTag(own[i].Tag)
		}
		return reflect.StructOf(fields)
	}
	methods, _ := methodList(t)
	b := native.NewStruct(reflect.StructOf(fields), own, pkg, len(methods))
	r := b.Reflect()
	tt.known.Set(t, r)
	tt.setMethods(b, reflect.Struct, t, methods)
	return r
}

// iface returns an interface type.
func (tt *typeTable) iface(t *types.Interface) reflect.Type {
	if t.NumMethods() == 0 {
		return reflect.TypeFor[any]()
	}
	b := native.BlankInterface()
	r := b.Reflect()
	tt.known.Set(t, r)
	var list []native.Method
	pkg := mainPath
	for _, f := range sortedMethods(t) {
		if !f.Exported() {
			pkg = f.Pkg().Path()
		}
		list = append(list, native.Method{
			Name: f.Name(), Exported: f.Exported(), Type: tt.signature(f.Signature(), nil),
		})
	}
	native.SetInterface(b, pkg, list)
	return r
}

// sortedMethods lists the methods of an interface in the runtime's order.
func sortedMethods(t *types.Interface) []*types.Func {
	list := slices.Collect(t.Methods())
	slices.SortStableFunc(list, func(a, b *types.Func) int { return runtimeOrder(a, b) })
	return list
}

// runtimeOrder compares methods as method tables are sorted: exported ones first, then by name.
func runtimeOrder(a, b types.Object) int {
	if a.Exported() != b.Exported() {
		if a.Exported() {
			return -1
		}
		return 1
	}
	return strings.Compare(a.Name(), b.Name())
}

// methodList lists the method set of t in the runtime's order, and how many are exported.
func methodList(t types.Type) (list []*types.Selection, exported int) {
	for s := range types.NewMethodSet(t).Methods() {
		list = append(list, s)
		if s.Obj().Exported() {
			exported++
		}
	}
	slices.SortStableFunc(list, func(a, b *types.Selection) int { return runtimeOrder(a.Obj(), b.Obj()) })
	return list, exported
}
