package source

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// orthogonal is OrthogonalArgs: arrays of f64, and numbers.
type orthogonal struct {
	lead               engine.Shape
	batch, m, n        int
	absolute, relative float64

	a, b, s, v, work engine.Array
}

// orthogonalising brings matrices into temporary memory as f64, row-major.
func (c *call) orthogonalising(a engine.Array) (*orthogonal, error) {
	if a.DType.IsComplex() {
		return nil, fmt.Errorf("has no CUDA form for %v", a.DType)
	}
	k := len(a.Shape) - 2
	f := &orthogonal{
		lead: a.Shape[:k:k], batch: a.Shape[:k].Numel(), m: a.Shape[k], n: a.Shape[k+1], a: c.temp(engine.F64, a.Shape),
	}
	c.copy(f.a, a)
	return f, nil
}

// room is temporary memory for each matrix.
func (f *orthogonal) room(c *call, tail ...int) engine.Array {
	return c.temp(engine.F64, append(f.lead.Clone(), tail...))
}

func (f *orthogonal) launch(c *call, name string, grid [3]int) {
	if f.batch == 0 {
		return
	}
	a := (&args{c: c}).ints(f.batch, f.m, f.n).floats(f.absolute, f.relative)
	for _, x := range []engine.Array{f.a, f.b, f.s, f.v, f.work} {
		a.array(x)
	}
	body := fmt.Sprintf("KERNEL(orthogonal_%s, OrthogonalArgs) { %s(a); }\n", name, name)
	c.launch(&Kernel{Name: "orthogonal_" + name, parts: []string{"math", "reduce", "orthogonal"}, body: body}, grid, a)
}

func householder(c *call) error {
	f, err := c.orthogonalising(c.in[0])
	if err != nil {
		return err
	}
	f.s = f.room(c, min(f.m, f.n))
	f.launch(c, "householder", rows(f.batch))
	c.copy(c.out[0], f.a)
	c.copy(c.out[1], f.s)
	return nil
}

func qr(c *call) error {
	f, err := c.orthogonalising(c.in[0])
	if err != nil {
		return err
	}
	f.s, f.b = f.room(c, f.n), f.room(c, f.n, f.n)
	f.launch(c, "householder", rows(f.batch))
	f.launch(c, "orthonormal", rows(f.batch))
	c.copy(c.out[0], f.a)
	c.copy(c.out[1], f.b)
	return nil
}

func eigH(c *call) error {
	f, err := c.orthogonalising(c.in[0])
	if err != nil {
		return err
	}
	f.s, f.b, f.v, f.work = f.room(c, f.n), f.room(c, f.n, f.n), f.room(c, f.n, f.n), f.room(c, f.n+1)
	f.launch(c, "mirror", over(f.a.Numel()))
	f.launch(c, "eigen", rows(f.batch))
	c.copy(c.out[0], f.s)
	c.copy(c.out[1], f.b)
	return nil
}

// swapped exchanges the last two axes.
func swapped(a engine.Array) engine.Array {
	n := len(a.Shape)
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	perm[n-1], perm[n-2] = n-2, n-1
	return a.Permute(perm...)
}

// svd factors x, whose shorter axis gives the rows that singular makes orthogonal.
func (c *call) svd(x engine.Array) (f *orthogonal, u, s, vt engine.Array, err error) {
	k := len(x.Shape) - 2
	tall := x.Shape[k] >= x.Shape[k+1]
	if tall {
		x = swapped(x)
	}
	if f, err = c.orthogonalising(x); err != nil {
		return f, u, s, vt, err
	}
	f.b, f.s = f.room(c, f.m, f.n), f.room(c, f.m)
	f.v, f.work = f.room(c, f.m, f.m), f.room(c, f.m+1, f.m)
	if f.m > 0 {
		f.launch(c, "singular", rows(f.batch))
	}
	left := f.work.Slice(k, 0, f.m, 1)
	if tall {
		return f, swapped(f.b), f.s, left, nil
	}
	return f, swapped(left), f.s, f.b, nil
}

func svd(c *call) error {
	_, u, s, vt, err := c.svd(c.in[0])
	if err != nil {
		return err
	}
	for i, x := range []engine.Array{u, s, vt} {
		c.copy(c.out[i], x)
	}
	return nil
}

func pinv(c *call) error {
	p, x := c.attrs.(op.PInvAttrs), c.in[0]
	if p.Symmetric {
		m, err := c.orthogonalising(x)
		if err != nil {
			return err
		}
		m.launch(c, "mirror", over(m.a.Numel()))
		x = m.a
	}
	_, u, s, vt, err := c.svd(x)
	if err != nil {
		return err
	}
	k := len(x.Shape) - 2
	f := &orthogonal{
		lead: x.Shape[:k:k], batch: x.Shape[:k].Numel(), m: x.Shape[k+1], n: x.Shape[k], s: s,
		absolute: p.Absolute, relative: p.Relative,
	}
	f.a, f.b, f.v = f.room(c, f.m, f.n), c.temp(engine.F64, u.Shape), c.temp(engine.F64, vt.Shape)
	c.copy(f.b, u)
	c.copy(f.v, vt)
	f.launch(c, "pseudo_inverse", over(f.a.Numel()))
	c.copy(c.out[0], f.a)
	return nil
}
