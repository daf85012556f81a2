package engine

import "runtime"

// Lazy computes the contents of Buffers when somebody first asks for them. A tracer defers the work of
// operators this way: whoever reads the memory, by whatever way, gets the values.
type Lazy struct {
	// Force makes b ready (Fulfil, Settle), or panics with the *Error that the work ended with. Several
	// goroutines may call it at once.
	Force func(b *Buffer)

	remote *memoryOf // of a Buffer on a Device, which has no Force
}

// NewDeferred returns a Buffer without memory whose contents l computes.
func NewDeferred(l *Lazy) *Buffer {
	b := &Buffer{}
	b.Defer(l)
	return b
}

// Defer says that writes to b wait with l: the next reader gets them done first.
func (b *Buffer) Defer(l *Lazy) {
	b.lazy.Store(l)
	b.state.Or(deferred)
}

// DeferredBy returns who computes the contents of b, or does writes that wait; nil: b is ready.
func (b *Buffer) DeferredBy() *Lazy {
	if b.state.Load()&deferred == 0 {
		return nil
	}
	return b.lazy.Load()
}

// Settle makes a Buffer with memory ready, for the code that does the writes that wait.
func (b *Buffer) Settle() {
	b.state.And(^deferred)
	b.lazy.Store(nil)
}

// Fulfil gives the memory and contents of src to b, which has none; src is empty then.
func (b *Buffer) Fulfil(src *Buffer) {
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
func (b *Buffer) Raw() *Buffer { return &Buffer{mem: b.mem} }

// Alias makes b, which WrapBytes made, a Buffer over o's memory as it is; nil takes it away.
func (b *Buffer) Alias(o *Buffer) {
	if b.mem = nil; o != nil {
		b.mem = o.mem
	}
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
