package eager

import (
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/engine"
)

// savedHooks replace values that the tape keeps.
type savedHooks struct {
	pack   func(x *Tensor) any
	unpack func(v any) *Tensor
	own    bool // pack does not keep x
}

// hooked are the hooks of goroutines that are inside SavedHooks, nil while pack runs.
var hooked scoped[*savedHooks]

// SavedHooks runs f. Each value that operators of the calling goroutine save for their gradients meanwhile
// is given to pack, and the tape keeps what pack returns; the backward pass asks unpack for a tensor of the
// same dtype and shape. Parameters are not packed, as they stay in memory anyway.
//
//	half := func(x *t.Tensor) any { return x.To(t.BF16) }
//	t.SavedHooks(half, func(v any) *t.Tensor { return v.(*t.Tensor).To(t.F32) }, func() { loss = net.Forward(x).Sum() })
//
// Agrees with torch.autograd.graph.saved_tensors_hooks. See SavedToDisk, and Checkpoint, which saves less.
func SavedHooks(pack func(x *Tensor) any, unpack func(v any) *Tensor, f func()) {
	if pack == nil || unpack == nil || f == nil {
		engine.Fail("SavedHooks", "a func is nil; want pack, unpack and f")
	}
	hooked.with(&savedHooks{pack: pack, unpack: unpack}, f)
}

// packed stands for a saved value, in the ownState of a tensor without storage.
type packed struct {
	value  any
	unpack func(v any) *Tensor
}

// kept returns what the tape keeps in place of x: x itself, or a tensor without storage that holds what
// the hooks made of it.
func kept(x *Tensor) *Tensor {
	if !hooked.used() || x.requires && x.node == nil || x.weak {
		return x
	}
	h, ok := hooked.get()
	if !ok || h == nil {
		return x
	}
	if !h.own {
		x.arr.Buf.Hold() // pack may keep x as it is: the collector takes its memory
	}
	p := &packed{unpack: h.unpack}
	hooked.with(nil, func() { NoGrad(func() { p.value = h.pack(x.Detach()) }) })
	y := &Tensor{
		arr:      engine.Array{DType: x.arr.DType, Shape: x.arr.Shape},
		requires: x.requires, node: x.node, out: x.out,
	}
	y.extra.Store(&ownState{packed: p})
	return y
}

// isPacked reports whether x stands for a value that SavedHooks packed.
func (x *Tensor) isPacked() bool { return x.own() != nil && x.own().packed != nil }

// unpacked returns the value that x stands for, at x's place in the graph.
func (x *Tensor) unpacked(where string) *Tensor {
	var y *Tensor
	hooked.with(nil, func() { NoGrad(func() { y = x.own().packed.unpack(x.own().packed.value) }) })
	if y == nil || y.arr.DType != x.arr.DType || !y.arr.Shape.Equal(x.arr.Shape) {
		got := "nil"
		if y != nil {
			got = y.arr.String()
		}
		engine.Fail(where, "unpack of SavedHooks returned %s; want %v%v as it was packed", got, x.arr.DType, x.arr.Shape)
	}
	return &Tensor{arr: y.arr, requires: x.requires, node: x.node, out: x.out}
}

// SavedToDisk runs f and writes the values that its operators save for the backward pass to a file in
// folder ("" for the system's) that has no name and goes with the graph. Memory holds only what is computed
// with. Where the disk is full it panics with an error that says so.
func SavedToDisk(folder string, f func()) {
	const where = "SavedToDisk"
	if f == nil {
		engine.Fail(where, "f is a nil func")
	}
	file, err := os.CreateTemp(folder, "lathe-saved-*")
	if err != nil {
		panic(&engine.Error{Where: where, What: err.Error()})
	}
	os.Remove(file.Name()) // the file lives as long as a value in it is wanted
	size := int64(0)
	type place struct {
		at, n int64
		arr   engine.Array // dtype and shape
	}
	pack := func(x *Tensor) any {
		a := x.Contiguous().arr
		n := int64(a.Numel() * a.DType.Size())
		b := a.Buf.Bytes()[a.Offset*a.DType.Size():][:n]
		if _, err := file.WriteAt(b, size); err != nil {
			panic(&engine.Error{Where: where, What: fmt.Sprintf("%d bytes of a value: %v", n, err)})
		}
		p := place{size, n, engine.Array{DType: a.DType, Shape: a.Shape}}
		size += n
		return p
	}
	unpack := func(v any) *Tensor {
		p := v.(place)
		a := engine.NewArray(p.arr.DType, p.arr.Shape)
		if _, err := file.ReadAt(a.Buf.Bytes()[:p.n], p.at); err != nil {
			panic(&engine.Error{Where: where, What: fmt.Sprintf("%d bytes of a value: %v", p.n, err)})
		}
		return wrap(a)
	}
	hooked.with(&savedHooks{pack: pack, unpack: unpack, own: true}, f)
}
