package eager

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// SetRequiresGrad says whether operators on x are recorded so that x gets a gradient, and returns x.
// Only leaves (tensors that no recorded operator made) can be changed; x must be floating-point.
func (x *Tensor) SetRequiresGrad(on bool) *Tensor {
	x.must("SetRequiresGrad")
	if on && !x.arr.DType.IsFloat() && !x.arr.DType.IsComplex() {
		engine.Fail("SetRequiresGrad", "tensor %v is not floating-point; convert it with To(t.F32)", x.arr)
	}
	if x.tracked(); x.node != nil && !on {
		engine.Fail("SetRequiresGrad", "tensor %v was computed from others; use Detach", x.arr)
	}
	x.requires = on
	return x
}

// RequiresGrad reports whether operators on x are recorded.
func (x *Tensor) RequiresGrad() bool {
	if x == nil {
		isNil("RequiresGrad")
	}
	return x.tracked()
}

// IsLeaf reports whether no recorded operator made x.
func (x *Tensor) IsLeaf() bool {
	if x == nil {
		isNil("IsLeaf")
	}
	x.tracked()
	return x.node == nil
}

// Grad returns the gradient that Backward accumulated in x, or nil. A later Backward does not change the
// tensor that Grad returned; x gets a new one.
func (x *Tensor) Grad() *Tensor {
	if x == nil {
		isNil("Grad")
	}
	if x.own() == nil {
		return nil
	}
	x.own().settle(x)
	x.own().alone = false
	return x.own().grad
}

// WithGrad calls f with the gradient of x if there is one, for readers that are done with it when f returns:
// f must not keep it or views of it, as ZeroGrad may give its memory back.
func (x *Tensor) WithGrad(f func(g *Tensor)) {
	x.must("WithGrad")
	if f == nil {
		engine.Fail("WithGrad", "f is a nil func")
	}
	if x.own() == nil {
		return
	}
	if x.own().settle(x); x.own().grad != nil {
		f(x.own().grad)
	}
}

// OwnGrad is Grad for code that changes the gradient in place and is done with it before ZeroGrad, such as
// an average over processes: a gradient that somebody else may know is replaced by a copy first.
func (x *Tensor) OwnGrad() *Tensor {
	x.must("OwnGrad")
	if x.own() == nil {
		return nil
	}
	if x.own().settle(x); x.own().grad == nil {
		return nil
	}
	if !x.own().alone {
		NoGrad(func() { x.own().grad = x.own().grad.Detach().Clone() })
		x.own().alone = true
	}
	return x.own().grad
}

// SetGrad replaces the accumulated gradient; nil clears it.
func (x *Tensor) SetGrad(g *Tensor) {
	x.must("SetGrad")
	if g != nil && !g.arr.Shape.Equal(x.arr.Shape) {
		engine.Fail("SetGrad", "gradient %v does not have the shape of tensor %v", g.arr, x.arr)
	}
	x.state().grad, x.own().alone, x.own().rows = g, false, nil
}

// ZeroGrad clears the accumulated gradient of x.
func (x *Tensor) ZeroGrad() {
	x.must("ZeroGrad")
	if x.own() == nil {
		return
	}
	if x.own().grad != nil && x.own().alone {
		giveBack(x.own().grad.arr.Buf)
	}
	x.own().grad, x.own().alone, x.own().rows = nil, false, nil
}

// RetainGrad makes Backward keep the gradient of x although x is computed from others. It returns x.
func (x *Tensor) RetainGrad() *Tensor {
	x.must("RetainGrad")
	if !x.tracked() {
		engine.Fail("RetainGrad", "tensor %v does not require a gradient", x.arr)
	}
	if x.node != nil && x.state().retained == nil {
		x.own().retained = &hook{last: true, f: func(g *Tensor) *Tensor {
			x.accumulate(g, nil, g.requires)
			return nil
		}}
		x.node.addHook(x.out, x.own().retained)
	}
	return x
}

// hook is a function that a gradient passes through.
type hook struct {
	f    func(*Tensor) *Tensor
	last bool // after those of OnGrad
}

