package nn

import (
	"slices"
	"strconv"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Module is a layer or a network. Types implement it by embedding Base, registering their layers with Add
// and writing Forward.
type Module interface {
	// Forward computes the output of the module for x.
	Forward(x *eager.Tensor) *eager.Tensor
	// Self returns the embedded Base.
	Self() *Base
}

// NamedTensor is a parameter, buffer or checkpoint entry; the name is a path such as "conv1.weight".
type NamedTensor struct {
	Name   string
	Tensor *eager.Tensor
}

// NamedModule is a module with its path below another, such as "encoder.0".
type NamedModule struct {
	Name   string
	Module Module
}

// Base is the part that every module embeds by value: its parameters, buffers and children. The zero value
// is ready. A Base must not be copied after something was added to it.
//
// A field is not a child: unlike in PyTorch, assigning a layer to a field registers nothing. What was not
// given to Add (layers), Param or Buffer (tensors) is missing from Params, Train, To and StateDict, so that
// it computes but does not train. Summary shows what is registered.
type Base struct {
	params   []NamedTensor
	buffers  []NamedTensor
	children []NamedModule
	hooks    []*forwardHook
	eval     bool

	stateHooks []*stateHook
}

// Self returns b; through embedding it makes a type with Forward a Module.
func (b *Base) Self() *Base { return b }

// Add makes m a child of the module under name. The name has no dot and is used once.
func (b *Base) Add(name string, m Module) {
	if nothing(m) {
		refuseNil("nn.Add", "child "+strconv.Quote(name), m)
	}
	b.checkName("nn.Add", name)
	if m.Self() == b {
		engine.Fail("nn.Add", "child %q is the module itself", name)
	}
	b.children = append(b.children, NamedModule{name, m})
}

// Param makes x a parameter of the module under name: x requires a gradient from now on. It returns x.
func (b *Base) Param(name string, x *eager.Tensor) *eager.Tensor {
	b.checkName("nn.Param", name)
	present("nn.Param", strconv.Quote(name), x)
	b.params = append(b.params, NamedTensor{name, x.SetRequiresGrad(true)})
	return x
}

// Buffer makes x a part of the module's state that is not trained, such as a running mean. It returns x.
func (b *Base) Buffer(name string, x *eager.Tensor) *eager.Tensor {
	b.checkName("nn.Buffer", name)
	present("nn.Buffer", strconv.Quote(name), x)
	b.buffers = append(b.buffers, NamedTensor{name, x})
	return x
}

func (b *Base) checkName(where, name string) {
	if name == "" || slices.Contains([]byte(name), '.') {
		engine.Fail(where, "name %q is empty or has a dot", name)
	}
	same := func(t NamedTensor) bool { return t.Name == name }
	if slices.ContainsFunc(b.params, same) || slices.ContainsFunc(b.buffers, same) ||
		slices.ContainsFunc(b.children, func(m NamedModule) bool { return m.Name == name }) {
		engine.Fail(where, "name %q is used twice", name)
	}
}

// walk visits b and everything below it once, in the order in which children were added. m is nil for b.
func (b *Base) walk(visit func(path string, m Module, b *Base)) {
	seen := map[*Base]bool{}
	var rec func(path string, m Module, b *Base)
	rec = func(path string, m Module, b *Base) {
		if seen[b] {
			return
		}
		seen[b] = true
		visit(path, m, b)
		for _, c := range b.children {
			rec(join(path, c.Name), c.Module, c.Module.Self())
		}
	}
	rec("", nil, b)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// NamedParams returns the parameters of the module and of everything below it, each once, under its path:
// those that were registered with Param, in modules that were registered with Add.
func (b *Base) NamedParams() []NamedTensor {
	return b.collect(func(b *Base) []NamedTensor { return b.params })
}

// NamedBuffers returns the buffers of the module and of everything below it, each once, under its path.
func (b *Base) NamedBuffers() []NamedTensor {
	return b.collect(func(b *Base) []NamedTensor { return b.buffers })
}

func (b *Base) collect(of func(*Base) []NamedTensor) []NamedTensor {
	var all []NamedTensor
	seen := map[*eager.Tensor]bool{}
	b.walk(func(path string, _ Module, b *Base) {
		for _, t := range of(b) {
			if !seen[t.Tensor] {
				seen[t.Tensor] = true
				all = append(all, NamedTensor{join(path, t.Name), t.Tensor})
			}
		}
	})
	return all
}

// Params returns the parameters of the module and of everything below it, each once: what an optimizer
// takes.
func (b *Base) Params() []*eager.Tensor { return tensors(b.NamedParams()) }

// Buffers returns the buffers of the module and of everything below it, each once.
func (b *Base) Buffers() []*eager.Tensor { return tensors(b.NamedBuffers()) }

func tensors(named []NamedTensor) []*eager.Tensor {
	xs := make([]*eager.Tensor, len(named))
	for i, t := range named {
		xs[i] = t.Tensor
	}
	return xs
}

// NumParams returns the number of trained values in the module and below it.
func (b *Base) NumParams() int {
	n := 0
	for _, p := range b.Params() {
		n += p.Numel()
	}
	return n
}

// NamedChildren returns the modules that were added to this one.
func (b *Base) NamedChildren() []NamedModule { return slices.Clone(b.children) }

// Children returns the modules that were added to this one.
func (b *Base) Children() []Module {
	ms := make([]Module, len(b.children))
	for i, c := range b.children {
		ms[i] = c.Module
	}
	return ms
}

// NamedModules returns every module below this one, each once, under its path.
func (b *Base) NamedModules() []NamedModule {
	var all []NamedModule
	b.walk(func(path string, m Module, _ *Base) {
		if m != nil {
			all = append(all, NamedModule{path, m})
		}
	})
	return all
}

// Apply calls f with every module below this one, parents before children.
func (b *Base) Apply(f func(m Module)) {
	for _, m := range b.NamedModules() {
		f(m.Module)
	}
}

// Train turns training mode of the module and of everything below it on or off; it is on at first. Dropout
// and batch normalisation depend on it.
func (b *Base) Train(on bool) {
	b.walk(func(_ string, _ Module, b *Base) { b.eval = !on })
}

// Eval is Train(false).
func (b *Base) Eval() { b.Train(false) }

// Training reports whether the module is in training mode.
func (b *Base) Training() bool { return !b.eval }

// ZeroGrad clears the gradients of all parameters.
func (b *Base) ZeroGrad() {
	for _, p := range b.Params() {
		p.ZeroGrad()
	}
}

// Freeze stops the training of all parameters: they no longer require a gradient.
func (b *Base) Freeze() { b.require(false) }

// Unfreeze undoes Freeze.
func (b *Base) Unfreeze() { b.require(true) }

func (b *Base) require(on bool) {
	for _, p := range b.Params() {
		p.SetRequiresGrad(on)
	}
}

// To converts all floating-point parameters and buffers to a dtype, or brings all to a device, in place: it takes
// what Tensor.To takes. A gradient that a parameter has goes with it to a device.
func (b *Base) To(to any) {
	d, isType := to.(engine.DType)
	for _, x := range append(b.Params(), b.Buffers()...) {
		if isType && (!x.DType().IsFloat() || x.DType() == d) {
			continue
		}
		eager.NoGrad(func() {
			g := x.Grad()
			if x.SetData(x.To(to)); g != nil && !isType {
				x.SetGrad(g.To(to))
			}
		})
	}
}

// forwardHook is a function that sees the input and output of a module.
type forwardHook struct {
	f func(x, y *eager.Tensor) *eager.Tensor
}

// OnForward calls f with input and output after each Forward of the module. What f returns replaces the
// output; nil leaves it. The returned function removes the hook.
func (b *Base) OnForward(f func(x, y *eager.Tensor) *eager.Tensor) (remove func()) {
	if f == nil {
		engine.Fail("nn.OnForward", "f is a nil func")
	}
	h := &forwardHook{f}
	b.hooks = append(b.hooks, h)
	return func() {
		b.hooks = slices.DeleteFunc(slices.Clone(b.hooks), func(o *forwardHook) bool { return o == h })
	}
}

// Done runs the hooks of OnForward and returns the output. The Forward of every layer here ends with it; a
// module of your own that should have hooks does the same.
func (b *Base) Done(x, y *eager.Tensor) *eager.Tensor {
	for _, h := range b.hooks {
		if r := h.f(x, y); r != nil {
			y = r
		}
	}
	return y
}
