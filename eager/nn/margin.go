package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// HingeEmbedding returns the mean of x where y is 1 and of max(0, margin − x) where y is −1. PyTorch's
// default margin is 1. Agrees with torch.nn.HingeEmbeddingLoss.
func HingeEmbedding(x, y *eager.Tensor, margin float64, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.HingeEmbedding", x, y)
	far := eager.Where(y.Ne(1), x.Neg().Add(margin).ReLU(), 0)
	return finish("nn.HingeEmbedding", far.Add(eager.Where(y.Ne(-1), x, 0)), lossOptions(o))
}

// MarginRanking returns the mean of max(0, −y·(a − b) + margin): y is 1 where a should rank higher, −1 where
// b should. PyTorch's default margin is 0. Agrees with torch.nn.MarginRankingLoss.
func MarginRanking(a, b, y *eager.Tensor, margin float64, o ...LossOptions) *eager.Tensor {
	a, b = same("nn.MarginRanking", a, b)
	present("nn.MarginRanking", "y", y)
	return finish("nn.MarginRanking", y.Neg().Mul(a.Sub(b)).Add(margin).ReLU(), lossOptions(o))
}

// SoftMargin returns the mean of log(1 + e^(−y·x)), y 1 or −1. Agrees with torch.nn.SoftMarginLoss.
func SoftMargin(x, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	x, y = same("nn.SoftMargin", x, y)
	return finish("nn.SoftMargin", x.Mul(y).Neg().Softplus(), lossOptions(o))
}

// CosineEmbedding returns the mean of 1 − cos(a, b) where y is 1 and of max(0, cos(a, b) − margin) where y
// is −1. a, b: [n d] or [d]; y: [n] or scalar. PyTorch's default margin is 0.
// Agrees with torch.nn.CosineEmbeddingLoss.
func CosineEmbedding(a, b, y *eager.Tensor, margin float64, o ...LossOptions) *eager.Tensor {
	a, b = same("nn.CosineEmbedding", a, b)
	present("nn.CosineEmbedding", "y", y)
	const eps = 1e-12
	square := func(v *eager.Tensor) *eager.Tensor { return v.Mul(v).Sum(-1).Add(eps) }
	cos := a.Mul(b).Sum(-1).Div(square(a).Mul(square(b)).Sqrt())
	near := eager.Where(y.Eq(1), cos.Neg().Add(1), 0)
	far := eager.Where(y.Eq(-1), cos.Sub(margin).ReLU(), 0)
	return finish("nn.CosineEmbedding", near.Add(far), lossOptions(o))
}

// CosineSimilarity returns a·b / (max(|a|, eps)·max(|b|, eps)) along axis; eps is 1e-8 unless given. a and b
// broadcast. Agrees with torch.nn.CosineSimilarity.
func CosineSimilarity(a, b *eager.Tensor, axis int, eps ...float64) *eager.Tensor {
	present("nn.CosineSimilarity", "a", a)
	present("nn.CosineSimilarity", "b", b)
	if !a.Shape().Equal(b.Shape()) {
		s, err := engine.Broadcast(a.Shape(), b.Shape())
		if err != nil {
			engine.Fail("nn.CosineSimilarity", "%v and %v: %v", a.Array(), b.Array(), err)
		}
		a, b = a.Expand(s...), b.Expand(s...)
	}
	if a.Rank() == 0 { // one number each
		a, b = a.Unsqueeze(0), b.Unsqueeze(0)
	}
	least := first(eps, 1e-8)
	norm := func(v *eager.Tensor) *eager.Tensor { return v.VectorNorm(2, axis).Maximum(least) }
	return a.Mul(b).Sum(axis).Div(norm(a).Mul(norm(b)))
}

// first returns the first number of v, or the default d.
func first(v []float64, d float64) float64 {
	if len(v) > 0 {
		return v[0]
	}
	return d
}

// PairwiseDistance returns the p-norm of a − b + eps along the last axis; eps is 1e-6 unless given. Agrees
// with torch.nn.PairwiseDistance.
func PairwiseDistance(a, b *eager.Tensor, p float64, eps ...float64) *eager.Tensor {
	present("nn.PairwiseDistance", "a", a)
	present("nn.PairwiseDistance", "b", b)
	d := a.Sub(b).Add(first(eps, 1e-6)).Abs()
	switch {
	case p == 1:
		return d.Sum(-1)
	case p == 2:
		return d.Mul(d).Sum(-1).Sqrt()
	case math.IsInf(p, 1):
		return d.Max(-1)
	}
	return d.Pow(p).Sum(-1).Pow(1 / p)
}

// TripletOptions are the options of TripletMargin; the zero value is the default.
type TripletOptions struct {
	Reduction string  // "mean" (or ""), "sum" or "none"
	Margin    float64 // 0: 1
	P         float64 // norm of the distance; 0: 2
	Swap      bool    // also use the distance between positive and negative
	Eps       float64 // added to each difference; 0: 1e-6
	// Distance [n d], [n d] → [n] takes the place of the norm.
	Distance func(a, b *eager.Tensor) *eager.Tensor
}

