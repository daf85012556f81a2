package metric

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// Curve is a curve of a classifier over thresholds that fall (ROC) or rise (precision–recall, DET).
type Curve struct {
	X, Y       []float64 // ROC: false and true positive rate; PR: recall and precision; DET: fpr and fnr
	Thresholds []float64
}

// sweep returns the weights of false and true positives at each distinct score, falling.
func sweep(where string, y, score *learn.Matrix, o Options) (fps, tps, thresholds []float64) {
	sameShape(where, y, score)
	w := learn.Weights(where, o.Weights, y.Rows)
	pos := positive(o)
	order := make([]int, y.Rows)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return score.Data[order[a]] > score.Data[order[b]] })
	fp, tp := 0.0, 0.0
	for k, i := range order {
		if y.Data[i] == pos {
			tp += w[i]
		} else {
			fp += w[i]
		}
		if k+1 == len(order) || score.Data[order[k+1]] != score.Data[i] {
			fps, tps = append(fps, fp), append(tps, tp)
			thresholds = append(thresholds, score.Data[i])
		}
	}
	return fps, tps, thresholds
}

// ROC returns the receiver operating characteristic; keepAll keeps points on straight lines, which are
// dropped otherwise.
func ROC(y, score *learn.Matrix, keepAll bool, o ...Options) Curve {
	fps, tps, th := sweep("metric.ROC", y, score, options(o))
	if !keepAll && len(fps) > 2 {
		var f, t, h []float64
		for i := range fps {
			inner := i > 0 && i+1 < len(fps)
			if inner && fps[i+1]-2*fps[i]+fps[i-1] == 0 && tps[i+1]-2*tps[i]+tps[i-1] == 0 {
				continue
			}
			f, t, h = append(f, fps[i]), append(t, tps[i]), append(h, th[i])
		}
		fps, tps, th = f, t, h
	}
	c := Curve{X: []float64{0}, Y: []float64{0}, Thresholds: append([]float64{math.Inf(1)}, th...)}
	n := len(fps) - 1
	for i := range fps {
		c.X, c.Y = append(c.X, fps[i]/fps[n]), append(c.Y, tps[i]/tps[n])
	}
	return c
}

// PrecisionRecall returns precision (Y) and recall (X) with rising thresholds; the last point is (0, 1).
func PrecisionRecall(y, score *learn.Matrix, o ...Options) Curve {
	fps, tps, th := sweep("metric.PrecisionRecall", y, score, options(o))
	var c Curve
	for i := len(fps) - 1; i >= 0; i-- {
		precision, recall := 0.0, 1.0
		if s := tps[i] + fps[i]; s != 0 {
			precision = tps[i] / s
		}
		if all := tps[len(tps)-1]; all != 0 {
			recall = tps[i] / all
		}
		c.X, c.Y = append(c.X, recall), append(c.Y, precision)
		c.Thresholds = append(c.Thresholds, th[i])
	}
	c.X, c.Y = append(c.X, 0), append(c.Y, 1)
	return c
}

// DET returns false positive (X) and false negative rates (Y) with rising thresholds.
func DET(y, score *learn.Matrix, o ...Options) Curve {
	fps, tps, th := sweep("metric.DET", y, score, options(o))
	fps, tps = append([]float64{0}, fps...), append([]float64{0}, tps...)
	th = append([]float64{math.Inf(1)}, th...)
	n := len(fps) - 1
	pos, neg := tps[n], fps[n]
	if pos == 0 || neg == 0 {
		learn.Fail("metric.DET", "only one class is present; want positive and negative rows")
	}
	last := sort.SearchFloat64s(tps, tps[n]) // no false negatives from there on
	first := 0
	for first < n && fps[first+1] == fps[0] {
		first++
	}
	var c Curve
	for i := min(last+1, len(fps)) - 1; i >= first; i-- {
		c.X, c.Y = append(c.X, fps[i]/neg), append(c.Y, (pos-tps[i])/pos)
		c.Thresholds = append(c.Thresholds, th[i])
	}
	return c
}

// AUC returns the area under a curve by the trapezoidal rule; x must be monotonic.
func AUC(x, y []float64) float64 {
	if len(x) != len(y) || len(x) < 2 {
		learn.Fail("metric.AUC", "%d and %d points; want the same number, at least 2", len(x), len(y))
	}
	s := 0.0
	for i := 1; i < len(x); i++ {
		s += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
	}
	return math.Abs(s)
}

// RocAUC returns the area under the ROC curve: of a column of scores of two classes; of a multilabel
// problem the mean over labels (Average macro, micro, weighted, samples).
func RocAUC(y, score *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	if y.Cols > 1 {
		return overLabels(y, score, opt, func(t, s *learn.Matrix, w []float64) float64 {
			return binaryAUC(t, s, Options{Weights: w})
		})
	}
	if score.Cols > 1 {
		return RocAUCMulti(y, score, "ovr", opt)
	}
	labels := learn.Distinct(y.Data)
	if len(labels) != 2 {
		learn.Fail("metric.RocAUC", "there are %d classes; want 2, or one column of scores per class",
			len(labels))
	}
	opt.PosLabel = labels[1]
	return binaryAUC(y, score, opt)
}

