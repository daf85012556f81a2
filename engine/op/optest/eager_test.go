package optest

import (
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Eager mode dispatches, takes views, saves and walks in its own way; results must not depend on it.
func TestEagerGivesTheSameResultsAndGradients(t *testing.T) {
	for _, d := range op.Defs() {
		for _, c := range d.Cases() {
			t.Run(d.Name+"/"+c.Name, func(t *testing.T) {
				for i := range c.In {
					c.In[i].Weak = false // tensors, not numbers
				}
				sameInEager(t, d, c)
			})
		}
	}
}

func sameInEager(t *testing.T, d *op.Def, c op.Case) {
	in := operands(d, c)
	want := result(t, d, c, in)
	xs := make([]*eager.Tensor, len(in))
	for i, x := range in {
		xs[i] = eager.FromArray(x)
		if x.DType.IsFloat() && d.Grad != nil {
			xs[i].SetRequiresGrad(true)
		}
	}
	ys := eager.Apply(d, c.Attrs, xs...)
	got := make([]engine.Array, len(ys))
	for i, y := range ys {
		got[i] = y.Array()
	}
	// Eager's operands may be views where the executor's are copies, which other kernels compute.
	close := func(e engine.DType) float64 { return 10 * tolerance(d, e) }
	same(t, "eager", got, want, func(e engine.DType) float64 { return tolerance(d, e) })
	res, err := d.Resolve(c.Attrs, c.In)
	if err != nil {
		t.Fatal(err)
	}
	if d.Grad == nil || c.NoGrad || !differentiable(res.Out) || !differentiable(c.In) {
		return
	}
	dout := seeds(d, c, res.Out)
	grads := newKernel(d, c, res.Out).run(executor{}, append(in, dout...))
	var outputs, inputs, outGrads []*eager.Tensor
	var wanted []op.Value
	for i, y := range ys {
		if res.Out[i].DType.IsFloat() {
			outputs, outGrads = append(outputs, y), append(outGrads, eager.FromArray(dout[len(outGrads)]))
		}
	}
	for i, x := range xs {
		if x.RequiresGrad() {
			inputs, wanted = append(inputs, x), append(wanted, grads[i])
		}
	}
	for i, g := range eager.Grad(outputs, inputs, eager.GradOptions{
		GradOutputs: outGrads,
		AllowUnused: true,
	}) {
		if (g == nil) != (wanted[i] == nil) {
			t.Errorf("gradient %d is nil in one of eager and the executor only", i)
		} else if g != nil {
			same(t, "gradient in eager", []engine.Array{g.Array()},
				[]engine.Array{wanted[i].(*value).arr}, close)
		}
	}
}
