package nn

import (
	"math"
	"slices"
	"strconv"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// AdaptiveLogSoftmax is a softmax over many classes, ordered by falling frequency: the head has the frequent
// ones and one entry for each cluster of rarer ones, which have narrower projections.
type AdaptiveLogSoftmax struct {
	Base
	Head    *Linear
	tail    []*Sequential
	cutoffs []int // first class of each cluster, then the number of classes
}

// NewAdaptiveLogSoftmax returns the layer for inputs of width in: cutoffs are the first classes of the
// clusters, rising; each cluster is projected to a width smaller by another factor divide (0 means 4).
// Source: Grave et al. 2017; agrees with torch.nn.AdaptiveLogSoftmaxWithLoss.
func NewAdaptiveLogSoftmax(in, classes int, cutoffs []int, divide float64) *AdaptiveLogSoftmax {
	const where = "nn.NewAdaptiveLogSoftmax"
	if divide == 0 {
		divide = 4
	}
	all := append(slices.Clone(cutoffs), classes)
	if len(cutoffs) == 0 || all[0] < 1 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		engine.Fail(where, "cutoffs %v of %d classes; want rising numbers in 1 … classes−1", cutoffs, classes)
	}
	a := &AdaptiveLogSoftmax{cutoffs: all}
	a.Head = NewLinear(in, all[0]+len(cutoffs), LinearOptions{NoBias: true})
	a.Add("head", a.Head)
	list := &Sequential{}
	for i := range cutoffs {
		width := int(float64(in) / math.Pow(divide, float64(i+1)))
		atLeast(where, "the width of cluster "+strconv.Itoa(i), width, 1)
		s := NewSequential(NewLinear(in, width, LinearOptions{NoBias: true}),
			NewLinear(width, all[i+1]-all[i], LinearOptions{NoBias: true}))
		a.tail = append(a.tail, s)
		list.Append(s)
	}
	a.Add("tail", list)
	return a
}

// Forward returns the logarithms of the probabilities of all classes. x: [n in] → [n classes].
func (a *AdaptiveLogSoftmax) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.AdaptiveLogSoftmax", "nn.NewAdaptiveLogSoftmax", a != nil && a.Head != nil, x)
	head := a.Head.Forward(x).LogSoftmax(-1)
	parts := []*eager.Tensor{head.Slice(-1, 0, a.cutoffs[0])}
	for i, t := range a.tail {
		cluster := head.Slice(-1, a.cutoffs[0]+i, a.cutoffs[0]+i+1)
		parts = append(parts, t.Forward(x).LogSoftmax(-1).Add(cluster))
	}
	return a.Done(x, eager.Concat(-1, parts...))
}

// Loss returns the logarithm of the probability of each label, [n], and the mean of its negative. Only the
// clusters that occur among the labels are computed.
func (a *AdaptiveLogSoftmax) Loss(x, labels *eager.Tensor) (logp, loss *eager.Tensor) {
	const where = "nn.AdaptiveLogSoftmax"
	ready(where, "nn.NewAdaptiveLogSoftmax", a != nil && a.Head != nil, x)
	present(where, "labels", labels)
	ids := labels.Ints()
	if x.Rank() != 2 || labels.Rank() != 1 || len(ids) != x.Size(0) {
		engine.Fail(where, "input %v, labels %v; want [n in] and [n]", x.Type(), labels.Type())
	}
	rows := make([][]int, len(a.cutoffs)) // of the head, of each cluster
	entry := slices.Clone(ids)
	for i, id := range ids {
		if id < 0 || id >= a.cutoffs[len(a.cutoffs)-1] {
			engine.Fail(where, "label %d at position %d; want 0 … %d", id, i, a.cutoffs[len(a.cutoffs)-1]-1)
		}
		k, _ := slices.BinarySearch(a.cutoffs, id+1)
		if rows[k] = append(rows[k], i); k > 0 {
			entry[i] = a.cutoffs[0] + k - 1
		}
	}
	logp = a.Head.Forward(x).LogSoftmax(-1).Gather(1, eager.FromInts(entry).Unsqueeze(1)).Squeeze(1)
	for k, at := range rows[1:] {
		if len(at) == 0 {
			continue
		}
		local := make([]int, len(at))
		for i, r := range at {
			local[i] = ids[r] - a.cutoffs[k]
		}
		where := eager.FromInts(at)
		in := a.tail[k].Forward(x.IndexSelect(0, where)).LogSoftmax(-1)
		picked := in.Gather(1, eager.FromInts(local).Unsqueeze(1)).Squeeze(1)
		logp = logp.IndexAdd(0, where, picked)
	}
	return logp, logp.Mean().Neg()
}