// TripletMargin returns the mean of max(0, |anchor − positive| − |anchor − negative| + margin). Operands:
// [n d]. Source: Balntas et al. 2016; agrees with torch.nn.TripletMarginLoss and
// TripletMarginWithDistanceLoss.
func TripletMargin(anchor, positive, negative *eager.Tensor, o ...TripletOptions) *eager.Tensor {
	anchor, positive = same("nn.TripletMargin", anchor, positive)
	anchor, negative = same("nn.TripletMargin", anchor, negative)
	var opt TripletOptions
	if len(o) > 0 {
		opt = o[0]
	}
	p := or(opt.P, 2)
	eps := or(opt.Eps, 1e-6)
	distance := opt.Distance
	if distance == nil {
		distance = func(a, b *eager.Tensor) *eager.Tensor { return PairwiseDistance(a, b, p, eps) }
	}
	near, far := distance(anchor, positive), distance(anchor, negative)
	if opt.Swap {
		far = far.Minimum(distance(positive, negative))
	}
	return reduce("nn.TripletMargin", opt.Reduction, near.Sub(far).Add(or(opt.Margin, 1)).ReLU())
}

// MultiMarginOptions are the options of MultiMargin; the zero value is the default.
type MultiMarginOptions struct {
	Reduction string        // "mean" (or ""), "sum" or "none"
	Weight    *eager.Tensor // of each class; nil: 1
	Margin    float64       // 0: 1
	P         int           // power of the differences, 1 or 2; 0: 1
}

// MultiMargin returns the mean of Σ_i max(0, margin − x[label] + x[i])ᵖ / classes over the other classes i.
// x: [n classes] or [classes]; labels: integers [n] or scalar. Agrees with torch.nn.MultiMarginLoss.
func MultiMargin(x, labels *eager.Tensor, o ...MultiMarginOptions) *eager.Tensor {
	const where = "nn.MultiMargin"
	var opt MultiMarginOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.P < 0 || opt.P > 2 {
		engine.Fail(where, "P is %d; want 1 or 2", opt.P)
	}
	present(where, "x", x)
	present(where, "labels", labels)
	if x.Rank() == 0 { // a single class
		x = x.Unsqueeze(0)
	}
	if x.Rank() == 1 && labels.Numel() == 1 {
		labels = labels.Reshape()
	}
	axis := classAxis(where, x)
	n := x.Size(axis)
	picked := choose(where, x, labels, axis, ClassOptions{}).picked.Neg().Unsqueeze(axis)
	l := x.Sub(picked).Add(or(opt.Margin, 1)).ReLU()
	if opt.P == 2 {
		l = l.Mul(l)
	}
	if opt.Weight != nil {
		l = l.Mul(opt.Weight.IndexSelect(0, labels).Unsqueeze(axis))
	}
	others := eager.OneHot(labels, n).Neg().Add(1).To(x.DType())
	return reduce(where, opt.Reduction, l.Mul(others).Sum(axis).Div(float64(n)))
}

// MultiLabelMargin returns the mean of Σ_j Σ_i max(0, 1 − x[j] + x[i]) / classes over the labels j and all
// other classes i. x: [n classes], [classes] or scalar; labels: integers of the same shape, in each row the
// labels before the first −1; one that is listed twice counts twice.
// Agrees with torch.nn.MultiLabelMarginLoss.
func MultiLabelMargin(x, labels *eager.Tensor, o ...LossOptions) *eager.Tensor {
	const where = "nn.MultiLabelMargin"
	x, labels = same(where, x, labels)
	if x.Rank() == 0 {
		x, labels = x.Unsqueeze(0), labels.Unsqueeze(0)
	}
	count := labelCounts(where, labels.Ints(), x.Size(-1))
	is := eager.FromFloat64s(count, x.Shape()...).To(x.DType())
	other := is.Eq(0).To(x.DType())
	pairs := x.Unsqueeze(-2).Sub(x.Unsqueeze(-1)).Add(1).ReLU() // [… j i]
	mask := is.Unsqueeze(-1).Mul(other.Unsqueeze(-2))
	return finish(where, pairs.Mul(mask).Sum(-2, -1).Div(float64(x.Size(-1))), lossOptions(o))
}

// labelCounts returns how often each of n classes is listed in each row, before the first −1.
func labelCounts(where string, ids []int, n int) []float64 {
	count := make([]float64, len(ids))
	for row := 0; row+n <= len(ids) && n > 0; row += n {
		for _, c := range ids[row : row+n] {
			if c < 0 {
				break
			}
			if c >= n {
				engine.Fail(where, "label %d is outside [0, %d)", c, n)
			}
			count[row+c]++
		}
	}
	return count
}

// MultiLabelSoftMargin returns the mean over classes and samples of −(y·log sigmoid(x) + (1−y)·log
// sigmoid(−x)). x, y: [n classes]; o.Weight: of each class. Agrees with torch.nn.MultiLabelSoftMarginLoss.
func MultiLabelSoftMargin(x, y *eager.Tensor, o ...LossOptions) *eager.Tensor {
	const where = "nn.MultiLabelSoftMargin"
	x, y = same(where, x, y)
	opt := lossOptions(o)
	l := x.Mul(y.Neg().Add(1)).Add(x.Neg().Softplus())
	if opt.Weight != nil {
		l = l.Mul(opt.Weight)
	}
	return reduce(where, opt.Reduction, l.Mean(-1))
}
