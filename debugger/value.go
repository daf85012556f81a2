package debugger

import (
	"cmp"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// Variable is a value as clients see it.
type Variable struct {
	Name    string
	Value   string // one line
	Type    string
	Path    string // expression for it, or ""
	Ref     int    // of its parts; 0: it has none
	Named   int    // how many parts have names
	Indexed int    // and how many have numbers
	Mark    string // of Views
}

// typ is the static type of a value, or nil.
type typ = types.Type

// variable describes v, which is of static type st where that is known, and whose expression is path.
// It needs mu.
func (t *Target) variable(name, path string, v reflect.Value, st typ, f *frameRef) Variable {
	v = exposed(v)
	out := Variable{Name: name, Path: path, Value: t.text(v, st, 0), Type: typeName(v, st)}
	in := inner(v)
	out.Mark = t.marked(v)
	switch n := parts(in); {
	case n == 0:
		return out
	case in.Kind() == reflect.Slice || in.Kind() == reflect.Array || in.Kind() == reflect.Map:
		out.Indexed = n
		if in.Kind() == reflect.Map {
			out.Indexed, out.Named = 0, n
		}
	default:
		out.Named = n
	}
	out.Ref = t.number()
	t.handles.groups[out.Ref] = &container{frame: f, path: path, value: v, typ: st}
	return out
}

// exposed returns v without the marks of unexported fields, and out of the interpreter's wrappers.
func exposed(v reflect.Value) reflect.Value {
	if v.IsValid() && !v.CanInterface() && v.CanAddr() {
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	if v.IsValid() && v.Kind() == reflect.Struct && v.Type().Name() == "valueInterface" && v.NumField() == 2 {
		if w, ok := exposed(v.Field(1)).Interface().(reflect.Value); ok {
			return exposed(w)
		}
	}
	return v
}

// inner follows interfaces and pointers to what has parts.
func inner(v reflect.Value) reflect.Value {
	for range 8 {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return v
			}
			v = exposed(v.Elem())
		default:
			return v
		}
	}
	return v
}

// parts is how many parts a value has.
func parts(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return v.Len()
	case reflect.Struct:
		return v.NumField()
	}
	return 0
}

// maxParts bounds the parts that are listed when the client asks for all.
const maxParts = 1000

// children lists the parts of a value. It needs mu.
func (t *Target) children(c *container, start, count int) (list []Variable) {
	v := exposed(c.value)
	path, st := c.path, c.typ
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface {
			st = nil
			if path != "" {
				path = assertion(path, v.Elem())
			}
		} else {
			st = elem(st)
			if path != "" && inner(v).Kind() != reflect.Struct {
				path = "(*" + path + ")"
			}
		}
		v = exposed(v.Elem())
	}
	if count <= 0 {
		count = maxParts
	}
	n := parts(v)
	start = min(max(start, 0), n)
	end := min(n, start+count)
	part := func(name, p string, v reflect.Value, st typ) {
		if path == "" {
			p = ""
		}
		list = append(list, t.variable(name, p, v, st, c.frame))
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := start; i < end; i++ {
			name, ft := field(v, st, i)
			part(name, path+"."+name, v.Field(i), ft)
		}
	case reflect.Slice, reflect.Array:
		for i := start; i < end; i++ {
			part(strconv.Itoa(i), fmt.Sprintf("%s[%d]", path, i), v.Index(i), elem(st))
		}
	case reflect.Map:
		for _, k := range sorted(v)[start:end] {
			p := ""
			if key, ok := literal(exposed(k)); ok {
				p = path + "[" + key + "]"
			}
			part(t.text(exposed(k), nil, 1), p, copied(v.MapIndex(k).Interface()), elem(st))
		}
	}
	return list
}

// field is the name and the type of a field. The interpreter gives unexported ones another name.
func field(v reflect.Value, st typ, i int) (string, typ) {
	if s, ok := underlying(st).(*types.Struct); ok && s.NumFields() == v.NumField() {
		return s.Field(i).Name(), s.Field(i).Type()
	}
	return v.Type().Field(i).Name, nil
}

// assertion is the expression for the value inside an interface.
func assertion(path string, v reflect.Value) string {
	if v.Type().PkgPath() == "" && v.Type().Name() == "" && v.Kind() != reflect.Pointer {
		return ""
	}
	return path + ".(" + strings.ReplaceAll(v.Type().String(), "main.", "") + ")"
}

func underlying(t typ) typ {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// elem is the type of the parts of a type.
func elem(t typ) typ {
	if e, ok := underlying(t).(interface{ Elem() types.Type }); ok {
		return e.Elem()
	}
	return nil
}

// sorted returns the keys of a map in an order that does not change between requests.
func sorted(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortStableFunc(keys, func(a, b reflect.Value) int {
		switch a.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return cmp.Compare(a.Int(), b.Int())
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
			return cmp.Compare(a.Uint(), b.Uint())
		case reflect.Float32, reflect.Float64:
			return cmp.Compare(a.Float(), b.Float())
		case reflect.String:
			return cmp.Compare(a.String(), b.String())
		}
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return keys
}

// literal is the expression for the key of a map.
func literal(v reflect.Value) (string, bool) {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String()), true
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprint(v), true
	}
	return "", false
}
