package nn

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// present refuses a tensor that is nil or the zero value; what is its name in the function where.
func present(where, what string, x *eager.Tensor) {
	switch {
	case x == nil:
		engine.Fail(where, "%s is a nil *Tensor; make it with t.New, t.Zeros …", what)
	case x.DType() == engine.Invalid:
		engine.Fail(where, "%s is an empty Tensor; make it with t.New, t.Zeros …", what)
	}
}

// ready refuses a layer that no constructor made, and an input that holds nothing.
func ready(where, constructor string, made bool, x *eager.Tensor) {
	if !made {
		engine.Fail(where, "the layer is empty; make it with %s", constructor)
	}
	present(where, "x", x)
}

// floating refuses the input of a layer that computes with fractions.
func floating(where string, x *eager.Tensor) {
	if !x.DType().IsFloat() {
		engine.Fail(where, "input %v is not floating-point; convert it with To(t.F32)", x.Array())
	}
}

// atLeast refuses a size that is too small to make sense.
func atLeast(where, what string, n, lo int) {
	if n < lo {
		engine.Fail(where, "%s is %d; want ≥ %d", what, n, lo)
	}
}

// extents refuses shapes with axes of extent 0 or less.
func extents(where string, shape []int) {
	if len(shape) == 0 {
		engine.Fail(where, "shape is empty; want the trailing axes to normalise over")
	}
	for _, n := range shape {
		if n < 1 {
			engine.Fail(where, "shape %v: want extents ≥ 1", engine.Shape(shape))
		}
	}
}

// nothing reports whether m is nil, also as a nil pointer of a module type, or of one that was declared in a
// cell: the interpreter's wrapper keeps that in its first field.
func nothing(m Module) bool {
	v := reflect.ValueOf(m)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return true
	}
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct || v.NumField() == 0 || v.Type().Field(0).Name != "IValue" {
		return false
	}
	inner, ok := v.Field(0).Interface(), false
	if p := reflect.ValueOf(inner); p.IsValid() {
		ok = p.Kind() != reflect.Pointer || !p.IsNil()
	}
	return !ok
}

// refuseNil reports a module that nothing found to be nil; what says which.
func refuseNil(where, what string, m Module) {
	if name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*"); m != nil && strings.HasPrefix(name, "nn.") {
		engine.Fail(where, "%s is a nil *%s; make it with its constructor", what, name)
	}
	engine.Fail(where, "%s is nil; want a module", what)
}
