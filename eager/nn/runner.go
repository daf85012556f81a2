package nn

import (
	"sync/atomic"

	"github.com/lathe-ml/lathe/eager"
)

// A Runner may run the layers of a Sequential in another way that gives the same. It is asked only where nobody
// can see what lies between the layers: they are layers of this package, without hooks, and operators are not
// observed. Package jit has one.
type Runner interface {
	// Run returns forward(x), or the same. Modes is the same for calls in which training modes and RequiresGrad of
	// parameters are. The Runner may keep what it knows of s in slot.
	Run(s *Sequential, slot *atomic.Pointer[any], modes uint64, x *eager.Tensor,
		forward func(x *eager.Tensor) *eager.Tensor) *eager.Tensor
}

var runner atomic.Pointer[Runner]

// SetRunner makes r run all Sequentials; nil: they run as they are.
func SetRunner(r Runner) {
	if r == nil {
		runner.Store(nil)
		return
	}
	runner.Store(&r)
}

// forward is chain for the layers of s, by the Runner where there is one.
func (s *Sequential) forward(x *eager.Tensor) *eager.Tensor {
	r := runner.Load()
	if r == nil || len(s.children) < 2 || !eager.Plain() || !discreet(s) {
		return chain(s.children, x)
	}
	return (*r).Run(s, &s.slot, modes(1469598103934665603, &s.Base), x,
		func(x *eager.Tensor) *eager.Tensor { return chain(s.children, x) })
}

// modes hashes what decides, besides operators and shapes, what the tape keeps of a forward pass.
func modes(h uint64, b *Base) uint64 {
	mix := func(on bool) {
		h *= 1099511628211
		if on {
			h ^= 0x9d
		}
	}
	mix(b.eval)
	for i := range b.params {
		mix(b.params[i].Tensor.RequiresGrad())
	}
	for i := range b.children {
		h = modes(h, b.children[i].Module.Self())
	}
	return h
}
