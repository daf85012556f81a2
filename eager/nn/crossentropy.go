package nn

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// ClassOptions are the options of CrossEntropy and NLL; the zero value is the default.
type ClassOptions struct {
	Reduction      string        // "mean" (or ""), "sum" or "none"; the mean is weighted by class
	Weight         *eager.Tensor // of each class [classes]; nil: 1
	Ignore         bool          // labels equal to IgnoreIndex do not count; −100 never does
	IgnoreIndex    int
	LabelSmoothing float64 // CrossEntropy: share of the target that is spread over all classes, 0…1
}

func classOptions(o []ClassOptions) ClassOptions {
	if len(o) > 0 {
		return o[0]
	}
	return ClassOptions{}
}

// CrossEntropy returns the mean of −log softmax(logits)[label], in nats.
// logits: [batch class], [batch class …] or [class], any finite float; labels: the same without the class
// axis, integers in [0, class), or of the shape of logits: probabilities.
// Panics with *engine.Error when shapes disagree or a label is out of range.
// Stable for any finite logits: the maximum is subtracted first.
// Source: Goodfellow et al. 2016, eq. 6.29; agrees with torch.nn.CrossEntropyLoss.
func CrossEntropy(logits, labels *eager.Tensor, o ...ClassOptions) *eager.Tensor {
	const where = "nn.CrossEntropy"
	opt := classOptions(o)
	axis := classAxis(where, logits)
	if !(opt.LabelSmoothing >= 0 && opt.LabelSmoothing <= 1) {
		engine.Fail(where, "LabelSmoothing is %v; want 0…1", opt.LabelSmoothing)
	}
	present(where, "labels", labels)
	if labels.DType().IsFloat() {
		return soften(where, logits, labels, axis, opt)
	}
	if r, ok := opt.reduction(); ok && opt.Weight == nil && opt.LabelSmoothing == 0 &&
		allCount(where, logits, labels, axis, opt) {
		a := op.CrossEntropyAttrs{Axis: axis, Reduce: r}
		return eager.First(op.CrossEntropy, a, logits, labels)
	}
	logp := logits.LogSoftmax(axis)
	c := choose(where, logp, labels, axis, opt)
	loss := c.reduce(where, opt.Reduction, c.picked)
	s := opt.LabelSmoothing
	if s == 0 {
		return loss
	}
	all := logp
	if opt.Weight != nil {
		all = all.Mul(alongAxis(opt.Weight, axis, logits.Rank()))
	}
	spread := all.Sum(axis).Neg()
	if c.keep != nil {
		spread = spread.Mul(c.keep)
	}
	smooth := c.reduce(where, opt.Reduction, spread)
	return loss.Mul(1 - s).Add(smooth.Mul(s / float64(logits.Size(axis))))
}

// reduction is the name of the reduction as the operator knows it; false: there is none of that name.
func (o ClassOptions) reduction() (op.Reduction, bool) {
	switch o.Reduction {
	case "", "mean":
		return op.ReduceMean, true
	case "sum":
		return op.ReduceSum, true
	case "none":
		return op.ReduceNone, true
	}
	return 0, false
}

// NLL returns the mean of −logp[label]. logp: log-probabilities as CrossEntropy takes logits.
// Agrees with torch.nn.NLLLoss.
func NLL(logp, labels *eager.Tensor, o ...ClassOptions) *eager.Tensor {
	const where = "nn.NLL"
	present(where, "labels", labels)
	opt := classOptions(o)
	c := choose(where, logp, labels, classAxis(where, logp), opt)
	return c.reduce(where, opt.Reduction, c.picked)
}

func classAxis(where string, x *eager.Tensor) int {
	present(where, "scores", x)
	if x.Rank() == 0 {
		engine.Fail(where, "scores %v have no class axis", x.Array())
	}
	return min(1, x.Rank()-1)
}

// soften is the cross entropy with probabilities as the target.
func soften(where string, logits, target *eager.Tensor, axis int, o ClassOptions) *eager.Tensor {
	if shape := without(logits.Shape(), axis); target.Shape().Equal(shape) && !shape.Equal(logits.Shape()) {
		engine.Fail(where, "labels are %v; want integers (labels.To(t.I64)), or probabilities %v", target.Array(),
			logits.Shape())
	}
	logits, target = same(where, logits, target)
	n := logits.Size(axis)
	if s := o.LabelSmoothing; s > 0 {
		target = target.Mul(1 - s).Add(s / float64(n))
	}
	l := logits.LogSoftmax(axis).Mul(target)
	if o.Weight != nil {
		l = l.Mul(alongAxis(o.Weight, axis, logits.Rank()))
	}
	return reduce(where, o.Reduction, l.Sum(axis).Neg())
}

