package learn

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// Params maps scikit-learn's names of options to values; "step__option" reaches into a nested estimator.
type Params map[string]any

// Option is one option of an estimator.
type Option struct {
	Name    string // scikit-learn's name
	Field   string // name of the field
	Default string // as the declaration writes it
	Fixed   bool   // only the default is there: Fit refuses other values rather than ignore them
	Type    reflect.Type

	v reflect.Value
}

// Value returns the option's current value.
func (o Option) Value() any { return o.v.Interface() }

// Holder is an estimator with named parts whose options can be reached: pipelines and the like.
type Holder interface {
	// Part returns the part of that name, or nil.
	Part(name string) Estimator
	// SetPart replaces it.
	SetPart(name string, e Estimator)
	// PartNames lists the parts.
	PartNames() []string
}

func errorf(where, format string, args ...any) error {
	return &engine.Error{Where: where, What: fmt.Sprintf(format, args...)}
}

// Init connects a new estimator with its Base and sets every option to its default. Constructors call it.
func Init(e Estimator) {
	e.Core().self = e
	for _, o := range Options(e) {
		if o.Default == "" {
			continue
		}
		if err := setValue(o.v, parse(o.Default)); err != nil {
			panic(fmt.Sprintf("%T: default of %s: %v", e, o.Name, err))
		}
	}
}

// mustKeepFixed refuses a value of an option that has no effect here.
func (b *Base) mustKeepFixed() {
	for _, o := range Options(b.self) {
		if !o.Fixed {
			continue
		}
		def := reflect.New(o.Type).Elem()
		if err := setValue(def, parse(o.Default)); err != nil {
			panic(fmt.Sprintf("%T: default of %s: %v", b.self, o.Name, err))
		}
		if !reflect.DeepEqual(def.Interface(), o.Value()) {
			b.Fail("%s is %v; only %s=%s is there", o.Field, o.Value(), o.Name, o.Default)
		}
	}
}

// parse reads a default: None, true, false, a whole number, a number, a list of numbers, or a text.
func parse(s string) any {
	switch s {
	case "None":
		return nil
	case "true", "false":
		return s == "true"
	}
	if i, err := strconv.Atoi(s); err == nil {
		return i
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f
	}
	if strings.HasPrefix(s, "[") {
		var list []any
		for _, p := range strings.Split(strings.Trim(s, "[]"), " ") {
			list = append(list, parse(p))
		}
		return list
	}
	return s
}

// Options lists the options of e in the order of its fields.
func Options(e Estimator) []Option {
	var list []Option
	walk(reflect.ValueOf(e).Elem(), func(f reflect.StructField, v reflect.Value) {
		if tag, ok := f.Tag.Lookup("param"); ok {
			name, def, _ := strings.Cut(tag, "=")
			list = append(list, Option{
				Name: name, Field: f.Name, Default: def, Type: f.Type, Fixed: f.Tag.Get("fixed") == "true", v: v,
			})
		}
	})
	return list
}

// walk visits the exported fields of a struct and of the structs that it embeds.
func walk(v reflect.Value, f func(reflect.StructField, reflect.Value)) {
	t := v.Type()
	for i := range t.NumField() {
		field := t.Field(i)
		switch {
		case field.Anonymous && field.Type.Kind() == reflect.Struct:
			walk(v.Field(i), f)
		case field.IsExported():
			f(field, v.Field(i))
		}
	}
}

// Attributes lists what a fitted estimator has learned by scikit-learn's names (coef_, classes_).
func Attributes(e Estimator) map[string]any {
	out := map[string]any{}
	walk(reflect.ValueOf(e).Elem(), func(f reflect.StructField, v reflect.Value) {
		if name, ok := f.Tag.Lookup("fit"); ok {
			out[name] = v.Interface()
		}
	})
	return out
}

// AttributeNames lists scikit-learn's names of what e learns, in the order of its fields.
func AttributeNames(e Estimator) []string {
	var out []string
	walk(reflect.ValueOf(e).Elem(), func(f reflect.StructField, _ reflect.Value) {
		if name, ok := f.Tag.Lookup("fit"); ok {
			out = append(out, name)
		}
	})
	return out
}

// Defaults returns the options of e as its constructor sets them.
func Defaults(e Estimator) Params {
	fresh := reflect.New(reflect.TypeOf(e).Elem()).Interface().(Estimator)
	Init(fresh)
	p := Params{}
	for _, o := range Options(fresh) {
		p[o.Name] = o.Value()
	}
	return p
}

