package op

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// Reduction says what becomes of the losses of single samples.
type Reduction uint8

// Reductions.
const (
	ReduceNone Reduction = iota
	ReduceSum
	ReduceMean
)

// CrossEntropyAttrs are the parameters of CrossEntropy.
type CrossEntropyAttrs struct {
	Axis   int // of the classes, 0 ≤ Axis < rank
	Reduce Reduction
}

var classTolerance = Tolerance{Rel32: 1e-5, Reason: "rounding of exp and of the sums"}

// The cross entropy of scores with integer labels. The gradient computes the softmax again rather than
// keep it.
var (
	CrossEntropy = Register(&Def{
		Name: "CrossEntropy", Inputs: []string{"logits", "labels"}, Outputs: []string{"loss"},
		Doc: "CrossEntropy returns −log softmax(logits)[label] along Axis, or its sum or mean.\n" +
			"labels have the shape of logits without Axis. The largest logit is subtracted first. " +
			"Panics when a label is out of range. Agrees with torch.nn.functional.cross_entropy.",
		Attrs: CrossEntropyAttrs{}, Takes: []Kinds{Floats, Ints}, Saves: SaveIn, Tol: classTolerance,
		Cases: func() []Case { return crossEntropyCases(false) },
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			loss, err := lossType(a, in[0], in[1])
			return []Type{loss}, err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("CrossEntropy", crossEntropy(a.(CrossEntropyAttrs), out[0], in[0], in[1]))
		},
		Grad: func(b Builder, c *Call) []Value {
			return []Value{b.Apply(prim.crossEntropyGrad, c.Attrs, c.DOut[0], c.In[0], c.In[1])[0], nil}
		},
	})
	CrossEntropyGrad = Register(&Def{
		Name: "CrossEntropyGrad", Inputs: []string{"dy", "logits", "labels"}, Outputs: []string{"dlogits"},
		Doc: "CrossEntropyGrad is the gradient kernel of CrossEntropy: dlogits = dy·(softmax(logits) − " +
			"onehot(labels)), divided by the number of labels for a mean.",
		Attrs: CrossEntropyAttrs{}, Takes: []Kinds{Floats, Floats, Ints}, Saves: SaveIn, Tol: classTolerance,
		Cases: func() []Case { return crossEntropyCases(true) }, Grad: crossEntropyCurve,
		Rule: func(a Attrs, in []Type) ([]Type, error) {
			loss, err := lossType(a, in[1], in[2])
			if err == nil && (!loss.Shape.Equal(in[0].Shape) || loss.DType != in[0].DType) {
				err = fmt.Errorf("dy is not %v", loss)
			}
			return in[1:2], err
		},
		CPU: func(a Attrs, out, in []engine.Array) {
			check("CrossEntropyGrad", crossEntropyGrad(a.(CrossEntropyAttrs), out[0], in[0], in[1], in[2]))
		},
	})
)

// lossType is the rule of CrossEntropy.
func lossType(a Attrs, logits, labels Type) (Type, error) {
	p := a.(CrossEntropyAttrs)
	axis, err := checkAxis(AxisAttrs{Axis: p.Axis}, logits)
	if err != nil {
		return Type{}, err
	}
	s := logits.Shape
	if n := len(s) - 1; n != len(labels.Shape) || !s[:axis].Equal(labels.Shape[:axis]) ||
		!s[axis+1:].Equal(labels.Shape[axis:]) {
		return Type{}, fmt.Errorf("labels do not have the shape of logits without axis %d", axis)
	}
	if p.Reduce == ReduceNone {
		return Type{DType: logits.DType, Shape: labels.Shape}, nil
	}
	return Type{DType: logits.DType}, nil
}

// scoreRows views scores with the classes along rows: [samples classes]; a copy where strides want one.
func scoreRows(x engine.Array, axis int) (engine.Array, error) {
	x = classesLast(x, axis)
	n := len(x.Shape) - 1
	s := engine.Shape{x.Shape[:n].Numel(), x.Shape[n]}
	if v, ok := x.Reshape(s); ok {
		return v, nil
	}
	c := engine.NewArray(x.DType, x.Shape)
	err := cpu.Copy(c, x)
	c.Shape, c.Strides = s, s.Strides()
	return c, err
}

func classesLast(x engine.Array, axis int) engine.Array {
	if axis == len(x.Shape)-1 {
		return x
	}
	return x.Permute(append(allBut(axis, len(x.Shape)), axis)...)
}

// sampleLabels returns the labels as one line of i64.
func sampleLabels(labels engine.Array) (engine.Array, error) {
	var err error
	if labels.DType != engine.I64 || !labels.IsContiguous() {
		wide := engine.NewArray(engine.I64, labels.Shape)
		err = cpu.Copy(wide, labels)
		labels = wide
	}
	labels.Shape, labels.Strides = engine.Shape{labels.Numel()}, []int{1}
	return labels, err
}

