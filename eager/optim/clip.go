package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// ClipGradNorm scales all gradients together so that their norm is at most max, and returns the norm
// before. p names the norm: 1, 2, … or +Inf for the largest element; without p it is 2.
// Agrees with torch.nn.utils.clip_grad_norm_.
func ClipGradNorm(params []*eager.Tensor, max float64, p ...float64) float64 {
	order := 2.0
	if len(p) > 0 {
		order = p[0]
	}
	if !(order > 0) {
		engine.Fail("optim.ClipGradNorm", "norm %v is not positive", order)
	}
	checkClip("optim.ClipGradNorm", params, max)
	total := 0.0
	eager.NoGrad(func() {
		for _, x := range params {
			x.WithGrad(func(g *eager.Tensor) { total = fold(total, g, order) })
		}
	})
	if !math.IsInf(order, 1) {
		total = math.Pow(total, 1/order)
	}
	if scale := max / (total + 1e-6); scale < 1 {
		for _, x := range params {
			x.ScaleGrad(scale)
		}
	}
	return total
}

// fold adds the elements of g to a sum of powers, or takes the largest.
func fold(total float64, g *eager.Tensor, order float64) float64 {
	if order == 2 {
		squares := g.Mul(g)
		defer squares.Release()
		return total + squares.Sum().Item()
	}
	for _, v := range g.Float64s() {
		if math.IsInf(order, 1) {
			total = math.Max(total, math.Abs(v))
		} else {
			total += math.Pow(math.Abs(v), order)
		}
	}
	return total
}

// ClipGradValue bounds every element of the gradients to [−limit, limit].
// Agrees with torch.nn.utils.clip_grad_value_.
func ClipGradValue(params []*eager.Tensor, limit float64) {
	checkClip("optim.ClipGradValue", params, limit)
	eachGrad(params, func(g *eager.Tensor) *eager.Tensor { return g.Clamp(-limit, limit) })
}

func checkClip(where string, params []*eager.Tensor, limit float64) {
	if !(limit >= 0) {
		engine.Fail(where, "the limit is %v; want a number ≥ 0", limit)
	}
	for i, x := range params {
		if x == nil {
			engine.Fail(where, "parameter %d is nil; pass net.Params()", i)
		}
	}
}

func eachGrad(params []*eager.Tensor, f func(*eager.Tensor) *eager.Tensor) {
	eager.NoGrad(func() {
		for _, x := range params {
			if g := x.Grad(); g != nil {
				x.SetGrad(f(g))
			}
		}
	})
}
