package yaegi

import (
	"fmt"
	"go/token"
	"reflect"
)

// refused is a panic by which cells stop where the interpreter would go on with something wrong. They
// cannot recover from it.
type refused string

// Error says what is not supported.
func (r refused) Error() string { return string(r) }

// refuseNow panics with a refusal.
func refuseNow(format string, args ...any) {
	panic(refused(fmt.Sprintf(format, args...) + " is not supported in cells by the executor yaegi"))
}

// Defers is what a function has deferred. yaegi forgets the functions that were deferred before one that
// panics, so each is seen to begin: those of a function that has another one waiting, and was left, tell.
type Defers struct {
	body    token.Pos // of the function
	at      *int      // its position; nil when it does not note any
	id      int64     // goroutine
	pending int
}

// deferring is called when a function has been deferred.
func (x *Executor) deferring(d *Defers) {
	if d.pending++; d.pending > 1 {
		return
	}
	d.id = goid()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.deferred[d.id] = append(x.deferred[d.id], d)
}

// began is called before a deferred function is.
func (x *Executor) began(d *Defers) {
	x.mu.Lock()
	v, exits := x.exits[d.id]
	x.mu.Unlock()
	if exits { // yaegi forgets the function and what it deferred
		if d.at != nil {
			x.trace.leave(d.at)
		}
		x.trace.left(d.body)
		panic(v)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	list := x.deferred[d.id]
	if n := len(list); n == 0 || list[n-1] != d {
		panic(refused(skipped))
	}
	if d.pending--; d.pending == 0 { // none is left to forget
		x.undefer(d.id, len(list)-1)
	}
}

const skipped = "a panic in a deferred function, with other functions deferred before it, is not supported in cells"

// undefer keeps n of the functions of a goroutine that have deferred something. The caller holds mu.
func (x *Executor) undefer(id int64, n int) {
	if n == 0 {
		delete(x.deferred, id)
		return
	}
	x.deferred[id] = x.deferred[id][:n]
}

// forgotten reports whether a goroutine that ends has left deferred functions that were not called.
func (x *Executor) forgotten(id int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	left := len(x.deferred[id]) > 0
	delete(x.deferred, id)
	_, exits := x.exits[id]
	delete(x.exits, id)
	return left && !exits
}

// exiting returns f, which panics, as a function that ends its goroutine without a deferred function of cells.
func (x *Executor) exiting(f reflect.Value) reflect.Value {
	call := f.Call
	if f.Type().IsVariadic() {
		call = f.CallSlice
	}
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		defer func() {
			v := recover()
			x.mu.Lock()
			x.exits[goid()] = v
			x.mu.Unlock()
			panic(v)
		}()
		return call(args)
	})
}

// callable reports whether f, what is deferred, can be called: it is no nil function and no nil pointer.
func callable(f any) bool {
	v := reflect.ValueOf(unwrap(f))
	return f == nil || v.Kind() != reflect.Func && v.Kind() != reflect.Pointer || !v.IsNil()
}

// callNil panics as the call of a nil function does.
func callNil() { panic(runtimeError("invalid memory address or nil pointer dereference")) }
