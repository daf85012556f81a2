// Package roofline measures what this machine can do, and how close each operator of the registry comes.
//
//	m := roofline.Machine(engine.Threads())        // peaks: GFLOP/s, GB/s of caches and memory
//	for _, d := range op.Defs() {
//		fmt.Println(roofline.Measure(m, d, 20*time.Millisecond))
//	}
//
// The bound of an operator is the larger of two times: its floating-point operations at the peak of the
// multiply-add units, and the bytes of its operands and results, each moved once, at the bandwidth of
// the memory that holds them. An operation is an addition or a multiplication; for functions such as exp it
// is one result, hence they may stay below their bound for good reason. The package judges nothing and
// compares with no other library (see bench).
package roofline

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Level is one level of the memory hierarchy.
type Level struct {
	Name  string  `json:"name"`
	Bytes int     `json:"bytes"` // what fits for all threads together; 0: no limit
	GBs   float64 `json:"gbs"`   // bandwidth of an addition of two arrays into a third
}

// Peaks are what a machine can do with a number of threads.
type Peaks struct {
	Threads int     `json:"threads"`
	Kernels string  `json:"kernels"` // instruction set of the CPU kernels
	F32     float64 `json:"f32"`     // GFLOP/s of multiply-adds
	F64     float64 `json:"f64"`
	Levels  []Level `json:"levels"` // the fastest first
}

// Row is the result of one operator.
type Row struct {
	Name    string  `json:"name"`
	In      string  `json:"in"` // operands
	Seconds float64 `json:"seconds"`
	Flops   float64 `json:"flops"`
	Bytes   float64 `json:"bytes"`
	Bound   string  `json:"bound"`   // what limits: "compute" or the name of a Level
	Percent float64 `json:"percent"` // of the bound
	Note    string  `json:"note,omitempty"`
}

// GFlops is the rate of operations.
func (r Row) GFlops() float64 { return rate(r.Flops, r.Seconds) }

// GBs is the rate of bytes.
func (r Row) GBs() float64 { return rate(r.Bytes, r.Seconds) }

func rate(n, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return n / seconds / 1e9
}

// Measure times d for about the given time on operands of a representative size. The number of threads is
// that of engine.Threads.
func Measure(p Peaks, d *op.Def, budget time.Duration) Row {
	w := sizeOf(d)
	r := Row{Name: d.Name, In: describe(w.In), Note: w.note}
	var call *prepared
	if err := engine.Catch(func() { call = prepare(d, w) }); err != nil {
		r.Note = err.Error()
		return r
	}
	if call.view {
		r.Note = "a view; nothing is computed"
		return r
	}
	r.Flops, r.Bytes = cost(d, call)
	if err := engine.Catch(func() { r.Seconds = fastest(call.run, budget) }); err != nil {
		r.Note = err.Error()
		return r
	}
	call.release()
	r.judge(p, call.out[0].DType)
	return r
}

// judge finds what bounds the row and how close it comes.
func (r *Row) judge(p Peaks, t engine.DType) {
	peak := p.F32
	if t == engine.F64 {
		peak = p.F64
	}
	level := p.Levels[len(p.Levels)-1]
	for _, l := range p.Levels {
		if l.Bytes > 0 && r.Bytes <= float64(l.Bytes) {
			level = l
			break
		}
	}
	compute, memory := r.Flops/peak/1e9, r.Bytes/level.GBs/1e9
	r.Bound = level.Name
	if compute > memory {
		r.Bound = "compute"
	}
	if r.Seconds > 0 {
		r.Percent = 100 * math.Max(compute, memory) / r.Seconds
	}
}

// fastest returns the shortest time of f in seconds.
func fastest(f func(), budget time.Duration) float64 {
	f()
	best := time.Duration(math.MaxInt64)
	count := 1
	for start := time.Now(); time.Since(start) < budget; {
		t := time.Now()
		for range count {
			f()
		}
		took := time.Since(t)
		best = min(best, took/time.Duration(count))
		if took < 100*time.Microsecond && count < 1<<16 { // the clock would tell too little
			count *= 2
		}
	}
	return max(best, 1).Seconds()
}

// prepared is a call of an operator with its memory.
type prepared struct {
	d       *op.Def
	attrs   op.Attrs
	in, out []engine.Array
	view    bool
}

func (c *prepared) run() { c.d.CPU(c.attrs, c.out, c.in) }

func (c *prepared) release() {
	for _, a := range append(c.in, c.out...) {
		a.Buf.Release()
	}
}

func prepare(d *op.Def, w work) *prepared {
	res, err := d.Resolve(w.Attrs, w.In)
	if err != nil {
		panic(err)
	}
	c := &prepared{d: d, attrs: w.Attrs}
	for i, t := range w.In {
		a := fill(engine.NewArray(res.DType[i], t.Shape), w, i)
		if res.Shape != nil {
			a = a.Expand(res.Shape)
		}
		c.in = append(c.in, a)
	}
	if d.View != nil {
		if _, ok := d.View(w.Attrs, c.in[0], res.Out[0]); ok {
			c.view = true
			return c
		}
	}
	for _, t := range res.Out {
		c.out = append(c.out, engine.NewArray(t.DType, t.Shape))
	}
	return c
}

func describe(in []op.Type) string {
	s := ""
	for i, t := range in {
		if i > 0 {
			s += " "
		}
		s += t.String()
	}
	return s
}

// String is one line of the table.
func (r Row) String() string {
	if r.Seconds == 0 {
		return fmt.Sprintf("%-18s %s", r.Name, r.Note)
	}
	return fmt.Sprintf("%-18s %10s %9.1f %8.1f %8s %5.0f%%  %s", r.Name, timeText(r.Seconds), r.GFlops(), r.GBs(),
		r.Bound, r.Percent, r.In)
}

// Header names the columns of Row.String.
const Header = "operator                 time   GFLOP/s     GB/s    bound  of it  operands"

func timeText(s float64) string {
	return time.Duration(s * 1e9).Round(10 * time.Nanosecond).String()
}

// String lists the peaks.
func (p Peaks) String() string {
	s := fmt.Sprintf("%d of %d CPUs, %s kernels: f32 %.0f GFLOP/s, f64 %.0f GFLOP/s", p.Threads, runtime.NumCPU(),
		p.Kernels, p.F32, p.F64)
	for _, l := range p.Levels {
		s += fmt.Sprintf(", %s %.0f GB/s", l.Name, l.GBs)
	}
	return s
}