// alongAxis gives v [n] the shape that broadcasts along one axis.
func alongAxis(v *eager.Tensor, axis, rank int) *eager.Tensor {
	shape := slices.Repeat([]int{1}, rank)
	shape[axis] = v.Numel()
	return v.Reshape(shape...)
}

// chosen holds −logp at the labels and what weights it.
type chosen struct {
	picked *eager.Tensor // weighted; shape of the labels
	keep   *eager.Tensor // 1 where the label counts; nil: everywhere
	total  float64       // sum of the weights of the labels that count
}

// choose picks the log-probability of each label.
func choose(where string, logp, labels *eager.Tensor, axis int, o ClassOptions) chosen {
	ids, ignored := checkLabels(where, logp, labels, axis, o)
	n, shape := logp.Size(axis), labels.Shape()
	c := chosen{total: float64(len(ids) - ignored)}
	if ignored > 0 {
		labels, c.keep = masked(ids, shape, o, logp.DType())
	}
	c.picked = logp.Gather(axis, labels.Unsqueeze(axis)).Squeeze(axis).Neg()
	if c.keep == nil && o.Weight == nil {
		return c
	}
	weight := c.keep
	if o.Weight != nil {
		if o.Weight.Rank() != 1 || o.Weight.Numel() != n {
			engine.Fail(where, "Weight is %v; want one number for each of %d classes", o.Weight.Array(), n)
		}
		weight = o.Weight.Detach().IndexSelect(0, labels)
		if c.keep != nil {
			weight = weight.Mul(c.keep)
		}
	}
	c.total = weight.Sum().Item()
	c.picked = c.picked.Mul(weight)
	return c
}

// allCount checks the labels and reports whether there are some and none of them is ignored.
func allCount(where string, scores, labels *eager.Tensor, axis int, o ClassOptions) bool {
	ids, ignored := checkLabels(where, scores, labels, axis, o)
	return ignored == 0 && len(ids) > 0
}

// without returns shape without one axis.
func without(shape engine.Shape, axis int) engine.Shape {
	return slices.Delete(shape.Clone(), axis, axis+1)
}

// checkLabels returns the labels, and how many of them are ignored; the others are classes.
func checkLabels(where string, scores, labels *eager.Tensor, axis int, o ClassOptions) (ids []int, ignored int) {
	shape := without(scores.Shape(), axis)
	if !labels.DType().IsInt() || !labels.Shape().Equal(shape) {
		engine.Fail(where, "labels %v do not fit scores %v; want integers %v", labels.Array(), scores.Array(), shape)
	}
	n := scores.Size(axis)
	ids = labels.Ints()
	for i, c := range ids {
		switch {
		case c == -100 || o.Ignore && c == o.IgnoreIndex:
			ignored++
		case c < 0 || c >= n:
			engine.Fail(where, "label %d at position %d is outside [0, %d)", c, i, n)
		}
	}
	return ids, ignored
}

// masked replaces the labels that do not count by 0 and says where the others are.
func masked(ids, shape []int, o ClassOptions, d engine.DType) (labels, keep *eager.Tensor) {
	safe, ones := make([]int, len(ids)), make([]float32, len(ids))
	for i, c := range ids {
		if c != -100 && (!o.Ignore || c != o.IgnoreIndex) {
			safe[i], ones[i] = c, 1
		}
	}
	labels, keep = eager.FromInts(safe), eager.FromFloat32s(ones).To(d)
	return labels.Reshape(shape...), keep.Reshape(shape...)
}

func (c chosen) reduce(where, reduction string, l *eager.Tensor) *eager.Tensor {
	if reduction == "" || reduction == "mean" {
		return l.Sum().Mul(1 / c.total)
	}
	return reduce(where, reduction, l)
}

// Accuracy returns the share of samples whose largest score is at the label.
// scores: [batch class …]; labels: the same without the class axis, integers.
func Accuracy(scores, labels *eager.Tensor) float64 {
	axis := classAxis("nn.Accuracy", scores)
	present("nn.Accuracy", "labels", labels)
	if labels.Numel() == 0 {
		engine.Fail("nn.Accuracy", "scores %v and labels %v have no samples to count", scores.Array(), labels.Array())
	}
	var guess []int
	eager.NoGrad(func() { guess = scores.ArgMax(axis).Ints() })
	truth := labels.Ints()
	if len(guess) != len(truth) {
		engine.Fail("nn.Accuracy", "scores %v and labels %v do not fit", scores.Array(), labels.Array())
	}
	right := 0
	for i, c := range truth {
		if guess[i] == c {
			right++
		}
	}
	return float64(right) / float64(len(truth))
}