// OnGrad calls f with the gradient of x each time a backward pass computes it. What f returns replaces
// the gradient; nil leaves it. The returned function removes the hook.
func (x *Tensor) OnGrad(f func(g *Tensor) *Tensor) (remove func()) {
	x.must("OnGrad")
	if f == nil {
		engine.Fail("OnGrad", "f is a nil func")
	}
	if !x.tracked() {
		engine.Fail("OnGrad", "tensor %v does not require a gradient", x.arr)
	}
	h := &hook{f: f}
	if n := x.node; n != nil {
		out := x.out
		n.addHook(out, h)
		return func() { n.hooks[out] = without(n.hooks[out], h) }
	}
	x.state().hooks = append(x.state().hooks, h)
	return func() { x.own().hooks = without(x.own().hooks, h) }
}

func without(hs []*hook, h *hook) []*hook {
	return slices.DeleteFunc(slices.Clone(hs), func(o *hook) bool { return o == h })
}

func runHooks(hs []*hook, g *Tensor) *Tensor {
	for _, h := range hs {
		if r := h.f(g); r != nil {
			if !r.arr.Shape.Equal(g.arr.Shape) {
				engine.Fail("OnGrad", "hook returned %v for gradient %v", r.arr, g.arr)
			}
			g = r
		}
	}
	return g
}

// gradLocks are taken while a gradient is accumulated, so that passes of several goroutines may end at one
// leaf. Which of them a leaf takes does not matter.
var gradLocks [64]sync.Mutex

func gradLock(x *Tensor) *sync.Mutex {
	return &gradLocks[uintptr(unsafe.Pointer(x))/unsafe.Sizeof(*x)%uintptr(len(gradLocks))]
}

// OnAccumulated calls f each time a backward pass has added to the gradient of the leaf x, as for an
// optimizer that uses gradients up one by one. The returned function removes the hook.
// Agrees with torch.Tensor.register_post_accumulate_grad_hook.
func (x *Tensor) OnAccumulated(f func(x *Tensor)) (remove func()) {
	x.must("OnAccumulated")
	if f == nil {
		engine.Fail("OnAccumulated", "f is a nil func")
	}
	if !x.tracked() || x.node != nil {
		engine.Fail("OnAccumulated", "tensor %v is no leaf that requires a gradient; see OnGrad", x.arr)
	}
	h := &f
	x.state().after = append(x.own().after, h)
	return func() {
		x.own().after = slices.DeleteFunc(slices.Clone(x.own().after), func(o *func(*Tensor)) bool { return o == h })
	}
}

// accumulated runs the hooks of OnAccumulated.
func (x *Tensor) accumulated() {
	if x.own() == nil {
		return
	}
	for _, f := range x.own().after {
		NoGrad(func() { (*f)(x) })
	}
}

// accumulate adds g to x's gradient, in place when nobody else knows that one.
func (x *Tensor) accumulate(g *Tensor, l *ledger, track bool) {
	o := x.state()
	o.settle(x)
	switch {
	case o.grad == nil:
		o.grad, o.alone = g, l.keep(g) && g.arr.IsContiguous()
	case o.alone && !track && g.arr.DType == o.grad.arr.DType:
		addTo(o.grad, g)
		l.drop(g)
	default:
		o.grad = sum(o.grad, g, track)
		o.alone = !track
		l.drop(g)
	}
}

func sum(a, b *Tensor, track bool) *Tensor {
	if a == nil {
		return b
	}
	return run1(op.Add, nil, recordedIf(track), []*Tensor{a, b})
}

// Backward computes d x/d leaf for every leaf that requires a gradient and adds it to the leaf's Grad.
// x must have one element; for others give the gradient of the final scalar with BackwardFrom.
func (x *Tensor) Backward() {
	x.must("Backward")
	if x.Numel() != 1 {
		engine.Fail("Backward", "tensor %v has %d elements; reduce it (Sum, Mean) or use BackwardFrom",
			x.arr, x.Numel())
	}
	outs, seeds := [1]*Tensor{x}, [1]*Tensor{seed(x, 0, GradOptions{})}
	passes.Get().(*pass).walk(outs[:], seeds[:])
}

