package eager

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Event is an operator that ran, or a whole backward pass ("Backward"), as Observe reports it.
type Event struct {
	Name       string
	Goroutine  uint64    // an identity of the goroutine that ran it
	Start, End time.Time // of the call: preparation of operands, work, record
	In         []op.Type // operands
	Bytes      int64     // of new results, 0 for views and updates in place
	Allocated  int64     // bytes in all Buffers at the end

	// OnDevice waits for the work on a device and returns the time of its kernels; nil: the operator ran on the CPU,
	// or on a device that does not measure.
	OnDevice func() time.Duration
}

// observing is the functions that Observe and Inspect were given.
type observing struct {
	f    func(e Event)
	look func(s Step)
}

// observers guards changes of observer.
var observers sync.Mutex

// observer is nil most of the time: an operator looks at it once.
var observer atomic.Pointer[observing]

// Observe calls f after each operator of the process that runs outside package jit, from the goroutine that
// ran it, until stop is called. While it lasts operators take the long way: small ones and optimizer steps
// do not run together. Panics with *engine.Error when somebody observes already.
func Observe(f func(e Event)) (stop func()) {
	if f == nil {
		engine.Fail("Observe", "f is a nil func")
	}
	observers.Lock()
	defer observers.Unlock()
	if o := observer.Load(); o != nil && o.f != nil {
		engine.Fail("Observe", "operators are observed already; stop that profile first")
	}
	observe(func(o *observing) { o.f = f })
	var once sync.Once
	return func() {
		once.Do(func() {
			observers.Lock()
			defer observers.Unlock()
			observe(func(o *observing) { o.f = nil })
		})
	}
}

// diverted reports whether operators of the calling goroutine have to take the long way.
func diverted() bool {
	return observer.Load() != nil || hooked.used() || engine.HasRemote() || tracer() != nil
}

// span is an Event that has begun.
type span struct {
	o     *observing
	e     Event
	timer engine.Timer // of the device that the operator runs on
	begun engine.Mark
}

func (o *observing) begin(name string, in []*Tensor) *span {
	s := &span{o: o, e: Event{Name: name, Goroutine: uint64(goroutine())}}
	for _, x := range in {
		if x != nil {
			s.e.In = append(s.e.In, x.Type())
			if t, ok := x.arr.Device().(engine.Timer); ok {
				s.timer = t
			}
		}
	}
	if s.timer != nil {
		s.begun = s.timer.Mark()
	}
	s.e.Start = time.Now()
	return s
}

// end reports the event with its new results.
func (s *span) end(outs []*Tensor) {
	s.e.End = time.Now()
	if s.timer != nil {
		begun, ended := s.begun, s.timer.Mark()
		s.e.OnDevice = func() time.Duration { return ended.Since(begun) }
	}
	for _, y := range outs {
		s.e.Bytes += int64(y.arr.Numel() * y.arr.DType.Size())
	}
	s.e.Allocated = engine.Allocated()
	s.o.f(s.e)
}

// run is compute, reported.
func (o *observing) run(outs []*Tensor, d *op.Def, a op.Attrs, track recording, in []*Tensor) []*Tensor {
	before := len(outs)
	if o.f == nil {
		outs = compute(outs, d, a, track, in)
		o.looked(d, outs[before:])
		return outs
	}
	s := o.begin(d.Name, in)
	outs = compute(outs, d, a, track, in)
	made := outs[before:]
	defer o.looked(d, made)
	if len(made) == 1 && len(in) > 0 && made[0].arr.Buf == in[0].arr.Buf {
		made = nil // a view
	}
	s.end(made)
	return outs
}
