package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/engine"
)

// Tensor describes an input or output. A first extent of −1 means any number of rows.
type Tensor struct {
	Name  string
	DType engine.DType
	Shape engine.Shape
}

// Model is what a server runs.
type Model struct {
	Name            string
	Inputs, Outputs []Tensor
	// Sizes are the numbers of rows that Run takes, ascending: requests are joined up to the last one, and
	// filled up with zeros to the next. nil: inputs have exactly the shapes of Inputs, and requests are run one
	// by one; extents of outputs that differ between requests are −1.
	Sizes []int
	// Run computes the outputs for inputs of the given number of rows, one of Sizes. It may be called by several
	// goroutines at once.
	Run func(rows int, in []engine.Array) ([]engine.Array, error)
}

// Errors of Infer besides those of the model.
var (
	ErrBusy   = errors.New("serve: the queue is full; try again later")
	ErrClosed = errors.New("serve: the server is closing")
)

// badRequest is an error of the caller.
type badRequest struct{ error }

// Unwrap returns the cause.
func (b badRequest) Unwrap() error { return b.error }

func bad(format string, a ...any) error { return badRequest{fmt.Errorf("serve: "+format, a...)} }

// request is one caller's inputs on their way.
type request struct {
	ctx  context.Context
	rows int
	in   []engine.Array
	done chan<- answer // has room for the answer
	from time.Time
}

type answer struct {
	out []engine.Array
	err error
}

// batcher runs a model for requests that come at the same time.
type batcher struct {
	m     *Model
	o     Options
	queue chan *request
	stats stats

	mu     sync.RWMutex // held for reading while a request is put into the queue
	closed bool
	wg     sync.WaitGroup
}

func newBatcher(m *Model, o Options) *batcher {
	b := &batcher{m: m, o: o, queue: make(chan *request, o.Queue)}
	for range o.Instances {
		b.wg.Add(1)
		go b.work()
	}
	return b
}

// infer runs the model on in, which fits its inputs.
func (b *batcher) infer(ctx context.Context, in []engine.Array) ([]engine.Array, error) {
	done := make(chan answer, 1)
	r := &request{ctx: ctx, in: in, rows: 1, done: done, from: time.Now()}
	if b.m.Sizes != nil {
		r.rows = in[0].Shape[0]
	}
	if err := b.enter(r); err != nil {
		b.stats.refused.Add(1)
		return nil, err
	}
	select {
	case a := <-done:
		return a.out, a.err
	case <-ctx.Done():
		b.stats.late.Add(1)
		return nil, fmt.Errorf("serve: model %s: %w", b.m.Name, context.Cause(ctx))
	}
}

func (b *batcher) enter(r *request) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return ErrClosed
	}
	select {
	case b.queue <- r:
		return nil
	default:
		return ErrBusy
	}
}

// close lets what is in the queue run and waits for it.
func (b *batcher) close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.queue)
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// work joins requests and runs them, until the queue is closed and empty.
func (b *batcher) work() {
	defer b.wg.Done()
	var next *request // did not fit into the last batch
	for {
		r := next
		next = nil
		if r == nil {
			var ok bool
			if r, ok = <-b.queue; !ok {
				return
			}
		}
		var together []*request
		together, next = b.gather(r)
		b.run(together)
	}
}

// gather returns the requests to run with r: those that wait already, and those that come within the delay.
func (b *batcher) gather(r *request) (together []*request, next *request) {
	together = []*request{r}
	if b.m.Sizes == nil {
		return together, nil
	}
	most, rows := b.m.Sizes[len(b.m.Sizes)-1], r.rows
	var late <-chan time.Time
	if b.o.Delay > 0 && rows < most {
		t := time.NewTimer(b.o.Delay - time.Since(r.from))
		defer t.Stop()
		late = t.C
	}
	for rows < most {
		var other *request
		var ok bool
		if late != nil {
			select {
			case other, ok = <-b.queue:
			case <-late:
				return together, nil
			}
		} else {
			select {
			case other, ok = <-b.queue:
			default:
				return together, nil
			}
		}
		if !ok {
			return together, nil
		}
		if rows += other.rows; rows > most {
			return together, other
		}
		together = append(together, other)
	}
	return together, nil
}

// run computes one batch and answers its requests. Those whose caller has gone are left out.
func (b *batcher) run(all []*request) {
	all = slices.DeleteFunc(all, func(r *request) bool { return r.ctx.Err() != nil })
	if len(all) == 0 {
		return
	}
	start := time.Now()
	answers, err := b.compute(all)
	b.stats.batch(all, time.Since(start), err)
	for i, r := range all {
		if err != nil {
			r.done <- answer{err: fmt.Errorf("serve: model %s: %w", b.m.Name, err)}
			continue
		}
		r.done <- answer{out: answers[i]}
	}
}

func (b *batcher) compute(all []*request) (answers [][]engine.Array, err error) {
	answers = make([][]engine.Array, len(all))
	caught := engine.Catch(func() {
		if b.m.Sizes == nil {
			answers[0], err = b.m.Run(1, all[0].in)
			return
		}
		err = b.joined(all, answers)
	})
	if caught != nil {
		err = caught
	}
	return answers, err
}

// joined runs requests as one batch and cuts the results apart.
func (b *batcher) joined(all []*request, answers [][]engine.Array) error {
	rows := 0
	for _, r := range all {
		rows += r.rows
	}
	i, _ := slices.BinarySearch(b.m.Sizes, rows)
	size := b.m.Sizes[i]
	in := all[0].in
	if len(all) > 1 || size != rows {
		in = make([]engine.Array, len(b.m.Inputs))
		for k := range in {
			in[k] = join(all, k, size)
		}
	}
	out, err := b.m.Run(size, in)
	if err != nil {
		return err
	}
	at := 0
	for i, r := range all {
		for _, y := range out {
			answers[i] = append(answers[i], y.Slice(0, at, at+r.rows, 1))
		}
		at += r.rows
	}
	return nil
}

// join stacks input k of all requests and zeros up to size rows.
func join(all []*request, k, size int) engine.Array {
	x := all[0].in[k]
	shape := x.Shape.Clone()
	shape[0] = size
	y := engine.Zeros(x.DType, shape)
	at, row := 0, y.DType.Size()*shape[1:].Numel()
	for _, r := range all {
		from := r.in[k]
		at += copy(y.Buf.Bytes()[at:], from.Buf.Bytes()[from.Offset*from.DType.Size():][:r.rows*row])
	}
	return y
}
