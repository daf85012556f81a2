package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Parameters of operators are written field by field, those with their zero value left out; floating-point
// numbers as text, because JSON knows no infinity.

func encodeAttrs(a op.Attrs) (json.RawMessage, error) {
	v := reflect.ValueOf(a)
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T is not a struct", a)
	}
	m, err := encodeStruct(v)
	if err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

func encodeStruct(v reflect.Value) (map[string]any, error) {
	m := map[string]any{}
	for i := range v.NumField() {
		f := v.Field(i)
		name := v.Type().Field(i).Name
		if f.IsZero() {
			continue
		}
		switch x := f.Interface().(type) {
		case engine.DType:
			m[name] = x.String()
			continue
		case uint64:
			m[name] = strconv.FormatUint(x, 10)
			continue
		}
		switch f.Kind() {
		case reflect.Bool:
			m[name] = f.Bool()
		case reflect.Int, reflect.Int64, reflect.Int32:
			m[name] = f.Int()
		case reflect.Uint8, reflect.Uint16, reflect.Uint32:
			m[name] = f.Uint()
		case reflect.Float64:
			m[name] = strconv.FormatFloat(f.Float(), 'g', -1, 64)
		case reflect.String:
			m[name] = f.String()
		case reflect.Slice:
			if f.Type().Elem().Kind() != reflect.Int {
				return nil, fmt.Errorf("field %s is %v", name, f.Type())
			}
			m[name] = f.Interface()
		case reflect.Struct:
			s, err := encodeStruct(f)
			if err != nil {
				return nil, err
			}
			m[name] = s
		default:
			return nil, fmt.Errorf("field %s is %v", name, f.Type())
		}
	}
	return m, nil
}

func decodeAttrs(d *op.Def, text json.RawMessage) (op.Attrs, error) {
	if d.Attrs == nil {
		if len(text) > 0 {
			return nil, fmt.Errorf("the operator has no parameters")
		}
		return nil, nil
	}
	var m map[string]json.RawMessage
	if len(text) > 0 {
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, err
		}
	}
	v := reflect.New(reflect.TypeOf(d.Attrs)).Elem()
	if err := decodeStruct(v, m); err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

func decodeStruct(v reflect.Value, m map[string]json.RawMessage) error {
	for name, text := range m {
		f := v.FieldByName(name)
		if !f.IsValid() || !f.CanSet() {
			return fmt.Errorf("parameter %q is unknown", name)
		}
		if err := decodeField(f, text); err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return nil
}

func decodeField(f reflect.Value, text json.RawMessage) error {
	_, dtype := f.Interface().(engine.DType)
	switch k := f.Kind(); {
	case dtype, k == reflect.Float64, k == reflect.Uint64:
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		return decodeText(f, s, dtype)
	case k == reflect.Struct:
		var m map[string]json.RawMessage
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		return decodeStruct(f, m)
	}
	return json.Unmarshal(text, f.Addr().Interface())
}

func decodeText(f reflect.Value, s string, dtype bool) error {
	switch {
	case dtype:
		d, err := engine.ParseDType(s)
		f.Set(reflect.ValueOf(d))
		return err
	case f.Kind() == reflect.Uint64:
		n, err := strconv.ParseUint(s, 10, 64)
		f.SetUint(n)
		return err
	}
	x, err := strconv.ParseFloat(s, 64)
	f.SetFloat(x)
	return err
}
