package roofline

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// work is one call: an example of an operator, of a size that says something.
type work struct {
	op.Case
	below int // integers are drawn from [0, below)
	note  string
}

func f32(shape ...int) op.Type { return op.Type{DType: engine.F32, Shape: shape} }
func i64(shape ...int) op.Type { return op.Type{DType: engine.I64, Shape: shape} }

func call(a op.Attrs, in ...op.Type) work { return work{Case: op.Case{Attrs: a, In: in}} }

const side = 1024

var window = op.PoolAttrs{Kernel: []int{2, 2}}

// sizes are calls of operators that are not elementwise. Images are [8 64 56 56], rows [1024 1024].
var sizes = map[string]work{
	"MatMul":         call(nil, f32(512, 512), f32(512, 512)),
	"Linear":         call(nil, f32(64, 784), f32(128, 784), f32(128)),
	"LinearGrad":     call(nil, f32(64, 128), f32(64, 784)),
	"Conv":           call(op.ConvAttrs{Padding: []int{1, 1}}, f32(8, 64, 56, 56), f32(64, 64, 3, 3)),
	"ConvInputGrad":  call(convGrad(8, 64, 56, 56), f32(8, 64, 56, 56), f32(64, 64, 3, 3)),
	"ConvWeightGrad": call(convGrad(64, 64, 3, 3), f32(8, 64, 56, 56), f32(8, 64, 56, 56)),
	"MaxPool":        call(window, f32(8, 64, 56, 56)),
	"AvgPool":        call(window, f32(8, 64, 56, 56)),
	"LocalResponse":  call(op.LRNAttrs{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}, f32(8, 64, 56, 56)),
	"BatchNorm":      call(op.BatchNormAttrs{Eps: 1e-5}, f32(8, 64, 56, 56), f32(64), f32(64)),
	"LayerNorm":      call(op.LayerNormAttrs{Axes: 1, Eps: 1e-5}, f32(side, side), f32(side), f32(side)),
	"Softmax":        call(op.AxisAttrs{Axis: 1}, f32(side, side)),
	"LogSoftmax":     call(op.AxisAttrs{Axis: 1}, f32(side, side)),
	"SoftmaxGrad":    call(op.AxisAttrs{Axis: 1}, f32(side, side), f32(side, side)),
	"LogSoftmaxGrad": call(op.AxisAttrs{Axis: 1}, f32(side, side), f32(side, side)),
	"CumSum":         call(op.AxisAttrs{Axis: 1}, f32(side, side)),
	"ArgMax":         call(op.AxisAttrs{Axis: 1}, f32(side, side)),
	"ArgMin":         call(op.AxisAttrs{Axis: 1}, f32(side, side)),
	"Concat":         call(op.AxisAttrs{Axis: 0}, f32(side, side/2), f32(side, side/2)),
	"CrossEntropy":   labelled(op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}, f32(side, side), i64(side)),
	"CrossEntropyGrad": labelled(op.CrossEntropyAttrs{Axis: 1, Reduce: op.ReduceMean}, f32(), f32(side, side),
		i64(side)),
	"IndexSelect":   labelled(op.AxisAttrs{Axis: 0}, f32(side, side), i64(side)),
	"IndexAdd":      labelled(op.AxisAttrs{Axis: 0}, f32(side, side), i64(side), f32(side, side)),
	"Gather":        labelled(op.AxisAttrs{Axis: 1}, f32(side, side), i64(side, side)),
	"ScatterAdd":    labelled(op.AxisAttrs{Axis: 1}, f32(side, side), i64(side, side), f32(side, side)),
	"Flip":          call(op.ReduceAttrs{Axes: []int{1}}, f32(side, side)),
	"Cast":          call(op.CastAttrs{To: engine.F64}, f32(side, side)),
	"Copy":          call(nil, f32(side, side)),
	"Clamp":         call(op.ClampAttrs{Lo: -0.5, Hi: 0.5}, f32(side, side)),
	"Dropout":       call(op.DropoutAttrs{P: 0.5}, f32(side, side)),
	"Pad":           call(op.PadAttrs{Before: []int{1, 1}, After: []int{1, 1}}, f32(side, side)),
	"SGDUpdate":     call(op.SGDAttrs{LR: 0.1, Momentum: 0.9}, f32(side, side), f32(side, side), f32(side, side)),
	"AdamUpdate":    adam(f32(side, side)),
	"RandUniform":   call(op.RandAttrs{Shape: engine.Shape{side, side}, DType: engine.F32, Q: 1}),
	"RandNormal":    call(op.RandAttrs{Shape: engine.Shape{side, side}, DType: engine.F32, Q: 1}),
	"RandBernoulli": call(op.RandAttrs{Shape: engine.Shape{side, side}, DType: engine.F32, P: 0.5}),
	"RandInt":       call(op.RandAttrs{Shape: engine.Shape{side, side}, DType: engine.I64, Q: 100}),
	"Permutation":   call(op.RandAttrs{Shape: engine.Shape{1 << 16}, DType: engine.I64}),
	"Range":         call(op.RangeAttrs{N: side * side, Step: 1, DType: engine.F32}),
	"Attention":     call(op.AttentionAttrs{}, f32(8, 8, 256, 64), f32(8, 8, 256, 64), f32(8, 8, 256, 64)),
}

