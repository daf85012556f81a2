package jit

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Module is a module whose Forward is compiled. It trains, saves and prints like the module in it, which is
// its child "module".
type Module struct {
	nn.Base
	f *Func
}

// NewModule returns m with a compiled Forward.
func NewModule(m nn.Module, o ...Options) *Module {
	if m == nil {
		engine.Fail("jit.NewModule", "the module is nil; want a network such as nn.NewSequential(…)")
	}
	c := &Module{f: Compile(m, o...)}
	c.Add("module", m)
	return c
}

// Forward returns what the module in it returns.
func (m *Module) Forward(x *eager.Tensor) *eager.Tensor { return m.Done(x, m.f.Call(x)) }

// Func returns the compiled Forward, for Explain.
func (m *Module) Func() *Func { return m.f }
