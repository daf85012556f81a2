package metric

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// Options are settings of classification measures. The zero value is scikit-learn's default.
type Options struct {
	Average      string    // binary (the default), micro, macro, weighted, samples
	Beta         float64   // FBeta: weight of recall; 0 means 1
	Labels       []float64 // classes to use, in this order; default: all that occur, rising
	PosLabel     any       // number of the positive class for binary; nil means 1
	Weights      []float64 // of rows
	ZeroDivision float64   // value where a measure is 0/0
	Normalize    string    // Confusion: true, pred or all
	Adjusted     bool      // BalancedAccuracy: 0 for chance
	Kappa        string    // CohenKappa: linear or quadratic weights
	K            int       // TopK, NDCG, DCG: number of places; 0 means 2 for TopK and all for others
}

func options(o []Options) Options {
	if len(o) == 0 {
		return Options{}
	}
	return o[0]
}

func sameShape(where string, y, p *learn.Matrix) {
	if y == nil || p == nil || y.Rows != p.Rows || y.Cols != p.Cols {
		ry, cy := dims(y)
		rp, cp := dims(p)
		learn.Fail(where, "targets are %d×%d, predictions are %d×%d; want one shape", ry, cy, rp, cp)
	}
	if y.Rows == 0 {
		learn.Fail(where, "there are no rows; want at least one")
	}
}

func dims(m *learn.Matrix) (int, int) {
	if m == nil {
		return 0, 0
	}
	return m.Rows, m.Cols
}

func positive(o Options) float64 {
	if v, ok := learn.OptFloat(o.PosLabel); ok {
		return v
	}
	return 1
}

// classes returns the labels that occur in y or p.
func classes(y, p *learn.Matrix) []float64 {
	return learn.Distinct(append(slices.Clone(y.Data), p.Data...))
}

// Accuracy returns the fraction of rows that are predicted right, in all columns.
func Accuracy(y, p *learn.Matrix, o ...Options) float64 {
	sameShape("metric.Accuracy", y, p)
	return learn.Accuracy(y, p, options(o).Weights)
}

// ZeroOneLoss returns 1 − Accuracy.
func ZeroOneLoss(y, p *learn.Matrix, o ...Options) float64 { return 1 - Accuracy(y, p, o...) }

// HammingLoss returns the fraction of labels that are predicted wrong.
func HammingLoss(y, p *learn.Matrix, o ...Options) float64 {
	sameShape("metric.HammingLoss", y, p)
	w := learn.Weights("metric.HammingLoss", options(o).Weights, y.Rows)
	wrong, all := 0.0, 0.0
	for i := range y.Rows {
		for j, v := range y.Row(i) {
			if v != p.At(i, j) {
				wrong += w[i]
			}
		}
		all += w[i]
	}
	return wrong / (all * float64(y.Cols))
}

// Confusion returns the matrix of counts C, where C(i, j) rows of class i were predicted as class j.
func Confusion(y, p *learn.Matrix, o ...Options) *learn.Matrix {
	sameShape("metric.Confusion", y, p)
	opt := options(o)
	labels := opt.Labels
	if labels == nil {
		labels = classes(y, p)
	}
	place := map[float64]int{}
	for i, l := range labels {
		place[l] = i
	}
	w := learn.Weights("metric.Confusion", opt.Weights, y.Rows)
	c := learn.NewMatrix(len(labels), len(labels))
	for i := range y.Rows {
		a, okA := place[y.Data[i]]
		b, okB := place[p.Data[i]]
		if okA && okB {
			c.Data[a*c.Cols+b] += w[i]
		}
	}
	normalize(c, opt.Normalize)
	return c
}

func normalize(c *learn.Matrix, how string) {
	all := 0.0
	rows, cols := make([]float64, c.Rows), make([]float64, c.Cols)
	for i := range c.Rows {
		for j, v := range c.Row(i) {
			rows[i] += v
			cols[j] += v
			all += v
		}
	}
	for i := range c.Rows {
		for j, v := range c.Row(i) {
			d := 1.0
			switch how {
			case "":
			case "true":
				d = rows[i]
			case "pred":
				d = cols[j]
			case "all":
				d = all
			default:
				learn.Fail("metric.Confusion", "Normalize is %q; want true, pred or all", how)
			}
			if d != 0 {
				c.Set(i, j, v/d)
			} else {
				c.Set(i, j, 0)
			}
		}
	}
}

