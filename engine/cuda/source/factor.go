package source

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// factor is FactorArgs: arrays of f64, and numbers.
type factor struct {
	batch, m, n, columns             int
	upper, unit, transposed, lenient bool

	a, b, pivots, order, info, sign, log engine.Array
}

// factoring brings matrices into temporary memory as f64, row-major.
func (c *call) factoring(a engine.Array) (*factor, error) {
	if a.DType.IsComplex() {
		return nil, fmt.Errorf("has no CUDA form for %v", a.DType)
	}
	k := len(a.Shape) - 2
	f := &factor{batch: a.Shape[:k].Numel(), m: a.Shape[k], n: a.Shape[k+1], a: c.temp(engine.F64, a.Shape)}
	c.copy(f.a, a)
	return f, nil
}

// right brings right sides into temporary memory.
func (f *factor) right(c *call, b engine.Array) {
	f.columns, f.b = b.Shape[len(b.Shape)-1], c.temp(engine.F64, b.Shape)
	c.copy(f.b, b)
}

func (f *factor) launch(c *call, name string, grid [3]int) {
	if f.batch == 0 {
		return
	}
	a := (&args{c: c}).ints(f.batch, f.m, f.n, f.columns, bit(f.upper), bit(f.unit), bit(f.transposed), bit(f.lenient))
	for _, x := range []engine.Array{f.a, f.b, f.pivots, f.order, f.info, f.sign, f.log} {
		a.array(x)
	}
	body := fmt.Sprintf("KERNEL(matrix_%s, FactorArgs) { %s(a); }\n", name, name)
	c.launch(&Kernel{Name: "matrix_" + name, parts: []string{"math", "reduce", "factor"}, body: body}, grid, a)
}

// lu adds pivots and order and factors.
func (f *factor) lu(c *call) {
	f.pivots = c.temp(engine.I64, engine.Shape{f.batch, min(f.m, f.n)})
	f.order = c.temp(engine.I64, engine.Shape{f.batch, f.m})
	f.launch(c, "lu", rows(f.batch))
}

func cholesky(c *call) error {
	f, err := c.factoring(c.in[0])
	if err != nil {
		return err
	}
	f.info = c.temp(engine.I64, c.out[1].Shape)
	f.lenient = c.attrs.(op.CholeskyAttrs).Lenient
	f.launch(c, "cholesky", rows(f.batch))
	c.copy(c.out[0], f.a)
	c.copy(c.out[1], f.info)
	return nil
}

func lu(c *call) error {
	f, err := c.factoring(c.in[0])
	if err != nil {
		return err
	}
	f.lu(c)
	f.pivots.Shape, f.order.Shape = c.out[1].Shape, c.out[2].Shape
	f.pivots.Strides, f.order.Strides = f.pivots.Shape.Strides(), f.order.Shape.Strides()
	c.copy(c.out[0], f.a)
	c.copy(c.out[1], f.pivots)
	c.copy(c.out[2], f.order)
	return nil
}

func logDet(c *call) error {
	f, err := c.factoring(c.in[0])
	if err != nil {
		return err
	}
	f.lu(c)
	f.sign, f.log = c.temp(engine.F64, c.out[0].Shape), c.temp(engine.F64, c.out[1].Shape)
	f.launch(c, "log_det", over(f.batch))
	c.copy(c.out[0], f.sign)
	c.copy(c.out[1], f.log)
	return nil
}

// solve exchanges the rows of b as lu did those of a, and substitutes twice.
func solve(c *call) error {
	f, err := c.factoring(c.in[0])
	if err != nil {
		return err
	}
	f.lu(c)
	b, x := c.in[1], c.temp(engine.F64, engine.Shape{f.batch, f.n, c.out[0].Shape[len(c.out[0].Shape)-1]})
	wide := c.temp(engine.F64, c.out[0].Shape)
	c.copy(wide, b)
	wide.Shape, wide.Strides = x.Shape, x.Strides
	if n := x.Numel(); n > 0 {
		order := f.order
		order.Shape, order.Strides = x.Shape, []int{f.n, 1, 0}
		at := []int{wide.Strides[0], 0, wide.Strides[2]}
		a := (&args{c: c}).ints(n, f.n, wide.Strides[1]).ints(x.Shape...).ints(at...).ints(order.Strides...)
		a.ints(x.Strides...).array(wide).array(order).array(x)
		c.launch(indexKernel("gather", "IndexArgs", wide, order, 3), over(n), a)
	}
	f.b, f.columns = x, x.Shape[2]
	f.unit = true
	f.launch(c, "substitute", over(f.batch*f.columns))
	f.unit, f.upper = false, true
	f.launch(c, "substitute", over(f.batch*f.columns))
	x.Shape, x.Strides = c.out[0].Shape, c.out[0].Shape.Strides()
	c.copy(c.out[0], x)
	return nil
}

// triangular is the form of SolveTriangular and CholeskySolve (twice).
func triangular(twice bool) form {
	return func(c *call) error {
		f, err := c.factoring(c.in[0])
		if err != nil {
			return err
		}
		f.right(c, c.in[1])
		f.lenient = true // a zero gives infinities, as on the CPU
		if p, ok := c.attrs.(op.TriangularAttrs); ok {
			f.upper, f.unit = p.Upper, p.Unit
		}
		f.launch(c, "substitute", over(f.batch*f.columns))
		if twice {
			f.transposed = true
			f.launch(c, "substitute", over(f.batch*f.columns))
		}
		c.copy(c.out[0], f.b)
		return nil
	}
}
