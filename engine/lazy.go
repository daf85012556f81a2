package engine

import "runtime"

// Lazy computes the contents of Buffers when somebody first asks for them. A tracer defers the work of
// operators this way: whoever reads the memory, by whatever way, gets the values.
type Lazy struct {
	// Force makes b ready (Fulfil, Settle), or panics with the *Error that the work ended with. Several
	// goroutines may call it at once.
	Force func(b *Buffer)

	// Of a Buffer on a Device, whose own Lazy this is: where it lies, and who computes its contents (nil: they
	// are there). It has no Force.
	remote *memoryOf
	by     *Lazy
}

// NewDeferred returns a Buffer without memory whose contents l computes.
func NewDeferred(l *Lazy) *Buffer {
	b := &Buffer{}
	b.Defer(l)
	return b
}

// NewDeferredOn is NewDeferred for n bytes of a Device; nil: of the CPU.
func NewDeferredOn(d Device, n int, l *Lazy) *Buffer {
	if d == nil {
		return NewDeferred(l)
	}
	b := &Buffer{}
	b.lazy.Store(&Lazy{remote: placeOn(d, n), by: l})
	b.state.Store(remote | deferred)
	return b
}

// Defer says that writes to b wait with l: the next reader gets them done first.
func (b *Buffer) Defer(l *Lazy) {
	if m := b.remoteMemory(); m != nil {
		l = &Lazy{remote: m, by: l}
	}
	b.lazy.Store(l)
	b.state.Or(deferred)
}

// DeferredBy returns who computes the contents of b, or does writes that wait; nil: b is ready.
func (b *Buffer) DeferredBy() *Lazy {
	if b.state.Load()&deferred == 0 {
		return nil
	}
	l := b.lazy.Load()
	if l != nil && l.remote != nil {
		return l.by
	}
	return l
}

// Settle makes a Buffer with memory ready, for the code that does the writes that wait.
func (b *Buffer) Settle() {
	if m := b.remoteMemory(); m != nil {
		b.lazy.Store(&m.plain)
		b.state.And(^deferred)
		return
	}
	b.state.And(^deferred)
	b.lazy.Store(nil)
}

// Fulfil gives the memory and contents of src to b, which has none; src is empty then. Both are on one Device, or
// none is.
func (b *Buffer) Fulfil(src *Buffer) {
	if m := src.remoteMemory(); m != nil {
		src.cleanup.Stop()
		b.cleanup = runtime.AddCleanup(b, (*memoryOf).free, m)
		b.lazy.Store(&m.plain)
		b.state.And(^deferred)
		src.lazy.Store(&placeOn(m.device, m.size).plain)
		src.state.Or(gone)
		return
	}
	b.mem = src.mem
	if src.class != 0 {
		src.cleanup.Stop()
		b.class = src.class
		b.cleanup = runtime.AddCleanup(b, giveBack, block{b.mem[:cap(b.mem)], b.class - 1})
	}
	src.mem, src.class = nil, 0
	src.state.Or(gone)
	b.Settle()
}

// Raw returns a Buffer over b's memory as it is, for the code that does the writes that wait. b must live
// as long.
func (b *Buffer) Raw() *Buffer {
	r := &Buffer{}
	r.Alias(b)
	return r
}

// Alias makes b, which WrapBytes made, a Buffer over o's memory as it is; nil takes it away.
func (b *Buffer) Alias(o *Buffer) {
	if m := o.remoteMemory(); m != nil {
		b.mem = nil
		b.lazy.Store(&m.plain)
		b.state.Or(remote)
		return
	}
	if b.state.Load()&remote != 0 {
		b.state.And(^remote)
		b.lazy.Store(nil)
	}
	if b.mem = nil; o != nil {
		b.mem = o.mem
	}
}

// Part returns a Buffer over n bytes of b's memory, which must live as long.
func (b *Buffer) Part(at, n int) *Buffer {
	m := b.remoteMemory()
	if m == nil {
		return WrapBytes(b.Bytes()[at : at+n : at+n])
	}
	r := &Buffer{}
	p := placeOn(m.device, n)
	p.addr = m.addr + uint64(at)
	r.lazy.Store(&p.plain)
	r.state.Store(remote)
	return r
}

// force gets deferred work done and reports whether b is ready now.
func (b *Buffer) force() bool {
	if l := b.DeferredBy(); l != nil {
		l.Force(b)
	}
	return b.state.Load()&unready == 0
}

// Share says that Go code knows b's memory and may write to it without telling, so that work on it must
// not be put off. It returns b.
func (b *Buffer) Share() *Buffer {
	if b != nil && b.state.Load()&shared == 0 {
		b.state.Or(shared)
	}
	return b
}

// Shared reports whether Share was called.
func (b *Buffer) Shared() bool { return b.state.Load()&shared != 0 }

// Gone reports whether b was released.
func (b *Buffer) Gone() bool { return b.state.Load()&gone != 0 }
