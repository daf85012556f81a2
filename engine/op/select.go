package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// ScatterReduceAttrs say along which axis elements are brought together, and how: cpu.CombineProd,
// CombineMax or CombineMin.
type ScatterReduceAttrs struct {
	Axis int
	How  cpu.Combine
}

// selecting holds what the gradient rules of this file apply; see prim.
var selecting struct{ scatter, scatterReduce *Def }

func init() { selecting.scatter, selecting.scatterReduce = Scatter, ScatterReduce }

var (
	// Scatter overwrites elements at indices.
	Scatter = Register(&Def{
		Name: "Scatter", Inputs: []string{"x", "index", "src"},
		Doc: "Scatter returns x with elements replaced by those of src: y[i, index[i, j, k], k] = " +
			"src[i, j, k] for Axis 1.\n" +
			"src has the shape of index. Of equal indices the last wins, and each gets the gradient. " +
			"Panics when an index is out of range. Agrees with torch.scatter.",
		Attrs: AxisAttrs{}, Takes: valueAndIndex, Saves: SaveIn1,
		Cases: func() []Case { return scatterCases() },
		Rule:  scatterRule,
		CPU: func(a Attrs, out, in []engine.Array) {
			check("Scatter", cpu.Copy(out[0], in[0]))
			check("Scatter", cpu.Scatter(out[0], in[1], in[2], a.(AxisAttrs).Axis))
		},
		Grad: func(b Builder, c *Call) []Value {
			g := make([]Value, 3)
			if c.Wants(0) {
				zero := b.Const(Type{DType: c.DOut[0].Type().DType, Shape: c.In[1].Type().Shape}, 0)
				g[0] = b.Apply(selecting.scatter, c.Attrs, c.DOut[0], c.In[1], zero)[0]
			}
			if c.Wants(2) {
				g[2] = b.Apply(prim.gather, c.Attrs, c.DOut[0], c.In[1])[0]
			}
			return g
		},
	})
	// ScatterReduce combines elements at indices.
	ScatterReduce = Register(&Def{
		Name: "ScatterReduce", Inputs: []string{"x", "index", "src"},
		Doc: "ScatterReduce returns x combined with elements of src: y[i, index[i, j, k], k] ∘= src[i, " +
			"j, k] for Axis 1, where ∘ is the product, the maximum or the minimum.\n" +
			"src has the shape of index. Equal extremes share the gradient evenly; that of a product is " +
			"exact where factors are 0, at first order. Panics when an index is out of range. Agrees " +
			"with torch.scatter_reduce, include_self=True.",
		Attrs: ScatterReduceAttrs{}, Takes: []Kinds{Numbers, Ints, Numbers}, Saves: SaveAll,
		Cases: func() []Case { return scatterReduceCases() },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			return scatterRule(AxisAttrs{Axis: a.(ScatterReduceAttrs).Axis}, in)
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(ScatterReduceAttrs)
			check("ScatterReduce", cpu.Copy(out[0], in[0]))
			check("ScatterReduce", cpu.ScatterReduce(out[0], in[1], in[2], p.Axis, p.How))
		},
		Tol: Tolerance{Rel32: 1e-5, Rel64: 1e-11, Reason: "the order of the multiplications is free"},
		Grad: func(b Builder, c *Call) []Value {
			if c.Attrs.(ScatterReduceAttrs).How == cpu.CombineProd {
				return scatterProdGrad(b, c)
			}
			return scatterExtremeGrad(b, c)
		},
	})
)

func scatterRule(a Attrs, in []Type) ([]Type, error) {
	if err := checkGather(a, in[0], in[1]); err != nil {
		return nil, err
	}
	return addInto(in, in[1].Shape)
}

// castLike casts a truth value to the dtype of like.
func castLike(b Builder, like, x Value) Value {
	return b.Apply(prim.cast, CastAttrs{To: like.Type().DType}, x)[0]
}

func equal(b Builder, x, y Value) Value { return b.Apply(prim.eq, nil, x, y)[0] }

// scatterExtremeGrad shares the gradient among the elements that equal the result.
func scatterExtremeGrad(b Builder, c *Call) []Value {
	axis := AxisAttrs{Axis: c.Attrs.(ScatterReduceAttrs).Axis}
	x, index, src, y := c.In[0], c.In[1], c.In[2], c.Out[0]
	own := castLike(b, x, equal(b, x, y))
	brought := castLike(b, x, equal(b, src, b.Apply(prim.gather, axis, y, index)[0]))
	count := b.Apply(prim.scatterAdd, axis, own, index, brought)[0]
	share := div(b, c.DOut[0], count)
	return []Value{
		mul(b, share, own), nil,
		mul(b, b.Apply(prim.gather, axis, share, index)[0], brought),
	}
}

// scatterProdGrad multiplies the gradient by the product of the other factors. Zeros are counted and left
// out of the products: a factor of 0 gets the product of the others if it is the only one.
func scatterProdGrad(b Builder, c *Call) []Value {
	p := c.Attrs.(ScatterReduceAttrs)
	axis := AxisAttrs{Axis: p.Axis}
	x, index, src := c.In[0], c.In[1], c.In[2]
	one, zero := num(b, x, 1), num(b, x, 0)
	xZero, srcZero := equal(b, x, zero), equal(b, src, zero)
	xs, ss := where(b, xZero, one, x), where(b, srcZero, one, src)
	product := b.Apply(selecting.scatterReduce, p, xs, index, ss)[0]
	zeros := b.Apply(prim.scatterAdd, axis, castLike(b, x, xZero), index, castLike(b, x, srcZero))[0]
	at := func(v Value) Value { return b.Apply(prim.gather, axis, v, index)[0] }
	// what multiplies dy: the product without zeros over the factor, where no other factor is 0
	others := func(product, factor, zeros, isZero Value) Value {
		rest := sub(b, zeros, castLike(b, x, isZero))
		return where(b, equal(b, rest, zero), div(b, product, factor), zero)
	}
	return []Value{
		mul(b, c.DOut[0], others(product, xs, zeros, xZero)), nil,
		mul(b, at(c.DOut[0]), others(at(product), ss, at(zeros), srcZero)),
	}
}

func scatterCases() []Case {
	var cases []Case
	for _, k := range []struct {
		axis  int
		shape engine.Shape
		index []float64
	}{
		{0, engine.Shape{2, 4}, []float64{0, 2, 2, 1, 1, 0, 0, 2}},
		{1, engine.Shape{3, 2}, []float64{3, 1, 0, 2, 1, 0}},
		{0, engine.Shape{0, 4}, []float64{}},
	} {
		cases = append(cases, indexCases(true, engine.Shape{3, 4}, k.shape, k.axis, k.index, k.shape)...)
	}
	return cases
}

func scatterReduceCases() []Case {
	var cases []Case
	for _, how := range []cpu.Combine{cpu.CombineProd, cpu.CombineMax, cpu.CombineMin} {
		for _, c := range gatherCases(true) {
			a := c.Attrs.(AxisAttrs)
			c.Name, c.Attrs = fmt.Sprintf("%s how %d", c.Name, how), ScatterReduceAttrs{a.Axis, how}
			cases = append(cases, c)
		}
	}
	return cases
}
