package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// LossOptions are the options of most losses; the zero value is the default.
type LossOptions struct {
	// Reduction of the losses of single elements: "mean" (or ""), "sum" or "none".
	Reduction string
	// Weight of each element (BCE, BCEWithLogits, GaussianNLL …: broadcast) or of each class (MultiMargin).
	Weight *eager.Tensor
	// PosWeight multiplies the loss where the target is 1, for each class. Only BCEWithLogits reads it.
	PosWeight *eager.Tensor
}

func lossOptions(o []LossOptions) LossOptions {
	if len(o) > 0 {
		return o[0]
	}
	return LossOptions{}
}

// reduce applies the reduction to element losses.
func reduce(where, reduction string, l *eager.Tensor) *eager.Tensor {
	switch reduction {
	case "", "mean":
		return l.Mean()
	case "sum":
		return l.Sum()
	case "none":
		return l
	}
	engine.Fail(where, "Reduction %q is unknown; known: mean, sum, none", reduction)
	return nil
}

// finish weights and reduces element losses.
func finish(where string, l *eager.Tensor, o LossOptions) *eager.Tensor {
	if o.Weight != nil {
		l = l.Mul(o.Weight)
	}
	return reduce(where, o.Reduction, l)
}

// same refuses operands of different shapes, which would broadcast silently. It returns both, in F32 where
// a halved precision is in force.
func same(where string, x, y *eager.Tensor) (wx, wy *eager.Tensor) {
	present(where, "the prediction", x)
	present(where, "the target", y)
	if !x.Shape().Equal(y.Shape()) {
		engine.Fail(where, "prediction %v and target %v differ in shape", x.Array(), y.Array())
	}
	return eager.Wide(x), eager.Wide(y)
}

// MSE returns the mean of (x − y)². x, y: any shape, the same. Agrees with torch.nn.MSELoss.
func MSE(x, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.MSE", x, y)
	d := x.Sub(y)
	return finish("nn.MSE", d.Mul(d), lossOptions(o))
}

// L1 returns the mean of |x − y|. x, y: any shape, the same. Agrees with torch.nn.L1Loss.
func L1(x, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.L1", x, y)
	return finish("nn.L1", x.Sub(y).Abs(), lossOptions(o))
}

// SmoothL1 returns the mean of d²/(2·beta) where d = |x − y| < beta, and of d − beta/2 elsewhere. PyTorch's
// default beta is 1; 0 gives L1. Source: Girshick 2015; agrees with torch.nn.SmoothL1Loss.
func SmoothL1(x, y *eager.Tensor, beta float64, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.SmoothL1", x, y)
	if !(beta >= 0) {
		engine.Fail("nn.SmoothL1", "beta is %v; want a number ≥ 0", beta)
	}
	if beta == 0 {
		return L1(x, y, o...)
	}
	d := x.Sub(y).Abs()
	l := eager.Where(d.Lt(beta), d.Mul(d).Mul(0.5/beta), d.Sub(beta/2))
	return finish("nn.SmoothL1", l, lossOptions(o))
}

// Huber returns the mean of d²/2 where d = |x − y| ≤ delta, and of delta·(d − delta/2) elsewhere. PyTorch's
// default delta is 1. Source: Huber 1964; agrees with torch.nn.HuberLoss.
func Huber(x, y *eager.Tensor, delta float64, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.Huber", x, y)
	if !(delta > 0) {
		engine.Fail("nn.Huber", "delta is %v; want a number > 0", delta)
	}
	d := x.Sub(y).Abs()
	l := eager.Where(d.Le(delta), d.Mul(d).Mul(0.5), d.Sub(delta/2).Mul(delta))
	return finish("nn.Huber", l, lossOptions(o))
}

// BCE returns the mean of −(y·log p + (1−y)·log(1−p)), logarithms at least −100. p: probabilities in 0…1;
// y: targets in 0…1 of the same shape. Agrees with torch.nn.BCELoss.
func BCE(p, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	p, y = same("nn.BCE", p, y)
	probabilities("nn.BCE", p)
	l := y.Mul(boundedLog(p)).Add(y.Neg().Add(1).Mul(boundedLog(p.Neg().Add(1)))).Neg()
	return finish("nn.BCE", l, lossOptions(o))
}

// probabilities refuses values outside 0…1. NaN passes: it is the result of a training that failed, and the
// loss shows it.
func probabilities(where string, p *eager.Tensor) {
	a := p.Storage()
	if a.DType == engine.F32 && a.IsContiguous() {
		inUnit(where, a.F32())
		return
	}
	inUnit(where, p.Float64s())
}

func inUnit[T float32 | float64](where string, values []T) {
	for i, v := range values {
		if v < 0 || v > 1 {
			engine.Fail(where, "prediction %v at position %d is outside 0…1; apply Sigmoid first or use "+
				"nn.BCEWithLogits", v, i)
		}
	}
}

// boundedLog returns max(log p, −100) with the gradient 1/max(p, 1e-12), so that a prediction that is wrong
// for certain still learns.
func boundedLog(p *eager.Tensor) *eager.Tensor {
	d := p.Detach()
	l := p.Add(d.Maximum(1e-12).Sub(d)).Log()
	return l.Add(d.Log().Maximum(-100).Sub(l.Detach()))
}

