package data

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// LoaderOptions are the options of NewLoader; the zero value is the default.
type LoaderOptions struct {
	BatchSize int    // samples in a batch; 0: 32
	Shuffle   bool   // a new random order in each epoch
	Seed      uint64 // of the order: epoch e of a seed is always the same; 0: t.Seed decides
	DropLast  bool   // leave out a last batch that is smaller
	Workers   int    // batches read at the same time, beside the caller; 0: read in Next
	Prefetch  int    // batches read ahead when there are workers; 0: two for each worker

	Sampler Sampler                       // instead of Shuffle: which samples, in which order
	Batches BatchSampler                  // instead of BatchSize, Shuffle and Sampler: which batches
	Collate func(samples []Sample) Sample // joins the samples of a batch; nil: Stack

	// Device, as t.CUDA(0), is where batches go; nil: they stay in the memory of the CPU. With workers the batches read
	// ahead are copied beside the device's work.
	Device engine.Device
}

// Loader hands out the samples of a data set in batches.
//
// Goroutines: Next starts one for each batch that is read ahead, at most Workers of them work at once,
// and each ends when its batch is read. Nothing has to be closed, and a loop may be left at any time.
// (docs/decisions/0018-loader-workers.md says why workers are not processes.)
type Loader struct {
	ds           Dataset
	o            LoaderOptions
	epochs       uint64
	seed, stream uint64 // of the order of the last epoch
	last         *Epoch
	rest         bool // the next Epoch is the rest of a saved one,
	resume       int  // from this batch
}

// NewLoader returns a Loader over ds. Panics with *engine.Error when ds is nil or an option
// is negative.
func NewLoader(ds Dataset, o ...LoaderOptions) *Loader {
	given("data.NewLoader", ds)
	l := &Loader{ds: ds}
	if len(o) > 0 {
		l.o = o[0]
	}
	if l.o.BatchSize < 0 || l.o.Workers < 0 || l.o.Prefetch < 0 {
		engine.Fail("data.NewLoader", "BatchSize %d, Workers %d, Prefetch %d: want numbers ≥ 0",
			l.o.BatchSize, l.o.Workers, l.o.Prefetch)
	}
	if l.o.BatchSize == 0 {
		l.o.BatchSize = 32
	}
	sampled := l.o.Sampler != nil || l.o.Shuffle
	if l.o.Sampler != nil && l.o.Shuffle || l.o.Batches != nil && (sampled || l.o.DropLast) {
		engine.Fail("data.NewLoader", "Batches, Sampler and Shuffle each choose the order; want one of them")
	}
	if l.o.Batches == nil && l.o.Sampler != nil {
		l.o.Batches = Batched{Sampler: l.o.Sampler, Size: l.o.BatchSize, DropLast: l.o.DropLast}
	}
	if l.o.Prefetch == 0 {
		l.o.Prefetch = 2 * l.o.Workers
	}
	return l
}

// String returns one line: batches, their size and the data set.
func (l *Loader) String() string {
	return fmt.Sprintf("%d batches of up to %d from %s", l.Len(), l.o.BatchSize, describe(l.ds))
}

// Len returns the number of batches in an epoch.
func (l *Loader) Len() int {
	if l.o.Batches != nil {
		return l.o.Batches.Len()
	}
	n, b := l.ds.Len(), l.o.BatchSize
	if l.o.DropLast {
		return n / b
	}
	return (n + b - 1) / b
}

// Epoch starts a pass over the data:
//
//	for b := loader.Epoch(); b.Next(); {
//		use(b.X, b.Y)
//	}
func (l *Loader) Epoch() *Epoch {
	e := &Epoch{l: l, n: l.Len()}
	if l.rest {
		e.at, e.started, l.rest = l.resume, l.resume, false
	} else {
		l.draw()
		l.epochs++
	}
	if l.o.Batches != nil {
		e.batches = l.o.Batches.Batches(rand.New(rand.NewPCG(l.seed, l.stream)))
		checkBatches(e.batches, e.n, l.ds.Len())
	} else {
		e.order = l.order()
	}
	e.seeds = seeds{l.seed, l.stream, draws(l.ds)}
	if l.o.Workers > 0 {
		e.slots = make(chan struct{}, l.o.Workers)
	}
	l.last = e
	return e
}

