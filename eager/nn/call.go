package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Call returns m.Forward(x) with other parameters and buffers: values by their paths; what is not named
// stays. Gradients go to the values, also second ones, as learning to learn wants; m is as before afterwards.
// Agrees with torch.func.functional_call.
func Call(m Module, values []NamedTensor, x *eager.Tensor) (y *eager.Tensor) {
	const where = "nn.Call"
	if nothing(m) {
		refuseNil(where, "the module", m)
	}
	all := map[string]*eager.Tensor{}
	m.Self().state(func(name string, x *eager.Tensor) { all[name] = x })
	var from, to []*eager.Tensor
	for _, v := range values {
		if all[v.Name] == nil {
			engine.Fail(where, "the module has no %q; its StateDict lists what it has", v.Name)
		}
		present(where, v.Name, v.Tensor)
		from, to = append(from, all[v.Name]), append(to, v.Tensor)
	}
	eager.Substitute(from, to, func() { y = m.Forward(x) })
	return y
}

// StackStates returns the states of modules of one kind stacked along a new first axis, by their paths, as
// for an ensemble. Agrees with torch.func.stack_module_state.
func StackStates(modules ...Module) []NamedTensor {
	const where = "nn.StackStates"
	if len(modules) == 0 {
		engine.Fail(where, "no modules")
	}
	var first []NamedTensor
	parts := map[string][]*eager.Tensor{}
	for i, m := range modules {
		if nothing(m) {
			refuseNil(where, "a module", m)
		}
		state := m.Self().StateDict()
		if i == 0 {
			first = state
		}
		if len(state) != len(first) {
			engine.Fail(where, "module %d has %d tensors, the first %d", i, len(state), len(first))
		}
		for k, t := range state {
			if t.Name != first[k].Name || !t.Tensor.Shape().Equal(first[k].Tensor.Shape()) {
				engine.Fail(where, "module %d has %s %v where the first has %s %v", i, t.Name, t.Tensor.Type(), first[k].Name,
					first[k].Tensor.Type())
			}
			parts[t.Name] = append(parts[t.Name], t.Tensor)
		}
	}
	var out []NamedTensor
	for _, t := range first {
		out = append(out, NamedTensor{t.Name, eager.Stack(0, parts[t.Name]...)})
	}
	return out
}
