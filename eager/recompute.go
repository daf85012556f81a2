package eager

import "github.com/lathe-ml/lathe/engine"

// Checkpoint returns f(x) and keeps none of the values in between: the backward pass computes them again,
// with the same random numbers. params are the tensors besides x that f reads and whose gradients are
// wanted; gradients of others are lost. It costs a second forward pass of f for the memory of one.
// f must not depend on anything that changes until then; the running averages of normalization count twice.
// Source: Chen et al. 2016; agrees with torch.utils.checkpoint.checkpoint.
func Checkpoint(f func(x *Tensor) *Tensor, x *Tensor, params ...*Tensor) *Tensor {
	x.must("Checkpoint")
	if f == nil {
		engine.Fail("Checkpoint", "f is a nil func")
	}
	in := []*Tensor{x}
	for _, p := range params {
		if present("Checkpoint", "a parameter", p); p.tracked() {
			in = append(in, p)
		}
	}
	again := &Function{Name: "Checkpoint", Forward: func(c *Context, in []*Tensor) []*Tensor {
		c.Save(in[0])
		c.Value = randomState()
		return []*Tensor{f(in[0])}
	}, Backward: func(c *Context, dy []*Tensor) []*Tensor {
		return recompute(f, c, in[1:], dy[0])
	}}
	return again.Call(in...)[0]
}

// recompute runs f again and differentiates it.
func recompute(f func(x *Tensor) *Tensor, c *Context, params []*Tensor, dy *Tensor) []*Tensor {
	x, higher := c.Saved()[0], GradEnabled()
	if !higher {
		x = x.Detach()
		x.requires = c.Needs(0)
	}
	now := randomState()
	defer setRandomState(now)
	setRandomState(c.Value.([2]uint64))
	var y *Tensor
	EnableGrad(func() { y = f(x) })
	wanted := params
	if x.requires {
		wanted = append([]*Tensor{x}, params...)
	}
	if !y.tracked() || len(wanted) == 0 {
		return make([]*Tensor, 1+len(params))
	}
	din := Grad([]*Tensor{y}, wanted, GradOptions{
		GradOutputs: []*Tensor{dy}, AllowUnused: true, CreateGraph: higher,
	})
	if !x.requires {
		din = append([]*Tensor{nil}, din...)
	}
	return din
}

// randomState is the place in the default random stream.
func randomState() [2]uint64 {
	generator.Lock()
	defer generator.Unlock()
	return [2]uint64{generator.seed, generator.offset}
}

func setRandomState(s [2]uint64) {
	generator.Lock()
	defer generator.Unlock()
	generator.seed, generator.offset = s[0], s[1]
}

// ForkRandom runs f and sets the default random stream back to where it was before.
// Agrees with torch.random.fork_rng.
func ForkRandom(f func()) {
	if f == nil {
		engine.Fail("ForkRandom", "f is a nil func")
	}
	before := randomState()
	defer setRandomState(before)
	f()
}
