package data

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Stream is a data set that is read from front to back, such as a log or a database cursor. Samples yields
// part 0 … parts−1 of it, the parts together every sample once; parts are read at the same time. It panics
// with *engine.Error when a sample cannot be read.
type Stream interface {
	Samples(part, parts int) iter.Seq[Sample]
}

// StreamOptions are the options of NewStreamLoader; the zero value is the default.
type StreamOptions struct {
	BatchSize int                           // samples in a batch; 0: 32
	Buffer    int                           // shuffle: a sample is drawn from this many at a time; 0: in order
	Seed      uint64                        // of Buffer: epoch e of a seed is always the same; 0: t.Seed decides
	DropLast  bool                          // leave out last batches that are smaller
	Workers   int                           // parts that are read at the same time; 0: one, in Next
	Prefetch  int                           // batches that each worker reads ahead; 0: 2
	Collate   func(samples []Sample) Sample // joins the samples of a batch; nil: Stack
}

// StreamLoader hands out the samples of a Stream in batches. With workers, each reads a part of the stream
// and batches come from the workers in turn, so the order depends on their number and on nothing else.
//
// Goroutines: an epoch starts one for each worker; it ends with its part, or when the loop over the epoch
// is left.
type StreamLoader struct {
	s      Stream
	o      StreamOptions
	epochs uint64
	seed   uint64
	stream uint64
	at     int  // batches of the last epoch that were handed out
	resume int  // batches of the next one to pass over
	again  bool // the next epoch is the rest of a saved one
}

// NewStreamLoader returns a StreamLoader. Panics with *engine.Error when s is nil or an option is negative.
func NewStreamLoader(s Stream, o ...StreamOptions) *StreamLoader {
	if s == nil {
		engine.Fail("data.NewStreamLoader", "the stream is nil")
	}
	l := &StreamLoader{s: s}
	if len(o) > 0 {
		l.o = o[0]
	}
	if min(l.o.BatchSize, l.o.Buffer, l.o.Workers, l.o.Prefetch) < 0 {
		engine.Fail("data.NewStreamLoader", "BatchSize %d, Buffer %d, Workers %d, Prefetch %d: want numbers ≥ 0",
			l.o.BatchSize, l.o.Buffer, l.o.Workers, l.o.Prefetch)
	}
	if l.o.BatchSize == 0 {
		l.o.BatchSize = 32
	}
	if l.o.Prefetch == 0 {
		l.o.Prefetch = 2
	}
	return l
}

// Batches is one pass over the stream: for i, b := range loader.Batches(). It panics with *engine.Error
// when the stream does.
func (l *StreamLoader) Batches() iter.Seq2[int, Sample] {
	return func(yield func(int, Sample) bool) {
		skip := l.begin()
		next, stop := l.source()
		defer stop()
		for {
			b, ok := next()
			if !ok {
				l.at = -1
				return
			}
			if l.at++; l.at <= skip {
				continue
			}
			if !yield(l.at-1, b) {
				return
			}
		}
	}
}

// begin chooses what is random in an epoch and returns the batches to pass over.
func (l *StreamLoader) begin() int {
	l.at = 0
	if l.again {
		l.again = false
		return l.resume
	}
	l.seed, l.stream = l.o.Seed, l.epochs
	if l.seed == 0 && l.o.Buffer > 0 {
		l.seed, l.stream = eager.NextRandom(1)
	}
	l.epochs++
	return 0
}

// source returns the batches of an epoch, and what ends its goroutines.
func (l *StreamLoader) source() (next func() (Sample, bool), stop func()) {
	if l.o.Workers == 0 {
		return iter.Pull(l.part(0, 1))
	}
	done := make(chan struct{})
	parts := make([]chan streamed, l.o.Workers)
	for i := range parts {
		parts[i] = make(chan streamed, l.o.Prefetch)
		go l.work(i, parts[i], done)
	}
	turn := 0
	next = func() (Sample, bool) {
		for len(parts) > 0 {
			turn %= len(parts)
			r, ok := <-parts[turn]
			if !ok { // this part is at its end
				parts = append(parts[:turn:turn], parts[turn+1:]...)
				continue
			}
			if r.err != nil {
				panic(r.err)
			}
			turn++
			return r.s, true
		}
		return Sample{}, false
	}
	return next, func() { close(done) }
}

