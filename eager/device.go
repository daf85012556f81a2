package eager

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Processor is the type of CPU.
type Processor struct{}

// String returns "cpu".
func (Processor) String() string { return "cpu" }

// CPU names the memory of the CPU in To.
var CPU Processor

// CUDA returns GPU i, for To. It panics with *engine.Error when there is none, or this binary was built without
// the tag cuda.
func CUDA(i int) op.Device {
	d, err := op.OpenDevice("cuda", i)
	if err != nil {
		engine.Fail("CUDA", "%v", err)
	}
	return d
}

// Device returns where x lies; nil: in the memory of the CPU. To takes both.
func (x *Tensor) Device() op.Device {
	x.must("Device")
	d, _ := x.arr.Device().(op.Device)
	return d
}

// where resolves what To was given: a dtype, or a device (nil: the CPU).
func where(method string, to any) (t engine.DType, d op.Device) {
	switch v := to.(type) {
	case engine.DType:
		return v, nil
	case nil, Processor, *Processor:
		return engine.Invalid, nil
	case op.Device:
		return engine.Invalid, v
	}
	engine.Fail(method, "want a dtype (t.F16), t.CPU or a device (t.CUDA(0)), got %T", to)
	return engine.Invalid, nil
}

// transferAttrs say where a tensor came from.
type transferAttrs struct{ from op.Device }

// transfer is on the tape where a tensor went from one device to another.
var transfer = &op.Def{
	Name: "To", Inputs: []string{"x"}, Outputs: []string{"y"}, Saves: op.SaveNone, Attrs: transferAttrs{},
}

func init() {
	transfer.Grad = func(_ op.Builder, c *op.Call) []op.Value {
		return []op.Value{c.DOut[0].(*Tensor).onto(c.Attrs.(transferAttrs).from)}
	}
}

// onto returns x in the memory of d (nil: of the CPU), x itself where it lies there already.
func (x *Tensor) onto(d op.Device) *Tensor {
	from := x.Device()
	if from == d {
		return x
	}
	if t := tracer(); t != nil {
		engine.Fail("To", "x moves to another device inside of a traced function; move it outside")
	}
	y := wrap(newOn(d, x.arr.DType, x.arr.Shape))
	copyInto(y.arr, x.arr)
	if x.tracked() && gradEnabled() {
		record(transfer, transferAttrs{from}, []*Tensor{x}, []*Tensor{y})
	}
	return y
}

// newOn is engine.NewArrayOn; a nil op.Device is the CPU.
func newOn(d op.Device, t engine.DType, s engine.Shape) engine.Array {
	if d == nil {
		return engine.NewArray(t, s)
	}
	return engine.NewArrayOn(d, t, s)
}

// deviceOf returns the device that an operator runs on; nil: the CPU. Single elements in the memory of the CPU
// go along.
func deviceOf(d *op.Def, in []*Tensor) op.Device {
	if !engine.HasRemote() {
		return nil
	}
	var at op.Device
	for _, x := range in {
		if v := x.Device(); v != nil {
			if at != nil && at != v {
				engine.Fail(d.Name, "operands are on %v and %v; move one: y.To(x.Device())", at, v)
			}
			at = v
		}
	}
	if at == nil {
		return nil
	}
	if tracer() != nil {
		engine.Fail(d.Name, "an operand is on %v; graphs run on the CPU alone: call the function itself, not its "+
			"compiled form", at)
	}
	for i, x := range in {
		if x.Device() == nil && !oneElement(x.arr) {
			engine.Fail(d.Name, "operand %d (%v) is on the CPU, others are on %v; move it: x.To(y.Device())", i, x.arr, at)
		}
	}
	return at
}

// oneElement reports whether a holds one element, which may stand for many.
func oneElement(a engine.Array) bool {
	for i, n := range a.Shape {
		if n > 1 && a.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// execute runs d where dev is.
func execute(dev op.Device, d *op.Def, a op.Attrs, out, in []engine.Array) {
	if dev != nil {
		dev.Run(d, a, out, in)
		return
	}
	d.CPU(a, out, in)
}

// moveInto is copyInto where one of the arrays is on a device; false: none is.
func moveInto(dst, src engine.Array) bool {
	to, _ := dst.Device().(op.Device)
	from, _ := src.Device().(op.Device)
	if to == nil && from == nil {
		return false
	}
	src = src.Expand(dst.Shape)
	switch {
	case dst.Numel() == 0:
	case to == from || from == nil && oneElement(src):
		cast(to, dst, src)
	case from != nil:
		packed := src
		if src.DType != dst.DType || !src.IsContiguous() {
			packed = newOn(from, dst.DType, dst.Shape)
			cast(from, packed, src)
		}
		host := dst
		if to != nil || !dst.IsContiguous() {
			host = engine.NewArray(dst.DType, dst.Shape)
		}
		size := dst.DType.Size()
		from.Download(host.Buf.Bytes()[host.Offset*size:][:dst.Numel()*size], packed.Buf, packed.Offset*size)
		if host.Buf != dst.Buf {
			copyInto(dst, host)
		}
	default:
		packed := src
		if src.DType != dst.DType || !src.IsContiguous() {
			packed = engine.NewArray(dst.DType, dst.Shape)
			copyInto(packed, src)
		}
		there, size := dst, dst.DType.Size()
		if !dst.IsContiguous() {
			there = newOn(to, dst.DType, dst.Shape)
		}
		to.Upload(there.Buf, there.Offset*size, packed.Buf.Bytes()[packed.Offset*size:][:dst.Numel()*size])
		if there.Buf != dst.Buf {
			cast(to, dst, there)
		}
	}
	return true
}

func cast(d op.Device, dst, src engine.Array) {
	d.Run(op.Cast, op.CastAttrs{To: dst.DType}, []engine.Array{dst}, []engine.Array{src})
}
