package torch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// module is what a constructor of the table gives: a layer, or a function of the inputs (a loss).
type module struct {
	layer   nn.Module
	forward func(xs []*tensor) any // nil: layer.Forward of one input
	// with returns forward with arguments; nil: there are none.
	with func(kwargs map[string]any) func(xs []*tensor) any
}

// runModule compares output, gradients of inputs and parameters, and buffers of one module.
func runModule(r record) error {
	v := map[string]any{}
	for _, f := range []string{
		"ctor", "state", "inputs", "kwargs", "train", "output", "cotangents", "grads", "buffers_after",
	} {
		x, err := r.value(f)
		if err != nil {
			return err
		}
		if hasForeign(x) {
			panic(unsupported("complex numbers"))
		}
		v[f] = x
	}
	state := fields(v["state"])
	m := construct(r.str("module"), fields(v["ctor"]), state)
	if kwargs := fields(v["kwargs"]); len(kwargs) > 0 {
		need(m.with != nil, "arguments of forward")
		m.forward = m.with(kwargs)
	}
	inputs := tensorsOf(v["inputs"])
	if m.layer != nil {
		if err := load(m.layer, state, inputs); err != nil {
			return err
		}
		train, _ := v["train"].(bool)
		m.layer.Self().Train(train)
	}
	named := map[string]*tensor{}
	grads := fields(v["grads"])
	for i, x := range inputs {
		name := fmt.Sprintf("input/%d", i)
		if named[name] = x; grads[name] != nil {
			x.SetRequiresGrad(true)
		}
	}
	if m.layer != nil {
		for _, p := range m.layer.Self().NamedParams() {
			named["param/"+p.Name] = p.Tensor
		}
	}
	got := m.run(inputs)
	if err := equal("output", got, v["output"], moduleTolerance); err != nil {
		return err
	}
	if err := moduleGrads(got, fields(v["cotangents"]), grads, named); err != nil {
		return err
	}
	return buffersAfter(m.layer, fields(v["buffers_after"]))
}

func (m module) run(xs []*tensor) any {
	if m.forward != nil {
		return m.forward(xs)
	}
	need(len(xs) == 1, "several inputs")
	return m.layer.Forward(xs[0])
}

func fields(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// construct calls the constructor of the table with recorded arguments.
func construct(name string, ctor, state map[string]any) module {
	if strings.HasPrefix(name, "net:") {
		repr, _ := ctor["repr"].(string)
		return module{layer: network(repr)}
	}
	if m, ok := loss(name, ctor, state); ok {
		return m
	}
	e, ok := modules[name]
	if !ok {
		panic(unsupported("module"))
	}
	kwargs := map[string]any{}
	for k, v := range ctor {
		if k != "_pos" {
			kwargs[k] = v
		}
	}
	var pos []any
	if p, ok := ctor["_pos"].([]any); ok {
		pos = p
	}
	e.params = "constructor " + e.params
	f := e.f
	e.f = func(c *call) any {
		c.get("constructor")
		return f(c)
	}
	m := e.call(true, pos, kwargs)
	if layer, ok := m.(nn.Module); ok {
		return module{layer: layer}
	}
	return m.(module)
}

// load brings the layer to the dtype of the inputs and gives it the recorded state, all of it.
func load(layer nn.Module, state map[string]any, inputs []*tensor) error {
	b := layer.Self()
	for _, x := range append(inputs, stateTensors(state)...) {
		if x.DType().IsFloat() {
			b.To(x.DType())
			break
		}
	}
	var named []nn.NamedTensor
	for _, k := range keys(state) {
		named = append(named, nn.NamedTensor{Name: k, Tensor: state[k].(*tensor)})
	}
	return b.LoadStateDict(named)
}

func stateTensors(state map[string]any) []*tensor {
	var r []*tensor
	for _, k := range keys(state) {
		r = append(r, state[k].(*tensor))
	}
	return r
}

func moduleGrads(got any, cotangents, grads map[string]any, named map[string]*tensor) error {
	if len(grads) == 0 {
		return nil
	}
	outs, seeds := outputs(got, cotangents)
	paths := slices.DeleteFunc(keys(grads), func(p string) bool { return grads[p] == nil })
	for _, p := range paths {
		if named[p] == nil {
			return fmt.Errorf("a gradient of %s is recorded, which the module does not have", p)
		}
	}
	gs, err := gradients(outs, seeds, named, paths, false)
	if err != nil {
		return err
	}
	for i, p := range paths {
		g := gs[i]
		if g == nil {
			g = eager.ZerosLike(named[p])
		}
		if err := equal("gradient of "+p, g, grads[p], moduleTolerance); err != nil {
			return err
		}
	}
	return nil
}

func buffersAfter(layer nn.Module, want map[string]any) error {
	if layer == nil || len(want) == 0 {
		return nil
	}
	have := map[string]*tensor{}
	for _, b := range layer.Self().NamedBuffers() {
		have[b.Name] = b.Tensor
	}
	for _, k := range keys(want) {
		if err := equal("buffer "+k, have[k], want[k], moduleTolerance); err != nil {
			return err
		}
	}
	return nil
}