// BackwardFrom is Backward for any shape: dy is the gradient of the final scalar with respect to x.
func (x *Tensor) BackwardFrom(dy *Tensor) {
	x.must("BackwardFrom")
	present("BackwardFrom", "dy", dy)
	Grad([]*Tensor{x}, nil, GradOptions{GradOutputs: []*Tensor{dy}})
}

// GradOptions are the options of Grad; the zero value is the default.
type GradOptions struct {
	GradOutputs []*Tensor // gradient of the final scalar for each output; nil: ones
	RetainGraph bool      // keep saved values for another backward pass
	CreateGraph bool      // record the gradient itself, for second derivatives; implies RetainGraph
	AllowUnused bool      // nil for an input that the outputs do not depend on, instead of an error
	ZeroUnused  bool      // zeros for such an input
}

// Grad returns the gradient of sum(outputs · GradOutputs) with respect to each input and leaves the Grad
// of leaves alone. With no inputs it adds to the Grad of every leaf instead, as Backward does.
func Grad(outputs, inputs []*Tensor, o GradOptions) []*Tensor {
	seeds := make([]*Tensor, len(outputs))
	for i, y := range outputs {
		seeds[i] = seed(y, i, o)
	}
	p := passes.Get().(*pass)
	p.track, p.retain = o.CreateGraph, o.RetainGraph || o.CreateGraph
	if inputs == nil {
		p.walk(outputs, seeds)
		return nil
	}
	found := map[*Tensor]*Tensor{}
	p.want, p.wantLeaf = taps(inputs)
	p.found = found
	p.walk(outputs, seeds)
	grads := collect(inputs, found, o.AllowUnused || o.ZeroUnused)
	for i, g := range grads {
		if g == nil && o.ZeroUnused {
			grads[i] = full(inputs[i].arr.DType, 0, inputs[i].arr.Shape).onto(inputs[i].Device())
		}
	}
	return grads
}

func seed(y *Tensor, i int, o GradOptions) *Tensor {
	if y == nil || y.arr.DType == engine.Invalid {
		absent("Grad", fmt.Sprintf("output %d", i), y)
	}
	if !y.tracked() {
		engine.Fail("Backward", "output %v does not depend on a tensor that requires a gradient", y.arr)
	}
	if i < len(o.GradOutputs) && o.GradOutputs[i] != nil {
		dy := o.GradOutputs[i]
		if !dy.arr.Shape.Equal(y.arr.Shape) {
			engine.Fail("Backward", "gradient %v does not have the shape of output %v", dy.arr, y.arr)
		}
		return dy
	}
	return OnesLike(y)
}

func taps(inputs []*Tensor) (map[tap]*Tensor, map[*Tensor]bool) {
	nodes, leaves := map[tap]*Tensor{}, map[*Tensor]bool{}
	for i, x := range inputs {
		if x == nil || x.arr.DType == engine.Invalid {
			absent("Grad", fmt.Sprintf("input %d", i), x)
		}
		if !x.tracked() {
			engine.Fail("Grad", "input %v does not require a gradient", x.arr)
		}
		if x.node != nil {
			nodes[tap{x.node, x.out}] = x
		} else {
			leaves[x] = true
		}
	}
	return nodes, leaves
}

func collect(inputs []*Tensor, found map[*Tensor]*Tensor, allowUnused bool) []*Tensor {
	r := make([]*Tensor, len(inputs))
	for i, x := range inputs {
		r[i] = found[x]
		if r[i] == nil && x.node != nil { // the same result under another handle
			for y, g := range found {
				if y.node == x.node && y.out == x.out {
					r[i] = g
				}
			}
		}
		if r[i] == nil && !allowUnused {
			engine.Fail("Grad", "the outputs do not depend on input %d (%v); set AllowUnused to get nil",
				i, x.arr)
		}
	}
	return r
}

// Detach returns a tensor with x's storage that is not connected to the tape.
func (x *Tensor) Detach() *Tensor {
	x.must("Detach")
	return &Tensor{arr: x.arr}
}
