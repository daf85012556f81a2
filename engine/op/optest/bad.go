package optest

import (
	"math"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// badInput checks that operands which do not fit are refused with the operator's name and the operands.
func badInput(t reporter, d *op.Def) {
	t.Helper()
	c := widest(d)
	bad := wrongAttrs(d, c)
	add := func(name string, in []op.Type) {
		bad = append(bad, op.Case{Name: name, Attrs: c.Attrs, In: in})
	}
	if len(d.Inputs) > 0 {
		add("an operand too few", c.In[:0])
		if takes(d, 0)&op.Complexes == 0 {
			complexOne := slices.Clone(c.In)
			complexOne[0].DType = engine.C64
			add("complex operand", complexOne)
		}
	}
	if n := len(d.Inputs); n == 0 || !strings.HasSuffix(d.Inputs[n-1], "...") {
		add("an operand too many", append(slices.Clone(c.In), op.Type{DType: engine.F32}))
	}
	if d.Elementwise && len(c.In) > 1 {
		other := slices.Clone(c.In)
		other[0].Shape, other[1].Shape = engine.Shape{2, 3}, engine.Shape{4}
		add("shapes that do not broadcast", other)
	}
	// An index may have any shape.
	if last := len(c.In) - 1; !d.Elementwise && last > 0 && takes(d, last) != op.Ints {
		other := slices.Clone(c.In)
		other[last].Shape = engine.Shape{7, 11, 13, 2}
		add("a last operand that does not fit", other)
	}
	for _, b := range bad {
		_, err := d.Resolve(b.Attrs, b.In)
		if err == nil {
			t.Errorf("%s: %s is accepted: %v %+v", d.Name, b.Name, b.In, b.Attrs)
			continue
		}
		if !strings.HasPrefix(err.Error(), d.Name+": ") {
			t.Errorf("%s: error does not start with the operator's name: %v", b.Name, err)
		}
		for _, x := range b.In {
			if !strings.Contains(err.Error(), x.String()) {
				t.Errorf("%s: error does not name operand %v: %v", b.Name, x, err)
			}
		}
	}
}

// widest is the case with the most elements.
func widest(d *op.Def) op.Case {
	return slices.MaxFunc(d.Cases(), func(a, b op.Case) int { return size(a) - size(b) })
}

func size(c op.Case) int {
	n := 0
	for _, t := range c.In {
		n += t.Shape.Numel()
	}
	return n
}

// wrongAttrs are attributes, or operands, that the type of the attributes cannot go with.
func wrongAttrs(d *op.Def, c op.Case) []op.Case {
	with := func(name string, a op.Attrs, in []op.Type) op.Case {
		return op.Case{Name: name, Attrs: a, In: in}
	}
	flat := slices.Clone(c.In)
	for i := range flat {
		flat[i].Shape = engine.Shape{7}
	}
	other := engine.Shape{7, 11, 13}
	switch a := c.Attrs.(type) {
	case op.AxisAttrs:
		return []op.Case{
			with("axis outside", op.AxisAttrs{Axis: 9}, c.In),
			with("axis below 0", op.AxisAttrs{Axis: -1}, c.In),
		}
	case op.ReduceAttrs:
		return []op.Case{
			with("axis outside", op.ReduceAttrs{Axes: []int{9}}, c.In),
			with("axis twice", op.ReduceAttrs{Axes: []int{0, 0}}, c.In),
		}
	case op.ShapeAttrs:
		return []op.Case{with("shape that does not fit", op.ShapeAttrs{Shape: other}, c.In)}
	case op.PermuteAttrs:
		return []op.Case{with("axis twice", op.PermuteAttrs{Perm: make([]int, 2)}, c.In)}
	case op.SliceAttrs:
		return []op.Case{with("wrong rank", op.SliceAttrs{}, c.In)}
	case op.UnsliceAttrs:
		return []op.Case{with("wrong rank", op.UnsliceAttrs{Shape: other}, c.In)}
	case op.PadAttrs:
		return []op.Case{with("wrong rank", op.PadAttrs{}, c.In)}
	case op.ConvAttrs, op.PoolAttrs:
		return []op.Case{with("no spatial axes", a, flat)}
	case op.CastAttrs:
		return []op.Case{with("no dtype", op.CastAttrs{}, c.In)}
	case op.RandAttrs:
		return []op.Case{with("no dtype", op.RandAttrs{Shape: engine.Shape{2}, P: 0, Q: 1}, nil)}
	case op.CrossEntropyAttrs:
		return []op.Case{with("axis outside", op.CrossEntropyAttrs{Axis: 9}, c.In)}
	case op.VarianceAttrs:
		return []op.Case{with("axis outside", op.VarianceAttrs{Axes: []int{9}}, c.In)}
	case op.LayerNormAttrs:
		return []op.Case{with("axes outside", op.LayerNormAttrs{Axes: 9}, c.In)}
	case op.DropoutAttrs:
		return []op.Case{with("not a probability", op.DropoutAttrs{P: 1.5}, c.In)}
	case op.RangeAttrs:
		return []op.Case{with("negative count", op.RangeAttrs{N: -1, DType: engine.F32}, nil)}
	}
	return nil
}

var realTypes = []engine.DType{
	engine.Bool, engine.U8, engine.I8, engine.I16, engine.I32, engine.I64,
	engine.F16, engine.BF16, engine.F32, engine.F64,
}

// dtypes checks that kernels exist for every dtype that the type rule accepts, and that one which Takes
// leaves out is refused. Operands that take what the first takes change together.
func dtypes(t reporter, d *op.Def) {
	t.Helper()
	if len(d.Inputs) == 0 {
		return
	}
	c := d.Cases()[0]
	for group := range c.In {
		for _, dt := range realTypes {
			k := c
			k.In = slices.Clone(c.In)
			for i := range k.In {
				if takes(d, i) == takes(d, group) {
					k.In[i].DType, k.In[i].Weak = dt, false
				}
			}
			if k.Data == nil && !dt.IsFloat() {
				k.Lo, k.Hi = 1, 2
			}
			_, err := d.Resolve(k.Attrs, k.In)
			promised := takes(d, group).Has(dt) || d.Promote == op.ToFloat
			if promised != (err == nil) {
				t.Errorf("%s: operand %d of %v: %v, Takes says %v", d.Name, group, dt, err, takes(d, group))
			}
			if err == nil {
				if _, err := run(d, k.Attrs, k.In, operands(d, k)); err != nil {
					t.Errorf("%s accepts %v but has no kernel: %v", d.Name, k.In, err)
				}
			}
		}
	}
}

// takes is what operand i may be.
func takes(d *op.Def, i int) op.Kinds {
	if len(d.Takes) == 0 {
		return op.AllKinds
	}
	return d.Takes[min(i, len(d.Takes)-1)]
}

// nanIsDocumented checks that an elementwise operator on floats hands NaN on, or says what it does.
// Infinities must give the same in f32 and f64.
func nanIsDocumented(t reporter, d *op.Def) {
	t.Helper()
	c := d.Cases()[0]
	if !d.Elementwise || !c.In[len(c.In)-1].DType.IsFloat() {
		return
	}
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1}
	for k := range c.In {
		if !c.In[k].DType.IsFloat() {
			continue
		}
		one := c
		one.In, one.Data = slices.Clone(c.In), make([][]float64, len(c.In))
		for i := range one.In {
			one.In[i].Shape, one.Data[i] = engine.Shape{6}, []float64{1, 1, 1, 1, 1, 1}
		}
		one.Data[k] = special
		in := operands(d, one)
		narrow := result(t, d, one, in)
		c64, in64 := inF64(one, in)
		wide := result(t, d, c64, in64)
		same(t, "NaN, ±Inf, ±0 and 1 against f64", narrow, wide,
			func(e engine.DType) float64 { return tolerance(d, e) })
		if y := floats(wide[0])[0]; y == y && !strings.Contains(d.Doc, "NaN") {
			t.Errorf("%s of NaN (operand %d) is %v; its Doc does not say so", d.Name, k, y)
		}
	}
}