// GetParams returns the options of e; deep adds those of nested estimators as "part__option".
func GetParams(e Estimator, deep bool) Params {
	p := Params{}
	for _, o := range Options(e) {
		p[o.Name] = o.Value()
		if sub, ok := o.Value().(Estimator); ok && deep && sub != nil {
			for k, v := range GetParams(sub, true) {
				p[o.Name+"__"+k] = v
			}
		}
	}
	if h, ok := e.(Holder); ok && deep {
		for _, name := range h.PartNames() {
			sub := h.Part(name)
			p[name] = sub
			if sub == nil {
				continue
			}
			for k, v := range GetParams(sub, true) {
				p[name+"__"+k] = v
			}
		}
	}
	return p
}

// SetParams changes options by scikit-learn's names. Numbers are converted; nil means scikit-learn's None.
func SetParams(e Estimator, p Params) error {
	names := make([]string, 0, len(p))
	for k := range p {
		names = append(names, k)
	}
	slices.Sort(names) // an estimator is replaced before its options are set
	for _, name := range names {
		if err := setParam(e, name, p[name]); err != nil {
			return err
		}
	}
	return nil
}

func setParam(e Estimator, name string, v any) error {
	head, rest, nested := strings.Cut(name, "__")
	if h, ok := e.(Holder); ok && slices.Contains(h.PartNames(), head) {
		if nested {
			if sub := h.Part(head); sub != nil {
				return setParam(sub, rest, v)
			}
			return errorf(e.Core().Name(), "part %s is passed through and has no options", head)
		}
		sub, ok := v.(Estimator)
		if !ok && v != nil {
			return errorf(e.Core().Name(), "part %s is %T; want an estimator or nil", head, v)
		}
		h.SetPart(head, sub)
		return nil
	}
	var known []string
	for _, o := range Options(e) {
		known = append(known, o.Name)
		if o.Name != head {
			continue
		}
		if nested {
			sub, ok := o.Value().(Estimator)
			if !ok {
				return errorf(e.Core().Name(), "option %s holds no estimator", head)
			}
			return setParam(sub, rest, v)
		}
		if err := setValue(o.v, v); err != nil {
			return errorf(e.Core().Name(), "option %s: %v", head, err)
		}
		return nil
	}
	return errorf(e.Core().Name(), "option %s is unknown; known: %s", head, strings.Join(known, ", "))
}

var errType = errors.New("has the wrong type")

// setValue stores v in dst with the conversions of numbers and lists.
func setValue(dst reflect.Value, v any) error {
	if v == nil {
		dst.SetZero()
		return nil
	}
	src := reflect.ValueOf(v)
	if dst.Kind() == reflect.Interface {
		if l, ok := v.([]any); ok {
			v = plain(l)
			src = reflect.ValueOf(v)
		}
		if !src.Type().AssignableTo(dst.Type()) {
			return fmt.Errorf("%w: got %T, want %v", errType, v, dst.Type())
		}
		dst.Set(src)
		return nil
	}
	if src.Type().AssignableTo(dst.Type()) {
		dst.Set(src)
		return nil
	}
	switch {
	case dst.Kind() == reflect.Slice && src.Kind() == reflect.Slice:
		out := reflect.MakeSlice(dst.Type(), src.Len(), src.Len())
		for i := range src.Len() {
			if err := setValue(out.Index(i), src.Index(i).Interface()); err != nil {
				return err
			}
		}
		dst.Set(out)
	case dst.Type() == reflect.TypeFor[*Matrix]() && src.Kind() == reflect.Slice:
		var rows [][]float64
		if err := setValue(reflect.ValueOf(&rows).Elem(), v); err != nil {
			return err
		}
		dst.Set(reflect.ValueOf(FromRows(rows)))
	case isNumber(src) && isNumber(dst):
		if src.CanFloat() && dst.CanInt() && src.Float() != float64(int64(src.Float())) {
			return fmt.Errorf("is %v; want a whole number", v)
		}
		dst.Set(src.Convert(dst.Type()))
	case dst.Kind() == reflect.Slice && (isNumber(src) || src.Kind() == reflect.String):
		out := reflect.MakeSlice(dst.Type(), 1, 1)
		if err := setValue(out.Index(0), v); err != nil {
			return err
		}
		dst.Set(out)
	default:
		return fmt.Errorf("%w: got %T, want %v", errType, v, dst.Type())
	}
	return nil
}

