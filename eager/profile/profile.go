// Package profile measures which operators a piece of code spends its time and memory in.
//
//	p := profile.Start()
//	train()
//	r := p.Stop()
//	fmt.Println(r)            // a table; in a cell r shows itself
//	r.Flame()                 // nested bars, in a cell
//	err := r.WriteChrome(file) // a timeline for chrome://tracing or ui.perfetto.dev
//
// It sees every operator of the process that eager runs, and backward passes as wholes. While it measures,
// small operators take the long way, some hundred nanoseconds each. It does not see into functions that
// package jit compiled, Go code between operators, or the threads inside an operator.
package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/eager"
)

// Profile is a measurement that has begun.
type Profile struct {
	start time.Time
	stop  func()
	mu    sync.Mutex // guards the rest: events come from any goroutine
	over  *Report
	all   []eager.Event
}

// Start begins to measure. Panics with *engine.Error when another Profile does.
func Start() *Profile {
	p := &Profile{start: time.Now()}
	p.stop = eager.Observe(func(e eager.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.over == nil {
			p.all = append(p.all, e)
		}
	})
	return p
}

// Stop ends the measurement and returns what was measured; called again, the same.
func (p *Profile) Stop() *Report {
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over == nil {
		p.over = report(p.start, time.Now(), p.all)
	}
	return p.over
}

// Run measures f.
func Run(f func()) *Report {
	p := Start()
	defer p.Stop() // when f panics, too
	f()
	return p.Stop()
}

// Report is what a Profile measured.
type Report struct {
	Start  time.Time
	Took   time.Duration
	Events []eager.Event   // by start
	Self   []time.Duration // of each event, without those inside it
	Device []time.Duration // of each event: of its kernels on a device, which Stop waits for
}

// Row is the sum over all events of one name.
type Row struct {
	Name        string
	Calls       int
	Total, Self time.Duration // Self: without the events inside, as the operators of Backward
	Bytes       int64         // of results
	Slowest     time.Duration
	Shapes      string        // operands of the slowest call
	Device      time.Duration // of kernels on a device; Total is what giving it the work took
}

// report orders events and takes from each the time of those inside it.
func report(start, end time.Time, all []eager.Event) *Report {
	slices.SortStableFunc(all, func(a, b eager.Event) int {
		return cmp.Or(a.Start.Compare(b.Start), b.End.Compare(a.End))
	})
	r := &Report{Start: start, Took: end.Sub(start), Events: all, Self: make([]time.Duration, len(all)), Device: make([]time.Duration, len(all))}
	open := map[uint64][]int{} // events of a goroutine that have not ended
	for i, e := range all {
		r.Self[i] = e.End.Sub(e.Start)
		if e.OnDevice != nil {
			r.Device[i] = e.OnDevice()
		}
		stack := open[e.Goroutine]
		for len(stack) > 0 && !all[stack[len(stack)-1]].End.After(e.Start) {
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 {
			r.Self[stack[len(stack)-1]] -= r.Self[i]
		}
		open[e.Goroutine] = append(stack, i)
	}
	return r
}

// Rows returns a row for each operator, those with the most time of their own, on a device if there is one, first.
func (r *Report) Rows() []Row {
	at := map[string]int{}
	var rows []Row
	for i, e := range r.Events {
		k, ok := at[e.Name]
		if !ok {
			k = len(rows)
			at[e.Name] = k
			rows = append(rows, Row{Name: e.Name, Slowest: -1})
		}
		row, took := &rows[k], e.End.Sub(e.Start)
		row.Calls++
		row.Total += took
		row.Self += r.Self[i]
		row.Bytes += e.Bytes
		row.Device += r.Device[i]
		if took > row.Slowest {
			row.Slowest, row.Shapes = took, shapes(e)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Device, a.Device), cmp.Compare(b.Self, a.Self))
	})
	return rows
}

func shapes(e eager.Event) string {
	parts := make([]string, len(e.In))
	for i, t := range e.In {
		parts[i] = fmt.Sprint(t)
	}
	return strings.Join(parts, " ")
}

// Sample is the memory in use at one time.
type Sample struct {
	At        time.Duration // since the start
	Allocated int64         // bytes in all Buffers
}

// Memory returns how much memory was in use after each operator, by time.
func (r *Report) Memory() []Sample {
	all := make([]Sample, len(r.Events))
	for i, e := range r.Events {
		all[i] = Sample{e.End.Sub(r.Start), e.Allocated}
	}
	slices.SortStableFunc(all, func(a, b Sample) int { return cmp.Compare(a.At, b.At) })
	return all
}

// Peak returns the most memory that was in use after an operator.
func (r *Report) Peak() int64 {
	peak := int64(0)
	for _, e := range r.Events {
		peak = max(peak, e.Allocated)
	}
	return peak
}
