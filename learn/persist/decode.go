package persist

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"

	"github.com/lathe-ml/lathe/learn"
)

func read(raw json.RawMessage, v any, path string) {
	if err := json.Unmarshal(raw, v); err != nil {
		learn.Fail("persist", "%s is damaged: %v", path, err)
	}
}

// decode sets v to what encode made of it.
func (c *decoder) decode(raw json.RawMessage, v reflect.Value, path string) {
	t := v.Type()
	if string(raw) == "null" {
		v.SetZero()
		return
	}
	if t.Kind() == reflect.Pointer && t.Implements(unmarshalType) {
		v.Set(reflect.New(t.Elem()))
		read(raw, v.Interface(), path)
		return
	}
	if t == floatsType {
		v.Set(reflect.ValueOf(decodeFloats(raw, path)))
		return
	}
	switch t.Kind() {
	case reflect.Float64, reflect.Float32:
		f := decodeFloats(raw, path)
		if len(f) != 1 {
			learn.Fail("persist", "%s is damaged: it holds %d numbers", path, len(f))
		}
		v.SetFloat(f[0])
	case reflect.Interface:
		c.decodeInterface(raw, v, path)
	case reflect.Pointer:
		if t.Implements(estimatorType) {
			e := c.decodeEstimator(raw, path)
			if reflect.TypeOf(e) != t {
				learn.Fail("persist", "%s is a %T; want %s", path, e, t)
			}
			v.Set(reflect.ValueOf(e))
			return
		}
		c.shared(raw, v, path)
	case reflect.Struct:
		c.decodeStruct(raw, v, path)
	case reflect.Slice:
		var list []json.RawMessage
		read(raw, &list, path)
		v.Set(reflect.MakeSlice(t, len(list), len(list)))
		for i, r := range list {
			c.decode(r, v.Index(i), path)
		}
	case reflect.Array:
		var list []json.RawMessage
		read(raw, &list, path)
		if len(list) != v.Len() {
			learn.Fail("persist", "%s has %d elements; want %d", path, len(list), v.Len())
		}
		for i, r := range list {
			c.decode(r, v.Index(i), path)
		}
	case reflect.Map:
		var list [][2]json.RawMessage
		read(raw, &list, path)
		v.Set(reflect.MakeMap(t))
		for _, pair := range list {
			key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			c.decode(pair[0], key, path)
			c.decode(pair[1], value, path)
			v.SetMapIndex(key, value)
		}
	default:
		read(raw, v.Addr().Interface(), path)
	}
}

// decoder knows the pointers by their numbers.
type decoder struct {
	seen map[int]reflect.Value
}

func (c *decoder) shared(raw json.RawMessage, v reflect.Value, path string) {
	var l link
	read(raw, &l, path)
	if l.Value == nil {
		p, ok := c.seen[l.ID]
		if !ok || p.Type() != v.Type() {
			learn.Fail("persist", "%s is damaged: it points at nothing", path)
		}
		v.Set(p)
		return
	}
	p := reflect.New(v.Type().Elem())
	c.seen[l.ID] = p
	c.decode(l.Value, p.Elem(), path)
	v.Set(p)
}

func decodeFloats(raw json.RawMessage, path string) []float64 {
	var s string
	read(raw, &s, path)
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b)%8 != 0 {
		learn.Fail("persist", "%s is damaged: its numbers do not decode", path)
	}
	out := make([]float64, len(b)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}

func (c *decoder) decodeInterface(raw json.RawMessage, v reflect.Value, path string) {
	var t tagged
	read(raw, &t, path)
	if t.Type == "estimator" {
		e := reflect.ValueOf(c.decodeEstimator(t.Value, path))
		if !e.Type().AssignableTo(v.Type()) {
			learn.Fail("persist", "%s is a %s; want %s", path, e.Type(), v.Type())
		}
		v.Set(e)
		return
	}
	concrete, ok := plain[t.Type]
	if !ok {
		if concrete, ok = learn.NamedType(t.Type); !ok {
			learn.Fail("persist", "%s has the type %q, which is unknown here", path, t.Type)
		}
	}
	if !concrete.AssignableTo(v.Type()) {
		learn.Fail("persist", "%s has the type %q; want %s", path, t.Type, v.Type())
	}
	x := reflect.New(concrete).Elem()
	c.decode(t.Value, x, path)
	v.Set(x)
}

func (c *decoder) decodeEstimator(raw json.RawMessage, path string) learn.Estimator {
	var t tagged
	read(raw, &t, path)
	e := fresh(t.Type)
	if e == nil {
		learn.Fail("persist", "%s is the estimator %q, which is unknown here", path, t.Type)
	}
	c.decodeStruct(t.Value, reflect.ValueOf(e).Elem(), t.Type)
	return e
}

func (c *decoder) decodeStruct(raw json.RawMessage, v reflect.Value, path string) {
	var fields map[string]json.RawMessage
	read(raw, &fields, path)
	for i := range v.NumField() { // in the order in which they were written: pointers refer backwards
		name := v.Type().Field(i).Name
		if r, ok := fields[name]; ok && !skipped(v.Type(), name) {
			c.decode(r, open(v.Field(i)), path+"."+name)
			delete(fields, name)
		}
	}
	for name := range fields {
		learn.Fail("persist", "%s has no field %s here: it was saved by another version", path, name)
	}
}
