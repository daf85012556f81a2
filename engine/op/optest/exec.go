package optest

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// value is an array with the weakness of a Go number.
type value struct {
	arr  engine.Array
	weak bool
}

// Type is part of op.Value.
func (v *value) Type() op.Type { return op.Type{DType: v.arr.DType, Shape: v.arr.Shape, Weak: v.weak} }

// executor is the simplest op.Builder: it runs kernels into new storage filled with garbage, and never
// takes a view.
type executor struct{}

// Apply is part of op.Builder.
func (executor) Apply(d *op.Def, a op.Attrs, in ...op.Value) []op.Value {
	types, arrays := make([]op.Type, len(in)), make([]engine.Array, len(in))
	for i, v := range in {
		x, ok := v.(*value)
		if !ok {
			engine.Fail(d.Name, "reads operand %d (%v), which the gradient rule's Saves leaves out", i,
				v.Type())
		}
		types[i], arrays[i] = x.Type(), x.arr
	}
	outs, err := run(d, a, types, arrays)
	if err != nil {
		panic(err)
	}
	r := make([]op.Value, len(outs))
	for i, y := range outs {
		r[i] = &value{arr: y}
	}
	return r
}

// Const is part of op.Builder.
func (executor) Const(t op.Type, x float64) op.Value {
	y := engine.NewArray(t.DType, t.Shape)
	if err := cpu.Fill(y, x); err != nil {
		panic(err)
	}
	return &value{arr: y, weak: t.Weak}
}

// run resolves types, converts and broadcasts operands, and runs d's kernel.
func run(d *op.Def, a op.Attrs, types []op.Type, in []engine.Array) ([]engine.Array, error) {
	r, err := d.Resolve(a, types)
	if err != nil {
		return nil, err
	}
	prepared := make([]engine.Array, len(in))
	for i, x := range in {
		x = convert(x, r.DType[i])
		if r.Shape != nil {
			x = x.Expand(r.Shape)
		}
		prepared[i] = x
	}
	outs := make([]engine.Array, len(r.Out))
	for i, t := range r.Out {
		outs[i] = engine.NewArray(t.DType, t.Shape)
		poison(outs[i])
	}
	err = engine.Catch(func() { d.CPU(a, outs, prepared) })
	return outs, err
}

// poison fills x with a pattern that no kernel may leave behind: a NaN in floats.
func poison(x engine.Array) {
	for i := range x.Buf.Bytes() {
		x.Buf.Bytes()[i] = 0xff
	}
}

// convert returns x as dtype t, x itself when it has it.
func convert(x engine.Array, t engine.DType) engine.Array {
	if x.DType == t {
		return x
	}
	y := engine.NewArray(t, x.Shape)
	if err := cpu.Copy(y, x); err != nil {
		panic(fmt.Sprintf("optest: converting %v to %v: %v", x, t, err))
	}
	return y
}

// floats returns the elements of x, row-major, as float64.
func floats(x engine.Array) []float64 {
	if x.DType.IsComplex() { // both parts
		x = cpu.Pairs(x)
	}
	return packed(convert(x, engine.F64)).F64()
}

// packed returns x row-major.
func packed(x engine.Array) engine.Array {
	if x.IsContiguous() {
		return x
	}
	y := engine.NewArray(x.DType, x.Shape)
	if err := cpu.Copy(y, x); err != nil {
		panic(err)
	}
	return y
}