// Batches is Epoch for range: for i, b := range loader.Batches().
func (l *Loader) Batches() iter.Seq2[int, Sample] {
	return func(yield func(int, Sample) bool) {
		for e := l.Epoch(); e.Next(); {
			if !yield(e.Index(), e.Sample) {
				return
			}
		}
	}
}

// draw chooses what is random in a new epoch.
func (l *Loader) draw() {
	if !l.o.Shuffle && l.o.Batches == nil && !draws(l.ds) {
		return
	}
	l.seed, l.stream = l.o.Seed, l.epochs
	if l.seed == 0 {
		l.seed, l.stream = eager.NextRandom(1)
	}
}

func (l *Loader) order() []int {
	if !l.o.Shuffle {
		return upTo(l.ds.Len())
	}
	return rand.New(rand.NewPCG(l.seed, l.stream)).Perm(l.ds.Len())
}

// Epoch is one pass over the data of a Loader; it holds the current batch. It is used by one goroutine.
type Epoch struct {
	Sample // the batch that Next moved to

	l       *Loader
	order   []int
	batches [][]int // instead of order
	seeds   seeds
	n       int // batches
	started int // batches taken or being read
	at      int // batches that Next has moved to
	ahead   []*reading
	slots   chan struct{}
}

// reading is a batch on its way. The goroutine that reads it closes done.
type reading struct {
	s       Sample
	arrived func() // has to be called before s is used
	err     any    // what the data set panicked with
	ok      bool
	done    chan struct{}
}

// toDevice begins to copy a batch to a device; nil: it stays where it is.
func toDevice(dev engine.Device, s Sample) (there Sample, arrived func()) {
	if dev == nil {
		return s, func() {}
	}
	x, y := func() {}, func() {}
	if s.X != nil {
		there.X, x = eager.Prefetch(s.X, dev)
	}
	if s.Y != nil {
		there.Y, y = eager.Prefetch(s.Y, dev)
	}
	return there, func() { x(); y() }
}

// Index returns the number of the current batch, from 0.
func (e *Epoch) Index() int { return e.at - 1 }

// Len returns the number of batches in the epoch.
func (e *Epoch) Len() int { return e.n }

// Next moves to the next batch and reports whether there is one. It panics with *engine.Error when the
// data set does, or when a goroutine of the loader ended without a batch.
func (e *Epoch) Next() bool {
	if e.at >= e.n {
		e.Sample = Sample{}
		return false
	}
	e.at++
	if e.l.o.Workers == 0 {
		s, arrived := toDevice(e.l.o.Device, batch(e.l.ds, e.indices(e.at-1), e.l.o.Collate, e.seeds))
		arrived()
		e.Sample = s
		return true
	}
	for e.started < e.n && len(e.ahead) < e.l.o.Prefetch+1 {
		e.ahead = append(e.ahead, e.start(e.started))
		e.started++
	}
	r := e.ahead[0]
	e.ahead = e.ahead[1:]
	<-r.done
	if r.ok {
		r.arrived()
		e.Sample = r.s
		return true
	}
	if err, is := r.err.(*engine.Error); is {
		panic(err)
	}
	engine.Fail("data.Loader", "reading batch %d: %v", e.Index(), r.err)
	return false
}

func (e *Epoch) indices(batch int) []int {
	if e.batches != nil {
		return e.batches[batch]
	}
	b := e.l.o.BatchSize
	return e.order[batch*b : min((batch+1)*b, len(e.order))]
}

// start reads a batch in a goroutine of its own.
func (e *Epoch) start(n int) *reading {
	r := &reading{done: make(chan struct{})}
	ds, index, slots := e.l.ds, e.indices(n), e.slots
	collate, seeds, dev := e.l.o.Collate, e.seeds, e.l.o.Device
	go func() {
		slots <- struct{}{}
		defer func() {
			if !r.ok {
				if r.err = recover(); r.err == nil { // runtime.Goexit in Item
					r.err = "the goroutine ended"
				}
			}
			<-slots
			close(r.done)
		}()
		r.s, r.arrived = toDevice(dev, batch(ds, index, collate, seeds))
		r.ok = true
	}()
	return r
}
