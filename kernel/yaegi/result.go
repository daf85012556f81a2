package yaegi

import (
	"reflect"
)

// result takes the value of the last expression of a cell.
func (x *Executor) result(v any) {
	r := x.of(goid())
	if r == nil {
		r = x.current.Load()
	}
	if r != nil {
		r.results = append(r.results, reflect.ValueOf(&v).Elem())
	}
}

// check ends the cell when the error that its last call returned is not nil.
func (x *Executor) check(err error) {
	if err != nil {
		panic(&Failure{Kind: x.reg.kind(err), Msg: message(err), Err: err})
	}
}
