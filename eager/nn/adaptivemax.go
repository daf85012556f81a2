package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// ForwardIndex returns the output of an AdaptiveMaxPool layer and where each element lies, as an I64 index
// into the spatial axes of its channel: the first of equal ones.
func (p *AdaptivePool) ForwardIndex(x *eager.Tensor) (y, index *eager.Tensor) {
	ready("nn.AdaptivePool", "nn.NewAdaptiveMaxPool2D or its kin", p != nil && len(p.out) > 0, x)
	if p.avg {
		engine.Fail(p.name, "only AdaptiveMaxPool layers have an index")
	}
	in, single := batched(p.name, x, len(p.out), -1)
	y, index = p.largest(in)
	if single {
		y, index = y.Squeeze(0), index.Squeeze(0)
	}
	return y, index
}

// largest takes the maximum of each window of x [n c spatial…].
func (p *AdaptivePool) largest(x *eager.Tensor) (y, index *eager.Tensor) {
	s := x.Shape()
	in, out := []int(s[2:]), make([]int, len(p.out))
	for i, n := range p.out {
		if out[i] = n; n < 0 {
			out[i] = in[i]
		}
		if in[i] == 0 {
			engine.Fail(p.name, "input %v has an empty spatial axis", x.Array())
		}
	}
	places, size := engine.Shape(out).Numel(), engine.Shape(in).Numel()
	planes := s[0] * s[1]
	v, at := x.Detach().Float64s(), make([]int, planes*places)
	windows := make([][]int, places) // the positions of each window in a plane
	for o := range windows {
		windows[o] = window(o, in, out)
	}
	engine.Parallel(planes, 1+4096/max(size, 1), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			for o, w := range windows {
				at[k*places+o] = largestOf(v[k*size:(k+1)*size], w)
			}
		}
	})
	index = eager.FromInts(at, s[0], s[1], places)
	y = x.Reshape(s[0], s[1], size).Gather(2, index)
	shape := append([]int{s[0], s[1]}, out...)
	return y.Reshape(shape...), index.Reshape(shape...)
}

// window lists the positions that belong to place o of the result, row-major.
func window(o int, in, out []int) []int {
	lo, hi := make([]int, len(in)), make([]int, len(in))
	for i := len(in) - 1; i >= 0; i-- {
		k := o % out[i]
		o /= out[i]
		lo[i], hi[i] = k*in[i]/out[i], ((k+1)*in[i]+out[i]-1)/out[i]
	}
	at := []int{0}
	for i := range in {
		var next []int
		for _, p := range at {
			for j := lo[i]; j < hi[i]; j++ {
				next = append(next, p*in[i]+j)
			}
		}
		at = next
	}
	return at
}

// largestOf returns the first position of the largest element, or of NaN.
func largestOf(v []float64, at []int) int {
	best := at[0]
	for _, p := range at {
		if v[p] > v[best] || math.IsNaN(v[p]) && !math.IsNaN(v[best]) {
			best = p
		}
	}
	return best
}