// streamed is a batch or the error of a worker.
type streamed struct {
	s   Sample
	err *engine.Error
}

// work reads a part until it ends or nobody wants it any more.
func (l *StreamLoader) work(part int, out chan<- streamed, done <-chan struct{}) {
	defer close(out)
	send := func(r streamed) bool {
		select {
		case out <- r:
			return true
		case <-done:
			return false
		}
	}
	finished := false
	defer func() {
		if finished {
			return
		}
		switch err := recover().(type) {
		case *engine.Error:
			send(streamed{err: err})
		default:
			send(streamed{err: &engine.Error{
				Where: "data.StreamLoader", What: fmt.Sprintf("reading part %d: %v", part, err),
			}})
		}
	}()
	for b := range l.part(part, l.o.Workers) {
		if !send(streamed{s: b}) {
			break
		}
	}
	finished = true
}

// part yields the batches of one part of the stream.
func (l *StreamLoader) part(part, parts int) iter.Seq[Sample] {
	collate := l.o.Collate
	if collate == nil {
		collate = Stack
	}
	return func(yield func(Sample) bool) {
		batch := make([]Sample, 0, l.o.BatchSize)
		for s := range l.shuffled(part, parts) {
			batch = append(batch, s)
			if len(batch) < l.o.BatchSize {
				continue
			}
			if !yield(collate(batch)) {
				return
			}
			batch = batch[:0]
		}
		if len(batch) > 0 && !l.o.DropLast {
			yield(collate(batch))
		}
	}
}

// shuffled yields samples in the order of the stream, or drawn from a buffer.
func (l *StreamLoader) shuffled(part, parts int) iter.Seq[Sample] {
	samples := l.s.Samples(part, parts)
	if l.o.Buffer <= 1 {
		return samples
	}
	return func(yield func(Sample) bool) {
		r := rand.New(rand.NewPCG(l.seed, l.stream*uint64(parts)+uint64(part)))
		var buffer []Sample
		for s := range samples {
			if len(buffer) < l.o.Buffer {
				buffer = append(buffer, s)
				continue
			}
			i := r.IntN(len(buffer))
			s, buffer[i] = buffer[i], s
			if !yield(s) {
				return
			}
		}
		r.Shuffle(len(buffer), func(i, j int) { buffer[i], buffer[j] = buffer[j], buffer[i] })
		for _, s := range buffer {
			if !yield(s) {
				return
			}
		}
	}
}

// MarshalText returns the place of the loader in its stream for a checkpoint.
func (l *StreamLoader) MarshalText() ([]byte, error) {
	at := l.at
	if l.again {
		at = l.resume
	}
	return fmt.Appendf(nil, "stream %d %d %d %d", l.epochs, at, l.seed, l.stream), nil
}

// UnmarshalText restores what MarshalText returned, for a loader that was built as the saved one was. When
// the saved epoch was not at its end, the next one is its rest; what came before is read and passed over.
func (l *StreamLoader) UnmarshalText(text []byte) error {
	var epochs, seed, stream uint64
	var at int
	_, err := fmt.Sscanf(string(text), "stream %d %d %d %d", &epochs, &at, &seed, &stream)
	if err != nil || at < -1 {
		return fmt.Errorf("data.StreamLoader: the state is %q, want stream and four numbers", text)
	}
	l.epochs, l.seed, l.stream = epochs, seed, stream
	l.at, l.resume, l.again = at, at, at >= 0 && epochs > 0
	return nil
}
