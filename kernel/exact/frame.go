package exact

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// P is a pointer to a value or to a frame.
type P = unsafe.Pointer

// op is one step of a function over its frame.
type op func(fp P)

// block is a basic block: straight code and the choice of the next block, nil to return.
type block struct {
	code  []op
	end   func(fp P) *block
	first int32 // number of the first op, see code.places
}

// frame is the head of the memory of an active function. Parameters, results, constants and all
// values that the function computes follow, each in a slot of its type, so that the collector sees
// what they point to. Frames are kept for the next call on the same goroutine.
type frame struct {
	g        *gor
	code     *code
	up       *frame // that called, or the next unused one
	deferred *deferred
	panicked *panicking
	at       int32 // number of the op that runs
	isDefer  bool  // called by the deferring frame up
}

// gor is what the functions of one goroutine share.
type gor struct {
	in    *goroutine
	top   *frame // innermost active
	depth int
	free  []*frame // unused frames by code.id
}

// maxDepth bounds calls within calls. Go's limit is 1 GB of stack, which these would take.
const maxDepth = 600_000

// code is a compiled function.
type code struct {
	id       int
	fn       *Fn
	name     string
	entry    *block
	recover  *block // where a function goes on that recovered
	layout   *native.Type
	template P // a frame with its constants
	params   []slot
	results  []slot
	captured []slot // what a closure brings along
	bound    *native.Type
	boundAt  []uintptr
	places   []place // by number of op
	defers   bool
	wrapper  bool      // made by go/ssa: invisible to recover
	wipes    []uintptr // words that may keep much alive, cleared on return
	clears   bool      // there are too many of them
}

// slot is a value in a frame.
type slot struct {
	off  uintptr
	kind moveKind
	typ  *native.Type
}

// newFrame allocates a frame.
func (c *code) newFrame(g *gor) P {
	p := native.New(c.layout)
	native.Move(c.layout, p, c.template)
	f := (*frame)(p)
	f.g, f.code = g, c
	return p
}

// get returns a frame for a call on g.
func (c *code) get(g *gor) P {
	if c.id < len(g.free) {
		if f := g.free[c.id]; f != nil {
			g.free[c.id] = f.up
			return P(f)
		}
	}
	return c.newFrame(g)
}

// put takes a frame back.
func (c *code) put(g *gor, fp P) {
	f := (*frame)(fp)
	if c.id >= len(g.free) {
		g.free = append(g.free, make([]*frame, c.id+16-len(g.free))...)
	}
	if c.clears {
		native.Move(c.layout, fp, c.template)
		f.g, f.code = g, c
	}
	for _, off := range c.wipes {
		store[P](fp, off, nil)
	}
	f.up = g.free[c.id]
	g.free[c.id] = f
}

// call runs c in the frame fp, which holds the arguments, on behalf of the frame up.
func (c *code) call(up *frame, fp P) {
	f := (*frame)(fp)
	g := f.g
	f.up = up
	g.top = f
	if g.depth++; g.depth > maxDepth {
		overflow()
	}
	if c.fn.m.stopping.Load() {
		poll(g.in)
	}
	if c.defers {
		c.runDeferring(fp)
	} else {
		for b := c.entry; b != nil; {
			for i, o := range b.code {
				f.at = b.first + int32(i)
				o(fp)
			}
			f.at = b.first + int32(len(b.code))
			b = b.end(fp)
		}
	}
	g.depth--
	g.top = up
}

// run executes from block b on.
func (c *code) run(b *block, fp P) {
	f := (*frame)(fp)
	for b != nil {
		for i, o := range b.code {
			f.at = b.first + int32(i)
			o(fp)
		}
		f.at = b.first + int32(len(b.code))
		b = b.end(fp)
	}
}

func overflow() { panic(stackOverflow{}) }

// stackOverflow is the panic of a recursion that is too deep.
type stackOverflow struct{}

// Error makes it an error.
func (stackOverflow) Error() string {
	return fmt.Sprintf("stack overflow: calls nest more than %d deep; a function called itself without end", maxDepth)
}

// RuntimeError makes it a runtime.Error.
func (stackOverflow) RuntimeError() {}