func convGrad(shape ...int) op.ConvAttrs { return op.ConvAttrs{Padding: []int{1, 1}, Shape: shape} }

func labelled(a op.Attrs, in ...op.Type) work {
	w := call(a, in...)
	w.below = side
	return w
}

func adam(t op.Type) work {
	w := call(op.AdamAttrs{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Step: 1}, t, t, t, t)
	w.Lo, w.Hi = 0.1, 1
	return w
}

// sizeOf returns the call to measure: elementwise operators and reductions take [1024 1024], others what
// sizes says or else the largest of their examples.
func sizeOf(d *op.Def) work {
	if w, ok := sizes[d.Name]; ok && d.Domain == "" {
		return w
	}
	best, most := op.Case{}, -1
	for _, c := range d.Cases() {
		n := 0
		for _, t := range c.In {
			n += t.Shape.Numel()
		}
		if len(c.In) > 0 && (c.In[0].DType == engine.F32 || most < 0) && n > most {
			best, most = c, n
		}
	}
	_, reduction := best.Attrs.(op.ReduceAttrs)
	if !d.Elementwise && !reduction {
		return work{Case: best, below: 1, note: "an example of the documentation: mostly dispatch"}
	}
	w := work{Case: op.Case{Attrs: best.Attrs, Lo: best.Lo, Hi: best.Hi}, below: 2}
	if reduction {
		w.Attrs = op.ReduceAttrs{Axes: []int{1}}
		best.In = best.In[:1]
	}
	for _, t := range best.In {
		w.In = append(w.In, op.Type{DType: t.DType, Shape: engine.Shape{side, side}})
	}
	return w
}

// period is the number of random values after which they repeat.
const period = 1 << 13

// fill writes values of operand i of w into a.
func fill(a engine.Array, w work, i int) engine.Array {
	n := a.Numel()
	lo, hi := w.Lo, w.Hi
	if lo == 0 && hi == 0 {
		lo, hi = -1, 1
	}
	fixed := i < len(w.Data) && w.Data[i] != nil
	g := engine.Generator{Seed: uint64(i)}
	drawn := make([]float64, min(n, period))
	for k := range drawn {
		drawn[k] = float64(engine.Unit(g.Block(uint64(k / 4))[k%4]))
	}
	value := func(k int) float64 {
		switch {
		case fixed:
			return w.Data[i][k%len(w.Data[i])]
		case a.DType.IsFloat():
			return lo + drawn[k%period]*(hi-lo)
		default:
			return math.Floor(drawn[k%period] * float64(max(w.below, 1)))
		}
	}
	store(a, n, value)
	return a
}

func store(a engine.Array, n int, value func(k int) float64) {
	switch a.DType {
	case engine.F32:
		for k, d := 0, a.F32(); k < n; k++ {
			d[k] = float32(value(k))
		}
	case engine.F64:
		for k, d := 0, a.F64(); k < n; k++ {
			d[k] = value(k)
		}
	case engine.I64:
		for k, d := 0, a.I64(); k < n; k++ {
			d[k] = int64(value(k))
		}
	case engine.Bool, engine.U8:
		for k, d := 0, a.U8(); k < n; k++ {
			d[k] = uint8(value(k))
		}
	case engine.I8:
		for k, d := 0, engine.View[int8](a); k < n; k++ {
			d[k] = int8(value(k))
		}
	case engine.C64:
		for k, d := 0, engine.View[complex64](a); k < n; k++ {
			d[k] = complex(float32(value(k)), float32(value(n-1-k)))
		}
	case engine.C128:
		for k, d := 0, engine.View[complex128](a); k < n; k++ {
			d[k] = complex(value(k), value(n-1-k))
		}
	default:
		engine.Fail("roofline", "operands of type %v are not made", a.DType)
	}
}
