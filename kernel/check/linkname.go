package check

import (
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// LinkName writes a type as Go's compiler writes it among the type arguments in the name of a generic
// type, which is what reflection and %T show: [any] is [interface {}], [rune] is [int32], packages
// have their paths. local, when not nil, says of a type that is declared in a function with which type
// arguments that function was instantiated and the how manieth it is (0: not known).
func LinkName(t types.Type, local func(*types.TypeName) (within []types.Type, number int)) string {
	return linker{local}.name(t)
}

// TypeArguments writes the type arguments of a named type, "" when it has none: those of the function
// that it is declared in come first.
func TypeArguments(t *types.Named, local func(*types.TypeName) ([]types.Type, int)) string {
	l := linker{local}
	var within []types.Type
	if local != nil {
		within, _ = local(t.Obj())
	}
	outer, own := l.list(slices.Values(within)), l.list(t.TypeArgs().Types())
	switch {
	case outer == "" && own == "":
		return ""
	case outer == "":
		return "[" + own + "]"
	case own == "":
		return "[" + outer + "]"
	}
	return "[" + outer + ";" + own + "]"
}

type linker struct {
	local func(*types.TypeName) ([]types.Type, int)
}

func (l linker) list(ts func(func(types.Type) bool)) string {
	var s []string
	for t := range ts {
		s = append(s, l.name(t))
	}
	return strings.Join(s, ",")
}

func (l linker) name(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "unsafe.Pointer"
		}
		return types.Typ[t.Kind()].Name() // byte is uint8
	case *types.Named:
		return l.named(t)
	case *types.Pointer:
		return "*" + l.name(t.Elem())
	case *types.Slice:
		return "[]" + l.name(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + l.name(t.Elem())
	case *types.Map:
		return "map[" + l.name(t.Key()) + "]" + l.name(t.Elem())
	case *types.Chan:
		elem := l.name(t.Elem())
		if c, ok := types.Unalias(t.Elem()).(*types.Chan); ok && t.Dir() != types.SendOnly && c.Dir() == types.RecvOnly {
			elem = "(" + elem + ")"
		}
		return [...]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + elem
	case *types.Signature:
		return "func" + l.signature(t)
	case *types.Struct:
		return l.structure(t)
	case *types.Interface:
		return l.iface(t)
	}
	return types.TypeString(t, (*types.Package).Path)
}

func (l linker) named(t *types.Named) string {
	s := t.Obj().Name() + TypeArguments(t, l.local)
	if l.local != nil {
		if _, n := l.local(t.Obj()); n > 0 {
			s += "·" + strconv.Itoa(n)
		}
	}
	return qualify(t.Obj().Pkg(), s)
}

func qualify(p *types.Package, name string) string {
	if p == nil {
		return name
	}
	return p.Path() + "." + name
}

// memberName is the name of a field or method: unexported ones belong to their packages.
func memberName(o types.Object) string {
	if o.Exported() {
		return o.Name()
	}
	return qualify(o.Pkg(), o.Name())
}

func (l linker) signature(t *types.Signature) string {
	var params []string
	for i := range t.Params().Len() {
		p := l.name(t.Params().At(i).Type())
		if t.Variadic() && i == t.Params().Len()-1 {
			p = "..." + strings.TrimPrefix(p, "[]")
		}
		params = append(params, p)
	}
	s := "(" + strings.Join(params, ", ") + ")"
	var results []string
	for v := range t.Results().Variables() {
		results = append(results, l.name(v.Type()))
	}
	switch len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0]
	}
	return s + " (" + strings.Join(results, ", ") + ")"
}

func (l linker) structure(t *types.Struct) string {
	var fields []string
	for i := range t.NumFields() {
		f := t.Field(i)
		s := l.name(f.Type())
		if !f.Embedded() {
			s = memberName(f) + " " + s
		}
		if t.Tag(i) != "" {
			s += " " + strconv.Quote(t.Tag(i))
		}
		fields = append(fields, s)
	}
	return braced("struct", fields)
}

func (l linker) iface(t *types.Interface) string {
	var methods []string
	for m := range t.Methods() {
		methods = append(methods, memberName(m)+l.signature(m.Signature()))
	}
	slices.Sort(methods)
	return braced("interface", methods)
}

func braced(kind string, parts []string) string {
	if len(parts) == 0 {
		return kind + " {}"
	}
	return kind + " { " + strings.Join(parts, "; ") + " }"
}