func crossEntropy(p CrossEntropyAttrs, out, x, labels engine.Array) error {
	rows, err := scoreRows(x, p.Axis)
	if err != nil {
		return err
	}
	if labels, err = sampleLabels(labels); err != nil {
		return err
	}
	loss := out
	if p.Reduce == ReduceNone {
		loss.Shape, loss.Strides = labels.Shape, labels.Strides
	} else {
		loss = engine.NewArray(x.DType, labels.Shape)
		defer loss.Buf.Release()
	}
	err = cpu.CrossEntropy(loss, rows, labels)
	switch {
	case err != nil || p.Reduce == ReduceNone:
		return err
	case p.Reduce == ReduceSum:
		return cpu.Sum(out, loss, nil)
	}
	return cpu.Mean(out, loss, nil)
}

func crossEntropyGrad(p CrossEntropyAttrs, out, dy, x, labels engine.Array) error {
	rows, err := scoreRows(x, p.Axis)
	if err != nil {
		return err
	}
	if labels, err = sampleLabels(labels); err != nil {
		return err
	}
	if p.Reduce == ReduceNone {
		dy = flatRows(withColumn(dy))
		dy.Shape, dy.Strides = dy.Shape[:1], dy.Strides[:1]
	} else {
		dy = dy.Expand(labels.Shape)
	}
	dx := out
	if p.Axis != len(x.Shape)-1 {
		dx = engine.NewArray(x.DType, classesLast(x, p.Axis).Shape)
		defer dx.Buf.Release()
	}
	flat := dx
	flat.Shape, flat.Strides = rows.Shape, rows.Shape.Strides()
	err = cpu.CrossEntropyGrad(flat, dy, rows, labels, p.share(labels.Numel()))
	if err == nil && dx.Buf != out.Buf {
		err = cpu.Copy(classesLast(out, p.Axis), dx)
	}
	return err
}

// withColumn adds a last axis of extent 1.
func withColumn(a engine.Array) engine.Array {
	a.Shape, a.Strides = append(a.Shape.Clone(), 1), append(slices.Clone(a.Strides), 1)
	return a
}

// share is the part that one of n samples has in the result.
func (p CrossEntropyAttrs) share(n int) float64 {
	if p.Reduce == ReduceMean {
		return 1 / float64(n)
	}
	return 1
}

// crossEntropyCurve is the gradient of CrossEntropyGrad: Σ h·(s − onehot) for dy, and for the logits the
// gradient of the softmax s under dy·h.
func crossEntropyCurve(b Builder, c *Call) []Value {
	p, dy, x, labels, h := c.Attrs.(CrossEntropyAttrs), c.In[0], c.In[1], c.In[2], c.DOut[0]
	axis := AxisAttrs{Axis: p.Axis}
	s := b.Apply(prim.softmax, axis, x)[0]
	single := slices.Insert(labels.Type().Shape.Clone(), p.Axis, 1)
	share := p.share(labels.Type().Shape.Numel())
	g := make([]Value, 3)
	if c.Wants(0) {
		at := b.Apply(prim.gather, axis, h, reshape(b, labels, single))[0]
		r := sub(b, sumKeep(b, mul(b, h, s), p.Axis), at)
		if p.Reduce == ReduceNone {
			g[0] = reshape(b, r, labels.Type().Shape)
		} else {
			g[0] = scale(b, b.Apply(prim.sum, ReduceAttrs{}, r)[0], share)
		}
	}
	if c.Wants(1) {
		if p.Reduce == ReduceNone {
			dy = reshape(b, dy, single)
		} else {
			dy = scale(b, dy, share)
		}
		g[1] = b.Apply(prim.softmaxGrad, axis, mul(b, h, dy), s)[0]
	}
	return g
}

func crossEntropyCases(grad bool) []Case {
	var cases []Case
	for _, t := range []engine.DType{engine.F32, engine.F64} {
		for _, c := range []struct {
			name   string
			x      engine.Shape
			labels engine.Shape
			data   []float64
			a      CrossEntropyAttrs
		}{
			{"mean", engine.Shape{4, 5}, engine.Shape{4}, []float64{0, 4, 2, 2}, CrossEntropyAttrs{1, ReduceMean}},
			{"sum", engine.Shape{3, 2}, engine.Shape{3}, []float64{1, 0, 1}, CrossEntropyAttrs{1, ReduceSum}},
			{"each", engine.Shape{3, 7}, engine.Shape{3}, []float64{6, 0, 3}, CrossEntropyAttrs{1, ReduceNone}},
			{
				"pixels",
				engine.Shape{2, 3, 2},
				engine.Shape{2, 2},
				[]float64{0, 2, 1, 1},
				CrossEntropyAttrs{1, ReduceMean},
			},
			{"one sample", engine.Shape{4}, engine.Shape{}, []float64{2}, CrossEntropyAttrs{0, ReduceMean}},
			{"none", engine.Shape{0, 3}, engine.Shape{0}, []float64{}, CrossEntropyAttrs{1, ReduceSum}},
		} {
			k := Case{
				Name: t.String() + " " + c.name, Attrs: c.a, Lo: -3, Hi: 3,
				In:   []Type{{DType: t, Shape: c.x}, {DType: engine.I64, Shape: c.labels}},
				Data: [][]float64{nil, c.data},
			}
			if grad {
				dy := Type{DType: t}
				if c.a.Reduce == ReduceNone {
					dy.Shape = c.labels
				}
				k.In, k.Data = append([]Type{dy}, k.In...), append([][]float64{nil}, k.Data...)
			}
			cases = append(cases, k)
		}
	}
	return cases
}
