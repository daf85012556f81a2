package persist

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"sort"
	"unsafe"

	"github.com/lathe-ml/lathe/learn"
)

// tagged is a value of an interface with the name of its type.
type tagged struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

var (
	estimatorType = reflect.TypeFor[learn.Estimator]()
	baseType      = reflect.TypeFor[learn.Base]()
	floatsType    = reflect.TypeFor[[]float64]()
	marshalType   = reflect.TypeFor[json.Marshaler]()
	unmarshalType = reflect.TypeFor[json.Unmarshaler]()
)

// plain are the types, besides estimators, that an interface may hold.
var plain = map[string]reflect.Type{}

func init() {
	for _, v := range []any{
		false, 0, int64(0), 0.0, "",
		[]float64{},
		[]int{},
		[]string{},
		[]bool{},
		[][]float64{},
		[]any{},
		map[string]any{},
		map[float64]float64{},
		&learn.Matrix{},
		map[string][]any{},
		[]map[string][]any{},
	} {
		t := reflect.TypeOf(v)
		plain[t.String()] = t
	}
}

func kept(v any) json.RawMessage {
	b, err := json.Marshal(v)
	learn.Must(err)
	return b
}

// open returns a field that can be read and set, whether it is exported or not.
func open(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// encode returns v as JSON; path says where it is.
func (c *encoder) encode(v reflect.Value, path string) json.RawMessage {
	t := v.Type()
	if t.Kind() == reflect.Pointer && t.Implements(marshalType) && !v.IsNil() {
		return kept(v.Interface())
	}
	if t == floatsType {
		return encodeFloats(v.Interface().([]float64))
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.String:
		return kept(v.Interface())
	case reflect.Float64, reflect.Float32:
		return encodeFloats([]float64{v.Float()})
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return json.RawMessage("null")
		}
	case reflect.Interface:
		return c.encodeInterface(v, path)
	case reflect.Pointer:
		if v.IsNil() {
			return json.RawMessage("null")
		}
		if t.Implements(estimatorType) {
			return c.encodeEstimator(v, path)
		}
		return c.shared(v, path)
	case reflect.Struct:
		return c.encodeStruct(v, path)
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && v.IsNil() {
			return json.RawMessage("null")
		}
		list := make([]json.RawMessage, v.Len())
		for i := range list {
			list[i] = c.encode(v.Index(i), path)
		}
		return kept(list)
	case reflect.Map:
		return c.encodeMap(v, path)
	}
	learn.Fail("persist", "%s holds a %s, which cannot be kept in a file", path, t)
	return nil
}

// encoder numbers the pointers that it has met: what is shared, or a cycle, stays so.
type encoder struct {
	seen map[pointer]int
}

type pointer struct {
	at unsafe.Pointer
	t  reflect.Type
}

// link is a pointer: its number, and the value where it is met first.
type link struct {
	ID    int             `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
}

func (c *encoder) shared(v reflect.Value, path string) json.RawMessage {
	p := pointer{v.UnsafePointer(), v.Type()}
	if id, ok := c.seen[p]; ok {
		return kept(link{ID: id})
	}
	id := len(c.seen) + 1
	c.seen[p] = id
	return kept(link{id, c.encode(v.Elem(), path)})
}

func encodeFloats(v []float64) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	b := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(x))
	}
	return kept(base64.StdEncoding.EncodeToString(b))
}

func (c *encoder) encodeInterface(v reflect.Value, path string) json.RawMessage {
	if v.IsNil() {
		return json.RawMessage("null")
	}
	e := v.Elem()
	if e.Type().Implements(estimatorType) && e.Kind() == reflect.Pointer {
		return kept(tagged{"estimator", c.encodeEstimator(e, path)})
	}
	name := e.Type().String()
	if _, ok := learn.NamedType(name); !ok && plain[name] == nil {
		learn.Fail("persist", "%s holds a %s, which cannot be kept in a file", path, name)
	}
	box := reflect.New(e.Type()).Elem()
	box.Set(e)
	return kept(tagged{name, c.encode(box, path)})
}

func (c *encoder) encodeEstimator(v reflect.Value, path string) json.RawMessage {
	name, ok := names[v.Type()]
	if !ok {
		name = v.Type().String()
		_, ok = learn.NamedType(name)
	}
	if !ok {
		learn.Fail("persist", "%s is a %s, which is no estimator of package learn", path, v.Type())
	}
	return kept(tagged{name, c.encodeStruct(v.Elem(), name)})
}

func (c *encoder) encodeStruct(v reflect.Value, path string) json.RawMessage {
	if !v.CanAddr() {
		box := reflect.New(v.Type()).Elem()
		box.Set(v)
		v = box
	}
	fields := map[string]json.RawMessage{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if skipped(v.Type(), f.Name) {
			continue
		}
		fields[f.Name] = c.encode(open(v.Field(i)), path+"."+f.Name)
	}
	return kept(fields)
}

// skipped are fields that a constructor sets: an estimator's link to itself and its context.
func skipped(t reflect.Type, field string) bool {
	return t == baseType && (field == "self" || field == "ctx")
}

func (c *encoder) encodeMap(v reflect.Value, path string) json.RawMessage {
	if v.IsNil() {
		return json.RawMessage("null")
	}
	var list [][2]json.RawMessage
	for _, k := range v.MapKeys() {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(k)
		value.Set(v.MapIndex(k))
		list = append(list, [2]json.RawMessage{c.encode(key, path), c.encode(value, path)})
	}
	sort.Slice(list, func(a, b int) bool { return string(list[a][0]) < string(list[b][0]) })
	return kept(list)
}
