package optim

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// SparseAdam is an Adam for tables of which few rows get a gradient in a step (nn.EmbeddingOptions.Sparse):
// moments and values of the other rows stay as they are, and a step costs as much as the rows.
// Agrees with torch.optim.SparseAdam.
type SparseAdam struct {
	Base
	o AdamOptions
}

// NewSparseAdam returns a SparseAdam over params. It takes no weight decay and no AMSGrad.
func NewSparseAdam(params []*eager.Tensor, o ...AdamOptions) *SparseAdam {
	const where = "optim.SparseAdam"
	a := adamOptions(where, o, 1e-3)
	if a.WeightDecay != 0 || a.AMSGrad || a.Decoupled {
		engine.Fail(where, "WeightDecay %v, AMSGrad %t, Decoupled %t change all rows; use NewAdam for them",
			a.WeightDecay, a.AMSGrad, a.Decoupled)
	}
	s := &SparseAdam{newBase(where, params, a.group()), a}
	s.sparse = func(*Group) bool { return true }
	return s
}

// Step makes one update. Gradients that did not come by rows are refused.
func (a *SparseAdam) Step() {
	a.eachRows(func(g *Group, p *eager.Tensor, grad *eager.RowGrad, s *slots) {
		m, v := s.get("exp_avg", p, 0), s.get("exp_avg_sq", p, 0)
		at := grad.Index
		dy := signed(grad.Values, a.o.Maximize)
		mr, vr := m.IndexSelect(0, at), v.IndexSelect(0, at)
		mr = mr.Add(dy.Sub(mr).Mul(1 - g.Momentum))
		vr = vr.Add(dy.Square().Sub(vr).Mul(1 - a.o.Beta2))
		m.SetRows(at, mr)
		v.SetRows(at, vr)
		t := float64(s.step)
		rate := g.LR * math.Sqrt(1-math.Pow(a.o.Beta2, t)) / (1 - math.Pow(g.Momentum, t))
		step := mr.Div(vr.Sqrt().Add(a.o.Eps)).Mul(rate)
		p.SetRows(at, p.Detach().IndexSelect(0, at).Sub(step))
	})
	a.each(func(_ *Group, p, _ *eager.Tensor, _ *slots) {
		engine.Fail("optim.SparseAdam", "the gradient of parameter %v is dense; want one by rows (Tensor.LookUp, "+
			"nn.EmbeddingOptions.Sparse), or use NewAdam", p.Type())
	})
}

func signed(g *eager.Tensor, negative bool) *eager.Tensor {
	if negative {
		return g.Neg()
	}
	return g
}
