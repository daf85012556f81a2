package eager

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Apply runs operator d and records it on the tape when an operand requires a gradient.
// It panics with *engine.Error when types do not fit.
func Apply(d *op.Def, a op.Attrs, in ...*Tensor) []*Tensor {
	return run(d, a, gradEnabled(), in)
}

func apply1(d *op.Def, a op.Attrs, in ...*Tensor) *Tensor {
	return run(d, a, gradEnabled(), in)[0]
}

// ApplyInPlace runs operator d and writes result i over operand i, as optimizers do.
// Nothing is recorded; operand i must have the type of result i. A tensor that stands for two operands
// (state that a setting does not use) takes the first of its results.
func ApplyInPlace(d *op.Def, a op.Attrs, in ...*Tensor) {
	r := resolve(d, a, in)
	arrays := prepare(r, in)
	outs := make([]engine.Array, len(r.Out))
	for i, t := range r.Out {
		x := in[i]
		if t.DType != x.arr.DType || !t.Shape.Equal(x.arr.Shape) {
			engine.Fail(d.Name, "in place: result %d is %v, operand is %v", i, t, x.arr)
		}
		x.checkInPlace(d.Name)
		outs[i] = x.arr
	}
	for i := range outs { // kernels want row-major results
		if !outs[i].IsContiguous() {
			outs[i] = engine.NewArray(outs[i].DType, outs[i].Shape)
		}
	}
	d.CPU(a, outs, arrays)
	for i := range outs {
		if outs[i].Buf != in[i].arr.Buf && !slices.Contains(in[:i], in[i]) {
			copyInto(in[i].arr, outs[i])
		}
		in[i].arr.Buf.Bump()
	}
}

// checkInPlace refuses in-place writes that the tape could not follow.
func (x *Tensor) checkInPlace(where string) {
	if x.requires && gradEnabled() {
		engine.Fail(where, "tensor %v requires a gradient; change it inside NoGrad", x.arr)
	}
}

// run resolves types, prepares operands, computes, and records.
func run(d *op.Def, a op.Attrs, track bool, in []*Tensor) []*Tensor {
	r := resolve(d, a, in)
	arrays := prepare(r, in)
	outs := make([]*Tensor, len(r.Out))
	if v, ok := view(d, a, arrays, r.Out[0]); ok {
		outs[0] = &Tensor{arr: v}
	} else {
		results := make([]engine.Array, len(r.Out))
		for i, t := range r.Out {
			results[i] = engine.NewArray(t.DType, t.Shape)
			outs[i] = &Tensor{arr: results[i]}
		}
		d.CPU(a, results, arrays)
	}
	if track && d.Grad != nil && anyRequires(in) {
		record(d, a, in, outs)
	}
	return outs
}

func view(d *op.Def, a op.Attrs, in []engine.Array, out op.Type) (engine.Array, bool) {
	if d.View == nil {
		return engine.Array{}, false
	}
	return d.View(a, in[0], out)
}

func resolve(d *op.Def, a op.Attrs, in []*Tensor) op.Resolved {
	var buf [4]op.Type
	types := buf[:0]
	for _, x := range in {
		types = append(types, x.Type())
	}
	r, err := d.Resolve(a, types)
	if err != nil {
		panic(err)
	}
	return r
}

// prepare casts and broadcasts operands to what Resolve decided.
func prepare(r op.Resolved, in []*Tensor) []engine.Array {
	arrays := make([]engine.Array, len(in))
	for i, x := range in {
		arr := x.arr
		if arr.DType != r.DType[i] {
			c := engine.NewArray(r.DType[i], arr.Shape)
			copyInto(c, arr)
			arr = c
		}
		if r.Shape != nil {
			arr = arr.Expand(r.Shape)
		}
		arrays[i] = arr
	}
	return arrays
}

func anyRequires(in []*Tensor) bool {
	for _, x := range in {
		if x.requires {
			return true
		}
	}
	return false
}

// builder is the op.Builder of eager mode: it runs what gradient rules apply. track is set when the
// gradient itself is to be differentiated.
type builder struct{ track bool }

func (b builder) Apply(d *op.Def, a op.Attrs, in ...op.Value) []op.Value {
	xs := make([]*Tensor, len(in))
	for i, v := range in {
		x, ok := v.(*Tensor)
		if !ok {
			engine.Fail(d.Name, "a gradient rule reads a value that its Saves leaves out (%v)", v.Type())
		}
		xs[i] = x
	}
	outs := run(d, a, b.track, xs)
	r := make([]op.Value, len(outs))
	for i, y := range outs {
		r[i] = y
	}
	return r
}

func (b builder) Const(t op.Type, x float64) op.Value {
	s := engine.NewArray(t.DType, nil)
	fillWith(s, x)
	return &Tensor{arr: s.Expand(t.Shape), weak: t.Weak}
}

// copyInto copies src into dst, broadcasting and converting.
func copyInto(dst, src engine.Array) {
	if err := cpu.Copy(dst, src); err != nil {
		panic(&engine.Error{Where: "Copy", What: err.Error()})
	}
}

func fillWith(dst engine.Array, v float64) {
	if err := cpu.Fill(dst, v); err != nil {
		panic(&engine.Error{Where: "Fill", What: err.Error()})
	}
}
