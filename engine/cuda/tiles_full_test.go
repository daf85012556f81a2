//go:build cuda && full

package cuda

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// roundings are what products of a type may differ from those of f32 operands, as a share of the largest element.
var roundings = map[engine.DType]float64{engine.F32: 2e-6, engine.F16: 2e-3, engine.BF16: 1e-2, engine.F64: 1e-14}

// ownKernels calls f without libraries, as on a GPU of capability major.0.
func ownKernels(d *Device, major int, f func()) {
	own, was := d.libraries.own, d.major
	d.libraries.own = true
	if !onGPU {
		d.major = major
	}
	defer func() { d.libraries.own, d.major = own, was }()
	f()
}

// laid is x with its last axes stored in the other order, or rows that begin at odd places.
func laid(x *eager.Tensor, transposed, skew bool) *eager.Tensor {
	n := len(x.Shape())
	if transposed {
		perm := make([]int, n)
		for i := range perm {
			perm[i] = i
		}
		perm[n-1], perm[n-2] = n-2, n-1
		x = x.Permute(perm...).Contiguous().Permute(perm...)
	}
	if skew {
		width := x.Shape()[n-1]
		x = eager.Concat(n-1, x.Slice(n-1, 0, 1), x).Slice(n-1, 1, 1+width)
	}
	return x
}

func TestProductsOfManyTilesAreThoseOfTheCPU(t *testing.T) {
	d := open(t)
	defer engine.AllowTF32(false)
	cases := 0
	for _, s := range [][4]int{{1, 130, 70, 90}, {1, 64, 200, 33}, {2, 67, 129, 20}, {1, 17, 65, 700}} {
		for dt, rel := range roundings {
			for layout := range 4 {
				x := eager.Randn(s[0], s[1], s[3]).To(dt)
				y := eager.Randn(s[0], s[3], s[2]).To(dt)
				want := x.To(engine.F64).MatMul(y.To(engine.F64))
				x, y = laid(x.To(d), layout&1 != 0, layout == 2), laid(y.To(d), layout&2 != 0, layout == 1)
				for _, major := range []int{7, 8} {
					what := fmt.Sprintf("%v×%v %v layout %d on sm_%d0", s[:3], s[3], dt, layout, major)
					ownKernels(d, major, func() {
						near(t, what, x.MatMul(y), want, rel)
						cases++
					})
				}
				if dt == engine.F32 {
					engine.AllowTF32(true)
					ownKernels(d, 8, func() { near(t, "TF32", x.MatMul(y), want, 2e-3) })
					engine.AllowTF32(false)
				}
			}
		}
	}
	t.Logf("%d products", cases)
}

func TestConvolutionsByTensorCoresAreThoseOfTheCPU(t *testing.T) {
	d := open(t)
	for _, dt := range []engine.DType{engine.F32, engine.F16, engine.BF16} {
		x, w, dy := eager.Randn(2, 16, 9, 8).To(dt), eager.Randn(32, 8, 3, 3).To(dt), eager.Randn(2, 32, 9, 8).To(dt)
		a := op.ConvAttrs{Padding: []int{1, 1}, Groups: 2}
		grads := a
		for _, c := range []struct {
			def  *op.Def
			in   []*eager.Tensor
			attr op.ConvAttrs
		}{
			{op.Conv, []*eager.Tensor{x, w}, a},
			{op.ConvInputGrad, []*eager.Tensor{dy, w}, withShape(grads, x)},
			{op.ConvWeightGrad, []*eager.Tensor{dy, x}, withShape(grads, w)},
		} {
			var on, wide []*eager.Tensor
			for _, v := range c.in {
				on, wide = append(on, v.To(d)), append(wide, v.To(engine.F64))
			}
			want := eager.Apply(c.def, c.attr, wide...)[0]
			ownKernels(d, 8, func() {
				near(t, fmt.Sprintf("%s %v", c.def.Name, dt), eager.Apply(c.def, c.attr, on...)[0], want, roundings[dt])
			})
		}
	}
}

func withShape(a op.ConvAttrs, x *eager.Tensor) op.ConvAttrs {
	a.Shape = x.Shape()
	return a
}

// Lines are longer than what a block sorts, and long enough for a block each in running sums.
func TestLongLinesAreSortedAndSummed(t *testing.T) {
	d := open(t)
	for _, n := range []int{700, 1024, 2500, smallerThan(100000, 4096)} {
		x := eager.RandInt(0, 300, 2, n).To(engine.F32) // with equal elements
		for _, a := range []op.SortAttrs{{Axis: 1}, {Axis: 1, Descending: true}} {
			got, want := eager.Apply(op.Sort, a, x.To(d)), eager.Apply(op.Sort, a, x)
			near(t, fmt.Sprintf("sort %d", n), got[0], want[0], 0)
			near(t, fmt.Sprintf("order of %d", n), got[1].To(eager.CPU).To(engine.F64), want[1].To(engine.F64), 0)
		}
		x = eager.Randn(2, n)
		for _, o := range []*op.Def{op.CumSum, op.LogCumSumExp, op.CumArgMax} {
			a := op.AxisAttrs{Axis: 1}
			near(t, fmt.Sprintf("%s of %d", o.Name, n), eager.Apply(o, a, x.To(d))[0].To(eager.CPU).To(engine.F64),
				eager.Apply(o, a, x)[0].To(engine.F64), 2e-5)
		}
	}
}

func smallerThan(gpu, emulated int) int {
	if onGPU {
		return gpu
	}
	return emulated
}
