package display

import (
	"fmt"
	"reflect"
)

// fmt prints what it finds inside a value without end when the value contains itself, which ends
// the process. deepest levels are more than anybody reads; fewest elements are looked at.
const (
	deepest = 200
	fewest  = 1 << 16
)

// endless reports whether fmt would follow v deeper than that.
func endless(v any) bool {
	left := fewest
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() && !speaks(r) {
		r = r.Elem() // fmt follows a pointer at the top only
	}
	return follow(r, 0, &left)
}

func follow(v reflect.Value, depth int, left *int) bool {
	if *left--; depth > deepest {
		return true
	}
	if !v.IsValid() || *left < 0 || speaks(v) {
		return false
	}
	switch v.Kind() {
	case reflect.Interface:
		return follow(v.Elem(), depth+1, left)
	case reflect.Slice, reflect.Array:
		switch v.Type().Elem().Kind() {
		case reflect.Interface, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
			for i := range v.Len() {
				if *left < 0 {
					return false
				}
				if follow(v.Index(i), depth+1, left) {
					return true
				}
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if follow(v.Field(i), depth+1, left) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next() && *left >= 0; {
			if follow(it.Value(), depth+1, left) {
				return true
			}
		}
	}
	return false
}

// speaks reports whether fmt asks the value itself for its text.
func speaks(v reflect.Value) bool {
	if !v.CanInterface() {
		return false
	}
	switch v.Interface().(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return true
	}
	return false
}