// counts are the weights of true and false positives and negatives of one class.
type counts struct{ tp, fp, fn, tn float64 }

// tally returns counts for each class, or for each label of a multilabel problem.
func tally(y, p *learn.Matrix, labels, weights []float64) []counts {
	w := learn.Weights("metric", weights, y.Rows)
	if y.Cols > 1 {
		c := make([]counts, y.Cols)
		for i := range y.Rows {
			for j, v := range y.Row(i) {
				c[j].add(v != 0, p.At(i, j) != 0, w[i])
			}
		}
		return c
	}
	c := make([]counts, len(labels))
	for k, l := range labels {
		for i, v := range y.Data {
			c[k].add(v == l, p.Data[i] == l, w[i])
		}
	}
	return c
}

func (c *counts) add(is, said bool, w float64) {
	switch {
	case is && said:
		c.tp += w
	case said:
		c.fp += w
	case is:
		c.fn += w
	default:
		c.tn += w
	}
}

// MultilabelConfusion returns for each class (or label) the row tn, fp, fn, tp.
func MultilabelConfusion(y, p *learn.Matrix, o ...Options) *learn.Matrix {
	sameShape("metric.MultilabelConfusion", y, p)
	opt := options(o)
	labels := opt.Labels
	if labels == nil {
		labels = classes(y, p)
	}
	c := tally(y, p, labels, opt.Weights)
	m := learn.NewMatrix(len(c), 4)
	for i, k := range c {
		copy(m.Row(i), []float64{k.tn, k.fp, k.fn, k.tp})
	}
	return m
}

// PRF holds measures of one class or of an average.
type PRF struct{ Precision, Recall, FBeta, Jaccard, Support float64 }

func (c counts) measures(beta, zero float64) PRF {
	div := func(a, b float64) float64 {
		if b == 0 {
			return zero
		}
		return a / b
	}
	b2 := beta * beta
	return PRF{
		Precision: div(c.tp, c.tp+c.fp), Recall: div(c.tp, c.tp+c.fn),
		FBeta:   div((1+b2)*c.tp, (1+b2)*c.tp+c.fp+b2*c.fn),
		Jaccard: div(c.tp, c.tp+c.fp+c.fn), Support: c.tp + c.fn,
	}
}

// PerClass returns the measures of each class (or label), in the order of Labels.
func PerClass(y, p *learn.Matrix, o ...Options) []PRF {
	sameShape("metric.PerClass", y, p)
	opt := options(o)
	labels := opt.Labels
	if labels == nil {
		labels = classes(y, p)
	}
	var out []PRF
	for _, c := range tally(y, p, labels, opt.Weights) {
		out = append(out, c.measures(beta(opt), opt.ZeroDivision))
	}
	return out
}

func beta(o Options) float64 {
	if o.Beta == 0 {
		return 1
	}
	return o.Beta
}

// Averaged returns precision, recall, F and Jaccard measures averaged as Options.Average says.
func Averaged(y, p *learn.Matrix, o ...Options) PRF {
	sameShape("metric.Averaged", y, p)
	opt := options(o)
	switch opt.Average {
	case "", "binary":
		return binary(y, p, opt)
	case "samples":
		return perSample(y, p, opt)
	}
	labels := opt.Labels
	if labels == nil {
		labels = classes(y, p)
	}
	all := tally(y, p, labels, opt.Weights)
	var sum counts
	var mean PRF
	total := 0.0
	for _, c := range all {
		sum.tp += c.tp
		sum.fp += c.fp
		sum.fn += c.fn
		m, w := c.measures(beta(opt), opt.ZeroDivision), 1.0
		if opt.Average == "weighted" {
			w = m.Support
		}
		mean.add(m, w)
		total += w
	}
	switch opt.Average {
	case "micro":
		return sum.measures(beta(opt), opt.ZeroDivision)
	case "macro", "weighted":
		return mean.over(total, opt.ZeroDivision)
	}
	learn.Fail("metric", "Average is %q; want binary, micro, macro, weighted or samples", opt.Average)
	return PRF{}
}

