//go:build cuda && full

package cuda

import (
	"fmt"
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/engine/op/optest"
)

// freeSigns turns vectors of got, whose signs a factorisation leaves open, to those of want.
func freeSigns(o *op.Def, got, want []engine.Array) {
	switch o {
	case op.EigH:
		turn(want[1], got[1], engine.Array{})
	case op.SVD:
		turn(want[0], got[0], got[2])
	}
}

// turn gives the columns of x, and the rows of other with them, the signs that the columns of want have.
func turn(want, x, other engine.Array) {
	k := len(x.Shape) - 2
	m, n := x.Shape[k], x.Shape[k+1]
	w, g := host(want).Float64s(), host(x).Float64s()
	for c := 0; c < x.Numel()/max(m, 1); c++ {
		at, dot := c/n*m*n+c%n, 0.0
		for i := range m {
			dot += w[at+i*n] * g[at+i*n]
		}
		if dot >= 0 {
			continue
		}
		for i := range m {
			negate(x, at+i*n)
		}
		if other.Buf != nil {
			for j := range other.Shape[k+1] {
				negate(other, c*other.Shape[k+1]+j)
			}
		}
	}
}

func host(x engine.Array) *eager.Tensor { return eager.FromArray(x) }

func negate(x engine.Array, i int) {
	if x.DType == engine.F32 {
		x.F32()[i] *= -1
	} else {
		x.F64()[i] *= -1
	}
}

// near fails where tensors differ by more than a share of the largest element.
func near(t *testing.T, what string, got, want *eager.Tensor, rel float64) {
	t.Helper()
	g, w := got.To(eager.CPU).Float64s(), want.To(eager.CPU).Float64s()
	if len(g) != len(w) {
		t.Fatalf("%s: %d elements, want %d", what, len(g), len(w))
	}
	most := 1e-300
	for _, v := range w {
		most = max(most, math.Abs(v))
	}
	for i := range w {
		if !(math.Abs(g[i]-w[i]) <= rel*most) {
			t.Fatalf("%s: element %d is %v, want %v (largest %v)", what, i, g[i], w[i], most)
		}
	}
}

// smaller is x with fewer elements where the emulator runs it.
func smaller(x int) int {
	if onGPU {
		return x
	}
	return min(x, 40)
}

func TestSingularValuesOfLargerMatrices(t *testing.T) {
	d := open(t)
	for _, s := range [][2]int{{smaller(300), smaller(120)}, {17, 33}, {9, 9}, {1, 5}, {12, 1}} {
		for _, rank := range []int{min(s[0], s[1]), max(1, min(s[0], s[1])/2), 0} {
			eager.Seed(uint64(rank))
			x := eager.Randn(s[0], max(rank, 1)).To(engine.F64).MatMul(eager.Randn(max(rank, 1), s[1]).To(engine.F64))
			if rank == 0 {
				x = eager.Zeros(s[0], s[1]).To(engine.F64)
			}
			what := fmt.Sprintf("%v of rank %d", s, rank)
			r := eager.Apply(op.SVD, nil, x.To(d))
			u, values, vt := r[0].To(eager.CPU), r[1].To(eager.CPU), r[2].To(eager.CPU)
			k := min(s[0], s[1])
			near(t, what+": values", values, eager.Apply(op.SVD, nil, x)[1], 1e-12)
			near(t, what+": u·s·vt", u.Mul(values).MatMul(vt), x, 1e-12)
			near(t, what+": uᵀ·u", u.Permute(1, 0).MatMul(u), eager.Eye(k), 1e-11)
			near(t, what+": vt·v", vt.MatMul(vt.Permute(1, 0)), eager.Eye(k), 1e-11)
			p := op.PInvAttrs{Relative: 1e-9}
			near(t, what+": pseudo-inverse", eager.Apply(op.PInv, p, x.To(d))[0], eager.Apply(op.PInv, p, x)[0], 1e-9)
		}
	}
}

func TestEigenvaluesOfLargerMatrices(t *testing.T) {
	d := open(t)
	for _, n := range []int{smaller(150), 31, 2, 1} {
		for name, x := range map[string]*eager.Tensor{
			"random": eager.Randn(n, n).To(engine.F64), "ones": eager.Ones(n, n).To(engine.F64),
			"diagonal": eager.Eye(n).To(engine.F64).Mul(-2),
		} {
			x = x.Add(x.Permute(1, 0))
			r := eager.Apply(op.EigH, nil, x.To(d))
			w, v := r[0].To(eager.CPU), r[1].To(eager.CPU)
			what := fmt.Sprintf("%s %d", name, n)
			near(t, what+": values", w, eager.Apply(op.EigH, nil, x)[0], 1e-12)
			near(t, what+": v·w·vᵀ", v.Mul(w).MatMul(v.Permute(1, 0)), x, 1e-12)
			near(t, what+": vᵀ·v", v.Permute(1, 0).MatMul(v), eager.Eye(n), 1e-12)
		}
	}
}

func TestFourierTransformsOfAnyLength(t *testing.T) {
	d := open(t)
	for _, n := range []int{2, 61, 64, 67, 121, 2 * 67, 360, 509, 4096} {
		for _, dt := range []engine.DType{engine.C64, engine.C128} {
			x := eager.Randn(2, n, 3).To(dt)
			for _, a := range []op.FFTAttrs{
				{Axes: []int{1}, Scale: 1}, {Axes: []int{0, 1, 2}, Scale: 2, Inverse: true}, {Scale: 3},
			} {
				rel := 1e-13
				if dt == engine.C64 {
					rel = 2e-6
				}
				got, want := eager.Apply(op.FFT, a, x.To(d))[0].To(eager.CPU), eager.Apply(op.FFT, a, x)[0]
				parts := func(z *eager.Tensor) *eager.Tensor { return eager.Apply(op.ViewAsReal, nil, z)[0] }
				near(t, fmt.Sprintf("%v[2 %d 3] over %v", dt, n, a.Axes), parts(got), parts(want), rel)
			}
		}
	}
}

// Samples of operators with free signs are compared as others are, after freeSigns.
func compare(o *op.Def, s *optest.Sample, got []engine.Array) error {
	freeSigns(o, got, s.Want)
	return s.Compare(got)
}
