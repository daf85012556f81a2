package exec

import (
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
)

// Apply computes out = d(in) as eager mode does: it promotes and broadcasts the operands and runs the
// kernel. out has the layout that op.Def.Layout gives. weak has bit i set for an operand that is a Go number.
func Apply(d *op.Def, a op.Attrs, in []engine.Array, weak uint64, out []engine.Array) {
	prepared, release := prepare(d, a, in, weak)
	defer release()
	Kernel(deviceOf(out), d, a, out, prepared)
}

// Kernel runs d where its arrays are: on dev, or, where that is nil, on the CPU.
func Kernel(dev op.Device, d *op.Def, a op.Attrs, out, in []engine.Array) {
	switch {
	case dev == nil:
		d.CPU(a, out, in)
	case d.OnDevice != nil:
		d.OnDevice(dev, a, out, in)
	default:
		dev.Run(d, a, out, in)
	}
}

// deviceOf returns the device of the first of arrays; nil: the CPU.
func deviceOf(arrays []engine.Array) op.Device {
	if len(arrays) == 0 {
		return nil
	}
	d, _ := arrays[0].Device().(op.Device)
	return d
}

// Update computes the results of d and writes result i over operand i, for the first n. An array that stands
// for two operands takes the first of its results.
func Update(d *op.Def, a op.Attrs, in []engine.Array, weak uint64, n int) {
	prepared, release := prepare(d, a, in, weak)
	defer release()
	out := make([]engine.Array, n)
	if deviceOf(in) != nil {
		for i := range prepared {
			for _, y := range in[:n] {
				prepared[i] = apart(y, prepared[i])
			}
		}
	}
	for i := range out {
		if out[i] = in[i]; !out[i].IsContiguous() {
			out[i] = engine.NewArrayOn(in[i].Device(), in[i].DType, in[i].Shape)
			defer out[i].Buf.Release()
		}
	}
	Kernel(deviceOf(out), d, a, out, prepared)
	for i := range out {
		if out[i].Buf != in[i].Buf && !slices.ContainsFunc(in[:i], func(x engine.Array) bool { return same(x, in[i]) }) {
			Move(in[i], out[i])
		}
	}
}

// same reports whether two arrays are the same elements.
func same(a, b engine.Array) bool {
	return a.Buf == b.Buf && sameLayout(a, b)
}

// prepare casts and broadcasts operands; release gives back what it made.
func prepare(d *op.Def, a op.Attrs, in []engine.Array, weak uint64) (prepared []engine.Array, release func()) {
	var temporary []*engine.Buffer
	types := make([]op.Type, len(in))
	for i, x := range in {
		types[i] = op.Type{DType: x.DType, Shape: x.Shape, Weak: weak>>min(i, 63)&1 != 0}
	}
	r, err := d.Resolve(a, types)
	if err != nil {
		panic(err)
	}
	prepared = make([]engine.Array, len(in))
	for i, x := range in {
		if x.DType != r.DType[i] {
			c := engine.NewArrayOn(x.Device(), r.DType[i], x.Shape)
			temporary = append(temporary, c.Buf)
			Move(c, x)
			x = c
		}
		if r.Shape != nil {
			x = x.Expand(r.Shape)
		}
		prepared[i] = x
	}
	return prepared, func() {
		for _, b := range temporary {
			b.Release()
		}
	}
}

// apart returns src, a copy where it lies in the memory of dst in another way: the threads of a device read and
// write in any order.
func apart(dst, src engine.Array) engine.Array {
	if dst.Buf != src.Buf || dst.Offset == src.Offset && slices.Equal(dst.Strides, src.Strides) {
		return src
	}
	c := engine.NewArrayOn(src.Device(), src.DType, src.Shape)
	Move(c, src)
	return c
}

// Move copies src into dst and converts.
func Move(dst, src engine.Array) {
	if d, ok := dst.Device().(op.Device); ok {
		if dst.Numel() > 0 {
			src = apart(dst, src.Expand(dst.Shape))
			d.Run(op.Cast, op.CastAttrs{To: dst.DType}, []engine.Array{dst}, []engine.Array{src})
		}
		return
	}
	if err := cpu.Copy(dst, src); err != nil {
		panic(&engine.Error{Where: "Copy", What: err.Error()})
	}
}
