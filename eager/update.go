package eager

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Update is one application of an optimizer's operator, whose results overwrite its operands but the last.
type Update struct {
	Attrs op.Attrs
	In    []*Tensor // state, then the gradient
}

// updateMax is the number of elements up to which the tensors of an Update share a parallel loop with
// others. Larger ones have one of their own.
const updateMax = 1 << 15

// UpdateAll runs operator d in place, as ApplyInPlace does, for many sets of operands: those of small tensors
// in one parallel loop.
func UpdateAll(d *op.Def, updates []Update) {
	small, n := 0, 0
	seen := writtenTo.Get().(map[*engine.Buffer]bool)
	defer func() {
		clear(seen)
		writtenTo.Put(seen)
	}()
	for i, u := range updates {
		if !fitsTogether(d, u.In) || diverted() || seenBefore(seen, u.In[0].arr.Buf) {
			ApplyInPlace(d, u.Attrs, u.In...)
			continue
		}
		updates[small], updates[i] = updates[i], updates[small]
		small++
		n += u.In[0].Numel()
	}
	if small == 0 {
		return
	}
	grain := small
	if n > updateMax {
		grain = 1 + small*updateMax/2/n
	}
	for _, u := range updates[:small] {
		for _, x := range u.In[:len(u.In)-1] {
			writing(x.arr.Buf, nil)
		}
	}
	engine.Parallel(small, grain, func(lo, hi int) {
		s := updateScratches.Get().(*updateScratch)
		for _, u := range updates[lo:hi] {
			in := s[:0]
			for _, x := range u.In {
				in = append(in, x.arr)
			}
			d.CPU(u.Attrs, in[:len(in)-1], in)
		}
		*s = updateScratch{}
		updateScratches.Put(s)
	})
	for _, u := range updates[:small] {
		for _, x := range u.In[:len(u.In)-1] {
			x.arr.Buf.Bump()
		}
	}
}

// writtenTo holds sets of the storage that updates of one loop write to: those that share some go one after
// the other.
var writtenTo = sync.Pool{New: func() any { return map[*engine.Buffer]bool{} }}

func seenBefore(seen map[*engine.Buffer]bool, b *engine.Buffer) bool {
	if seen[b] {
		return true
	}
	seen[b] = true
	return false
}

type updateScratch [8]engine.Array

var updateScratches = sync.Pool{New: func() any { return new(updateScratch) }}

// fitsTogether reports whether operands are small, row-major and of one type, so that d needs no
// preparation.
func fitsTogether(d *op.Def, in []*Tensor) bool {
	x := in[0]
	if len(in) != len(d.Inputs) || len(in) > len(updateScratch{}) || x == nil {
		return false
	}
	if t := x.arr.DType; t != engine.F32 && t != engine.F64 || x.Numel() > updateMax {
		return false
	}
	for i, y := range in {
		if y == nil || y.arr.DType != x.arr.DType || !sameShape(x.arr.Shape, y.arr.Shape) || !rowMajor(&y.arr) {
			return false
		}
		if i < len(in)-1 {
			y.checkInPlace(d.Name)
		}
	}
	return true
}

// ScaleGrad multiplies the gradient of x, if there is one, by s: in place, or as a new tensor when Grad
// handed the old one out.
func (x *Tensor) ScaleGrad(s float64) {
	x.must("ScaleGrad")
	if x.own() == nil {
		return
	}
	if x.own().settle(x); x.own().grad == nil {
		return
	}
	NoGrad(func() {
		if g := x.own().grad; x.own().alone {
			ApplyInPlace(op.Mul, nil, g, weak(s))
		} else {
			x.own().grad, x.own().alone = g.Mul(s), true
		}
	})
}
