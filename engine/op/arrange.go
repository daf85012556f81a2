package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// StridedAttrs read the elements of a row-major value: index i lies at Offset + Σ i·Strides.
type StridedAttrs struct {
	Shape   engine.Shape
	Strides []int // ≥ 0
	Offset  int
	Base    engine.Shape // StridedAdd: the shape of the result
}

// arranging holds what the gradient rules of this file apply; see prim.
var arranging struct{ asStrided, stridedAdd *Def }

func init() { arranging.asStrided, arranging.stridedAdd = AsStrided, StridedAdd }

// within checks that all positions lie in a value of shape s.
func (p StridedAttrs) within(s engine.Shape) error {
	if len(p.Strides) != len(p.Shape) {
		return fmt.Errorf("shape %v has %d axes, there are %d strides", p.Shape, len(p.Shape), len(p.Strides))
	}
	last := p.Offset
	for i, n := range p.Shape {
		if n < 0 || p.Strides[i] < 0 {
			return fmt.Errorf("axis %d: extent %d and stride %d must not be negative", i, n, p.Strides[i])
		}
		last += (n - 1) * p.Strides[i]
	}
	if p.Shape.Numel() > 0 && (p.Offset < 0 || last >= s.Numel()) {
		return fmt.Errorf("positions %d to %d leave the %d elements of %v", p.Offset, last, s.Numel(), s)
	}
	return nil
}

func (p StridedAttrs) view(x engine.Array) engine.Array {
	x.Offset, x.Shape, x.Strides = x.Offset+p.Offset, p.Shape, p.Strides
	return x
}

// AsStrided and its gradient.
var (
	AsStrided = Register(&Def{
		Name: "AsStrided", Inputs: []string{"x"},
		Doc: "AsStrided returns the value of shape Shape whose element i is element Offset + Σ " +
			"i·Strides of x, read row-major; a view where x is row-major. Positions may coincide: " +
			"windows that overlap, repeated diagonals. Agrees with torch.as_strided on row-major tensors.",
		Attrs: StridedAttrs{}, Takes: []Kinds{Everything}, Saves: SaveNone,
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(StridedAttrs)
			return []Type{{DType: in[0].DType, Shape: p.Shape}}, p.within(in[0].Shape)
		},
		View: func(a Attrs, x engine.Array, _ Type) (engine.Array, bool) {
			return a.(StridedAttrs).view(x), x.IsContiguous()
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			x := in[0]
			if !x.IsContiguous() {
				x = engine.NewArray(x.DType, x.Shape)
				defer x.Buf.Release()
				check("AsStrided", cpu.Copy(x, in[0]))
			}
			check("AsStrided", cpu.Copy(out[0], a.(StridedAttrs).view(x)))
		},
		Grad: func(b Builder, c *Call) []Value {
			p := c.Attrs.(StridedAttrs)
			p.Base = c.In[0].Type().Shape
			return b.Apply(arranging.stridedAdd, p, c.DOut[0])
		},
		Cases: func() []Case { return stridedCases(false) },
	})
	StridedAdd = Register(&Def{
		Name: "StridedAdd", Inputs: []string{"x"},
		Doc: "StridedAdd returns zeros of shape Base to which element i of x is added at position " +
			"Offset + Σ i·Strides: the gradient of AsStrided.",
		Attrs: StridedAttrs{}, Takes: []Kinds{Numbers | Complexes}, Saves: SaveNone,
		Tol: Tolerance{Rel32: 1e-5, Reason: "the order of the additions is free"},
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			p := a.(StridedAttrs)
			if !p.Shape.Equal(in[0].Shape) {
				return nil, fmt.Errorf("x does not have shape %v", p.Shape)
			}
			return []Type{{DType: in[0].DType, Shape: p.Base}}, p.within(p.Base)
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			p := a.(StridedAttrs)
			check("StridedAdd", cpu.StridedAdd(out[0], in[0], p.Strides, p.Offset))
		},
		Grad:  func(b Builder, c *Call) []Value { return b.Apply(arranging.asStrided, c.Attrs, c.DOut[0]) },
		Cases: func() []Case { return stridedCases(true) },
	})
)

func stridedCases(back bool) []Case {
	var cases []Case
	for _, k := range []struct {
		name string
		base engine.Shape
		p    StridedAttrs
	}{
		{"diagonal", engine.Shape{3, 4}, StridedAttrs{Shape: engine.Shape{3}, Strides: []int{5}}},
		{"windows", engine.Shape{6}, StridedAttrs{Shape: engine.Shape{4, 3}, Strides: []int{1, 1}}},
		{"repeated", engine.Shape{4}, StridedAttrs{Shape: engine.Shape{2, 3}, Strides: []int{1, 0}, Offset: 2}},
		{"crossed", engine.Shape{2, 3}, StridedAttrs{Shape: engine.Shape{3, 2}, Strides: []int{1, 3}}},
		{"element", engine.Shape{5}, StridedAttrs{Offset: 3}},
		{"nothing", engine.Shape{0, 2}, StridedAttrs{Shape: engine.Shape{2, 0}, Strides: []int{1, 1}}},
	} {
		for _, t := range []engine.DType{engine.F32, engine.F64, engine.I64} {
			in := k.base
			if k.p.Base = nil; back {
				in, k.p.Base = k.p.Shape, k.base
			}
			cases = append(cases, Case{
				Name: t.String() + " " + k.name, Attrs: k.p, In: []Type{{DType: t, Shape: slices.Clone(in)}},
			})
		}
	}
	return cases
}
