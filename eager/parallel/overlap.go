package parallel

import (
	"fmt"
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
)

// overlap sends gradients while the backward pass goes on: parameters are put into buckets in the order in
// which rank 0 saw their gradients in the first pass, and a bucket travels as soon as it is complete.
//
// Goroutines: each pass starts one that sends; begin starts it and end waits for it. params, due, group and
// buckets do not change meanwhile; the rest belongs to the goroutine of the pass.
type overlap struct {
	d       *DataParallel
	params  []*eager.Tensor // those that are trained
	remove  []func()        // hooks
	due     []int           // gradients of each parameter in a pass; nil until the first one has shown it
	buckets [][]int         // parameters by bucket
	group   []int           // bucket of each parameter

	active  bool
	got     []int // gradients of this pass so far
	order   []int // parameters as their gradients come
	pending int   // parameter whose last gradient is being added; −1: none
	missing []int // parameters that a bucket waits for
	next    int   // first bucket that has not been sent
	late    error

	sends   chan []*eager.Tensor
	flight  sync.WaitGroup // buckets on their way
	outcome chan error
}

// newOverlap watches the parameters of d that are trained now.
func newOverlap(d *DataParallel) *overlap {
	o := &overlap{d: d, params: trained(d)}
	for i, p := range o.params {
		o.remove = append(o.remove, p.OnGrad(func(*eager.Tensor) *eager.Tensor {
			if o.active {
				o.arrive(i)
			}
			return nil
		}))
	}
	return o
}

func trained(d *DataParallel) []*eager.Tensor {
	return slices.DeleteFunc(d.Module.Self().Params(), func(p *eager.Tensor) bool { return !p.RequiresGrad() })
}

// close takes the hooks away.
func (o *overlap) close() {
	for _, remove := range o.remove {
		remove()
	}
}

// backward is DataParallel.Backward.
func (o *overlap) backward(loss *eager.Tensor) error {
	o.got, o.order = make([]int, len(o.params)), nil
	if o.due == nil {
		o.active = true
		func() {
			defer func() { o.active = false }()
			loss.Backward()
		}()
		if err := o.d.Average(); err != nil {
			return err
		}
		return o.learn()
	}
	o.begin()
	err := func() (err error) {
		defer func() { err = o.end() }() // also when the pass panics: nobody may wait for this process
		loss.Backward()
		return nil
	}()
	if err == nil {
		err = o.late
	}
	if err != nil {
		return fmt.Errorf("parallel.DataParallel: %w", err)
	}
	return nil
}

// learn takes the order of rank 0 for all processes and fills the buckets.
func (o *overlap) learn() error {
	order := make([]int, len(o.params))
	last := map[int]int{}
	for at, i := range o.order {
		last[i] = at
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, seen := last[a]
		y, too := last[b]
		switch {
		case seen && too:
			return x - y
		case seen:
			return -1
		case too:
			return 1
		}
		return a - b
	})
	all := eager.FromInts(order)
	if err := o.d.w.Broadcast(all); err != nil {
		return fmt.Errorf("parallel.DataParallel: %w", err)
	}
	o.due, o.group, o.buckets = o.got, make([]int, len(o.params)), nil
	size := 0
	for _, i := range all.Ints() {
		if size == 0 {
			o.buckets = append(o.buckets, nil)
		}
		k := len(o.buckets) - 1
		o.buckets[k], o.group[i] = append(o.buckets[k], i), k
		if size += o.params[i].Numel() * o.params[i].DType().Size(); size >= o.d.bucket {
			size = 0
		}
	}
	return nil
}

func (o *overlap) begin() {
	o.missing, o.next, o.pending, o.late = make([]int, len(o.buckets)), 0, -1, nil
	for k, b := range o.buckets {
		for _, i := range b {
			if o.due[i] > 0 {
				o.missing[k]++
			}
		}
	}
	o.sends, o.outcome = make(chan []*eager.Tensor, len(o.buckets)), make(chan error, 1)
	o.active = true
	go func() {
		var err error
		for xs := range o.sends {
			if err == nil {
				err = o.d.w.AllMean(xs...)
			}
			o.flight.Done()
		}
		o.outcome <- err
	}()
}

// end sends what is left and waits.
func (o *overlap) end() error {
	o.active = false
	o.added()
	for ; o.next < len(o.buckets); o.next++ {
		o.send(o.next)
	}
	close(o.sends)
	return <-o.outcome
}

// arrive is told of a gradient of parameter i before it is added; all before it have been.
func (o *overlap) arrive(i int) {
	o.got[i]++
	if o.due == nil {
		o.order = append(o.order, i)
		return
	}
	o.added()
	switch {
	case o.got[i] == o.due[i]:
		o.pending = i
	case o.got[i] > o.due[i] && o.late == nil:
		o.flight.Wait() // nobody reads the gradient while it changes
		o.late = fmt.Errorf("parameter %d (%v) got more gradients than the %d of the first pass, and was sent before; "+
			"set Overlap off for networks that change", i, o.params[i].Type(), o.due[i])
	}
}

// added sends the buckets that are complete now that the last gradient has been added.
func (o *overlap) added() {
	if o.pending < 0 {
		return
	}
	o.missing[o.group[o.pending]]--
	o.pending = -1
	for ; o.next < len(o.buckets) && o.missing[o.next] == 0; o.next++ {
		o.send(o.next)
	}
}

func (o *overlap) send(bucket int) {
	var xs []*eager.Tensor
	for _, i := range o.buckets[bucket] {
		if g := o.params[i].OwnGrad(); g != nil {
			xs = append(xs, g)
		}
	}
	o.flight.Add(1)
	o.sends <- xs
}
