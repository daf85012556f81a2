package eager

import (
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// must refuses a receiver that holds nothing, in the name of the method that was called.
func (x *Tensor) must(where string) {
	if x == nil || x.arr.DType == engine.Invalid {
		absent(where, "x", x)
	}
}

// present refuses a tensor that is nil or the zero value: where is the function that was called and what
// the name of its parameter.
func present(where, what string, x *Tensor) {
	if x == nil || x.arr.DType == engine.Invalid {
		absent(where, what, x)
	}
}

// absent reports that x, the operand called what, holds nothing.
func absent(where, what string, x *Tensor) {
	if x == nil {
		engine.Fail(where, "%s is a nil *Tensor; make it with t.New, t.Zeros …", what)
	}
	engine.Fail(where, "%s is an empty Tensor; make it with t.New, t.Zeros …", what)
}

// isNil reports a nil receiver of an accessor.
func isNil(where string) { absent(where, "x", nil) }

// missing reports that operand i of d holds nothing.
func missing(d *op.Def, i int, x *Tensor) {
	last := len(d.Inputs) - 1
	name := d.Inputs[min(i, last)]
	if list, ok := strings.CutSuffix(name, "..."); ok {
		name = list + "[" + strconv.Itoa(i-last) + "]"
	}
	absent(d.Name, name, x)
}
