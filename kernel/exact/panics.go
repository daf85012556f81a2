package exact

import (
	"runtime"
	"unsafe"

	"github.com/lathe-ml/lathe/kernel/exact/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// deferred is a deferred call of a function, the latest first.
type deferred struct {
	call prepared
	next *deferred
}

// panicking is a panic that passes a function with deferred calls.
type panicking struct {
	value     any
	recovered bool
}

// runDefers is the op that runs the deferred calls when a function returns.
func runDefers(fp P) {
	f := (*frame)(fp)
	for f.deferred != nil {
		d := f.deferred
		f.deferred = d.next
		d.call(f)
	}
}

// runDeferring runs a function that defers, once more when a debugger wants it.
func (c *code) runDeferring(fp P) {
	for c.attempt(fp) {
	}
}

// attempt is a run of a function that defers. Panics of Go stand for those of the session, so that
// they pass through compiled code.
func (c *code) attempt(fp P) (again bool) {
	f := (*frame)(fp)
	f.deferred, f.panicked = nil, nil
	depth := f.g.depth
	normal := false
	defer func() {
		if normal {
			return
		}
		u := unwinding{f: f, depth: depth}
		if exits := u.run(recover()); exits || u.again {
			again = u.again
			return
		}
		if c.recover != nil {
			c.run(c.recover, fp)
			return
		}
		for _, r := range c.results {
			native.Clear(r.typ, unsafe.Add(fp, r.off))
		}
	}()
	c.run(c.entry, fp)
	runDefers(fp) // those that the body of a range over a function pushed
	normal = true
	return false
}

// unwinding runs the deferred calls of f while a panic passes it.
type unwinding struct {
	f     *frame
	depth int
	p     *panicking
	exits bool // it is no panic but runtime.Goexit
	again bool // a debugger wants f to run again
}

// run runs them for the panic value v. It reports whether the goroutine is to end; it panics again
// when nothing recovered.
func (u *unwinding) run(v any) (exits bool) {
	f := u.f
	u.note(v)
	for f.deferred != nil {
		if _, ok := u.p.value.(exit); ok {
			panic(u.p.value)
		}
		d := f.deferred
		f.deferred = d.next
		u.one(d)
		if u.p.recovered {
			f.panicked = nil
		}
	}
	r, ok := u.p.value.(*outcome.Restart)
	u.again = ok && r.Reached
	switch {
	case u.exits:
		return true
	case !u.p.recovered && !u.again:
		panic(u.p.value)
	}
	f.g.top, f.g.depth = f, u.depth
	if in := f.g.in; in != nil {
		in.panic = traced{}
	}
	return false
}

// note begins a panic with value v, or the end of the goroutine when there is none.
func (u *unwinding) note(v any) {
	u.p = &panicking{value: v}
	u.exits = v == nil
	u.f.panicked = u.p
	if u.exits {
		u.f.panicked = nil
		return
	}
	if r := u.f.code.fn.m.live.began(u.f.g, v); r != nil {
		u.p.value = r
	}
	u.f.g.keepTrace()
}

// one runs a deferred call, which may panic in turn.
func (u *unwinding) one(d *deferred) {
	done := false
	defer func() {
		if !done {
			u.note(recover())
		}
	}()
	g := u.f.g
	g.top, g.depth = u.f, u.depth
	if g.in == nil {
		d.call(u.f)
	} else {
		before := g.in.panic
		g.in.panic = traced{}
		d.call(u.f)
		g.in.panic = before
	}
	done = true
}

// recovers is the builtin recover, called in frame f: it ends the panic that made the frame's
// deferring function run it. Functions made by go/ssa are not counted.
func recovers(f *frame) any {
	for !f.isDefer && f.up != nil && f.up.code.wrapper {
		f = f.up
	}
	if !f.isDefer || f.up == nil {
		return nil
	}
	p := f.up.panicked
	if p == nil || p.recovered {
		return nil
	}
	if _, ok := p.value.(*outcome.Restart); ok {
		return nil
	}
	if i, ok := p.value.(interrupted); ok {
		panic(i)
	}
	p.recovered = true
	return p.value
}

// goPanic returns the value that panic(v) panics with.
func goPanic(v any) any {
	if v == nil {
		return new(runtime.PanicNilError)
	}
	return v
}