func (m *PRF) add(x PRF, w float64) {
	m.Precision += w * x.Precision
	m.Recall += w * x.Recall
	m.FBeta += w * x.FBeta
	m.Jaccard += w * x.Jaccard
	m.Support += x.Support
}

func (m PRF) over(total, zero float64) PRF {
	if total == 0 {
		return PRF{zero, zero, zero, zero, m.Support}
	}
	return PRF{m.Precision / total, m.Recall / total, m.FBeta / total, m.Jaccard / total, m.Support}
}

func binary(y, p *learn.Matrix, o Options) PRF {
	labels := classes(y, p)
	if y.Cols > 1 || len(labels) > 2 {
		learn.Fail("metric", "target has %d classes and %d columns but Average is binary; choose micro, "+
			"macro, weighted or samples", len(labels), y.Cols)
	}
	pos := positive(o)
	if !slices.Contains(labels, pos) && len(labels) == 2 {
		learn.Fail("metric", "PosLabel %g does not occur; classes are %v", pos, labels)
	}
	return tally(y, p, []float64{pos}, o.Weights)[0].measures(beta(o), o.ZeroDivision)
}

func perSample(y, p *learn.Matrix, o Options) PRF {
	w := learn.Weights("metric", o.Weights, y.Rows)
	var mean PRF
	total := 0.0
	for i := range y.Rows {
		var c counts
		for j, v := range y.Row(i) {
			c.add(v != 0, p.At(i, j) != 0, 1)
		}
		mean.add(c.measures(beta(o), o.ZeroDivision), w[i])
		total += w[i]
	}
	return mean.over(total, o.ZeroDivision)
}

// Precision returns tp / (tp + fp).
func Precision(y, p *learn.Matrix, o ...Options) float64 { return Averaged(y, p, o...).Precision }

// Recall returns tp / (tp + fn).
func Recall(y, p *learn.Matrix, o ...Options) float64 { return Averaged(y, p, o...).Recall }

// F1 returns the harmonic mean of precision and recall.
func F1(y, p *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	opt.Beta = 1
	return Averaged(y, p, opt).FBeta
}

// FBeta returns the weighted harmonic mean of precision and recall.
func FBeta(y, p *learn.Matrix, o ...Options) float64 { return Averaged(y, p, o...).FBeta }

// Jaccard returns tp / (tp + fp + fn).
func Jaccard(y, p *learn.Matrix, o ...Options) float64 { return Averaged(y, p, o...).Jaccard }

// BalancedAccuracy returns the mean recall of the classes.
func BalancedAccuracy(y, p *learn.Matrix, o ...Options) float64 {
	sameShape("metric.BalancedAccuracy", y, p)
	opt := options(o)
	c := Confusion(y, p, Options{Weights: opt.Weights})
	sum, n := 0.0, 0.0
	for i := range c.Rows {
		all := 0.0
		for _, v := range c.Row(i) {
			all += v
		}
		if all > 0 {
			sum += c.At(i, i) / all
			n++
		}
	}
	s := sum / n
	if opt.Adjusted {
		s = (s - 1/n) / (1 - 1/n)
	}
	return s
}

// CohenKappa returns the agreement beyond chance; Options.Kappa weighs disagreements by distance.
func CohenKappa(y, p *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	c := Confusion(y, p, Options{Labels: opt.Labels, Weights: opt.Weights})
	n := c.Rows
	rows, cols, all := make([]float64, n), make([]float64, n), 0.0
	for i := range n {
		for j, v := range c.Row(i) {
			rows[i] += v
			cols[j] += v
			all += v
		}
	}
	seen, chance := 0.0, 0.0
	for i := range n {
		for j := range n {
			w := 1.0
			d := math.Abs(float64(i - j))
			switch opt.Kappa {
			case "linear":
				w = d
			case "quadratic":
				w = d * d
			default:
				if i == j {
					w = 0
				}
			}
			seen += w * c.At(i, j)
			chance += w * rows[i] * cols[j] / all
		}
	}
	return 1 - seen/chance
}

