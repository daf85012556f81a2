package eager

import (
	"slices"

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
		t.Moving(x.arr)
	}
	y := wrap(newOn(d, x.arr.DType, x.arr.Shape))
	copyInto(y.arr, x.arr)
	if x.tracked() && gradEnabled() {
		record(transfer, transferAttrs{from}, []*Tensor{x}, []*Tensor{y})
	}
	return y
}

// Prefetch begins to copy x, which needs no gradient, to a device and returns before it is there. arrived has to be
// called before y is used, and does not wait itself: what the device is given later does. A Device that cannot copy
// beside its work copies at once. A data.Loader with a Device does this ahead.
func Prefetch(x *Tensor, dev engine.Device) (y *Tensor, arrived func()) {
	present("Prefetch", "x", x)
	p, ok := dev.(engine.Prefetcher)
	if !ok || x.Device() != nil || x.tracked() {
		return x.To(dev), func() {}
	}
	c := x.Contiguous()
	size, n := c.arr.DType.Size(), c.Numel()
	a := engine.Array{DType: c.arr.DType, Shape: c.arr.Shape, Strides: c.arr.Shape.Strides()}
	a.Buf, arrived = p.Prefetch(c.arr.Buf.Bytes()[c.arr.Offset*size:][:n*size])
	return wrap(a), arrived
}

// DeviceMemory returns how the memory of a device is used, under the names of torch.cuda.memory_stats, as
// allocated_bytes.all.peak; nil where the device does not count it.
func DeviceMemory(dev engine.Device) map[string]int64 {
	if r, ok := dev.(engine.MemoryReporter); ok {
		return r.MemoryStats()
	}
	return nil
}

// DeviceUsage returns how busy the devices are that this process has opened, and how full, by their names ("cuda:0"). Devices
// whose driver does not tell are left out.
func DeviceUsage() map[string]engine.Usage {
	all := map[string]engine.Usage{}
	for _, d := range op.Opened() {
		if r, ok := d.(engine.UsageReporter); ok {
			if u, err := r.Usage(); err == nil {
				all[d.String()] = u
			}
		}
	}
	return all
}

// ResetDevicePeak makes the peaks of DeviceMemory what is in use now.
func ResetDevicePeak(dev engine.Device) {
	if r, ok := dev.(engine.MemoryReporter); ok {
		r.ResetPeak()
	}
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
		if n == 0 || n > 1 && a.Strides[i] != 0 {
			return false
		}
	}
	return true
}

// deviceOfAny is where the first of vs that is a tensor lies.
func deviceOfAny(vs []op.Value) op.Device {
	for _, v := range vs {
		if x, ok := v.(*Tensor); ok && x != nil {
			return x.Device()
		}
	}
	return nil
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
		cast(to, dst, apart(dst, src))
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

// apart returns src, a copy where it lies in the memory of dst in another way: the threads of a device read and
// write in any order.
func apart(dst, src engine.Array) engine.Array {
	if dst.Buf != src.Buf || dst.Offset == src.Offset && slices.Equal(dst.Strides, src.Strides) {
		return src
	}
	d := src.Device().(op.Device)
	c := newOn(d, src.DType, src.Shape)
	cast(d, c, src)
	return c
}

func cast(d op.Device, dst, src engine.Array) {
	d.Run(op.Cast, op.CastAttrs{To: dst.DType}, []engine.Array{dst}, []engine.Array{src})
}