func isNumber(v reflect.Value) bool { return v.CanInt() || v.CanFloat() }

// plain gives a list of numbers the type []float64, of texts []string, of lists of numbers [][]float64.
func plain(l []any) any {
	var f []float64
	var s []string
	var rows [][]float64
	for _, e := range l {
		switch e := e.(type) {
		case float64:
			f = append(f, e)
		case int:
			f = append(f, float64(e))
		case string:
			s = append(s, e)
		case []any:
			if r, ok := plain(e).([]float64); ok {
				rows = append(rows, r)
			}
		}
	}
	switch len(l) {
	case len(f):
		return f
	case len(s):
		return s
	case len(rows):
		return rows
	}
	return l
}

// Clone returns a new estimator of the same type and options, not fitted; nested estimators are cloned, except those
// of an estimator with a method KeepsFit (compose.FrozenEstimator).
func Clone(e Estimator) Estimator {
	fresh := reflect.New(reflect.TypeOf(e).Elem()).Interface().(Estimator)
	fresh.Core().self = fresh
	fresh.Core().ctx = e.Core().ctx
	_, keeps := e.(interface{ KeepsFit() })
	to := Options(fresh)
	for i, o := range Options(e) {
		if keeps {
			to[i].v.Set(o.v)
		} else {
			to[i].v.Set(reflect.ValueOf(cloneValue(o.v)).Elem())
		}
	}
	return fresh
}

// Cloner is an option value that has to be copied when an estimator is cloned.
type Cloner interface {
	// CloneOption returns the copy, of the same type.
	CloneOption() any
}

// cloneValue returns a pointer to a copy of v in which estimators are cloned.
func cloneValue(v reflect.Value) any {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	switch x := v.Interface().(type) {
	case Estimator:
		if !reflect.ValueOf(x).IsNil() {
			p.Elem().Set(reflect.ValueOf(Clone(x)))
		}
	case []Step:
		p.Elem().Set(reflect.ValueOf(CloneSteps(x)))
	case Cloner:
		if rv := reflect.ValueOf(x); rv.Kind() != reflect.Pointer || !rv.IsNil() {
			p.Elem().Set(reflect.ValueOf(x.CloneOption()))
		}
	}
	return p.Interface()
}

// Step is a named part of a pipeline, a union or a vote. A nil Estimator passes data through.
type Step struct {
	Name      string
	Estimator Estimator
}

var namedTypes = map[string]reflect.Type{}

// NameType makes the type of v known to files (learn/persist): estimators whose fields of an interface type
// hold it can be kept.
func NameType(v any) { namedTypes[reflect.TypeOf(v).String()] = reflect.TypeOf(v) }

// NamedType returns the type that NameType was given by that name ("package.Type").
func NamedType(name string) (reflect.Type, bool) { t, ok := namedTypes[name]; return t, ok }

// Steps are steps found by their names.
type Steps []Step

// Part returns the step of that name, or nil.
func (s Steps) Part(name string) Estimator {
	for i := range s {
		if s[i].Name == name {
			return s[i].Estimator
		}
	}
	return nil
}

// SetPart replaces the step of that name.
func (s Steps) SetPart(name string, e Estimator) {
	for i := range s {
		if s[i].Name == name {
			s[i].Estimator = e
		}
	}
}

// PartNames lists the steps.
func (s Steps) PartNames() []string {
	var out []string
	for _, p := range s {
		out = append(out, p.Name)
	}
	return out
}

// CloneSteps clones every part.
func CloneSteps(steps []Step) []Step {
	out := make([]Step, len(steps))
	for i, s := range steps {
		out[i].Name = s.Name
		if s.Estimator != nil {
			out[i].Estimator = Clone(s.Estimator)
		}
	}
	return out
}

// OptFloat reads an option that holds a number, a word or nothing: ok is false unless it is a number.
func OptFloat(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// OptInt reads an option that holds a whole number, a word or nothing.
func OptInt(v any) (n int, ok bool) {
	f, ok := OptFloat(v)
	if !ok || f != float64(int(f)) {
		return 0, false
	}
	return int(f), true
}

// OneOf fails unless v is among the words.
func (b *Base) OneOf(option, v string, words ...string) {
	if !slices.Contains(words, v) {
		b.Fail("%s is %q; want one of %s", option, v, strings.Join(words, ", "))
	}
}