func binaryAUC(y, score *learn.Matrix, o Options) float64 {
	c := ROC(y, score, false, o)
	return AUC(c.X, c.Y)
}

// RocAUCMulti returns the area for several classes: of each against the rest (ovr) or the mean over pairs
// (ovo), averaged as Options.Average says (macro or weighted; micro for ovr).
func RocAUCMulti(y, score *learn.Matrix, how string, o ...Options) float64 {
	opt := options(o)
	labels := opt.Labels
	if labels == nil {
		labels = learn.Distinct(y.Data)
	}
	if len(labels) != score.Cols {
		learn.Fail("metric.RocAUC", "%d classes but %d columns of scores; give Labels", len(labels),
			score.Cols)
	}
	if how == "ovo" {
		return oneVsOne(y, score, labels, opt)
	}
	onehot := learn.NewMatrix(y.Rows, len(labels))
	for i, v := range y.Data {
		for j, l := range labels {
			onehot.Data[i*onehot.Cols+j] = indicator(v == l)
		}
	}
	return overLabels(onehot, score, opt, func(t, s *learn.Matrix, w []float64) float64 {
		return binaryAUC(t, s, Options{Weights: w})
	})
}

func oneVsOne(y, score *learn.Matrix, labels []float64, o Options) float64 {
	sum, all := 0.0, 0.0
	for a := range labels {
		for b := a + 1; b < len(labels); b++ {
			var t, sa, sb []float64
			for i, v := range y.Data {
				if v == labels[a] || v == labels[b] {
					t = append(t, indicator(v == labels[a]))
					sa, sb = append(sa, score.At(i, a)), append(sb, score.At(i, b))
				}
			}
			ab := binaryAUC(learn.Column(t), learn.Column(sa), Options{})
			for i := range t {
				t[i] = 1 - t[i]
			}
			ba := binaryAUC(learn.Column(t), learn.Column(sb), Options{})
			w := 1.0
			if o.Average == "weighted" {
				w = float64(len(t))
			}
			sum += w * (ab + ba) / 2
			all += w
		}
	}
	return sum / all
}

// overLabels averages a measure of two classes over the columns of y.
func overLabels(y, s *learn.Matrix, o Options,
	f func(y, s *learn.Matrix, w []float64) float64,
) float64 {
	sameShape("metric", y, s)
	w := learn.Weights("metric", o.Weights, y.Rows)
	switch o.Average {
	case "micro":
		var ww []float64
		for i := range y.Rows {
			for range y.Cols {
				ww = append(ww, w[i])
			}
		}
		return f(learn.Column(y.Data), learn.Column(s.Data), ww)
	case "samples":
		sum, all := 0.0, 0.0
		for i := range y.Rows {
			sum += w[i] * f(learn.Column(y.Row(i)), learn.Column(s.Row(i)), nil)
			all += w[i]
		}
		return sum / all
	}
	sum, all := 0.0, 0.0
	for j := range y.Cols {
		k := 1.0
		if o.Average == "weighted" {
			k = 0
			for i := range y.Rows {
				k += w[i] * y.At(i, j)
			}
			if k == 0 {
				continue
			}
		}
		sum += k * f(learn.Column(y.Col(j)), learn.Column(s.Col(j)), w)
		all += k
	}
	return sum / all
}

// AveragePrecision returns Σ (recall step) · precision over the thresholds; of a multilabel problem, or of
// several classes with a column of scores each, the mean.
func AveragePrecision(y, score *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	one := func(t, s *learn.Matrix, w []float64) float64 {
		c := PrecisionRecall(t, s, Options{Weights: w, PosLabel: opt.PosLabel})
		sum := 0.0
		for i := 1; i < len(c.X); i++ {
			sum += (c.X[i-1] - c.X[i]) * c.Y[i-1]
		}
		return max(0, sum)
	}
	if y.Cols == 1 && score.Cols == 1 {
		return one(y, score, opt.Weights)
	}
	if y.Cols == 1 {
		labels := learn.Distinct(y.Data)
		onehot := learn.NewMatrix(y.Rows, len(labels))
		for i, v := range y.Data {
			for j, l := range labels {
				onehot.Data[i*onehot.Cols+j] = indicator(v == l)
			}
		}
		y = onehot
	}
	opt.PosLabel = nil
	return overLabels(y, score, opt, one)
}