// BCEWithLogits is BCE of sigmoid(x), stable for any finite x. Agrees with torch.nn.BCEWithLogitsLoss.
func BCEWithLogits(x, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.BCEWithLogits", x, y)
	opt := lossOptions(o)
	log := x.Neg().Softplus() // −log sigmoid(x)
	if opt.PosWeight != nil {
		log = log.Mul(opt.PosWeight.Sub(1).Mul(y).Add(1))
	}
	return finish("nn.BCEWithLogits", x.Mul(y.Neg().Add(1)).Add(log), opt)
}

// KLDivOptions are the options of KLDiv; the zero value is the default.
type KLDivOptions struct {
	Reduction string // "mean" over all elements (or ""), "batchmean" over the first axis, "sum" or "none"
	LogTarget bool   // the target is given as log-probabilities
}

// KLDiv returns the divergence of the target from the prediction: the mean of y·(log y − x). x:
// log-probabilities; y: probabilities of the same shape. "batchmean" is the mathematical divergence.
// Agrees with torch.nn.KLDivLoss.
func KLDiv(x, y *eager.Tensor, o ...KLDivOptions) *eager.Tensor {
	x, y = same("nn.KLDiv", x, y)
	var opt KLDivOptions
	if len(o) > 0 {
		opt = o[0]
	}
	var l *eager.Tensor
	if opt.LogTarget {
		l = y.Exp().Mul(y.Sub(x))
	} else {
		positive := y.Gt(0)
		entropy := eager.Where(positive, y.Mul(eager.Where(positive, y, 1).Log()), 0)
		l = entropy.Sub(y.Mul(x))
	}
	if opt.Reduction == "batchmean" {
		return l.Sum().Div(float64(x.Size(0)))
	}
	return reduce("nn.KLDiv", opt.Reduction, l)
}

// PoissonOptions are the options of PoissonNLL; the zero value is the default.
type PoissonOptions struct {
	Reduction string  // "mean" (or ""), "sum" or "none"
	Rate      bool    // x is the rate itself and not its logarithm
	Full      bool    // add Stirling's approximation of log y!
	Eps       float64 // added to a rate before its logarithm is taken; 0: 1e-8
}

// PoissonNLL returns the mean of eˣ − y·x, the negative log-likelihood of counts y under Poisson
// distributions with log-rates x. Agrees with torch.nn.PoissonNLLLoss.
func PoissonNLL(x, y *eager.Tensor, o ...PoissonOptions) *eager.Tensor {
	x, y = same("nn.PoissonNLL", x, y)
	var opt PoissonOptions
	if len(o) > 0 {
		opt = o[0]
	}
	var l *eager.Tensor
	if opt.Rate {
		l = x.Sub(y.Mul(x.Add(or(opt.Eps, 1e-8)).Log()))
	} else {
		l = x.Exp().Sub(y.Mul(x))
	}
	if opt.Full {
		safe := y.Maximum(1)
		stirling := safe.Mul(safe.Log()).Sub(safe).Add(safe.Mul(2 * math.Pi).Log().Mul(0.5))
		l = l.Add(eager.Where(y.Gt(1), stirling, 0))
	}
	return reduce("nn.PoissonNLL", opt.Reduction, l)
}

// GaussianOptions are the options of GaussianNLL; the zero value is the default.
type GaussianOptions struct {
	Reduction string  // "mean" (or ""), "sum" or "none"
	Full      bool    // add log(2π)/2
	Eps       float64 // least variance; 0: 1e-6
}

// GaussianNLL returns the mean of (log v + (x − y)²/v)/2, the negative log-likelihood of y under normal
// distributions of mean x and variance v. v: the shape of x, that shape with 1 or without the last axis (one
// variance for each row), or a scalar. Agrees with torch.nn.GaussianNLLLoss.
func GaussianNLL(x, y, v *eager.Tensor, o ...GaussianOptions) *eager.Tensor {
	x, y = same("nn.GaussianNLL", x, y)
	var opt GaussianOptions
	if len(o) > 0 {
		opt = o[0]
	}
	present("nn.GaussianNLL", "the variance", v)
	switch s := x.Shape(); {
	case v.Rank() == len(s) || v.Rank() == 0:
	case v.Rank() == len(s)-1 && v.Shape().Equal(s[:len(s)-1]):
		v = v.Unsqueeze(-1)
	default:
		engine.Fail("nn.GaussianNLL", "variance %v does not fit prediction %v", v.Array(), x.Array())
	}
	bounded := v.Add(v.Detach().Maximum(or(opt.Eps, 1e-6)).Sub(v.Detach())) // gradient as if not bounded
	d := x.Sub(y)
	l := bounded.Log().Add(d.Mul(d).Div(bounded)).Mul(0.5)
	if opt.Full {
		l = l.Add(0.5 * math.Log(2*math.Pi))
	}
	return reduce("nn.GaussianNLL", opt.Reduction, l)
}