// Matthews returns the correlation of targets and predictions, 0 when either is constant.
func Matthews(y, p *learn.Matrix, o ...Options) float64 {
	c := Confusion(y, p, Options{Weights: options(o).Weights})
	var trace, all, yp, yy, pp float64
	for k := range c.Rows {
		r, s := 0.0, 0.0
		for j := range c.Rows {
			r += c.At(k, j)
			s += c.At(j, k)
			all += c.At(k, j)
		}
		trace += c.At(k, k)
		yp += r * s
		yy += r * r
		pp += s * s
	}
	if d := (all*all - pp) * (all*all - yy); d > 0 {
		return (trace*all - yp) / math.Sqrt(d)
	}
	return 0
}

// LikelihoodRatios returns recall / (1 − specificity) and (1 − recall) / specificity of the second class.
func LikelihoodRatios(y, p *learn.Matrix, o ...Options) (plus, minus float64) {
	c := Confusion(y, p, options(o))
	if c.Rows != 2 {
		learn.Fail("metric.LikelihoodRatios", "there are %d classes; want 2", c.Rows)
	}
	tn, fp, fn, tp := c.At(0, 0), c.At(0, 1), c.At(1, 0), c.At(1, 1)
	sens, spec := tp/(tp+fn), tn/(tn+fp)
	return sens / (1 - spec), (1 - sens) / spec
}

// LogLoss returns the mean of −log p of the true class; proba has one column per class, or the probability
// of the second class. Probabilities are clipped to [ε, 1−ε] with ε the precision of float64.
func LogLoss(y, proba *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	if y.Rows != proba.Rows {
		learn.Fail("metric.LogLoss", "%d targets, %d rows of probabilities; want the same", y.Rows,
			proba.Rows)
	}
	labels := opt.Labels
	if labels == nil {
		labels = learn.Distinct(y.Data)
	}
	if proba.Cols == 1 {
		proba = twoColumns(proba)
	}
	if len(labels) != proba.Cols {
		learn.Fail("metric.LogLoss", "%d classes but %d columns of probabilities; give Labels", len(labels),
			proba.Cols)
	}
	w := learn.Weights("metric.LogLoss", opt.Weights, y.Rows)
	const eps = 2.220446049250313e-16
	sum, all := 0.0, 0.0
	for i := range y.Rows {
		v := proba.At(i, sort.SearchFloat64s(labels, y.Data[i]))
		sum -= w[i] * math.Log(min(max(v, eps), 1-eps))
		all += w[i]
	}
	return sum / all
}

func twoColumns(p *learn.Matrix) *learn.Matrix {
	m := learn.NewMatrix(p.Rows, 2)
	for i, v := range p.Data {
		m.Data[2*i], m.Data[2*i+1] = 1-v, v
	}
	return m
}

// Brier returns the mean squared difference between the probability of the positive class, a column, and
// whether the row is of it; for a matrix of probabilities, the sum over classes.
func Brier(y, proba *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	w := learn.Weights("metric.Brier", opt.Weights, y.Rows)
	labels := opt.Labels
	if labels == nil {
		labels = learn.Distinct(y.Data)
	}
	sum, all := 0.0, 0.0
	for i := range y.Rows {
		all += w[i]
		if proba.Cols == 1 {
			d := proba.Data[i] - indicator(y.Data[i] == positive(opt))
			sum += w[i] * d * d
			continue
		}
		for j, v := range proba.Row(i) {
			d := v - indicator(y.Data[i] == labels[j])
			sum += w[i] * d * d
		}
	}
	if proba.Cols == 2 {
		sum /= 2
	}
	return sum / all
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Hinge returns the mean hinge loss of decision values: one column for two classes (labels: the larger is
// positive), or one for each class (Crammer and Singer's margin).
func Hinge(y, decision *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	labels := opt.Labels
	if labels == nil {
		labels = learn.Distinct(y.Data)
	}
	w := learn.Weights("metric.Hinge", opt.Weights, y.Rows)
	sum, all := 0.0, 0.0
	for i := range y.Rows {
		margin := 0.0
		if decision.Cols == 1 {
			margin = decision.Data[i]
			if y.Data[i] != labels[len(labels)-1] {
				margin = -margin
			}
		} else {
			k := sort.SearchFloat64s(labels, y.Data[i])
			other := math.Inf(-1)
			for j, v := range decision.Row(i) {
				if j != k {
					other = max(other, v)
				}
			}
			margin = decision.At(i, k) - other
		}
		sum += w[i] * max(0, 1-margin)
		all += w[i]
	}
	return sum / all
}