// TopK returns the weighted fraction of rows whose class is among the K best scores.
func TopK(y, score *learn.Matrix, o ...Options) float64 {
	opt := options(o)
	k := opt.K
	if k == 0 {
		k = 2
	}
	labels := opt.Labels
	if labels == nil {
		labels = learn.Distinct(y.Data)
	}
	w := learn.Weights("metric.TopK", opt.Weights, y.Rows)
	hits, all := 0.0, 0.0
	for i := range y.Rows {
		all += w[i]
		if score.Cols == 1 {
			said := score.Data[i] > 0.5
			if k >= 2 || said == (y.Data[i] == labels[len(labels)-1]) {
				hits += w[i]
			}
			continue
		}
		c := sort.SearchFloat64s(labels, y.Data[i])
		better, mine := 0, score.At(i, c)
		for j, v := range score.Row(i) {
			if v > mine || v == mine && j > c {
				better++
			}
		}
		if better < k {
			hits += w[i]
		}
	}
	return hits / all
}

// Coverage returns how many labels one has to take from the top of the ranking to have all true ones.
func Coverage(y, score *learn.Matrix, o ...Options) float64 {
	sameShape("metric.Coverage", y, score)
	return rowMean("metric.Coverage", y, o, func(i int) float64 {
		low := math.Inf(1)
		for j, t := range y.Row(i) {
			if t != 0 {
				low = min(low, score.At(i, j))
			}
		}
		n := 0.0
		for _, s := range score.Row(i) {
			n += indicator(s >= low)
		}
		return n
	})
}

func rowMean(where string, y *learn.Matrix, o []Options, f func(i int) float64) float64 {
	w := learn.Weights(where, options(o).Weights, y.Rows)
	sum, all := 0.0, 0.0
	for i := range y.Rows {
		sum += w[i] * f(i)
		all += w[i]
	}
	return sum / all
}

// RankingLoss returns the mean fraction of pairs of a true and a false label that are ordered wrong.
func RankingLoss(y, score *learn.Matrix, o ...Options) float64 {
	sameShape("metric.RankingLoss", y, score)
	return rowMean("metric.RankingLoss", y, o, func(i int) float64 {
		wrong, pos := 0.0, 0.0
		for j, t := range y.Row(i) {
			if t == 0 {
				continue
			}
			pos++
			for k, u := range y.Row(i) {
				if u == 0 && score.At(i, k) >= score.At(i, j) {
					wrong++
				}
			}
		}
		if neg := float64(y.Cols) - pos; pos > 0 && neg > 0 {
			return wrong / (pos * neg)
		}
		return 0
	})
}

// RankingAveragePrecision returns the mean over true labels of the fraction of true labels at or above it.
func RankingAveragePrecision(y, score *learn.Matrix, o ...Options) float64 {
	sameShape("metric.RankingAveragePrecision", y, score)
	return rowMean("metric.RankingAveragePrecision", y, o, func(i int) float64 {
		sum, pos := 0.0, 0.0
		for j, t := range y.Row(i) {
			if t == 0 {
				continue
			}
			pos++
			above, right := 0.0, 0.0
			for k, s := range score.Row(i) {
				if s >= score.At(i, j) {
					above++
					right += indicator(y.At(i, k) != 0)
				}
			}
			sum += right / above
		}
		if pos == 0 || int(pos) == y.Cols {
			return 1
		}
		return sum / pos
	})
}

// gain returns the discounted gain of the best K scores of row i; ties share the mean of their places.
func gain(y, score []float64, k int, ties bool) float64 {
	n := len(y)
	if k == 0 {
		k = n
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return score[order[a]] > score[order[b]] })
	sum := 0.0
	for lo := 0; lo < n; {
		hi := lo + 1
		for ties && hi < n && score[order[hi]] == score[order[lo]] {
			hi++
		}
		g, d := 0.0, 0.0
		for r := lo; r < hi; r++ {
			g += y[order[r]]
			if r < k {
				d += 1 / math.Log2(float64(r)+2)
			}
		}
		sum += g / float64(hi-lo) * d
		lo = hi
	}
	return sum
}

// DCG returns the mean over rows of Σ gain / log₂(place + 1) by falling score, over the best K places.
func DCG(y, score *learn.Matrix, o ...Options) float64 {
	sameShape("metric.DCG", y, score)
	return rowMean("metric.DCG", y, o, func(i int) float64 {
		return gain(y.Row(i), score.Row(i), options(o).K, true)
	})
}

// NDCG returns DCG over that of the best order; rows without gain count 0.
func NDCG(y, score *learn.Matrix, o ...Options) float64 {
	sameShape("metric.NDCG", y, score)
	return rowMean("metric.NDCG", y, o, func(i int) float64 {
		k := options(o).K
		if best := gain(y.Row(i), y.Row(i), k, false); best != 0 {
			return gain(y.Row(i), score.Row(i), k, true) / best
		}
		return 0
	})
}
