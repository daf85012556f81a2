package eager

import (
	"runtime"
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Apply runs operator d and records it on the tape when an operand requires a gradient.
// It panics with *engine.Error when types do not fit.
func Apply(d *op.Def, a op.Attrs, in ...*Tensor) []*Tensor {
	return run(nil, d, a, recorded(), precise(d, in))
}

// First is Apply for the first result. Nobody gets to know the others, whose memory goes back as soon as
// the tape has no use for it.
func First(d *op.Def, a op.Attrs, in ...*Tensor) *Tensor { return apply1(d, a, in...) }

func apply1(d *op.Def, a op.Attrs, in ...*Tensor) *Tensor {
	return run1(d, a, recorded(), precise(d, in))
}

// applyUnary applies an elementwise operator without attributes.
func applyUnary(d *op.Def, x *Tensor) *Tensor {
	if y := direct1(d, x); y != nil {
		return y
	}
	return apply1(d, nil, x)
}

// applyBinary applies an elementwise operator without attributes to x and to a tensor or number v.
func applyBinary(d *op.Def, x *Tensor, v any) *Tensor {
	y, ok := v.(*Tensor)
	if !ok || y == nil {
		y = operand(d.Method, v)
	}
	if z := direct2(d, x, y); z != nil {
		return z
	}
	return apply1(d, nil, x, y)
}

// run1 is run for the first result.
func run1(d *op.Def, a op.Attrs, track recording, in []*Tensor) *Tensor {
	var few [2]*Tensor
	outs := run(few[:0], d, a, track, in)
	for _, y := range outs[1:] {
		y.Release()
	}
	return outs[0]
}

// scratch is what one operator call needs besides its results; calls take it from a pool.
type scratch struct {
	room    op.Room
	types   [4]op.Type
	arrays  [4]engine.Array
	results [3]engine.Array
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// done gives s back without holding on to storage.
func (s *scratch) done(in, out int) {
	clear(s.arrays[:min(in, len(s.arrays))])
	clear(s.results[:min(out, len(s.results))])
	scratches.Put(s)
}

// ApplyInPlace runs operator d and writes result i over operand i, as optimizers do; operand i must have the
// type of result i. An operator with one result is recorded, others need NoGrad where an operand requires a
// gradient. A tensor that stands for two operands (state that a setting does not use) takes the first of its
// results.
func ApplyInPlace(d *op.Def, a op.Attrs, in ...*Tensor) {
	if len(d.Outputs) == 1 && !slices.Contains(in, nil) {
		tracks := anyRequires(in) && gradEnabled()
		if in[0].checkWrite(d.Name, tracks); tracks {
			applyTracked(d, a, in)
			return
		}
	}
	applyInPlace(d, a, in)
}

// applyInPlace is ApplyInPlace without a record.
func applyInPlace(d *op.Def, a op.Attrs, in []*Tensor) {
	if o := observer.Load(); o != nil && o.f != nil {
		defer o.begin(d.Name, in).end(nil)
	}
	s := scratches.Get().(*scratch)
	r := resolve(s, d, a, in)
	dev := deviceOf(d, in)
	tr := tracer()
	var arrays []engine.Array
	if tr == nil {
		arrays = prepare(s, &r, in)
	}
	outs := s.results[:0]
	for i, t := range r.Out {
		x := in[i]
		if t.DType != x.arr.DType || !t.Shape.Equal(x.arr.Shape) {
			engine.Fail(d.Name, "in place: result %d is %v, operand is %v", i, t, x.arr)
		}
		if len(r.Out) > 1 {
			x.checkInPlace(d.Name)
		}
		writing(x.arr.Buf, tr)
		x.arr.Buf.Bump() // before the write: an interrupt may leave half of it
		outs = append(outs, x.arr)
	}
	if tr != nil {
		c := application(tr, d, a, in, len(outs))
		copy(c.Out, outs)
		tr.Update(c)
		s.done(len(in), len(outs))
		return
	}
	if dev != nil {
		for i := range arrays {
			for _, y := range outs {
				arrays[i] = apart(y, arrays[i])
			}
		}
	}
	for i := range outs { // kernels want row-major results
		if !outs[i].IsContiguous() {
			outs[i] = newOn(dev, outs[i].DType, outs[i].Shape)
		}
	}
	execute(dev, d, a, outs, arrays)
	for i := range outs {
		if outs[i].Buf != in[i].arr.Buf && !slices.Contains(in[:i], in[i]) {
			copyInto(in[i].arr, outs[i])
		}
	}
	n := len(outs)
	s.done(len(in), n)
	if o := observer.Load(); o != nil {
		o.looked(d, in[:n])
	}
}

// checkInPlace refuses steps of optimizers outside NoGrad.
func (x *Tensor) checkInPlace(where string) {
	if x.requires && gradEnabled() {
		engine.Fail(where, "tensor %v requires a gradient; change it inside NoGrad", x.arr)
	}
}

// run resolves types, prepares operands, computes, records, and appends the results to outs.
func run(outs []*Tensor, d *op.Def, a op.Attrs, track recording, in []*Tensor) []*Tensor {
	if o := observer.Load(); o != nil {
		return o.run(outs, d, a, track, in)
	}
	return compute(outs, d, a, track, in)
}

// recordedForm returns what stands for d on the tape, when d is about to be recorded.
func recordedForm(d *op.Def, track recording, dev op.Device, in []*Tensor) *op.Def {
	if d.Recorded == nil || track != recordsTape || dev != nil || in[0].arr.DType != engine.F32 || !anyRequires(in) {
		return nil
	}
	return d.Recorded
}

// compute is run without an observer.
func compute(outs []*Tensor, d *op.Def, a op.Attrs, track recording, in []*Tensor) []*Tensor {
	s := scratches.Get().(*scratch)
	r := resolve(s, d, a, in)
	dev := deviceOf(d, in)
	if t := tracer(); t != nil {
		outs = runTraced(t, outs, d, a, &r, track, dev, in)
		s.done(0, 0)
		if track == recordsTape && d.Grad != nil && anyRequires(in) {
			record(d, a, in, outs)
		}
		return outs
	}
	if form := recordedForm(d, track, dev, in); form != nil {
		s.done(0, 0)
		n := len(outs) + len(r.Out)
		outs = compute(outs, form, a, track, in)
		for _, y := range outs[n:] {
			y.Release()
		}
		return outs[:n]
	}
	arrays := prepare(s, &r, in)
	if v, ok := view(d, a, arrays, r.Out[0]); ok {
		outs = append(outs, newView(v, d, a, in[0], track))
	} else {
		results := s.results[:0]
		for _, t := range r.Out {
			y := &Tensor{}
			if dev != nil {
				y.arr = newOn(dev, t.DType, t.Shape)
			} else {
				y.arr = newResult(d, a, t, in, arrays)
			}
			results, outs = append(results, y.arr), append(outs, y)
		}
		execute(dev, d, a, results, arrays)
		runtime.KeepAlive(arrays) // s holds the first few: memory is not the pool's while kernels read it
	}
	s.done(len(in), len(r.Out))
	if track == recordsTape && d.Grad != nil && anyRequires(in) {
		record(d, a, in, outs)
	}
	return outs
}

// newResult returns an Array of type t for a result of d. A small one shares the strides of an operand
// of that shape.
func newResult(d *op.Def, a op.Attrs, t op.Type, in []*Tensor, arrays []engine.Array) engine.Array {
	if len(in) > 0 && (d.Elementwise || d.ChannelsLast == nil) {
		x := &in[0].arr
		if sameShape(x.Shape, t.Shape) && rowMajor(x) {
			n := x.Shape.Numel()
			if n > directMax { // NewArray looks at the memory limit
				return engine.NewArray(t.DType, x.Shape)
			}
			b := engine.NewBuffer(n * t.DType.Size())
			return engine.Array{DType: t.DType, Shape: x.Shape, Strides: x.Strides, Buf: b}
		}
	}
	return d.NewResult(a, arrays, t)
}

func view(d *op.Def, a op.Attrs, in []engine.Array, out op.Type) (engine.Array, bool) {
	if d.View == nil {
		return engine.Array{}, false
	}
	return d.View(a, in[0], out)
}

func resolve(s *scratch, d *op.Def, a op.Attrs, in []*Tensor) op.Resolved {
	types := s.types[:0]
	for i, x := range in {
		if x == nil || x.arr.DType == engine.Invalid {
			missing(d, i, x)
		}
		types = append(types, x.Type())
	}
	var r op.Resolved
	if err := d.ResolveIn(&s.room, &r, a, types); err != nil {
		panic(err)
	}
	return r
}

// prepare casts and broadcasts operands to what Resolve decided.
func prepare(s *scratch, r *op.Resolved, in []*Tensor) []engine.Array {
	arrays := s.arrays[:0]
	for i, x := range in {
		arrays = append(arrays, x.arr)
		arr := &arrays[i]
		if arr.DType != r.DType[i] {
			c := newOn(x.Device(), r.DType[i], arr.Shape)
			copyInto(c, *arr)
			*arr = c
		}
		if r.Shape != nil && !sameShape(arr.Shape, r.Shape) {
			*arr = arr.Expand(r.Shape)
		}
	}
	return arrays
}

func anyRequires(in []*Tensor) bool {
	for _, x := range in {
		if x.tracked() {
			return true
		}
	}
	return false
}

// copyInto copies src into dst, broadcasting and converting.
func copyInto(dst, src engine.Array) {
	if engine.HasRemote() && moveInto(dst, src) {
		return
	}
	if err := cpu.Copy(dst, src); err != nil {
		panic(&engine.Error{Where: "Copy", What: err.Error()})
	}
}

func fillWith(dst engine.Array, v float64) {
	if dev, ok := dst.Device().(op.Device); ok {
		cast(dev, dst, engine.Of(nil, []float64{v}).Expand(dst.Shape))
		return
	}
	if err := cpu.Fill(dst, v); err != nil {
		panic(&engine.Error{Where: "Fill", What: err.Error()})
	}
}