// Invoke calls f with arguments from compiled code. It makes Fn a native.Body. A panic goes on to the
// compiled code, except on goroutines that no cell started, such as those of timers: there nobody
// would stop it, so it is reported.
func (f *Fn) Invoke(self *native.Func, args []reflect.Value) (out []reflect.Value) {
	c := f.ready()
	in, known := f.m.live.enter()
	defer in.nested.Add(-1)
	if f.m.stopping.Load() && known {
		poll(in)
	}
	g := newGor(in)
	fp := c.get(g)
	done := false
	defer func() {
		if done {
			return
		}
		g.keepTrace()
		if !known {
			if v := recover(); v != nil {
				f.m.live.report(f.m.live.failure(in, v))
			}
			out = c.zeros()
		}
	}()
	for i, p := range c.params {
		a, d := args[i], unsafe.Add(fp, p.off)
		switch {
		case i == 0 && self.Recv != nil:
			p.kind.copy(p.typ, d, a.UnsafePointer())
		case a.Kind() == reflect.UnsafePointer || p.kind == movePointer && a.Kind() == reflect.Pointer:
			*(*P)(d) = a.UnsafePointer()
		default:
			reflect.NewAt(a.Type(), d).Elem().Set(a)
		}
	}
	c.bind(fp, self.Bound)
	c.call(nil, fp)
	out = c.zeros()
	for i, r := range c.results {
		r.kind.copy(r.typ, out[i].Addr().UnsafePointer(), unsafe.Add(fp, r.off))
	}
	done = true
	c.put(g, fp)
	g.release()
	return out
}

// zeros returns a zero value for each result.
func (c *code) zeros() []reflect.Value {
	out := make([]reflect.Value, len(c.results))
	for i, r := range c.results {
		out[i] = reflect.New(r.typ.Reflect()).Elem()
	}
	return out
}

// bind copies what a closure captured into its frame.
func (c *code) bind(fp, bound P) {
	for i := range c.captured {
		s := &c.captured[i]
		s.kind.copy(s.typ, unsafe.Add(fp, s.off), unsafe.Add(bound, c.boundAt[i]))
	}
}

// moveKind says how a value is copied.
type moveKind uint8

const (
	moveNothing moveKind = iota
	move1
	move2
	move4
	move8
	movePointer
	moveString
	moveInterface
	moveSlice
	moveTyped
)

func moveKindOf(t reflect.Type) moveKind {
	switch t.Kind() {
	case reflect.String:
		return moveString
	case reflect.Interface:
		return moveInterface
	case reflect.Slice:
		return moveSlice
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return movePointer
	}
	pointers := native.Of(t).PtrBytes > 0
	switch {
	case t.Size() == 0:
		return moveNothing
	case t.Size() == 8 && pointers:
		return movePointer
	case pointers:
		return moveTyped
	case t.Size() == 1:
		return move1
	case t.Size() == 2:
		return move2
	case t.Size() == 4:
		return move4
	case t.Size() == 8:
		return move8
	}
	return moveTyped
}

func load[T any](p P, off uintptr) T     { return *(*T)(unsafe.Add(p, off)) }
func store[T any](p P, off uintptr, v T) { *(*T)(unsafe.Add(p, off)) = v }
func move[T any](dst, src P)             { *(*T)(dst) = *(*T)(src) }

// copy copies a value of type t. A nil address panics as in Go.
func (k moveKind) copy(t *native.Type, dst, src P) {
	switch k {
	case move1:
		move[uint8](dst, src)
	case move2:
		move[uint16](dst, src)
	case move4:
		move[uint32](dst, src)
	case move8:
		move[uint64](dst, src)
	case movePointer:
		move[P](dst, src)
	case moveString:
		move[string](dst, src)
	case moveInterface:
		move[[2]P](dst, src)
	case moveSlice:
		move[[]byte](dst, src)
	case moveTyped:
		_, _ = *(*byte)(src), *(*byte)(dst)
		native.Move(t, dst, src)
	default:
		if dst == nil || src == nil {
			nilPanic()
		}
	}
}

// moveOp returns the op that copies a value within the frame.
func moveOp(dst, src uintptr, t reflect.Type) op {
	switch k, r := moveKindOf(t), native.Of(t); k {
	case move1:
		return func(fp P) { move[uint8](unsafe.Add(fp, dst), unsafe.Add(fp, src)) }
	case move4:
		return func(fp P) { move[uint32](unsafe.Add(fp, dst), unsafe.Add(fp, src)) }
	case move8:
		return func(fp P) { move[uint64](unsafe.Add(fp, dst), unsafe.Add(fp, src)) }
	case movePointer:
		return func(fp P) { move[P](unsafe.Add(fp, dst), unsafe.Add(fp, src)) }
	case moveNothing:
		return func(P) {}
	default:
		return func(fp P) { k.copy(r, unsafe.Add(fp, dst), unsafe.Add(fp, src)) }
	}
}

//go:noinline
func nilPanic() {
	var p *int
	*p = 0
}

// indexPanic panics as an index i does that is out of the range of n elements.
//
//go:noinline
func indexPanic(i, n int) { _ = unsafe.Slice((*struct{})(P(&zero)), n)[i] }

var zero byte
