package nn

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// CTCOptions are the options of CTC; the zero value is the default.
type CTCOptions struct {
	Blank        int    // class that stands for no label
	Reduction    string // "mean" (or "") of losses divided by target lengths, "sum" or "none"
	ZeroInfinity bool   // a target that no path fits costs nothing rather than +Inf
}

// CTC returns −log of the probability that paths through the steps give the targets, when repeated
// classes are merged and blanks removed.
// logProbs: [steps batch classes], log-probabilities; targets: integers [batch longest] or joined
// [all lengths]; inputLengths and targetLengths: of each sample → a number, or [batch].
// The gradient is that of scores whose LogSoftmax logProbs is, and has no derivative itself; a target
// that no path fits costs +Inf and has no gradient. Source: Graves et al. 2006; agrees with
// torch.nn.CTCLoss.
func CTC(logProbs, targets *eager.Tensor, inputLengths, targetLengths []int, o ...CTCOptions) *eager.Tensor {
	const where = "nn.CTC"
	present(where, "logProbs", logProbs)
	present(where, "targets", targets)
	var opt CTCOptions
	if len(o) > 0 {
		opt = o[0]
	}
	floating(where, logProbs)
	single := logProbs.Rank() == 2
	x := logProbs
	if single {
		x = x.Unsqueeze(1)
	}
	if x.Rank() != 3 || len(inputLengths) != x.Size(1) || len(targetLengths) != x.Size(1) {
		engine.Fail(where, "logProbs %v with %d input and %d target lengths; want [steps batch classes] and batch lengths",
			logProbs.Array(), len(inputLengths), len(targetLengths))
	}
	steps, batch, classes := x.Size(0), x.Size(1), x.Size(2)
	labels := ctcLabels(where, targets, targetLengths, classes, opt.Blank)
	values, grads := make([]float64, batch), make([]float64, steps*batch*classes)
	lp := x.Float64s()
	for b, n := range inputLengths {
		if n < 0 || n > steps {
			engine.Fail(where, "input length %d of sample %d; want 0 to %d", n, b, steps)
		}
	}
	engine.Parallel(batch, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			p := ctcPath{lp: lp, batch: batch, classes: classes, b: b, steps: inputLengths[b], blank: opt.Blank}
			values[b] = p.run(labels[b], grads)
			if math.IsInf(values[b], 1) {
				p.each(func(i int) { grads[i] = 0 })
				if opt.ZeroInfinity {
					values[b] = 0
				}
			}
		}
	})
	// The value is the loss, and the gradient with respect to logProbs is grads.
	slope := x.Mul(eager.FromFloat64s(grads, steps, batch, classes).To(x.DType())).Sum(0, 2)
	loss := slope.Sub(slope.Detach()).Add(eager.FromFloat64s(values, batch).To(x.DType()))
	return opt.reduce(where, loss, targetLengths, single)
}

func (o CTCOptions) reduce(where string, loss *eager.Tensor, lengths []int, single bool) *eager.Tensor {
	switch o.Reduction {
	case "", "mean":
		n := make([]float64, len(lengths))
		for i, v := range lengths {
			n[i] = float64(max(v, 1))
		}
		return loss.Div(eager.FromFloat64s(n, len(n)).To(loss.DType())).Mean()
	case "sum":
		return loss.Sum()
	case "none":
		if single {
			return loss.Squeeze(0)
		}
		return loss
	}
	engine.Fail(where, "Reduction %q is unknown; known: mean, sum, none", o.Reduction)
	return nil
}

// ctcLabels returns the labels of each sample with blanks around them.
func ctcLabels(where string, targets *eager.Tensor, lengths []int, classes, blank int) [][]int {
	if blank < 0 || blank >= classes {
		engine.Fail(where, "Blank is %d; want 0 to %d", blank, classes-1)
	}
	all, wide := targets.Ints(), 0
	total := 0
	for _, n := range lengths {
		total += max(n, 0)
	}
	if targets.Rank() == 2 {
		wide = targets.Size(1)
	}
	labels, next := make([][]int, len(lengths)), 0
	for b, n := range lengths {
		if targets.Rank() == 2 {
			next = b * wide
		}
		if n < 0 || targets.Rank() == 2 && n > wide || next+n > len(all) || targets.Rank() == 1 && total > len(all) {
			engine.Fail(where, "target lengths %v for targets %v", lengths, targets.Array())
		}
		labels[b] = []int{blank}
		for _, l := range all[next : next+n] {
			if l < 0 || l >= classes {
				engine.Fail(where, "target %d of sample %d is outside the %d classes", l, b, classes)
			}
			labels[b] = append(labels[b], l, blank)
		}
		next += n
	}
	return labels
}

// ctcPath computes the loss of one sample.
type ctcPath struct {
	lp                              []float64 // [steps batch classes]
	batch, classes, b, steps, blank int
}

func (p *ctcPath) at(t, class int) int { return (t*p.batch+p.b)*p.classes + class }

// each calls f with the positions of the sample.
func (p *ctcPath) each(f func(i int)) {
	for t := range p.steps {
		for c := range p.classes {
			f(p.at(t, c))
		}
	}
}

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// run returns the loss for labels and writes its gradient.
func (p *ctcPath) run(labels []int, grad []float64) float64 {
	if p.steps == 0 {
		if len(labels) == 1 {
			return 0
		}
		return math.Inf(1)
	}
	forward := p.sweep(labels, false)
	n, last := len(labels), forward[p.steps-1]
	total := last[n-1]
	if n > 1 {
		total = logAdd(total, last[n-2])
	}
	backward := p.sweep(labels, true)
	for t := range p.steps {
		seen := make([]float64, p.classes)
		for c := range seen {
			seen[c] = math.Inf(-1)
		}
		for s, l := range labels {
			seen[l] = logAdd(seen[l], forward[t][s]+backward[t][s])
		}
		for c, v := range seen {
			i := p.at(t, c)
			grad[i] = math.Exp(p.lp[i]) - math.Exp(v-total-p.lp[i])
		}
	}
	return -total
}

// sweep returns, for each step and label, the log-probability of the paths from the start up to there,
// or, reversed, from there to the end.
func (p *ctcPath) sweep(labels []int, reverse bool) [][]float64 {
	n := len(labels)
	place := func(t, s int) (int, int) {
		if reverse {
			return p.steps - 1 - t, n - 1 - s
		}
		return t, s
	}
	a := make([][]float64, p.steps)
	for t := range a {
		a[t] = make([]float64, n)
	}
	for t := range p.steps {
		for s := range n {
			v := math.Inf(-1)
			if t == 0 && s < 2 {
				v = 0
			}
			_, here := place(t, s)
			for back := 0; back <= min(s, 2) && t > 0; back++ {
				bt, bs := place(t-1, s-back)
				if back == 2 && (labels[here] == p.blank || labels[here] == labels[bs]) {
					continue
				}
				v = logAdd(v, a[bt][bs])
			}
			at, _ := place(t, s)
			a[at][here] = v + p.lp[p.at(at, labels[here])]
		}
	}
	return a
}
