package debugger

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a line about a value.
const (
	maxText  = 200 // bytes of a string
	maxItems = 8   // parts
	maxNest  = 3   // levels
)

// line describes the value of an expression.
func (t *Target) line(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return t.text(exposed(copied(v)), nil, 0)
}

// described is the line of Views about a value.
func (t *Target) described(v reflect.Value) (string, bool) {
	if t.views == nil || !v.IsValid() || !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	return t.views.Describe(v.Interface())
}

// marked is the mark of Views on a value.
func (t *Target) marked(v reflect.Value) string {
	for v.Kind() == reflect.Interface {
		v = exposed(v.Elem())
	}
	if t.views == nil || !v.IsValid() || !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	return t.views.Mark(v.Interface())
}

// text describes v, of static type st where that is known, in a line. It calls no methods of cells.
func (t *Target) text(v reflect.Value, st typ, depth int) string {
	if !v.IsValid() {
		return "nil"
	}
	if s, ok := t.described(v); ok {
		return s
	}
	switch v.Kind() {
	case reflect.String:
		return quoted(v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Complex64, reflect.Complex128:
		return fmt.Sprint(plainValue(v))
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Uintptr:
		return fmt.Sprintf("%#x", v.Uint())
	case reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return t.text(exposed(v.Elem()), nil, depth)
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		if depth >= maxNest {
			return fmt.Sprintf("%#x", v.Pointer())
		}
		return "&" + t.text(exposed(v.Elem()), elem(st), depth+1)
	case reflect.Func:
		if v.IsNil() {
			return "nil"
		}
		return "func"
	case reflect.Chan:
		if v.IsNil() {
			return "nil"
		}
		return fmt.Sprintf("chan, %d of %d", v.Len(), v.Cap())
	case reflect.UnsafePointer:
		return fmt.Sprintf("%#x", v.Pointer())
	}
	return t.composite(v, st, depth)
}

// plainValue is a number without the methods of its type.
func plainValue(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanComplex():
		return v.Complex()
	}
	return v.Bool()
}

func quoted(s string) string {
	if len(s) <= maxText {
		return strconv.Quote(s)
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s… (%d bytes)", strconv.Quote(s[:n]), len(s))
}

// composite describes what has parts.
func (t *Target) composite(v reflect.Value, st typ, depth int) string {
	n := parts(v)
	open, end := "{", "}"
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		open, end = "[", "]"
	}
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.IsNil() {
		return "nil"
	}
	var items []string
	shown := min(n, maxItems)
	if depth >= maxNest {
		shown = 0
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range shown {
			name, ft := field(v, st, i)
			items = append(items, name+": "+t.text(exposed(v.Field(i)), ft, depth+1))
		}
	case reflect.Map:
		if shown > 0 {
			for _, k := range sorted(v)[:shown] {
				value := exposed(copied(v.MapIndex(k).Interface()))
				items = append(items, t.text(exposed(k), nil, depth+1)+": "+t.text(value, elem(st), depth+1))
			}
		}
	default:
		for i := range shown {
			items = append(items, t.text(exposed(v.Index(i)), elem(st), depth+1))
		}
	}
	if shown < n {
		items = append(items, "…")
	}
	s := open + strings.Join(items, ", ") + end
	if v.Kind() != reflect.Struct && n > maxItems {
		s = fmt.Sprintf("len %d %s", n, s)
	}
	return s
}

// typeName is the name of the type of a value: the dynamic one beside the static one where that is an
// interface.
func typeName(v reflect.Value, st types.Type) string {
	if st == nil {
		if !v.IsValid() {
			return ""
		}
		return strings.ReplaceAll(v.Type().String(), "main.", "")
	}
	name := types.TypeString(st, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
	if types.IsInterface(st) && v.IsValid() && v.Kind() == reflect.Interface && !v.IsNil() {
		if dyn := exposed(v.Elem()); dyn.IsValid() && dyn.Type().Name() != "valueInterface" {
			name += " (" + strings.ReplaceAll(dyn.Type().String(), "main.", "") + ")"
		}
	}
	return name
}

func objectType(o types.Object) types.Type {
	if o == nil || mentionsParam(o.Type()) {
		return nil
	}
	return o.Type()
}
