package nn

import (
	"strconv"
	"sync/atomic"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Sequential applies its children one after the other; they are called "0", "1", …
type Sequential struct {
	Base
	slot atomic.Pointer[any] // of the Runner
}

// NewSequential returns the composition of layers. Agrees with torch.nn.Sequential.
func NewSequential(layers ...Module) *Sequential {
	s := &Sequential{}
	for i, m := range layers {
		if nothing(m) {
			refuseNil("nn.NewSequential", "layer "+strconv.Itoa(i), m)
		}
		s.Append(m)
	}
	return s
}

// Append adds a layer at the end and returns s.
func (s *Sequential) Append(m Module) *Sequential {
	s.Add(strconv.Itoa(len(s.children)), m)
	return s
}

// Len returns the number of layers.
func (s *Sequential) Len() int { return len(s.children) }

// Layer returns layer i.
func (s *Sequential) Layer(i int) Module {
	if i < 0 || i >= len(s.children) {
		engine.Fail("nn.Sequential.Layer", "layer %d of %d; want 0 ≤ i < %d", i, len(s.children), len(s.children))
	}
	return s.children[i].Module
}

// Forward returns the output of the last layer.
func (s *Sequential) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Sequential", "nn.NewSequential", s != nil, x)
	return s.Done(x, s.forward(x))
}

// Lambda is a module made of a function.
type Lambda struct {
	Base
	f func(x *eager.Tensor) *eager.Tensor
}

// NewLambda returns a module without parameters that applies f.
func NewLambda(f func(x *eager.Tensor) *eager.Tensor) *Lambda {
	if f == nil {
		engine.Fail("nn.NewLambda", "f is a nil func; want a function of a tensor")
	}
	return &Lambda{f: f}
}

// Forward returns f(x).
func (l *Lambda) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Lambda", "nn.NewLambda", l != nil && l.f != nil, x)
	return l.Done(x, l.f(x))
}

// Identity returns its input.
type Identity struct{ Base }

// NewIdentity returns the layer. Agrees with torch.nn.Identity.
func NewIdentity() *Identity { return &Identity{} }

// Forward returns x.
func (l *Identity) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Identity", "nn.NewIdentity", l != nil, x)
	return l.Done(x, x)
}

// Flatten merges all axes but the first. x: [n …] → [n rest].
type Flatten struct{ Base }

// NewFlatten returns the layer. Agrees with torch.nn.Flatten.
func NewFlatten() *Flatten { return &Flatten{} }

// Forward returns x with all axes but the first merged.
func (l *Flatten) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Flatten", "nn.NewFlatten", l != nil, x)
	return l.Done(x, x.Flatten(1))
}

// GlobalAvgPool averages over the spatial axes. x: [n c spatial…] → [n c].
type GlobalAvgPool struct{ Base }

// NewGlobalAvgPool returns the layer.
func NewGlobalAvgPool() *GlobalAvgPool { return &GlobalAvgPool{} }

// Forward returns the mean of each channel.
func (l *GlobalAvgPool) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.GlobalAvgPool", "nn.NewGlobalAvgPool", l != nil, x)
	if x.Rank() <= 2 {
		return l.Done(x, x)
	}
	return l.Done(x, x.Mean(spatial(x.Rank())...))
}
